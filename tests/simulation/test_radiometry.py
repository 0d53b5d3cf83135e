"""Satellites with physics: honest noise, who sees what, spin, Sun, weather, bias and stars, ephemerides."""

import numpy as np
import pytest
from msgspec.structs import replace
from scipy import stats

from tocsin.earth.ellipsoid import height
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.sky import separation, sun_itrf
from tocsin.earth.time import format_utc
from tocsin.errors import ConfigError
from tocsin.messages import SECOND, InfraredScan
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.platform import Platform
from tocsin.sensors.radiometry import InfraredPhysics
from tocsin.simulation import load, networks, simulate
from tocsin.simulation.infrared import sweep
from tocsin.simulation.looks import Draws
from tocsin.simulation.pointing import bias, calibrated_variance
from tocsin.simulation.scenario import decode
from tocsin.simulation.weather import CLEAR as CLEAR_SKY
from tocsin.simulation.weather import cloud_top

HEAD = """
title = "Light"
start = 2026-05-16T00:00:00Z
duration_s = {duration}
seed = 5
"""
EYE = """
[[sensor]]
id = "eye"
type = "infrared"
longitude_deg = {longitude}
los_sigma_urad = 30.0
bias_sigma_urad = {bias}
scan_period_s = {period}
false_alarms_per_scan = {clutter}
[sensor.physics]
{physics}
"""
FIRE = """
[[fire]]
id = "flare"
latitude_deg = 10.0
longitude_deg = -40.0
height_m = 30_000
radiant_intensity_w_sr = {intensity}
"""
LAUNCH = """
[[launch]]
id = "{name}"
vehicle = "{vehicle}"
time_s = 20
latitude_deg = 12.0
longitude_deg = -38.0
azimuth_deg = 55.0
range_m = {range}
"""
ROTATION = EarthRotation(bundled())


def world(*parts, duration=900, **eye):
    given = {"longitude": -60.0, "bias": 0.0, "period": 10.0, "clutter": 0.0, "physics": ""} | eye
    text = HEAD.format(duration=duration) + "".join(parts) + EYE.format(**given)
    return decode(text, "test.toml", networks())


def looks(recording, sensor="eye"):
    return [m for m in recording.messages if isinstance(m, InfraredScan) and m.sensor == sensor]


def sightings(recording, sensor="eye"):
    return [(scan, d) for scan in looks(recording, sensor) for d in scan.detections]


def direction(d):
    ra, dec = np.radians(d.right_ascension_deg), np.radians(d.declination_deg)
    u = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    return ROTATION.itrf_from_gcrf(d.time) @ u


def errors(recording, r):
    """Return errors (n, 2) of the sightings of what stands at `r` (3,), and the sigma (n,) each declares [rad]."""
    eye = Infrared.from_message(recording.scenario.sensors[0])
    rows = [eye.residual(direction(d), r, np.array(s.position_m))[0] for s, d in sightings(recording)]
    return np.array(rows), np.array([d.sigma_urad for _, d in sightings(recording)]) * 1e-6


@pytest.fixture(scope="module")
def flare():
    """See a flare at SNR 8 for an hour, every second."""
    distance = 4.0e7
    noise = 2e-12 * 1.5
    scenario = world(FIRE.format(intensity=8.0 * noise * distance**2), duration=3_600, period=1.0)
    return simulate(scenario)


def test_detections_carry_honest_noise(flare):
    off, sigma = errors(flare, flare.truth.fires[0].r_ecef)
    n = len(off)
    assert n > 3_000
    assert len(np.unique(sigma)) > 100
    chi = float(np.sum((off / sigma[:, None]) ** 2))
    assert stats.chi2.ppf(0.001, 2 * n) < chi < stats.chi2.ppf(0.999, 2 * n)


def test_noise_is_white(flare):
    off, sigma = errors(flare, flare.truth.fires[0].r_ecef)
    z = off / sigma[:, None]
    for lag in (1, 2, 5, 20):
        rho = np.mean(z[lag:] * z[:-lag], axis=0)
        assert np.all(np.abs(rho) < 3.5 / np.sqrt(len(z)))


