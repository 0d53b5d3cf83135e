"""Lines to messages and back."""

import itertools
import json
import math
import zlib
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.formats import jsonl
from tocsin.formats.jsonl import LineError
from tocsin.messages import (
    Catalogue,
    Decision,
    Duplicate,
    EarthOrientation,
    Ellipse,
    EventLog,
    Evidence,
    InfraredDetection,
    InfraredScan,
    Instant,
    LaunchEstimate,
    Notification,
    Place,
    RadarDetection,
    RadarScan,
    RadarSigma,
    Raid,
    Rejected,
    Sensor,
    StateVector,
    Status,
    Summary,
    Warning,
)

T = "2026-05-16T00:00:12.250000Z"
T_NS = 1_778_889_649_250_000_000  # 37 leap seconds after 1,778,889,612.25 s of Unix time


def numbers(low: float = -1e9, high: float = 1e9, open_low: bool = False) -> st.SearchStrategy[float]:
    return st.floats(low, high, exclude_min=open_low, allow_nan=False)


positive = numbers(0, 1e9, open_low=True)
names = st.text(min_size=1, max_size=20)
instants = st.integers(T_NS, T_NS + 10**17).map(Instant)
ways = st.sampled_from(["live", "exercise", "test"])
head = {"origin": ways, "received": st.none() | instants, "seq": st.none() | st.integers(0, 2**40)}
ring = [[10.0, 20.0], [11.0, 20.0], [11.0, 21.5], [10.0, 20.0]]
areas = st.just({"type": "Polygon", "coordinates": [ring]})
elements = {
    "EPOCH": "2026-05-15T12:00:00.000000",
    "MEAN_MOTION": 1.00271,
    "ECCENTRICITY": 0.0002,
    "INCLINATION": 0.05,
    "RA_OF_ASC_NODE": 80.1,
    "ARG_OF_PERICENTER": 12.0,
    "MEAN_ANOMALY": 200.5,
}


@st.composite
def looks(draw: st.DrawFn) -> InfraredScan | RadarScan:
    start, duration = draw(instants), draw(numbers(0, 3600))
    times = st.integers(start, start + int(duration * 1e9)).map(Instant)
    motion: dict = {}
    if draw(st.booleans()):
        position = draw(st.tuples(numbers(7e6, 4e7), numbers(-4e7, 4e7), numbers(-4e7, 4e7)))
        motion = {"position_m": position, "velocity_mps": draw(st.tuples(*[numbers(-5e3, 5e3)] * 3))}
    infrared = st.builds(
        InfraredDetection,
        time=times,
        right_ascension_deg=numbers(-360, 720),
        declination_deg=numbers(-90, 90),
        frame=st.sampled_from(["GCRF", "ITRF"]),
        irradiance_w_m2=st.none() | numbers(0),
        snr_db=st.none() | numbers(),
        sigma_urad=st.none() | positive,
    )
    radar = st.builds(
        RadarDetection,
        time=times,
        range_m=positive,
        azimuth_deg=numbers(-360, 720),
        elevation_deg=numbers(-90, 90),
        range_rate_mps=st.none() | numbers(),
        sigma=st.none() | st.builds(RadarSigma, range_sigma_m=st.none() | positive),
    )
    common = {name: draw(value) for name, value in head.items()}
    common |= {"sensor": draw(names), "time": start, "duration_s": duration, **motion}
    if draw(st.booleans()):
        return InfraredScan(**common, detections=tuple(draw(st.lists(infrared, max_size=4))))
    return RadarScan(**common, detections=tuple(draw(st.lists(radar, min_size=1, max_size=4))))


