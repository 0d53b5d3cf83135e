"""One look of a radar against all rows: who may have made which plot, and what each row learns of it.

Arrays and scalars only; SI, ITRF. Pairs are sparse: `start` (n + 1) says where each row's pairs begin, in order of
rows. A row is predicted to a plot's own time; the last prediction is kept, so that plots of one time cost one.
"""

import math

import numpy as np
from numba import njit

from tocsin.flight._kernels import DRAG_CEILING, radial_height
from tocsin.messages import Array
from tocsin.sensors._kernels import radar_predict
from tocsin.tracking._motion import BOOST, BOOST_THRUST, COAST, MODELS, predict_into
from tocsin.tracking.association import Flags, Indices

SIGMAS = 4.5  # of the first sorting by range and direction
TURN = 60.0  # m/s², what a body's acceleration may differ from its velocity carried on, in the first sorting
FAINT = 1e-6  # weight of a model below which it claims no plot
LIGHT = 0.02  # marginal below which a plot moves no row (raid-association, life cycle)
SETTLED = (
    1e-3  # weight of the boost below which a row of more than YOUNG plots is carried without it (the same)
)
YOUNG = 4
DOUBTED = (
    0.9985  # existence below which a row may have begun to burn: the second miss in a row (our assumption)
)
TOGETHER = 10.0  # of the limit by single numbers, for rows to be one by all of them together (our assumption)
EDGE_SHARE = 0.02  # of the detection probability left just outside the sector (the same)


@njit(cache=True, error_model="numpy")
def rough(x: Array, P: Array, mu: Array, dt: Array) -> tuple[Array, Array, Array]:
    """Return means (n, 6), sigmas of place [m] and speed (n,) of rows `dt` (n,) [s] on, for a first sorting."""
    n = len(dt)
    mean, spread, speed = np.empty((n, 6)), np.empty(n), np.empty(n)
    for i in range(n):
        h = dt[i]
        for k in range(6):
            mean[i, k] = mu[i, 0] * x[i, 0, k] + mu[i, 1] * x[i, 1, k]
        r = math.sqrt(mean[i, 0] ** 2 + mean[i, 1] ** 2 + mean[i, 2] ** 2)
        v = math.sqrt(mean[i, 3] ** 2 + mean[i, 4] ** 2 + mean[i, 5] ** 2) + 1e-9
        thrust = mu[i, 1] * BOOST_THRUST / v
        place, fast = 0.0, 0.0
        for k in range(3):
            a = thrust * mean[i, 3 + k] - 9.5 * mean[i, k] / r
            mean[i, k] += h * mean[i, 3 + k] + 0.5 * h * h * a
            mean[i, 3 + k] += h * a
        for k in range(3):  # the Frobenius norm bounds the longest axis
            for m in range(3):
                place += _joint(x[i], P[i], mu[i], k, m) ** 2
                fast += _joint(x[i], P[i], mu[i], 3 + k, 3 + m) ** 2
        place, fast = math.sqrt(place), math.sqrt(fast)
        loose = mu[i, 1] > 0.0 or radial_height(mean[i, 0], mean[i, 1], mean[i, 2]) < DRAG_CEILING
        speed[i] = math.sqrt(fast)
        spread[i] = math.sqrt(place) + speed[i] * abs(h) + (0.5 * TURN * h * h if loose else 0.0)
    return mean, spread, speed


@njit(cache=True, error_model="numpy")
def _joint(x: Array, P: Array, mu: Array, k: int, m: int) -> float:
    """Return an element of a row's covariance over its models."""
    apart = mu[0] * mu[1] * (x[0, k] - x[1, k]) * (x[0, m] - x[1, m])
    return mu[0] * P[0, k, m] + mu[1] * P[1, k, m] + apart


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


@njit(cache=True, error_model="numpy")
def chance(
    mean: Array,
    spread: Array,
    site: Array,
    enu_from_ecef: Array,
    sector: Array,
    range_max: float,
    probability: float,
) -> Array:
    """Return the probability (n,) that a look plots each row: full in range and sector, falling off across the edge.

    `sector` (4,): azimuth from and width, elevation from and to [rad]. The row's own spread blurs the lower edge.
    """
    n = len(mean)
    result = np.empty(n)
    for i in range(n):
        rho, azimuth, elevation, _ = radar_predict(mean[i], site, enu_from_ecef)
        inside = 1.0
        if rho > range_max or (azimuth - sector[0]) % (2.0 * np.pi) > sector[1] or elevation > sector[3]:
            inside = 0.0
        sigma = max(spread[i] / rho, 1e-6)
        above = 0.5 * math.erfc((sector[2] - elevation) / sigma / math.sqrt(2.0))
        result[i] = probability * inside * (above if above > EDGE_SHARE else 0.0)
        if not math.isfinite(result[i]):
            result[i] = 0.0
    return result


