"""Sources that stand still: they flicker, and a satellite's own map of what is always there hides most of them.

The satellite keeps, for each place, a running mean of what it receives (first order, `MAP_S`) and hands down only
what exceeds it by more than the place's usual flicker. Real sensors suppress static sources in some such way, the
details are not public: the scheme and its figures are our assumption.
"""

from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.signal import lfilter

from tocsin.messages import Array
from tocsin.simulation.background.world import HOUR_S, Emissions, World

GRID_S = 10.0  # between values of the flicker [s]
FLICKER_S = 30.0  # over which the flicker forgets itself [s]
MAP_S = 120.0  # over which the map forgets [s]
SIGMAS = 4.0  # by how much of the usual flicker a change stands out
PART = 4_096  # sources worked at a time, for the sake of memory
FAINTEST = 1_000.0  # smaller changes are never worth a look [W/sr]

Real = NDArray[np.float32]
Index = NDArray[np.int64]


class Standing(Struct, frozen=True):
    """Sources (n): where (n, 3), how bright [W/sr], from when to when [s], how slowly they grow and die [s]."""

    r: Array
    intensity: Array
    start: Array
    end: Array
    rise: Array
    flicker: float

    def shape(self, chosen: Index, time: NDArray[np.floating[Any]]) -> Real:
        """Return the part (k, m) of its full brightness that each chosen source has at `time` (m,) [s]."""
        slope = (1.0 / self.rise[chosen]).astype(np.float32)[:, None]
        begin = time[0] if len(time) else 0.0
        since, left = (
            (begin - self.start[chosen]).astype(np.float32),
            (self.end[chosen] - begin).astype(np.float32),
        )
        t = (time - begin).astype(np.float32)
        ends = np.minimum(since[:, None] + t, left[:, None] - t)
        ends *= slope
        return np.clip(ends, 0.0, 1.0, out=ends)


class Changes(Struct, frozen=True):
    """What stood out of the map in one hour: at which step of the grid, which source, by how much [W/sr]."""

    step: Index
    source: Index
    change: Real


class Map:
    """A satellite's map of what stands still, followed through the hours of a run.

    All satellites share one: they see the same flicker. What it remembers is its state and the hours it has been
    through.
    """

    def __init__(self, world: World, name: str, standing: Standing) -> None:
        self.standing = standing
        self._world = world
        self._name = name
        everything = np.arange(len(standing.r))
        self._mean = standing.intensity * standing.shape(everything, np.zeros(1))[:, 0]
        self._state = world.of(f"{name} flicker").standard_normal(len(standing.r))
        self._hours: list[Changes] = []

    def hour(self, hour: int) -> Changes:
        """Return the changes of one hour."""
        while len(self._hours) <= hour:
            self._hours.append(self._next(len(self._hours)))
        return self._hours[hour]

    def _next(self, hour: int) -> Changes:
        source = self.standing
        begin = hour * HOUR_S
        alive = np.flatnonzero((source.start < begin + HOUR_S) & (source.end > begin))
        random = self._world.of(f"{self._name} flicker", hour + 1)
        parts = [self._part(alive[k : k + PART], begin, random) for k in range(0, len(alive), PART)]
        parts = parts or [self._part(alive, begin, random)]
        step, row, change = (np.concatenate([p[i] for p in parts]) for i in range(3))
        order = np.argsort(step, kind="stable")
        return Changes(step[order], row[order], change[order])

    def _part(self, some: Index, begin: float, random: np.random.Generator) -> tuple[Index, Index, Real]:
        """Carry `some` sources through the hour that begins at `begin`; return step, source and size of changes."""
        source = self.standing
        steps = int(HOUR_S / GRID_S)
        keep, forget = np.float32(np.exp(-GRID_S / FLICKER_S)), np.float32(np.exp(-GRID_S / MAP_S))
        noise = random.standard_normal((len(some), steps), dtype=np.float32)
        flicker = _follow(noise * np.sqrt(1 - keep * keep), keep, self._state[some])
        self._state[some] = flicker[:, -1]
        now = np.exp(np.float32(source.flicker) * flicker - np.float32(source.flicker**2 / 2))
        shape = source.shape(some, begin + GRID_S * np.arange(steps))
        now *= source.intensity[some, None].astype(np.float32)
        now *= shape
        mean = _follow(now * (1 - forget), forget, self._mean[some])
        before = np.empty_like(mean)
        before[:, 0] = self._mean[some]
        before[:, 1:] = mean[:, :-1]
        self._mean[some] = mean[:, -1]
        change = now - before
        row, step = np.nonzero((change > FAINTEST) & (change > np.float32(SIGMAS * source.flicker) * before))
        return step, some[row], change[row, step]

    def seen(self, hour: int, moments: Array, kind: str) -> Emissions:
        """Return what stands out at the `moments` (m,) [s] of a satellite's looks, all in one hour."""
        changes = self.hour(hour)
        step = ((moments - hour * HOUR_S) / GRID_S).astype(int)
        first = np.searchsorted(changes.step, step)
        count = np.searchsorted(changes.step, step, side="right") - first
        begin = np.repeat(first - np.cumsum(count) + count, count)
        index = begin + np.arange(count.sum())
        time = np.repeat(moments, count)
        return Emissions.of(
            kind, time, self.standing.r[changes.source[index]], changes.change[index].astype(float)
        )


def _follow(drive: Real, keep: np.float32, first: Array) -> Real:
    """Return y (n, m) with y[k] = keep * y[k - 1] + drive[k], from `first` (n,)."""
    one, coefficients = np.ones(1, np.float32), np.array([1.0, -keep], np.float32)
    y, _ = lfilter(one, coefficients, drive, axis=1, zi=(keep * first[:, None]).astype(np.float32))
    return np.asarray(y, dtype=np.float32)
