"""The time of a study that was killed is that of all its sittings."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def bench() -> Iterator[ModuleType]:
    sys.path.insert(0, str(BENCHMARKS))
    import monte_carlo

    yield monte_carlo
    sys.path.remove(str(BENCHMARKS))


def test_sittings_add_up(bench: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "SAMPLE_S", 0.01)
    monkeypatch.setattr(bench, "NOTE_S", 0.05)
    file = tmp_path / "sittings.jsonl"
    rows = [(1, 5.0, 100.0), (1, 10.0, 90_000.0), (2, 3.0, 200.0)]
    whole = [dict(zip(("sitting", "wall_s", "memory_mb"), row, strict=True)) for row in rows]
    file.write_text("".join(json.dumps(row) + "\n" for row in whole) + '{"sitting": 2, "wa')
    with bench.Watch(file) as watch:
        time.sleep(0.4)
    assert watch.sittings == 3
    assert 13.4 <= watch.wall < 14.4
    assert watch.most == 90_000.0
    assert 0.5 < watch.growth < 2.0
    kept = [json.loads(line) for line in file.read_text().splitlines()]
    assert kept[:3] == whole
    assert {row["sitting"] for row in kept[3:]} == {3}
    assert kept[-1]["wall_s"] <= 1.0


def test_a_thousand_runs_are_reckoned_and_said_so(bench: ModuleType) -> None:
    row = {
        "failed": 0, "run_s": 1.0, "simulate_s": 0.1, "process_s": 0.8, "score_s": 0.1, "memory_mb": 300.0,
        "memory_growth": 1.01, "sittings": 1,
    }  # fmt: skip
    alone, two = (
        row | {"workers": 1, "runs": 200, "wall_s": 220.0},
        row | {"workers": 2, "runs": 200, "wall_s": 120.0},
    )
    result = bench.together([alone, two])
    assert result["thousand_text"] == "10.0 min, reckoned from 200"
    assert result["speed_up"] == pytest.approx(220 / 120)
    assert "10.0 min, reckoned from 200 (asked: ≤ 10). Two workers do 1.83 times" in bench.lines(result)[-1]
