"""Ten ways to make an exercise into something live (1979, 2018).

None gives an alert that verifies as `Actual`; each is told by a named event or by the name of what is wrong with it.
"""

import json
import re
from datetime import UTC, datetime
from zlib import crc32

import pytest
from lxml import etree
from msgspec.structs import replace
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from tocsin.cli import main
from tocsin.formats.jsonl import encode_recorded
from tocsin.journal import arrival
from tocsin.messages import SECOND, Decision, Instant, Scan
from tocsin.run import signing


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    signing.make_keys(folder, datetime(2026, 5, 1, tzinfo=UTC))
    return folder


@pytest.fixture(scope="module")
def exercise(exercise_run):
    """The recording of an exercise up to its first alerts, with the decisions of two people."""
    messages = [m for m in exercise_run.messages if not isinstance(m, Decision)]
    (made,) = [m for m in exercise_run.messages if isinstance(m, Decision)]
    people = [
        replace(made, by=name, time=Instant(made.time + k * SECOND), received=Instant(made.time + k * SECOND))
        for k, name in enumerate(("anna", "ben"))
    ]
    end = made.time + 40 * SECOND
    return sorted((m for m in [*messages, *people] if arrival(m) < end), key=arrival)


@pytest.fixture(scope="module")
def alerts(exercise_run, keys):
    """The exercise's alerts, signed as they should be."""
    key = signing.load_keys(keys)["exercise"]
    return [signing.sign(file.read_bytes(), key) for file in exercise_run.alerts]


@pytest.fixture
def played(tmp_path, keys):
    """Process lines with all keys at hand, and give the names of all events and the statuses of what verifies."""

    def play(lines):
        file, out = tmp_path / "recording.jsonl", tmp_path / "out"
        file.write_bytes(b"\n".join(lines) + b"\n")
        main(["process", str(file), "--out", str(out), "--sign", str(keys), "--no-report", "--quiet"])
        events = [json.loads(line) for line in (out / "events.jsonl").read_bytes().splitlines()]
        rejected = [json.loads(line) for line in (out / "rejected.jsonl").read_bytes().splitlines()]
        names = [e["name"] for e in events if e["kind"] == "event-log"] + [r["field"] for r in rejected]
        good = [f.read_bytes() for f in sorted((out / "alerts").glob("*.xml"))]
        return names, [actual(data, keys) for data in good]

    return play


def pinned(folder):
    return [signing.load_certificate(file) for file in sorted(folder.glob("*.cert.pem"))]


def actual(data, folder):
    """Say whether a file verifies as Actual, which none may."""
    verdict = signing.verify(data, pinned(folder))
    return verdict.valid and verdict.alert is not None and verdict.alert.status == "Actual"


def lines(messages):
    return [encode_recorded(message) for message in messages]


def names(data, folder):
    assert not actual(data, folder)
    return [fault.partition(":")[0] for fault in signing.verify(data, pinned(folder)).faults]


def test_1_the_file_put_before_the_live_desk(exercise, played):
    """Two people take the exercise for real and confirm it as live."""
    told, out = played(lines([replace(m, origin="live") if isinstance(m, Decision) else m for m in exercise]))
    assert told.count("exercise-blocked") == 2
    assert out == []


def test_2_the_tape_relabelled_from_end_to_end(exercise, played):
    """Every origin edited to live, decisions too: the desk cannot know, the signer does: it is not of today."""
    told, out = played([line.replace(b'"exercise"', b'"live"') for line in lines(exercise)])
    assert len(out) > 0
    assert told.count("replay-not-signed") == len(out)
    assert not any(out)


def test_3_a_mixed_recording(exercise, played):
    """The exercise's decisions beside a live sky: they name a live warning and are of an exercise."""
    sky = [m if isinstance(m, Decision) else replace(m, origin="live") for m in exercise]
    told, out = played(lines(sky))
    assert told.count("exercise-blocked") == 2
    assert out == []


