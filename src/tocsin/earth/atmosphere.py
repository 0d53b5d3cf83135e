"""The US Standard Atmosphere 1976: density, pressure and speed of sound against height above the ground [m].

Source: NOAA-S/T 76-1562. Below 86 km the standard's own layers in closed form; above, cubic splines through
the logarithm of its tables up to 1,000 km, and nothing beyond. Below -5 km the slope at -5 km goes on. The
density kernel reads a spline of ln ρ on two uniform grids, made when the module is imported: it agrees with
the layers to 3e-4. Real density differs from the standard by tens of per cent above 80 km.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.constants import STANDARD_GRAVITY

Array = NDArray[np.float64]

CEILING = 1_000_000.0  # no air above [m]

# Constants of the standard, its table 2, and layers (geopotential base [m], lapse [K/m]), its table 4.
_GAS_PER_MASS = 8314.32 / 28.9644
_EFFECTIVE_RADIUS = 6_356_766.0
_GAMMA = 1.4
_HEIGHTS = (0.0, 11e3, 20e3, 32e3, 47e3, 51e3, 71e3)
_LAPSES = (-6.5e-3, 0.0, 1e-3, 2.8e-3, 0.0, -2.8e-3, -2e-3)
_TOP_OF_LAYERS = 86e3

# Geometric height [km], density [kg/m³]; the standard's part 4, table I ("Geometric altitude, metric units", pages 68
# to 73), compared with others' transcriptions. Closest where ln ρ bends: between knots the spline meets the table's
# other rows to 0.2 %.
_DENSITY_ABOVE = np.array([
    (86, 6.958e-6), (90, 3.416e-6), (95, 1.393e-6), (98, 8.071e-7), (100, 5.604e-7), (102, 3.935e-7),
    (105, 2.325e-7), (108, 1.381e-7), (110, 9.708e-8), (112, 6.838e-8), (114, 4.975e-8),
    (116, 3.720e-8), (118, 2.847e-8), (120, 2.222e-8), (130, 8.152e-9), (140, 3.831e-9), (150, 2.076e-9),
    (160, 1.233e-9), (175, 6.339e-10), (200, 2.541e-10), (250, 6.073e-11), (300, 1.916e-11),
    (350, 7.014e-12), (400, 2.803e-12), (450, 1.184e-12), (500, 5.215e-13), (600, 1.137e-13),
    (700, 3.070e-14), (800, 1.136e-14), (850, 7.824e-15), (900, 5.759e-15), (950, 4.453e-15),
    (1000, 3.561e-15),
])  # fmt: skip
# Geometric height [km], pressure [Pa]; the same table.
_PRESSURE_ABOVE = np.array([
    (86, 3.7338e-1), (95, 7.5966e-2), (100, 3.2011e-2), (110, 7.1042e-3), (115, 4.0096e-3), (120, 2.5382e-3),
    (130, 1.2505e-3), (150, 4.5422e-4), (175, 1.7936e-4), (200, 8.4736e-5), (250, 2.4767e-5),
    (300, 8.7704e-6), (400, 1.4518e-6), (500, 3.0236e-7), (600, 8.2130e-8), (700, 3.1908e-8),
    (800, 1.7036e-8), (900, 1.0873e-8), (1000, 7.5138e-9),
])  # fmt: skip


def _layer_bases() -> tuple[Array, Array, Array, Array]:
    """Give base height, lapse, temperature and pressure of the layers by marching up from sea level."""
    temperature, pressure = [288.15], [101_325.0]
    k = STANDARD_GRAVITY / _GAS_PER_MASS
    for i in range(1, len(_HEIGHTS)):
        rise, lapse, t = _HEIGHTS[i] - _HEIGHTS[i - 1], _LAPSES[i - 1], temperature[-1]
        above = t + lapse * rise
        ratio = math.exp(-k * rise / t) if lapse == 0 else (t / above) ** (k / lapse)
        temperature.append(above)
        pressure.append(pressure[-1] * ratio)
    return np.array(_HEIGHTS), np.array(_LAPSES), np.array(temperature), np.array(pressure)


_BASE, _LAPSE, _TEMPERATURE, _PRESSURE = _layer_bases()


@njit(cache=True, error_model="numpy")
def _layer(h: float) -> tuple[float, float]:
    """Give molecular-scale temperature [K] and pressure [Pa] in the layers, up to 86 km."""
    H = _EFFECTIVE_RADIUS * h / (_EFFECTIVE_RADIUS + h)
    i = 0
    while i < len(_BASE) - 1 and _BASE[i + 1] <= H:
        i += 1
    rise, lapse, t = H - _BASE[i], _LAPSE[i], _TEMPERATURE[i]
    k = STANDARD_GRAVITY / _GAS_PER_MASS
    if lapse == 0.0:
        return t, _PRESSURE[i] * math.exp(-k * rise / t)
    return t + lapse * rise, _PRESSURE[i] * (t / (t + lapse * rise)) ** (k / lapse)


def _cubics(x: Array, y: Array, first: float, last: float) -> Array:
    """Give the cubic spline through (x, y) with given end slopes: rows c of c0 + c1 d + c2 d² + c3 d³.

    The slopes m solve the usual tridiagonal system (de Boor 1978, chapter IV), by elimination.
    """
    n, h = len(x), np.diff(x)
    secant = np.diff(y) / h
    m, upper = np.empty(n), np.zeros(n)
    m[0], m[-1] = first, last
    for i in range(1, n - 1):
        right = 3 * (h[i] * secant[i - 1] + h[i - 1] * secant[i])
        pivot = 2 * (h[i] + h[i - 1]) - h[i] * upper[i - 1]
        upper[i] = h[i - 1] / pivot
        m[i] = (right - h[i] * m[i - 1]) / pivot
    for i in range(n - 2, 0, -1):
        m[i] -= upper[i] * m[i + 1]
    c2 = (3 * secant - 2 * m[:-1] - m[1:]) / h
    c3 = (m[:-1] + m[1:] - 2 * secant) / h**2
    return np.column_stack((y[:-1], m[:-1], c2, c3))


def _evaluate(x: Array, cubics: Array, at: Array) -> Array:
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(cubics) - 1)
    d, c = at - x[i], cubics[i]
    return c[:, 0] + d * (c[:, 1] + d * (c[:, 2] + d * c[:, 3]))


def _log_table(table: Array) -> tuple[Array, Array]:
    """Give heights [m] and cubics of the logarithm of a table of (height [km], value)."""
    x, y = table[:, 0] * 1e3, np.log(table[:, 1])
    # At 86 km the layers' own slope: hydrostatic, less the lapse. At the top the last secant.
    t, _ = _layer.py_func(_TOP_OF_LAYERS)
    g = STANDARD_GRAVITY * (_EFFECTIVE_RADIUS / (_EFFECTIVE_RADIUS + _TOP_OF_LAYERS)) ** 2
    return x, _cubics(x, y, -g / (_GAS_PER_MASS * t), (y[-1] - y[-2]) / (x[-1] - x[-2]))


_LOW, _MIDDLE, _LOW_STEP, _HIGH_STEP = -5e3, 125e3, 100.0, 1e3


def _log_density_grids() -> tuple[Array, Array]:
    """Give the coefficients of ln ρ on the fine grid below 125 km and the coarse one above."""
    knots, above = _log_table(_DENSITY_ABOVE)
    low, high = np.arange(_LOW, _MIDDLE + 1, _LOW_STEP), np.arange(_MIDDLE, CEILING + 1, _HIGH_STEP)
    y = np.empty(len(low))
    for i, h in enumerate(low):
        t, p = _layer.py_func(min(h, _TOP_OF_LAYERS))
        y[i] = math.log(p / (_GAS_PER_MASS * t))
    upper = low > _TOP_OF_LAYERS
    y[upper] = _evaluate(knots, above, low[upper])
    join = float(np.diff(_evaluate(knots, above, np.array([_MIDDLE - 1, _MIDDLE + 1])))[0] / 2)
    fine = _cubics(low, y, (y[1] - y[0]) / _LOW_STEP, join)
    y_high = _evaluate(knots, above, high)
    return fine, _cubics(high, y_high, join, (y_high[-1] - y_high[-2]) / _HIGH_STEP)


_FINE, _COARSE = _log_density_grids()
_PRESSURE_KNOTS, _PRESSURE_CUBICS = _log_table(_PRESSURE_ABOVE)


@njit(cache=True, error_model="numpy")
def log_density(h: float) -> tuple[float, float]:
    """Give ln ρ [ρ in kg/m³] at height `h` and its slope [1/m]; -inf and 0 above 1,000 km."""
    if h < _MIDDLE:
        if h < _LOW:
            return _FINE[0, 0] + _FINE[0, 1] * (h - _LOW), _FINE[0, 1]
        i = int((h - _LOW) / _LOW_STEP)
        d = h - (_LOW + i * _LOW_STEP)
        c0, c1, c2, c3 = _FINE[i, 0], _FINE[i, 1], _FINE[i, 2], _FINE[i, 3]
    elif h < CEILING:
        i = int((h - _MIDDLE) / _HIGH_STEP)
        d = h - (_MIDDLE + i * _HIGH_STEP)
        c0, c1, c2, c3 = _COARSE[i, 0], _COARSE[i, 1], _COARSE[i, 2], _COARSE[i, 3]
    else:
        return -math.inf, 0.0
    return c0 + d * (c1 + d * (c2 + d * c3)), c1 + d * (2 * c2 + d * 3 * c3)


@njit(cache=True, error_model="numpy")
def density(h: float) -> float:
    """Give the density [kg/m³] at height `h`."""
    return math.exp(log_density(h)[0])


@njit(cache=True, error_model="numpy")
def pressure(h: float) -> float:
    """Give the pressure [Pa] at height `h`."""
    if h <= _TOP_OF_LAYERS:
        return _layer(max(h, _LOW))[1]
    if h >= CEILING:
        return 0.0
    i = 0
    while h >= _PRESSURE_KNOTS[i + 1]:
        i += 1
    d = h - _PRESSURE_KNOTS[i]
    c = _PRESSURE_CUBICS[i]
    return math.exp(c[0] + d * (c[1] + d * (c[2] + d * c[3])))


@njit(cache=True, error_model="numpy")
def speed_of_sound(h: float) -> float:
    """Give the speed of sound [m/s] at height `h`; the standard ends at 86 km, whose value is held above."""
    t, _ = _layer(min(max(h, _LOW), _TOP_OF_LAYERS))
    return math.sqrt(_GAMMA * _GAS_PER_MASS * t)
