"""Truth is matched to the right object, errors are true, and the turning points are the right ones."""

import json
import shutil

import msgspec
import numpy as np
import pandas as pd
import pymap3d.vincenty
import pytest

from tocsin.report import charts
from tocsin.report.picture import write_picture
from tocsin.report.results import Results
from tocsin.report.story import changes, stories, turning_points
from tocsin.report.whereabouts import sensor_points


def test_truth_is_matched_and_zero_is_the_true_launch(run):
    (story,) = stories(Results(run.path))
    assert story.truth is not None
    assert story.truth.name == "missile-1"
    assert story.zero_is == "true launch"
    assert story.truth.path.t[0] == pytest.approx(0, abs=1e-6)
    r, _ = story.truth.at(story.track.t)
    rows = np.searchsorted(run.objects[0]["t"], story.track.t + 60)
    assert r == pytest.approx(run.objects[0]["x"][rows, :3], abs=1)


def test_each_of_several_objects_finds_its_own_truth(make_folder, tmp_path):
    folder = make_folder(tmp_path, objects=3)
    assert [s.truth.name for s in stories(Results(folder.path))] == ["missile-1", "missile-2", "missile-3"]


def test_without_truth_the_clock_starts_at_the_estimated_launch(raid):
    for story in stories(Results(raid.path)):
        assert story.truth is None
        assert story.zero_is == "estimated launch"
        assert story.error("impact", story.latest("impact")) is None
        assert charts.errors(story, {}) is None


def test_errors_are_geodesics_to_the_truth(run):
    (story,) = stories(Results(run.path))
    for part in ("launch", "impact"):
        estimate = story.latest(part)
        true = run.objects[0][part]
        expected, _ = pymap3d.vincenty.vdist(estimate["latitude_deg"], estimate["longitude_deg"], *true)
        assert story.error(part, estimate) == pytest.approx(float(expected), abs=5)  # a step below ground


def test_turning_points_hold_every_change_of_state_and_the_last(run):
    (story,) = stories(Results(run.path))
    told = turning_points(story)
    states = list(dict.fromkeys(version["state"] for version, _ in told))
    assert states == ["detected", "corroborated", "confirmed", "closed"]
    assert told[0][0] is story.versions[0]
    assert told[-1][0] is story.last
    assert len(told) < len(story.versions) / 2


def test_a_withdrawn_impact_is_said(run):
    before = run.versions[20]
    assert "impact withdrawn" in changes(before, before | {"impact": None})


def test_children_have_no_section_of_their_own(run, tmp_path):
    child = run.versions[5] | {"id": "W-20260516-0002", "parent": "W-20260516-0001"}
    (tmp_path / "warnings.jsonl").write_text("".join(json.dumps(v) + "\n" for v in [*run.versions, child]))
    (story,) = stories(Results(tmp_path))
    assert story.children == ("W-20260516-0002",)


def test_whitened_residuals_have_unit_covariance(run):
    rows = Results(run.path).updates()
    values, sizes = charts.whitened(rows)
    assert np.nansum(values**2, axis=1) == pytest.approx(rows["distance"].to_numpy(), rel=1e-9)
    assert sizes.tolist() == [len(u["residual"]) for u in run.updates]


def test_a_radar_without_doppler_leaves_that_component_out(run):
    rows = Results(run.path).updates().tail(1).copy()
    rows["residual"] = [[1.0, 0.001, 0.001, 0.0]]
    rows["innovation_covariance"] = [np.diag([4.0, 1e-6, 1e-6, np.inf]).ravel()]
    values, sizes = charts.whitened(rows)
    assert values[0, :3] == pytest.approx([0.5, 1.0, 1.0])
    assert np.isnan(values[0, 3])
    assert sizes.tolist() == [3]


