"""A ledger keeps what was done: cut anywhere, it loses the row that was being written and no other."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def ledger() -> Iterator[ModuleType]:
    sys.path.insert(0, str(BENCHMARKS))
    import ledger

    yield ledger
    sys.path.remove(str(BENCHMARKS))


def square(run: int) -> dict[str, Any]:
    return {"run": run, "square": run * run, "third": run / 3, "pair": (run, "é")}


def test_cut_at_every_byte_it_comes_to_the_same(ledger: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "made" / "squares.jsonl"
    whole, _ = ledger.measured("squares", square, 4, file)
    assert whole == [{**square(k), "pair": [k, "é"]} for k in range(4)]
    text = file.read_bytes()
    for cut in range(len(text)):
        file.write_bytes(text[:cut])
        done: list[int] = []

        def counted(run: int, done: list[int] = done) -> dict[str, Any]:
            done.append(run)
            return square(run)

        rows, _ = ledger.measured("squares", counted, 4, file)
        assert rows == whole
        assert done == list(range(text[:cut].count(b"\n"), 4))
        assert [json.loads(line)["run"] for line in file.read_text().splitlines()] == [0, 1, 2, 3]


def test_what_a_run_took_counts_once_it_is_resumed(ledger: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "l.jsonl"
    for run in range(3):
        ledger.add(file, {"run": run, "took_s": 100.0})
    rows, took = ledger.measured("a", square, 4, file)
    assert [set(row) >= {"run"} and "took_s" not in row for row in rows] == [True] * 4
    assert 300 <= took < 301
    assert 150 <= ledger.measured("a", square, 4, file, jobs=2)[1] < 151


def test_fewer_runs_than_it_holds_are_the_first(ledger: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "l.jsonl"
    ledger.measured("a", square, 4, file)
    assert [row["run"] for row in ledger.measured("a", square, 2, file)[0]] == [0, 1]
    assert len(ledger.read(file)) == 4


def test_several_at_once_come_in_order(ledger: ModuleType, tmp_path: Path) -> None:
    alone, _ = ledger.measured("a", square, 5)
    assert ledger.measured("a", square, 5, tmp_path / "l.jsonl", jobs=2)[0] == alone


@pytest.mark.parametrize("spoilt", [b"nonsense\n", b"[1]\n", b"\x00\xff\n"])
def test_what_is_no_row_is_named(ledger: ModuleType, tmp_path: Path, spoilt: bytes) -> None:
    file = tmp_path / "l.jsonl"
    file.write_bytes(b'{"run": 0}\n' + spoilt + b'{"run": 1}\n')
    with pytest.raises(SystemExit, match=r"l\.jsonl: line 2 is no row"):
        ledger.read(file)


def test_hours_watched_go_on_after_a_line_that_was_cut(tmp_path: Path) -> None:
    """The half line is gone, and what is added up is whole hours."""
    file = tmp_path / "hours.jsonl"
    file.write_text('{"run": 0, "seed": 7}\n{"run": 1, "se')
    subprocess.run(
        [sys.executable, BENCHMARKS / "watch_night.py", file, "--seed", "7", "--hours", "1"], check=True
    )
    assert file.read_text() == '{"run": 0, "seed": 7}\n'
