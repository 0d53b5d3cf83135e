"""What bodies read of radar rows, and tracks that are made into messages when they are read."""

import numpy as np
import pytest
from msgspec import structs

from tocsin.messages import SECOND
from tocsin.tracking.body import Radar
from tocsin.tracking.follow import Reading, Told, gathered
from tocsin.tracking.settings import Settings
from tocsin.tracking.tracker import Tracker


def looks(dish, count=24):
    """Return looks at three bodies, of which the last is not seen any more from the middle on."""
    random = np.random.Generator(np.random.Philox(5))
    third = dish.body(east=-700e3, north=-100e3, velocity=(1200.0, 500.0, 1100.0))
    fleet = [dish.body(), dish.body(north=-200e3), third]
    return [dish.look(k, fleet if k < count // 2 else fleet[:2], random) for k in range(count)]


def plain(track):
    """Return a track as what can be compared."""
    return {
        name: repr([(c.motion.tolist(), c.covariance.tolist(), c.weight, c.label) for c in value])
        if name == "components"
        else value
        for name, value in structs.asdict(track).items()
    }


@pytest.mark.parametrize("hold", ["at once", "after the next look"])
def test_messages_are_the_same_whenever_they_are_read(dish, hold):
    first, second = Tracker(Settings(), "test"), Tracker(Settings(), "test")
    told, held = [], []
    for each in looks(dish):
        told.append([plain(track) for track in first.radar(dish.RADAR, each).read()])
        held.append(second.radar(dish.RADAR, each))
        if hold == "at once":
            held[-1].read()
    assert [[plain(track) for track in some] for some in held] == told
    assert sum(map(len, told)) > 40
    assert all(isinstance(some, Told) for some in held)


def test_arrays_say_what_messages_say(dish):
    tracker = Tracker(Settings(), "test")
    for each in looks(dish, 12):
        told = tracker.radar(dish.RADAR, each)
        those, x, P = told.states()
        assert told.ids == [track.id for track in told]
        for k, state, covariance in zip(those.tolist(), x, P, strict=True):
            assert np.array_equal(told[k].components[0].motion, state)
            assert np.array_equal(told[k].components[0].covariance[4:, 4:], covariance)
        assert len(told) == len(told[:])
    assert len(those) >= 2


def test_a_message_tells_each_plot_once(dish):
    """Of every look each track has the one plot it took, and the count of plots is that of the messages."""
    tracker, plots = Tracker(Settings(), "test"), {}
    for k, each in enumerate(looks(dish)):
        for track in tracker.radar(dish.RADAR, each):
            assert len(track.associations) == 1
            assert track.associations[0].time == dish.T + round((k + 0.5) * dish.PERIOD * SECOND)
            plots[track.id] = plots.get(track.id, 0) + 1
            assert track.detections == {"radar-1": plots[track.id]}


def test_a_body_whose_row_ends_keeps_what_it_was(dish):
    """The arc that ended is the prior of the next: state, time and odds as the row last had them."""
    tracker = Tracker(Settings(silence_s=10.0), "test")
    known = {}
    for each in looks(dish):
        tracker.radar(dish.RADAR, each)
        for number, one in tracker.bodies.items():
            if isinstance(one.radar, Reading):
                known[number] = (one.radar.x.copy(), one.radar.t, one.existence)
    ended = [one for one in tracker.bodies.values() if one.radar is None]
    assert len(ended) == 1
    x, t, existence = known[ended[0].number]
    time, components = ended[0].mixture()
    assert time == t
    assert np.array_equal(components[0].motion, x)
    assert ended[0].existence == existence


@pytest.mark.parametrize("still", [False, True])
def test_what_is_gathered_is_what_each_half_says(dish, still):
    """Of readings of one table, and of halves among which one stands still."""
    tracker = Tracker(Settings(), "test")
    for each in looks(dish, 12):
        tracker.radar(dish.RADAR, each)
    halves = [body.radar for body in tracker.sky.followed()][::-1]
    if still:
        halves.append(Radar(9, np.arange(6.0), np.eye(6), 3, 0.0, 0))
    x, P, t = gathered(halves)
    assert len(halves) >= 2 + still
    assert np.array_equal(x, [half.x for half in halves])
    assert np.array_equal(P, [half.P for half in halves])
    assert t.tolist() == [half.t for half in halves]
    assert [a.shape for a in gathered([])] == [(0, 6), (0, 6, 6), (0,)]
