"""Kernels of states that coast: carried on with what they are joint with, and held against rows of a radar's table."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.earth.local import launch_difference, launch_moved
from tocsin.flight.coast import propagate_with_transition
from tocsin.messages import Array
from tocsin.tracking._plot import apart

PULL = 9.5 / 6.4e6  # 1/s², of the Earth low over its surface, for each metre from its centre


@njit(cache=True, error_model="numpy")
def carried(motion: Array, covariance: Array, dt: float, drag: float) -> tuple[Array, Array]:
    """Return a motion (6,) `dt` [s] on, and its covariance (m, m), whose last six rows are the motion's."""
    x, Phi = propagate_with_transition(motion, dt, drag)
    n = len(covariance)
    k = n - 6
    C = covariance.copy()
    C[k:] = Phi @ np.ascontiguousarray(covariance[k:])
    C[:, k:] = np.ascontiguousarray(C[:, k:]) @ Phi.T
    return x, 0.5 * (C + C.T)


@njit(cache=True, error_model="numpy")
def within_a_sigma(launch: Array, covariance: Array, other: Array) -> bool:
    """Say whether another launch (4,) lies within a sigma of one, in each number; `covariance` begins with its own."""
    d = launch_difference(other, launch)
    near = True
    for k in range(4):
        near &= abs(d[k]) <= math.sqrt(covariance[k, k]) + 1e-9
    return near


@njit(cache=True, error_model="numpy")
def mixed(weights: Array, launches: Array, motions: Array, covariances: Array) -> tuple[Array, Array, Array]:
    """Return the means (4,), (6,) of launches (k, 4) and motions (k, 6), weighed, and their covariance (10, 10).

    Launches are taken about the first: no angle wraps.
    """
    shares = weights / weights.sum()
    motion, move = np.zeros(6), np.zeros(4)
    for i in range(len(shares)):
        motion += shares[i] * motions[i]
        move += shares[i] * launch_difference(launches[i], launches[0])
    launch = launch_moved(launches[0], move)
    covariance, d = np.zeros((10, 10)), np.empty(10)
    for i in range(len(shares)):
        d[:4], d[4:] = launch_difference(launches[i], launch), motions[i] - motion
        covariance += shares[i] * (covariances[i] + np.outer(d, d))
    return launch, motion, covariance


@njit(cache=True, error_model="numpy")
def meetings(
    x: Array, P: Array, dt: Array, gate: Array, y: Array, C: Array
) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    """Return the pairs (row, state, distance²) within each row's gate (n,) of states `y` (m, 6), `C` (m, 6, 6).

    Rows `x` (n, 6), `P` (n, 6, 6) are moved `dt` (n,) [s], a few at most, under a constant pull of the Earth.
    """
    rows, states, squares = np.empty(len(x) * len(y), np.int64), np.empty(len(x) * len(y), np.int64), []
    count = 0
    d, S, L = np.empty(6), np.empty((6, 6)), np.empty((6, 6))
    for i in range(len(x)):
        t, half = dt[i], 0.5 * dt[i] * dt[i] * PULL
        for j in range(len(y)):
            far = spread = 0.0
            for k in range(3):
                d[k] = x[i, k] + t * x[i, 3 + k] - half * x[i, k] - y[j, k]
                d[3 + k] = x[i, 3 + k] - t * PULL * x[i, k] - y[j, 3 + k]
                far += d[k] * d[k]
                spread += C[j, k, k] + P[i, k, k] + 2.0 * t * P[i, k, 3 + k] + t * t * P[i, 3 + k, 3 + k]
            if far > gate[i] * spread:
                continue  # a distance² in sigmas is at least that over the sum of the variances
            _moved(P[i], t, S)
            square = apart(d, S + C[j], L)
            if square < gate[i]:
                rows[count], states[count] = i, j
                squares.append(square)
                count += 1
    return rows[:count], states[:count], np.array(squares)


@njit(cache=True, error_model="numpy")
def _moved(P: Array, t: float, S: Array) -> None:
    """Write the covariance `P` (6, 6) moved `t` [s] at constant velocity into `S`."""
    for i in range(3):
        for j in range(3):
            S[i, j] = P[i, j] + t * (P[i, 3 + j] + P[3 + i, j]) + t * t * P[3 + i, 3 + j]
            S[i, 3 + j] = P[i, 3 + j] + t * P[3 + i, 3 + j]
            S[3 + i, j] = P[3 + i, j] + t * P[3 + i, 3 + j]
            S[3 + i, 3 + j] = P[3 + i, 3 + j]


@njit(cache=True, error_model="numpy")
def near(x: Array, dt: Array, those: NDArray[np.bool_], there: Array, reach: float) -> int:
    """Count `those` (n,) of states `x` (n, 6), moved `dt` (n,) [s], that come within `reach` [m] of a place (3,)."""
    count = 0
    for i in range(len(x)):
        if not those[i]:
            continue
        t, square = dt[i], 0.0
        for k in range(3):
            square += (x[i, k] + t * x[i, 3 + k] - 0.5 * t * t * PULL * x[i, k] - there[k]) ** 2
        count += square < reach * reach
    return count
