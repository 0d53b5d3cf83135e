"""What `check` says of files."""

import pytest

from tocsin.earth.time import parse_utc
from tocsin.errors import ConfigError
from tocsin.formats import check
from tocsin.messages import (
    SECOND,
    InfraredDetection,
    InfraredScan,
    Instant,
    Place,
    RadarDetection,
    RadarScan,
    Rejected,
    Sensor,
    Status,
)

START = parse_utc("2026-05-16T00:00:00Z")
HIGH = (42_164e3, 0.0, 0.0)


def at(seconds: float) -> Instant:
    return Instant(START + round(seconds * SECOND))


def sensor(id: str = "geo-1", **fields) -> Sensor:
    return Sensor(**{"origin": "test", "id": id, "type": "infrared", "los_sigma_urad": 30.0} | fields)


def radar(**fields) -> Sensor:
    figures = {
        "latitude_deg": 60.0, "longitude_deg": 20.0, "height_m": 5.0, "range_sigma_m": 50.0,
        "azimuth_sigma_deg": 0.1, "elevation_sigma_deg": 0.1, "range_max_m": 2.5e6,
    }  # fmt: skip
    return Sensor(**{"origin": "test", "id": "radar-1", "type": "radar"} | figures | fields)


def scan(seconds: float, right_ascension: float = 120.0, **fields) -> InfraredScan:
    seen = InfraredDetection(time=at(seconds), right_ascension_deg=right_ascension, declination_deg=1.2)
    given = {
        "origin": "test", "sensor": "geo-1", "time": at(seconds), "duration_s": 1.0, "detections": (seen,),
        "position_m": HIGH, "velocity_mps": (0.0, 0.0, 0.0),
    }  # fmt: skip
    return InfraredScan(**given | fields)


def plots(seconds: float, azimuth: float = 200.0, **fields) -> RadarScan:
    seen = RadarDetection(time=at(seconds), range_m=5e5, azimuth_deg=azimuth, elevation_deg=1.1)
    given = {
        "origin": "test",
        "sensor": "radar-1",
        "time": at(seconds),
        "duration_s": 1.0,
        "detections": (seen,),
    }
    return RadarScan(**given | fields)


GOOD = [sensor(), radar(), *(m for t in range(0, 100, 10) for m in (scan(t), plots(t + 1)))]


def findings(*messages, **options) -> list[check.Finding]:
    return check.check_recording(((m, Place("a.jsonl", i + 1)) for i, m in enumerate(messages)), **options)


def only(found: list[check.Finding]) -> check.Finding:
    assert len(found) == 1, found
    return found[0]


def test_a_sound_recording_has_no_findings():
    assert findings(*GOOD, now=at(200), table_end=at(200)) == []


