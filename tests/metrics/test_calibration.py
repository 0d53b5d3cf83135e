"""Brier's score and the reliability curve against scikit-learn's."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from tocsin.metrics.calibration import brier, reliability


def forecasts(n: int = 2000, exponent: float = 1.0):
    random = np.random.Generator(np.random.Philox(17))
    said = random.beta(0.7, 1.2, n)
    return said, random.random(n) < said**exponent


def test_brier_is_scikit_learns() -> None:
    said, came = forecasts()
    assert brier(said, came) == pytest.approx(brier_score_loss(came, said))
    assert brier(came.astype(float), came) == 0.0
    assert np.isnan(brier(np.empty(0), np.empty(0, bool)))


@pytest.mark.parametrize("bins", [5, 10, 17])
@pytest.mark.parametrize("exponent", [1.0, 2.0])
def test_the_curve_is_scikit_learns(bins, exponent) -> None:
    said, came = forecasts(exponent=exponent)
    theirs_came, theirs_said = calibration_curve(came, said, n_bins=bins, strategy="uniform")
    ours = reliability(said, came, bins)
    assert [b.said for b in ours] == pytest.approx(theirs_said)
    assert [b.came.share for b in ours] == pytest.approx(theirs_came)
    assert sum(b.came.of for b in ours) == len(said)


def test_edges_and_empty_bins_are_scikit_learns() -> None:
    said, came = np.array([0.0, 0.1, 0.1, 0.3, 1.0]), np.array([False, True, False, True, True])
    theirs_came, theirs_said = calibration_curve(came, said, n_bins=10, strategy="uniform")
    ours = reliability(said, came)
    assert [b.said for b in ours] == pytest.approx(theirs_said)
    assert [b.came.share for b in ours] == pytest.approx(theirs_came)
    assert reliability(np.empty(0), np.empty(0, bool)) == []


def test_honest_forecasts_lie_in_the_intervals_and_others_do_not() -> None:
    honest, sure = (reliability(*forecasts(20_000, e)) for e in (1.0, 2.5))
    assert sum(b.came.low <= b.said <= b.came.high for b in honest) >= 8
    assert sum(b.came.low <= b.said <= b.came.high for b in sure) <= 2
