"""Recordings by a simulator that shares no code with Tocsin: noticed, named, and held by the areas that are told."""

import json
import math
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
from pymap3d.vincenty import vdist, vreckon

from tocsin import Pipeline, Warning, read
from tocsin.earth.time import parse_utc

WIDER = 1.52  # scales of a 95 % ellipse, beyond which one of a thousand lies


def load(name):
    spec = spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


other = load("another_simulator")


def watch(tmp_path, kind, seed, *, radar=False, satellites=2, azimuth=None, blind=0.0):
    """Return the flight and every warning version of its recording; satellites see `blind` s of its burn, if given."""
    random = np.random.Generator(np.random.Philox(seed))
    latitude, longitude = random.uniform(-45, 50), random.uniform(-180, 180)
    azimuth = random.uniform(0, 360) if azimuth is None else azimuth
    flight = other.Flight(kind, latitude, longitude, azimuth, random.uniform(80, 140), random)
    offsets, frames = (-30.0, 33.0), ("GCRF", "ITRF")
    sensors = [
        other.Satellite(f"ir-{k}", longitude + offsets[k], frames[k], first=random.uniform(0, 10))
        for k in range(satellites)
    ]
    if radar:
        a, b = (float(x) for x in vreckon(*flight.impact[1:], 3e5, random.uniform(0, 360)))
        _, back = vdist(a, b, latitude, longitude)
        sensors.append(other.Radar("radar-1", a, (b + 180.0) % 360.0 - 180.0, float(back), rate=15.0))
    fires = [((latitude + random.normal(0, 4), longitude + random.normal(0, 4)), 0.25) for _ in range(4)]
    end = flight.launch + (flight.impact[0] + 60.0 if radar else flight.burnout + 120.0)
    other.record(tmp_path / "recording.jsonl", [flight], sensors, fires, end, random)
    if blind:
        _leave_out(tmp_path / "recording.jsonl", flight.launch + above_clouds(flight) + blind, 250.0)
    pipeline, events = Pipeline(), []
    for message, place in read([tmp_path / "recording.jsonl"]):
        events += pipeline.receive(message, place)
    events += pipeline.finish()
    return flight, [event for event in events if isinstance(event, Warning)]


def _leave_out(path, begin, lasts):
    """Take away what satellites saw from `begin` on for so long [s after the epoch]."""
    gap = other.stamp(begin), other.stamp(begin + lasts)
    messages = [json.loads(line) for line in path.read_text().splitlines()]
    kept = [m for m in messages if not (m.get("sensor", "")[:2] == "ir" and gap[0] < m["time"] < gap[1])]
    path.write_text("".join(json.dumps(m) + "\n" for m in kept), encoding="utf-8")


def above_clouds(flight):
    return next(t for t in np.arange(0.0, 200.0) if np.linalg.norm(flight.path(t)) > 6.378e6 + 10e3)


def off(estimate, latitude, longitude):
    """Return how far a place lies from an estimate's, in units of its 95 % ellipse, and in metres."""
    e = estimate.ellipse_95
    far, azimuth = (
        float(x) for x in vdist(estimate.latitude_deg, estimate.longitude_deg, latitude, longitude)
    )
    turn = math.radians(azimuth - e.bearing_deg)
    return math.hypot(far * math.cos(turn) / e.semi_major_m, far * math.sin(turn) / e.semi_minor_m), far


def since_launch(flight, t):
    return (t - parse_utc(other.stamp(flight.launch))) / 1e9


@pytest.mark.parametrize(("kind", "seed"), [("short", 1), ("medium", 2), ("long", 3)])
def test_a_missile_two_satellites_and_a_radar(kind, seed, tmp_path):
    flight, versions = watch(tmp_path, kind, seed, radar=True)
    assert len({v.id for v in versions}) == 1
    first, last = versions[0], versions[-1]
    assert since_launch(flight, first.time) < above_clouds(flight) + 50.0
    assert "corroborated" in {v.state for v in versions}
    assert max(last.identity, key=last.identity.get) == "ballistic-missile"
    assert off(last.launch, *flight.place)[0] < WIDER
    assert abs(since_launch(flight, last.launch.time)) < 4.0 * last.launch.time_sigma_s
    falling = [
        v for v in versions if v.impact is not None and since_launch(flight, v.time) < flight.impact[0]
    ]
    wide, far = off(falling[-1].impact, *flight.impact[1:])
    assert wide < WIDER
    assert far < 5_000.0
    early = next(v for v in falling if v.phase == "coast")
    assert off(early.impact, *flight.impact[1:])[0] < WIDER
    assert far < off(early.impact, *flight.impact[1:])[1]


