"""Random vehicles: each can fly as a vehicle does, together they differ, and a seed is a seed."""

from collections import Counter

import numpy as np
import pytest
from pymap3d import ecef2geodetic
from pymap3d.vincenty import vdist

from tocsin.earth.atmosphere import density
from tocsin.flight.powered import FlightError, Launch, verify
from tocsin.simulation.random_vehicles import KINDS, RANGES, drawn, random_flight, random_kind

SEEDS = range(60)


@pytest.fixture(scope="module")
def flights():
    return [random_flight(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def ballistic(flights):
    return [f for f in flights if f.kind in RANGES]


def places(x):
    return np.column_stack(ecef2geodetic(*x[:, :3].T))


def at_burnout(f):
    return f.flight.at(np.array([f.flight.burnout]))[0]


def test_a_seed_is_a_seed(flights):
    again = random_flight(7)
    assert again.vehicle == flights[7].vehicle
    assert again.launch == flights[7].launch
    assert np.array_equal(again.flight.x, flights[7].flight.x)
    assert len({f.vehicle.stages for f in flights}) == len(flights)


def test_every_one_lifts_off_and_burns_as_stages_do(flights):
    for f in flights:
        verify(f.vehicle)
        first = f.vehicle.stages[0]
        least = 45.0 if f.kind == "sounding-rocket" else 13.0
        most = 100.0 if f.kind == "sounding-rocket" else 35.0
        assert least <= first.acceleration <= most
        assert f.flight.x[-1, :3].shape == (3,)
        for stage in f.vehicle.stages:
            assert 2_100.0 < stage.exhaust_velocity < 3_600.0
            assert stage.acceleration * stage.burn / stage.exhaust_velocity < 0.91
            assert 0.0 <= stage.gap <= 8.0
        ten = f.flight.at(np.array([0.0, 10.0]))
        assert places(ten)[1, 2] > places(ten)[0, 2] + 50.0, "leaves its pad"
        assert 3.0 < f.vehicle.burning < 700.0


def test_air_and_engines_do_not_break_them(flights):
    """Dynamic pressure in the boost: high for solids, but below what slender bodies are flown at."""
    for f in flights:
        x = f.flight.x[f.flight.t <= f.flight.burnout]
        q = [0.5 * density(max(h, 0.0)) * (v @ v) for h, v in zip(places(x)[:, 2], x[:, 3:], strict=True)]
        assert max(q) < (2e6 if f.kind == "sounding-rocket" else 4e5)
        dt, dv = np.diff(f.flight.t), np.linalg.norm(np.diff(f.flight.x[:, 3:], axis=0), axis=1)
        boost = (f.flight.t[1:] <= f.flight.burnout) & (dt > 0.2)
        assert np.max(dv[boost] / dt[boost]) < (450.0 if f.kind == "sounding-rocket" else 200.0)


def test_flies_the_range_asked_of_it(ballistic):
    for f in ballistic:
        low, high = RANGES[f.kind]
        assert low <= f.range <= high * 1.001
        (lat0, lon0, _), (lat, lon, h) = places(f.flight.x[[0, -1]])
        assert f.flight.impact_time == f.flight.t[-1]
        assert abs(h) < 1.0
        assert vdist(lat0, lon0, lat, lon)[0] == pytest.approx(f.range, rel=1e-3, abs=200.0)


def test_speed_goes_with_the_least_that_the_range_needs(ballistic):
    """Over a sphere without air and turning: none is slower by more than that explains, all within a band."""
    ratios = []
    for f in ballistic:
        s = np.sin(0.5 * f.range / 6.371e6)
        least = np.sqrt(2 * 3.986e14 / 6.371e6 * s / (1 + s))
        x = at_burnout(f)
        h = places(x[None])[0, 2]
        rise = 2 * 3.986e14 * (1 / 6.371e6 - 1 / (6.371e6 + h))
        v = x[3:] + np.cross([0, 0, 7.292e-5], x[:3])
        turning = 7.292e-5 * np.hypot(*x[:2])
        ratios.append(np.sqrt(v @ v + rise) / least)
        assert np.linalg.norm(x[3:]) > least - turning - np.sqrt(max(rise, 0.0))
    assert 1.0 < np.median(ratios) < 1.5
    assert np.percentile(ratios, 95) < 2.5


def test_they_differ(flights):
    """Classes, stages, programmes, thrust shapes, dog-legs, steep and flat: each often enough."""
    kinds = Counter(random_kind(np.random.default_rng(seed)) for seed in range(1000))
    assert set(kinds) == set(KINDS)
    assert all(180 < kinds[kind] < 260 for kind in RANGES)
    assert {len(f.vehicle.stages) for f in flights} == {1, 2, 3}
    steering = Counter(type(f.vehicle.steering).__name__ for f in flights)
    assert all(steering[name] >= 4 for name in ("NoneType", "Power", "Tangent", "Turn"))
    stages = [s for f in flights for s in f.vehicle.stages]
    assert sum(s.boost > 0 for s in stages) >= 5
    assert sum(s.decline < -0.1 for s in stages) >= 5
    assert sum(s.decline > 0.2 for s in stages) >= 5
    assert sum(f.launch.dog_leg is not None for f in flights) >= 4
    assert sum(f.launch.yaw_drift != 0 for f in flights) >= 6
    tops = [places(f.flight.x[::20])[:, 2].max() / f.range for f in flights if f.range]
    assert min(tops) < 0.15
    assert max(tops) > 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_asked_for(kind):
    found = random_flight(11, kind)
    assert found.kind == kind
    assert (found.range is None) == (kind not in RANGES)
    assert (found.flight.impact_time is None) == (kind == "space-launcher")


def test_a_range_chooses_the_class_and_is_flown():
    launch = Launch(latitude=0.5, longitude=1.0, azimuth=2.0, range=2_000e3)
    found = drawn(np.random.default_rng(3), launch)
    assert found.kind == "medium-range"
    assert found.range == 2_000e3


def test_says_what_none_can_fly():
    launch = Launch(latitude=0.5, longitude=1.0, azimuth=2.0, range=9_000e3)
    with pytest.raises(
        FlightError, match=r"none of 20 vehicles drawn can fly so; the last: random short-range"
    ):
        drawn(np.random.default_rng(3), launch, "short-range")
