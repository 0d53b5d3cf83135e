"""Areas on the ground from points and covariances."""

import math
from typing import Final

from tocsin.messages import Array, Ellipse

# Quantiles of χ² with two degrees of freedom: −2 ln(1 − p).
CHI2_50: Final = 1.386294361
CHI2_95: Final = 5.991464547
CHI2_99: Final = 9.210340372


def ellipse(covariance: Array, quantile: float) -> Ellipse:
    """Return the ellipse of a covariance (2, 2) of (north, east) [m²] at a quantile of χ² with two degrees."""
    north, east = float(covariance[0, 0]), float(covariance[1, 1])
    both = 0.5 * float(covariance[0, 1] + covariance[1, 0])
    middle, half = 0.5 * (north + east), math.hypot(0.5 * (north - east), both)
    return Ellipse(
        semi_major_m=math.sqrt(max(middle + half, 1.0) * quantile),
        semi_minor_m=math.sqrt(max(middle - half, 1.0) * quantile),
        bearing_deg=math.degrees(0.5 * math.atan2(2.0 * both, north - east)) % 180.0,
    )
