"""The fit of a boost to lines of sight: residuals, their derivatives, Levenberg-Marquardt. Arrays only; SI, ITRF."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.messages import Array
from tocsin.sensors._kernels import sight_residual
from tocsin.tracking._boost import Law, carry, fly, natural, place, stand
from tocsin.tracking._clouds import below, emerged
from tocsin.tracking._variation import felt, slopes, vary
from tocsin.tracking.profile import LAUNCH_SCALE

BURN_EDGE = 0.5  # s, softness of 'it burned at the last sighting' and 'it was out at the first sure miss'
ENOUGH = 0.01  # of cost: a step that gains less ends the fit
CLOUDS = -1  # in place of a satellite's index
LONGEST_STEP = 6.0  # prior sigmas in one step of the fit


class Problem(NamedTuple):
    """Everything a fit is given, beside the parameters. Times [s on the track's clock] ascend.

    The class: prior `table` (1 + k, k), `stage_count`, `freedom` of its deviations, `duration`; the `reference` launch
    (4,) and its `height` [m]; the sights (n, ...): `times`, directions `u` with axes `e1`, `e2`, `platform`, `sigma`
    [rad], index of the `satellite`; `bias_sigma` [rad] of each; still burning at `seen`, gone out by `gone`;
    integration `step` [s]. A row whose satellite is CLOUDS says how likely what a look saw was of a source below and
    above `cloud_top` [m]: the first two numbers of its `u`; or, where the third is 1, that it was below a ceiling:
    its height and softness [m].
    """

    table: Array
    stage_count: int
    freedom: float
    duration: float
    reference: Array
    height: float
    times: Array
    u: Array
    e1: Array
    e2: Array
    platform: Array
    sigma: Array
    satellite: NDArray[np.int64]
    bias_sigma: Array
    seen: float
    gone: float
    step: float
    cloud_top: float = 0.0


@njit(cache=True, error_model="numpy")
def _edges(launch_time: float, stages: Array, seen: float, gone: float) -> tuple[float, float]:
    """Return the two soft constraints: still burning at `seen`, gone out by `gone` [s on the track's clock]."""
    end = launch_time + stages[-1, 0] + stages[-1, 1]
    return -max(0.0, seen - end) / BURN_EDGE, -max(0.0, end - gone) / BURN_EDGE


@njit(cache=True, error_model="numpy")
def residuals(w: Array, q: Problem) -> tuple[Array, Array]:
    """Return residuals (2n + 2,) in sigmas and predicted states (n, 6)."""
    launch = place(w, q.reference)
    pitch, stages, g, f = natural(w, q.table, q.stage_count, q.freedom)
    states = fly(launch, q.height, pitch, stages, g, f, q.duration, q.times - launch[2], q.step)
    return _compared(w, q, launch[2], stages, states), states


@njit(cache=True, error_model="numpy")
def _compared(w: Array, q: Problem, launch_time: float, stages: Array, states: Array) -> Array:
    """Return the residuals (2n + 2,) in sigmas of predicted states."""
    n = len(q.times)
    out = np.empty(2 * n + 2)
    first_bias = 24 + q.table.shape[1]
    for i in range(n):
        s = q.satellite[i]
        if s == CLOUDS:
            out[2 * i], _ = _told(q, i, states[i])
            out[2 * i + 1] = 0.0
            continue
        a, b = sight_residual(q.e1[i], q.e2[i], q.u[i], states[i, :3], q.platform[i])
        out[2 * i] = (a - q.bias_sigma[s] * w[first_bias + 2 * s]) / q.sigma[i]
        out[2 * i + 1] = (b - q.bias_sigma[s] * w[first_bias + 2 * s + 1]) / q.sigma[i]
    out[2 * n], out[2 * n + 1] = _edges(launch_time, stages, q.seen, q.gone)
    return out


@njit(cache=True, error_model="numpy")
def _told(q: Problem, i: int, x: Array) -> tuple[float, Array]:
    """Return the residual of a row that speaks of height, at the state `x`, and its derivative by place."""
    if q.u[i, 2] > 0.0:
        return below(x, q.u[i, 0], q.u[i, 1])
    return emerged(x, q.u[i, 0], q.u[i, 1], q.cloud_top)


@njit(cache=True, error_model="numpy")
def linearise(w: Array, free: NDArray[np.bool_], q: Problem) -> tuple[Array, Array, Array, Array]:
    """Return residuals (m,), their derivative (m, p), the states (n, 6) and the last state's derivative (6, p).

    Place and heading turn the flight as a rigid body (Coriolis change neglected, under 1 %), a later launch moves it
    back along itself, bias is constant; the profile's columns follow the variational equations. Columns that are not
    `free` stay zero.
    """
    launch = place(w, q.reference)
    times = q.times - launch[2]
    pitch, stages, g, f = natural(w, q.table, q.stage_count, q.freedom)
    plane, x = stand(launch, q.height)
    states = np.empty((len(times), 6))
    nodes = np.empty((int(max(times[-1], 0.0) / q.step) + 4 * q.stage_count + 8, 8))
    law = Law(pitch, stages, g, f, q.duration, plane)
    nodes = nodes[: carry(x, 0.0, 0, law, times, q.step, states, nodes)]
    r = _compared(w, q, launch[2], stages, states)
    J, last = np.zeros((len(r), len(w))), np.zeros((6, len(w)))
    _turned(w, q, states, J, last)
    _delayed(q, law, launch[2], states, nodes, J, last)
    _biased(free, q, J)
    _profiled(w, free, q, law, launch[2], times, nodes, states, J, last)
    return r, J, states, last


@njit(cache=True, error_model="numpy")
def _seen(q: Problem, i: int, x: Array, d0: float, d1: float, d2: float) -> tuple[float, float]:
    """Return what a shift of place at the state `x` does to the two residuals of sight `i`."""
    if q.satellite[i] == CLOUDS:
        _, slope = _told(q, i, x)
        return slope[0] * d0 + slope[1] * d1 + slope[2] * d2, 0.0
    rho = np.sqrt(np.sum((x[:3] - q.platform[i]) ** 2)) * q.sigma[i]
    e1, e2 = q.e1[i], q.e2[i]
    return -(e1[0] * d0 + e1[1] * d1 + e1[2] * d2) / rho, -(e2[0] * d0 + e2[1] * d1 + e2[2] * d2) / rho


@njit(cache=True, error_model="numpy")
def _profiled(
    w: Array, free: NDArray[np.bool_], q: Problem, law: Law, launch_time: float, times: Array, nodes: Array,
    states: Array, J: Array, last: Array,
) -> None:  # fmt: skip
    """Fill the columns of the profile."""
    n, width = len(times), q.table.shape[1] + 20
    s = slopes(w, q.table, q.freedom, law)
    moved = np.empty((n, 3, width))
    final = vary(law, s, nodes, times, moved)
    for k in range(width):
        if not free[4 + k]:
            continue
        for i in range(n):
            J[2 * i, 4 + k], J[2 * i + 1, 4 + k] = _seen(
                q, i, states[i], moved[i, 0, k], moved[i, 1, k], moved[i, 2, k]
            )
        last[:, 4 + k] = final[:, k]
        _ended(q, launch_time, law.stages, s.stages[-1, 0, k] + s.stages[-1, 1, k], J[:, 4 + k])


@njit(cache=True, error_model="numpy")
def _ended(q: Problem, launch_time: float, stages: Array, later: float, column: Array) -> None:
    """Write what an end of the burn that comes `later` [s] does to the two soft constraints."""
    end = launch_time + stages[-1, 0] + stages[-1, 1]
    column[-2] = later / BURN_EDGE if end < q.seen else 0.0
    column[-1] = -later / BURN_EDGE if end > q.gone else 0.0


@njit(cache=True, error_model="numpy")
def _delayed(
    q: Problem, law: Law, launch_time: float, states: Array, nodes: Array, J: Array, last: Array
) -> None:
    """Fill the column of the launch time: the flight is the same, later."""
    scale = LAUNCH_SCALE[2]
    for i in range(len(states)):
        v = -scale * states[i, 3:]
        J[2 * i, 2], J[2 * i + 1, 2] = _seen(q, i, states[i], v[0], v[1], v[2])
    if len(nodes):
        last[:3, 2] = -scale * states[-1, 3:]
        felt(states[-1], law, int(nodes[-1, 7]), nodes[-1, 0] - 1e-6, last[3:, 2])
        last[3:, 2] *= -scale
    _ended(q, launch_time, law.stages, scale, J[:, 2])


@njit(cache=True, error_model="numpy")
def _biased(free: NDArray[np.bool_], q: Problem, J: Array) -> None:
    """Fill the columns of the pointing biases."""
    first = 24 + q.table.shape[1]
    for i in range(len(q.times)):
        s = q.satellite[i]
        if s != CLOUDS and free[first + 2 * s]:
            J[2 * i, first + 2 * s] = J[2 * i + 1, first + 2 * s + 1] = -q.bias_sigma[s] / q.sigma[i]


@njit(cache=True, error_model="numpy")
def _turned(w: Array, q: Problem, states: Array, J: Array, last: Array) -> None:
    """Fill the columns of north, east (a turn about the Earth's centre) and heading (about the pad's vertical)."""
    launch = place(w, q.reference)
    axes = enu_from_ecef(launch[0], launch[1])
    pad = ecef_from_geodetic(launch[0], launch[1], q.height)
    radius = np.sqrt(np.sum(pad**2))
    for k in (0, 1, 3):
        pivot = np.zeros(3)
        if k == 0:
            spin = -axes[0] * LAUNCH_SCALE[0] / radius
        elif k == 1:
            spin = axes[1] * LAUNCH_SCALE[1] / radius
        else:
            spin = -axes[2] * LAUNCH_SCALE[3]
            pivot = pad
        for i in range(len(q.times)):
            if q.satellite[i] == CLOUDS:
                continue  # a turn changes no height
            d = np.cross(spin, states[i, :3] - pivot)
            rho = np.sqrt(np.sum((states[i, :3] - q.platform[i]) ** 2))
            J[2 * i, k] = -np.dot(q.e1[i], d) / rho / q.sigma[i]
            J[2 * i + 1, k] = -np.dot(q.e2[i], d) / rho / q.sigma[i]
        last[:3, k] = np.cross(spin, states[-1, :3] - pivot)
        last[3:, k] = np.cross(spin, states[-1, 3:])


@njit(cache=True, error_model="numpy")
def fit(
    w: Array, free: NDArray[np.bool_], iterations: int, q: Problem
) -> tuple[Array, float, Array, Array, Array]:
    """Run Levenberg-Marquardt: return (w, cost, information H (p, p), states (n, 6), last state's derivative (6, p)).

    `cost`: sum of squared residuals and prior terms in sigmas. H belongs to the returned `w`; parameters that are not
    free have unit information. Stops early once a step gains little cost.
    """
    w = w.copy()
    damping = 1e-3
    moving = np.flatnonzero(free)
    r, J, states, last = linearise(w, free, q)
    cost = float(np.sum(r * r) + np.sum(w[4:] ** 2))
    for _ in range(iterations):
        if not np.isfinite(cost):
            break
        trial, cost_new, damping = _descend(w, cost, r, J, moving, damping, q)
        gained = cost - cost_new
        if gained <= 0.0:
            break
        w = trial
        cost = cost_new
        r, J, states, last = linearise(w, free, q)
        if gained < ENOUGH:
            break
    return w, cost, _information(J, np.arange(len(w))), states, last


@njit(cache=True, error_model="numpy")
def _information(J: Array, of: NDArray[np.int64]) -> Array:
    """Return JᵀJ of some parameters with their prior: unit if whitened, next to nothing for the four flat ones."""
    part = J[:, of]
    H = part.T @ part
    for k in range(len(of)):
        H[k, k] += 1.0 if of[k] >= 4 else 1e-12
    return H


@njit(cache=True, error_model="numpy")
def _descend(
    w: Array, cost: float, r: Array, J: Array, moving: NDArray[np.int64], damping: float, q: Problem
) -> tuple[Array, float, float]:
    """Try damped steps until one lowers the cost: return it with its cost and the next damping, else `w` itself."""
    H = _information(J, moving)
    gradient = J[:, moving].T @ r
    for k in range(len(moving)):
        if moving[k] >= 4:
            gradient[k] += w[moving[k]]
    for _ in range(6):
        A = H.copy()
        for k in range(len(moving)):
            A[k, k] *= 1.0 + damping
            if moving[k] < 4:
                A[k, k] += damping * 1e-3
        move = -np.linalg.solve(A, gradient)
        largest = np.max(np.abs(move))
        if largest > LONGEST_STEP:
            move *= LONGEST_STEP / largest
        trial = w.copy()
        trial[moving] += move
        r_new, _ = residuals(trial, q)
        cost_new = np.sum(r_new * r_new) + np.sum(trial[4:] ** 2)
        if cost_new < cost:
            return trial, cost_new, max(damping * 0.2, 1e-7)
        damping = min(damping * 8.0, 1e8)
    return w, cost, damping
