"""Powered flight as the estimator believes it. Arrays and scalars only; SI, ITRF."""

from typing import NamedTuple

import numpy as np
from numba import njit

from tocsin.constants import EARTH_FLATTENING, EARTH_POLAR_RADIUS, EARTH_RADIUS, EARTH_RATE
from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef, geodetic_from_ecef
from tocsin.earth.gravity import gravity
from tocsin.messages import Array
from tocsin.tracking.profile import KNOTS, LAUNCH_SCALE, PITCH_ROOT, PITCH_SIZE, THRUST_ROOT, YAW_KNOTS

SCALE_HEIGHT = 7_200.0  # m, of pressure and density in the profile (launch-from-angles, section 2)
SEA_LEVEL_DENSITY = 1.225  # kg/m³, US Standard Atmosphere 1976
SOUND_SPEED = 300.0  # m/s, a mean below 30 km: only places the transonic drag rise
MOST_SPENT = 0.92  # of the mass at ignition, propellant of a light upper stage (our assumption)
# A gap between stages is Gaussian to two sigmas (`profile`); beyond, some coast for a minute and more: five sigmas are
# two minutes (our assumption).
USUAL_GAP, COASTS = 7.5, 2.0  # s, 1/s
YAW, DRAG, LOSS = 3, PITCH_SIZE - 2, PITCH_SIZE - 1  # rows of a pitch law: the first yaw, drag, pressure loss
FIRST_STAGE = PITCH_SIZE  # row of the first stage in a profile's table of parameters
THINNEST = 1e-7  # of sea level's air, below which drag is nothing
INSIDE = 1.0 - 1e-9  # of a step: stay inside the segment, where thrust is smooth


class Law(NamedTuple):
    """What a flight follows: `pitch` (9,), `stages` (s, 5), the knots of pitch `g` and thrust `f` (10,) each, the
    class's `duration` [s], and the normal (3,) of the `plane` of flight.
    """

    pitch: Array
    stages: Array
    g: Array
    f: Array
    duration: float
    plane: Array


@njit(cache=True, error_model="numpy")
def natural(w: Array, table: Array, stage_count: int, freedom: float) -> tuple[Array, Array, Array, Array]:
    """Turn standard normal parameters into (pitch (9,), stages (s, 5), pitch knots (10,), thrust knots (10,)).

    `freedom`: factor of the deviations. A stage's row: ignition [s after launch], burn [s], acceleration at ignition
    [m/s²], exhaust velocity [m/s], slope.
    """
    width = table.shape[1]
    pitch, stages = shaped(table[0] + table[1:] @ w[4 : 4 + width], stage_count)
    g = freedom * PITCH_ROOT @ np.ascontiguousarray(w[4 + width : 14 + width])
    f = freedom * THRUST_ROOT @ np.ascontiguousarray(w[14 + width : 24 + width])
    return pitch, stages, g, f


@njit(cache=True, error_model="numpy")
def shaped(p: Array, stage_count: int) -> tuple[Array, Array]:
    """Turn a profile's parameters (k,) into pitch (9,) and stages (s, 5).

    A burn ends, smoothly in the parameters, before it has spent more than MOST_SPENT of the stack's mass.
    """
    pitch = p[:FIRST_STAGE].copy()
    pitch[1] = max(pitch[1], 0.15)
    pitch[2] = max(pitch[2], 0.2)
    pitch[DRAG] = np.exp(pitch[DRAG])
    stages = np.empty((stage_count, 5))
    at = FIRST_STAGE
    clock = 0.0
    for i in range(stage_count):
        if i > 0:
            clock += gap(p[at])
            at += 1
        a, c = np.exp(p[at]), np.exp(p[at + 1])
        spent = a * np.exp(p[at + 2]) / c
        burn = spent / (1.0 + (spent / MOST_SPENT) ** 6) ** (1.0 / 6.0) * c / a
        stages[i, 0] = clock
        stages[i, 1] = burn
        stages[i, 2] = a
        stages[i, 3] = c
        stages[i, 4] = p[at + 3]
        clock += burn
        at += 4
    return pitch, stages


@njit(cache=True, error_model="numpy")
def gap(p: float) -> float:
    """Return the seconds between two stages of a parameter: itself, beyond USUAL_GAP soon minutes."""
    return max(p, 0.0) + COASTS * max(p - USUAL_GAP, 0.0) ** 2


