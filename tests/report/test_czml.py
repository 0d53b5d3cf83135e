"""The scene is valid CZML in its parts a viewer stops at, and says where things were."""

import json
import re

import numpy as np
import pytest

from tocsin.report.czml import write_scene

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def packets(folder) -> dict:
    scene = json.loads(write_scene(folder.path).read_text(encoding="utf-8"))
    assert isinstance(scene, list)
    assert scene[0]["id"] == "document"
    assert scene[0]["version"] == "1.0"
    assert len({p["id"] for p in scene}) == len(scene)
    return {p["id"]: p for p in scene}


def intervals(value):
    """Find every interval anywhere in the scene."""
    if isinstance(value, str) and "/" in value and TIME.match(value):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from intervals(part)


def test_every_interval_runs_forward(run, raid, quiet):
    for folder in (run, raid, quiet):
        for interval in intervals(packets(folder)):
            begin, end = interval.split("/")
            assert TIME.fullmatch(begin)
            assert TIME.fullmatch(end)
            assert begin < end


def test_no_semi_minor_axis_exceeds_its_semi_major(run):
    scene = packets(run)
    for part in ("launch", "impact"):
        ellipse = scene[f"W-20260516-0001/{part}"]["ellipse"]
        for major, minor in zip(ellipse["semiMajorAxis"], ellipse["semiMinorAxis"], strict=True):
            assert major["interval"] == minor["interval"]
            assert major["number"] >= minor["number"] > 0
    last = run.versions[-1]["impact"]["ellipse_95"]
    assert scene["W-20260516-0001/impact"]["ellipse"]["semiMajorAxis"][-1]["number"] == last["semi_major_m"]
    # Counter-clockwise from north, in radians: a bearing of 57° is a turn of -57°, or 123°.
    turn = scene["W-20260516-0001/impact"]["ellipse"]["rotation"][-1]["number"]
    assert turn == pytest.approx(np.radians(123), abs=1e-6)


def test_an_ellipse_with_its_axes_swapped_is_turned_not_refused(run, tmp_path):
    version = json.loads(json.dumps(run.versions[-1]))
    version["impact"]["ellipse_95"] = {"semi_major_m": 1000.0, "semi_minor_m": 3000.0, "bearing_deg": 10.0}
    (tmp_path / "warnings.jsonl").write_text(json.dumps(version) + "\n")
    scene = json.loads(write_scene(tmp_path).read_text())
    ellipse = next(p for p in scene if p["id"].endswith("/impact"))["ellipse"]
    assert ellipse["semiMajorAxis"][0]["number"] == 3000.0
    assert ellipse["rotation"][0]["number"] == pytest.approx(np.radians(80), abs=1e-6)


def test_positions_are_the_track_and_the_truth(run):
    scene = packets(run)
    rows = [track for track in run.tracks if track["warning"]]
    for name in ("W-20260516-0001", "W-20260516-0001/truth"):
        samples = np.array(scene[name]["position"]["cartesian"]).reshape(-1, 4)
        assert scene[name]["position"]["referenceFrame"] == "FIXED"
        assert (np.diff(samples[:, 0]) > 0).all()
        if name == "W-20260516-0001":
            expected = np.array([[row["x_m"], row["y_m"], row["z_m"]] for row in rows])
            assert samples[:, 1:] == pytest.approx(expected, abs=0.051)
    assert samples[0, 1:] == pytest.approx(run.objects[0]["x"][0, :3], abs=0.051)


def test_sensors_stand_where_they_stand(run):
    scene = packets(run)
    assert scene["sensor/radar-1"]["position"]["cartographicDegrees"] == [-23.5, 14.93, 40.0]
    assert scene["sensor/geo-1"]["position"]["cartographicDegrees"][:2] == pytest.approx(
        [-45.0, 0.0], abs=1e-6
    )


def test_no_warning_is_still_a_scene(quiet):
    assert {"document", "sensor/geo-1", "sensor/geo-2", "sensor/radar-1"} == set(packets(quiet))


def test_the_same_folder_gives_the_same_bytes(run):
    assert write_scene(run.path).read_bytes() == write_scene(run.path).read_bytes()


def test_a_withdrawn_area_is_not_shown_while_it_is_withdrawn(run, tmp_path):
    told = [run.versions[20], run.versions[21] | {"impact": None}, run.versions[22]]
    (tmp_path / "warnings.jsonl").write_text("".join(json.dumps(v) + "\n" for v in told))
    scene = json.loads(write_scene(tmp_path).read_text())
    availability = next(p for p in scene if p["id"].endswith("/impact"))["availability"]
    assert len(availability) == 2
    ends = [interval.split("/") for interval in availability]
    assert ends[0][1][:19] == told[1]["time"][:19]
    assert ends[1][0][:19] == told[2]["time"][:19]
    assert len(next(p for p in scene if p["id"].endswith("/launch"))["availability"]) == 1
