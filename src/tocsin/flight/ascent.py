"""Kernels of true flight: staged thrust, pitch programme, drag by Mach number, coast and fall.

ITRF, SI, radians.

This is truth, not the tracker's model: thrust boosts, declines and tails off, pressure takes its part, one of
four pitch programmes steers, turned aside in yaw where asked and bent back to the airstream where the load
would be too large, drag peaks at Mach 1.

Shapes used throughout. `stages` (k, 10): acceleration, exhaust velocity, burn, gap, pressure loss, drag,
decline, boost, boost ratio, tail, as in `vehicles.Stage`. `body` (11,): rise, the programme's four figures, load
limit, body drag, programme, as in `vehicles.Vehicle`; start and angle of a dog-leg, yaw drift, as in
`powered.Launch`. `axes` (2, 3): up and forward at lift-off. `path` (n, 8): time since lift-off, position,
velocity, phase.
"""

import numpy as np
from numba import njit

from tocsin.constants import EARTH_RATE
from tocsin.earth.atmosphere import density, pressure, speed_of_sound
from tocsin.earth.ellipsoid import height
from tocsin.earth.gravity import gravity
from tocsin.messages import Array

BOOST, COAST, RE_ENTRY, DOWN = 0, 1, 2, 3
IMPACT, ALOFT, NOT_FINITE = 0, 1, 2
PIECES, POWER, TANGENT, TURN = 0, 1, 2, 3  # pitch programmes

BOOST_STEP = 0.5
COAST_STEP = 5.0
AIR_STEP = 0.25
AIR_TOP = 250_000.0  # drag above it: under 1e-6 m/s² on any body of `vehicles` but an empty tank [m]
RE_ENTRY_HEIGHT = 100_000.0
MACH_TOP = 86_000.0  # above it the Mach number says nothing [m]
ROWS = 24_000
LEFT_AT_END = 0.2  # of the thrust, at the end of its tail: our assumption
DOG_LEG_TIME = 10.0  # a dog-leg is turned in so long [s]: our assumption

# Cd over its subsonic value by Mach number: our assumption, shaped as slender bodies of revolution behave
# (sharp rise through Mach 1, slow decline after; compare Sutton and Biblarz 2017, figure 4-3).
_MACH = np.array([0.0, 0.7, 0.9, 1.05, 1.25, 1.6, 2.2, 3.0, 4.5, 7.0])
_RISE = np.array([1.0, 1.0, 1.25, 1.95, 2.15, 1.85, 1.5, 1.25, 1.05, 0.95])
_SEA_LEVEL_PRESSURE = 101_325.0


@njit(cache=True, error_model="numpy")
def drag_rise(mach: float) -> float:
    """Return the drag coefficient at a Mach number over its subsonic value."""
    if mach >= _MACH[-1]:
        return _RISE[-1]
    i = 1
    while mach > _MACH[i]:
        i += 1
    part = (mach - _MACH[i - 1]) / (_MACH[i] - _MACH[i - 1])
    return _RISE[i - 1] + part * (_RISE[i] - _RISE[i - 1])


@njit(cache=True, error_model="numpy")
def thrust_shape(u: float, stage: Array) -> float:
    """Return thrust over its mean at part `u` of the burn, but for what the tail takes from the mean."""
    shape = 1.0 + stage[6] * (0.5 - u)
    if stage[7] > 0.0:
        mean = 1.0 + stage[7] * (stage[8] - 1.0) * (1.0 + 0.5 * stage[6] * (1.0 - stage[7]))
        shape *= (stage[8] if u < stage[7] else 1.0) / mean
    return shape if u <= stage[9] else shape * (1.0 - (1.0 - LEFT_AT_END) * (u - stage[9]) / (1 - stage[9]))


@njit(cache=True, error_model="numpy")
def programme(t: float, end: float, pitch: float, body: Array) -> float:
    """Return the pitch angle from the launch vertical [rad], in inertial space, at `t` after lift-off.

    PIECES: three straight ones through two corners. POWER: a power of the time. TANGENT: after a straight piece
    to its first angle, the tangent of the elevation falls linearly. TURN: the kick, after which the thrust
    follows the airstream and this angle says nothing.
    """
    rise = body[0]
    if t <= rise:
        return 0.0
    if body[7] == TURN:
        return pitch * body[2] * min((t - rise) / body[1], 1.0)
    u = (t - rise) / (end - rise)
    if u >= 1.0:
        return pitch
    if body[7] == POWER:
        return pitch * u ** body[2]
    if body[7] == TANGENT:
        return _tangent(u, pitch, body)
    if u < body[1]:
        return pitch * body[2] * u / body[1]
    if u < body[3]:
        return pitch * (body[2] + (body[4] - body[2]) * (u - body[1]) / (body[3] - body[1]))
    return pitch * (body[4] + (1.0 - body[4]) * (u - body[3]) / (1.0 - body[3]))


