"""What one satellite sees that is nobody's: where sources stand still, and how dense strays are about a direction.

Fires, flares, glints and lightning crowd: a density spread over the whole disk would make a launch of four of them. So
each satellite remembers the sightings nobody claimed, an hour long, and a stray is as likely as such sightings have
lately been about it.
"""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from msgspec import Struct, structs

from tocsin.constants import EARTH_RADIUS
from tocsin.earth.ellipsoid import geodetic
from tocsin.messages import SECOND, Array
from tocsin.sensors.infrared import Infrared
from tocsin.tracking._sight import aimed_at, around, at_height, crowding
from tocsin.tracking.sightings import Sighting

MEMORY: Final = 3600 * SECOND  # a static source is forgotten after so long unseen, and so is a stray
LATELY: Final = 1200 * SECOND  # strays of so long make the density
# rad, about a direction: 950, 190 and 57 km from geostationary orbit, our assumption. Glints gather within hundreds of
# kilometres of the point that mirrors the Sun; fires and storms closer.
ABOUT: Final = (25e-3, 5e-3, 1.5e-3)
SOURCE_ABOUT: Final = 5e-3  # rad, within which a place may be an earlier one's
FEW: Final = (10, 3, 3)  # places of strays within these that make a density
FEW_LOOKS: Final = 12.0  # by which a young memory's density about a direction is held down
DECLARED_LOOKS: Final = 2.0  # looks that what a sensor declares of its strays is worth (our assumption)
# Sigmas within which a stray comes from the place of an earlier one, where strays are too few to be there by chance.
AGAIN_SIGMAS, BY_CHANCE = 4.0, 0.2
GROUND: Final = 1_000.0  # m, height of what stands still
SPOT_SIGMAS: Final = 5.0
# Three sightings at one place over so long make a static source: no launch stays there.
SPOT_SPAN: Final = 60 * SECOND
VIEW: Final = 2.2e14  # m², of the Earth in view from geostationary orbit
LEAST_SLANT: Final = 0.05  # sine of the angle at which a line meets the ground, at the least (3°)
MOST: Final = 20_000  # sightings remembered
TIDY: Final = 60 * SECOND

Counts = np.ndarray[tuple[int, int], np.dtype[np.int64]]


class Spot(Struct):
    """A place on the ground that shines and stands still, and when it was last seen. They are numbered as found."""

    number: int
    r: Array
    sigma: float
    last: int