def test_a_detection_says_how_strong_it_was(flare):
    found = [d for _, d in sightings(flare)]
    snr = 10 ** (np.array([d.snr_db for d in found]) / 20)
    measured = np.array([d.irradiance_w_m2 for d in found])
    assert measured == pytest.approx(snr * 3e-12, rel=2e-3)
    assert snr.min() > 4.99
    sigma = np.array([d.sigma_urad for d in found])
    assert sigma == pytest.approx(np.hypot(10.0, 30.0 / snr), rel=2e-3)


def test_how_often_it_is_seen_is_the_textbook_s(flare):
    _, d = sightings(flare)[0]
    scan = looks(flare)[0]
    fire = flare.truth.fires[0].r_ecef
    arriving = 8.0 * 3e-12 * (4.0e7 / np.linalg.norm(fire - np.array(scan.position_m))) ** 2
    expected = stats.norm.sf(5.0 - arriving / 3e-12)
    low, high = stats.binom.interval(0.998, len(looks(flare)), expected)
    assert low <= len(sightings(flare)) <= high
    assert d.irradiance_w_m2 is not None


def test_noise_scale_scales_what_is_declared_and_done():
    scenario = world(FIRE.format(intensity=1e6), duration=60, period=2.0)
    one, three = simulate(scenario), simulate(scenario, noise_scale=3.0)
    (e1, s1), (e3, s3) = errors(one, one.truth.fires[0].r_ecef), errors(three, one.truth.fires[0].r_ecef)
    assert s3 == pytest.approx(3 * s1, rel=1e-3)
    assert e3 == pytest.approx(3 * e1, rel=1e-3, abs=1e-9)


def seen(recording):
    """Return the heights [m] at which the one body of a recording was seen."""
    (body,) = recording.truth.bodies
    times = [recording.truth.seconds(d.time) for _, d in sightings(recording)]
    return np.array([height(*body.at(np.array([t]))[0, :3]) for t in times])


SMALL = LAUNCH.format(name="small", vehicle="short-range", range=250_000)
LARGE = LAUNCH.format(name="large", vehicle="intercontinental", range=8_000_000)
OVERCAST = "\n[weather]\ncloud_cover = 1.0\ncloud_top_m = {top}\n"
CLEAR = "\n[weather]\ncloud_cover = 0.0\n"


def test_a_small_missile_under_cloud_is_not_seen_and_a_large_booster_is():
    dull = "noise_equivalent_irradiance_w_m2 = 8e-12"
    above = world(SMALL, OVERCAST.format(top=60_000), physics=dull)
    assert len(sightings(simulate(above))) == 0
    big = simulate(world(LARGE, OVERCAST.format(top=12_000), physics=dull))
    assert len(seen(big)) > 20
    assert seen(big).min() > 12_000


def test_the_large_one_is_seen_where_the_small_one_is_too_faint():
    dull = "noise_equivalent_irradiance_w_m2 = 8e-12"
    assert len(sightings(simulate(world(SMALL, CLEAR, physics=dull)))) == 0
    assert len(sightings(simulate(world(LARGE, CLEAR, physics=dull)))) > 20
    assert len(sightings(simulate(world(SMALL, CLEAR, period=2.0)))) > 5


def test_only_the_window_between_bands_sees_the_pad():
    first = {}
    for band in ("2.7um", "4.3um", "ground"):
        scenario = world(LARGE, CLEAR, physics=f'band = "{band}"', period=2.0)
        first[band] = seen(simulate(scenario)).min()
    assert first["ground"] < 1_000.0
    assert first["ground"] < first["2.7um"] < first["4.3um"] < 20_000.0


