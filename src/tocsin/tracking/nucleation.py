"""From loose infrared detections to a declared launch: posterior odds of a launch against dull readings.

A nucleus is a group of sightings that may be one rising source. Three readings compete for it: a launch (a body that
climbs and accelerates within wide priors), a static source on the ground, and strays. Each is scored by the
likelihood of its sightings, so that any number of satellites and any scan period is the same sum. Design and measured
false alarms: launch-from-angles (2026-11), section 6. Static sources are remembered and start nothing.
"""

from typing import Final

import numpy as np

from tocsin.messages import SECOND, Array
from tocsin.sensors.infrared import Infrared
from tocsin.tracking.launch import at_height
from tocsin.tracking.settings import Settings
from tocsin.tracking.sightings import Sighting

HOUR: Final = 3600.0
GATE_SPEED: Final = 7_000.0  # m/s, the fastest a burning body moves
GATE_SIGMAS: Final = 4.0
BRANCHES: Final = 4  # a sighting extends at most so many nuclei
SPOT_AGE: Final = 3600.0  # s, a static source is forgotten after so long unseen
SPOT_SIGMAS: Final = 5.0
SPOT_ODDS: Final = -4.0  # of a launch, below which what stands still is taken for a static source
SPOT_SPAN: Final = 18.0  # s, over which three sightings must stand still to be a static source


class _Reading:
    """A Kalman filter (position, velocity, acceleration) with a prior on height and motion, and its log likelihood."""

    __slots__ = ("P", "log_likelihood", "t", "x")

    def __init__(
        self, s: Sighting, height: float, height_sigma: float, climb: float, climb_sigma: float,
        speed_sigma: float, acceleration_sigma: float,
    ) -> None:  # fmt: skip
        r = at_height(s.platform, s.u, height)
        up = r / np.linalg.norm(r)
        along = s.u / min(
            float(s.u @ up), -0.05
        )  # of the line for a metre of height, not below 3° over the horizon
        across = np.linalg.norm(r - s.platform) * np.hypot(s.sigma, s.bias_sigma)
        self.t = s.time
        self.x = np.concatenate([r, climb * up, np.zeros(3)])
        self.P = np.zeros((9, 9))
        self.P[:3, :3] = height_sigma**2 * np.outer(along, along) + across**2 * (
            np.outer(s.e1, s.e1) + np.outer(s.e2, s.e2)
        )
        self.P[3:6, 3:6] = speed_sigma**2 * np.eye(3) + (climb_sigma**2 - speed_sigma**2) * np.outer(up, up)
        self.P[6:, 6:] = acceleration_sigma**2 * np.eye(3)
        self.log_likelihood = 0.0

    def copy(self) -> "_Reading":
        twin = object.__new__(_Reading)
        twin.t, twin.x, twin.P, twin.log_likelihood = self.t, self.x, self.P, self.log_likelihood
        return twin

    def update(self, s: Sighting) -> None:
        dt = (s.time - self.t) / SECOND
        F = np.eye(9)
        F[0:3, 3:6] = F[3:6, 6:9] = dt * np.eye(3)
        F[0:3, 6:9] = 0.5 * dt * dt * np.eye(3)
        x, P = F @ self.x, F @ self.P @ F.T
        d = x[:3] - s.platform
        rho = d @ s.u
        H = np.zeros((2, 9))
        H[0, :3], H[1, :3] = s.e1 / rho, s.e2 / rho
        y = -H[:, :3] @ d
        S = H @ P @ H.T + (s.sigma**2 + s.bias_sigma**2) * np.eye(2)
        K = np.linalg.solve(S, H @ P).T
        self.log_likelihood -= 0.5 * (
            float(y @ np.linalg.solve(S, y)) + float(np.log(np.linalg.det(S)))
        ) + np.log(2 * np.pi)
        self.x, self.P, self.t = x + K @ y, P - K @ S @ K.T, s.time


def _rising(s: Sighting) -> _Reading:
    """A launch soon after cloud break: 6 ± 7 km above it, climb 600 ± 300 m/s, 700 m/s a horizontal axis."""
    return _Reading(s, s.cloud_top + 6_000.0, 7_000.0, 600.0, 300.0, 700.0, 25.0)


