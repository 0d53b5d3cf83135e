"""Drag learnt on the way down: its calculus by differences, its honesty by many falls, what the tracker hands on."""

import numpy as np
import pymsis
import pytest
from scipy.stats import chi2

from tocsin.assessment.impact import landing
from tocsin.assessment.settings import Settings as Assessing
from tocsin.earth.atmosphere import density
from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef, height
from tocsin.flight.coast import fall, propagate
from tocsin.messages import SECOND, Component, Drag, Instant, Sensor, Track
from tocsin.metrics.consistency import nees
from tocsin.sensors.radar import Radar
from tocsin.study.consistency import depth, offset
from tocsin.tracking import _reentry, fusion, reentry
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.settings import Settings
from tocsin.tracking.tracker import Tracker

MIDDLE, SPREAD = np.log(1 / 4000), 0.7  # what settings say of any body
START_SIGMAS = np.array([200.0] * 3 + [6.0] * 3)  # of a row after a minute
AXES = enu_from_ecef(0.2, -0.6)


def state(height_m, east, north, up):
    return np.concatenate([ecef_from_geodetic(0.2, -0.6, height_m), AXES.T @ np.array([east, north, up])])


START = state(105e3, 1400.0, 1000.0, -900.0)


@pytest.fixture(scope="module")
def radar():
    return Radar.from_message(
        Sensor(
            origin="test", id="r", type="radar", latitude_deg=11.9, longitude_deg=-33.0, height_m=0.0,
            range_sigma_m=50.0, azimuth_sigma_deg=0.05, elevation_sigma_deg=0.05, range_max_m=2e6,
            elevation_min_deg=1.0, elevation_max_deg=89.0, detection_probability=0.9, scan_period_s=2.5,
            false_alarms_per_scan=0.01,
        )
    )  # fmt: skip


def above(x):
    return height(x[0], x[1], x[2])


def flown(x, log, change=None, floor=0.0, random=None):
    """Yield times, states and ln drag every 2.5 s from `x` down to `floor`; with `random` the drag wanders."""
    t, hold = 0.0, log
    while True:
        for _ in range(2):
            before = above(x)
            x = propagate(x, 1.25, float(np.exp(log)))
            if random is not None:
                log += np.sqrt(_reentry.WANDER * abs(before - above(x))) * random.normal()
            if change is not None and above(x) < change[0]:
                log = hold + change[1]
        t += 2.5
        if above(x) < floor:
            return
        yield t, x, log


def plot(radar, x, random):
    z = radar.predict(x[None])[0]
    z[:3] += random.normal(size=3) * radar.sigmas()[:3]
    z[3] = np.nan
    return z


def learning(radar, path, random, known=None):
    """Yield falls and what was true, plot by plot."""
    first = reentry.begun(0, START + START_SIGMAS * random.normal(size=6), np.diag(START_SIGMAS**2), known)
    now = first
    for t, x, log in path:
        z = plot(radar, x, random)
        now = reentry.learnt(now, radar, round(t * SECOND), z, radar.sigmas())
        if now is None:
            sigmas = np.array([300.0] * 3 + [60.0] * 3)  # a row's, that has taken drag for noise
            now = reentry.begun(round(t * SECOND), x + sigmas * random.normal(size=6), np.diag(sigmas**2))
        yield now, t, x, log


def track(found, drag):
    x, P, _ = found.state()
    C = np.zeros((10, 10))
    C[4:, 4:] = P
    t = Instant(found.t)
    return Track(
        1,
        "test",
        t,
        t,
        "confirmed",
        "re-entry",
        t,
        t,
        (Component(1.0, None, x, C, "", False, drag),),
        {},
        1.0,
    )


# ---------------------------------------------------------------------------------------------------- calculus


def test_it_flies_as_the_library_flies_and_its_derivative_is_that_of_differences():
    x = np.append(state(60e3, 1500.0, 1200.0, -1500.0), np.log(1 / 2000))
    P = np.diag([1e4] * 3 + [100.0] * 3 + [0.09])
    y, C = _reentry.predict(x, P, 15.0, 0.0)
    assert y[:6] == pytest.approx(propagate(x[:6], 15.0, 1 / 2000), abs=1e-6)
    steps = 1e-3 * np.sqrt(np.diag(P))
    columns = [
        (_reentry.predict(x + h * e, P, 15.0, 0.0)[0] - _reentry.predict(x - h * e, P, 15.0, 0.0)[0])
        / (2 * h)
        for h, e in zip(steps, np.eye(7), strict=True)
    ]
    F = np.stack(columns, axis=1)
    expected = F @ P @ F.T
    sigma = np.sqrt(np.diag(expected))
    assert np.all(np.abs(C - expected) / np.outer(sigma, sigma) < 0.02)  # noise comes on top, a little


def test_back_in_time_is_the_way_it_came():
    x = np.append(state(45e3, 1500.0, 1200.0, -1500.0), np.log(1 / 2000))
    ahead, C = _reentry.predict(x, np.eye(7), 2.0, 0.0)
    back, _ = _reentry.predict(ahead, C, -2.0, 0.0)
    assert back == pytest.approx(x, abs=1e-3)


