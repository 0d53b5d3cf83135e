"""A run's folder: what is written, the counts, the exit codes, hooks, streams and policies."""

import io
import json
from itertools import pairwise

import pandas as pd
import pytest
from msgspec.structs import replace

from tocsin import journal
from tocsin.errors import ConfigError, InputError
from tocsin.formats.jsonl import decode_event
from tocsin.messages import SECOND, Decision, Instant, Scan, Sensor, Track, Warning
from tocsin.run import Policy, process, stream
from tocsin.run.policy import decided
from tocsin.run.tables import utc_ns
from tocsin.simulation import load


def test_everything_formats_md_names_is_there(demo_run):
    names = {p.name for p in demo_run.path.iterdir()}
    assert names >= {
        "recording.jsonl.gz", "warnings.jsonl", "events.jsonl", "rejected.jsonl", "alerts", "tracks.parquet",
        "updates.parquet", "truth.parquet", "summary.json",
    }  # fmt: skip
    summary = json.loads((demo_run.path / "summary.json").read_text())
    assert set(summary) >= {
        "warnings", "events", "alerts", "rejected", "duplicates", "late", "scans", "detections", "wall_s", "data_s",
        "steps", "objects", "gospa_m", "false_warnings", "missed", "manifest",
    }  # fmt: skip
    assert set(summary["objects"][0]) == {
        "object", "first_detection_s", "first_warning_s", "corroborated_s", "launch_error_m", "launch_time_error_s",
        "impact_error_m", "impact_time_error_s",
    }  # fmt: skip
    assert summary["manifest"]["seed"] == load("demo").seed


def test_counts_are_those_of_the_recording(demo_run):
    scans = [m for m in demo_run.messages if isinstance(m, Scan)]
    assert demo_run.summary["scans"] == len(scans)
    assert demo_run.summary["detections"] == sum(len(m.detections) for m in scans)
    span = (max(m.end for m in scans) - min(m.time for m in scans)) / SECOND
    assert demo_run.summary["data_s"] == pytest.approx(span, abs=1e-3)


def test_the_recording_holds_the_policy_s_decision(demo_run):
    (decision,) = [m for m in demo_run.messages if isinstance(m, Decision)]
    assert decision.by == "policy:auto"
    assert decision.action == "confirm"
    assert "confirmed" in {v.state for v in demo_run.versions}


def test_tables(demo_run, alpha):
    tracks = pd.read_parquet(demo_run.path / "tracks.parquet")
    truth = pd.read_parquet(demo_run.path / "truth.parquet")
    assert str(tracks.time.dtype) == "datetime64[ns, UTC]"
    assert set(tracks.warning) == {"W-20260516-0001"}
    assert (tracks.covariance.map(len) == 36).all()
    assert tracks.look_time.is_monotonic_increasing
    last = tracks[tracks.phase == "coast"].iloc[-1]
    near = truth[(truth.object == "alpha") & (truth.time <= last.time)].iloc[-1]
    assert abs(last.x_m - near.x_m) + abs(last.y_m - near.y_m) + abs(last.z_m - near.z_m) < 20_000
    assert truth.phase.iloc[0] == "boost"
    assert truth.time.iloc[-1].value - truth.time.iloc[0].value == pytest.approx(
        alpha.flight.impact_time * SECOND, abs=SECOND
    )


def test_updates_belong_to_versions(demo_run):
    updates = demo_run.updates
    versions = {v.version: v for v in demo_run.versions}
    assert updates.version.notna().all()
    for version, rows in updates.groupby("version"):
        assert rows.time.max().value <= utc_ns(versions[version].time)
        assert (rows.distance.dropna() <= rows.gate[rows.distance.notna()] + 1e-9).all() or version == 1
    assert len(updates) == max(v.evidence.detections for v in demo_run.versions)