def _high(s: Sighting) -> _Reading:
    """A launch first seen late: height 90 ± 60 km, any direction up to some km/s."""
    return _Reading(s, 90_000.0, 60_000.0, 800.0, 1_500.0, 2_000.0, 35.0)


def _static(s: Sighting) -> _Reading:
    """A source on the ground that stays where it is: height 1 ± 1.5 km."""
    return _Reading(s, 1_000.0, 1_500.0, 0.0, 0.0, 0.0, 0.0)


LATE_SHARE: Final = 0.1  # of launches first seen high


def static_log_likelihood(sightings: list[Sighting]) -> float:
    """Return the log likelihood of the later sightings given the first, for one source that stands still."""
    reading = _static(sightings[0])
    for s in sightings[1:]:
        reading.update(s)
    return reading.log_likelihood


class Nucleus:
    """Sightings that may be one launch, with the readings that explain them as one."""

    __slots__ = ("_high", "missed", "rising", "sightings", "slack")

    def __init__(self, s: Sighting) -> None:
        """Start from one sighting."""
        self.sightings = [s]
        self.rising = _rising(s)
        self._high: _Reading | None = None  # worked out once a second sighting asks for it
        self.missed = 0.0
        self.slack = _slack(self.rising)

    def extended(self, s: Sighting) -> "Nucleus":
        """Return a new nucleus with one sighting more."""
        twin = object.__new__(Nucleus)
        twin.sightings = [*self.sightings, s]
        twin.rising, twin._high = self.rising.copy(), self.high.copy()
        twin.missed = self.missed
        twin.rising.update(s)
        twin._high.update(s)
        twin.slack = _slack(twin.rising)
        return twin

    @property
    def high(self) -> _Reading:
        """Give the reading of a launch first seen late."""
        return self._high if self._high is not None else _high(self.sightings[0])

    @property
    def launch_log_likelihood(self) -> float:
        """Sum the two ways a launch may first be seen."""
        return float(
            np.logaddexp(
                np.log(1 - LATE_SHARE) + self.rising.log_likelihood,
                np.log(LATE_SHARE) + self.high.log_likelihood,
            )
        )

    @property
    def last(self) -> int:
        """Say when it was last seen."""
        return max(s.time for s in self.sightings)

    @property
    def sensors(self) -> tuple[str, ...]:
        """Name the satellites that saw it."""
        return tuple(sorted({s.sensor for s in self.sightings}))


