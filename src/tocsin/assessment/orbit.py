"""The conic a body is on now: how deep it would pass under the ground, were the Earth a point, and how high."""

import numpy as np
from numba import njit

from tocsin.constants import EARTH_GM, EARTH_RADIUS, EARTH_RATE
from tocsin.messages import Array


def perigee_and_apogee(x: Array) -> tuple[float, float]:
    """Return the heights [m] over the equator's radius of the osculating conic's ends; `x` (6,): ITRF state."""
    perigee, apogee = perigees_and_apogees(x[None])
    return float(perigee[0]), float(apogee[0])


def perigees_and_apogees(x: Array) -> tuple[Array, Array]:
    """Return the heights (n,), (n,) [m] over the equator's radius of the osculating conics' ends; `x` (n, 6): ITRF.

    A two-body conic (Bate, Mueller and White 1971, chapter 1) with the inertial velocity v + ω × r; what escapes has
    an infinite apogee.
    """
    r, v = x[:, :3], inertial_velocity(x)
    length = np.sqrt(np.einsum("ij,ij->i", r, r))
    square = np.einsum("ij,ij->i", v, v)
    radial = np.einsum("ij,ij->i", r, v)
    semi_latus = (length**2 * square - radial**2) / EARTH_GM
    eccentricity = np.sqrt((semi_latus / length - 1.0) ** 2 + semi_latus * radial**2 / (EARTH_GM * length**2))
    inverse = 2.0 / length - square / EARTH_GM  # of the semi-major axis
    bound = inverse > 0.0
    apogee = np.where(bound, (1.0 + eccentricity) / np.where(bound, inverse, 1.0), np.inf)
    return semi_latus / (1.0 + eccentricity) - EARTH_RADIUS, apogee - EARTH_RADIUS


def inertial_velocity(x: Array) -> Array:
    """Return v + ω × r (n, 3) [m/s] of ITRF states `x` (n, 6), along the axes of ITRF."""
    return np.asarray(x[:, 3:] + EARTH_RATE * np.column_stack((-x[:, 1], x[:, 0], np.zeros(len(x)))))


def sigma_points(x: Array, P: Array) -> Array:
    """Return the twelve cubature points (12, 6) of a Gaussian `x` (6,), `P` (6, 6) (Arasaratnam and Haykin 2009)."""
    values, vectors = np.linalg.eigh(0.5 * (P + P.T))
    arms = (vectors * np.sqrt(np.maximum(values, 0.0) * 6.0)).T
    return np.vstack([x + arms, x - arms])


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
        v0, v1, v2 = y[3] - EARTH_RATE * y[1], y[4] + EARTH_RATE * y[0], y[5]
        length = np.sqrt(y[0] * y[0] + y[1] * y[1] + y[2] * y[2])
        square = v0 * v0 + v1 * v1 + v2 * v2
        radial = y[0] * v0 + y[1] * v1 + y[2] * v2
        latus = (length * length * square - radial * radial) / EARTH_GM
        eccentric = np.sqrt(
            (latus / length - 1.0) ** 2 + latus * radial * radial / (EARTH_GM * length * length)
        )
        least = min(least, latus / (1.0 + eccentric) - EARTH_RADIUS)
    return least
