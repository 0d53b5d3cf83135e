"""Conic arcs between kicks by the zonal harmonics, in inertial axes: the splitting that `drift` flies.

A state is eight numbers: position [m], velocity [m/s], distance r from the Earth's centre and time [s]. The
independent variable is s with dt = r ds (Sundman), so that steps are even in the angle, not in time. There the
Hamiltonian r (H - E), E the energy of the flight, splits into conic motion r (v²/2 - E) - GM, in closed form
without Kepler's equation, and r times the harmonics' potential, a kick (Preto and Tremaine 1999; Mikkola and
Tanikawa 1999). On the conic part r (v²/2 - E) is kept and plays GM; the angle's rate sqrt(-2E) is the same for
the whole flight.
"""

import math

from numba import njit

from tocsin.constants import EARTH_GM, EARTH_J2, EARTH_J3, EARTH_J4, EARTH_RADIUS

Flying = tuple[float, float, float, float, float, float, float, float]
Conic = tuple[float, float, float, float]

# One step turns by at most this angle [rad] of a circular orbit at the ground: over 10,000 arcs of 10 to 35 min
# the impact is then within 0.2 m (benchmarks/propagation.py).
STEP = 0.5
RATE = math.sqrt(EARTH_GM / EARTH_RADIUS)

# Blanes, Casas, Farrés, Laskar, Makazaga and Murua (2013), ABA(8, 4): five kicks; the error of a step is of
# eighth order in its length and first in the harmonics, or of fourth and second.
_A1, _A2 = 0.07534696026989288842, 0.51791685468825678230
_A3 = 0.5 - _A1 - _A2
_B1, _B2 = 0.19022593937367661925, 0.84652407044352625706
_B3 = 1 - 2 * (_B1 + _B2)
_SHORT = 0.004 / RATE  # a few seconds, over which one kick errs by a tenth of a millimetre
_GAUSS = 0.5 - math.sqrt(3) / 6

_K2, _K3, _K4 = EARTH_J2 * EARTH_RADIUS**2, EARTH_J3 * EARTH_RADIUS**3, EARTH_J4 * EARTH_RADIUS**4

# Stumpff's c2 and c3 as series in (angle)², to rounding for angles up to 0.7.
_P = tuple((-1.0) ** j / math.factorial(2 * j + 2) for j in range(8))
_Q = tuple((-1.0) ** j / math.factorial(2 * j + 3) for j in range(8))
_SERIES = 0.5


@njit(cache=True, error_model="numpy")
def starting(x: float, y: float, z: float, u: float, v: float, w: float) -> tuple[Flying, float]:
    """Give the flying state of an inertial position and velocity at time 0, and its energy E [m²/s²]."""
    r = math.sqrt(x * x + y * y + z * z)
    i = 1 / r
    c = z * i
    c2 = c * c
    zonal = i * i * (_K2 * (1.5 * c2 - 0.5) + i * (_K3 * c * (2.5 * c2 - 1.5)
                     + i * _K4 * ((4.375 * c2 - 3.75) * c2 + 0.375)))  # fmt: skip
    return (x, y, z, u, v, w, r, 0.0), 0.5 * (u * u + v * v + w * w) - EARTH_GM * i * (1 - zonal)


@njit(cache=True, error_model="numpy")
def conic(s: float, beta: float) -> Conic:
    """Give s and the universal functions G1, G2, G3 of it, for beta = -2E: Gₙ = sⁿ cₙ(beta s²), any angle."""
    x = beta * s * s
    if abs(x) < _SERIES:
        return _near(s, beta)
    k = math.sqrt(abs(beta))
    if x > 0.0:
        g1, g2 = math.sin(k * s) / k, (1 - math.cos(k * s)) / beta
    else:
        g1, g2 = math.sinh(k * s) / k, (1 - math.cosh(k * s)) / beta
    return s, g1, g2, (s - g1) / beta


