"""Sensors that flood: said once, within bounded time, and nothing else is harmed."""

import numpy as np

from tocsin.earth.time import parse_utc
from tocsin.messages import (
    SECOND,
    EventLog,
    InfraredDetection,
    InfraredScan,
    Instant,
    RadarDetection,
    RadarScan,
    Sensor,
    Warning,
)
from tocsin.pipeline import Pipeline

T = parse_utc("2026-05-16T12:00:00Z")
RADAR = Sensor(
    origin="test", received=T, id="radar-1", type="radar", latitude_deg=15.0, longitude_deg=-27.0, height_m=0.0,
    range_sigma_m=50.0, azimuth_sigma_deg=0.1, elevation_sigma_deg=0.1, range_max_m=2.5e6, scan_period_s=5.0,
)  # fmt: skip
EYE = Sensor(origin="test", received=T, id="geo-1", type="infrared", los_sigma_urad=30.0, scan_period_s=10.0)


def plots(k, count, random):
    t = Instant(T + k * 5 * SECOND)
    rows = random.uniform([5e4, 0, 3], [2.5e6, 360, 80], (count, 3))
    found = tuple(
        RadarDetection(time=t, range_m=float(r), azimuth_deg=float(a), elevation_deg=float(e))
        for r, a, e in rows
    )
    return RadarScan(origin="test", received=t, sensor="radar-1", time=t, duration_s=0.0, detections=found)


def sightings(k, count, random):
    t = Instant(T + k * 10 * SECOND)
    angles = random.uniform([170, -7], [190, 7], (count, 2))
    found = tuple(
        InfraredDetection(time=t, right_ascension_deg=float(a), declination_deg=float(d), frame="ITRF")
        for a, d in angles
    )
    return InfraredScan(
        origin="test", received=t, sensor="geo-1", time=t, duration_s=0.0, detections=found,
        position_m=(42_164_000.0, 0.0, 0.0), velocity_mps=(0.0, 0.0, 0.0),
    )  # fmt: skip


def told(messages):
    pipeline = Pipeline()
    events = [event for message in messages for event in pipeline.receive(message)]
    return events + pipeline.finish()


def test_a_radar_that_floods_is_said_once_until_it_ends(pace):
    random = np.random.Generator(np.random.Philox(5))
    counts = [10, 10_000, 10_000, 10, 10_000]
    with pace(30.0):
        events = told([RADAR, *(plots(k, count, random) for k, count in enumerate(counts))])
    floods = [event for event in events if isinstance(event, EventLog)]
    assert [event.name for event in floods] == ["flood", "flood"]
    assert {event.sensor for event in floods} == {"radar-1"}
    assert "10000 detections" in floods[0].text
    assert not any(isinstance(event, Warning) for event in events)


def test_a_satellite_that_floods_takes_bounded_time(pace):
    random = np.random.Generator(np.random.Philox(6))
    with pace(60.0):
        events = told([EYE, *(sightings(k, 10_000, random) for k in range(3))])
    assert [event.name for event in events if isinstance(event, EventLog)] == ["flood"]
