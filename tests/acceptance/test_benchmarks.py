"""The benchmarks run; what they measure is for `make bench`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.parametrize("name", ["demo", "noise", "propagation", "quiet", "speed"])
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
