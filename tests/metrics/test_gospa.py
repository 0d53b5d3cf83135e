"""GOSPA: worked cases, its axioms, and counting every assignment."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.metrics.gospa import gospa

points = st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), max_size=4).map(
    lambda rows: np.array(rows, dtype=np.float64).reshape(-1, 2)
)
C = 20.0


def counted(x, y, c, p=2.0):
    """Try every partial assignment (Rahmathullah et al. 2017, proposition 1)."""
    best = np.inf
    n, m = len(x), len(y)
    for k in range(min(n, m) + 1):
        for rows in itertools.combinations(range(n), k):
            for columns in itertools.permutations(range(m), k):
                cost = sum(np.linalg.norm(x[i] - y[j]) ** p for i, j in zip(rows, columns, strict=True))
                best = min(best, cost + c**p / 2 * (n + m - 2 * k))
    return best ** (1 / p)


@given(x=points, y=points)
def test_against_counting(x, y):
    assert gospa(x, y, C) == pytest.approx(counted(x, y, C), abs=1e-9)


@given(x=points, y=points, z=points)
def test_it_is_a_metric(x, y, z):
    assert gospa(x, x, C) == 0.0
    assert gospa(x, y, C) == pytest.approx(gospa(y, x, C))
    assert gospa(x, z, C) <= gospa(x, y, C) + gospa(y, z, C) + 1e-9


def test_worked_cases():
    nothing = np.empty((0, 3))
    one, near, far = np.zeros((1, 3)), np.array([[3.0, 4.0, 0.0]]), np.array([[1e6, 0.0, 0.0]])
    assert gospa(nothing, nothing, 2000.0) == 0.0
    assert gospa(one, near, 2000.0) == pytest.approx(5.0)
    assert gospa(one, nothing, 2000.0) == pytest.approx(2000.0 / np.sqrt(2))
    assert gospa(one, far, 2000.0) == pytest.approx(2000.0), "one missed and one false"
