"""Motion without thrust in axes that turn with the Earth: acceleration, its derivatives, one step.

A state is six numbers: position [m] and velocity relative to the rotating Earth [m/s], ITRF. The air turns
with the Earth, so that this velocity is also the velocity through the air. Acceleration: gravity, Coriolis,
centrifugal, and drag -½ ρ |v| v · drag with drag = C_d A / m [m²/kg]; no air above `DRAG_CEILING`.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.constants import EARTH_ECCENTRICITY_SQUARED, EARTH_GM, EARTH_RADIUS, EARTH_RATE
from tocsin.earth.atmosphere import log_density
from tocsin.earth.gravity import gravity, gravity_gradient

Array = NDArray[np.float64]
State = tuple[float, float, float, float, float, float]
Vector = tuple[float, float, float]

# Drag left out above: for 100 kg/m² at 7 km/s it is 5e-3 m/s² there, for a few seconds of flight.
DRAG_CEILING = 120_000.0

# Steps. RK4's error over a 30 min arc at 20 s is under half a metre (the tests measure it against DOP853). In
# air a step falls through at most a quarter of a scale height and slows by at most a fifth.
_VACUUM_STEP = 20.0
_LONGEST_STEP = 400.0  # far out, where the axes' own turning must be followed: 0.03 rad
_SHORTEST_STEP = 1e-3
_FALL_PER_SCALE_HEIGHT = 0.25
_SLOWING = 0.2
_LONGEST_IN_AIR = 2.0
_FULL_CARE = 0.1  # drag [m/s²] from which both count in full
_LOWEST_AIR = -5_000.0

_SECOND_E2 = EARTH_ECCENTRICITY_SQUARED / (1 - EARTH_ECCENTRICITY_SQUARED)


@njit(cache=True, error_model="numpy")
def radial_height(x: float, y: float, z: float) -> float:
    """Give the distance [m] to the ellipsoid towards the Earth's centre.

    Zero where the height is zero; below 120 km within 0.7 m of the height, at half its cost.
    """
    r2 = x * x + y * y + z * z
    return math.sqrt(r2) - EARTH_RADIUS / math.sqrt(1 + _SECOND_E2 * z * z / r2)


@njit(cache=True, error_model="numpy")
def radial_climb(s: State) -> float:
    """Give the rate of `radial_height` [m/s]."""
    r = math.sqrt(s[0] * s[0] + s[1] * s[1] + s[2] * s[2])
    sine = s[2] / r
    climb = (s[0] * s[3] + s[1] * s[4] + s[2] * s[5]) / r
    sine_rate = (s[5] - sine * climb) / r
    q = 1 + _SECOND_E2 * sine * sine
    return climb + EARTH_RADIUS * _SECOND_E2 * sine * sine_rate / (q * math.sqrt(q))


@njit(cache=True, error_model="numpy")
def acceleration(s: State, drag: float) -> Vector:
    """Give the acceleration [m/s²] in the rotating axes."""
    x, y, z, u, v, w = s
    ax, ay, az = gravity(x, y, z)
    ax += EARTH_RATE * (EARTH_RATE * x + 2 * v)
    ay += EARTH_RATE * (EARTH_RATE * y - 2 * u)
    if drag > 0.0:
        h = radial_height(x, y, z)
        if h < DRAG_CEILING:
            k = 0.5 * drag * math.exp(log_density(max(h, _LOWEST_AIR))[0]) * math.sqrt(u * u + v * v + w * w)
            ax -= k * u
            ay -= k * v
            az -= k * w
    return ax, ay, az


@njit(cache=True, error_model="numpy")
def advance(s: State, d: State, h: float) -> State:
    """Give s + h d."""
    return (
        s[0] + h * d[0], s[1] + h * d[1], s[2] + h * d[2],
        s[3] + h * d[3], s[4] + h * d[4], s[5] + h * d[5],
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def derivative(s: State, drag: float) -> State:
    """Give the rate of the state: velocity and acceleration."""
    a = acceleration(s, drag)
    return s[3], s[4], s[5], a[0], a[1], a[2]


@njit(cache=True, error_model="numpy")
def rk4(s: State, h: float, drag: float) -> State:
    """Give the state `h` seconds on by one classical Runge-Kutta step."""
    k1 = derivative(s, drag)
    k2 = derivative(advance(s, k1, h / 2), drag)
    k3 = derivative(advance(s, k2, h / 2), drag)
    k4 = derivative(advance(s, k3, h), drag)
    middle = advance(k2, k3, 1.0)
    return advance(advance(advance(s, k1, h / 6), middle, h / 3), k4, h / 6)


@njit(cache=True, error_model="numpy")
def step_length(s: State, drag: float) -> float:
    """Give the length [s] of the next step forward: set by gravity in vacuum, by the air below the ceiling.

    A step from above does not go far below the ceiling: it ends where a parabola would meet it.
    """
    r = math.sqrt(s[0] * s[0] + s[1] * s[1] + s[2] * s[2])
    q = max(r / EARTH_RADIUS, 0.9)
    longest = min(_VACUUM_STEP * q * math.sqrt(q), _LONGEST_STEP)
    if not drag > 0.0:
        return longest
    above = radial_height(s[0], s[1], s[2]) - DRAG_CEILING
    climb = radial_climb(s)
    speed2 = s[3] * s[3] + s[4] * s[4] + s[5] * s[5]
    if above > 0.0:
        sink = EARTH_GM / (r * r) - (speed2 - climb * climb) / r
        if above + climb * longest - 0.5 * sink * longest * longest >= 0.0 and sink >= 0.0:
            return longest
        root = math.sqrt(max(climb * climb + 2 * sink * above, 0.0))
        if root - climb > 0.0:
            longest = min(longest, 2 * above / (root - climb))
        return max(longest, 0.02)
    value, slope = log_density(max(above + DRAG_CEILING, _LOWEST_AIR))
    # 150 m/s: what level flight may sink at within one step. Where drag is weak, so is its part in the error.
    slowing = 0.5 * math.exp(value) * drag * math.sqrt(speed2)
    leave = min(math.sqrt(math.sqrt(_FULL_CARE / (slowing * math.sqrt(speed2) + 1e-30))), 8.0)
    by_height = _FALL_PER_SCALE_HEIGHT / (-slope * (abs(climb) + 150.0))
    by_height = max(leave, 1.0) * min(by_height, _LONGEST_IN_AIR)
    by_drag = _SLOWING / (slowing + 1e-30)
    return max(min(longest, by_height, by_drag), _SHORTEST_STEP)


@njit(cache=True, error_model="numpy")
def acceleration_jacobian(s: State, drag: float, J: Array) -> None:
    """Write the derivative of `acceleration` with respect to the state into `J` (3, 6)."""
    x, y, z, u, v, w = s
    gravity_gradient(x, y, z, J)
    J[:, 3:] = 0.0
    J[0, 0] += EARTH_RATE * EARTH_RATE
    J[1, 1] += EARTH_RATE * EARTH_RATE
    J[0, 4] = 2 * EARTH_RATE
    J[1, 3] = -2 * EARTH_RATE
    if not drag > 0.0:
        return
    h = radial_height(x, y, z)
    speed = math.sqrt(u * u + v * v + w * w)
    if h >= DRAG_CEILING or speed == 0.0:
        return
    value, slope = log_density(max(h, _LOWEST_AIR))
    k = 0.5 * drag * math.exp(value)
    r2 = x * x + y * y + z * z
    r = math.sqrt(r2)
    q = 1 + _SECOND_E2 * z * z / r2
    tilt = EARTH_RADIUS * _SECOND_E2 * z / (r2 * q * math.sqrt(q))
    up = ((1 - tilt * z / r) * x / r, (1 - tilt * z / r) * y / r, (1 - tilt * z / r) * z / r + tilt)
    velocity = (u, v, w)
    for i in range(3):
        for j in range(3):
            J[i, j] -= k * slope * speed * velocity[i] * up[j]
            J[i, 3 + j] -= k * velocity[i] * velocity[j] / speed
        J[i, 3 + i] -= k * speed


@njit(cache=True, error_model="numpy")
def rk4_with_transition(s: State, h: float, drag: float, Phi: Array, work: Array) -> State:
    """Step the state and, in place, its transition matrix `Phi` (6, 6). `work` (4, 6, 6) is scratch.

    The variational equations Φ' = A Φ through the same four stages: the exact derivative of the step itself.
    """
    J, Y, K, total = work[0], work[1], work[2], work[3]
    total[:] = 0.0
    Y[:] = Phi
    k1 = derivative(s, drag)
    _accumulate(s, drag, J, Y, K, total, 1.0)
    _trial(Phi, K, h / 2, Y)
    s2 = advance(s, k1, h / 2)
    k2 = derivative(s2, drag)
    _accumulate(s2, drag, J, Y, K, total, 2.0)
    _trial(Phi, K, h / 2, Y)
    s3 = advance(s, k2, h / 2)
    k3 = derivative(s3, drag)
    _accumulate(s3, drag, J, Y, K, total, 2.0)
    _trial(Phi, K, h, Y)
    s4 = advance(s, k3, h)
    k4 = derivative(s4, drag)
    _accumulate(s4, drag, J, Y, K, total, 1.0)
    _trial(Phi, total, h / 6, Phi)
    middle = advance(k2, k3, 1.0)
    return advance(advance(advance(s, k1, h / 6), middle, h / 3), k4, h / 6)


@njit(cache=True, error_model="numpy")
def _accumulate(s: State, drag: float, J: Array, Y: Array, K: Array, total: Array, weight: float) -> None:
    """Write A Y into `K` and add it, weighted, to `total`."""
    acceleration_jacobian(s, drag, J)
    for j in range(6):
        for i in range(3):
            K[i, j] = Y[3 + i, j]
            a = 0.0
            for k in range(6):
                a += J[i, k] * Y[k, j]
            K[3 + i, j] = a
    for i in range(6):
        for j in range(6):
            total[i, j] += weight * K[i, j]


@njit(cache=True, error_model="numpy")
def _trial(Phi: Array, K: Array, h: float, Y: Array) -> None:
    for i in range(6):
        for j in range(6):
            Y[i, j] = Phi[i, j] + h * K[i, j]
