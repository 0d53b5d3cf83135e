"""Powered flight as the estimator believes it: against SciPy, against coasting, and its derivative."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef, geodetic_from_ecef
from tocsin.flight.coast import propagate
from tocsin.tracking import _boost, _fit
from tocsin.tracking.launch import NEVER
from tocsin.tracking.profile import (
    CLASSES,
    GAP,
    KNOTS,
    PITCH_ROOT,
    THRUST_ROOT,
    YAW_KNOTS,
    prior_table,
    tables,
)
from tocsin.tracking.sightings import Sights
from tocsin.tracking.starts import STEP

LAUNCH = np.array([0.3, -0.6, 0.0, 1.0])
INDICES = range(len(CLASSES))
HEADING = 3


def random_w(index):
    """Draw the first vehicle of the prior that keeps a tenth of each stage's mass: the prior allows less than none."""
    random = np.random.Generator(np.random.Philox(5))
    while True:
        w = np.zeros(CLASSES[index].size + 4)
        w[4 : CLASSES[index].size] = 0.7 * random.normal(size=CLASSES[index].size - 4)
        stages = natural(index, w)[1]
        if np.max(stages[:, 1] * stages[:, 2] / stages[:, 3]) < 0.9:
            return w


def natural(index, w):
    return _boost.natural(w, tables()[index], len(CLASSES[index].stages), CLASSES[index].freedom)


def test_a_gap_is_itself_until_two_sigmas_then_minutes():
    """Smooth, so that a fit may follow it, and never shorter for a larger parameter."""
    p = np.linspace(-5.0, 20.0, 2_501)
    gaps = np.array([_boost.gap(x) for x in p])
    usual = p <= _boost.USUAL_GAP
    assert gaps[usual] == pytest.approx(np.maximum(p[usual], 0.0))
    assert np.all(np.diff(gaps) >= 0.0)
    assert np.max(np.abs(np.diff(gaps[p > 0.0], 2))) < 1e-3
    assert 100.0 < _boost.gap(GAP + 5.0 * GAP) < 150.0


def test_priors():
    assert sum(c.weight for c in CLASSES) == pytest.approx(1.0)
    assert [c.size for c in CLASSES] == [37, 37, 42, 47, 47]
    for c in CLASSES:
        assert prior_table(c).shape == (1 + c.size - 24, c.size - 24)
    distance = (KNOTS[:, None] - KNOTS[None, :]) / 0.18
    kernel = np.exp(-0.5 * distance**2)
    assert np.allclose(THRUST_ROOT @ THRUST_ROOT.T, 0.08**2 * kernel, atol=1e-9)
    assert np.allclose(np.diag(PITCH_ROOT @ PITCH_ROOT.T)[5:], 0.10**2, atol=1e-9)


@pytest.mark.parametrize("index", INDICES)
def test_zero_parameters_are_the_mean_vehicle(index):
    pitch, stages, g, f = natural(index, np.zeros(CLASSES[index].size + 4))
    clock = 0.0
    apart = 1e-6 if CLASSES[index].gain is None else 0.1  # a tie to what all stages give moves them a little
    for k, (row, stage) in enumerate(zip(stages, CLASSES[index].stages, strict=True)):
        clock += 2.5 if k else 0.0
        spent = stage.a * stage.burn / stage.c
        burn = stage.burn * (1 + (spent / _boost.MOST_SPENT) ** 6) ** (-1 / 6)
        assert row == pytest.approx([clock, burn, stage.a, stage.c, 0.0], rel=apart)
        assert stage.a * burn / stage.c < _boost.MOST_SPENT
        clock += row[1]
    assert pitch[0] == pytest.approx(CLASSES[index].pitch)
    assert not g.any()
    assert not f.any()


