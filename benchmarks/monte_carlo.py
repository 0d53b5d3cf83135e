"""How long a thousand runs of the demonstration take as a study, how they share, what they hold in memory (issue 6).

Row 0: a study with one worker; row 1: the same with two; each simulates, processes and scores, writes its tables and
draws its page. From the second, a thousand runs are reckoned where a thousand were not made. Memory is the largest
worker's, sampled; its growth compares the last quarter of a study with the second. Workers that only start are counted.
A study that was killed goes on where it was: its sittings are added up, and their starts count.
"""

import os
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

import ledger
import numpy as np
import pandas as pd
import psutil
from msgspec.structs import replace

from tocsin.study import load, study
from tocsin.study.trial import trial

RUNS, QUICK_RUNS = 2, 2
TITLE = "A thousand runs"
STUDY = "demo-monte-carlo"
LENGTH = int(os.environ.get("TOCSIN_MONTE_CARLO", "200"))  # runs of a study; 1000 for the whole
SAMPLE_S, NOTE_S = 0.25, 5.0
KEPT = Path(__file__).parent.parent / "out" / "monte-carlo"


def one(run: int, length: int = LENGTH) -> dict[str, Any]:
    """Return what one study took, with one worker more than the row's number; go on with one that was killed."""
    plan = load(STUDY)
    plan = replace(plan, study=replace(plan.study, runs=length))
    trial(plan, 0)  # loads compiled code, so that no study waits for a compiler
    kept = KEPT / f"{run + 1}-{length}-{plan.code[:16]}"
    with Watch(kept / "sittings.jsonl") as watch:
        outcome = study(plan, kept / "study", workers=run + 1, on_progress=_show)
    timing = pd.read_parquet(kept / "study" / "timing.parquet")
    shutil.rmtree(kept)
    parts = {name: float(timing[f"{name}_s"].median()) for name in ("simulate", "process", "score")}
    return {
        "workers": run + 1, "runs": outcome.summary["runs"], "failed": outcome.failed, "wall_s": watch.wall,
        "sittings": watch.sittings, "run_s": float(timing["wall_s"].median()), "memory_mb": watch.most,
        "memory_growth": watch.growth,
    } | {f"{name}_s": value for name, value in parts.items()}  # fmt: skip


def quick(run: int) -> dict[str, Any]:
    """Return the same of four runs."""
    return one(run, 4)


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a thousand runs take, made or reckoned."""
    alone, two = rows[0], rows[-1]
    thousand = two["wall_s"] * 1000 / two["runs"]
    how = "" if two["runs"] >= 1000 else f", reckoned from {two['runs']}"
    return {
        "studies": rows,
        "thousand_s": thousand,
        "thousand_text": f"{thousand / 60:.1f} min{how}",
        "speed_up": alone["wall_s"] / alone["runs"] / (two["wall_s"] / two["runs"]),
        "memory_mb": max(row["memory_mb"] for row in rows),
        "memory_growth": max(row["memory_growth"] for row in rows),
    }


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    out = [
        "| workers | runs | s | sittings | a run, s (simulate, process, score) | a worker's memory MB | "
        "last quarter / second |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in result["studies"]:
        parts = ", ".join(f"{row[f'{name}_s']:.2f}" for name in ("simulate", "process", "score"))
        out.append(
            f"| {row['workers']} | {row['runs']:,} | {row['wall_s']:.0f} | {row['sittings']} | "
            f"{row['run_s']:.2f} ({parts}) | {row['memory_mb']:.0f} | {row['memory_growth']:.3f} |"
        )
    return [
        *out, "",
        f"1,000 runs with two workers: {result['thousand_text']} (asked: ≤ 10). Two workers do "
        f"{result['speed_up']:.2f} times what one does.",
    ]  # fmt: skip


def _show(done: int, total: int) -> None:
    print(f"\r{done:,} of {total:,} runs of a study   ", end="", file=sys.stderr, flush=True)


class Watch:
    """Sample the memory [MB] of this process and those it began, while the block runs, and note how long that is.

    What was sampled stands in a ledger, so that the time of a sitting that was killed counts too, but for its last
    seconds.
    """

    def __init__(self, file: Path) -> None:
        """Begin a sitting, the first or one more."""
        self._file = file
        self._before = ledger.read(file)
        self.sittings = len({row["sitting"] for row in self._before}) + 1
        self._samples: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> "Watch":
        self._begun = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._lasted = time.perf_counter() - self._begun
        self._stop.set()
        self._thread.join()

    @property
    def wall(self) -> float:
        """Return the seconds of all sittings."""
        before = {row["sitting"]: row["wall_s"] for row in self._before}  # the last of each
        return sum(before.values()) + self._lasted

    @property
    def most(self) -> float:
        """Return the largest process's memory."""
        return max([*self._samples, *(row["memory_mb"] for row in self._before)], default=float("nan"))

    @property
    def growth(self) -> float:
        """Return the most of the sitting's last quarter over the most of its second: what starts is over by then."""
        n = len(self._samples)
        if n < 8:
            return 1.0
        return float(np.max(self._samples[3 * n // 4 :]) / np.max(self._samples[n // 4 : n // 2]))

    def _sample(self) -> None:
        own = psutil.Process()
        noted = 0.0
        while not self._stop.wait(SAMPLE_S):
            sizes = []
            for process in own.children() or [own]:
                try:
                    sizes.append(process.memory_info().rss / 2**20)
                except psutil.Error:
                    continue
            if not sizes:
                continue
            self._samples.append(max(sizes))
            lasted = time.perf_counter() - self._begun
            if lasted - noted >= NOTE_S:
                noted = lasted
                row = {"sitting": self.sittings, "wall_s": lasted, "memory_mb": max(self._samples)}
                ledger.add(self._file, row)
