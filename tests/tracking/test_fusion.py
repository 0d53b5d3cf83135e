"""Infrared and radar made one: as a joint Kalman update, with nothing counted twice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.earth.local import launch_difference, launch_moved
from tocsin.flight.coast import propagate, propagate_with_transition
from tocsin.messages import SECOND, Component
from tocsin.tracking import fusion
from tocsin.tracking.table import MIDDLE_DRAG

T0 = 1_000 * SECOND
AXES = enu_from_ecef(0.2, -0.6)
X = np.concatenate([ecef_from_geodetic(0.2, -0.6, 200e3), AXES.T @ np.array([1200.0, 1500.0, 900.0])])
LAUNCH = np.array([0.19, -0.61, -80.0, 0.7])


def ahead(prior, t):
    """Carry a prior of time T0 to the radar's time, as a body does."""
    return tuple(fusion.carried(c, (t - T0) / SECOND) for c in prior)


def covariance(random, scale=1.0):
    """Draw a joint covariance of launch and motion with strong cross terms."""
    sizes = np.array([3e3, 2e3, 3.0, 0.05, 2e3, 2e3, 2e3, 40.0, 40.0, 40.0]) * scale
    root = random.normal(size=(10, 10)) / np.sqrt(10) + 0.3 * np.eye(10)
    return np.outer(sizes, sizes) * (root @ root.T)


def component(random, weight=1.0, label="a", move=None):
    P = covariance(random)
    return Component(weight, LAUNCH.copy(), X + (0 if move is None else move), P, label)


def rowed(random, dt, off=0.5):
    """Return a radar's state at dt [s] after T0 and its covariance, off the true one by some sigmas."""
    sizes = np.array([300.0] * 3 + [8.0] * 3)
    P = np.diag(sizes**2)
    return propagate(X, dt, MIDDLE_DRAG) + off * sizes * random.normal(size=6), P, T0 + round(dt * SECOND)


def joint(c, x, P, dt):
    """Update by the information form at the radar's time and carry the whole vector there."""
    _, Phi = propagate_with_transition(c.motion, dt, MIDDLE_DRAG)
    y, Back = propagate_with_transition(x, -dt, MIDDLE_DRAG)
    R = Back @ P @ Back.T
    H = np.hstack([np.zeros((6, 4)), np.eye(6)])
    information = np.linalg.inv(c.covariance) + H.T @ np.linalg.inv(R) @ H
    C = np.linalg.inv(information)
    move = C @ H.T @ np.linalg.solve(R, y - c.motion)
    F = np.eye(10)
    motion, Phi = propagate_with_transition(c.motion + move[4:], dt, MIDDLE_DRAG)
    F[4:, 4:] = Phi
    return move[:4], motion, F @ C @ F.T


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), dt=st.floats(1, 150))
def test_one_component_is_the_joint_kalman_update(seed, dt):
    random = np.random.Generator(np.random.Philox(seed))
    c = component(random)
    x, P, t = rowed(random, dt)
    (found,), nearest = fusion.fused(ahead((c,), t), x, P)
    move, motion, C = joint(c, x, P, (t - T0) / SECOND)
    assert np.isfinite(nearest)
    assert np.allclose(found.motion, motion, rtol=0, atol=np.array([1.0] * 3 + [0.05] * 3))
    sigma = np.sqrt(np.diag(C))
    assert np.allclose(found.covariance / np.outer(sigma, sigma), C / np.outer(sigma, sigma), atol=1e-3)
    d = launch_difference(found.launch, c.launch)
    assert np.allclose(d, move, rtol=2e-3, atol=[1.0, 1.0, 1e-3, 1e-5])


def test_the_launch_learns_from_the_radar():
    random = np.random.Generator(np.random.Philox(1))
    c = component(random)
    x, P, t = rowed(random, 60.0, off=0.0)
    (found,), _ = fusion.fused(ahead((c,), t), x, P)
    assert np.all(np.diag(found.covariance)[:4] < np.diag(c.covariance)[:4])
    uncrossed = c.covariance.copy()
    uncrossed[:4, 4:] = uncrossed[4:, :4] = 0.0
    apart = Component(1.0, c.launch, c.motion, uncrossed, "a")
    (found,), _ = fusion.fused(ahead((apart,), t), x, P)
    assert np.allclose(np.diag(found.covariance)[:4], np.diag(uncrossed)[:4]), "without cross terms it cannot"


def test_fusing_again_from_the_prior_changes_nothing():
    random = np.random.Generator(np.random.Philox(2))
    prior = (component(random, 0.6), component(random, 0.4, "b"))
    x, P, t = rowed(random, 80.0)
    first, _ = fusion.fused(ahead(prior, t), x, P)
    second, _ = fusion.fused(ahead(prior, t), x, P)
    for a, b in zip(first, second, strict=True):
        assert np.array_equal(a.motion, b.motion)
        assert np.array_equal(a.covariance, b.covariance)


