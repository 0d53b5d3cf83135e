"""Many launches at once: which bodies still await a radar, where they are, which row may be whose, how many there are.

Where many rise together some lines of sight are paired wrongly. Such a body lies kilometres off any object, and yet
something rose: the next row of the raid that no body claims is what it should have been. What is left over once every
row has found a body, though the rest of the raid has long come under radar, is refuted by each further look, as fast
as the radar's detection probability says (decision 9). A body alone never is: its place is too vague for that.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from numba import njit

from tocsin.messages import SECOND, Array
from tocsin.sensors.radar import Radar
from tocsin.tracking._rows import chance
from tocsin.tracking.association import Flags, Indices
from tocsin.tracking.births import NOBODY, REGION, Cues
from tocsin.tracking.body import Body
from tocsin.tracking.body import Radar as Following
from tocsin.tracking.crowd import CROWD
from tocsin.tracking.follow import Reading, gathered
from tocsin.tracking.lights import Count
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.table import RadarTable, window

REACH: Final = (
    25_000.0  # m, how far a wrong pairing of lines of sight may put a body of a raid (our assumption)
)
ALIKE: Final = 1_500.0  # m/s, within which bodies of one raid fly (our assumption)
CREDIBLE: Final = 0.3  # existence from which a row may be what a body waits for (our assumption)
REFUTED: Final = float(np.log(1e-6))  # likelihood of the radars' silence at which a body is given up
RIPE: Final = 0.75  # quantile of the ages at which bodies of a raid came under radar (our assumption)
FOUNDING: Final = 6  # plots from which a row of a raid that no body awaits is one (our assumption)
GRACE_S: Final = 10.0  # s after it, from which a body is overdue (our assumption)
SURE: Final = 0.8  # chance of being in the field, from which a body counts as watched (our assumption)


class Awaited(Struct, frozen=True):
    """Bodies without a radar half at one time: their numbers, places and velocities (n, 3), spreads (n,) [m]."""

    numbers: tuple[int, ...]
    r: Array
    v: Array
    spread: Array
    crowded: np.ndarray[tuple[int], np.dtype[np.bool_]]

    def cues(self) -> Cues:
        """Return what their velocities say to newborn rows: only a crowd's, so that no row learns of its own body."""
        if self.crowded.sum() < CROWD:
            return NOBODY
        return Cues(self.r[self.crowded], self.v[self.crowded], self.spread[self.crowded])


NONE_AWAITED: Final = Awaited(
    (), np.empty((0, 3)), np.empty((0, 3)), np.empty(0), np.empty(0, dtype=np.bool_)
)


