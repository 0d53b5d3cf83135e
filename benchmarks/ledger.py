"""A ledger of a long measurement, a line a run: kill it and start it again, and it goes on where it was.

What is given back is what was written down, so that a measurement in one sitting and one in ten come to the same.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

Row = dict[str, Any]
TOOK = "took_s"  # how long a run took stands beside what it came to


def read(file: Path) -> list[Row]:
    """Return the rows of a ledger, none where there is no file; a last line that was cut short is taken out of it."""
    whole = file.read_bytes() if file.is_file() else b""
    kept = whole[: whole.rfind(b"\n") + 1]
    if len(kept) < len(whole):
        with file.open("r+b") as cut:
            cut.truncate(len(kept))
    return [_row(line, f"{file}: line {number}") for number, line in enumerate(kept.splitlines(), 1)]


def add(file: Path, row: Row) -> Row:
    """Write a row down, so that it stays there whatever happens next, and return it as it will be read."""
    line = json.dumps(row)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="ascii") as ledger:
        ledger.write(line + "\n")
        ledger.flush()
        os.fsync(ledger.fileno())
    return json.loads(line)


def measured(
    name: str, work: Callable[[int], Row], runs: int, file: Path | None = None, jobs: int = 1
) -> tuple[list[Row], float]:
    """Return the rows of runs 0 to `runs` in order, and the seconds they took; tell how far it is and what is left.

    Runs that stand in the ledger `file` are not run again. Seconds of several `jobs` at once count once.
    """
    rows, took = [], 0.0
    _show(f"{name}: 0 of {runs}")
    for row in _resumed(work, runs, file, jobs):
        took += row.pop(TOOK, 0.0) / jobs
        rows.append(row)
        _show(f"{name}: {len(rows)} of {runs}, {took / len(rows) * (runs - len(rows)):,.0f} s left")
    print(file=sys.stderr)
    return rows, took


def _show(text: str) -> None:
    print(f"\r{text}   ", end="", file=sys.stderr, flush=True)


def _resumed(work: Callable[[int], Row], runs: int, file: Path | None, jobs: int) -> Iterator[Row]:
    kept = [] if file is None else read(file)[:runs]
    yield from kept
    for row in _rows(partial(_timed, work), range(len(kept), runs), jobs):
        yield json.loads(json.dumps(row)) if file is None else add(file, row)


def _timed(work: Callable[[int], Row], run: int) -> Row:
    begun = time.perf_counter()
    row = work(run)
    return row | {TOOK: round(time.perf_counter() - begun, 3)}


def _rows(work: Callable[[int], Row], runs: range, jobs: int) -> Iterator[Row]:
    if jobs == 1:
        yield from map(work, runs)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(work, runs)


def _row(line: bytes, place: str) -> Row:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise SystemExit(
            f"{place} is no row of a ledger: take it out, or delete the file to measure all again"
        )
    return row
