"""The numbers (`seq`) that senders give their messages: what never came, and what comes twice.

Each sender counts its looks, statuses and summaries together, up by one. Numbers are read in the order in which
messages take their turn, so that no shuffle within the lag changes what is said. Nothing is refused for its number: a
counter that starts anew must not silence a sensor; what is odd is named.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import structs

from tocsin.messages import SECOND, InfraredScan, Instant, RadarScan, Status, Summary

PATIENCE: Final = 10 * SECOND  # for what takes its turn after a message that was sent later (our assumption)
PAUSE: Final = 60 * SECOND  # before the same is said again of one sender
REMEMBERED: Final = 64  # messages a sender, to tell the same one from another with its number

Numbered = InfraredScan | RadarScan | Status | Summary
Finding = tuple[str, str, Instant, str]  # name of the event, sender, when, sentence


class Sequences:
    """Follow each sender's count."""

    def __init__(self) -> None:
        """Start without senders."""
        self._counts: dict[str, _Count] = {}

    def check(self, message: Numbered, now: Instant) -> list[Finding]:
        """Return what is odd about a message's number, and which of its sender's earlier ones are missing."""
        sender = message.sensor or (message.path if isinstance(message, Summary) else None)
        if message.seq is None or sender is None:
            return []
        count = self._counts.setdefault(sender, _Count(message.seq - 1))
        return [
            (name, sender, now, f"{sender} {text}") for name, text in count.take(message, message.seq, now)
        ]

    def finish(self) -> list[Finding]:
        """Return what is missing when nothing more will come."""
        return [
            ("sequence-gap", sender, count.latest, f"{sender} {text}")
            for sender, count in sorted(self._counts.items())
            for text in count.lost()
        ]


class _Count:
    """Where one sender's count stands."""

    def __init__(self, last: int) -> None:
        self._last = last
        self._left: int | None = None  # where it stood before it went back
        self._missing: list[tuple[int, int, Instant]] = []  # first and last number, and since when
        self._known: dict[int, Numbered] = {}
        self._said: dict[str, Instant] = {}
        self.latest = Instant(0)

    def take(self, message: Numbered, number: int, now: Instant) -> Iterator[tuple[str, str]]:
        """Count a message and name what is odd."""
        self.latest = now
        plain = structs.replace(message, received=None)
        if self._known.get(number) != plain:
            if not self._fits(number, now) and self._may_say("sequence-broken", now):
                yield "sequence-broken", self._broken(number)
            self._known.pop(number, None)
            self._known[number] = plain
            if len(self._known) > REMEMBERED:
                del self._known[next(iter(self._known))]
        if self._missing and self._missing[0][2] <= now - PATIENCE and self._may_say("sequence-gap", now):
            for text in self.lost(now - PATIENCE):
                yield "sequence-gap", text

    def lost(self, since: int | None = None) -> list[str]:
        """Say which numbers were left out, until a time or ever, and forget them."""
        gone = [row for row in self._missing if since is None or row[2] <= since]
        self._missing = self._missing[len(gone) :]
        if not gone:
            return []
        count = sum(last - first + 1 for first, last, _ in gone)
        which = f"{gone[0][0]} to {gone[-1][1]}" if count > 1 else f"{gone[0][0]}"
        return [f"left out {count} of its numbers, {which}: not come, not whole, or too late"]

    def _fits(self, number: int, now: Instant) -> bool:
        """Move on to a number; say whether it goes on, or fills what was left out."""
        if number == self._last + 1:
            self._last = number
        elif self._left is not None and number == self._left + 1:
            self._last, self._left = number, None  # one number was odd; the count itself goes on
        elif number > self._last and number not in self._known:
            self._missing.append((self._last + 1, number - 1, now))
            self._last = number
        elif not self._fill(number):
            self._left, self._last = max(self._last, self._left or 0), number
            return False
        return True

    def _fill(self, number: int) -> bool:
        for k, (first, last, since) in enumerate(self._missing):
            if first <= number <= last:
                halves = ((first, number - 1, since), (number + 1, last, since))
                self._missing[k : k + 1] = [half for half in halves if half[0] <= half[1]]
                return True
        return False

    def _broken(self, number: int) -> str:
        what = "gives another message the number" if number in self._known else "goes back to the number"
        return f"{what} {number} after {self._left}: its count was started anew, or something is played back"

    def _may_say(self, name: str, now: Instant) -> bool:
        if now - self._said.get(name, now - PAUSE) < PAUSE:
            return False
        self._said[name] = now
        return True
