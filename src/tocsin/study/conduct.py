"""A study from beginning to end: estimate, do what is not yet done, gather, sum up, draw."""

import errno
import html
import io
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq
from msgspec import Struct
from msgspec.structs import replace

from tocsin import run as chain
from tocsin.errors import ConfigError
from tocsin.report import wording
from tocsin.report.page import write_report
from tocsin.study import contender
from tocsin.study.findings import found
from tocsin.study.folder import Folder, chunk, chunk_count, chunk_length
from tocsin.study.page import write_page
from tocsin.study.plan import Plan, load
from tocsin.study.tables import NAMES, Rows, table
from tocsin.study.trial import trial
from tocsin.study.workers import Workers, hired
from tocsin.study.world import verified, world

MOST_RUNS: Final = 1_000_000

Progress = Callable[[int, int], None]
Say = Callable[[str], None]


class Outcome(Struct, frozen=True):
    """What a study came to: its folder and `summary.json`. `failed`: the number of runs that raised."""

    folder: Path
    summary: dict[str, Any]

    @property
    def failed(self) -> int:
        """Return the number of runs that are rows with an error."""
        return int(self.summary["failed"])

    def _repr_html_(self) -> str:
        whole = self.summary["all"]
        rows = "".join(
            f"<tr><td>{name}</td><td>{whole[name]['count']:,} of {whole[name]['of']:,}</td></tr>"
            for name in ("warned", "corroborated", "alerted")
        )
        head = (
            f"{self.summary['title']}: {wording.plural(self.summary['runs'], 'run')}, {self.failed:,} failed"
        )
        return f"<p>{html.escape(head)}</p><table>{rows}</table>"


class Estimate(Struct, frozen=True):
    """What a study would take, by its first run."""

    runs: int
    seconds: float
    size: float
    workers: int

    def __str__(self) -> str:
        took = (
            wording.duration(self.seconds) if self.seconds < 172_800 else f"{self.seconds / 86_400:,.0f} days"
        )
        hands = wording.plural(self.workers, "worker")
        return f"{self.runs:,} runs take about {took} with {hands} and {_bytes(self.size)}"


def study(
    path: str | Path | Plan,
    out: str | Path,
    workers: int | None = None,
    scheduler: str | None = None,
    yes: bool = False,
    on_progress: Progress | None = None,
    say: Say | None = None,
    tracker: str | None = None,
) -> Outcome:
    """Run a study, or go on with one, into the folder `out`.

    `workers`: processes (default: one for each core); `scheduler`: a Dask scheduler's address in their place. `yes`
    lets through what is too large; `tracker`: `module:Class` of another tracker, to be judged in Tocsin's place.
    Raises ConfigError for a study that cannot be run as written, a tracker that is none, a folder that holds another
    study, a scheduler that does not answer, and a full disk; what is done by then is kept.
    """
    plan = _with(verified(path if isinstance(path, Plan) else load(path)), tracker)
    folder = Folder(Path(out), plan)
    say = say or (lambda _: None)
    if plan.total > MOST_RUNS and not yes:
        raise ConfigError(f"{plan.file}: {_estimate(plan, _count(workers))}; --yes runs it all the same")
    with folder.held():
        if folder.finished:
            say(f"{out}: all {plan.total:,} runs were done before; nothing is left to do")
            folder.drop_parts()
            return _drawn(folder, None)
        done = folder.done()
        if done:
            say(f"{out}: going on after {_runs(plan, done):,} of {plan.total:,} runs")
        if len(done) < chunk_count(plan):
            with hired(_few(plan, done, _count(workers)), scheduler) as hands:
                if not done:
                    _verify_room(folder, _estimate(plan, hands.count), say)
                _work(folder, hands, done, on_progress or (lambda *_: None))
        folder.gather()
        return _drawn(folder, found(plan, folder.path))


def only(
    path: str | Path | Plan, index: int, out: str | Path | None = None, tracker: str | None = None
) -> Rows:
    """Repeat one run of a study by itself; with `out`, also write its whole folder and report there, by Tocsin."""
    plan = _with(verified(path if isinstance(path, Plan) else load(path)), tracker)
    if not 0 <= index < plan.total:
        raise ConfigError(f"{plan.file}: no run {index}; runs are 0 to {plan.total - 1}")
    if out is not None:
        made = world(plan, index)
        chain.run(made.scenario, out, config=made.config, run=made.run, noise_scale=made.noise_scale)
        write_report(Path(out))
    return trial(plan, index)


def _with(plan: Plan, tracker: str | None) -> Plan:
    return plan if tracker is None else replace(plan, tracker=contender.named(tracker))


def _work(folder: Folder, hands: Workers, done: set[int], progress: Progress) -> None:
    plan = folder.plan
    there = _runs(plan, done)
    progress(there, plan.total)
    missing = ((n, chunk(plan, n)) for n in range(chunk_count(plan)) if n not in done)
    for number, rows in hands.work(plan, missing):
        try:
            folder.add(number, rows)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            raise ConfigError(
                f"{folder.path}: {os.strerror(error.errno)}; {there:,} of {plan.total:,} runs are kept: "
                "make room, and the same command goes on"
            ) from None
        there += len(rows.runs)
        progress(there, plan.total)


def _drawn(folder: Folder, summary: dict[str, Any] | None) -> Outcome:
    """Draw the page and, where all has just been done, say so by the summary, last of all."""
    told = summary or found(folder.plan, folder.path)
    write_page(folder.plan, told, folder.path)
    if summary is not None:
        folder.close(summary)
    return Outcome(folder.path, told)


def _estimate(plan: Plan, workers: int) -> Estimate:
    """Estimate time and size from the first run; where there are many, from the same run again.

    The first also loads the compiled code, or compiles it for the workers.
    """
    began = time.perf_counter()
    first = trial(plan, 0)
    if plan.total > chunk_length(plan):
        began = time.perf_counter()
        trial(plan, 0)
    took = time.perf_counter() - began
    length = chunk_length(plan)
    size = 0
    for name, schema in Folder(Path(), plan).schemas.items():
        sample = io.BytesIO()
        pq.write_table(table(getattr(first, name) * length, schema), sample, compression="zstd")
        size += len(sample.getvalue())
    rows = sum(len(getattr(first, name)) for name in NAMES)
    return Estimate(
        runs=plan.total,
        seconds=took * plan.total / max(1, min(workers, chunk_count(plan))),
        size=size * chunk_count(plan) + 200.0 * rows * plan.total,
        workers=workers,
    )


def _verify_room(folder: Folder, estimate: Estimate, say: Say) -> None:
    """Say what is to come; refuse what the disk has no room for."""
    say(str(estimate))
    free = shutil.disk_usage(folder.path).free
    if estimate.size > free:
        raise ConfigError(f"{folder.path}: {estimate}, and only {_bytes(free)} are free there")


def _count(workers: int | None) -> int:
    """Return the number of processes: as wanted, or one for each core that is ours."""
    if workers is not None and workers < 1:
        raise ConfigError(f"workers: {workers} do no work; write 1 or more")
    return workers or len(os.sched_getaffinity(0))


def _few(plan: Plan, done: set[int], workers: int) -> int:
    """Begin no more processes than there are chunks left."""
    return max(1, min(workers, chunk_count(plan) - len(done)))


def _runs(plan: Plan, chunks: set[int]) -> int:
    return sum(len(chunk(plan, number)) for number in chunks)


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"
