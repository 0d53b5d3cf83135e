"""Gravity is the gradient of its potential, and the gradient its derivative."""

import math

import numpy as np
import pytest

from tocsin.constants import EARTH_GM, EARTH_J2, EARTH_RADIUS
from tocsin.earth.gravity import gravity, gravity_gradient, potential

POINTS = [(6.4e6, 1e5, -2e5), (3e6, -4e6, 4.5e6), (1e3, 2e3, 7e6), (-1.2e7, 3e6, -8e6)]


def _difference(f, p: tuple[float, float, float], step: float) -> np.ndarray:
    """Central differences of fourth order, last axis the coordinate."""
    columns = []
    for j in range(3):
        d = np.eye(3)[j] * step
        near = np.subtract(f(*(p + d)), f(*(p - d)))
        far = np.subtract(f(*(p + 2 * d)), f(*(p - 2 * d)))
        columns.append((8 * near - far) / (12 * step))
    return np.stack(columns, axis=-1)


@pytest.mark.parametrize("point", POINTS)
def test_gravity_is_the_gradient_of_the_potential(point: tuple[float, float, float]) -> None:
    np.testing.assert_allclose(gravity(*point), _difference(potential, point, 2e3), rtol=0, atol=2e-9)


@pytest.mark.parametrize("point", POINTS)
def test_the_gradient_is_the_derivative_of_gravity(point: tuple[float, float, float]) -> None:
    G = np.empty((3, 3))
    gravity_gradient(*point, G)
    np.testing.assert_allclose(G, _difference(gravity, point, 500.0), rtol=0, atol=1e-15)
    assert np.trace(G) == pytest.approx(0, abs=1e-18)  # Laplace
    np.testing.assert_allclose(G, G.T, atol=1e-18)  # no curl


def test_attraction_at_the_equator_by_hand() -> None:
    ax, ay, az = gravity(EARTH_RADIUS, 0.0, 0.0)
    with_j2 = -EARTH_GM / EARTH_RADIUS**2 * (1 + 1.5 * EARTH_J2)
    assert ax == pytest.approx(with_j2, rel=1e-5)  # J4 adds about 3e-6
    assert (ay, abs(az)) == (0.0, pytest.approx(0, abs=1e-4))  # J3 alone pulls north or south


def test_normal_gravity_on_the_ellipsoid() -> None:
    """Somigliana's values less the centrifugal part: 9.7803253359 and 9.8321849378 m/s² (NIMA TR8350.2)."""
    equator = -gravity(6_378_137.0, 0.0, 0.0)[0] - 7.292115e-5**2 * 6_378_137.0
    assert equator == pytest.approx(9.7803253359, abs=3e-5)  # the normal field has another J4
    assert -gravity(0.0, 0.0, 6_356_752.3142)[2] == pytest.approx(9.8321849378, abs=1e-4)
    assert math.isfinite(potential(0.0, 0.0, 6_356_752.0))
