"""Playbooks: given these messages, expect these events."""

import pytest
from msgspec.structs import replace

from tocsin.config import Config
from tocsin.earth.time import parse_utc
from tocsin.formats.jsonl import decode, encode_event
from tocsin.messages import (
    SECOND,
    Alert,
    Decision,
    Duplicate,
    EventLog,
    InfraredScan,
    Instant,
    Notification,
    Place,
    RadarDetection,
    RadarScan,
    Rejected,
    Sensor,
    Status,
    Summary,
    Track,
    Warning,
)
from tocsin.pipeline import Pipeline

T = parse_utc("2026-05-16T00:00:00Z")
DAY = 86_400 * SECOND
GEO = (42_164_000.0, 0.0, 0.0)


def at(seconds):
    return Instant(T + round(seconds * SECOND))


def geo(name="geo-1", **more):
    fields = {"origin": "live", "id": name, "type": "infrared", "los_sigma_urad": 30.0, "scan_period_s": 10.0}
    return Sensor(**(fields | more))


def radar(name="radar-1", **more):
    fields = {
        "origin": "live", "id": name, "type": "radar", "latitude_deg": 10.0, "longitude_deg": 20.0, "height_m": 0.0,
        "range_sigma_m": 50.0, "azimuth_sigma_deg": 0.1, "elevation_sigma_deg": 0.1, "range_max_m": 1e6,
        "scan_period_s": 5.0,
    }  # fmt: skip
    return Sensor(**(fields | more))


def look(seconds, sensor="geo-1", delay=0.5, **more):
    """Return an infrared look of one second that saw nothing."""
    fields = {
        "origin": "live", "sensor": sensor, "time": at(seconds), "duration_s": 1.0, "detections": (),
        "received": at(seconds + 1.0 + delay), "position_m": GEO, "velocity_mps": (0.0, 0.0, 0.0),
    }  # fmt: skip
    return InfraredScan(**(fields | more))


def feed(messages, config=None, pipeline=None):
    pipeline = pipeline or Pipeline(config)
    events = [event for i, m in enumerate(messages) for event in pipeline.receive(m, Place("book", i + 1))]
    return events + pipeline.finish()


def rejections(events):
    return [e for e in events if isinstance(e, Rejected)]


def said(events):
    """Return the bytes of all that leaves the system, in order."""
    return [encode_event(e) for e in events if not isinstance(e, Track | Duplicate)]


def warnings(events):
    return [e for e in events if isinstance(e, Warning)]


# ------------------------------------------------------------------------------------------ what may enter


def test_unknown_sensor():
    (rejected,) = feed([look(0)])
    assert (rejected.file, rejected.line, rejected.field) == ("book", 1, "sensor")
    assert "geo-1" in rejected.why


def test_a_scan_before_its_sensor_waits_within_the_lag():
    """The definition may come while the look waits its turn; after that it is too late."""
    assert rejections(feed([look(0), geo()])) == []
    events = feed([look(0), look(10, "geo-2"), geo()])
    assert [e.field for e in rejections(events)] == ["sensor", "sensor"]
    assert rejections(feed([look(0), look(10), geo(), look(20)]))[0].line == 1


def test_sensor_redefined():
    changed = geo(los_sigma_urad=300.0)
    events = feed([geo(), geo(), changed, look(0)])
    assert [e.line for e in rejections(events)] == [3]
    assert "valid_from" in rejections(events)[0].why
    pipeline = Pipeline()
    events = feed([geo(), replace(changed, valid_from=at(50)), look(0), look(60)], pipeline=pipeline)
    assert rejections(events) == []
    assert pipeline.roster.at("live", "geo-1", at(0)).los_sigma_urad == 30.0
    assert pipeline.roster.at("live", "geo-1", at(60)).los_sigma_urad == 300.0


def test_late():
    events = feed([geo(), look(100, delay=0.0), look(90, "geo-1", delay=11.5)])
    (late,) = rejections(events)
    assert late.late
    assert late.line == 3


def test_in_time_to_the_nanosecond():
    """A look whose end the clock has passed by exactly the lag still takes its turn."""
    messages = [geo(), geo("geo-2"), look(100, delay=0.0), look(98, "geo-2", delay=2.0)]
    assert rejections(feed(messages)) == []
    assert rejections(feed([*messages[:2], replace(messages[2], received=at(101.000000001)), messages[3]]))


