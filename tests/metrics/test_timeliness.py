"""Lead times, retractions and the churn of areas: against pandas, scikit-learn and cases by hand."""

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import jaccard_score

from tocsin.metrics.churn import churn
from tocsin.metrics.timeliness import lead_times, retraction_times


def test_lead_times_count_those_never_warned_as_least() -> None:
    random = np.random.Generator(np.random.Philox(2))
    leads = random.normal(500, 200, 399)
    leads[random.random(399) < 0.1] = np.nan
    told = lead_times(leads)
    ranked = pd.Series(np.nan_to_num(leads, nan=-1e9)).rank(method="first")
    for quantile, value in told.quantiles.items():
        expected = leads[(ranked == np.ceil(quantile * 399)).to_numpy()][0]
        assert value == pytest.approx(expected) if np.isfinite(expected) else value == -np.inf
    assert told.quantiles[0.05] == -np.inf
    assert (told.never.count, told.of) == (np.isnan(leads).sum(), 399)


def test_without_anything_never_they_are_the_plain_quantiles() -> None:
    values = np.arange(1.0, 101.0)
    assert lead_times(values).quantiles == {0.05: 5.0, 0.25: 25.0, 0.5: 50.0, 0.75: 75.0, 0.95: 95.0}
    assert retraction_times(values).quantiles == lead_times(values).quantiles


def test_an_alert_never_taken_back_stands_for_ever() -> None:
    """The four of literature.md, section 0: Hawaii 38 min, Seoul 22, Hokkaido about 20, NHK 5; and one that stays."""
    told = retraction_times(60.0 * np.array([38.0, 22.0, 20.0, 5.0, np.nan]), (0.5, 0.8, 0.99))
    assert told.quantiles == {0.5: 22 * 60.0, 0.8: 38 * 60.0, 0.99: np.inf}
    assert told.never.share == 0.2


def test_nothing_is_told_of_nothing() -> None:
    assert (lead_times(np.empty(0)).of, lead_times(np.empty(0)).quantiles) == (0, {})


def test_churn_is_the_weighted_jaccard_distance() -> None:
    random = np.random.Generator(np.random.Philox(4))
    areas, people = random.random((6, 300)) < 0.4, random.integers(1, 10_000, 300).astype(float)
    told = churn(areas, people)
    for step, (before, after) in zip(told.steps, itertools.pairwise(areas), strict=True):
        assert step == pytest.approx(1 - jaccard_score(before, after, sample_weight=people))
    assert told.changes == 5


def test_an_area_that_grows_shrinks_and_stays() -> None:
    areas = np.array([[1, 0, 0], [1, 1, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]], bool)
    told = churn(areas, np.array([10.0, 5.0, 1.0]))
    assert (told.changes, told.entered, told.left) == (3, 5.0, 15.0)
    assert told.steps == pytest.approx([5 / 15, 0.0, 10 / 15, 1.0, 0.0])
    assert churn(areas[:1], np.ones(3)).changes == 0