class Fleet:
    """Where all bodies that radars follow are, as arrays, for one look; bodies that it gives rise to join them."""

    def __init__(self, bodies: Sequence[Body], more: int) -> None:
        """Gather bodies in order of their number, with room for so many more."""
        n, room = len(bodies), len(bodies) + more
        self._numbers, self._groups = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
        self._x, self._spread = np.empty((room, 6)), np.empty((room, 2))
        self._since, self._t = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
        self._whole = np.empty(room, dtype=np.bool_)
        self._count = n
        rows = [(body, body.radar) for body in bodies if body.radar is not None]
        self._numbers[:n], self._groups[:n] = [b.number for b in bodies], [b.group for b in bodies]
        self._x[:n], P, self._t[:n] = gathered([radar for _, radar in rows])
        self._spread[:n, 0] = P[:, 0, 0] + P[:, 1, 1] + P[:, 2, 2]
        self._spread[:n, 1] = P[:, 3, 3] + P[:, 4, 4] + P[:, 5, 5]
        self._since[:n] = [radar.first if b.burn is None else b.burn.epoch for b, radar in rows]
        self._whole[:n] = [b.parent is None for b in bodies]

    def add(self, body: Body) -> None:
        """Take one more body that a radar follows, with a number above all others."""
        assert body.radar is not None
        k, P = self._count, body.radar.P
        self._numbers[k], self._groups[k] = body.number, body.group
        self._x[k], self._t[k] = body.radar.x, body.radar.t
        self._spread[k] = P[0, 0] + P[1, 1] + P[2, 2], P[3, 3] + P[4, 4] + P[5, 5]
        self._since[k] = body.burn.epoch if body.burn is not None else body.radar.first
        self._whole[k] = body.parent is None
        self._count += 1

    def raid(self, x: Array, reach: float) -> int | None:
        """Return the event of a crowd within `reach` [m] of a state (6,) that flies alike: the largest, then first."""
        n = self._count
        groups = self._groups[:n][_near(self._x[:n], x, reach, ALIKE)]
        if len(groups) < CROWD:
            return None
        name, count = _largest(groups)
        return name if count >= CROWD else None

    def beside(self, x: Array, reach: float) -> list[int]:
        """Return the events of the bodies within `reach` [m] of a state (6,) that fly alike."""
        n = self._count
        names: list[int] = self._groups[:n][_near(self._x[:n], x, reach, ALIKE)].tolist()
        return names

    def parted_from(self, radar: Following | Reading, reach: float, speed: float) -> tuple[int, int] | None:
        """Return number and event of the first body from which one may have parted at `speed` [m/s] at most."""
        n, P = self._count, radar.P
        k = _parted(
            self._x[:n], self._spread[:n], self._t[:n], self._since[:n], self._whole[:n], radar.x,
            P[0, 0] + P[1, 1] + P[2, 2], P[3, 3] + P[4, 4] + P[5, 5], radar.t, reach, speed,
        )  # fmt: skip
        return None if k < 0 else (int(self._numbers[k]), int(self._groups[k]))


@njit(cache=True, error_model="numpy")
def _largest(groups: Indices) -> tuple[int, int]:
    """Return the event that most bodies are of, the first of equals, and how many they are."""
    names = np.sort(groups)
    best, most, count = 0, 0, 0
    for k in range(len(names)):
        count = count + 1 if k > 0 and names[k] == names[k - 1] else 1
        if count > most:
            best, most = names[k], count
    return best, most


@njit(cache=True, error_model="numpy")
def _near(X: Array, x: Array, reach: float, faster: float) -> Flags:
    """Mark states (n, 6) within `reach` [m] and `faster` [m/s] of a state (6,)."""
    near = np.empty(len(X), dtype=np.bool_)
    for k in range(len(X)):
        place = (X[k, 0] - x[0]) ** 2 + (X[k, 1] - x[1]) ** 2 + (X[k, 2] - x[2]) ** 2
        speed = (X[k, 3] - x[3]) ** 2 + (X[k, 4] - x[4]) ** 2 + (X[k, 5] - x[5]) ** 2
        near[k] = place < reach * reach and speed < faster * faster
    return near


@njit(cache=True, error_model="numpy")
def _parted(
    X: Array, spread: Array, times: Indices, since: Indices, whole: Flags, x: Array, place: float, fast: float,
    t: int, reach: float, separation: float,
) -> int:  # fmt: skip
    """Return the first of the states (n, 6) no farther from `x` (6,) than separation would bring it, or -1.

    `spread` (n, 2), `place`, `fast`: variances of place [m²] and speed [m²/s²]; `whole`: those that did not part.
    """
    near = _near(X, x, reach, ALIKE)
    for k in range(len(X)):
        if not (near[k] and whole[k]):
            continue
        age, dt = max((t - since[k]) / SECOND, 0.0), (t - times[k]) / SECOND
        off, faster = 0.0, 0.0
        for i in range(3):
            off += (x[i] - X[k, i] - X[k, 3 + i] * dt) ** 2
            faster += (x[3 + i] - X[k, 3 + i]) ** 2
        beside = math.sqrt(off) < separation * age + 3.0 * math.sqrt(place + spread[k, 0])
        if beside and math.sqrt(faster) < separation + 3.0 * math.sqrt(fast + spread[k, 1]):
            return k
    return -1


