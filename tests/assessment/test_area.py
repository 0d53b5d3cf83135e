"""Areas that are no ellipse: against closed forms, and against thousands of flights down."""

import itertools

import numpy as np
import pymap3d
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.path import Path
from pyproj import Geod
from scipy import stats

from tocsin.assessment.area import ELLIPSES, LEVELS, areas, outlines
from tocsin.assessment.density import area, is_normal, patches, region, size, thresholds
from tocsin.assessment.ellipse import ellipse
from tocsin.assessment.impact import landing, scattered, scattered_state
from tocsin.assessment.launch import launch_estimate
from tocsin.assessment.settings import Settings
from tocsin.earth._borders import inside
from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.earth.local import north_east, places_at
from tocsin.earth.time import parse_utc
from tocsin.flight.coast import fall_batch
from tocsin.messages import SECOND, Component, Instant, StateVector, Track

T = parse_utc("2026-05-16T00:02:00Z")
SETTINGS = Settings()
LAUNCH = np.array([0.2, -0.6, -100.0, 1.0])
HERE = (0.2, -0.6)
AXES = enu_from_ecef(*HERE)


def moving(east, north, up, height=200e3):
    return np.concatenate([ecef_from_geodetic(*HERE, height), AXES.T @ np.array([east, north, up])])


def component(weight, motion, sigma, speed, launch=LAUNCH):
    P = np.diag([4e6, 1e6, 9.0, 1e-4, *[sigma**2] * 3, *[speed**2] * 3])
    return Component(weight, launch, motion, P)


def bent(turn, stretch):
    """Return an intercontinental flight whose heading is known to `turn` [rad] and whose speed to `stretch` [m/s]."""
    motion = moving(4000.0, 3000.0, 3500.0)
    v = motion[3:]
    side = np.cross(AXES[2], v) / np.linalg.norm(np.cross(AXES[2], v))
    along = v / np.linalg.norm(v)
    P = np.zeros((10, 10))
    P[4:7, 4:7] = np.eye(3) * 1e6
    P[7:, 7:] = (turn * np.linalg.norm(v)) ** 2 * np.outer(side, side) + stretch**2 * np.outer(along, along)
    P[7:, 7:] += 25 * np.eye(3)
    return Component(1.0, LAUNCH, motion, P)


def track(*components, **more):
    fields = {
        "id": 1, "origin": "test", "time": T, "first_look": Instant(T - 60 * SECOND), "state": "confirmed",
        "phase": "coast", "epoch": T, "state_time": T, "detections": {"geo-1": 4}, "existence": 1.0,
    }  # fmt: skip
    return Track(components=components, **(fields | more))


ICBM = moving(4000.0, 3000.0, 3500.0)
MIXTURES = {
    "precise, drag unknown": [component(1.0, moving(1400.0, 1000.0, 900.0), 30.0, 0.5)],
    "two places": [
        component(0.6, ICBM, 500.0, 20.0),
        component(0.4, moving(4400.0, 3000.0, 3500.0), 500.0, 20.0),
    ],
    "a row": [
        component(0.2, moving(4000.0 + 60 * i, 3000.0 - 30 * i, 3500.0), 500.0, 20.0) for i in range(5)
    ],
    "bent": [bent(0.15, 20.0)],
}


def flown(components, count=4_000):
    """Fly samples of motion and drag down: latitudes, longitudes [deg] and times [s]."""
    random = np.random.Generator(np.random.Philox(5))
    which = random.choice(len(components), count, p=[c.weight for c in components])
    x = np.array(
        [random.multivariate_normal(components[i].motion, components[i].covariance[4:, 4:]) for i in which]
    )
    drag = (
        np.exp(random.normal(0.0, SETTINGS.ballistic_coefficient_spread, count))
        / SETTINGS.ballistic_coefficient
    )
    y, times, _, status = fall_batch(x, drag)
    latitude, longitude, _ = pymap3d.ecef2geodetic(*y[status == 0, :3].T)
    return latitude, longitude, times[status == 0]


# --------------------------------------------------------------------------------------- Gaussians, closed form


