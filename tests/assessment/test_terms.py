"""Evidence, piece by piece: each speaks for what it should, they add up, and steps get their names."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.assessment import heaven, terms
from tocsin.assessment.flights import Flights
from tocsin.assessment.identity import identity, step
from tocsin.assessment.orbit import perigees_and_apogees, sigma_points
from tocsin.assessment.surroundings import Glow
from tocsin.earth.ellipsoid import ecef_from_geodetic
from tocsin.earth.frames import EarthRotation
from tocsin.earth.glint import specular_point
from tocsin.earth.orientation import bundled
from tocsin.earth.sky import sun_itrf
from tocsin.earth.time import parse_utc
from tocsin.messages import (
    IDENTITIES,
    SECOND,
    STEPS,
    Ellipse,
    ImpactEstimate,
    Instant,
    LaunchEstimate,
    Notification,
    Sensor,
    Term,
)  # fmt: skip

T = parse_utc("2026-03-20T12:00:00Z")
SENSOR = Sensor(
    origin="test", id="geo-1", type="infrared", los_sigma_urad=30.0, scan_period_s=10.0, detection_probability=0.9
)  # fmt: skip
weights = st.dictionaries(st.sampled_from(IDENTITIES), st.floats(-20, 20))


def launch(latitude_deg=10.0, longitude_deg=20.0, axis=10e3):
    return LaunchEstimate(
        time=T, time_sigma_s=2.0, latitude_deg=latitude_deg, longitude_deg=longitude_deg,
        ellipse_95=Ellipse(semi_major_m=axis, semi_minor_m=axis, bearing_deg=0.0),
    )  # fmt: skip


def glow(seconds, times, log_intensity=12.0, looks=3):
    end = Instant(T + round(seconds * SECOND))
    return Glow(looks, log_intensity, end, np.zeros(3), {"geo-1": (T, end, times)})


@given(weights.filter(bool), st.lists(weights, max_size=4))
def test_terms_add_up(first, rest):
    """Bayes in plain numbers: the product of the likelihoods, made to sum to one."""
    found = identity([Term(name="prior", weights=first), *(Term(name="x", weights=w) for w in rest)])
    raw = {n: np.exp(w + sum(row.get(n, 0.0) for row in rest)) for n, w in first.items()}
    whole = sum(raw.values())
    assert sum(found.values()) == pytest.approx(1.0)
    for name in IDENTITIES:
        assert found.get(name, 0.0) == pytest.approx(raw.get(name, 0.0) / whole, abs=1e-5)


def test_a_prior_that_does_not_name_it_excludes_it():
    found = identity([Term(name="prior", weights={"fire": 0.0}), Term(name="x", weights={"meteor": 50.0})])
    assert found["fire"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("latitude_deg", "longitude_deg", "better"),
    [(28.5, -80.6, "space-launch"), (69.29, 16.02, "sounding-rocket"), (10.0, -40.0, "ballistic-missile")],
)
def test_site(latitude_deg, longitude_deg, better):
    term = terms.site(launch(latitude_deg, longitude_deg))
    told = {name: term.weights.get(name, 0.0) for name in terms.ROCKETS}
    assert max(told, key=told.get) == better


def arc(climb_deg, speed=3_000.0, h=150e3):
    """Return twelve equal points of a motion at a height, climbing at an angle; the Earth's turning is added."""
    r, angle = 6_378_137.0 + h, np.radians(climb_deg)
    state = np.array([r, 0, 0, speed * np.sin(angle), speed * np.cos(angle) - 7.292115e-5 * r, 0.0])
    states = np.repeat(state[None], 12, axis=0)
    perigee, apogee = perigees_and_apogees(states)
    return Flights(states, np.full(12, 1 / 12), perigee, apogee)


@pytest.mark.parametrize(
    ("climb_deg", "h", "speaks"), [(3.0, 150e3, True), (30.0, 150e3, False), (3.0, 90e3, False)]
)
def test_a_level_path_high_up_is_a_launcher(climb_deg, h, speaks):
    term = terms.level(arc(climb_deg, h=h), 0.0)
    assert (term is not None) == speaks
    if term:
        assert term.weights["space-launch"] == pytest.approx(np.log(20.0))
        assert term.weights["sounding-rocket"] < 0.0


def test_level_is_asked_of_the_end_of_the_burn():
    """A missile at its apogee is level, and was not when it burned out."""
    flights = arc(0.0, h=400e3)
    assert terms.level(flights, 0.0) is not None
    assert terms.level(flights, 180.0) is None


def test_level_leaves_to_energy_what_is_almost_in_orbit():
    assert terms.level(arc(0.0, speed=7_700.0), 0.0) is None


def steepness(apogee_km, range_km):
    place, flight = (0.0, 0.0), arc(90.0, h=1.0)
    flight = Flights(flight.states, flight.shares, flight.perigee, np.full(12, apogee_km * 1e3))
    end = ImpactEstimate(
        time=T, time_sigma_s=1.0, latitude_deg=0.0, longitude_deg=range_km / 111.32,
        ellipse_95=Ellipse(semi_major_m=1e3, semi_minor_m=1e3, bearing_deg=0.0),
    )  # fmt: skip
    return terms.steep(place, end, flight).weights["sounding-rocket"]


