"""Runs and recordings from end to end, in this process."""

import json
from pathlib import Path

import pytest

from tocsin import run as chain
from tocsin.cli import main

from .conftest import sound

PLACE = "18.0,-28.7"  # inside the demonstration's first impact area


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "run"
    assert main(["run", "demo", "--out", str(folder), "--quiet"]) == 0
    return folder


def test_run_leaves_the_whole_folder(demo):
    names = {path.name for path in demo.iterdir()}
    assert names == {
        "recording.jsonl.gz", "warnings.jsonl", "events.jsonl", "rejected.jsonl", "alerts", "tracks.parquet",
        "updates.parquet", "truth.parquet", "scene.czml", "report.html", "summary.json", "alerts.geojson",
        "alerts.atom",
    }  # fmt: skip


def test_process_of_its_recording_gives_the_same_warnings(demo, out, capsys):
    recording = str(demo / "recording.jsonl.gz")
    assert main(["process", recording, "--out", str(out), "--place", PLACE, "--no-report"]) == 0
    assert (out / "warnings.jsonl").read_bytes() == (demo / "warnings.jsonl").read_bytes()
    told = capsys.readouterr().out.splitlines()
    story = "\n".join(told)
    for words in ("noticed by geo-", "corroborated by 2", "burnout", "radar radar-1 has it", "closed: impacted",
                  "Alert issued, status Test: take shelter", "left, inside the 9", "; impact "):  # fmt: skip
        assert words in story, words
    assert told[-1] == f"results: {out}"
    assert not (out / "report.html").exists()


def test_a_tocsin_folder_is_replaced_and_pages_drawn(write, out, capsys):
    file = write(sound())
    for _ in range(2):
        assert main(["process", file, "--out", str(out)]) == 0
        assert capsys.readouterr().out.splitlines()[-1] == f"report: {out / 'report.html'}"
    assert (out / "scene.czml").is_file()


def test_a_folder_of_somebody_else_is_left_alone(write, out, capsys):
    out.mkdir()
    (out / "thesis.tex").write_text("ten years of work")
    assert main(["process", write(sound()), "--out", str(out)]) == 2
    assert "not a run's folder" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["thesis.tex"]


def test_a_recording_is_not_replaced_by_its_own_results(demo, capsys):
    recording = demo / "recording.jsonl.gz"
    before = recording.read_bytes()
    assert main(["process", str(recording), "--out", str(demo)]) == 2
    assert "would be replaced" in capsys.readouterr().err
    assert recording.read_bytes() == before


def test_a_place_that_nothing_comes_near_is_told_so(write, out, capsys):
    words = ["process", write(sound()), "--out", str(out), "--no-report", "--place", "-33.9,18.4"]
    assert main(words) == 0
    assert "here: no impact area came near" in capsys.readouterr().out


def test_json_is_the_summary_and_nothing_else(write, out, capsys):
    assert main(["process", write(sound()), "--out", str(out), "--json", "--no-report"]) == 0
    told = capsys.readouterr()
    summary = json.loads(told.out)
    assert told.err == ""
    assert (summary["scans"], summary["warnings"], summary["rejected"]) == (20, 0, 0)
    kept = json.loads((out / "summary.json").read_text())
    assert summary["detections"] == kept["detections"] == 20


def test_quiet_is_errors_only(write, out, capsys):
    assert main(["process", write([*sound(), "nonsense"]), "--out", str(out), "--quiet", "--no-report"]) == 1
    assert capsys.readouterr() == ("", "")


def test_without_out_only_standard_input_is_processed(write, capsys):
    assert main(["process", write(sound())]) == 2
    assert "--out DIR" in capsys.readouterr().err


def test_seed_noise_and_run_change_the_draws_and_reach_the_chain(monkeypatch, out):
    asked = {}

    def run(scenario, folder, **options):
        asked.update(options, scenario=scenario, folder=folder)
        raise KeyboardInterrupt

    monkeypatch.setattr(chain, "run", run)
    words = [
        "run",
        "short",
        "--out",
        str(out),
        "--seed",
        "77",
        "--run",
        "3",
        "--noise",
        "2.5",
        "--confirm",
        "operator",
    ]
    assert main(words) == 130
    assert asked["scenario"].seed == 77
    assert (asked["run"], asked["noise_scale"], asked["confirm"]) == (3, 2.5, "operator")


def test_the_reorder_lag_reaches_the_pipeline(write, out):
    lines = sound()
    lines.append(lines.pop(4))  # the second satellite look arrives 80 s late
    for lag, code in (("2", 1), ("200", 0)):
        words = ["process", write(lines), "--out", str(out), "--no-report", "--quiet", "--reorder-lag", lag]
        assert main(words) == code
    assert json.loads((out / "summary.json").read_text())["late"] == 0


def test_a_signed_policy_confirms_in_its_name(demo, write, out):
    policy = write(b'name = "night"\nsigned_by = ["Ada", "Bo"]\n', "p.toml")
    assert main(["run", "demo", "--out", str(out), "--confirm", "operator", "--quiet", "--no-report"]) == 0
    assert not list((out / "alerts").iterdir())
    recording = write((out / "recording.jsonl.gz").read_bytes(), "b.jsonl.gz")
    words = [
        "process",
        recording,
        "--out",
        str(out),
        "--confirm",
        "auto",
        "--policy",
        policy,
        "--quiet",
        "--no-report",
    ]
    assert main(words) == 0
    alerts = sorted((out / "alerts").iterdir())
    assert alerts
    assert "policy:night" in (out / "warnings.jsonl").read_text()


def test_an_unknown_scenario_lists_those_there_are(out, capsys):
    assert main(["run", "demonstration", "--out", str(out)]) == 2
    assert " demo, " in capsys.readouterr().err


def test_our_own_fault_is_said_in_one_line_unless_debugged(monkeypatch, write, out, capsys):
    def broken(*_, **__):
        raise ZeroDivisionError("float division")

    monkeypatch.setattr(chain, "process", broken)
    file = write(sound())
    assert main(["process", file, "--out", str(out)]) == 4
    told = capsys.readouterr().err
    assert "our fault" in told
    assert len(told.splitlines()) == 1
    assert main(["process", file, "--out", str(out), "--debug"]) == 4
    assert "Traceback" in capsys.readouterr().err


def test_explain_and_report(demo, tmp_path, capsys):
    name = json.loads((demo / "warnings.jsonl").read_text().splitlines()[0])["id"]
    assert main(["explain", str(demo), "--warning", name]) == 0
    told = capsys.readouterr().out
    assert told.startswith(name)
    assert main(["explain", str(demo)]) == 0  # there is only one
    assert capsys.readouterr().out == told
    assert main(["explain", str(demo), "--warning", "W-1"]) == 2
    assert name in capsys.readouterr().err
    page = (demo / "report.html").read_bytes()
    (demo / "report.html").unlink()
    assert main(["report", str(demo), "--picture", str(tmp_path / "p.png")]) == 0
    assert (demo / "report.html").read_bytes() == page
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    assert main(["report", str(tmp_path)]) == 2
    assert "not a run's folder" in capsys.readouterr().err
