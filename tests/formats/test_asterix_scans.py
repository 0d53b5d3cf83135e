"""Air-surveillance plots as scans: directions from heights, looks between passages, days and stations."""

import pymap3d
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.earth.time import format_utc, from_posix, parse_utc
from tocsin.errors import ConfigError
from tocsin.formats import asterix_scans, rules
from tocsin.formats.asterix import Report
from tocsin.messages import SECOND, Sensor

RADAR = Sensor(
    origin="test", id="r", type="radar", latitude_deg=45.8, longitude_deg=16.0, height_m=300.0, range_sigma_m=50.0,
    azimuth_sigma_deg=0.1, elevation_sigma_deg=0.1, range_max_m=474_000.0, scan_period_s=10.0,
)  # fmt: skip
DAY = "2026-05-16"
MIDNIGHT = parse_utc(f"{DAY}T00:00:00Z")


def plot(seconds=100.0, **fields):
    given = Report(
        record=1, category=48, station=(25, 1), kind="plot", time_of_day_s=seconds, range_m=100_000.0,
        azimuth_deg=30.0, height_m=10_000.0,
    )  # fmt: skip
    return replace(given, **fields)


def passage(seconds, azimuth, kind="sector"):
    return plot(seconds, category=34, kind=kind, azimuth_deg=azimuth, range_m=0.0, height_m=None)


def made(*reports, sensor=RADAR, date=DAY, **options):
    scans, rejected = asterix_scans.scans(reports, sensor, "a.ast", date=date, **options)
    for scan in scans:
        rules.verify(scan)
    return scans, rejected


@settings(max_examples=60, deadline=None)
@given(st.floats(42, 49), st.floats(10, 22), st.floats(500, 15_000))
def test_a_height_gives_the_elevation_of_an_independent_library(latitude, longitude, height):
    """The round Earth against the ellipsoid of pymap3d: within 0.1 degree, a share of the sigma given with it."""
    station = (RADAR.latitude_deg, RADAR.longitude_deg, RADAR.height_m)
    azimuth, elevation, distance = map(float, pymap3d.geodetic2aer(latitude, longitude, height, *station))
    if not 10_000 < distance < 474_000 or elevation > 60:
        return
    ((scan,), _) = made(plot(range_m=distance, azimuth_deg=azimuth, height_m=height))
    found = scan.detections[0]
    assert found.elevation_deg == pytest.approx(elevation, abs=0.1)
    assert abs(found.elevation_deg - elevation) < found.sigma.elevation_sigma_deg


def test_looks_lie_between_passages_over_the_sector_between_them():
    reports = (
        passage(99.0, 0.0, "north"), plot(99.2, azimuth_deg=5.0), passage(100.0, 36.0), passage(101.0, 72.0),
        plot(101.5, azimuth_deg=80.0), plot(101.5, azimuth_deg=80.0), passage(102.0, 108.0),
    )  # fmt: skip
    scans, rejected = made(*reports)
    assert rejected == ()
    assert [(s.time - MIDNIGHT) / SECOND for s in scans] == [99.0, 100.0, 101.0]
    assert [s.duration_s for s in scans] == [1.0] * 3
    assert [len(s.detections) for s in scans] == [1, 0, 1]  # a datagram captured twice is one plot
    sectors = [(s.coverage["azimuth_from_deg"], s.coverage["azimuth_to_deg"]) for s in scans]
    assert sectors == [(0.0, 36.0), (36.0, 72.0), (72.0, 108.0)]


def test_passages_far_apart_have_no_look_between_them():
    scans, _ = made(passage(100.0, 0.0), passage(200.0, 36.0), plot(150.0))
    assert [(len(s.detections), s.coverage["azimuth_from_deg"]) for s in scans] == [(1, 29.0)]


def test_plots_without_passages_make_looks_of_a_turn():
    scans, _ = made(*(plot(100.0 + 2 * k, azimuth_deg=20.0 * k) for k in range(20)))
    assert [len(s.detections) for s in scans] == [8, 8, 4]
    assert scans[0].coverage == {"azimuth_from_deg": -1.0, "azimuth_to_deg": 141.0}


