"""What the sensors send: order, determinism, statistics of noise and clutter, visibility, keyed draws."""

import numpy as np
import pytest
from msgspec.structs import replace
from scipy import stats

from tocsin.earth.ellipsoid import height
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.errors import ConfigError
from tocsin.formats.jsonl import decode, encode_recorded
from tocsin.messages import SECOND, InfraredScan, RadarScan, Scan, Sensor, Status
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.radar import Radar
from tocsin.simulation import load, simulate
from tocsin.simulation.infrared import visible_disk_half_angle
from tocsin.simulation.truth import happen

MICRORADIAN = 1e-6
PERFECT = "\n[settings]\nclutter_scale = 0.0\n"


def scans(recording, sensor=None):
    return [m for m in recording.messages if isinstance(m, Scan) and sensor in (None, m.sensor)]


def sensor_of(recording, name):
    return next(m for m in recording.messages if isinstance(m, Sensor) and m.id == name)


def direction(detection, rotation):
    ra, dec = np.radians(detection.right_ascension_deg), np.radians(detection.declination_deg)
    u = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    return rotation.itrf_from_gcrf(detection.time) @ u


def sight_errors(recording, name, r_of):
    """Return the errors (n, 2) [rad] of every detection of satellite `name` against `r_of(t)` (3,)."""
    rotation = EarthRotation(bundled())
    eye = Infrared.from_message(sensor_of(recording, name))
    rows = []
    for scan in scans(recording, name):
        for d in scan.detections:
            r = r_of(recording.truth.seconds(d.time))
            rows.append(eye.residual(direction(d, rotation), r, np.array(scan.position_m))[0])
    return np.array(rows)


def plot_errors(recording, name):
    radar = Radar.from_message(sensor_of(recording, name))
    (body,) = recording.truth.bodies
    rows = []
    for scan in scans(recording, name):
        for d in scan.detections:
            x = body.at(np.array([recording.truth.seconds(d.time)]))
            z = [d.range_m, np.radians(d.azimuth_deg), np.radians(d.elevation_deg), d.range_rate_mps or 0.0]
            rows.append(radar.residual(np.array(z), radar.predict(x))[0])
    return np.array(rows)


FIRE = """
[[fire]]
id = "fire"
latitude_deg = 5.0
longitude_deg = -20.0
detection_probability = 1.0
"""


@pytest.fixture
def burning(read, head):
    return read(head.replace("900", "20_000") + FIRE + PERFECT)


def test_messages_come_in_order(demo):
    recording = simulate(demo)
    kinds = [isinstance(m, Sensor) for m in recording.messages]
    assert kinds == sorted(kinds, reverse=True)
    received = [m.received for m in recording.messages]
    assert received == sorted(received)
    delays = np.array([(m.received - m.end) / SECOND for m in scans(recording)])
    assert 0.05 <= delays.min() < 0.1
    assert 0.35 < delays.max() <= 0.4
    for scan in scans(recording):
        assert all(scan.time <= d.time <= scan.end for d in scan.detections)


def test_slow_paths_let_looks_overtake_each_other(demo):
    slow = simulate(replace(demo, settings=replace(demo.settings, delay_max_s=4.0)))
    ends = [m.end for m in scans(slow)]
    assert ends != sorted(ends)


def test_looks_come_at_the_sensor_s_own_phase(demo):
    recording = simulate(demo)
    for name, period in (("geo-1", 10.0), ("geo-2", 10.0), ("radar-1", 2.5)):
        starts = np.sort([recording.truth.seconds(m.time) for m in scans(recording, name)])
        assert np.allclose(np.diff(starts), period, atol=1e-6)
        assert 0 <= starts[0] < period
        assert starts[-1] > 900 - 2 * period - 1
    phases = [scans(recording, name)[0].time % (10 * SECOND) for name in ("geo-1", "geo-2")]
    assert phases[0] != phases[1]


def test_same_scenario_same_bytes(demo):
    first = b"\n".join(map(encode_recorded, simulate(demo).messages))
    assert b"\n".join(map(encode_recorded, simulate(demo).messages)) == first
    assert b"\n".join(map(encode_recorded, simulate(demo, run=1).messages)) != first
    assert b"\n".join(map(encode_recorded, simulate(demo, study="other").messages)) != first


def test_messages_go_through_the_wire_unchanged(demo):
    for message in simulate(demo).messages:
        line = encode_recorded(message)
        again = decode(line)
        assert encode_recorded(again) == line
        if not (isinstance(message, RadarScan) and not message.detections):  # an empty look has no type
            assert again == message


def test_a_missing_sensor_changes_nothing_else(demo):
    whole, part = simulate(demo), simulate(demo, without=("geo-1",))
    assert [
        m for m in whole.messages if getattr(m, "sensor", getattr(m, "id", "")) != "geo-1"
    ] == part.messages


