"""The data frames say what the files say."""

import gzip
import shutil

import numpy as np
import pandas as pd
import pytest

from tocsin.errors import ConfigError
from tocsin.report import wording
from tocsin.report.results import Results, nanoseconds


def test_one_row_a_version_with_units_in_the_names(run):
    frame = Results(run.path).warnings()
    assert len(frame) == len(run.versions)
    row, version = frame.iloc[10], run.versions[10]
    assert row["launch_latitude_deg"] == version["launch"]["latitude_deg"]
    assert row["impact_semi_major_m"] == version["impact"]["ellipse_95"]["semi_major_m"]
    assert row["x_m"] == version["state_vector"]["position_m"][0]
    assert row["identity"] == "ballistic-missile"
    assert row["probability"] == 0.97
    assert row["time"] == pd.Timestamp(version["time"])
    assert frame["time"].dt.tz is not None
    assert pd.isna(frame.iloc[0]["impact_latitude_deg"])


def test_tables_come_as_they_are(run):
    results = Results(run.path)
    assert len(results.tracks()) == len(run.tracks)
    assert results.updates()["distance"].to_numpy() == pytest.approx([u["distance"] for u in run.updates])
    assert set(results.truth()["object"]) == {"missile-1"}
    assert results.summary["scans"] == 337
    assert [r["why"] for r in results.rejected()] == ["132 is not in [-90, 90]"]


def test_absent_tables_are_empty_with_their_columns(quiet):
    results = Results(quiet.path)
    assert results.warnings().empty
    assert "impact_bearing_deg" in results.warnings()
    assert list(results.truth().columns) == ["object", "time", "x_m", "y_m", "z_m", "phase"]
    assert results.alerts().empty


def test_sensors_count_what_they_sent(run):
    sensors = Results(run.path).sensors().set_index("id")
    for name in ("geo-1", "radar-1"):
        looks = [m for m in run.messages if m["kind"] == "scan" and m["sensor"] == name]
        assert sensors.loc[name, "looks"] == len(looks)
        assert sensors.loc[name, "detections"] == sum(len(m["detections"]) for m in looks)


def test_alerts_are_read(run):
    alert = Results(run.path).alerts().iloc[0]
    read = [alert[key] for key in ("status", "type", "phase", "version")]
    assert read == ["Exercise", "Alert", "take-shelter", "9"]
    assert alert["warning"] == "W-20260516-0001"
    assert alert["headline"] == "EXERCISE: take shelter <now>"


def test_a_recording_cut_short_is_read_as_far_as_it_goes(run, tmp_path):
    folder = tmp_path / "cut"
    shutil.copytree(run.path, folder)
    path = folder / "recording.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-200])
    assert 0 < len(Results(folder).recorded.looks) < len(Results(run.path).recorded.looks)


def test_bad_lines_in_the_recording_do_no_harm(run, tmp_path):
    folder = tmp_path / "bad"
    shutil.copytree(run.path, folder)
    with gzip.open(folder / "recording.jsonl.gz", "ab") as file:
        file.write(b'not json\n{"kind": "scan", "sensor": 3}\n[]\n')
        file.write(b'{"kind": "scan", "origin": "wrong", "time": "x"}\n')
    recorded = Results(folder).recorded
    assert recorded == Results(run.path).recorded
    assert recorded.origins == ("exercise",)


def test_html_names_every_warning_and_escapes(run):
    text = Results(run.path)._repr_html_()
    assert "W-20260516-0001" in text
    assert "impact" in text


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="--out DIR"):
        Results(tmp_path / "nowhere")


def test_leap_second_is_not_lost():
    assert nanoseconds("2016-12-31T23:59:60.500Z") == nanoseconds("2017-01-01T00:00:00Z") - 1


@pytest.mark.parametrize(
    ("ns", "digits", "text"),
    [(0, 1, "00:00:00.0"), (999_999_999, 1, "00:00:01.0"), (86_399_960_000_000, 1, "00:00:00.0"),
     (1_250_000_000, 3, "00:00:01.250"), (59_499_999_999, 0, "00:00:59")],
)  # fmt: skip
def test_clock_rounds_and_carries(ns, digits, text):
    assert wording.clock(ns, digits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4100, "4.1 km"),
        (999, "999 m"),
        (1040, "1.0 km"),
        (12.34, "12 m"),
        (0, "0 m"),
        (1.2e6, "1,200 km"),
        (None, "–"),
        (np.nan, "–"),
    ],
)
def test_lengths_carry_two_digits_and_a_unit(value, text):
    assert wording.length(value) == text


@pytest.mark.parametrize(
    ("latitude", "longitude", "text"),
    [
        (40.86, 129.67, "40.860° N 129.670° E"),
        (-1, -0.5, "1.000° S 0.500° W"),
        (0, 190, "0.000° N 170.000° W"),
    ],
)
def test_positions_name_their_hemispheres(latitude, longitude, text):
    assert wording.position(latitude, longitude) == text
