"""One plot against one state: residual, its covariance, density and gain. Arrays and scalars only; SI, ITRF.

A plot is range, azimuth, elevation and perhaps range rate; its first `m` numbers count, three without Doppler.
"""

import math

import numpy as np
from numba import njit

from tocsin.messages import Array

NOISELESS = np.zeros(6)  # of what is no plot


@njit(cache=True, error_model="numpy")
def measure_into(x: Array, site: Array, enu_from_ecef: Array, expected: Array, H: Array) -> None:
    """Write what a radar would measure of a state (6,) into `expected` (4,) and its derivative into `H` (4, 6).

    Straight overhead azimuth has no derivative; there the horizontal distance is held at a millionth of the range.
    """
    d0, d1, d2 = x[0] - site[0], x[1] - site[1], x[2] - site[2]
    e = enu_from_ecef[0, 0] * d0 + enu_from_ecef[0, 1] * d1 + enu_from_ecef[0, 2] * d2
    n = enu_from_ecef[1, 0] * d0 + enu_from_ecef[1, 1] * d1 + enu_from_ecef[1, 2] * d2
    u = enu_from_ecef[2, 0] * d0 + enu_from_ecef[2, 1] * d1 + enu_from_ecef[2, 2] * d2
    rho, level = math.sqrt(e * e + n * n + u * u), math.sqrt(e * e + n * n)
    ground = max(level, 1e-6 * rho)
    rate = (d0 * x[3] + d1 * x[4] + d2 * x[5]) / rho
    expected[0], expected[1], expected[2], expected[3] = rho, math.atan2(e, n), math.atan2(u, level), rate
    for k in range(3):
        unit = (d0 if k == 0 else d1 if k == 1 else d2) / rho
        H[0, k] = unit
        H[1, k] = (enu_from_ecef[0, k] * n - enu_from_ecef[1, k] * e) / (ground * ground)
        H[2, k] = (enu_from_ecef[2, k] - unit * u / rho) / ground
        H[3, k] = (x[3 + k] - unit * rate) / rho
        H[3, 3 + k] = unit


@njit(cache=True, error_model="numpy")
def residual_into(expected: Array, z: Array, sigmas: Array, residual: Array) -> int:
    """Write the residual (4,) of a plot; return how many numbers count."""
    residual[0] = z[0] - expected[0]
    residual[1] = (z[1] - expected[1] + np.pi) % (2.0 * np.pi) - np.pi
    residual[2] = z[2] - expected[2]
    residual[3] = 0.0
    if not (math.isfinite(sigmas[3]) and math.isfinite(z[3])):
        return 3
    residual[3] = z[3] - expected[3]
    return 4


@njit(cache=True, error_model="numpy")
def spread_into(P: Array, H: Array, K: Array, S: Array) -> None:
    """Write P Hᵀ (6, 4) into `K` and H P Hᵀ (4, 4) into `S`: a plot's own noise is still to be added."""
    for k in range(6):
        for a in range(4):
            total = P[k, 0] * H[a, 0] + P[k, 1] * H[a, 1] + P[k, 2] * H[a, 2]
            if a == 3:
                total += P[k, 3] * H[a, 3] + P[k, 4] * H[a, 4] + P[k, 5] * H[a, 5]
            K[k, a] = total
    for a in range(4):
        for b in range(4):
            total = H[a, 0] * K[0, b] + H[a, 1] * K[1, b] + H[a, 2] * K[2, b]
            if a == 3:
                total += H[a, 3] * K[3, b] + H[a, 4] * K[4, b] + H[a, 5] * K[5, b]
            S[a, b] = total


@njit(cache=True, error_model="numpy")
def factor_into(S: Array, sigmas: Array, m: int, L: Array) -> bool:
    """Write the lower factor of `S` + R (m, m) into `L`, R the plot's own noise; say whether there is one."""
    for a in range(m):
        for b in range(a + 1):
            total = S[a, b]
            if a == b:
                total += sigmas[a] * sigmas[a]
            for k in range(b):
                total -= L[a, k] * L[b, k]
            if a == b:
                if not (total > 0.0) or not math.isfinite(total):
                    return False
                L[a, a] = math.sqrt(total)
            else:
                L[a, b] = total / L[b, b]
    return True


@njit(cache=True, error_model="numpy")
def apart(d: Array, S: Array, L: Array) -> float:
    """Return dᵀ S⁻¹ d (n,), (n, n); no number where S has no factor. `L` (n, n) is scratch, `d` is spoiled."""
    n = len(d)
    if not factor_into(S, NOISELESS, n, L):
        return np.nan
    solve_into(d, L, n)
    total = 0.0
    for k in range(n):
        total += d[k] * d[k]
    return total


@njit(cache=True, error_model="numpy")
def norm(L: Array, m: int) -> float:
    """Return what the exponential of a Gaussian density of covariance L Lᵀ is divided by."""
    if m == 4:
        return (2.0 * np.pi) ** 2 * (L[0, 0] * L[1, 1] * L[2, 2] * L[3, 3])
    return (2.0 * np.pi) ** 1.5 * (L[0, 0] * L[1, 1] * L[2, 2])


@njit(cache=True, error_model="numpy")
def solve_into(y: Array, L: Array, m: int) -> None:
    """Turn a vector (m,) into L⁻¹ y in place."""
    for a in range(m):
        for b in range(a):
            y[a] -= L[a, b] * y[b]
        y[a] /= L[a, a]


@njit(cache=True, error_model="numpy")
def root_into(K: Array, L: Array, m: int) -> None:
    """Turn P Hᵀ (6, m) into P Hᵀ L⁻ᵀ in place: the gain is that times L⁻¹, and what a plot takes from P its square."""
    for k in range(6):
        solve_into(K[k], L, m)


@njit(cache=True, error_model="numpy")
def whiten_into(U: Array, L: Array, m: int) -> None:
    """Turn a symmetric matrix (m, m) into L⁻¹ U L⁻ᵀ in place."""
    for k in range(m):
        solve_into(U[k], L, m)  # rows: U L⁻ᵀ
    for k in range(m):
        solve_into(U[:, k], L, m)
