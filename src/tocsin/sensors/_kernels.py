"""Measurement geometry on arrays: one row at a time, for use inside other kernels. SI and radians, ITRF."""

import numpy as np
from numba import njit

from tocsin.constants import EARTH_POLAR_RADIUS, EARTH_RADIUS
from tocsin.messages import Array

CLEAR_SKY, AGAINST_EARTH, HIDDEN = 0, 1, 2


@njit(cache=True, error_model="numpy")
def tangent_axes(u: Array) -> tuple[Array, Array]:
    """Return the two axes (3,), (3,) of the plane across direction `u` (3,): e1 = z × u (east), e2 = u × e1.

    At the poles, where z × u vanishes, x takes the place of z.
    """
    e1 = np.empty(3)
    if u[0] * u[0] + u[1] * u[1] > 1e-12:
        e1[0], e1[1], e1[2] = -u[1], u[0], 0.0
    else:
        e1[0], e1[1], e1[2] = 0.0, -u[2], u[1]
    e1 /= np.sqrt(e1[0] ** 2 + e1[1] ** 2 + e1[2] ** 2)
    e2 = np.empty(3)
    e2[0] = u[1] * e1[2] - u[2] * e1[1]
    e2[1] = u[2] * e1[0] - u[0] * e1[2]
    e2[2] = u[0] * e1[1] - u[1] * e1[0]
    return e1, e2


@njit(cache=True, error_model="numpy")
def sight_residual(e1: Array, e2: Array, u: Array, r: Array, platform: Array) -> tuple[float, float]:
    """Return measured less predicted direction as two angles [rad] in the tangent plane of the measured `u`.

    `r`, `platform` (3,): source and satellite [m]. Exact for small angles, monotonic to 90°, so nothing wraps.
    """
    d0, d1, d2 = r[0] - platform[0], r[1] - platform[1], r[2] - platform[2]
    along = d0 * u[0] + d1 * u[1] + d2 * u[2]
    a = d0 * e1[0] + d1 * e1[1] + d2 * e1[2]
    b = d0 * e2[0] + d1 * e2[1] + d2 * e2[2]
    return -np.arctan2(a, along), -np.arctan2(b, along)


@njit(cache=True, error_model="numpy")
def line_against_earth(platform: Array, r: Array) -> tuple[int, float]:
    """Say what stands behind or before a source: CLEAR_SKY, AGAINST_EARTH or HIDDEN, and the line's tangent height [m].

    The ellipsoid is scaled to a unit sphere, where the test is exact; the tangent height is then good to 0.4 %.
    """
    p0, p1, p2 = platform[0] / EARTH_RADIUS, platform[1] / EARTH_RADIUS, platform[2] / EARTH_POLAR_RADIUS
    d0 = r[0] / EARTH_RADIUS - p0
    d1 = r[1] / EARTH_RADIUS - p1
    d2 = r[2] / EARTH_POLAR_RADIUS - p2
    dd = d0 * d0 + d1 * d1 + d2 * d2
    pd = p0 * d0 + p1 * d1 + p2 * d2
    pp = p0 * p0 + p1 * p1 + p2 * p2
    nearest = np.sqrt(max(pp - pd * pd / dd, 0.0))
    height = (nearest - 1.0) * EARTH_RADIUS
    if nearest >= 1.0 or pd >= 0.0:
        return CLEAR_SKY, height
    first = (-pd - np.sqrt(max(pd * pd - dd * (pp - 1.0), 0.0))) / dd
    if first < 1.0 - 1e-9:
        return HIDDEN, height
    return AGAINST_EARTH, height


@njit(cache=True, error_model="numpy")
def radar_predict(x: Array, site: Array, enu_from_ecef: Array) -> tuple[float, float, float, float]:
    """Return range [m], azimuth, elevation [rad], range rate [m/s] of state `x` (6,) at a radar."""
    d = x[:3] - site
    e = enu_from_ecef[0, 0] * d[0] + enu_from_ecef[0, 1] * d[1] + enu_from_ecef[0, 2] * d[2]
    n = enu_from_ecef[1, 0] * d[0] + enu_from_ecef[1, 1] * d[1] + enu_from_ecef[1, 2] * d[2]
    u = enu_from_ecef[2, 0] * d[0] + enu_from_ecef[2, 1] * d[1] + enu_from_ecef[2, 2] * d[2]
    rho = np.sqrt(e * e + n * n + u * u)
    rate = (d[0] * x[3] + d[1] * x[4] + d[2] * x[5]) / rho
    return rho, np.arctan2(e, n) % (2 * np.pi), np.arcsin(min(1.0, max(-1.0, u / rho))), rate


@njit(cache=True, error_model="numpy")
def radar_jacobian(x: Array, site: Array, enu_from_ecef: Array) -> Array:
    """Return H (4, 6): range, azimuth, elevation and range rate by position and velocity.

    Straight overhead azimuth has no derivative; there the horizontal distance is held at a millionth of the range.
    """
    H = np.zeros((4, 6))
    d = x[:3] - site
    enu = enu_from_ecef @ d
    rho = np.sqrt(d[0] ** 2 + d[1] ** 2 + d[2] ** 2)
    ground = max(np.sqrt(enu[0] ** 2 + enu[1] ** 2), 1e-6 * rho)
    rate = (d[0] * x[3] + d[1] * x[4] + d[2] * x[5]) / rho
    for k in range(3):
        unit = d[k] / rho
        H[0, k] = unit
        H[1, k] = (enu_from_ecef[0, k] * enu[1] - enu_from_ecef[1, k] * enu[0]) / (ground * ground)
        H[2, k] = (enu_from_ecef[2, k] - unit * enu[2] / rho) / ground
        H[3, k] = (x[3 + k] - unit * rate) / rho
        H[3, 3 + k] = unit
    return H


@njit(cache=True, error_model="numpy")
def radar_predict_batch(x: Array, site: Array, enu_from_ecef: Array) -> Array:
    """Return z (n, 4) of states `x` (n, 6): see `radar_predict`."""
    z = np.empty((len(x), 4))
    for i in range(len(x)):
        z[i, 0], z[i, 1], z[i, 2], z[i, 3] = radar_predict(x[i], site, enu_from_ecef)
    return z
