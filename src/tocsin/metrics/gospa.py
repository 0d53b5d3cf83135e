"""Generalised optimal sub-pattern assignment (Rahmathullah, García-Fernández and Svensson, FUSION 2017)."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Array = NDArray[np.float64]


def gospa(x: Array, y: Array, c: float, p: float = 2.0) -> float:
    """Return the GOSPA distance (α = 2) between two sets of points `x` (n, d) and `y` (m, d), cut off at `c`.

    With α = 2 each missed and each false point costs c^p / 2, and an assigned pair its distance to the power p.
    """
    n, m = len(x), len(y)
    if n == 0 or m == 0:
        return float((c**p / 2.0 * (n + m)) ** (1.0 / p))
    d = np.minimum(np.linalg.norm(x[:, None, :] - y[None, :, :], axis=2), c)
    rows, columns = linear_sum_assignment(d**p)
    near = d[rows, columns] < c
    pairs = int(near.sum())
    cost = float(np.sum(d[rows, columns][near] ** p)) + c**p / 2.0 * (n + m - 2 * pairs)
    return float(cost ** (1.0 / p))