def test_clouds_cover_the_part_of_the_world_that_was_asked():
    scenario = world(LARGE, "\n[weather]\ncloud_cover = 0.3\ncloud_top_m = 9_000\ncloud_top_sigma_m = 500\n")
    draws = Draws("sky", 0, "eye")
    tops = np.array(
        [cloud_top(scenario, draws, lat, lon, 1.0) for lat in range(-50, 50) for lon in range(0, 40)]
    )
    covered = tops > CLEAR_SKY
    low, high = stats.binom.interval(0.998, len(tops), 0.3)
    assert low <= covered.sum() <= high
    assert tops[covered].mean() == pytest.approx(9_000, abs=60)
    assert tops[covered].std() == pytest.approx(500, abs=45)


def test_all_sensors_and_neighbours_share_a_sky():
    scenario = world(LARGE, "\n[weather]\ncloud_cover = 0.5\n")
    for run in range(20):
        tops = {
            cloud_top(scenario, Draws("sky", run, s), 12.0 + d, -38.0 + d, 1.0)
            for s in "ab"
            for d in (0.0, 0.9)
        }
        assert len(tops) == 1
    assert cloud_top(world(LARGE), Draws("sky", 0, "a"), 12.0, -38.0, 1.0) == 1.0


def test_without_weather_a_sensor_s_own_cloud_hides():
    assert seen(simulate(world(LARGE, physics='band = "ground"', period=2.0))).min() > 10_000.0


def test_a_spinning_line_meets_each_source_at_its_azimuth():
    two = FIRE.replace('"flare"', '"other"').replace("10.0", "-35.0").replace("-40.0", "-75.0")
    scenario = world(
        FIRE.format(intensity=1e7),
        two.format(intensity=1e7),
        physics="spin = true",
        clutter=3.0,
        duration=300,
    )
    recording = simulate(scenario)
    turned = 0
    for scan, d in sightings(recording):
        assert scan.duration_s == 10.0
        part = (d.time - scan.time) / SECOND / 10.0
        met = sweep(np.array(scan.position_m), direction(d))[0]
        turned += 1
        assert abs((part - met + 0.5) % 1.0 - 0.5) < 1e-4
    assert turned > 60


def test_nothing_is_seen_beside_the_sun():
    # Shortly before midnight at the equinox the Sun stands beside the Earth as a geostationary satellite sees it.
    fire = FIRE.replace("10.0", "0.0").replace("-40.0", "102.0").format(intensity=1e7)
    text = HEAD.format(duration=7_200).replace("2026-05-16T00", "2026-03-20T21")
    text += fire + EYE.format(
        longitude=-60.0 + 120.0, bias=0.0, period=30.0, clutter=0.0, physics="sun_exclusion_deg = 12.0"
    )
    with_sun = simulate(decode(text, "sun.toml", networks()))
    without = simulate(decode(text.replace("= 12.0", "= 0.0"), "sun.toml", networks()))
    place = np.array(looks(without)[0].position_m)
    r = without.truth.fires[0].r_ecef
    off = {
        s.time: np.degrees(separation(r - place, sun_itrf(ROTATION, d.time) - place))
        for s, d in sightings(without)
    }
    hidden = {s.time for s, _ in sightings(without)} - {s.time for s, _ in sightings(with_sun)}
    assert 0 < len(hidden) < len(off)
    assert all(off[t] < 12.0 for t in hidden)


def path_of(physics, runs, times, sigma=1.0):
    sensor = world(FIRE.format(intensity=1.0)).sensors[0]
    scenario = world(FIRE.format(intensity=1.0), duration=2_400)
    paths = [bias(sensor, scenario, Draws("bias", run, "eye"), sigma, physics) for run in range(runs)]
    return np.array([[path(t) for t in times] for path in paths])


@pytest.mark.parametrize("forgets", [120.0, 600.0])
def test_bias_drifts_with_the_spectrum_that_was_set(forgets):
    times = np.array([0.0, 60.0, 120.0, 600.0, 1_800.0])
    path = path_of(InfraredPhysics(bias_time_s=forgets), 800, times)
    n = path[:, 0].size
    for k, t in enumerate(times):
        assert np.mean(path[:, k] ** 2) == pytest.approx(1.0, abs=0.15)
        rho = np.exp(-t / forgets)
        assert np.mean(path[:, 0] * path[:, k]) == pytest.approx(
            rho, abs=4 * np.sqrt((1 + rho**2) / n) + 0.01
        )


