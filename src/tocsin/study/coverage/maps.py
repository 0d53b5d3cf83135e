"""A launch from each cell of a grid with each shape of flight: how likely and how soon it is noticed, and by whom."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tocsin.formats.toml import Equipment
from tocsin.messages import SECOND, Array, Instant
from tocsin.study.coverage import _kernels
from tocsin.study.coverage.arcs import FLOWN, MISSED, aim_batch
from tocsin.study.coverage.boosts import LADDER, families
from tocsin.study.coverage.watch import Watch, Where, eyes_at, watch

BLOCK: Final = 256  # cells that one job does
KINDS: Final = ("all", "infrared", "radar")
EVENTS: Final = ("seen", "warned", "corroborated")
DAY: Final = (
    "mean probability over the day's launches", "least probability over the day's launches",
    "mean of the median times, of launches where it comes [s]", "latest median time over the day's launches [s]",
)  # fmt: skip
EACH_US: Final = 60.0  # a sensor and a flight, on one core: measured (docs/guides/coverage.md), rounded up

Progress = Callable[[int, int], None]


class Task(Struct, frozen=True, kw_only=True):
    """Flights of one shape from everywhere to one place. `vehicle`: a class, or "auto": the least that reaches."""

    shape: str
    vehicle: str
    target: str
    latitude_deg: float
    longitude_deg: float

    @property
    def name(self) -> str:
        """Say which flights these are."""
        return f"{self.shape} to {self.target}"


class Ask(Struct, frozen=True, kw_only=True):
    """What is to be mapped. `wheres`: what places each sensor; `times`: launches through the day [s after `start`]."""

    file: str
    title: str
    network: tuple[Equipment, ...]
    wheres: list[Where | None]
    tasks: tuple[Task, ...]
    latitudes_deg: Array
    longitudes_deg: Array
    start: Instant
    times: tuple[float, ...] = ()
    handling: float = 0.0

    @property
    def sensors(self) -> tuple[str, ...]:
        """Name the sensors."""
        return tuple(row.sensor.id for row in self.network)

    @property
    def variants(self) -> tuple[str, ...]:
        """Name whose reports count: all, one kind's, all but one sensor's."""
        return (*KINDS, *(f"without {name}" for name in self.sensors))

    @property
    def cells(self) -> int:
        """Count the places to launch from."""
        return len(self.latitudes_deg) * len(self.longitudes_deg)

    def estimate(self) -> tuple[float, float]:
        """Return roughly how long the maps take on this machine [s] and how large they are in memory [bytes]."""
        flights = float(self.cells) * len(self.tasks)
        looks = flights * len(self.network) * (1 + len(self.times))
        return looks * EACH_US * 1e-6 / workers(), flights * 4 * 12 * (
            len(self.variants) + 3 * bool(self.times)
        )


class Maps(Struct, frozen=True, kw_only=True):
    """What came out; first axes: task f, variant v, event e, part q of all cases, last axes latitude and longitude.

    `status`, `vehicle` (number in `ladder`), `distance` [m], `flight_time` [s]: (f, y, x). `chance` (f, v, e, y, x);
    `when` (f, v, e, q, y, x) [s after launch], parts as `_kernels.PARTS`, NaN for what fewer cases come to. `day` (4,
    f, 3, e, y, x): see DAY.
    """

    ask: Ask
    status: NDArray[np.int64]
    vehicle: NDArray[np.int64]
    distance: Array
    flight_time: Array
    chance: NDArray[np.float32]
    when: NDArray[np.float32]
    day: NDArray[np.float32] | None = None

    @property
    def left(self) -> NDArray[np.float32]:
        """Return the time left at the target (f, v, e, y, x) [s] by the median event, handling taken off."""
        before = self.flight_time[:, None, None] - self.ask.handling
        return np.asarray(before - self.when[:, :, :, 1], dtype=np.float32)


def ladder(task: Task) -> tuple[str, ...]:
    """Name the classes that a task tries, the least first."""
    return LADDER if task.vehicle == "auto" else (task.vehicle,)


def workers() -> int:
    """Return how many threads share the work."""
    return os.cpu_count() or 1


def compute(ask: Ask, on_progress: Progress | None = None) -> Maps:
    """Map everything. Blocks of cells are done by threads, each by itself, so any number gives the same."""
    shape = (len(ask.latitudes_deg), len(ask.longitudes_deg))
    n, kinds, variants = shape[0] * shape[1], len(KINDS), len(ask.variants)
    f = len(ask.tasks)
    status, vehicle = np.full((f, n), MISSED), np.zeros((f, n), dtype=np.int64)
    distance, flight_time = np.full((f, n), np.nan), np.full((f, n), np.nan)
    chance = np.full((f, n, variants, 3), np.nan, dtype=np.float32)
    when = np.full((f, n, variants, 3, 3), np.nan, dtype=np.float32)
    day = np.full((4, f, n, kinds, 3), np.nan, dtype=np.float32) if ask.times else None
    now = watch(ask.network, eyes_at(ask.wheres, ask.start, ask.file))
    later = [
        watch(ask.network, eyes_at(ask.wheres, Instant(ask.start + round(s * SECOND)), ask.file))
        for s in ask.times
    ]
    lat = np.radians(np.repeat(ask.latitudes_deg, shape[1]))
    lon = np.radians(np.tile(ask.longitudes_deg, shape[0]))

    def block(task: int, first: int) -> None:
        rows = slice(first, min(first + BLOCK, n))
        for k, name in enumerate(ladder(ask.tasks[task])):
            todo = first + np.flatnonzero(status[task, rows] != FLOWN)
            done = _block(ask.tasks[task], name, lat[todo], lon[todo], now, later)
            status[task, todo] = done.status
            won = todo[done.status == FLOWN]
            good = done.status == FLOWN
            vehicle[task, won] = k
            distance[task, won], flight_time[task, won] = done.distance[good], done.time[good]
            chance[task, won], when[task, won] = done.chance[good], done.when[good]
            if day is not None and done.day is not None:
                day[:, task, won] = done.day[:, good]

    for task in ask.tasks:  # fly the boosts before threads ask for them
        for name in ladder(task):
            families(name, task.shape)
    jobs = [(task, first) for task in range(f) for first in range(0, n, BLOCK)]
    with ThreadPoolExecutor(workers()) as pool:
        waiting = [pool.submit(block, *job) for job in jobs]
        try:
            for done, job in enumerate(as_completed(waiting), 1):
                job.result()
                if on_progress is not None:
                    on_progress(done, len(jobs))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return Maps(
        ask=ask,
        status=status.reshape(f, *shape),
        vehicle=vehicle.reshape(f, *shape),
        distance=distance.reshape(f, *shape),
        flight_time=flight_time.reshape(f, *shape),
        chance=np.moveaxis(chance, 1, -1).reshape(f, variants, 3, *shape),
        when=np.moveaxis(when, 1, -1).reshape(f, variants, 3, 3, *shape),
        day=None if day is None else np.moveaxis(day, 2, -1).reshape(4, f, kinds, 3, *shape),
    )


class _Block(Struct):
    status: NDArray[np.int64]
    distance: Array
    time: Array
    chance: Array
    when: Array
    day: Array | None


def _block(task: Task, vehicle: str, lat: Array, lon: Array, now: Watch, later: list[Watch]) -> _Block:
    """Do launches at `lat`, `lon` (n,) by one class."""
    target = np.radians([task.latitude_deg, task.longitude_deg])
    boosts = families(vehicle, task.shape)
    aimed = aim_batch(lat, lon, target, boosts)
    n, variants = len(lat), 3 + len(now.period)
    chance, when = np.zeros((n, variants, 3)), np.full((n, variants, 3, 3), np.nan)
    _kernels.foresee_batch(lat, lon, target, aimed, boosts, now, True, chance, when)
    day = None
    if later:
        each = np.zeros((len(later), n, 3, 3)), np.full((len(later), n, 3, 3, 3), np.nan)
        for k, look in enumerate(later):
            _kernels.foresee_batch(lat, lon, target, aimed, boosts, look, False, each[0][k], each[1][k])
        median = each[1][..., 1]
        latest = np.max(np.where(np.isnan(median), np.inf, median), axis=0)
        known = np.maximum(np.sum(~np.isnan(median), axis=0), 1)
        mean = np.where(np.all(np.isnan(median), axis=0), np.nan, np.nansum(median, axis=0) / known)
        day = np.array([each[0].mean(0), each[0].min(0), mean, np.where(np.isinf(latest), np.nan, latest)])
    return _Block(aimed[3], aimed[1], aimed[2], chance, when, day)