@njit(cache=True, error_model="numpy")
def between(s: float, knots: Array) -> tuple[int, float]:
    """Return the knot before the share `s` of a class's burn time, and the share of the way to the next.

    Beyond the last knot: the last.
    """
    last = len(knots) - 2
    if s >= knots[-1]:
        return last, 1.0
    k = 0
    while knots[k + 1] < s:
        k += 1
    return k, (s - knots[k]) / (knots[k + 1] - knots[k])


@njit(cache=True, error_model="numpy")
def yaw_at(pitch: Array, s: float) -> float:
    """Return the angle out of the plane [rad] at the share `s` of a class's burn time."""
    k, share = between(s, YAW_KNOTS)
    before = pitch[YAW + k - 1] if k > 0 else 0.0
    return before + (pitch[YAW + k] - before) * share


@njit(cache=True, error_model="numpy")
def left_over(stage: Array, tau: float) -> float:
    """Return the part of a stage's mass at ignition that is left at `tau`."""
    if stage[1] <= 0.0:
        return 1.0
    return 1.0 - min(stage[2] * min(max(tau - stage[0], 0.0), stage[1]) / stage[3], 0.97)


@njit(cache=True, error_model="numpy")
def thrust_at(law: Law, stage: Array, tau: float) -> tuple[float, float, float]:
    """Return a burning stage's acceleration in vacuum [m/s²], its angle from the vertical and out of the plane."""
    k, share = between(tau / law.duration, KNOTS)
    theta = law.g[k] + (law.g[k + 1] - law.g[k]) * share
    more = law.f[k] + (law.f[k + 1] - law.f[k]) * share
    pitch = law.pitch
    if tau > pitch[2]:
        theta += pitch[0] * ((tau - pitch[2]) / (law.duration - pitch[2])) ** pitch[1]
    elif tau <= 0.0:
        theta = 0.0
    u = (tau - stage[0]) / stage[1]
    thrust = stage[2] / left_over(stage, tau) * np.exp(stage[4] * (u - 0.5) + more)
    return thrust, theta, yaw_at(pitch, tau / law.duration)


@njit(cache=True, error_model="numpy")
def drive(law: Law, stage: Array, burning: bool, tau: float) -> tuple[float, float, float, float]:
    """Return what does not depend on the state at `tau` [s after launch].

    Thrust up, along and across the plane, in vacuum [m/s²]; the part of the mass that is left.
    """
    if not burning:
        return 0.0, 0.0, 0.0, left_over(stage, tau)
    thrust, theta, yaw = thrust_at(law, stage, tau)
    flat = thrust * np.sin(theta)
    return thrust * np.cos(theta), flat * np.cos(yaw), flat * np.sin(yaw), left_over(stage, tau)


@njit(cache=True, error_model="numpy")
def thinness(x0: float, x1: float, x2: float) -> float:
    """Return the density of the air over that at sea level."""
    r2 = x0 * x0 + x1 * x1 + x2 * x2
    h = np.sqrt(r2) - EARTH_RADIUS * (1.0 - EARTH_FLATTENING * x2 * x2 / r2)
    return np.exp(-max(h, 0.0) / SCALE_HEIGHT)


@njit(cache=True, error_model="numpy")
def transonic(speed: float) -> tuple[float, float]:
    """Return the factor of drag at a speed [m/s], and its derivative."""
    rise = (speed / SOUND_SPEED - 1.15) / 0.45
    if abs(rise) > 6.0:
        return 1.0, 0.0
    hump = 0.9 * np.exp(-rise * rise)
    return 1.0 + hump, -2.0 * rise * hump / (0.45 * SOUND_SPEED)


@njit(cache=True, error_model="numpy")
def axes_at(
    x0: float, x1: float, x2: float, plane: Array
) -> tuple[float, float, float, float, float, float, float, float, float]:
    """Return the local vertical (of the ellipsoid's shape), the direction along the plane, and that across it."""
    n0, n1, n2 = x0 / EARTH_RADIUS**2, x1 / EARTH_RADIUS**2, x2 / EARTH_POLAR_RADIUS**2
    scale = 1.0 / np.sqrt(n0 * n0 + n1 * n1 + n2 * n2)
    n0, n1, n2 = n0 * scale, n1 * scale, n2 * scale
    w0 = plane[1] * n2 - plane[2] * n1
    w1 = plane[2] * n0 - plane[0] * n2
    w2 = plane[0] * n1 - plane[1] * n0
    scale = 1.0 / np.sqrt(w0 * w0 + w1 * w1 + w2 * w2)
    w0, w1, w2 = w0 * scale, w1 * scale, w2 * scale
    return n0, n1, n2, w0, w1, w2, w1 * n2 - w2 * n1, w2 * n0 - w0 * n2, w0 * n1 - w1 * n0


