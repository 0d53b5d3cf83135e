"""The kernels that ask shares of a motion, each against its plain formula."""

import numpy as np
import pytest

from tocsin.assessment import flights
from tocsin.assessment.orbit import inertial_velocities
from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef, height
from tocsin.flight.coast import propagate

RANDOM = np.random.Generator(np.random.Philox(11))
VALUES, SHARES = RANDOM.normal(0.0, 1.0, 36), RANDOM.dirichlet(np.ones(36))
LIMITS, FACTORS = np.array([1.0, 0.2, -0.4]), np.array([20.0, 5.0, 0.1])


def states():
    """Return states over one place, that climb at many angles, and their perigees."""
    axes = enu_from_ecef(0.3, 1.1)
    climb = np.radians(np.linspace(2.0, 40.0, 36))
    v = 5e3 * np.column_stack([np.cos(climb), np.zeros(36), np.sin(climb)]) @ axes
    r = np.array([ecef_from_geodetic(0.3, 1.1, h) for h in np.linspace(90e3, 240e3, 36)])
    return np.column_stack([r, v]), RANDOM.uniform(-3e6, -1e6, 36)


def test_shares_of_values():
    assert flights.between(VALUES, SHARES, -0.3, 0.9) == pytest.approx(
        SHARES[(VALUES > -0.3) & (VALUES <= 0.9)].sum()
    )
    factors = np.select([limit < VALUES for limit in LIMITS], FACTORS, 1.0)
    assert flights.weighed(VALUES, SHARES, LIMITS, FACTORS) == pytest.approx(SHARES @ factors)
    assert flights.weighed(VALUES, SHARES, np.array([9.0]), np.array([3.0])) == 1.0


@pytest.mark.parametrize("beyond", [0, 12, 24])
def test_the_middle_is_that_of_the_cumulated_shares(beyond):
    values = VALUES.copy()
    values[:beyond] = np.inf
    order = np.argsort(values)
    wanted = np.interp(0.5, np.cumsum(SHARES[order]), values[order])
    assert flights.middle(values, SHARES) == pytest.approx(wanted)


def test_the_mean_state():
    x, _ = states()
    m = SHARES @ x
    climb = m[:3] @ m[3:] / np.linalg.norm(m[:3])
    assert flights.mean(x, SHARES) == pytest.approx((height(*m[:3]), np.linalg.norm(m[3:]), climb))


def test_the_share_that_is_faster():
    x, _ = states()
    x[:, 3:] *= np.linspace(0.5, 2.0, 36)[:, None]
    speed = np.linalg.norm(inertial_velocities(x), axis=1)
    limit = float(np.median(speed))
    assert flights.faster(x, SHARES, limit) == pytest.approx(SHARES[speed > limit].sum())


@pytest.mark.parametrize("since", [0.0, 7.0])
def test_the_share_that_flies_level(since):
    x, perigee = states()
    shares, lowest = SHARES, perigee
    y = x
    if since:
        y = np.array([propagate(row, -since, 0.0) for row in x.reshape(3, 12, 6).mean(axis=1)])
        lowest, shares = perigee.reshape(3, 12).mean(axis=1), SHARES.reshape(3, 12).sum(axis=1)
    v = inertial_velocities(y)
    climb = np.arcsin(
        np.sum(y[:, :3] * v, axis=1) / np.linalg.norm(y[:, :3], axis=1) / np.linalg.norm(v, axis=1)
    )
    flat, high = np.radians(25.0), np.array([height(*row[:3]) for row in y]) > 120e3
    wanted = shares @ (high & (np.abs(climb) < flat) & (lowest < -1.5e6))
    assert 0.0 < wanted < 1.0
    assert flights.levelled((x, SHARES, perigee), since, 120e3, flat, -1.5e6) == pytest.approx(wanted)
