"""From loose infrared detections to a declared launch: posterior odds of a launch against dull readings.

A nucleus is a group of sightings that may be one rising source. Three readings compete for it: a launch (a body that
climbs and accelerates within wide priors), a static source on the ground, and strays. Each is scored by the
likelihood of its sightings, so that any number of satellites and any scan period is the same sum. Design and measured
false alarms: launch-from-angles (2026-11), section 6; strays as dense as the satellite's memory says (`clutter`).
Static sources are remembered and start nothing.
"""

from collections.abc import Sequence
from itertools import count
from typing import Final

import numpy as np

from tocsin.messages import SECOND, Array
from tocsin.sensors.infrared import Infrared
from tocsin.tracking._sight import begin, either, offspring, update
from tocsin.tracking.clutter import Clutter, Spot
from tocsin.tracking.dull import FLASH_S, dull, first, standing
from tocsin.tracking.settings import Settings
from tocsin.tracking.sightings import Key, Sighting

GATE_SPEED: Final = 7_000.0  # m/s, the fastest a burning body moves
GATE_SIGMAS: Final = 4.0
BRANCHES: Final = 4  # a sighting extends at most so many nuclei
PATIENCE: Final = 3.5  # scan periods after which a nucleus unseen is given up: two looks in a row may miss it
SPOT_ODDS: Final = -4.0  # of a launch, below which what stands still is taken for a static source
SPOT_SPAN: Final = 18.0  # s, over which three sightings in a row must stand still to be a static source
# Scan periods, and seconds: what came so lately may be the same launch and counts for no stray.
YOUNG, YOUNG_S = 3.0, 60.0
LATE_SHARE: Final = 0.1  # of launches first seen high


class Reading:
    """A Kalman filter (position, velocity, acceleration) with a prior on height and motion, and its log likelihood."""

    __slots__ = ("P", "log_likelihood", "t", "x")

    def __init__(self, x: Array, P: Array, t: int, log_likelihood: float) -> None:
        """Hold a filter's state at `t`."""
        self.x, self.P, self.t, self.log_likelihood = x, P, t, log_likelihood

    def updated(self, s: Sighting) -> "Reading":
        """Return the reading with one sighting more."""
        dt = (s.time - self.t) / SECOND
        x, P, density = update(self.x, self.P, dt, s.platform, s.u, s.e1, s.e2, s.variance)
        return Reading(x, P, s.time, self.log_likelihood + density)


def _rising(s: Sighting) -> Reading:
    """A launch soon after cloud break: 6 ± 7 km above it, climb 600 ± 300 m/s, 700 m/s a horizontal axis."""
    return _begun(s, np.array([s.cloud_top + 6_000.0, 7_000.0, 600.0, 300.0, 700.0, 25.0]))


def _high(s: Sighting) -> Reading:
    """A launch first seen late: height 90 ± 60 km, any direction up to some km/s."""
    return _begun(s, np.array([90_000.0, 60_000.0, 800.0, 1_500.0, 2_000.0, 35.0]))


def _begun(s: Sighting, prior: Array) -> Reading:
    x, P = begin(s.platform, s.u, s.e1, s.e2, s.variance, prior)
    return Reading(x, P, s.time, 0.0)


