"""From a track to its meaning: ellipses, launches, impacts, identities, notifications, raids."""

import numpy as np
import pymap3d
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tocsin.assessment.assessor import assess
from tocsin.assessment.ellipse import CHI2_50, CHI2_95, CHI2_99, ellipse
from tocsin.assessment.impact import landing
from tocsin.assessment.launch import launch_estimate
from tocsin.assessment.notice import matching
from tocsin.assessment.raid import Raids
from tocsin.assessment.settings import Settings
from tocsin.assessment.surroundings import Surroundings
from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.earth.time import parse_utc
from tocsin.flight.coast import fall
from tocsin.messages import IDENTITIES, SECOND, Component, Instant, Notification, Sensor, Track

T = parse_utc("2026-05-16T00:02:00Z")
SETTINGS = Settings()
SENSORS = {
    "geo-1": Sensor(origin="test", id="geo-1", type="infrared", path="ground"),
    "geo-2": Sensor(origin="test", id="geo-2", type="infrared", path="ground"),
    "radar-1": Sensor(origin="test", id="radar-1", type="radar"),
}
AROUND = Surroundings(SENSORS)
LAUNCH = np.array([0.2, -0.6, -100.0, 1.0])


def moving(height=150e3, velocity=(1400.0, 1000.0, 900.0)):
    axes = enu_from_ecef(0.2, -0.6)
    return np.concatenate([ecef_from_geodetic(0.2, -0.6, height), axes.T @ np.array(velocity)])


def component(weight=1.0, motion=None, launch=LAUNCH, sigma=300.0, speed=5.0, known=True, **more):
    P = np.diag([4e6, 1e6, 9.0, 1e-4, *[sigma**2] * 3, *[speed**2] * 3])
    return Component(weight, launch, moving() if motion is None else motion, P, heading_known=known, **more)


def track(*components, **more):
    fields = {
        "id": 1, "origin": "test", "time": T, "first_look": Instant(T - 60 * SECOND), "state": "confirmed",
        "phase": "coast", "epoch": T, "state_time": T, "detections": {"geo-1": 4, "geo-2": 3, "radar-1": 2},
        "existence": 1.0,
    }  # fmt: skip
    return Track(components=components or (component(),), **(fields | more))


# ------------------------------------------------------------------------------------------------ ellipses


@given(major=st.floats(10, 1e5), ratio=st.floats(0.01, 0.95), bearing=st.floats(0, 179.9))
def test_ellipse_of_a_turned_covariance(major, ratio, bearing):
    b = np.radians(bearing)
    axis, across = np.array([np.cos(b), np.sin(b)]), np.array([-np.sin(b), np.cos(b)])
    C = major**2 * np.outer(axis, axis) + (ratio * major) ** 2 * np.outer(across, across)
    found = ellipse(C, CHI2_95)
    assert found.semi_major_m == pytest.approx(major * np.sqrt(CHI2_95), rel=1e-6)
    assert found.semi_minor_m == pytest.approx(max(ratio * major, 1.0) * np.sqrt(CHI2_95), rel=1e-6)
    assert np.cos(2 * (np.radians(found.bearing_deg) - b)) == pytest.approx(1.0, abs=1e-6)
    assert 0 <= found.bearing_deg < 180


def test_quantiles():
    assert np.allclose([CHI2_50, CHI2_95, CHI2_99], stats.chi2.ppf([0.5, 0.95, 0.99], 2), rtol=1e-8)


def test_a_point_still_has_a_size():
    assert ellipse(np.zeros((2, 2)), CHI2_95).semi_minor_m == pytest.approx(np.sqrt(CHI2_95))


# ------------------------------------------------------------------------------------------------ launches


def test_launch_of_one_component():
    found = launch_estimate(track())
    assert found.latitude_deg == pytest.approx(np.degrees(0.2))
    assert found.longitude_deg == pytest.approx(np.degrees(-0.6))
    assert found.time == T - 100 * SECOND
    assert found.time_sigma_s == pytest.approx(3.0)
    assert found.azimuth_deg == pytest.approx(np.degrees(1.0))
    assert found.azimuth_sigma_deg == pytest.approx(np.degrees(0.01))
    assert found.ellipse_95.semi_major_m == pytest.approx(2_000 * np.sqrt(CHI2_95))
    assert found.ellipse_95.bearing_deg == pytest.approx(0.0, abs=1e-6)


