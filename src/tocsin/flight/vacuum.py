"""Arcs without air from ground to ground: what a published range, apogee and time of flight are held against.

SI, radians. A real flight takes longer than its arc: below the end of its burn it is slower than the arc at the
same height, and on the way down the air slows it.
"""

import math

import numpy as np
from msgspec import Struct

from tocsin.constants import EARTH_GM, EARTH_RATE
from tocsin.earth.ellipsoid import destination, ecef_from_geodetic, enu_from_ecef
from tocsin.flight.coast import OK, fall
from tocsin.messages import Array

# Of the case this repeats (literature: R2); the ellipsoid's radius and oblateness move the bound by 1 to 2 s:
# `MARGIN` [s].
MEAN_RADIUS = 6_371_000.0
MARGIN = 2.0
_STEPS = 30
_CLOSE = 0.5  # of the end and of the apogee [m]


class Arc(Struct, frozen=True, kw_only=True):
    """An arc to a place under an apogee: its `time` [s], its first velocity (3,) east, north, up [m/s]."""

    time: float
    velocity: Array


def vertical_time(apogee: float, radius: float = MEAN_RADIUS) -> float:
    """Return how long a body straight up to `apogee` [m] and back is above the ground of a sphere [s].

    Kepler's radial fall. No flight under that apogee takes less: at every height on the way up it is slower than
    this one, air only slows its way down, and going sideways lengthens both.
    """
    top = radius + apogee
    part = radius / top
    return (
        2 * math.sqrt(top**3 / (2 * EARTH_GM)) * (math.acos(math.sqrt(part)) + math.sqrt(part * (1 - part)))
    )


def impossible(time: float, apogee: float, rounding: float = 0.0) -> bool:
    """Say whether a flight of `time` [s], true to `rounding`, under `apogee` [m] is shorter than any can be."""
    return time + rounding < vertical_time(apogee) - MARGIN


def arc(latitude: float, longitude: float, heading: float, distance: float, apogee: float) -> Arc | None:
    """Find the arc that ends `distance` [m] away along `heading` under `apogee` [m]; None where there is none.

    The Earth turns below it: the end is a place on the ground. Gravity J2 to J4. Newton's method over the three
    components of the first velocity.
    """
    r = ecef_from_geodetic(latitude, longitude, 0.0)
    enu = enu_from_ecef(latitude, longitude)
    end = ecef_from_geodetic(*destination(latitude, longitude, heading, distance), 0.0)
    velocity = _first_guess(latitude, heading, distance, apogee)
    for _ in range(_STEPS):
        found = _miss(r, enu, velocity, end, apogee)
        if found is None:
            return None
        miss, time = found
        if np.abs(miss).max() < _CLOSE:
            return Arc(time=time, velocity=velocity)
        columns = [_miss(r, enu, velocity + step, end, apogee) for step in 0.05 * np.eye(3)]
        if any(column is None for column in columns):
            return None
        slopes = np.column_stack([(column[0] - miss) / 0.05 for column in columns if column is not None])
        step = np.linalg.lstsq(slopes, -miss, rcond=None)[0]
        velocity = velocity + step * min(1.0, 400.0 / float(np.linalg.norm(step)))
    return None


def _first_guess(latitude: float, heading: float, distance: float, apogee: float) -> Array:
    """Return the east, north and up velocity (3,) [m/s] that would do over a sphere, turned under it."""
    psi = 0.5 * distance / MEAN_RADIUS
    ratio = (MEAN_RADIUS + apogee) / MEAN_RADIUS
    eccentricity = (ratio - 1) / (ratio - math.cos(psi))
    parameter = MEAN_RADIUS * (1 - eccentricity * math.cos(psi))
    speed = math.sqrt(EARTH_GM / parameter)
    up = speed * eccentricity * math.sin(psi)
    along = speed * parameter / MEAN_RADIUS
    turned = EARTH_RATE * 2 / 3 * apogee * math.cos(latitude)  # what the ground gains on the arc, about
    return np.array([along * math.sin(heading) + turned, along * math.cos(heading), up])


def _miss(r: Array, enu: Array, velocity: Array, end: Array, apogee: float) -> tuple[Array, float] | None:
    """Return by how much a start (3,) east, north, up misses the end and the apogee (4,) [m], and its time."""
    x, time, top, status = fall(np.concatenate([r, enu.T @ velocity]), 0.0)
    return (np.append(x[:3] - end, top - apogee), time) if status == OK else None
