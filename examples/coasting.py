"""Fit our coast to what a launch's webcast showed between two burns: only the state at its start is free.

The screen shows altitude and speed relative to the rotating Earth; above 100 km altitude is in whole kilometres. The
author of the tables smoothed both and summed downrange from them. Pad and heading come from elsewhere.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from tocsin.constants import EARTH_RADIUS
from tocsin.earth.ellipsoid import (
    azimuth,
    destination,
    distance,
    ecef_from_geodetic,
    enu_from_ecef,
    geodetic_from_ecef,
    height,
)
from tocsin.flight.coast import propagate

Array = NDArray[np.float64]

# The two sigmas only set the balance of the fit: whole kilometres, 1 / √12, and a guess.
ALTITUDE_SIGMA = 290.0  # m
SPEED_SIGMA = 1.0  # m/s


class Table(NamedTuple):
    """The facts, one row a second: time [s], speed [m/s], altitude and downrange on the ground [m], (n,)."""

    t: Array
    speed: Array
    altitude: Array
    downrange: Array


class Arc(NamedTuple):
    """A ballistic part: state (6,) at `start`, ITRF; rms of altitude [m] and speed [m/s] about it.

    `drag` [m²/kg] and, where it was fitted, its relative sigma.
    """

    x: Array
    start: float
    drag: float
    drag_sigma: float
    altitude_rms: float
    speed_rms: float

    def at(self, t: float) -> Array:
        """Give the state (6,) at `t` [s]."""
        return np.asarray(propagate(self.x, t - self.start, self.drag))


def on_the_ground(t: Array, speed: Array, altitude: Array, aloft: Array) -> Table:
    """Make a table with downrange `aloft` [m] brought to the ground: each step times R / (R + altitude)."""
    middle = 0.5 * (altitude[1:] + altitude[:-1])
    steps = np.diff(aloft) * EARTH_RADIUS / (EARTH_RADIUS + middle)
    return Table(t, speed, altitude, np.concatenate([[0.0], np.cumsum(steps)]))


def fit_arc(
    table: Table,
    pad: Array,
    heading: float,
    window: tuple[int, int],
    drag: float | None,
    climb: float,
    first_drag: float,
) -> Arc:
    """Fit altitude and speed in a window [s], ends included, by least squares; without `drag` fit that too.

    `pad`: latitude, longitude [rad]. `climb`: first guess of the climb angle [rad], over 90 degrees on the way back
    to the pad.
    """
    rows = (table.t >= window[0]) & (table.t <= window[1])
    t, shown_altitude, shown_speed = table.t[rows], table.altitude[rows], table.speed[rows]
    place = destination(*pad, heading, table.downrange[rows][0])

    def errors(p: Array) -> Array:
        k = np.exp(p[3]) if drag is None else drag
        states = [_start(pad, *place, *p[:3])]
        for dt in np.diff(t):
            states.append(propagate(states[-1], dt, k))
        altitude = np.array([height(*x[:3]) for x in states]) - shown_altitude
        speed = np.linalg.norm(np.array(states)[:, 3:], axis=1) - shown_speed
        return np.concatenate([altitude / ALTITUDE_SIGMA, speed / SPEED_SIGMA])

    first = [shown_altitude[0], shown_speed[0], climb]
    found = least_squares(errors, first if drag is not None else [*first, np.log(first_drag)], x_scale="jac")
    residual = found.fun.reshape(2, -1)
    sigma = 0.0 if drag is not None else float(np.sqrt(np.linalg.inv(found.jac.T @ found.jac)[3, 3]))
    return Arc(
        _start(pad, *place, *found.x[:3]),
        float(t[0]),
        float(np.exp(found.x[3])) if drag is None else drag,
        sigma,
        float(np.sqrt(np.mean(residual[0] ** 2))) * ALTITUDE_SIGMA,
        float(np.sqrt(np.mean(residual[1] ** 2))) * SPEED_SIGMA,
    )


def way(arc: Arc, t: float, pad: Array) -> float:
    """Give how far on the ground the arc is from the pad at `t` [m]."""
    return float(distance(*pad, *geodetic_from_ecef(arc.at(t)[:3])[:2]))


def _start(pad: Array, lat: float, lon: float, altitude: float, speed: float, climb: float) -> Array:
    """Give the state (6,) over a place on the ground track, moving along it at a climb angle [rad]."""
    course = azimuth(lat, lon, *pad) + np.pi
    along = np.array([np.cos(climb) * np.sin(course), np.cos(climb) * np.cos(course), np.sin(climb)])
    return np.concatenate([ecef_from_geodetic(lat, lon, altitude), speed * enu_from_ecef(lat, lon).T @ along])
