"""What a burn that nobody looked at may have become: held against flights drawn from the classes themselves."""

import numpy as np
import pytest
from scipy.stats import chi2

from tocsin.constants import EARTH_GM, EARTH_RADIUS, EARTH_RATE
from tocsin.flight.coast import propagate
from tocsin.messages import SECOND
from tocsin.tracking import burn, unwatched
from tocsin.tracking.settings import Settings

VEHICLE = 3  # three stages: most of the burn is still to come when nobody looks any more


def coasting(sky, w, true, at):
    """Return the motion (6,) at a time [s after launch] that leads to the true arc."""
    end = sky.burn_end(VEHICLE, w)
    return propagate(sky.flown(VEHICLE, w, true, [end])[0], at - end, 0.0)


def test_the_true_arc_lies_within_what_is_handed_over(sky):
    """Ten of twelve three-stage flights pass fusion's gate (99.9 %); hardly one if the burn is taken to end soon."""
    random = np.random.Generator(np.random.Philox(31))
    within, before, tried = 0, 0, 0
    while tried < 12:
        w, true = sky.drawn(random, VEHICLE)
        rows = sky.seen(VEHICLE, w, true, random=random)[:6]
        if len(rows) < 6:
            continue
        half = burn.Burn(rows, Settings())
        tried += 1
        half.lapse()
        time, components = half.components()
        assert sum(c.weight for c in components) == pytest.approx(1.0)
        x = coasting(sky, w, true, (time - sky.T) / SECOND)
        within += nearest(components, x) < chi2.ppf(0.999, 6)
        half.lapsed, half._known = False, None  # as if looks had shown that it went out
        before += nearest(half.components()[1], x) < chi2.ppf(0.999, 6)
    assert within >= 10
    assert before <= 4


def nearest(components, x):
    d = [x - c.motion for c in components]
    return min(
        float(e @ np.linalg.solve(c.covariance[4:, 4:], e)) for e, c in zip(d, components, strict=True)
    )


def test_points_are_normal_and_the_same_each_time():
    z = unwatched.normal(unwatched.POINTS, 49)
    assert z.shape == (unwatched.POINTS, 49)
    np.testing.assert_allclose(z.mean(axis=0), 0.0, atol=0.1)
    np.testing.assert_allclose(z.std(axis=0), 1.0, atol=0.1)
    assert np.max(np.abs(np.corrcoef(z.T) - np.eye(49))) < 0.5
    np.testing.assert_array_equal(z, unwatched.normal.__wrapped__(unwatched.POINTS, 49))


@pytest.mark.parametrize(("perigee", "up"), [(90e3, False), (110e3, True), (400e3, True), (-1_000e3, False)])
def test_what_stays_up(perigee, up):
    """Vis-viva: at an apogee of 800 km, flying east over the equator."""
    far, near = EARTH_RADIUS + 800e3, EARTH_RADIUS + perigee
    speed = np.sqrt(EARTH_GM * (2 / far - 2 / (far + near)))
    x = np.array([far, 0.0, 0.0, 0.0, speed - EARTH_RATE * far, 0.0])
    assert unwatched.stays_up(x) == up


def test_what_may_be_anywhere_is_left_out(sky, monkeypatch):
    """Points that fly apart by more than the Earth's radius tell nothing: no radar's row may be held against them."""
    random = np.random.Generator(np.random.Philox(7))
    w, true = sky.drawn(random, 1)
    one = burn.Burn(sky.seen(1, w, true, until=90.0, random=random), Settings())
    sights = burn.Sights.of(one.sightings, one.dark)
    at = float(sights.times[-1]) + 60.0
    assert unwatched.flown_on(one.modes[0], sights, at)
    plain = unwatched._flown
    monkeypatch.setattr(
        unwatched,
        "_flown",
        lambda *a: None if (row := plain(*a)) is None else row * np.array([1.0] * 5 + [1e4] * 6),
    )
    assert not unwatched.flown_on(one.modes[0], sights, at)
