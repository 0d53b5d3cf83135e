"""Alerts in bulk, a hundred here; ten thousand alerts and ten thousand flipped bits in `make bench`."""

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def result():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import alerts
    finally:
        sys.path.remove(str(BENCHMARKS))
    return alerts.together([alerts.measured(1000, 150, 500, 5)])


def test_every_alert_is_valid_and_read_alike(result):
    assert result["alerts"] == 150
    assert (result["against_rules"], result["against_schema"], result["read_differently"]) == (0, 0, 0)


def test_no_flipped_bit_is_missed(result):
    assert result["flips"] == 500
    assert result["missed"] == {"alert": 0, "line": 0, "count": 0}


def test_a_confirmed_alert_is_signed_and_out_at_once(result):
    """The promise is 100 ms at 99 %; this machine may be busy."""
    assert result["latency_p50_ms"] < 500
