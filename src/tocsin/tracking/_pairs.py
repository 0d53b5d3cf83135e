"""Which row may have made which plot of a look: sparse pairs inside the gate, and what each model says of each pair.

Arrays and scalars only; SI, ITRF. `start` (n + 1) says where each row's pairs begin, in order of rows. A row is
predicted to a plot's own time, unless carried on from its last prediction its range rules the plot out; that prediction
is kept, so that plots of one time cost one.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from tocsin.flight._kernels import radial_height
from tocsin.messages import Array
from tocsin.tracking._motion import BOOST, COAST, MODELS, predict_into
from tocsin.tracking._plot import factor_into, measure_into, norm, spread_into
from tocsin.tracking._rows import TURN, Rough, Rows
from tocsin.tracking.association import Indices

SIGMAS = 4.5  # of the first sorting by range and direction
FAINT = 1e-6  # weight of a model below which it claims no plot
FARTHEST = 4.0  # gates: beyond, a model's density is nothing beside the other's
# m over the ellipsoid, above which what coasts a few seconds on swerves by no more than SWERVE [m/s²] (the Earth's
# pull and what the turning axes add), and by how much more than its variance a range may then be off.
CLEAR, SWERVE, MARGIN = 200_000.0, 12.0, 1.2


class Plots(NamedTuple):
    """Plots of a look: `z` (m, 4), `sigmas` (m, 4), times (m,) [s] after its end, and their order by range."""

    z: Array
    sigmas: Array
    since: Array
    order: Indices


class Pairs(NamedTuple):
    """Pairs (e,): column, density and residual by model, least distance², how many numbers count; `start` (n + 1)."""

    start: Indices
    columns: Indices
    density: Array
    distance: Array
    residual: Array
    counts: Indices


class Factors(NamedTuple):
    """What a row's expectation is to all plots of one noise: lower factors (2, 4, 4), norms of density (2,), 0: none.

    `of` (2,): a plot of that noise, -1 before the first, and how many of its numbers count.
    """

    L: Array
    norm: Array
    of: Indices


class Predicted(NamedTuple):
    """The last prediction of each row: states (n, 2, 6), covariances (n, 2, 6, 6), weights (n, 2), times (n,) [s]."""

    x: Array
    P: Array
    mu: Array
    at: Array


@njit(cache=True, error_model="numpy")
def pairs(
    rows: Rows, near: Rough, plots: Plots, site: Array, enu_from_ecef: Array, gate: float, drag: float
) -> tuple[Pairs, Predicted]:
    """Return the pairs of rows and plots inside the gate, and each row's last prediction."""
    n, since, order, z, sigmas = len(rows.x), plots.since, plots.order, plots.z, plots.sigmas
    mean, spread, speed = near.mean, near.spread, near.speed
    found, room = 0, 4 * n + len(since) + 16
    start, columns, counts = np.zeros(n + 1, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    by_model, d2, residual = np.empty((room, MODELS)), np.empty(room), np.empty((room, MODELS, 4))
    last = Predicted(np.empty_like(rows.x), np.empty_like(rows.P), np.empty_like(rows.mu), np.full(n, np.nan))
    expected, S, work = np.empty((MODELS, 4)), np.empty((MODELS, 4, 4)), np.empty((5, 6, 6))
    H, K = np.zeros((4, 6)), np.empty((6, 4))
    factors = Factors(np.empty((MODELS, 4, 4)), np.zeros(MODELS), np.full(2, -1))
    r, reach, ranges = _places(plots, site, enu_from_ecef)
    away, widest = _widest(plots)
    for i in range(n):
        start[i] = found
        first, end = _band(mean, spread, speed, i, site, ranges, away, widest)
        at = np.nan
        for k in range(first, end):
            j = order[k]
            if not _is_near(mean, spread, speed, i, since[j], r, reach, j):
                continue
            if at != since[j]:
                if _is_out_of_range(
                    last.x, last.P, last.mu, i, since[j] - at, z[j, 0], sigmas[j, 0], site, gate
                ):
                    continue
                predict_into(
                    rows.x[i], rows.P[i], rows.mu[i], since[j] - rows.age[i], drag, last.x[i], last.P[i],
                    last.mu[i], work,
                )  # fmt: skip
                last.at[i] = at = since[j]
                _expect(last.x, last.P, last.mu, i, site, enu_from_ecef, expected, S, H, K)
                factors.of[0] = -1
            if found == len(columns):
                columns, counts = _longer_list(columns), _longer_list(counts)
                by_model, d2, residual = _longer(by_model), _longer(d2), _longer(residual)
            least, m = _weigh(i, j, last.mu, expected, S, plots, gate, found, residual, by_model, factors)
            if least <= gate:
                columns[found], counts[found], d2[found] = j, m, least
                found += 1
    start[n] = found
    return Pairs(start, columns[:found], by_model[:found], d2[:found], residual[:found], counts[:found]), last


@njit(cache=True, error_model="numpy")
def _places(plots: Plots, site: Array, enu_from_ecef: Array) -> tuple[Array, Array, Array]:
    """Return places (m, 3) of plots, how far each may be off (m,) [m], and their ranges in order."""
    m = len(plots.since)
    r, reach, ranges = np.empty((m, 3)), np.empty(m), np.empty(m)
    for k in range(m):
        ranges[k] = plots.z[plots.order[k], 0]
        z, sigmas = plots.z[k], plots.sigmas[k]
        level = z[0] * math.cos(z[2])
        e, n, u = level * math.sin(z[1]), level * math.cos(z[1]), z[0] * math.sin(z[2])
        for a in range(3):
            r[k, a] = site[a] + enu_from_ecef[0, a] * e + enu_from_ecef[1, a] * n + enu_from_ecef[2, a] * u
        reach[k] = sigmas[0] + z[0] * (sigmas[1] + sigmas[2])
    return r, reach, ranges


@njit(cache=True, error_model="numpy")
def _widest(plots: Plots) -> tuple[float, float]:
    """Return the longest time from the look's end [s] and the widest gate by range [m] of its plots."""
    away, widest = 0.0, 0.0
    for k in range(len(plots.since)):
        away = max(away, abs(plots.since[k]))
        widest = max(widest, SIGMAS * plots.sigmas[k, 0])
    return away, widest


@njit(cache=True, error_model="numpy")
def _band(
    mean: Array, spread: Array, speed: Array, i: int, site: Array, ranges: Array, away: float, widest: float
) -> tuple[int, int]:
    """Return where in the order of ranges the plots begin and end that row `i` could have made."""
    rho = math.sqrt((mean[i, 0] - site[0]) ** 2 + (mean[i, 1] - site[1]) ** 2 + (mean[i, 2] - site[2]) ** 2)
    fast = math.sqrt(mean[i, 3] ** 2 + mean[i, 4] ** 2 + mean[i, 5] ** 2) + speed[i] * SIGMAS
    reach = SIGMAS * spread[i] + fast * away + widest
    if not math.isfinite(reach + rho):
        return 0, 0
    return np.searchsorted(ranges, rho - reach), np.searchsorted(ranges, rho + reach)


@njit(cache=True, error_model="numpy")
def _is_near(
    mean: Array, spread: Array, speed: Array, i: int, dt: float, r: Array, reach: Array, j: int
) -> bool:
    """Say whether plot `j` lies within SIGMAS of row `i` carried `dt` on along its velocity.

    Here and in `_band` whole arrays are given: a view of a row, or a named tuple's field, costs as much as the rest.
    """
    place = spread[i] + abs(dt) * speed[i] + 0.5 * TURN * dt * dt
    off = 0.0
    for a in range(3):
        off += (mean[i, a] + dt * mean[i, 3 + a] - r[j, a]) ** 2
    limit = SIGMAS * (place + reach[j])
    return off < limit * limit


@njit(cache=True, error_model="numpy")
def _is_out_of_range(
    x: Array, P: Array, mu: Array, i: int, dt: float, measured: float, sigma: float, site: Array, gate: float
) -> bool:
    """Say whether a row that coasts above the air, predicted `dt` [s] earlier, surely has another range than a plot.

    No number for `dt`: it was not predicted yet.
    """
    if not math.isfinite(dt) or mu[i, BOOST] > 0.0:
        return False
    if not radial_height(x[i, COAST, 0], x[i, COAST, 1], x[i, COAST, 2]) > CLEAR:
        return False
    d0 = x[i, COAST, 0] + dt * x[i, COAST, 3] - site[0]
    d1 = x[i, COAST, 1] + dt * x[i, COAST, 4] - site[1]
    d2 = x[i, COAST, 2] + dt * x[i, COAST, 5] - site[2]
    rho = math.sqrt(d0 * d0 + d1 * d1 + d2 * d2)
    variance = sigma * sigma
    for a in range(3):
        u = (d0 if a == 0 else d1 if a == 1 else d2) / rho
        for b in range(3):
            w = (d0 if b == 0 else d1 if b == 1 else d2) / rho
            # Twice one half of the cross terms: u and w change places.
            moved = 2.0 * P[i, COAST, a, 3 + b] + dt * P[i, COAST, 3 + a, 3 + b]
            variance += u * w * (P[i, COAST, a, b] + dt * moved)
    off = abs(measured - rho) - 0.5 * SWERVE * dt * dt
    return off > 0.0 and off * off > MARGIN * gate * variance


@njit(cache=True, error_model="numpy")
def _expect(
    x: Array, P: Array, mu: Array, i: int, site: Array, enu_from_ecef: Array, expected: Array, S: Array, H: Array,
    K: Array,
) -> None:  # fmt: skip
    """Write what the models of a predicted row expect (2, 4) and its spread (2, 4, 4) without the plot's noise.

    `H` (4, 6), zero where it stays so, and `K` (6, 4) are scratch.
    """
    for model in range(MODELS):
        if mu[i, model] >= FAINT:
            measure_into(x[i, model], site, enu_from_ecef, expected[model], H)
            spread_into(P[i, model], H, K, S[model])


@njit(cache=True, error_model="numpy")
def _weigh(
    i: int, j: int, mu: Array, expected: Array, S: Array, plots: Plots, gate: float, e: int, residual: Array,
    by_model: Array, factors: Factors,
) -> tuple[float, int]:  # fmt: skip
    """Write residual (2, 4) and densities (2,) of pair `e` by model; return the least distance² and how many count.

    The distance is infinite beyond the gate. A number alone beyond it is enough, before any factor is worked out.
    Nothing is sliced: of a hundred thousand pairs, when many are born at once, views would cost the most.
    """
    z, sigmas = plots.z, plots.sigmas
    m = 4 if math.isfinite(sigmas[j, 3]) and math.isfinite(z[j, 3]) else 3
    coast = _alone(COAST, i, j, m, mu, expected, S, z, sigmas, e, residual)
    boost = _alone(BOOST, i, j, m, mu, expected, S, z, sigmas, e, residual)
    by_model[e, COAST] = by_model[e, BOOST] = 0.0
    if not min(coast, boost) <= gate:
        return np.inf, m
    if not _is_of(factors, sigmas, j, m):
        _factor(mu[i], S, sigmas, j, m, factors)
    least, total = np.inf, 0.0
    for model in range(MODELS):
        if (coast if model == COAST else boost) <= FARTHEST * gate and factors.norm[model] > 0.0:
            d2 = _distance(e, model, m, residual, factors.L)
            if d2 < np.inf:
                least = min(least, d2)
                by_model[e, model] = math.exp(-0.5 * d2) / factors.norm[model]
                total += mu[i, model] * by_model[e, model]
    return (least if total > 0.0 else np.inf), m


@njit(cache=True, error_model="numpy")
def _alone(
    model: int, i: int, j: int, m: int, mu: Array, expected: Array, S: Array, z: Array, sigmas: Array, e: int,
    residual: Array,
) -> float:  # fmt: skip
    """Write a model's residual (4,) of pair `e`; return the greatest distance² of its numbers, each by itself.

    What they make together is no less. It is infinite for a model that is as good as excluded.
    """
    for a in range(4):
        residual[e, model, a] = 0.0
    if mu[i, model] < FAINT:
        return np.inf
    most = 0.0
    for a in range(m):
        off = z[j, a] - expected[model, a]
        if a == 1:
            off = (off + np.pi) % (2.0 * np.pi) - np.pi
        residual[e, model, a] = off
        most = max(most, off * off / (S[model, a, a] + sigmas[j, a] * sigmas[j, a]))
    return most


@njit(cache=True, error_model="numpy")
def _distance(e: int, model: int, m: int, residual: Array, L: Array) -> float:
    """Return the Mahalanobis distance² of a model's residual of pair `e`; infinite where it is no number."""
    s0 = residual[e, model, 0] / L[model, 0, 0]
    s1 = (residual[e, model, 1] - L[model, 1, 0] * s0) / L[model, 1, 1]
    s2 = (residual[e, model, 2] - L[model, 2, 0] * s0 - L[model, 2, 1] * s1) / L[model, 2, 2]
    d2 = s0 * s0 + s1 * s1 + s2 * s2
    if m == 4:
        s3 = residual[e, model, 3] - L[model, 3, 0] * s0 - L[model, 3, 1] * s1 - L[model, 3, 2] * s2
        d2 += (s3 / L[model, 3, 3]) ** 2
    return d2 if math.isfinite(d2) else np.inf


@njit(cache=True, error_model="numpy")
def _is_of(factors: Factors, sigmas: Array, j: int, m: int) -> bool:
    """Say whether the factors that stand are of the noise of plot `j`, of which `m` numbers count."""
    of, same = factors.of[0], factors.of[0] >= 0 and factors.of[1] == m
    for a in range(m if same else 0):
        same = same and sigmas[of, a] == sigmas[j, a]
    return same


@njit(cache=True, error_model="numpy")
def _factor(prior: Array, S: Array, sigmas: Array, j: int, m: int, factors: Factors) -> None:
    """Work out the factors of a row's expectation for the noise of plot `j`, of which `m` numbers count."""
    factors.of[0], factors.of[1] = j, m
    for model in range(MODELS):
        factors.norm[model] = 0.0
        if prior[model] >= FAINT and factor_into(S[model], sigmas[j], m, factors.L[model]):
            factors.norm[model] = norm(factors.L[model], m)


@njit(cache=True, error_model="numpy")
def densities(found: Pairs, prior: Array) -> tuple[Indices, Array]:
    """Return the row (e,) of each pair and its density over the models."""
    rows, total = np.empty(len(found.density), dtype=np.int64), np.empty(len(found.density))
    for i in range(len(found.start) - 1):
        for e in range(found.start[i], found.start[i + 1]):
            rows[e] = i
            total[e] = prior[i, COAST] * found.density[e, COAST] + prior[i, BOOST] * found.density[e, BOOST]
    return rows, total


@njit(cache=True, error_model="numpy")
def _longer(a: Array) -> Array:
    """Return a copy with twice the room."""
    b = np.empty((2 * len(a), *a.shape[1:]), dtype=a.dtype)
    b[: len(a)] = a
    return b


@njit(cache=True, error_model="numpy")
def _longer_list(a: Indices) -> Indices:
    b = np.empty(2 * len(a), dtype=np.int64)
    b[: len(a)] = a
    return b
