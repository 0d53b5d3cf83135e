"""Bright points that no track claims: what is too fast to be a rocket is a meteor, what shows once a flash.

A fireball outshines every rocket (docs/explanation/background.md), so only points far above the noise are taken, and
two of one satellite are enough: at the height at which fireballs shine the way between them gives a speed. Fireballs
move at 11 to 73 km/s, 98 in a hundred of those with a known velocity faster than 11.2 (NASA CNEOS, 1988-2018).
"""

from typing import Final

import numpy as np
from msgspec import Struct

from tocsin.earth.ellipsoid import geodetic_from_ecef
from tocsin.messages import SECOND, Array, Instant

BRIGHT_DB: Final = (
    25.0  # over the noise: rockets in open sky reach it too, but not at these speeds (our assumption)
)
ALTITUDE: Final = 45_000.0  # m, the middle of what fireballs shine at (CNEOS: 18 to 75 km)
ALTITUDE_DOUBT: Final = 30_000.0  # m
SLOWEST: Final = 11_200.0  # m/s
FASTEST: Final = 75_000.0  # m/s
LIFE: Final = 35.0  # s: fireballs last seconds, the slowest half a minute (Chelyabinsk 2013: some 30 s)
ROCKET: Final = 7_000.0  # m/s, the fastest a burning body moves (tracking, nucleation)


class Bright(Struct, frozen=True):
    """One bright point: when, along which direction `u` (3,) from where (3,) [m, ITRF]."""

    sensor: str
    time: Instant
    detection: int
    u: Array
    platform: Array


class Transient(Struct, frozen=True):
    """What bright points came to: `step` (meteor or flash), when and where (3,) [m, ITRF], and why."""

    step: str
    sensor: str
    time: Instant
    r: Array
    text: str


class Transients:
    """Remember the bright points of the last half minute, by satellite."""

    def __init__(self) -> None:
        """Start in the dark."""
        self._waiting: dict[str, list[tuple[Bright, Array]]] = {}
        self._streaks: list[tuple[Instant, Array]] = []

    def feed(self, sensor: str, points: list[Bright], end: Instant) -> list[Transient]:
        """Take one look's bright points; return the meteors it proves and the flashes that have not come again."""
        placed = [(p, _at_height(p.platform, p.u, ALTITUDE)) for p in points]
        waiting = self._waiting.get(sensor, [])
        found: list[Transient] = []
        left = []
        for point, r in placed:
            if not np.isfinite(r).all():
                continue
            streak = next((s for old, before in waiting if (s := _streak(old, before, point, r))), None)
            if streak is None:
                left.append((point, r))
            elif not self._is_known(point.time, r):
                found.append(streak)
            if streak is not None:
                waiting = [row for row in waiting if _streak(*row, point, r) is None]
                self._streaks = [row for row in self._streaks if point.time - row[0] <= LIFE * SECOND]
                self._streaks.append((point.time, r))
                left.append((point, r))
        kept = []
        for old, before in waiting:
            if any(_may_be_one(old, before, point, r) for point, r in left):
                continue  # it goes on: the newer point waits in its place
            if end - old.time <= LIFE * SECOND:
                kept.append((old, before))
            elif not self._is_known(old.time, before):
                found.append(_flash(old, before))
        self._waiting[sensor] = kept + left
        return found

    def _is_known(self, t: int, r: Array) -> bool:
        """Say whether a place and time are of a meteor already told."""
        return any(
            abs(t - time) <= LIFE * SECOND
            and np.linalg.norm(r - place) < FASTEST * abs(t - time) / SECOND + 3e5
            for time, place in self._streaks
        )


def _streak(old: Bright, before: Array, new: Bright, r: Array) -> Transient | None:
    """Say that two points are one body faster than any launch, however it climbs or falls between them."""
    dt = (new.time - old.time) / SECOND
    if not 0.1 < dt < LIFE:
        return None
    apart = float(np.linalg.norm(r - before))
    least = apart * min(_slant(old, before), _slant(new, r))
    if not SLOWEST * dt < apart < FASTEST * dt or least < ROCKET * dt:
        return None
    text = f"some {apart / dt / 1000:.0f} km/s near {_place(r)}, seen twice by {new.sensor}: no launch is so fast"
    return Transient("meteor", new.sensor, new.time, r, text)


def _flash(point: Bright, r: Array) -> Transient:
    return Transient(
        "flash", point.sensor, point.time, r,
        f"one bright point near {_place(r)}, seen by {point.sensor} and not again within {LIFE:.0f} s",
    )  # fmt: skip


def _may_be_one(old: Bright, before: Array, new: Bright, r: Array) -> bool:
    """Say whether a point may be an older one seen again: a rocket, or what stands still."""
    dt = (new.time - old.time) / SECOND
    return dt > 0 and float(np.linalg.norm(r - before)) < ROCKET * dt + ALTITUDE_DOUBT


def _slant(point: Bright, r: Array) -> float:
    """Return the sine of the angle at which a line falls on the ground below, at least 0.1.

    A body moves at least by this part of the way it seems to move on a sphere of one height.
    """
    return max(-float(point.u @ r) / float(np.linalg.norm(r)), 0.1)


def _at_height(platform: Array, u: Array, h: float) -> Array:
    """Return the point (3,) of a line at a height over a sphere, the nearer one; NaN where it passes by."""
    radius = 6.371e6 + h
    along = -float(platform @ u)
    root = along**2 - float(platform @ platform) + radius**2
    if root <= 0 or along <= 0:
        return np.full(3, np.nan)
    return np.asarray(platform + (along - np.sqrt(root)) * u)


def _place(r: Array) -> str:
    lat, lon, _ = geodetic_from_ecef(r)
    return f"{np.degrees(lat):.1f}, {np.degrees(lon):.1f}"