@pytest.mark.parametrize("index", INDICES)
def test_flight_against_scipy(index, sky):
    """Every segment of smooth thrust integrated by DOP853 from the same acceleration; 4 s steps suffice.

    A launcher's turn begins steeply, which such steps follow less well.
    """
    loose = 0.1 if CLASSES[index].gain is None else 0.3
    w = random_w(index)
    pitch, stages, g, f = natural(index, w)
    axes = enu_from_ecef(LAUNCH[0], LAUNCH[1])
    forward = np.sin(LAUNCH[3]) * axes[0] + np.cos(LAUNCH[3]) * axes[1]
    plane = np.cross(axes[2], forward)
    x = np.concatenate([ecef_from_geodetic(LAUNCH[0], LAUNCH[1], 0.0), np.zeros(3)])
    tau, nodes = 0.0, []
    for stage in stages:
        nodes += [(stage[0], stage, False), (stage[0] + stage[1], stage, True)]
    law = _boost.Law(pitch, stages, g, f, CLASSES[index].duration, plane)
    kinks = np.concatenate([KNOTS * CLASSES[index].duration, YAW_KNOTS * CLASSES[index].duration, [pitch[2]]])
    previous = stages[0]
    for end, stage, burning in nodes:
        row = stage if burning else previous

        def rate(t, y, row=row, burning=burning):
            a = _boost.acceleration(*y, _boost.drive(law, row, burning, t), pitch, plane)
            return np.concatenate([y[3:], a])

        for stop in [*sorted(k for k in kinks if tau < k < end), end]:
            if stop > tau:
                x = solve_ivp(rate, (tau, stop), x, method="DOP853", rtol=1e-10, atol=1e-6).y[:, -1]
                tau = stop
        previous = stage
        found = sky.flown(index, w, LAUNCH, [end])[0]
        assert np.linalg.norm(found[:3] - x[:3]) < max(20.0, loose * end)
        assert np.linalg.norm(found[3:] - x[3:]) < 1.0


def test_after_burnout_it_coasts(sky):
    w = random_w(2)
    end = sky.burn_end(2, w)
    a, b = sky.flown(2, w, LAUNCH, [end + 1.0, end + 41.0])
    assert geodetic_from_ecef(a[:3])[2] > 90e3
    assert np.linalg.norm(b[:3] - propagate(a, 40.0, 0.0)[:3]) < 30.0


def test_before_lift_off_it_stands_on_its_pad(sky):
    states = sky.flown(0, np.zeros(38), LAUNCH, [-5.0, -0.1, 0.0, 1.0])
    pad = ecef_from_geodetic(LAUNCH[0], LAUNCH[1], 0.0)
    assert np.array_equal(states[:3, :3], np.tile(pad, (3, 1)))
    assert not states[:3, 3:].any()
    assert geodetic_from_ecef(states[3, :3])[2] > 3.0


def test_it_starts_along_its_heading(sky):
    states = sky.flown(1, np.zeros(38), LAUNCH, [60.0, 100.0])
    east, north, up = enu_from_ecef(LAUNCH[0], LAUNCH[1]) @ (states[1, :3] - states[0, :3])
    assert np.arctan2(east, north) == pytest.approx(LAUNCH[3], abs=0.03)
    assert up > 0


def test_place_moves_by_metres():
    w = np.array([1.0, -2.0, 3.0, 0.5])
    moved = _boost.place(w, LAUNCH)
    e, n, _ = enu_from_ecef(LAUNCH[0], LAUNCH[1]) @ (
        ecef_from_geodetic(moved[0], moved[1], 0.0) - ecef_from_geodetic(LAUNCH[0], LAUNCH[1], 0.0)
    )
    assert [n, e] == pytest.approx([5_000.0, -10_000.0], abs=20.0)
    assert moved[2:] == pytest.approx([15.0, 1.05])


def problem(index, sights, seen=0.0, gone=NEVER):
    kind = CLASSES[index]
    return _fit.Problem(
        table=tables()[index], stage_count=len(kind.stages), freedom=kind.freedom, duration=kind.duration,
        reference=LAUNCH, height=0.0,
        times=sights.times, u=sights.u, e1=sights.e1, e2=sights.e2, platform=sights.platform, sigma=sights.sigma,
        satellite=sights.satellite, bias_sigma=sights.bias_sigma, seen=seen, gone=gone, step=STEP,
    )  # fmt: skip


@pytest.fixture
def sights(sky):
    w = random_w(2)
    rows = sky.seen(2, w, LAUNCH, until=120.0)
    return Sights.of(rows), w


