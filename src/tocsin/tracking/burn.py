"""One burning body as infrared satellites see it: its sightings, the modes of its fit, and when it went out."""

from collections.abc import Sequence
from copy import copy
from typing import Final

import numpy as np
from msgspec.structs import replace

from tocsin.flight._kernels import radial_height
from tocsin.messages import SECOND, Array, Association, Component, Instant
from tocsin.sensors.infrared import Infrared
from tocsin.tracking import ahead, burnout, launch, unwatched
from tocsin.tracking.dull import dull
from tocsin.tracking.fusion import carried
from tocsin.tracking.launch import Mode
from tocsin.tracking.profile import CLASSES
from tocsin.tracking.settings import Settings
from tocsin.tracking.sightings import Dark, Sighting, Sights

LIGHT_WEIGHT: Final = 0.02  # modes below do not widen a gate
SURE: Final = (
    float(np.log(0.01)) + 1e-9
)  # log probability of missing a burning body, from which it had surely gone out
CERTAIN: Final = float(np.log(2e-4))  # of all misses together, after which it is out
LAUNCH_SIGHTINGS: Final = 16  # from which the launch is told (launch-from-angles, section 1)
HEADING_SIGHTINGS: Final = 6  # no heading before so many sightings (launch-from-angles, section 8)
SURPRISE: Final = 9.0  # growth of the cost with a sighting (two angles) after which all classes are searched
# Log density [1/sr] that a launch's fourth and later sightings reach at the least, seen by one satellite or by several:
# our assumption. One satellite's glints make crowds that no other sees.
FIT_GAIN_ONE, FIT_GAIN_SEVERAL = 13.0, 11.0
MOST_TO_DOUBT: Final = 8  # sightings, of which one may be a stray: later ones must pass the gate of a fit
NEAR, FASTEST = 150_000.0, 8_000.0  # m and m/s, about where a burning body was last seen
PERIOD, SEEN = 10.0, 0.9  # s, and probability of detection, of a satellite that does not say (formats)
UNSEEN: Final = 2.0 * burnout.REST  # s, after which a burn that nobody looked at is taken for over
OUT_OF_SIGHT: Final = 10 * SECOND  # twice this, and a burn that nobody looks at may be over (our assumption)
REOPENED: Final = 40.0  # s after the last sighting within which a new one ends a supposed burnout


