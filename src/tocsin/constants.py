"""Physical constants, each with its source. SI and radians."""

from typing import Final

# WGS 84: NIMA TR8350.2, third edition, amendment 1 (2000), tables 3.1 and 3.3.
EARTH_RADIUS: Final = 6_378_137.0  # semi-major axis [m]
EARTH_FLATTENING: Final = 1 / 298.257223563
EARTH_GM: Final = 3.986004418e14  # with atmosphere [m³/s²]
EARTH_RATE: Final = 7.292115e-5  # rotation rate [rad/s]

# Zonal harmonics, EGM2008 (Pavlis et al. 2012), unnormalised: J_n = −√(2n+1) C̄_n0, tide-free.
EARTH_J2: Final = 1.08262617e-3
EARTH_J3: Final = -2.53241052e-6
EARTH_J4: Final = -1.61989760e-6

STANDARD_GRAVITY: Final = 9.80665  # exact, CGPM 1901 [m/s²]
SPEED_OF_LIGHT: Final = 299_792_458.0  # exact, CGPM 1983 [m/s]

EARTH_ECCENTRICITY_SQUARED: Final = EARTH_FLATTENING * (2 - EARTH_FLATTENING)
EARTH_POLAR_RADIUS: Final = EARTH_RADIUS * (1 - EARTH_FLATTENING)  # [m]
