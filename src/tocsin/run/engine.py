"""A scenario or recordings through the pipeline into a run's folder, scored where the truth is known."""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from tocsin import journal
from tocsin.config import Config
from tocsin.errors import InputError
from tocsin.formats import jsonl
from tocsin.messages import (
    SECOND,
    Decision,
    Duplicate,
    Incoming,
    Instant,
    Place,
    Rejected,
    Scan,
    Track,
    Warning,
)
from tocsin.pipeline import Event, Pipeline
from tocsin.run.folder import Counts, Folder
from tocsin.run.policy import Policy, decided
from tocsin.run.score import scored
from tocsin.run.signing import Key, Role
from tocsin.run.tables import write_truth
from tocsin.simulation.scenario import Scenario
from tocsin.simulation.simulate import simulate
from tocsin.simulation.truth import Truth

Confirm = Literal["operator", "auto"]
Hook = Callable[[Event, Instant], None]
Progress = Callable[[int, int], None]
Read = tuple[Incoming | Rejected, Place]

REJECTED, CUT_SHORT = 1, 3  # exit codes


class Outcome(Struct, frozen=True):
    """What a run came to: its `summary.json`, its exit code, and notes for the operator."""

    summary: dict[str, Any]
    exit_code: int
    notes: tuple[str, ...] = ()


def process(
    recordings: Sequence[str | Path],
    out: str | Path,
    confirm: Confirm = "operator",
    config: Config | None = None,
    on_event: Hook | None = None,
    on_progress: Progress | None = None,
    policy: Policy | None = None,
    keys: dict[Role, Key] | None = None,
) -> Outcome:
    """Process recordings (`-`: standard input) into the folder `out`; `keys`: to sign alerts with.

    Raises InputError where nothing can be read, ConfigError where `out` cannot be used. A recording that is cut short
    is processed as far as it goes, said in `notes`, and gives exit code 3.
    """
    config = config or Config()
    kept = policy or Policy()
    kept.heed(_decisions(recordings) if confirm == "auto" else ())
    messages = journal.read([str(p) for p in recordings], on_progress)
    begun = itertools.chain(
        [next(messages)], messages
    )  # nothing to read: say so before an earlier run is emptied
    with Folder(Path(out), keys) as folder:
        engine = Engine(config, kept if confirm == "auto" else None, folder.take, folder.journal, on_event)
        notes = engine.feed(begun)
        manifest = journal.manifest([p for p in recordings if str(p) != journal.STANDARD_INPUT], config)
        return _closed(folder, engine, manifest, notes, None)


def run(
    scenario: Scenario,
    out: str | Path,
    confirm: Confirm = "auto",
    config: Config | None = None,
    run: int = 0,
    noise_scale: float = 1.0,
    on_event: Hook | None = None,
    on_progress: Progress | None = None,
    keys: dict[Role, Key] | None = None,
) -> Outcome:
    """Simulate a scenario, process what its sensors report into the folder `out`, and score it against the truth."""
    config = config or Config()
    simulated = simulate(scenario, noise_scale=noise_scale, run=run)
    with Folder(Path(out), keys) as folder:
        engine = Engine(
            config, Policy() if confirm == "auto" else None, folder.take, folder.journal, on_event
        )
        engine.feed(placed(simulated.messages, on_progress))
        manifest = journal.manifest([], config, scenario.seed) | {"scenario": scenario.file, "run": run}
        return _closed(folder, engine, manifest, (), simulated.truth)


def stream(
    recordings: Sequence[str | Path],
    write: Callable[[bytes], None],
    confirm: Confirm = "operator",
    config: Config | None = None,
    policy: Policy | None = None,
) -> Outcome:
    """Process recordings and hand every event, as a JSON line, to `write` as it comes."""
    counts = Counts()

    def take(event: Event, _: Instant) -> None:
        counts.add(event)
        if not isinstance(event, Track | Duplicate):
            write(jsonl.encode_event(event) + b"\n")

    engine = Engine(config or Config(), (policy or Policy()) if confirm == "auto" else None, take, None, None)
    notes = engine.feed(journal.read([str(p) for p in recordings]))
    return Outcome(counts.summary(engine.facts()), _exit_code(counts, notes), notes)


