"""The reorder buffer: everything waits a fixed lag so that what comes late takes its place.

The clock is the latest time of arrival. An item with time `t` leaves, in order of (time, rank, name), once the clock
has passed `t` by the lag; an item that comes after that is late. What leaves, and in which order, therefore depends
on the items and not on the order in which they came, as long as none is later than the lag.
"""

from heapq import heappop, heappush
from typing import Generic, TypeVar

from tocsin.messages import SECOND

Item = TypeVar("Item")


class ReorderBuffer(Generic[Item]):
    """Hold items until the clock has passed them by the lag."""

    def __init__(self, lag_s: float) -> None:
        """Start with no clock: the first arrival sets it."""
        self.lag = round(lag_s * SECOND)
        self.clock: int | None = None
        self._heap: list[tuple[int, int, str, int, Item]] = []
        self._count = 0

    def __len__(self) -> int:
        """Count what waits."""
        return len(self._heap)

    def arrive(self, received: int) -> None:
        """Let the clock pass to a time of arrival; it never goes back."""
        self.clock = received if self.clock is None else max(self.clock, received)

    def is_late(self, t: int) -> bool:
        """Say whether an item of time `t` comes after its turn."""
        return self.clock is not None and t < self.clock - self.lag

    def restart(self) -> list[Item]:
        """Forget the clock and return, in order, what waited on it."""
        self.clock = None
        waiting = [row[-1] for row in sorted(self._heap, key=lambda row: row[:4])]
        self._heap.clear()
        return waiting

    def add(self, t: int, rank: int, name: str, item: Item) -> None:
        """Hold an item; `rank` and `name` order items of one time."""
        self._count += 1
        heappush(self._heap, (t, rank, name, self._count, item))

    def due(self, everything: bool = False) -> list[tuple[int, Item]]:
        """Release the items whose turn has come, in order."""
        released = []
        while self._heap and (everything or self.is_late(self._heap[0][0])):
            t, _, _, _, item = heappop(self._heap)
            released.append((t, item))
        return released
