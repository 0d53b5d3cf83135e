"""Kernels of one line of sight: where it meets a height, and filters of a source it may show. SI, ITRF.

A reading of a source is a Kalman filter of position, velocity and acceleration, `x` (9,) and `P` (9, 9), driven by
nothing but its prior. A line is its `platform` (3,), direction `u` (3,), tangent axes `e1`, `e2` (3,) and the variance
`var` [rad²] of either angle.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.constants import EARTH_POLAR_RADIUS, EARTH_RADIUS
from tocsin.messages import Array


@njit(cache=True, error_model="numpy")
def at_height(platform: Array, u: Array, height: float) -> Array:
    """Return the nearer point (3,) of a line at `height` [m] over the ellipsoid, or that nearest the Earth."""
    a, b = EARTH_RADIUS + height, EARTH_POLAR_RADIUS + height
    p0, p1, p2 = platform[0] / a, platform[1] / a, platform[2] / b
    d0, d1, d2 = u[0] / a, u[1] / a, u[2] / b
    dd = d0 * d0 + d1 * d1 + d2 * d2
    pd = p0 * d0 + p1 * d1 + p2 * d2
    pp = p0 * p0 + p1 * p1 + p2 * p2
    along = (-pd - np.sqrt(max(pd * pd - dd * (pp - 1.0), 0.0))) / dd
    return platform + along * u


@njit(cache=True, error_model="numpy")
def at_heights(platform: Array, u: Array, height: Array) -> Array:
    """Return `at_height` of each line (n, 3)."""
    out = np.empty_like(u)
    for i in range(len(u)):
        out[i] = at_height(platform[i], u[i], height[i])
    return out


@njit(cache=True, error_model="numpy")
def begin(platform: Array, u: Array, e1: Array, e2: Array, var: float, prior: Array) -> tuple[Array, Array]:
    """Return the reading (x, P) of a first sighting.

    `prior` (6,): height and its sigma [m]; climb, its sigma and that of the other speeds [m/s]; of acceleration [m/s²].
    """
    r = at_height(platform, u, prior[0])
    up = r / np.sqrt(np.sum(r * r))
    x = np.zeros(9)
    x[:3] = r
    x[3:6] = prior[2] * up
    P = np.zeros((9, 9))
    P[:3, :3] = _about(r, up, platform, u, e1, e2, var, prior[1])
    for i in range(3):
        for j in range(3):
            P[3 + i, 3 + j] = (prior[3] ** 2 - prior[4] ** 2) * up[i] * up[j]
        P[3 + i, 3 + i] += prior[4] ** 2
        P[6 + i, 6 + i] = prior[5] ** 2
    return x, P


@njit(cache=True, error_model="numpy")
def _about(
    r: Array, up: Array, platform: Array, u: Array, e1: Array, e2: Array, var: float, height_sigma: float
) -> Array:
    """Return the covariance (3, 3) of a place `r` on a line, its height known: what is off moves it over the ground."""
    along = u / min(np.dot(u, up), -0.05)  # the line for a metre of height, not below 3° over the horizon
    a, b = e1 - np.dot(up, e1) * along, e2 - np.dot(up, e2) * along
    far = np.sum((r - platform) ** 2)
    P = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            P[i, j] = height_sigma**2 * along[i] * along[j] + far * var * (a[i] * a[j] + b[i] * b[j])
    return P


@njit(cache=True, error_model="numpy")
def _moved(x: Array, P: Array, dt: float) -> tuple[Array, Array]:
    """Return a reading `dt` [s] on (or back)."""
    y, Q = x.copy(), P.copy()
    half = 0.5 * dt * dt
    for i in range(3):
        y[i] += dt * x[3 + i] + half * x[6 + i]
        y[3 + i] += dt * x[6 + i]
    for i in range(3):
        Q[i] += dt * Q[3 + i] + half * Q[6 + i]
        Q[3 + i] += dt * Q[6 + i]
    for i in range(3):
        Q[:, i] += dt * Q[:, 3 + i] + half * Q[:, 6 + i]
        Q[:, 3 + i] += dt * Q[:, 6 + i]
    return y, Q


@njit(cache=True, error_model="numpy")
def _seen(
    y: Array, Q: Array, platform: Array, u: Array, e1: Array, e2: Array, var: float
) -> tuple[float, float, float, float, float, float, Array]:
    """Return innovation (2 numbers), S (3 numbers), log density, and Q Hᵀ (9, 2) of a line through a reading."""
    d = y[:3] - platform
    rho = np.dot(d, u)
    PH = np.empty((len(y), 2))
    for i in range(len(y)):
        PH[i, 0] = (Q[i, 0] * e1[0] + Q[i, 1] * e1[1] + Q[i, 2] * e1[2]) / rho
        PH[i, 1] = (Q[i, 0] * e2[0] + Q[i, 1] * e2[1] + Q[i, 2] * e2[2]) / rho
    s11 = (e1[0] * PH[0, 0] + e1[1] * PH[1, 0] + e1[2] * PH[2, 0]) / rho + var
    s12 = (e1[0] * PH[0, 1] + e1[1] * PH[1, 1] + e1[2] * PH[2, 1]) / rho
    s22 = (e2[0] * PH[0, 1] + e2[1] * PH[1, 1] + e2[2] * PH[2, 1]) / rho + var
    y1, y2 = -np.dot(e1, d) / rho, -np.dot(e2, d) / rho
    det = s11 * s22 - s12 * s12
    square = (s22 * y1 * y1 - 2.0 * s12 * y1 * y2 + s11 * y2 * y2) / det
    log_density = -0.5 * (square + np.log(det)) - np.log(2.0 * np.pi)
    return y1, y2, s11, s12, s22, log_density, PH


@njit(cache=True, error_model="numpy")
def update(
    x: Array, P: Array, dt: float, platform: Array, u: Array, e1: Array, e2: Array, var: float
) -> tuple[Array, Array, float]:
    """Return a reading `dt` [s] on and updated with a line, and the log density [1/sr] of the line."""
    y, Q = _moved(x, P, dt)
    y1, y2, s11, s12, s22, log_density, PH = _seen(y, Q, platform, u, e1, e2, var)
    det = s11 * s22 - s12 * s12
    for i in range(len(y)):
        k1 = (s22 * PH[i, 0] - s12 * PH[i, 1]) / det
        k2 = (s11 * PH[i, 1] - s12 * PH[i, 0]) / det
        y[i] += k1 * y1 + k2 * y2
        for j in range(len(y)):
            Q[i, j] -= k1 * PH[j, 0] + k2 * PH[j, 1]
    return y, Q, log_density


@njit(cache=True, error_model="numpy")
def offspring(
    x: Array, P: Array, x_high: Array, P_high: Array, before: Array, dt: Array, unseen: Array, slack: Array,
    line: Array, var: Array, sigma: Array, stray: Array, speed: float, sigmas: float, few: int, late: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    """Return the pairs (sighting, nucleus) of which a sighting may extend the nucleus: of each the likeliest `few`.

    Nuclei: two readings each, x (n, 9), P (n, 9, 9), their log likelihoods `before` (n, 2), by sighting the times
    since them `dt` (m, n) and since they were seen `unseen` (m, n) [s], and `slack` (n,) [m] of their places.
    Sightings: `line` (m, 4, 3) of platform, direction and axes; `var` (m,) of an angle, `sigma` (m,) for the gate;
    `stray` (m,) log densities. The gate opens with `speed` [m/s] and `sigmas`; `late`: share first seen high.
    """
    sons, parents = [], []
    for i in range(len(line)):
        platform, u, e1, e2 = line[i, 0], line[i, 1], line[i, 2], line[i, 3]
        near = _near(x, dt[i], unseen[i], slack, platform, u, sigmas * sigma[i], speed)[: 4 * few]
        gain = np.empty(len(near))
        for j, k in enumerate(near):
            y, Q = _moved(x[k], P[k], dt[i, k])
            rising = before[k, 0] + _seen(y, Q, platform, u, e1, e2, var[i])[5]
            y, Q = _moved(x_high[k], P_high[k], dt[i, k])
            high = before[k, 1] + _seen(y, Q, platform, u, e1, e2, var[i])[5]
            gain[j] = either(rising, high, late) - either(before[k, 0], before[k, 1], late)
        for j in np.argsort(-gain, kind="mergesort")[:few]:
            if gain[j] > stray[i]:
                sons.append(i)
                parents.append(near[j])
    return np.array(sons, dtype=np.int64), np.array(parents, dtype=np.int64)


@njit(cache=True, error_model="numpy")
def either(rising: float, high: float, late: float) -> float:
    """Return the log likelihood of a launch that may first be seen in two ways, a share `late` of them high."""
    a, b = np.log(1.0 - late) + rising, np.log(late) + high
    return max(a, b) + np.log1p(np.exp(-abs(a - b)))


@njit(cache=True, error_model="numpy")
def _near(
    x: Array, dt: Array, unseen: Array, slack: Array, platform: Array, u: Array, angle: float, speed: float
) -> NDArray[np.int64]:
    """Return the nuclei (n,) within reach of a line, nearest first."""
    far = np.empty(len(x))
    kept = np.empty(len(x), dtype=np.int64)
    count = 0
    for k in range(len(x)):
        t, half = dt[k], 0.5 * dt[k] * dt[k]
        d0 = x[k, 0] + t * x[k, 3] + half * x[k, 6] - platform[0]
        d1 = x[k, 1] + t * x[k, 4] + half * x[k, 7] - platform[1]
        d2 = x[k, 2] + t * x[k, 5] + half * x[k, 8] - platform[2]
        along = d0 * u[0] + d1 * u[1] + d2 * u[2]
        distance = np.sqrt(max(d0 * d0 + d1 * d1 + d2 * d2 - along * along, 0.0))
        if distance < speed * abs(unseen[k]) + slack[k] + angle * along:
            far[count], kept[count] = distance, k
            count += 1
    return kept[np.argsort(far[:count], kind="mergesort")]


@njit(cache=True, error_model="numpy")
def still(
    platform: Array, u: Array, e1: Array, e2: Array, var: Array, height: float, height_sigma: float
) -> tuple[float, Array]:
    """Return the log density of lines (n, 3) after the first for one source that stands still, and where it stands."""
    r = at_height(platform[0], u[0], height)
    up = r / np.sqrt(np.sum(r * r))
    P = _about(r, up, platform[0], u[0], e1[0], e2[0], var[0], height_sigma)
    total = 0.0
    for k in range(1, len(u)):
        y1, y2, s11, s12, s22, log_density, PH = _seen(r, P, platform[k], u[k], e1[k], e2[k], var[k])
        det = s11 * s22 - s12 * s12
        total += log_density
        for i in range(3):
            k1 = (s22 * PH[i, 0] - s12 * PH[i, 1]) / det
            k2 = (s11 * PH[i, 1] - s12 * PH[i, 0]) / det
            r[i] += k1 * y1 + k2 * y2
            for j in range(3):
                P[i, j] -= k1 * PH[j, 0] + k2 * PH[j, 1]
    return total, r


@njit(cache=True, error_model="numpy")
def aimed_at(places: Array, platform: Array, u: Array, own_sigma: float) -> tuple[int, float]:
    """Return the place (m, 4: position, sigma [rad]) nearest a line, and how far off it lies in sigmas (-1: none)."""
    best, least = -1, np.inf
    for i in range(len(places)):
        d0, d1, d2 = places[i, 0] - platform[0], places[i, 1] - platform[1], places[i, 2] - platform[2]
        along = d0 * u[0] + d1 * u[1] + d2 * u[2]
        off2 = max(d0 * d0 + d1 * d1 + d2 * d2 - along * along, 0.0) / (along * along)
        square = off2 / (own_sigma * own_sigma + places[i, 3] * places[i, 3])
        if square < least:
            best, least = i, square
    return best, np.sqrt(least)


@njit(cache=True, error_model="numpy")
def crowding(
    r: Array, times: NDArray[np.int64], platform: Array, u: Array, widths: Array, since: int, before: int
) -> NDArray[np.int64]:
    """Count (m, w) remembered points (n, 3) of times in [since, before) within each width [rad] of lines (m, 3)."""
    counts = np.zeros((len(u), len(widths)), dtype=np.int64)
    first, last = np.searchsorted(times, since), np.searchsorted(times, before)
    for j in range(len(u)):
        for i in range(first, last):
            d0, d1, d2 = r[i, 0] - platform[j, 0], r[i, 1] - platform[j, 1], r[i, 2] - platform[j, 2]
            along = d0 * u[j, 0] + d1 * u[j, 1] + d2 * u[j, 2]
            off2 = d0 * d0 + d1 * d1 + d2 * d2 - along * along
            for k in range(len(widths)):
                if off2 <= (widths[k] * along) ** 2:
                    counts[j, k] += 1
    return counts


@njit(cache=True, error_model="numpy")
def around(
    r: Array, sigma: Array, times: NDArray[np.int64], platform: Array, u: Array, own_sigma: float, wide: float,
    sigmas: float, before: int,
) -> tuple[int, int]:  # fmt: skip
    """Count remembered points (n, 3) on a line: within `wide` [rad] and `sigmas`; and the earliest of their times."""
    count, first = 0, before
    for i in range(len(r)):
        d0, d1, d2 = r[i, 0] - platform[0], r[i, 1] - platform[1], r[i, 2] - platform[2]
        along = d0 * u[0] + d1 * u[1] + d2 * u[2]
        off2 = d0 * d0 + d1 * d1 + d2 * d2 - along * along
        if off2 > (wide * along) ** 2:
            continue
        reach = sigmas * along
        if off2 <= reach * reach * (own_sigma * own_sigma + sigma[i] * sigma[i]):
            count += 1
            first = min(first, times[i])
    return count, first
