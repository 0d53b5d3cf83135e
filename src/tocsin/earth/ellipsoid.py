"""The WGS 84 ellipsoid: positions, local axes, and distances along it. Angles [rad], lengths [m].

Every function compiles and may be called from other kernels. The batches loop over rows; a row that is not
finite gives a row that is not finite.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.constants import (
    EARTH_ECCENTRICITY_SQUARED,
    EARTH_FLATTENING,
    EARTH_POLAR_RADIUS,
    EARTH_RADIUS,
)

Array = NDArray[np.float64]

_A = EARTH_RADIUS
_B = EARTH_POLAR_RADIUS
_F = EARTH_FLATTENING
_E2 = EARTH_ECCENTRICITY_SQUARED
_SECOND_E2 = _E2 / (1 - _E2)
_ITERATIONS = 3
_QUARTER = 10_000_000.0


@njit(cache=True, error_model="numpy")
def ecef_from_geodetic(lat: float, lon: float, h: float) -> Array:
    """Give the position (3,) [m] of latitude, longitude and height."""
    x, y, z = position(lat, lon, h)
    return np.array((x, y, z))


@njit(cache=True, error_model="numpy")
def geodetic_from_ecef(r: Array) -> tuple[float, float, float]:
    """Give latitude, longitude and height of the position `r` (3,).

    Bowring (1985) iterated on the reduced latitude, without trigonometry inside: better than a micrometre for
    heights from -10 to 10,000 km. Not meant for the Earth's core.
    """
    return geodetic(r[0], r[1], r[2])


@njit(cache=True, error_model="numpy")
def position(lat: float, lon: float, h: float) -> tuple[float, float, float]:
    """Give x, y, z [m] of latitude, longitude and height."""
    s, c = math.sin(lat), math.cos(lat)
    n = _A / math.sqrt(1 - _E2 * s * s)
    return (n + h) * c * math.cos(lon), (n + h) * c * math.sin(lon), (n * (1 - _E2) + h) * s


@njit(cache=True, error_model="numpy")
def geodetic(x: float, y: float, z: float) -> tuple[float, float, float]:
    """Give latitude, longitude and height of x, y, z [m]."""
    p = math.sqrt(x * x + y * y)
    s, c = _normal(p, z)
    return math.atan2(s, c), math.atan2(y, x), p * c + z * s - _A * math.sqrt(1 - _E2 * s * s)


@njit(cache=True, error_model="numpy")
def height(x: float, y: float, z: float) -> float:
    """Give the height above the ellipsoid of x, y, z [m]."""
    p = math.sqrt(x * x + y * y)
    s, c = _normal(p, z)
    return p * c + z * s - _A * math.sqrt(1 - _E2 * s * s)


@njit(cache=True, error_model="numpy")
def enu_from_ecef(lat: float, lon: float) -> Array:
    """Give the rotation (3, 3) whose rows are east, north and up at a place."""
    s, c = math.sin(lat), math.cos(lat)
    t, k = math.sin(lon), math.cos(lon)
    return np.array(((-t, k, 0.0), (-s * k, -s * t, c), (c * k, c * t, s)))


@njit(cache=True, error_model="numpy")
def ecef_from_geodetic_batch(lat: Array, lon: Array, h: Array) -> Array:
    """Give positions (n, 3) of latitudes, longitudes and heights (n,)."""
    r = np.empty((lat.shape[0], 3))
    for i in range(lat.shape[0]):
        r[i, 0], r[i, 1], r[i, 2] = position(lat[i], lon[i], h[i])
    return r


@njit(cache=True, error_model="numpy")
def geodetic_from_ecef_batch(r: Array) -> tuple[Array, Array, Array]:
    """Give latitudes, longitudes and heights (n,) of the positions `r` (n, 3)."""
    lat, lon, h = np.empty(r.shape[0]), np.empty(r.shape[0]), np.empty(r.shape[0])
    for i in range(r.shape[0]):
        lat[i], lon[i], h[i] = geodetic(r[i, 0], r[i, 1], r[i, 2])
    return lat, lon, h


@njit(cache=True, error_model="numpy")
def destination(lat: float, lon: float, azimuth: float, distance: float) -> tuple[float, float]:
    """Give the latitude and longitude reached from a place along a geodesic; longitude in [-π, π].

    Vincenty (1975), direct formula: converges everywhere, better than a millimetre.
    """
    u = math.atan2((1 - _F) * math.sin(lat), math.cos(lat))
    su, cu = math.sin(u), math.cos(u)
    sa, ca = math.sin(azimuth), math.cos(azimuth)
    sin_alpha = cu * sa
    cos2_alpha = 1 - sin_alpha * sin_alpha
    a, b = _series(cos2_alpha)
    sigma1 = math.atan2(su, cu * ca)
    sigma = distance / (_B * a)
    for _ in range(50):
        correction = _arc_correction(sigma, math.cos(2 * sigma1 + sigma), b)
        before, sigma = sigma, distance / (_B * a) + correction
        if abs(sigma - before) < 1e-14:
            break
    s, c = math.sin(sigma), math.cos(sigma)
    east = su * s - cu * c * ca
    lat2 = math.atan2(su * c + cu * s * ca, (1 - _F) * math.sqrt(sin_alpha * sin_alpha + east * east))
    turn = math.atan2(s * sa, cu * c - su * s * ca)
    turn -= _longitude_excess(sigma, math.cos(2 * sigma1 + sigma), sin_alpha, cos2_alpha)
    lon2 = lon + turn
    return lat2, lon2 - 2 * math.pi * math.floor((lon2 + math.pi) / (2 * math.pi))


@njit(cache=True, error_model="numpy")
def distance(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Give the shortest distance along the ellipsoid between two places, better than a millimetre.

    Vincenty (1975), inverse formula. Where it does not converge (nearly opposite places) the shortest way
    through a place 10,000 km from the first is searched instead: better than 1 cm, some 20 µs.
    """
    s, _, converged = _inverse(lat1, lon1, lat2, lon2)
    if converged:
        return s
    return _long_way(lat1, lon1, lat2, lon2)


