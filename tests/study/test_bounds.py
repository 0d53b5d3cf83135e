"""Bounds in coast: against closed forms, the information form, a Kalman filter's, and how they must scale."""

import numpy as np
import pytest
from msgspec.structs import replace

from tocsin.flight.coast import propagate, propagate_with_transition
from tocsin.messages import Sensor
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.radar import Radar
from tocsin.study.bounds import Sight, posterior_bound, updated, white_noise

X0 = np.array([6_550e3, 0.0, 0.0, 900.0, 2_000.0, 300.0])
P0 = np.diag([500.0**2] * 3 + [30.0**2] * 3)
TIMES = np.arange(1, 41) * 5.0


def radar(**changes: float) -> Radar:
    made = Radar.from_message(
        Sensor(
            origin="test", id="r", type="radar", latitude_deg=1.5, longitude_deg=4.5, height_m=10.0, range_sigma_m=30.0,
            azimuth_sigma_deg=0.06, elevation_sigma_deg=0.06, range_max_m=2e6,
        )
    )  # fmt: skip
    return replace(made, **changes)


def sight(longitude_deg: float) -> Sight:
    eye = Infrared.from_message(Sensor(origin="test", id="i", type="infrared", los_sigma_urad=30.0))
    lon = np.radians(longitude_deg)
    return Sight(eye, 42_164e3 * np.array([np.cos(lon), np.sin(lon), 0.0]))


def test_it_is_the_recursion_in_information_form() -> None:
    site, q, p = radar(), 0.02, 0.9
    told = posterior_bound(X0, P0, TIMES, [site] * len(TIMES), p, noise=q)
    J, x, now = np.linalg.inv(P0), X0, 0.0
    for k, t in enumerate(TIMES):
        x, F = propagate_with_transition(x, t - now, 0.0)
        H = site.jacobian(x)[0][:3]
        R = np.diag(site.sigmas()[:3] ** 2)
        J = (
            np.linalg.inv(white_noise(q, t - now) + F @ np.linalg.inv(J) @ F.T)
            + p * H.T @ np.linalg.inv(R) @ H
        )
        assert np.linalg.inv(J) == pytest.approx(told[k], rel=1e-6, abs=1e-6)
        now = t


def test_a_linear_measurement_gives_the_kalman_covariance() -> None:
    random = np.random.Generator(np.random.Philox(1))
    H, R = random.standard_normal((4, 6)), np.diag([1.0, 4.0, 9.0, 0.25])
    K = P0 @ H.T @ np.linalg.inv(H @ P0 @ H.T + R)
    joseph = (np.eye(6) - K @ H) @ P0 @ (np.eye(6) - K @ H).T + K @ R @ K.T
    assert updated(P0, np.linalg.inv(np.sqrt(R)) @ H) == pytest.approx(joseph, rel=1e-6, abs=1e-6)


def test_many_looks_from_nothing_known_are_least_squares() -> None:
    """Without noise in the motion the recursion is the Fisher information of a batch of looks at the first state."""
    site = radar()
    told = posterior_bound(X0, 1e6 * P0, TIMES, [site] * len(TIMES), 1.0)[-1]
    J = np.zeros((6, 6))
    for t in TIMES:
        x, F = propagate_with_transition(X0, t, 0.0)
        W = site.jacobian(x)[0][:3] / site.sigmas()[:3, None] @ F
        J += W.T @ W
    _, F = propagate_with_transition(X0, TIMES[-1], 0.0)
    batch = F @ np.linalg.inv(J) @ F.T
    assert np.sqrt(np.diag(told)) == pytest.approx(np.sqrt(np.diag(batch)), rel=1e-3)


