"""Every bad input of the issue: a clear message with the place, nothing else lost, the right exit code."""

import copy
import gzip
import json

import pytest

from tocsin.cli import main

from .conftest import infrared, plot, radar, sight, sound

LOOKS = 20


def spoilt(line: int, **fields) -> list:
    """The sound recording with fields of one line (counted from 1) set; a value of ... leaves one out."""
    lines = copy.deepcopy(sound())
    target = lines[line - 1]
    for name, value in fields.items():
        owner = target["detections"][0] if name in target.get("detections", [{}])[:1][0] else target
        if value is ...:
            del owner[name]
        else:
            owner[name] = value
    return lines


def inserted(line: int, new) -> list:
    lines = sound()
    lines.insert(line - 1, new)
    return lines


FUTURE = "2031-05-16T00:00:40.000Z"

# name: (lines, line of the rejected one, its field, words of the reason, looks that are still used)
REJECTED = {
    "not JSON": (inserted(5, "radar says hello"), 5, "", "not JSON", LOOKS),
    "half a line": (inserted(5, '{"kind": "scan", "origin": "te'), 5, "", "not JSON", LOOKS),
    "missing field": (spoilt(6, duration_s=...), 6, "duration_s", "missing", LOOKS - 1),
    "missing origin": (spoilt(6, origin=...), 6, "origin", "required", LOOKS - 1),
    "NaN": (spoilt(6, range_m=float("nan")), 6, "range_m", "NaN", LOOKS - 1),
    "infinite": (spoilt(7, declination_deg=float("inf")), 7, "declination_deg", "infinity", LOOKS - 1),
    "latitude 132": (
        inserted(3, radar(id="radar-2", latitude_deg=132.0)), 3, "latitude_deg", "at most 90", LOOKS,
    ),
    "negative sigma": (inserted(3, infrared(id="geo-2", los_sigma_urad=-30.0)), 3, "los_sigma_urad", "above 0", LOOKS),
    "time years ahead": (inserted(9, sight(35.0, time=FUTURE, detections=[])), 9, "time", "past the clock", LOOKS),
    "unknown sensor": (spoilt(6, sensor="radar-11"), 6, "sensor", "radar-11", LOOKS),
    "sensor redefined midway": (inserted(9, infrared(los_sigma_urad=60.0)), 9, "id", "geo-1", LOOKS),
}  # fmt: skip


@pytest.mark.parametrize("name", REJECTED)
def test_a_bad_line_is_told_with_its_place_and_nothing_else_is_lost(name, write, out, capsys):
    lines, line, field, why, looks = REJECTED[name]
    file = write(lines)
    assert main(["process", file, "--out", str(out), "--no-report"]) == 1
    (rejected,) = [json.loads(text) for text in (out / "rejected.jsonl").read_text().splitlines()]
    assert (rejected["file"], rejected["line"]) == (file, line)
    assert rejected["field"].rpartition(".")[2] == field
    assert why in rejected["why"]
    told = capsys.readouterr().out
    assert f"{file}:{line}" in told
    summary = json.loads((out / "summary.json").read_text())
    assert summary["rejected"] == 1
    counted = LOOKS + 1 if name == "time years ahead" else looks
    assert summary["scans"] == counted  # read and given to the pipeline, which refused one of them there


@pytest.mark.parametrize("name", REJECTED)
def test_check_finds_it_too(name, write, capsys):
    lines, line, *_ = REJECTED[name]
    file = write(lines)
    assert main(["check", file]) == 1
    told = capsys.readouterr().out.splitlines()
    assert any(text.startswith(f"{file}:{line}: ") for text in told), told


def test_a_scan_before_its_sensor_is_rejected_when_its_turn_comes(write, out):
    lines = [radar(), sight(0.0), *[plot(3.0 * k) for k in range(5)], infrared(), sight(20.0)]
    file = write(lines)
    assert main(["process", file, "--out", str(out), "--no-report", "--quiet"]) == 1
    (rejected,) = [json.loads(text) for text in (out / "rejected.jsonl").read_text().splitlines()]
    assert (rejected["line"], rejected["field"]) == (2, "sensor")
    assert main(["check", file]) == 1


def test_check_asks_whether_small_angles_are_radians(write, capsys):
    lines = sound()
    for look in lines[2::2]:
        for seen in look["detections"]:
            seen["right_ascension_deg"], seen["declination_deg"] = 3.05, 0.02
    file = write(lines)
    assert main(["check", file]) == 1
    told = capsys.readouterr().out
    assert "radians?" in told
    assert "degrees" in told
    assert "geo-1" in told


def test_an_empty_file_is_unreadable(write, out, capsys):
    file = write(b"")
    assert main(["process", file, "--out", str(out)]) == 3
    assert f"{file} is empty" in capsys.readouterr().err
    assert main(["check", file]) == 3


@pytest.mark.parametrize("keep", [0.5, 0.9])
def test_a_truncated_gzip_is_processed_as_far_as_it_goes(keep, write, out, capsys):
    lines = [*sound()[:2], *[look(2.0 * k) for k in range(100, 500) for look in (sight, plot)]]
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    packed = gzip.compress(text.encode(), mtime=0)
    file = write(packed[: int(len(packed) * keep)], "a.jsonl.gz")
    assert main(["process", file, "--out", str(out)]) == 3
    told = capsys.readouterr()
    assert "cut short after line" in told.err
    scans = json.loads((out / "summary.json").read_text())["scans"]
    assert 0 < scans < 800
    assert (out / "report.html").is_file()
    assert main(["check", file]) == 3
    assert "cut short after line" in capsys.readouterr().err


def test_what_is_no_text_is_unreadable(write, out, capsys):
    file = write(bytes(range(256)) * 10, "a.jsonl")
    assert main(["process", file, "--out", str(out)]) == 3
    assert "not a recording" in capsys.readouterr().err


def test_a_file_that_is_not_there_leaves_an_earlier_run_alone(write, out, capsys):
    assert main(["process", write(sound()), "--out", str(out), "--no-report"]) == 0
    before = (out / "summary.json").read_bytes()
    assert main(["process", "nowhere.jsonl", "--out", str(out)]) == 3
    assert "nowhere.jsonl is not there" in capsys.readouterr().err
    assert (out / "summary.json").read_bytes() == before


def test_a_misspelt_key_names_the_one_that_was_meant(write, tmp_path, out, capsys):
    assert main(["new", "scenario", "x", "--out", str(tmp_path / "x.toml")]) == 0
    text = (tmp_path / "x.toml").read_text().replace("azimuth_deg", "azimut_deg")
    file = write(text.encode(), "y.toml")
    for command in (["run", file, "--out", str(out)], ["check", file]):
        code = main(command)
        told = capsys.readouterr()
        assert code == (2 if command[0] == "run" else 1)
        assert 'did you mean "azimuth_deg"?' in told.out + told.err
        assert "[launch][0]" in told.out + told.err
        assert file in told.out + told.err
    assert not out.exists()


def test_many_bad_lines_are_told_once_and_all_counted(write, out, capsys):
    file = write([*sound(), *["nonsense"] * 40])
    assert main(["process", file, "--out", str(out), "--no-report"]) == 1
    told = capsys.readouterr().out
    assert told.count("REJECTED") == 6
    assert "further ones are counted" in told
    assert json.loads((out / "summary.json").read_text())["rejected"] == 40
