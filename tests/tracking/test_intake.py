"""Duplicates, changed and late looks, impossible times; and bounded memory."""

import pytest
from msgspec.structs import replace

from tocsin.messages import SECOND, InfraredDetection, InfraredScan, Instant
from tocsin.tracking.intake import Intake

LAG = 2 * SECOND
DAY = 86_400 * SECOND


def look(seconds, sensor="geo-1", delay=1.0, **more):
    t = Instant(round(seconds * SECOND))
    fields = {
        "time": t,
        "received": Instant(t + round((1 + delay) * SECOND)),
        "duration_s": 1.0,
        "detections": (),
    }
    return InfraredScan(origin="test", sensor=sensor, **(fields | more))


def judged(*scans):
    """Judge looks as the pipeline does: the clock is the latest arrival of those not refused."""
    intake, clock, verdicts = Intake(), None, []
    for scan in scans:
        verdict = intake.judge(scan, clock, LAG)
        if verdict not in ("duplicate", "future"):
            clock = max(scan.received or scan.end, clock or 0)
        verdicts.append(verdict)
    return verdicts


def test_duplicate_and_changed():
    spot = InfraredDetection(time=Instant(0), right_ascension_deg=1.0, declination_deg=2.0)
    assert judged(
        look(0), look(0), look(0, delay=1.5), look(0, seq=9), look(0, detections=(spot,)), look(0, "geo-2"),
    ) == ["take", "duplicate", "duplicate", "duplicate", "changed", "take"]  # fmt: skip


def test_a_late_duplicate_is_a_duplicate():
    assert judged(look(0), look(100), look(0)) == ["take", "take", "duplicate"]


@pytest.mark.parametrize(("delay", "verdict"), [(2.0, "take"), (2.000000001, "late"), (50.0, "late")])
def test_late_by_its_own_arrival(delay, verdict):
    assert judged(look(100, delay=delay)) == [verdict]


def test_late_by_the_clock():
    assert judged(look(100, delay=0), look(98, "geo-2", delay=0), look(97.9, "geo-2", delay=0)) == [
        "take", "take", "late",
    ]  # fmt: skip


def test_far_ahead_until_another_sensor_agrees():
    far = 400 * 86_400
    assert judged(look(0), look(far), look(far + 10), look(10), look(far + 20, "geo-2"), look(far + 30)) == [
        "take", "future", "future", "take", "take", "take",
    ]  # fmt: skip


def test_two_sensors_that_disagree_about_the_future():
    assert judged(look(0), look(400 * 86_400), look(500 * 86_400, "geo-2")) == ["take", "future", "future"]


def test_a_day_ahead_is_a_gap_and_no_fault():
    assert judged(look(0, delay=0), look(86_400, delay=0)) == ["take", "take"]
    assert judged(look(0, delay=0), look(86_400.1, delay=0)) == ["take", "future"]


def test_without_arrival_the_end_counts():
    scan = replace(look(100), received=None)
    assert judged(scan, replace(look(99), received=None), replace(look(97), received=None)) == [
        "take", "take", "late",
    ]  # fmt: skip


def test_memory_is_bounded():
    intake = Intake()
    for k in range(5_000):
        scan = look(10 * k)
        assert intake.judge(scan, scan.received, LAG) == "take"
    assert len(intake._seen["geo-1"]) < 1_100
    assert intake.judge(look(49_990), Instant(50_000 * SECOND), LAG) == "duplicate"