@njit(cache=True, error_model="numpy")
def azimuth(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Give the azimuth in [0, 2π) at which the geodesic from the first place to the second starts.

    Vincenty (1975). For nearly opposite places, where every azimuth is nearly right, the last iterate.
    """
    _, alpha, _ = _inverse(lat1, lon1, lat2, lon2)
    return alpha % (2 * math.pi)


@njit(cache=True, error_model="numpy")
def _normal(p: float, z: float) -> tuple[float, float]:
    """Give sine and cosine of the latitude of a point `p` from the axis and `z` above the equator."""
    # Start: the reduced latitude of a point on the ellipsoid; then Bowring's (1985) fixed point.
    s, c = z * _A, p * _B
    for _ in range(_ITERATIONS):
        n = math.sqrt(s * s + c * c)
        if n == 0.0:
            return 0.0, 1.0
        s /= n
        c /= n
        tan_top = z + _SECOND_E2 * _B * s * s * s
        tan_bottom = p - _E2 * _A * c * c * c
        s, c = tan_top * (1 - _F), tan_bottom
    s /= 1 - _F
    n = math.sqrt(s * s + c * c)
    return s / n, c / n


@njit(cache=True, error_model="numpy")
def _series(cos2_alpha: float) -> tuple[float, float]:
    u2 = cos2_alpha * _SECOND_E2
    a = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)))
    b = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)))
    return a, b


@njit(cache=True, error_model="numpy")
def _arc_correction(sigma: float, cos_mid: float, b: float) -> float:
    s, c = math.sin(sigma), math.cos(sigma)
    m2 = 2 * cos_mid * cos_mid - 1
    inner = c * m2 - b / 6 * cos_mid * (4 * s * s - 3) * (4 * cos_mid * cos_mid - 3)
    return b * s * (cos_mid + b / 4 * inner)


@njit(cache=True, error_model="numpy")
def _longitude_excess(sigma: float, cos_mid: float, sin_alpha: float, cos2_alpha: float) -> float:
    c = _F / 16 * cos2_alpha * (4 + _F * (4 - 3 * cos2_alpha))
    s = math.sin(sigma)
    inner = cos_mid + c * math.cos(sigma) * (2 * cos_mid * cos_mid - 1)
    return (1 - c) * _F * sin_alpha * (sigma + c * s * inner)


@njit(cache=True, error_model="numpy")
def _inverse(lat1: float, lon1: float, lat2: float, lon2: float) -> tuple[float, float, bool]:
    """Give distance, azimuth at the first place, and whether the iteration converged."""
    turn = lon2 - lon1
    turn -= 2 * math.pi * math.floor((turn + math.pi) / (2 * math.pi))
    u1 = math.atan2((1 - _F) * math.sin(lat1), math.cos(lat1))
    u2 = math.atan2((1 - _F) * math.sin(lat2), math.cos(lat2))
    s1, c1, s2, c2 = math.sin(u1), math.cos(u1), math.sin(u2), math.cos(u2)
    lam = turn
    alpha = 0.0
    for _ in range(100):
        east, north = c2 * math.sin(lam), c1 * s2 - s1 * c2 * math.cos(lam)
        sin_sigma = math.sqrt(east * east + north * north)
        if sin_sigma == 0.0 and c1 * c2 * math.cos(lam) + s1 * s2 > 0:
            return 0.0, 0.0, True
        cos_sigma = s1 * s2 + c1 * c2 * math.cos(lam)
        sigma = math.atan2(sin_sigma, cos_sigma)
        sin_alpha = c1 * east / sin_sigma if sin_sigma > 0 else 0.0
        cos2_alpha = 1 - sin_alpha * sin_alpha
        cos_mid = cos_sigma - 2 * s1 * s2 / cos2_alpha if cos2_alpha > 1e-15 else 0.0
        alpha = math.atan2(east, north)
        before = lam
        lam = turn + _longitude_excess(sigma, cos_mid, sin_alpha, cos2_alpha)
        if abs(lam) > math.pi:
            return math.nan, alpha, False
        if abs(lam - before) < 1e-13:
            a, b = _series(cos2_alpha)
            return _B * a * (sigma - _arc_correction(sigma, cos_mid, b)), alpha, True
    return math.nan, alpha, False


@njit(cache=True, error_model="numpy")
def _long_way(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Give the length of the shortest of the ways through places a quarter of the Earth away."""
    step = math.pi / 36
    best_azimuth, best = 0.0, math.inf
    for i in range(72):
        length = _through(lat1, lon1, lat2, lon2, i * step)
        if length < best:
            best_azimuth, best = i * step, length
    low, high = best_azimuth - step, best_azimuth + step
    for _ in range(40):
        third = (high - low) / 3
        if _through(lat1, lon1, lat2, lon2, low + third) < _through(lat1, lon1, lat2, lon2, high - third):
            high -= third
        else:
            low += third
    return min(best, _through(lat1, lon1, lat2, lon2, (low + high) / 2))


@njit(cache=True, error_model="numpy")
def _through(lat1: float, lon1: float, lat2: float, lon2: float, azimuth: float) -> float:
    lat, lon = destination(lat1, lon1, azimuth, _QUARTER)
    s, _, _ = _inverse(lat, lon, lat2, lon2)
    return _QUARTER + s
