"""From a plume's radiant intensity to what an infrared sensor measures of it: air, noise, threshold, angle noise.

The optional `[sensor.physics]` table of a network or scenario. It never goes over the wire: a `sensor` message says
what a sensor promises, this says how the simulated one works.

Sources. The 2.7 um band in which water both shines and absorbs, and the dim zone of plumes at 70-90 km: Forden,
"SBIRS - Signal and Background" (armscontrolwonk.com/archive/302134). Orders of radiant intensity, 1e5-1e6 W/sr for
large boosters and 1e4-1e5 for theatre missiles: from memory, unverified. Slant column of an exponential air: Chapman
(1931) as approximated by Smith and Smith (1972). All other figures - optical depths, the trend of intensity with
height, the defaults of a sensor - are our assumption; they are good for who sees what and roughly when, and for
nothing finer.
"""

from typing import Annotated, Any, Literal

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray
from scipy.special import erfcx, ndtr

from tocsin.earth.ellipsoid import geodetic_from_ecef_batch
from tocsin.messages import Array, Positive, Probability

Band = Literal["2.7um", "4.3um", "ground"]
Flags = NDArray[np.bool_]

# Optical depth of all air above sea level, straight up, and the scale height [m] by which it thins. A strong band of
# a gas that is mixed with the air thins by half the air's 8 km, for its lines narrow with pressure; water by its own.
_AIR: dict[str, tuple[tuple[float, float], ...]] = {
    "2.7um": ((5.0, 2_000.0), (10.0, 4_000.0)),  # water vapour; water vapour's neighbour CO2
    "4.3um": ((60.0, 4_000.0),),  # CO2
    "ground": ((0.35, 2_000.0),),  # a window between the bands
}
_BRIGHTNESS = {"2.7um": 1.0, "4.3um": 1.5, "ground": 0.2}  # of a plume in the band, against the 2.7 um band
# Plume against height [m]: it widens and burns on in the air, starves, is dim at 70-90 km, then fills the vacuum.
_TREND_HEIGHT = np.array([0.0, 20e3, 40e3, 60e3, 70e3, 90e3, 110e3, 150e3])
_TREND = np.array([1.0, 1.5, 2.0, 1.0, 0.3, 0.3, 0.8, 1.0])
_IGNITION, _IGNITION_S = 0.5, 3.0  # by how much, for how long a plume flares when a later stage lights
_EARTH_RADIUS = 6_371_000.0  # mean: good enough for a slant column


class InfraredPhysics(Struct, frozen=True, kw_only=True):
    """The radiometry of one infrared sensor, as typed. The defaults are our assumption, of no real sensor.

    `noise_equivalent_irradiance_w_m2`: rms noise of one look before a dark sky, as irradiance at the aperture;
    before the Earth's disk it is `earth_noise` times that. Detected is what passes `threshold_snr` times the noise.
    `saturation_w_m2` caps what is measured. A detection's angle noise is `sigma_floor_urad` and, by root of
    squares, `centroid` times `pixel_urad` over the signal-to-noise ratio. `spin`: a look lasts a whole period and
    meets each source when the line sweeps its azimuth about nadir. `sun_exclusion_deg`: nothing is seen nearer
    the Sun. `bias_time_s`: in which the pointing bias forgets itself; `star_calibration_s`: how often stars
    reset it to `star_calibration_left` of what it was.
    """

    band: Band = "2.7um"
    noise_equivalent_irradiance_w_m2: Positive = 2e-12
    earth_noise: Annotated[float, Meta(ge=1)] = 1.5
    threshold_snr: Positive = 5.0
    saturation_w_m2: Positive = 1e-8
    pixel_urad: Positive = 60.0
    centroid: Positive = 0.5
    sigma_floor_urad: Positive = 10.0
    spin: bool = False
    sun_exclusion_deg: Annotated[float, Meta(ge=0, le=90)] = 5.0
    bias_time_s: Annotated[float, Meta(ge=10)] = 3600.0
    star_calibration_s: Annotated[float, Meta(ge=60)] | None = None
    star_calibration_left: Probability = 0.2


class Measured(Struct, frozen=True):
    """What comes of sources in one look (n,).

    `amplitude`: measured irradiance [W/m²]; `snr`: that over the noise; `sigma`: of each angle [rad].
    """

    detected: Flags
    amplitude: Array
    snr: Array
    sigma: Array