@njit(cache=True, error_model="numpy")
def acceleration(
    x0: float, x1: float, x2: float, v0: float, v1: float, v2: float,
    push: tuple[float, float, float, float], pitch: Array, plane: Array,
) -> tuple[float, float, float]:  # fmt: skip
    """Return the acceleration [m/s²] in the rotating frame under what `drive` gives."""
    a0, a1, a2 = gravity(x0, x1, x2)
    a0 += EARTH_RATE * (EARTH_RATE * x0 + 2.0 * v1)
    a1 += EARTH_RATE * (EARTH_RATE * x1 - 2.0 * v0)
    thin = thinness(x0, x1, x2)
    up, along, across, left = push
    if thin > THINNEST:
        speed = np.sqrt(v0 * v0 + v1 * v1 + v2 * v2)
        k = 0.5 * SEA_LEVEL_DENSITY * thin * speed * pitch[DRAG] / left * transonic(speed)[0]
        a0, a1, a2 = a0 - k * v0, a1 - k * v1, a2 - k * v2
    if up == 0.0 and along == 0.0:
        return a0, a1, a2
    felt = 1.0 - pitch[LOSS] * thin
    up, along, across = felt * up, felt * along, felt * across
    n0, n1, n2, w0, w1, w2, c0, c1, c2 = axes_at(x0, x1, x2, plane)
    return (
        a0 + up * n0 + along * w0 + across * c0,
        a1 + up * n1 + along * w1 + across * c1,
        a2 + up * n2 + along * w2 + across * c2,
    )


@njit(cache=True, error_model="numpy")
def _step(
    x: Array, a: Array, tau: float, h: float, stage: Array, burning: bool, law: Law, y: Array, b: Array
) -> None:
    """Advance `x` (6,), with its acceleration `a` (3,), by one classical Runge-Kutta step into `y` and `b`."""
    pitch, plane = law.pitch, law.plane
    middle = drive(law, stage, burning, tau + 0.5 * h)
    end = drive(law, stage, burning, tau + h * INSIDE)
    hh = 0.5 * h
    a0, a1, a2 = a[0], a[1], a[2]
    p0, p1, p2 = x[3] + hh * a0, x[4] + hh * a1, x[5] + hh * a2
    b0, b1, b2 = acceleration(
        x[0] + hh * x[3], x[1] + hh * x[4], x[2] + hh * x[5], p0, p1, p2, middle, pitch, plane
    )
    q0, q1, q2 = x[3] + hh * b0, x[4] + hh * b1, x[5] + hh * b2
    c0, c1, c2 = acceleration(
        x[0] + hh * p0, x[1] + hh * p1, x[2] + hh * p2, q0, q1, q2, middle, pitch, plane
    )
    s0, s1, s2 = x[3] + h * c0, x[4] + h * c1, x[5] + h * c2
    d0, d1, d2 = acceleration(x[0] + h * q0, x[1] + h * q1, x[2] + h * q2, s0, s1, s2, end, pitch, plane)
    k = h / 6.0
    y[0] = x[0] + k * (x[3] + 2.0 * (p0 + q0) + s0)
    y[1] = x[1] + k * (x[4] + 2.0 * (p1 + q1) + s1)
    y[2] = x[2] + k * (x[5] + 2.0 * (p2 + q2) + s2)
    y[3] = x[3] + k * (a0 + 2.0 * (b0 + c0) + d0)
    y[4] = x[4] + k * (a1 + 2.0 * (b1 + c1) + d1)
    y[5] = x[5] + k * (a2 + 2.0 * (b2 + c2) + d2)
    b[0], b[1], b[2] = acceleration(y[0], y[1], y[2], y[3], y[4], y[5], end, pitch, plane)


@njit(cache=True, error_model="numpy")
def hermite(x: Array, a: Array, y: Array, b: Array, h: float, s: float, out: Array) -> None:
    """Interpolate between states `x`, `y` (6,) with accelerations `a`, `b` (3,) at fraction `s` of a step `h`."""
    h00 = (1.0 + 2.0 * s) * (1.0 - s) ** 2
    h10 = s * (1.0 - s) ** 2
    h01 = s * s * (3.0 - 2.0 * s)
    h11 = s * s * (s - 1.0)
    for k in range(3):
        out[k] = h00 * x[k] + h10 * h * x[k + 3] + h01 * y[k] + h11 * h * y[k + 3]
        out[k + 3] = h00 * x[k + 3] + h10 * h * a[k] + h01 * y[k + 3] + h11 * h * b[k]


