"""Satellites and rocket bodies that pass through a radar's field, by their elements and SGP4.

2,781 objects of CelesTrak (2026): the brightest and the largest (stages among them), stations, weather and navigation
satellites and 2,500 of Starlink. A whole catalogue has ten times as many. In another season than theirs the
elements are moved to the scenario's start with the node turned along, so that they pass over the same places.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sgp4.api import WGS72, Satrec, SatrecArray
from sgp4.propagation import gstime

from tocsin.constants import EARTH_GM, EARTH_RATE
from tocsin.messages import Array
from tocsin.sensors.platform import from_elements, julian_utc
from tocsin.sensors.radar import Radar
from tocsin.simulation.background.tables import SatelliteTable
from tocsin.simulation.background.world import World, table

FRESH_DAYS = 30.0  # within which elements are used as they are
MINUTE_S = 60.0
FASTEST_MPS = 9_000.0  # over the Earth, of what comes into a radar's range
RADAR_M2 = (1.0, 1.0)  # median, and standard deviation of the logarithm: our assumption
_SGP4_EPOCH = 2_433_281.5  # 1949 December 31, 0 h
_SPIN = np.array([0.0, 0.0, EARTH_RATE])


class Satellites:
    """The catalogue in one run, and those a scenario names. `cross_section` (n,) [m²]."""

    def __init__(self, world: World, named: Sequence[SatelliteTable] = ()) -> None:
        self._world = world
        random = world.of("satellites")
        lines = list(zip(table("satellites")["line1"], table("satellites")["line2"], strict=True))
        copies = [random.uniform(size=len(lines)) for _ in range(int(np.ceil(world.table.satellites)))]
        turns = [0.0, *random.uniform(0.0, 2 * np.pi, len(copies))]
        day = np.sum(julian_utc(world.start))
        self.bodies = [
            _moved(*pair, float(day), turns[k])
            for k, luck in enumerate(copies)
            for pair, u in zip(lines, luck, strict=True)
            if u < world.table.satellites - k
        ]
        drawn = RADAR_M2[0] * np.exp(RADAR_M2[1] * random.standard_normal(len(self.bodies)))
        self.bodies += [from_elements(one.orbit) for one in named]
        self.cross_section = np.append(drawn, [one.cross_section_m2 for one in named])

    def at(self, chosen: NDArray[np.int64], time: float) -> Array:
        """Return the states (n, 6), ITRF, of some at a scenario time [s]; NaN for what has decayed."""
        if len(chosen) == 0:
            return np.zeros((0, 6))
        days, part = julian_utc(self._world.instant(time))
        error, r, v = SatrecArray([self.bodies[k] for k in chosen]).sgp4(np.array([days]), np.array([part]))
        turn = self._world.rotation.itrf_from_teme(self._world.instant(time))
        r, v = 1000.0 * r[:, 0] @ turn.T, 1000.0 * v[:, 0] @ turn.T
        x = np.hstack([r, v - np.cross(_SPIN, r)])
        x[error[:, 0] != 0] = np.nan
        return x


class Overhead:
    """Which satellites may be in one radar's field, minute by minute."""

    def __init__(self, satellites: Satellites, radar: Radar) -> None:
        self._satellites = satellites
        self._radar = radar
        self._minute = -1
        self._near: NDArray[np.int64] = np.zeros(0, dtype=np.int64)

    def at(self, time: float) -> tuple[NDArray[np.int64], Array]:
        """Return those near the field at a scenario time [s], by number, and their states (n, 6), ITRF."""
        minute = int(time // MINUTE_S)
        if minute != self._minute:
            self._minute = minute
            self._near = self._sorted_out((minute + 0.5) * MINUTE_S)
        return self._near, self._satellites.at(self._near, time)

    def _sorted_out(self, middle: float) -> NDArray[np.int64]:
        everything = np.arange(len(self._satellites.bodies))
        d = self._satellites.at(everything, middle)[:, :3] - self._radar.r_ecef
        distance = np.linalg.norm(d, axis=1)
        margin = FASTEST_MPS * MINUTE_S
        high = d @ self._radar.enu_from_ecef[2] > np.sin(self._radar.elevation_min) * distance - margin
        return np.flatnonzero((distance < self._radar.range_max + margin) & high)


def pulled(x: Array) -> Array:
    """Return the acceleration (n, 3) [m/s²] of free bodies with states `x` (n, 6) in the turning frame."""
    r, v = x[:, :3], x[:, 3:]
    down = -EARTH_GM * r / np.linalg.norm(r, axis=1, keepdims=True) ** 3
    return np.asarray(down - 2 * np.cross(_SPIN, v) - np.cross(_SPIN, np.cross(_SPIN, r)))


@lru_cache(maxsize=8_192)
def _moved(line1: str, line2: str, day: float, turn: float) -> Satrec:
    """Return a satellite with its elements moved to Julian date `day` where they are of another season."""
    own = Satrec.twoline2rv(line1, line2)
    epoch = own.jdsatepoch + own.jdsatepochF
    fresh = abs(day - epoch) <= FRESH_DAYS
    if fresh and turn == 0.0:
        return own
    new = epoch if fresh else day
    node = (own.nodeo + turn + gstime(new) - gstime(epoch)) % (2 * np.pi)
    satellite = Satrec()
    satellite.sgp4init(
        WGS72, "i", own.satnum, new - _SGP4_EPOCH, own.bstar, own.ndot, own.nddot, own.ecco, own.argpo, own.inclo,
        own.mo, own.no_kozai, node,
    )  # fmt: skip
    return satellite
