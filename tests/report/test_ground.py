"""Ellipses, projection, clipping and arcs against closed forms and pymap3d."""

import math

import numpy as np
import pymap3d.vincenty
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.path import Path

from tocsin.report import ground, sheet

places = st.tuples(st.floats(-85, 85), st.floats(-180, 180))
shapes = st.tuples(st.floats(100, 300_000), st.floats(0.1, 1), st.floats(0, 179.9))


def shape(values):
    return {"semi_major_m": values[0], "semi_minor_m": values[0] * values[1], "bearing_deg": values[2]}


def signed_area(xy):
    x, y = xy[:-1].T
    x2, y2 = xy[1:].T
    return float(np.sum(x * y2 - x2 * y) / 2)


@settings(max_examples=60, deadline=None)
@given(places, shapes)
def test_an_ellipse_is_the_small_side_of_its_ring(place, values):
    """A ring the wrong way round fills the whole globe in some viewers."""
    ellipse = shape(values)
    ring = ground.ellipse_ring(*place, ellipse)
    assert np.all(ring[0] == ring[-1])
    area = signed_area(ground.centred(*place, ring)) * 1e6
    polygon = 72 / (2 * math.pi) * math.sin(2 * math.pi / 72)  # of an inscribed polygon, of the ellipse
    expected = math.pi * ellipse["semi_major_m"] * ellipse["semi_minor_m"] * polygon
    assert area == pytest.approx(expected, rel=0.01)  # the sphere of the projection is not the ellipsoid


@settings(max_examples=40, deadline=None)
@given(places, shapes)
def test_an_ellipse_reaches_its_semi_axes_along_its_bearing(place, values):
    ellipse = shape(values)
    ring = ground.ellipse_ring(*place, ellipse)
    distance, azimuth = pymap3d.vincenty.vdist(*place, ring[0, 1], ring[0, 0])
    assert distance == pytest.approx(ellipse["semi_major_m"], rel=1e-6, abs=0.01)
    turn = (azimuth - ellipse["bearing_deg"] + 180) % 360 - 180
    assert abs(turn) < 0.01
    across, _ = pymap3d.vincenty.vdist(*place, ring[18, 1], ring[18, 0])
    assert across == pytest.approx(ellipse["semi_minor_m"], rel=1e-6, abs=0.01)


@settings(max_examples=60, deadline=None)
@given(places, shapes, st.integers(0, 71))
def test_inside_is_inside(place, values, k):
    ellipse = shape(values)
    for scale, inside in ((0.98, True), (1.02, False)):
        grown = ellipse | {key: ellipse[key] * scale for key in ("semi_major_m", "semi_minor_m")}
        longitude, latitude = ground.ellipse_ring(*place, grown)[k]
        assert ground.inside_ellipse(*place, ellipse, latitude, longitude) is inside


def test_the_centre_is_inside():
    assert ground.inside_ellipse(10, 20, shape((100, 0.5, 30)), 10, 20)


@settings(max_examples=60, deadline=None)
@given(places, st.floats(-1500, 1500), st.floats(-1500, 1500))
def test_the_projection_undoes_itself(place, east, north):
    latitude, longitude = ground.uncentred(*place, np.array([east, north]))
    back = ground.centred(*place, np.array([[longitude, latitude]]))[0]
    assert back == pytest.approx([east, north], abs=1e-3)  # arccos near 1 keeps eight digits


def test_distances_from_the_centre_are_true():
    xy = ground.centred(0, 0, np.array([[90, 0], [0, 90], [-45, 0], [170, 0]]))
    quarter = math.pi / 2 * ground.MEAN_RADIUS_KM
    expected = [[quarter, 0], [0, quarter], [-quarter / 2, 0], [quarter * 17 / 9, 0]]
    assert xy == pytest.approx(np.array(expected), abs=1e-6)


