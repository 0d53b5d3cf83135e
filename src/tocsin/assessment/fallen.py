"""Where the points of a mixture of motions come down: the cubature of motion and drag, flown, and what it tells.

Each component becomes twelve cubature points (degree three, Arasaratnam and Haykin 2009) that fall with the median
drag, and five Gauss-Hermite nodes of ln drag that fall from its mean, moved along where drag and motion are joint.
"""

import math
from typing import Final

import numpy as np
from msgspec import Struct
from numba import njit

from tocsin.assessment.density import is_normal
from tocsin.assessment.orbit import sigma_points
from tocsin.earth.ellipsoid import enu_from_ecef, geodetic
from tocsin.earth.local import north_east_batch
from tocsin.flight.coast import OK, fall
from tocsin.messages import Array

MOTION: Final = 12  # points of a component's motion
# Gauss-Hermite nodes of a standard normal and their weights (Abramowitz and Stegun 1964, table 25.10, rescaled).
NODES: Final = np.array([-2.856970013872806, -1.355626179974266, 0.0, 1.355626179974266, 2.856970013872806])
NODE_WEIGHTS: Final = np.array(
    [0.011257411327721, 0.222075922005613, 0.533333333333333, 0.222075922005613, 0.011257411327721]
)
POINTS: Final = MOTION + len(NODES)
MIDDLE: Final = MOTION + 2  # the point of the mean motion with the median drag
ARM: Final = math.sqrt(6.0)  # sigmas from a component's mean to its points
# Where the way down bends less over one sigma, in sigmas of the whole, one ellipse may do. Our choice.
_BEND: Final = 0.1


class Fallen(Struct, frozen=True):
    """What was flown: `states` (k, 17, 6), where they came down `r_ecef` (k, 17, 3) and when, `times` (k, 17) [s], NaN
    for what stays up; `shares` (k,) of the components, adding up to one; `drags` (k,) [m²/kg], their medians.
    """

    states: Array
    r_ecef: Array
    times: Array
    shares: Array
    drags: Array


@njit(cache=True, error_model="numpy")
def flown(
    weights: Array, motions: Array, covariances: Array, along: Array, drags: Array
) -> tuple[Array, Array, Array, Array]:
    """Fly the points of Gaussians of launch and motion down: `weights` (k,), (k, 6) and (k, 10, 10).

    `drags` (k, 2): mean and sigma of ln drag [m²/kg]. `along` (k, 6): the motion's covariance with ln drag. Return
    `states`, `r_ecef` and `times` as in `Fallen`, and the share (k,) of all that comes down.
    """
    k = len(motions)
    states, r, times = np.empty((k, POINTS, 6)), np.full((k, POINTS, 3), np.nan), np.full((k, POINTS), np.nan)
    shares = weights / weights.sum()
    for i in range(k):
        log, sigma = drags[i]
        move = along[i] / sigma  # of the mean motion, with each sigma of ln drag
        P = covariances[i, 4:, 4:] - np.outer(move, move)  # once the drag is known
        states[i, :MOTION] = sigma_points(motions[i : i + 1], P.reshape(1, 6, 6))[0]
        down = 0
        for p in range(POINTS):
            node = NODES[p - MOTION] if p >= MOTION else 0.0
            if p >= MOTION:
                states[i, p] = motions[i] + node * move
            x, t, _, status = fall(states[i, p], math.exp(log + node * sigma))
            if status == OK:
                r[i, p], times[i, p] = x[:3], t
                down += p < MOTION
        shares[i] *= down / MOTION
    return states, r, times, shares


@njit(cache=True, error_model="numpy")
def moments(r: Array, times: Array, shares: Array) -> tuple[float, float, float, Array]:
    """Return the centre of what came down, latitude, longitude [rad] and time [s], and covariance (3, 3) about it.

    Of north, east [m] and time [s]. The centre is the mean over the motion. The spread over the motion is about it;
    that over the drag is added: each drag node's way from where the median drag falls, second moments, so that the
    skew of the drag is not lost.
    """
    middle, time, whole = np.zeros(3), 0.0, 0.0
    for i in range(len(shares)):
        for p in range(MOTION):
            if math.isfinite(times[i, p]):
                middle += shares[i] * r[i, p]
                time += shares[i] * times[i, p]
                whole += shares[i]
    middle /= whole
    time /= whole
    latitude, longitude, _ = geodetic(middle[0], middle[1], middle[2])
    axes = enu_from_ecef(latitude, longitude)
    covariance, off = np.zeros((3, 3)), np.empty(3)
    for i in range(len(shares)):
        for p in range(POINTS):
            if not math.isfinite(times[i, p]):
                continue
            apart = axes @ (r[i, p] - middle)
            off[0], off[1], off[2] = apart[1], apart[0], times[i, p] - time
            weight = shares[i] * (1.0 / MOTION if p < MOTION else NODE_WEIGHTS[p - MOTION])
            for a in range(3):
                for b in range(3):
                    covariance[a, b] += weight * off[a] * off[b]
    return latitude, longitude, time, covariance


def landed(fallen: Fallen, origin: tuple[float, float]) -> Array:
    """Return north, east [m] about an origin [rad] and time [s] (k, 17, 3), NaN for what stays up."""
    return _landed(fallen.r_ecef, fallen.times, *origin)


def looks_normal(fallen: Fallen, origin: tuple[float, float]) -> bool:
    """Say, from what was flown already, whether one ellipse tells where it comes down."""
    return bool(_looks_normal(landed(fallen, origin), fallen.shares))


@njit(cache=True, error_model="numpy")
def _landed(r: Array, times: Array, latitude: float, longitude: float) -> Array:
    y = np.full((len(r), POINTS, 3), np.nan)
    for i in range(len(r)):
        for p in range(POINTS):
            if math.isfinite(times[i, p]):
                y[i, p, :2] = north_east_batch(latitude, longitude, r[i, p : p + 1])[0]
                y[i, p, 2] = times[i, p]
    return y


@njit(cache=True, error_model="numpy")
def _looks_normal(y: Array, shares: Array) -> bool:
    """Say whether landings (k, 17, 3) of components with `shares` (k,) bend little and mix to nearly one Gaussian."""
    rows, C = np.empty((len(y) * len(NODES), 2)), np.empty((len(y) * len(NODES), 2, 2))
    weights = np.empty(len(rows))
    bend = 0.0
    for i in range(len(y)):
        plane = y[i, :, :2]
        if not np.all(np.isfinite(plane)):
            return False
        slopes = (plane[:6] - plane[6:MOTION]) / (2.0 * ARM)
        curves = (plane[:6] + plane[6:MOTION] - 2.0 * plane[MIDDLE]) / ARM**2
        spread = slopes.T @ slopes + np.eye(2)
        bend = max(bend, float(np.sqrt(np.sum(curves * np.linalg.solve(spread, curves.T).T))))
        for n in range(len(NODES)):
            at = i * len(NODES) + n
            rows[at], C[at], weights[at] = plane[MOTION + n], spread, shares[i] * NODE_WEIGHTS[n]
    return bend < _BEND and is_normal(rows, C, weights)
