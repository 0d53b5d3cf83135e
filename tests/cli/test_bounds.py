"""`tocsin bounds` and `tocsin horizon` as a person calls them."""

import json

import pandas as pd
import pytest

from tocsin.cli import main
from tocsin.study.tables import OBJECTS


def test_the_table_of_r9(capsys) -> None:
    assert main(["bounds", "r9"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 17
    assert told[7].split() == [
        "short",
        "2",
        "30",
        "10",
        "3",
        "1.79",
        "(1.79)",
        "3.1",
        "(3.1)",
        "7.36",
        "(7.3)",
    ]
    assert main(["bounds", "r9", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 15
    for row in rows:
        assert row["bound"]["launch_km"] == pytest.approx(row["table"]["launch_km"], rel=0.03)


def test_the_table_of_r10(capsys) -> None:
    assert main(["horizon"]) == 0
    told = capsys.readouterr().out
    assert "what is 1,000 km high is seen within 3,389 km (3,820 km)" in told
    assert "5,000 km away what is seen is 1,931 km high or higher" in told
    assert main(["horizon", "demo", "--elevation", "5", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert (rows["elevation_deg"], rows["heights"][0]["range_m"]) == (5.0, 1_000_000)
    assert [(r["radar"], r["range_m"], r["elevation_deg"]) for r in rows["radars"]] == [
        ("radar-1", 2.5e6, 2.0)
    ]


@pytest.fixture
def study_folder(tmp_path):
    """Write the table of a study of three runs whose errors are known."""
    rows = [
        {"run": i, "object": "alpha", "launch_error_m": 3000.0 + i, "launch_time_error_s": (-1) ** i * 4.0,
         "impact_error_m": e, "impact_time_error_s": None}
        for i, e in enumerate((300.0, 400.0, None))
    ]  # fmt: skip
    pd.DataFrame(rows, columns=OBJECTS.names).to_parquet(tmp_path / "objects.parquet")
    return tmp_path


def test_a_scenarios_bounds_and_a_studys_errors(study_folder, capsys) -> None:
    picture = study_folder / "b.svg"
    assert main(["bounds", "demo", "--against", str(study_folder), "--picture", str(picture)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[2].startswith("alpha, medium-range")
    assert told[3].split()[:3] == ["satellites", "12", "103"]
    assert told[5].split() == ["errors", "of", "the", "estimates", "3.00", "km", "4.00", "s", "354", "m", "–"]
    assert "<svg" in picture.read_text(encoding="utf-8")
    assert main(["bounds", "demo", "--against", str(study_folder), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["launches"]
    assert row["errors"]["impact_m"] == pytest.approx(
        ((300**2 + 400**2) / 2) ** 0.5, rel=1e-5
    )  # six digits are written
    assert row["errors"]["impact_time_s"] is None
    assert len(row["all"]) > len(row["infrared"]) == 12
    assert row["all"][0]["launch_m"] is None, "one look bounds nothing"
    assert row["all_biased"] == []


def test_a_runs_errors_over_time(tmp_path, capsys) -> None:
    assert main(["run", "demo", "--out", str(tmp_path / "run"), "--no-report", "--quiet"]) == 0
    summary = json.loads((tmp_path / "run" / "summary.json").read_text(encoding="utf-8"))
    picture = tmp_path / "b.png"
    assert (
        main(["bounds", "demo", "--against", str(tmp_path / "run"), "--picture", str(picture), "--json"]) == 0
    )
    (row,) = json.loads(capsys.readouterr().out)["launches"]
    assert row["errors"]["launch_m"] == pytest.approx(summary["objects"][0]["launch_error_m"], rel=0.01)
    assert row["errors"]["impact_m"] == pytest.approx(
        summary["objects"][0]["impact_error_m"], rel=0.01, abs=1.0
    )
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["bounds", "nowhere"], 'no scenario "nowhere"'),
        (["bounds", "quiet"], "no [[launch]], so there is nothing to bound"),
        (["bounds", "r9", "--picture", "a.png"], "--against and --picture go with a scenario"),
        (["bounds", "demo", "--against", "."], "neither a run's folder"),
        (["bounds", "demo", "--picture", "a.gif"], "ending in .png or .svg"),
        (["horizon", "nowhere"], 'no network "nowhere"'),
        (["horizon", "--elevation", "91"], "write an elevation in degrees, 0 to 90"),
    ],
)
def test_bad_input_is_told(words, why, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    assert why in capsys.readouterr().err
