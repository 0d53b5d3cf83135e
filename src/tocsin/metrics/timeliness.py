"""How early a warning came and how long a wrong one stood, counting those for which it never happened."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tocsin.metrics.shares import Share, share

Array = NDArray[np.float64]
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Durations(Struct, frozen=True):
    """How durations are distributed over all cases, those with `never` among them.

    `quantiles` [s]: by the share of all cases that are at most so long; infinite (minus for leads) where that
    falls on a case in which it never happened.
    """

    of: int
    never: Share
    quantiles: dict[float, float]


def lead_times(seconds: Array, quantiles: Sequence[float] = QUANTILES) -> Durations:
    """Judge how long before the impact each object was warned of: (n,) [s], NaN where never, which counts as least."""
    return _durations(seconds, -np.inf, quantiles)


def retraction_times(seconds: Array, quantiles: Sequence[float] = QUANTILES) -> Durations:
    """Judge how long each wrong alert stood: (n,) [s], NaN where it was never taken back, which counts as most."""
    return _durations(seconds, np.inf, quantiles)


def _durations(seconds: Array, never: float, quantiles: Sequence[float]) -> Durations:
    missing = np.isnan(seconds)
    counted = np.where(missing, never, seconds)
    if not len(counted):
        return Durations(0, share(missing), {})
    told = np.quantile(counted, quantiles, method="inverted_cdf")
    pairs = zip(quantiles, told, strict=True)
    return Durations(len(counted), share(missing), {float(q): float(value) for q, value in pairs})