def test_the_parts_of_a_drag_are_the_drag():
    known = Drag(-7.0, 0.3, np.array([20.0, 0.0, 5.0, 1.0, 0.0, -2.0]))
    P = np.diag(START_SIGMAS**2)
    x, C, drag = reentry.begun(0, START, P, known).state()
    assert x == pytest.approx(START)
    assert pytest.approx(P, abs=1e-6) == C
    assert (drag.log, drag.variance) == pytest.approx((known.log, known.variance))
    assert drag.motion == pytest.approx(known.motion)


def test_an_update_is_the_information_form(radar):
    random = np.random.Generator(np.random.Philox(1))
    x = np.append(state(50e3, 1500.0, 1200.0, -1500.0), MIDDLE)
    A = random.normal(size=(7, 7)) * np.append(START_SIGMAS, 0.3)[:, None]
    P = A @ A.T
    z = plot(radar, x[:6], random)
    y, C, _, _ = _reentry.update(x, P, z, radar.sigmas(), radar.r_ecef, radar.enu_from_ecef)
    H = np.hstack([radar.jacobian(x[None, :6])[0][:3], np.zeros((3, 1))])
    R = radar.noise()[:3, :3]
    expected = np.linalg.inv(np.linalg.inv(P) + H.T @ np.linalg.inv(R) @ H)
    d = radar.residual(z[None], radar.predict(x[None, :6]))[0, :3]
    sigma = np.sqrt(np.diag(P))
    assert np.allclose(C / np.outer(sigma, sigma), expected / np.outer(sigma, sigma), atol=1e-6)
    assert np.allclose((y - x) / sigma, expected @ H.T @ np.linalg.solve(R, d) / sigma, atol=1e-6)


# ---------------------------------------------------------------------------------------------------- honesty


def test_real_air_wanders_as_much_about_the_standard():
    """NRLMSISE-00, four seasons, 60° S to 75° N: what ln density gains about the standard from height to height."""
    km = np.arange(2.0, 81.0, 2.0)
    standard = np.log([density(1e3 * h) for h in km])
    rows = []
    for month in (1, 4, 7, 10):
        air = pymsis.calculate(
            np.datetime64(f"2015-{month:02d}-15T12:00"), [0.0, 120.0, 240.0], [-60.0, -30.0, 0.0, 30.0, 60.0, 75.0], km,
            f107s=[120.0], f107as=[120.0], aps=[[7.0] * 7], version=0,
        )[..., 0]  # fmt: skip
        rows.append(np.log(air.reshape(-1, len(km))) - standard)
    off = np.concatenate(rows)
    for gap in (10, 15):
        told = np.mean((off[:, gap:] - off[:, :-gap]) ** 2) / (gap * 2e3)
        assert told == pytest.approx(_reentry.AIR, rel=0.2)


LEVELS = (40e3, 20e3)


@pytest.fixture(scope="module")
def falls(radar):
    """Fifty falls with drags of the prior that wander: at 40 and 20 km the fall, the truth, and where it came down."""
    random = np.random.Generator(np.random.Philox(11))
    found = {level: [] for level in LEVELS}
    for _ in range(50):
        path = list(flown(START, MIDDLE + SPREAD * random.normal(), random=random))
        t, x, log = path[-1]
        ground, left, _, _ = fall(x, float(np.exp(log)))
        seen = list(learning(radar, [row for row in path if above(row[1]) > 18e3], random))
        for level in LEVELS:
            now = [row for row in seen if above(row[2]) >= level][-1]
            found[level].append((*now, ground[:3], t + left))
    return found


@pytest.mark.parametrize("level", LEVELS)
def test_it_knows_how_well_it_knows(falls, level):
    squares, drags = [], []
    for now, _, x, log, _, _ in falls[level]:
        m, C = _reentry.moments(now.x, now.P, now.weights)
        e = m - np.append(x, log)
        squares.append(e @ np.linalg.solve(C, e))
        drags.append(e[6] ** 2 / C[6, 6])
    n = len(squares)
    assert (
        0.55 < np.mean(squares) / 7 < 1.35
    )  # over 360 falls at 40 km 1.04, with a few far out at ± 2 sigma of drag
    assert np.mean(np.less(squares, chi2.ppf(0.95, 7))) >= 0.88
    assert 0.5 < np.mean(drags) < chi2.ppf(0.999, n) / n


def test_the_area_holds_what_it_says_and_is_smaller_than_without(falls):
    for level, times_smaller in zip(LEVELS, (1.0, 2.0), strict=True):
        inside, misses, late = [], {True: [], False: []}, {True: [], False: []}
        for now, _, _, _, ground, t in falls[level]:
            x, _, drag = now.state()
            for own in (True, False):
                given = landing(
                    track(now, reentry.to_the_ground(x, drag) if own else None), Assessing()
                ).estimate
                east, north = offset(ground, given)
                misses[own].append(np.hypot(east, north))
                late[own].append(given.time / SECOND - t)
                if own:
                    inside.append([depth(given.ellipse_95, east, north) < 1.0,
                                   depth(given.ellipse_50, east, north) < 1.0])  # fmt: skip
        held = np.mean(inside, axis=0)
        assert held[0] >= 0.88
        assert 0.4 <= held[1] <= 0.85
        for errors in (misses, late):
            rms = {own: np.sqrt(np.mean(np.square(e))) for own, e in errors.items()}
            assert rms[True] * times_smaller < rms[False]


