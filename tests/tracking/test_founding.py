"""Which event a body that only radars saw belongs to: a raid's, a launch's whose piece it is, or its own."""

from types import SimpleNamespace

import numpy as np
import pytest
from msgspec.structs import replace

from tocsin.flight.coast import propagate
from tocsin.messages import SECOND, Component, Instant
from tocsin.tracking.births import REGION
from tocsin.tracking.body import Radar
from tocsin.tracking.founding import (
    BURST_SPEED,
    DENSE,
    FOUNDING_AMONG,
    FOUNDING_APART,
    LONGEST_BACK_S,
    ORPHAN_S,
    _launched_with,
    _may_be_piece,
    _plots_needed,
    rejoined,
)
from tocsin.tracking.lights import Look
from tocsin.tracking.raids import FOUNDING
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


def test_what_was_taken_for_its_piece_goes_with_it(sky):
    parent, first, second = launch(sky, lights=1), found(sky, off=5_000.0), found(sky, off=6_000.0)
    second.parent, second.group = first.number, first.group
    assert rejoined(sky, NOW) == [first, second]
    assert {body.parent for body in (first, second)} == {parent.number}
    assert {body.group for body in (first, second)} == {parent.group}


def test_where_two_lights_were_seen_it_may_as_well_be_the_other_launch(sky):
    launch(sky, lights=2)
    found(sky, off=5_000.0)
    assert rejoined(sky, NOW) == []


# ---------------------------------------------------------------------- a raid, minutes later


def seen_burning(sky, off):
    """Add a launch that satellites saw burn beside others, `off` [m] (3,) from the place when it went out."""
    body = sky.new(Instant(LAUNCHED))
    body.group = 1
    state = np.concatenate([PLACE + np.asarray(off), SPEED])
    body.burn = Burn(NOW)
    body.burn.components = lambda: (
        Instant(NOW),
        (Component(1.0, None, state, np.zeros((10, 10)), "short-range", False),),
    )
    return body


@pytest.fixture(name="raid")
def _raid(sky):
    """Give a sky in which three lights side by side went out at NOW."""
    bodies = [seen_burning(sky, (0.0, 4_000.0 * k, 0.0)) for k in range(3)]
    lights = []
    for k, body in enumerate(bodies):
        body.whereabouts = lambda t, k=k: (PLACE + np.array([0.0, 4_000.0 * k, 0.0]), SPEED, 100.0)
        d = PLACE + np.array([0.0, 4_000.0 * k, 0.0]) - EYE
        lights.append(Sighting.of("geo-1", Instant(NOW), k, d / np.linalg.norm(d), EYE, 3e-5, 0.0))
    sky.lights.take(Look(NOW, tuple(lights), 0.9), bodies)
    return sky


def minutes_later(t, off=(0.0, 0.0, 0.0), turned=(0.0, 0.0, 0.0), sigma=30.0):
    """Return what a radar row says `t` [s] after burnout of a body that was so far off then and flew so much aside."""
    x = np.concatenate([PLACE + np.asarray(off), SPEED + np.asarray(turned)])
    return propagate(x, t, 0.0), np.diag([300.0**2] * 3 + [sigma**2] * 3), NOW + t * SECOND


def test_a_body_found_minutes_later_is_of_the_raid_it_was_launched_with(raid):
    """300 m/s aside: after four minutes it is 72 km from all others, and no crowd shows whose it is."""
    assert _launched_with(raid, *minutes_later(240, turned=(0.0, 0.0, 300.0))) == 1
    assert _launched_with(raid, *minutes_later(240, off=(0.0, 0.0, 45e3))) == 1


