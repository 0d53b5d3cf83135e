"""Rings against plane geometry done by hand and against themselves moved over the antimeridian."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.earth import rings

SQUARE = ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0))


def _moved(ring, by):
    return tuple((lat, (lon + by + 180) % 360 - 180) for lat, lon in ring)


def test_the_area_of_a_square_and_its_sign():
    assert rings.area(SQUARE) == 1
    assert rings.area(SQUARE[::-1]) == -1
    assert rings.area(_moved(SQUARE, 179.5)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("ring", "crosses"),
    [
        (SQUARE, False),
        (((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)), True),
        (((0, 0), (0, 4), (4, 4), (4, 2), (-1, 2), (-1, 0), (0, 0)), True),
        (((0, 0), (0, 4), (4, 4), (4, 2), (1, 2), (1, 0), (0, 0)), False),
        (((0, 0), (0, 2), (2, 2), (0, 1), (2, 0), (0, 0)), True),  # touches its own side
    ],
)
@pytest.mark.parametrize("by", [0.0, 178.0, -179.0])
def test_crossings(ring, crosses, by):
    assert rings.crosses_itself(_moved(ring, by)) is crosses


def test_what_does_not_cross_the_antimeridian_comes_back_as_it_is():
    assert rings.cut_at_antimeridian(SQUARE) == (SQUARE,)


def test_a_square_over_the_antimeridian_becomes_two():
    east, west = rings.cut_at_antimeridian(_moved(SQUARE, 179.75))
    assert sorted(set(east)) == [(0.0, 179.75), (0.0, 180.0), (1.0, 179.75), (1.0, 180.0)]
    assert sorted(set(west)) == [(0.0, -180.0), (0.0, -179.25), (1.0, -180.0), (1.0, -179.25)]


def test_a_ring_around_the_south_pole_becomes_the_cap():
    ring = tuple((-80.0, float(lon)) for lon in (*range(-170, 180, 20), -170))
    parts = rings.cut_at_antimeridian(ring)
    assert rings.winds_around_pole(ring)
    assert sum(abs(rings.area(part)) for part in parts) == pytest.approx(360 * 10)
    assert not any(rings.winds_around_pole(part) or rings.crosses_itself(part) for part in parts)


@given(by=st.floats(-180, 180), corners=st.integers(4, 40), size=st.floats(0.1, 40), flat=st.floats(0.1, 1))
def test_cutting_keeps_the_area(by, corners, size, flat):
    turns = [2 * math.pi * k / corners for k in range(corners)]
    ring = tuple((size * flat * math.sin(a), size * math.cos(a)) for a in turns)
    ring = _moved((*ring, ring[0]), by)
    parts = rings.cut_at_antimeridian(ring)
    whole = size**2 * flat * corners / 2 * math.sin(2 * math.pi / corners)
    assert sum(rings.area(part) for part in parts) == pytest.approx(whole, abs=1e-3 * size)
    for part in parts:
        assert part[0] == part[-1]
        assert all(abs(lon) <= 180 for _, lon in part)
        assert max(lon for _, lon in part) - min(lon for _, lon in part) <= 2 * size + 1e-4
