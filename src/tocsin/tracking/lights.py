"""How many burn at once: the lights of each look, counted by event.

While satellites alone see a raid, who is who is uncertain and how many burn is not: the number of lights in one look,
over the chance that each is seen. Added to what has gone out it is the size of the raid (decision 9).
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from tocsin.messages import SECOND, Array
from tocsin.tracking.association import Flags
from tocsin.tracking.body import Body
from tocsin.tracking.crowd import CROWD, Crowd, burned_until, crowd
from tocsin.tracking.overcount import DIMMER, Counted
from tocsin.tracking.sightings import Key, Sighting

BACK: Final = 3  # the latest look but two is counted: it has had three looks, as a launch alone must have had
KEPT: Final = 9  # looks kept for counting: of three satellites, if they look in turn (our assumption)
HELD_S: Final = 25.0  # s after the last light, for which their count holds: radars take over (our assumption)
FRESH_S: Final = 30.0  # s for which a count of lights is news (our assumption)
REMEMBERED: Final = 120  # looks of each event: a burn of three satellites (our assumption)
TOGETHER_S: Final = 2.0  # s, within which looks are counted as one (our assumption)


class Look(Struct, frozen=True):
    """The sightings of one look that do not stand still: its end, and the chance that it saw each burning body.

    `visible` says of places (n, 3) which of them it would have shown; without it: all.
    """

    end: int
    sightings: tuple[Sighting, ...]
    chance: float
    visible: Callable[[Array], Flags] | None = None

    def covers(self, around: Crowd) -> list[int]:
        """Return the events, ascending, all of whose bodies the look would have shown."""
        events = set(around.groups)
        if self.visible is not None and events:
            events -= {
                group for group, seen in zip(around.groups, self.visible(around.r), strict=True) if not seen
            }
        return sorted(events)


class Count(Struct, frozen=True):
    """How many bodies an event has by the lights of `end`, the variance, and how many lights that were."""

    count: float
    variance: float
    seen: float
    end: int


NOTHING: Final = Count(0.0, 0.0, 0.0, 0)


class Lights:
    """The looks of the last half minute, and what is known of each event by its lights."""

    def __init__(self) -> None:
        """Start in the dark."""
        self._looks: list[Look] = []
        self._now: dict[int, Count] = {}
        self._least: dict[int, Count] = {}
        self._most: dict[int, int] = {}
        self._last: dict[int, int] = {}
        self._counts: dict[int, deque[tuple[int, int, float]]] = {}

    def take(self, look: Look, bodies: Sequence[Body]) -> frozenset[Key]:
        """Count the lights of a look beside the bodies that burn; return the keys of those of raids."""
        self._looks.append(look)
        del self._looks[:-KEPT]
        around = crowd(bodies, look.end)
        since = look.end - round(FRESH_S * SECOND)
        self._now = {group: lit for group, lit in self._now.items() if lit.end >= since}
        self._now |= burning(self._looks, bodies)
        groups = _groups(look, around)
        for group in look.covers(around):
            count = groups.count(group)
            self._most[group] = max(self._most.get(group, 0), count)
            self._counts.setdefault(group, deque(maxlen=REMEMBERED)).append((look.end, count, look.chance))
            if count:
                self._last[group] = look.end
        members: dict[int, list[Body]] = {group: [] for group in self._now}
        for body in bodies if members else ():
            if body.group in members:
                members[body.group].append(body)
        for group, lit in self._now.items():
            self._bound(group, size(group, members[group], lit))
        beside = zip(look.sightings, groups, strict=True)
        return frozenset(s.key for s, group in beside if group is not None and self.is_raid(group))

    def _bound(self, group: int, found: Count) -> None:
        """Keep the most that an event surely had: what was counted once does not go away."""
        doubt = math.sqrt(found.variance)
        if found.count - doubt > self.least(group).count:
            self._least[group] = replace(found, count=found.count - doubt, seen=found.seen - doubt)

    def is_raid(self, group: int) -> bool:
        """Say whether so many lights of an event were seen at once that it is a raid."""
        return self._most.get(group, 0) >= CROWD

    def is_single(self, group: int) -> bool:
        """Say whether an event was seen burning and no look showed more than one light of it."""
        return self._most.get(group, 0) == 1

    def raids(self) -> list[tuple[int, int]]:
        """Return the raids that were seen burning, and when each was last."""
        return [(group, self._last[group]) for group in sorted(self._most) if self.is_raid(group)]

    def counted(self, group: int) -> Counted:
        """Return the lights of an event in each look at it."""
        rows = self._counts.get(group, ())
        chances = np.array([min(chance, 0.99) * DIMMER for _, _, chance in rows], dtype=np.float64)
        ends, lights = (np.array([row[k] for row in rows], dtype=np.int64) for k in (0, 1))
        return Counted(ends, lights, chances)

    def least(self, group: int) -> Count:
        """Return how many bodies an event surely had."""
        return self._least.get(group, NOTHING)

    def size(self, group: int, bodies: Sequence[Body], t: int) -> Count | None:
        """Return how many bodies an event has, while its lights burn."""
        if t - self._last.get(group, 0) > HELD_S * SECOND:
            return None
        least = self.least(group)
        fresh = self._now.get(group)
        now = NOTHING if fresh is None or t - fresh.end > FRESH_S * SECOND else size(group, bodies, fresh)
        return now if now.count > least.count else least


def burning(looks: Sequence[Look], bodies: Sequence[Body]) -> dict[int, Count]:
    """Return how many burned of each event by the latest look but two and those taken with it."""
    if len(looks) < BACK:
        return {}
    end = looks[-BACK].end
    those = [look for look in looks if abs(look.end - end) <= TOGETHER_S * SECOND]
    around = crowd(bodies, end)
    seen: dict[int, list[tuple[int, float]]] = {}
    for look in those:
        groups = _groups(look, around)
        for group in look.covers(around):
            seen.setdefault(group, []).append((groups.count(group), look.chance))
    return {group: _count(rows, end) for group, rows in sorted(seen.items())}


def size(group: int, bodies: Sequence[Body], lit: Count) -> Count:
    """Return how many bodies an event has by its lights: those that burned then, and those that were out."""
    out = [
        body.existence
        for body in bodies
        if body.group == group and body.parent is None and not body.burning and burned_until(body) < lit.end
    ]
    gone, doubt = sum(out), sum(p * (1.0 - p) for p in out)
    return Count(lit.count + gone, lit.variance + doubt, lit.seen + gone, lit.end)


def _groups(look: Look, around: Crowd) -> list[int | None]:
    """Return the event of each light of a look."""
    return around.groups_of(look.sightings)


def _count(rows: list[tuple[int, float]], end: int) -> Count:
    """Return the mean of the counts of some looks, corrected for what each look misses."""
    looks = len(rows)
    mean = sum(count / chance for count, chance in rows) / looks
    spread = sum(count * (1.0 - chance) / chance**2 for count, chance in rows) / looks
    return Count(mean, spread / looks, sum(count for count, _ in rows) / looks, end)
