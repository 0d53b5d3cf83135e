"""Areas on the ground from points and covariances."""

from typing import Final

import numpy as np

from tocsin.messages import Array, Ellipse

# Quantiles of χ² with two degrees of freedom: −2 ln(1 − p).
CHI2_50: Final = 1.386294361
CHI2_95: Final = 5.991464547
CHI2_99: Final = 9.210340372


def ellipse(covariance: Array, quantile: float) -> Ellipse:
    """Return the ellipse of a covariance (2, 2) of (north, east) [m²] at a quantile of χ² with two degrees."""
    values, vectors = np.linalg.eigh(0.5 * (covariance + covariance.T))
    axes = np.sqrt(np.maximum(values, 1.0) * quantile)
    bearing = float(np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1]))) % 180.0
    return Ellipse(semi_major_m=float(axes[1]), semi_minor_m=float(axes[0]), bearing_deg=bearing)
