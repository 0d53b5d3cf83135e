"""What a radar hears of the background: satellites against SGP4 and Skyfield, aircraft, aurora, the Moon."""

import numpy as np
import pytest
from msgspec.structs import replace
from sgp4.api import Satrec
from skyfield.api import EarthSatellite, load
from skyfield.framelib import itrs

from tocsin.earth.ellipsoid import geodetic_from_ecef_batch, height
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.sky import LIGHT_SPEED, MOON_RADIUS, echo_delay
from tocsin.errors import ConfigError
from tocsin.messages import RadarScan, Sensor
from tocsin.sensors.platform import julian_utc
from tocsin.sensors.radar import Radar
from tocsin.simulation import simulate
from tocsin.simulation.background import aurora
from tocsin.simulation.background.aircraft import HALF_SIDE_M, PER_M2, Aircraft
from tocsin.simulation.background.moon import echo
from tocsin.simulation.background.satellites import FRESH_DAYS, Satellites
from tocsin.simulation.background.scene import scene
from tocsin.simulation.background.world import table

RADAR = """
title = "Radar"
start = 2026-06-01T06:00:00Z
duration_s = 300
seed = 5
[settings]
clutter_scale = 0.0
[[sensor]]
id = "radar"
type = "radar"
latitude_deg = 76.57
longitude_deg = -68.30
height_m = 400.0
range_sigma_m = 30.0
azimuth_sigma_deg = 0.05
elevation_sigma_deg = 0.05
range_rate_sigma_mps = 5.0
azimuth_from_deg = 0.0
azimuth_to_deg = 360.0
elevation_min_deg = 2.0
elevation_max_deg = 85.0
range_max_m = 5_500_000.0
scan_period_s = 5.0
detection_probability = 0.9
"""


@pytest.fixture
def thule():
    return Radar.from_message(
        Sensor(
            origin="test", id="thule", type="radar", latitude_deg=76.57, longitude_deg=-68.30, height_m=400.0,
            range_sigma_m=30.0, azimuth_sigma_deg=0.1, elevation_sigma_deg=0.1, azimuth_from_deg=0.0,
            azimuth_to_deg=360.0, elevation_min_deg=0.0, elevation_max_deg=85.0, range_max_m=5_551_700.0,
            scan_period_s=2.0,
        )
    )  # fmt: skip


def plots(scenario):
    recording = simulate(scenario)
    return recording, [d for m in recording.messages if isinstance(m, RadarScan) for d in m.detections]


