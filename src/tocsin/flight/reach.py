"""Kernels that find the pitch (and cut-off) whose true flight covers a given range. SI, radians.

The whole flight is flown at each trial, so range means range on the rotating ellipsoid with drag, from
lift-off to the ground in whatever direction. Array shapes as in `ascent`.
"""

import numpy as np
from numba import njit

from tocsin.earth.ellipsoid import distance, geodetic_from_ecef
from tocsin.flight.ascent import IMPACT, ROWS, ascend, descend
from tocsin.flight.coast import OK, fall
from tocsin.messages import Array

FOUND, TOO_FAR, TOO_NEAR = 0, 1, 2
PITCH_MIN, PITCH_MAX = 0.005, 1.75
_UNTIL = 14_400.0
_GOLDEN = 0.6180339887498949
_TOLERANCE = 1.0  # of range [m]
_QUICK_TOLERANCE, _QUICK_PITCH = 100.0, 0.01
_CLOSE = 20.0  # of range and apogee together [m]


@njit(cache=True, error_model="numpy")
def reach(x0: Array, stages: Array, body: Array, axes: Array, pitch: float, end: float, path: Array,
          quick: bool = False) -> float:  # fmt: skip
    """Return the range [m] of a flight whose thrust ends at `end`; infinite when it does not come down.

    `quick`: falls by `coast.fall`, some metres from where `descend` comes down.
    """
    if quick:
        return span(x0, stages, body, axes, pitch, end, path)[0]
    n, status = ascend(x0, stages, body, axes, pitch, end, end, path)
    if status != IMPACT:
        n, status = descend(n, _UNTIL, body[6], path)
    if status != IMPACT:
        return np.inf
    lat0, lon0, _ = geodetic_from_ecef(x0[:3])
    lat, lon, _ = geodetic_from_ecef(path[n - 1, 1:4])
    return distance(lat0, lon0, lat, lon)


@njit(cache=True, error_model="numpy")
def span(x0: Array, stages: Array, body: Array, axes: Array, pitch: float, end: float,
         path: Array) -> tuple[float, float, float]:  # fmt: skip
    """Return range [m], greatest height [m] and along-range [m]: negative where it lands behind the launch.

    Infinite when it does not come down. Flown by `ascend`, then by `coast.fall`.
    """
    n, status = ascend(x0, stages, body, axes, pitch, end, end, path)
    x, apogee = path[n - 1, 1:7].copy(), 0.0
    if status != IMPACT:
        x, _, apogee, falls = fall(x, body[6])
        if falls != OK:
            return np.inf, apogee, np.inf
    lat0, lon0, _ = geodetic_from_ecef(x0[:3])
    lat, lon, _ = geodetic_from_ecef(x[:3])
    ground = distance(lat0, lon0, lat, lon)
    forward = np.dot(np.cross(axes[1], x0[:3]), np.cross(x[:3], x0[:3])) >= 0.0
    return ground, apogee, ground if forward else -ground


@njit(cache=True, error_model="numpy")
def farthest(x0: Array, stages: Array, body: Array, axes: Array, end: float, low: float, high: float,
             path: Array, quick: bool = False) -> tuple[float, float]:  # fmt: skip
    """Return the pitch of greatest range between `low` and `high`, and that range, by golden section."""
    a, b = low, high
    c, d = b - _GOLDEN * (b - a), a + _GOLDEN * (b - a)
    r_c = reach(x0, stages, body, axes, c, end, path, quick)
    r_d = reach(x0, stages, body, axes, d, end, path, quick)
    while b - a > (_QUICK_PITCH if quick else 1e-3):
        if r_c > r_d:
            b, d, r_d = d, c, r_c
            c = b - _GOLDEN * (b - a)
            r_c = reach(x0, stages, body, axes, c, end, path, quick)
        else:
            a, c, r_c = c, d, r_d
            d = a + _GOLDEN * (b - a)
            r_d = reach(x0, stages, body, axes, d, end, path, quick)
    return (c, r_c) if r_c > r_d else (d, r_d)


@njit(cache=True, error_model="numpy")
def economical(x0: Array, stages: Array, body: Array, axes: Array, burning: float,
               wanted: float) -> tuple[float, float, float, int]:  # fmt: skip
    """Cut the thrust so that `wanted` is the greatest range: pitch, cut-off, extreme range and a status.

    The extreme range is the greatest with all propellant, or the least after a quarter of it.
    """
    path = np.empty((ROWS, 8))
    best, r_high = farthest(x0, stages, body, axes, burning, 0.2, 1.5, path)
    if r_high < wanted:
        return best, burning, r_high, TOO_FAR
    high, low = burning, 0.25 * burning
    p_low, r_low = farthest(x0, stages, body, axes, low, 0.2, 1.5, path)
    if r_low > wanted:
        return p_low, low, r_low, TOO_NEAR
    f_high, f_low = min(r_high, 2.0 * wanted) - wanted, r_low - wanted
    p_high = best
    for _ in range(30):  # Illinois false position; ends a little above the wanted range, never below
        if f_high < 0.002 * wanted or high - low < 0.02:
            break
        end = high - f_high * (high - low) / (f_high - f_low)
        end = min(max(end, low + 0.05 * (high - low)), high - 0.05 * (high - low))
        near = 0.5 * (p_high + p_low)
        pitch, r = farthest(x0, stages, body, axes, end, near - 0.35, near + 0.35, path)
        if r > wanted:
            high, f_high, p_high = end, min(r, 2.0 * wanted) - wanted, pitch
            f_low *= 0.5
        else:
            low, f_low, p_low = end, r - wanted, pitch
            f_high *= 0.5
    best = p_high
    pitch, r_end, status = slanted(x0, stages, body, axes, high, wanted, best, 0.2, path)
    return pitch, high, r_end, status