def test_an_estimator_reaches_it() -> None:
    """Gauss-Newton on 400 draws of 20 looks: covariance of the errors over the bound, each axis within 4 sigma."""
    site, times, draws = radar(), TIMES[:20], 400
    random = np.random.Generator(np.random.Philox(7))
    prior = np.linalg.inv(P0)
    sigmas = site.sigmas()[:3]
    z = np.array([site.predict(propagate(X0, t, 0.0))[0][:3] for t in times])
    errors = np.empty((draws, 6))
    for i in range(draws):
        guess = X0 + np.sqrt(np.diag(P0)) * random.standard_normal(6)
        noisy, x = z + sigmas * random.standard_normal(z.shape), guess.copy()
        for _ in range(4):
            J, g = prior.copy(), prior @ (guess - x)
            for row, t in zip(noisy, times, strict=True):
                at, F = propagate_with_transition(x, t, 0.0)
                W = site.jacobian(at)[0][:3] @ F / sigmas[:, None]
                J += W.T @ W
                g += W.T @ ((row - site.predict(at)[0][:3]) / sigmas)
            x = x + np.linalg.solve(J, g)
        errors[i] = propagate(x, times[-1], 0.0) - propagate(X0, times[-1], 0.0)
    bound = np.diag(posterior_bound(X0, P0, times, [site] * 20, 1.0)[-1])
    assert np.mean(errors**2, axis=0) / bound == pytest.approx(np.ones(6), abs=4 * np.sqrt(2 / draws))


def test_it_falls_with_looks_and_with_detection() -> None:
    looks = [radar()] * len(TIMES)
    still = [np.trace(P) for P in posterior_bound(X0, P0, np.full(10, 5.0), looks[:10], 0.9)]
    assert np.all(np.diff(still) < 0)
    traces = [np.trace(posterior_bound(X0, P0, TIMES, looks, p)[-1]) for p in (0.1, 0.5, 0.9, 1.0)]
    assert np.all(np.diff(traces) < 0)


def test_looks_that_cannot_see_change_nothing() -> None:
    looks, seen = [radar()] * len(TIMES), np.arange(len(TIMES)) % 3 == 0
    every = posterior_bound(X0, P0, TIMES, looks, seen.astype(float))
    some = posterior_bound(X0, P0, TIMES[seen], looks[: seen.sum()], 1.0)
    assert every[seen] == pytest.approx(some, rel=1e-6)


def test_the_reduction_factor_lies_below_the_mean_over_sequences() -> None:
    looks, random = [radar()] * len(TIMES), np.random.Generator(np.random.Philox(3))
    drawn = [
        np.trace(posterior_bound(X0, P0, TIMES, looks, random.random(40) < 0.7)[-1][:3, :3])
        for _ in range(200)
    ]
    factor = np.trace(posterior_bound(X0, P0, TIMES, looks, 0.7)[-1][:3, :3])
    assert factor < np.mean(drawn) < 1.2 * factor


def test_it_scales_with_the_noise_of_the_sensors() -> None:
    once, thrice = (
        radar(),
        radar(range_sigma=90.0, azimuth_sigma=3 * np.radians(0.06), elevation_sigma=3 * np.radians(0.06)),
    )
    told = [posterior_bound(X0, 1e6 * P0, TIMES, [r] * 40, 1.0)[-1] for r in (once, thrice)]
    assert np.sqrt(np.diag(told[1]) / np.diag(told[0])) == pytest.approx(np.full(6, 3.0), rel=1e-3)


def test_doppler_and_lines_of_sight_add_what_they_measure() -> None:
    alone = posterior_bound(X0, P0, TIMES, [radar()] * 40, 1.0)[-1]
    doppler = posterior_bound(X0, P0, TIMES, [radar(range_rate_sigma=0.5)] * 40, 1.0)[-1]
    assert np.all(np.linalg.eigvalsh(alone - doppler) > -1e-6)
    assert np.trace(doppler[3:, 3:]) < 0.9 * np.trace(alone[3:, 3:])
    stereo = posterior_bound(X0, P0, TIMES, [sight(-30.0), sight(40.0)] * 20, 1.0)[-1]
    mono = posterior_bound(X0, P0, TIMES, [sight(-30.0)] * 40, 1.0)[-1]
    assert np.trace(stereo[:3, :3]) < 0.2 * np.trace(mono[:3, :3])
