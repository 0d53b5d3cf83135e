"""Tracking data as scans: distances, directions and times as they were, and what cannot be one refused."""

import math
import re

import numpy as np
import pymap3d
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.earth.time import parse_utc
from tocsin.errors import ConfigError, InputError
from tocsin.formats import rules, sector, tdm, tdm_scans
from tocsin.messages import SECOND, InfraredScan, RadarScan, Sensor

LIGHT = 299_792_458.0
RADAR = Sensor(
    origin="test", id="R1", type="radar", latitude_deg=60.0, longitude_deg=20.0, height_m=50.0, range_sigma_m=50.0,
    azimuth_sigma_deg=0.1, elevation_sigma_deg=0.1, range_max_m=5e6,
)  # fmt: skip
EYE = Sensor(origin="test", id="R1", type="infrared", los_sigma_urad=30.0, longitude_deg=0.0)
TIME = parse_utc("2026-05-16T00:10:00.25Z")
ROWS = """RANGE = 2026-05-16T00:10:00.25 1500.5
ANGLE_1 = 2026-05-16T00:10:00.25 -0.5
ANGLE_2 = 2026-05-16T00:10:00.25 12.25
DOPPLER_INSTANTANEOUS = 2026-05-16T00:10:00.25 -3.5
"""


def text(meta="ANGLE_TYPE = AZEL\n", rows=ROWS, path="1,2,1", name="R1"):
    head = "CCSDS_TDM_VERS = 2.0\nCREATION_DATE = 2026-136T00:20:00\nORIGINATOR = TEST\n"
    return head + segment(meta, rows, path, name)


def segment(meta="ANGLE_TYPE = AZEL\n", rows=ROWS, path="1,2,1", name="R1"):
    begin = f"META_START\nTIME_SYSTEM = UTC\nPARTICIPANT_1 = {name}\nPARTICIPANT_2 = OBJECT\nPATH = {path}\n"
    return f"{begin}{meta}META_STOP\nDATA_START\n{rows}DATA_STOP\n"


def taken(written, sensor=RADAR, **options):
    found = tdm_scans.scans(tdm.read(written.encode(), "a.tdm"), sensor, "a.tdm", **options)
    for scan in found.scans:
        rules.verify(scan)
    return found


def only(written, sensor=RADAR, **options):
    (scan,) = taken(written, sensor, **options).scans
    (detection,) = scan.detections
    return scan, detection


def test_a_plot_is_where_it_was_and_when_the_pulse_came_back_from_it():
    scan, plot = only(text())
    assert isinstance(scan, RadarScan) and (scan.sensor, scan.origin) == ("R1", "test")
    assert (plot.range_m, plot.azimuth_deg, plot.elevation_deg) == (1_500_500.0, 359.5, 12.25)
    assert plot.range_rate_mps == -3_500.0
    assert plot.time == TIME - round(1_500_500.0 / LIGHT * SECOND)
    assert (scan.time, scan.end) == (plot.time, TIME)


@pytest.mark.parametrize(
    "meta, options, range_m, sign",
    [
        ("RANGE_UNITS = km\n", {}, 1_500_500.0, -1),
        ("RANGE_UNITS = km\n", {"round_trip": True}, 750_250.0, -1),
        ("RANGE_UNITS = km\nTIMETAG_REF = TRANSMIT\n", {}, 1_500_500.0, 1),
        ("CORRECTION_RANGE = 0.5\nCORRECTIONS_APPLIED = NO\n", {}, 1_501_000.0, -1),
        ("CORRECTION_RANGE = 0.5\nCORRECTIONS_APPLIED = YES\n", {}, 1_500_500.0, -1),
        ("RANGE_MODULUS = 9000\n", {}, 1_500_500.0, -1),
    ],
)
def test_units_ways_corrections_and_references_of_time(meta, options, range_m, sign):
    _, plot = only(text("ANGLE_TYPE = AZEL\n" + meta), **options)
    assert plot.range_m == pytest.approx(range_m, rel=1e-12)
    assert plot.time == TIME + sign * round(plot.range_m / LIGHT * SECOND)