class Nucleation:
    """Grow nuclei from sightings no track has claimed, and say which are launches."""

    def __init__(self, settings: Settings) -> None:
        """Start with an empty sky."""
        self.settings = settings
        self.nuclei: list[Nucleus] = []
        self.spots: dict[str, list[_Spot]] = {}
        self.static_count = 0
        self._spot_count = 0

    def feed(self, sensor: Infrared, sightings: list[Sighting], end: int) -> list[Nucleus]:
        """Take one look's unclaimed sightings; return the nuclei declared launches, best odds first."""
        period = sensor.scan_period or 10.0
        self.nuclei = [n for n in self.nuclei if end - n.last <= (2.5 * period + 1.0) * SECOND]
        loose = [s for s in sightings if not self._is_static(s)]
        where = _Whereabouts(self.nuclei) if self.nuclei else None
        grown = [child for s in loose if where is not None for child in self._children(sensor, s, where)]
        touched = {id(parent) for parent, _ in grown}
        self._count_misses(sensor, touched)
        children = [child for _, child in grown]
        declared = self._declared(sensor, children)
        self._remember_static(sensor, children)
        self.nuclei += children + [Nucleus(s) for s in loose]
        self._bound()
        return declared

    def forget(self, keys: frozenset[tuple[int, str, int]]) -> list[Sighting]:
        """Drop every nucleus that holds one of these sightings; return the other sightings they held, once each."""
        freed: dict[tuple[int, str, int], Sighting] = {}
        kept = []
        for n in self.nuclei:
            if any(s.key in keys for s in n.sightings):
                freed.update({s.key: s for s in n.sightings if s.key not in keys})
            else:
                kept.append(n)
        self.nuclei = kept
        return [freed[key] for key in sorted(freed)]

    def loose(self) -> list[Sighting]:
        """Return the sightings that wait, in order, once each."""
        rows = {s.key: s for n in self.nuclei for s in n.sightings}
        return [rows[key] for key in sorted(rows)]

    def odds(self, sensor: Infrared, n: Nucleus) -> float:
        """Return the log odds of a launch against the best dull reading of the same sightings."""
        p = sensor.detection_probability
        per_scan = (sensor.scan_period or 10.0) / HOUR / disk_solid_angle(n.sightings[0].platform)
        stray = stray_log_density(sensor, n.sightings[0].platform)
        seen = np.log(p) * len(n.sightings)
        launch = np.log(self.settings.launch_rate * per_scan) + n.launch_log_likelihood + seen
        source = np.log(self.settings.static_rate * per_scan)
        dull = [source + static_log_likelihood(n.sightings) + seen, stray * len(n.sightings)]
        if len(n.sightings) <= 5:
            for i in range(len(n.sightings)):
                rest = n.sightings[:i] + n.sightings[i + 1 :]
                dull.append(
                    source
                    + static_log_likelihood(rest)
                    + np.log(p) * len(rest)
                    + np.log(1 - min(p, 0.99))
                    + stray
                )
        return float(launch - max(dull) + n.missed)

    def _children(
        self, sensor: Infrared, s: Sighting, where: "_Whereabouts"
    ) -> list[tuple[Nucleus, Nucleus]]:
        """Return (parent, child) for the nuclei that `s` may extend, the likeliest few."""
        stray = stray_log_density(sensor, s.platform)
        near = where.near(s)[: 4 * BRANCHES]
        pairs = []
        for i in near:
            child = self.nuclei[i].extended(s)
            gain = child.launch_log_likelihood - self.nuclei[i].launch_log_likelihood
            if gain > stray:
                pairs.append((gain, self.nuclei[i], child))
        pairs.sort(key=lambda row: -row[0])
        return [(parent, child) for _, parent, child in pairs[:BRANCHES]]

    def _count_misses(self, sensor: Infrared, touched: set[int]) -> None:
        """Charge nuclei of two and more sightings with a look of one of their satellites that did not see them."""
        cost = np.log(1 - min(sensor.detection_probability, 0.99))
        for n in self.nuclei:
            if len(n.sightings) >= 2 and sensor.id in n.sensors and id(n) not in touched:
                n.missed += cost

    def _declared(self, sensor: Infrared, children: list[Nucleus]) -> list[Nucleus]:
        passed = []
        for n in children:
            if len(n.sightings) < 3:
                continue
            odds = self.odds(sensor, n)
            one = len(n.sensors) == 1
            if odds > (self.settings.odds_one_satellite if one else self.settings.odds_two_satellites):
                passed.append((odds, n))
        passed.sort(key=lambda row: (-row[0], row[1].sightings[0].key))
        taken: set[tuple[int, str, int]] = set()
        result = []
        for _, n in passed:
            keys = {s.key for s in n.sightings}
            if not keys & taken:
                result.append(n)
                taken |= keys
        return result

    def _is_static(self, s: Sighting) -> bool:
        """Say whether a known static source explains the sighting; then count it and keep the source's memory fresh."""
        spots = self.spots.get(s.sensor)
        if not spots:
            return False
        self.spots[s.sensor] = [spot for spot in spots if s.time - spot.last <= SPOT_AGE * SECOND]
        spot = self._spot_of(s)
        if spot is None:
            return False
        spot.last = max(spot.last, s.time)
        self.static_count += 1
        return True

    def _spot_of(self, s: Sighting) -> "_Spot | None":
        """Return the static source of its satellite that a sighting points at, if any."""
        spots = self.spots.get(s.sensor)
        if not spots:
            return None
        d = np.array([spot.r for spot in spots]) - s.platform
        off = np.hypot(d @ s.e1, d @ s.e2) / (d @ s.u)
        i = int(np.argmin(off))
        return spots[i] if off[i] <= SPOT_SIGMAS * np.hypot(s.sigma, spots[i].sigma) else None

    def _remember_static(self, sensor: Infrared, children: list[Nucleus]) -> None:
        """Make a spot of what one satellite saw stand still for three sightings and is no launch."""
        found = False
        for n in children:
            own = [s for s in n.sightings if s.sensor == sensor.id]
            if (
                len(own) < 3
                or own[-1].time - own[0].time < SPOT_SPAN * SECOND
                or self._spot_of(own[-1]) is not None
            ):
                continue
            alone = Nucleus(own[0])
            for s in own[1:]:
                alone = alone.extended(s)
            if (
                self.odds(sensor, alone) > SPOT_ODDS
                or static_log_likelihood(own) < alone.launch_log_likelihood
            ):
                continue
            reading = _static(own[0])
            for s in own[1:]:
                reading.update(s)
            sigma = own[-1].sigma / np.sqrt(len(own))
            self._spot_count += 1
            self.spots.setdefault(sensor.id, []).append(
                _Spot(self._spot_count, reading.x[:3].copy(), sigma, own[-1].time)
            )
            found = True
        if found:
            self.nuclei = [n for n in self.nuclei if any(self._spot_of(s) is None for s in n.sightings)]

    def _bound(self) -> None:
        """Keep at most `most_nuclei`: longer ones first, then younger."""
        if len(self.nuclei) > self.settings.most_nuclei:
            order = sorted(self.nuclei, key=lambda n: (-len(n.sightings), -n.last, n.sightings[0].key))
            self.nuclei = order[: self.settings.most_nuclei]


