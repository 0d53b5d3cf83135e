"""`tocsin alert` and `--sign`, `--languages` from end to end, in this process."""

import json
import re
from pathlib import Path

import pytest

from tocsin.cli import main
from tocsin.formats import cap


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys") / "k"
    assert main(["alert", "keys", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory, keys):
    folder = tmp_path_factory.mktemp("signed") / "run"
    words = [
        "run",
        "exercise",
        "--out",
        str(folder),
        "--sign",
        str(keys),
        "--languages",
        "en,de,ja",
        "--no-report",
    ]
    assert main([*words, "--quiet"]) == 0
    return folder


@pytest.fixture(scope="module")
def files(run):
    return sorted(str(file) for file in (run / "alerts").glob("*.xml"))


def test_keys_are_made_once(keys, capsys):
    assert main(["alert", "keys", str(keys)]) == 2
    assert "is there already" in capsys.readouterr().err


def test_alerts_of_a_run_are_valid_and_tied_to_its_warnings(run, files, keys, capsys):
    warnings = str(run / "warnings.jsonl")
    words = ["alert", "verify", *files, "--certificate", str(keys), "--warnings", warnings, "--ipaws"]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(files)
    assert ": valid, Exercise Alert W-20260516-0001.1.exercise of 2026-05-16T00:0" in lines[0]
    assert lines[0].endswith("OU=exercise,O=Tocsin\\, for tests")


def test_every_language_in_every_alert(files):
    for file in files:
        read = cap.read(Path(file).read_bytes())
        assert [info.language for info in read.infos] == ["en", "de", "ja"]


def test_feeds_hold_every_alert(run, files):
    features = json.loads((run / "alerts.geojson").read_text())["features"]
    assert sorted(f["properties"]["cap"] for f in features) == sorted(f[f.index("alerts/") :] for f in files)
    assert all(f["properties"]["signed"] for f in features)
    assert [f["properties"]["superseded_by"] for f in features].count(None) == 1
    assert len(re.findall("<entry>", (run / "alerts.atom").read_text())) == len(files)
    assert not list(run.rglob("*.part"))


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        ("<status>Exercise", "<status>Actual", "signature-invalid"),
        ("EXERCISE", "exercise", "signature-invalid"),
        ("</alert>", "</alert> ", "not-canonical"),
        ("alert", "alerts", "unreadable"),
    ],
)
def test_what_was_changed_is_refused_by_name(files, keys, tmp_path, capsys, was, now, why):
    changed = tmp_path / "a.xml"
    changed.write_bytes(Path(files[0]).read_bytes().replace(was.encode(), now.encode()))
    assert main(["alert", "verify", str(changed), "--certificate", str(keys)]) == 1
    first, second = capsys.readouterr().out.splitlines()[:2]
    assert f"{changed}: INVALID" in first
    assert second.startswith(f"  {why}")


def test_as_json_and_by_another_certificate(files, keys, capsys):
    actual = str(keys / "actual.cert.pem")
    assert main(["alert", "verify", files[0], "--certificate", actual, "--json"]) == 1
    row = json.loads(capsys.readouterr().out)
    assert (row["valid"], row["signed_by"], row["status"]) == (False, None, "Exercise")
    assert row["faults"][0].startswith("certificate-unknown")


def test_expired(files, keys, capsys):
    words = ["alert", "verify", files[0], "--certificate", str(keys), "--now"]
    assert main([*words, "2026-05-16T00:05:00Z"]) == 0
    assert main([*words, "2026-05-17T00:00:00Z"]) == 1
    assert "expired: at 2026-05-16T00:" in capsys.readouterr().out


def test_warnings_of_another_run(files, keys, tmp_path, capsys):
    other = tmp_path / "warnings.jsonl"
    other.write_text("")
    words = ["alert", "verify", files[0], "--certificate", str(keys), "--warnings", str(other)]
    assert main(words) == 1
    assert "stale-area" in capsys.readouterr().out
    other.write_text("no warning\n")
    assert main(words) == 3


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (
            ["alert", "verify", "nowhere.xml", "--certificate", "."],
            2,
            "holds no actual.cert.pem or exercise.cert.pem",
        ),
        (["alert", "verify", "x.xml"], 2, "--certificate"),
        (["alert", "verify", "x.xml", "--certificate", "c", "--now", "noon"], 2, "--now"),
        (["alert"], 2, "VERB"),
        (["run", "short", "--out", "o", "--sign", "nowhere"], 2, "tocsin alert keys DIR makes them"),
        (["run", "short", "--out", "o", "--languages", "en,tlh"], 2, "write some of en,de,ja"),
        (["run", "short", "--out", "o", "--languages", "de,de"], 2, "each once"),
        (["process", "-", "--sign", "k"], 2, "name a folder for them"),
    ],
)
def test_wrong_usage_is_told(words, code, told, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words) == code
    assert told in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_a_file_that_is_not_there(keys, capsys):
    assert main(["alert", "verify", "nowhere.xml", "--certificate", str(keys)]) == 3
    assert "nowhere.xml cannot be read" in capsys.readouterr().err
