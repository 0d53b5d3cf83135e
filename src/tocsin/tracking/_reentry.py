"""Prediction and update of a body in the air that brings its own drag. Arrays and scalars only; SI, ITRF.

A state is seven numbers: position [m], velocity [m/s], ln of C_d A / m [m²/kg]. What drag does is far from linear while
it is known to a factor of two, so a fall is a sum of Gaussians, narrow in drag, weighed by what they explain.
"""

import math

import numpy as np
from numba import njit

from tocsin.flight._kernels import radial_climb, rk4, rk4_with_transition, step_length
from tocsin.messages import Array
from tocsin.tracking._motion import COAST_NOISE, DRAG_SPREAD, braking, innovation, likelihood
from tocsin.tracking.association import Flags

SPACE = 100_000.0  # m, above which a body coasts and below which, falling, it re-enters
SPHERE = 6.371e6  # m, the Earth's mean radius: how high space is over the ellipsoid matters little
# Variance of ln drag for each metre of height fallen through. Real air differs from the standard, and by more or less
# farther down: NRLMSISE-00 about the standard, four seasons, 60° S to 75° N, 0.10 rms apart over 20 km, 0.14 over 30
# (tests/tracking/test_reentry.py). The body turns, ablates and slows through the speed of sound: our assumption.
AIR, SHAPE = 6e-7, 5e-7
WANDER = AIR + SHAPE
# A body that is not quite flown nose first is pushed aside too: part of its drag, for so long [s] (our assumption).
ASIDE, LASTS = 0.05, 1.0
_STEP = 1e-3  # of ln drag, by which its pull is found


@njit(cache=True, error_model="numpy")
def sinks(x: Array) -> bool:
    """Say whether a state (6,) falls below the height of space, where drag and not the old motion decides."""
    down = x[0] * x[3] + x[1] * x[4] + x[2] * x[5] < 0.0
    return down and x[0] * x[0] + x[1] * x[1] + x[2] * x[2] < (SPHERE + SPACE) ** 2


@njit(cache=True, error_model="numpy")
def sinking(x: Array) -> Flags:
    """Mark the states (n, 6) that do."""
    marked = np.empty(len(x), dtype=np.bool_)
    for i in range(len(x)):
        marked[i] = sinks(x[i])
    return marked


@njit(cache=True, error_model="numpy")
def predict(x: Array, P: Array, dt: float, wander: float) -> tuple[Array, Array]:
    """Carry a state (7,) and its covariance (7, 7) by `dt` [s]; back in time no noise is added.

    `wander`: variance that ln drag gains for each metre of height.
    """
    s = (x[0], x[1], x[2], x[3], x[4], x[5])
    drag, sign, left = math.exp(x[6]), 1.0 if dt >= 0.0 else -1.0, abs(dt)
    C, T, work = P.copy(), np.eye(7), np.empty((4, 6, 6))
    while left > 0.0:
        h = min(step_length((s[0], s[1], s[2], sign * s[3], sign * s[4], sign * s[5]), drag), left)
        Phi = np.eye(6)
        slowed, sunk = braking(s, drag), radial_climb(s)
        more, less = rk4(s, sign * h, drag * math.exp(_STEP)), rk4(s, sign * h, drag * math.exp(-_STEP))
        s = rk4_with_transition(s, sign * h, drag, Phi, work)
        T[:6, :6] = Phi
        for k in range(6):
            T[k, 6] = (more[k] - less[k]) / (2.0 * _STEP)
        C = T @ C @ T.T
        if sign > 0.0:
            _blur(C, h, 0.5 * (slowed + braking(s, drag)))
            C[6, 6] += wander * 0.5 * abs(sunk + radial_climb(s)) * h
        left -= h
    y = np.array((s[0], s[1], s[2], s[3], s[4], s[5], x[6]))
    return y, 0.5 * (C + C.T)


@njit(cache=True, error_model="numpy")
def _blur(C: Array, h: float, slowed: float) -> None:
    """Add to `C` (7, 7) what a step of `h` [s] leaves open: gravity's finer waves, a push aside."""
    q = COAST_NOISE + (ASIDE * slowed) ** 2 * LASTS
    for k in range(3):
        C[k, k] += q * h * h * h / 3.0
        C[k, k + 3] += q * h * h / 2.0
        C[k + 3, k] += q * h * h / 2.0
        C[k + 3, k + 3] += q * h


@njit(cache=True, error_model="numpy")
def wander(variance: float) -> float:
    """Return the variance that ln drag gains for each metre of height: none while it is as open as before any look."""
    return WANDER * max(1.0 - variance / DRAG_SPREAD**2, 0.0)


@njit(cache=True, error_model="numpy")
def moments(x: Array, P: Array, w: Array) -> tuple[Array, Array]:
    """Return mean (7,) and covariance (7, 7) of Gaussians (k, 7), (k, 7, 7) of weights (k,)."""
    mean, C = np.zeros(7), np.zeros((7, 7))
    for k in range(len(w)):
        mean += w[k] * x[k]
    for k in range(len(w)):
        C += w[k] * (P[k] + np.outer(x[k] - mean, x[k] - mean))
    return mean, C


@njit(cache=True, error_model="numpy")
def carry(x: Array, P: Array, w: Array, dt: float) -> tuple[Array, Array]:
    """Carry Gaussians (k, 7), (k, 7, 7) by `dt` [s]."""
    y, C = np.empty_like(x), np.empty_like(P)
    gained = wander(moments(x, P, w)[1][6, 6])
    for k in range(len(w)):
        y[k], C[k] = predict(x[k], P[k], dt, gained)
    return y, C


@njit(cache=True, error_model="numpy")
def learn(
    x: Array, P: Array, w: Array, z: Array, sigmas: Array, site: Array, enu_from_ecef: Array
) -> tuple[Array, Array, Array, float]:
    """Return Gaussians and weights after a plot, and its least distance² from what they expected, per number it has."""
    y, C, v, least = np.empty_like(x), np.empty_like(P), np.zeros_like(w), np.inf
    for k in range(len(w)):
        y[k], C[k], density, off = update(x[k], P[k], z, sigmas, site, enu_from_ecef)
        v[k] = w[k] * density
        least = min(least, off)
    total = v.sum()
    if not total > 0.0 or not math.isfinite(total):
        return x, P, w, np.inf
    return y, C, v / total, least


@njit(cache=True, error_model="numpy")
def update(
    x: Array, P: Array, z: Array, sigmas: Array, site: Array, enu_from_ecef: Array
) -> tuple[Array, Array, float, float]:
    """Return state, covariance (Joseph form), the plot's density and its distance² for each number it has."""
    six = np.ascontiguousarray(P[:6, :6])
    y, S, H, m = innovation(x[:6], six, z, sigmas, site, enu_from_ecef)
    density, d2 = likelihood(y, S, m)
    if not math.isfinite(d2):
        return x, P, 0.0, math.inf
    Hm = np.zeros((m, 7))
    Hm[:, :6] = H[:m]
    K = np.linalg.solve(np.ascontiguousarray(S[:m, :m]), Hm @ P).T
    A = np.eye(7) - K @ Hm
    C = A @ P @ A.T + K @ np.diag(sigmas[:m] ** 2) @ K.T
    return x + K @ np.ascontiguousarray(y[:m]), 0.5 * (C + C.T), density, d2 / m
