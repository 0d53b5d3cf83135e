"""What is known of a height: not seen yet it was below the clouds, seen above; and no burn goes on far out in space.

Arrays; SI, ITRF.
"""

import numpy as np
from numba import njit

from tocsin.constants import EARTH_FLATTENING, EARTH_RADIUS
from tocsin.messages import Array

CLOUD_EDGE = 700.0  # m, softness of the height at which a plume comes out of the clouds (our assumption)


@njit(cache=True, error_model="numpy")
def emerged(x: Array, below: float, above: float, top: float) -> tuple[float, Array]:
    """Return a residual whose half square is −ln of the probability of what a look saw, and its derivative by place.

    At the state `x` (6,). `below`, `above`: that probability for a source below the clouds' `top` [m] and above it.
    """
    height, up = _height(x)
    out = 1.0 / (1.0 + np.exp(-(height - top) / CLOUD_EDGE))
    p = below + (above - below) * out
    residual = np.sqrt(-2.0 * np.log(p))
    if not residual > 1e-9:
        return 0.0, np.zeros(3)
    return residual, -(above - below) * out * (1.0 - out) / CLOUD_EDGE / p / residual * up


@njit(cache=True, error_model="numpy")
def below(x: Array, ceiling: float, edge: float) -> tuple[float, Array]:
    """Return by how many of its `edge` [m] a state `x` (6,) is above a `ceiling` [m], and the derivative by place."""
    height, up = _height(x)
    if height <= ceiling:
        return 0.0, np.zeros(3)
    return (height - ceiling) / edge, up / edge


@njit(cache=True, error_model="numpy")
def _height(x: Array) -> tuple[float, Array]:
    """Return the height [m] of a state (6,) over the ellipsoid, along its radius, and the direction up (3,)."""
    r = np.sqrt(x[0] ** 2 + x[1] ** 2 + x[2] ** 2)
    up = x[:3] / r
    return r - EARTH_RADIUS * (1.0 - EARTH_FLATTENING * up[2] ** 2), up