def test_4_a_line_whose_origin_was_edited(exercise, played):
    """A line that carries its checksum does not survive the edit."""
    told, out = played([signed_line(line).replace(b'"exercise"', b'"live"') for line in lines(exercise[:40])])
    assert told.count("crc32") == 40
    assert out == []


def signed_line(line):
    """Put the checksum of a line into it, as `formats.md` says: of the line without that field."""
    return line[:-1] + b',"crc32":%d}' % crc32(line)


def test_5_no_origin_at_all(exercise, played):
    told, out = played([re.sub(rb'"origin":"exercise",?', b"", line) for line in lines(exercise[:40])])
    assert told.count("origin") == 40
    assert out == []


def test_6_looks_slipped_in_for_live_ones(exercise, played):
    """The exercise's looks of a sensor and time that live had already: not the same content, so refused."""
    scans = [m for m in exercise if isinstance(m, Scan)]
    empty = [replace(m, origin="live", detections=()) for m in scans[:200]]
    forged = [replace(m, origin="live") for m in scans[:200] if m.detections]
    sensors = [replace(m, origin="live") for m in exercise if m.__class__.__name__ == "Sensor"]
    told, out = played(
        lines([*sensors, *(m for pair in zip(empty, empty, strict=True) for m in pair), *forged])
    )
    assert told.count("time") == len(forged) > 0
    assert out == []


def test_7_the_status_edited_in_the_alert(alerts, keys):
    for data in alerts:
        edited = data.replace(b"<status>Exercise", b"<status>Actual")
        assert names(edited, keys) == ["signature-invalid"]
        unsigned = re.sub(rb"<ds:Signature .*</ds:Signature>", b"", edited, flags=re.DOTALL)
        assert names(unsigned, keys) == ["unsigned"]


def _real(data):
    """Make of an exercise's alert what the real one would be, word for word, without signature."""
    text = re.sub(rb"<ds:Signature .*</ds:Signature>", b"", data, flags=re.DOTALL)
    text = (
        text.replace(b"<status>Exercise", b"<status>Actual")
        .replace(b"EXERCISE: ", b"")
        .replace(b" EXERCISE", b"")
    )
    text = re.sub(rb"\s*<restriction>.*?</restriction>|\s*<note>.*?</note>", b"", text)
    return text.replace(b"<scope>Restricted", b"<scope>Public")


def _signed(data, key):
    signer = XMLSigner(
        signature_algorithm=SignatureMethod.ECDSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    root = signer.sign(etree.fromstring(data), key=key.private, cert=[key.certificate])
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, method="c14n") + b"\n"


def test_8_signed_with_the_key_for_exercises(alerts, keys):
    key = signing.load_keys(keys)["exercise"]
    for data in alerts:
        assert names(_signed(_real(data), key), keys) == ["wrong-key"]


def test_9_an_old_key(alerts, keys, tmp_path):
    """A key for Actual that was retired, whether it is still pinned or not."""
    signing.make_keys(tmp_path, datetime(2024, 1, 1, tzinfo=UTC))
    key = signing.load_keys(tmp_path)["actual"]
    for data in alerts:
        forged = _signed(_real(data), key)
        assert names(forged, keys) == ["certificate-unknown"]
        assert "certificate-expired" in names(forged, tmp_path)


def test_10_on_the_machine_for_exercises(exercise, keys, tmp_path):
    """There is no key for Actual there, so that nothing done on it can be signed as Actual, not even in time."""
    alone, file, out = tmp_path / "alone", tmp_path / "today.jsonl", tmp_path / "out"
    alone.mkdir()
    for name in ("exercise.key.pem", "exercise.cert.pem"):
        (alone / name).write_bytes((keys / name).read_bytes())
    file.write_bytes(b"\n".join(line.replace(b'"exercise"', b'"live"') for line in lines(exercise)) + b"\n")
    main(["process", str(file), "--out", str(out), "--sign", str(alone), "--no-report", "--quiet"])
    files = sorted((out / "alerts").glob("*.xml"))
    assert files
    assert (out / "events.jsonl").read_bytes().count(b'"key-missing"') == len(files)
    assert all(names(f.read_bytes(), keys) == ["unsigned"] for f in files)
