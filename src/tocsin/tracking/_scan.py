"""One look of a radar at the whole table in one call: what was likely seen, who made what, what rows learn, who goes.

Arrays and scalars only; SI, ITRF; times in nanoseconds. One call, because handing arrays over costs as much as the work
where rows are few.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from tocsin.messages import SECOND, Array
from tocsin.tracking._learning import Shares, existence, update
from tocsin.tracking._pairs import Plots, densities, pairs
from tocsin.tracking._rows import Rows, chance, doubles, moments, rough, sound
from tocsin.tracking.association import Flags, Indices, best_sorted, marginals

SURVIVAL = 0.9999
HIGHEST = 0.9999
RATE_SPAN = 16_000.0  # m/s over which the range rate of a false plot is spread
SAME = 0.6  # Σ Δ²/(P_a + P_b) over six numbers, below which two rows are one body
OLD = 3  # plots from which a row may be taken for another
# Chance of a plot where a look says that it does not see: noise at its edge, a sector misstated (our assumption).
UNDECLARED = 0.02
PATIENT = 8  # plots from which a row that is kept is waited for longer


class Columns(NamedTuple):
    """The table: states (n, 2, 6), covariances (n, 2, 6, 6), weights (n, 2), existence, times, plots, kept (n,)."""

    x: Array
    P: Array
    mu: Array
    r: Array
    t: Indices
    last_plot: Indices
    plots: Indices
    kept: Flags


class Seen(NamedTuple):
    """A look: `z`, `sigmas` (m, 4), times (m,), which have a range rate (m,), and its end."""

    z: Array
    sigmas: Array
    times: Indices
    has_rate: Flags
    end: int


class Eye(NamedTuple):
    """A radar in a look: place, axes, `sector` (4,) [rad], range, chance of a plot, false plots, their room [m·sr]."""

    site: Array
    enu_from_ecef: Array
    sector: Array
    range_max: float
    probability: float
    false_plots: float
    room: float


class Rules(NamedTuple):
    """Gate, births over false plots, plots of a mature row, a flood, least existence, silences [s], drag [m²/kg]."""

    gate: float
    birth_rate: float
    mature: int
    flood: int
    least: float
    silence: float
    silence_kept: float
    drag: float


class Scanned(NamedTuple):
    """What a look did: of the rows `taken` (k,) their pairs (k,) and what was expected; of plots and rows the rest.

    `columns`, `p` (e,): plots and marginals of all pairs; `newborn` (m,): chance that a plot is of a new body; `mean`,
    `C`: of the rows over their models; `gone`, `is_sound` (n,).
    """

    r: Array
    taken: Indices
    edges: Indices
    columns: Indices
    p: Array
    residual: Array
    innovation: Array
    counts: Indices
    distance: Array
    newborn: Array
    mean: Array
    C: Array
    gone: Flags
    is_sound: Flags


@njit(cache=True, error_model="numpy")
def scanned(
    x: Array, P: Array, mu: Array, r: Array, t: Indices, last_plot: Indices, plots: Indices, kept: Flags,
    z: Array, sigmas: Array, times: Indices, has_rate: Flags, end: int,
    site: Array, enu_from_ecef: Array, sector: Array, range_max: float, probability: float, false_plots: float,
    room: float,
    gate: float, birth_rate: float, mature: int, flood: int, least: float, silence: float, silence_kept: float,
    drag: float,
) -> Scanned:  # fmt: skip
    """Let the table's rows learn from a look, in place but for their existence.

    Fields of `Columns`, `Seen`, `Eye` and `Rules`, in order: named tuples take ten times as long to hand over.
    """
    return _scanned(
        Columns(x, P, mu, r, t, last_plot, plots, kept), Seen(z, sigmas, times, has_rate, end),
        Eye(site, enu_from_ecef, sector, range_max, probability, false_plots, room),
        Rules(gate, birth_rate, mature, flood, least, silence, silence_kept, drag),
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def _scanned(table: Columns, look: Seen, eye: Eye, rules: Rules) -> Scanned:
    """Do as `scanned` says."""
    n, m = len(table.r), len(look.times)
    rows = Rows(table.x, table.P, table.mu, (table.t - look.end) / SECOND)
    order = np.argsort(look.z[:, 0].copy(), kind="mergesort")
    plots = Plots(look.z, look.sigmas, (look.times - look.end) / SECOND, order)
    near = rough(rows)
    seen = chance(
        near.mean, near.spread, eye.site, eye.enu_from_ecef, eye.sector, eye.range_max, eye.probability
    )
    found, last = pairs(rows, near, plots, eye.site, eye.enu_from_ecef, rules.gate, rules.drag)
    owner, ell = densities(found, last.mu)
    density = _false_plots(look, eye, rules, seen, table.r)
    birth = rules.birth_rate * density
    kappa = density + birth
    w = np.empty(len(ell))
    gain = np.empty(len(ell))
    for e in range(len(ell)):
        s = max(seen[owner[e]], UNDECLARED) * table.r[owner[e]]
        w[e] = s / max(1.0 - s, 1e-9) * ell[e]
        gain[e] = np.log(max(w[e], 1e-300) / kappa[found.columns[e]])
    p, none, nobody = marginals(owner, found.columns, w, n, kappa)
    chosen = best_sorted(found.start, found.columns, gain, m)
    touched, innovation = update(
        rows, table.plots, rules.mature, rules.drag, found, Shares(p, none, chosen), last, plots, seen, table.r,
        eye.site, eye.enu_from_ecef,
    )  # fmt: skip
    r = existence(table.r, owner, p, seen, SURVIVAL, HIGHEST)
    taken = np.flatnonzero(chosen >= 0)
    edges = chosen[taken]
    residual = np.empty((len(taken), 4))
    for k in range(len(taken)):
        e = edges[k]
        residual[k] = found.residual[e, 0 if found.density[e, 0] >= found.density[e, 1] else 1]
    _book(table, touched, rows.age, taken, look, found.columns[edges])
    mean, C = moments(table.x, table.P, table.mu)
    good = sound(table.x, table.P, table.mu)
    gone = _gone(table, r, good, mean, C, look.end, rules)
    return Scanned(
        r, taken, edges, found.columns, p, residual, innovation[taken], found.counts[edges], found.distance[edges],
        nobody * birth / kappa, mean, C, gone, good,
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def _false_plots(look: Seen, eye: Eye, rules: Rules, seen: Array, r: Array) -> Array:
    """Return the density (m,) of false plots: what the radar declares, or what a flood of them shows."""
    count, m = eye.false_plots, len(look.times)
    if m > rules.flood:
        count = max(count, m - np.sum(seen * r))
    density = np.empty(m)
    for j in range(m):
        density[j] = count / eye.room / (RATE_SPAN if look.has_rate[j] else 1.0)
    return density


@njit(cache=True, error_model="numpy")
def _book(table: Columns, touched: Flags, age: Array, taken: Indices, look: Seen, columns: Indices) -> None:
    """Write down when rows were moved and plotted."""
    for i in range(len(touched)):
        if touched[i]:
            table.t[i] = look.end + np.int64(np.round(age[i] * SECOND))
    for k in range(len(taken)):
        i = taken[k]
        table.t[i] = table.last_plot[i] = look.times[columns[k]]
        table.plots[i] += 1


@njit(cache=True, error_model="numpy")
def _gone(table: Columns, r: Array, good: Flags, mean: Array, C: Array, end: int, rules: Rules) -> Flags:
    """Mark rows that do not exist, are long silent, have no sound state or double an older one."""
    n = len(r)
    gone, old, count = np.empty(n, dtype=np.bool_), np.empty(n, dtype=np.int64), 0
    for i in range(n):
        waited = table.kept[i] and table.plots[i] >= PATIENT
        silent = (end - table.last_plot[i]) / SECOND > (rules.silence_kept if waited else rules.silence)
        gone[i] = r[i] < rules.least or silent or not good[i]
        if table.plots[i] >= OLD and not gone[i]:
            old[count] = i
            count += 1
    return gone | doubles(mean, C, (end - table.t) / SECOND, old[:count], SAME)