def test_process_without_confirmation(demo_run, tmp_path):
    plain = [m for m in demo_run.messages if not isinstance(m, Decision)]
    file = tmp_path / "plain.jsonl.zst"
    with journal.Writer(file) as writer:
        for m in plain:
            writer.append(m)
    outcome = process([file], tmp_path / "out")
    assert outcome.exit_code == 0
    assert outcome.summary["alerts"] == 0
    assert "objects" not in outcome.summary
    auto = process([file], tmp_path / "auto", confirm="auto")
    assert auto.summary["alerts"] == demo_run.summary["alerts"]
    again = process([demo_run.recording], tmp_path / "again", confirm="auto")
    assert again.summary["alerts"] == demo_run.summary["alerts"]
    messages = [m for m, _ in journal.read([tmp_path / "again" / "recording.jsonl.gz"])]
    assert sum(isinstance(m, Decision) for m in messages) == 1, (
        "the decision in the recording is honoured, no second"
    )


def test_several_recordings_are_one(demo_run, tmp_path):
    """A file for each sensor, merged by arrival, gives the same warnings."""
    files = []
    for name in ("geo-1", "geo-2", "radar-1"):
        file = tmp_path / f"{name}.jsonl.gz"
        with journal.Writer(file) as writer:
            for m in demo_run.messages:
                if getattr(m, "sensor", getattr(m, "id", "geo-1")) == name or (
                    isinstance(m, Decision) and name == "geo-1"
                ):
                    writer.append(m)
        files.append(file)
    process(files, tmp_path / "out")
    assert (tmp_path / "out" / "warnings.jsonl").read_bytes() == (
        demo_run.path / "warnings.jsonl"
    ).read_bytes()


def test_stream_says_what_the_folder_holds(demo_run):
    out = io.BytesIO()
    outcome = stream([demo_run.recording], out.write)
    lines = out.getvalue().splitlines(keepends=True)
    warnings = [line for line in lines if b'"kind":"warning"' in line]
    assert b"".join(warnings) == (demo_run.path / "warnings.jsonl").read_bytes()
    assert sum(b'"kind":"alert"' in line for line in lines) == demo_run.summary["alerts"]
    assert outcome.summary["warnings"] == 1


def test_hooks_hear_everything_in_order(demo_run, tmp_path):
    heard, done = [], []
    process(
        [demo_run.recording], tmp_path / "out", on_event=lambda e, t: heard.append((t, e)),
        on_progress=lambda a, b: done.append((a, b)),
    )  # fmt: skip
    assert [e.version for _, e in heard if isinstance(e, Warning)] == [v.version for v in demo_run.versions]
    assert any(isinstance(e, Track) for _, e in heard)
    times = [t for t, e in heard if isinstance(e, Track | Warning)]
    assert all(b >= a for a, b in pairwise(times))
    size = demo_run.recording.stat().st_size
    assert done[-1] == (size, size)


def test_a_folder_that_is_not_ours(demo_run, tmp_path):
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(ConfigError, match="not a run's folder"):
        process([demo_run.recording], tmp_path)
    assert (tmp_path / "diary.txt").read_text() == "mine"
    with pytest.raises(ConfigError, match="file"):
        process([demo_run.recording], tmp_path / "diary.txt")


def test_a_second_run_replaces_the_first(demo_run, tmp_path):
    short = tmp_path / "short.jsonl"
    with journal.Writer(short) as writer:
        for m in demo_run.messages[:60]:
            writer.append(m)
    out = tmp_path / "out"
    process([demo_run.recording], out)
    assert list((out / "alerts").iterdir())
    process([short], out)
    assert not list((out / "alerts").iterdir())
    assert (out / "warnings.jsonl").read_bytes() == b""