def test_launch_of_a_mixture_holds_both():
    """Two launches 40 km apart to the east: moments against plain sums of samples."""
    other = LAUNCH + np.array([0.0, 40e3 / 6.378e6 / np.cos(0.2), 10.0, 0.02])
    found = launch_estimate(track(component(0.75), component(0.25, launch=other)))
    middle = pymap3d.geodetic2enu(
        found.latitude_deg, found.longitude_deg, 0.0, np.degrees(0.2), np.degrees(-0.6), 0.0
    )
    assert middle[0] == pytest.approx(10e3, rel=0.01)
    assert found.time_sigma_s == pytest.approx(np.sqrt(9 + 0.25 * 0.75 * 100))
    east = np.sqrt(1e6 + 0.25 * 0.75 * 40e3**2)
    one, random = found.ellipse_95, np.random.Generator(np.random.Philox(3))
    assert one.semi_major_m / one.semi_minor_m == pytest.approx(east / 2_000, rel=0.01)
    assert one.bearing_deg == pytest.approx(90.0, abs=1.0)
    far = np.where(random.random(100_000) < 0.25, 30e3, -10e3) + 1e3 * random.normal(size=100_000)
    aside = 2e3 * random.normal(size=100_000)
    held = (far / one.semi_major_m) ** 2 + (aside / one.semi_minor_m) ** 2 <= 1.0
    assert held.mean() == pytest.approx(0.95, abs=0.01)


def test_launch_over_the_antimeridian():
    west, east = LAUNCH.copy(), LAUNCH.copy()
    west[1], east[1] = np.pi - 1e-3, -np.pi + 1e-3
    found = launch_estimate(track(component(0.5, launch=west), component(0.5, launch=east)))
    assert abs(found.longitude_deg) == pytest.approx(180.0, abs=1e-3)
    assert found.ellipse_95.semi_major_m < 30_000


def test_headings_about_north_do_not_average_to_south():
    a, b = LAUNCH.copy(), LAUNCH.copy()
    a[3], b[3] = 0.05, 2 * np.pi - 0.05
    found = launch_estimate(track(component(0.5, launch=a), component(0.5, launch=b)))
    assert np.cos(np.radians(found.azimuth_deg)) == pytest.approx(1.0, abs=1e-6)


def test_no_heading_while_it_is_unknown():
    assert launch_estimate(track(component(known=False))).azimuth_deg is None
    opposite = LAUNCH + np.array([0, 0, 0, np.pi])
    found = launch_estimate(track(component(0.5), component(0.5, launch=opposite)))
    assert found.azimuth_deg is None


def test_no_launch_where_nobody_saw_it():
    assert launch_estimate(track(component(launch=None))) is None


# ------------------------------------------------------------------------------------------------ impacts


def sampled(c, count=3_000):
    """Fly samples of motion and drag down: places (n, 2) and times (n,)."""
    random = np.random.Generator(np.random.Philox(3))
    x = random.multivariate_normal(c.motion, c.covariance[4:, 4:], count)
    ln = random.normal(-np.log(SETTINGS.ballistic_coefficient), SETTINGS.ballistic_coefficient_spread, count)
    rows = [fall(row, float(np.exp(d))) for row, d in zip(x, ln, strict=True)]
    r = np.array([row[0][:3] for row in rows])
    return r, np.array([row[1] for row in rows])


def test_impact_against_samples():
    """The middle is the median of flown samples, whose drag is skewed; the spread is theirs about it."""
    c = component()
    found = landing(track(c), SETTINGS).estimate
    r, times = sampled(c)
    lat, lon, _ = pymap3d.ecef2geodetic(*r.mean(axis=0))
    east, north, _ = pymap3d.ecef2enu(*r.T, found.latitude_deg, found.longitude_deg, 0.0)
    assert np.hypot(east.mean(), north.mean()) < 0.15 * found.ellipse_95.semi_major_m
    assert (found.time - T) / SECOND == pytest.approx(np.median(times), abs=0.1 * times.std())
    about_median = np.sqrt(np.mean((times - np.median(times)) ** 2))
    assert found.time_sigma_s == pytest.approx(about_median, rel=0.12)
    other = ellipse(np.cov(np.array([north, east])), CHI2_95)
    assert found.ellipse_95.semi_major_m == pytest.approx(other.semi_major_m, rel=0.25)
    assert found.ellipse_95.semi_minor_m == pytest.approx(other.semi_minor_m, rel=0.25)
    b = np.radians(found.ellipse_95.bearing_deg)
    along, across = east * np.sin(b) + north * np.cos(b), east * np.cos(b) - north * np.sin(b)
    inside = (along / found.ellipse_95.semi_major_m) ** 2 + (across / found.ellipse_95.semi_minor_m) ** 2 < 1
    assert 0.90 < inside.mean() < 0.99
    assert abs(lat) < 90
    assert abs(lon) <= 180


