"""NEES, shares and containment against scipy's distributions, closed forms and draws."""

import numpy as np
import pytest
from scipy import stats

from tocsin.metrics.consistency import consistency, nees
from tocsin.metrics.containment import containment, depth
from tocsin.metrics.shares import share


def draws(n: int, d: int = 6):
    random = np.random.Generator(np.random.Philox(11))
    roots = random.standard_normal((n, d, d)) * np.geomspace(1, 100, d)[:, None]
    errors = np.einsum("nij,nj->ni", roots, random.standard_normal((n, d)))
    return errors, roots @ roots.transpose(0, 2, 1)


def test_nees_is_the_squared_mahalanobis_distance() -> None:
    from scipy.spatial.distance import mahalanobis

    errors, covariances = draws(20)
    told = nees(errors, covariances)
    for value, error, P in zip(told, errors, covariances, strict=True):
        assert value == pytest.approx(mahalanobis(error, np.zeros(6), np.linalg.inv(P)) ** 2, rel=1e-5)
        assert nees(error, P) == pytest.approx(value)


def test_nees_of_honest_errors_follows_chi_square() -> None:
    values = nees(*draws(3000))
    assert stats.kstest(values, stats.chi2(6).cdf).pvalue > 0.01
    assert stats.kstest(values * 1.3, stats.chi2(6).cdf).pvalue < 1e-6


def test_the_band_holds_the_share_it_says() -> None:
    random = np.random.Generator(np.random.Philox(5))
    inside = 0
    for _ in range(1000):
        told = consistency(random.chisquare(4, 50), 4, 0.9)
        inside += told.low < told.mean < told.high
    assert 0.87 < inside / 1000 < 0.93


def test_anees_is_one_for_honest_and_four_for_half_the_sigma() -> None:
    errors, covariances = draws(4000)
    assert consistency(nees(errors, covariances), 6).anees == pytest.approx(1.0, abs=0.03)
    sure = consistency(nees(errors, covariances / 4), 6)
    assert sure.anees == pytest.approx(4.0, abs=0.12)
    assert sure.mean > sure.high
    assert sure.within.high < 0.95


def test_nothing_is_judged_of_nothing() -> None:
    told = consistency(np.empty(0), 6)
    assert told.of == told.within.of == 0
    assert np.isnan(told.mean)
    assert np.isnan(share([]).share)


@pytest.mark.parametrize(("count", "of"), [(0, 10), (10, 10), (3, 17), (950, 1000)])
def test_a_share_has_wilsons_interval(count, of) -> None:
    from scipy.optimize import brentq

    told = share([True] * count + [False] * (of - count))

    def away(p: float, side: float) -> float:  # the score test's own definition, solved
        return (count / of - p) - side * stats.norm.ppf(0.975) * np.sqrt(p * (1 - p) / of)

    if 0 < count < of:
        assert told.low == pytest.approx(brentq(away, 1e-9, count / of, args=(1,)), rel=1e-6)
        assert told.high == pytest.approx(brentq(away, count / of, 1 - 1e-9, args=(-1,)), rel=1e-6)
    assert told.low <= told.share <= told.high
    assert (told.count, told.of) == (count, of)


def test_depth_is_one_on_the_ellipse() -> None:
    bearing, major, minor = np.radians(30.0), 5000.0, 1200.0
    turn = np.linspace(0, 2 * np.pi, 40)
    along, across = major * np.cos(turn), minor * np.sin(turn)
    east = along * np.sin(bearing) + across * np.cos(bearing)
    north = along * np.cos(bearing) - across * np.sin(bearing)
    assert depth(east, north, major, minor, bearing) == pytest.approx(np.ones(40))
    assert depth(2 * east, 2 * north, major, minor, bearing) == pytest.approx(np.full(40, 4.0))


def test_regions_hold_what_they_claim_and_small_ones_do_not() -> None:
    chi2 = nees(*draws(4000))
    levels = (0.5, 0.9, 0.95, 0.99)
    for level, told in zip(levels, containment(chi2, 6, levels), strict=True):
        assert told.low < level < told.high
    for level, told in zip(levels, containment(2 * chi2, 6, levels), strict=True):
        assert told.high < level
