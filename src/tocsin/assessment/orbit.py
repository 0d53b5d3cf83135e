"""The conic a body is on now: how deep it would pass under the ground, were the Earth a point, and how high."""

import numpy as np
from numba import njit

from tocsin.constants import EARTH_GM, EARTH_RADIUS, EARTH_RATE
from tocsin.messages import Array


def perigee_and_apogee(x: Array) -> tuple[float, float]:
    """Return the heights [m] over the equator's radius of the osculating conic's ends; `x` (6,): ITRF state."""
    perigee, apogee = perigees_and_apogees(x[None])
    return float(perigee[0]), float(apogee[0])


@njit(cache=True, error_model="numpy")
def perigees_and_apogees(x: Array) -> tuple[Array, Array]:
    """Return the heights (n,), (n,) [m] over the equator's radius of the osculating conics' ends; `x` (n, 6): ITRF.

    What escapes has an infinite apogee.
    """
    perigee, apogee = np.empty(len(x)), np.empty(len(x))
    for i in range(len(x)):
        perigee[i], apogee[i] = _ends(x[i])
    return perigee, apogee


@njit(cache=True, error_model="numpy")
def inertial_velocities(x: Array) -> Array:
    """Return v + ω × r (n, 3) [m/s] of ITRF states `x` (n, 6), along the axes of ITRF."""
    v = x[:, 3:].copy()
    v[:, 0] -= EARTH_RATE * x[:, 1]
    v[:, 1] += EARTH_RATE * x[:, 0]
    return v


@njit(cache=True, error_model="numpy")
def sigma_points(x: Array, P: Array) -> Array:
    """Return the twelve cubature points (n, 12, 6) of each of Gaussians `x` (n, 6), `P` (n, 6, 6).

    Of degree three (Arasaratnam and Haykin 2009), along the principal axes: six on one side, six on the other.
    """
    points = np.empty((len(x), 12, 6))
    for i in range(len(x)):
        values, vectors = np.linalg.eigh(0.5 * (P[i] + P[i].T))
        for k in range(6):
            arm = vectors[:, k] * np.sqrt(max(values[k], 0.0) * 6.0)
            points[i, k], points[i, 6 + k] = x[i] + arm, x[i] - arm
    return points


@njit(cache=True, error_model="numpy")
def lowest_perigee(x: Array, P: Array) -> float:
    """Return the least height of perigee [m] over twelve points spread by `P` (6, 6) about `x` (6,); -inf if unsound.

    The points are those of the Cholesky factor, not of the axes: as many, as far, and quicker.
    """
    L = np.zeros((6, 6))
    for i in range(6):
        for j in range(i + 1):
            s = P[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            if i == j and not s > 0.0:
                return -np.inf
            L[i, j] = np.sqrt(s) if i == j else s / L[j, j]
    least = np.inf
    for k in range(12):
        y = x + (1.0 if k < 6 else -1.0) * np.sqrt(6.0) * L[:, k % 6]
        least = min(least, _ends(y)[0])
    return least


@njit(cache=True, error_model="numpy")
def _ends(x: Array) -> tuple[float, float]:
    """Return the heights [m] of perigee and apogee of one state (6,).

    A two-body conic (Bate, Mueller and White 1971, chapter 1) with the inertial velocity v + ω × r.
    """
    v0, v1, v2 = x[3] - EARTH_RATE * x[1], x[4] + EARTH_RATE * x[0], x[5]
    length = np.sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2])
    square = v0 * v0 + v1 * v1 + v2 * v2
    radial = x[0] * v0 + x[1] * v1 + x[2] * v2
    latus = (length * length * square - radial * radial) / EARTH_GM
    eccentricity = np.sqrt(
        (latus / length - 1.0) ** 2 + latus * radial * radial / (EARTH_GM * length * length)
    )
    inverse = 2.0 / length - square / EARTH_GM  # of the semi-major axis
    apogee = (1.0 + eccentricity) / inverse if inverse > 0.0 else np.inf
    return latus / (1.0 + eccentricity) - EARTH_RADIUS, apogee - EARTH_RADIUS
