"""An exercise stays an exercise, and it neither joins, delays nor silences what is live."""

import re
from itertools import pairwise

import pytest
from msgspec.structs import replace

from tocsin.formats import cap
from tocsin.formats.jsonl import decode_event
from tocsin.journal import arrival
from tocsin.messages import SECOND, Decision, Instant, Sensor


def merged(*recordings):
    """Put recordings into one, by arrival: sensors first."""
    rest = [m for messages in recordings for m in messages]
    sensors = [m for m in rest if isinstance(m, Sensor)]
    return sensors + sorted((m for m in rest if not isinstance(m, Sensor)), key=arrival)


def of_origin(messages, origin):
    return [replace(m, origin=origin) for m in messages]


def plain(messages):
    return [m for m in messages if not isinstance(m, Decision)]


def confirmed(messages, origin):
    """Add the decisions of two people soon after the policy's own in the demonstration."""
    decision = next(m for m in messages if isinstance(m, Decision))
    rows = []
    for k, name in enumerate(("anna", "ben")):
        t = Instant(decision.time + k * SECOND)
        rows.append(replace(decision, by=name, time=t, received=t, origin=origin))
    return rows


def versions(path):
    return [decode_event(line) for line in (path / "warnings.jsonl").read_bytes().splitlines()]


def anonymous(lines, origin):
    """Return the lines of one origin without the running numbers of warnings and events."""
    own = [line for line in lines if f'"origin":"{origin}"'.encode() in line]
    return [re.sub(rb"[WE]-\d{8}-\d{4}", b"#", line) for line in own]


def statuses(path):
    return [cap.read(file.read_bytes()).status for file in sorted((path / "alerts").glob("*.xml"))]


def test_an_exercise_alone(exercise_run):
    assert exercise_run.summary["warnings"] == 1
    assert exercise_run.summary["missed"] == 0
    assert {v.origin for v in exercise_run.versions} == {"exercise"}
    found = statuses(exercise_run.path)
    assert found
    assert set(found) == {"Exercise"}
    for file in exercise_run.alerts:
        alert = cap.read(file.read_bytes())
        assert all("EXERCISE" in i.headline and "EXERCISE" in i.description for i in alert.infos)


@pytest.fixture
def live(demo_run):
    return of_origin(plain(demo_run.messages), "live")


@pytest.fixture
def exercise(exercise_run):
    return plain(exercise_run.messages)


def test_a_live_launch_within_an_exercise(live, exercise, demo_run, processed):
    """Both fly at once over the same sensors, two people confirm whatever is told first and second."""
    alone = processed([*live], "alone")
    both = processed(merged(live, exercise), "both")
    expected = anonymous(alone.warnings.splitlines(), "live")
    assert len(expected) > 20
    assert anonymous(both.warnings.splitlines(), "live") == expected
    exercised = {v.id for v in versions(both.path) if v.origin == "exercise"}
    assert len(exercised) == 1


def test_alerts_of_a_mixed_recording(live, exercise, demo_run, processed):
    """Whatever people confirm, only the live warning becomes Actual."""
    first = processed(merged(live, exercise), "first")
    name = {v.origin: v.id for v in versions(first.path)}
    decisions = [
        replace(d, warning=name[origin])
        for origin in ("live", "exercise")
        for d in confirmed(demo_run.messages, origin)
    ]
    both = processed(merged(live, exercise, decisions), "both")
    found = {}
    for file in sorted((both.path / "alerts").glob("*.xml")):
        alert = cap.read(file.read_bytes())
        warning = next(value for i in alert.infos for key, value in i.parameters if key == "tocsin-warning")
        found.setdefault(warning, set()).add(alert.status)
    assert found == {name["live"]: {"Actual"}, name["exercise"]: {"Exercise"}}


def test_an_exercise_decision_cannot_confirm_a_live_warning(live, demo_run, processed):
    result = processed(merged(live, confirmed(demo_run.messages, "exercise")))
    assert statuses(result.path) == []
    assert {v.state for v in versions(result.path)} == {"detected", "corroborated", "closed"}
    assert b"exercise-blocked" in (result.path / "events.jsonl").read_bytes()


def test_an_automatic_policy_leaves_live_alerts_as_drafts(live, processed):
    result = processed(live, confirm="auto")
    found = statuses(result.path)
    assert found
    assert set(found) == {"Draft"}


def test_versions_of_one_warning_count_up(live, exercise, processed):
    result = processed(merged(live, exercise))
    for name in {v.id for v in versions(result.path)}:
        numbers = [v.version for v in versions(result.path) if v.id == name]
        assert all(b == a + 1 for a, b in pairwise(numbers))
