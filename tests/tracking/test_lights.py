"""Counting what burns at once: by the lights of each look, beside the bodies that are known."""

import numpy as np
import pytest
from msgspec.structs import replace

from tocsin.messages import SECOND, Instant
from tocsin.tracking.body import Body, Radar
from tocsin.tracking.crowd import claim, crowd
from tocsin.tracking.lights import Count, Lights, Look, burning, size
from tocsin.tracking.settings import Settings
from tocsin.tracking.sightings import Sighting

PLATFORM = np.array([42_164e3, 0.0, 0.0])
PLACE = np.array([6_420e3, 0.0, 0.0])


def sighting(k, t, off=(0.0, 0.0), sensor="geo-1"):
    """Return a line of sight to a place `off` [m] east and north of the common one."""
    d = PLACE + np.array([0.0, *off]) - PLATFORM
    return Sighting.of(sensor, Instant(round(t * SECOND)), k, d / np.linalg.norm(d), PLATFORM, 30e-6, 0.0)


def body(number=1, group=1, burned=0.0, seen=0.0, v=(0.0, 0.0, 0.0)):
    """Return a body that a radar sees there at `seen`, and saw burn last at `burned`."""
    one = Body(number, "test", Instant(0), Settings())
    x = np.concatenate([PLACE, v])
    one.radar = Radar(number, x, np.eye(6) * 100.0**2, round(seen * SECOND), 0.9, 0)
    one.burned, one.group = round(burned * SECOND), group
    return one


def look(t, n, sensor="geo-1", chance=0.8, apart=1_000.0):
    lights = tuple(sighting(k, t, (apart * k, 0.0), sensor) for k in range(n))
    return Look(round(t * SECOND), lights, chance)


def test_the_latest_look_but_two_counts_corrected_for_what_it_missed():
    looks = [look(100, 4), look(110, 8), look(120, 9)]
    assert burning(looks[:2], [body(burned=115)]) == {}
    found = burning(looks, [body(burned=115)])[1]
    assert (found.count, found.seen) == (pytest.approx(4 / 0.8), 4)
    assert found.variance == pytest.approx(4 * 0.2 / 0.8**2), "of a number of trials, given the successes"


def test_looks_taken_together_count_as_one():
    looks = [look(100, 4), look(101, 6, "geo-2"), look(110, 8), look(111, 8)]
    found = burning(looks[:3], [body(burned=105)])[1]
    assert found.count == pytest.approx(5 / 0.8)
    assert found.variance == pytest.approx(5 * 0.2 / 0.8**2 / 2)


def test_the_count_is_right_on_average():
    random = np.random.Generator(np.random.Philox(5))
    true, p = 20, 0.9
    seen = random.binomial(true, p, 200)
    found = [burning([look(100, int(n), chance=p)] + [look(110, 1)] * 2, [body(burned=105)])[1] for n in seen]
    counts = np.array([c.count for c in found])
    assert counts.mean() == pytest.approx(true, abs=4 * np.sqrt(true * (1 - p) / p / 200))
    off = np.abs(counts - true) / np.sqrt([c.variance for c in found])
    assert 0.85 < np.mean(off < 2.0) <= 1.0


def test_lights_far_from_the_raid_are_not_its():
    far = Look(round(100 * SECOND), (*look(100, 3).sightings, sighting(9, 100, (90e3, 0.0))), 1.0)
    assert burning([far, look(110, 0), look(120, 0)], [body(burned=115)])[1].count == 3.0


def test_what_went_out_before_the_look_is_added():
    lit = Count(5.0, 0.5, 4.0, round(100 * SECOND))
    out, still = body(1, burned=90), body(2, burned=105)
    other = body(3, group=7, burned=90)
    found = size(1, [out, still, other], lit)
    assert found.count == pytest.approx(5.0 + out.existence)


def test_what_was_surely_counted_does_not_go_away_until_radars_have_had_their_time():
    lights, known = Lights(), [body(burned=115)]
    for t in (100, 110, 120):
        lights.take(look(t, 10, chance=0.99), known)
    for t in (130, 140, 150):
        lights.take(look(t, 1, chance=0.99), [body(burned=t, seen=t)])
    assert lights.is_raid(1)
    assert lights.size(1, known, round(151 * SECOND)).count > 9.0
    assert lights.size(1, known, round(190 * SECOND)) is None
    assert lights.least(1).count > 9.0


def test_a_satellite_that_sees_nothing_of_the_place_counts_nothing():
    """Three satellites in turn, the third behind the Earth: a raid of ten stays one of ten, and no body is too many."""
    lights, blind, many = Lights(), Lights(), [body(burned=115)]
    for t in (100, 110, 120, 130):
        for seen in (lights, blind):
            seen.take(look(t, 10, chance=0.99), many)
            seen.take(look(t + 4, 10, "geo-2", chance=0.99), many)
        blind.take(replace(look(t + 7, 0, "geo-3"), visible=lambda r: np.zeros(len(r), dtype=bool)), many)
    at = round(138 * SECOND)
    assert blind.size(1, many, at).count == pytest.approx(lights.size(1, many, at).count)
    assert blind.counted(1).lights.tolist() == [10] * 8


def test_a_body_not_seen_to_burn_for_a_minute_is_none_of_the_crowd():
    assert crowd([body(burned=100)], round(150 * SECOND)).numbers == (1,)
    assert crowd([body(burned=100)], round(170 * SECOND)).numbers == ()


def test_a_radar_says_which_light_its_body_is():
    one = body(burned=100, seen=100)
    assert claim(one, sighting(0, 101)) is not None
    density, innovation = claim(one, sighting(0, 101, (2_000.0, 0.0)))
    assert density < claim(one, sighting(0, 101))[0]
    assert innovation.distance == pytest.approx(
        (2_000.0 / 35.744e6) ** 2 / (30e-6**2 + (1_000.0**2 + 100.0**2 * 2) / 35.744e6**2), rel=0.01
    )
    assert claim(one, sighting(0, 101, (20_000.0, 0.0))) is None
    assert claim(one, sighting(0, 120)) is None, "its word is old"