def shifted(w, sights, sky):
    """Return parameters of the same flight on the sights' clock, which starts at the first sighting."""
    v = w.copy()
    v[2] = -((sights.epoch - sky.T) / 1e9) / 5.0
    return v


def test_true_parameters_leave_nothing(sights, sky):
    s, w = sights
    r, states = _fit.residuals(shifted(w, s, sky), problem(2, s))
    assert np.abs(r).max() < 0.01
    assert len(states) == len(s.times)


@pytest.mark.parametrize("k", range(CLASSES[2].size))
def test_derivative_against_differences(k, sights, sky):
    """The rigid turn stands for the shift of a launch: Coriolis and gravity change by a few per cent."""
    s, w = sights
    w = shifted(w, s, sky)
    free = np.ones(len(w), dtype=np.bool_)
    _, J, _, last = _fit.linearise(w, free, problem(2, s))
    d = np.zeros(len(w))
    d[k] = 1e-3
    (up, above), (down, below) = (_fit.residuals(w + sign * d, problem(2, s)) for sign in (1, -1))
    slope, moved = (up - down) / 2e-3, (above[-1] - below[-1]) / 2e-3
    assert np.abs(J[:, k] - slope).max() < 0.04 * np.abs(slope).max() + 0.05
    assert np.linalg.norm((last[:, k] - moved)[:3]) < 0.04 * np.linalg.norm(moved[:3]) + 2.0


def test_soft_edges(sky, sights):
    """It still burned when last seen, and had gone out at the first sure miss."""
    s, w = sights
    w = shifted(w, s, sky)
    end = sky.burn_end(2, w) + LAUNCH[2] + 5.0 * w[2]
    inside, _ = _fit.residuals(w, problem(2, s, seen=end - 1.0, gone=end + 1.0))
    assert inside[-2:].tolist() == [0.0, 0.0]
    outside, _ = _fit.residuals(w, problem(2, s, seen=end + 1.0, gone=end - 1.0))
    assert outside[-2:] == pytest.approx([-2.0, -2.0], abs=1e-6)


def test_fit_descends_and_its_information_is_that_of_its_place(sights, sky):
    s, w = sights
    start = shifted(w, s, sky)
    start[:4] += [0.6, -0.4, 0.3, 0.5]
    free = np.ones(len(w), dtype=np.bool_)
    free[CLASSES[2].size :] = False
    costs = [_fit.fit(start, free, n, problem(2, s))[1] for n in (0, 1, 3, 8, 15)]
    assert all(b <= a + 1e-9 for a, b in pairwise(costs))
    fitted, cost, H, states, _ = _fit.fit(start, free, 15, problem(2, s))
    r, _ = _fit.residuals(w_true := shifted(w, s, sky), problem(2, s))
    assert cost < np.sum(r**2) + np.sum(w_true[4:] ** 2), (
        "the fit beats even the truth, which pays for its own oddity"
    )
    assert np.allclose(H, H.T)
    assert np.linalg.eigvalsh(H).min() > 0
    r, again = _fit.residuals(fitted, problem(2, s))
    assert cost == pytest.approx(np.sum(r**2) + np.sum(fitted[4:] ** 2))
    assert np.array_equal(states, again)
    assert not fitted[CLASSES[2].size :].any(), "what is not free does not move"


def test_kernels_without_compiler(sights, sky):
    s, w = sights
    w = shifted(w, s, sky)
    pitch, stages, g, f = natural(2, w)
    times = s.times[:4] + 20.0
    for kernel, given in (
        (_boost.natural, (w, tables()[2], 2, 1.0)),
        (_boost.place, (w, LAUNCH)),
        (_boost.fly, (LAUNCH, 0.0, pitch, stages, g, f, CLASSES[2].duration, times, STEP)),
        (_fit.residuals, (w, problem(2, s))),
    ):
        compiled, plain = kernel(*given), kernel.py_func(*given)
        pairs = zip(compiled, plain, strict=True) if isinstance(compiled, tuple) else [(compiled, plain)]
        for a, b in pairs:
            assert np.allclose(a, b, rtol=1e-8, atol=1e-6), kernel