def awaited(bodies: Sequence[Body], t: int, crowded_only: bool = False) -> Awaited:
    """Return the bodies that no radar follows, at `t`; `crowded_only`: those of a raid."""
    those = [body for body in bodies if body.radar is None]
    if not those:
        return NONE_AWAITED
    groups: dict[int, int] = {}
    for body in bodies:
        groups[body.group] = groups.get(body.group, 0) + 1
    if crowded_only:
        those = [body for body in those if groups[body.group] >= CROWD]
    places = [body.whereabouts(t) for body in those]
    return Awaited(
        tuple(body.number for body in those),
        np.array([r for r, _, _ in places]).reshape(-1, 3), np.array([v for _, v, _ in places]).reshape(-1, 3),
        np.array([spread for _, _, spread in places]),
        np.array([groups[body.group] >= CROWD and body.burn is not None for body in those], dtype=np.bool_),
    )  # fmt: skip


def cues(bodies: Sequence[Body], t: int, lit: frozenset[int]) -> Cues:
    """Return what the bodies of raids that await a radar say to newborn rows at `t`.

    Of a raid by its lights (`lit`) that has hardly a body yet each mode of a burn speaks.
    """
    those = [body for body in bodies if body.radar is None and body.burn is not None]
    if len(those) >= CROWD:
        found = awaited(bodies, t, crowded_only=True).cues()
        if len(found.r):
            return found
    guesses = [guess for body in those if body.group in lit for guess in body.guesses(t)]
    return Cues(*(np.array(column) for column in zip(*guesses, strict=True))) if guesses else NOBODY


def neighbours(waiting: Awaited, x: Array, crowded_only: bool = True) -> list[tuple[float, int, int]]:
    """Pair states `x` (m, 6) with bodies of a raid that wait: (distance [m], place in `x`, number), nearest first."""
    if not len(waiting.numbers) or not len(x):
        return []
    apart = np.linalg.norm(x[:, None, :3] - waiting.r[None], axis=2)
    faster = np.linalg.norm(x[:, None, 3:] - waiting.v[None], axis=2)
    near = (apart < REACH + waiting.spread) & (faster < ALIKE)
    if crowded_only:
        near &= waiting.crowded
    pairs = [(float(apart[i, k]), int(i), waiting.numbers[k]) for i, k in zip(*np.nonzero(near), strict=True)]
    return sorted(pairs)


def matched(pairs: list[tuple[float, int, int]]) -> list[tuple[int, int]]:
    """Return (place, number) of pairs taken one to one, nearest first."""
    rows: dict[int, int] = {}
    numbers: dict[int, int] = {}
    for _, i, number in pairs:
        if i not in rows and number not in numbers:
            rows[i], numbers[number] = number, i
    return sorted(rows.items())


def loose(table: RadarTable, owned: frozenset[int], t: int) -> tuple[Indices, Array]:
    """Return the credible rows that belong to no body, and their states (m, 6) at `t`."""
    free = np.array([name not in owned for name in table.ids.tolist()], dtype=np.bool_)
    rows = np.flatnonzero(free & (table.r > CREDIBLE) & (table.plots >= 2))
    return rows, at(table, rows, t)


def at(table: RadarTable, rows: Indices, t: int) -> Array:
    """Return the states (m, 6) of rows carried on to `t`, a few seconds away."""
    x = table.estimates()[0][rows]
    dt = ((t - table.t[rows]) / SECOND)[:, None]
    x[:, :3] += dt * x[:, 3:] - 0.5 * dt**2 * 9.5 * x[:, :3] / 6.4e6
    return x


