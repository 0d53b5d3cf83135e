"""The false alarms of history: each is stopped at its named step, and none becomes an alert."""

import importlib
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace
from sgp4 import exporter

from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.messages import (
    SECOND,
    Catalogue,
    Decision,
    EventLog,
    Instant,
    Notification,
    Scan,
    Summary,
    Warning,
)
from tocsin.simulation import load, simulate
from tocsin.simulation.background.satellites import Satellites
from tocsin.simulation.background.world import World

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
    case = bench.row(
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


@pytest.fixture(name="past", scope="module")
def _past(bench):
    return importlib.import_module("past")


def test_over_japan_is_told_before_the_record_and_no_old_area_passes_r3_r20_r26(past):
    line, said = past._told("R3", "japan-2022", 0, False, past.FIRST_ALERT_S)
    assert line["holds"]
    assert past.stale_area(said)["holds"]
    assert past.conformance(said)["holds"]


def test_a_press_notice_is_beaten_r28(past):
    """First report within 2 min of the launch, confirmed within 4, public within 5; the record: 12 min."""
    line, _ = past._told("R28", "july-2017", 0, True, 300.0)
    assert line["holds"], line["told"]


def test_a_drill_taken_for_live_is_blocked_r17(past):
    assert past._drill(0)[0]["holds"]


def test_who_reaches_r27(past):
    assert past.reach()["holds"]


def test_an_operator_keeps_up_r24(bench):
    found = bench.load_on_operator(0)
    assert found["missed"] == 0
    assert found["median_s"] < 60.0
    assert found["escalated"] <= 4


def test_a_contradicted_warning_steps_down_within_ten_seconds(bench):
    """A path claims what did not come through it: at once it is no witness, and again once its count is right."""
    messages = list(simulate(replace(load("demo"), duration_s=300.0)).messages)
    plain = [e for e in bench.watched(messages)[0] if isinstance(e, Warning)]
    stood = next(v.time for v in plain if v.state in ("corroborated", "confirmed"))
    path = plain[-1].evidence.paths[0]
    scans = [m for m in messages if isinstance(m, Scan) and m.sensor == path]
    wrong, right = Instant(stood + 15 * SECOND), Instant(stood + 40 * SECOND)
    true = sum(len(m.detections) for m in scans if right - 30 * SECOND < m.end <= right)
    claims = [(wrong, 2_200), (right, true)]
    told = [
        Summary(origin="test", sensor=path, time=t, count=n, window_s=30.0, received=t) for t, n in claims
    ]
    fed = sorted([*messages, *told], key=lambda m: m.received or 0)
    said, steps = bench.watched([m for m in fed if not isinstance(m, Decision)])
    assert steps["no-raw-support"] == 1
    down = next(e for e in said if isinstance(e, Warning) and "claims what did not come through" in e.reason)
    assert down.state == "detected"
    assert 0 <= down.time - wrong <= 10 * SECOND
    assert any(
        isinstance(e, Warning) and e.state == "corroborated" and e.version > down.version for e in said
    )


def test_satellites_of_the_catalogue_are_named(bench):
    """What is known by its elements is dismissed by its name; what is not, by its orbit."""
    scenario = replace(load("background-satellites"), duration_s=240.0)
    world = World(scenario.background, (), scenario.start, 240.0, EarthRotation(bundled()), "x", 0)
    bodies = Satellites(world).bodies
    omm = tuple(elements(body, f"object {k}") for k, body in enumerate(bodies))
    known = Catalogue(origin="test", time=scenario.start, omm=omm)
    said, steps = bench.watched([known, *simulate(scenario).messages])
    assert steps["catalogued"] >= 3
    assert steps["catalogued"] > 5 * steps.get("orbit", 0)
    assert not [e for e in said if isinstance(e, Warning)]


def elements(body, name):
    """Return a satellite's mean elements as a message; sgp4's own exporter wants a designator."""
    body.intldesg, body.classification, body.ephtype, body.elnum, body.revnum = "98067A", "U", 0, 1, 1
    return exporter.export_omm(body, name)


@pytest.mark.parametrize("run", [3, 40, 77, 120])
def test_space_launches_are_called_so_before_orbit(run):
    """A sample of `benchmarks/space_launches.py`, without notification."""
    sys.path.insert(0, str(BENCHMARKS))
    bench = importlib.import_module("space_launches")
    sys.path.remove(str(BENCHMARKS))
    found = bench._flown(bench.launches()[run], False)
    assert found["found"]
    assert found["called_s"] is not None
    assert found["alerts"] == 0
