"""Powered flight as the estimator believes it. Arrays and scalars only; SI, ITRF."""

import numpy as np
from numba import njit

from tocsin.constants import EARTH_FLATTENING, EARTH_POLAR_RADIUS, EARTH_RADIUS, EARTH_RATE
from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef, geodetic_from_ecef
from tocsin.earth.gravity import gravity
from tocsin.messages import Array
from tocsin.tracking.profile import KNOTS, LAUNCH_SCALE, PITCH_ROOT, THRUST_ROOT

SCALE_HEIGHT = 7_200.0  # m, of pressure and density in the profile (launch-from-angles, section 2)
SEA_LEVEL_DENSITY = 1.225  # kg/m³, US Standard Atmosphere 1976
SOUND_SPEED = 300.0  # m/s, a mean below 30 km: only places the transonic drag rise
MOST_SPENT = 0.92  # of the mass at ignition, propellant of a light upper stage (our assumption)
FIRST_STAGE = 7  # row of the first stage in a profile's table of parameters


@njit(cache=True, error_model="numpy")
def natural(w: Array, table: Array, stage_count: int) -> tuple[Array, Array, Array, Array]:
    """Turn standard normal parameters into (pitch (7,), stages (s, 5), pitch knots (10,), thrust knots (10,)).

    A stage's row: ignition [s after launch], burn [s], acceleration at ignition [m/s²], exhaust velocity [m/s], slope.
    A burn ends, smoothly in the parameters, before it has spent more than MOST_SPENT of the stack's mass.
    """
    p = table[0] + table[1:] @ w[4 : 4 + table.shape[1]]
    pitch = p[:FIRST_STAGE].copy()
    pitch[1] = max(pitch[1], 0.15)
    pitch[2] = max(pitch[2], 0.2)
    pitch[5] = np.exp(pitch[5])
    stages = np.empty((stage_count, 5))
    at = FIRST_STAGE
    clock = 0.0
    for i in range(stage_count):
        if i > 0:
            clock += max(p[at], 0.0)
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
    first = 4 + table.shape[1]
    g = PITCH_ROOT @ np.ascontiguousarray(w[first : first + 10])
    f = THRUST_ROOT @ np.ascontiguousarray(w[first + 10 : first + 20])
    return pitch, stages, g, f


@njit(cache=True, error_model="numpy")
def _at_knots(values: Array, s: float) -> float:
    """Interpolate between knots at `s` (fraction of the class's burn time), held beyond the last."""
    if s >= KNOTS[-1]:
        return values[-1]
    k = 0
    while KNOTS[k + 1] < s:
        k += 1
    return values[k] + (values[k + 1] - values[k]) * (s - KNOTS[k]) / (KNOTS[k + 1] - KNOTS[k])


