"""The ring against an independent geodesic library and plane geometry."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymap3d.vincenty import vdist

from tocsin.alerting.area import ring
from tocsin.messages import Ellipse

ELLIPSE = Ellipse(semi_major_m=21_000.0, semi_minor_m=6_000.0, bearing_deg=80.0)


def _offsets(lat, lon, corners, bearing_deg):
    """Put corners into the ellipse's own axes by pymap3d's inverse geodesic: (along, across) [m]."""
    out = []
    for corner in corners:
        distance, azimuth = vdist(lat, lon, *corner)
        angle = math.radians(float(azimuth) - bearing_deg)
        out.append((float(distance) * math.cos(angle), float(distance) * math.sin(angle)))
    return out


@settings(deadline=None)
@given(
    lat=st.floats(-80, 80), lon=st.floats(-180, 180), major=st.floats(2e3, 3e5), share=st.floats(0.1, 1),
    bearing=st.floats(0, 179.9), points=st.integers(24, 60),
)  # fmt: skip
def test_the_corners_lie_on_the_grown_ellipse(lat, lon, major, share, bearing, points):
    ellipse = Ellipse(semi_major_m=major, semi_minor_m=max(major * share, 1000.0), bearing_deg=bearing)
    corners = ring(lat, lon, ellipse, points, 1000.0)
    assert len(corners) == points + 1
    assert corners[0] == corners[-1]
    grow = 1 / math.cos(math.pi / points)
    for along, across in _offsets(lat, lon, corners, bearing):
        radius = math.hypot(along / (major * grow), across / (ellipse.semi_minor_m * grow))
        assert radius == pytest.approx(1, abs=3.0 / ellipse.semi_minor_m)  # the rounding of the corners, 1 m
    assert all(-90 <= la <= 90 and -180 <= lo <= 180 for la, lo in corners)


def test_the_polygon_holds_the_ellipse():
    corners = _offsets(41.2, 143.1, ring(41.2, 143.1, ELLIPSE, 24, 1000.0), 80.0)
    for k in range(3600):
        angle = math.radians(k / 10)
        x, y = 21_000 * math.cos(angle), 6_000 * math.sin(angle)
        for (x1, y1), (x2, y2) in itertools.pairwise(corners):
            assert (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) > -2.0 * math.hypot(x2 - x1, y2 - y1)


def test_a_point_becomes_an_area():
    corners = ring(10.0, 20.0, Ellipse(semi_major_m=5.0, semi_minor_m=0.0, bearing_deg=0.0), 36, 1000.0)
    for along, across in _offsets(10.0, 20.0, corners, 0.0):
        assert math.hypot(along, across) == pytest.approx(1000 / math.cos(math.pi / 36), abs=2)


def test_over_the_antimeridian_longitudes_stay_in_range():
    corners = ring(10.0, 179.95, ELLIPSE, 36, 1000.0)
    assert {lon > 0 for _, lon in corners} == {True, False}
    assert all(abs(lon) > 179 for _, lon in corners)
