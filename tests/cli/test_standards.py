"""`tocsin import` and `tocsin export`, and `tocsin check` of the files of others."""

import json
from pathlib import Path

import ccsds_ndm
import pymap3d
import pytest
from asterix import generated

from tocsin import journal
from tocsin.cli import main
from tocsin.config import Config
from tocsin.earth.time import parse_utc
from tocsin.messages import RadarScan, Sensor
from tocsin.pipeline import Pipeline

DATA = Path(__file__).parents[2] / "../shared/data"
NETWORK = """title = "two radars"
source = "made up"
[[sensor]]
id = "{name}"
type = "radar"
latitude_deg = 45.8
longitude_deg = 16.0
height_m = 300
range_sigma_m = 100
azimuth_sigma_deg = 0.1
elevation_sigma_deg = 0.5
range_max_m = {reach}
elevation_min_deg = -2
scan_period_s = 4
"""
TDM = """CCSDS_TDM_VERS = 2.0
CREATION_DATE = 2026-05-16T01:00:00
ORIGINATOR = TEST
META_START
TIME_SYSTEM = UTC
PARTICIPANT_1 = EYE
PARTICIPANT_2 = OBJECT
PATH = 2,1
ANGLE_TYPE = RADEC
REFERENCE_FRAME = ICRF
META_STOP
DATA_START
ANGLE_1 = 2026-05-16T00:10:00 12.5
ANGLE_2 = 2026-05-16T00:10:00 -3.5
DATA_STOP
"""


@pytest.fixture
def network(tmp_path):
    path = tmp_path / "n.toml"
    path.write_text(NETWORK.format(name="r", reach=474_000))
    return str(path)


def bring(file, network, out, *options, sensor="r", origin="test"):
    words = [
        "import",
        str(file),
        "--sensor",
        sensor,
        "--network",
        network,
        "--origin",
        origin,
        "--out",
        str(out),
    ]
    return main([*words, *options])


def recorded(path):
    return [message for message, _ in journal.read([path])]


def data(name):
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{name} of ../shared/data is not there")
    return path


def test_tracking_data_become_a_recording_that_check_finds_clean(tmp_path, capsys):
    example = data("orbit_tracking/tdm/TDMExample6.txt")
    (tmp_path / "n.toml").write_text(NETWORK.format(name="NORTH", reach=1e8))
    out = tmp_path / "pass.jsonl.gz"
    assert bring(example, str(tmp_path / "n.toml"), out, sensor="NORTH") == 0
    told = capsys.readouterr().out
    assert "4 looks with 4 detections" in told and "RECEIVE_FREQ (4)" in told
    sensor, *scans = recorded(out)
    assert isinstance(sensor, Sensor) and sensor.origin == "test"
    ranges = [80_452_754.2, 80_452_736.8, 80_452_719.7, 80_452_633.1]
    assert [s.detections[0].range_m for s in scans] == pytest.approx(ranges, abs=1e-6)
    assert main(["check", str(out)]) == 0


def test_a_satellite_is_placed_by_its_ephemeris_beside_the_network(tmp_path):
    rows = "".join(f"2026-05-16T00:{m:02}:00 42164 {m} 0 0 {1 / 60:.12f} 0\n" for m in range(0, 21, 2))
    (tmp_path / "eye.oem").write_text(
        "CCSDS_OEM_VERS = 2.0\nCREATION_DATE = 2026-05-16T00:00:00\nORIGINATOR = TEST\nMETA_START\n"
        "OBJECT_NAME = EYE\nOBJECT_ID = EYE\nCENTER_NAME = EARTH\nREF_FRAME = ITRF2014\nTIME_SYSTEM = UTC\n"
        f"START_TIME = 2026-05-16T00:00:00\nSTOP_TIME = 2026-05-16T00:20:00\nMETA_STOP\n{rows}"
    )
    eye = 'title = "an eye"\nsource = "made up"\n[[sensor]]\nid = "EYE"\ntype = "infrared"\nlos_sigma_urad = 30\n'
    (tmp_path / "n.toml").write_text(eye + 'ephemeris = "eye.oem"\n')
    (tmp_path / "a.tdm").write_text(TDM)
    out = tmp_path / "a.jsonl"
    assert bring(tmp_path / "a.tdm", str(tmp_path / "n.toml"), out, sensor="EYE") == 0
    _, scan = recorded(out)
    assert scan.position_m == pytest.approx((42_164_000.0, 10_000.0, 0.0), abs=1e-3)
    assert scan.velocity_mps == pytest.approx((0.0, 1_000 / 60, 0.0), abs=1e-6)
    assert scan.detections[0].right_ascension_deg == 12.5


def test_a_capture_asks_for_its_radar_and_then_becomes_a_recording(tmp_path, network, capsys):
    capture, out = data("asterix/cat_034_048.pcap"), tmp_path / "a.jsonl"
    assert bring(capture, network, out) == 2
    assert "several radars report; name one with --station: 25/11 (8 plots), 25/12" in capsys.readouterr().err
    assert bring(capture, network, out, "--station", "25/12") == 0
    scans = recorded(out)[1:]
    assert all(isinstance(scan, RadarScan) for scan in scans if scan.detections)
    assert sum(len(scan.detections) for scan in scans) == 19  # 38, each captured twice
    start, end = parse_utc("2016-05-05T07:35:00Z"), parse_utc("2016-05-05T07:37:00Z")
    assert all(start < scan.time < end for scan in scans)
    assert main(["check", str(out)]) == 0


