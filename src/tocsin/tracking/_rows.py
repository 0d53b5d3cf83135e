"""Rows of the radar table as a whole: their moments, doubles, soundness, and where they roughly are.

Arrays and scalars only; SI, ITRF. One row is one hypothesis of a body, in two models of motion.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from tocsin.flight._kernels import DRAG_CEILING, radial_height
from tocsin.messages import Array
from tocsin.sensors._kernels import radar_predict
from tocsin.tracking._motion import BOOST_THRUST, MODELS
from tocsin.tracking._plot import apart
from tocsin.tracking.association import Flags, Indices

TURN = 60.0  # m/s², what a body's acceleration may differ from its velocity carried on, in the first sorting
TOGETHER = 10.0  # of the limit by single numbers, for rows to be one by all of them together (our assumption)
EDGE_SHARE = 0.02  # of the detection probability left just outside the sector (our assumption)


class Rows(NamedTuple):
    """States (n, 2, 6), covariances (n, 2, 6, 6), weights (n, 2) of the models, and times (n,) [s] after the look."""

    x: Array
    P: Array
    mu: Array
    age: Array


class Rough(NamedTuple):
    """Where rows about are at the end of a look: means (n, 6), sigmas of place [m] and speed (n,) [m/s]."""

    mean: Array
    spread: Array
    speed: Array


@njit(cache=True, error_model="numpy")
def rough(rows: Rows) -> Rough:
    """Return where rows about are at the end of the look, for a first sorting."""
    x, P, mu = rows.x, rows.P, rows.mu
    n = len(x)
    mean, spread, speed = np.empty((n, 6)), np.empty(n), np.empty(n)
    for i in range(n):
        h = -rows.age[i]
        for k in range(6):
            mean[i, k] = mu[i, 0] * x[i, 0, k] + mu[i, 1] * x[i, 1, k]
        r = math.sqrt(mean[i, 0] ** 2 + mean[i, 1] ** 2 + mean[i, 2] ** 2)
        v = math.sqrt(mean[i, 3] ** 2 + mean[i, 4] ** 2 + mean[i, 5] ** 2) + 1e-9
        thrust = mu[i, 1] * BOOST_THRUST / v
        place, fast = 0.0, 0.0
        for k in range(3):
            a = thrust * mean[i, 3 + k] - 9.5 * mean[i, k] / r
            mean[i, k] += h * mean[i, 3 + k] + 0.5 * h * h * a
            mean[i, 3 + k] += h * a
        for k in range(3):  # the Frobenius norm bounds the longest axis
            for m in range(3):
                place += _joint(x[i], P[i], mu[i], k, m) ** 2
                fast += _joint(x[i], P[i], mu[i], 3 + k, 3 + m) ** 2
        place, fast = math.sqrt(place), math.sqrt(fast)
        loose = mu[i, 1] > 0.0 or radial_height(mean[i, 0], mean[i, 1], mean[i, 2]) < DRAG_CEILING
        speed[i] = math.sqrt(fast)
        spread[i] = math.sqrt(place) + speed[i] * abs(h) + (0.5 * TURN * h * h if loose else 0.0)
    return Rough(mean, spread, speed)


@njit(cache=True, error_model="numpy")
def _joint(x: Array, P: Array, mu: Array, k: int, m: int) -> float:
    """Return an element of a row's covariance over its models."""
    apart = mu[0] * mu[1] * (x[0, k] - x[1, k]) * (x[0, m] - x[1, m])
    return mu[0] * P[0, k, m] + mu[1] * P[1, k, m] + apart


@njit(cache=True, error_model="numpy")
def chance(
    mean: Array,
    spread: Array,
    site: Array,
    enu_from_ecef: Array,
    sector: Array,
    range_max: float,
    probability: float,
) -> Array:
    """Return the probability (n,) that a look plots each row: full in range and sector, falling off across the edge.

    `sector` (4,): azimuth from and width, elevation from and to [rad]. The row's own spread blurs the lower edge.
    """
    n = len(mean)
    result = np.empty(n)
    for i in range(n):
        rho, azimuth, elevation, _ = radar_predict(mean[i], site, enu_from_ecef)
        inside = 1.0
        if rho > range_max or (azimuth - sector[0]) % (2.0 * np.pi) > sector[1] or elevation > sector[3]:
            inside = 0.0
        sigma = max(spread[i] / rho, 1e-6)
        above = 0.5 * math.erfc((sector[2] - elevation) / sigma / math.sqrt(2.0))
        result[i] = probability * inside * (above if above > EDGE_SHARE else 0.0)
        if not math.isfinite(result[i]):
            result[i] = 0.0
    return result