def test_impact_lies_on_the_ellipsoid_below_the_path():
    down = landing(track(component(sigma=1.0, speed=0.01)), SETTINGS)
    x, t, _, status = fall(moving(), 1 / SETTINGS.ballistic_coefficient)
    lat, lon, _ = pymap3d.ecef2geodetic(*x[:3])
    e, n, _ = pymap3d.geodetic2enu(
        down.estimate.latitude_deg, down.estimate.longitude_deg, 0.0, lat, lon, 0.0
    )
    assert status == 0
    assert np.hypot(e, n) < 50.0
    assert (down.estimate.time - T) / SECOND == pytest.approx(t, abs=0.1)
    assert down.probability == pytest.approx(1.0)


def test_a_more_uncertain_motion_falls_on_a_wider_area():
    sizes = [
        landing(track(component(sigma=s, speed=s / 50)), SETTINGS).estimate.ellipse_95.semi_major_m
        for s in (100.0, 1_000.0, 5_000.0)
    ]
    assert sizes == sorted(sizes)
    assert sizes[2] > 5 * sizes[0]


def test_what_stays_up_has_no_impact():
    orbit = moving(400e3, (7_400.0, 500.0, 0.0))
    down = landing(track(component(motion=orbit)), SETTINGS)
    assert down.probability == 0.0
    assert down.estimate is None


def test_an_area_that_says_nothing_is_not_given():
    assert landing(track(component(sigma=1e5, speed=2_500.0)), SETTINGS).estimate is None


def test_a_mixture_of_which_half_stays_up():
    orbit = moving(400e3, (7_400.0, 500.0, 0.0))
    for up, given_ in ((0.3, True), (0.7, False)):
        mixed = track(component(1 - up), component(up, motion=orbit))
        down = landing(mixed, SETTINGS)
        assert down.probability == pytest.approx(1 - up, abs=1e-9)
        assert (down.estimate is not None) == given_


# ------------------------------------------------------------------------------------------------ the whole


def test_evidence_counts_paths_not_sensors():
    found = assess(track(), AROUND, SETTINGS)
    assert found.evidence.infrared == ("geo-1", "geo-2")
    assert found.evidence.radar == ("radar-1",)
    assert found.evidence.paths == ("ground", "radar-1")
    assert found.evidence.detections == 9
    assert found.path_detections == {"ground": 7, "radar-1": 2}


def test_state_vector_is_the_mixture_s_moments():
    other = moving() + np.array([900.0, 0, 0, 3.0, 0, 0])
    found = assess(track(component(0.5), component(0.5, motion=other)), AROUND, SETTINGS).state_vector
    assert np.allclose(found.position_m, (moving()[:3] + other[:3]) / 2)
    P = np.array(found.covariance)
    assert P[0, 0] == pytest.approx(300.0**2 + 450.0**2)
    assert P[0, 3] == pytest.approx(450.0 * 1.5)
    assert np.allclose(P, P.T)


def test_no_impact_in_boost():
    assert assess(track(phase="boost"), AROUND, SETTINGS).impact is None
    assert assess(track(), AROUND, SETTINGS).impact is not None


IDENTIFIED = {
    "missile": (moving(), "ballistic-missile"),
    "sounding": (moving(300e3, (50.0, 50.0, 1_500.0)), "sounding-rocket"),
    "space": (moving(250e3, (7_400.0, 500.0, 100.0)), "space-launch"),
}


@pytest.mark.parametrize("name", IDENTIFIED)
def test_identity(name):
    motion, likeliest = IDENTIFIED[name]
    found = assess(track(component(motion=motion)), AROUND, SETTINGS).identity
    assert set(found) <= set(IDENTITIES)
    assert sum(found.values()) == pytest.approx(1.0)
    assert all(0 <= p <= 1 for p in found.values())
    flat = assess(track(), AROUND, SETTINGS).identity
    if name != "missile":
        assert found[likeliest] > 5 * flat[likeliest]
    else:
        assert max(found, key=found.get) == likeliest


def test_a_burn_that_nobody_saw_end_says_nothing_of_coming_down():
    """Taken for out where it was last seen, even a space launch would fall: what is presumed is no evidence."""
    seen = {t.name for t in assess(track(), AROUND, SETTINGS).terms}
    presumed = {t.name for t in assess(track(lapsed=True), AROUND, SETTINGS).terms}
    assert seen - presumed == {"comes-down"}


@given(existence=st.floats(0, 1))
def test_doubt_of_existence_is_doubt_of_identity(existence):
    found = assess(track(existence=existence), AROUND, SETTINGS).identity
    assert sum(found.values()) == pytest.approx(1.0)
    rockets = sum(found[name] for name in ("ballistic-missile", "space-launch", "sounding-rocket"))
    assert rockets <= existence + 1e-4


