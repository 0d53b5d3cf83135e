"""Names of warnings and events, given in the order of first emission and never reused."""

from tocsin.earth.time import utc_date
from tocsin.messages import Instant, Origin


class Numbering:
    """Number warnings and events within each date; all origins share it, so that no name is two things.

    It also remembers whose name is whose, so that a desk can tell a decision about another origin's warning
    from one about no warning at all.
    """

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], int] = {}
        self._origins: dict[str, Origin] = {}

    def warning(self, first_look: Instant, origin: Origin) -> str:
        """Give the next `W-YYYYMMDD-NNNN` of the date of the first look."""
        name = self._next("W", first_look)
        self._origins[name] = origin
        return name

    def event(self, first_look: Instant) -> str:
        """Give the next `E-YYYYMMDD-NNNN` of the date of the first look."""
        return self._next("E", first_look)

    def origin_of(self, warning: str) -> Origin | None:
        """Say of which origin a warning is; None when it was never given."""
        return self._origins.get(warning)

    def _next(self, letter: str, first_look: Instant) -> str:
        date = utc_date(first_look)
        number = self._last.get((letter, date), 0) + 1
        self._last[letter, date] = number
        return f"{letter}-{date}-{number:04d}"
