"""What rows learn from the plots of a look: existence from marginals, states hard while young, soft when mature.

Arrays and scalars only; SI, ITRF.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from tocsin.messages import Array
from tocsin.tracking._motion import BOOST, COAST, MODELS, predict_into
from tocsin.tracking._pairs import FAINT, Pairs, Plots, Predicted
from tocsin.tracking._plot import (
    factor_into,
    measure_into,
    residual_into,
    root_into,
    solve_into,
    spread_into,
    whiten_into,
)
from tocsin.tracking._rows import Rows
from tocsin.tracking.association import Flags, Indices

LIGHT = 0.02  # marginal below which a plot moves no row (raid-association, life cycle)
SETTLED = (
    1e-3  # weight of the boost below which a row of more than YOUNG plots is carried without it (the same)
)
YOUNG = 4
AGAIN = 2  # times a young row is updated anew
DOUBTED = (
    0.9985  # existence below which a row may have begun to burn: the second miss in a row (our assumption)
)


class Shares(NamedTuple):
    """Marginals of the pairs (e,) and of a miss (n,), and each row's pair in the best joint assignment (n,) or -1."""

    p: Array
    none: Array
    chosen: Indices


class Scratch(NamedTuple):
    """Room in which one row learns: measurement, gain, factors, and work of a prediction."""

    expected: Array
    H: Array
    S: Array
    K: Array
    L: Array
    M: Array
    U: Array
    mean: Array
    work: Array