class Burn:
    """The infrared half of a track."""

    def __init__(self, sightings: list[Sighting], settings: Settings, dark: Sequence[Dark] = ()) -> None:
        """Start from the sightings of a declared nucleus and fit them over all classes.

        `dark`: looks that saw nothing before the first of them.
        """
        self.settings = settings
        self.dark = tuple(dark)
        self.sightings = sorted(sightings, key=lambda s: s.key)
        self.missed: list[burnout.Miss] = []
        self._to_come = 1.0  # how likely a stage still was when first it was missed
        self.over = False
        self.lapsed = False  # whether it is taken for over only because nobody looked
        self.modes: list[Mode] = []
        self._burning: list[Mode] = []
        self._searched = 0
        self._owed = False  # a search that a surprise asks for and that has not been made
        self._settled: tuple[Array, Array] | None = None  # launch (4,) and covariance (4, 4), once worked out
        self._known: tuple[Instant, tuple[Component, ...]] | None = None
        self._open: tuple[list[Mode], int, tuple[Component, ...]] | None = None
        self.refit(search=True)

    @property
    def epoch(self) -> Instant:
        """Give the time from which the modes count: the first sighting."""
        return self.sightings[0].time

    @property
    def last(self) -> Instant:
        """Give the time of the last sighting."""
        return self.sightings[-1].time

    @property
    def gone(self) -> int | None:
        """Give the end of the look by which it had surely gone out, if any."""
        if self.lapsed:
            return self.lapses
        for count, (_, end, _) in enumerate(self.missed, 1):
            if burnout.missing(self.missed[:count], self._to_come) <= SURE:
                return end
        return None

    @property
    def odds(self) -> float:
        """Give the log odds of a launch, of the fit as it is, against the likeliest dull reading of its sightings."""
        return self.density - self._dull

    def convinces(self, missed: float) -> bool:
        """Say whether flights that are plausible throughout explain the sightings well enough to declare a launch.

        Better than each dull reading, and much better than strays, whose density may be higher here than is known: each
        sighting beyond three must add to the odds as a launch's own does, as a chance triple finds more company in a
        crowd than it deserves. `missed`: the log probability of the looks that missed it; strays need not explain them.
        """
        sights = Sights.of(self.sightings, self.dark)
        found = self._density(launch.plausible(self.modes, sights), sights)
        settings = self.settings
        least, dullest, gain = settings.fit_odds, settings.dull_odds, FIT_GAIN_SEVERAL
        if len(sights.sensors) == 1:
            least, dullest = settings.fit_odds_one_satellite, settings.dull_odds_one_satellite
            gain = FIT_GAIN_ONE
        crowded = float(np.sum(np.maximum(gain - sights.strays[3:], 0.0)))
        return found + missed - sights.strays.sum() > least + crowded and found - self._dull > dullest

    def _density(self, modes: list[Mode], sights: Sights) -> float:
        return launch.log_density(modes, sights, self.settings.launch_rate)

    @property
    def density(self) -> float:
        """Give the log density of its sightings under a launch with the fit as it is."""
        return self._density(self.modes, Sights.of(self.sightings, self.dark))

    @property
    def _dull(self) -> float:
        return dull(self.sightings, self.settings.static_rate, PERIOD, SEEN)

    def add(self, sightings: list[Sighting]) -> None:
        """Take new sightings: whatever was missed before the last of them was not burnout."""
        self.sightings = sorted([*self.sightings, *sightings], key=lambda s: s.key)
        self.missed = [miss for miss in self.missed if miss[0] > self.last]
        if self.over:
            self.over = self.lapsed = False
            self.modes = self._burning  # those that had not been told that it was out

    def learned(self, s: Sighting, may_search: bool = True) -> tuple["Burn | None", bool]:
        """Return the burn with one new sighting, or None where no flight explains it better than a stray; and whether
        all classes were searched.

        The gate it passed is wide after a silence, the prior of what rockets do is not. All classes speak for the
        sighting: only a surprise that was searched is judged.
        """
        fuller = copy(self)
        fuller.add([s])
        searched = fuller.refit(may_search=may_search)
        if searched and s in fuller.sightings and fuller.density - self.density <= s.stray:
            return None, True
        return fuller, searched

    def refit(self, search: bool = False, may_search: bool = True) -> bool:
        """Advance the fit by its fixed amount of work; search all classes afresh at set numbers of sightings.

        A search that is due and may not be is owed until it may. Return whether one was made.
        """
        count = len(self.sightings)
        sights = Sights.of(self.sightings, self.dark)
        seen = float(sights.times[-1])
        gone = self._clock(self.gone) if self.gone is not None else launch.NEVER
        renewed = [launch.warm(m, sights, seen, gone, self.settings.warm_iterations) for m in self.modes]
        due = any(self._searched < n <= count for n in self.settings.cold_at)
        surprised = self._misfits(renewed, count) or self._owed
        searches = may_search and (search or due or surprised)
        self._owed = surprised and not searches
        if searches:
            renewed += launch.cold(sights, seen, gone)
            self._searched = count
            renewed = self._without_stray(launch.distinct(renewed), seen, gone)
        self.modes = launch.distinct(renewed) or self.modes
        self._settle(count, surprised and searches)
        self._known = None
        return searches

    def _settle(self, count: int, surprised: bool) -> None:
        """Keep the launch of the first sightings: later ones tell of the profile's errors and not of the launch.

        A surprise, after which another flight may explain them all, opens the question again. Launch-from-angles,
        section 4: with a window of sixteen the ellipses hold, with all they do not.
        """
        if count < LAUNCH_SIGHTINGS or not self.modes:
            self._settled = None
        elif self._settled is None or surprised:
            self._settled = ahead.launch_moments(self.modes)

    def miss(self, sensor: Infrared, start: int, end: int) -> bool:
        """Count a look that could have seen it and did not; return True when that makes it gone out."""
        if not self.missed:
            self._to_come = ahead.to_come(self.modes)
        self.missed.append((start, end, float(np.log(1.0 - min(sensor.detection_probability, 0.99)))))
        doubt = burnout.missing(self.missed, self._to_come)
        waited = (end - self.last) / SECOND / self.settings.burnout_wait_s
        settled = (waited >= 1.0 and doubt <= CERTAIN) or (waited >= 2.0 and doubt <= SURE)
        return settled and self._end()

    @property
    def lapses(self) -> Instant:
        """Give the time from which it is taken for out, if nobody has looked until then."""
        return Instant(self.last + round(UNSEEN * SECOND))

    def is_unwatched(self, now: int) -> bool:
        """Say whether nobody has looked for longer than burns go on."""
        return not self.over and now > self.lapses

    def lapse(self) -> None:
        """Take it for out, as nobody looks: that it was out by then nobody has seen."""
        self.lapsed = self.over = True
        self._burning, self._known = self.modes, None

    def _end(self) -> bool:
        """Take it for out, if it was not; return True if it was not."""
        if self.over:
            return False
        self.over = True
        self._burning = self.modes
        self.refit()
        return True

    def expect(self, t: int) -> list[tuple[float, Array, Array]]:
        """Return (weight, position (3,), covariance (3, 3)) of each mode at `t`, thrust going on."""
        clock = self._clock(t)
        rows = zip(launch.weights(self.modes), self.modes, strict=True)
        return [(float(w), *ahead.expected(mode, clock)) for w, mode in rows if w >= LIGHT_WEIGHT]

    def is_near(self, s: Sighting) -> bool:
        """Say whether a sighting's line passes where the body may be by then, before anything is computed."""
        d = self.modes[0].state[:3] - s.platform
        dt = abs(s.time - self.last) / SECOND
        return bool(np.linalg.norm(d - (d @ s.u) * s.u) < NEAR + FASTEST * dt)

    def match(
        self, s: Sighting, expected: list[tuple[float, Array, Array]]
    ) -> tuple[float, Association] | None:
        """Return the log density of a sighting under the prediction and its innovation; None outside the gate."""
        density = 0.0
        best: tuple[float, Array, Array] | None = None
        for weight, r, C in expected:
            d = r - s.platform
            rho = float(d @ s.u)
            if rho <= 0.0:
                continue
            y = -np.array([s.e1 @ d, s.e2 @ d]) / rho
            H = np.array([s.e1, s.e2]) / rho
            S = H @ C @ H.T + (s.sigma**2 + s.bias_sigma**2) * np.eye(2)
            d2 = float(y @ np.linalg.solve(S, y))
            density += weight * float(np.exp(-0.5 * d2) / (2 * np.pi * np.sqrt(np.linalg.det(S))))
            if best is None or d2 < best[0]:
                best = (d2, y, S)
        if best is None or best[0] > self.settings.gate or density <= 0.0:
            return None
        d2, y, S = best
        association = Association(
            s.sensor,
            s.time,
            s.detection,
            tuple(y.tolist()),
            tuple(S.ravel().tolist()),
            self.settings.gate,
            d2,
            1.0,
        )
        return float(np.log(density)) + self._doubt(s.time), association

    def _doubt(self, t: int) -> float:
        """Return the log probability that a body burning at `t` was missed by every look since the last sighting."""
        return burnout.missing([miss for miss in self.missed if miss[0] < t], self._to_come)

    def components(self) -> tuple[Instant, tuple[Component, ...]]:
        """Return `_mixture`, worked out once after each change of the modes."""
        if self._known is None:
            self._known = self._mixture()
        return self._known

    def _mixture(self) -> tuple[Instant, tuple[Component, ...]]:
        """Return the time and the mixture (launch, motion): at the last sighting, or once it is out at `gone`.

        After burnout the law of the instant it went out follows from the looks that missed it (`burnout.law`).
        """
        weights = launch.weights(self.modes)
        if not self.over or self.gone is None:
            rows = [
                self._component(float(w), m, m.state, m.covariance)
                for w, m in zip(weights, self.modes, strict=True)
            ]
            return self.last, tuple(rows)
        gone = self._clock(self.gone)
        open_ended = self._left_open(weights, gone) if self.lapsed else ()
        if open_ended:
            return Instant(self.gone), open_ended
        instants = burnout.law(self._misses(), gone - self._clock(self.last))
        rows = [
            row
            for w, m in zip(weights, self.modes, strict=True)
            if w >= 0.01
            for row in self._handed_over(float(w), m, instants, gone)
        ]
        flying = [c for c in rows if c.motion is not None and radial_height(*c.motion[:3].tolist()) > 0.0]
        total = sum(c.weight for c in flying or rows)
        return Instant(self.gone), tuple(replace(c, weight=c.weight / total) for c in flying or rows)

    def unseen(self, t: int) -> tuple[Component, ...]:
        """Return what it may be at `t`, where it may have gone out and no look has missed it; else nothing.

        Worked out every ten seconds and carried on in between: each mode is flown on many times.
        """
        steps = (t - self.last) // OUT_OF_SIGHT
        if self.over or self.missed or steps < 2:
            return ()
        if self._open is None or self._open[0] is not self.modes or self._open[1] != steps:
            at = self._clock(self.last + steps * OUT_OF_SIGHT)
            self._open = (self.modes, steps, self._left_open(launch.weights(self.modes), at))
        on = (t - self.last - steps * OUT_OF_SIGHT) / SECOND
        return tuple(carried(c, on) for c in self._open[2])

    def _left_open(self, weights: Array, gone: float) -> tuple[Component, ...]:
        """Return what its modes may have become by `gone` [s after the epoch], each burning as long as its class."""
        sights = Sights.of(self.sightings, self.dark)
        rows = [
            self._component(float(w) * share, mode, motion, covariance)
            for w, mode in zip(weights, self.modes, strict=True)
            if w >= LIGHT_WEIGHT
            for share, motion, covariance in unwatched.flown_on(mode, sights, gone)
        ]
        total = sum(c.weight for c in rows)
        return tuple(replace(c, weight=c.weight / total) for c in rows)

    def _handed_over(self, weight: float, mode: Mode, instants: Array, gone: float) -> list[Component]:
        """Return a mode that went out within each cell of the law of `instants`, carried on to `gone`."""
        return [
            carried(self._component(weight * share, mode, state, C), gone - mode.time - out)
            for share, out, state, C in ahead.gone_out(mode, instants)
        ]

    def _component(self, weight: float, mode: Mode, state: Array, covariance: Array) -> Component:
        """Return a mode as a component, with the settled launch where there is one."""
        known = len(self.sightings) >= HEADING_SIGHTINGS
        start = mode.launch
        if self._settled is not None:
            start, spread = self._settled
            covariance = covariance.copy()
            covariance[:4, :4] = spread
            covariance[:4, 4:] = covariance[4:, :4] = 0.0
        return Component(weight, start, state, covariance, CLASSES[mode.vehicle].name, known)

    def _misses(self) -> list[tuple[float, float]]:
        """Return when looks have missed it [s after the last sighting] and the log probability of each miss."""
        return sorted(
            (self._clock((a + b) // 2) - self._clock(self.last), cost) for a, b, cost in self.missed
        )

    def _clock(self, t: int) -> float:
        return (t - self.epoch) / SECOND

    def _misfits(self, modes: list[Mode], count: int) -> bool:
        """Say whether the new sightings surprise every mode, or the best fit is too poor for their number."""
        if not modes:
            return True
        best = min(m.cost for m in modes)
        if self.modes and best > min(m.cost for m in self.modes) + SURPRISE:
            return True
        return count >= self._searched + 4 and _poor(best, count)

    def _without_stray(self, modes: list[Mode], seen: float, gone: float) -> list[Mode]:
        """Leave out the one of a few sightings that is likelier a stray, where all together fit poorly.

        Which one is asked of the best fit of all: it lies farthest from it.
        """
        count = len(self.sightings)
        if not 4 <= count <= MOST_TO_DOUBT or not modes or not _poor(modes[0].cost, count):
            return modes
        stray = int(np.argmax([ahead.off(modes[0], s, self._clock(s.time)) for s in self.sightings]))
        doubt = self.sightings[stray]
        rest = self.sightings[:stray] + self.sightings[stray + 1 :]
        shift = (rest[0].time - self.epoch) / SECOND
        found = launch.cold(Sights.of(rest, self.dark), seen - shift, gone - shift)
        price = -np.log(2 * np.pi * doubt.sigma**2) - doubt.stray
        if not found or found[0].evidence - modes[0].evidence < price:
            return modes
        self.sightings = rest
        self._searched = len(rest)
        return found


def _poor(cost: float, count: int) -> bool:
    """Say whether a best fit is too poor for its number of sightings (two angles each; four sigmas of chi-square)."""
    return cost > 2 * count + 4 * np.sqrt(4 * count)
