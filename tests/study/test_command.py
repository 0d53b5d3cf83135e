"""`tocsin study` as a person types it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin import cli
from tocsin.study.plan import studies

Write = Callable[[str], Path]


def test_without_a_name_it_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["study"]) == 0
    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines()] == list(studies())


def test_a_study_tells_how_it_went_and_where_it_is(
    study_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = str(study_file("runs = 2\n")), str(tmp_path / "o")
    assert cli.main(["study", file, "--out", out, "--workers", "1"]) == 0
    said = capsys.readouterr().out
    assert "Small" in said
    assert "2 runs take about" in said
    assert "of 2 objects: 100.0 % (34.2–100.0) warned" in said
    assert said.rstrip().endswith(f"report: {out}/report.html")
    assert cli.main(["study", file, "--out", out, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "o" / "summary.json").read_text())


def test_only_prints_the_rows_of_one_run(study_file: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["study", str(study_file("runs = 3\n")), "--only", "2"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["run"]["run"] == 2
    assert told["objects"][0]["object"] == "alpha"


def test_failed_runs_give_exit_code_1(
    study_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(study_file("runs = 1\n[grid]\nlaunch.0.range_m = [280_000, 90_000_000]\n"))
    assert cli.main(["study", file, "--out", str(tmp_path / "o"), "--workers", "1", "--quiet"]) == 1
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "1 of 2 runs failed" in streams.err
    assert cli.main(["study", file, "--only", "1"]) == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere", "--out", "o"], 'no study "nowhere"'),
        (["noise"], "--out DIR"),
        (["noise", "--out", "o", "--workers", "0"], "write 1 or more"),
        (["noise", "--only", "-1"], "--only"),
        (["noise", "--only", "200"], "no run 200; runs are 0 to 199"),
    ],
)
def test_bad_words_are_usage(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["study", *words]) == 2
    assert says in capsys.readouterr().err