class Clutter:
    """The memory of one satellite."""

    def __init__(self, numbers: Iterator[int]) -> None:
        """Start with an empty memory; `numbers` gives each new spot its own."""
        self._numbers = numbers
        self.spots: list[Spot] = []
        self._places = np.empty((0, 4))
        self._where = np.empty((64, 3))
        self._sigma = np.empty(64)
        self._times = np.empty(64, dtype=np.int64)
        self._anew = np.empty(64, dtype=np.bool_)  # whether nothing had been seen there before
        self._keys: list[tuple[int, str, int]] = []
        self._looks: deque[int] = deque()
        self._tidied = 0

    def looked(self, end: int) -> None:
        """Count a look, and now and then forget what is too old."""
        self._looks.append(end)
        while self._looks[0] < end - LATELY:
            self._looks.popleft()
        if end - self._tidied < TIDY:
            return
        self._tidied = end
        n = len(self._keys)
        first = max(int(np.searchsorted(self._times[:n], end - MEMORY)), n - MOST)
        if first > 0:
            self._keep(np.arange(first, n))
        fresh = [i for i, spot in enumerate(self.spots) if end - spot.last <= MEMORY]
        self.spots = [self.spots[i] for i in fresh]
        self._places = self._places[fresh]

    def remember(self, s: Sighting) -> None:
        """Remember a sighting that nobody has claimed."""
        n = len(self._keys)
        if n == len(self._where):
            self._where = np.vstack([self._where, np.empty_like(self._where)])
            self._sigma = np.concatenate([self._sigma, np.empty_like(self._sigma)])
            self._times = np.concatenate([self._times, np.empty_like(self._times)])
            self._anew = np.concatenate([self._anew, np.empty_like(self._anew)])
        self._anew[n] = not self._comes_again(s)
        self._where[n] = at_height(s.platform, s.u, GROUND)
        self._sigma[n] = s.sigma
        self._times[n] = s.time
        self._keys.append(s.key)

    def _comes_again(self, s: Sighting) -> bool:
        """Say whether a sighting shows the place of an earlier one, as a source does that stands still."""
        n = len(self._keys)
        there, _ = around(
            self._where[:n], self._sigma[:n], self._times[:n], s.platform, s.u, s.sigma, SOURCE_ABOUT, AGAIN_SIGMAS,
            int(s.time),
        )  # fmt: skip
        if not there:
            return False
        densest = np.max(self._crowding([s], s.time - LATELY, s.time)[0] / np.square(ABOUT))
        return bool(densest * 2.0 * (AGAIN_SIGMAS * s.sigma) ** 2 < BY_CHANCE)

    def _crowding(self, sightings: Sequence[Sighting], since: int, before: int) -> Counts:
        """Count the places (m, w) of strays in a time about each sighting, near and far."""
        n = len(self._keys)
        anew = self._anew[:n]
        return crowding(
            self._where[:n][anew], self._times[:n][anew], np.array([s.platform for s in sightings]),
            np.array([s.u for s in sightings]), np.array(ABOUT), since, before,
        )  # fmt: skip

    def forget(self, keys: frozenset[tuple[int, str, int]]) -> None:
        """Forget sightings that turned out to be somebody's."""
        if not keys:
            return
        kept = [i for i, key in enumerate(self._keys) if key not in keys]
        if len(kept) < len(self._keys):
            self._keep(np.array(kept, dtype=np.int64))

    def weighed(self, sightings: Sequence[Sighting], before: int) -> tuple[Sighting, ...]:
        """Return sightings of one look with the log density [1/sr] of strays about each, as known of `before`.

        The densest of: as declared (as they come), as all that is remembered spread over the disk, and as what is
        remembered about each, near and far.
        """
        n = len(self._keys)
        if n == 0 or not sightings:
            return tuple(sightings)
        everywhere = self._everywhere(sightings, n - int(np.searchsorted(self._times[:n], before - LATELY)))
        looks = max(len(self._looks), FEW_LOOKS)
        counts = self._crowding(sightings, before - LATELY, before)
        about = np.log(np.where(counts >= FEW, counts, np.nan) / (looks * np.pi * np.square(ABOUT)))
        densest = np.fmax(np.fmax.reduce(about, axis=1), everywhere).tolist()
        return tuple(
            structs.replace(s, stray=max(s.stray, density))
            for s, density in zip(sightings, densest, strict=True)
        )

    def _everywhere(self, sightings: Sequence[Sighting], lately: int) -> float:
        """Return the log density [1/sr] of as many sightings `lately`, spread over the disk.

        The mean of a Poisson rate's posterior (its prior a Gamma law: what the sensor declares, worth some looks), so
        that a satellite whose first looks are full knows so at once.
        """
        disk = disk_solid_angle(sightings[0].platform)
        declared = np.exp(min(s.stray for s in sightings)) * disk
        return float(
            np.log((DECLARED_LOOKS * declared + lately) / (DECLARED_LOOKS + len(self._looks)) / disk)
        )

    def stands(self, s: Sighting) -> bool:
        """Say whether the sighting is of a source that stands still; note a new one, and keep an old one fresh."""
        spot = self.spot_of(s)
        if spot is not None:
            spot.last = max(spot.last, s.time)
            return True
        n = len(self._keys)
        count, first = around(
            self._where[:n], self._sigma[:n], self._times[:n], s.platform, s.u, s.sigma, SOURCE_ABOUT, SPOT_SIGMAS,
            int(s.time),
        )  # fmt: skip
        if count < 2 or s.time - first < SPOT_SPAN:
            return False
        self.stand(at_height(s.platform, s.u, GROUND), s.sigma, s.time)
        return True

    def spot_of(self, s: Sighting) -> Spot | None:
        """Return the static source that a sighting points at, if any."""
        i, off = aimed_at(self._places, s.platform, s.u, s.sigma)
        return self.spots[i] if i >= 0 and off <= SPOT_SIGMAS else None

    def stand(self, r: Array, sigma: float, time: int) -> None:
        """Note a static source."""
        self.spots.append(Spot(next(self._numbers), r, sigma, time))
        self._places = np.vstack([self._places, [[*r, sigma]]])

    def _keep(self, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        n = len(rows)
        self._where[:n] = self._where[rows]
        self._sigma[:n] = self._sigma[rows]
        self._times[:n] = self._times[rows]
        self._anew[:n] = self._anew[rows]
        self._keys = [self._keys[i] for i in rows]


def stray_log_density(sensor: Infrared, platform: Array) -> float:
    """Return the log density [1/sr] of a look's false sightings over the Earth's disk; none declared counts as 0.05."""
    return float(np.log(max(sensor.false_alarms_per_scan, 0.05) / disk_solid_angle(platform)))


def disk_solid_angle(platform: Array) -> float:
    """Return the solid angle [sr] of the Earth's disk seen from `platform` (3,)."""
    x, y, z = platform.tolist()
    sine = min(EARTH_RADIUS / math.sqrt(x * x + y * y + z * z), 0.999)
    return 2 * math.pi * (1 - math.sqrt(1 - sine * sine))


def footprint(platform: Array, u: Array, r: Array) -> float:
    """Return the area [m²/sr] that a line from `platform` (3,) along `u` (3,) sweeps about `r` (3,), where it ends."""
    lat, lon, _ = geodetic(*r)
    cosine = math.cos(lat)
    up = cosine * math.cos(lon), cosine * math.sin(lon), math.sin(lat)
    slant = -float(u[0] * up[0] + u[1] * up[1] + u[2] * up[2])
    return float(np.sum(np.square(r - platform))) / max(slant, LEAST_SLANT)
