"""Long coasts in vacuum, fast: conic arcs with kicks by J2 to J4, to the ground or to a time.

For Monte Carlo and maps: states, statuses and meaning as in `coast` with no drag, at a fifth of its cost and with
less error (`benchmarks/propagation.py`). What the method is not made for (starts or stays low, grazes the ground,
goes far out or escapes) `coast.fall` flies, so that every state has the same answer from both. A batch gives
exactly what its rows give one by one.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.constants import (
    EARTH_ECCENTRICITY_SQUARED,
    EARTH_FLATTENING,
    EARTH_GM,
    EARTH_POLAR_RADIUS,
    EARTH_RADIUS,
    EARTH_RATE,
)
from tocsin.earth.ellipsoid import height
from tocsin.flight import coast
from tocsin.flight._drift import RATE, STEP, Flying, conic, hop, span, starting
from tocsin.flight._kernels import State
from tocsin.flight.coast import NOT_FINITE, OK

Array = NDArray[np.float64]
Status = NDArray[np.int64]

# What `fall` flies itself: apogee at least 50 km above the equator's radius, perigee at least 60 km below the
# pole's (so that the path meets the ground at a fair angle), half the longest axis at most six radii (down within
# a day).
_LOWEST_TOP = EARTH_RADIUS + 50_000.0
_HIGHEST_BOTTOM = EARTH_POLAR_RADIUS - 60_000.0
_LARGEST = 6 * EARTH_RADIUS
_GROUND = 6_366_000.0  # first guess of the ground's radius
_SECOND_E2 = EARTH_ECCENTRICITY_SQUARED / (1 - EARTH_ECCENTRICITY_SQUARED)
_CORRECTIONS = 10
_MOST_STEPS = 1_000_000
_HOP = 0.1  # longest single step of a correction, as `STEP`


@njit(cache=True, error_model="numpy")
def fall(x: Array) -> tuple[Array, float, float, int]:
    """Carry the state `x` (6), ITRF, down to the ellipsoid in vacuum.

    Gives the state there, the time of flight [s], the greatest height [m] and a status, as `coast.fall`.
    """
    y, t, apogee, status = _fall(x)
    return np.array(y), t, apogee, status


@njit(cache=True, error_model="numpy")
def fall_batch(x: Array) -> tuple[Array, Array, Array, Status]:
    """Carry the states `x` (n, 6) down: states (n, 6), times, heights and status (n,) as in `fall`."""
    n = x.shape[0]
    y, t, apogee = np.empty((n, 6)), np.empty(n), np.empty(n)
    status = np.empty(n, dtype=np.int64)
    for i in range(n):
        row, t[i], apogee[i], status[i] = _fall(x[i])
        _write(row, y[i])
    return y, t, apogee, status


@njit(cache=True, error_model="numpy")
def propagate(x: Array, dt: float) -> tuple[Array, int]:
    """Give the state `x` (6), ITRF, `dt` seconds on or back in vacuum, and a status: 0, or 2 not finite.

    Not finite is also what would take a million steps (some ten years of a low orbit). It may end underground,
    where nothing stops it; a path through the Earth's core has no meaning.
    """
    y, status = _propagate(x, dt)
    return np.array(y), status


@njit(cache=True, error_model="numpy")
def propagate_batch(x: Array, dt: Array) -> tuple[Array, Status]:
    """Propagate the states `x` (n, 6) by `dt` (n,): states (n, 6) and status (n,), 0 or 2."""
    y, status = np.empty((x.shape[0], 6)), np.empty(x.shape[0], dtype=np.int64)
    for i in range(x.shape[0]):
        row, status[i] = _propagate(x[i], dt[i])
        _write(row, y[i])
    return y, status


@njit(cache=True, error_model="numpy")
def _fall(x: Array) -> tuple[State, float, float, int]:
    f, E = starting(x[0], x[1], x[2], x[3] - EARTH_RATE * x[1], x[4] + EARTH_RATE * x[0], x[5])
    if not _ordinary(f, E):
        return _by_steps(x)
    if f[0] * f[3] + f[1] * f[4] + f[2] * f[5] > 0.0:
        f, apogee = _to_apogee(f, E)
    else:
        apogee = height(f[0], f[1], f[2])
    f = span(f, E, _to_ground(f, E))
    for _ in range(_CORRECTIONS):
        above, climb, sink = _above(f)
        if abs(above) < 1e-5 and climb < 0.0:
            return _itrf(f), f[7], apogee, OK
        # When the parabola through here meets the ground.
        tau = 2 * above / (math.sqrt(max(climb * climb + 2 * sink * above, 0.0)) - climb)
        f = hop(f, E, tau / f[6])
    return _by_steps(x)


@njit(cache=True, error_model="numpy")
def _ordinary(f: Flying, E: float) -> bool:
    """Say whether the arc comes from high enough and goes deep enough for the closed forms; not where not finite."""
    if not -2 * E * _LARGEST > EARTH_GM:
        return False
    a = -EARTH_GM / (2 * E)
    esin, ecos = _eccentric(f, E)
    e = math.sqrt(esin * esin + ecos * ecos)
    top = a * (1 + e) if esin > 0.0 else f[6]
    return top > _LOWEST_TOP and a * (1 - e) < _HIGHEST_BOTTOM


@njit(cache=True, error_model="numpy")
def _eccentric(f: Flying, E: float) -> tuple[float, float]:
    """Give eccentricity times sine and cosine of the eccentric anomaly."""
    along = f[0] * f[3] + f[1] * f[4] + f[2] * f[5]
    return along * math.sqrt(-2 * E) / EARTH_GM, 1 + 2 * E * f[6] / EARTH_GM


@njit(cache=True, error_model="numpy")
def _to_apogee(f: Flying, E: float) -> tuple[Flying, float]:
    """Fly a rising state to the conic's apogee and give it with the greatest height near there."""
    esin, ecos = _eccentric(f, E)
    f = span(f, E, (math.pi - math.atan2(esin, ecos)) / math.sqrt(-2 * E))
    _, climb, sink = _above(f)
    top = hop(f, E, climb / (sink * f[6]))
    _, climb, sink = _above(top)
    return f, height(top[0], top[1], top[2]) + 0.5 * climb * climb / sink


