"""Time scales: UTC text to and from `Instant`, and the scales astronomy wants.

An `Instant` counts nanoseconds of TAI, so differences are elapsed time. TAI - UTC comes from ERFA's table
(IERS Bulletin C; the last leap second so far came before 2017-01-01); after its end the last value holds.
From 1960 to 1972 UTC ran at a slightly different rate with small steps, which the same table describes;
before 1960 there is no UTC.
"""

import re
from datetime import date, timedelta
from functools import lru_cache

import erfa

from tocsin.messages import SECOND, Instant

_DAY = 86_400 * SECOND
_EPOCH = date(1970, 1, 1).toordinal()
_EPOCH_JD = 2_440_587.5
_TT_MINUS_TAI = 32_184_000_000  # exact, IAU 1991 [ns]
_MINUTE = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):", re.ASCII)
_SECONDS = re.compile(r"(\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)
_WANTED = "write UTC as 2026-05-16T00:00:12.25Z: four-digit year, T, at most nine decimals, and Z"


def parse_utc(text: str) -> Instant:
    """Read a moment written `YYYY-MM-DDTHH:MM:SS[.fraction]Z`, with second 60 where there is a leap second.

    Raises ValueError, saying what would be right.
    """
    tail = _SECONDS.fullmatch(text, 17)
    if tail is None:
        raise ValueError(f"{_cut(text)} is not a time here; {_WANTED}")
    start, base, length, stretch = _minute(text[:17])
    whole, fraction = tail.groups()
    into = int(whole) * SECOND + (int(fraction.ljust(9, "0")) if fraction else 0)
    into += start
    borrowed = int(whole) >= 60 and into < _DAY
    if borrowed or into >= length:
        raise ValueError(
            f"{_cut(text)}: that minute has no such second (60 only before a leap second's midnight)"
        )
    return Instant(base + into + round(into * stretch))


def from_posix(ns: int) -> Instant:
    """Give the moment of nanoseconds since 1970 as POSIX and data frames count them, without leap seconds."""
    number, into = divmod(ns, _DAY)
    base, _, stretch = _day(number)
    return Instant(base + into + round(into * stretch))


def format_utc(t: int, digits: int = 6) -> str:
    """Write a moment as UTC with `digits` decimals: nine where six would lose nanoseconds, rounded below six.

    Raises ValueError before 1960, when there was no UTC.
    """
    day, into, length = _day_and_time(t)
    if digits < 6:
        unit = 10 ** (9 - digits)
        into = (into + unit // 2) // unit * unit
        if into >= length:
            day, into = day + 1, 0
    elif into % 1000:
        digits = 9
    seconds, ns = divmod(into, SECOND)
    # In a leap second the minute does not end: 23:59:60.
    minutes = min(seconds // 60, 1439)
    hour, minute = divmod(minutes, 60)
    second = seconds - minutes * 60
    text = f"{_date(day)}T{hour:02d}:{minute:02d}:{second:02d}"
    return f"{text}.{ns:09d}"[: len(text) + 1 + digits] + "Z" if digits else text + "Z"


def utc_date(t: int) -> str:
    """Give the UTC date as `YYYYMMDD`."""
    return _date(_day_and_time(t)[0]).replace("-", "")


def julian_tt(t: int) -> tuple[float, float]:
    """Give the Julian date in TT as the day at noon or midnight and the fraction [0, 1) of a day since."""
    days, ns = divmod(t + _TT_MINUS_TAI, _DAY)
    return _EPOCH_JD + days, ns / _DAY


def tai_minus_utc(t: int) -> float:
    """Give TAI - UTC [s] at a moment; within a leap second the value before it."""
    day, into, _ = _day_and_time(t)
    return (t - day * _DAY - into) / SECOND


@lru_cache(maxsize=4096)
def _minute(text: str) -> tuple[int, int, int, float]:
    """Give, for `YYYY-MM-DDTHH:MM:`: nanoseconds of the day, and the day's start, length and stretch."""
    match = _MINUTE.fullmatch(text)
    if match is None:
        raise ValueError(f"{_cut(text)} does not begin a time here; {_WANTED}")
    year, month, day, hour, minute = map(int, match.groups())
    if year < 1960:
        raise ValueError(f"{_cut(text)}: UTC begins in 1960")
    if hour > 23 or minute > 59:
        raise ValueError(f"{_cut(text)}: hours run from 00 to 23 and minutes from 00 to 59")
    try:
        number = date(year, month, day).toordinal() - _EPOCH
    except ValueError as error:
        raise ValueError(f"{_cut(text)}: no such date ({error})") from None
    base, length, stretch = _day(number)
    return (hour * 60 + minute) * 60 * SECOND, base, length, stretch


@lru_cache(maxsize=4096)
def _day(number: int) -> tuple[int, int, float]:
    """Give, for a UTC day counted from 1970: its start [ns TAI], length [ns UTC], and excess TAI per UTC."""
    offset, stretch = _offset(number)
    base = number * _DAY + offset
    end = (number + 1) * _DAY + _offset(number + 1)[0]
    return base, round((end - base) / (1 + stretch)), stretch


def _offset(number: int) -> tuple[int, float]:
    """Give TAI - UTC [ns] at the start of a UTC day and how much it grows per unit of UTC."""
    today = date.fromordinal(max(number, -3653) + _EPOCH)
    if today.year >= 1972:
        return _whole_seconds(today.year, today.month) * SECOND, 0.0
    start = erfa.dat(today.year, today.month, today.day, 0.0)
    end = erfa.dat(today.year, today.month, today.day, 1.0)
    return round(float(start) * 1e9), round((float(end) - float(start)) * 1e9) / _DAY


@lru_cache(maxsize=256)
def _whole_seconds(year: int, month: int) -> int:
    """Give TAI - UTC [s] in a month from 1972; past ERFA's table its last value, as nobody knows better."""
    table = erfa.leap_seconds.get()
    before = (table["year"] < year) | ((table["year"] == year) & (table["month"] <= month))
    return int(table["tai_utc"][before][-1])


def _day_and_time(t: int) -> tuple[int, int, int]:
    """Give the UTC day counted from 1970, the nanoseconds of UTC into it, and its length."""
    # UTC is behind TAI by less than a minute and a half for as long as the table says: one of two days.
    number = t // _DAY
    base, length, stretch = _day(number)
    if t < base:
        number -= 1
        base, length, stretch = _day(number)
    if number < -3653:
        raise ValueError("there is no UTC before 1960")
    elapsed = t - base
    return number, elapsed - round(elapsed * stretch / (1 + stretch)), length


@lru_cache(maxsize=4096)
def _date(number: int) -> str:
    return (date(1970, 1, 1) + timedelta(number)).isoformat()


def _cut(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
