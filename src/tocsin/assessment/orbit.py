"""The conic a body is on now: how deep it would pass under the ground, were the Earth a point, and how high."""

import numpy as np

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
