"""How often, with an interval: shares of a count."""

from typing import Any

import numpy as np
from msgspec import Struct
from scipy import stats


class Share(Struct, frozen=True):
    """`count` of `of`: the share and its interval; not numbers where there is nothing to count."""

    of: int
    count: int
    share: float
    low: float
    high: float


def share(hits: Any, level: float = 0.95) -> Share:
    """Return the share of true values among `hits` (n,) with its interval at `level` (Wilson 1927)."""
    flags = np.asarray(hits, bool)
    of, count = len(flags), int(flags.sum())
    if not of:
        return Share(0, 0, np.nan, np.nan, np.nan)
    interval = stats.binomtest(count, of).proportion_ci(level, method="wilson")
    return Share(of, count, count / of, float(interval.low), float(interval.high))