satellites = st.builds(
    Sensor,
    **head,
    id=names,
    type=st.just("infrared"),
    los_sigma_urad=positive,
    path=st.none() | names,
    scan_period_s=st.none() | positive,
    detection_probability=numbers(0, 1),
    disk_visible=st.booleans(),
    orbit=st.none() | st.just(elements),
    field_of_regard=st.none() | areas,
    valid_from=st.none() | instants,
)
radars = st.builds(
    Sensor,
    **head,
    id=names,
    type=st.just("radar"),
    latitude_deg=numbers(-90, 90),
    longitude_deg=numbers(-360, 360),
    height_m=numbers(-500, 1e5),
    range_sigma_m=positive,
    azimuth_sigma_deg=positive,
    elevation_sigma_deg=positive,
    range_max_m=positive,
    elevation_min_deg=numbers(-90, 0),
    elevation_max_deg=numbers(1, 90),
)
notices = st.builds(
    Notification,
    **head,
    id=names,
    from_=st.text(),
    window_start=st.just(Instant(T_NS)),
    latitude_deg=numbers(-90, 90),
    window_end=st.integers(T_NS + 1, T_NS + 10**15).map(Instant),
    longitude_deg=numbers(-360, 360),
    vehicle=st.sampled_from(["space-launch", "sounding-rocket"]),
    impact_area=st.none() | areas,
    count=st.integers(1, 50),
)
others = st.one_of(
    st.builds(Status, **head, sensor=names, time=instants, state=st.sampled_from(["ok", "down"])),
    st.builds(Catalogue, **head, time=instants, omm=st.just((elements,))),
    st.builds(
        EarthOrientation,
        **head,
        time=instants,
        ut1_utc_s=numbers(-2, 2),
        x_arcsec=numbers(-5, 5),
        y_arcsec=numbers(-5, 5),
    ),
    st.builds(Summary, **head, path=names, time=instants, count=st.integers(0, 10**6), window_s=positive),
    st.builds(
        Decision,
        **head,
        warning=names,
        action=st.sampled_from(["confirm", "comment"]),
        by=names,
        time=instants,
        reason=st.text(),
    ),
)
messages = st.one_of(looks(), satellites, radars, notices, others)


def scan(**fields: object) -> bytes:
    """Write a scan; a field given as ... is left out."""
    detection = {"time": T, "right_ascension_deg": 12.5, "declination_deg": 3.25}
    whole = {
        "kind": "scan",
        "origin": "test",
        "sensor": "geo-1",
        "time": T,
        "duration_s": 1.0,
        "detections": [detection],
    } | fields
    return json.dumps({name: value for name, value in whole.items() if value is not ...}).encode()


def found(**fields: object) -> bytes:
    """Write a scan whose second detection differs."""
    detection = {"time": T, "right_ascension_deg": 12.5, "declination_deg": 3.25}
    return scan(detections=[detection, detection | fields])


def line(kind: str, **fields: object) -> bytes:
    return json.dumps({"kind": kind, "origin": "test"} | fields).encode()


RADAR = {
    "id": "r",
    "type": "radar",
    "latitude_deg": 60.0,
    "longitude_deg": 20.0,
    "height_m": 5,
    "range_sigma_m": 50,
    "azimuth_sigma_deg": 0.1,
    "elevation_sigma_deg": 0.1,
    "range_max_m": 2.5e6,
}
NOTICE = {
    "id": "n",
    "from": "x",
    "window_start": T,
    "window_end": "2026-05-16T02:00:00Z",
    "vehicle": "space-launch",
    "latitude_deg": 60.0,
    "longitude_deg": 20.0,
}
ISS = (
    "1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927",
    "2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537",
)


def decayed(line2):
    """Give a second line at 17.5 revolutions a day, its checksum right."""
    text = line2[:52] + "17.50000000" + line2[63:68]
    return text + str(sum(int(c) if c.isdigit() else c == "-" for c in text) % 10)


def without(fields: dict, *left_out: str) -> dict:
    return {name: value for name, value in fields.items() if name not in left_out}


@given(messages)
@settings(deadline=None)
def test_recorded_messages_come_back_exactly(message):
    encoded = jsonl.encode_recorded(message)
    assert b"\n" not in encoded
    assert jsonl.decode(encoded) == message
    assert jsonl.encode_recorded(jsonl.decode(encoded)) == encoded
    assert jsonl.decode(jsonl.with_crc32(encoded)) == message


