"""The Earth's gravity: central term and zonal harmonics J2 to J4, in Earth-fixed axes, no rotation terms.

With q = a/r and s = z/r the attraction is A·r + B·k̂ (k̂ the pole), where A = -GM/r³ (1 - Σ Jₙ qⁿ P'ₙ₊₁(s)) and
B = -GM/r² Σ Jₙ qⁿ P'ₙ(s): the gradient of the zonal potential (Heiskanen and Moritz 1967, section 2-9) with
(n+1)Pₙ + sP'ₙ = P'ₙ₊₁. Tesseral terms left out: at most about 1e-4 m/s² near the ground.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.constants import EARTH_GM, EARTH_J2, EARTH_J3, EARTH_J4, EARTH_RADIUS

Array = NDArray[np.float64]


@njit(cache=True, error_model="numpy")
def gravity(x: float, y: float, z: float) -> tuple[float, float, float]:
    """Give the attraction [m/s²] at x, y, z [m] (ECEF)."""
    r2 = x * x + y * y + z * z
    r = math.sqrt(r2)
    s = z / r
    s2 = s * s
    q = EARTH_RADIUS / r
    j2 = EARTH_J2 * q * q
    j3 = EARTH_J3 * q * q * q
    j4 = EARTH_J4 * q * q * q * q
    k = EARTH_GM / r2
    d3 = 1.5 * (5 * s2 - 1)
    d4 = 2.5 * s * (7 * s2 - 3)
    d5 = 1.875 * (s2 * (21 * s2 - 14) + 1)
    a = -k / r * (1 - j2 * d3 - j3 * d4 - j4 * d5)
    b = -k * (j2 * 3 * s + j3 * d3 + j4 * d4)
    return a * x, a * y, a * z + b


@njit(cache=True, error_model="numpy")
def gravity_gradient(x: float, y: float, z: float, G: Array) -> None:
    """Write the derivative of `gravity` with respect to position into `G` (3, 3) [1/s²]."""
    r = math.sqrt(x * x + y * y + z * z)
    s = z / r
    s2 = s * s
    q = EARTH_RADIUS / r
    j2 = EARTH_J2 * q * q
    j3 = EARTH_J3 * q * q * q
    j4 = EARTH_J4 * q * q * q * q
    k = EARTH_GM / (r * r)
    d2, d3 = 3 * s, 1.5 * (5 * s2 - 1)
    d4, d5 = 2.5 * s * (7 * s2 - 3), 1.875 * (s2 * (21 * s2 - 14) + 1)
    e2, e3, e4, e5 = 3.0, 15 * s, 7.5 * (7 * s2 - 1), 52.5 * s * (3 * s2 - 1)
    a = -k / r * (1 - j2 * d3 - j3 * d4 - j4 * d5)
    a_r = k / (r * r) * (3 - 5 * j2 * d3 - 6 * j3 * d4 - 7 * j4 * d5)
    a_s = k / r * (j2 * e3 + j3 * e4 + j4 * e5)
    b_r = k / r * (4 * j2 * d2 + 5 * j3 * d3 + 6 * j4 * d4)
    b_s = -k * (j2 * e2 + j3 * e3 + j4 * e4)
    p = (x, y, z)
    for j in range(3):
        s_j = -s * p[j] / (r * r) + (1 / r if j == 2 else 0.0)
        a_j = a_r * p[j] / r + a_s * s_j
        for i in range(3):
            G[i, j] = p[i] * a_j
        G[j, j] += a
        G[2, j] += b_r * p[j] / r + b_s * s_j


@njit(cache=True, error_model="numpy")
def potential(x: float, y: float, z: float) -> float:
    """Give the potential [m²/s²] whose gradient `gravity` is, positive and zero at infinity."""
    r = math.sqrt(x * x + y * y + z * z)
    s2 = (z / r) ** 2
    q = EARTH_RADIUS / r
    p2 = 0.5 * (3 * s2 - 1)
    p3 = 0.5 * z / r * (5 * s2 - 3)
    p4 = 0.125 * (s2 * (35 * s2 - 30) + 3)
    zonal = EARTH_J2 * q**2 * p2 + EARTH_J3 * q**3 * p3 + EARTH_J4 * q**4 * p4
    return EARTH_GM / r * (1 - zonal)
