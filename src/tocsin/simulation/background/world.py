"""What there is in the background of one run, hour by hour, whoever looks: drawn once, by name."""

from collections import Counter
from collections.abc import Callable
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tocsin.earth.frames import EarthRotation
from tocsin.earth.sky import sun_itrf
from tocsin.earth.time import tai_minus_utc
from tocsin.messages import SECOND, Array, Instant
from tocsin.simulation.background.tables import BackgroundTable, FireballTable
from tocsin.simulation.draws import draw

HOUR_S = 3_600.0
DAY_S = 86_400.0

KINDS = (
    "fire", "flare", "lightning", "fireball", "re-entry", "glint", "cloud-glint", "calibration",
    "aircraft", "satellite", "moon", "aurora",
)  # fmt: skip


class Emissions(Struct, frozen=True):
    """Points of heat a satellite may see: when [s], where (n, 3) [m, ITRF], how bright in band [W/sr], what."""

    time: Array
    r: Array
    intensity: Array
    kind: NDArray[np.int64]

    @classmethod
    def of(cls, kind: str, time: Array, r: Array, intensity: Array) -> "Emissions":
        """Make emissions of one kind."""
        return cls(time, r, intensity, np.full(len(time), KINDS.index(kind)))

    def those(self, chosen: NDArray[Any]) -> "Emissions":
        """Return some of them, by index or by flag."""
        return Emissions(self.time[chosen], self.r[chosen], self.intensity[chosen], self.kind[chosen])


class Glimpses(Struct, frozen=True):
    """The looks of one satellite within one hour: start [s], duration [s]."""

    start: Array
    duration: Array

    def within(self, time: Array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Say which look each of `time` (n,) [s] falls into, and whether it falls into any."""
        k = np.searchsorted(self.start, time, side="right") - 1
        inside = k >= 0
        inside[inside] = time[inside] < self.start[k[inside]] + self.duration[k[inside]]
        return k, inside


class World:
    """The background of one run: what its modules share. Remembers what it has drawn, and counts what was reported."""

    def __init__(
        self, table: BackgroundTable, fireballs: tuple[FireballTable, ...], start: Instant, duration_s: float,
        rotation: EarthRotation, study: str, run: int,
    ) -> None:  # fmt: skip
        self.table = table
        self.fireballs = fireballs
        self.start = start
        self.duration_s = duration_s
        self.rotation = rotation
        self._study, self._run = study, run
        self._known: dict[str, Array] = {}
        self.counts: Counter[tuple[str, str]] = Counter()

    def of(self, purpose: str, hour: int = 0, thing: str = "") -> np.random.Generator:
        """Return the generator for `purpose` in an hour of the run."""
        return draw(self._study, self._run, thing, "\x1ebackground", hour, purpose)

    def instant(self, seconds: float) -> Instant:
        """Return a scenario time [s] as an Instant, to a microsecond."""
        return Instant(self.start + round(seconds * 1_000_000) * (SECOND // 1_000_000))

    def sun(self, seconds: float) -> Array:
        """Return the Sun's place (3,) [m], ITRF, at a scenario time [s]."""
        return sun_itrf(self.rotation, self.instant(seconds))

    def once(self, name: str, make: Callable[[], Array]) -> Array:
        """Return what `make` gives, made only once."""
        if name not in self._known:
            self._known[name] = make()
        return self._known[name]

    @cached_property
    def second_of_day(self) -> float:
        """Return the second of the UTC day at which the run begins."""
        return float((self.start / SECOND - tai_minus_utc(self.start)) % DAY_S)


@lru_cache(maxsize=8)
def table(name: str) -> dict[str, NDArray[Any]]:
    """Return the columns of one bundled table; what is missing is NaN, what is no number stays text."""
    text = files("tocsin.simulation").joinpath(f"data/{name}.csv").read_text(encoding="utf-8")
    names, *rows = (line.split(",") for line in text.splitlines())
    return {key: _column([row[i] for row in rows]) for i, key in enumerate(names)}


def _column(values: list[str]) -> NDArray[Any]:
    try:
        return np.array([float(v) if v else np.nan for v in values])
    except ValueError:
        return np.array(values)


def scattered(r: Array, spread: Array | float, random: np.random.Generator) -> Array:
    """Move places `r` (n, 3) sideways by normal amounts of standard deviation `spread` [m] on each of two axes."""
    return moved(r, random.standard_normal((2, len(r))) * spread)


def moved(r: Array, aside: Array) -> Array:
    """Move places `r` (n, 3) sideways by `aside` (2, n) [m] on two axes; their distance from the centre stays."""
    up = r / np.linalg.norm(r, axis=1, keepdims=True)
    east = np.cross([0.0, 0.0, 1.0], up)
    east /= np.maximum(np.linalg.norm(east, axis=1, keepdims=True), 1e-9)
    there = r + aside[0][:, None] * east + aside[1][:, None] * np.cross(up, east)
    return np.asarray(there * (np.linalg.norm(r, axis=1) / np.linalg.norm(there, axis=1))[:, None])
