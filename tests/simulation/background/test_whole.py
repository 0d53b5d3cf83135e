"""Backgrounds in a whole simulation: off is today's, the cap, determinism, directions, and a long day."""

import numpy as np
import pytest
from msgspec.structs import replace

from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.errors import ConfigError
from tocsin.formats.jsonl import encode_recorded
from tocsin.messages import InfraredScan
from tocsin.simulation import load, simulate
from tocsin.simulation.background.fireballs import named
from tocsin.simulation.background.scene import scene

SATELLITE = """
[[sensor]]
id = "{id}"
type = "infrared"
longitude_deg = {longitude}
los_sigma_urad = 30.0
scan_period_s = {period}
detection_probability = 1.0
"""
HEAD = """
title = "Background"
start = 2013-02-15T03:20:00Z
duration_s = 600
seed = 5
[settings]
clutter_scale = 0.0
"""
PAIR = SATELLITE.format(id="west", longitude=10.0, period=1.0) + SATELLITE.format(
    id="east", longitude=90.0, period=1.0
)
CHELYABINSK = """
[[fireball]]
id = "chelyabinsk"
time_s = 30.0
latitude_deg = 54.8
longitude_deg = 61.1
altitude_m = 29_700.0
speed_mps = 19_000.0
azimuth_deg = 283.0
entry_angle_deg = 18.3
radiated_energy_j = 3.75e14
"""
ALL = "\n".join(
    f"{kind} = 1.0"
    for kind in ("fires", "flares", "lightning", "glint", "cloud_glint", "calibration", "reentries")
)
ONE = SATELLITE.format(id="geo", longitude=15.0, period=10.0)
ROTATION = EarthRotation(bundled())


def scans(recording, sensor=None):
    return [m for m in recording.messages if isinstance(m, InfraredScan) and sensor in (None, m.sensor)]


def lines(recording, sensor=None):
    return [encode_recorded(m) for m in scans(recording, sensor)]


def direction(detection):
    ra, dec = np.radians([detection.right_ascension_deg, detection.declination_deg])
    u = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    return ROTATION.itrf_from_gcrf(detection.time) @ u


def test_a_scenario_without_a_background_has_none(read):
    demo = load("demo")
    assert scene(demo, ROTATION, "seed 1", 0) is None
    assert simulate(replace(demo, duration_s=120.0)).background == {}
    assert scene(read(HEAD + "[background]\nmost_per_scan = 3\n" + ONE), ROTATION, "seed 1", 0) is None


def test_a_background_moves_no_other_draw(read):
    text = HEAD.replace("clutter_scale = 0.0", "clutter_scale = 5.0")
    without = simulate(read(text + ONE))
    with_it = simulate(read(text + "[background]\nlightning = 1.0\n" + ONE))
    for bare, full in zip(scans(without), scans(with_it), strict=True):
        assert set(bare.detections) <= set(full.detections)
        assert bare.received == full.received


def test_the_same_again_and_other_satellites_change_nothing(read):
    text = HEAD + f"[background]\n{ALL}\n"
    two = text + ONE + SATELLITE.format(id="other", longitude=100.0, period=7.0)
    assert lines(simulate(read(two))) == lines(simulate(read(two)))
    assert lines(simulate(read(two)), "geo") == lines(simulate(read(text + ONE)), "geo")
    assert lines(simulate(read(two), without=("geo",)), "other") == lines(simulate(read(two)), "other")
    assert lines(simulate(read(two), run=1), "geo") != lines(simulate(read(two)), "geo")


def test_no_more_are_handed_down_than_set(read):
    text = HEAD + "[background]\nlightning = 30.0\ncloud_glint = 10.0\nmost_per_scan = {}\n" + ONE
    for most in (20, 3):
        counts = [len(s.detections) for s in scans(simulate(read(text.format(most))))]
        assert max(counts) == most


def test_counts_say_what_was_sent(read):
    recording = simulate(read(HEAD + f"[background]\n{ALL}\n" + ONE))
    assert sum(recording.background.values()) == sum(len(s.detections) for s in scans(recording))
    assert {sensor for sensor, _ in recording.background} == {"geo"}


def test_detections_lie_within_their_looks_and_before_the_earth(read):
    recording = simulate(read(HEAD + f"[background]\n{ALL}\n" + ONE))
    for scan in scans(recording):
        eye = np.array(scan.position_m)
        limb = np.arcsin(6_378_137.0 / np.linalg.norm(eye)) + 4e-4  # 10 km over it
        for d in scan.detections:
            assert scan.time <= d.time <= scan.end
            assert np.arccos(direction(d) @ -eye / np.linalg.norm(eye)) < limb


def test_chelyabinsk_is_seen_where_it_flies_by_both(read):
    scenario = read(HEAD + CHELYABINSK + PAIR)
    recording = simulate(scenario)
    one = named(scenario.fireball[0])
    chi2, first = [], {}
    for scan in scans(recording):
        for d in scan.detections:
            t = recording.truth.seconds(d.time)
            los = one.at(np.array([t]))[0] - np.array(scan.position_m)
            off = np.linalg.norm(np.cross(direction(d), los / np.linalg.norm(los)))
            chi2.append((off / 30e-6) ** 2)
            first.setdefault(scan.sensor, t)
    assert recording.background[("west", "fireball")] > 5
    assert recording.background[("east", "fireball")] > 5
    assert np.mean(chi2) == pytest.approx(2.0, abs=5 * 2.0 / np.sqrt(len(chi2)))
    assert all(15.0 < t < 30.0 for t in first.values())


def test_a_satellite_with_physics_says_how_bright_and_how_sure(read):
    physics = '[sensor.physics]\nband = "ground"\n'
    recording = simulate(read(HEAD + f"[background]\n{ALL}\n" + ONE + physics))
    found = [d for s in scans(recording) for d in s.detections]
    assert len(found) > 50
    assert all(d.snr_db > 13.9 and d.irradiance_w_m2 > 1e-11 and d.sigma_urad >= 10.0 for d in found)


def test_the_water_band_does_not_see_the_ground(read):
    text = HEAD + "[background]\nfires = 3.0\nflares = 3.0\ncloud_glint = 3.0\n" + ONE
    kinds = {}
    for band in ("ground", "2.7um"):
        recording = simulate(read(text + f'[sensor.physics]\nband = "{band}"\n'))
        kinds[band] = {kind for _, kind in recording.background}
    assert "fire" in kinds["ground"]
    assert "fire" not in kinds["2.7um"]


def test_nothing_is_reported_in_an_outage(read):
    text = (
        HEAD + f"[background]\n{ALL}\n" + ONE + '[[outage]]\nsensor = "geo"\nfrom_s = 100.0\nto_s = 400.0\n'
    )
    whole, part = (simulate(read(t)) for t in (text.split("[[outage]]")[0], text))
    starts = {s.time for s in scans(part)}
    assert len(starts) < len(scans(whole))
    assert not any(100.0 < part.truth.seconds(t) < 399.0 for t in starts)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("speed_mps = 19_000.0", "speed_mps = 200.0", "speed_mps"),
        ("latitude_deg = 54.8", "latitude_deg = 154.8", "latitude_deg"),
        ("entry_angle_deg = 18.3", "entry_angle_deg = 0.0", "entry_angle_deg"),
    ],
)
def test_says_what_is_wrong_with_a_fireball(read, old, new, says):
    with pytest.raises(ConfigError, match=says):
        read(HEAD + CHELYABINSK.replace(old, new) + PAIR)
