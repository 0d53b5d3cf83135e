"""The small Gaussians of a bent way down, against the polynomials they are of."""

import numpy as np
import pytest
from numpy.polynomial.polynomial import polyval, polyval2d

from tocsin.assessment import scatter

H = np.array([0.4, 0.45, 0.3])
PLANE = np.random.Generator(np.random.Philox(7)).normal(0.0, 1e3, (5, 3, 3))
SHIFT = np.random.Generator(np.random.Philox(8)).normal(0.0, 1e3, (5, 3))


def landing(z):
    return polyval2d(z[0], z[1], PLANE) + polyval(z[2], SHIFT)


@pytest.mark.parametrize("z", [(0.0, 0.0, 0.0), (1.3, -0.4, 0.2), (-2.1, 1.5, -1.0)])
def test_a_small_gaussian_is_the_way_to_second_order(z):
    z, row, C, step = np.array(z), np.empty(3), np.empty((3, 3)), 1e-3 * np.eye(3)
    scatter._bend(PLANE, SHIFT, z, row, C)
    slopes = np.array([(landing(z + d) - landing(z - d)) / 2e-3 for d in step])
    curves = np.array([(landing(z + d) + landing(z - d) - 2 * landing(z)) / 1e-6 for d in step])
    assert row == pytest.approx(landing(z) + 0.5 * H**2 @ curves, rel=1e-4, abs=1.0)
    wanted = np.einsum("d,di,dj->ij", H**2, slopes, slopes)
    assert np.allclose(C, wanted, rtol=1e-4, atol=1e-5 * wanted.max())


def test_powers_that_fit_give_back_the_polynomial():
    x = np.array([-2.0, -0.5, 0.3, 1.7])
    assert scatter._powers_to_fit(x) @ polyval(x, [1.0, -2.0, 0.5, 3.0]) == pytest.approx(
        [1.0, -2.0, 0.5, 3.0]
    )


def test_one_gaussian_holds_the_moments_of_what_comes_down():
    y = np.random.Generator(np.random.Philox(9)).normal(0.0, 1e3, (17, 3))
    y[3] = np.nan
    row, C = scatter._straight(y)
    own = np.delete(y[:12], 3, axis=0)
    assert row == pytest.approx(own.mean(axis=0))
    assert np.allclose(C, np.cov(own.T, bias=True) + np.eye(3))
