"""Do things come true as often as they were said to: Brier's score and the reliability curve."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tocsin.metrics.shares import Share, share

Array = NDArray[np.float64]


class Bin(Struct, frozen=True):
    """Forecasts between `low` and `high`: their mean, and how often what they said came true."""

    low: float
    high: float
    said: float
    came: Share


def brier(said: Array, came: NDArray[np.bool_]) -> float:
    """Return the mean squared difference of probabilities `said` (n,) and what `came` (n,) true (Brier 1950)."""
    return float(np.mean((said - came) ** 2)) if len(said) else np.nan


def reliability(said: Array, came: NDArray[np.bool_], bins: int = 10) -> list[Bin]:
    """Return the reliability curve over `bins` of equal width, without the empty ones; an edge belongs below."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    at = np.searchsorted(edges[1:-1], said)
    return [
        Bin(float(edges[k]), float(edges[k + 1]), float(said[at == k].mean()), share(came[at == k]))
        for k in range(bins)
        if np.any(at == k)
    ]
