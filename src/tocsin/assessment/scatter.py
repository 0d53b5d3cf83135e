"""Where a mixture of motions comes down, as a sum of many small Gaussians: bent as the way down bends them.

Only two directions of a motion's six move its landing place to first order. Along these the way down is flown at 5 × 3
points and interpolated; how the drag shifts it comes from the five drag nodes, interpolated likewise. A standard normal
N(0, 1) in these three numbers is N(0, 1 - h²) spread by N(0, h²): the first becomes points of a Kronecker sequence
(Niederreiter 1978), the second a small Gaussian about each, mapped by the local slope. Nothing is drawn at random.
"""

import math
from functools import lru_cache
from typing import Final

import numpy as np
from msgspec import Struct
from numba import njit
from scipy.special import ndtri

from tocsin.assessment.fallen import ARM, MIDDLE, MOTION, NODES, Fallen, landed
from tocsin.earth.local import north_east_batch
from tocsin.flight.coast import OK, fall
from tocsin.messages import Array

_SIDES: Final = np.array([-math.sqrt(3.0), 0.0, math.sqrt(3.0)])
_SMALL: Final = np.array([0.4, 0.45, 0.3])  # h, the sigmas of the small Gaussians in units of the whole
_POINTS: Final = 320  # small Gaussians, over all components
_LEAST_POINTS: Final = 96
_ALONG, _ACROSS, _DRAG = len(NODES), len(_SIDES), len(NODES)  # powers of a, of b and of z


class Scatter(Struct, frozen=True):
    """Gaussians at `rows` (n, 3), north and east of `origin` (latitude, longitude) [m] and time [s after the state's],
    with `covariances` (n, 3, 3) and `weights` (n,) that add up to one.
    """

    origin: tuple[float, float]
    rows: Array
    covariances: Array
    weights: Array