@pytest.mark.parametrize("beta", [600.0, 20_000.0])
def test_a_drag_the_prior_hardly_allows_is_found(radar, beta):
    random = np.random.Generator(np.random.Philox(3))
    *_, (now, _, _, log) = learning(radar, list(flown(START, np.log(1 / beta), floor=12e3)), random)
    _, _, drag = now.state()
    assert abs(drag.log - log) < 0.25 * abs(MIDDLE - log)
    assert abs(drag.log - log) < 3.5 * np.sqrt(drag.variance)


def test_a_break_up_is_followed(radar):
    """At 45 km it breaks and what is followed brakes four times as hard."""
    random = np.random.Generator(np.random.Philox(4))
    path = list(flown(START, np.log(1 / 3000), change=(45e3, np.log(4.0)), floor=12e3))
    *_, (now, _, x, log) = learning(radar, path, random)
    m, _, drag = now.state()
    assert abs(drag.log - log) < max(3.5 * np.sqrt(drag.variance), 0.1)
    assert np.linalg.norm(m[:3] - x[:3]) < 1_000.0


def test_a_foreign_plot_teaches_nothing_and_opens_the_drag(radar):
    random = np.random.Generator(np.random.Philox(5))
    rows = list(learning(radar, list(flown(START, MIDDLE, floor=25e3)), random))
    now, t, x, _ = rows[-1]
    foreign = plot(radar, x + np.array([30e3, 0, 0, 0, 0, 0]), random)
    later = reentry.learnt(now, radar, round(t * SECOND), foreign, radar.sigmas())
    assert later.refused == 1
    assert later.state()[0] == pytest.approx(now.state()[0])
    assert later.state()[2].variance == pytest.approx(now.state()[2].variance + reentry.CHANGED**2)
    again = reentry.learnt(later, radar, later.t, foreign, radar.sigmas())
    assert reentry.learnt(again, radar, later.t, foreign, radar.sigmas()) is None


# ---------------------------------------------------------------------------------------------------- in the tracker


def look(radar, t, x, random):
    z = plot(radar, x, random)[None]
    at = Instant(round(t * SECOND) + 10**18)
    return RadarLook(
        radar.id, at, at, np.full(1, at), z, radar.sigmas()[None], np.zeros(1, dtype=bool), np.zeros(1, np.int64), None
    )  # fmt: skip


def test_a_track_brings_the_drag_of_its_body(radar):
    random = np.random.Generator(np.random.Philox(6))
    tracker, begin, told = Tracker(Settings(), "test"), propagate(START, -45.0, 0.0), {}
    path = [row for row in flown(begin, np.log(1 / 1500)) if above(row[1]) > 15e3]
    for t, x, _ in path:
        for one in tracker.radar(radar, look(radar, t, x, random)).read():
            told[above(x)] = one
    high = [one for h, one in told.items() if h > 110e3]
    assert high, "followed before it re-enters"
    assert all(c.drag is None for one in high for c in one.components)
    last = told[min(told)]
    assert last.phase == "re-entry"
    (only,) = last.components
    assert only.drag is not None
    assert only.drag.log == pytest.approx(np.log(1 / 1500), abs=3 * np.sqrt(only.drag.variance))
    assert only.drag.variance < 0.1
    d = only.motion - path[-1][1]
    assert nees(d[None], only.covariance[None, 4:, 4:])[0] < chi2.ppf(0.999, 6)


def test_a_component_is_carried_with_its_drag():
    C = np.zeros((10, 10))
    C[4:, 4:] = np.diag(START_SIGMAS**2)
    drag = Drag(np.log(1 / 500), 0.02, np.zeros(6))
    c = Component(1.0, None, state(40e3, 1500.0, 1200.0, -1500.0), C, "radar", False, drag)
    ahead = fusion.carried(c, 8.0)
    assert ahead.motion == pytest.approx(propagate(c.motion, 8.0, 1 / 500), abs=20.0)
    assert ahead.drag.log == pytest.approx(drag.log)
    assert np.abs(ahead.drag.motion[3:]).max() > 1.0, "from here on speed and drag are joint"


def test_what_a_descent_says_does_not_hang_on_when_it_is_asked(radar):
    random = np.random.Generator(np.random.Philox(7))
    rows = list(flown(START, MIDDLE, floor=25e3))
    plots = [
        reentry.Plot(
            radar, round(t * SECOND), plot(radar, x, random), radar.sigmas(), x, np.diag(START_SIGMAS**2)
        )
        for t, x, _ in rows
    ]
    often, once = (reentry.Descent(None, plots[0]) for _ in range(2))
    for one in plots[1:]:
        often.add(one)
        once.add(one)
        often.fall()
    assert np.array_equal(often.fall().x, once.fall().x)
    assert np.array_equal(often.fall().P, once.fall().P)