def test_steep():
    """The steeper and the lower, the likelier a research rocket; flat or beyond their reach, hardly one."""
    assert steepness(260, 60) > steepness(260, 200) > steepness(760, 700) > 0.0 > steepness(200, 600)
    assert steepness(760, 700) == pytest.approx(np.log(0.4 / (3 / 71) * 0.23))
    assert steepness(2_000, 900) == terms.NEVER


def test_where_they_start_adds_up():
    for shares in terms.FROM.values():
        assert sum(shares) == pytest.approx(1.0)
    for shares in terms.STEEP_SHARES.values():
        assert sum(shares) == pytest.approx(1.0)


def test_a_vague_place_says_nothing():
    assert terms.site(launch(28.5, -80.6, 400e3)) is None


@pytest.mark.parametrize(("seconds", "space"), [(60.0, None), (300.0, 0.0), (360.0, 2.0), (500.0, 5.0)])
def test_a_long_burn_is_a_launcher(seconds, space):
    term = terms.burning(launch(), glow(seconds, 5), over=False)
    assert (None if term is None else term.weights.get("space-launch", 0.0)) == space


def test_what_is_out_at_once_is_hardly_a_missile():
    assert terms.burning(launch(), glow(30.0, 4), over=True).weights["ballistic-missile"] < 0.0
    assert terms.burning(launch(), glow(30.0, 4), over=False) is None
    assert terms.burning(launch(), glow(70.0, 8), over=True) is None
    near = terms.burning(launch(), glow(59.0, 8), over=True).weights["ballistic-missile"]
    assert terms.SHORT < near < -0.5


@given(st.integers(2, 30))
def test_a_plume_is_seen_in_nearly_every_look(count):
    steady = terms.steadiness(glow(10.0 * (count - 1), count), {"geo-1": SENSOR})
    ragged = terms.steadiness(glow(40.0 * (count - 1), count), {"geo-1": SENSOR})
    assert steady.weights["ballistic-missile"] > 0.0 > ragged.weights["ballistic-missile"]
    assert ragged.weights["ballistic-missile"] >= -8.0


def test_brightness_tells_a_fireball_from_a_small_rocket():
    bright, dim = terms.brightness(glow(1, 2, 19.0)), terms.brightness(glow(1, 2, 9.0))
    assert max(bright.weights, key=bright.weights.get) == "meteor"
    assert max(dim.weights, key=dim.weights.get) == "sounding-rocket"
    assert terms.brightness(glow(1, 2, looks=0)) is None


def test_notified():
    notice = Notification(
        origin="test", id="N", from_="x", window_start=T, window_end=T, latitude_deg=0.0, longitude_deg=0.0,
        vehicle="space-launch",
    )  # fmt: skip
    assert terms.notified(notice).weights == {"space-launch": terms.NOTIFIED}
    assert terms.notified(None) is None


def test_glint_at_the_mirror_point_and_nowhere_else():
    rotation = EarthRotation(bundled())
    sun = sun_itrf(rotation, T)
    eye = 42_164_000.0 * np.array([np.cos(0.5), np.sin(0.5), 0.0])
    mirror = specular_point(eye, sun, 10_000.0)
    assert heaven.glint_weight(mirror, eye, sun)[0] == heaven.MIRRORED
    night = ecef_from_geodetic(0.0, float(np.arctan2(-sun[1], -sun[0])), 10_000.0)
    assert heaven.glint_weight(night, eye, sun)[0] == heaven.NO_GLINT
    noon = ecef_from_geodetic(-0.9, float(np.arctan2(sun[1], sun[0])), 10_000.0)
    assert heaven.glint_weight(noon, eye, sun)[0] == 0.0


def test_steps_are_of_the_closed_list():
    for name in IDENTITIES:
        found = step({name: 1.0}, [Term(name="prior", weights={})])
        assert found is None or found in STEPS
    moon = Term(name="sun-moon", weights={"clutter": 9.0})
    assert step({"clutter": 1.0}, [moon]) == "sun-moon"
    assert step({"ballistic-missile": 1.0}, [moon]) is None


def test_perigee_and_apogee_by_vis_viva():
    """A body at rest in inertial space 1,000 km up falls straight down; a circular one stays where it is."""
    r = 7_378_137.0
    still = np.array([r, 0, 0, 0, -7.292115e-5 * r, 0.0])
    circle = np.array([r, 0, 0, 0, np.sqrt(3.986004418e14 / r) - 7.292115e-5 * r, 0.0])
    perigee, apogee = perigees_and_apogees(np.array([still, circle]))
    assert apogee == pytest.approx([1_000_000.0, 1_000_000.0], abs=1.0)
    assert perigee == pytest.approx([-6_378_137.0, 1_000_000.0], abs=1.0)


def test_points_have_the_moments_of_their_gaussian():
    P = np.diag([4.0, 9.0, 16.0, 1.0, 2.0, 3.0]) + 0.5
    middles, spreads = np.stack([np.arange(6.0), np.ones(6)]), np.stack([P, 4.0 * P])
    for points, x, C in zip(sigma_points(middles, spreads), middles, spreads, strict=True):
        assert np.allclose(points.mean(axis=0), x)
        assert np.allclose(np.cov(points.T, bias=True), C)
