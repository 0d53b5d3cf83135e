"""Coast and re-entry as exactly as doubles allow: to better than a millimetre at the ground, by DOP853.

Who uses what: `drift` serves many long coasts in vacuum (Monte Carlo, maps), `coast` the estimators, which need
derivatives and speed, and this module truth and the tests of both.

States, drag, times, gravity and statuses are those of `coast`. Air counts below `ceiling`, by the height above the
ellipsoid; integration stops at the ceiling and at each turn between rising and falling, and starts anew beyond, so
that no step straddles a kink. A batch gives exactly what its rows give one by one.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.constants import EARTH_RATE
from tocsin.earth.atmosphere import density
from tocsin.earth.ellipsoid import height
from tocsin.earth.gravity import gravity
from tocsin.flight._kernels import DRAG_CEILING, radial_climb
from tocsin.flight.coast import NOT_FINITE, OK, STAYS_UP, clear_of_the_ground
from tocsin.flight.dop853 import ENDED, MET, solver

Array = NDArray[np.float64]
Status = NDArray[np.int64]

_DAY = 86_400.0
_FIRST_STEP = 1.0
_MOST_LEGS = 10_000
_LOWEST_AIR = -5_000.0
# Error of one step: position [m], velocity [m/s]. Below it rounding takes over.
_TOLERANCE = np.array((1e-6, 1e-6, 1e-6, 1e-9, 1e-9, 1e-9))

# What the rates and events share: drag where there is air; the leg's ceiling, floor and direction.
_DRAG, _CEILING, _FLOOR, _RISING, _SENSE = 0, 1, 2, 3, 4


@njit(cache=True, error_model="numpy")
def fall(x: Array, drag: float, ceiling: float = DRAG_CEILING) -> tuple[Array, float, float, int]:
    """Carry the state `x` (6) down to the ellipsoid: state, time, greatest height and status as `coast.fall`."""
    gone = np.full(6, math.nan)
    if not (np.all(np.isfinite(x)) and math.isfinite(drag)):
        return gone, math.nan, math.nan, NOT_FINITE
    start = (x[0], x[1], x[2], x[3], x[4], x[5])
    apogee = height(x[0], x[1], x[2])
    clear, orbit_apogee = clear_of_the_ground(start, drag, ceiling)
    if clear:
        return gone, math.nan, max(apogee, orbit_apogee), STAYS_UP
    if apogee <= 0.0 and radial_climb(start) <= 0.0:
        return x.copy(), 0.0, apogee, OK
    y = x.copy()
    t, status, apogee = _legs(y, _DAY, drag, ceiling, True)
    if status != MET:
        return gone, math.nan, apogee, STAYS_UP if status == ENDED else NOT_FINITE
    return y, t, apogee, OK


@njit(cache=True, error_model="numpy")
def propagate(x: Array, dt: float, drag: float, ceiling: float = DRAG_CEILING) -> tuple[Array, int]:
    """Give the state `x` (6) `dt` seconds on or back, with no ground to stop it, and a status: 0, or 2 not finite."""
    y = x.copy()
    if not (np.all(np.isfinite(x)) and math.isfinite(drag + dt)):
        return np.full(6, math.nan), NOT_FINITE
    _, status, _ = _legs(y, dt, drag, ceiling, False)
    return y, OK if status == ENDED and np.all(np.isfinite(y)) else NOT_FINITE


@njit(cache=True, error_model="numpy")
def fall_batch(x: Array, drag: Array, ceiling: float = DRAG_CEILING) -> tuple[Array, Array, Array, Status]:
    """Carry the states `x` (n, 6) down: states (n, 6), times, heights and status (n,) as in `fall`."""
    n = x.shape[0]
    y, t, apogee = np.empty((n, 6)), np.empty(n), np.empty(n)
    status = np.empty(n, dtype=np.int64)
    for i in range(n):
        y[i], t[i], apogee[i], status[i] = fall(x[i], drag[i], ceiling)
    return y, t, apogee, status


@njit(cache=True, error_model="numpy")
def propagate_batch(x: Array, dt: Array, drag: Array, ceiling: float = DRAG_CEILING) -> tuple[Array, Status]:
    """Propagate the states `x` (n, 6) by `dt` (n,): states (n, 6) and status (n,), 0 or 2."""
    y, status = np.empty((x.shape[0], 6)), np.empty(x.shape[0], dtype=np.int64)
    for i in range(x.shape[0]):
        y[i], status[i] = propagate(x[i], dt[i], drag[i], ceiling)
    return y, status


@njit(cache=True, error_model="numpy")
def _rate(t: float, y: Array, p: Array, out: Array) -> None:
    """Write the rate of the state in the rotating axes."""
    x, v = y[:3], y[3:]
    ax, ay, az = gravity(x[0], x[1], x[2])
    ax += EARTH_RATE * (EARTH_RATE * x[0] + 2 * v[1])
    ay += EARTH_RATE * (EARTH_RATE * x[1] - 2 * v[0])
    k = 0.0
    if p[_DRAG] > 0.0:
        rho = density(max(height(x[0], x[1], x[2]), _LOWEST_AIR))
        k = 0.5 * p[_DRAG] * rho * math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
    out[0], out[1], out[2] = v[0], v[1], v[2]
    out[3], out[4], out[5] = ax - k * v[0], ay - k * v[1], az - k * v[2]


@njit(cache=True, error_model="numpy")
def _leg_ends(t: float, y: Array, p: Array) -> float:
    """Be positive until the leg turns or leaves its layer."""
    return min(_to_turn(y, p), _to_border(y, p))


@njit(cache=True, error_model="numpy")
def _to_turn(y: Array, p: Array) -> float:
    """Give the speed [m/s] at which the leg still rises, or falls."""
    climb = p[_SENSE] * _climb(y)
    return climb if p[_RISING] > 0.0 else -climb


@njit(cache=True, error_model="numpy")
def _to_border(y: Array, p: Array) -> float:
    """Give the height [m] left to the border that the leg heads for."""
    h = height(y[0], y[1], y[2])
    return p[_CEILING] - h if p[_RISING] > 0.0 else h - p[_FLOOR]


@njit(cache=True, error_model="numpy")
def _climb(y: Array) -> float:
    return radial_climb((y[0], y[1], y[2], y[3], y[4], y[5]))


_solve = solver(_rate, _leg_ends)


@njit(cache=True, error_model="numpy")
def _legs(y: Array, end: float, drag: float, ceiling: float, ground: bool) -> tuple[float, int, float]:
    """Fly `y` in place to time `end`, or to the ground (status MET), leg by leg: time, status, greatest height.

    A leg rises or falls (seen along the direction of flight through time) and is in air or above it.
    """
    t, h, status = 0.0, _FIRST_STEP, ENDED
    sense = 1.0 if end >= 0.0 else -1.0
    top = height(y[0], y[1], y[2])
    air = drag > 0.0 and top < ceiling
    rising = sense * _climb(y) > 0.0
    p = np.empty(5)
    p[_SENSE] = sense
    for _ in range(_MOST_LEGS):
        p[_DRAG], p[_RISING] = drag if air else 0.0, 1.0 if rising else 0.0
        p[_CEILING] = ceiling if air else math.inf
        p[_FLOOR] = ceiling if drag > 0.0 and not air else (0.0 if ground else -math.inf)
        t, h, status = _solve(t, y, end, p, _TOLERANCE, h)
        at = height(y[0], y[1], y[2])
        top = max(top, at)
        if status != MET:
            break
        turned, border = _to_turn(y, p), _to_border(y, p)
        if turned < border:
            rising = not rising
        elif rising:
            air = False
        elif p[_FLOOR] == 0.0:
            break
        else:
            air = True
    return t, status, top
