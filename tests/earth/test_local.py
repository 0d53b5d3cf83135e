"""Metres about a place, against pyproj's geodesics."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from tocsin.earth.ellipsoid import ecef_from_geodetic_batch
from tocsin.earth.local import (
    launch_difference,
    launch_moved,
    north_east,
    north_east_batch,
    place_at,
    places_at,
)

GEOD = Geod(ellps="WGS84")
latitudes = st.floats(-1.55, 1.55)
longitudes = st.floats(-np.pi, np.pi)
offsets = st.floats(-4e6, 4e6)


@given(latitudes, longitudes, offsets, offsets)
def test_there_and_back(lat, lon, north, east):
    found = north_east(lat, lon, *place_at(lat, lon, north, east))
    assert found == pytest.approx((north, east), abs=0.01)


@given(latitudes, longitudes, offsets, offsets)
def test_a_place_as_pyproj_finds_it(lat, lon, north, east):
    found = np.degrees(place_at(lat, lon, north, east))
    azimuth = np.degrees(np.arctan2(east, north))
    there = GEOD.fwd(np.degrees(lon), np.degrees(lat), azimuth, np.hypot(north, east))
    assert GEOD.inv(found[1], found[0], there[0], there[1])[2] < 0.01


def test_batches_are_their_rows():
    places = np.array([[0.3, 3.1], [0.31, -3.13], [0.3, 3.1]])
    r = ecef_from_geodetic_batch(places[:, 0].copy(), places[:, 1].copy(), np.array([0.0, 1e5, 0.0]))
    rows = north_east_batch(0.3, 3.1, r)
    assert np.allclose(rows, [north_east(0.3, 3.1, *p) for p in places], atol=1e-3)
    assert np.allclose(rows[0], 0.0, atol=1e-3)
    assert rows[1, 1] > 0, "over the 180th meridian is east"
    assert np.allclose(places_at(0.3, 3.1, rows), places, atol=1e-9)


def test_launches_differ_by_metres_seconds_and_the_shorter_turn():
    a = np.array([0.7, np.pi - 1e-4, 5.0, 0.1])
    b = np.array([0.701, -np.pi + 1e-4, 7.0, 2 * np.pi - 0.1])
    d = launch_difference(b, a)
    azimuth, _, far = GEOD.inv(*np.degrees([a[1], a[0], b[1], b[0]]))
    assert d[:2] == pytest.approx(
        far * np.array([np.cos(np.radians(azimuth)), np.sin(np.radians(azimuth))]), abs=0.01
    )
    assert d[2:] == pytest.approx([2.0, -0.2])
    back = launch_moved(a, d)
    assert back[:3] == pytest.approx(b[:3], abs=1e-9)
    assert np.cos(back[3] - b[3]) == pytest.approx(1.0)
