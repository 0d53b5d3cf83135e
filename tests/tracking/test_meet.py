"""Rows held against bodies that wait, and bodies carried on: as plain linear algebra has it."""

import numpy as np
import pytest

from tocsin.assessment.orbit import lowest_perigee, perigees_and_apogees
from tocsin.earth.local import launch_difference, launch_moved
from tocsin.flight.coast import propagate_with_transition
from tocsin.tracking import _meet

STATE = np.array([6.6e6, 2e5, -3e5, 1e3, 5.5e3, 2e3])


@pytest.fixture
def random():
    return np.random.Generator(np.random.Philox(5))


def covariance(random, n=6):
    scale = np.array([3e3] * 3 + [200.0] * 3)[-n:] if n <= 6 else np.ones(n)
    A = random.normal(size=(n, n))
    return (A @ A.T / n + 0.1 * np.eye(n)) * np.outer(scale, scale)


def test_a_covariance_is_carried_with_all_that_the_motion_is_joint_with(random):
    C = covariance(random, 10)
    x, P = _meet.carried(STATE, C, 17.0, 1e-4)
    y, Phi = propagate_with_transition(STATE, 17.0, 1e-4)
    F = np.eye(10)
    F[4:, 4:] = Phi
    assert np.array_equal(x, y)
    assert np.allclose(P, F @ C @ F.T, rtol=1e-12, atol=1e-12 * np.abs(P).max())


def test_rows_meet_the_bodies_within_their_gate_and_no_others(random):
    x = STATE + random.normal(size=(12, 6)) * ([6e3] * 3 + [300.0] * 3)
    y = STATE + random.normal(size=(9, 6)) * ([6e3] * 3 + [300.0] * 3)
    P = np.array([covariance(random) for _ in x])
    C = np.array([covariance(random) for _ in y])
    gate = np.where(np.arange(12) % 2, 22.5, 5.0)
    rows, bodies, squares = _meet.meetings(x, P, np.zeros(12), gate, y, C)
    d = x[:, None] - y
    all_squares = np.einsum("ijk,ijk->ij", d, np.linalg.solve(P[:, None] + C, d[..., None])[..., 0])
    wanted = [(i, j) for i in range(12) for j in range(9) if all_squares[i, j] < gate[i]]
    assert 5 < len(wanted) < 100
    assert list(zip(rows.tolist(), bodies.tolist(), strict=True)) == wanted
    assert squares == pytest.approx([all_squares[pair] for pair in wanted])


def test_a_row_is_moved_to_the_end_of_the_look(random):
    P = covariance(random)
    flown, Phi = propagate_with_transition(STATE, 5.0, 0.0)
    C = covariance(random)
    off = np.array([4e3, -2e3, 1e3, 20.0, -30.0, 10.0])
    (_, _, squares) = _meet.meetings(
        STATE[None], P[None], np.array([5.0]), np.array([1e3]), (flown + off)[None], C[None]
    )
    S = Phi @ P @ Phi.T + C
    assert squares[0] == pytest.approx(off @ np.linalg.solve(S, off), rel=0.05)


def test_the_lowest_perigee_is_that_of_the_points_of_the_root(random):
    P = covariance(random)
    arms = np.sqrt(6.0) * np.linalg.cholesky(P).T
    perigee, _ = perigees_and_apogees(np.vstack([STATE + arms, STATE - arms]))
    assert lowest_perigee(STATE, P) == pytest.approx(perigee.min(), abs=1e-3)
    assert lowest_perigee(STATE, -P) == -np.inf


def test_rows_near_a_place_are_counted_where_they_are_then(random):
    x = np.concatenate(
        [STATE[:3] + random.normal(0.0, 1e5, (40, 3)), random.normal(0.0, 3e3, (40, 3))], axis=1
    )
    dt, those = random.uniform(-5.0, 5.0, 40), random.random(40) < 0.7
    then = x[:, :3] + dt[:, None] * x[:, 3:] - 0.5 * dt[:, None] ** 2 * _meet.PULL * x[:, :3]
    wanted = int(np.sum(those & (np.linalg.norm(then - STATE[:3], axis=1) < 1.5e5)))
    assert 0 < wanted < those.sum()
    assert _meet.near(x, dt, those, STATE, 1.5e5) == wanted


def test_a_mixture_has_the_moments_of_its_components(random):
    weights, launches = np.array([0.5, 0.2, 0.1]), np.array([0.4, -1.2, 30.0, 3.1])
    launches = launches + random.normal(0.0, [1e-4, 1e-4, 2.0, 0.02], (3, 4))
    motions = STATE + random.normal(0.0, 10.0, (3, 6))
    C = np.array([covariance(random, 10) for _ in range(3)])
    launch, motion, P = _meet.mixed(weights, launches, motions, C)
    shares = weights / weights.sum()
    assert motion == pytest.approx(shares @ motions)
    assert launch == pytest.approx(shares @ launches, abs=1e-8)
    d = np.array(
        [[*launch_difference(one, launch), *(x - motion)] for one, x in zip(launches, motions, strict=True)]
    )
    assert np.allclose(P, np.einsum("k,kij->ij", shares, C + d[:, :, None] * d[:, None, :]))


@pytest.mark.parametrize(("moved", "near"), [(0.9, True), (1.1, False)])
def test_within_a_sigma_in_each_number(moved, near):
    C, launch = np.diag([4e4, 1e4, 9.0, 1e-3, *[1.0] * 6]), np.array([0.4, -1.2, 30.0, 3.1])
    for k in range(4):
        move = np.zeros(4)
        move[k] = -moved * np.sqrt(C[k, k])
        assert _meet.within_a_sigma(launch, C, launch_moved(launch, move)) is near