class Nucleus:
    """Sightings that may be one launch, with the readings that explain them as one."""

    __slots__ = ("high", "last", "missed", "numbers", "rising", "sightings", "slack")

    def __init__(self, sightings: list[Sighting], rising: Reading, high: Reading, missed: float) -> None:
        """Hold sightings and their readings."""
        self.sightings, self.rising, self.high, self.missed = sightings, rising, high, missed
        self.last = max(s.time for s in sightings)  # when it was last seen
        self.slack = float(4.0 * np.sqrt(rising.P[0, 0] + rising.P[1, 1] + rising.P[2, 2]))
        # All of both readings in one row: each look gathers those of all nuclei.
        self.numbers = np.concatenate((rising.x, rising.P.ravel(), high.x, high.P.ravel()))

    @classmethod
    def of(cls, s: Sighting) -> "Nucleus":
        """Start from one sighting."""
        return cls([s], _rising(s), _high(s), 0.0)

    def extended(self, s: Sighting) -> "Nucleus":
        """Return a new nucleus with one sighting more."""
        return Nucleus([*self.sightings, s], self.rising.updated(s), self.high.updated(s), self.missed)

    @property
    def launch_log_likelihood(self) -> float:
        """Sum the two ways a launch may first be seen."""
        return float(either(self.rising.log_likelihood, self.high.log_likelihood, LATE_SHARE))

    @property
    def span(self) -> int:
        """Give the time [ns] from its first sighting to its last."""
        return self.last - min(s.time for s in self.sightings)

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
        self.clutter: dict[str, Clutter] = {}
        self.static_count = 0
        self._numbers = count(1)

    def feed(
        self, sensor: Infrared, sightings: list[Sighting], end: int, raid: frozenset[Key] = frozenset()
    ) -> list[Nucleus]:
        """Take one look's unclaimed sightings; return the nuclei declared launches, best odds first.

        `raid`: the sightings beside a raid's burning bodies. What seems to stand still there are one launch after
        another on one line of sight.
        """
        period = sensor.scan_period or 10.0
        clutter = self._memory(sensor)
        clutter.looked(end)
        self.nuclei = [n for n in self.nuclei if end - n.last <= PATIENCE * period * SECOND]
        loose = []
        for s in sightings:
            if clutter.spot_of(s) is not None if s.key in raid else clutter.stands(s):
                self.static_count += 1
            else:
                loose.append(s)
        pairs = _offspring(self.nuclei, loose) if self.nuclei and loose else []
        self._count_misses(sensor, {id(self.nuclei[k]) for _, k in pairs})
        children = [self.nuclei[k].extended(loose[i]) for i, k in pairs]
        declared = self._declared(sensor, children)
        self._remember_static(sensor, clutter, [n for n in children if n.sightings[-1].key not in raid])
        for s in loose:
            clutter.remember(s)
        self.nuclei += children + [Nucleus.of(s) for s in loose]
        self._bound()
        return declared

    def weighed(self, sensor: Infrared, sightings: Sequence[Sighting], end: int) -> tuple[Sighting, ...]:
        """Return a look's sightings with the density of strays that their satellite's memory expects about each."""
        guard = round(max(YOUNG * (sensor.scan_period or 10.0), YOUNG_S) * SECOND)
        return self._memory(sensor).weighed(sightings, end - guard)

    def _memory(self, sensor: Infrared) -> Clutter:
        """Return what a satellite remembers, an empty memory at first."""
        if sensor.id not in self.clutter:
            self.clutter[sensor.id] = Clutter(self._numbers)
        return self.clutter[sensor.id]

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
        for name in sorted({key[1] for key in keys}):
            if name in self.clutter:
                self.clutter[name].forget(keys)
        return [freed[key] for key in sorted(freed)]

    def loose(self) -> list[Sighting]:
        """Return the sightings that wait, in order, once each."""
        rows = {s.key: s for n in self.nuclei for s in n.sightings}
        return [rows[key] for key in sorted(rows)]

    def spots(self, sensor: str) -> list[Spot]:
        """Return the static sources that a satellite knows."""
        return self.clutter[sensor].spots if sensor in self.clutter else []

    def odds(self, sensor: Infrared, n: Nucleus) -> float:
        """Return the log odds of a launch against the best dull reading of the same sightings."""
        period = sensor.scan_period or 10.0
        launch = np.log(self.settings.launch_rate) + first(n.sightings, period) + n.launch_log_likelihood
        other = dull(n.sightings, self.settings.static_rate, period, sensor.detection_probability)
        return float(launch - other + n.missed)

    def _count_misses(self, sensor: Infrared, touched: set[int]) -> None:
        """Charge nuclei with a look of one of their satellites that did not see them."""
        cost = np.log(1 - min(sensor.detection_probability, 0.99))
        for n in self.nuclei:
            if sensor.id in [s.sensor for s in n.sightings] and id(n) not in touched:
                n.missed += cost

    def _declared(self, sensor: Infrared, children: list[Nucleus]) -> list[Nucleus]:
        passed = []
        for n in children:
            if len(n.sightings) < 3 or n.span < FLASH_S * SECOND:
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

    def _remember_static(self, sensor: Infrared, clutter: Clutter, children: list[Nucleus]) -> None:
        """Make a spot of what one satellite saw stand still for three sightings and is no launch."""
        found = False
        for n in children:
            seen = [s for s in n.sightings if s.sensor == sensor.id]
            if (
                len(seen) < 3
                or seen[-1].time - seen[0].time < SPOT_SPAN * SECOND
                or clutter.spot_of(seen[-1])
            ):
                continue
            alone = Nucleus.of(seen[0])
            for s in seen[1:]:
                alone = alone.extended(s)
            likelihood, r = standing(seen)
            if self.odds(sensor, alone) > SPOT_ODDS or likelihood < alone.launch_log_likelihood:
                continue
            clutter.stand(r, seen[-1].sigma / np.sqrt(len(seen)), seen[-1].time)
            found = True
        if found:
            self.nuclei = [n for n in self.nuclei if any(self._spot_of(s) is None for s in n.sightings)]

    def _spot_of(self, s: Sighting) -> Spot | None:
        return self.clutter[s.sensor].spot_of(s) if s.sensor in self.clutter else None

    def _bound(self) -> None:
        """Keep at most `most_nuclei`: longer ones first, then younger."""
        if len(self.nuclei) > self.settings.most_nuclei:
            order = sorted(self.nuclei, key=lambda n: (-len(n.sightings), -n.last, n.sightings[0].key))
            self.nuclei = order[: self.settings.most_nuclei]


def _offspring(nuclei: list[Nucleus], sightings: list[Sighting]) -> list[tuple[int, int]]:
    """Return (sighting, nucleus) by place where the one may extend the other, for each sighting the likeliest few."""
    t = np.array([s.time for s in sightings])[:, None]
    sons, parents = offspring(
        *_states(nuclei),
        np.array([(n.rising.log_likelihood, n.high.log_likelihood) for n in nuclei]),
        (t - np.array([n.rising.t for n in nuclei])) / SECOND, (t - np.array([n.last for n in nuclei])) / SECOND,
        np.array([n.slack for n in nuclei]),
        np.concatenate([a for s in sightings for a in (s.platform, s.u, s.e1, s.e2)]).reshape(-1, 4, 3),
        np.array([s.variance for s in sightings]), np.array([s.sigma for s in sightings]),
        np.array([s.stray for s in sightings]), GATE_SPEED, GATE_SIGMAS, BRANCHES, LATE_SHARE,
    )  # fmt: skip
    return list(zip(sons.tolist(), parents.tolist(), strict=True))


def _states(nuclei: list[Nucleus]) -> tuple[Array, Array, Array, Array]:
    """Return means (n, d) and covariances (n, d, d) of the readings of nuclei: as rising, then as seen high."""
    rows, d = np.concatenate([n.numbers for n in nuclei]).reshape(len(nuclei), -1), len(nuclei[0].rising.x)
    x, P, y, C = np.split(rows, (d, d + d * d, 2 * d + d * d), axis=1)
    square = len(nuclei), d, d
    return x.copy(), P.copy().reshape(square), y.copy(), C.copy().reshape(square)