@given(messages, st.data())
@settings(max_examples=400, deadline=None)
def test_damaged_lines_raise_nothing_but_line_errors(message, data):
    damaged = bytearray(jsonl.encode_recorded(message))
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, max(len(damaged) - 1, 0)))
        how = data.draw(st.sampled_from(["change", "insert", "delete", "cut", "swap in"]))
        if how == "change":
            damaged[place : place + 1] = bytes([data.draw(st.integers(0, 255))])
        elif how == "insert":
            damaged[place:place] = data.draw(st.binary(max_size=4))
        elif how == "swap in":
            token = data.draw(
                st.sampled_from([b"null", b"NaN", b"-Infinity", b"1e999", b"[", b'"', b"9" * 30])
            )
            damaged[place : place + len(token)] = token
        elif how == "delete":
            del damaged[place : place + 1]
        else:
            del damaged[place + 1 :]
    try:
        decoded = jsonl.decode(bytes(damaged))
    except LineError as error:
        assert error.why
        return
    assert jsonl.decode(jsonl.encode_recorded(decoded)) == decoded


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes_raise_nothing_but_line_errors(damaged):
    with pytest.raises(LineError):
        jsonl.decode(damaged)


def test_times_are_tai_inside():
    assert jsonl.decode(scan()).time == T_NS


def test_unknown_fields_are_ignored():
    assert jsonl.decode(scan(colour="blue")) == jsonl.decode(scan())


def test_the_kind_of_a_scan_follows_its_detections():
    radar = {"time": T, "range_m": 5e5, "azimuth_deg": 30, "elevation_deg": 5}
    assert type(jsonl.decode(scan())) is InfraredScan
    assert type(jsonl.decode(scan(detections=[]))) is InfraredScan
    assert type(jsonl.decode(scan(detections=[radar]))) is RadarScan
    assert type(jsonl.decode(scan(coverage={"range_m": 5}))) is InfraredScan
    assert type(jsonl.decode(scan(detections=[], coverage={"range_m": 5}))) is InfraredScan


def test_sensors_may_state_two_line_elements():
    given = line("sensor", id="iss", type="infrared", los_sigma_urad=30, tle=ISS)
    assert jsonl.decode(given).tle == ISS