def test_a_body_fuses_each_snapshot_from_the_prior():
    """Looking at a body ten times is not seeing it ten times."""
    from tocsin.tracking import body as bodies
    from tocsin.tracking.settings import Settings

    random = np.random.Generator(np.random.Philox(3))
    body = bodies.Body(1, "test", T0, Settings())
    body.prior = (T0, (component(random),))
    x, P, t = rowed(random, 40.0, off=0.1)
    body.radar = bodies.Radar(1, x, P, t, 0.0, t)
    pages = [body.mixture() for _ in range(10)]
    assert all(np.array_equal(p[1][0].covariance, pages[0][1][0].covariance) for p in pages)
    expected = joint(body.prior[1][0], x, P, (t - T0) / SECOND)
    assert np.allclose(pages[0][1][0].motion, expected[1], atol=1.0)


def test_weights_follow_the_evidence():
    random = np.random.Generator(np.random.Philox(4))
    P = covariance(random)
    near = Component(0.1, LAUNCH, X, P, "near")
    sigma = np.sqrt(np.diag(P))[4:]
    far = Component(0.9, LAUNCH, X + 8 * sigma * np.array([1, 0, 0, 0, 0, 0]), P, "far")
    x, R, t = rowed(random, 1.0, off=0.0)
    found, nearest = fusion.fused(ahead((near, far), t), x, R)
    assert sum(c.weight for c in found) == pytest.approx(1.0)
    best = max(found, key=lambda c: c.weight)
    assert best.label == "near"
    assert nearest == pytest.approx(fusion.distance(ahead((near, far), t), x, R))


def test_weights_against_bayes():
    """Two components of one covariance: the ratio of weights is that of their likelihoods."""
    random = np.random.Generator(np.random.Philox(5))
    P = covariance(random)
    move = 0.8 * np.sqrt(np.diag(P))[4:]
    a, b = Component(0.3, LAUNCH, X, P, "a"), Component(0.7, LAUNCH, X + move, P, "b")
    x, R, t = rowed(random, 2.0)
    found, _ = fusion.fused(ahead((a, b), t), x, R)
    weight = {c.label: c.weight for c in found}
    d2 = [fusion.distance(ahead((c,), t), x, R) for c in (a, b)]
    expected = 0.3 / 0.7 * np.exp(-0.5 * (d2[0] - d2[1]))
    assert weight["a"] / weight["b"] == pytest.approx(expected, rel=1e-6)


def test_out_of_reach():
    random = np.random.Generator(np.random.Philox(6))
    singular = Component(1.0, LAUNCH, X, np.full((10, 10), np.nan), "a")
    x, P, t = rowed(random, 2.0)
    assert fusion.fused(ahead((singular,), t), x, P) == ((), float("inf"))


def test_carried_there_and_back():
    random = np.random.Generator(np.random.Philox(7))
    c = component(random)
    back = fusion.carried(fusion.carried(c, 50.0), -50.0)
    assert np.allclose(back.motion, c.motion, atol=1e-2)
    assert np.allclose(back.covariance, c.covariance, rtol=1e-3, atol=1e-3 * np.abs(c.covariance).min())
    assert back.launch is c.launch


def test_merging_keeps_the_moments():
    random = np.random.Generator(np.random.Philox(8))
    P = covariance(random)
    sigma = np.sqrt(np.diag(P))
    a = Component(0.5, LAUNCH, X, P, "a")
    b = Component(0.5, launch_moved(LAUNCH, 0.4 * sigma[:4]), X + 0.6 * sigma[4:], P, "a")
    other = Component(0.5, launch_moved(LAUNCH, 3 * sigma[:4]), X, P, "a")
    (one,) = fusion.merged([(0.25, a), (0.75, b)])
    assert one.weight == pytest.approx(1.0)
    assert np.allclose(one.motion, X + 0.45 * sigma[4:])
    d = np.concatenate([0.4 * sigma[:4], 0.6 * sigma[4:]])
    assert np.allclose(
        one.covariance, P + 0.25 * 0.75 * np.outer(d, d), rtol=1e-6, atol=1e-3 * np.outer(sigma, sigma)
    )
    assert len(fusion.merged([(0.5, a), (0.5, other)])) == 2, "launches three sigmas apart stay two"


@given(
    move=st.tuples(st.floats(-3e4, 3e4), st.floats(-3e4, 3e4), st.floats(-90, 90), st.floats(-3, 3)).map(
        np.array
    ),
    longitude=st.sampled_from([-np.pi + 1e-4, 0.0, np.pi - 1e-4]),
    heading=st.floats(0, 2 * np.pi),
)
def test_moved_and_difference_are_inverse(move, longitude, heading):
    launch = np.array([0.5, longitude, 10.0, heading])
    assert np.allclose(launch_difference(launch_moved(launch, move), launch), move, atol=1e-3)


def test_beside_leaves_launch_and_motion_apart():
    random = np.random.Generator(np.random.Philox(9))
    c = component(random)
    x, P, _ = rowed(random, 3.0)
    (found,) = fusion.beside((c,), x, P)
    assert np.array_equal(found.covariance[:4, :4], c.covariance[:4, :4])
    assert np.array_equal(found.covariance[4:, 4:], P)
    assert not found.covariance[:4, 4:].any()
    assert found.motion is x