class Engine:
    """Feed a pipeline in order of arrival, journal first, and let a policy decide where it may."""

    def __init__(
        self,
        config: Config,
        policy: Policy | None,
        take: Hook,
        record: Callable[[Incoming], None] | None,
        on_event: Hook | None,
    ) -> None:
        """Start with an empty sky. `take` gets every event, `record` every input before it is used."""
        self.pipeline = Pipeline(config)
        self.policy = policy
        self.scans = self.detections = self.corrupted = 0
        self.first: Instant | None = None
        self.last: Instant | None = None
        self.began = time.perf_counter()
        self._take, self._record, self._on_event = take, record, on_event

    def feed(self, messages: Iterator[Read]) -> tuple[str, ...]:
        """Feed everything and finish; return what the operator must know of how the input ended."""
        notes: tuple[str, ...] = ()
        seen = False
        try:
            for message, place in messages:
                seen = True
                if isinstance(message, Rejected):
                    self._tell(message)
                else:
                    self._give(message, place)
        except InputError as error:
            if not seen:
                raise
            notes = (str(error),)
        decisions = self._publish(self.pipeline.finish())
        while decisions:
            for decision in decisions:
                self._give(decision, Place("policy", 0))
            decisions = self._publish(self.pipeline.finish())
        return notes

    def facts(self) -> dict[str, Any]:
        """Return what the summary says of the input and the time it took."""
        data_s = 0.0 if self.first is None or self.last is None else (self.last - self.first) / SECOND
        return {
            "scans": self.scans,
            "detections": self.detections,
            "wall_s": round(time.perf_counter() - self.began, 3),
            "data_s": round(data_s, 3),
            "steps": self.steps,
        }

    @property
    def steps(self) -> dict[str, int]:
        """Count what each false-alarm step held back; a line whose checksum does not fit never reaches the pipeline."""
        counts = self.pipeline.steps
        return counts | ({"corrupted": counts.get("corrupted", 0) + self.corrupted} if self.corrupted else {})

    def _give(self, message: Incoming, place: Place) -> None:
        if self._record is not None:
            self._record(message)
        if isinstance(message, Scan):
            self.scans += 1
            self.detections += len(message.detections)
            self.first = message.time if self.first is None else min(self.first, message.time)
            self.last = message.end if self.last is None else max(self.last, message.end)
        for decision in self._publish(self.pipeline.receive(message, place)):
            self._give(decision, Place("policy", 0))

    def _publish(self, events: list[Event]) -> list[Decision]:
        """Hand events on; return the policy's decisions about them."""
        decisions = []
        for event in events:
            self._tell(event)
            if self.policy is not None and isinstance(event, Warning):
                clock = self.pipeline.clock(event.origin)
                decision = decided(self.policy, event, clock or event.time)
                if decision is not None:
                    decisions.append(decision)
        return decisions

    def _tell(self, event: Event) -> None:
        if isinstance(event, Rejected) and event.field == "crc32":
            self.corrupted += 1
        at = getattr(event, "time", None) or self.last or Instant(0)
        self._take(event, at)
        if self._on_event is not None:
            self._on_event(event, at)


def _closed(
    folder: Folder, engine: Engine, manifest: dict[str, Any], notes: tuple[str, ...], truth: Truth | None
) -> Outcome:
    summary = folder.counts.summary(engine.facts())
    if truth is not None:
        write_truth(truth, folder.path)
        summary |= scored(truth, folder.versions, folder.tracks)
    folder.write_summary(summary | {"manifest": manifest})
    return Outcome(summary, _exit_code(folder.counts, notes), notes)


def _exit_code(counts: Counts, notes: tuple[str, ...]) -> int:
    if notes:
        return CUT_SHORT
    return REJECTED if counts.rejected else 0


def _decisions(recordings: Sequence[str | Path]) -> Iterable[Decision]:
    """Find the decisions that recordings already hold, so that a policy adds no second one."""
    files = [str(p) for p in recordings if str(p) != journal.STANDARD_INPUT]
    if not files:
        return
    try:
        for message, _ in journal.read(files, kind="decision"):
            if isinstance(message, Decision):
                yield message
    except InputError:
        return  # said by the reading that counts


def placed(messages: list[Incoming], on_progress: Progress | None = None) -> Iterator[Read]:
    """Yield simulated messages, each with its place."""
    total = len(messages)
    for i, message in enumerate(messages):
        if on_progress is not None and i % 64 == 0:
            on_progress(i, total)
        yield message, Place("scenario", i + 1)
    if on_progress is not None:
        on_progress(total, total)