def test_what_was_elsewhere_or_flew_otherwise_is_not(raid):
    assert _launched_with(raid, *minutes_later(240, off=(0.0, 0.0, 80e3))) is None
    assert _launched_with(raid, *minutes_later(240, off=(0.0, 0.0, 80e3), sigma=100.0)) == 1, "nobody knows"
    assert _launched_with(raid, *minutes_later(240, turned=(0.0, 0.0, 1_600.0))) is None
    assert _launched_with(raid, *minutes_later(round(LONGEST_BACK_S) + 1)) is None, "too long ago"


def test_one_launch_is_no_raid_to_have_been_launched_with(sky):
    launch(sky, lights=1)
    assert _launched_with(sky, *minutes_later(240)) is None


def test_a_raid_is_whole_once_it_has_as_many_launches_as_lights(raid):
    """Three lights, at Pd 0.9 3.3 and a half: three launches are all there were. Of an uncounted event nobody knows."""
    for k in (1, 2):
        lights = raid.lights._looks[-1]
        raid.lights.take(replace(lights, end=NOW + k * SECOND), raid.ordered())
    assert raid.lights.least(1).count > 2.0
    assert raid.is_whole(99) is None
    assert raid.is_whole(1) is True
    raid.bodies[3].parent = 1
    assert raid.is_whole(1) is False, "two launches and a piece are not three launches"


def test_in_a_whole_raid_what_coasts_may_be_a_piece_and_what_burns_was_launched(raid):
    """Of a hundred two came under radar after as many bodies as lights had been sure, and burned: no pieces."""
    for k in (1, 2):
        lights = raid.lights._looks[-1]
        raid.lights.take(replace(lights, end=NOW + k * SECOND), raid.ordered())
    assert raid.is_whole(1) is True
    assert _may_be_piece(raid, 1, beside=False, boosting=0.5)
    assert not _may_be_piece(raid, 1, beside=False, boosting=0.95)
    assert _may_be_piece(raid, None, beside=False, boosting=0.95), (
        "where nothing was launched it may be anything"
    )


@pytest.mark.parametrize(("off", "plots"), [(1.1 * DENSE, FOUNDING_APART), (0.9 * DENSE, FOUNDING_AMONG)])
def test_a_row_needs_more_plots_where_its_burn_waits_or_another_may_have_made_them(sky, off, plots):
    launched = launch(sky, lights=3)
    x = np.array([[0.0, 0.0, 0.0], [off, 0.0, 0.0]]) + PLACE
    mean = np.hstack([x, np.tile(SPEED, (2, 1))])
    table = SimpleNamespace(
        r=np.full(2, 0.99), plots=np.full(2, 4), t=np.full(2, NOW), estimates=lambda: (mean, None)
    )
    assert _plots_needed(sky, launched.group, table, 0) == plots
    table.r[1] = 0.1
    assert _plots_needed(sky, launched.group, table, 0) == FOUNDING_APART
    thick = SimpleNamespace(
        r=np.full(5, 0.99), plots=np.full(5, 4), t=np.full(5, NOW), estimates=lambda: (mean[[0] * 5], None)
    )
    assert _plots_needed(sky, launched.group, thick, 0) == FOUNDING
    launched.radar = None
    assert _plots_needed(sky, launched.group, table, 0) == FOUNDING


@pytest.mark.parametrize(
    ("off", "plots"), [(1.1 * REGION, Settings().confirm_plots), (0.9 * REGION, Settings().soft_plots)]
)
def test_a_row_of_no_raid_is_mature_before_it_is_a_body_where_others_fly_beside_it(sky, off, plots):
    mean = np.hstack([np.array([[0.0, 0.0, 0.0], [off, 0.0, 0.0]]) + PLACE, np.tile(SPEED, (2, 1))])
    table = SimpleNamespace(
        r=np.full(2, 0.99), plots=np.full(2, 4), t=np.full(2, NOW), estimates=lambda: (mean, None), settings=Settings()
    )  # fmt: skip
    assert _plots_needed(sky, None, table, 0) == plots
    table.r[1] = 0.1
    assert _plots_needed(sky, None, table, 0) == Settings().confirm_plots