@njit(cache=True, error_model="numpy")
def _tangent(u: float, pitch: float, body: Array) -> float:
    first = min(body[2], pitch)
    if first <= 0.0:
        return pitch * u
    if u < body[1]:
        return first * u / body[1]
    w = (u - body[1]) / (1.0 - body[1])
    return np.arctan2(1.0, (1.0 - w) / np.tan(first) + w / np.tan(pitch))


@njit(cache=True, error_model="numpy")
def _direct(t: float, pitch: float, axes: Array, x: Array, rho: float, body: Array, out: Array) -> None:
    """Set the thrust direction (3,), ITRF: the programme's, turned to the airstream where the load asks."""
    c, s = np.cos(EARTH_RATE * t), np.sin(EARTH_RATE * t)
    v2 = x[3] * x[3] + x[4] * x[4] + x[5] * x[5]
    if body[7] == TURN and t > body[0] + body[1] and v2 > 0.0:
        for k in range(3):
            out[k] = x[3 + k] / np.sqrt(v2)
    else:
        d = np.cos(pitch) * axes[0] + np.sin(pitch) * axes[1]
        out[0], out[1], out[2] = c * d[0] + s * d[1], -s * d[0] + c * d[1], d[2]
    yaw = body[10] * t + body[9] * min(max((t - body[8]) / DOG_LEG_TIME, 0.0), 1.0)
    if yaw != 0.0:
        up = axes[0]
        _turn_right(yaw, c * up[0] + s * up[1], -s * up[0] + c * up[1], up[2], out)
    q = 0.5 * rho * v2
    if q < body[5] / np.pi:
        return
    largest = body[5] / q
    v = np.sqrt(v2)
    along = (out[0] * x[3] + out[1] * x[4] + out[2] * x[5]) / v
    if along >= np.cos(largest):
        return
    across = np.sqrt(max(1.0 - along * along, 1e-30))
    a = np.sin(largest) / across
    b = (np.cos(largest) - a * along) / v
    for k in range(3):
        out[k] = a * out[k] + b * x[3 + k]


@njit(cache=True, error_model="numpy")
def _turn_right(angle: float, ux: float, uy: float, uz: float, d: Array) -> None:
    """Turn `d` (3,) about the unit vector u, to the right for one who stands along it."""
    c, s = np.cos(angle), np.sin(angle)
    along = (1.0 - c) * (ux * d[0] + uy * d[1] + uz * d[2])
    right = (d[1] * uz - d[2] * uy, d[2] * ux - d[0] * uz, d[0] * uy - d[1] * ux)
    d[0] = c * d[0] + s * right[0] + along * ux
    d[1] = c * d[1] + s * right[1] + along * uy
    d[2] = c * d[2] + s * right[2] + along * uz


@njit(cache=True, error_model="numpy")
def _rates(t: float, x: Array, ignition: float, end: float, pitch: float, stage: Array, body: Array,
           axes: Array, thrusting: bool, drag: float, out: Array) -> None:  # fmt: skip
    """Set the rates (7,) of `x` (7,): position, velocity, mass over the mass at ignition."""
    h = height(x[0], x[1], x[2])
    ax, ay, az = gravity(x[0], x[1], x[2])
    w = EARTH_RATE
    ax += 2 * w * x[4] + w * w * x[0]
    ay += -2 * w * x[3] + w * w * x[1]
    out[6] = 0.0
    rho = 0.0
    if h < AIR_TOP:
        rho = density(max(h, -5000.0))
        v = np.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5])
        k = 0.5 * rho * v * drag / x[6]
        if thrusting and h < MACH_TOP:
            k *= drag_rise(v / speed_of_sound(max(h, 0.0)))
        ax -= k * x[3]
        ay -= k * x[4]
        az -= k * x[5]
    if thrusting:
        force = stage[0] * thrust_shape((t - ignition) / stage[2], stage)
        out[6] = -force / stage[1]
        if h < MACH_TOP:
            force *= 1.0 - stage[4] * pressure(max(h, 0.0)) / _SEA_LEVEL_PRESSURE
        d = np.empty(3)
        _direct(t, programme(t, end, pitch, body), axes, x, rho, body, d)
        ax += force / x[6] * d[0]
        ay += force / x[6] * d[1]
        az += force / x[6] * d[2]
    out[0], out[1], out[2] = x[3], x[4], x[5]
    out[3], out[4], out[5] = ax, ay, az