@njit(cache=True, error_model="numpy")
def fly(
    launch: Array, height: float, pitch: Array, stages: Array, g: Array, f: Array, duration: float, times: Array,
    step: float,
) -> Array:  # fmt: skip
    """Fly from `launch` (latitude, longitude, –, heading) and return the states (n, 6) at `times` (n,).

    `times` [s after launch] ascend; before lift-off the body stands on its pad. Segments end at each ignition and
    burnout, so that thrust is smooth inside a step; between steps the state is a cubic Hermite polynomial.
    Classical Runge-Kutta: 4 s steps stay within 10 m of 1 s steps over a boost.
    """
    out = np.empty((len(times), 6))
    plane, x = stand(launch, height)
    carry(x, 0.0, 0, Law(pitch, stages, g, f, duration, plane), times, step, out, np.empty((0, 8)))
    return out


@njit(cache=True, error_model="numpy")
def stand(launch: Array, height: float) -> tuple[Array, Array]:
    """Return the normal (3,) of the plane of flight and the state (6,) on the pad."""
    axes = enu_from_ecef(launch[0], launch[1])
    forward = np.sin(launch[3]) * axes[0] + np.cos(launch[3]) * axes[1]
    x = np.zeros(6)
    x[:3] = ecef_from_geodetic(launch[0], launch[1], height)
    return np.cross(axes[2], forward), x


@njit(cache=True, error_model="numpy")
def carry(
    x: Array, tau: float, segment: int, law: Law, times: Array, step: float, out: Array, nodes: Array
) -> int:
    """Carry the state `x` (6,) on from `tau` in `segment`; write the states at later `times` into `out`.

    Segments alternate: burn of stage 0, gap, burn of stage 1, ... Every step's beginning is noted in `nodes` (m, 8):
    time, state, segment (no rows: none is), and the end of the last; return how many.
    """
    n, count = len(times), len(law.stages)
    i = 0
    while i < n and (times[i] < tau or times[i] <= 0.0):
        if tau == 0.0:
            out[i] = x
        i += 1
    noted = 0
    y, a, b = np.empty(6), np.empty(3), np.empty(3)
    while segment < 2 * count and i < n:
        stage, burning = law.stages[segment // 2], segment % 2 == 0
        end = _segment_end(law.stages, segment, times[n - 1])
        segment += 1
        if end <= tau:
            continue
        steps = int(np.ceil((end - tau) / step - 1e-9))
        start, h = tau, (end - tau) / steps
        a[0], a[1], a[2] = acceleration(
            x[0],
            x[1],
            x[2],
            x[3],
            x[4],
            x[5],
            drive(law, stage, burning, tau + 1e-9 * h),
            law.pitch,
            law.plane,
        )
        for j in range(steps):
            tau = start + j * h
            if noted < len(nodes):
                nodes[noted, 0], nodes[noted, 1:7], nodes[noted, 7] = tau, x, segment - 1
                noted += 1
            _step(x, a, tau, h, stage, burning, law, y, b)
            while i < n and times[i] <= tau + h * (1.0 + 1e-12):
                hermite(x, a, y, b, h, (times[i] - tau) / h, out[i])
                i += 1
            x[:], a[:] = y, b
        tau = end
    out[i:] = x
    if 0 < noted < len(nodes):
        nodes[noted, 0], nodes[noted, 1:7], nodes[noted, 7] = tau, x, segment - 1
        noted += 1
    return noted


@njit(cache=True, error_model="numpy")
def _segment_end(stages: Array, segment: int, last: float) -> float:
    """Return when a segment ends [s after launch], at the latest `last`; the gap after the last stage has no end."""
    k = segment // 2
    if segment % 2 == 0:
        return min(last, stages[k, 0] + stages[k, 1])
    return min(last, stages[k + 1, 0]) if k + 1 < len(stages) else last


@njit(cache=True, error_model="numpy")
def place(w: Array, reference: Array) -> Array:
    """Return the launch (latitude, longitude, time, heading) of parameters `w` about a `reference` of the same four."""
    axes = enu_from_ecef(reference[0], reference[1])
    r = ecef_from_geodetic(reference[0], reference[1], 0.0)
    r = r + LAUNCH_SCALE[0] * w[0] * axes[1] + LAUNCH_SCALE[1] * w[1] * axes[0]
    lat, lon, _ = geodetic_from_ecef(r)
    out = np.empty(4)
    out[0] = lat
    out[1] = lon
    out[2] = reference[2] + LAUNCH_SCALE[2] * w[2]
    out[3] = reference[3] + LAUNCH_SCALE[3] * w[3]
    return out
