"""Numbers as people read them: with a unit, no more digits than they deserve, and a time to look up.

Times here are POSIX nanoseconds UTC (what pandas and Parquet hold), not `Instant`.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

MISSING = "–"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def clock(ns: int | None, digits: int = 1) -> str:
    """Write a time of day, `06:02:24.5`. `ns`: POSIX nanoseconds UTC."""
    if ns is None:
        return MISSING
    unit = 10 ** (9 - digits)
    seconds, rest = divmod((ns + unit // 2) // unit * unit, 10**9)
    text = (_EPOCH + timedelta(seconds=seconds)).strftime("%H:%M:%S")
    return f"{text}.{rest // unit:0{digits}d}" if digits else text


def date(ns: int) -> str:
    """Write a date, `2026-05-16`. `ns`: POSIX nanoseconds UTC."""
    return (_EPOCH + timedelta(seconds=ns // 10**9)).strftime("%Y-%m-%d")


def iso(ns: int) -> str:
    """Write a moment to the millisecond, `2026-05-16T00:00:12.250Z`. `ns`: POSIX nanoseconds UTC."""
    return f"{date((ns + 500_000) // 10**6 * 10**6)}T{clock(ns, 3)}Z"


def since(seconds: float | None) -> str:
    """Write a time from launch, `T+312 s`, with a decimal below a hundred seconds."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    sign = "−" if seconds < 0 else "+"
    size = abs(seconds)
    return f"T{sign}{size:.1f} s" if size < 100 else f"T{sign}{size:.0f} s"


def duration(seconds: float) -> str:
    """Write a length of time, `14 min 5 s`."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s" if seconds < 10 else f"{rest} s"


def number(value: float, digits: int = 2) -> str:
    """Write a number with `digits` significant digits, or all before the point if they are more."""
    if not math.isfinite(value):
        return MISSING
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{round(value, places):,.{places}f}" if places <= 6 else f"{value:.{digits - 1}e}"


def length(metres: float | None, digits: int = 2) -> str:
    """Write a length in metres below one kilometre, else in kilometres."""
    if metres is None or not math.isfinite(metres):
        return MISSING
    return f"{number(metres, digits)} m" if abs(metres) < 1000 else f"{number(metres / 1000, digits)} km"


def axes(ellipse: dict[str, float] | None) -> str:
    """Write the semi-axes of an ellipse, `±4.1 × 1.8 km`."""
    if not ellipse:
        return MISSING
    major, minor = ellipse["semi_major_m"], ellipse["semi_minor_m"]
    if major < 1000:
        return f"±{number(major)} × {number(minor)} m"
    return f"±{number(major / 1000)} × {number(minor / 1000)} km"


def position(latitude_deg: float, longitude_deg: float, digits: int = 3) -> str:
    """Write a place, `40.860° N 129.670° E`."""
    longitude = (longitude_deg + 180) % 360 - 180
    north = "N" if latitude_deg >= 0 else "S"
    east = "E" if longitude >= 0 else "W"
    return f"{abs(latitude_deg):.{digits}f}° {north} {abs(longitude):.{digits}f}° {east}"


def place_digits(ellipse: dict[str, float] | None) -> int:
    """Say how many decimals of a degree an ellipse's size justifies (0.001° is about 100 m)."""
    if not ellipse:
        return 3
    return min(5, max(1, math.ceil(math.log10(111_000 / max(ellipse["semi_minor_m"], 1e-3)) + 0.5)))


def listing(names: Sequence[str]) -> str:
    """Join names, `a, b and c`."""
    if len(names) < 2:
        return "".join(names) or MISSING
    return f"{', '.join(names[:-1])} and {names[-1]}"


def plural(count: int, noun: str) -> str:
    """Write a count with its noun."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def identity(probabilities: dict[str, float]) -> str:
    """Write the likeliest identity with its probability."""
    if not probabilities:
        return MISSING
    name, p = max(probabilities.items(), key=lambda item: item[1])
    return f"{name.replace('-', ' ')} {100 * p:.0f} %"


def plain(value: Any) -> str:
    """Write any value of a table cell: floats short, missing as a dash."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value, 4)
    return f"{value:,}" if isinstance(value, int) else str(value)
