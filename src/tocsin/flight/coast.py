"""Coast and re-entry: carry a state forward or back, with its derivative, and down to the ground.

A state `x` (6): ITRF position [m] and velocity relative to the rotating Earth [m/s]. `drag`: C_d A / m
[m²/kg], 0 in vacuum; air counts below 120 km. Gravity J2 to J4. Times `dt` in seconds from the state's own,
of either sign. Classical Runge-Kutta with steps set by the state alone. A batch gives exactly what its rows
give one by one.
"""

import math
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.constants import EARTH_GM, EARTH_RADIUS, EARTH_RATE
from tocsin.earth.ellipsoid import height
from tocsin.flight._kernels import (
    DRAG_CEILING,
    State,
    radial_climb,
    radial_height,
    rk4,
    rk4_with_transition,
    step_length,
)

Array = NDArray[np.float64]
Status = NDArray[np.int64]

OK: Final = 0
STAYS_UP: Final = 1  # escapes, is in orbit, or is not down within a day
NOT_FINITE: Final = 2

_DAY = 86_400.0
_MOST_STEPS = 200_000
# Perigees this far above what stops a body are safe from the harmonics' pull over a revolution.
_PERIGEE_MARGIN = 40_000.0


@njit(cache=True, error_model="numpy")
def step(x: Array, dt: float, drag: float) -> Array:
    """Give the state `x` (6) `dt` seconds on by a single Runge-Kutta step."""
    return np.array(rk4(_state(x), dt, drag))


@njit(cache=True, error_model="numpy")
def propagate(x: Array, dt: float, drag: float) -> Array:
    """Give the state `x` (6) `dt` seconds on; it may end underground, where nothing stops it.

    Backwards through dense air a body gains speed without bound: expect huge numbers there, not an error.
    """
    return np.array(_carry(_state(x), dt, drag))


@njit(cache=True, error_model="numpy")
def propagate_with_transition(x: Array, dt: float, drag: float) -> tuple[Array, Array]:
    """Give the state `x` (6) `dt` seconds on and its derivative (6, 6) with respect to `x`."""
    Phi = np.eye(6)
    work = np.empty((4, 6, 6))
    s = _state(x)
    sign = 1.0 if dt >= 0 else -1.0
    left = abs(dt)
    while left > 0.0:
        h = _next_step(s, sign, left, drag)
        s = rk4_with_transition(s, sign * h, drag, Phi, work)
        left -= h
    return np.array(s), Phi


@njit(cache=True, error_model="numpy")
def fall(x: Array, drag: float) -> tuple[Array, float, float, int]:
    """Carry the state `x` (6) down to the ellipsoid.

    Gives the state there, the time of flight [s], the greatest height on the way [m] and a status: 0 down; 1
    not down within a day (an osculating orbit clear of the ground and the air says so at once; the height is
    then the orbit's apogee above the equator's radius, infinite when it escapes); 2 not finite. Unless the
    status is 0, state and time are NaN. A body that starts at or below the ellipsoid and does not rise is
    down at once. The ground is met to 0.1 mm of height.
    """
    s = _state(x)
    if not _finite(s) or not math.isfinite(drag):
        return np.full(6, math.nan), math.nan, math.nan, NOT_FINITE
    apogee = height(s[0], s[1], s[2])
    clear, orbit_apogee = clear_of_the_ground(s, drag, DRAG_CEILING)
    if clear:
        return np.full(6, math.nan), math.nan, max(apogee, orbit_apogee), STAYS_UP
    climb = radial_climb(s)
    t = 0.0
    for _ in range(_MOST_STEPS):
        if t > _DAY:
            break
        if climb <= 0.0 and radial_height(s[0], s[1], s[2]) <= 0.0:
            return np.array(s), t, apogee, OK
        h = step_length(s, drag)
        after = rk4(s, h, drag)
        climb_after = radial_climb(after)
        if not _finite(after):
            return np.full(6, math.nan), math.nan, apogee, NOT_FINITE
        high, low = 0.0, h
        turned = climb * climb_after < 0.0
        if turned:
            turn = _turn(s, h, climb, climb_after, drag)
            at = rk4(s, turn, drag)
            if climb > 0.0:
                apogee, high = max(apogee, height(at[0], at[1], at[2])), turn
            elif radial_height(at[0], at[1], at[2]) < 0.0:
                low = turn
        down = low < h or (climb_after < 0.0 and radial_height(after[0], after[1], after[2]) <= 0.0)
        if down:
            tau = _landing(s, high, low, drag)
            return np.array(rk4(s, tau, drag)), t + tau, apogee, OK
        s, climb = after, climb_after
        t += h
    return np.full(6, math.nan), math.nan, apogee, STAYS_UP


@njit(cache=True, error_model="numpy")
def step_batch(x: Array, dt: Array, drag: Array) -> tuple[Array, Status]:
    """Step the states `x` (n, 6) by `dt` (n,): states (n, 6) and status (n,), 0 or 2."""
    y, status = np.empty_like(x), np.zeros(x.shape[0], dtype=np.int64)
    for i in range(x.shape[0]):
        y[i] = step(x[i], dt[i], drag[i])
        if not np.all(np.isfinite(y[i])):
            status[i] = NOT_FINITE
    return y, status


