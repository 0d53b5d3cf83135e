"""More bodies than lights: the looks speak for one fewer, and for as many as there are where lights were seen."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import binom

from tocsin.messages import SECOND
from tocsin.tracking import overcount
from tocsin.tracking.overcount import STRAY, Counted, displaced, surplus


def burn(first, last, odds, count=10, over=True, lights="own"):
    """Return what of a burn is asked: seen from `first` to `last` [s], launched so long before; `lights`: whose."""
    mode = SimpleNamespace(launch=np.array([0.0, 0.0, -40.0, 0.0]), passes=lights)
    times = np.linspace(first, last, count)
    return SimpleNamespace(
        epoch=first * SECOND, last=last * SECOND, modes=[mode], odds=odds, over=over,
        sightings=[SimpleNamespace(time=round(t * SECOND), sensor="geo-1", of=lights) for t in times],
    )  # fmt: skip


@pytest.fixture(autouse=True)
def passes(monkeypatch):
    """Let a mode pass through the lights that are its own, and nowhere near others."""
    monkeypatch.setattr(overcount, "off", lambda mode, s, clock: 0.5 if mode.passes == s.of else 50.0)


def body(number, a_burn, radar=None):
    return SimpleNamespace(number=number, burn=a_burn, radar=radar)


def looks(lights, chance=0.9):
    ends = np.arange(len(lights)) * 5 * SECOND
    return Counted(ends, np.array(lights), np.full(len(lights), chance))


def test_counts_weigh_as_the_binomial_law_says():
    counted = looks([2, 1, 2])
    speaks = counted.speaks([burn(0, 10, 60.0)] * 3)
    expected = 0.0
    for k in (2, 1, 2):
        two, three = ((1 - STRAY) * binom.pmf(k, n, 0.9) + STRAY * binom.pmf(k - 1, n, 0.9) for n in (2, 3))
        expected += np.log(two + 1e-3) - np.log(three + 1e-3)
    assert speaks == pytest.approx([expected] * 3, rel=1e-9)


def test_the_weakest_that_went_out_is_too_many():
    random = np.random.Generator(np.random.Philox(3))
    lights = random.binomial(3, 0.9, 40)
    bodies = [body(k, burn(0, 195, odds)) for k, odds in enumerate((80.0, 85.0, 30.0, 90.0))]
    wrong = surplus(bodies, looks(lights))
    assert wrong is bodies[2]
    assert surplus(bodies[:3], looks(lights)) is None


def test_what_a_radar_follows_and_what_burns_is_not_too_many():
    lights = np.random.Generator(np.random.Philox(4)).binomial(1, 0.9, 40)
    assert (
        surplus(
            [body(1, burn(0, 195, 30.0), radar=object()), body(2, burn(0, 195, 9.0, over=False))],
            looks(lights),
        )
        is None
    )


def test_a_new_burn_takes_the_place_of_the_weak_one():
    lights = np.random.Generator(np.random.Philox(5)).binomial(2, 0.9, 40)
    bodies = [body(1, burn(0, 195, 20.0)), body(2, burn(0, 195, 90.0))]
    new = burn(0, 195, 80.0, over=False, lights="new")
    assert displaced(new, bodies, looks(lights)) == (bodies[0], False)
    weak = burn(0, 195, 24.0, over=False, lights="new")
    assert displaced(weak, bodies, looks(lights)) == (None, False)
    three = np.random.Generator(np.random.Philox(5)).binomial(3, 0.9, 40)
    assert displaced(new, bodies, looks(three)) == (None, True)


@pytest.mark.parametrize(
    ("first", "count", "wrong"),
    [
        (100, 6, True),  # the old one's lights of looks that the new one was missed in
        (100, 20, False),  # the new one has a light of its own in each look
        (
            190,
            2,
            False,
        ),  # nearly all were seen before the new one was: where it was then its fit does not know
    ],
)
def test_a_burn_explains_only_lights_it_may_have_been(first, count, wrong):
    lights = np.full(40, 3)
    old = [body(1, burn(0, 195, 20.0, count=40)), body(2, burn(0, 195, 90.0))]
    new = burn(first, 195, 20.0 * count, count=count, over=False)
    assert displaced(new, old, looks(lights)) == (old[0] if wrong else None, True)


def test_an_event_has_room_for_as_many_as_its_lights():
    bodies = [body(1, burn(0, 195, 20.0)), body(2, burn(0, 195, 90.0))]
    for lit, room in ((2, False), (3, True)):
        lights = np.random.Generator(np.random.Philox(6)).binomial(lit, 0.9, 40)
        assert displaced(burn(0, 195, 80.0, lights="new"), bodies, looks(lights))[1] is room
