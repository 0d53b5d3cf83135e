"""How many objects an event has: the sum of their probabilities of existence, with its interval."""

from typing import Final

import numpy as np

from tocsin.messages import Outgoing, Raid, Track, Warning

NEWS: Final = 0.5  # objects by which the size must have changed to be said again
FEWEST: Final = 1.5  # objects from which an event is one of several


class Raids:
    """Say the size of each event as it changes, once one of its warnings has come out."""

    def __init__(self) -> None:
        """Start without events."""
        self._events: dict[int, str] = {}
        self._said: dict[str, tuple[int, float, float]] = {}

    def heeds(self, said: list[Outgoing], track: Track) -> bool:
        """Say whether the size of a track's event may be told: only once a warning of it has come out."""
        group = track.id if track.group is None else track.group
        return group in self._events or any(isinstance(event, Warning) for event in said)

    def count(
        self, said: list[Outgoing], track: Track, bodies: int, count: float, variance: float, unresolved: int
    ) -> list[Outgoing]:
        """Return a `raid` for the event of a track, if it has two objects or more and its size has changed.

        `said`: what the desk said of the track; `bodies`: how many have a track; `count`, `variance`: the sum of
        existence over these and what is not yet one.
        """
        group = track.id if track.group is None else track.group
        for warning in said:
            if isinstance(warning, Warning) and warning.parent is None:
                self._events[group] = warning.event
        event = self._events.get(group)
        if event is None or track.parent is not None:
            return []
        half = 2.0 * float(np.sqrt(variance))
        before = self._said.get(event)
        if before is None and max(bodies, count) < FEWEST:
            return []
        if (
            before is not None
            and before[0] == bodies
            and max(abs(before[1] - count), abs(before[2] - half)) < NEWS
        ):
            return []
        self._said[event] = bodies, count, half
        raid = Raid(
            event=event, time=track.time, origin=track.origin, count=count, count_low=max(count - half, 0.0),
            count_high=count + half, unresolved=unresolved,
        )  # fmt: skip
        return [raid]