@given(a=st.floats(10, 3e5), ratio=st.floats(0.02, 1.0), turn=st.floats(0, np.pi))
@settings(max_examples=10, deadline=None)
def test_the_region_of_a_gaussian_is_its_ellipse(a, ratio, turn):
    R = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    C = R @ np.diag([a**2, (ratio * a) ** 2]) @ R.T
    drawn = patches(np.array([[3e4, -2e4]]), C[None], np.ones(1))
    for level in (0.5, 0.9, 0.95, 0.99):
        (rings,) = region(drawn, *thresholds(drawn, [level]))
        quantile = stats.chi2.ppf(level, 2)
        assert size([rings]) == pytest.approx(
            np.pi * quantile * np.sqrt(np.linalg.det(C + np.eye(2))), rel=0.02
        )
        off = rings[0] - [3e4, -2e4]
        d2 = np.einsum("ki,ij,kj->k", off, np.linalg.inv(C + np.eye(2)), off)
        assert np.allclose(d2, quantile, rtol=0.1)


def test_the_density_at_the_edge():
    C = np.diag([4e6, 1e6])
    drawn = patches(np.zeros((1, 2)), C[None], np.ones(1))
    top = 1 / (2 * np.pi * np.sqrt(np.linalg.det(C)))
    for level in (0.5, 0.9, 0.95):
        assert thresholds(drawn, [level])[0] == pytest.approx(top * (1 - level), rel=0.03)


def test_two_far_gaussians_have_two_areas_on_two_grids():
    rows = np.array([[0.0, 0.0], [2e6, 1e6]])
    C = np.array([np.diag([1e6, 1e6]), np.diag([4e6, 4e6])])
    drawn = patches(rows, C, np.array([0.5, 0.5]))
    assert len(drawn) == 2
    parts = region(drawn, *thresholds(drawn, [0.95]))
    assert len(parts) == 2
    # Two Gaussians of weight w: areas 2πs²ln(w/2πs²t), shares held w − 2πs²t; both thresholds t are one.
    t = 0.05 / (2 * np.pi * (1e6 + 4e6))
    wanted = [2 * np.pi * s2 * np.log(0.5 / (2 * np.pi * s2 * t)) for s2 in (4e6, 1e6)]
    assert [size([p]) for p in parts] == pytest.approx(wanted, rel=0.03)
    assert len(region(drawn, *thresholds(drawn, [0.3]))) == 1, (
        "the likeliest 30 % are all in the smaller place"
    )


def test_a_ring_has_a_hole():
    turns = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    rows = 1e5 * np.column_stack([np.cos(turns), np.sin(turns)])
    C = np.repeat(np.diag([1e8, 1e8])[None], 60, axis=0)
    found = areas(HERE, rows, C, np.full(60, 1 / 60))
    assert [len(one["coordinates"]) for one in found] == [2, 2, 2, 2]
    assert not inside(found[3], *(np.degrees([[h] for h in HERE]))).any()


@pytest.mark.parametrize(("apart", "normal"), [(0.0, True), (0.5, True), (4.0, False), (30.0, False)])
def test_what_passes_for_one_gaussian(apart, normal):
    rows = np.array([[0.0, 0.0], [apart * 1e3, 0.0]])
    C = np.repeat(np.diag([1e6, 2e6])[None], 2, axis=0)
    weights = np.array([0.7, 0.3])
    assert is_normal(rows, C, weights) == normal
    mean, random = weights @ rows, np.random.Generator(np.random.Philox(12))
    spread = np.diag([1e6, 2e6]) + (weights * (rows - mean).T) @ (rows - mean)
    told = outlines(HERE, rows - mean, C, weights, spread)
    ellipses, drawn = {"ellipse_50", "ellipse_95", "ellipse_99"}, {"area_50", "area_90", "area_95", "area_99"}
    assert set(told) == ellipses | (drawn if apart > 10.0 else set())
    off = rows[random.choice(2, 100_000, p=weights)] - mean
    off = off + random.normal(size=off.shape) * np.sqrt([1e6, 2e6])
    for level in ELLIPSES:
        one = told[f"ellipse_{100 * level:.0f}"]
        if normal:
            assert one.semi_major_m == pytest.approx(
                ellipse(spread, -2 * np.log(1 - level)).semi_major_m, rel=0.02
            )
        assert _in_ellipse(one, off).mean() == pytest.approx(level, abs=0.01)


def _in_ellipse(one, off):
    """Say which points (n, 2), north and east of its centre [m], an ellipse holds."""
    turn = np.radians(one.bearing_deg)
    along, across = off @ [np.cos(turn), np.sin(turn)], off @ [-np.sin(turn), np.cos(turn)]
    return (along / one.semi_major_m) ** 2 + (across / one.semi_minor_m) ** 2 <= 1.0


# ------------------------------------------------------------------------------------------------ impacts


