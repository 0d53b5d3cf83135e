"""The same messages give the same bytes: twice, shuffled within the reorder lag, doubled, in another process."""

import os
import random
import subprocess
import sys

import pytest
from msgspec.structs import replace

from tocsin.journal import arrival
from tocsin.messages import SECOND, Instant, Scan, Sensor

LAG = 2 * SECOND


def split(messages):
    return [m for m in messages if isinstance(m, Sensor)], [m for m in messages if not isinstance(m, Sensor)]


def end(message):
    return message.end if isinstance(message, Scan) else message.time


def resent(messages, seed):
    """Draw new delays for all looks, shorter than the lag, and let them arrive so."""
    sensors, rest = split(messages)
    draw = random.Random(seed)
    late = [
        replace(m, received=Instant(m.end + draw.randrange(1, LAG))) if isinstance(m, Scan) else m
        for m in rest
    ]
    return [*sensors, *sorted(late, key=arrival)]


def jumbled(messages, seed):
    """Put the lines in another order, as far as no look comes after its turn; all say when they arrived."""
    sensors, rest = split(messages)
    draw = random.Random(seed)
    slack = LAG - max(m.received - end(m) for m in rest)
    return [*sensors, *sorted(rest, key=lambda m: end(m) + draw.randrange(slack))]


def test_run_then_process(demo_run, processed):
    again = processed(demo_run.recording)
    for name in ("warnings.jsonl", "events.jsonl", "rejected.jsonl", "recording.jsonl.gz"):
        assert (again.path / name).read_bytes() == (demo_run.path / name).read_bytes(), name
    alerts = {p.name: p.read_bytes() for p in demo_run.alerts}
    assert {p.name: p.read_bytes() for p in sorted((again.path / "alerts").glob("*.xml"))} == alerts
    assert alerts


def test_same_input_twice(demo_run, processed):
    first, second = processed(demo_run.recording, "a"), processed(demo_run.recording, "b")
    assert first.warnings == second.warnings
    assert first.counts() == second.counts()


@pytest.mark.parametrize("disturb", [resent, jumbled])
@pytest.mark.parametrize("seed", [1, 2])
def test_shuffled_within_the_lag(demo_run, processed, disturb, seed):
    messages = disturb(demo_run.messages, seed)
    plain = [end(m) for m in demo_run.messages if isinstance(m, Scan)]
    assert [end(m) for m in messages if isinstance(m, Scan)] != plain, "the order is another"
    again = processed(messages)
    assert again.warnings == (demo_run.path / "warnings.jsonl").read_bytes()
    assert again.counts()["late"] == again.counts()["rejected"] == 0


def test_every_scan_doubled(demo_run, processed):
    doubled = [m for m in demo_run.messages for _ in range(2 if isinstance(m, Scan) else 1)]
    again = processed(doubled)
    assert again.warnings == (demo_run.path / "warnings.jsonl").read_bytes()
    scans = sum(isinstance(m, Scan) for m in demo_run.messages)
    assert again.counts()["duplicates"] == scans
    assert again.counts()["rejected"] == 0


@pytest.mark.parametrize("hash_seed", ["1", "31337"])
def test_in_another_process(demo_run, tmp_path, hash_seed):
    code = "import sys; from tocsin.run import process; process([sys.argv[1]], sys.argv[2])"
    subprocess.run(
        [sys.executable, "-c", code, str(demo_run.recording), str(tmp_path / "out")],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    warnings = (tmp_path / "out" / "warnings.jsonl").read_bytes()
    assert warnings == (demo_run.path / "warnings.jsonl").read_bytes()
