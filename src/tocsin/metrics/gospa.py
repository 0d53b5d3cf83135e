"""Generalised optimal sub-pattern assignment (Rahmathullah, García-Fernández and Svensson, FUSION 2017)."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Array = NDArray[np.float64]


class Gospa(Struct, frozen=True):
    """A GOSPA distance and its parts: distance^p = localisation + (missed + false) c^p / 2.

    `localisation`: the sum of d^p over the assigned pairs. `pairs`, `missed`, `false`: how many.
    """

    distance: float
    localisation: float
    pairs: int
    missed: int
    false: int


def gospa(x: Array, y: Array, c: float, p: float = 2.0) -> float:
    """Return the GOSPA distance (α = 2) between two sets of points `x` (n, d) and `y` (m, d), cut off at `c`.

    With α = 2 each missed and each false point costs c^p / 2, and an assigned pair its distance to the power p.
    """
    return gospa_parts(x, y, c, p).distance


def gospa_parts(x: Array, y: Array, c: float, p: float = 2.0) -> Gospa:
    """Return the GOSPA distance between truth `x` (n, d) and estimates `y` (m, d) with its parts."""
    localisation, pairs = 0.0, 0
    if len(x) and len(y):
        d = np.minimum(np.linalg.norm(x[:, None, :] - y[None, :, :], axis=2), c)
        rows, columns = linear_sum_assignment(d**p)
        near = d[rows, columns] < c
        localisation, pairs = float(np.sum(d[rows, columns][near] ** p)), int(near.sum())
    missed, false = len(x) - pairs, len(y) - pairs
    cost = localisation + c**p / 2.0 * (missed + false)
    return Gospa(float(cost ** (1.0 / p)), localisation, pairs, missed, false)