BAD = {
    "no kind": (scan(kind=...), "kind", "is missing; it is one of: sensor, scan"),
    "kind unknown": (scan(kind="scam"), "kind", '"scam" is not known; it is one of: sensor, scan'),
    "kind of a number": (scan(kind=5), "kind", "5 is not known"),
    "no origin": (
        scan(origin=...),
        "origin",
        "origin is required: live, exercise or test; there is no default",
    ),
    "origin unknown": (scan(origin="real"), "origin", '"real" is not known'),
    "origin null": (scan(origin=None), "origin", "null is not known"),
    "origin twice": (scan()[:-1] + b',"origin":"live"}', "origin", "more than once"),
    "origin twice, escaped": (scan()[:-1] + b',"\\u006frigin":"live"}', "origin", "more than once"),
    "missing field": (scan(sensor=...), "sensor", "is missing"),
    "missing inside": (
        scan(detections=[{"time": T, "right_ascension_deg": 1}]),
        "detections[0].declination_deg",
        "is missing",
    ),
    "empty name": (scan(sensor=""), "sensor", "is empty"),
    "text for a number": (found(declination_deg="3"), "detections[1].declination_deg", '"3" is not a number'),
    "null for a number": (
        found(declination_deg=None),
        "detections[1].declination_deg",
        "null is not a number",
    ),
    "latitude 132": (found(declination_deg=132), "detections[1].declination_deg", "132 must be at most 90"),
    "NaN": (found(declination_deg=math.nan), "detections[1].declination_deg", "NaN"),
    "infinite": (found(right_ascension_deg=-math.inf), "detections[1].right_ascension_deg", "-infinity"),
    "1e999": (found().replace(b"12.5", b"1e999"), "detections[0].right_ascension_deg", "infinity"),
    "1e999 in an orbit": (
        line("sensor", id="a", type="infrared", los_sigma_urad=1, orbit={"X": 0.5}).replace(b"0.5", b"1e999"),
        "orbit.X",
        "infinity",
    ),
    "NaN in a position": (scan(position_m=[1, math.nan, 3]), "position_m[1]", "NaN"),
    "huge number": (scan(seq=10**40), "seq", "64 bits"),
    "time without Z": (scan(time="2026-05-16T00:00:12"), "time", ""),
    "time of a number": (scan(time=1778889612), "time", "1778889612 is not a time; write UTC as"),
    "time beyond 64 bits": (scan(time="2300-01-01T00:00:00Z"), "time", "outside 1960 to 2200"),
    "detection outside its look": (
        found(time="2026-05-17T00:00:00Z"),
        "detections[1].time",
        "outside the look",
    ),
    "negative duration": (scan(duration_s=-1), "duration_s", "-1 must be at least 0"),
    "endless look": (scan(duration_s=1e300), "duration_s", "longer than a day"),
    "mixed detections": (
        found(range_m=5.0).replace(
            b'"right_ascension_deg": 12.5, "declination_deg": 3.25, "range_m": 5.0',
            b'"range_m": 5.0, "azimuth_deg": 3, "elevation_deg": 4',
        ),
        "detections[1]",
        "mixed",
    ),
    "negative range": (
        scan(detections=[{"time": T, "range_m": -5, "azimuth_deg": 1, "elevation_deg": 1}]),
        "detections[0].range_m",
        "-5 must be above 0",
    ),
    "frame unknown": (
        found(frame="J2000"),
        "detections[1].frame",
        '"J2000" is not known; it is one of: GCRF, ITRF',
    ),
    "detections no list": (scan(detections={}), "detections", "{} is not a list"),
    "detections null": (scan(detections=None), "detections", "null is not a list"),
    "detection no object": (scan(detections=[7]), "detections[0]", "7 is not an object"),
    "position alone": (scan(position_m=[7e6, 0, 0]), "velocity_mps", "come together"),
    "position in km": (
        scan(position_m=[42164, 0, 0], velocity_mps=[0, 0, 0]),
        "position_m",
        "is it in kilometres?",
    ),
    "position of two": (scan(position_m=[7e6, 0], velocity_mps=[0, 0, 0]), "position_m", "length 3"),
    "speed of light": (scan(position_m=[7e6, 0, 0], velocity_mps=[3e8, 0, 0]), "velocity_mps", "faster"),
    "negative sigma": (
        line("sensor", id="a", type="infrared", los_sigma_urad=-30),
        "los_sigma_urad",
        "-30 must be above 0",
    ),
    "infrared without accuracy": (line("sensor", id="a", type="infrared"), "los_sigma_urad", "is missing"),
    "orbit and tle": (
        line("sensor", id="a", type="infrared", los_sigma_urad=3, orbit=elements, tle=ISS),
        "tle",
        "beside orbit",
    ),
    "orbit without epoch": (
        line("sensor", id="a", type="infrared", los_sigma_urad=3, orbit=without(elements, "EPOCH")),
        "orbit.EPOCH",
        "is missing",
    ),
    "orbit incomplete": (
        line("sensor", id="a", type="infrared", los_sigma_urad=3, orbit=without(elements, "MEAN_ANOMALY")),
        "orbit.MEAN_ANOMALY",
        "is missing",
    ),
    "orbit hyperbolic": (
        line("sensor", id="a", type="infrared", los_sigma_urad=3, orbit=elements | {"ECCENTRICITY": "1.2"}),
        "orbit.ECCENTRICITY",
        "outside 0 to 1",
    ),
    "tle checksum": (
        line("sensor", id="a", type="infrared", los_sigma_urad=3, tle=[ISS[0][:-1] + "1", ISS[1]]),
        "tle[0]",
        "checksum",
    ),
    "orbit decayed": (
        line("sensor", id="a", type="infrared", los_sigma_urad=3, orbit=elements | {"MEAN_MOTION": "17.5"}),
        "orbit.MEAN_MOTION",
        "underground: decayed",
    ),
    "orbit that stands still": (
        line("sensor", id="a", type="infrared", los_sigma_urad=3, orbit=elements | {"MEAN_MOTION": "0"}),
        "orbit.MEAN_MOTION",
        "outside",
    ),
    "drag in words": (
        line("sensor", id="a", type="infrared", los_sigma_urad=3, orbit=elements | {"BSTAR": "little"}),
        "orbit.BSTAR",
        "not a number",
    ),
    "tle decayed": (
        line("sensor", id="a", type="infrared", los_sigma_urad=3, tle=[ISS[0], decayed(ISS[1])]),
        "tle[1]",
        "underground: decayed",
    ),
    "radar into the ground": (
        line(
            "sensor",
            id="a",
            type="radar",
            latitude_deg=0,
            longitude_deg=0,
            height_m=0,
            range_sigma_m=1,
            azimuth_sigma_deg=1,
            elevation_sigma_deg=1,
            range_max_m=1e6,
            elevation_min_deg=-5,
            elevation_max_deg=-1,
        ),
        "elevation_max_deg",
        "nothing but ground",
    ),
    "tle cut": (
        line("sensor", id="a", type="infrared", los_sigma_urad=3, tle=["1 2", "2 2"]),
        "tle[0]",
        "69",
    ),
    "type unknown": (
        line("sensor", id="a", type="sonar"),
        "type",
        '"sonar" is not known; it is one of: infrared, radar',
    ),
    "radar without place": (
        line("sensor", **without(RADAR, "height_m")),
        "height_m",
        "is missing; a radar needs",
    ),
    "radar upside down": (line("sensor", **RADAR, elevation_max_deg=-5), "elevation_min_deg", "not below"),
    "coordinates exchanged": (
        line("sensor", **RADAR | {"latitude_deg": 132.0, "longitude_deg": 43.0}),
        "latitude_deg",
        "exchanged?",
    ),
    "notification nowhere": (
        line("notification", **without(NOTICE, "latitude_deg")),
        "latitude_deg",
        "or area",
    ),
    "notification backwards": (line("notification", **NOTICE | {"window_end": T}), "window_end", "not after"),
    "area of no kind": (line("notification", **NOTICE, area={"type": "Point"}), "area.type", "Polygon"),
    "area open": (
        line("notification", **NOTICE, impact_area={"type": "Polygon", "coordinates": [ring[:3]]}),
        "impact_area.coordinates",
        "ends where it begins",
    ),
    "area exchanged": (
        line("notification", **NOTICE, area={"type": "Polygon", "coordinates": [[[50, 132]] * 4]}),
        "area.coordinates",
        "exchanged?",
    ),
    "area of nonsense": (
        line("notification", **NOTICE, area={"type": "MultiPolygon", "coordinates": [3]}),
        "area.coordinates",
        "3 is not",
    ),
    "summary of nothing": (line("summary", time=T, count=3, window_s=60), "sensor", "its sensor or its path"),
    "decision unknown": (
        line("decision", warning="W", action="fire", by="x", time=T),
        "action",
        "is one of: all-clear",
    ),
    "identity unknown": (
        line("decision", warning="W", action="fix-identity", by="x", time=T, identity="ufo"),
        "identity",
        '"ufo"',
    ),
    "catalogue of nonsense": (line("catalogue", time=T, omm=[elements, {}]), "omm[1].EPOCH", "is missing"),
    "crc32 wrong": (jsonl.with_crc32(scan()).replace(b"12.5", b"12.6"), "crc32", "does not fit"),
    "crc32 of text": (scan(crc32="abc"), "crc32", "does not fit"),
    "cut off": (scan()[:-20], "", "ends in the middle"),
    "empty": (b"", "", "ends in the middle"),
    "not JSON": (b"time,ra,dec", "", "not JSON"),
    "single quotes": (b"{'kind': 'scan'}", "", "not JSON"),
    "a list": (b"[1, 2]", "", "[1, 2] is not a message"),
    "two messages": (scan() + scan(), "", "not JSON"),
    "not UTF-8": (scan().replace(b"geo-1", b"g\xe9o"), "", "not UTF-8 text: byte 0xe9"),
    "deep": (scan()[:-1] + b',"x":' + b"[" * 200_000 + b"}", "", "nested too deep"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_lines_name_the_field_and_the_remedy(name):
    bad, field, why = BAD[name]
    with pytest.raises(LineError) as refused:
        jsonl.decode(bad)
    assert refused.value.field == field
    assert why in refused.value.why
    assert "`" not in refused.value.why


def test_a_bad_line_of_a_file_becomes_rejected_with_its_place():
    rejected = jsonl.decode_line(scan(origin=...), "night.jsonl", 7)
    assert rejected == Rejected(file="night.jsonl", line=7, field="origin", why=jsonl.NO_ORIGIN)
    assert jsonl.decode_line(scan(), "night.jsonl", 7) == jsonl.decode(scan())


def test_crc32_is_that_of_the_line_without_it():
    plain = b'{"kind":"status","origin":"test","sensor":"a","time":"2026-05-16T00:00:00Z","state":"ok"}'
    crc = b"%d" % zlib.crc32(plain)
    last = plain[:-1] + b' , "crc32" : ' + crc + b"}"
    first = b'{"crc32":' + crc + b"," + plain[1:]
    for checked in (last, first, b"  " + first + b"\r\n", b"\xef\xbb\xbf" + last):
        assert jsonl.decode(checked) == jsonl.decode(plain)


def test_a_large_scan_decodes_in_about_half_a_millisecond(pace):
    detection = {"time": T, "right_ascension_deg": 12.123456789, "declination_deg": 3.123456789}
    large = scan(detections=[detection | {"right_ascension_deg": i / 7} for i in range(200)])
    jsonl.decode(large)
    with pace(20 * 2e-3):
        for _ in range(20):
            jsonl.decode(large)


# --------------------------------------------------------------------------------------------------- events

AREA = Ellipse(semi_major_m=4100.04, semi_minor_m=1800.0, bearing_deg=77.0000004)
WARNING = Warning(
    id="W-20260516-0001",
    version=4,
    time=Instant(T_NS),
    origin="live",
    state="corroborated",
    outcome=None,
    event="E-20260516-0001",
    parent=None,
    identity={"ballistic-missile": 2 / 3, "space-launch": 1 / 3},
    evidence=Evidence(infrared=("geo-1",), radar=(), paths=("geo-1",), detections=14),
    phase="coast",
    launch=LaunchEstimate(
        time=Instant(T_NS + 1_499),
        time_sigma_s=3.14159,
        latitude_deg=40.1234567,
        longitude_deg=-0.00000001,
        ellipse_95=AREA,
    ),
    impact=None,
    state_vector=StateVector(
        time=Instant(T_NS),
        position_m=(6.4e6 + 0.06, -0.04, 1.0),
        velocity_mps=(1 / 3, 0.0, -7e3),
        covariance=((1234567.8, 0.0), (-1e-9 / 3, 2.0)),
    ),
    step=None,
    reason="seen by one satellite",
)


def test_events_are_written_in_the_order_and_with_the_digits_documented():
    assert jsonl.encode_event(WARNING).decode() == (
        '{"kind":"warning","id":"W-20260516-0001","version":4,"time":"2026-05-16T00:00:12.250000Z","origin":"live",'
        '"state":"corroborated","outcome":null,"event":"E-20260516-0001","parent":null,'
        '"identity":{"ballistic-missile":0.666667,"space-launch":0.333333},'
        '"evidence":{"infrared":["geo-1"],"radar":[],"paths":["geo-1"],"detections":14,"notification":null},'
        '"phase":"coast",'
        '"launch":{"time":"2026-05-16T00:00:12.250001Z","time_sigma_s":3.142,"latitude_deg":40.123457,'
        '"longitude_deg":0.0,"ellipse_95":{"semi_major_m":4100.0,"semi_minor_m":1800.0,"bearing_deg":77.0}},'
        '"impact":null,'
        '"state_vector":{"time":"2026-05-16T00:00:12.250000Z","frame":"ITRF","position_m":[6400000.1,0.0,1.0],'
        '"velocity_mps":[0.333,0.0,-7000.0],"covariance":[[1234570.0,0.0],[-3.33333e-10,2.0]]},'
        '"step":null,"reason":"seen by one satellite","terms":[]}'
    )


def test_areas_and_numpy_numbers_are_rounded_too():
    area = {"type": "Polygon", "coordinates": [[[10.12345678, np.float64(-0.0)], [11, 20.5]]]}
    assert WARNING.launch is not None
    launch = msgspec.structs.replace(WARNING.launch, area_95=area, time_sigma_s=np.float64(1.23456))
    written = json.loads(
        jsonl.encode_event(msgspec.structs.replace(WARNING, launch=launch, version=np.int64(5)))
    )
    assert written["launch"]["area_95"]["coordinates"] == [[[10.123457, 0.0], [11.0, 20.5]]]
    assert written["launch"]["time_sigma_s"] == 1.235
    assert written["version"] == 5


def test_events_come_back():
    events = [
        Raid(
            event="E",
            time=Instant(T_NS),
            origin="live",
            count=3.0,
            count_low=2.0,
            count_high=5.0,
            unresolved=1,
        ),
        Rejected(file="a", line=3, field="x", why="y"),
        EventLog(name="flood", time=None, origin="test", text="t"),
        Duplicate(sensor="a", time=Instant(T_NS + 1)),
    ]
    for event in events:
        assert jsonl.decode_event(jsonl.encode_event(event)) == event
    once = jsonl.encode_event(WARNING)
    assert jsonl.encode_event(jsonl.decode_event(once)) == once


@given(st.lists(st.floats(0, 1), min_size=1, max_size=11).filter(lambda w: sum(w) > 1e-3))
@settings(deadline=None)
def test_probabilities_still_add_up_to_one(weights):
    identity = {f"k{i}": w / math.fsum(weights) for i, w in enumerate(weights)}
    written = json.loads(jsonl.encode_event(msgspec.structs.replace(WARNING, identity=identity)))["identity"]
    assert abs(math.fsum(written.values()) - 1) < 1e-9
    for name, share in written.items():
        assert abs(share - identity[name]) <= 1e-6
        assert share == round(share, 6)


def test_what_is_not_a_number_is_our_fault():
    bad = Raid(
        event="E", time=Instant(0), origin="live", count=math.nan, count_low=2, count_high=5, unresolved=1
    )
    with pytest.raises(AssertionError, match="count is nan"):
        jsonl.encode_event(bad)
    status = Summary(origin="test", path="a", time=Instant(T_NS), count=1, window_s=math.inf)
    with pytest.raises(AssertionError, match=r"window_s is \+infinity"):
        jsonl.encode_recorded(status)


def test_every_number_of_an_event_has_documented_digits():
    """A float of a new field without a unit in its name must not slip through unrounded."""
    with pytest.raises(AssertionError, match="no documented digits"):
        jsonl.rounded(Place(file=0.123, line=1))


ORBITS = Path(__file__).parents[3] / "shared" / "data" / "satellite_orbits"


@pytest.mark.skipif(not ORBITS.is_dir(), reason="../shared/data/satellite_orbits is not here")
@pytest.mark.parametrize("name", ["celestrak_geo.txt", "celestrak_stations.txt", "celestrak_starlink.txt"])
def test_published_two_line_elements_are_accepted(name):
    lines = [text.rstrip() for text in (ORBITS / name).read_text().splitlines()]
    pairs = [(one, two) for one, two in itertools.pairwise(lines) if one[:2] == "1 " and two[:2] == "2 "]
    assert len(pairs) > 20
    for tle in pairs:
        sensor = line("sensor", id="a", type="infrared", los_sigma_urad=30, tle=tle)
        assert jsonl.decode(sensor).tle == tle