def test_a_sector_holds_its_azimuths():
    radar = {"latitude_deg": 60.0, "longitude_deg": 179.0, "range_max_m": 1e6}
    radar |= {"azimuth_from_deg": 350.0, "azimuth_to_deg": 50.0}
    ring = ground.radar_sector(radar)
    distance, azimuth = pymap3d.vincenty.vdist(60.0, 179.0, ring[1:-1, 1], ring[1:-1, 0])
    assert distance == pytest.approx(np.full(91, 1e6), rel=1e-6)
    assert (azimuth[0], azimuth[-1]) == pytest.approx((350.0, 50.0), abs=0.01)


def test_a_full_circle_is_no_sector():
    radar = {"latitude_deg": 0.0, "longitude_deg": 0.0, "range_max_m": 1e5}
    assert len(ground.radar_sector(radar)) == 91


def test_a_predicted_arc_ends_on_the_ground_where_the_truth_does(run):
    about = run.objects[0]
    row = int(np.searchsorted(about["t"], about["start"] + 200))
    t, r, _ = ground.predicted_arc(about["x"][row, :3], about["x"][row, 3:])
    assert ground.geodetic_deg(r)[-1, 2] == pytest.approx(0, abs=5)
    # The fixture's Earth is a point mass: J2 moves the end by some kilometres and the time by some seconds.
    assert about["t"][row] + t[-1] == pytest.approx(about["end"], abs=10)


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 12), st.integers(0, 10_000))
def test_clipping_keeps_what_is_in_the_box(corners, seed):
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * 3 + rng.normal(size=2)
    clipped = sheet.clip(ring, 1.0, 0.7)
    if len(clipped):
        assert (np.abs(clipped).max(axis=0) <= np.array([1.0, 0.7]) + 1e-9).all()
    probes = rng.uniform([-1, -0.7], [1, 0.7], (50, 2)) * 0.999
    before = Path(ring).contains_points(probes)
    after = Path(clipped).contains_points(probes) if len(clipped) > 2 else np.zeros(50, bool)
    assert (before == after).mean() >= 0.98  # a probe may lie on an edge


@pytest.mark.parametrize(
    ("latitude", "longitude", "is_land"),
    [(48, 10, True), (65, 179, True), (66, -178, True), (0, -30, False), (-80, 120, True), (-87, 179.9, True),
     (85, 0, False), (-25, 135, True), (-40, -175, False), (72, -40, True), (40, -100, True)],
)  # fmt: skip
def test_land_is_filled_on_the_right_side_of_the_coast(latitude, longitude, is_land):
    view = sheet.View(latitude, longitude, 900.0, 700.0)
    fills, _ = sheet.land(view)
    assert sum(Path(fill).contains_point((0.5, 0.5)) for fill in fills) == int(is_land)


def test_no_coast_runs_along_the_180th_meridian():
    _, coasts = sheet.land(sheet.View(67.0, 180.0, 300.0, 300.0))
    for line in coasts:
        steps = np.abs(np.diff(line, axis=0))
        assert not ((np.abs(line[:-1, 0]) < 1) & (np.abs(line[1:, 0]) < 1) & (steps[:, 1] > 50)).any()


def test_rings_of_an_area_that_is_no_ellipse():
    """A square with a hole, and a second part: what is in the hole is outside."""
    square = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]]
    hole = [[1.0, 1.0], [1.0, 2.0], [2.0, 2.0], [2.0, 1.0], [1.0, 1.0]]
    far = [[10.0, 0.0], [11.0, 0.0], [11.0, 1.0], [10.0, 0.0]]
    area = {"type": "MultiPolygon", "coordinates": [[square, hole], [far]]}
    assert [len(ring) for ring in ground.area_rings(area)] == [5, 5, 4]
    assert len(ground.area_rings({"type": "Polygon", "coordinates": [square, hole]})) == 2
    assert ground.inside_area(area, 3.0, 3.0)
    assert not ground.inside_area(area, 1.5, 1.5)
    assert ground.inside_area(area, 0.1, 10.5)
    assert not ground.inside_area(area, 0.1, 8.0)
