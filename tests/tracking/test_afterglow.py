"""A row carried back passes the last lights of the body it is, and of no other: against a flight in small steps."""

import numpy as np
import pytest

from tocsin.flight.coast import propagate
from tocsin.messages import SECOND, Instant
from tocsin.tracking import adoption, afterglow
from tocsin.tracking.settings import Settings
from tocsin.tracking.sightings import Sighting
from tocsin.tracking.sky import Sky

EYES = {"geo-1": np.array([42_164e3, 0.0, 0.0]), "geo-2": np.array([26_000e3, 33_000e3, 0.0])}
OUT = 1_000 * SECOND  # when it burns out, there and so fast
STATE = np.array([6_430e3, 0.0, 300e3, 1_200.0, -700.0, 900.0])
STEP = 0.05  # s
SIGMA = 3e-5


class Burn:
    """As much of a burn as is asked here."""

    lapsed = False

    def __init__(self, sightings):
        self.sightings = sorted(sightings, key=lambda s: s.key)
        self.last = self.sightings[-1].time


def burned(before, thrust=50.0, aside=(0.0, 0.0, 0.0)):
    """Return where a body that burned out at OUT was so many seconds before, pushed along its way until then."""
    x = STATE.copy()
    x[:3] += aside
    for _ in range(round(before / STEP)):
        x = propagate(x, -0.5 * STEP, 0.0)
        x[3:] -= thrust * STEP * x[3:] / np.linalg.norm(x[3:])
        x = propagate(x, -0.5 * STEP, 0.0)
    return x[:3]


def seen(sensor, before, random=None, **flown):
    """Return a sighting of it by a satellite, with the noise of its lines."""
    d = burned(before, **flown) - EYES[sensor]
    s = Sighting.of(
        sensor, Instant(OUT - round(before * SECOND)), 0, d / np.linalg.norm(d), EYES[sensor], SIGMA, 0.0
    )
    if random is None:
        return s
    u = s.u + SIGMA * (s.e1 * random.normal() + s.e2 * random.normal())
    return Sighting.of(sensor, s.time, 0, u / np.linalg.norm(u), s.platform, SIGMA, 0.0)


def row(after, aside=(0.0, 0.0, 0.0)):
    """Return what a radar says of it so many seconds after it went out: state, covariance, time."""
    x = STATE.copy()
    x[:3] += aside
    return propagate(x, float(after), 0.0), np.diag([200.0**2] * 3 + [5.0**2] * 3), OUT + after * SECOND


@pytest.mark.parametrize("after", [5, 60, 200])
def test_its_own_row_passes_its_last_lights(after):
    """Of forty bodies that went out anywhere between two looks, pushed by 35 to 65 m/s², all are known again."""
    random = np.random.Generator(np.random.Philox(3))
    off = []
    for _ in range(40):
        last, thrust = random.uniform(0.1, 9.9), random.uniform(35.0, 65.0)
        lights = [
            seen("geo-1", last, random, thrust=thrust),
            seen("geo-2", last + 6.0, random, thrust=thrust),
        ]
        off.append(afterglow.distance(Burn(lights), *row(after)))
    assert max(off) < afterglow.GATE
    assert np.mean(off) < 2.5, "two angles: a mean of two where the doubt is right"


def test_without_the_push_it_would_not(monkeypatch):
    burn = Burn([seen("geo-1", 9.0), seen("geo-2", 15.0)])
    assert afterglow.distance(burn, *row(60)) < 4.0
    monkeypatch.setattr(afterglow, "PUSH", 0.0)
    assert afterglow.distance(burn, *row(60)) == float("inf")


@pytest.mark.parametrize("aside", [(0.0, 12e3, 0.0), (0.0, 0.0, -12e3)])
def test_another_body_does_not_pass_them(aside):
    burn = Burn([seen("geo-1", 3.0), seen("geo-2", 6.0)])
    assert afterglow.distance(burn, *row(60)) < 4.0
    assert afterglow.distance(burn, *row(60, aside)) == float("inf")


def test_lights_of_two_bodies_are_of_neither():
    other = (0.0, 12e3, -12e3)
    burn = Burn([seen("geo-1", 3.0), seen("geo-2", 6.0, aside=other)])
    assert afterglow.distance(burn, *row(60)) == float("inf")
    assert afterglow.distance(burn, *row(60, other)) == float("inf")


def test_only_the_last_look_of_each_satellite_is_asked():
    """What it held before may be another's: that is what its last lights are asked for."""
    stray = seen("geo-1", 16.0, aside=(0.0, 0.0, 50e3))
    assert afterglow.distance(Burn([stray, seen("geo-1", 3.0), seen("geo-2", 6.0)]), *row(60)) < 4.0


def test_long_ago_nobody_knows():
    burn = Burn([seen("geo-1", 3.0)])
    x, P, _ = row(60)
    assert afterglow.distance(burn, x, P, OUT + round((afterglow.LONGEST_S + 1.0) * SECOND)) == float("inf")


@pytest.mark.parametrize(("sure", "more"), [(0.0, 10.0), (6.0, 10.0), (9.0, 0.0), (4.0, 3.0)])
def test_the_push_is_that_of_a_burn_that_ends_anywhere_between_two_looks(sure, more):
    random = np.random.Generator(np.random.Philox(5))
    lasted = sure + random.uniform(0.0, 1.0, 200_000) * more
    ahead = 0.5 * afterglow.PUSH * lasted**2
    mean, doubt = afterglow._pushed(sure, more)
    assert mean == pytest.approx(ahead.mean(), rel=0.01, abs=1.0)
    assert doubt > np.std(ahead) * 0.9
    assert doubt < np.hypot(1.2 * np.std(ahead), afterglow.PUSH_DOUBT * mean) + 1.0


class Table:
    """As much of a radar's table as is asked here: one row, of the body that went out."""

    def __init__(self, after):
        x, P, t = row(after)
        self.x, self.P, self.t = x[None], P[None], np.array([t])

    def estimates(self):
        return self.x.copy(), self.P.copy()

    def proved(self):
        return np.array([True])

    def row(self, name):
        return 0 if name == 7 else None


@pytest.fixture(name="raid")
def _raid():
    """Give a sky with a raid of three launches that wait, of which the second burned where the row was."""
    sky = Sky(Settings(), "test")
    for k in range(3):
        body = sky.new(Instant(OUT))
        body.group = 1
        aside = (0.0, 15e3 * (k - 1), 0.0)
        body.burn = Burn([seen("geo-1", 3.0, aside=aside), seen("geo-2", 6.0, aside=aside)])
    return sky


def test_a_row_is_offered_to_the_body_whose_lights_it_passes(raid):
    ((off, name, number),) = adoption._lit_last(raid, Table(60), [7])
    assert (name, number) == (7, 2)
    assert off < 4.0


def test_outside_a_raid_lights_alone_give_no_row(raid):
    for body in raid.ordered():
        body.group = body.number
    assert adoption._lit_last(raid, Table(60), [7]) == []


def test_what_nobody_watched_to_its_end_has_no_last_light(raid):
    raid.bodies[2].burn.lapsed = True
    assert adoption._lit_last(raid, Table(60), [7]) == []