def test_a_satellite_with_an_orbit_stands_over_its_longitude(run):
    """Its longitude follows from its elements and sidereal time; at rest over the equator it stays there."""
    orbit = {
        "OBJECT_NAME": "GEO", "OBJECT_ID": "2020-001A", "EPOCH": "2026-05-16T00:00:00.000000",
        "MEAN_MOTION": 1.00272, "ECCENTRICITY": 0.0001, "INCLINATION": 0.05, "RA_OF_ASC_NODE": 90.0,
        "ARG_OF_PERICENTER": 0.0, "MEAN_ANOMALY": 100.0, "EPHEMERIS_TYPE": 0, "CLASSIFICATION_TYPE": "U",
        "NORAD_CAT_ID": 45000, "ELEMENT_SET_NO": 999, "REV_AT_EPOCH": 1, "BSTAR": 0, "MEAN_MOTION_DOT": 0,
        "MEAN_MOTION_DDOT": 0,
    }  # fmt: skip
    recorded = Results(run.path).recorded
    looks = tuple(msgspec.structs.replace(look, position_m=None) for look in recorded.looks)
    sensors = recorded.sensors | {"geo-1": {"id": "geo-1", "type": "infrared", "orbit": orbit}}
    points = sensor_points(msgspec.structs.replace(recorded, looks=looks, sensors=sensors))
    days = 9631.5 + 0.25 + 2 / 86400  # from J2000 to 2026-05-16T06:00:02
    sidereal = 280.46061837 + 360.98564736629 * days  # Meeus 1998, eq. 12.4
    expected = (90 + 100 + 1.00272 * 360 * 0.25 - sidereal + 180) % 360 - 180
    assert points["geo-1"][0] == pytest.approx(expected, abs=0.2)
    assert points["geo-1"][1] == pytest.approx(0, abs=0.06)
    assert "geo-2" not in points, "its place is not known"


def test_the_picture_is_a_small_png_of_the_right_size(run, tmp_path):
    data = write_picture(run.path, tmp_path / "demo.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) == (1600, 900)
    assert len(data) < 400_000
    assert data == write_picture(run.path, tmp_path / "again.png").read_bytes()


def test_tracks_of_another_origin_are_not_this_warnings(run, tmp_path):
    """Each origin numbers its tracks by itself."""
    shutil.copytree(run.path, tmp_path / "mixed")
    other = pd.DataFrame(run.tracks).assign(origin="live", x_m=0.0)
    pd.concat([pd.DataFrame(run.tracks), other]).to_parquet(tmp_path / "mixed" / "tracks.parquet")
    (story,) = stories(Results(tmp_path / "mixed"))
    (alone,) = stories(Results(run.path))
    assert story.track.r == pytest.approx(alone.track.r)


def test_without_a_table_the_track_is_the_versions_state_vectors(run, tmp_path):
    for name in ("warnings.jsonl", "truth.parquet"):
        shutil.copy(run.path / name, tmp_path / name)
    (story,) = stories(Results(tmp_path))
    vectors = [v["state_vector"] for v in run.versions[:-1]]
    assert story.track.r == pytest.approx(np.array([vector["position_m"] for vector in vectors]))
    assert story.truth is not None
    assert (np.diff(story.track.t) > 0).all()


def test_a_withdrawn_impact_is_not_shown_as_known(run, tmp_path):
    """The watch officer must not read an area that the system no longer believes."""
    withdrawn = run.versions[30] | {"impact": None}
    told = [*run.versions[:30], withdrawn]
    (tmp_path / "warnings.jsonl").write_text("".join(json.dumps(v) + "\n" for v in told))
    (story,) = stories(Results(tmp_path))
    assert story.latest("impact") is None
    assert story.latest("launch") == withdrawn["launch"]
    assert "impact withdrawn" in turning_points(story)[-1][1]
    closed = withdrawn | {"state": "closed", "outcome": "lost"}
    (tmp_path / "warnings.jsonl").write_text("".join(json.dumps(v) + "\n" for v in [*told, closed]))
    assert stories(Results(tmp_path))[0].latest("impact") is None


def test_a_bare_closing_version_does_not_forget(run, tmp_path):
    closed = run.versions[-1] | {"impact": None}
    (tmp_path / "warnings.jsonl").write_text(
        "".join(json.dumps(v) + "\n" for v in [*run.versions[:-1], closed])
    )
    assert stories(Results(tmp_path))[0].latest("impact") == run.versions[-2]["impact"]


def test_a_true_orbit_is_drawn_no_longer_than_it_was_believed_in(run, tmp_path):
    shutil.copytree(run.path, tmp_path / "orbit")
    truth = pd.read_parquet(run.path / "truth.parquet")
    radius = truth[["x_m", "y_m", "z_m"]].to_numpy() * 1.2  # up there, never down
    truth[["x_m", "y_m", "z_m"]] = radius
    truth["phase"] = "coast"
    later = truth.tail(3).assign(time=truth["time"].tail(3) + pd.Timedelta(hours=3))
    pd.concat([truth, later]).to_parquet(tmp_path / "orbit" / "truth.parquet")
    tracks = pd.read_parquet(run.path / "tracks.parquet")
    tracks[["x_m", "y_m", "z_m"]] *= 1.2
    tracks.to_parquet(tmp_path / "orbit" / "tracks.parquet")
    (story,) = stories(Results(tmp_path / "orbit"))
    assert story.truth is not None
    assert story.truth.end_of("impact") is None
    assert story.true_path().t[-1] <= story.seconds(story.last["time"]) < story.truth.path.t[-1]
