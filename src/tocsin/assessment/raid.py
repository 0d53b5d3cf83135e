"""How many objects an event has: the sum of their probabilities of existence, with its interval."""

import numpy as np

from tocsin.messages import Outgoing, Raid, Track, Warning


class Raids:
    """Count the launches of each event as its warnings come out."""

    def __init__(self) -> None:
        """Start without events."""
        self._existence: dict[str, dict[str, float]] = {}
        self._said: dict[str, int] = {}

    def count(self, said: list[Outgoing], track: Track) -> list[Outgoing]:
        """Return a `raid` for each event whose number of objects has changed and is two or more."""
        raids: list[Outgoing] = []
        for warning in said:
            if not isinstance(warning, Warning) or warning.parent is not None:
                continue
            objects = self._existence.setdefault(warning.event, {})
            objects[warning.id] = track.existence
            if len(objects) < 2 or self._said.get(warning.event) == len(objects):
                continue
            self._said[warning.event] = len(objects)
            r = np.array([objects[name] for name in sorted(objects)])
            half = 2.0 * float(np.sqrt(np.sum(r * (1.0 - r))))
            total = float(r.sum())
            raids.append(
                Raid(
                    event=warning.event, time=warning.time, origin=warning.origin, count=total,
                    count_low=max(total - half, 0.0), count_high=total + half, unresolved=0,
                )
            )  # fmt: skip
        return raids
