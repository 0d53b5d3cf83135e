"""Is the truth in the area that was claimed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tocsin.metrics.shares import Share, share

Array = NDArray[np.float64]


def depth(east: Array, north: Array, semi_major: Array, semi_minor: Array, bearing: Array) -> Array:
    """Return the squared distance (n,) from an ellipse's centre in units of the ellipse: up to 1 is inside.

    `east`, `north` (n,): the truth from the centre; `bearing` [rad] of the major axis, clockwise from north.
    """
    along = east * np.sin(bearing) + north * np.cos(bearing)
    across = east * np.cos(bearing) - north * np.sin(bearing)
    return np.asarray((along / semi_major) ** 2 + (across / semi_minor) ** 2)


def containment(chi2: Array, freedom: int, levels: Sequence[float] = (0.5, 0.9, 0.95, 0.99)) -> list[Share]:
    """Return for each level how often the truth lay inside the region claimed to hold that share.

    `chi2` (n,): squared Mahalanobis distances of `freedom` degrees (NEES, or `depth` times its quantile).
    """
    return [share(chi2 <= stats.chi2.ppf(level, freedom)) for level in levels]