def test_bias_has_a_first_order_power_spectrum():
    """Its power falls as 1 / (1 + (2 π f τ)²), within the band of a mean over 400 paths."""
    forgets, step, n = 200.0, 20.0, 120
    path = path_of(InfraredPhysics(bias_time_s=forgets), 400, np.arange(n) * step)[:, :, 0]
    keep = np.exp(-step / forgets)
    window = np.hanning(n)
    power = np.mean(np.abs(np.fft.rfft(path * window, axis=1)) ** 2, axis=0) / np.sum(window**2)
    f = np.fft.rfftfreq(n)  # turns a step
    textbook = (1 - keep**2) / np.abs(1 - keep * np.exp(-2j * np.pi * f)) ** 2
    assert power[4:40] == pytest.approx(textbook[4:40], rel=0.35)
    assert np.mean(power[4:40] / textbook[4:40]) == pytest.approx(1.0, abs=0.05)


def test_stars_leave_the_part_of_the_bias_that_was_set():
    physics = InfraredPhysics(bias_time_s=1_800.0, star_calibration_s=300.0, star_calibration_left=0.2)
    free = InfraredPhysics(bias_time_s=1_800.0)
    times = np.arange(0.0, 2_400.0, 50.0)
    sized = np.mean(path_of(physics, 400, times) ** 2)
    expected = np.mean([calibrated_variance(physics, since) for since in np.linspace(0, 300, 61)])
    assert sized == pytest.approx(expected, rel=0.1)
    assert sized < 0.3 * np.mean(path_of(free, 100, times) ** 2)
    assert calibrated_variance(physics, 0.0) == pytest.approx(0.2**2)


OEM = """CCSDS_OEM_VERS = 2.0
CREATION_DATE = 2026-05-16T00:00:00
ORIGINATOR = TEST
META_START
OBJECT_NAME = EYE
OBJECT_ID = 2026-001A
CENTER_NAME = EARTH
REF_FRAME = TEME
TIME_SYSTEM = UTC
START_TIME = {start}
STOP_TIME = {stop}
META_STOP
"""
TLE = (
    "1 25544U 98067A   26136.00000000  .00000000  00000-0  00000-0 0  9990",
    "2 25544  63.0000 200.0000 6900000 270.0000  40.0000  2.00600000    19",
)


def checked_line(line):
    digits = sum(int(c) if c.isdigit() else c == "-" for c in line[:68])
    return line[:68] + str(digits % 10)


def test_an_ephemeris_carries_a_satellite_as_its_elements_do(tmp_path):
    one, two = (checked_line(line) for line in TLE)
    scenario = world(FIRE.format(intensity=1e7), duration=600)
    elements = replace(scenario.sensors[0], longitude_deg=None, tle=(one, two))
    platform = Platform(elements, ROTATION)
    rows = []
    for s in range(-60, 700, 60):
        t = scenario.start + s * SECOND
        days, part = 2_440_587.5, (t / SECOND - 37.0) / 86_400.0
        _, r, v = platform._satellite.sgp4(days, part)
        rows.append(" ".join([format_utc(t).rstrip("Z"), *(f"{x:.12f}" for x in (*r, *v))]))
    text = OEM.format(start=rows[0].split()[0], stop=rows[-1].split()[0]) + "\n".join(rows) + "\n"
    (tmp_path / "eye.oem").write_text(text)
    eye = EYE.replace("longitude_deg = {longitude}", 'ephemeris = "eye.oem"')
    eye = eye.format(bias=0.0, period=10.0, clutter=0.0, physics="")
    (tmp_path / "w.toml").write_text(HEAD.format(duration=600) + FIRE.format(intensity=1e8) + eye)
    recording = simulate(load(str(tmp_path / "w.toml")))
    assert len(looks(recording)) > 50
    for scan in looks(recording):
        assert np.array(scan.position_m) == pytest.approx(platform.from_orbit(scan.time), abs=1.0)
        later = scan.time + SECOND // 100
        step = (platform.from_orbit(later) - platform.from_orbit(scan.time)) / 0.01
        assert np.array(scan.velocity_mps) == pytest.approx(step, abs=0.1)
    (tmp_path / "w.toml").write_text((tmp_path / "w.toml").read_text().replace("eye.oem", "no.oem"))
    with pytest.raises(
        ConfigError, match=r'sensor eye: no ephemeris "no.oem" beside the scenario; there are: eye.oem'
    ):
        load(str(tmp_path / "w.toml"))


