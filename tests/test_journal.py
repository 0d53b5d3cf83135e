"""Recordings as files: whole, compressed, merged, damaged."""

import gzip
import io
import json
import os
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin import journal
from tocsin.errors import InputError
from tocsin.formats import jsonl
from tocsin.messages import SECOND, Instant, Place, Rejected, Sensor, Status

START = 1_778_889_649 * SECOND
DAY = 86_400


def status(seconds: float, name: str = "a", received: float | None = None) -> Status:
    arrived = None if received is None else Instant(START + round(received * SECOND))
    return Status(
        origin="test",
        sensor=name,
        time=Instant(START + round(seconds * SECOND)),
        state="ok",
        received=arrived,
    )


def sensor(name: str) -> Sensor:
    return Sensor(origin="test", id=name, type="infrared", los_sigma_urad=30.0)


def text(*messages) -> bytes:
    return b"".join(jsonl.encode_recorded(message) + b"\n" for message in messages)


def read(*paths) -> list:
    return [message for message, _ in journal.read(paths)]


def read_until_fault(*paths) -> tuple[list, str]:
    messages = []
    with pytest.raises(InputError) as fault:
        messages.extend(message for message, _ in journal.read(paths))
    return messages, str(fault.value)


MANY = [status(i, f"s{i}") for i in range(3000)]


def test_lines_that_name_another_kind_are_passed_over_but_count_as_lines(tmp_path):
    escaped = text(status(2, "b")).replace(b'"status"', b'"stat\\u0075s"')
    (tmp_path / "a.jsonl").write_bytes(text(sensor("a"), status(1)) + escaped + b"no JSON\n")
    found = list(journal.read([tmp_path / "a.jsonl"], kind="status"))
    assert [message for message, _ in found] == [status(1), status(2, "b")]
    assert [place.line for _, place in found] == [2, 3]
    assert not list(journal.read([tmp_path / "a.jsonl"], kind="decision"))[
        1:
    ]  # the escaped line, looked into


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"])
def test_what_is_written_is_read(tmp_path, name):
    with journal.Writer(tmp_path / name) as writer:
        for message in MANY:
            writer.append(message)
    found = list(journal.read([tmp_path / name]))
    assert [message for message, _ in found] == MANY
    assert [place for _, place in found][:2] == [
        Place(str(tmp_path / name), 1),
        Place(str(tmp_path / name), 2),
    ]
    if name.endswith(".gz"):
        assert gzip.decompress((tmp_path / name).read_bytes()) == text(*MANY)


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_the_same_messages_are_the_same_bytes(tmp_path, ending):
    written = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        with journal.Writer(tmp_path / folder / f"{folder}.jsonl{ending}") as writer:
            for message in MANY[:50]:
                writer.append(message)
        written.append((tmp_path / folder / f"{folder}.jsonl{ending}").read_bytes())
    assert written[0] == written[1]


def test_compression_is_told_by_content(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(gzip.compress(text(*MANY)))
    (tmp_path / "b.jsonl.gz").write_bytes(text(*MANY))
    assert read(tmp_path / "a.jsonl") == read(tmp_path / "b.jsonl.gz") == MANY


def test_streams_one_after_another_are_one_recording(tmp_path):
    half = text(*MANY[:1500]), text(*MANY[1500:])
    (tmp_path / "a.gz").write_bytes(gzip.compress(half[0]) + gzip.compress(half[1]) + b"\0" * 700)
    (tmp_path / "a.zst").write_bytes(zstandard.compress(half[0]) + zstandard.compress(half[1]))
    assert read(tmp_path / "a.gz") == MANY
    assert read(tmp_path / "a.zst") == MANY


def test_bad_lines_are_rejected_with_their_place_and_nothing_else_is_lost(tmp_path):
    lines = text(*MANY[:3]).splitlines()
    lines[1:1] = [b"", b"  ", b"nonsense", b'{"kind":"status"}', b"\xff\xfe\xff"]
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(lines))
    found = list(journal.read([tmp_path / "a.jsonl"]))
    assert [m for m, _ in found if isinstance(m, Status)] == MANY[:3]
    rejected = [m for m, _ in found if isinstance(m, Rejected)]
    assert [(r.line, r.field) for r in rejected] == [(4, ""), (5, "origin"), (6, "")]
    assert all(r.file == str(tmp_path / "a.jsonl") for r in rejected)


def test_lines_too_long_are_rejected_and_not_held(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "LONGEST_LINE", 2**20)
    long = b'{"x":"' + b"y" * 2**21 + b'"}\n'
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(text(MANY[0]) + long + text(MANY[1]) + long.rstrip()))
    first, second, third, fourth = read(tmp_path / "a.jsonl.gz")
    assert (first, third) == (MANY[0], MANY[1])
    assert (second.line, second.why) == (2, "the line is longer than 1 MB")
    assert fourth.line == 4


