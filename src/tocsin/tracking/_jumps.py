"""What supposed jumps learn of a plot, how well each explains what was measured, and which are still supposed.

Arrays and scalars only, a jump a row: h of them, beside an estimate of d numbers (`jumps.Jumps` holds them). SI.
"""

import numpy as np
from numba import njit

from tocsin.messages import Array
from tocsin.tracking._plot import NOISELESS, factor_into, solve_into
from tocsin.tracking.association import Flags, Indices

# Columns of `counts`: numbers measured, plots of its own and of others, looks since.
NUMBERS, OWN, OTHERS, LOOKS = 0, 1, 2, 3


@njit(cache=True, error_model="numpy")
def learnt(
    F: Array, M: Array, l: Array, misfit: Array, counts: Indices, is_body: Flags, is_mine: Flags, H: Array, K: Array,
    information: Array, residual: Array,
) -> None:  # fmt: skip
    """Let a plot speak for and against all jumps, in place: H (m, d), the gain used (d, m), S⁻¹ (m, m) and (m,).

    `is_mine` (h,): jumps of the sensor that plotted it, which move its first three numbers. Columns of H that are zero
    are left out.
    """
    m = len(residual)
    pull = np.zeros(m)
    for a in range(m):
        for b in range(m):
            pull[a] += information[a, b] * residual[b]
    against = 0.0
    for a in range(m):
        against += residual[a] * pull[a]
    columns = _columns(H)
    G, weighed = np.empty((m, 3)), np.empty((m, 3))
    for k in range(len(F)):
        _answer(F[k], H, columns, is_mine[k], G)
        for a in range(m):
            for c in range(3):
                weighed[a, c] = 0.0
                for b in range(m):
                    weighed[a, c] += information[a, b] * G[b, c]
                l[k, c] += G[a, c] * pull[a]
        for a in range(m):
            for c in range(3):
                for e in range(3):
                    M[k, c, e] += G[a, c] * weighed[a, e]
        for d in range(len(K)):
            for a in range(m):
                for c in range(3):
                    F[k, d, c] += K[d, a] * G[a, c]
        misfit[k] += against
        counts[k, NUMBERS] += m
        counts[k, OWN] += is_mine[k] or is_body[k]
        counts[k, OTHERS] += not is_mine[k]


@njit(cache=True, error_model="numpy")
def _columns(H: Array) -> Indices:
    """Return which columns of H (m, d) are not zero."""
    columns, count = np.empty(H.shape[1], dtype=np.int64), 0
    for c in range(H.shape[1]):
        for a in range(len(H)):
            if H[a, c] != 0.0:
                columns[count] = c
                count += 1
                break
    return columns[:count]


@njit(cache=True, error_model="numpy")
def _answer(F: Array, H: Array, columns: Indices, is_mine: bool, G: Array) -> None:
    """Write into G (m, 3) by how much a jump moves a residual: 1 where it is the sensor's own, less H F."""
    for a in range(len(H)):
        for c in range(3):
            G[a, c] = 1.0 if is_mine and a == c else 0.0
        for d in columns:
            for c in range(3):
                G[a, c] -= H[a, d] * F[d, c]


@njit(cache=True, error_model="numpy")
def carried(F: Array, Phi: Array, place: int) -> None:
    """Carry the numbers from `place` on by Phi (n, n), in place."""
    for k in range(len(F)):
        rows_carried(F[k], Phi, place)


@njit(cache=True, error_model="numpy")
def rows_carried(A: Array, Phi: Array, place: int) -> None:
    """Carry the rows of A (d, c) from `place` on by Phi (n, n), in place."""
    n = len(Phi)
    before = np.empty(n)
    for c in range(A.shape[1]):
        for a in range(n):
            before[a] = A[place + a, c]
        for a in range(n):
            total = 0.0
            for b in range(n):
                total += Phi[a, b] * before[b]
            A[place + a, c] = total


@njit(cache=True, error_model="numpy")
def explained(M: Array, l: Array, scale: Array) -> tuple[Array, Array, Array]:
    """Return of each jump its size (h, 3), covariance (h, 3, 3) and what it explains of the misfit (h,).

    Of information M and l, and a prior of sigmas `scale`: (M + scale⁻²)⁻¹ and that times l, by Cholesky of what is
    measured in sigmas.
    """
    h = len(l)
    size, C, gain = np.zeros((h, 3)), np.zeros((h, 3, 3)), np.zeros(h)
    A, L, W = np.empty((3, 3)), np.zeros((3, 3)), np.empty((3, 3))
    for k in range(h):
        for a in range(3):
            for b in range(3):
                A[a, b] = scale[k, a] * M[k, a, b] * scale[k, b] + (1.0 if a == b else 0.0)
                W[b, a] = scale[k, a] if a == b else 0.0
        if not factor_into(A, NOISELESS, 3, L):
            continue
        for a in range(3):
            solve_into(W[a], L, 3)  # a row: column `a` of L⁻¹ scale
        for a in range(3):
            for b in range(3):
                C[k, a, b] = W[a, 0] * W[b, 0] + W[a, 1] * W[b, 1] + W[a, 2] * W[b, 2]
                size[k, a] += C[k, a, b] * l[k, b]
            gain[k] += l[k, a] * size[k, a]
    return size, C, gain


@njit(cache=True, error_model="numpy")
def renewed(
    F: Array, M: Array, l: Array, misfit: Array, counts: Indices, is_body: Flags, scale: Array, kept: Flags,
    fresh: Array, places: Indices,
) -> tuple[Array, Array, Array, Array, Indices, Flags, Array]:  # fmt: skip
    """Return the jumps that are kept and, behind them, new ones of sigmas `fresh` (n, 3).

    `places` (n,): where in the estimate those numbers stand that jump, below zero of a sensor.
    """
    old = np.flatnonzero(kept)
    k, n, d = len(old), len(fresh), F.shape[1]
    F_new, M_new, l_new, scale_new = (
        np.zeros((k + n, d, 3)), np.zeros((k + n, 3, 3)), np.zeros((k + n, 3)), np.empty((k + n, 3)),
    )  # fmt: skip
    misfit_new, counts_new = np.zeros(k + n), np.zeros((k + n, 4), dtype=np.int64)
    is_body_new = np.zeros(k + n, dtype=np.bool_)
    for i in range(k):  # number by number: to assign a row takes ten times as long to compile
        j = old[i]
        misfit_new[i], is_body_new[i] = misfit[j], is_body[j]
        for a in range(4):
            counts_new[i, a] = counts[j, a]
        for a in range(3):
            l_new[i, a], scale_new[i, a] = l[j, a], scale[j, a]
            for b in range(3):
                M_new[i, a, b] = M[j, a, b]
            for b in range(d):
                F_new[i, b, a] = F[j, b, a]
    for i in range(n):
        is_body_new[k + i] = places[i] >= 0
        for a in range(3):
            scale_new[k + i, a] = fresh[i, a]
            if places[i] >= 0:
                F_new[k + i, places[i] + a, a] = -1.0
    return F_new, M_new, l_new, misfit_new, counts_new, is_body_new, scale_new