@njit(cache=True, error_model="numpy")
def span(f: Flying, E: float, s: float) -> Flying:
    """Fly on by `s`, forward or back, in equal steps of five kicks."""
    beta = -2 * E
    n = int(abs(s) * max(RATE, math.sqrt(abs(beta))) / STEP) + 1
    h = s / n
    end, outer, inner, joined = (
        _near(_A1 * h, beta),
        _near(_A2 * h, beta),
        _near(_A3 * h, beta),
        _near(2 * _A1 * h, beta),
    )
    f = _drift(f, E, end)
    for k in range(n):
        f = _drift(_kick(f, _B1 * h), E, outer)
        f = _drift(_kick(f, _B2 * h), E, inner)
        f = _drift(_kick(f, _B3 * h), E, inner)
        f = _drift(_kick(f, _B2 * h), E, outer)
        f = _drift(_kick(f, _B1 * h), E, joined if k < n - 1 else end)
    return f


@njit(cache=True, error_model="numpy")
def hop(f: Flying, E: float, s: float) -> Flying:
    """Fly on by a little, in one step with two kicks at Gauss's nodes, or one in the middle where that is plenty."""
    if abs(s) < _SHORT:
        half = _near(0.5 * s, -2 * E)
        return _drift(_kick(_drift(f, E, half), s), E, half)
    end, middle = _near(_GAUSS * s, -2 * E), _near((1 - 2 * _GAUSS) * s, -2 * E)
    f = _drift(_kick(_drift(f, E, end), 0.5 * s), E, middle)
    return _drift(_kick(f, 0.5 * s), E, end)


@njit(cache=True, error_model="numpy")
def _near(s: float, beta: float) -> Conic:
    """Give what `conic` gives, for small angles only."""
    q = s * s
    x = beta * q
    g2 = q * (_P[0] + x * (_P[1] + x * (_P[2] + x * (_P[3] + x * (_P[4] + x * (_P[5] + x * _P[6]))))))
    g3 = q * s * (_Q[0] + x * (_Q[1] + x * (_Q[2] + x * (_Q[3] + x * (_Q[4] + x * (_Q[5] + x * _Q[6]))))))
    return s, s - beta * g3, g2, g3


@njit(cache=True, error_model="numpy")
def _drift(f: Flying, E: float, g: Conic) -> Flying:
    """Follow the conic (Battin 1999, section 4.5: universal f and g)."""
    x, y, z, u, v, w, r, t = f
    s, g1, g2, g3 = g
    eta = x * u + y * v + z * w
    m = r * (0.5 * (u * u + v * v + w * w) - E)
    zeta = m + 2 * E * r
    r_after = r + eta * g1 + zeta * g2
    i = 1 / (r * r_after)
    dt = r * s + eta * g2 + zeta * g3
    a, b = 1 - m * g2 * r_after * i, dt - m * g3
    c, d = -m * g1 * i, 1 - m * g2 * r * i
    return (
        a * x + b * u,
        a * y + b * v,
        a * z + b * w,
        c * x + d * u,
        c * y + d * v,
        c * z + d * w,
        r_after,
        t + dt,
    )


@njit(cache=True, error_model="numpy")
def _kick(f: Flying, s: float) -> Flying:
    """Change the velocity by -s times the gradient of r times the harmonics' potential."""
    x, y, z, u, v, w, r, t = f
    i = 1 / r
    c, i2 = z * i, i * i
    c2 = c * c
    k3, k4 = _K3 * i, _K4 * i2
    k = EARTH_GM * i * i2 * s
    a = k * i * (_K2 * (6 * c2 - 1) + k3 * c * (15 * c2 - 6) + k4 * ((35 * c2 - 22.5) * c2 + 1.5))
    b = k * (_K2 * 3 * c + k3 * (7.5 * c2 - 1.5) + k4 * c * (17.5 * c2 - 7.5))
    return x, y, z, u + a * x, v + a * y, w + a * z - b, r, t
