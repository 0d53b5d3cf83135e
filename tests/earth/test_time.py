"""Time against ERFA and Skyfield, and text there and back."""

from datetime import date

import erfa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from skyfield.api import load

from tocsin.earth.time import format_utc, julian_tt, parse_utc, tai_minus_utc, utc_date
from tocsin.messages import SECOND

FIRST, LAST = parse_utc("1972-01-01T00:00:00Z"), parse_utc("2100-01-01T00:00:00Z")
# TAI - UTC [s] from a date on: IERS Bulletin C.
LEAPS = [("1972-01-01", 10), ("1972-07-01", 11), ("1980-01-01", 19), ("1999-01-01", 32), ("2017-01-01", 37)]


@pytest.mark.parametrize(("day", "offset"), LEAPS)
def test_leap_seconds(day: str, offset: int) -> None:
    after = parse_utc(f"{day}T00:00:00Z")
    assert tai_minus_utc(after) == offset
    if offset > 10:
        assert tai_minus_utc(after - 1) == offset - 1
        assert format_utc(after - SECOND // 2).endswith("T23:59:60.500000Z")
        assert format_utc(after - SECOND).endswith("T23:59:60.000000Z")
        assert parse_utc(format_utc(after - 1)) == after - 1


@given(st.integers(FIRST, LAST))
@example(parse_utc("2016-12-31T23:59:60.999999999Z"))
@example(parse_utc("2016-12-31T23:59:59.999999999Z"))
def test_text_there_and_back(t: int) -> None:
    assert parse_utc(format_utc(t)) == t
    assert parse_utc(format_utc(t, 9)) == t
    assert utc_date(t) == format_utc(t)[:10].replace("-", "")


@given(st.integers(parse_utc("1960-01-01T00:00:00Z"), FIRST - 1))
def test_text_there_and_back_before_1972(t: int) -> None:
    assert abs(parse_utc(format_utc(t, 9)) - t) <= 1


@given(st.integers(FIRST, LAST), st.integers(0, 5))
def test_rounding_moves_less_than_half_a_unit(t: int, digits: int) -> None:
    text = format_utc(t, digits)
    assert len(text) == (20 if digits == 0 else 21 + digits)
    # The last unit of a minute may round into the leap second's, never further.
    assert abs(parse_utc(text) - t) <= 10 ** (9 - digits) // 2


def test_rounding_carries_into_the_next_day() -> None:
    assert format_utc(parse_utc("2026-05-16T23:59:59.9999996Z"), 0) == "2026-05-17T00:00:00Z"
    assert format_utc(parse_utc("2016-12-31T23:59:59.6Z"), 0) == "2016-12-31T23:59:60Z"
    assert format_utc(parse_utc("2016-12-31T23:59:60.6Z"), 0) == "2017-01-01T00:00:00Z"


def test_decimals() -> None:
    t = parse_utc("2026-05-16T00:00:12.25Z")
    assert format_utc(t) == "2026-05-16T00:00:12.250000Z"
    assert format_utc(t + 1) == "2026-05-16T00:00:12.250000001Z"
    assert parse_utc("2026-05-16T00:00:12Z") == t - SECOND // 4


@given(st.dates(date(1960, 1, 1), date(2020, 1, 1)), st.integers(0, 1439))
def test_against_erfa(day: date, minute: int) -> None:
    t = parse_utc(f"{day}T{minute // 60:02d}:{minute % 60:02d}:00Z")
    utc = erfa.dtf2d("UTC", day.year, day.month, day.day, minute // 60, minute % 60, 0.0)
    jd1, jd2 = erfa.taitt(*erfa.utctai(*utc))
    mine = julian_tt(t)
    assert ((mine[0] - jd1) + (mine[1] - jd2)) * 86_400 == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("year", [1975, 1999, 2026])
def test_against_skyfield(year: int) -> None:
    ts = load.timescale(builtin=True)
    expected = ts.utc(year, 3, 7, 5, 6, 7.5)
    mine = julian_tt(parse_utc(f"{year}-03-07T05:06:07.5Z"))
    assert (mine[0] - expected.whole) + (mine[1] - expected.tt_fraction) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-05-16", "write UTC as"),
        ("", "write UTC as"),
        ("2026-05-16 00:00:00Z", "write UTC as"),
        ("2026-05-16T00:00:00+00:00", "write UTC as"),
        ("2026-05-16T00:00:00z", "write UTC as"),
        ("2026-05-16T00:00:00.Z", "write UTC as"),
        ("2026-05-16T00:00:00.1234567890Z", "nine decimals"),
        ("2026-05-16T00:00:00Z ", "write UTC as"),
        ("٢٠٢٦-05-16T00:00:00Z", "write UTC as"),
        ("2026-02-29T00:00:00Z", "no such date"),
        ("2026-13-01T00:00:00Z", "no such date"),
        ("2026-05-16T24:00:00Z", "hours run"),
        ("2026-05-16T00:60:00Z", "minutes from"),
        ("2026-05-16T23:59:60Z", "leap second"),
        ("2016-12-31T23:58:60Z", "leap second"),
        ("2016-12-31T22:59:60Z", "leap second"),
        ("2016-12-31T23:59:61Z", "leap second"),
        ("1959-12-31T23:59:59Z", "1960"),
    ],
)
def test_refusals_teach(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_utc(text)


def test_no_utc_before_1960() -> None:
    with pytest.raises(ValueError, match="1960"):
        format_utc(parse_utc("1960-01-01T00:00:00Z") - 1)
