"""A look's plots against the joint estimate of radars' biases and bodies' states. Arrays only; SI, ITRF.

`m` (d,), `C` (d, d): mean and covariance, in which a body's six numbers and a radar's three stand at their places;
`F` (h, d, 3): what jumps supposed beside them move (`_jumps`). All are changed in place.
"""

import numpy as np
from numba import njit

from tocsin.flight.coast import propagate_with_transition
from tocsin.messages import Array
from tocsin.tracking._jumps import carried, learnt, rows_carried
from tocsin.tracking._plot import apart, measure_into, residual_into, solve_into
from tocsin.tracking.association import Flags, Indices


@njit(cache=True, error_model="numpy")
def relieved(
    z: Array, sigmas: Array, bias: Array, C: Array, declared: Array, distrust: Array
) -> tuple[Array, Array]:
    """Return plots (n, 4) without a known bias, and sigmas (n, 4) with what is not known of it in place of all of it.

    `bias`, `declared`, `distrust` (3,), `C` (3, 3): range [m], azimuth, elevation [rad].
    """
    z, sigmas = z.copy(), sigmas.copy()
    for j in range(len(z)):
        for a in range(3):
            z[j, a] -= bias[a]
            white = max(sigmas[j, a] ** 2 - declared[a] ** 2, 0.0)
            sigmas[j, a] = np.sqrt(white + C[a, a] + distrust[a] ** 2)
        z[j, 1] %= 2.0 * np.pi
    return z, sigmas


@njit(cache=True, error_model="numpy")
def drifted(m: Array, C: Array, F: Array, places: Indices, spread: Array, keep: float) -> None:
    """Let biases at `places` (n,) keep a share of themselves and drift back to their `spread` (n, 3)."""
    Phi = keep * np.eye(3)
    for k in range(len(places)):
        _carry(C, F, Phi, places[k])
        for a in range(3):
            i = places[k] + a
            m[i] *= keep
            C[i, i] += (1.0 - keep**2) * spread[k, a] ** 2


@njit(cache=True, error_model="numpy")
def _carry(C: Array, F: Array, Phi: Array, place: int) -> None:
    """Carry the numbers from `place` on by Phi (n, n); their mean is the caller's."""
    rows_carried(C, Phi, place)
    rows_carried(C.T, Phi, place)
    carried(F, Phi, place)


@njit(cache=True, error_model="numpy")
def flown(m: Array, C: Array, F: Array, place: int, dt: float, push: float) -> None:
    """Carry the body at `place` on by `dt` [s], pushed by white acceleration `push` [m²/s³] where that is ahead."""
    x, Phi = propagate_with_transition(m[place : place + 6], dt, 0.0)
    for k in range(6):
        m[place + k] = x[k]
    _carry(C, F, Phi, place)
    ahead = max(dt, 0.0)
    for a in range(3):
        r, v = place + a, place + 3 + a
        C[r, r] += push * ahead**3 / 3.0
        C[r, v] += push * ahead**2 / 2.0
        C[v, r] += push * ahead**2 / 2.0
        C[v, v] += push * ahead


@njit(cache=True, error_model="numpy")
def innovation(
    m: Array, C: Array, place: int, bias: int, z: Array, sigmas: Array, site: Array, enu_from_ecef: Array
) -> tuple[Array, Array, Array, Array]:
    """Return the residual (n,) of a plot `z` (4,) of white `sigmas` (4,), H (n, d), C Hᵀ (d, n) and S (n, n).

    `place`, `bias`: where the body's six numbers stand and the radar's three.
    """
    d, expected, y, of_state = len(m), np.empty(4), np.empty(4), np.zeros((4, 6))
    measure_into(m[place : place + 6], site, enu_from_ecef, expected, of_state)
    for a in range(3):
        expected[a] += m[bias + a]
    n = residual_into(expected, z, sigmas, y)
    H, PH, S = np.zeros((n, d)), np.zeros((d, n)), np.zeros((n, n))
    for a in range(n):
        for k in range(6):
            H[a, place + k] = of_state[a, k]
        if a < 3:
            H[a, bias + a] = 1.0
    for i in range(d):
        for a in range(n):
            for k in range(6):
                PH[i, a] += C[i, place + k] * of_state[a, k]
            if a < 3:
                PH[i, a] += C[i, bias + a]
            for b in range(n):
                S[b, a] += H[b, i] * PH[i, a]
    for a in range(n):
        S[a, a] += sigmas[a] ** 2
    return y[:n], H, PH, S


@njit(cache=True, error_model="numpy")
def heard(
    m: Array, C: Array, F: Array, M: Array, l: Array, misfit: Array, counts: Indices, is_body: Flags, is_mine: Flags,
    bodies: Indices, since: Array, bias: int, z: Array, sigmas: Array, site: Array, enu_from_ecef: Array,
    gates: Array, push: float,
) -> tuple[Array, Indices]:  # fmt: skip
    """Let bodies' plots `z` (k, 4) speak of them, of the radar's bias and of what may have jumped.

    Each body is flown on by its `since` (k,) [s] first. Return how ill each plot fits (k,), no number where nothing
    can be said, and how many of its numbers count (k,). `gates` (2,): above it, of three and of four numbers, a plot
    moves nothing and speaks of jumps alone.
    """
    ill, numbers = np.empty(len(bodies)), np.empty(len(bodies), dtype=np.int64)
    for k in range(len(bodies)):
        if since[k] != 0.0:
            flown(m, C, F, bodies[k], since[k], push)
        y, H, PH, S = innovation(m, C, bodies[k], bias, z[k], sigmas[k], site, enu_from_ecef)
        numbers[k] = len(y)
        information = np.zeros_like(S)
        ill[k] = _weighed(y, S, information)
        if not np.isfinite(ill[k]):
            continue
        K = np.zeros_like(PH)
        if ill[k] < gates[len(y) - 3]:
            _gain(PH, information, K)
        learnt(F, M, l, misfit, counts, is_body, is_mine, H, K, information, y)
        _moved(m, C, K, PH, y)
    return ill, numbers


@njit(cache=True, error_model="numpy")
def _weighed(y: Array, S: Array, information: Array) -> float:
    """Return yᵀ S⁻¹ y, no number where S has no factor; add S⁻¹ to `information` (n, n)."""
    n = len(y)
    L, W = np.zeros((n, n)), np.eye(n)
    ill = apart(y.copy(), S, L)
    if np.isnan(ill):
        return ill
    for a in range(n):
        solve_into(W[a], L, n)  # column `a` of L⁻¹
    for a in range(n):
        for b in range(n):
            for c in range(n):
                information[a, b] += W[a, c] * W[b, c]
    return ill


@njit(cache=True, error_model="numpy")
def _gain(PH: Array, information: Array, K: Array) -> None:
    """Add the gain C Hᵀ S⁻¹ (d, n) to `K`."""
    d, n = PH.shape
    for i in range(d):
        for a in range(n):
            for b in range(n):
                K[i, a] += PH[i, b] * information[b, a]


@njit(cache=True, error_model="numpy")
def _moved(m: Array, C: Array, K: Array, PH: Array, y: Array) -> None:
    """Let a residual (n,) move the mean by K y and take K (C Hᵀ)ᵀ from the covariance, which stays symmetric."""
    d, n = PH.shape
    for i in range(d):
        for a in range(n):
            m[i] += K[i, a] * y[a]
        for j in range(i + 1):
            for a in range(n):
                C[i, j] -= 0.5 * (K[i, a] * PH[j, a] + PH[i, a] * K[j, a])
            C[j, i] = C[i, j]
