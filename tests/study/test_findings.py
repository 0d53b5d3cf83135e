"""What runs say together, on tables whose truth is known."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tocsin.study.findings import Results, consistency, group, leads, share, spread
from tocsin.study.tables import OBJECTS


@pytest.mark.parametrize(("hits", "of"), [(0, 10), (10, 10), (3, 17), (950, 1000)])
def test_a_share_has_the_interval_of_wilson(hits: int, of: int) -> None:
    told = share([True] * hits + [False] * (of - hits))
    z = stats.norm.ppf(0.975)
    p = hits / of
    middle, half = p + z * z / (2 * of), z * np.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    assert told["low"] == pytest.approx(max((middle - half) / (1 + z * z / of), 0.0), rel=1e-4, abs=1e-9)
    assert told["high"] == pytest.approx(min((middle + half) / (1 + z * z / of), 1.0), rel=1e-4)
    assert (told["count"], told["of"]) == (hits, of)


def test_nothing_is_told_of_nothing() -> None:
    assert share([]) == {"of": 0, "count": 0, "share": None, "low": None, "high": None}
    assert spread([None, np.nan]) == {"of": 0}
    assert consistency([]) == {"of": 0}


def test_a_spread_is_of_what_is_known() -> None:
    told = spread([3.0, None, 4.0, np.nan])
    assert (told["of"], told["mean"], told["median"], told["max"]) == (2, 3.5, 3.5, 4.0)
    assert told["rms"] == pytest.approx(np.sqrt(12.5), rel=1e-5)


def test_errors_are_spread_by_size_and_times_are_not() -> None:
    assert spread(pd.Series([-3.0, 1.0], name="launch_time_error_s"))["max"] == 3.0
    assert spread(pd.Series([-3.0, 1.0], name="lead_s"))["max"] == 1.0


def test_a_consistent_estimate_keeps_the_band_and_a_sure_one_does_not() -> None:
    values = np.random.Generator(np.random.Philox(3)).chisquare(6, 500)
    told = consistency(values)
    assert told["band_low"] < told["mean"] < told["band_high"]
    assert told["within_95"]["low"] < 0.95 < told["within_95"]["high"]
    sure = consistency(4 * values)
    assert sure["mean"] > sure["band_high"]


def test_leads_count_those_never_warned() -> None:
    told = leads([100.0, None, 300.0, 400.0])
    assert (told["of"], told["never"]["count"]) == (4, 1)
    assert told["all"] == {"p05": None, "p25": None, "p50": 100.0, "p75": 300.0, "p95": 400.0}


def test_groups_count_what_the_tables_say() -> None:
    rows = [
        {"run": 0, "object": "a", "true_identity": "x", "identity": "x", "identity_probability": 0.8, "warning": "W1",
         "corroborated_s": 80.0,
         "launch_error_m": 100.0, "launch_time_error_s": -1.0, "launch_time_sigma_s": 1.0, "launch_inside_95": True},
        {"run": 1, "object": "a", "true_identity": "x", "identity": "y", "identity_probability": 0.6, "warning": "W1",
         "launch_error_m": 300.0, "launch_time_error_s": 3.0, "launch_time_sigma_s": 1.0, "launch_inside_95": False},
        {"run": 1, "object": "b", "true_identity": "x"},
    ]  # fmt: skip
    objects = pd.DataFrame(rows, columns=OBJECTS.names)
    runs = pd.DataFrame(
        {"run": [0, 1, 2], "error": [None, None, "ConfigError"], "false_warnings": [0, 2, np.nan],
         "gospa_m": [1.0, 3.0, np.nan]}
    )  # fmt: skip
    told = group(Results(runs, objects))
    assert (told["runs"], told["failed"], told["objects"], told["false_warnings"]) == (3, 1, 3, 2)
    assert (told["warned"]["count"], told["corroborated"]["count"], told["alerted"]["count"]) == (2, 1, 0)
    assert (told["identified"]["count"], told["identified"]["of"]) == (1, 2)
    assert (told["identification"]["of"], told["identification"]["brier"]) == (
        2,
        pytest.approx((0.2**2 + 0.6**2) / 2),
    )
    assert [bin["came"]["count"] for bin in told["identification"]["reliability"]] == [0, 1]
    assert told["launch"]["error_m"]["median"] == 200.0
    assert (told["launch"]["inside"]["95"]["count"], told["launch"]["inside"]["95"]["of"]) == (1, 2)
    assert told["launch"]["inside"]["50"]["of"] == 0
    assert (told["launch"]["time_bias_s"], told["launch"]["time_within_95"]["count"]) == (1.0, 1)
    assert told["runs_with_false_warnings"]["count"] == 1
    assert told["gospa_m"]["mean"] == 2.0


def test_no_objects_at_all_can_be_summed_up() -> None:
    runs = pd.DataFrame({"run": [0], "error": [None], "false_warnings": [0], "gospa_m": [np.nan]})
    told = group(Results(runs, pd.DataFrame([], columns=OBJECTS.names)))
    assert (told["objects"], told["warned"]["of"], told["impact"]["error_m"]) == (0, 0, {"of": 0})
