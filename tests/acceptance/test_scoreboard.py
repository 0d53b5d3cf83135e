"""The scoreboard says what results say: met, short, stated, missing; a measurement that was killed goes on."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
WITH = {
    "date": "2026-11-22", "tocsin": "0.1.0", "commit": "abc", "python": "3.11", "processor": "P", "cores": 2,
    "load_at_start": 1.0, "code": "x",
}  # fmt: skip


@pytest.fixture(scope="module")
def board() -> Iterator[ModuleType]:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import scoreboard

    yield scoreboard
    sys.path.remove(str(ROOT / "benchmarks"))


def record(result: dict[str, Any], quick: bool = False) -> dict[str, Any]:
    return {"runs": 7, "took_s": 3.0, "quick": quick, "with": WITH, "result": result}


def row(page: str, what: str) -> list[str]:
    (line,) = [line for line in page.splitlines() if line.startswith(f"| {what} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def quiet(detected: int) -> dict[str, Any]:
    return {
        "hours": 60,
        "false_alarms": 9,
        "detected": 1,
        "corroborated": 0,
        "most_detected_in_a_run": detected,
    }


def test_met_and_short_are_told_with_command_date_and_version(board: ModuleType) -> None:
    page = board.text({"quiet": record(quiet(2))})
    assert row(page, "nights of false alarms alone: corroborated")[1:] == ["0", "0", "met", "`quiet` × 7"]
    assert row(page, "the same: most `detected` in one night")[1:4] == ["≤ 1", "2", "**falls short**"]
    assert (
        "| `quiet` | `python benchmarks/run.py quiet --runs 7` | 7 | 3 | 2026-11-22 | 0.1.0 at abc | 1.0 |"
        in page
    )
    assert "1 met, 1 fall short" in page


def test_what_was_not_measured_says_so(board: ModuleType) -> None:
    page = board.text({})
    verdicts = {cells.split("|")[4].strip() for cells in page.splitlines() if cells.count("|") == 6}
    assert verdicts == {"", "---", "not measured"}
    assert "Without a result: `alerts`, " in page


@pytest.mark.parametrize("result", [{"hours": 60}, {"corroborated": "0", "most_detected_in_a_run": None}])
def test_a_result_that_does_not_hold_a_row_is_not_guessed(board: ModuleType, result: dict[str, Any]) -> None:
    cells = row(board.text({"quiet": record(result)}), "the same: most `detected` in one night")
    assert cells[2:4] == ["– (the result is older than this row)", "not measured"]


def test_a_quick_result_meets_nothing(board: ModuleType) -> None:
    page = board.text({"quiet": record(quiet(0), quick=True)})
    assert "not to be quoted" in row(page, "the same: most `detected` in one night")[2]
    assert row(page, "the same: most `detected` in one night")[3] == "not measured"


def test_every_committed_result_has_a_row_and_can_be_read(board: ModuleType) -> None:
    """Each benchmark of the suite is read by a claim, and each claim that has a result reads it."""
    found = board.records(ROOT / "benchmarks" / "results")
    assert found
    for claim in board.claims({n: r["result"] for n, r in found.items()}, board.BENCHMARKS):
        assert claim.bench in board.BENCHMARKS or claim.bench == "peers"
        if claim.bench in found:
            claim.read(found[claim.bench]["result"])


def test_a_benchmark_brings_its_own_rows(board: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        board.BENCHMARKS["quiet"], "claims",
        lambda result: [("Detection", "own row", "≤ 3", lambda r: (str(r["detected"]), r["detected"] <= 3))],
        raising=False,
    )  # fmt: skip
    assert row(board.text({"quiet": record(quiet(0))}), "own row")[1:4] == ["≤ 3", "1", "met"]


def test_a_measurement_killed_midway_goes_on(
    board: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the fourth run, and with half a row on the disk: the first three are not run again."""
    done: list[int] = []

    def one(run: int) -> dict[str, Any]:
        if run == 3 and 3 not in done:
            done.append(run)
            raise KeyboardInterrupt
        done.append(run)
        return {"hours": 1, "false_alarms": 0, "detected": run, "corroborated": 0}

    bench = board.BENCHMARKS["quiet"]
    monkeypatch.setattr(bench, "one", one)
    monkeypatch.setitem(board.SIZES, "quiet", 5)
    monkeypatch.setattr(board, "KEPT", tmp_path / "kept")
    (tmp_path / "results").mkdir()
    with pytest.raises(KeyboardInterrupt):
        board.measure("quiet", tmp_path)
    (kept,) = (tmp_path / "kept").iterdir()
    with kept.open("ab") as file:
        file.write(b'{"hours": 1, "det')
    board.measure("quiet", tmp_path)
    assert done == [0, 1, 2, 3, 3, 4]
    found = json.loads((tmp_path / "results" / "quiet.json").read_text())
    assert (found["runs"], found["result"]["detected"]) == (5, 10)
    assert not list((tmp_path / "kept").iterdir())
    board.measure("quiet", tmp_path)  # this code has measured it
    assert done == [0, 1, 2, 3, 3, 4]


def test_before_it_begins_it_says_how_long_it_takes(board: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    old = record(quiet(0)) | {"runs": 5, "took_s": 3600.0}
    (tmp_path / "results" / "quiet.json").write_text(json.dumps(old))
    told = board.outlook(["quiet", "maps"], tmp_path)
    hours = board.SIZES["quiet"] / 5
    assert told == f"to measure: 2 of 2, about {hours:.1f} h by their last time; never measured here: maps"
    mine = board.fingerprint(board.BENCHMARKS["quiet"], board.SIZES["quiet"], False)
    (tmp_path / "results" / "quiet.json").write_text(json.dumps(old | {"with": WITH | {"code": mine}}))
    assert board.outlook(["quiet"], tmp_path) == "to measure: 0 of 1"


def test_one_that_fails_does_not_stop_the_others(
    board: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(run: int) -> dict[str, Any]:
        raise ValueError(f"run {run}")

    def one(run: int) -> dict[str, Any]:
        return {"hours": 1, "false_alarms": 0, "detected": 0, "corroborated": 0}

    monkeypatch.setattr(board.BENCHMARKS["maps"], "one", broken)
    monkeypatch.setattr(board.BENCHMARKS["quiet"], "one", one)
    monkeypatch.setattr(board, "KEPT", tmp_path / "kept")
    (tmp_path / "results").mkdir()
    assert board._measured(["maps", "quiet"], tmp_path, False) == ["maps"]
    assert "failed, and not measured: maps" in capsys.readouterr().err
    assert (
        row(board.text(board.records(tmp_path / "results")), "nights of false alarms alone: corroborated")[3]
        == "met"
    )