@pytest.mark.parametrize("seed", [4, 5])
def test_a_launcher_two_satellites_no_site_no_notice(seed, tmp_path):
    """Its orbit alone tells: the tracker's believed motion at burnout is that of something that stays up."""
    flight, versions = watch(tmp_path, "launcher", seed, azimuth=90.0)
    assert flight.impact is None
    assert len({v.id for v in versions}) == 1
    last = versions[-1]
    assert max(last.identity, key=last.identity.get) == "space-launch"
    assert off(last.launch, *flight.place)[0] < WIDER
    burning = [v for v in versions if v.phase == "boost"][-1]
    t = since_launch(flight, burning.state_vector.time)
    truth = np.concatenate([flight.path(t), flight.path(t, 1)])
    d = np.array([*burning.state_vector.position_m, *burning.state_vector.velocity_mps]) - truth
    assert float(d @ np.linalg.solve(np.array(burning.state_vector.covariance), d)) < 22.5, (
        "χ² of six, one in 1,000"
    )
    assert float(np.linalg.norm(d[3:])) < 400.0


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_a_burn_that_goes_on_unseen_is_the_radars_flight(seed, tmp_path):
    """Its satellites see 35 s of three minutes and more; half an hour later a radar far down range takes it up."""
    flight, versions = watch(tmp_path, "long", seed, radar=True, blind=35.0)
    assert len({v.id for v in versions}) == 1
    last = versions[-1]
    assert off(last.launch, *flight.place)[0] < WIDER
    falling = [
        v for v in versions if v.impact is not None and since_launch(flight, v.time) < flight.impact[0]
    ]
    assert off(falling[-1].impact, *flight.impact[1:])[1] < 5_000.0


@pytest.mark.parametrize("seed", [701, 702, 703])
def test_a_coast_between_stages_is_one_flight(seed, tmp_path):
    """Its first stage goes out, nothing burns for 40 to 100 s, then its second lights far down range."""
    flight, versions = watch(tmp_path, "coasting", seed)
    assert len({v.id for v in versions}) == 1
    burning = [v for v in versions if v.phase == "boost"][-1]
    t = since_launch(flight, burning.state_vector.time)
    assert t > flight.lit[-1][0]
    assert np.linalg.norm(np.array(burning.state_vector.position_m) - flight.path(t)) < 15e3
    assert off(versions[-1].launch, *flight.place)[0] < WIDER


def test_a_later_launch_from_one_place_is_no_coast(tmp_path):
    """Minutes after the first went out, a second rises: one flight might explain both, and it is the less likely."""
    random = np.random.Generator(np.random.Philox([20, 55]))
    latitude, longitude = random.uniform(-40, 45), random.uniform(-170, 170)
    azimuth, kind, flights = random.uniform(0, 360), str(random.choice(["short", "medium", "long"])), []
    for k in range(2):
        a, b = (
            float(x) for x in vreckon(latitude, longitude, 15e3 * random.random(), random.uniform(0, 360))
        )
        heading, launch = azimuth + random.normal(0, 4), 100 + k * random.uniform(40, 220)
        flights.append(other.Flight(kind, a, (b + 180.0) % 360.0 - 180.0, heading, launch, random))
    sensors = [
        other.Satellite(f"ir-{k}", longitude + (-30.0, 33.0)[k], first=random.uniform(0, 10))
        for k in range(int(random.choice([1, 2])))
    ]
    end = max(f.launch + f.burnout for f in flights) + 60.0
    other.record(tmp_path / "recording.jsonl", flights, sensors, [], end, random)
    pipeline, events = Pipeline(), []
    for message, place in read([tmp_path / "recording.jsonl"]):
        events += pipeline.receive(message, place)
    events += pipeline.finish()
    assert len({event.id for event in events if isinstance(event, Warning)}) == 2


def test_one_satellite(tmp_path):
    flight, versions = watch(tmp_path, "long", 6, satellites=1)
    assert len({v.id for v in versions}) == 1
    assert {v.state for v in versions} == {"detected"}
    assert off(versions[-1].launch, *flight.place)[0] < WIDER


