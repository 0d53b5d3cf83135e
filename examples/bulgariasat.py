"""A real flight from a table of facts: the first stage of BulgariaSat-1, 23 June 2017, laid along a heading.

What the table holds is measured or derived by its author (its header says which). What is added here:

- the pad, LC-39A, and the heading: due east, assumed. A launch to the geostationary orbit wants the least
  inclination, and due east is where it lies. Another heading turns the whole flight about the pad.
- downrange on the ground: each of the author's steps of horizontal way aloft times R / (R + altitude).
- between cut-off and entry burn nothing pushed the stage: there its path is the ballistic arc that fits the
  measured altitude and speed best, by least squares over altitude, speed and climb angle at its start.
- before and after the arc, splines through altitude and downrange, smoothed over some 2 s, joined to it.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline, make_smoothing_spline
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
from tocsin.earth.time import parse_utc
from tocsin.flight.coast import OK, fall, propagate

Array = NDArray[np.float64]

TABLE = Path(__file__).parent / "data" / "bulgariasat-1.csv"
LIFT_OFF = parse_utc("2017-06-23T19:10:00Z")  # to the minute (General Catalog of Artificial Space Objects)
PAD = np.radians([28.6084, -80.6043])  # LC-39A: latitude, longitude
HEADING = np.radians(90.0)  # assumed, see above

CUT_OFF, ENTRY_BURN, ENTRY_BURN_END = 158.0, 390.0, 406.0  # s, the table's events
ARC_START, ARC_END = 162, 388  # s: clear of both burns and of how far the author's smoothing has spread them

# Cd A / m [m²/kg], assumed; the slowing of the arc below 80 km gives 1 / 2,250 ± 17 % (fit_arc without it).
DRAG = 1 / 2000.0

# The two sigmas only set the balance of the fit: whole kilometres, 1 / √12, and a guess.
ALTITUDE_SIGMA = 290.0  # m
SPEED_SIGMA = 1.0  # m/s
JOINED = 12  # s of the arc that a spline joined to it follows
JOIN_WEIGHT = 1e6
SMOOTHING = (
    30.0  # s⁴, of the second derivative squared against the data: wiggles under some 2 s are taken out
)


class Table(NamedTuple):
    """The facts, one row a second: time [s], speed [m/s], altitude and downrange on the ground [m], (n,)."""

    t: Array
    speed: Array
    altitude: Array
    downrange: Array


class Arc(NamedTuple):
    """The ballistic part: state (6,) at `ARC_START`, ITRF; rms of altitude [m] and speed [m/s] about it.

    `drag` [m²/kg] and, where it was fitted, its relative sigma.
    """

    x: Array
    drag: float
    drag_sigma: float
    altitude_rms: float
    speed_rms: float

    def at(self, t: float) -> Array:
        """Give the state (6,) at `t` [s]."""
        return np.asarray(propagate(self.x, t - ARC_START, self.drag))

    def impact(self) -> tuple[float, float, float]:
        """Give latitude, longitude and time [s] of the arc's end on the ellipsoid, had no engine been lit."""
        x, t, _, status = fall(self.at(ENTRY_BURN), self.drag)
        assert status == OK
        lat, lon, _ = geodetic_from_ecef(x[:3])
        return lat, lon, ENTRY_BURN + t


class Flight(NamedTuple):
    """The whole flight: the arc, and before and after it downrange and altitude [m] as splines of time."""

    table: Table
    arc: Arc
    ascent: tuple[BSpline, BSpline]
    descent: tuple[BSpline, BSpline]

    def at(self, t: float) -> Array:
        """Give the position (3,) at `t` [s after lift-off], ITRF."""
        if t < ARC_START:
            downrange, altitude = (float(spline(t)) for spline in self.ascent)
            return ecef_from_geodetic(*destination(*PAD, HEADING, downrange), altitude)
        if t <= ARC_END:
            return self.arc.at(t)[:3]
        downrange, altitude = (float(spline(t)) for spline in self.descent)
        lat, lon, course = _course(self.arc.at(ARC_END))
        return ecef_from_geodetic(*destination(lat, lon, course, downrange), altitude)

    @property
    def end(self) -> float:
        """Give the last second of the table."""
        return float(self.table.t[-1])


def burning(t: float) -> bool:
    """Say whether the first stage burns at `t` [s]."""
    return 0.0 <= t <= CUT_OFF or ENTRY_BURN <= t <= ENTRY_BURN_END


def read_table(path: Path = TABLE) -> Table:
    """Read the table of facts and bring its downrange to the ground."""
    rows = [line for line in path.read_text().splitlines() if line[0].isdigit()]
    t, speed, altitude, aloft = np.loadtxt(rows, delimiter=",", unpack=True)
    middle = 0.5 * (altitude[1:] + altitude[:-1])
    steps = np.diff(aloft) * EARTH_RADIUS / (EARTH_RADIUS + middle)
    return Table(t, speed, altitude, np.concatenate([[0.0], np.cumsum(steps)]))


