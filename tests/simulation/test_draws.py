"""Draws are keyed by their names, independent of order and of each other."""

import numpy as np
import pytest
from scipy import stats

from tocsin.simulation.draws import draw

NAMES = ("study", 0, "alpha", "geo-1", 3, "noise")
FIRST = ("0x1.1cef3bd0d3350p-6", "0x1.65eff2002e320p+0")  # recorded once; a change redraws every study


def test_is_the_same_for_ever():
    assert draw(*NAMES).standard_normal(2).tolist() == [float.fromhex(x) for x in FIRST]


def test_does_not_depend_on_order():
    first = draw(*NAMES).uniform(size=5)
    draw("study", 0, "bravo", "geo-1", 3, "noise").uniform(size=1000)
    assert np.array_equal(draw(*NAMES).uniform(size=5), first)


@pytest.mark.parametrize("place", range(6))
def test_every_part_of_the_name_matters(place):
    other = list(NAMES)
    other[place] = 7 if isinstance(other[place], int) else other[place] + "x"
    assert draw(*NAMES).uniform() != draw(*other).uniform()


def test_names_do_not_run_together():
    a = draw("s", 1, "a", "bc", 0, "noise").uniform()
    assert a != draw("s", 1, "ab", "c", 0, "noise").uniform()
    assert draw("s", 1, "a", "b", 1, "1").uniform() != draw("s", 1, "a", "b", 11, "").uniform()


def test_first_numbers_of_many_names_are_normal_and_uncorrelated():
    pairs = np.array(
        [draw("study", 0, "alpha", "geo-1", look, "noise").standard_normal(2) for look in range(4000)]
    )
    assert stats.kstest(pairs[:, 0], "norm").pvalue > 1e-3
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 0.06
    assert abs(np.corrcoef(pairs[1:, 0], pairs[:-1, 0])[0, 1]) < 0.06
