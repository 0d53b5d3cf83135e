"""Kernels that find the pitch (and cut-off) whose true flight covers a given range. SI, radians.

The whole flight is flown at each trial, so range means range on the rotating ellipsoid with drag, from
lift-off to the ground in whatever direction. Array shapes as in `ascent`.
"""

import numpy as np
from numba import njit

from tocsin.earth.ellipsoid import distance, geodetic_from_ecef
from tocsin.flight.ascent import IMPACT, ROWS, ascend, descend
from tocsin.messages import Array

FOUND, TOO_FAR, TOO_NEAR = 0, 1, 2
PITCH_MIN, PITCH_MAX = 0.005, 1.75
_UNTIL = 14_400.0
_GOLDEN = 0.6180339887498949
_TOLERANCE = 1.0  # of range [m]


@njit(cache=True, error_model="numpy")
def reach(x0: Array, stages: Array, body: Array, axes: Array, pitch: float, end: float, path: Array) -> float:
    """Return the range [m] of a flight whose thrust ends at `end`; infinite when it does not come down."""
    n, status = ascend(x0, stages, body, axes, pitch, end, end, path)
    if status != IMPACT:
        n, status = descend(n, _UNTIL, body[6], path)
    if status != IMPACT:
        return np.inf
    lat0, lon0, _ = geodetic_from_ecef(x0[:3])
    lat, lon, _ = geodetic_from_ecef(path[n - 1, 1:4])
    return distance(lat0, lon0, lat, lon)


@njit(cache=True, error_model="numpy")
def farthest(x0: Array, stages: Array, body: Array, axes: Array, end: float, low: float, high: float,
             path: Array) -> tuple[float, float]:  # fmt: skip
    """Return the pitch of greatest range between `low` and `high`, and that range, by golden section."""
    a, b = low, high
    c, d = b - _GOLDEN * (b - a), a + _GOLDEN * (b - a)
    r_c = reach(x0, stages, body, axes, c, end, path)
    r_d = reach(x0, stages, body, axes, d, end, path)
    while b - a > 1e-3:
        if r_c > r_d:
            b, d, r_d = d, c, r_c
            c = b - _GOLDEN * (b - a)
            r_c = reach(x0, stages, body, axes, c, end, path)
        else:
            a, c, r_c = c, d, r_d
            d = a + _GOLDEN * (b - a)
            r_d = reach(x0, stages, body, axes, d, end, path)
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
            edge: float, path: Array) -> tuple[float, float, int]:  # fmt: skip
    """Return a pitch between `best`, which reaches beyond `wanted`, and `edge` that covers it, range, status.

    An `edge` below `best` gives the lofted arc, above it the depressed one. Walks out from `best`, then
    bisects.
    """
    inner, r = best, np.inf
    outer = best
    for k in range(1, 41):
        outer = best + (edge - best) * (k / 40.0) ** 1.5
        r = reach(x0, stages, body, axes, outer, end, path)
        if r < wanted:
            break
        inner = outer
    if r >= wanted:
        return outer, r, TOO_NEAR
    pitch = outer
    for _ in range(60):
        pitch = 0.5 * (inner + outer)
        r = reach(x0, stages, body, axes, pitch, end, path)
        if abs(r - wanted) < _TOLERANCE:
            break
        if r > wanted:
            inner = pitch
        else:
            outer = pitch
    return pitch, r, FOUND


@njit(cache=True, error_model="numpy")
def full_burn(x0: Array, stages: Array, body: Array, axes: Array, burning: float, wanted: float,
              edge: float) -> tuple[float, float, int]:  # fmt: skip
    """Burn all propellant and reach `wanted` on the lofted (`edge` low) or depressed (`edge` high) arc."""
    path = np.empty((ROWS, 8))
    best, r = farthest(x0, stages, body, axes, burning, 0.2, 1.5, path)
    if r < wanted:
        return best, r, TOO_FAR
    return slanted(x0, stages, body, axes, burning, wanted, best, edge, path)