@njit(cache=True, error_model="numpy")
def pairs(
    x: Array,
    P: Array,
    mu: Array,
    age: Array,
    mean: Array,
    spread: Array,
    speed: Array,
    z: Array,
    sigmas: Array,
    since: Array,
    order: Indices,
    ranges: Array,
    site: Array,
    enu_from_ecef: Array,
    gate: float,
    drag: float,
) -> tuple[Indices, Indices, Array, Array, Array, Array, Indices, Array, Array, Array, Array]:
    """Return the pairs of rows and plots inside the gate, and each row's last prediction.

    `age` (n,), `since` (m,): times of rows and plots on one clock [s], at whose zero `mean` and `spread` hold; `order`
    sorts the plots by range, `ranges` are theirs. Of each pair: start (n + 1), column, density by model (e, 2), least
    distance², residuals by model (e, 2, 4), S (e, 4, 4) of the nearer model and how many numbers count. Of each row:
    states, covariances, weights and time of its prediction.
    """  # fmt: skip
    n, plots = len(x), len(order)
    most = max(4 * n, 16)
    start = np.zeros(n + 1, dtype=np.int64)
    columns, counts = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    density, distance = np.empty((most, MODELS)), np.empty(most)
    residual, covariance = np.empty((most, MODELS, 4)), np.empty((most, 4, 4))
    y, C, prior, at = np.empty_like(x), np.empty_like(P), np.empty_like(mu), np.full(n, np.nan)
    work = np.empty((5, 6, 6))
    H, S, K, L = np.zeros((4, 6)), np.empty((4, 4)), np.empty((6, 4)), np.empty((4, 4))
    widest = 0.0
    for k in range(plots):
        widest = max(widest, SIGMAS * sigmas[order[k], 0])
    away = 0.0
    for k in range(plots):
        away = max(away, abs(since[k]))
    found = 0
    for i in range(n):
        start[i] = found
        enu = _enu(mean[i], site, enu_from_ecef)
        rho = math.sqrt(enu[0] ** 2 + enu[1] ** 2 + enu[2] ** 2)
        fast = math.sqrt(mean[i, 3] ** 2 + mean[i, 4] ** 2 + mean[i, 5] ** 2) + speed[i] * SIGMAS
        reach = SIGMAS * spread[i] + fast * away + widest
        if not math.isfinite(reach + rho):
            continue
        begin, last = np.searchsorted(ranges, rho - reach), np.searchsorted(ranges, rho + reach)
        for k in range(begin, last):
            j = order[k]
            if not _near(mean[i], spread[i], speed[i], since[j], z[j], sigmas[j], site, enu_from_ecef):
                continue
            if at[i] != since[j]:
                predict_into(x[i], P[i], mu[i], since[j] - age[i], drag, y[i], C[i], prior[i], work)
                at[i] = since[j]
            if found == len(columns):
                columns, counts = _longer_list(columns), _longer_list(counts)
                density, distance = _longer(density), _longer(distance)
                residual, covariance = _longer(residual), _longer(covariance)
            least, total = np.inf, 0.0
            for model in range(MODELS):
                density[found, model] = 0.0
                if prior[i, model] < FAINT:
                    residual[found, model] = 0.0
                    continue
                m = residual_into(
                    y[i, model], z[j], sigmas[j], site, enu_from_ecef, residual[found, model], H
                )
                innovation_into(C[i, model], H, sigmas[j], m, K, S)
                if not _cholesky(S, m, L):
                    continue
                value, d2 = _density(residual[found, model], L, m)
                density[found, model] = value
                total += prior[i, model] * value
                if d2 < least:
                    least = d2
                    covariance[found] = S
                    counts[found] = m
            if least <= gate and total > 0.0:
                columns[found] = j
                distance[found] = least
                found += 1
    start[n] = found
    return (
        start, columns[:found], density[:found], distance[:found], residual[:found], covariance[:found],
        counts[:found], y, C, prior, at,
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def densities(start: Indices, density: Array, prior: Array) -> tuple[Indices, Array]:
    """Return the row (e,) of each pair and its density over the models."""
    rows, total = np.empty(len(density), dtype=np.int64), np.empty(len(density))
    for i in range(len(start) - 1):
        for e in range(start[i], start[i + 1]):
            rows[e] = i
            total[e] = prior[i, COAST] * density[e, COAST] + prior[i, BOOST] * density[e, BOOST]
    return rows, total


@njit(cache=True, error_model="numpy")
def update(
    x: Array,
    P: Array,
    mu: Array,
    age: Array,
    plots: Indices,
    mature: int,
    drag: float,
    start: Indices,
    columns: Indices,
    density: Array,
    residual: Array,
    p: Array,
    none: Array,
    chosen: Indices,
    y: Array,
    C: Array,
    prior: Array,
    at: Array,
    z: Array,
    sigmas: Array,
    since: Array,
    seen: Array,
    r: Array,
    site: Array,
    enu_from_ecef: Array,
) -> Flags:
    """Let every row learn from its plots, in place; return which rows were touched.

    `p` (e,), `none` (n,): marginals; `chosen` (n,): the pair of the best joint assignment, or -1. A row of fewer than
    `mature` plots takes its chosen plot and no other, an older one the mixture of all its plots and of a miss, moments
    matched model by model. A row carried without the boost takes it up again when misses make it doubtful (`r`).
    """  # fmt: skip
    n = len(x)
    touched = np.zeros(n, dtype=np.bool_)
    work = np.empty((5, 6, 6))
    H, S, K = np.zeros((4, 6)), np.empty((4, 4)), np.empty((6, 4))
    L, A, T, U = np.empty((4, 4)), np.empty((6, 6)), np.empty((6, 6)), np.empty((4, 4))
    mean = np.empty(4)
    for i in range(n):
        lead = chosen[i]
        soft = plots[i] >= mature
        if soft and lead < 0:
            for e in range(start[i], start[i + 1]):
                if p[e] > LIGHT and (lead < 0 or p[e] > p[lead]):
                    lead = e
        if lead < 0:
            if seen[i] > 0.5 and r[i] < DOUBTED and mu[i, BOOST] == 0.0:
                x[i, BOOST], P[i, BOOST] = x[i, COAST], P[i, COAST]
                mu[i, COAST], mu[i, BOOST] = 1.0 - SETTLED, SETTLED
            continue
        t = since[columns[lead]]
        if at[i] != t:
            predict_into(x[i], P[i], mu[i], t - age[i], drag, y[i], C[i], prior[i], work)
            at[i] = t
        _learn(
            x[i], P[i], mu[i], y[i], C[i], prior[i], lead, soft, start[i], start[i + 1], columns, density, residual, p,
            none[i], z, sigmas, site, enu_from_ecef, H, S, K, L, A, T, U, mean,
        )  # fmt: skip
        age[i] = t
        touched[i] = True
        if plots[i] > YOUNG and mu[i, BOOST] < SETTLED:
            mu[i, COAST], mu[i, BOOST] = 1.0, 0.0
    return touched


@njit(cache=True, error_model="numpy")
def _learn(
    x: Array, P: Array, mu: Array, y: Array, C: Array, prior: Array, lead: int, soft: bool, first: int, last: int,
    columns: Indices, density: Array, residual: Array, p: Array, none: float, z: Array, sigmas: Array, site: Array,
    enu_from_ecef: Array, H: Array, S: Array, K: Array, L: Array, A: Array, T: Array, U: Array, mean: Array,
) -> None:  # fmt: skip
    """Write one row's state after its plots: each model by its own gain, the weights by what each model explains."""
    total = 0.0
    for model in range(MODELS):
        if prior[model] < FAINT:
            x[model], P[model] = y[model], C[model]
            mu[model] = prior[model] * (none if soft else 0.0)
            continue
        j = columns[lead]
        m = residual_into(y[model], z[j], sigmas[j], site, enu_from_ecef, mean, H)
        innovation_into(C[model], H, sigmas[j], m, K, S)
        if not _cholesky(S, m, L):
            x[model], P[model] = y[model], C[model]
            mu[model] = 0.0
            continue
        _gain(K, L, m)
        weight = prior[model] * density[lead, model]
        missed = 0.0
        U[:] = 0.0
        if soft:
            missed = none * prior[model]
            weight = _mixed(model, prior, first, last, columns, density, residual, p, missed, m, mean, U)
        for k in range(6):
            step = 0.0
            for a in range(m):
                step += K[k, a] * mean[a]
            x[model, k] = y[model, k] + step
        part = missed / weight if weight > 0.0 else 0.0
        _joseph(C[model], K, H, sigmas[j], m, part, U, P[model], A, T)
        mu[model] = weight
        total += weight
    if total > 0.0:
        mu[COAST] /= total
        mu[BOOST] /= total
    else:
        mu[:] = prior


@njit(cache=True, error_model="numpy")
def _mixed(
    model: int, prior: Array, first: int, last: int, columns: Indices, density: Array, residual: Array, p: Array,
    missed: float, m: int, mean: Array, U: Array,
) -> float:  # fmt: skip
    """Write the mean residual over plots and a miss into `mean`, its spread into `U`; return the model's weight."""
    weight = missed
    mean[:] = 0.0
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
def _joseph(
    C: Array, K: Array, H: Array, sigmas: Array, m: int, missed: float, U: Array, P: Array, A: Array, T: Array
) -> None:
    """Write `missed` of the prior and the rest updated (Joseph's form), and the spread of the means, into `P`."""
    for k in range(6):
        for n in range(6):
            a = 1.0 if k == n else 0.0
            for b in range(m):
                a -= K[k, b] * H[b, n]
            A[k, n] = a
    for k in range(6):
        for n in range(6):
            T[k, n] = 0.0
        for q in range(6):
            for n in range(6):
                T[k, n] += A[k, q] * C[q, n]
    for k in range(6):
        for n in range(k + 1):
            value = 0.0
            for q in range(6):
                value += T[k, q] * A[n, q]
            apart = 0.0
            for a in range(m):
                value += K[k, a] * sigmas[a] ** 2 * K[n, a]
                for b in range(m):
                    apart += K[k, a] * U[a, b] * K[n, b]
            P[k, n] = (1.0 - missed) * value + missed * C[k, n] + apart
            P[n, k] = P[k, n]


@njit(cache=True, error_model="numpy")
def residual_into(
    x: Array, z: Array, sigmas: Array, site: Array, enu_from_ecef: Array, residual: Array, H: Array
) -> int:
    """Write residual (4,) and H (4, 6) of a plot against a state; return how many numbers count, 3 without Doppler.

    Straight overhead azimuth has no derivative; there the horizontal distance is held at a millionth of the range.
    """
    d0, d1, d2 = x[0] - site[0], x[1] - site[1], x[2] - site[2]
    e = enu_from_ecef[0, 0] * d0 + enu_from_ecef[0, 1] * d1 + enu_from_ecef[0, 2] * d2
    n = enu_from_ecef[1, 0] * d0 + enu_from_ecef[1, 1] * d1 + enu_from_ecef[1, 2] * d2
    u = enu_from_ecef[2, 0] * d0 + enu_from_ecef[2, 1] * d1 + enu_from_ecef[2, 2] * d2
    rho = math.sqrt(e * e + n * n + u * u)
    ground = max(math.sqrt(e * e + n * n), 1e-6 * rho)
    residual[0] = z[0] - rho
    residual[1] = (z[1] - math.atan2(e, n) + np.pi) % (2.0 * np.pi) - np.pi
    residual[2] = z[2] - math.atan2(u, math.sqrt(e * e + n * n))
    residual[3] = 0.0
    for k in range(3):
        unit = (d0 if k == 0 else d1 if k == 1 else d2) / rho
        H[0, k] = unit
        H[1, k] = (enu_from_ecef[0, k] * n - enu_from_ecef[1, k] * e) / (ground * ground)
        H[2, k] = (enu_from_ecef[2, k] - unit * u / rho) / ground
    if not (math.isfinite(sigmas[3]) and math.isfinite(z[3])):
        return 3
    rate = (d0 * x[3] + d1 * x[4] + d2 * x[5]) / rho
    residual[3] = z[3] - rate
    for k in range(3):
        H[3, k] = (x[3 + k] - H[0, k] * rate) / rho
        H[3, 3 + k] = H[0, k]
    return 4


@njit(cache=True, error_model="numpy")
def innovation_into(P: Array, H: Array, sigmas: Array, m: int, K: Array, S: Array) -> None:
    """Write P Hᵀ (6, m) into `K` and H P Hᵀ + R (m, m) into `S`; the rest of `S` is zero."""
    for k in range(6):
        for a in range(m):
            total = P[k, 0] * H[a, 0] + P[k, 1] * H[a, 1] + P[k, 2] * H[a, 2]
            if a == 3:
                total += P[k, 3] * H[a, 3] + P[k, 4] * H[a, 4] + P[k, 5] * H[a, 5]
            K[k, a] = total
    S[:] = 0.0
    for a in range(m):
        for b in range(m):
            total = H[a, 0] * K[0, b] + H[a, 1] * K[1, b] + H[a, 2] * K[2, b]
            if a == 3:
                total += H[a, 3] * K[3, b] + H[a, 4] * K[4, b] + H[a, 5] * K[5, b]
            S[a, b] = total
        S[a, a] += sigmas[a] * sigmas[a]


@njit(cache=True, error_model="numpy")
def _cholesky(S: Array, m: int, L: Array) -> bool:
    """Write the lower factor of `S` (m, m) into `L`; say whether there is one."""
    for a in range(m):
        for b in range(a + 1):
            total = S[a, b]
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
def _density(residual: Array, L: Array, m: int) -> tuple[float, float]:
    """Return the Gaussian density of a residual and its Mahalanobis distance², S = L Lᵀ."""
    s0 = residual[0] / L[0, 0]
    s1 = (residual[1] - L[1, 0] * s0) / L[1, 1]
    s2 = (residual[2] - L[2, 0] * s0 - L[2, 1] * s1) / L[2, 2]
    d2 = s0 * s0 + s1 * s1 + s2 * s2
    root = L[0, 0] * L[1, 1] * L[2, 2]
    norm = (2.0 * np.pi) ** 1.5
    if m == 4:
        s3 = (residual[3] - L[3, 0] * s0 - L[3, 1] * s1 - L[3, 2] * s2) / L[3, 3]
        d2 += s3 * s3
        root *= L[3, 3]
        norm = (2.0 * np.pi) ** 2
    if not math.isfinite(d2):
        return 0.0, np.inf
    return math.exp(-0.5 * d2) / (norm * root), d2


@njit(cache=True, error_model="numpy")
def _gain(K: Array, L: Array, m: int) -> None:
    """Turn P Hᵀ (6, m) into the gain P Hᵀ S⁻¹ in place, S = L Lᵀ."""
    for k in range(6):
        for a in range(m):
            total = K[k, a]
            for b in range(a):
                total -= L[a, b] * K[k, b]
            K[k, a] = total / L[a, a]
        for a in range(m - 1, -1, -1):
            total = K[k, a]
            for b in range(a + 1, m):
                total -= L[b, a] * K[k, b]
            K[k, a] = total / L[a, a]


@njit(cache=True, error_model="numpy")
def _enu(x: Array, site: Array, E: Array) -> tuple[float, float, float]:
    d0, d1, d2 = x[0] - site[0], x[1] - site[1], x[2] - site[2]
    return (
        E[0, 0] * d0 + E[0, 1] * d1 + E[0, 2] * d2,
        E[1, 0] * d0 + E[1, 1] * d1 + E[1, 2] * d2,
        E[2, 0] * d0 + E[2, 1] * d1 + E[2, 2] * d2,
    )


@njit(cache=True, error_model="numpy")
def _near(
    mean: Array, spread: float, speed: float, dt: float, z: Array, sigmas: Array, site: Array, E: Array
) -> bool:
    """Say whether a plot lies within SIGMAS of a row carried `dt` on along its velocity, in range and direction."""
    place = spread + abs(dt) * speed + 0.5 * TURN * dt * dt
    d0 = mean[0] + dt * mean[3] - site[0]
    d1 = mean[1] + dt * mean[4] - site[1]
    d2 = mean[2] + dt * mean[5] - site[2]
    rho = math.sqrt(d0 * d0 + d1 * d1 + d2 * d2)
    if abs(z[0] - rho) > SIGMAS * (place + sigmas[0]):
        return False
    level = z[0] * math.cos(z[2])
    e, n, u = level * math.sin(z[1]), level * math.cos(z[1]), z[0] * math.sin(z[2])
    off = (
        (E[0, 0] * d0 + E[0, 1] * d1 + E[0, 2] * d2 - e) ** 2
        + (E[1, 0] * d0 + E[1, 1] * d1 + E[1, 2] * d2 - n) ** 2
        + (E[2, 0] * d0 + E[2, 1] * d1 + E[2, 2] * d2 - u) ** 2
    )
    reach = SIGMAS * (place + sigmas[0] + z[0] * (sigmas[1] + sigmas[2]))
    return off < reach * reach


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


@njit(cache=True, error_model="numpy")
def moments(x: Array, P: Array, mu: Array) -> tuple[Array, Array]:
    """Return means (n, 6) and covariances (n, 6, 6) of rows over their models."""
    n = len(x)
    mean, C = np.empty((n, 6)), np.empty((n, 6, 6))
    for i in range(n):
        for k in range(6):
            mean[i, k] = mu[i, 0] * x[i, 0, k] + mu[i, 1] * x[i, 1, k]
        both = mu[i, 0] * mu[i, 1]
        for k in range(6):
            for m in range(6):
                apart = both * (x[i, 0, k] - x[i, 1, k]) * (x[i, 0, m] - x[i, 1, m])
                C[i, k, m] = mu[i, 0] * P[i, 0, k, m] + mu[i, 1] * P[i, 1, k, m] + apart
    return mean, C


@njit(cache=True, error_model="numpy")
def doubles(mean: Array, C: Array, ahead: Array, candidates: Indices, limit: float) -> Flags:
    """Mark of two candidate rows whose states agree the later: Σ Δ²/(P_a + P_b) < `limit` over the six numbers.

    And the whole of Δ'(P_a + P_b)⁻¹Δ < `TOGETHER` times that: bodies that a radar holds apart in range alone are one by
    the six numbers, whose spreads are those of its angles. Rows of different age are brought to one time along their
    velocity, `ahead` (n,) [s]. `candidates`: older first.
    """
    double = np.zeros(len(mean), dtype=np.bool_)
    x, L = np.empty((len(candidates), 6)), np.empty((6, 6))
    for a, i in enumerate(candidates):
        for k in range(3):
            x[a, k] = mean[i, k] + ahead[i] * mean[i, 3 + k]
            x[a, 3 + k] = mean[i, 3 + k]
    for b in range(1, len(candidates)):
        j = candidates[b]
        for a in range(b):
            i = candidates[a]
            if double[i]:
                continue
            d2 = 0.0
            for k in range(6):
                d2 += (x[a, k] - x[b, k]) ** 2 / (C[i, k, k] + C[j, k, k])
                if d2 >= limit:
                    break
            if d2 < limit and _between(x[a] - x[b], C[i] + C[j], L) < TOGETHER * limit:
                double[j] = True
                break
    return double


@njit(cache=True, error_model="numpy")
def _between(d: Array, S: Array, L: Array) -> float:
    """Return d' S⁻¹ d (6,), (6, 6); 0 where S has no factor. `L` (6, 6) is scratch."""
    if not _cholesky(S, 6, L):
        return 0.0
    total = 0.0
    for k in range(6):
        left = d[k]
        for m in range(k):
            left -= L[k, m] * d[m]
        d[k] = left / L[k, k]
        total += d[k] * d[k]
    return total


@njit(cache=True, error_model="numpy")
def sound(x: Array, P: Array, mu: Array) -> Flags:
    """Say of each row whether its numbers are finite, its variances positive and its correlations possible."""
    n = len(x)
    good = np.ones(n, dtype=np.bool_)
    for i in range(n):
        for j in range(MODELS):
            if mu[i, j] == 0.0:
                continue
            for k in range(6):
                if not (math.isfinite(x[i, j, k]) and P[i, j, k, k] > 0.0 and math.isfinite(P[i, j, k, k])):
                    good[i] = False
                for m in range(k):
                    if not P[i, j, k, m] ** 2 <= P[i, j, k, k] * P[i, j, m, m] * (1.0 + 1e-6):
                        good[i] = False
        if not math.isfinite(mu[i, 0] + mu[i, 1]):
            good[i] = False
    return good