def test_noise_scales_without_new_draws(read, head, launch):
    quiet = read(head + launch + PERFECT)
    once, thrice = simulate(quiet), simulate(quiet, noise_scale=3.0)
    (body,) = once.truth.bodies

    def r_of(t):
        return body.at(np.array([t]))[0, :3]

    a, b = sight_errors(once, "geo-1", r_of), sight_errors(thrice, "geo-1", r_of)
    assert len(a) >= 4
    assert np.allclose(b, 3 * a, atol=1e-9)
    a, b = plot_errors(once, "radar-1"), plot_errors(thrice, "radar-1")
    assert len(a) > 50
    assert np.allclose(b[:, 0], 3 * a[:, 0], atol=5e-3)
    assert np.allclose(b[:, 1:3], 3 * a[:, 1:3], atol=1e-9)
    assert sensor_of(thrice, "geo-1").los_sigma_urad == 90.0
    assert sensor_of(thrice, "radar-1").range_sigma_m == 150.0


def test_infrared_noise_is_what_the_sensor_declares(burning):
    recording = simulate(burning)
    (fire,) = recording.truth.fires
    errors = sight_errors(recording, "geo-1", lambda t: fire.r_ecef) / (30 * MICRORADIAN)
    assert len(errors) > 1900
    assert stats.kstest(errors.ravel(), "norm").pvalue > 1e-3
    assert abs(np.corrcoef(errors.T)[0, 1]) < 0.08
    assert abs(np.corrcoef(errors[1:, 0], errors[:-1, 0])[0, 1]) < 0.08


def test_radar_noise_is_what_the_sensor_declares(read, head, launch):
    text = head + launch.replace("time_s = 60", "time_s = 0") + PERFECT
    pool = np.vstack([plot_errors(simulate(read(text), run=run), "radar-1") for run in range(10)])
    normal = pool[:, :3] / [50.0, np.radians(0.1), np.radians(0.1)]
    assert len(normal) > 800
    assert stats.kstest(normal.ravel(), "norm").pvalue > 1e-3
    assert np.abs(np.corrcoef(normal.T) - np.eye(3)).max() < 0.1


def test_detection_probability_and_misses(read, head):
    some = read(head.replace("900", "20_000") + FIRE.replace("1.0", "0.7") + PERFECT)
    seen = [len(m.detections) for m in scans(simulate(some), "geo-1")]
    assert set(seen) == {0, 1}
    assert np.mean(seen) == pytest.approx(0.7, abs=4 * np.sqrt(0.21 / len(seen)))


def test_bias_is_common_and_slow(read, head):
    text = head.replace("900", "20_000").replace('network = "demo"', "")
    text += """
[[sensor]]
id = "eye"
type = "infrared"
longitude_deg = -30.0
los_sigma_urad = 1.0
bias_sigma_urad = 100.0
scan_period_s = 10.0
"""
    scenario = read(text + FIRE + FIRE.replace('"fire"', '"other"').replace("5.0", "15.0") + PERFECT)
    recording = simulate(scenario)
    rotation = EarthRotation(bundled())
    eye = Infrared.from_message(sensor_of(recording, "eye"))
    both = []
    for scan in scans(recording):
        errors = [
            min(
                (
                    eye.residual(direction(d, rotation), f.r_ecef, np.array(scan.position_m))[0]
                    for f in recording.truth.fires
                ),
                key=np.linalg.norm,
            )
            for d in scan.detections
        ]
        both.append(np.ravel(errors))
    both = np.array(both) / MICRORADIAN
    assert np.std(both[:, 0] - both[:, 2]) < 3.0, "both fires carry the same bias"
    assert np.std(np.diff(both[:, 0])) < 15.0, "it moves slowly"
    short = read(text.replace("20_000", "30") + FIRE + PERFECT)
    (fire,) = happen(short).fires
    first = np.array(
        [sight_errors(simulate(short, run=k), "eye", lambda _: fire.r_ecef)[0] for k in range(200)]
    )
    assert stats.kstest(first.ravel() / (100 * MICRORADIAN), "norm").pvalue > 1e-3


def test_real_bias_is_as_set(read, head, launch):
    text = head + launch + '[[real_bias]]\nsensor = "radar-1"\nrange_m = 400\nelevation_deg = 1.0\n' + PERFECT
    errors = plot_errors(simulate(read(text)), "radar-1")
    assert errors[:, 0].mean() == pytest.approx(400, abs=25)
    assert np.degrees(errors[:, 2]).mean() == pytest.approx(1.0, abs=0.05)
    text = (
        head.replace("900", "5_000")
        + FIRE
        + '[[real_bias]]\nsensor = "geo-1"\neast_urad = 300\nnorth_urad = -200\n'
    )
    recording = simulate(read(text + PERFECT))
    errors = sight_errors(recording, "geo-1", lambda t: recording.truth.fires[0].r_ecef)
    assert np.allclose(errors.mean(axis=0) / MICRORADIAN, [300, -200], atol=6)


