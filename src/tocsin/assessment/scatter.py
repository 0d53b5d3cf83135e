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
from scipy.special import ndtri

from tocsin.assessment.fallen import ARM, MIDDLE, MOTION, NODES, Fallen, landed
from tocsin.earth.local import north_east_batch
from tocsin.flight.coast import OK, fall_batch
from tocsin.messages import Array

_SIDES: Final = np.array([-math.sqrt(3.0), 0.0, math.sqrt(3.0)])
_SMALL: Final = np.array([0.4, 0.45, 0.3])  # h, the sigmas of the small Gaussians in units of the whole
_POINTS: Final = 320  # small Gaussians, over all components
_LEAST_POINTS: Final = 96


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
    z = _normal_points(count)
    parts = []
    rows_of = zip(landed(fallen, origin), fallen.states, fallen.drags, fallen.shares, strict=True)
    for y, states, drag, share in rows_of:
        way = _way(y, states, drag, origin)
        rows, C = (y, None) if way is None else _bent(way, z)
        if C is None:
            rows, C = _straight(y)
        parts.append((rows, C, np.full(len(rows), share / len(rows))))
    return Scatter(
        origin,
        np.concatenate([rows for rows, _, _ in parts]),
        np.concatenate([C for _, C, _ in parts]),
        np.concatenate([weights for _, _, weights in parts]),
    )


class _Way(Struct, frozen=True):
    """How a landing depends on (a, b) along its two directions and z of the drag: polynomials.

    `plane` (p, 3, 3): powers of a × powers of b × (north, east, time); `shift` (5, 3): powers of z; `least`,
    `most`: the a it holds for; `rest`: variance of time that moves no place [s²].
    """

    plane: Array
    shift: Array
    least: float
    most: float
    rest: float


def _slopes(y: Array) -> Array:
    """Return how landings (17, d) move by a sigma along each axis of the motion: (6, d)."""
    return np.asarray((y[:6] - y[6:MOTION]) / (2 * ARM))


def _way(y: Array, states: Array, drag: float, origin: tuple[float, float]) -> _Way | None:
    """Fly the two directions that matter; None where too little of it comes down for a polynomial."""
    if not np.isfinite(y).all():
        return None
    slopes = _slopes(y)
    _, _, directions = np.linalg.svd(slopes[:, :2].T, full_matrices=False)
    arms = directions @ ((states[:6] - states[6:MOTION]) / (2 * ARM))
    a, b = np.repeat(NODES, len(_SIDES)), np.tile(_SIDES, len(NODES))
    starts = states[MIDDLE] + a[:, None] * arms[0] + b[:, None] * arms[1]
    x, times, _, status = fall_batch(starts, np.full(len(starts), drag))
    good = (status == OK).reshape(len(NODES), -1).all(axis=1)
    if good.sum() < 3 or not good[2]:
        return None
    flown = np.column_stack([north_east_batch(*origin, x[:, :3].copy()), times]).reshape(len(NODES), -1, 3)[
        good
    ]
    along = np.linalg.inv(np.vander(NODES[good], increasing=True))
    plane = np.einsum("pi,qj,ijk->pqk", along, np.linalg.inv(np.vander(_SIDES, increasing=True)), flown)
    shift = np.linalg.solve(np.vander(NODES, increasing=True), y[MOTION:] - y[MIDDLE])
    beyond = 0.0 if good.all() else 0.5
    kept = slopes[:, 2] - directions.T @ (directions @ slopes[:, 2])
    least, most = float(NODES[good].min()) - beyond, float(NODES[good].max()) + beyond
    return _Way(plane, shift, least, most, float(kept @ kept))


def _bent(way: _Way, z: Array) -> tuple[Array, Array]:
    """Return points (n, 3) and small covariances (n, 3, 3) of a way, at standard normal numbers `z` (m, 3)."""
    z = z[(z[:, 0] >= way.least) & (z[:, 0] <= way.most)]
    A, dA, ddA = _powers(z[:, 0], len(way.plane))
    B, dB, ddB = _powers(z[:, 1], 3)
    Z, dZ, ddZ = _powers(z[:, 2], len(way.shift))
    J = np.stack([_mapped(dA, B, way), _mapped(A, dB, way), dZ @ way.shift])
    # The mean of a small Gaussian lies off its centre's landing by half h² of the curvature.
    bend = np.stack([_mapped(ddA, B, way), _mapped(A, ddB, way), ddZ @ way.shift])
    rows = _mapped(A, B, way) + Z @ way.shift + 0.5 * np.einsum("d,dni->ni", _SMALL**2, bend)
    C = np.einsum("d,dni,dnj->nij", _SMALL**2, J, J)
    C[:, 2, 2] += way.rest
    return rows, C + np.eye(3) * 1e-6


def _straight(y: Array) -> tuple[Array, Array]:
    """Return one Gaussian, (1, 3) and (1, 3, 3), of the landings (17, 3) there are, those of the motion if any."""
    own = y[:MOTION][np.isfinite(y[:MOTION]).all(axis=1)]
    off = own - own.mean(axis=0)
    return own.mean(axis=0)[None], (off.T @ off / len(own) + np.eye(3))[None]


def _mapped(A: Array, B: Array, way: _Way) -> Array:
    """Return (n, 3): the polynomial of powers `A` (n, p) and `B` (n, 3), or a derivative of it."""
    along = (A @ way.plane.reshape(A.shape[1], -1)).reshape(len(A), -1, 3)
    return np.asarray((B[:, :, None] * along).sum(axis=1))


def _powers(x: Array, count: int) -> tuple[Array, Array, Array]:
    """Return 1, x, x²… (n, count), their first and their second derivatives."""
    powers, first, second = np.ones((len(x), count)), np.zeros((len(x), count)), np.zeros((len(x), count))
    for k in range(1, count):
        powers[:, k] = powers[:, k - 1] * x
        first[:, k] = k * powers[:, k - 1]
        second[:, k] = k * first[:, k - 1]
    return powers, first, second


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