@njit(cache=True, error_model="numpy")
def _acceleration(
    x0: float,
    x1: float,
    x2: float,
    v0: float,
    v1: float,
    v2: float,
    tau: float,
    stage: Array,
    burning: bool,
    pitch: Array,
    g: Array,
    f: Array,
    duration: float,
    plane: Array,
) -> tuple[float, float, float]:
    """Return the acceleration [m/s²] in the rotating frame at `tau` [s after launch]."""
    a0, a1, a2 = gravity(x0, x1, x2)
    a0 += EARTH_RATE * (EARTH_RATE * x0 + 2.0 * v1)
    a1 += EARTH_RATE * (EARTH_RATE * x1 - 2.0 * v0)
    r = np.sqrt(x0 * x0 + x1 * x1 + x2 * x2)
    sin_lat = x2 / r
    h = r - EARTH_RADIUS * (1.0 - EARTH_FLATTENING * sin_lat * sin_lat)
    thin = np.exp(-max(h, 0.0) / SCALE_HEIGHT)
    spent = 0.0
    if stage[1] > 0.0:
        spent = min(stage[2] * min(max(tau - stage[0], 0.0), stage[1]) / stage[3], 0.97)
    if thin > 1e-7:
        speed = np.sqrt(v0 * v0 + v1 * v1 + v2 * v2)
        mach = speed / SOUND_SPEED
        rise = (mach - 1.15) / 0.45
        k = (
            0.5
            * SEA_LEVEL_DENSITY
            * thin
            * speed
            * pitch[5]
            / (1.0 - spent)
            * (1.0 + 0.9 * np.exp(-rise * rise))
        )
        a0 -= k * v0
        a1 -= k * v1
        a2 -= k * v2
    if not burning:
        return a0, a1, a2
    u = (tau - stage[0]) / stage[1]
    thrust = (
        stage[2]
        / (1.0 - spent)
        * np.exp(stage[4] * (u - 0.5) + _at_knots(f, tau / duration))
        * (1.0 - pitch[6] * thin)
    )
    theta = _at_knots(g, tau / duration)
    if tau > pitch[2]:
        theta += pitch[0] * ((tau - pitch[2]) / (duration - pitch[2])) ** pitch[1]
    elif tau <= 0.0:
        theta = 0.0
    n0, n1, n2 = x0 / EARTH_RADIUS**2, x1 / EARTH_RADIUS**2, x2 / EARTH_POLAR_RADIUS**2
    norm = np.sqrt(n0 * n0 + n1 * n1 + n2 * n2)
    n0, n1, n2 = n0 / norm, n1 / norm, n2 / norm
    w0 = plane[1] * n2 - plane[2] * n1
    w1 = plane[2] * n0 - plane[0] * n2
    w2 = plane[0] * n1 - plane[1] * n0
    norm = np.sqrt(w0 * w0 + w1 * w1 + w2 * w2)
    w0, w1, w2 = w0 / norm, w1 / norm, w2 / norm
    yaw = pitch[3] * tau + pitch[4] * tau * tau
    along, across = np.sin(theta) * np.cos(yaw), np.sin(theta) * np.sin(yaw)
    up = np.cos(theta)
    a0 += thrust * (up * n0 + along * w0 + across * (w1 * n2 - w2 * n1))
    a1 += thrust * (up * n1 + along * w1 + across * (w2 * n0 - w0 * n2))
    a2 += thrust * (up * n2 + along * w2 + across * (w0 * n1 - w1 * n0))
    return a0, a1, a2


@njit(cache=True, error_model="numpy")
def _step(
    x: Array,
    tau: float,
    h: float,
    stage: Array,
    burning: bool,
    pitch: Array,
    g: Array,
    f: Array,
    duration: float,
    plane: Array,
    a_first: Array,
    out: Array,
) -> None:
    """Advance `x` (6,) by one classical Runge-Kutta step into `out`; `a_first` (3,) is the acceleration at `x`."""
    e = 1e-9 * h  # stay inside the segment, where thrust is smooth
    a0, a1, a2 = a_first[0], a_first[1], a_first[2]
    hh = 0.5 * h
    p0, p1, p2 = x[3] + hh * a0, x[4] + hh * a1, x[5] + hh * a2
    b0, b1, b2 = _acceleration(
        x[0] + hh * x[3],
        x[1] + hh * x[4],
        x[2] + hh * x[5],
        p0,
        p1,
        p2,
        tau + hh,
        stage,
        burning,
        pitch,
        g,
        f,
        duration,
        plane,
    )
    q0, q1, q2 = x[3] + hh * b0, x[4] + hh * b1, x[5] + hh * b2
    c0, c1, c2 = _acceleration(
        x[0] + hh * p0,
        x[1] + hh * p1,
        x[2] + hh * p2,
        q0,
        q1,
        q2,
        tau + hh,
        stage,
        burning,
        pitch,
        g,
        f,
        duration,
        plane,
    )
    s0, s1, s2 = x[3] + h * c0, x[4] + h * c1, x[5] + h * c2
    d0, d1, d2 = _acceleration(
        x[0] + h * q0,
        x[1] + h * q1,
        x[2] + h * q2,
        s0,
        s1,
        s2,
        tau + h - e,
        stage,
        burning,
        pitch,
        g,
        f,
        duration,
        plane,
    )
    k = h / 6.0
    out[0] = x[0] + k * (x[3] + 2.0 * (p0 + q0) + s0)
    out[1] = x[1] + k * (x[4] + 2.0 * (p1 + q1) + s1)
    out[2] = x[2] + k * (x[5] + 2.0 * (p2 + q2) + s2)
    out[3] = x[3] + k * (a0 + 2.0 * (b0 + c0) + d0)
    out[4] = x[4] + k * (a1 + 2.0 * (b1 + c1) + d1)
    out[5] = x[5] + k * (a2 + 2.0 * (b2 + c2) + d2)