@njit(cache=True, error_model="numpy")
def propagate_batch(x: Array, dt: Array, drag: Array) -> tuple[Array, Status]:
    """Propagate the states `x` (n, 6) by `dt` (n,): states (n, 6) and status (n,), 0 or 2."""
    y, status = np.empty_like(x), np.zeros(x.shape[0], dtype=np.int64)
    for i in range(x.shape[0]):
        y[i] = propagate(x[i], dt[i], drag[i])
        if not np.all(np.isfinite(y[i])):
            status[i] = NOT_FINITE
    return y, status


@njit(cache=True, error_model="numpy")
def propagate_with_transition_batch(x: Array, dt: Array, drag: Array) -> tuple[Array, Array, Status]:
    """Propagate the states `x` (n, 6) by `dt` (n,): states, transitions (n, 6, 6) and status (n,), 0 or 2."""
    n = x.shape[0]
    y, Phi, status = np.empty_like(x), np.empty((n, 6, 6)), np.zeros(n, dtype=np.int64)
    for i in range(n):
        y[i], Phi[i] = propagate_with_transition(x[i], dt[i], drag[i])
        if not np.all(np.isfinite(y[i])):
            status[i] = NOT_FINITE
    return y, Phi, status


@njit(cache=True, error_model="numpy")
def fall_batch(x: Array, drag: Array) -> tuple[Array, Array, Array, Status]:
    """Carry the states `x` (n, 6) down: states (n, 6), times, heights and status (n,) as in `fall`."""
    n = x.shape[0]
    y, t, apogee = np.empty_like(x), np.empty(n), np.empty(n)
    status = np.empty(n, dtype=np.int64)
    for i in range(n):
        y[i], t[i], apogee[i], status[i] = fall(x[i], drag[i])
    return y, t, apogee, status


@njit(cache=True, error_model="numpy")
def _state(x: Array) -> State:
    return x[0], x[1], x[2], x[3], x[4], x[5]


@njit(cache=True, error_model="numpy")
def _finite(s: State) -> bool:
    return math.isfinite(s[0] + s[1] + s[2] + s[3] + s[4] + s[5])


@njit(cache=True, error_model="numpy")
def _carry(s: State, dt: float, drag: float) -> State:
    sign = 1.0 if dt >= 0 else -1.0
    left = abs(dt)
    while left > 0.0:
        h = _next_step(s, sign, left, drag)
        s = rk4(s, sign * h, drag)
        left -= h
    return s


@njit(cache=True, error_model="numpy")
def _next_step(s: State, sign: float, left: float, drag: float) -> float:
    """Give the length of the next step along the direction of time, at most what is left (also when NaN)."""
    forward = (s[0], s[1], s[2], sign * s[3], sign * s[4], sign * s[5])
    h = step_length(forward, drag)
    return h if h < left else left


@njit(cache=True, error_model="numpy")
def clear_of_the_ground(s: State, drag: float, ceiling: float) -> tuple[bool, float]:
    """Say whether the osculating conic never comes near the ground or the air, and its apogee height [m]."""
    x, y, z = s[0], s[1], s[2]
    u, v, w = s[3] - EARTH_RATE * y, s[4] + EARTH_RATE * x, s[5]
    r = math.sqrt(x * x + y * y + z * z)
    energy = 0.5 * (u * u + v * v + w * w) - EARTH_GM / r
    hx, hy, hz = y * w - z * v, z * u - x * w, x * v - y * u
    p = (hx * hx + hy * hy + hz * hz) / EARTH_GM
    e = math.sqrt(max(1 + 2 * energy * p / EARTH_GM, 0.0))
    bar = EARTH_RADIUS + _PERIGEE_MARGIN + (ceiling if drag > 0.0 else 0.0)
    if energy < 0.0:
        return p / (1 + e) > bar, -EARTH_GM / (2 * energy) * (1 + e) - EARTH_RADIUS
    leaving = x * u + y * v + z * w >= 0.0 and r > bar
    return leaving or p / (1 + e) > bar, math.inf


@njit(cache=True, error_model="numpy")
def _turn(s: State, h: float, climb: float, climb_after: float, drag: float) -> float:
    """Give when, within a step of `h`, climbing turns to falling or back (false position, Illinois rule)."""
    low, high = 0.0, h
    f_low, f_high = climb, climb_after
    tau = h
    for _ in range(30):
        tau = (low * f_high - high * f_low) / (f_high - f_low)
        f = radial_climb(rk4(s, tau, drag))
        # 1 cm/s leaves the height at the turn good to 10 µm.
        if abs(f) < 1e-2:
            break
        if f * f_high < 0.0:
            low, f_low = high, f_high
        else:
            f_low *= 0.5
        high, f_high = tau, f
    return tau


@njit(cache=True, error_model="numpy")
def _landing(s: State, high: float, low: float, drag: float) -> float:
    """Give when, between `high` (above) and `low` (below) seconds into a step, the ground is met.

    Newton's iteration kept inside its bracket, to 0.1 mm of height.
    """
    tau = low
    for _ in range(60):
        at = rk4(s, tau, drag)
        above = radial_height(at[0], at[1], at[2])
        if abs(above) < 1e-4:
            break
        if above > 0.0:
            high = tau
        else:
            low = tau
        tau -= above / radial_climb(at)
        if not high < tau < low:
            tau = 0.5 * (high + low)
    return tau