def test_a_range_in_seconds_is_light_time():
    rows = ROWS.replace(" 1500.5", " 0.005")
    _, plot = only(text("ANGLE_TYPE = AZEL\nRANGE_UNITS = s\n", rows))
    assert plot.range_m == pytest.approx(0.005 * LIGHT, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.floats(40, 80), st.floats(0, 40), st.floats(80_000, 1_000_000), st.sampled_from(["1,2,1", "2,1"]))
def test_the_place_measured_is_the_place_there_was(latitude, longitude, height, path):
    """An independent library says what a radar measures, and where that leads to."""
    station = (RADAR.latitude_deg, RADAR.longitude_deg, RADAR.height_m)
    azimuth, elevation, distance = map(float, pymap3d.geodetic2aer(latitude, longitude, height, *station))
    if elevation < -5:
        return
    epoch = "2026-05-16T00:10:00.25"
    rows = f"RANGE = {epoch} {distance / 1000!r}\nANGLE_1 = {epoch} {azimuth!r}\nANGLE_2 = {epoch} {elevation!r}\n"
    _, plot = only(text(rows=rows, path=path))
    r = pymap3d.aer2ecef(plot.azimuth_deg, plot.elevation_deg, plot.range_m, *station)
    assert np.array(r) == pytest.approx(pymap3d.geodetic2ecef(latitude, longitude, height), abs=1e-3)


def test_objects_followed_at_one_time_share_a_look_over_the_sector_about_them():
    other = ROWS.replace("-0.5", "10.0").replace("12.25", "30.0")
    (scan,) = taken(text() + segment(rows=other)).scans
    assert [d.azimuth_deg for d in scan.detections] == [359.5, 10.0]
    assert scan.coverage == {
        "azimuth_from_deg": 358.5, "azimuth_to_deg": 11.0, "elevation_min_deg": 11.25, "elevation_max_deg": 31.0,
    }  # fmt: skip


@given(st.lists(st.tuples(st.floats(0, 359.999), st.floats(-5, 90)), min_size=1, max_size=12))
def test_a_sector_holds_its_directions(directions):
    azimuths, elevations = zip(*directions, strict=True)
    found = sector.about(azimuths, elevations, 1.0)
    width = (found["azimuth_to_deg"] - found["azimuth_from_deg"]) % 360.0 or 360.0
    for azimuth, elevation in directions:
        assert (azimuth - found["azimuth_from_deg"]) % 360.0 <= width + 1e-9
        assert found["elevation_min_deg"] <= elevation <= found["elevation_max_deg"]


def test_a_satellites_directions_keep_their_frame_and_get_its_place():
    rows = ROWS.split("DOPPLER", maxsplit=1)[0].split("\n", 1)[1]
    place = np.array([42_164_000.0, 0.0, 0.0, 0.0, 1.0, 0.0])
    for name, frame in (("EME2000", "GCRF"), ("ICRF", "GCRF"), ("ITRF-97", "ITRF")):
        meta = f"ANGLE_TYPE = RADEC\nREFERENCE_FRAME = {name}\n"
        scan, seen = only(text(meta, rows), EYE, where=lambda t: place)
        assert isinstance(scan, InfraredScan) and seen.frame == frame and seen.time == TIME
        assert (seen.right_ascension_deg, seen.declination_deg) == (359.5, 12.25)
        assert (scan.position_m, scan.velocity_mps) == (tuple(place[:3]), tuple(place[3:]))
    assert only(text(meta, rows), EYE)[0].position_m is None


def test_what_is_of_no_use_is_counted():
    extra = "PC_N0 = 2026-05-16T00:10:00.25 50\nRANGE = 2026-05-16T00:10:05 1400\n"
    assert taken(text(rows=ROWS + extra)).unused == {"PC_N0": 1, "RANGE": 1}