@njit(cache=True, error_model="numpy")
def _step(t: float, x: Array, dt: float, ignition: float, end: float, pitch: float, stage: Array, body: Array,
          axes: Array, thrusting: bool, drag: float) -> Array:  # fmt: skip
    """Take one step of the classical Runge-Kutta method."""
    k1, k2, k3, k4 = np.empty(7), np.empty(7), np.empty(7), np.empty(7)
    _rates(t, x, ignition, end, pitch, stage, body, axes, thrusting, drag, k1)
    _rates(t + dt / 2, x + dt / 2 * k1, ignition, end, pitch, stage, body, axes, thrusting, drag, k2)
    _rates(t + dt / 2, x + dt / 2 * k2, ignition, end, pitch, stage, body, axes, thrusting, drag, k3)
    _rates(t + dt, x + dt * k3, ignition, end, pitch, stage, body, axes, thrusting, drag, k4)
    return x + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


@njit(cache=True, error_model="numpy")
def _record(path: Array, n: int, t: float, x: Array, phase: int) -> int:
    path[n, 0] = t
    path[n, 1:7] = x[:6]
    path[n, 7] = phase
    return n + 1


@njit(cache=True, error_model="numpy")
def ascend(x0: Array, stages: Array, body: Array, axes: Array, pitch: float, end: float, stop: float,
           path: Array) -> tuple[int, int]:  # fmt: skip
    """Fly from lift-off to the end of thrust and return the rows written to `path` and a status.

    `x0` (6,). `pitch`: the programme's final angle, reached at `end`. Thrust ends at `stop` at the latest
    (a failure comes before `end`). Stops in flight at the ground. Status IMPACT: hit the ground; ALOFT:
    thrust ended.
    """
    x = np.ones(7)
    x[:6] = x0
    ground = min(0.0, height(x[0], x[1], x[2]))
    n = _record(path, 0, 0.0, x, BOOST)
    ignition = 0.0
    for i in range(len(stages)):
        stage = stages[i]
        burnt = ignition + stage[2]
        lit_next = burnt + stage[3]
        bends = (ignition + stage[7] * stage[2], ignition + stage[9] * stage[2])
        marks = (ignition, bends[0], bends[1], burnt, lit_next)  # steps end where thrust bends
        x[6] = 1.0
        for part in range(4):
            thrusting = part < 3
            if not thrusting:
                if i == len(stages) - 1 or lit_next >= stop:
                    return n, ALOFT
                x[6] = 1.0
            drag = stage[5] if thrusting else stages[i + 1, 5]
            start, finish = marks[part], min(marks[part + 1], stop)
            steps = int(np.ceil((finish - start) / BOOST_STEP - 1e-9))
            for k in range(steps):
                dt = (finish - start) / steps
                t = start + k * dt
                x_next = _step(t, x, dt, ignition, end, pitch, stage, body, axes, thrusting, drag)
                if height(x_next[0], x_next[1], x_next[2]) < ground:
                    return _touch(path, n, t, x, dt, ground, stage[5]), IMPACT
                x = x_next
                n = _record(path, n, t + dt, x, BOOST)
        ignition = lit_next
    return n, ALOFT


@njit(cache=True, error_model="numpy")
def _touch(path: Array, n: int, t: float, x: Array, dt: float, ground: float, drag: float) -> int:
    """Find the ground within a step by bisection (to a microsecond) and write that row."""
    nothing = np.zeros((2, 7))
    low, high = 0.0, dt
    x_low = x.copy()
    x_low[6] = 1.0
    x0 = x_low.copy()
    while high - low > 1e-6:
        middle = 0.5 * (low + high)
        x_mid = _step(t, x0, middle, 0.0, 1.0, 0.0, nothing[0], nothing[0], nothing[:, :3], False, drag)
        if height(x_mid[0], x_mid[1], x_mid[2]) < ground:
            high = middle
        else:
            low, x_low = middle, x_mid
    return _record(path, n, t + max(low, 1e-7), x_low, DOWN)  # rows stay apart in time


@njit(cache=True, error_model="numpy")
def descend(n: int, until: float, drag: float, path: Array) -> tuple[int, int]:
    """Fly on without thrust from row `n - 1` of `path` to the ground or `until`: rows and status."""
    nothing = np.zeros((2, 7))
    x = np.ones(7)
    x[:6] = path[n - 1, 1:7]
    t = path[n - 1, 0]
    h = height(x[0], x[1], x[2])
    path[n - 1, 7] = COAST
    while t < until and n < len(path):
        dt = AIR_STEP if h < 100_000.0 else (1.0 if h < 150_000.0 else COAST_STEP)
        dt = min(dt, until - t)
        x_next = _step(t, x, dt, 0.0, 1.0, 0.0, nothing[0], nothing[0], nothing[:, :3], False, drag)
        h = height(x_next[0], x_next[1], x_next[2])
        if not np.isfinite(h):
            return n, NOT_FINITE
        if h < 0.0:
            return _touch(path, n, t, x, dt, 0.0, drag), IMPACT
        x = x_next
        t += dt
        falling = x[0] * x[3] + x[1] * x[4] + x[2] * x[5] < 0.0
        n = _record(path, n, t, x, RE_ENTRY if falling and h < RE_ENTRY_HEIGHT else COAST)
    return n, ALOFT
