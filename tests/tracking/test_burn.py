"""The work that a look asks of a burn's fit is bounded; what is owed is done later."""

import numpy as np
import pytest

from tocsin.messages import SECOND
from tocsin.sensors.infrared import Infrared
from tocsin.tracking import burn, burnout, launch
from tocsin.tracking.settings import Settings


@pytest.fixture
def rows(sky):
    random = np.random.Generator(np.random.Philox(8))
    seen = []
    while len(seen) < 8:
        w, true = sky.drawn(random, 1)
        seen = sky.seen(1, w, true, random=random)
    return seen


def test_a_search_that_may_not_be_is_made_later(rows, monkeypatch):
    """At the fourth sighting all classes are searched, unless the look has no work left: then at the fifth."""
    young = burn.Burn(rows[:3], Settings())
    made = []
    cold = launch.cold
    monkeypatch.setattr(launch, "cold", lambda *given: made.append(1) or cold(*given))
    young.add([rows[3]])
    assert not young.refit(may_search=False)
    assert not made
    young.add([rows[4]])
    assert young.refit()
    assert made == [1]


def test_a_surprise_is_not_forgotten(rows):
    """A fit that a sighting has surprised while no search might be made is searched at the next."""
    half = burn.Burn(rows[:6], Settings())
    off = 40.0 * rows[6].sigma
    jumped = rows[6]
    u = jumped.u + off * jumped.e1
    wrong = type(jumped).of(
        jumped.sensor, jumped.time, jumped.detection, u / np.linalg.norm(u), jumped.platform, jumped.sigma, 0.0,
        stray=jumped.stray,
    )  # fmt: skip
    half.add([wrong])
    assert not half.refit(may_search=False)
    half.add([rows[7]])
    assert half.refit()


@pytest.mark.parametrize("aside", [80e3, 150e3])
def test_a_stray_after_a_silence_is_left(aside, rows):
    """A minute later the gate is a hundred kilometres wide; no flight of any class gets there."""
    half = burn.Burn(rows, Settings())
    last = rows[-1]
    t = half.last + 60 * SECOND
    (_, r, _), *_ = half.expect(t)
    d = r + aside * last.e1 - last.platform
    wrong = type(last).of(
        last.sensor, t, 0, d / np.linalg.norm(d), last.platform, last.sigma, 0.0, stray=last.stray
    )
    assert half.match(wrong, half.expect(t)) is not None, "the gate lets it in"
    modes, missed = half.modes, list(half.missed)
    assert half.learned(wrong) == (None, True)
    assert half.sightings == rows
    assert half.modes is modes
    assert half.missed == missed


def test_what_follows_is_learnt(rows):
    half = burn.Burn(rows[:4], Settings())
    for s in rows[4:]:
        half, _ = half.learned(s)
    assert half.sightings == rows


def test_what_nobody_looks_at_goes_out(rows):
    half = burn.Burn(rows[:6], Settings())
    assert not half.is_unwatched(half.last + 60 * SECOND)
    assert half.is_unwatched(half.last + round((burn.UNSEEN + 1.0) * SECOND))
    half.lapse()
    assert half.over
    assert half.lapsed
    assert not half.is_unwatched(half.last + 400 * SECOND), "only once"
    time, components = half.components()
    assert time == half.last + round(burn.UNSEEN * SECOND)
    assert sum(c.weight for c in components) == pytest.approx(1.0)
    half.add([rows[6]])
    assert not half.lapsed, "it was seen burning after all"


def test_one_gap_between_stages_is_no_burnout(rows):
    """However many looks fall into it; what still misses it after the longest gap speaks for burnout."""
    half = burn.Burn(rows[:6], Settings())
    sure = Infrared(
        id="geo-1", path="geo-1", sigma=3e-5, bias_sigma=0.0, disk_visible=True, limb_height=0.0, cloud_top=1e4,
        detection_probability=1.0, false_alarms_per_scan=1.0, scan_period=2.0, field_of_regard=None,
    )  # fmt: skip
    after = half.last + 4 * SECOND
    for k in range(4):
        assert not half.miss(sure, after + 2 * k * SECOND, after + (2 * k + 6) * SECOND)
    assert half.gone is None
    assert half._doubt(after + 7 * SECOND) == pytest.approx(burnout.GAP_CHANCE + np.log(half._to_come))
    later = after + round(burnout.STAGING * SECOND)
    assert not half.miss(sure, later, later + SECOND)
    assert half.miss(sure, later + 2 * SECOND, later + 3 * SECOND)
    assert half.gone == later + SECOND


def test_misses_one_gap_cannot_explain_count_in_full():
    """Nine in ten are seen: two misses together are a hundredth, a look apart or side by side in a gap not."""
    cost = float(np.log(0.1))
    apart = [(0, 8 * SECOND, cost), (10 * SECOND, 18 * SECOND, cost)]
    beside = [(0, 8 * SECOND, cost), (5 * SECOND, 13 * SECOND, cost)]
    assert burnout.missing([], 1.0) == 0.0
    assert burnout.missing(apart, 1.0) == pytest.approx(2 * cost)
    assert burnout.missing(beside, 1.0) == pytest.approx(burnout.GAP_CHANCE)
    assert burnout.missing(beside, 0.5) == pytest.approx(burnout.GAP_CHANCE + np.log(0.5))
    assert burnout.missing(beside, 0.0) == pytest.approx(2 * cost), "no stage is to come"