def test_duplicates_and_changed_content():
    second = replace(look(0), received=at(2.5))
    other = replace(look(0), duration_s=0.5)
    events = feed([geo(), look(0), second, other])
    assert [type(e) for e in events] == [Duplicate, Rejected]
    assert "other content" in events[1].why


def test_a_look_years_ahead_is_not_believed_until_another_sensor_agrees():
    far = look(400 * 86_400)
    agreeing = look(400 * 86_400 + 60, "geo-2")
    base = [geo(), geo("geo-2"), look(0), look(1, "geo-2")]
    alone = feed([*base, far, replace(far, time=Instant(far.time + 10 * SECOND)), look(10), look(20)])
    assert [e.line for e in rejections(alone)] == [5, 6], "and it holds back nobody else"
    both = feed([*base, far, agreeing])
    assert [e.line for e in rejections(both)] == [5]


def test_numbers_that_are_missing_or_come_again_are_named_and_nothing_is_refused_for_them():
    looks = [look(10 * k, seq=n) for k, n in enumerate((1, 2, 5, 6, 2, 7))]
    events = feed([geo(), *looks])
    assert [(e.name, e.sensor) for e in events if isinstance(e, EventLog)] == [
        ("sequence-gap", "geo-1"), ("sequence-broken", "geo-1"),
    ]  # fmt: skip
    assert rejections(events) == []
    pipeline = Pipeline()
    assert feed([geo(), *(replace(m, seq=None) for m in looks)], pipeline=pipeline) == []
    feed([geo(), *looks], pipeline=(pipeline := Pipeline()))
    assert pipeline.steps == {"corrupted": 1}


def test_detections_of_another_kind():
    plot = RadarDetection(time=at(0), range_m=5e5, azimuth_deg=10.0, elevation_deg=10.0)
    scan = RadarScan(
        origin="live", sensor="geo-1", time=at(0), duration_s=1.0, detections=(plot,), received=at(1)
    )
    (rejected,) = feed([geo(), scan])
    assert rejected.field == "detections"


def test_an_empty_look_of_a_radar():
    """Without detections a line does not say its kind; the sensor does."""
    line = (
        b'{"kind":"scan","origin":"live","sensor":"radar-1","time":"2026-05-16T00:00:00Z","duration_s":5,'
        b'"detections":[]}'
    )
    assert feed([radar(), decode(line)]) == []


def test_a_satellite_without_a_place():
    (rejected,) = feed([geo(), replace(look(0), position_m=None, velocity_mps=None)])
    assert rejected.field == "position_m"


def test_a_data_path_that_claims_more_than_it_sent():
    true = Summary(origin="live", sensor="geo-1", time=at(30), count=0, window_s=60.0)
    assert feed([geo(), look(0), look(10), true]) == []
    (fault,) = feed([geo(), look(0), look(10), replace(true, count=7)])
    assert isinstance(fault, EventLog)
    assert fault.name == "data-path-fault"
    assert "7" in fault.text


# ------------------------------------------------------------------------------------------ a whole flight


@pytest.fixture(scope="module")
def flight(demo_recording):
    """Return what the demonstration's sensors say in the first 300 s: boost and the radar's first minute."""
    start = demo_recording.scenario.start
    return [m for m in demo_recording.messages if m.received <= start + 300 * SECOND]


@pytest.fixture(scope="module")
def told(flight):
    return feed(flight)


def test_the_flight_is_warned_of(told):
    states = [w.state for w in warnings(told)]
    assert states[0] == "detected"
    assert "corroborated" in states
    assert not [e for e in told if isinstance(e, Alert)], "nobody has confirmed"


def test_extra_advances_change_nothing(flight, told):
    pipeline = Pipeline()
    events = []
    for message in flight:
        events += pipeline.receive(message)
        events += pipeline.advance(message.received)
        events += pipeline.advance(Instant(message.received - 3 * SECOND))
    events += pipeline.finish()
    assert said(events) == said(told)


