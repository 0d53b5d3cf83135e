"""The benchmarks run; what they measure is for `make bench`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.parametrize(
    "name", ["cost", "demo", "first_warning", "found", "noise", "propagation", "quiet", "speed", "unseen"]
)
def test_quick(name, tmp_path):
    subprocess.run(
        [sys.executable, BENCHMARKS / "run.py", name, "--quick", "--runs", "1", "--out", tmp_path],
        check=True, capture_output=True,
    )  # fmt: skip
    record = json.loads((tmp_path / "results" / f"{name}.json").read_text())
    assert record["quick"]
    assert record["with"]["tocsin"]
    assert record["rows"]
    page = (tmp_path / "RESULTS.md").read_text()
    assert record["with"]["date"] in page
    assert "not to be quoted" in page


def test_an_unknown_name_is_refused(tmp_path):
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "run.py", "haste", "--out", tmp_path],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "demo" in done.stderr


def test_a_ledger_is_gone_on_with(tmp_path):
    """What it holds is not run again, and half a line is none."""
    ledger = tmp_path / "found-quick.jsonl"
    row = {
        "seed": 1,
        "class": "short-range",
        "looks": 9,
        "found": True,
        "told": True,
        "false": 0,
        "burn_s": 60.0,
    }
    ledger.write_text(json.dumps(row | {"delay_s": 41.0}) + '\n{"seed": 2, "cla')
    subprocess.run(
        [sys.executable, BENCHMARKS / "run.py", "found", "--quick", "--out", tmp_path, "--ledger", tmp_path],
        check=True, capture_output=True,
    )  # fmt: skip
    kept = [json.loads(line) for line in ledger.read_text().splitlines()]
    assert [line["seed"] for line in kept] == [1, 3_000_001]
    record = json.loads((tmp_path / "results" / "found.json").read_text())
    assert [line["seed"] for line in record["rows"]] == [1, 3_000_001]
    assert record["result"]["classes"]["all"]["found"]["of"] == 2