def test_midnight_is_passed():
    scans, _ = made(plot(86_399.5), plot(0.25, azimuth_deg=31.0))
    assert [format_utc(d.time) for s in scans for d in s.detections] == [
        "2026-05-16T23:59:59.500000Z", "2026-05-17T00:00:00.250000Z",
    ]  # fmt: skip


@pytest.mark.parametrize("told, seconds", [(256.0, 256.0), (256.0, 768.0), (1.0, 513.0), (511.0, 511.0)])
def test_a_truncated_time_is_completed_by_the_capture(told, seconds):
    captured = 1_778_889_600 * SECOND + round((seconds + 3.0) * SECOND)  # 2026-05-16, three seconds late
    scans, _ = made(plot(told, category=1, truncated=True, captured=captured), date=None)
    assert (scans[0].time - MIDNIGHT) / SECOND == seconds


def test_a_truncated_time_is_completed_by_a_passage_before_it():
    early, service, late = (plot(t, category=1, truncated=True) for t in (400.0, 0.0, 20.0))
    service = replace(service, category=2, kind="sector", time_of_day_s=40_000.0, truncated=False)
    scans, rejected = made(early, service, late)
    assert [r.why for r in rejected] == ["has a truncated time and nothing to complete it"]
    assert (scans[0].time - MIDNIGHT) / SECOND == 78 * 512.0 + 20.0


@pytest.mark.parametrize(
    "report, why",
    [
        (plot(height_m=None), "has no height (I048/110, I048/090, I001/090), so no elevation"),
        (plot(range_m=474_100.0), "is 474100 m away, beyond range_max_m 474000: wrapped?"),
        (plot(range_m=5_000.0, height_m=15_000.0), "is 5000 m away and 15000 m high: that cannot be"),
        (plot(None), "has no time"),
    ],
)
def test_what_cannot_be_a_detection_is_refused_with_its_record(report, why):
    scans, rejected = made(replace(report, record=7))
    assert scans == ()
    assert [(r.line, r.field, r.why) for r in rejected] == [(7, "category 048", why)]


def test_a_simulated_target_does_not_get_into_a_live_recording():
    live = replace(RADAR, origin="live")
    scans, rejected = made(plot(simulated=True), sensor=live)
    assert scans == () and rejected[0].why.startswith("is a simulated target: not for a live recording")
    assert len(made(plot(simulated=True), sensor=replace(RADAR, origin="exercise"))[0]) == 1


def test_stations_and_days_are_asked_for():
    other = plot(station=(25, 2))
    with pytest.raises(
        ConfigError, match=r"a.ast: several radars report; name one with --station: 25/1 \(2 plots\)"
    ):
        made(plot(), plot(), other)
    assert len(made(plot(), other, station="25/2")[0]) == 1
    with pytest.raises(ConfigError, match=r"a.ast: no radar 1/1 reports"):
        made(plot(), station="1/1")
    with pytest.raises(ConfigError, match=r"give the day: --date 2026-05-16"):
        made(plot(), date=None)
    with pytest.raises(ConfigError, match="--date tomorrow"):
        made(plot(), date="tomorrow")
    with pytest.raises(ConfigError, match="holds no plot of categories 001 or 048"):
        made()
    infrared = Sensor(origin="test", id="eye", type="infrared", los_sigma_urad=30.0)
    with pytest.raises(ConfigError, match="the sensor eye is of type infrared"):
        made(plot(), sensor=infrared)


def test_posix_time_counts_no_leap_seconds():
    assert from_posix(1_778_889_600 * SECOND) == MIDNIGHT
    assert from_posix(0) == parse_utc("1970-01-01T00:00:00Z")
    assert from_posix(1_483_228_800 * SECOND) - from_posix(1_483_228_799 * SECOND) == 2 * SECOND
