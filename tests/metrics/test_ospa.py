"""OSPA and GOSPA against Stone Soup's, and OSPA against counting every assignment."""

import datetime
import itertools

import numpy as np
import pytest
from stonesoup.metricgenerator.ospametric import GOSPAMetric, OSPAMetric
from stonesoup.types.state import State

from tocsin.metrics.gospa import gospa_parts
from tocsin.metrics.ospa import ospa

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
SIZES = [(3, 3), (5, 2), (1, 6), (4, 0), (0, 2), (12, 10)]


def drawn(n: int, m: int, seed: int):
    random = np.random.Generator(np.random.Philox(seed))
    return random.uniform(-1500, 1500, (n, 3)), random.uniform(-1500, 1500, (m, 3))


def states(points):
    return [State(point[:, None], timestamp=NOW) for point in points]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("c", [400.0, 2000.0])
def test_gospa_and_its_parts_are_stone_soups(size, p, c) -> None:
    for seed in range(5):
        truth, estimates = drawn(*size, seed)
        theirs, _ = GOSPAMetric(c=c, p=p).compute_gospa_metric(states(estimates), states(truth))
        ours = gospa_parts(truth, estimates, c, p)
        assert ours.distance == pytest.approx(theirs.value["distance"])
        assert ours.localisation == pytest.approx(theirs.value["localisation"])
        assert ours.missed * c**p / 2 == pytest.approx(theirs.value["missed"])
        assert ours.false * c**p / 2 == pytest.approx(theirs.value["false"])
        assert (ours.pairs + ours.missed, ours.pairs + ours.false) == size


@pytest.mark.parametrize("size", SIZES)
def test_ospa_is_stone_soups(size) -> None:
    """Of order 1: at higher orders Stone Soup assigns by the distance and not by its power, and may miss the least."""
    for seed in range(5):
        truth, estimates = drawn(*size, seed)
        theirs = OSPAMetric(c=900.0, p=1).compute_OSPA_distance(states(estimates), states(truth))
        assert ospa(truth, estimates, 900.0) == pytest.approx(theirs.value)


@pytest.mark.parametrize(("n", "m"), [(3, 3), (4, 2), (2, 5), (1, 1)])
@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_ospa_against_counting(n, m, p) -> None:
    for seed in range(10):
        x, y = drawn(n, m, seed)
        few, many = (x, y) if n <= m else (y, x)
        best = min(
            sum(min(float(np.linalg.norm(a - many[k])), 800.0) ** p for a, k in zip(few, chosen, strict=True))
            for chosen in itertools.permutations(range(len(many)), len(few))
        )
        assert ospa(x, y, 800.0, p) == pytest.approx(
            ((best + 800.0**p * (len(many) - len(few))) / len(many)) ** (1 / p)
        )


def test_ospa_of_nothing_and_of_nothing_found() -> None:
    nothing, one = np.empty((0, 3)), np.zeros((1, 3))
    assert ospa(nothing, nothing, 5.0) == 0.0
    assert ospa(one, nothing, 5.0) == 5.0
    assert ospa(one, one, 5.0) == 0.0