@njit(cache=True, error_model="numpy")
def slanted(x0: Array, stages: Array, body: Array, axes: Array, end: float, wanted: float, best: float,
            edge: float, path: Array, quick: bool = False) -> tuple[float, float, int]:  # fmt: skip
    """Return a pitch between `best`, which reaches beyond `wanted`, and `edge` that covers it, range, status.

    An `edge` below `best` gives the lofted arc, above it the depressed one. Walks out from `best`, then
    bisects.
    """
    inner, r = best, np.inf
    outer = best
    walk = 12 if quick else 40
    for k in range(1, walk + 1):
        outer = best + (edge - best) * (k / float(walk)) ** 1.5
        r = reach(x0, stages, body, axes, outer, end, path, quick)
        if r < wanted:
            break
        inner = outer
    if r >= wanted:
        return outer, r, TOO_NEAR
    pitch = outer
    for _ in range(60):
        pitch = 0.5 * (inner + outer)
        r = reach(x0, stages, body, axes, pitch, end, path, quick)
        if abs(r - wanted) < (_QUICK_TOLERANCE if quick else _TOLERANCE):
            break
        if r > wanted:
            inner = pitch
        else:
            outer = pitch
    return pitch, r, FOUND


@njit(cache=True, error_model="numpy")
def full_burn(x0: Array, stages: Array, body: Array, axes: Array, burning: float, wanted: float,
              edge: float, quick: bool = False) -> tuple[float, float, int]:  # fmt: skip
    """Burn all propellant and reach `wanted` on the lofted (`edge` low) or depressed (`edge` high) arc."""
    path = np.empty((ROWS, 8))
    best, r = farthest(x0, stages, body, axes, burning, 0.2, 1.5, path, quick)
    if r < wanted:
        return best, r, TOO_FAR
    return slanted(x0, stages, body, axes, burning, wanted, best, edge, path, quick)


@njit(cache=True, error_model="numpy")
def both(x0: Array, stages: Array, body: Array, axes: Array, burning: float, wanted: float,
         apogee: float) -> tuple[float, float, int]:  # fmt: skip
    """Find the pitch and the cut-off that cover the range `wanted` [m] under the height `apogee` [m].

    The best of a coarse grid, then damped Newton steps. Status FOUND, or TOO_FAR: not among what it can fly.
    """
    path = np.empty((ROWS, 8))
    target = np.array([wanted, apogee])
    scale = np.maximum(target, 0.02 * (wanted + apogee))  # so that a near-vertical flight asks for no miracle
    x, miss = _nearest(x0, stages, body, axes, burning, target, scale, path)
    small = np.array([1e-5, 1e-4 * burning])
    J = np.empty((2, 2))
    for _ in range(60):
        if np.max(np.abs(miss) * scale) < _CLOSE:
            return x[0], x[1], FOUND
        for k in range(2):
            moved = x.copy()
            moved[k] += small[k] if k == 0 else -small[k]
            J[:, k] = (_miss(x0, stages, body, axes, moved, target, scale, path) - miss) / (moved[k] - x[k])
        det = J[0, 0] * J[1, 1] - J[0, 1] * J[1, 0]
        if not np.isfinite(det) or det == 0.0:
            break
        dx = -np.array([J[1, 1] * miss[0] - J[0, 1] * miss[1], J[0, 0] * miss[1] - J[1, 0] * miss[0]]) / det
        dx /= max(1.0, abs(dx[0]) / 0.15, abs(dx[1]) / (0.1 * burning))
        x, miss, better = _shortened(x0, stages, body, axes, x, dx, miss, burning, target, scale, path)
        if not better:
            break
    return x[0], x[1], TOO_FAR


@njit(cache=True, error_model="numpy")
def _shortened(x0: Array, stages: Array, body: Array, axes: Array, x: Array, dx: Array, miss: Array,
               burning: float, target: Array, scale: Array, path: Array) -> tuple[Array, Array, bool]:  # fmt: skip
    """Take the step `dx`, halved until it misses by less."""
    for _ in range(12):
        trial = np.array([min(max(x[0] + dx[0], -0.4), PITCH_MAX), min(max(x[1] + dx[1], 1.0), burning)])
        found = _miss(x0, stages, body, axes, trial, target, scale, path)
        if np.sum(found**2) < np.sum(miss**2):
            return trial, found, True
        dx = 0.5 * dx
    return x, miss, False


@njit(cache=True, error_model="numpy")
def _nearest(x0: Array, stages: Array, body: Array, axes: Array, burning: float, target: Array, scale: Array,
             path: Array) -> tuple[Array, Array]:  # fmt: skip
    """Return the best pitch and cut-off (2,) of a grid, and by how much they miss (2,)."""
    best, least = np.array([0.5, burning]), np.full(2, np.inf)
    for i in range(10):
        for j in range(12):
            x = np.array([0.02 + 1.5 * (j / 11.0) ** 1.3, burning * (0.28 + 0.08 * i)])
            miss = _miss(x0, stages, body, axes, x, target, scale, path)
            if np.sum(miss**2) < np.sum(least**2):
                best, least = x, miss
    return best, least


@njit(cache=True, error_model="numpy")
def _miss(x0: Array, stages: Array, body: Array, axes: Array, x: Array, target: Array, scale: Array,
          path: Array) -> Array:  # fmt: skip
    _, apogee, along = span(x0, stages, body, axes, x[0], x[1], path)
    return (np.array([along, apogee]) - target) / scale
