"""A radar arc under a launch that only satellites saw: it sharpens where and when it began, and no other row may.

What satellites leave at burnout is drawn: the six unknowns of a real flight (`study.launch_bounds`) and what they make
of its motion, jointly normal. The arc, its rows and its adoption are the tracker's own.
"""

import numpy as np
import pytest
from scipy.stats import chi2

from tocsin.earth.local import launch_difference, launch_moved
from tocsin.flight.powered import Launch, fly
from tocsin.flight.vehicles import VEHICLES
from tocsin.messages import Component, Instant
from tocsin.study.scenario_bounds import neighbours
from tocsin.tracking.settings import Settings
from tocsin.tracking.tracker import Tracker

KNOWN = np.array(
    [2_000.0, 2_000.0, 3.0, 0.03, 0.02, 0.02]
)  # north, east [m], time [s], heading, thrust, pitch
LOOSE = np.array([150.0] * 3 + [4.0] * 3)  # m and m/s of the motion that no launch explains
AFTER = 60.0  # s after burnout, when the radar begins
LOOKS = 12
PLACE = np.array([np.radians(12.0), np.radians(-38.0), 0.0, np.radians(55.0)])


@pytest.fixture(scope="module")
def handover():
    """Return the motion (6,) that `PLACE` should have come to as the radar begins, and what all depends on, (10, 6)."""
    vehicle = VEHICLES["medium-range"]
    launch = Launch(latitude=PLACE[0], longitude=PLACE[1], azimuth=PLACE[3], range=1.2e6)
    flight = fly(vehicle, launch)
    flights = neighbours(vehicle, launch, flight)
    at = np.array([flight.burnout + AFTER])
    A = np.vstack([np.eye(4, 6), flights.derivative(at)[0]])
    return flights.true(at)[0], A


def prior(handover):
    x, A = handover
    C = A @ np.diag(KNOWN**2) @ A.T
    C[4:, 4:] += np.diag(LOOSE**2)
    return Component(1.0, PLACE.copy(), x.copy(), C, "medium-range")


def waiting(dish, component):
    """Return a tracker in which a launch waits for its radar, and the body."""
    tracker = Tracker(Settings(), "test")
    body = tracker.sky.new(Instant(dish.T))
    body.prior = (Instant(dish.T), (component,))
    return tracker, body


def drawn(handover, random):
    """Draw a launch (4,) and the motion (6,) it has."""
    x, A = handover
    moved = A @ (KNOWN * random.normal(size=6))
    return launch_moved(PLACE, moved[:4]), x + moved[4:] + LOOSE * random.normal(size=6)


def test_the_arc_sharpens_the_launch_and_says_how_well(dish, handover):
    random = np.random.Generator(np.random.Philox(1))
    before, apart, squares = prior(handover), [], []
    sharper = []
    for _ in range(40):
        launch, x = drawn(handover, random)
        tracker, body = waiting(dish, before)
        for k in range(LOOKS):
            tracker.radar(dish.RADAR, dish.look(k, [x], random, clutter=2))
        assert body.radar is not None
        (found,) = body.mixture()[1]
        C = found.covariance[:4, :4]
        d = launch_difference(found.launch, launch)
        squares.append(d @ np.linalg.solve(C, d))
        sharper.append(np.sqrt(np.diag(C) / np.diag(before.covariance)[:4]))
        apart.append(np.abs(d))
    assert np.all(np.array(sharper) < 1.0)
    # Time and heading are what the motion shows best of these four.
    assert np.median(sharper, axis=0)[3] < 0.5
    rms = np.sqrt(np.mean(np.square(apart), axis=0))
    assert np.all(rms < 1.25 * np.median(sharper, axis=0) * np.sqrt(np.diag(before.covariance)[:4]))
    n = 4 * len(squares)
    assert chi2.ppf(0.001, n) < sum(squares) < chi2.ppf(0.999, n)


@pytest.mark.parametrize("off_mps", [0.0, 600.0])
def test_the_first_row_is_gated(dish, handover, off_mps):
    """A row that flies where the launch should be is adopted; one that begins there and flies another way is not."""
    random = np.random.Generator(np.random.Philox(2))
    before = prior(handover)
    least = np.linalg.eigh(before.covariance[7:, 7:])[1][:, 0]  # the velocity best known
    off = np.concatenate([np.zeros(3), off_mps * least])
    tracker, body = waiting(dish, before)
    for k in range(LOOKS):
        tracker.radar(dish.RADAR, dish.look(k, [before.motion + off], random))
    if not off_mps:
        assert body.radar is not None
        assert len(tracker.sky.bodies) == 1
        return
    assert body.radar is None
    assert body.mixture()[1] == (before,), "it has learnt nothing"
    others = [other for other in tracker.sky.ordered() if other is not body]
    assert [other.radar is not None for other in others] == [True], "it is a body of its own"
    assert all(c.launch is None for c in others[0].mixture()[1])


def test_a_row_that_came_to_disagree_is_set_beside(dish, handover):
    """Once adopted, a row outside the gate is told as it is, and the launch is what it was before."""
    random = np.random.Generator(np.random.Philox(3))
    before = prior(handover)
    tracker, body = waiting(dish, before)
    for k in range(LOOKS):
        tracker.radar(dish.RADAR, dish.look(k, [before.motion], random))
    assert body.radar is not None
    (together,) = body.mixture()[1]
    assert np.any(together.covariance[:4, 4:])
    off = before.motion + np.array([5e4, 0.0, 0.0, 300.0, 0.0, 0.0])
    body.prior = (body.prior[0], (Component(1.0, PLACE, off, before.covariance),))
    (beside,) = body.mixture()[1]
    assert not np.any(beside.covariance[:4, 4:])
    assert np.array_equal(beside.launch, PLACE)
    assert np.array_equal(beside.motion, body.radar.x)