def test_one_station_of_several():
    both = text() + segment(name="R2", rows=ROWS.replace("1500.5", "900"))
    assert only(both)[1].range_m == 1_500_500.0  # the station called as the sensor
    assert only(both, station="R2")[1].range_m == 900_000.0
    assert taken(both, station="R2").unused["RANGE"] == 1
    named = Sensor(**{f: getattr(RADAR, f) for f in RADAR.__struct_fields__} | {"id": "mine"})
    assert only(text(), named)[0].sensor == "mine"  # the only station there is
    with pytest.raises(ConfigError, match=r"a\.tdm: several stations; name one with --station: R1, R2"):
        taken(both, named)
    with pytest.raises(ConfigError, match=r'a\.tdm: no station "R3"; name one with --station: R1, R2'):
        taken(both, station="R3")


@pytest.mark.parametrize(
    "meta, rows, sensor, why",
    [
        ("ANGLE_TYPE = XSYE\n", ROWS, RADAR, "line 9: ANGLE_TYPE: XSYE is not taken here; there are: AZEL, RADEC"),
        ("ANGLE_TYPE = AZEL\n", ROWS, EYE, "line 9: ANGLE_TYPE: AZEL is a radar's"),
        ("ANGLE_TYPE = RADEC\n", ROWS, RADAR, "line 9: ANGLE_TYPE: RADEC is a satellite's"),
        ("ANGLE_TYPE = RADEC\n", ROWS, EYE, 'line 4: REFERENCE_FRAME: "" is not taken here; there are: ITRF, GCRF'),
        ("ANGLE_TYPE = AZEL\nRANGE_UNITS = RU\n", ROWS, RADAR, "line 10: RANGE_UNITS: RU means nothing without"),
        ("ANGLE_TYPE = AZEL\nRANGE_UNITS = s\n", ROWS, RADAR, "line 13: RANGE: 4.49839e+11 m is outside 0 to"),
        ("ANGLE_TYPE = AZEL\nRANGE_MODULUS = 2000\n", ROWS, RADAR, "line 13: RANGE: a range of 1.5005e+06 m repeats"),
        ("ANGLE_TYPE = AZEL\nCORRECTION_RANGE = 1\n", ROWS, RADAR, "line 10: CORRECTION_RANGE: is it applied?"),
        ("ANGLE_TYPE = AZEL\n", ROWS.replace("-0.5", "361"), RADAR, "line 13: ANGLE_1: 361 is outside -180 to 360"),
        ("ANGLE_TYPE = AZEL\n", ROWS.replace("12.25", "90.1"), RADAR, "line 14: ANGLE_2: 90.1 is outside -90 to 90"),
        ("ANGLE_TYPE = AZEL\n", ROWS.replace("1500.5", "-1"), RADAR, "line 12: RANGE: -1000 m is outside 0 to"),
        ("ANGLE_TYPE = AZEL\n", ROWS + ROWS, RADAR, "line 16: RANGE: stands at this time on line 12 already"),
        ("", ROWS, RADAR, "holds no look: that takes ANGLE_1 and ANGLE_2 of one time"),
        ("MODE = SINGLE_DIFF\nANGLE_TYPE = AZEL\n", ROWS, RADAR, "holds no look"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_look_is_told_with_line_and_keyword(meta, rows, sensor, why):
    with pytest.raises(InputError) as error:
        taken(text(meta, rows), sensor)
    assert str(error.value).startswith(f"a.tdm: {why}")


def test_a_path_that_ends_nowhere_is_told():
    with pytest.raises(
        InputError, match=re.escape("a.tdm: line 8: PATH: 1,2,3 ends at PARTICIPANT_3, which is not")
    ):
        taken(text(path="1,2,3"))


def test_the_margin_is_no_more_than_the_sky():
    scan, _ = only(text(rows=ROWS.replace("12.25", "89.8")))
    assert scan.coverage["elevation_max_deg"] == 90.0 and math.isclose(
        scan.coverage["elevation_min_deg"], 88.8
    )
