"""Looks that saw nothing before the first sighting say how high a launch can have been."""

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.testing import assert_allclose

from tocsin.earth.ellipsoid import ecef_from_geodetic, geodetic_from_ecef
from tocsin.messages import SECOND, Instant, Sensor
from tocsin.sensors.infrared import Infrared
from tocsin.tracking import launch
from tocsin.tracking._clouds import below as under
from tocsin.tracking._clouds import emerged
from tocsin.tracking.burnout import GAP_CHANCE
from tocsin.tracking.dark import Watch
from tocsin.tracking.looks import InfraredLook
from tocsin.tracking.sightings import Dark, Sighting, Sights

TOP = 10_000.0


def at(height):
    return np.append(ecef_from_geodetic(0.6, 0.3, height), np.zeros(3))


def test_far_below_and_above_it_is_the_probability_said():
    for height, p in ((0.0, 0.3), (40_000.0, 0.9)):
        residual, _ = emerged(at(height), 0.3, 0.9, TOP)
        assert np.exp(-0.5 * residual**2) == pytest.approx(p, rel=1e-5)
    middle = emerged(at(TOP), 0.3, 0.9, TOP)[0]
    assert np.exp(-0.5 * middle**2) == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize("height", [2_000.0, 8_500.0, 9_900.0, 10_700.0, 13_000.0])
@pytest.mark.parametrize(("below", "above"), [(1.0, 0.05), (0.2, 1.0)])
def test_derivative_against_differences(height, below, above):
    x = at(height)
    _, slope = emerged(x, below, above, TOP)
    for k in range(3):
        d = np.zeros(6)
        d[k] = 0.5
        differences = emerged(x + d, below, above, TOP)[0] - emerged(x - d, below, above, TOP)[0]
        assert slope[k] == pytest.approx(differences, abs=1e-8 + 0.02 * abs(differences))


@pytest.mark.parametrize("height", [100_000.0, 451_000.0, 800_000.0])
def test_above_its_ceiling_a_burn_grows_unlikely(height):
    """In units of the edge; nothing below; the derivative against differences."""
    x = at(height)
    over, slope = under(x, 450_000.0, 100_000.0)
    assert over == pytest.approx(max(height - 450_000.0, 0.0) / 1e5, abs=1e-3)
    for k in range(3):
        d = np.zeros(6)
        d[k] = 0.5
        differences = under(x + d, 450_000.0, 1e5)[0] - under(x - d, 450_000.0, 1e5)[0]
        assert slope[k] == pytest.approx(differences, rel=0.01, abs=1e-8)


def test_of_each_satellite_the_last_look_before_counts(sky):
    rows = sky.seen(0, np.zeros(39), np.array([0.5, -0.7, 0.0, 1.0]))
    first = rows[0].time
    looks = [
        Dark(s, Instant(first - dt * SECOND), 0.9, TOP)
        for s, dt in (("a", 15), ("a", 5), ("b", 8), ("b", -3))
    ]
    clouds = Sights.of(rows, looks).clouds
    assert_allclose(clouds[:2], [[-8.0, 1.0, 0.1], [-5.0, 1.0, 0.1]], atol=1e-9)
    assert clouds[2, 0] == 0.0
    assert len(Sights.of(rows).clouds) == 1


def test_one_satellite_knows_more_by_what_it_did_not_see(sky):
    """On vehicles of its own model, over several draws: nearer, and with a smaller claim that still holds."""
    random = np.random.Generator(np.random.Philox(41))
    without, dark = [], []
    while len(dark) < 12:
        w, true = sky.drawn(random, 1)
        rows = sky.seen(1, w, true, until=90.0, random=random, sensors=("geo-2",))
        if len(rows) < 4:
            continue
        look = Dark("geo-2", Instant(rows[0].time - 10 * SECOND), 0.95, TOP)
        for looks, found in (((), without), ((look,), dark)):
            sights = Sights.of(rows, looks)
            modes = launch.cold(sights, float(sights.times[-1]), launch.NEVER)
            p = launch.weights(modes)
            found.append(float(p @ [abs(m.first_height - height_of(w, true, rows, sky)) for m in modes]))
    assert np.median(dark) < 1_700.0
    assert np.mean(dark) < 0.9 * np.mean(without)


def height_of(w, true, rows, sky):
    state = sky.flown(1, w, true, [(rows[0].time - sky.T) / SECOND])[0]
    return float(geodetic_from_ecef(state[:3])[2])


@pytest.fixture
def eye():
    sensor = Sensor(
        origin="test", id="geo-1", type="infrared", los_sigma_urad=30.0, scan_period_s=10.0, detection_probability=0.99
    )  # fmt: skip
    return Infrared.from_message(sensor)


def empty(eye, platform, end, coverage=None):
    time = Instant(round(end * SECOND))
    return InfraredLook(eye.id, time, time, platform, (), coverage)


def test_only_looks_that_could_have_shown_it_are_kept(eye):
    platform = 42_164_000.0 * np.array([1.0, 0.0, 0.0])
    u = ecef_from_geodetic(0.3, 0.2, 12_000.0) - platform
    first = Sighting.of("geo-1", Instant(100 * SECOND), 0, u / np.linalg.norm(u), platform, 3e-5, 0.0)
    watch = Watch()
    for end in (30.0, 80.0, 90.0, 100.0, 110.0):
        watch.note(eye, empty(eye, platform, end))
    far = replace(eye, id="geo-2")
    watch.note(far, empty(far, -platform, 95.0))
    elsewhere = {"type": "Polygon", "coordinates": [[[50, 50], [60, 50], [60, 60], [50, 50]]]}
    other = replace(eye, id="geo-3")
    watch.note(other, empty(other, platform, 96.0, elsewhere))
    found = watch.before(first)
    assert [(d.sensor, d.time // SECOND) for d in found] == [("geo-1", 80), ("geo-1", 90)]
    assert all(d.chance == 0.95 for d in found), "a cloud may be higher than declared"


def test_looks_between_two_sightings_that_hold_none_of_them_missed_it(eye):
    """At 100 and 160 s it is seen; the looks at 110 and 150 s missed it, as did another satellite's at 125 s."""
    platform = 42_164_000.0 * np.array([1.0, 0.0, 0.0])
    u = ecef_from_geodetic(0.3, 0.2, 12_000.0) - platform
    rows = [
        Sighting.of("geo-1", Instant(t * SECOND), 0, u / np.linalg.norm(u), platform, 3e-5, 0.0)
        for t in (100, 130, 160)
    ]
    watch = Watch()
    for end in (90.0, 100.0, 110.0, 130.0, 150.0, 160.0, 170.0):
        watch.note(eye, empty(eye, platform, end))
    for name, where, end in (
        ("geo-2", platform, 125.0),
        ("geo-3", -platform, 126.0),
    ):  # the last behind the Earth
        watch.note(replace(eye, id=name), empty(replace(eye, id=name), where, end))
    gap = GAP_CHANCE  # between stages: likelier than the first miss
    assert watch.missed(rows) == pytest.approx(gap + 2 * np.log(0.05))
    assert watch.missed(rows[:1]) == 0.0
