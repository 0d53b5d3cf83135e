"""Prediction and update of radar rows: Kalman where linear, symmetric and positive, the same without a compiler."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.flight.coast import propagate
from tocsin.tracking import _motion

LAT, LON = 0.3, -0.5
SITE, AXES = ecef_from_geodetic(LAT, LON, 0.0), enu_from_ecef(LAT, LON)
SIGMAS = np.array([50.0, 1.7e-3, 1.7e-3, np.inf])
DOPPLER = np.array([50.0, 1.7e-3, 1.7e-3, 2.0])
BODY = np.array([300e3, 500e3, 350e3, 900.0, 1500.0, 800.0])  # east, north, up and their rates


def state(enu=BODY):
    return np.concatenate([SITE + AXES.T @ enu[:3], AXES.T @ enu[3:]])


def models(x, sigma=300.0, speed=50.0):
    P = np.diag([sigma**2] * 3 + [speed**2] * 3)
    return np.array([x, x]), np.array([P, P]), np.array([0.7, 0.3])


def symmetric_positive(P):
    return np.allclose(P, P.T, rtol=1e-9) and np.linalg.eigvalsh(P).min() > 0


def measured(x):
    from tocsin.sensors._kernels import radar_predict

    return np.array(radar_predict(x, SITE, AXES))


@settings(max_examples=40)
@given(dt=st.floats(0.01, 30), mu=st.floats(0.001, 0.999))
def test_prediction_keeps_a_covariance(dt, mu):
    x, P, _ = models(state())
    x2, P2, mu2 = _motion.predict_row(x, P, np.array([mu, 1 - mu]), dt, 1 / 4000)
    assert mu2.sum() == pytest.approx(1.0)
    for k in range(2):
        assert symmetric_positive(P2[k])
        assert np.trace(P2[k]) > np.trace(P[k])
    assert np.allclose(x2[0], propagate(state(), dt, 1 / 4000), atol=1e-6)
    assert np.linalg.norm(x2[1] - x2[0]) > 15 * dt**2, "the burning model runs ahead"


def test_weights_follow_the_chain():
    x, P, _ = models(state())
    _, _, mu = _motion.predict_row(x, P, np.array([0.0, 1.0]), 20.0, 0.0)
    assert mu == pytest.approx([1 - np.exp(-20 / 40), np.exp(-20 / 40)])


def test_forth_and_back():
    """A plot a little older than the row's last: back along the same path, no noise added."""
    x, P, _ = models(state())
    sure = np.array([1.0, 0.0])
    ahead, P_ahead, _ = _motion.predict_row(x, P, sure, 2.0, 0.0)
    back, P_back, mu = _motion.predict_row(ahead, P_ahead, sure, -2.0, 0.0)
    assert mu.tolist() == [1.0, 0.0]
    assert np.allclose(back[0], x[0], atol=1e-3)
    assert np.trace(P_back[0]) >= np.trace(P[0]) * (1 - 1e-9)


def test_covariance_against_samples():
    """The linear transition against the flown cloud."""
    random = np.random.Generator(np.random.Philox(3))
    x, P, _ = models(state(), sigma=500.0, speed=20.0)
    cloud = random.multivariate_normal(x[0], P[0], 4000)
    flown = np.array([propagate(row, 20.0, 0.0) for row in cloud])
    _, P2, _ = _motion.predict_row(x, P, np.array([1.0, 0.0]), 20.0, 0.0)
    ratio = np.sqrt(np.diag(np.cov(flown.T)) / np.diag(P2[0]))
    assert np.all((ratio > 0.93) & (ratio < 1.05))


@pytest.mark.parametrize(("sigmas", "count"), [(SIGMAS, 3), (DOPPLER, 4)])
def test_update_is_kalman_for_a_small_step(sigmas, count):
    """Where the measurement is linear, the update equals the information form of the Kalman filter."""
    x, P, mu = models(state(), sigma=5.0, speed=1.0)
    z = measured(x[0]) + np.array([3.0, 2e-6, -1e-6, 0.2])
    x2, P2, mu2 = _motion.update_row(x, P, mu, z, sigmas, SITE, AXES)
    y, _, H, m = _motion.innovation(x[0], P[0], z, sigmas, SITE, AXES)
    assert m == count
    W = np.diag(1 / sigmas[:m] ** 2)
    information = np.linalg.inv(P[0]) + H[:m].T @ W @ H[:m]
    assert np.allclose(np.linalg.inv(P2[0]), information, rtol=1e-6, atol=1e-9)
    assert np.allclose(x2[0] - x[0], np.linalg.solve(information, H[:m].T @ W @ y[:m]), atol=1e-6)
    assert mu2 == pytest.approx(mu), "equal models learn nothing of each other"