def test_advance_lets_waiting_looks_go(flight):
    pipeline = Pipeline()
    events = [e for m in flight for e in pipeline.receive(m)]
    waiting = len(pipeline._chains["test"].buffer)
    assert waiting > 0
    pipeline.advance(Instant(flight[-1].received + 60 * SECOND))
    assert len(pipeline._chains["test"].buffer) == 0
    assert pipeline.finish() == []
    assert warnings(events)


def test_another_lag_changes_only_the_delay(flight, told):
    config = Config()
    slow = replace(config, tracking=replace(config.tracking, reorder_lag_s=10.0))
    assert said(feed(flight, slow)) == said(told)


def test_unknown_origins_and_sensors_do_not_disturb(flight, told):
    """A flood of looks of an unknown sensor is rejected and otherwise without effect."""
    noise = [
        replace(look(0), origin="test", sensor="nobody", time=m.time, received=m.received) for m in flight[5:]
    ]
    pipeline = Pipeline()
    events = [e for pair in zip(flight[5:], noise, strict=True) for m in pair for e in pipeline.receive(m)]
    events = [e for m in flight[:5] for e in Pipeline().receive(m)] + events
    assert not warnings(events), "without sensors nothing is known"
    pipeline = Pipeline()
    events = [e for m in flight[:5] for e in pipeline.receive(m)]
    for real, fake in zip(flight[5:], noise, strict=True):
        events += pipeline.receive(real) + pipeline.receive(fake)
    events += pipeline.finish()
    kept = [e for e in events if not isinstance(e, Rejected)]
    assert said(kept) == said(told)
    assert rejections(events)


def decision(told, by, action="confirm", origin="test", after=3.0):
    ripe = next(w for w in warnings(told) if w.state == "corroborated" and w.impact is not None)
    t = Instant(ripe.time + round(after * SECOND))
    return Decision(origin=origin, warning=ripe.id, action=action, by=by, time=t, received=t, reason="seen")


def with_decisions(flight, *decisions):
    return feed(sorted([*flight, *decisions], key=lambda m: m.received))


def test_one_person_is_not_enough(flight, told):
    once = decision(told, "anna")
    again = replace(once, time=Instant(once.time + SECOND), received=Instant(once.received + SECOND))
    events = with_decisions(flight, once, again)
    assert not [e for e in events if isinstance(e, Alert)]
    logs = [e.name for e in events if isinstance(e, EventLog)]
    assert "approval-counted" in logs
    assert len(logs) >= 2, "the second word of the same person is refused and said so"


def test_two_people_release_an_alert(flight, told):
    events = with_decisions(flight, decision(told, "anna"), decision(told, "ben", after=4.0))
    alerts = [e for e in events if isinstance(e, Alert)]
    assert alerts
    assert {a.status for a in alerts} == {"Test"}
    assert "confirmed" in [w.state for w in warnings(events)]


def test_dismissed(flight, told):
    events = with_decisions(flight, decision(told, "anna", "dismiss"))
    closed = warnings(events)[-1]
    assert (closed.state, closed.outcome) == ("closed", "dismissed")
    assert not [e for e in events if isinstance(e, Alert)]


def test_a_decision_about_nothing(flight):
    stray = Decision(origin="live", warning="W-20260516-0042", action="confirm", by="anna", time=at(0))
    (event,) = feed([stray])
    assert isinstance(event, EventLog)
    assert "W-20260516-0042" in event.text


def test_a_late_decision_still_counts(flight, told):
    """A person is not rejected for a slow line: the decision counts from when it came."""
    slow = [replace(decision(told, name), received=at(295.0)) for name in ("anna", "ben")]
    events = with_decisions(flight, *slow)
    confirmed = [w for w in warnings(events) if w.state == "confirmed"]
    assert confirmed
    assert confirmed[0].time >= at(293.0)


def test_a_sensor_that_is_down_has_not_looked(flight, told):
    """Looks that see nothing end a burn; the same looks of satellites that are down say nothing: it lapses, later."""
    since = Instant(warnings(told)[0].time + 15 * SECOND)
    blind = [
        replace(m, detections=()) if isinstance(m, InfraredScan) and m.time > since else m
        for m in flight
        if getattr(m, "sensor", "") != "radar-1"
    ]
    down = [
        Status(origin="test", sensor=name, time=since, state="down", received=since)
        for name in ("geo-1", "geo-2")
    ]
    silent = warnings(feed(blind))
    unheard = warnings(feed(sorted([*blind, *down], key=lambda m: m.received)))
    assert silent[-1].phase == "coast"
    assert silent[-1].time > since
    *burning, lapsed = unheard
    assert [w.phase for w in burning] == ["boost"] * len(burning)
    assert burning[-1].time <= since
    assert lapsed.phase == "coast"
    assert lapsed.time > silent[-1].time + 60 * SECOND