def test_satellites_are_where_sgp4_and_skyfield_say(world):
    sky = world("2026-09-01T00:00:00Z", satellites=1.0)
    catalogue = Satellites(sky)
    days = float(np.sum(julian_utc(sky.start)))
    time = 7_200.0
    stamp = load.timescale(builtin=True).utc(2026, 9, 1, 2)
    own = [k for k, s in enumerate(catalogue.bodies) if abs(s.jdsatepoch + s.jdsatepochF - days) < FRESH_DAYS]
    assert len(own) > 1_000
    lines = list(zip(table("satellites")["line1"], table("satellites")["line2"], strict=True))
    chosen = np.array(own[:: len(own) // 40])
    x = catalogue.at(chosen, time)
    turns = []
    for row, k in zip(x, chosen, strict=True):
        error, r_teme, _ = Satrec.twoline2rv(*lines[k]).sgp4(*julian_utc(sky.instant(time)))
        assert error == 0
        assert np.linalg.norm(row[:3]) == pytest.approx(1000 * np.linalg.norm(r_teme), abs=1e-3)
        r, v = EarthSatellite(*lines[k]).at(stamp).frame_xyz_and_velocity(itrs)
        assert row[2] == pytest.approx(r.m[2], abs=3e-6 * np.linalg.norm(row[:3]))  # the pole
        assert np.linalg.norm(row[3:]) == pytest.approx(np.linalg.norm(v.m_per_s), abs=0.1)
        turns.append(np.arctan2(row[1], row[0]) - np.arctan2(r.m[1], r.m[0]))
    turns = (np.array(turns) + np.pi) % (2 * np.pi) - np.pi
    assert np.abs(np.median(turns)) < 1e-5  # UT1, which Skyfield does not know for so late a date
    assert np.abs(turns - np.median(turns)).max() < 5e-6


def test_old_elements_pass_over_the_same_places(world):
    sky = world("2021-03-01T00:00:00Z", satellites=1.0)
    catalogue = Satellites(sky)
    days = float(np.sum(julian_utc(sky.start)))
    lines = list(zip(table("satellites")["line1"], table("satellites")["line2"], strict=True))
    for k in range(0, len(lines), 300):
        own, moved = Satrec.twoline2rv(*lines[k]), catalogue.bodies[k]
        assert moved.jdsatepoch + moved.jdsatepochF == pytest.approx(days, abs=1e-6)
        then = own.sgp4(own.jdsatepoch, own.jdsatepochF)[1]
        now = moved.sgp4(moved.jdsatepoch, moved.jdsatepochF)[1]
        assert np.linalg.norm(then) == pytest.approx(np.linalg.norm(now), rel=1e-5)
        assert then[2] == pytest.approx(now[2], abs=1.0)


def test_the_rate_thins_and_thickens_the_catalogue(world):
    whole = len(table("satellites")["line1"])
    assert len(Satellites(world(satellites=1.0)).bodies) == whole
    some = len(Satellites(world(satellites=0.1)).bodies)
    assert abs(some - 0.1 * whole) < 4 * np.sqrt(0.09 * whole)
    assert len(Satellites(world(satellites=2.0)).bodies) == 2 * whole


def test_plots_of_satellites_are_off_by_the_radars_noise(read):
    scenario = read(RADAR + "[background]\nsatellites = 0.2\n")
    recording, found = plots(scenario)
    assert recording.background == {("radar", "satellite"): len(found)}
    assert len(found) > 100
    sensor = next(m for m in recording.messages if isinstance(m, Sensor))
    radar = Radar.from_message(sensor)
    catalogue = scene(scenario, EarthRotation(bundled()), "seed 5", 0)._satellites
    everything = np.arange(len(catalogue.bodies))
    errors = []
    for d in found[::7]:
        x = catalogue.at(everything, recording.truth.seconds(d.time))
        z = radar.predict(x[np.isfinite(x[:, 0])])
        measured = np.array(
            [d.range_m, np.radians(d.azimuth_deg), np.radians(d.elevation_deg), d.range_rate_mps]
        )
        off = radar.residual(np.tile(measured, (len(z), 1)), z) / radar.sigmas()
        errors.append(off[np.argmin(np.sum(off**2, axis=1))])
    chi2 = np.sum(np.square(errors), axis=1)
    assert np.mean(chi2) == pytest.approx(4.0, abs=5 * np.sqrt(8.0 / len(chi2)))


def test_aircraft_fly_as_over_switzerland(world, thule):
    fleet = Aircraft(world(aircraft=1.0), thule)
    x, later = fleet.at(0.0), fleet.at(100.0)
    mean = PER_M2 * (2 * HALF_SIDE_M) ** 2
    assert abs(len(x) - mean) < 4 * np.sqrt(mean)
    speed = np.linalg.norm(x[:, 3:], axis=1)
    assert np.mean(speed) == pytest.approx(231.0, abs=4.0)
    assert np.std(speed) == pytest.approx(14.0, abs=3.0)
    _, _, high = geodetic_from_ecef_batch(x[:, :3])
    assert np.mean(high) == pytest.approx(11_186.0, abs=400.0)
    moved = np.linalg.norm(later[:, :3] - x[:, :3], axis=1)
    stayed = moved < 100_000.0  # did not come in again on the other side
    assert np.mean(stayed) > 0.9
    np.testing.assert_allclose(moved[stayed], 100.0 * speed[stayed], rtol=0.01)


def test_aircraft_fly_on_whole_spheres_close_to_the_radar(world, thule):
    x = Aircraft(world(aircraft=1.0), thule).at(0.0)
    near = np.linalg.norm(x[:, :3] - thule.r_ecef, axis=1) < 200_000.0
    step = 0.1
    onward = x[near, :3] + step * x[near, 3:]
    climb = [height(*b) - height(*a) for a, b in zip(x[near, :3], onward, strict=True)]
    assert np.max(np.abs(climb)) < step * 2.0


def test_aurora_comes_from_its_oval_and_across_the_field(world, thule):
    random = np.random.default_rng(1)
    south = Radar.from_message(
        Sensor(
            origin="test", id="south", type="radar", latitude_deg=50.0, longitude_deg=-70.0, height_m=0.0,
            range_sigma_m=30.0, azimuth_sigma_deg=0.1, elevation_sigma_deg=0.1, range_max_m=3e6,
        )
    )  # fmt: skip
    x = np.vstack([aurora.echoes(world(aurora=5.0), south, random) for _ in range(5)])
    assert np.count_nonzero(south.visible(x[:, :3])) > 20
    seen = np.vstack([aurora.echoes(world(aurora=5.0), thule, random) for _ in range(5)])
    assert not np.any(thule.visible(seen[:, :3]))  # from beyond the oval no line of sight crosses the field
    lat, _, high = geodetic_from_ecef_batch(x[:, :3])
    assert np.all((high > 75_000) & (high < 130_000))
    assert np.all(np.abs(np.degrees(lat)) > 45)
    assert np.std(np.linalg.norm(x[:, 3:], axis=1)) < 500
    drift = np.einsum("ij,ij->i", x[:, :3], x[:, 3:])
    assert np.max(np.abs(drift)) / 6.4e6 < 1e-3  # level


def test_the_moon_is_heard_at_thule_in_1960(world, thule):
    # Case R11: 5 October 1960, the Moon just up, 2.555 s, 27 pulses a second.
    sky = world("1960-10-05T22:15:00Z", moon=True, moon_pulse_hz=27.0)
    random = np.random.default_rng(1)
    rows = np.vstack([echo(sky, thule, 400.0, 0.0, random) for _ in range(200)])
    azimuth, elevation = np.degrees(rows[0, 1:3])
    assert 70 < azimuth < 80 and 0 < elevation < 5  # rose at 66 degrees 35 minutes before
    unambiguous = LIGHT_SPEED / (2 * 27.0)
    pulses = round((383.0e6 - MOON_RADIUS - np.min(rows[:, 0])) / unambiguous)
    delay = echo_delay(np.min(rows[:, 0]) + pulses * unambiguous + MOON_RADIUS)
    assert delay == pytest.approx(2.555, abs=0.01)
    assert np.all((rows[:, 0] > 0) & (rows[:, 0] < unambiguous))
    assert np.mean(rows[:, 0]) - np.min(rows[:, 0]) == pytest.approx(30_000.0, rel=0.3)
    assert np.all(np.abs(rows[:, 3]) < 600)


def test_the_moon_is_not_heard_before_it_rises(world, thule):
    sky = world("1960-10-05T21:00:00Z", moon=True, moon_pulse_hz=27.0)
    assert len(echo(sky, thule, 400.0, 0.0, np.random.default_rng(1))) == 0


def test_a_scan_holds_one_moon(read):
    scenario = read(RADAR.replace("76.57", "15.4") + "[background]\nmoon = true\n")
    up = []
    for hour in range(0, 24, 3):
        recording, found = plots(
            replace(scenario, start=scenario.start + hour * 3600 * 10**9, duration_s=20.0)
        )
        scans = [m for m in recording.messages if isinstance(m, RadarScan)]
        assert all(len(m.detections) <= 1 for m in scans)
        up.append(len(found))
    assert max(up) > 0 == min(up)


@pytest.mark.parametrize(
    ("line", "says"),
    [("satellites = -1.0", "satellites"), ("ufos = 1.0", "ufos"), ("most_per_scan = 0", "most_per_scan")],
)
def test_says_what_is_wrong_with_a_background(read, line, says):
    with pytest.raises(ConfigError, match=says):
        read(RADAR + f"[background]\n{line}\n")
