"""Launch from angles alone: consistent on vehicles of its own model, honest on others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pymap3d import ecef2geodetic
from scipy import stats

from tocsin.constants import EARTH_RADIUS
from tocsin.earth.local import launch_difference
from tocsin.messages import SECOND
from tocsin.tracking import _sight, launch
from tocsin.tracking.profile import CLASSES
from tocsin.tracking.sightings import Sights

VEHICLES, LEAST_SIGHTINGS = 60, 8


def fitted(rows):
    sights = Sights.of(rows)
    modes = launch.cold(sights, float(sights.times[-1]), launch.NEVER)
    return sights, modes


def moments(modes, true, size=2):
    """Return mean error and covariance of the mixture's launch, its first `size` numbers."""
    p = launch.weights(modes)
    d = np.array([launch_difference(m.launch, true)[:size] for m in modes])
    mean = p @ d
    spread = sum(
        q * (m.covariance[:size, :size] + np.outer(x - mean, x - mean))
        for q, m, x in zip(p, modes, d, strict=True)
    )
    return mean, spread


@pytest.fixture(scope="module")
def population(sky):
    """Fit vehicles drawn from the prior itself, seen by two satellites during their first 100 s."""
    random = np.random.Generator(np.random.Philox(20))
    rows = []
    while len(rows) < VEHICLES:
        index = int(random.choice(len(CLASSES), p=[c.weight for c in CLASSES]))
        w, true = sky.drawn(random, index)
        seen = sky.seen(index, w, true, until=100.0, random=random)
        if len(seen) >= LEAST_SIGHTINGS:
            sights, modes = fitted(seen)
            clock = true.copy()
            clock[2] = (sky.T - sights.epoch) / SECOND
            state = sky.flown(index, w, true, [sights.times[-1] - clock[2]])[0]
            rows.append((len(seen), modes, clock, state))
    return rows


def test_areas_hold_what_they_say(population):
    """A share of 95 %, less what the Laplace form and the merged modes cost; far below, the spread is a lie."""
    depths = []
    for _, modes, true, _ in population:
        mean, spread = moments(modes, true)
        depths.append(float(mean @ np.linalg.solve(spread, mean)))
    inside = np.mean(np.array(depths) < 5.991)
    assert stats.binom.cdf(round(inside * VEHICLES), VEHICLES, 0.90) > 0.005, inside
    assert np.median(depths) < 2.5, "a consistent median is 1.39"
    assert np.median(depths) > 0.5, "nor is the spread a great exaggeration"


def test_errors_are_of_the_size_two_satellites_allow(population):
    errors = [np.hypot(*moments(modes, true)[0]) for _, modes, true, _ in population]
    assert np.median(errors) < 2_500.0
    assert np.quantile(errors, 0.9) < 8_000.0


def test_motion_is_known_too(population):
    values = []
    for _, modes, _, state in population:
        p = launch.weights(modes)
        d = np.array([m.state - state for m in modes])
        mean = p @ d
        spread = sum(
            q * (m.covariance[4:, 4:] + np.outer(x - mean, x - mean))
            for q, m, x in zip(p, modes, d, strict=True)
        )
        values.append(float(mean @ np.linalg.solve(spread, mean)))
        assert np.linalg.norm(mean[:3]) < 20_000.0
    assert np.mean(np.array(values) < stats.chi2.ppf(0.99, 6)) > 0.8
    assert np.median(values) < 9.0, "a consistent median is 5.35"


def test_modes_are_sorted_distinct_and_sound(population):
    for count, modes, _, _ in population:
        evidence = [m.evidence for m in modes]
        assert evidence == sorted(evidence, reverse=True)
        assert 1 <= len(modes) <= 6
        assert launch.weights(modes).sum() == pytest.approx(1.0)
        for m in modes:
            assert np.allclose(m.covariance, m.covariance.T)
            assert (
                np.linalg.eigvalsh(m.covariance / np.outer(*[np.sqrt(np.diag(m.covariance))] * 2)).min()
                > -1e-6
            )
            assert not m.w[:4].any(), "centred on its launch"
        assert modes[0].cost < 8 * count, "the best explains its sightings"


def test_warm_follows_cold(sky):
    """Sighting after sighting, two steps each: as good as searching afresh."""
    random = np.random.Generator(np.random.Philox(4))
    w, true = sky.drawn(random, 2)
    rows = sky.seen(2, 0.5 * w, true, until=110.0, random=random)
    assert len(rows) > 10
    _, modes = fitted(rows[:6])
    for k in range(7, len(rows) + 1):
        sights = Sights.of(rows[:k])
        modes = [launch.warm(m, sights, float(sights.times[-1]), launch.NEVER, 2) for m in modes]
        modes = launch.distinct(modes)
    _, fresh = fitted(rows)
    clock = true.copy()
    clock[2] = (sky.T - Sights.of(rows).epoch) / SECOND
    (a, A), (b, B) = moments(modes, clock), moments(fresh, clock)
    assert np.linalg.norm(a - b) < np.sqrt(np.trace(A + B))
    assert min(m.cost for m in modes) < min(m.cost for m in fresh) + 5.0


