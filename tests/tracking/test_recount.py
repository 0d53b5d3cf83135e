"""What a path claims against what came through it, and rates no sky explains."""

import pytest

from tocsin.messages import SECOND, InfraredDetection, InfraredScan, Instant, Sensor, Summary
from tocsin.tracking.recount import LEAST, SETTLED, Recount


def sensor(name="geo-1", path=None):
    return Sensor(origin="test", id=name, type="infrared", path=path, los_sigma_urad=30.0)


def scan(seconds, count, name="geo-1"):
    t = Instant(seconds * SECOND)
    seen = tuple(
        InfraredDetection(time=t, right_ascension_deg=0.0, declination_deg=0.0) for _ in range(count)
    )
    return InfraredScan(origin="test", sensor=name, time=t, duration_s=0.0, detections=seen)


def summary(count, seconds=100, window_s=60.0, **who):
    return Summary(origin="test", time=Instant(seconds * SECOND), count=count, window_s=window_s, **who)


@pytest.fixture(name="booked")
def _booked():
    recount = Recount()
    for seconds, count, name in ((30, 7, "geo-1"), (50, 2, "geo-1"), (90, 3, "geo-2"), (110, 9, "geo-1")):
        recount.book(sensor(name, "ground"), scan(seconds, count, name))
    return recount


def test_a_true_claim_has_no_fault(booked):
    assert booked.compare(summary(5, path="ground")) is None
    assert booked.compare(summary(2, sensor="geo-1")) is None
    assert booked.compare(summary(0, path="elsewhere")) is None


@pytest.mark.parametrize("count", [0, 4, 6, 2_200])
def test_a_false_one_says_both_numbers(booked, count):
    said = booked.compare(summary(count, path="ground"))
    assert f"claims {count} " in said
    assert said.endswith("hold 5")


def test_a_track_cannot_have_more_than_came_through(booked):
    assert booked.unsupported({"ground": 21}) == ()
    assert booked.unsupported({"ground": 22, "elsewhere": 1}) == ("elsewhere", "ground")


def test_a_flood_is_named_once_in_a_while():
    recount = Recount()
    for k in range(SETTLED):
        assert recount.book(sensor(), scan(10 * k, 5)) is None
    flood = LEAST + 100
    assert f"{flood} detections" in recount.book(sensor(), scan(10 * SETTLED, flood))
    assert recount.book(sensor(), scan(10 * SETTLED + 10, flood)) is None, "said a moment ago"
    assert recount.book(sensor(), scan(10 * SETTLED + 700, flood)) is not None


def test_a_young_sensor_has_no_usual_rate():
    assert Recount().book(sensor(), scan(0, 5_000)) is None
