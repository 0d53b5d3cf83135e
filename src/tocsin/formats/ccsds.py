"""What CCSDS messages share: how they write a moment, in which scale of time."""

from typing import Any, Final

import numpy as np

from tocsin.earth.time import format_utc, parse_utc
from tocsin.messages import SECOND, Instant

ORIGINATOR: Final = "TOCSIN"
FRAME: Final = "ITRF2014"  # our ITRF: its versions since 2008 differ by centimetres

# TAI less the scale [ns]: exact by definition.
_SCALES: Final = {"TAI": 0, "TT": -32_184_000_000, "TDT": -32_184_000_000, "GPS": 19 * SECOND}


def instant(epoch: Any, scale: str) -> Instant:
    """Read an epoch, with month and day or with the day of the year; ValueError says what would be right."""
    text = _calendar(str(epoch).removesuffix("Z") + "Z")
    utc = parse_utc(text)
    if scale.upper() == "UTC":
        return utc
    if scale.upper() not in _SCALES:
        raise ValueError(f"TIME_SYSTEM: {scale} is not known here; there are: UTC, {', '.join(_SCALES)}")
    return Instant(_uniform(text) + _SCALES[scale.upper()])


def epoch(t: int) -> str:
    """Write a moment in UTC as CCSDS messages do: without Z."""
    return format_utc(t).removesuffix("Z")


def plain(text: str) -> str:
    """Write a comment in ASCII, as the key-value notation wants it."""
    spelt = text.replace(" ± ", " +/- ").replace("±", "+/-").replace("°", " deg")
    return spelt.encode("ascii", "replace").decode()


def _calendar(text: str) -> str:
    """Write `2026-136T...`, day of year, as month and day."""
    head, _, tail = text.partition("T")
    if head.count("-") == 1:
        year, day = head.split("-")
        start = np.datetime64(f"{year}-01-01", "D")
        date = start + np.timedelta64(int(day) - 1, "D")
        if date.astype("datetime64[Y]") != start.astype("datetime64[Y]"):
            raise ValueError(f"{head}: the year {year} has no day {day}")
        head = str(date)
    return f"{head}T{tail}"


def _uniform(text: str) -> int:
    """Read a date and time of a scale without leap seconds as nanoseconds since 1970 of that scale."""
    return int(np.datetime64(text.rstrip("Z"), "ns").astype(np.int64))
