"""Arcs shifted in time against flights flown apart, and events that radars alone see begin."""

import math

import numpy as np
import pytest

from tocsin.flight.coast import propagate
from tocsin.flight.powered import Launch, fly
from tocsin.flight.vehicles import VEHICLES
from tocsin.tracking.companions import beside

PLACE = Launch(latitude=0.5, longitude=1.0, azimuth=0.8, range=280e3)


def state(launch, after):
    flight = fly(VEHICLES["short-range"], launch)
    return flight.at(np.array([flight.burnout + after]))[0, :6]


@pytest.mark.parametrize("apart", [-110.0, -20.0, 0.0, 45.0, 115.0])
def test_the_same_arc_later_or_earlier(apart):
    """Two launches of one place are seen at one time: one has flown so much longer."""
    x = state(PLACE, 120.0)
    other = propagate(x, apart, 0.0)
    assert beside(other, x, 0.0) < 1.0
    assert beside(propagate(other, 30.0, 0.0), x, 30.0) < 1.0


def test_too_long_before_is_another_event():
    x = state(PLACE, 100.0)
    assert math.isinf(beside(x, propagate(x, -130.0, 0.0), 0.0))


@pytest.mark.parametrize(
    ("moved", "far"),
    [
        (Launch(latitude=0.5, longitude=1.0, azimuth=0.87, range=280e3), (3e3, 20e3)),  # 4° beside
        (Launch(latitude=0.503, longitude=1.0, azimuth=0.8, range=280e3), (8e3, 20e3)),  # 19 km north
        (Launch(latitude=0.515, longitude=1.0, azimuth=0.8, range=280e3), (55e3, 95e3)),
        (
            Launch(latitude=0.5, longitude=1.0, azimuth=3.9, range=280e3),
            (math.inf, math.inf),
        ),  # the other way
    ],
)
def test_how_far_beside_an_arc(moved, far):
    found = beside(state(moved, 100.0), state(PLACE, 60.0), 0.0)
    assert far[0] <= found <= far[1]


@pytest.mark.parametrize("seed", range(3))
def test_beside_against_the_arc_second_by_second(seed):
    """Launches about one another, seen at any time: what is near by brute force is found near, and as near."""
    random, near = np.random.Generator(np.random.Philox(seed)), 0
    for _ in range(30):
        moved = Launch(
            latitude=0.5 + random.normal() * 3e-3, longitude=1.0 + random.normal() * 3e-3,
            azimuth=0.8 + random.normal() * 0.1, range=280e3,
        )  # fmt: skip
        x, y = state(PLACE, random.uniform(20, 200)), state(moved, random.uniform(20, 200))
        arc = np.array([propagate(y, float(t), 0.0) for t in np.arange(-115.0, 115.5, 0.5)])
        k = int(np.argmin(np.linalg.norm(arc[:, :3] - x[:3], axis=1)))
        far, faster = np.linalg.norm(arc[k, :3] - x[:3]), np.linalg.norm(arc[k, 3:] - x[3:])
        if 0 < k < len(arc) - 1 and far < 50e3 and faster < 650.0:
            near += 1
            assert beside(x, y, 0.0) == pytest.approx(far, abs=800.0)
    assert near > 8
