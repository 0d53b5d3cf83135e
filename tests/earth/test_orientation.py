"""The bundled table, its edges, and values received."""

from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skyfield.api import load

from tocsin.earth.orientation import bundled
from tocsin.earth.time import julian_tt, parse_utc
from tocsin.messages import SECOND

ARCSEC = pi / 648_000
TABLE = bundled()


# UT1 - UTC [s], x, y [arcsec] at 0 h UTC: IERS finals2000A, Bulletin A.
@pytest.mark.parametrize(
    ("day", "ut1", "x", "y"),
    [("1980-01-01", 0.6452932, 0.138994, 0.250842), ("2026-09-29", -0.0206337, 0.177470, 0.325935)],
)
def test_published_values(day: str, ut1: float, x: float, y: float) -> None:
    found = TABLE.at(parse_utc(f"{day}T00:00:00Z"))
    assert found[0] == pytest.approx(ut1, abs=2.5e-4)
    assert found[1] / ARCSEC == pytest.approx(x, abs=1.5e-3)
    assert found[2] / ARCSEC == pytest.approx(y, abs=1.5e-3)


@pytest.mark.parametrize("year", [1975, 1985, 1995, 2005, 2015, 2020])
def test_ut1_agrees_with_skyfield(year: int) -> None:
    ts = load.timescale(builtin=True)
    t = parse_utc(f"{year}-06-11T09:00:00Z")
    assert TABLE.at(t)[0] == pytest.approx(ts.tt_jd(*julian_tt(t)).dut1, abs=2e-3)


def test_ut1_jumps_by_the_leap_second_and_nothing_else() -> None:
    leap = parse_utc("2017-01-01T00:00:00Z")
    before, after = TABLE.at(leap - 1), TABLE.at(leap)
    assert after[0] - before[0] == pytest.approx(1, abs=1e-6)
    assert TABLE.against_tai(leap)[0] == pytest.approx(TABLE.against_tai(leap - 1)[0], abs=1e-6)


@given(st.integers(TABLE.begin, TABLE.end))
def test_values_are_sane_everywhere(t: int) -> None:
    ut1, x, y = TABLE.at(t)
    assert abs(ut1) < 1
    assert abs(x) < 1 * ARCSEC
    assert abs(y) < 1 * ARCSEC
    assert TABLE.covers(t)


@pytest.mark.parametrize("t", [parse_utc("1960-10-05T21:40:00Z"), TABLE.end + 10**18])
def test_outside_the_nearest_row_holds_and_the_table_says_so(t: int) -> None:
    assert not TABLE.covers(t)
    edge = TABLE.begin if t < TABLE.begin else TABLE.end
    assert TABLE.at(t) == pytest.approx(TABLE.at(edge))


def test_a_received_value_holds_at_its_time_and_leaves_the_original_alone() -> None:
    t = parse_utc("2026-05-16T07:00:00Z")
    before = TABLE.at(t)
    changed = TABLE.with_value(t, 0.1, 1e-6, 2e-6)
    assert changed.at(t) == pytest.approx((0.1, 1e-6, 2e-6))
    assert TABLE.at(t) == before
    again = changed.with_value(t, 0.2, 1e-6, 2e-6)
    assert len(again.t) == len(changed.t) == len(TABLE.t) + 1
    assert again.at(t)[0] == pytest.approx(0.2)
    assert changed.at(t - 10 * 86_400 * SECOND) == TABLE.at(t - 10 * 86_400 * SECOND)


def test_a_value_after_the_end_extends_the_table() -> None:
    t = TABLE.end + 30 * 86_400 * SECOND
    longer = TABLE.with_value(t, -0.3, 0.0, 0.0)
    assert longer.end == t
    assert longer.at(t + SECOND)[0] == pytest.approx(-0.3)
    assert TABLE.begin < TABLE.measured < TABLE.end
    assert np.all(np.diff(longer.t) > 0)
    assert "finals2000A" in TABLE.source
