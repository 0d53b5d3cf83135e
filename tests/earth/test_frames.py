"""Rotations against ERFA's full theory and against Skyfield with the same Earth orientation."""

import erfa
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from skyfield.api import load
from skyfield.framelib import itrs
from skyfield.sgp4lib import TEME
from skyfield.timelib import Time

from tocsin.constants import EARTH_RADIUS, EARTH_RATE
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.time import julian_tt, parse_utc, tai_minus_utc
from tocsin.messages import SECOND

TABLE = bundled()
EARTH = EarthRotation(TABLE)
instants = st.integers(TABLE.begin, TABLE.end)


def _ut1(t: int) -> tuple[float, float]:
    return erfa.taiut1(*erfa.tttai(*julian_tt(t)), TABLE.at(t)[0] - tai_minus_utc(t))


@given(instants)
@settings(max_examples=60)
def test_gcrf_agrees_with_the_full_theory(t: int) -> None:
    _, x, y = TABLE.at(t)
    expected = erfa.c2t06a(*julian_tt(t), *_ut1(t), x, y)
    np.testing.assert_allclose(EARTH.itrf_from_gcrf(t), expected, atol=2e-10)


@given(instants)
@settings(max_examples=60)
def test_teme_agrees_with_erfa(t: int) -> None:
    _, x, y = TABLE.at(t)
    spun = erfa.rz(erfa.gmst82(*_ut1(t)), np.eye(3))
    expected = erfa.ry(-x, erfa.rz(0.0, spun))
    expected = erfa.rx(-y, expected)
    np.testing.assert_allclose(EARTH.itrf_from_teme(t), expected, atol=2e-10)


def _skyfield(t: int) -> Time:
    """Give Skyfield's time with the same UT1 and pole."""
    ut1_utc, x, y = TABLE.at(t)
    ts = load.timescale(delta_t=32.184 + tai_minus_utc(t) - ut1_utc)
    arcsec = 648_000 / np.pi
    ts.polar_motion_table = (np.array([0.0, 1e7]), np.array([x, x]) * arcsec, np.array([y, y]) * arcsec)
    return ts.tt_jd(*julian_tt(t))


@given(instants)
@settings(max_examples=40)
@example(parse_utc("1983-09-25T20:15:00Z"))
@example(parse_utc("2017-11-28T18:17:00Z"))
@example(parse_utc("2026-05-16T00:00:12.25Z"))
def test_gcrf_agrees_with_skyfield_to_ten_centimetres(t: int) -> None:
    """Issue 3's row on frames: at the Earth's radius, with the same Earth orientation."""
    apart = EARTH.itrf_from_gcrf(t) - itrs.rotation_at(_skyfield(t))
    assert np.linalg.norm(apart, 2) * EARTH_RADIUS < 0.1


@given(instants)
@settings(max_examples=40)
def test_teme_agrees_with_skyfield_to_a_centimetre(t: int) -> None:
    moment = _skyfield(t)
    teme = itrs.rotation_at(moment) @ TEME.rotation_at(moment).T
    assert np.linalg.norm(EARTH.itrf_from_teme(t) - teme, 2) * EARTH_RADIUS < 0.01


@given(instants)
@settings(max_examples=30)
def test_rotations_are_orthonormal(t: int) -> None:
    for R in (EARTH.itrf_from_gcrf(t), EARTH.itrf_from_teme(t)):
        np.testing.assert_allclose(R @ R.T, np.eye(3), atol=1e-14)
        assert np.linalg.det(R) == pytest.approx(1)


def test_the_earth_turns_at_its_rate() -> None:
    t = parse_utc("2026-05-16T00:59:59Z")
    turn = EARTH.itrf_from_gcrf(t + 2 * SECOND) @ EARTH.itrf_from_gcrf(t).T
    assert turn[0, 1] == pytest.approx(2 * EARTH_RATE, rel=1e-6)


def test_memory_changes_nothing() -> None:
    times = [TABLE.begin + k * 3_700 * SECOND for k in range(600)]
    warm = EarthRotation(TABLE)
    first = [warm.itrf_from_gcrf(t) for t in times]
    for t, R in zip(reversed(times), reversed(first), strict=True):
        assert np.array_equal(warm.itrf_from_gcrf(t), R)
    assert len(warm._hours) <= 256
