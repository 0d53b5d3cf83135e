"""Looks that saw nothing of a launch: just before it was first seen, it was still under the clouds or was missed.

They say how high it can have been then, which the lines of one satellite alone do not. Those that missed it later say
how likely it is that its sightings are one launch's.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np

from tocsin.earth.ellipsoid import geodetic_from_ecef
from tocsin.messages import SECOND
from tocsin.sensors.field import inside_polygon
from tocsin.sensors.infrared import Infrared
from tocsin.tracking._sight import at_height
from tocsin.tracking.burnout import missing
from tocsin.tracking.looks import InfraredLook
from tocsin.tracking.sightings import Dark, Sighting

BEFORE: Final = 45 * SECOND  # a first sighting: of looks longer ago nothing is asked
KEPT: Final = 8  # looks of each satellite
LEAST_MISS: Final = 0.05  # clouds may be higher than declared: our assumption


class Watch:
    """The last looks of all satellites."""

    def __init__(self) -> None:
        """Start before any look."""
        self._looks: dict[str, deque[tuple[Infrared, InfraredLook]]] = {}

    def note(self, sensor: Infrared, look: InfraredLook) -> None:
        """Remember a look."""
        self._looks.setdefault(sensor.id, deque(maxlen=KEPT)).append((sensor, look))

    def before(self, first: Sighting) -> tuple[Dark, ...]:
        """Return the looks over before a first sighting that would have shown its source above the clouds.

        A look is dated at its start, when the source was lowest.
        """
        return tuple(
            Dark(name, look.start, _chance(sensor), sensor.cloud_top)
            for name in sorted(self._looks)
            for sensor, look in self._looks[name]
            if first.time - BEFORE <= look.end < first.time and _looked_there(sensor, look, first)
        )

    def missed(self, sightings: Sequence[Sighting]) -> float:
        """Return the log probability that the looks between the first and the last of a launch's sightings missed it.

        Those that would have shown it and hold none of them; a gap between stages may explain some.
        """
        rows = sorted(sightings, key=lambda s: s.key)
        seen = [(s.sensor, s.time) for s in rows]
        return missing(
            [
                (look.start, look.end, float(np.log(1.0 - _chance(sensor))))
                for name in sorted(self._looks)
                for sensor, look in self._looks[name]
                if rows[0].time < look.start
                and look.end < rows[-1].time
                and not any(other == name and look.start <= t <= look.end for other, t in seen)
                and _looked_there(sensor, look, rows[0])
            ],
            1.0,
        )


def _chance(sensor: Infrared) -> float:
    """Return the chance that a satellite sees what it should."""
    return min(sensor.detection_probability, 1.0 - LEAST_MISS)


def _looked_there(sensor: Infrared, look: InfraredLook, s: Sighting) -> bool:
    r = at_height(s.platform, s.u, sensor.cloud_top + 1_000.0)
    if not np.all(np.isfinite(r)) or not sensor.visible(r[None], look.platform)[0]:
        return False
    if look.coverage is None:
        return True
    latitude, longitude, _ = geodetic_from_ecef(r)
    return inside_polygon(look.coverage, float(np.degrees(latitude)), float(np.degrees(longitude)))