def test_eight_sensors_watch_one_launch_for_15_minutes_within_a_second(pace):
    regional = "\n".join(networks()["regional"].splitlines()[2:]) + "\n"
    eyes = [
        EYE.replace('"eye"', f'"eye-{k}"').format(
            longitude=-90.0 + 30 * k, bias=20.0, period=10.0, clutter=2.0, physics=""
        )
        for k in range(3)
    ]
    text = HEAD.format(duration=900) + LAUNCH.format(name="one", vehicle="medium-range", range=1_200_000)
    scenario = decode(text + regional + "".join(eyes), "eight.toml", networks())
    assert len(scenario.sensors) == 8
    simulate(scenario)  # compile
    with pace(1.0):
        simulate(scenario)


@pytest.mark.parametrize(
    ("weather", "said"),
    [
        ("cloud_cover = 2.0", "cloud_cover: 2.0 must be at most 1"),
        ("cloud_cover = 0.5\ncloud_top_m = -1", "cloud_top_m: -1"),
        ("cloud_top_m = 5000", "cloud_cover: is missing"),
        ("cloud_cover = 0.5\ncloud_base_m = 1", 'unknown key "cloud_base_m"'),
    ],
)
def test_slips_in_the_weather_are_told(weather, said):
    with pytest.raises(ConfigError) as refused:
        world(LARGE, f"\n[weather]\n{weather}\n")
    assert said in str(refused.value)


def test_what_is_seen_against_space_has_less_noise_to_pass():
    """A source over the limb stands before a dark sky."""
    over_the_limb = FIRE.replace("10.0", "0.0").replace("-40.0", "22.0").replace("30_000", "60_000")
    noisy = "earth_noise = 4.0"
    high = "10.0\nlimb_height_m = 200_000.0"
    inside = simulate(world(FIRE.format(intensity=1e6), duration=120, physics=noisy))
    outside = simulate(world(over_the_limb.format(intensity=1e6), duration=120, physics=noisy, period=high))
    near, far = (
        np.mean([d.irradiance_w_m2 / 10 ** (d.snr_db / 20) for _, d in sightings(r)])
        for r in (inside, outside)
    )
    assert near == pytest.approx(8e-12, rel=0.01)
    assert far == pytest.approx(2e-12, rel=0.01)


def test_a_sensor_left_out_moves_no_draw_of_another():
    two = EYE.format(longitude=-20.0, bias=20.0, period=10.0, clutter=2.0, physics="").replace(
        '"eye"', '"two"'
    )
    scenario = world(LARGE, two, bias=20.0, clutter=2.0)
    both, alone = simulate(scenario), simulate(scenario, without=("two",))
    assert looks(both) == looks(alone)


def test_a_spinning_satellite_sees_the_last_seconds_of_a_burn_that_a_look_holds():
    """A look as long as the period still meets what burnt out before its end."""
    scenario = world(LARGE, CLEAR, physics="spin = true", period=60.0, longitude=-20.0)
    recording = simulate(scenario)
    (body,) = recording.truth.bodies
    out = body.lift_off + body.flight.burnout
    for look in looks(recording):
        start = recording.truth.seconds(look.time)
        x = body.at(np.array([start + 30.0]))[:, :3]
        met = start + 60.0 * sweep(np.array(look.position_m), x - np.array(look.position_m))[0]
        if 100.0 < met < out - 5.0 and body.burning(met):
            assert len(look.detections) == 1
