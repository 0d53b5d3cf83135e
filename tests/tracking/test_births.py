"""What an unclaimed plot may start: priors of velocity, their shares, and their bounds."""

import numpy as np
import pytest
from msgspec import structs

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.messages import SECOND, Instant, Sensor
from tocsin.sensors.radar import Radar
from tocsin.tracking._motion import BOOST_THRUST
from tocsin.tracking.births import (
    BURNING,
    CUED,
    LEARNED,
    NARROW,
    NOBODY,
    PARTED,
    PARTED_SIGMA,
    WIDE,
    WIDE_SHARE,
    Cues,
    Velocities,
    born,
)
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.settings import Settings

T = 10**18
RADAR = Radar.from_message(
    Sensor(
        origin="test", id="radar-1", type="radar", latitude_deg=15.0, longitude_deg=-27.0, height_m=0.0,
        range_sigma_m=50.0, azimuth_sigma_deg=0.05, elevation_sigma_deg=0.05, range_max_m=2.5e6, scan_period_s=5.0,
    )
)  # fmt: skip
SITE, AXES = (
    ecef_from_geodetic(np.radians(15.0), np.radians(-27.0), 0.0),
    enu_from_ecef(*np.radians([15.0, -27.0])),
)
V = np.array([1000.0, 500.0, 800.0])
NONE = (np.empty(0, dtype=np.int64), np.empty((0, 6)), np.empty(0))


def place(enu):
    return SITE + AXES.T @ np.asarray(enu)


def look(places):
    x = np.array([np.concatenate([r, np.zeros(3)]) for r in places])
    z = RADAR.predict(x)
    z[:, 3] = np.nan
    n = len(z)
    return RadarLook(
        "radar-1", Instant(T), Instant(T), np.full(n, T), z, np.tile(RADAR.sigmas(), (n, 1)), np.zeros(n, dtype=bool),
        np.arange(n), None,
    )  # fmt: skip


HERE = place([-400e3, -300e3, 200e3])


def births(velocities=None, cues=NOBODY, parents=NONE, r=0.09, places=(HERE,), most=100):
    return born(
        RADAR,
        look(places),
        np.full(len(places), r),
        Settings(),
        velocities or Velocities(),
        cues,
        parents,
        most,
    )


def test_a_plot_alone_is_born_wide():
    new = births()
    assert new.prior.tolist() == [WIDE]
    assert new.r.tolist() == [0.09]
    assert np.allclose(new.x[0, :3], HERE, atol=1.0)
    assert np.allclose(new.x[0, 3:], 0.0)
    assert np.allclose(np.diag(new.P[0])[3:], Settings().birth_speed ** 2)


def crowd(n=4, off=5e3):
    r = HERE + off * np.arange(n)[:, None] / n * np.array([1.0, 0.0, 0.0])
    return Cues(r, V + np.arange(n)[:, None] * 10.0, np.full(n, 1e3))


def test_a_raid_seen_by_satellites_gives_its_velocity():
    new = births(cues=crowd())
    assert new.prior.tolist() == [WIDE, CUED]
    assert new.plot.tolist() == [0, 0]
    assert new.r == pytest.approx([WIDE_SHARE * 0.09, (1 - WIDE_SHARE) * 0.09])
    assert np.allclose(new.x[1, 3:], V + 15.0)
    assert np.allclose(np.sqrt(np.diag(new.P[1])[3:]), NARROW)
    assert np.allclose(new.x[0, 3:], 0.0), "the wide one is untouched"


def test_what_is_far_gives_none():
    assert births(cues=crowd(), places=(place([-700e3, 300e3, 200e3]),)).prior.tolist() == [WIDE]
    assert births(cues=crowd(2)).prior.tolist() == [WIDE], "two are no raid"


def test_rows_teach_those_that_follow():
    """Velocity is learned where it was flown, carried back to the first plot, and forgotten after two minutes."""
    taught = Velocities()
    down = -HERE / np.linalg.norm(HERE) * 9.5
    r = HERE + 15.0 * V + 0.5 * 225.0 * down
    mean = np.tile(np.concatenate([r, V + 15.0 * down]), (3, 1))
    taught.learn(mean, np.zeros(3), np.full(3, 15.0), T)
    new = births(taught)
    assert new.prior.tolist() == [WIDE, LEARNED]
    assert np.allclose(new.x[1, 3:], V, atol=5.0)
    taught.learn(mean[:1], np.zeros(1), np.full(1, 15.0), T + 121 * SECOND)
    assert births(taught).prior.tolist() == [WIDE], "old lessons do not count"


def test_lessons_are_carried_back_as_the_formula_says():
    random = np.random.Generator(np.random.Philox(3))
    mean = np.concatenate([HERE + 1e5 * random.normal(size=(4, 3)), 2e3 * random.normal(size=(4, 3))], axis=1)
    boost, since = random.uniform(size=4), random.uniform(5.0, 30.0, size=4)
    taught = Velocities()
    for k in range(4):
        taught.learn(mean[k : k + 1], boost[k : k + 1], since[k : k + 1], T + k * SECOND)
    r, v, back = mean[:, :3], mean[:, 3:], since[:, None]
    thrust = boost[:, None] * BOOST_THRUST * v / np.linalg.norm(v, axis=1, keepdims=True)
    a = thrust - 9.5 * r / np.linalg.norm(r, axis=1, keepdims=True)
    assert np.allclose(taught.r, r - back * v + 0.5 * back**2 * a, rtol=1e-12)
    assert np.allclose(taught.v, v - back * a, rtol=1e-9)
    assert taught.t.tolist() == [T + k * SECOND for k in range(4)]


def test_what_parts_has_its_parents_velocity():
    parent = np.concatenate([HERE + 200.0, V])[None]
    new = births(parents=(np.array([7]), parent, np.array([50.0])))
    assert new.prior.tolist() == [WIDE, PARTED]
    assert new.parent.tolist() == [0, 7]
    assert new.boost.tolist() == [BURNING, 0.0]
    assert np.allclose(np.sqrt(np.diag(new.P[1])[3:]), PARTED_SIGMA)
    odds = 10 * 0.09 / 0.91
    assert new.r[1] == pytest.approx(odds / (1 + odds))


def test_a_parent_is_held_against_a_plot_where_it_was_when_it_was_plotted():
    """Five seconds later it is seven kilometres on, and so is another plot beside it then."""
    later = HERE + 5.0 * V
    parent = (np.array([7]), np.concatenate([later + 200.0, V])[None], np.array([50.0]))
    both = structs.replace(
        look((HERE, later)), end=Instant(T + 5 * SECOND), times=np.array([T, T + 5 * SECOND])
    )
    new = born(RADAR, both, np.full(2, 0.09), Settings(), Velocities(), NOBODY, parent, 100)
    assert new.plot.tolist() == [0, 1, 0, 1]
    assert new.prior.tolist() == [WIDE, WIDE, PARTED, PARTED]
    swapped = structs.replace(both, times=both.times[::-1].copy())
    assert born(RADAR, swapped, np.full(2, 0.09), Settings(), Velocities(), NOBODY, parent, 100).prior.tolist() == [
        WIDE, WIDE,
    ]  # fmt: skip


def test_bounds_keep_the_likeliest():
    places = [place([-400e3 + 1e3 * k, -300e3, 200e3]) for k in range(6)]
    r = np.array([0.01, 0.05, 0.02, 0.0001, 0.04, 0.03])
    new = born(RADAR, look(places), r, Settings(), Velocities(), NOBODY, NONE, 3)
    assert new.plot.tolist() == [1, 4, 5]