BAD = {
    "not JSON": (b"what is this\n", ""),
    "missing field": (b'{"kind":"scan","origin":"test","sensor":"geo-1","duration_s":1,"detections":[]}\n', "time"),
    "no origin": (b'{"kind":"status","sensor":"geo-1","time":"2026-05-16T00:00:00Z","state":"ok"}\n', "origin"),
    "NaN": (
        b'{"kind":"scan","origin":"test","sensor":"geo-1","time":"2026-05-16T00:00:00Z","duration_s":NaN,'
        b'"detections":[]}\n',
        "duration_s",
    ),
    "latitude 132": (
        b'{"kind":"sensor","origin":"test","id":"r","type":"radar","latitude_deg":132,"longitude_deg":0,"height_m":0,'
        b'"range_sigma_m":1,"azimuth_sigma_deg":1,"elevation_sigma_deg":1,"range_max_m":1e6}\n',
        "latitude_deg",
    ),
    "negative sigma": (
        b'{"kind":"sensor","origin":"test","id":"g","type":"infrared","los_sigma_urad":-3}\n', "los_sigma_urad",
    ),
    "unknown sensor": (
        b'{"kind":"scan","origin":"test","sensor":"nobody","time":"2026-05-16T00:00:10Z","duration_s":1,'
        b'"detections":[]}\n',
        "sensor",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_one_bad_line_loses_nothing_else(name, demo_run, tmp_path):
    line, field = BAD[name]
    good = journal.jsonl.encode_recorded
    rows = [good(m) + b"\n" for m in demo_run.messages]
    sensors = sum(isinstance(m, Sensor) for m in demo_run.messages)
    at = sensors + 4
    rows.insert(at, line)
    file = tmp_path / "bad.jsonl"
    file.write_bytes(b"".join(rows))
    outcome = process([file], tmp_path / "out")
    assert outcome.exit_code == 1
    (rejected,) = (
        decode_event(text) for text in (tmp_path / "out" / "rejected.jsonl").read_bytes().splitlines()
    )
    assert rejected.line == at + 1
    assert rejected.file.endswith("bad.jsonl")
    assert field in rejected.field
    assert rejected.why
    assert (tmp_path / "out" / "warnings.jsonl").read_bytes() == (
        demo_run.path / "warnings.jsonl"
    ).read_bytes()


def test_input_that_cannot_be_read(tmp_path, demo_run):
    (tmp_path / "empty.jsonl").write_bytes(b"")
    with pytest.raises(InputError, match="empty"):
        process([tmp_path / "empty.jsonl"], tmp_path / "out")
    with pytest.raises(InputError, match="not there"):
        process([tmp_path / "nowhere.jsonl"], tmp_path / "out")
    whole = demo_run.recording.read_bytes()
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    outcome = process([tmp_path / "cut.jsonl.gz"], tmp_path / "out")
    assert outcome.exit_code == 3
    assert "cut short" in outcome.notes[0]
    assert (tmp_path / "out" / "warnings.jsonl").read_bytes(), "what was read was processed"


def test_when_a_policy_confirms(demo_run):
    def wants(version, policy=None):
        return decided(policy or Policy(), version, Instant(version.time + SECOND))

    ripe = next(
        v
        for v in demo_run.versions
        if v.state == "corroborated" and v.phase == "coast" and v.impact is not None
    )
    decision = wants(ripe)
    assert (decision.warning, decision.action, decision.origin) == (ripe.id, "confirm", "test")
    assert wants(replace(ripe, state="detected")) is None
    assert wants(replace(ripe, phase="boost")) is None
    assert wants(replace(ripe, impact=None)) is None
    assert wants(replace(ripe, parent="W-20260516-0009")) is None
    assert wants(replace(ripe, identity={"ballistic-missile": 0.89, "other": 0.11})) is None
    policy = Policy("night", ("anna", "ben"))
    assert wants(ripe, policy).by == "policy:night"
    assert wants(ripe, policy) is None, "once"
    heeding = Policy()
    heeding.heed([replace(decision, by="anna", action="dismiss")])
    assert wants(ripe, heeding) is None


def test_scaled_noise_and_other_draws(demo_run, tmp_path):
    from tocsin.run import run

    other = run(load("demo"), tmp_path / "out", run=1)
    assert other.summary["objects"] != demo_run.summary["objects"]
    assert other.summary["warnings"] == 1
