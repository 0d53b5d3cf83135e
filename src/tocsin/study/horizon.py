"""How far, or from what height on, a radar sees over the curve of the Earth: case R10.

The straight lines over a round Earth of `sensors.radar`, all lengths scaled with its radius: refraction adds little to
them beyond the air. With `bending` 4/3 the radar engineer's Earth, whose radius is a third larger, which is right low
in the air and too kind to what is above 20 km (literature.md 3.2).
"""

import numpy as np
from msgspec import Struct

from tocsin.messages import Sensor
from tocsin.sensors import radar

BENDING = 4 / 3
HEIGHTS = (100e3, 200e3, 500e3, 1_000e3, 1_500e3)
RANGES = (1_000e3, 2_000e3, 3_000e3, 4_000e3, 5_000e3, 6_000e3)


class Reach(Struct, frozen=True):
    """A radar's declared greatest range [m] at its lowest elevation [rad], and the least height it sees there [m]."""

    radar: str
    range: float
    elevation: float
    height: float


def slant_range(height: float, elevation: float, bending: float = 1.0) -> float:
    """Return the range [m] at which a beam at `elevation` [rad] passes `height` [m]."""
    return bending * radar.slant_range(elevation, height / bending)


def height_at(range: float, elevation: float, bending: float = 1.0) -> float:
    """Return the height [m] of a beam at `elevation` [rad], `range` [m] away: what flies lower is not seen there."""
    return bending * radar.height_at(elevation, range / bending)


def reaches(sensors: tuple[Sensor, ...]) -> list[Reach]:
    """Return what the declared range of each radar means."""
    found = []
    for sensor in sensors:
        if sensor.type == "radar" and sensor.range_max_m is not None:
            elevation = float(np.radians(sensor.elevation_min_deg))
            height = height_at(sensor.range_max_m, elevation)
            found.append(Reach(sensor.id, sensor.range_max_m, elevation, height))
    return found
