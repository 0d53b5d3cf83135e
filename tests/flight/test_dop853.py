"""The Runge-Kutta method on systems with closed forms, against scipy's, with events at known times."""

import math

import numpy as np
import pytest
from numba import njit
from scipy.integrate import solve_ivp

from tocsin.flight.dop853 import _MATRIX, _NODES, _WEIGHTS, ENDED, MET, NOT_FINITE, solver

TIGHT = np.full(2, 1e-12)


@njit
def _spring(t, y, p, out):
    out[0], out[1] = y[1], -p[0] * y[0]


@njit
def _left(t, y, p):
    return y[0]


@njit
def _bursting(t, y, p, out):
    out[0] = y[0] * y[0]


@pytest.fixture(scope="module")
def spring():
    return solver(_spring), solver(_spring, _left)


def test_coefficients_are_consistent() -> None:
    assert _MATRIX.sum(axis=1) == pytest.approx(_NODES, abs=1e-14)
    for order in range(1, 9):
        assert _WEIGHTS @ _NODES ** (order - 1) == pytest.approx(1 / order, abs=1e-14)


@pytest.mark.parametrize("end", [10.0, -10.0, 0.3])
def test_a_spring_either_way(spring, end) -> None:
    y = np.array((1.0, 0.0))
    t, _, status = spring[0](0.0, y, end, np.array((4.0,)), TIGHT, 0.1)
    assert (t, status) == (end, ENDED)
    assert y == pytest.approx((math.cos(2 * end), -2 * math.sin(2 * end)), abs=1e-10)


@pytest.mark.parametrize("end", [10.0, -10.0])
def test_it_stops_at_the_event(spring, end) -> None:
    y = np.array((1.0, 0.0))
    t, h, status = spring[1](0.0, y, end, np.array((4.0,)), TIGHT, 0.1)
    assert status == MET
    assert t == pytest.approx(math.copysign(math.pi / 4, end), abs=1e-9)
    assert y[0] == pytest.approx(0.0, abs=3e-9)
    assert h * end > 0
    # On from there: the next leg starts where the event was and must not meet it at once.
    y[1] *= -1.0
    again, _, status = spring[1](t, y, end, np.array((4.0,)), TIGHT, h)
    assert status == MET
    assert abs(again - t) == pytest.approx(math.pi / 2, abs=1e-8)


def test_no_time_is_no_change(spring) -> None:
    y = np.array((1.0, 2.0))
    assert spring[0](3.0, y, 3.0, np.array((4.0,)), TIGHT, 0.1)[2] == ENDED
    assert list(y) == [1.0, 2.0]


def test_a_solution_that_bursts_is_a_status() -> None:
    """y' = y² from 1 is infinite at time 1."""
    y = np.ones(1)
    t, _, status = solver(_bursting)(0.0, y, 2.0, np.empty(0), np.full(1, 1e-9), 0.1)
    assert status == NOT_FINITE
    assert t == pytest.approx(1.0, abs=1e-3)


def test_scipy_takes_as_many_steps() -> None:
    """The same method with the same tolerance: about the same work."""

    @njit
    def counted(t, y, p, out):
        p[1] += 1
        out[0], out[1] = y[1], -p[0] * y[0]

    p = np.array((1.0, 0.0))
    y = np.array((1.0, 0.0))
    solver(counted)(0.0, y, 50.0, p, np.full(2, 1e-9), 0.1)
    found = solve_ivp(
        lambda t, y: (y[1], -y[0]), (0, 50), (1.0, 0.0), "DOP853", rtol=1e-13, atol=1e-9, first_step=0.1
    )
    assert 0.7 < p[1] / found.nfev < 1.3
    assert y == pytest.approx((math.cos(50), -math.sin(50)), abs=1e-6)