@njit(cache=True, error_model="numpy")
def moments(x: Array, P: Array, mu: Array) -> tuple[Array, Array]:
    """Return means (n, 6) and covariances (n, 6, 6) of rows over their models."""
    n = len(x)
    mean, C = np.empty((n, 6)), np.empty((n, 6, 6))
    for i in range(n):
        for k in range(6):
            mean[i, k] = mu[i, 0] * x[i, 0, k] + mu[i, 1] * x[i, 1, k]
        both = mu[i, 0] * mu[i, 1]
        for k in range(6):
            for m in range(6):
                apart = both * (x[i, 0, k] - x[i, 1, k]) * (x[i, 0, m] - x[i, 1, m])
                C[i, k, m] = mu[i, 0] * P[i, 0, k, m] + mu[i, 1] * P[i, 1, k, m] + apart
    return mean, C


@njit(cache=True, error_model="numpy")
def states_kept(
    x: Array, P: Array, mu: Array, gone: Flags, born_x: Array, born_P: Array, boost: Array
) -> tuple[Array, Array, Array]:
    """Return states, covariances and weights of the rows that stay, and after them those of the newborn."""
    stay, n = len(gone) - np.sum(gone), len(born_x)
    y, C, w = (
        np.empty((stay + n, MODELS, 6)),
        np.empty((stay + n, MODELS, 6, 6)),
        np.empty((stay + n, MODELS)),
    )
    k = 0
    for i in range(len(gone)):
        if not gone[i]:
            y[k], C[k], w[k] = x[i], P[i], mu[i]
            k += 1
    for i in range(n):
        y[stay + i], C[stay + i] = born_x[i], born_P[i]
        w[stay + i, 0], w[stay + i, 1] = 1.0 - boost[i], boost[i]
    return y, C, w


@njit(cache=True, error_model="numpy")
def doubles(mean: Array, C: Array, ahead: Array, candidates: Indices, limit: float) -> Flags:
    """Mark of two candidate rows whose states agree the later: Σ Δ²/(P_a + P_b) < `limit` over the six numbers.

    And the whole of Δ'(P_a + P_b)⁻¹Δ < `TOGETHER` times that: bodies that a radar holds apart in range alone are one by
    the six numbers, whose spreads are those of its angles. Rows of different age are brought to one time along their
    velocity, `ahead` (n,) [s]. `candidates`: older first.
    """
    double = np.zeros(len(mean), dtype=np.bool_)
    x, V, L = np.empty((len(candidates), 6)), np.empty((len(candidates), 6)), np.empty((6, 6))
    for a, i in enumerate(candidates):
        for k in range(6):
            V[a, k] = C[i, k, k]
        for k in range(3):
            x[a, k] = mean[i, k] + ahead[i] * mean[i, 3 + k]
            x[a, 3 + k] = mean[i, 3 + k]
    for b in range(1, len(candidates)):
        j = candidates[b]
        for a in range(b):
            i = candidates[a]
            if double[i]:
                continue
            d2 = 0.0
            for k in range(6):
                off, spread = (x[a, k] - x[b, k]) ** 2, V[a, k] + V[b, k]
                if off >= limit * spread:
                    d2 = limit
                    break
                d2 += off / spread
            if d2 < limit and not apart(x[a] - x[b], C[i] + C[j], L) >= TOGETHER * limit:
                double[j] = True
                break
    return double


@njit(cache=True, error_model="numpy")
def sound(x: Array, P: Array, mu: Array) -> Flags:
    """Say of each row whether its numbers are finite, its variances positive and its correlations possible."""
    n = len(x)
    good = np.ones(n, dtype=np.bool_)
    for i in range(n):
        for j in range(MODELS):
            if mu[i, j] == 0.0:
                continue
            for k in range(6):
                if not (math.isfinite(x[i, j, k]) and P[i, j, k, k] > 0.0 and math.isfinite(P[i, j, k, k])):
                    good[i] = False
                for m in range(k):
                    if not P[i, j, k, m] ** 2 <= P[i, j, k, k] * P[i, j, m, m] * (1.0 + 1e-6):
                        good[i] = False
        if not math.isfinite(mu[i, 0] + mu[i, 1]):
            good[i] = False
    return good
