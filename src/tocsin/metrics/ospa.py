"""Optimal sub-pattern assignment (Schuhmacher, Vo and Vo, IEEE Transactions on Signal Processing 56, 2008)."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Array = NDArray[np.float64]


def ospa(x: Array, y: Array, c: float, p: float = 1.0) -> float:
    """Return the OSPA distance of order `p` between two sets of points `x` (n, d) and `y` (m, d), cut off at `c`.

    The mean over the larger set, so that it says nothing of how many are missed: `gospa` does.
    """
    most, fewest = max(len(x), len(y)), min(len(x), len(y))
    if most == 0:
        return 0.0
    cost = c**p * (most - fewest)
    if fewest:
        d = np.minimum(np.linalg.norm(x[:, None, :] - y[None, :, :], axis=2), c) ** p
        cost += float(d[linear_sum_assignment(d)].sum())
    return float((cost / most) ** (1.0 / p))