def overdue(bodies: Sequence[Body], t: int) -> dict[int, int]:
    """Return the bodies that a radar should long have followed, by number, and their event.

    The raid itself shows when: bodies of one event become visible at much the same age.
    """
    ages: dict[int, list[float]] = {}
    followed = {body.group: 0 for body in bodies if body.radar is None}  # of the events that wait for one
    for body in bodies if followed else ():
        if body.radar is None or body.group not in followed:
            continue
        followed[body.group] += 1
        if body.burn is not None and body.followed_since is not None:
            ages.setdefault(body.group, []).append((body.followed_since - body.burn.epoch) / SECOND)
    crowds = [group for group, count in followed.items() if count >= CROWD]
    if not crowds:
        return {}
    limits = {group: float(np.quantile(ages[group], RIPE)) + GRACE_S for group in crowds if group in ages}
    late = [body for body in bodies if body.radar is None and body.group in crowds]
    return {body.number: body.group for body in late if _is_overdue(body, limits.get(body.group), t)}


def _is_overdue(body: Body, limit: float | None, t: int) -> bool:
    """Say whether a body without a radar half is older than `limit` [s], or a radar has had it already."""
    if body.burn is None or body.followed_since is not None:
        return True
    return limit is not None and (t - body.burn.epoch) / SECOND > limit


def in_view(radar: Radar, look: RadarLook, body: Body) -> bool:
    """Say whether a look covers the place where a body without a radar half is expected."""
    r, v, spread = body.whereabouts(look.end)
    x = np.concatenate([r, v])[None]
    p = chance(
        x, np.array([spread]), radar.r_ecef, radar.enu_from_ecef, window(radar, look), radar.range_max, 1.0
    )
    return bool(p[0] > SURE)


def watched(radar: Radar, look: RadarLook, bodies: Sequence[Body]) -> list[int]:
    """Return the events of which a look sees a crowd of the bodies that radars follow."""
    those = [body for body in bodies if body.radar is not None]
    if len(those) < CROWD:
        return []
    mean = np.array([body.radar.x for body in those if body.radar is not None])
    p = chance(
        mean,
        np.full(len(mean), 100.0),
        radar.r_ecef,
        radar.enu_from_ecef,
        window(radar, look),
        radar.range_max,
        1.0,
    )
    counts = Counter(body.group for body, seen in zip(those, (p > SURE).tolist(), strict=True) if seen)
    return sorted(group for group, count in counts.items() if count >= CROWD)


class Size(Struct, frozen=True):
    """How many objects a raid has: warned of and expected, the variance, and how many of them no radar tells apart."""

    bodies: int
    count: float
    variance: float
    unresolved: int


def size(
    group: int, bodies: Sequence[Body], rows: Indices, x: Array, table: RadarTable, t: int,
    lit: Count | None = None,
) -> Size:  # fmt: skip
    """Return the size of an event at `t`: the sum of existence over its bodies and the rows that are nobody's yet.

    `lit`: the count by lights. While they burn and not each has a body, the raid is as large as that says; young rows
    are then among the lights.
    """
    mine = [body for body in bodies if body.group == group and body.parent is None]
    r = [body.existence for body in mine]
    if len(rows) and mine and (len(mine) >= CROWD or lit is not None):
        waiting = awaited(mine, t)
        places = np.array([body.radar.x for body in mine if body.radar is not None] or np.empty((0, 6)))
        around = np.vstack([places, np.hstack([waiting.r, waiting.v])])
        taken = {i for i, _ in matched(neighbours(waiting, x, crowded_only=False))}
        near = np.linalg.norm(x[:, None, :3] - around[None, :, :3], axis=2).min(axis=1) < REGION
        old = table.plots[rows] >= (FOUNDING if lit is not None else 0)
        those = [row for i, row in enumerate(rows.tolist()) if i not in taken and near[i] and old[i]]
        r += [float(table.r[row]) for row in those]
    count, variance = sum(r), sum(p * (1.0 - p) for p in r)
    more = 0.0
    if lit is not None and lit.seen > count + 0.5:
        more = max(lit.count - count, 0.0)
        count, variance = lit.count, lit.variance
    alone = sum(body.radar is None for body in mine)
    return Size(len(mine), float(count), float(variance), alone + round(more))
