"""Sunlight thrown towards a satellite: the mirror point on water, and the angle by which cloud must scatter it.

Everything is in ITRF [m] and [rad]; the surface is the ellipsoid raised by `h` on all axes (3 cm off constant height at
10 km). A row without an answer is not finite.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.constants import EARTH_POLAR_RADIUS, EARTH_RADIUS
from tocsin.earth.ellipsoid import geodetic

Array = NDArray[np.float64]

_STEPS = 60
_NEWTON = 8
_DELTA = 1e-6


@njit(cache=True, error_model="numpy")
def specular_point(eye: Array, sun: Array, h: float) -> Array:
    """Give the point (3,) at height `h` that mirrors the Sun at `sun` (3,) into a satellite at `eye` (3,), or NaN.

    On a sphere it lies in the plane of both and is found by halving; Newton's method carries it to the ellipsoid.
    """
    n = _on_sphere(eye, sun, EARTH_RADIUS + h)
    for _ in range(_NEWTON):
        e1, e2 = _axes(n)
        g1, g2 = _slant(n, eye, sun, h, e1, e2)
        a1, a2 = _slant(_unit(n + _DELTA * e1), eye, sun, h, e1, e2)
        b1, b2 = _slant(_unit(n + _DELTA * e2), eye, sun, h, e1, e2)
        j11, j12, j21, j22 = a1 - g1, b1 - g1, a2 - g2, b2 - g2
        det = j11 * j22 - j12 * j21
        n = _unit(n - _DELTA * ((g1 * j22 - g2 * j12) / det * e1 + (g2 * j11 - g1 * j21) / det * e2))
    p = _surface(n, h)
    if np.dot(n, eye - p) <= 0.0 or np.dot(n, sun - p) <= 0.0 or not math.isfinite(p[0]):
        p[:] = np.nan
    return p


@njit(cache=True, error_model="numpy")
def specular_points(eyes: Array, suns: Array, h: float) -> Array:
    """Give the mirror points (n, 3) of satellites `eyes` and Suns `suns` (n, 3): see `specular_point`."""
    found = np.empty_like(eyes)
    for i in range(len(eyes)):
        found[i] = specular_point(eyes[i], suns[i], h)
    return found


@njit(cache=True, error_model="numpy")
def glint_angles(r: Array, eye: Array, sun: Array) -> Array:
    """Give by how much (n,) a flat mirror at each place `r` (n, 3) must tilt to throw the Sun into the satellite.

    0 at the specular point; twice as much between mirrored ray and satellite. NaN where either is below the horizon.
    """
    found = np.empty(len(r))
    for i in range(len(r)):
        lat, lon, _ = geodetic(r[i, 0], r[i, 1], r[i, 2])
        n = np.array((math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)))
        to_eye, to_sun = _unit(eye - r[i]), _unit(sun - r[i])
        if np.dot(n, to_eye) <= 0.0 or np.dot(n, to_sun) <= 0.0:
            found[i] = np.nan
        else:
            found[i] = _angle(n, _unit(to_eye + to_sun))
    return found


@njit(cache=True, error_model="numpy")
def scattering_angles(r: Array, eye: Array, sun: Array) -> Array:
    """Give by how much (n,) sunlight must turn at each point `r` (n, 3) to reach the satellite: 0 is straight on."""
    found = np.empty(len(r))
    for i in range(len(r)):
        found[i] = _angle(_unit(r[i] - sun), _unit(eye - r[i]))
    return found


@njit(cache=True, error_model="numpy")
def _on_sphere(eye: Array, sun: Array, radius: float) -> Array:
    """Give the normal (3,) of the mirror point on a sphere: incidence from the Sun falls, to the satellite it grows."""
    top, to_sun = _unit(eye), _unit(sun)
    between = _angle(top, to_sun)
    side = to_sun - np.dot(to_sun, top) * top
    length = math.sqrt(np.dot(side, side))
    if length < 1e-12:
        return top
    side /= length
    far = math.sqrt(np.dot(eye, eye))
    low, high = 0.0, between
    for _ in range(_STEPS):
        angle = 0.5 * (low + high)
        leaves = math.atan2(far * math.sin(angle), far * math.cos(angle) - radius)
        if leaves < between - angle:
            low = angle
        else:
            high = angle
    return math.cos(low) * top + math.sin(low) * side


@njit(cache=True, error_model="numpy")
def _slant(n: Array, eye: Array, sun: Array, h: float, e1: Array, e2: Array) -> tuple[float, float]:
    """Give the part of the two rays' bisector that is not along the normal `n`, on two axes."""
    p = _surface(n, h)
    middle = _unit(eye - p) + _unit(sun - p)
    middle = middle / np.dot(middle, n) - n
    return np.dot(middle, e1), np.dot(middle, e2)


@njit(cache=True, error_model="numpy")
def _surface(n: Array, h: float) -> Array:
    """Give the point (3,) of the raised ellipsoid whose normal is `n`."""
    a, b = EARTH_RADIUS + h, EARTH_POLAR_RADIUS + h
    w = math.sqrt(a * a * (n[0] * n[0] + n[1] * n[1]) + b * b * n[2] * n[2])
    return np.array((a * a * n[0] / w, a * a * n[1] / w, b * b * n[2] / w))


@njit(cache=True, error_model="numpy")
def _axes(n: Array) -> tuple[Array, Array]:
    """Give two unit vectors across `n` and each other."""
    least = np.array((0.0, 0.0, 1.0)) if abs(n[2]) < 0.9 else np.array((1.0, 0.0, 0.0))
    e1 = _unit(np.cross(least, n))
    return e1, np.cross(n, e1)


@njit(cache=True, error_model="numpy")
def _unit(v: Array) -> Array:
    return v / math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])


@njit(cache=True, error_model="numpy")
def _angle(a: Array, b: Array) -> float:
    d, s = a - b, a + b
    return 2 * math.atan2(math.sqrt(np.dot(d, d)), math.sqrt(np.dot(s, s)))
