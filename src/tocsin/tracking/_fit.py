"""The fit of a boost to lines of sight: residuals, their derivatives, Levenberg-Marquardt. Arrays only; SI, ITRF."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.messages import Array
from tocsin.sensors._kernels import sight_residual
from tocsin.tracking._boost import FIRST_STAGE, carry, fly, natural, place, stand
from tocsin.tracking.profile import KNOTS, LAUNCH_SCALE

BURN_EDGE = 0.5  # s, softness of 'it burned at the last sighting' and 'it was out at the first sure miss'
DIFFERENCE = 2e-3  # prior sigmas, of forward differences
ENOUGH = 0.01  # of cost: a step that gains less ends the fit
LONGEST_STEP = 6.0  # prior sigmas in one step of the fit


class Problem(NamedTuple):
    """Everything a fit is given, beside the parameters. Times [s on the track's clock] ascend.

    The class: prior `table` (1 + k, k), `stage_count`, `duration`; the `reference` launch (4,) and its `height` [m];
    the sights (n, ...): `times`, directions `u` with axes `e1`, `e2`, `platform`, `sigma` [rad], index of the
    `satellite`; `bias_sigma` [rad] of each; still burning at `seen`, gone out by `gone`; integration `step` [s].
    """

    table: Array
    stage_count: int
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


@njit(cache=True, error_model="numpy")
def _edges(launch_time: float, stages: Array, seen: float, gone: float) -> tuple[float, float]:
    """Return the two soft constraints: still burning at `seen`, gone out by `gone` [s on the track's clock]."""
    end = launch_time + stages[-1, 0] + stages[-1, 1]
    return -max(0.0, seen - end) / BURN_EDGE, -max(0.0, end - gone) / BURN_EDGE


@njit(cache=True, error_model="numpy")
def residuals(w: Array, q: Problem) -> tuple[Array, Array]:
    """Return residuals (2n + 2,) in sigmas and predicted states (n, 6)."""
    launch = place(w, q.reference)
    pitch, stages, g, f = natural(w, q.table, q.stage_count)
    states = fly(launch, q.height, pitch, stages, g, f, q.duration, q.times - launch[2], q.step)
    return _compared(w, q, launch[2], stages, states), states


@njit(cache=True, error_model="numpy")
def _compared(w: Array, q: Problem, launch_time: float, stages: Array, states: Array) -> Array:
    """Return the residuals (2n + 2,) in sigmas of predicted states."""
    n = len(q.times)
    out = np.empty(2 * n + 2)
    first_bias = 24 + q.table.shape[1]
    for i in range(n):
        a, b = sight_residual(q.e1[i], q.e2[i], q.u[i], states[i, :3], q.platform[i])
        s = q.satellite[i]
        out[2 * i] = (a - q.bias_sigma[s] * w[first_bias + 2 * s]) / q.sigma[i]
        out[2 * i + 1] = (b - q.bias_sigma[s] * w[first_bias + 2 * s + 1]) / q.sigma[i]
    out[2 * n], out[2 * n + 1] = _edges(launch_time, stages, q.seen, q.gone)
    return out


@njit(cache=True, error_model="numpy")
def _onset(k: int, q: Problem, stages: Array) -> float:
    """Return when parameter `k` of the profile first acts [s after launch]."""
    width = q.table.shape[1]
    if k >= 4 + width:
        knot = (k - 4 - width) % 10
        return q.duration * KNOTS[max(knot - 1, 0)]
    at = k - 4 - FIRST_STAGE
    if at < 4:
        return 0.0
    later = 1 + (at - 4) // 5
    if (at - 4) % 5 == 0:
        return stages[later - 1, 0] + stages[later - 1, 1]
    return min(stages[later, 0], stages[later - 1, 0] + stages[later - 1, 1])


@njit(cache=True, error_model="numpy")
def linearise(w: Array, free: NDArray[np.bool_], q: Problem) -> tuple[Array, Array, Array, Array]:
    """Return residuals (m,), their derivative (m, p), the states (n, 6) and the last state's derivative (6, p).

    Place and heading turn the flight as a rigid body (Coriolis change neglected, under 1 %), bias is constant; launch
    time and profile are forward differences of 2·10⁻³ prior sigmas, each flown from where the parameter first acts.
    Columns that are not `free` stay zero.
    """
    n = len(q.times)
    launch = place(w, q.reference)
    times = q.times - launch[2]
    pitch, stages, g, f = natural(w, q.table, q.stage_count)
    plane, x = stand(launch, q.height)
    states = np.empty((n, 6))
    nodes = np.empty((int(max(times[-1], 0.0) / q.step) + 4 * q.stage_count + 8, 8))
    noted = carry(x, 0.0, 0, pitch, stages, g, f, q.duration, plane, times, q.step, states, nodes)
    r0 = _compared(w, q, launch[2], stages, states)
    J = np.zeros((len(r0), len(w)))
    last = np.zeros((6, len(w)))
    _turned(w, q, states, J, last)
    first_bias = 24 + q.table.shape[1]
    moved = np.empty((n, 6))
    for k in range(2, len(w)):
        if k == 3 or not free[k]:
            continue
        if k >= first_bias:
            s = (k - first_bias) // 2
            for i in range(n):
                if q.satellite[i] == s:
                    J[2 * i + (k - first_bias) % 2, k] = -q.bias_sigma[s] / q.sigma[i]
            continue
        keep = w[k]
        w[k] = keep + DIFFERENCE
        if k == 2:
            r1, moved = residuals(w, q)
        else:
            pitch, varied, g, f = natural(w, q.table, q.stage_count)
            onset = _onset(k, q, stages)
            node = 0
            while node + 1 < noted and nodes[node + 1, 0] <= onset:
                node += 1
            moved[:] = states
            if noted > 0:
                x = nodes[node, 1:7].copy()
                segment = int(nodes[node, 7])
                carry(
                    x,
                    nodes[node, 0],
                    segment,
                    pitch,
                    varied,
                    g,
                    f,
                    q.duration,
                    plane,
                    times,
                    q.step,
                    moved,
                    nodes[:0],
                )
            r1 = _compared(w, q, launch[2], varied, moved)
        w[k] = keep
        J[:, k] = (r1 - r0) / DIFFERENCE
        last[:, k] = (moved[-1] - states[-1]) / DIFFERENCE
    return r0, J, states, last


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
    r, J, states, last = linearise(w, free, q)
    cost = float(np.sum(r * r) + np.sum(w[4:] ** 2))
    for _ in range(iterations):
        if not np.isfinite(cost):
            break
        H = _information(J)
        gradient = J.T @ r
        gradient[4:] += np.where(free[4:], w[4:], 0.0)
        trial, cost_new, damping = _descend(w, cost, H, gradient, damping, q)
        gained = cost - cost_new
        if gained <= 0.0:
            break
        w = trial
        cost = cost_new
        r, J, states, last = linearise(w, free, q)
        if gained < ENOUGH:
            break
    return w, cost, _information(J), states, last


@njit(cache=True, error_model="numpy")
def _information(J: Array) -> Array:
    """Return JᵀJ with the prior: unit for whitened parameters, next to nothing for the four flat ones."""
    H = J.T @ J
    for k in range(len(H)):
        H[k, k] += 1.0 if k >= 4 else 1e-12
    return H


@njit(cache=True, error_model="numpy")
def _descend(
    w: Array, cost: float, H: Array, gradient: Array, damping: float, q: Problem
) -> tuple[Array, float, float]:
    """Try damped steps until one lowers the cost: return it with its cost and the next damping, else `w` itself."""
    for _ in range(6):
        A = H.copy()
        for k in range(len(w)):
            A[k, k] *= 1.0 + damping
            if k < 4:
                A[k, k] += damping * 1e-3
        move = -np.linalg.solve(A, gradient)
        largest = np.max(np.abs(move))
        if largest > LONGEST_STEP:
            move *= LONGEST_STEP / largest
        r, _ = residuals(w + move, q)
        cost_new = np.sum(r * r) + np.sum((w + move)[4:] ** 2)
        if cost_new < cost:
            return w + move, cost_new, max(damping * 0.2, 1e-7)
        damping = min(damping * 8.0, 1e8)
    return w, cost, damping