@njit(cache=True, error_model="numpy")
def _hermite(x: Array, a: Array, y: Array, b: Array, h: float, s: float, out: Array) -> None:
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
    launch: Array,
    height: float,
    pitch: Array,
    stages: Array,
    g: Array,
    f: Array,
    duration: float,
    times: Array,
    step: float,
) -> Array:
    """Fly from `launch` (latitude, longitude, –, heading) and return the states (n, 6) at `times` (n,).

    `times` [s after launch] ascend; before lift-off the body stands on its pad. Segments end at each ignition and
    burnout, so that thrust is smooth inside a step; between steps the state is a cubic Hermite polynomial.
    Classical Runge-Kutta: 4 s steps stay within 10 m of 1 s steps over a boost.
    """
    out = np.empty((len(times), 6))
    plane, x = stand(launch, height)
    carry(x, 0.0, 0, pitch, stages, g, f, duration, plane, times, step, out, np.empty((0, 8)))
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
    x: Array,
    tau: float,
    segment: int,
    pitch: Array,
    stages: Array,
    g: Array,
    f: Array,
    duration: float,
    plane: Array,
    times: Array,
    step: float,
    out: Array,
    nodes: Array,
) -> int:
    """Carry the state `x` (6,) on from `tau` in `segment`; write the states at later `times` into `out`.

    Segments alternate: burn of stage 0, gap, burn of stage 1, ... Every step's beginning is noted in `nodes` (m, 8):
    time, state, segment (no rows: none is); return how many. A flight carried on from a node takes the same steps.
    """
    n = len(times)
    i = 0
    while i < n and (times[i] < tau or times[i] <= 0.0):
        if tau == 0.0:
            out[i] = x
        i += 1
    noted = 0
    y = np.empty(6)
    a = np.empty(3)
    b = np.empty(3)
    count = len(stages)
    while segment < 2 * count and i < n:
        stage = stages[segment // 2]
        burning = segment % 2 == 0
        end = times[n - 1]
        if burning:
            end = min(end, stage[0] + stage[1])
        elif segment // 2 + 1 < count:
            end = min(end, stages[segment // 2 + 1, 0])
        if end <= tau:
            segment += 1
            continue
        steps = int(np.ceil((end - tau) / step - 1e-9))
        h = (end - tau) / steps
        start = tau
        a[0], a[1], a[2] = _acceleration(
            x[0], x[1], x[2], x[3], x[4], x[5], tau + 1e-9 * h, stage, burning, pitch, g, f, duration, plane
        )
        for j in range(steps):
            tau = start + j * h
            if noted < len(nodes):
                nodes[noted, 0] = tau
                nodes[noted, 1:7] = x
                nodes[noted, 7] = segment
                noted += 1
            _step(x, tau, h, stage, burning, pitch, g, f, duration, plane, a, y)
            b[0], b[1], b[2] = _acceleration(
                y[0], y[1], y[2], y[3], y[4], y[5], tau + h * (1.0 - 1e-9),
                stage, burning, pitch, g, f, duration, plane,
            )  # fmt: skip
            while i < n and times[i] <= tau + h * (1.0 + 1e-12):
                _hermite(x, a, y, b, h, (times[i] - tau) / h, out[i])
                i += 1
            x[:] = y
            a[:] = b
        tau = end
        segment += 1
    while i < n:
        out[i] = x
        i += 1
    return noted


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
