"""Sun and Moon: where they stand, day and night, and the delay of an echo.

Sun: ERFA's `epv00` (after VSOP2000; 0.01 arcsec over 1900-2100) with the annual aberration; Moon: `moon98` (Meeus 1998,
chapter 47; some 10 arcsec and 20 km). Refraction is left out: half a degree at the horizon, 0.02 degrees at 45.
Positions are in metres from the Earth's centre; `sun` and `moon` may be either frame where both arguments agree.
"""

import math
from collections.abc import Callable
from functools import lru_cache

import erfa
import numpy as np
from numpy.typing import NDArray

from tocsin.constants import EARTH_POLAR_RADIUS, EARTH_RADIUS
from tocsin.earth import ellipsoid
from tocsin.earth.frames import EarthRotation
from tocsin.earth.time import julian_tt
from tocsin.messages import SECOND

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

LIGHT_SPEED = float(erfa.CMPS)
MOON_RADIUS = 1_737_400.0  # mean (IAU/WGCCRE 2015) [m]
SUN_RADIUS = 695_700_000.0  # nominal (IAU 2015 resolution B3) [m]
RISE = math.radians(
    -50 / 60
)  # centre's elevation at sunrise: 34' refraction, 16' radius (Explanatory Supplement)

_AU = float(erfa.DAU)
_DAY_S = 86_400.0
_NODES = 600 * SECOND


def sun_gcrf(t: int | NDArray[np.int64]) -> Array:
    """Give the Sun's apparent position (..., 3) [m] in GCRF at Instants `t` (...): as its light arrives."""
    helio, _ = erfa.epv00(*julian_tt(t))  # type: ignore[arg-type]  # arrays too
    r, v = -helio["p"] * _AU, helio["v"] * _AU / _DAY_S
    distance = np.linalg.norm(r, axis=-1, keepdims=True)
    seen = r / distance + v / LIGHT_SPEED
    return np.asarray(distance * seen / np.linalg.norm(seen, axis=-1, keepdims=True))


def moon_gcrf(t: int | NDArray[np.int64]) -> Array:
    """Give the Moon's position (..., 3) [m] in GCRF at Instants `t` (...)."""
    return np.asarray(erfa.moon98(*julian_tt(t))["p"] * _AU)  # type: ignore[arg-type]


def sun_itrf(rotation: EarthRotation, t: int) -> Array:
    """Give the Sun's apparent position (3,) [m] in ITRF.

    Straight lines join its places at full ten minutes, within 1e-8 rad, so that many looks cost little.
    """
    return np.asarray(rotation.itrf_from_gcrf(t) @ _between(_sun_node, t))


def moon_itrf(rotation: EarthRotation, t: int) -> Array:
    """Give the Moon's position (3,) [m] in ITRF, as `sun_itrf`: within 150 m of `moon_gcrf`."""
    return np.asarray(rotation.itrf_from_gcrf(t) @ _between(_moon_node, t))


def _between(node: Callable[[int], Array], t: int) -> Array:
    number, part = divmod(t, _NODES)
    here = node(number)
    return here + part / _NODES * (node(number + 1) - here)


@lru_cache(maxsize=1024)
def _sun_node(number: int) -> Array:
    return sun_gcrf(number * _NODES)


@lru_cache(maxsize=1024)
def _moon_node(number: int) -> Array:
    return moon_gcrf(number * _NODES)


def subpoint(body: Array) -> tuple[float, float]:
    """Give latitude and longitude [rad] of the place that has a body at `body` (3,) [m, ITRF] in its zenith."""
    lat, lon, _ = ellipsoid.geodetic_from_ecef(body)
    return lat, lon


def horizontal(body: Array, lat: float, lon: float, h: float = 0.0) -> tuple[float, float, float]:
    """Give azimuth in [0, 2π), elevation [rad] and range [m] of a body at `body` (3,) [m, ITRF] from a place."""
    east, north, up = ellipsoid.enu_from_ecef(lat, lon) @ (body - ellipsoid.ecef_from_geodetic(lat, lon, h))
    return (
        math.atan2(east, north) % (2 * math.pi),
        math.atan2(up, math.hypot(east, north)),
        math.sqrt(east * east + north * north + up * up),
    )


def elevations(body: Array, r: Array) -> Array:
    """Give the elevations (n,) [rad] of a body at `body` (3,) seen from places `r` (n, 3) [m, ITRF]."""
    lat, lon, _ = ellipsoid.geodetic_from_ecef_batch(np.atleast_2d(r))
    up = np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
    d = body - np.atleast_2d(r)
    height = np.einsum("ij,ij->i", up, d)
    return np.asarray(np.arctan2(height, np.linalg.norm(d - height[:, None] * up, axis=1)))


def daylight(sun: Array, r: Array) -> Flags:
    """Say for places `r` (n, 3) [m, ITRF] whether the Sun at `sun` (3,) has risen and not yet set."""
    return np.asarray(elevations(sun, r) > RISE)


def sunlit(sun: Array, r: Array) -> Flags:
    """Say for points `r` (n, 3) whether the Earth leaves the centre of the Sun at `sun` (3,) free [m, ITRF].

    Exact for a point Sun and an ellipsoid without air; the penumbra around it is half a degree wide.
    """
    scale = np.array((EARTH_RADIUS, EARTH_RADIUS, EARTH_POLAR_RADIUS))
    p = np.atleast_2d(r) / scale
    u = sun / scale - p
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    along = np.einsum("ij,ij->i", p, u)
    nearest = np.einsum("ij,ij->i", p, p) - along * along
    return np.asarray((along >= 0) | (nearest >= 1.0))


def separation(a: Array, b: Array) -> Array:
    """Give the angles (...) [rad] between directions `a` and `b` (..., 3) of any length, exact down to 0 and π.

    Kahan (2006). A satellite at `r` that looks along `u` has the Sun `separation(u, sun - r)` off its axis.
    """
    a = a / np.linalg.norm(a, axis=-1, keepdims=True)
    b = b / np.linalg.norm(b, axis=-1, keepdims=True)
    return np.asarray(2 * np.arctan2(np.linalg.norm(a - b, axis=-1), np.linalg.norm(a + b, axis=-1)))


def echo_delay(distance: float) -> float:
    """Give the time [s] from a radar to `distance` [m] and back. The Moon's face is `MOON_RADIUS` before its centre."""
    return 2 * distance / LIGHT_SPEED


def folded_range(distance: float, pulse_rate: float) -> float:
    """Give the range [m] at which a radar of `pulse_rate` [Hz] shows an echo that outlasts its pulse interval."""
    return distance % (LIGHT_SPEED / (2 * pulse_rate))
