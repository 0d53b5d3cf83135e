"""The false alarms of history: each is stopped at its named step, and none becomes an alert."""

import importlib
import sys
from pathlib import Path

import pytest

from tocsin.messages import EventLog, Notification, Warning
from tocsin.simulation import load, simulate

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(name="bench", scope="module")
def _bench():
    sys.path.insert(0, str(BENCHMARKS))
    yield importlib.import_module("false_alarms")
    sys.path.remove(str(BENCHMARKS))


def events(said, name):
    return [e for e in said if isinstance(e, EventLog) and e.name == name]


def test_the_moon_is_no_missile_r11(bench):
    said, steps = bench.watched(simulate(load("moon-1960")).messages)
    assert steps["sun-moon"] >= 1
    assert not [e for e in said if isinstance(e, Warning)]
    assert all("from the Moon" in e.text for e in events(said, "candidate-dismissed"))


def test_sunlight_on_cloud_is_a_possible_glint_r12(bench):
    said, steps = bench.watched(simulate(load("glint-1983")).messages)
    assert steps["glint"] >= 4
    assert not [e for e in said if isinstance(e, Warning) and e.state != "detected"]
    assert all("unconfirmed" in e.text for e in events(said, "candidate-dismissed"))


def test_a_fireball_is_a_meteor_within_two_looks_r21(bench):
    said, steps = bench.watched(simulate(load("fireball-2013")).messages)
    assert steps["meteor"] >= 1
    assert steps["flash"] >= 1
    assert not [e for e in said if isinstance(e, Warning)]
    first = next(e for e in events(said, "candidate-dismissed") if e.text.startswith("meteor"))
    assert "seen twice" in first.text


@pytest.mark.parametrize("unread", [False, True])
def test_a_research_rocket_raises_no_alert_r14(bench, unread):
    messages = simulate(load("black-brant-1995")).messages
    case = bench._row(
        "R14",
        None,
        *bench.watched([m for m in messages if not (unread and isinstance(m, Notification))]),
        True,
    )
    assert case["alerts"] == 0
    assert unread or case["steps"].get("notified", 0) >= 1


def test_a_training_tape_is_a_data_path_fault_r15(bench):
    case = bench.training_tape()
    assert case["holds"]
    assert case["warnings"] == 0


def test_a_chip_s_digits_are_refused_r16(bench):
    assert bench.chip()["holds"]


def test_an_operator_keeps_up_r24(bench):
    found = bench.load_on_operator(0)
    assert found["missed"] == 0
    assert found["median_s"] < 60.0
    assert found["escalated"] <= 4
