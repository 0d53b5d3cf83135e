"""`check` on files of every kind; what it finds in recordings stands in test_bad_input."""

import gzip
import json

import pytest

from tocsin.cli import main
from tocsin.earth.time import parse_utc
from tocsin.formats import cap
from tocsin.messages import Alert

from .conftest import sound

T = parse_utc("2026-05-16T00:05:00Z")


def alert(**fields) -> bytes:
    given = {
        "identifier": "tocsin-1", "sender": "desk@tocsin.invalid", "sent": T, "status": "Test", "msg_type": "Alert",
        "references": (), "warning": "W-20260516-0001", "version": 1, "phase": "advisory", "event": "Missile",
        "urgency": "Immediate", "severity": "Extreme", "certainty": "Likely", "headline": "TEST: h TEST",
        "description": "TEST: d TEST", "instruction": "TEST: i TEST", "expires": T + 3600 * 10**9,
        "impact_earliest": None, "impact_likeliest": None, "impact_latest": None, "area_description": "a",
        "polygon": ((10.0, 20.0), (10.0, 21.0), (11.0, 21.0), (10.0, 20.0)), "origin": "test",
    }  # fmt: skip
    return cap.write(Alert(**given | fields))


def test_a_sound_recording_is_clean_packed_or_not(write, capsys):
    text = "".join(f"{json.dumps(line)}\n" for line in sound()).encode()
    assert main(["check", write(text), write(gzip.compress(text), "b.jsonl")]) == 0
    assert capsys.readouterr().out == "2 files checked: nothing found\n"


def test_findings_as_json(write, capsys):
    file = write([*sound(), "nonsense"])
    assert main(["check", file, "--json"]) == 1
    (found,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert found["place"] == {"file": file, "line": 23}
    assert found["severity"] == "error"


def test_an_alert_is_held_to_the_rules(write, capsys):
    clean = alert()
    faults = cap.validate(clean)
    code = main(["check", write(clean, "a.xml")])
    assert code == (1 if faults else 0)
    capsys.readouterr()
    late = write(alert(expires=T - 10**9), "b.xml")
    assert main(["check", late]) == 1
    assert f"{late}: error: expires: " in capsys.readouterr().out
    assert main(["check", write(b"<alert", "c.xml")]) == 1


def test_a_launch_that_cannot_be_flown_is_found(write, capsys):
    assert main(["new", "scenario", "x", "--out", "-"]) == 0
    text = capsys.readouterr().out.replace("1_200_000", "19_000_000")
    file = write(text.encode(), "x.toml")
    assert main(["check", file]) == 1
    assert "[launch][0]" in capsys.readouterr().out


def test_a_network_says_whence_its_figures_are(write, capsys):
    file = write(b'title = "mine"\n[[sensor]]\nid = "r"\ntype = "radar"\n', "n.toml")
    assert main(["check", file]) == 1
    assert "source" in capsys.readouterr().out


@pytest.mark.parametrize(("data", "words"), [(b"", "is empty"), (b" \n ", "is empty")])
def test_empty_files_are_unreadable(data, words, write, capsys):
    for name in ("a.toml", "a.jsonl", "a.xml"):
        assert main(["check", write(data, name)]) == 3
        assert words in capsys.readouterr().err


def test_what_is_not_there_or_a_folder_is_unreadable_and_the_rest_is_checked(write, tmp_path, capsys):
    file = write([*sound(), "nonsense"])
    assert main(["check", "nowhere.jsonl", str(tmp_path), file]) == 3
    told = capsys.readouterr()
    assert told.err.count("cannot be read") == 2
    assert f"{file}:23" in told.out
    assert "3 files checked: 1 error" in told.out


def test_text_that_is_not_utf_8(write, capsys):
    assert main(["check", write("title = 'é'".encode("latin-1"), "a.toml")]) == 1
    assert "not UTF-8" in capsys.readouterr().out
