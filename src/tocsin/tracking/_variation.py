"""How a believed flight changes with its profile: the variational equations along a flown path. Arrays only; SI, ITRF.

Columns stand for the profile's parameters in the order of `profile`, whitened: pitch and stages, then the deviations.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from tocsin.constants import EARTH_RATE
from tocsin.messages import Array
from tocsin.tracking._boost import (
    DRAG,
    INSIDE,
    LOSS,
    SEA_LEVEL_DENSITY,
    THINNEST,
    YAW,
    Law,
    acceleration,
    axes_at,
    between,
    drive,
    hermite,
    left_over,
    shaped,
    thinness,
    thrust_at,
    transonic,
)
from tocsin.tracking.profile import KNOTS, PITCH_ROOT, THRUST_ROOT, YAW_KNOTS

DIFFERENCE = 2e-3  # prior sigmas, of the forward difference by which pitch and stages follow their parameters
NUDGE = 20.0  # m, of the forward difference of the acceleration with place
EARLIEST = 0.02  # of the turn, before which its exponent's law is too steep to be followed


class Slopes(NamedTuple):
    """Derivatives of a law with its p parameters: `pitch` (9, p), `stages` (s, 5, p), knots `g` and `f` (10, p)."""

    pitch: Array
    stages: Array
    g: Array
    f: Array


@njit(cache=True, error_model="numpy")
def slopes(w: Array, table: Array, freedom: float, law: Law) -> Slopes:
    """Return the derivatives of a law with its parameters; `freedom`: factor of its deviations."""
    width, count = table.shape[1], len(law.stages)
    p = table[0] + table[1:] @ w[4 : 4 + width]
    pitch, stages = np.zeros((len(law.pitch), width + 20)), np.zeros((count, 5, width + 20))
    g, f = np.zeros((10, width + 20)), np.zeros((10, width + 20))
    g[:, width : width + 10], f[:, width + 10 :] = freedom * PITCH_ROOT, freedom * THRUST_ROOT
    for k in range(width):
        other, rows = shaped(p + DIFFERENCE * table[1:, k], count)
        pitch[:, k] = (other - law.pitch) / DIFFERENCE
        stages[:, :, k] = (rows - law.stages) / DIFFERENCE
    return Slopes(pitch, stages, g, f)


@njit(cache=True, error_model="numpy")
def vary(law: Law, s: Slopes, nodes: Array, times: Array, moved: Array) -> Array:
    """Follow the variations along the `nodes` (m, 8) of a flight: write those of place at `times` into `moved`.

    `moved` (n, 3, p): zero before lift-off. Return the variation (6, p) of the last node's state.
    """
    p = s.pitch.shape[1]
    S, T = np.zeros((6, p)), np.zeros((6, p))
    A, F = np.empty((3, 3, 6)), np.empty((3, 3, p))
    middle, first, half, last = np.empty(6), np.zeros(3), np.zeros(3), np.zeros(3)
    i = int(np.searchsorted(times, 0.0, side="right"))
    moved[:i] = 0.0
    if len(nodes):
        felt(nodes[0, 1:7], law, 0, 0.0, last)
    for j in range(len(nodes) - 1):
        tau, h, segment = nodes[j, 0], nodes[j + 1, 0] - nodes[j, 0], int(nodes[j, 7])
        x, y = nodes[j, 1:7], nodes[j + 1, 1:7]
        if j == 0 or segment != int(nodes[j - 1, 7]):
            felt(x, law, segment, tau + 1e-9 * h, first)
            _leap(s, segment, last, first, S)
            _respond(x, first, law, s, segment, tau + 1e-9 * h, A[0], F[0])
        else:
            first[:], A[0], F[0] = last, A[2], F[2]
        felt(y, law, segment, tau + h * INSIDE, last)
        hermite(x, first, y, last, h, 0.5, middle)
        felt(middle, law, segment, tau + 0.5 * h, half)
        _respond(middle, half, law, s, segment, tau + 0.5 * h, A[1], F[1])
        _respond(y, last, law, s, segment, tau + h * INSIDE, A[2], F[2])
        _advance(S, h, A, F, T)
        while i < len(times) and times[i] <= tau + h * (1.0 + 1e-12):
            _between(S, T, h, (times[i] - tau) / h, moved[i])
            i += 1
        S, T = T, S
    moved[i:] = S[:3]
    return S


@njit(cache=True, error_model="numpy")
def felt(x: Array, law: Law, segment: int, tau: float, a: Array) -> None:
    """Write the acceleration at a state into `a` (3,)."""
    push = drive(law, law.stages[segment // 2], segment % 2 == 0, tau)
    a[0], a[1], a[2] = acceleration(x[0], x[1], x[2], x[3], x[4], x[5], push, law.pitch, law.plane)


@njit(cache=True, error_model="numpy")
def _respond(x: Array, a: Array, law: Law, s: Slopes, segment: int, tau: float, A: Array, F: Array) -> None:
    """Write the derivatives of the acceleration `a` (3,), which is `felt` at `x` and `tau`.

    With the state into `A` (3, 6), with the parameters into `F` (3, p).
    """
    _gradient(x, a, law, segment, tau, A)
    _force(x, law, s, segment, tau, F)


@njit(cache=True, error_model="numpy")
def _leap(s: Slopes, segment: int, before: Array, after: Array, S: Array) -> None:
    """Let the variations of velocity leap where a segment begins: its beginning moves with the parameters."""
    k = segment // 2
    for c in range(S.shape[1]):
        delay = s.stages[k, 0, c]
        if segment % 2 == 1:
            delay += s.stages[k, 1, c]
        for row in range(3):
            S[3 + row, c] += (before[row] - after[row]) * delay


@njit(cache=True, error_model="numpy")
def _gradient(x: Array, a: Array, law: Law, segment: int, tau: float, A: Array) -> None:
    """Write the derivative of the acceleration `a` (3,) with the state into `A` (3, 6)."""
    push = drive(law, law.stages[segment // 2], segment % 2 == 0, tau)
    x0, x1, x2, v0, v1, v2 = x[0], x[1], x[2], x[3], x[4], x[5]
    b = acceleration(x0 + NUDGE, x1, x2, v0, v1, v2, push, law.pitch, law.plane)
    c = acceleration(x0, x1 + NUDGE, x2, v0, v1, v2, push, law.pitch, law.plane)
    d = acceleration(x0, x1, x2 + NUDGE, v0, v1, v2, push, law.pitch, law.plane)
    for row in range(3):
        A[row, 0], A[row, 1] = (b[row] - a[row]) / NUDGE, (c[row] - a[row]) / NUDGE
        A[row, 2] = (d[row] - a[row]) / NUDGE
    A[:, 3:] = 0.0
    A[0, 4], A[1, 3] = 2.0 * EARTH_RATE, -2.0 * EARTH_RATE
    thin = thinness(x0, x1, x2)
    speed = np.sqrt(v0 * v0 + v1 * v1 + v2 * v2)
    if thin > THINNEST and speed > 0.0:
        hump, slope = transonic(speed)
        k = 0.5 * SEA_LEVEL_DENSITY * thin * law.pitch[DRAG] / push[3]
        outer = k * (hump / speed + slope)
        for row in range(3):
            A[row, 3 + row] -= k * hump * speed
            for column in range(3):
                A[row, 3 + column] -= outer * x[3 + row] * x[3 + column]


@njit(cache=True, error_model="numpy")
def _force(x: Array, law: Law, s: Slopes, segment: int, tau: float, F: Array) -> None:
    """Write the derivative of the acceleration with the parameters, the state held, into `F` (3, p)."""
    stage, rows = law.stages[segment // 2], s.stages[segment // 2]
    x0, x1, x2, v0, v1, v2 = x[0], x[1], x[2], x[3], x[4], x[5]
    thin = thinness(x0, x1, x2)
    left = left_over(stage, tau)
    speed = np.sqrt(v0 * v0 + v1 * v1 + v2 * v2)
    drag = 0.5 * SEA_LEVEL_DENSITY * thin * speed * transonic(speed)[0] / left if thin > THINNEST else 0.0
    burning = segment % 2 == 0
    since = tau - stage[0] if burning else stage[1]
    lost = stage[2] * since / stage[3]
    for k in range(F.shape[1]):
        spent = lost * (rows[2, k] / stage[2] - rows[3, k] / stage[3])
        spent += stage[2] / stage[3] * (-rows[0, k] if burning else rows[1, k])
        d = drag * (s.pitch[DRAG, k] + law.pitch[DRAG] * spent / left)
        F[0, k], F[1, k], F[2, k] = -d * v0, -d * v1, -d * v2
    if burning:
        _push(x, law, s, stage, rows, tau, thin, left, F)


@njit(cache=True, error_model="numpy")
def _push(
    x: Array, law: Law, s: Slopes, stage: Array, rows: Array, tau: float, thin: float, left: float, F: Array
) -> None:
    """Add to `F` (3, p) what the parameters do to the thrust: its size, its angle and its yaw."""
    pitch = law.pitch
    thrust, theta, yaw = thrust_at(law, stage, tau)
    felt = thrust * (1.0 - pitch[LOSS] * thin)
    n0, n1, n2, w0, w1, w2, c0, c1, c2 = axes_at(x[0], x[1], x[2], law.plane)
    sin, cos, sy, cy = np.sin(theta), np.cos(theta), np.sin(yaw), np.cos(yaw)
    f0, f1, f2 = cy * w0 + sy * c0, cy * w1 + sy * c1, cy * w2 + sy * c2
    e0, e1, e2 = felt * (cos * n0 + sin * f0), felt * (cos * n1 + sin * f1), felt * (cos * n2 + sin * f2)
    t0, t1, t2 = felt * (cos * f0 - sin * n0), felt * (cos * f1 - sin * n1), felt * (cos * f2 - sin * n2)
    flat = felt * sin
    y0, y1, y2 = flat * (cy * c0 - sy * w0), flat * (cy * c1 - sy * w1), flat * (cy * c2 - sy * w2)
    turned, steeper, later = 0.0, 0.0, 0.0
    if tau > pitch[2]:
        way = (tau - pitch[2]) / (law.duration - pitch[2])
        turned = way ** pitch[1]
        steeper = pitch[0] * turned * np.log(way)
        early = max(way, EARLIEST)
        later = pitch[0] * pitch[1] * early ** (pitch[1] - 1.0) * (way - 1.0) / (law.duration - pitch[2])
    knot, share = between(tau / law.duration, KNOTS)
    yawed, way_on = between(tau / law.duration, YAW_KNOTS)
    u, since = (tau - stage[0]) / stage[1], tau - stage[0]
    ratio, loss = stage[2] / stage[3], -thin * thrust / felt
    for k in range(F.shape[1]):
        spent = ratio * (since * (rows[2, k] / stage[2] - rows[3, k] / stage[3]) - rows[0, k])
        more = rows[2, k] / stage[2] + spent / left + (u - 0.5) * rows[4, k]
        more -= stage[4] / stage[1] * (rows[0, k] + u * rows[1, k])
        more += (1.0 - share) * s.f[knot, k] + share * s.f[knot + 1, k] + loss * s.pitch[LOSS, k]
        angle = (1.0 - share) * s.g[knot, k] + share * s.g[knot + 1, k]
        angle += turned * s.pitch[0, k] + steeper * s.pitch[1, k] + later * s.pitch[2, k]
        turn = way_on * s.pitch[YAW + yawed, k]
        if yawed > 0:
            turn += (1.0 - way_on) * s.pitch[YAW + yawed - 1, k]
        F[0, k] += e0 * more + t0 * angle + y0 * turn
        F[1, k] += e1 * more + t1 * angle + y1 * turn
        F[2, k] += e2 * more + t2 * angle + y2 * turn


@njit(cache=True, error_model="numpy")
def _advance(S: Array, h: float, A: Array, F: Array, T: Array) -> None:
    """Advance the variations `S` (6, p) by one classical Runge-Kutta step into `T`."""
    hh, third = 0.5 * h, h / 6.0
    for k in range(S.shape[1]):
        x0, x1, x2, v0, v1, v2 = S[0, k], S[1, k], S[2, k], S[3, k], S[4, k], S[5, k]
        a0, a1, a2 = _pulled(A[0], x0, x1, x2, v0, v1, v2, F[0, 0, k], F[0, 1, k], F[0, 2, k])
        p0, p1, p2 = v0 + hh * a0, v1 + hh * a1, v2 + hh * a2
        f0, f1, f2 = F[1, 0, k], F[1, 1, k], F[1, 2, k]
        b0, b1, b2 = _pulled(A[1], x0 + hh * v0, x1 + hh * v1, x2 + hh * v2, p0, p1, p2, f0, f1, f2)
        q0, q1, q2 = v0 + hh * b0, v1 + hh * b1, v2 + hh * b2
        c0, c1, c2 = _pulled(A[1], x0 + hh * p0, x1 + hh * p1, x2 + hh * p2, q0, q1, q2, f0, f1, f2)
        s0, s1, s2 = v0 + h * c0, v1 + h * c1, v2 + h * c2
        d0, d1, d2 = _pulled(
            A[2], x0 + h * q0, x1 + h * q1, x2 + h * q2, s0, s1, s2, F[2, 0, k], F[2, 1, k], F[2, 2, k]
        )
        T[0, k] = x0 + third * (v0 + 2.0 * (p0 + q0) + s0)
        T[1, k] = x1 + third * (v1 + 2.0 * (p1 + q1) + s1)
        T[2, k] = x2 + third * (v2 + 2.0 * (p2 + q2) + s2)
        T[3, k] = v0 + third * (a0 + 2.0 * (b0 + c0) + d0)
        T[4, k] = v1 + third * (a1 + 2.0 * (b1 + c1) + d1)
        T[5, k] = v2 + third * (a2 + 2.0 * (b2 + c2) + d2)


@njit(cache=True, error_model="numpy")
def _pulled(
    A: Array,
    x0: float,
    x1: float,
    x2: float,
    v0: float,
    v1: float,
    v2: float,
    f0: float,
    f1: float,
    f2: float,
) -> tuple[float, float, float]:
    """Return A·(x, v) + f."""
    return (
        A[0, 0] * x0 + A[0, 1] * x1 + A[0, 2] * x2 + A[0, 3] * v0 + A[0, 4] * v1 + A[0, 5] * v2 + f0,
        A[1, 0] * x0 + A[1, 1] * x1 + A[1, 2] * x2 + A[1, 3] * v0 + A[1, 4] * v1 + A[1, 5] * v2 + f1,
        A[2, 0] * x0 + A[2, 1] * x1 + A[2, 2] * x2 + A[2, 3] * v0 + A[2, 4] * v1 + A[2, 5] * v2 + f2,
    )


@njit(cache=True, error_model="numpy")
def _between(S: Array, T: Array, h: float, at: float, out: Array) -> None:
    """Write the variations of place (3, p) at the share `at` of a step into `out`: a cubic Hermite polynomial."""
    h00, h10 = (1.0 + 2.0 * at) * (1.0 - at) ** 2, at * (1.0 - at) ** 2 * h
    h01, h11 = at * at * (3.0 - 2.0 * at), at * at * (at - 1.0) * h
    for row in range(3):
        for k in range(S.shape[1]):
            out[row, k] = h00 * S[row, k] + h10 * S[3 + row, k] + h01 * T[row, k] + h11 * T[3 + row, k]