@njit(cache=True, error_model="numpy")
def _scratch() -> Scratch:
    return Scratch(
        np.empty(4), np.zeros((4, 6)), np.empty((4, 4)), np.empty((6, 4)), np.empty((4, 4)), np.empty((4, 4)),
        np.empty((4, 4)), np.empty(4), np.empty((5, 6, 6)),
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def update(
    rows: Rows, count: Indices, mature: int, drag: float, found: Pairs, shares: Shares, last: Predicted, plots: Plots,
    seen: Array, r: Array, site: Array, enu_from_ecef: Array,
) -> tuple[Flags, Array]:  # fmt: skip
    """Let every row learn from its plots, in place; return which were touched and the S (n, 4, 4) of what led them.

    A row of fewer than `mature` plots (`count`) takes its plot of the best joint assignment and no other, an older one
    the mixture of all its plots and of a miss, moments matched model by model. A row carried without the boost takes it
    up again when misses make it doubtful: `seen` (n,) chances of being plotted, `r` (n,) existence.
    """
    n, room = len(rows.x), _scratch()
    touched, innovation = np.zeros(n, dtype=np.bool_), np.zeros((n, 4, 4))
    x, P, mu, start = rows.x, rows.P, rows.mu, found.start
    for i in range(n):
        lead = shares.chosen[i]
        soft = count[i] >= mature
        if soft and lead < 0:
            for e in range(start[i], start[i + 1]):
                if shares.p[e] > LIGHT and (lead < 0 or shares.p[e] > shares.p[lead]):
                    lead = e
        if lead < 0:
            if seen[i] > 0.5 and r[i] < DOUBTED and mu[i, BOOST] == 0.0:
                x[i, BOOST], P[i, BOOST] = x[i, COAST], P[i, COAST]
                mu[i, COAST], mu[i, BOOST] = 1.0 - SETTLED, SETTLED
            continue
        t = plots.since[found.columns[lead]]
        if last.at[i] != t:
            predict_into(
                x[i], P[i], mu[i], t - rows.age[i], drag, last.x[i], last.P[i], last.mu[i], room.work
            )
            last.at[i] = t
        _learn(i, rows, last, lead, soft, found, shares, plots, site, enu_from_ecef, room, innovation[i])
        rows.age[i] = t
        touched[i] = True
        if count[i] > YOUNG and mu[i, BOOST] < SETTLED:
            mu[i, COAST], mu[i, BOOST] = 1.0, 0.0
    return touched, innovation


@njit(cache=True, error_model="numpy")
def _learn(
    i: int, rows: Rows, last: Predicted, lead: int, soft: bool, found: Pairs, shares: Shares, plots: Plots,
    site: Array, enu_from_ecef: Array, room: Scratch, innovation: Array,
) -> None:  # fmt: skip
    """Write one row's state after its plots: each model by its own gain, the weights by what each model explains."""
    x, P, mu, prior = rows.x[i], rows.P[i], rows.mu[i], last.mu[i]
    z, sigmas = plots.z[found.columns[lead]], plots.sigmas[found.columns[lead]]
    nearer = COAST if found.density[lead, COAST] >= found.density[lead, BOOST] else BOOST
    total = 0.0
    mu[BOOST] = 0.0
    for model in range(MODELS if prior[BOOST] > 0.0 else 1):
        y, C = last.x[i, model], last.P[i, model]
        x[model], P[model] = y, C
        if prior[model] < FAINT:
            mu[model] = prior[model] * (shares.none[i] if soft else 0.0)
            continue
        measure_into(y, site, enu_from_ecef, room.expected, room.H)
        m = residual_into(room.expected, z, sigmas, room.mean)
        spread_into(C, room.H, room.K, room.S)
        if not factor_into(room.S, sigmas, m, room.L):
            mu[model] = 0.0
            continue
        if model == nearer:
            innovation[:] = room.S
            for a in range(m):
                innovation[a, a] += sigmas[a] * sigmas[a]
        root_into(room.K, room.L, m)
        weight, missed = prior[model] * found.density[lead, model], 0.0
        if soft:
            missed = shares.none[i] * prior[model]
            weight = _mixed(
                model,
                prior,
                found.start[i],
                found.start[i + 1],
                found,
                shares.p,
                missed,
                m,
                room.mean,
                room.U,
            )
            whiten_into(room.U, room.L, m)
        part = missed / weight if weight > 0.0 else 0.0
        for a in range(m):
            for b in range(m):
                room.M[a, b] = (1.0 - part if a == b else 0.0) - (room.U[a, b] if soft else 0.0)
        solve_into(room.mean, room.L, m)
        _moved(y, C, room.K, room.mean, room.M, m, x[model], P[model])
        for _ in range(0 if soft else AGAIN):
            _moved_again(y, C, z, sigmas, site, enu_from_ecef, room, x[model], P[model])
        mu[model] = weight
        total += weight
    if total > 0.0:
        mu[COAST] /= total
        mu[BOOST] /= total
    else:
        mu[:] = prior


@njit(cache=True, error_model="numpy")
def _moved(y: Array, C: Array, W: Array, s: Array, M: Array, m: int, x: Array, P: Array) -> None:
    """Write y + W s into `x` (6,) and C - W M Wᵀ into `P` (6, 6); W = P Hᵀ L⁻ᵀ (6, m), S = L Lᵀ, `M` (m, m) symmetric.

    With M one it is the Kalman update, P less the square of a factor; less of it the more was missed or is in doubt.
    """
    for k in range(6):
        step = 0.0
        for a in range(m):
            step += W[k, a] * s[a]
        x[k] = y[k] + step
        for n in range(k + 1):
            value = C[k, n]
            for a in range(m):
                for b in range(m):
                    value -= W[k, a] * M[a, b] * W[n, b]
            P[k, n] = value
            P[n, k] = value


@njit(cache=True, error_model="numpy")
def _moved_again(
    y: Array, C: Array, z: Array, sigmas: Array, site: Array, enu_from_ecef: Array, room: Scratch, x: Array, P: Array
) -> None:  # fmt: skip
    """Update `y` (6,), `C` (6, 6) by one plot once more, about where it has put the row `x` (6,), into `x` and `P`.

    The velocity of a young row is open, and with it the place of its next plot by many kilometres across: seen from
    there "along the line of sight" is another direction (iterated Kalman update: Bell and Cathey 1993).
    """
    measure_into(x, site, enu_from_ecef, room.expected, room.H)
    m = residual_into(room.expected, z, sigmas, room.mean)
    for a in range(m):
        for k in range(6):
            room.mean[a] += room.H[a, k] * (x[k] - y[k])
    spread_into(C, room.H, room.K, room.S)
    if not factor_into(room.S, sigmas, m, room.L):
        return
    root_into(room.K, room.L, m)
    solve_into(room.mean, room.L, m)
    for a in range(m):
        for b in range(m):
            room.M[a, b] = 1.0 if a == b else 0.0
    _moved(y, C, room.K, room.mean, room.M, m, x, P)


@njit(cache=True, error_model="numpy")
def _mixed(
    model: int, prior: Array, first: int, last: int, found: Pairs, p: Array, missed: float, m: int, mean: Array,
    U: Array,
) -> float:  # fmt: skip
    """Write the mean residual over plots and a miss into `mean`, its spread into `U`; return the model's weight."""
    density, residual, weight = found.density, found.residual, missed
    mean[:] = 0.0
    U[:] = 0.0
    for e in range(first, last):
        if p[e] < LIGHT:
            continue
        share = p[e] * prior[model] * density[e, model]
        share /= prior[COAST] * density[e, COAST] + prior[BOOST] * density[e, BOOST]
        weight += share
        for a in range(m):
            mean[a] += share * residual[e, model, a]
            for b in range(m):
                U[a, b] += share * residual[e, model, a] * residual[e, model, b]
    if weight > 0.0:
        for a in range(m):
            mean[a] /= weight
        for a in range(m):
            for b in range(m):
                U[a, b] = U[a, b] / weight - mean[a] * mean[b]
    return weight


@njit(cache=True, error_model="numpy")
def existence(r: Array, rows: Indices, p: Array, detection: Array, survival: float, highest: float) -> Array:
    """Return the probabilities of existence (n,) after a look, from the marginals `p` (e,) of the pairs."""
    seen = np.zeros(len(r))
    for e in range(len(rows)):
        seen[rows[e]] += p[e]
    for i in range(len(r)):
        unseen = (1.0 - seen[i]) * r[i] * (1.0 - detection[i]) / max(1.0 - detection[i] * r[i], 1e-12)
        seen[i] = min(survival * (seen[i] + unseen), highest)
    return seen
