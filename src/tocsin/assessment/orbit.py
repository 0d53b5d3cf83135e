"""The conic a body is on now: how deep it would pass under the ground, were the Earth a point."""

import numpy as np

from tocsin.constants import EARTH_GM, EARTH_RADIUS, EARTH_RATE
from tocsin.messages import Array


def perigee_height(x: Array) -> float:
    """Return the height [m] of the perigee of the osculating conic over the equator's radius; `x` (6,): ITRF state.

    A two-body conic (Bate, Mueller and White 1971, chapter 1) with the inertial velocity v + ω × r.
    """
    r, v = x[:3], x[3:] + EARTH_RATE * np.array([-x[1], x[0], 0.0])
    momentum = np.cross(r, v)
    eccentricity = np.cross(v, momentum) / EARTH_GM - r / np.linalg.norm(r)
    semi_latus = float(momentum @ momentum) / EARTH_GM
    return semi_latus / (1.0 + float(np.linalg.norm(eccentricity))) - EARTH_RADIUS