def real_flight() -> Flight:
    """Lay the flight along its pad and heading."""
    table = read_table()
    arc = fit_arc(table)
    after_arc_start = ARC_START + np.arange(JOINED)
    before_arc_end = ARC_END - np.arange(JOINED)[::-1]
    end_lat, end_lon, _ = _course(arc.at(ARC_END))
    risen, fallen = table.t < ARC_START, table.t > ARC_END
    way_since = table.downrange - table.downrange[ARC_END]
    return Flight(
        table,
        arc,
        ascent=(
            _joined(
                table.t[risen], table.downrange[risen], after_arc_start, _ways(arc, after_arc_start, *PAD)
            ),
            _joined(table.t[risen], table.altitude[risen], after_arc_start, _altitudes(arc, after_arc_start)),
        ),
        descent=(
            _joined(
                table.t[fallen],
                way_since[fallen],
                before_arc_end,
                -_ways(arc, before_arc_end, end_lat, end_lon),
            ),
            _joined(table.t[fallen], table.altitude[fallen], before_arc_end, _altitudes(arc, before_arc_end)),
        ),
    )


def fit_arc(table: Table, drag: float | None = DRAG) -> Arc:
    """Fit a ballistic arc to altitude and speed between the burns; without `drag`, fit the drag too."""
    t = table.t[ARC_START : ARC_END + 1]
    place = destination(*PAD, HEADING, table.downrange[ARC_START])

    def errors(p: Array) -> Array:
        k = np.exp(p[3]) if drag is None else drag
        states = [_start(*place, *p[:3])]
        for _ in t[1:]:
            states.append(propagate(states[-1], 1.0, k))
        altitude = np.array([height(*x[:3]) for x in states]) - table.altitude[ARC_START : ARC_END + 1]
        speed = np.linalg.norm(np.array(states)[:, 3:], axis=1) - table.speed[ARC_START : ARC_END + 1]
        return np.concatenate([altitude / ALTITUDE_SIGMA, speed / SPEED_SIGMA])

    first = [table.altitude[ARC_START], table.speed[ARC_START], 0.4]
    found = least_squares(errors, first if drag is not None else [*first, np.log(DRAG)], x_scale="jac")
    residual = found.fun.reshape(2, -1)
    sigma = 0.0 if drag is not None else float(np.sqrt(np.linalg.inv(found.jac.T @ found.jac)[3, 3]))
    return Arc(
        _start(*place, *found.x[:3]),
        float(np.exp(found.x[3])) if drag is None else drag,
        sigma,
        float(np.sqrt(np.mean(residual[0] ** 2))) * ALTITUDE_SIGMA,
        float(np.sqrt(np.mean(residual[1] ** 2))) * SPEED_SIGMA,
    )


def _start(lat: float, lon: float, altitude: float, speed: float, climb: float) -> Array:
    """Give the state (6,) over a place on the ground track, moving along it at a climb angle [rad]."""
    course = azimuth(lat, lon, *PAD) + np.pi
    along = np.array([np.cos(climb) * np.sin(course), np.cos(climb) * np.cos(course), np.sin(climb)])
    return np.concatenate([ecef_from_geodetic(lat, lon, altitude), speed * enu_from_ecef(lat, lon).T @ along])


def _course(x: Array) -> tuple[float, float, float]:
    """Give latitude, longitude and course [rad] over the ground of a state (6,)."""
    lat, lon, _ = geodetic_from_ecef(x[:3])
    east, north, _ = enu_from_ecef(lat, lon) @ x[3:]
    return lat, lon, float(np.arctan2(east, north))


def _ways(arc: Arc, times: Array, lat: float, lon: float) -> Array:
    """Give how far on the ground the arc is from a place at `times` (n,)."""
    places = [geodetic_from_ecef(arc.at(t)[:3])[:2] for t in times]
    return np.array([distance(lat, lon, *place) for place in places])


def _altitudes(arc: Arc, times: Array) -> Array:
    return np.array([height(*arc.at(t)[:3]) for t in times])


def _joined(t: Array, y: Array, t_arc: Array, y_arc: Array) -> BSpline:
    """Smooth data (n,) and follow the arc closely where the two meet."""
    times, values = np.concatenate([t, t_arc]), np.concatenate([y, y_arc])
    weights = np.concatenate([np.ones(len(t)), np.full(len(t_arc), JOIN_WEIGHT)])
    order = np.argsort(times)
    return make_smoothing_spline(times[order], values[order], w=weights[order], lam=SMOOTHING)