@pytest.mark.parametrize("seed", [502, 503, 529, 532])
def test_one_satellite_tells_a_launcher(seed, tmp_path):
    """Along its one line of sight a launcher might climb for ever and be faster than any rocket: it does neither."""
    flight, versions = watch(tmp_path, "launcher", seed, satellites=1, azimuth=90.0)
    assert len({v.id for v in versions}) == 1
    last = versions[-1]
    assert last.identity["space-launch"] > 0.9
    assert off(last.launch, *flight.place)[0] < WIDER


@pytest.mark.parametrize("seed", [500, 501, 503, 504])
def test_a_short_burn_that_satellites_soon_lose_is_the_radars_flight(seed, tmp_path):
    """They see 15 s of it and then nothing for four minutes; the radar's arc begins before its burn is given up."""
    flight, versions = watch(tmp_path, "short", seed, radar=True, blind=15.0)
    assert len({v.id for v in versions}) == 1
    last = versions[-1]
    assert last.phase != "boost"
    assert off(last.launch, *flight.place)[0] < WIDER
    falling = [v for v in versions if v.impact is not None]
    assert off(falling[-1].impact, *flight.impact[1:])[1] < 5_000.0


def test_a_burn_that_nobody_looks_at_is_no_boost_for_ever(tmp_path):
    """All satellites fall silent for good; a radar far off that sees nothing of it is all that moves the clock."""
    path = tmp_path / "recording.jsonl"
    random = np.random.Generator(np.random.Philox(600))
    flight = other.Flight("long", 20.0, 40.0, 30.0, 100.0, random)
    satellites = [other.Satellite(f"ir-{k}", 40.0 + 20.0 * k, first=4.0 * k) for k in (-1, 1)]
    away = other.Radar("radar-1", -30.0, 120.0, 180.0)
    away.false = 0.0
    other.record(path, [flight], [*satellites, away], [], 400.0, random)
    _leave_out(path, 180.0, 1_000.0)
    pipeline, events = Pipeline(), []
    for message, place in read([path]):
        events += pipeline.receive(message, place)
    versions = [event for event in events if isinstance(event, Warning)]
    assert versions[-1].phase == "coast"
    assert versions[-2].phase == "boost"
    gave_up = since_launch(flight, versions[-1].time) - since_launch(flight, versions[-2].time)
    assert 110.0 < gave_up < 125.0


def test_launches_that_rise_under_radars_are_of_one_event(tmp_path):
    """Two short flights from one area within 20 s: the second is the radars' before any satellite's."""
    random = np.random.Generator(np.random.Philox(504))
    latitude, longitude = random.uniform(-40, 45), random.uniform(-170, 170)
    azimuth, flights = random.uniform(0, 360), []
    for _ in range(2):
        a, b = (float(x) for x in vreckon(latitude, longitude, 8e3 * random.random(), random.uniform(0, 360)))
        flights.append(
            other.Flight("short", a, b, azimuth + random.normal(0, 4), random.uniform(100, 160), random)
        )
    sensors = [
        other.Satellite("ir-0", longitude - 30.0, "GCRF", first=random.uniform(0, 10)),
        other.Satellite("ir-1", longitude + 33.0, "ITRF", first=random.uniform(0, 10)),
    ]
    for k, far in enumerate((1.5e5, 2.5e5)):
        a, b = (float(x) for x in vreckon(*flights[0].impact[1:], far, random.uniform(0, 360)))
        _, back = vdist(a, b, latitude, longitude)
        sensors.append(other.Radar(f"radar-{k + 1}", a, (b + 180.0) % 360.0 - 180.0, float(back), rate=15.0))
    end = max(f.launch + f.impact[0] for f in flights) + 60.0
    other.record(tmp_path / "recording.jsonl", flights, sensors, [], end, random)
    pipeline, events = Pipeline(), []
    for message, place in read([tmp_path / "recording.jsonl"]):
        events += pipeline.receive(message, place)
    events += pipeline.finish()
    last = {event.id: event for event in events if isinstance(event, Warning)}
    assert len(last) == 2
    assert len({warning.event for warning in last.values()}) == 1
    assert {warning.parent for warning in last.values()} == {None}
    for flight in flights:
        far = [
            vdist(w.impact.latitude_deg, w.impact.longitude_deg, *flight.impact[1:])[0] for w in last.values()
        ]
        assert min(far) < 20e3
