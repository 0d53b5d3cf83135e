"""When it may come down at a given place, and how likely places like it are."""

from typing import Final

import numpy as np
from msgspec import Struct
from scipy.special import ndtr

from tocsin.assessment.density import patches
from tocsin.assessment.scatter import Scatter
from tocsin.earth.local import north_east
from tocsin.messages import Array

TAIL: Final = 0.005  # of the probability, before the earliest and after the latest time
_FARTHEST: Final = 0.999  # the area outside which no time is told


class Arrival(Struct, frozen=True):
    """Times at a place [s after the scatter's]: `earliest` and `latest` hold 99 %. `level`: the place lies on the edge
    of the area of that share, from 0 for the likeliest place to 1.
    """

    level: float
    earliest: float
    likeliest: float
    latest: float


def arrival(scatter: Scatter, latitude: float, longitude: float) -> Arrival | None:
    """Return when it comes down at a place [rad], if it does; None where that is as good as excluded."""
    at = np.array(north_east(*scatter.origin, latitude, longitude))
    level = _level(scatter, at)
    if level > _FARTHEST:
        return None
    C = scatter.covariances
    off = at - scatter.rows[:, :2]
    plane = C[:, :2, :2] + np.eye(2)
    gain = np.linalg.solve(plane, C[:, :2, 2:])[:, :, 0]
    d2 = np.einsum("ni,ni->n", off, np.linalg.solve(plane, off[:, :, None])[:, :, 0])
    logs = np.log(scatter.weights) - 0.5 * d2 - 0.5 * np.linalg.slogdet(plane)[1]
    weights = np.exp(logs - logs.max())
    means = scatter.rows[:, 2] + np.einsum("ni,ni->n", gain, off)
    sigmas = np.sqrt(np.maximum(C[:, 2, 2] - np.einsum("ni,ni->n", gain, C[:, :2, 2]), 1e-4))
    return Arrival(level, *_times(means, sigmas, weights / weights.sum()))


def _level(scatter: Scatter, at: Array) -> float:
    """Return the share of all probability that lies where it is denser than at a place (2,) [m north and east]."""
    drawn = patches(scatter.rows[:, :2], scatter.covariances[:, :2, :2], scatter.weights)
    C = scatter.covariances[:, :2, :2] + np.eye(2)
    off = at - scatter.rows[:, :2]
    d2 = np.einsum("ni,ni->n", off, np.linalg.solve(C, off[:, :, None])[:, :, 0])
    here = float(scatter.weights @ (np.exp(-0.5 * d2) / (2 * np.pi * np.sqrt(np.linalg.det(C)))))
    denser = sum(float(p.density[p.density > here].sum()) * p.cell for p in drawn)
    return min(denser / sum(float(p.density.sum()) * p.cell for p in drawn), 1.0)


def _times(means: Array, sigmas: Array, weights: Array) -> tuple[float, float, float]:
    """Return the earliest, the likeliest and the latest time of a mixture (n,) of Gaussians in time."""
    kept = weights > 1e-9
    means, sigmas, weights = means[kept], sigmas[kept], weights[kept]
    low, high = float((means - 5 * sigmas).min()), float((means + 5 * sigmas).max())
    t = np.linspace(low, high, 801)
    z = (t[:, None] - means) / sigmas
    before = ndtr(z) @ weights
    density = (np.exp(-0.5 * z**2) / sigmas) @ weights
    earliest, latest = np.interp([TAIL, 1 - TAIL], before, t)
    return float(earliest), float(t[int(np.argmax(density))]), float(latest)