def scatter(fallen: Fallen, origin: tuple[float, float]) -> Scatter:
    """Spread each component over the ground as its way down bends it."""
    count = max(_LEAST_POINTS, _POINTS // len(fallen.shares))
    rows, covariances, weights = _spread(
        landed(fallen, origin), fallen.states, fallen.drags, fallen.shares, *origin, _normal_points(count)
    )
    return Scatter(origin, rows, covariances, weights)


@njit(cache=True, error_model="numpy")
def _spread(
    y: Array, states: Array, drags: Array, shares: Array, latitude: float, longitude: float, z: Array
) -> tuple[Array, Array, Array]:
    """Return the Gaussians that landings `y` (k, 17, 3) of `states` (k, 17, 6) become, at `z` (m, 3) of each."""
    rows, C, weights = (
        np.empty((len(y) * len(z), 3)),
        np.empty((len(y) * len(z), 3, 3)),
        np.empty(len(y) * len(z)),
    )
    n = 0
    for i in range(len(y)):
        sound, plane, shift, least, most, rest = _way(y[i], states[i], drags[i], latitude, longitude)
        before = n
        if sound:
            for j in range(len(z)):
                if least <= z[j, 0] <= most:
                    _bend(plane, shift, z[j], rows[n], C[n])
                    C[n, 2, 2] += rest
                    n += 1
        else:
            rows[n], C[n] = _straight(y[i])
            n += 1
        weights[before:n] = shares[i] / (n - before)
    return rows[:n], C[:n], weights[:n]


@njit(cache=True, error_model="numpy")
def _way(
    y: Array, states: Array, drag: float, latitude: float, longitude: float
) -> tuple[bool, Array, Array, float, float, float]:
    """Fly the two directions that matter, (a, b), and fit how a landing depends on them and on z of the drag.

    Return whether enough of it comes down for a polynomial; `plane` (5, 3, 3): powers of a × powers of b × (north,
    east, time), the last of a zero where not all fell; `shift` (5, 3): powers of z; the least and the most a it holds
    for; the variance of time that moves no place [s²].
    """
    plane, shift = np.zeros((_ALONG, _ACROSS, 3)), np.zeros((_DRAG, 3))
    for p in range(len(y)):
        if not np.isfinite(y[p].sum()):
            return False, plane, shift, 0.0, 0.0, 0.0
    slopes = (y[:6] - y[6:MOTION]) / (2 * ARM)  # how landings move by a sigma along each axis of the motion
    directions = np.linalg.svd(np.ascontiguousarray(slopes[:, :2].T), full_matrices=False)[2]
    arms = directions @ ((states[:6] - states[6:MOTION]) / (2 * ARM))
    flown, good = np.empty((_ALONG, _ACROSS, 3)), np.ones(_ALONG, dtype=np.bool_)
    for i in range(_ALONG):
        for j in range(_ACROSS):
            x, time, _, status = fall(states[MIDDLE] + NODES[i] * arms[0] + _SIDES[j] * arms[1], drag)
            good[i] = good[i] and status == OK
            if good[i]:
                flown[i, j, :2] = north_east_batch(latitude, longitude, x[:3].reshape(1, 3))[0]
                flown[i, j, 2] = time
    some = np.flatnonzero(good)
    if len(some) < 3 or not good[2]:
        return False, plane, shift, 0.0, 0.0, 0.0
    across = _powers_to_fit(_SIDES)
    for c in range(3):
        fit = _powers_to_fit(NODES[some]) @ np.ascontiguousarray(flown[some][:, :, c]) @ across.T
        plane[: len(some), :, c] = fit
    shift[:] = _powers_to_fit(NODES) @ (y[MOTION:] - y[MIDDLE])
    beyond = 0.0 if len(some) == _ALONG else 0.5
    times = np.ascontiguousarray(slopes[:, 2])
    kept = times - directions.T @ (directions @ times)
    return True, plane, shift, NODES[some[0]] - beyond, NODES[some[-1]] + beyond, np.sum(kept * kept)


@njit(cache=True, error_model="numpy")
def _powers_to_fit(x: Array) -> Array:
    """Return what makes of values at `x` (n,) the coefficients of 1, x, x²… of the polynomial through them: (n, n)."""
    powers = np.ones((len(x), len(x)))
    for k in range(1, len(x)):
        powers[:, k] = powers[:, k - 1] * x
    return np.asarray(np.linalg.inv(powers))


@njit(cache=True, error_model="numpy")
def _bend(plane: Array, shift: Array, z: Array, row: Array, C: Array) -> None:
    """Write the place (3,) and the covariance (3, 3) of the small Gaussian at (a, b, z), `z` (3,), of a way.

    The mean of a small Gaussian lies off its centre's landing by half h² of the curvature.
    """
    a, b, J = z[0], z[1], np.zeros((3, 3))
    for c in range(3):
        value = slope = curve = by_b = twice_b = 0.0
        for p in range(_ALONG - 1, -1, -1):  # Horner, with two derivatives
            f0, f1, f2 = plane[p, 0, c], plane[p, 1, c], plane[p, 2, c]
            curve = curve * a + 2.0 * slope
            slope = slope * a + value
            value = value * a + f0 + b * (f1 + b * f2)
            by_b = by_b * a + f1 + 2.0 * b * f2
            twice_b = twice_b * a + 2.0 * f2
        moved = by_z = twice_z = 0.0
        for p in range(_DRAG - 1, -1, -1):
            twice_z = twice_z * z[2] + 2.0 * by_z
            by_z = by_z * z[2] + moved
            moved = moved * z[2] + shift[p, c]
        J[0, c], J[1, c], J[2, c] = _SMALL[0] * slope, _SMALL[1] * by_b, _SMALL[2] * by_z
        bend = _SMALL[0] ** 2 * curve + _SMALL[1] ** 2 * twice_b + _SMALL[2] ** 2 * twice_z
        row[c] = value + moved + 0.5 * bend
    for c in range(3):
        for d in range(3):
            C[c, d] = J[0, c] * J[0, d] + J[1, c] * J[1, d] + J[2, c] * J[2, d]
        C[c, c] += 1e-6


@njit(cache=True, error_model="numpy")
def _straight(y: Array) -> tuple[Array, Array]:
    """Return one Gaussian, (3,) and (3, 3), of the landings (17, 3) there are, those of the motion if any."""
    mean, C, count = np.zeros(3), np.zeros((3, 3)), 0
    for p in range(MOTION):
        if np.isfinite(y[p].sum()):
            mean += y[p]
            count += 1
    mean /= count
    for p in range(MOTION):
        if np.isfinite(y[p].sum()):
            C += np.outer(y[p] - mean, y[p] - mean)
    return mean, C / count + np.eye(3)


@lru_cache(maxsize=8)
def _normal_points(count: int) -> Array:
    """Return points (count, 3) of N(0, 1 - h²), whose mean and covariance are so exactly."""
    steps = 1.2207440846057596 ** -np.arange(
        1.0, 4.0
    )  # the root of x⁴ = x + 1: the golden ratio of three dimensions
    z = ndtri((0.5 + np.arange(1, count + 1)[:, None] * steps) % 1.0)
    z = z - z.mean(axis=0)
    z = np.linalg.solve(np.linalg.cholesky(z.T @ z / count), z.T).T
    return np.asarray(z * np.sqrt(1.0 - _SMALL**2))
