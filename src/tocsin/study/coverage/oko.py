"""Case R13: how long a satellite on Oko's kind of orbit sees four missile fields against space, how many fill a day.

Orbit: 26,554 km, perigee 600 km, 62.9 degrees (de-academic.com, "Oko"); argument of perigee 316 degrees from memory of
the literature, unverified. A rocket counts as seen 150 km above all four fields (as in G. Forden's account of 1983),
where every line of sight clears 20 km. The node is the one that sees longest.
"""

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tocsin.constants import EARTH_GM, EARTH_RADIUS
from tocsin.earth.ellipsoid import ecef_from_geodetic_batch
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.time import parse_utc
from tocsin.messages import SECOND, Array, Instant, Sensor
from tocsin.sensors.coverage import share_covered, silhouetted, turned, windows
from tocsin.sensors.platform import Platform

AXIS, PERIGEE = 26_554e3, EARTH_RADIUS + 600e3
FIELDS_DEG: Final = ((47.505, -111.183), (48.416, -101.358), (41.145, -104.862), (38.727, -93.548))
TARGET, CLEARANCE = 150e3, 20e3
DAY_MIN: Final = 1436  # two revolutions, a sidereal day
PUBLISHED: Final = (
    9.3,
    490.0,
)  # hours a day and minutes of the longest window, as the literature's case gives them
_EPOCH: Final = "1983-09-25T00:00:00"


class Oko(Struct, frozen=True):
    """Hours a day one satellite sees, its longest window [s]; of 1 to 9 satellites the hours one sees and two see."""

    hours: float
    longest: float
    by_number: tuple[tuple[int, float, float], ...]


def table() -> Oko:
    """Work the case out."""
    seen, _ = best_day(track())
    longest = float(np.diff(windows(np.arange(DAY_MIN, dtype=np.float64) * 60.0, seen)).max())
    shares = [(n, *share_covered(seen, n)) for n in range(1, 10)]
    return Oko(seen.sum() / 60, longest, tuple((n, 24 * one, 24 * two) for n, one, two in shares))


def best_day(path: Array) -> tuple[NDArray[np.bool_], Array]:
    """Turn a track (DAY_MIN, 3) through all nodes; return when (DAY_MIN,) the one that sees longest sees, and it."""
    lat, lon = np.radians(FIELDS_DEG).T.copy()
    fields = ecef_from_geodetic_batch(lat, lon, np.full(len(FIELDS_DEG), TARGET))
    days = []
    for node in np.radians(np.arange(360)):
        there = turned(path, node)
        days.append((silhouetted(there, fields, CLEARANCE).all(axis=1), there))
    seen, there = max(days, key=lambda day: int(day[0].sum()))
    return np.asarray(seen), there


def lines(found: Oko) -> list[str]:
    """Write the table for people."""
    hours, minutes = PUBLISHED
    return [
        "R13: an Oko-type satellite, four fields each against space, at the best node",
        f"one satellite: {found.hours:.1f} h a day (published case: {hours:g}), longest window "
        f"{found.longest / 60:.0f} min ({minutes:g})",
        "satellites  one sees  two see   (hours a day, evenly spaced)",
        *(f"{n:10d}  {one:8.1f}  {two:7.1f}" for n, one, two in found.by_number),
    ]


def track() -> Array:
    """Return the places (DAY_MIN, 3) of one satellite each minute, through SGP4."""
    start = parse_utc(_EPOCH + "Z")
    orbit = {
        "EPOCH": _EPOCH, "MEAN_MOTION": 86_400 / (2 * np.pi) * float(np.sqrt(EARTH_GM / AXIS**3)),
        "ECCENTRICITY": 1 - PERIGEE / AXIS, "INCLINATION": 62.9, "ARG_OF_PERICENTER": 316.0,
        "RA_OF_ASC_NODE": 0.0, "MEAN_ANOMALY": 0.0,
    }  # fmt: skip
    sensor = Sensor(origin="test", id="oko", type="infrared", los_sigma_urad=100.0, orbit=orbit)
    platform = Platform(sensor, EarthRotation(bundled()))
    return np.array([platform.from_orbit(Instant(start + k * 60 * SECOND)) for k in range(DAY_MIN)])
