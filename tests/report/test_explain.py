"""`explain` tells each update with its detection, its residual and what it changed."""

import re

import numpy as np
import pytest

from tocsin.errors import ConfigError
from tocsin.report.explain import explain, residual, square

ID = "W-20260516-0001"


def test_a_row_for_each_update_and_each_version(run):
    text = explain(run.path, ID)
    rows = re.findall(r"\d\d:\d\d:\d\d\.\d{3}  (?:geo|radar)-\d", text)
    assert len(rows) == len(run.updates)
    numbers = re.findall(r"^ *(\d+)  06:", text, re.M)
    assert numbers == [str(v["version"]) for v in run.versions]


def test_a_row_says_sensor_detection_residual_gate_and_distance(run):
    text = explain(run.path, ID)
    for update in (run.updates[5], run.updates[40]):
        row = next(line for line in text.splitlines() if re.match(rf" *{update['version']}  06:", line))
        assert f"{update['sensor']} " in row
        z = update["residual"]
        infrared = f"{z[0] * 1e6:+.1f} {z[1] * 1e6:+.1f} µrad"
        said = infrared if len(z) == 2 else f"{z[0]:+.1f} m {np.degrees(z[1]):+.3f}°"
        assert said in row
        assert f"{update['distance']:.2f}" in row
        assert f"{update['gate']:.1f}" in row


def test_says_what_changed(run):
    text = explain(run.path, ID)
    assert "state detected → corroborated" in text
    assert "phase boost → coast; radar-1 joins" in text
    assert "outcome impacted" in text
    assert "impact known to ±134 × 40 km" in text


def test_tells_steps_and_log(run):
    text = explain(run.path, ID)
    assert "static 4, flash 11" in text
    assert "glint" not in text
    assert "cue to radar-1: azimuth 251.3°" in text
    assert "exercise-blocked" in text
    assert "1 rejected, 3 late, 2 duplicates" in text


def test_columns_stand_under_their_heads(run):
    lines = explain(run.path, ID).splitlines()
    head = next(line for line in lines if line.startswith("ver"))
    column = head.index("sensor")
    for line in lines[lines.index(head) + 2 :][:40]:
        assert line[column:].startswith(("geo", "radar", " "))


def test_an_unknown_warning_lists_those_there_are(raid, quiet):
    with pytest.raises(ConfigError, match="W-20260516-0001, W-20260516-0002, W-20260516-0003"):
        explain(raid.path, "W-1")
    with pytest.raises(ConfigError, match="no warning at all"):
        explain(quiet.path, "W-1")


def test_only_its_own_updates_are_told(raid):
    text = explain(raid.path, "W-20260516-0002")
    own = sum(u["warning"] == "W-20260516-0002" for u in raid.updates)
    assert len(re.findall(r"^ {0,4}\d* *\d\d:\d\d:\d\d\.\d{3}  (?:geo|radar)", text, re.M)) == own


def test_residuals_carry_their_units():
    assert residual(np.array([12e-6, -3e-6]), [4e-10, 0, 0, 9e-10]) == ("+12.0 -3.0 µrad", "20.0 30.0 µrad")
    first, second = residual(np.array([10.0, 0.001, -0.002, 3.0]), np.diag([4.0, 1e-6, 4e-6, 0.25]).ravel())
    assert first == "+10.0 m +0.057° -0.115° +3.0 m/s"
    assert second == "2.0 m 0.057° 0.115° 0.5 m/s"


def test_a_covariance_of_an_unknown_shape_is_not_guessed():
    assert np.isnan(square([1.0, 2.0, 3.0], 2)).all()