def test_a_real_bias_may_begin_late(read, head, launch):
    late = '[[real_bias]]\nsensor = "radar-1"\nrange_m = 4_000\nsince_s = 400\n'
    recording = simulate(read(head + launch + late + PERFECT))
    errors = plot_errors(recording, "radar-1")[:, 0]
    off = errors > 2_000
    assert off.any()
    assert not off.all()
    assert np.all(np.diff(off.astype(int)) >= 0), "once it has begun it stays"
    assert errors[off].mean() == pytest.approx(4_000, abs=50)
    assert errors[~off].mean() == pytest.approx(0, abs=50)


def test_false_alarms_fill_the_disk(read, head):
    recording = simulate(read(head.replace("900", "10_000")))
    counts = np.array([len(m.detections) for m in scans(recording, "geo-1")])
    assert counts.mean() == pytest.approx(3.0, abs=4 * np.sqrt(3 / len(counts)))
    assert counts.var() == pytest.approx(3.0, rel=0.2)
    rotation = EarthRotation(bundled())
    heights, turns = [], []
    for scan in scans(recording, "geo-1"):
        place = np.array(scan.position_m)
        nadir = -place / np.linalg.norm(place)
        for d in scan.detections:
            u = direction(d, rotation)
            heights.append((1 - u @ nadir) / (1 - np.cos(visible_disk_half_angle(place))))
            turns.append(np.arctan2(u[2], np.cross([0, 0, 1.0], nadir) @ u) / (2 * np.pi) % 1.0)
    assert max(heights) <= 1 + 1e-6
    assert stats.kstest(heights, "uniform").pvalue > 1e-3
    assert stats.kstest(turns, "uniform").pvalue > 1e-3


def test_radar_false_alarms_fill_the_sector(read, head):
    recording = simulate(read(head.replace("900", "3_000")))
    found = [d for m in scans(recording, "radar-1") for d in m.detections]
    assert len(found) / len(scans(recording, "radar-1")) == pytest.approx(5.0, abs=0.3)
    azimuth = (np.array([d.azimuth_deg for d in found]) - 265.0) % 360.0 / 120.0
    elevation = (np.array([d.elevation_deg for d in found]) - 2.0) / 83.0
    distance = (np.array([d.range_m for d in found]) / 2_500_000.0 - 0.02) / 0.98
    for part in (azimuth, elevation, distance):
        assert stats.kstest(part, "uniform").pvalue > 1e-3


def test_only_what_burns_above_the_clouds_is_seen(read, head, launch):
    recording = simulate(read(head + launch + PERFECT))
    (body,) = recording.truth.bodies
    times = [
        recording.truth.seconds(d.time)
        for m in scans(recording)
        if isinstance(m, InfraredScan)
        for d in m.detections
    ]
    assert len(times) > 8
    assert all(body.burning(t) for t in times)
    assert min(height(*body.at(np.array([t]))[0, :3]) for t in times) >= 10_000.0


def test_radar_sees_only_its_sector(read, head, launch):
    recording = simulate(read(head + launch + PERFECT))
    (body,) = recording.truth.bodies
    radar = Radar.from_message(sensor_of(recording, "radar-1"))
    seen = [(d, recording.truth.seconds(d.time)) for m in scans(recording, "radar-1") for d in m.detections]
    assert len(seen) > 50
    for detection, t in seen:
        assert radar.visible(body.at(np.array([t]))[:, :3])[0]
        assert detection.range_rate_mps is None
        assert body.flying(t)


def test_a_satellite_behind_the_earth_sees_nothing(read, head, launch):
    far = head.replace('network = "demo"', "") + """
[[sensor]]
id = "far"
type = "infrared"
longitude_deg = 142.0
los_sigma_urad = 30.0
scan_period_s = 10.0
"""  # fmt: skip
    recording = simulate(read(far + launch + PERFECT))
    assert sum(len(m.detections) for m in scans(recording)) == 0


