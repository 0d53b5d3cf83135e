"""What a simulated radar follows, and when it wants to look again.

The radar's own simple list, apart from anybody's tracks: what was heard once is looked at again at once, then each
`revisit` seconds; three looks without an echo, and it is forgotten. Where more is due than fits, who has waited
longest comes first. The beam points where the thing is: a pointing error small against the beam is our assumption.
A false alarm of the search costs no second look: also our assumption.
"""

from msgspec import Struct

PATIENCE = 3  # looks in a row without an echo


class _Followed(Struct):
    due: float
    missed: int = 0


class Revisits:
    """What is followed, by name. Times [s]."""

    def __init__(self, revisit: float) -> None:
        """Follow nothing yet; look at a thing each `revisit` seconds."""
        self._revisit = revisit
        self._followed: dict[str, _Followed] = {}

    def heard(self, thing: str, t: float) -> None:
        """Learn that `thing` gave an echo at `t`."""
        new = thing not in self._followed
        self._followed[thing] = _Followed(t if new else t + self._revisit)

    def missed(self, thing: str, t: float) -> None:
        """Learn that the beam lay on `thing` at `t` and heard nothing."""
        followed = self._followed[thing]
        followed.due, followed.missed = t + self._revisit, followed.missed + 1
        if followed.missed >= PATIENCE:
            del self._followed[thing]

    def forget(self, thing: str) -> None:
        """Let go of `thing`, which has left the field."""
        self._followed.pop(thing, None)

    def due(self, until: float) -> list[str]:
        """Return what wants a look before `until`, who has waited longest first."""
        waiting = [
            (followed.due, thing) for thing, followed in self._followed.items() if followed.due < until
        ]
        return [thing for _, thing in sorted(waiting)]
