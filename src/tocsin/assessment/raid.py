"""How many objects an event has: the sum of their probabilities of existence, with its interval."""

from typing import Final

import numpy as np

from tocsin.messages import Outgoing, Raid, Warning

NEWS: Final = 0.5  # objects by which the size must have changed to be said again


class Raids:
    """Say the size of each event as its warnings come out."""

    def __init__(self) -> None:
        """Start without events."""
        self._said: dict[str, tuple[int, float]] = {}

    def count(
        self, said: list[Outgoing], bodies: int, count: float, variance: float, unresolved: int
    ) -> list[Outgoing]:
        """Return a `raid` for the event of what is said, if it has two objects or more and its size has changed.

        `bodies`: how many have a track; `count`, `variance`: the sum of existence over these and what is not yet one.
        """
        raids: list[Outgoing] = []
        for warning in said:
            if not isinstance(warning, Warning) or warning.parent is not None or bodies < 2:
                continue
            before = self._said.get(warning.event)
            if before is not None and before[0] == bodies and abs(before[1] - count) < NEWS:
                continue
            self._said[warning.event] = bodies, count
            half = 2.0 * float(np.sqrt(variance))
            raids.append(
                Raid(
                    event=warning.event, time=warning.time, origin=warning.origin, count=count,
                    count_low=max(count - half, 0.0), count_high=count + half, unresolved=unresolved,
                )
            )  # fmt: skip
        return raids