@pytest.mark.parametrize("keep", [0.99, 0.3])
def test_a_truncated_gzip_gives_all_that_precedes_the_cut(tmp_path, keep):
    whole = gzip.compress(text(*MANY))
    cut = whole[: int(len(whole) * keep)]
    (tmp_path / "a.jsonl.gz").write_bytes(cut)
    messages, fault = read_until_fault(tmp_path / "a.jsonl.gz")
    # the oracle: what the standard library's own stream gives when asked byte by byte
    stream, held = gzip.GzipFile(fileobj=io.BytesIO(cut)), b""
    with pytest.raises(EOFError):
        while byte := stream.read(1):
            held += byte
    usable = [m for m in messages if not isinstance(m, Rejected)]
    assert usable == MANY[: len(usable)]
    assert len(usable) >= held.count(b"\n") > 0
    assert f"a.jsonl.gz is cut short after line {len(messages)}; what was read was processed" in fault


def test_a_truncated_zstandard_gives_what_precedes_the_cut(tmp_path):
    whole = zstandard.compress(text(*[status(i * 7.1, os.urandom(8).hex()) for i in range(9000)]))
    (tmp_path / "a.jsonl.zst").write_bytes(whole[: len(whole) // 2])
    messages, fault = read_until_fault(tmp_path / "a.jsonl.zst")
    assert len(messages) > 1000
    assert "cut short after line" in fault


def test_a_damaged_gzip_gives_what_precedes_the_damage(tmp_path):
    whole = bytearray(gzip.compress(text(*MANY)))
    middle = len(whole) // 2
    whole[middle : middle + 64] = b"\xff" * 64
    (tmp_path / "a.jsonl.gz").write_bytes(whole)
    messages, fault = read_until_fault(tmp_path / "a.jsonl.gz")
    assert len(messages) > 1000
    assert messages[:1000] == MANY[:1000]
    assert "damaged after line" in fault


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_file_whatever_raises_anything_but_input_errors(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("fuzz") / "a"
    whole = text(*MANY[:40])
    packed = bytearray(
        data.draw(st.sampled_from([whole, gzip.compress(whole, mtime=0), zstandard.compress(whole)]))
    )
    for _ in range(data.draw(st.integers(1, 4))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(packed[: data.draw(st.integers(0, len(packed)))])
    try:
        read(path)
    except InputError as error:
        assert str(path) in str(error)


BAD_FILES = {
    "empty": (b"", "is empty"),
    "blank": (b"\n\n  \n", "is empty"),
    "empty gzip": (gzip.compress(b""), "is empty"),
    "gzip of one byte": (b"\x1f", "not a recording|is empty"),
    "head of a gzip": (b"\x1f\x8b\x08", "cut short after line 0"),
    "no gzip after all": (b"\x1f\x8bhello, world, this is no gzip", "damaged after line 0"),
    "binary": (bytes(range(256)) * 40, "not a recording: it holds binary data"),
    "UTF-16": ('{"kind": "scan"}\n'.encode("utf-16"), "UTF-16 text; write UTF-8"),
    "binary in gzip": (gzip.compress(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "binary data"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_files_that_are_no_recordings_are_input_errors(tmp_path, name):
    content, why = BAD_FILES[name]
    (tmp_path / "a.jsonl").write_bytes(content)
    if name == "gzip of one byte":
        assert [type(m) for m in read(tmp_path / "a.jsonl")] == [Rejected]
        return
    messages, fault = read_until_fault(tmp_path / "a.jsonl")
    assert why in fault
    assert messages == []


def test_files_that_are_not_there_are_told_at_once(tmp_path):
    for path, why in ((tmp_path / "none.jsonl", "is not there"), (tmp_path, "is a directory")):
        with pytest.raises(InputError, match=why):
            journal.read([path])
    with pytest.raises(InputError, match="no recording"):
        journal.read([])


# ---------------------------------------------------------------------------------------------------- merging


def write(path, *messages):
    path.write_bytes(text(*messages))
    return path


def test_files_merge_by_arrival_and_keep_their_own_order(tmp_path):
    one = write(tmp_path / "1", sensor("a"), status(0), status(4), status(9))
    two = write(
        tmp_path / "2", sensor("b"), status(2, "b"), status(3, "b", received=5), sensor("c"), status(7, "b")
    )
    names = [(getattr(m, "id", None), getattr(m, "time", START) - START) for m in read(one, two)]
    assert [n if n else t // SECOND for n, t in names] == ["a", 0, "b", 2, 4, 3, "c", 7, 9]


@given(st.lists(st.lists(st.integers(0, 10_000), max_size=12), min_size=2, max_size=4))
@settings(deadline=None)
def test_merging_sorted_files_sorts(tmp_path_factory, times):
    folder = tmp_path_factory.mktemp("merge")
    files = [
        write(folder / str(i), *(status(t, f"s{i}") for t in sorted(ts))) for i, ts in enumerate(times) if ts
    ]
    if not files:
        return
    merged = [m.time for m in read(*files)]
    assert merged == sorted(START + t * SECOND for ts in times for t in ts)


@pytest.mark.parametrize("where", [0, 1, 3])
def test_one_wrong_clock_does_not_hold_back_its_file(tmp_path, where):
    ours = [status(t) for t in (0, 2, 4, 6)]
    ours.insert(where, status(5 * 365 * DAY, "wrong"))
    one = write(tmp_path / "1", *ours)
    two = write(tmp_path / "2", *(status(t, "b") for t in (1, 3, 5, 7)))
    merged = [m for m in read(one, two) if m.sensor != "wrong"]
    assert [(m.time - START) // SECOND for m in merged] == list(range(8))


def test_a_gap_of_days_is_believed_once_confirmed(tmp_path):
    one = write(tmp_path / "1", *(status(t) for t in (0, 1, 3 * DAY, 3 * DAY + 2)))
    two = write(tmp_path / "2", *(status(t, "b") for t in (2, DAY, 3 * DAY + 1, 3 * DAY + 3)))
    merged = [(m.time - START) // SECOND for m in read(one, two)]
    assert merged == [0, 1, 2, DAY, 3 * DAY, 3 * DAY + 1, 3 * DAY + 2, 3 * DAY + 3]


def test_one_damaged_file_of_several_is_told_after_all_are_read(tmp_path):
    whole = write(tmp_path / "1", *MANY[:10])
    empty = write(tmp_path / "2")
    cut = tmp_path / "3"
    cut.write_bytes(gzip.compress(text(*MANY))[:-30])
    messages, fault = read_until_fault(whole, empty, cut)
    assert len(messages) > 2000
    assert f"{empty} is empty" in fault
    assert f"{cut} is cut short" in fault


# ------------------------------------------------------------------------------------- streams and progress


def test_standard_input_is_read_as_it_comes(monkeypatch):
    ours, theirs = os.pipe()
    reader = os.fdopen(ours, "rb")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=reader))
    messages = journal.read(["-"])
    writer = os.fdopen(theirs, "wb", buffering=0)
    try:
        for expected in MANY[:3]:
            closing = threading.Timer(
                20, writer.close
            )  # a reader that waits for more fails instead of hanging
            closing.start()
            writer.write(text(expected))
            message, place = next(messages)
            closing.cancel()
            assert message == expected
            assert place.file == "-"
            assert not writer.closed
    finally:
        writer.close()
    assert list(messages) == []
    reader.close()


def test_standard_input_may_be_compressed():
    script = "from tocsin import journal; print(sum(1 for _ in journal.read(['-'])))"
    done = subprocess.run(
        [sys.executable, "-c", script], input=gzip.compress(text(*MANY)), capture_output=True, check=True
    )
    assert int(done.stdout) == len(MANY)


def test_progress_ends_at_the_whole(tmp_path):
    with journal.Writer(tmp_path / "a.gz") as writer:
        for message in MANY:
            writer.append(message)
    two = write(tmp_path / "b", *MANY)
    heard = []
    for _ in journal.read(
        [tmp_path / "a.gz", two], on_progress=lambda done, total: heard.append((done, total))
    ):
        pass
    total = (tmp_path / "a.gz").stat().st_size + two.stat().st_size
    assert heard[-1] == (total, total)
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)


def test_the_manifest_names_version_settings_inputs_and_seed(tmp_path):
    path = write(tmp_path / "a.jsonl", status(0))
    made = journal.manifest([path, "-"], {"b": 1, "a": 2.5}, seed=7)
    assert made["seed"] == 7
    assert made["inputs"][0]["file"] == "a.jsonl"
    digest = (
        subprocess.run(["sha256sum", str(path)], capture_output=True, check=True).stdout.split()[0].decode()
    )
    assert made["inputs"][0]["sha256"] == digest
    assert made["inputs"][1] == {"file": "-", "sha256": None, "bytes": None}
    assert made["config_sha256"] == journal.manifest([], {"a": 2.5, "b": 1})["config_sha256"]
    assert made["config_sha256"] != journal.manifest([], {"a": 2.5, "b": 2})["config_sha256"]
    json.dumps(made)
