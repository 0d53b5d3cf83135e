"""What stands on the ground: fires and flares by number, place and power, and the map that hides them."""

import numpy as np
import pytest
from scipy import stats

from tocsin.earth.ellipsoid import geodetic_from_ecef_batch
from tocsin.simulation.background import flares as flares_module
from tocsin.simulation.background.fires import fires, per_day
from tocsin.simulation.background.flares import SITES, flares, radiated_w
from tocsin.simulation.background.standing import GRID_S, SIGMAS, Map, Standing
from tocsin.simulation.background.world import table


def source(world, intensity, start=-np.inf, end=np.inf, rise=1.0, flicker=0.0):
    columns = [np.atleast_1d(float(v)) for v in (intensity, start, end, rise)]
    return Map(world, "test", Standing(np.array([[6.4e6, 0.0, 0.0]]), *columns, flicker))


def test_as_many_fires_begin_in_a_day_as_the_file_has(world):
    assert per_day(1.0) == 2 * 9533
    for rate in (1.0, 0.1):
        found = fires(world(fires=rate))
        begun = np.count_nonzero((found.start >= 0) & (found.start < 86_400))
        assert abs(begun - per_day(rate)) < 4 * np.sqrt(per_day(rate))
        burning = [np.count_nonzero((found.start < t) & (found.end > t)) for t in np.arange(0, 86_400, 1_800)]
        assert np.mean(burning) / per_day(rate) == pytest.approx(0.25, rel=0.06)  # four passes a day


def test_fires_are_where_and_as_strong_as_in_the_file(world):
    found = fires(world(fires=1.0))
    lat, lon, _ = geodetic_from_ecef_batch(found.r)
    data = table("fires")
    assert stats.ks_2samp(np.degrees(lat), data["latitude_deg"]).statistic < 0.02
    assert stats.ks_2samp(np.degrees(lon), data["longitude_deg"]).statistic < 0.02
    assert np.median(found.intensity) == pytest.approx(0.0215e6 * np.median(data["power_mw"]), rel=0.03)


def test_fires_burn_at_their_hour_of_the_day_whenever_the_run_begins(world):
    noon = fires(world("2026-05-16T12:00:00Z", fires=1.0))
    midnight = fires(world("2026-05-16T00:00:00Z", fires=1.0))
    burning = [
        np.count_nonzero((f.start < t) & (f.end > t)) for f, t in ((noon, 3_600.0), (midnight, 46_800.0))
    ]
    assert abs(burning[0] - burning[1]) < 5 * np.sqrt(sum(burning))


def test_flares_burn_the_gas_of_the_world(world):
    found = flares(world(flares=1.0))
    assert abs(len(found.r) - SITES) < 4 * np.sqrt(SITES)
    assert radiated_w() == pytest.approx(140e9 * 37e6 * 0.2 / 3.156e7, rel=0.01)
    power = np.sum(found.intensity) / flares_module.PER_STERADIAN
    spread = np.sqrt((np.exp(flares_module.SPREAD**2)) / SITES)
    assert power == pytest.approx(radiated_w(), rel=4 * spread)
    lat, lon, _ = np.degrees(geodetic_from_ecef_batch(found.r))
    basra = np.hypot(lat - 30.7, (lon - 47.3) * np.cos(np.radians(30.7))) < 1.0
    assert 0.05 < np.mean(basra) < 0.15  # 12.5 of 140 there, and some of Khuzestan's


def test_the_map_hides_what_does_not_change(world):
    steady = source(world(), 1e6, flicker=0.0)
    assert all(len(steady.hour(hour).step) == 0 for hour in range(3))


def test_what_is_new_stands_out_until_the_map_knows_it(world):
    new = source(world(), 1e6, start=1_800.0, rise=1.0)
    changes = new.hour(0)
    assert changes.step[0] == 1_810 // GRID_S
    assert changes.change[0] == pytest.approx(1e6, rel=1e-3)
    assert np.all(np.diff(changes.change) < 0)
    assert changes.step[-1] < 1_810 // GRID_S + 100


def test_only_great_flickers_stand_out(world):
    many = 500
    columns = [np.full(many, v) for v in (1e6, -np.inf, np.inf, 1.0)]
    r = np.tile([6.4e6, 0.0, 0.0], (many, 1))
    changes = Map(world(), "test", Standing(r, *columns, 0.2)).hour(1)
    share = len(changes.step) / (many * 360)
    # A lognormal flicker passes 1 + SIGMAS * 0.2 times its mean; the map's own wander makes it less.
    alone = stats.norm.sf((np.log(1 + SIGMAS * 0.2) + 0.02) / 0.2)
    assert 0.2 * alone < share < alone


def test_hours_do_not_depend_on_the_order_of_asking(world):
    forward, back = (source(world(), 1e6, flicker=0.3) for _ in range(2))
    first = [forward.hour(hour) for hour in range(3)]
    last = [back.hour(hour) for hour in (2, 1, 0)][::-1]
    for a, b in zip(first, last, strict=True):
        np.testing.assert_array_equal(a.step, b.step)
        np.testing.assert_array_equal(a.change, b.change)
