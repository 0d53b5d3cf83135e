"""Which event a body that only radars saw belongs to: a raid's, a launch's whose piece it is, or its own."""

import numpy as np
import pytest

from tocsin.messages import SECOND, Instant
from tocsin.tracking.body import Radar
from tocsin.tracking.founding import BURST_SPEED, ORPHAN_S, rejoined
from tocsin.tracking.lights import Look
from tocsin.tracking.settings import Settings
from tocsin.tracking.sightings import Sighting
from tocsin.tracking.sky import Sky

EYE = np.array([42_164e3, 0.0, 0.0])
PLACE = np.array([6_700e3, 0.0, 0.0])
SPEED = np.array([0.0, 3_000.0, 0.0])
LAUNCHED = 1_000 * SECOND
NOW = LAUNCHED + 300 * SECOND


class Burn:
    """As much of a burn as is asked here."""

    over, epoch = True, LAUNCHED

    def __init__(self, last):
        self.last = last


@pytest.fixture(name="sky")
def _sky():
    return Sky(Settings(), "test")


def launch(sky, lights, off=0.0):
    """Make a launch that satellites saw burn, in looks of so many lights, and that a radar follows now."""
    body = sky.new(Instant(LAUNCHED))
    body.burn = Burn(LAUNCHED + 290 * SECOND)
    body.follow(row(body.number, 300, off))
    for k in range(3):
        d = PLACE + np.array([0.0, off, 0.0]) - EYE
        end = NOW + k * SECOND
        seen = [
            Sighting.of("geo-1", Instant(end), j, d / np.linalg.norm(d), EYE, 3e-5, 0.0)
            for j in range(lights)
        ]
        sky.lights.take(Look(end, tuple(seen), 0.9), sky.ordered())
    return body


def row(number, t, off=0.0, faster=0.0, first=None):
    """Return a radar half at `t` [s after the launch], so far off and so much faster than the launch, well known."""
    x = np.concatenate([PLACE + np.array([0.0, off, 0.0]), SPEED + np.array([0.0, 0.0, faster])])
    P = np.diag([30.0**2] * 3 + [3.0**2] * 3)
    return Radar(
        number, x, P, LAUNCHED + t * SECOND, 0.0, LAUNCHED + (t if first is None else first) * SECOND
    )


def found(sky, **more):
    body = sky.new(Instant(LAUNCHED))
    body.follow(row(body.number, 300, **more))
    return body


def test_one_light_makes_one_launch_and_two_make_a_raid_perhaps(sky):
    assert sky.only_launch(launch(sky, lights=1).group).number == 1
    assert sky.only_launch(launch(sky, lights=2).group) is None
    assert sky.only_launch(99) is None


def test_two_burns_of_one_event_are_no_one_launch(sky):
    first, second = launch(sky, lights=1), launch(sky, lights=1)
    second.group = first.group
    assert sky.only_launch(first.group) is None


@pytest.mark.parametrize(
    ("more", "joins"),
    [
        ({"off": 5_000.0, "faster": 30.0}, True),
        ({"off": 5_000.0, "faster": BURST_SPEED + 30.0}, False),  # beyond what parts them and three sigmas
        ({"off": 300 * BURST_SPEED + 500.0}, False),
        ({"off": 5_000.0, "first": 300 - ORPHAN_S}, False),  # it has stood for itself too long
    ],
)
def test_a_body_that_flies_as_a_piece_would_joins_its_launch(sky, more, joins):
    parent, piece = launch(sky, lights=1), found(sky, **more)
    assert rejoined(sky, NOW) == ([piece] if joins else [])
    assert (piece.parent, piece.group) == ((parent.number, parent.group) if joins else (None, piece.number))


def test_where_two_lights_were_seen_it_may_as_well_be_the_other_launch(sky):
    launch(sky, lights=2)
    found(sky, off=5_000.0)
    assert rejoined(sky, NOW) == []
