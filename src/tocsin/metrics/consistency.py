"""Does an estimate know its own error: NEES, its mean, and the band a consistent one keeps.

Bar-Shalom, Li and Kirubarajan (2001), section 5.4.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy import stats

from tocsin.metrics.shares import Share, share

Array = NDArray[np.float64]


class Consistency(Struct, frozen=True):
    """The mean NEES over `of` independent estimates of `freedom` numbers, and the band it keeps if they are consistent.

    Over `freedom` it is the ANEES, 1 where all is well. `within`: how many lie below the quantile at the level.
    """

    of: int
    freedom: int
    mean: float
    median: float
    low: float
    high: float
    within: Share

    @property
    def anees(self) -> float:
        """Return the average normalised by the number of degrees of freedom."""
        return self.mean / self.freedom


def nees(errors: Array, covariances: Array) -> Array:
    """Return the normalised estimation error squared (…) of `errors` (…, d) with `covariances` (…, d, d)."""
    solved = np.linalg.solve(covariances, errors[..., None])[..., 0]
    return np.asarray(np.sum(errors * solved, axis=-1))


def consistency(values: Array, freedom: int, level: float = 0.95) -> Consistency:
    """Judge NEES `values` (n,), each of `freedom` degrees, at `level`, against χ² of n times as many."""
    n = len(values)
    within = share(values < stats.chi2.ppf(level, freedom), level)
    if not n:
        return Consistency(0, freedom, np.nan, np.nan, np.nan, np.nan, within)
    low, high = stats.chi2.ppf([(1 - level) / 2, (1 + level) / 2], n * freedom) / n
    mean, median = float(np.mean(values)), float(np.median(values))
    return Consistency(n, freedom, mean, median, float(low), float(high), within)