def test_a_satellite_only_radar_sees_is_no_warning():
    orbit = track(
        component(motion=moving(400e3, (7_400.0, 500.0, 0.0)), launch=None), detections={"radar-1": 9}
    )
    found = assess(orbit, AROUND, SETTINGS)
    assert found.track_state == "tentative"
    assert max(found.identity, key=found.identity.get) == "satellite"
    launched = assess(track(component(motion=moving(400e3, (7_400.0, 500.0, 0.0)))), AROUND, SETTINGS)
    assert launched.track_state == "confirmed", "with a launch it is something that was launched"


# -------------------------------------------------------------------------------------------- notifications


def notice(**more):
    fields = {
        "origin": "test", "id": "N-1", "from_": "x", "window_start": Instant(T - 600 * SECOND),
        "window_end": Instant(T + 600 * SECOND), "latitude_deg": float(np.degrees(0.2)),
        "longitude_deg": float(np.degrees(-0.6)), "azimuth_deg": float(np.degrees(1.0)), "vehicle": "space-launch",
    }  # fmt: skip
    return Notification(**(fields | more))


SQUARE = {"type": "Polygon", "coordinates": [[[-36, 10], [-33, 10], [-33, 13], [-36, 13], [-36, 10]]]}


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({}, True),
        ({"window_start": Instant(T + 100 * SECOND)}, False),
        ({"window_end": Instant(T - 200 * SECOND)}, False),
        ({"window_end": Instant(T - 105 * SECOND)}, True),
        ({"azimuth_deg": 200.0}, False),
        ({"azimuth_deg": 200.0, "azimuth_tolerance_deg": 180.0}, True),
        ({"azimuth_deg": None}, True),
        ({"latitude_deg": 14.0}, False),
        ({"latitude_deg": 11.6}, True),
        ({"area": SQUARE, "latitude_deg": None, "longitude_deg": None}, True),
        ({"area": SQUARE, "latitude_deg": 60.0}, True),
    ],
)
def test_which_notification_fits(change, fits):
    plain = assess(track(), AROUND, SETTINGS)
    found = assess(track(), Surroundings(SENSORS, (notice(**change),)), SETTINGS)
    assert (found.evidence.notification == "N-1") == fits
    assert sum(found.identity.values()) == pytest.approx(1.0)
    assert (found.identity["space-launch"] > plain.identity["space-launch"]) == fits
    assert [t.name for t in found.terms if t.name == "notified"] == ["notified"] * fits


def test_the_first_that_fits_counts():
    launch = launch_estimate(track())
    found = matching(launch, [notice(azimuth_deg=200.0, id="A"), notice(id="B"), notice()])
    assert found.id == "B"


def test_no_launch_no_notification():
    assert matching(None, [notice()]) is None


# ------------------------------------------------------------------------------------------------ raids


def warning(name, event="E-1", parent=None):
    from tocsin.messages import Warning

    plain = assess(track(), AROUND, SETTINGS)
    return Warning(
        id=name, version=1, time=T, origin="test", state="detected", outcome=None, event=event, parent=parent,
        identity={}, evidence=plain.evidence, phase="coast", launch=None, impact=None, state_vector=None, step=None,
        reason="",
    )  # fmt: skip


def test_a_raid_is_counted_as_it_grows():
    raids, body = Raids(), track(group=1)
    assert raids.count([], body, 2, 2.0, 0.0, 0) == [], "no warning has said what event it is"
    assert not raids.heeds([], body)
    assert raids.heeds([warning("W-1")], body)
    assert raids.count([warning("W-1")], body, 1, 0.9, 0.09, 0) == []
    (two,) = raids.count([warning("W-2")], body, 2, 1.7, 0.25, 1)
    assert (two.count, two.event, two.unresolved) == (pytest.approx(1.7), "E-1", 1)
    assert (two.count_low, two.count_high) == (pytest.approx(0.7), pytest.approx(2.7))
    assert raids.count([warning("W-2")], body, 2, 1.8, 0.2, 1) == [], "said once"
    assert raids.heeds([], body)
    assert not raids.heeds([], track(group=2))
    (more,) = raids.count([], body, 2, 2.6, 0.2, 1)
    assert more.count == pytest.approx(2.6), "the size is news although no warning is"
    (surer,) = raids.count([], body, 2, 2.6, 0.0, 1)
    assert surer.count_high == pytest.approx(2.6), "so is its interval"
    assert raids.count([], track(group=1, parent=1), 2, 3.9, 0.1, 0) == [], "a child says nothing of it"
    (three,) = raids.count([warning("W-4")], body, 3, 2.9, 0.1, 0)
    assert three.count == pytest.approx(2.9)
    (alone,) = raids.count([warning("W-5", event="E-2")], track(group=2), 1, 9.0, 1.0, 8)
    assert (alone.event, alone.unresolved) == ("E-2", 8), "one body and eight lights are nine"
    (one,) = raids.count([], track(group=2), 1, 1.0, 0.0, 0)
    assert one.count == pytest.approx(1.0), "what was said is taken back"