@pytest.mark.parametrize("name", MIXTURES)
def test_areas_hold_their_share_of_flown_samples(name):
    """Within the statistics of 4,000 samples and what the small Gaussians smear: more where it bends much."""
    slack = 0.03 if name == "bent" else 0.0
    estimate = landing(track(*MIXTURES[name]), SETTINGS).estimate
    latitude, longitude, _ = flown(MIXTURES[name])
    for level, most in zip(LEVELS, (0.06, 0.04, 0.025, 0.012), strict=True):
        geometry = getattr(estimate, f"area_{100 * level:.0f}")
        assert inside(geometry, latitude, longitude).mean() == pytest.approx(
            level, abs=most + slack * (1 - level) * 2
        )


@pytest.mark.parametrize("name", MIXTURES)
def test_ellipses_hold_their_share_of_flown_samples(name):
    """Whatever the tails: within the statistics of 4,000 samples and what the small Gaussians smear."""
    estimate = landing(track(*MIXTURES[name]), SETTINGS).estimate
    latitude, longitude, _ = flown(MIXTURES[name])
    here = np.radians([estimate.latitude_deg, estimate.longitude_deg])
    off = np.array(
        [north_east(*here, *place) for place in np.radians(np.column_stack((latitude, longitude)))]
    )
    for level, most in zip(ELLIPSES, (0.06, 0.025, 0.012), strict=True):
        one = getattr(estimate, f"ellipse_{100 * level:.0f}")
        assert _in_ellipse(one, off).mean() == pytest.approx(level, abs=most)


def test_areas_are_smaller_than_the_ellipse_and_nested():
    for name, share in {"two places": 0.2, "bent": 0.3, "precise, drag unknown": 0.85}.items():
        estimate = landing(track(*MIXTURES[name]), SETTINGS).estimate
        whole = np.pi * estimate.ellipse_95.semi_major_m * estimate.ellipse_95.semi_minor_m
        found = [_ground(getattr(estimate, f"area_{100 * level:.0f}")) for level in LEVELS]
        assert found == sorted(found)
        assert found[2] < share * whole
    assert len(landing(track(*MIXTURES["two places"]), SETTINGS).estimate.area_95["coordinates"]) == 2