CASES = {
    "rejected line": (
        [*GOOD, Rejected(file="a.jsonl", line=23, field="time", why="is missing")],
        "error",
        23,
        "time",
        "is missing",
        "",
    ),
    "unknown sensor": (
        [*GOOD, scan(100, sensor="geo-11")],
        "error",
        23,
        "sensor",
        '"geo-11" is never described',
        'did you mean "geo-1"?',
    ),
    "unknown status": (
        [*GOOD, Status(origin="test", sensor="xyz", time=at(1), state="ok")],
        "error",
        23,
        "sensor",
        "never described",
        "before its first scan",
    ),
    "scan before its sensor": (
        [radar(), scan(0), sensor(), *GOOD[3:]],
        "error",
        2,
        "sensor",
        "described only after its first use",
        "first",
    ),
    "redefined midway": (
        [*GOOD, sensor(los_sigma_urad=60.0)],
        "error",
        23,
        "valid_from",
        '"geo-1" changes midway',
        "from which it holds",
    ),
    "radians from a satellite": (
        [*GOOD[:2], *(scan(t, right_ascension=3.0 + t / 50) for t in range(0, 100, 10)), plots(100)],
        "warning",
        3,
        "detections",
        'all 10 detections of "geo-1" have angles within ±2π: radians?',
        "degrees",
    ),
    "radians from a radar": (
        [*GOOD[:2], scan(0), *(plots(t, azimuth=t / 20) for t in range(0, 100, 10))],
        "warning",
        4,
        "detections",
        'all 10 detections of "radar-1" have angles within ±2π: radians?',
        "degrees",
    ),
    "years ahead": (
        [*GOOD, scan(6 * 365 * 86_400)],
        "warning",
        23,
        "time",
        "dated about 2032-05-14 as 1 of the messages, most about 2026-05-16",
        "the year",
    ),
    "no position": (
        [*GOOD, scan(100, position_m=None, velocity_mps=None)],
        "error",
        23,
        "position_m",
        "has no orbit",
        "orbit or tle",
    ),
    "wrong type": (
        [*GOOD, plots(100, sensor="geo-1")],
        "error",
        23,
        "detections",
        "is of type infrared, its detections",
        "type",
    ),
    "too late": (
        [*GOOD, scan(50.5)],
        "warning",
        23,
        "time",
        "ends 40.500 s before what has already arrived",
        "sort",
    ),
    "twice the same": (
        [*GOOD[:5], GOOD[4], *GOOD[5:]],
        "note",
        6,
        "time",
        "has come already, the same",
        "nothing",
    ),
    "twice and different": (
        [*GOOD[:5], scan(10, right_ascension=5.0), *GOOD[5:]],
        "error",
        6,
        "time",
        "with other content",
        "own time",
    ),
    "mixed origins": (
        [*GOOD, sensor(origin="live")],
        "note",
        0,
        "",
        "mixes origins: test, live",
        "each is processed apart",
    ),
    "silent sensor": ([*GOOD, sensor(id="geo-2")], "note", 0, "", '"geo-2" never scans', "blind"),
    "sigma in radians": (
        [sensor(los_sigma_urad=3e-5), *GOOD[1:]],
        "warning",
        1,
        "los_sigma_urad",
        "3e-05 µrad is unlikely",
        "microradians",
    ),
    "range in kilometres": (
        [sensor(), radar(range_max_m=2500.0), *GOOD[2:]],
        "warning",
        2,
        "range_max_m",
        "2500 m is a short range",
        "metres",
    ),
    "place forgotten": (
        [sensor(), radar(latitude_deg=0.0, longitude_deg=0.0), *GOOD[2:]],
        "warning",
        2,
        "latitude_deg",
        "0, 0",
        "place",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_one_fault_is_one_finding_with_place_and_remedy(name):
    messages, severity, line, field, text, remedy = CASES[name]
    finding = only(findings(*messages))
    assert (finding.severity, finding.place.line, finding.field) == (severity, line, field)
    assert text in finding.text
    assert remedy in finding.remedy


def test_a_recording_without_scans_is_doubtful():
    found = findings(sensor())
    assert ("warning", "holds no scan") in [(f.severity, f.text) for f in found]


def test_times_ahead_of_the_reader_are_told():
    found = findings(*GOOD, now=at(-3 * 86_400))
    assert len(found) == len(GOOD) - 2
    assert "is 3 days ahead of now" in found[0].text
    assert findings(*GOOD, now=at(-80_000)) == []


def test_times_past_the_orientation_table_are_told():
    finding = only(findings(*GOOD, table_end=at(-400 * 86_400)))
    assert "later than the Earth-orientation table" in finding.text
    assert "earth_orientation" in finding.remedy


def test_a_sensor_may_change_with_a_later_valid_from_or_repeat_itself():
    assert findings(*GOOD, sensor(), sensor(los_sigma_urad=60.0, valid_from=at(50))) == []


def test_a_live_sensor_may_serve_an_exercise():
    looks = [scan(t, origin="exercise") for t in range(0, 50, 10)]
    assert [f.severity for f in findings(sensor(origin="live"), *looks)] == ["note"]


def test_many_faults_of_one_sort_are_counted():
    bad = [
        Rejected(file="a.jsonl", line=i, field=f"detections[{i}].time", why="is missing") for i in range(500)
    ]
    found = findings(*GOOD, *bad)
    assert len(found) == check.SHOWN + 1
    assert found[-1].text == f"{500 - check.SHOWN} more of the same sort"


NETWORK = 'title = "t"\nsource = "s"\n[[sensor]]\nid = "g"\ntype = "infrared"\nlos_sigma_urad = 30\n'


def test_networks_are_checked():
    assert check.check_network(NETWORK, "n.toml") == []
    finding = only(check.check_network(NETWORK.replace("los_sigma_urad", "los_sigma_uradd"), "n.toml"))
    assert (finding.severity, finding.place) == ("error", Place("n.toml", 6))
    assert 'did you mean "los_sigma_urad"?' in finding.text
    finding = only(check.check_network(NETWORK.replace("30", "0.00003"), "n.toml"))
    assert (finding.severity, finding.field) == ("warning", "los_sigma_urad")


def test_any_toml_is_checked_by_its_decoder():
    def refuse(text: str, file: str) -> None:
        raise ConfigError(f"{file}: [launch][0]: bad (line 3)")

    finding = only(check.check_toml("", "s.toml", refuse))
    assert (finding.place.line, finding.text) == (3, "[launch][0]: bad (line 3)")
    assert check.check_toml("", "s.toml", lambda text, file: None) == []


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.jsonl", '{"kind": "scan"}', "recording"),
        ("a.jsonl.gz", "", "recording"),
        ("n.toml", NETWORK, "network"),
        ("n.toml", NETWORK + "[sensor.orbit]\nEPOCH = 1\n", "network"),
        ("s.toml", NETWORK + "[[launch]]\n", "scenario"),
        ("s.toml", 'title = "x"', "scenario"),
        ("a.xml", "\ufeff<?xml version='1.0'?><alert/>", "cap"),
    ],
)
def test_the_sort_of_a_file_is_told_by_name_and_beginning(name, text, kind):
    assert check.kind_of(name, text) == kind