def plume(height: Array | float, since_ignition: Array | float = np.inf) -> Array:
    """Return by how much a plume at `height` [m] outshines the same plume at sea level (...).

    `since_ignition` [s] of a later stage: infinite for the first. Aspect is left out: a plume seen from its side, its
    front or its tail shines alike here.
    """
    trend = np.exp(np.interp(height, _TREND_HEIGHT, np.log(_TREND)))
    flare = np.where(np.asarray(since_ignition) < _IGNITION_S, 1.0 + _IGNITION, 1.0)
    return np.asarray(trend * flare)


def optical_depth(band: Band, height: Array | float, sine: Array | float) -> Array:
    """Return the air's optical depth (...) from a source at `height` [m] to space, at `sine` of its elevation.

    Below the horizontal the line dips to its tangent point and out again; the same formula holds.
    """
    total = np.zeros(np.broadcast(height, sine).shape)
    for depth, scale in _AIR[band]:
        X = (_EARTH_RADIUS + np.asarray(height)) / scale
        with np.errstate(over="ignore"):  # far below the horizontal nothing comes through
            chapman = np.sqrt(np.pi * X / 2) * erfcx(np.sqrt(X / 2) * sine)
        total = total + depth * np.exp(-np.asarray(height) / scale) * chapman
    return np.asarray(total)


def transmission(band: Band, height: Array | float, sine: Array | float) -> Array:
    """Return the part (...) of a source's light at `height` [m] that leaves the air at `sine` of the elevation."""
    return np.exp(-optical_depth(band, height, sine))


def irradiance(band: Band, intensity: Array | float, r: Array, platform: Array) -> Array:
    """Return the irradiance (n,) [W/m²] at `platform` (3,) or (n, 3) of sources at `r` (n, 3), ITRF.

    `intensity` (n,) [W/sr] in the 2.7 um band before any air.
    """
    rows = np.atleast_2d(r)
    lat, lon, height = geodetic_from_ecef_batch(rows)
    up = np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
    d = platform - rows
    distance = np.linalg.norm(d, axis=1)
    sine = np.einsum("ij,ij->i", up, d) / distance
    return np.asarray(
        _BRIGHTNESS[band] * intensity * transmission(band, np.maximum(height, 0.0), sine) / distance**2
    )


def noise_irradiance(physics: InfraredPhysics, against_earth: Flags | bool) -> Array:
    """Return the rms noise (...) [W/m²] of one look."""
    factor = np.where(against_earth, physics.earth_noise, 1.0)
    return np.asarray(physics.noise_equivalent_irradiance_w_m2 * factor)


def detection_probability(snr: Array | float, threshold: float) -> Array:
    """Return the probability (...) that a signal `snr` times the Gaussian noise passes `threshold` times it: Q."""
    return np.asarray(ndtr(np.asarray(snr) - threshold))


def angle_sigma(physics: InfraredPhysics, snr: Array | float) -> Array:
    """Return the standard deviation (...) [rad] of each angle at a signal-to-noise ratio."""
    spread = physics.centroid * physics.pixel_urad / np.asarray(snr)
    return np.asarray(np.hypot(physics.sigma_floor_urad, spread) * 1e-6)


def measure(physics: InfraredPhysics, arriving: Array, against_earth: Flags, normal: Array) -> Measured:
    """Measure irradiances `arriving` (n,) [W/m²] with the standard normal numbers `normal` (n,).

    One number decides both whether it is detected and how strong it seems, so that the two agree. The noise of the
    angles goes by the measured ratio, which is all the sensor has.
    """
    noise = noise_irradiance(physics, against_earth)
    seeming = np.minimum(arriving + normal * noise, physics.saturation_w_m2)
    snr = seeming / noise
    detected = np.asarray(snr > physics.threshold_snr)
    return Measured(
        detected=detected,
        amplitude=seeming,
        snr=snr,
        sigma=angle_sigma(physics, np.where(detected, snr, physics.threshold_snr)),
    )


def decibels(snr: Any) -> Any:
    """Return a ratio of amplitudes in decibels: 20 log10."""
    return 20.0 * np.log10(snr)