def test_an_orbit_carries_a_satellite(read, head):
    # Molniya-like elements made up for this test.
    text = head.replace('network = "demo"', "") + """
[[sensor]]
id = "high"
type = "infrared"
tle = ["1 99999U 26001A   26136.00000000  .00000000  00000-0  00000-0 0  9992",
       "2 99999  63.4000 120.0000 7200000 270.0000 180.0000  2.00600000    19"]
los_sigma_urad = 10.0
scan_period_s = 10.0
false_alarms_per_scan = 0.0
"""  # fmt: skip
    fire = FIRE.replace("latitude_deg = 5.0", "latitude_deg = 75.0")
    recording = simulate(read(text + fire))
    (looks,) = {tuple(len(m.detections) for m in scans(recording))}
    assert all(m.position_m is None for m in scans(recording))
    assert sensor_of(recording, "high").tle is not None
    assert sum(looks) > 80
    from tocsin.sensors.platform import Platform

    rotation = EarthRotation(bundled())
    platform = Platform(sensor_of(recording, "high"), rotation)
    eye = Infrared.from_message(sensor_of(recording, "high"))
    (fire_truth,) = recording.truth.fires
    errors = [
        eye.residual(direction(d, rotation), fire_truth.r_ecef, platform.from_orbit(d.time))[0]
        for m in scans(recording)
        for d in m.detections
    ]
    assert np.std(errors) == pytest.approx(10 * MICRORADIAN, rel=0.2)


def test_an_outage_is_silent_and_announced(read, head, launch):
    text = head + '[[outage]]\nsensor = "geo-2"\nfrom_s = 100\nto_s = 200\n' + launch
    recording, whole = simulate(read(text)), simulate(read(head + launch))
    for scan in scans(recording, "geo-2"):
        a, b = recording.truth.seconds(scan.time), recording.truth.seconds(scan.end)
        assert b <= 100 or a >= 200
    states = [(m.state, recording.truth.seconds(m.time)) for m in recording.messages if isinstance(m, Status)]
    assert states == [("down", 100.0), ("ok", 200.0)]
    kept = {m.time for m in scans(recording, "geo-2")}
    assert [m for m in scans(whole) if m.sensor != "geo-2" or m.time in kept] == scans(recording)


def test_what_separates_is_seen_by_radar(read, head, launch):
    whole = read(head + launch.replace("range_m", "separates = true\nrange_m") + PERFECT)
    recording = simulate(whole)
    assert [b.id for b in recording.truth.bodies] == ["alpha", "alpha/stage-1"]
    assert recording.truth.body("alpha/stage-1").parent == "alpha"
    assert any(len(m.detections) == 2 for m in scans(recording, "radar-1"))


def test_origins_stay_apart():
    recording = simulate(load("mixed"))
    assert {m.origin for m in recording.messages} == {"test", "exercise"}
    for origin in ("test", "exercise"):
        assert {m.id for m in recording.messages if isinstance(m, Sensor) and m.origin == origin} == {
            "geo-1", "geo-2", "radar-1",
        }  # fmt: skip
    looks = [(m.origin, m.sensor, m.time) for m in scans(recording)]
    assert len(looks) == len(set(looks))
    alone = {m.detections for m in scans(recording) if m.origin == "test"}
    assert alone.isdisjoint(
        {m.detections for m in scans(recording) if m.origin == "exercise" and m.detections}
    )


def test_the_demo_has_what_its_story_needs():
    recording = simulate(load("demo"))
    (body,) = recording.truth.bodies
    first = {}
    rotation = EarthRotation(bundled())
    for scan in scans(recording):
        assert isinstance(scan, InfraredScan | RadarScan)
        for d in scan.detections:
            t = recording.truth.seconds(d.time)
            if isinstance(scan, RadarScan):
                radar = Radar.from_message(sensor_of(recording, scan.sensor))
                near = abs(radar.predict(body.at(np.array([t])))[0, 0] - d.range_m) < 250 and body.flying(t)
            else:
                r = body.at(np.array([t]))[0, :3] - np.array(scan.position_m)
                near = np.linalg.norm(
                    direction(d, rotation) - r / np.linalg.norm(r)
                ) < 1.5e-4 and body.burning(t)
            if near:
                first.setdefault(scan.sensor, t - body.lift_off)
    assert first["geo-1"] < 70
    assert first["geo-2"] < 70
    assert body.flight.burnout < first["radar-1"] < body.flight.impact_time - 200


def test_truth_can_be_used_again(demo):
    whole = simulate(demo)
    assert simulate(demo, truth=whole.truth).messages == whole.messages


def test_a_decayed_orbit_is_said(read, head):
    # A low orbit of 2008, made up for this test, that drag has long brought down.
    text = head.replace('network = "demo"', "") + """
[[sensor]]
id = "low"
type = "infrared"
tle = ["1 99998U 08067A   08264.51782528  .00002182  00000-0  99999-1 0  2928",
       "2 99998  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563531"]
los_sigma_urad = 10.0
scan_period_s = 10.0
"""  # fmt: skip
    with pytest.raises(ConfigError, match=r"test\.toml: sensor low: SGP4 cannot carry its orbit"):
        simulate(read(text))