def test_refused_records_are_told_and_end_in_exit_code_1(tmp_path, network, capsys):
    record = data("asterix/cat048.raw").read_bytes()
    (tmp_path / "a.ast").write_bytes(record + record.replace(b"\xc5\xaf", b"\xff\xff"))
    out = tmp_path / "a.jsonl"
    assert bring(tmp_path / "a.ast", network, out, "--date", "2026-05-16") == 1
    assert "record 2: I048/040/RHO: 255.996 NM is the end of its scale" in capsys.readouterr().err
    assert len(recorded(out)) == 2


@pytest.mark.parametrize(
    "words, code, why",
    [
        (["a.tdm"], 3, "a.tdm: line 11: ANGLE_1: may not stand here"),
        (["none.tdm"], 3, "none.tdm cannot be read"),
        (["n.toml"], 3, "n.toml: is neither a tracking data message (CCSDS TDM) nor ASTERIX"),
        (["a.tdm", "--sensor", "x"], 2, 'no sensor "x"; there are: r'),
        (["a.tdm", "--network", "x"], 2, 'no network "x": no such file, and bundled are: '),
        (["b.tdm", "--out", "b.tdm"], 3, "b.tdm: line 9: ANGLE_TYPE: RADEC is a satellite's"),
    ],
)
def test_what_cannot_be_imported_is_told(tmp_path, network, monkeypatch, capsys, words, code, why):
    monkeypatch.chdir(tmp_path)
    Path("a.tdm").write_text(TDM.replace("META_STOP\nDATA_START\n", ""))
    Path("b.tdm").write_text(TDM)
    given = ["--sensor", "r", "--network", network, "--origin", "test", "--out", "out.jsonl"]
    assert main(["import", words[0], *given, *words[1:]]) == code
    assert why in capsys.readouterr().err
    assert not Path("out.jsonl").exists()


def test_an_origin_has_no_default(tmp_path, network, capsys):
    assert main(["import", "a", "--sensor", "r", "--network", network, "--out", "b"]) == 2
    assert "--origin" in capsys.readouterr().err


def test_check_knows_these_files(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("a.tdm").write_text(TDM)
    Path("b.tdm").write_text(TDM.replace(" -3.5", " three"))
    Path("c.xml").write_text(ccsds_ndm.from_str(TDM).to_str("xml"))
    Path("d.oem").write_text("CCSDS_OEM_VERS = 2.0\n")
    Path("e.rdm").write_text("CCSDS_RDM_VERS = 1.0\n")
    Path("f.ast").write_bytes(b"\x30\x00\x30\x00")
    assert main(["check", "a.tdm", "c.xml"]) == 0
    capsys.readouterr()
    assert main(["check", "--json", "b.tdm", "d.oem", "e.rdm", "f.ast"]) == 1
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [f["place"]["file"] for f in found] == ["b.tdm", "d.oem", "e.rdm", "f.ast"]
    assert found[0]["place"]["line"] == 14 and found[0]["field"] == "ANGLE_2"
    assert found[0]["text"] == '"three" is not a finite number'


def reported(path, speed, level):
    """Write what a turning radar reports of ten bodies in level flight for five minutes."""
    spec = generated.manifest["CATS"][48][-1]
    station, blocks = (45.8, 16.0, 300.0), []
    for seconds, k in ((4.0 * turn + 0.3 * k, k) for turn in range(75) for k in range(10)):
        north = 0.4 * k - 2.0 + speed * (seconds - 150.0) / 111_000 * (1 - k % 2 * 2)
        place = (45.8 + north, 16.0 + 0.5 * k - 2.0, level * 30.48)
        azimuth, _, distance = map(float, pymap3d.geodetic2aer(*place, *station))
        if distance < 470_000:
            items = {
                "010": (("SAC", 1), ("SIC", 1)), "140": round(seconds * 128), "020": ((5, 0, 0, 0, 0, None),),
                "040": (("RHO", round(distance / 1852 * 256)), ("THETA", round(azimuth / 360 * 65536) % 65536)),
                "090": (0, 0, ("FL", level * 4)),
            }  # fmt: skip
            blocks.append(spec.create([spec.cv_uap.cv_record.create(items)]).unparse().to_bytes())
    path.write_bytes(b"".join(blocks))


@pytest.mark.parametrize("speed, level, told", [(250.0, 330, False), (1_500.0, 1_500, True)])
def test_aircraft_are_not_even_followed_but_what_is_faster_is(tmp_path, network, speed, level, told):
    reported(tmp_path / "a.ast", speed, level)
    assert bring(tmp_path / "a.ast", network, tmp_path / "a.jsonl", "--date", "2026-05-16") == 0
    pipeline, said = Pipeline(Config()), []
    messages = recorded(tmp_path / "a.jsonl")
    assert sum(len(m.detections) for m in messages[1:]) > 300
    for message in messages:
        said += pipeline.receive(message)
    kinds = [type(event).__name__ for event in said]
    assert ("Track" in kinds) == told
    assert "Alert" not in kinds and "Rejected" not in kinds
