"""The conic a body is on now: how deep it would pass under the ground, were the Earth a point, and how high."""

import numpy as np

from tocsin.constants import EARTH_GM, EARTH_RADIUS, EARTH_RATE
from tocsin.messages import Array


def perigee_and_apogee(x: Array) -> tuple[float, float]:
    """Return the heights [m] over the equator's radius of the osculating conic's ends; `x` (6,): ITRF state.

    A two-body conic (Bate, Mueller and White 1971, chapter 1) with the inertial velocity v + ω × r; what escapes has
    an infinite apogee.
    """
    r, v = x[:3], x[3:] + EARTH_RATE * np.array([-x[1], x[0], 0.0])
    momentum = np.cross(r, v)
    eccentricity = float(np.linalg.norm(np.cross(v, momentum) / EARTH_GM - r / np.linalg.norm(r)))
    semi_latus = float(momentum @ momentum) / EARTH_GM
    apogee = semi_latus / (1.0 - eccentricity) if eccentricity < 1.0 else np.inf
    return semi_latus / (1.0 + eccentricity) - EARTH_RADIUS, apogee - EARTH_RADIUS