class _Whereabouts:
    """Where all nuclei are expected, as arrays, for a first sorting of the sightings of a look."""

    def __init__(self, nuclei: list[Nucleus]) -> None:
        self.x = np.array([n.rising.x for n in nuclei])
        self.t = np.array([n.rising.t for n in nuclei])
        self.last = np.array([n.last for n in nuclei])
        self.slack = np.array([n.slack for n in nuclei])

    def near(self, s: Sighting) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Return the numbers of the nuclei within reach of a sighting's line, nearest first."""
        dt = ((s.time - self.t) / SECOND)[:, None]
        d = self.x[:, :3] + dt * self.x[:, 3:6] + 0.5 * dt * dt * self.x[:, 6:] - s.platform
        along = d @ s.u
        distance = np.sqrt(np.maximum(np.einsum("ki,ki->k", d, d) - along * along, 0.0))
        reach = (
            GATE_SPEED * np.abs((s.time - self.last) / SECOND) + self.slack + GATE_SIGMAS * s.sigma * along
        )
        near = np.flatnonzero(distance < reach)
        return near[np.argsort(distance[near], kind="stable")]


def _slack(reading: _Reading) -> float:
    """Return four sigmas of a reading's place [m]."""
    return float(4.0 * np.sqrt(reading.P[0, 0] + reading.P[1, 1] + reading.P[2, 2]))


class _Spot:
    """A place on the ground that shines and stands still, and when it was last seen. They are numbered as found."""

    __slots__ = ("last", "number", "r", "sigma")

    def __init__(self, number: int, r: Array, sigma: float, last: int) -> None:
        self.number, self.r, self.sigma, self.last = number, r, sigma, last


def stray_log_density(sensor: Infrared, platform: Array) -> float:
    """Return the log density [1/sr] of a look's false sightings over the Earth's disk; none declared counts as 0.05."""
    return float(np.log(max(sensor.false_alarms_per_scan, 0.05) / disk_solid_angle(platform)))


def disk_solid_angle(platform: Array) -> float:
    """Return the solid angle [sr] of the Earth's disk seen from `platform` (3,)."""
    sine = min(6.378137e6 / float(np.linalg.norm(platform)), 0.999)
    return float(2 * np.pi * (1 - np.sqrt(1 - sine * sine)))