def _ground(geometry):
    """Measure a GeoJSON area [m²] by pyproj; counter-clockwise counts up, holes down."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    geod = Geod(ellps="WGS84")
    return sum(geod.polygon_area_perimeter(*np.array(ring).T)[0] for polygon in polygons for ring in polygon)


def test_no_area_where_the_ellipse_tells_as_much():
    found = landing(track(component(1.0, ICBM, 500.0, 20.0)), SETTINGS).estimate
    assert (found.area_50, found.area_90, found.area_95, found.area_99) == (None,) * 4


def test_the_same_track_gives_the_same_area():
    one, two = (landing(track(*MIXTURES["a row"]), SETTINGS).estimate for _ in range(2))
    assert one == two


def test_scatter_has_the_moments_of_flown_samples():
    for name in ("precise, drag unknown", "a row"):
        s = scattered(MIXTURES[name], SETTINGS)
        latitude, longitude, times = flown(MIXTURES[name], 8_000)
        assert s.weights.sum() == pytest.approx(1.0)
        places = places_at(*s.origin, np.ascontiguousarray(s.rows[:, :2]))
        assert np.degrees(s.weights @ places) == pytest.approx(
            [latitude.mean(), longitude.mean()], abs=0.05 * (latitude.std() + longitude.std())
        )
        mean = s.weights @ s.rows
        off = s.rows - mean
        C = (off * s.weights[:, None]).T @ off + np.einsum("n,nij->ij", s.weights, s.covariances)
        assert mean[2] == pytest.approx(times.mean(), abs=0.05 * times.std())
        assert np.sqrt(C[2, 2]) == pytest.approx(times.std(), rel=0.1)
        assert np.sqrt(C[0, 0]) == pytest.approx(111e3 * latitude.std(), rel=0.1)


def test_what_half_stays_up_is_spread_by_what_comes_down():
    near_orbit = component(1.0, moving(6_300.0, 2_600.0, 1_700.0), 3_000.0, 150.0)
    s = scattered((near_orbit,), SETTINGS)
    assert s is None or (np.isfinite(s.rows).all() and s.weights.sum() == pytest.approx(1.0))
    assert scattered((component(1.0, moving(7_400.0, 2_500.0, 100.0), 10.0, 1.0),), SETTINGS) is None


def test_a_state_vector_spreads_as_its_gaussian():
    c = component(1.0, ICBM, 500.0, 20.0)
    P = tuple(tuple(row) for row in c.covariance[4:, 4:].tolist())
    state = StateVector(time=T, position_m=tuple(ICBM[:3]), velocity_mps=tuple(ICBM[3:]), covariance=P)
    one, two = scattered_state(state, SETTINGS), scattered((c,), SETTINGS)
    assert np.array_equal(one.rows, two.rows)


# ------------------------------------------------------------------------------------------------ launches


def test_a_launch_in_one_of_two_places():
    far = LAUNCH + np.array([0.01, 0.0, 0.0, 0.0])
    found = launch_estimate(
        track(component(0.7, ICBM, 1e3, 10.0), component(0.3, ICBM, 1e3, 10.0, launch=far))
    )
    assert len(found.area_95["coordinates"]) == 2
    assert inside(found.area_95, *np.degrees(LAUNCH[:2, None])).all()
    random = np.random.Generator(np.random.Philox(6))
    which = random.random(20_000) < 0.3
    rows = random.normal(size=(20_000, 2)) * [2e3, 1e3]
    places = np.degrees(
        np.where(which[:, None], places_at(far[0], far[1], rows), places_at(*LAUNCH[:2], rows))
    )
    for level in LEVELS:
        held = inside(getattr(found, f"area_{100 * level:.0f}"), *places.T.copy()).mean()
        assert held == pytest.approx(level, abs=0.012)
    assert launch_estimate(track(component(1.0, ICBM, 1e3, 10.0))).area_95 is None


# ------------------------------------------------------------------------------------------------ GeoJSON


@pytest.mark.parametrize(
    "origin", [(0.3, np.pi - 1e-3), (1.56, 0.4), (-1.566, 2.0), (0.0, 0.0), (-1.35, -2.3), (1.2, -np.pi)]
)
@pytest.mark.parametrize("size", [1.0, 15.0])
def test_areas_anywhere(origin, size):
    """As a reader of GeoJSON who knows no more than the flat map has it: matplotlib's paths, ring by ring."""
    rows = size * np.array([[0.0, 0.0], [1e5, 2e4], [1e5, 1e5]])
    C = np.repeat(size**2 * np.diag([4e8, 4e8])[None], 3, axis=0)
    weights = np.full(3, 1 / 3)
    (found,) = areas(origin, rows, C, weights, (0.95,))
    random = np.random.Generator(np.random.Philox(8))
    samples = rows[random.integers(0, 3, 4_000)] + random.normal(size=(4_000, 2)) * 2e4 * size
    places = np.degrees(places_at(*origin, samples))
    assert _on_the_map(found, places).mean() == pytest.approx(0.95, abs=0.02)
    assert inside(found, *places.T.copy()).mean() == pytest.approx(0.95, abs=0.02)
    assert _ground(found) > 0.0  # outlines counter-clockwise
    polygons = [found["coordinates"]] if found["type"] == "Polygon" else found["coordinates"]
    for ring in itertools.chain(*polygons):
        corners = np.array(ring)
        assert np.all(np.abs(corners) <= [180.0, 90.0])
        assert np.all(np.abs(np.diff(corners[:, 0])) <= 180.0)
        assert ring[0] == ring[-1]


def _on_the_map(geometry, places):
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    held = np.zeros(len(places), dtype=bool)
    for polygon in polygons:
        held |= np.logical_xor.reduce([Path(ring).contains_points(places[:, ::-1]) for ring in polygon])
    return held


def test_a_hole_about_the_pole():
    """A ring of Gaussians about a place near the pole leaves it out, on either side of the antimeridian."""
    turns = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
    rows = 8e5 * np.column_stack([np.cos(turns), np.sin(turns)])
    (found,) = areas(
        (1.55, 1.0), rows, np.repeat(1.5e10 * np.eye(2)[None], 24, axis=0), np.full(24, 1 / 24), (0.9,)
    )
    assert not _on_the_map(found, np.array([[89.9, 50.0], [89.5, -179.9], [88.0, 179.0]])).any()
    random = np.random.Generator(np.random.Philox(9))
    samples = rows[random.integers(0, 24, 4_000)] + random.normal(size=(4_000, 2)) * np.sqrt(1.5e10)
    held = _on_the_map(found, np.degrees(places_at(1.55, 1.0, samples))).mean()
    assert held == pytest.approx(0.9, abs=0.02)


def test_the_sense_of_a_ring():
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])  # north, then east
    assert area(square) == pytest.approx(1.0)
