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

import coasting
import numpy as np
from coasting import Arc, Array, Table, on_the_ground
from scipy.interpolate import BSpline, make_smoothing_spline

from tocsin.earth.ellipsoid import (
    destination,
    distance,
    ecef_from_geodetic,
    enu_from_ecef,
    geodetic_from_ecef,
    height,
)
from tocsin.earth.time import parse_utc
from tocsin.flight.coast import OK, fall

TABLE = Path(__file__).parent / "data" / "bulgariasat-1.csv"
LIFT_OFF = parse_utc("2017-06-23T19:10:00Z")  # to the minute (General Catalog of Artificial Space Objects)
PAD = np.radians([28.6084, -80.6043])  # LC-39A: latitude, longitude
HEADING = np.radians(90.0)  # assumed, see above

CUT_OFF, ENTRY_BURN, ENTRY_BURN_END = 158.0, 390.0, 406.0  # s, the table's events
ARC_START, ARC_END = 162, 388  # s: clear of both burns and of how far the author's smoothing has spread them

# Cd A / m [m²/kg], assumed; the slowing of the arc below 80 km gives 1 / 2,250 ± 17 % (fit_arc without it).
DRAG = 1 / 2000.0

JOINED = 12  # s of the arc that a spline joined to it follows
JOIN_WEIGHT = 1e6
SMOOTHING = (
    30.0  # s⁴, of the second derivative squared against the data: wiggles under some 2 s are taken out
)


def impact(arc: Arc) -> tuple[float, float, float]:
    """Give latitude, longitude and time [s] of the arc's end on the ellipsoid, had no engine been lit."""
    x, t, _, status = fall(arc.at(ENTRY_BURN), arc.drag)
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
    return on_the_ground(t, speed, altitude, aloft)


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
    return coasting.fit_arc(table, PAD, HEADING, (ARC_START, ARC_END), drag, 0.4, DRAG)


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