@given(
    off=st.tuples(*[st.floats(-3, 3)] * 4).map(np.array),
    sigma=st.floats(1, 1e5),
    speed=st.floats(0.1, 3e3),
)
def test_update_keeps_a_covariance(off, sigma, speed):
    x, P, mu = models(state(), sigma, speed)
    z = measured(x[0]) + off * DOPPLER
    _, P2, mu2 = _motion.update_row(x, P, mu, z, DOPPLER, SITE, AXES)
    assert mu2.sum() == pytest.approx(1.0)
    for k in range(2):
        assert symmetric_positive(P2[k])
        assert np.linalg.eigvalsh(P[k] - P2[k]).min() > -1e-9 * np.trace(P[k])


def test_models_are_weighed_by_their_likelihood():
    x, P, _ = models(state(), sigma=50.0, speed=1.0)
    x[1, :3] += AXES.T @ [0.0, 0.0, 400.0]
    z = measured(x[0])
    _, _, mu = _motion.update_row(x, P, np.array([0.5, 0.5]), z, SIGMAS, SITE, AXES)
    assert mu[0] > 0.7


@given(
    y=st.tuples(*[st.floats(-5, 5)] * 4).map(np.array),
    root=st.lists(st.floats(-1, 1), min_size=16, max_size=16),
    m=st.sampled_from([3, 4]),
)
def test_likelihood_against_scipy(y, root, m):
    A = np.array(root).reshape(4, 4)
    S = A @ A.T + 0.5 * np.eye(4)
    density, d2 = _motion.likelihood(y, S, m)
    normal = stats.multivariate_normal(np.zeros(m), S[:m, :m])
    assert density == pytest.approx(normal.pdf(y[:m]), rel=1e-9)
    assert d2 == pytest.approx(y[:m] @ np.linalg.inv(S[:m, :m]) @ y[:m], rel=1e-9)


def test_a_singular_innovation_is_no_match():
    density, d2 = _motion.likelihood(np.ones(4), -np.eye(4), 3)
    assert (density, d2) == (0.0, np.inf)


def test_combined_is_the_moments_of_the_mixture():
    x, P, mu = models(state())
    x[1] += 1000.0
    mean, C = _motion.combined(x, P, mu)
    assert np.allclose(mean, 0.7 * x[0] + 0.3 * x[1])
    second = sum(m * (Q + np.outer(v, v)) for m, Q, v in zip(mu, P, x - x[0], strict=True))
    assert np.allclose(C, second - np.outer(mean - x[0], mean - x[0]))


@given(azimuth=st.floats(0, 2 * np.pi), elevation=st.floats(0.02, 1.5), rho=st.floats(1e5, 3e6))
def test_first_plot(azimuth, elevation, rho):
    """The state measures as the plot, and its covariance is the plot's."""
    from tocsin.sensors._kernels import radar_jacobian

    z = np.array([rho, azimuth, elevation, np.nan])
    x, P = _motion.from_plot(z, SIGMAS, SITE, AXES, 2500.0)
    found = measured(x)
    assert found[0] == pytest.approx(rho)
    assert np.cos(found[1] - azimuth) == pytest.approx(1.0)
    assert found[2] == pytest.approx(elevation)
    assume(elevation < 1.45)
    H = radar_jacobian(x, SITE, AXES)[:3]
    assert np.allclose(H @ P @ H.T, np.diag(SIGMAS[:3] ** 2), rtol=1e-6, atol=1e-9)
    assert np.allclose(np.diag(P)[3:], 2500.0**2)
    assert np.linalg.eigvalsh(P).min() > 0


def test_kernels_without_compiler():
    x, P, mu = models(state())
    z = measured(state()) + np.array([30.0, 1e-4, 1e-4, 1.0])
    y, S, _, m = _motion.innovation(x[0], P[0], z, DOPPLER, SITE, AXES)
    for kernel, arguments in (
        (_motion.predict_row, (x, P, mu, 3.0, 1 / 4000)),
        (_motion.innovation, (x[0], P[0], z, DOPPLER, SITE, AXES)),
        (_motion.likelihood, (y, S, m)),
        (_motion.update_row, (x, P, mu, z, DOPPLER, SITE, AXES)),
        (_motion.combined, (x, P, mu)),
        (_motion.from_plot, (z, SIGMAS, SITE, AXES, 2500.0)),
    ):
        compiled, plain = kernel(*arguments), kernel.py_func(*arguments)
        for a, b in zip(compiled, plain, strict=True):
            assert np.allclose(a, b, rtol=1e-9, atol=1e-12), kernel


def test_a_model_without_weight_spoils_nothing():
    x, P, _ = models(state())
    mean, C = _motion.combined(*_motion.predict_row(x, P, np.array([1.0, 0.0]), -0.5, 1 / 4000))
    assert np.isfinite(mean).all()
    assert np.isfinite(C).all()