def test_one_satellite_knows_less_and_says_so(sky):
    random = np.random.Generator(np.random.Philox(6))
    areas = {}
    for sensors in (("geo-1",), ("geo-1", "geo-2")):
        w, true = np.zeros(CLASSES[2].size + 4), np.array([0.2, -0.7, 0.0, 1.0])
        _, modes = fitted(sky.seen(2, w, true, until=100.0, random=random, sensors=sensors, period=5.0))
        areas[len(sensors)] = np.sqrt(np.linalg.det(moments(modes, true)[1]))
    assert areas[1] > 3 * areas[2]


def test_a_class_of_free_deviations_says_nothing_of_strays(sky):
    random = np.random.Generator(np.random.Philox(23))
    w, true = sky.drawn(random, 2)
    sights, modes = fitted(sky.seen(2, w, true, until=100.0, random=random))
    assert CLASSES[-1].freedom > 1.0
    free = replace(modes[0], vehicle=len(CLASSES) - 1)
    found = launch.plausible([free, *modes], sights)
    assert found
    assert not any(m is free for m in found)


def test_the_same_sights_give_the_same_modes(sky):
    random = np.random.Generator(np.random.Philox(8))
    w, true = sky.drawn(random, 1)
    rows = sky.seen(1, 0.3 * w, true, until=100.0, random=random)
    first, second = fitted(rows)[1], fitted(rows[::-1])[1]
    assert [m.evidence for m in first] == [m.evidence for m in second]
    assert all(np.array_equal(a.covariance, b.covariance) for a, b in zip(first, second, strict=True))


@given(
    height=st.floats(0, 300e3), latitude=st.floats(-60, 60), longitude=st.floats(-65, -15)
)  # fmt: skip
def test_a_line_meets_a_height(sky, height, latitude, longitude):
    platform = sky.SATELLITES["geo-1"]
    r = sky.ecef(np.radians(latitude), np.radians(longitude), height)
    u = (r - platform) / np.linalg.norm(r - platform)
    if r @ u < -0.2 * EARTH_RADIUS:  # the nearer side, and not along the limb
        found = _sight.at_height(platform, u, height)
        assert np.linalg.norm(found - r) < 50.0 + 1e-3 * height
        assert ecef2geodetic(*found)[2] == pytest.approx(height, abs=5 + 1e-3 * height)


OTHERS = {
    "short-range": 300_000, "medium-range": 1_100_000, "intermediate-range": 3_000_000, "intercontinental": 8_000_000,
}  # fmt: skip


@pytest.fixture(scope="module")
def others():
    """Warn of vehicles of the simulator's own, richer model, by two satellites alone."""
    from tocsin.messages import Warning
    from tocsin.pipeline import Pipeline
    from tocsin.simulation import networks, simulate
    from tocsin.simulation.scenario import decode

    found = []
    for vehicle, reach in OTHERS.items():
        text = f"""
title = "{vehicle}"
start = 2026-05-16T00:00:00Z
duration_s = 400
seed = 12
network = "demo"
[[launch]]
id = "alpha"
vehicle = "{vehicle}"
time_s = 20
latitude_deg = 15.0
longitude_deg = -42.0
azimuth_deg = 70.0
range_m = {reach}
"""
        recording = simulate(decode(text, "test.toml", networks()), without=("radar-1",))
        pipeline = Pipeline()
        events = [e for m in recording.messages for e in pipeline.receive(m)] + pipeline.finish()
        versions = [e for e in events if isinstance(e, Warning)]
        found.append((vehicle, recording.truth.body("alpha"), versions))
    return found


def test_other_models_are_warned_of_once(others):
    for vehicle, _, versions in others:
        assert len({v.id for v in versions}) == 1, vehicle


def test_other_models_launch_where_they_did(others, inside):
    hits = []
    for vehicle, body, versions in others:
        last = versions[-1].launch
        true = (body.latitude_deg, body.longitude_deg)
        d = np.hypot(
            last.latitude_deg - true[0], (last.longitude_deg - true[1]) * np.cos(np.radians(true[0]))
        )
        assert d * 111_000 < 10_000, vehicle
        assert inside(last.ellipse_99, (last.latitude_deg, last.longitude_deg), true), vehicle
        hits.append(inside(last.ellipse_95, (last.latitude_deg, last.longitude_deg), true))
        assert abs(last.time - body.lift_off_time) < 20 * SECOND, vehicle
    assert sum(hits) >= 3