@pytest.mark.parametrize("path", ["geo-1", "geo-2"])
@pytest.mark.parametrize("after_s", [31.0, 95.0, 160.0])
def test_a_contradicted_warning_steps_down_within_ten_seconds(flight, told, path, after_s):
    """A path that claims what did not come through it is no witness any more: said by the clock 10 s later at most."""
    corroborated = next(w for w in warnings(told) if w.state == "corroborated")
    seen_by_two = [m for m in flight if getattr(m, "sensor", None) != "radar-1"]
    when = Instant(corroborated.time + round(after_s * SECOND))
    false = Summary(origin="test", sensor=path, time=when, received=when, count=400, window_s=60.0)
    stream = sorted([*seen_by_two, false], key=lambda m: m.received or 0)
    pipeline, stepped = Pipeline(), None
    for message in stream:
        for event in pipeline.receive(message):
            if isinstance(event, Warning) and event.time >= when and event.state == "detected":
                stepped = stepped or (event, message.received)
    assert stepped is not None
    version, clock = stepped
    assert f"{path} claims what did not come through it" in version.reason
    assert version.version > corroborated.version
    assert when <= version.time <= when + 10 * SECOND
    assert clock <= when + 10 * SECOND, "with the reorder lag and the wait for the next message"


def test_a_notified_launch(flight, told, alpha):
    notice = Notification(
        origin="test", id="N-1", from_="somewhere", window_start=at(0), window_end=at(3600), vehicle="space-launch",
        latitude_deg=alpha.latitude_deg, longitude_deg=alpha.longitude_deg, azimuth_deg=alpha.azimuth_deg,
    )  # fmt: skip
    notified = warnings(feed([notice, *flight]))
    elsewhere = warnings(feed([replace(notice, latitude_deg=40.0), *flight]))
    assert notified[0].evidence.notification == "N-1"
    assert elsewhere[0].evidence.notification is None
    for a, b in zip(notified, warnings(told), strict=True):
        assert a.identity["space-launch"] > b.identity["space-launch"]
        assert (a.launch, a.state_vector) == (b.launch, b.state_vector), "words move no estimate"


# ------------------------------------------------------------------------------------------ origins apart


def test_origins_do_not_meet(flight, told):
    """Every look comes live, as an exercise and as a test: three warnings, each as if it were alone."""
    mixed = [replace(m, origin=origin) for m in flight for origin in ("exercise", "live", "test")]
    events = feed(mixed)
    assert len({w.id for w in warnings(events)}) == 3
    alone = [(w.version, w.time, w.launch, w.impact, w.state_vector) for w in warnings(told)]
    for origin in ("exercise", "live", "test"):
        own = [w for w in warnings(events) if w.origin == origin]
        assert [(w.version, w.time, w.launch, w.impact, w.state_vector) for w in own] == alone


def test_half_the_sightings_are_an_exercise(flight):
    """One satellite live, the other an exercise: the live one is on its own."""
    mixed = []
    for m in flight:
        if isinstance(m, Sensor):
            mixed.append(replace(m, origin="live"))
        else:
            mixed.append(replace(m, origin="exercise" if m.sensor == "geo-2" else "live"))
    events = [w for w in warnings(feed(mixed)) if w.origin == "live"]
    assert events
    assert all("geo-2" not in w.evidence.infrared for w in events)


def test_a_live_sensor_may_define_an_exercise_look_and_not_the_other_way():
    assert feed([geo(), replace(look(0), origin="exercise")]) == []
    assert rejections(feed([geo(origin="exercise"), look(0)]))


def test_the_clock_of_an_exercise_makes_nothing_live_late():
    fast = replace(look(500), origin="exercise")
    assert rejections(feed([geo(), fast, look(0), look(10)])) == []
