"""`tocsin flights`: one published flight is impossible, the others are not."""

import json

import pytest

from tocsin.cli import main


def rows(capsys, *words):
    code = main(["flights", *words, "--json"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_only_what_state_media_said_of_march_2022_is_impossible(capsys):
    code, told = rows(capsys)
    assert code == 0
    assert len(told) == 13
    wrong = [row["name"] for row in told if row["verdict"] != "consistent"]
    assert wrong == ["2022-03-24 state media"]
    by_name = {row["name"]: row for row in told}
    assert by_name["2022-03-24 state media"]["residual_s"] < -50
    residuals = [row["residual_s"] for row in told if row["name"] not in wrong]
    assert all(80 < residual < 280 for residual in residuals)
    assert by_name["2024-10-31"]["arc_s"] == pytest.approx(5021, abs=5)


def test_table_says_what_was_assumed(capsys):
    assert main(["flights"]) == 0
    told = capsys.readouterr().out
    assert told.count("inconsistent as published") == 1
    assert "39.200  125.673, heading  70; assumed: site and heading" in told


def test_own_table_as_csv(capsys, tmp_path):
    mine = tmp_path / "mine.csv"
    mine.write_text(
        "name,range_km,apogee_km,time_s,latitude_deg,longitude_deg,heading_deg\n"
        "quick,998,3724.9,2500,40.6,126.4,70\nflat,15000,20,3000,40.6,126.4,70\n"
    )
    code, told = rows(capsys, str(mine))
    assert code == 0
    assert told[0]["verdict"] == "inconsistent as published"
    assert told[1]["verdict"].startswith("no arc found")
    assert main(["flights", str(mine)]) == 0


def test_bad_tables(capsys, tmp_path):
    assert main(["flights", str(tmp_path / "none.toml")]) == 2
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\xff")
    assert main(["flights", str(tmp_path / "picture.csv")]) == 3
    (tmp_path / "empty.toml").write_text("")
    assert main(["flights", str(tmp_path / "empty.toml")]) == 3
    (tmp_path / "other.toml").write_text("[[launch]]\n")
    assert main(["flights", str(tmp_path / "other.toml")]) == 2
    assert "has no flight" in capsys.readouterr().err