@njit(cache=True, error_model="numpy")
def _to_ground(f: Flying, E: float) -> float:
    """Give how far in s the conic of a falling state meets the ground, the ellipsoid's radius set by its latitude."""
    beta = -2 * E
    k = math.sqrt(beta)
    esin, ecos = _eccentric(f, E)
    e = math.sqrt(esin * esin + ecos * ecos)
    # Eccentric anomaly at the ground, on the way down, and the turn to there, by their sines and cosines.
    cosine = (1 - beta * _GROUND / EARTH_GM) / e
    sine = -math.sqrt(1 - cosine * cosine)
    turn_sine, turn_cosine = (sine * ecos - cosine * esin) / e, (cosine * ecos + sine * esin) / e
    turn = math.atan2(turn_sine, turn_cosine)
    g1, g2 = turn_sine / k, (1 - turn_cosine) / beta
    along = f[0] * f[3] + f[1] * f[4] + f[2] * f[5]
    z = ((1 - EARTH_GM * g2 / f[6]) * f[2] + (f[6] * g1 + along * g2) * f[5]) / _GROUND
    rise = EARTH_RADIUS * (1 - EARTH_FLATTENING * z * z) - _GROUND
    return ((turn + 2 * math.pi if turn < 0.0 else turn) + rise * beta / (EARTH_GM * e * sine)) / k


@njit(cache=True, error_model="numpy")
def _above(f: Flying) -> tuple[float, float, float]:
    """Give the distance to the ellipsoid towards the centre, its rate, and the rate at which that falls."""
    i = 1 / f[6]
    sine = f[2] * i
    q = 1 / math.sqrt(1 + _SECOND_E2 * sine * sine)
    out = (f[0] * f[3] + f[1] * f[4] + f[2] * f[5]) * i
    climb = out + EARTH_RADIUS * _SECOND_E2 * sine * (f[5] - sine * out) * i * q * q * q
    across2 = f[3] * f[3] + f[4] * f[4] + f[5] * f[5] - out * out
    return f[6] - EARTH_RADIUS * q, climb, (EARTH_GM * i - across2) * i


@njit(cache=True, error_model="numpy")
def _propagate(x: Array, dt: float) -> tuple[State, int]:
    f, E = starting(x[0], x[1], x[2], x[3] - EARTH_RATE * x[1], x[4] + EARTH_RATE * x[0], x[5])
    left = dt
    if abs(left) > 0.0:
        s = _kepler(f, E, dt)
        for _ in range(_CORRECTIONS):
            turn = abs(s) * max(RATE, math.sqrt(abs(2 * E)))
            if not turn < _MOST_STEPS * STEP:
                break
            f = span(f, E, s) if turn > _HOP else hop(f, E, s)
            left = dt - f[7]
            if abs(left) < 1e-9:
                break
            along = f[0] * f[3] + f[1] * f[4] + f[2] * f[5]
            s = left / f[6] * (1 - 0.5 * along * left / (f[6] * f[6]))
    y = _itrf(f)
    good = abs(left) < 1e-6 and math.isfinite(y[0] + y[1] + y[2] + y[3] + y[4] + y[5])
    return y, OK if good else NOT_FINITE


@njit(cache=True, error_model="numpy")
def _kepler(f: Flying, E: float, dt: float) -> float:
    """Give how far in s the conic is `dt` seconds on: Newton's iteration kept inside a bracket."""
    beta = -2 * E
    along = f[0] * f[3] + f[1] * f[4] + f[2] * f[5]
    zeta = EARTH_GM - beta * f[6]
    sign = 1.0 if dt > 0 else -1.0
    low, high = 0.0, abs(dt) / f[6]
    for _ in range(200):
        s, _, g2, g3 = conic(sign * high, beta)
        if not sign * (f[6] * s + along * g2 + zeta * g3) < abs(dt):
            break
        low, high = high, 2 * high
    tau = 0.5 * (low + high)
    for _ in range(60):
        s, g1, g2, g3 = conic(sign * tau, beta)
        late = sign * (f[6] * s + along * g2 + zeta * g3) - abs(dt)
        if abs(late) < 1e-3:
            break
        if late > 0.0:
            high = tau
        else:
            low = tau
        tau -= late / (f[6] + along * g1 + zeta * g2)
        if not low < tau < high:
            tau = 0.5 * (low + high)
    return sign * tau


@njit(cache=True, error_model="numpy")
def _itrf(f: Flying) -> State:
    """Give the state in axes that have turned with the Earth since time 0."""
    x, y, z, u, v, w, _, t = f
    c, s = math.cos(EARTH_RATE * t), math.sin(EARTH_RATE * t)
    x, y = c * x + s * y, c * y - s * x
    return x, y, z, c * u + s * v + EARTH_RATE * y, c * v - s * u - EARTH_RATE * x, w


@njit(cache=True, error_model="numpy")
def _by_steps(x: Array) -> tuple[State, float, float, int]:
    y, t, apogee, status = coast.fall(x, 0.0)
    return (y[0], y[1], y[2], y[3], y[4], y[5]), t, apogee, status


@njit(cache=True, error_model="numpy")
def _write(s: State, row: Array) -> None:
    for i in range(6):
        row[i] = s[i]
