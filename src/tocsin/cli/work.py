"""`tocsin run` and `tocsin process`: the chain from sensor reports to a run's folder, told as it goes."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from rich.text import Text

from tocsin import run as chain
from tocsin.alerting.settings import Settings as Alerting
from tocsin.cli import pages, policy
from tocsin.cli.arguments import Arguments
from tocsin.cli.story import Line, Story, clock, comes_down, identity, launched
from tocsin.cli.terminal import Terminal
from tocsin.config import Config
from tocsin.earth.time import format_utc
from tocsin.errors import ConfigError, InputError
from tocsin.formats.jsonl import encode_event
from tocsin.journal import STANDARD_INPUT
from tocsin.messages import Duplicate, Instant, Track, Warning
from tocsin.pipeline import Event
from tocsin.report import wording
from tocsin.run import signing
from tocsin.simulation.library import load
from tocsin.tracking.settings import Settings as Tracking

COLOURS = {
    "DETECTED": "yellow", "CORROBORATED": "bold yellow", "CONFIRMED": "bold magenta", "CLOSED": "dim",
    "ALERT": "bold reverse", "REJECTED": "red", "RAID": "cyan", "LOG": "dim",
}  # fmt: skip
SCORES = {
    "object": "object", "first_warning_s": "first warning", "corroborated_s": "corroborated",
    "launch_error_m": "launch error", "launch_time_error_s": "in time", "impact_error_m": "impact error",
    "impact_time_error_s": "in time",
}  # fmt: skip


def run(arguments: Arguments) -> int:
    """Simulate, process, score and draw a scenario."""
    terminal = _terminal(arguments)
    scenario = load(arguments.scenario)
    if arguments.seed is not None:
        scenario = replace(scenario, seed=arguments.seed)
    keys = _keys(arguments)
    _guard(arguments.out, ())
    terminal.say(f"{scenario.title}: {scenario.story}".rstrip(": "))
    teller = _Teller(terminal, Story(arguments.place))
    with terminal.compiling():
        with terminal.progress(scenario.title) as advance:
            outcome = chain.run(
                scenario, Path(arguments.out), confirm=arguments.confirm, run=arguments.run,
                noise_scale=arguments.noise, on_event=teller.hear, on_progress=advance, config=_config(arguments, None),
                keys=keys,
            )  # fmt: skip
        return _finish(arguments, terminal, teller.story, outcome)


def process(arguments: Arguments) -> int:
    """Process recordings into a folder, or standard input into a stream of events."""
    streams = STANDARD_INPUT in arguments.recordings
    if arguments.out is None and not streams:
        raise ConfigError("name a folder for the results: --out DIR; or stream: tocsin process - < RECORDING")
    signed = _policy(arguments)
    config = _config(arguments, signed)
    if arguments.out is None:
        if arguments.sign is not None:
            raise ConfigError("--sign signs the files of alerts; name a folder for them: --out DIR")
        outcome = chain.stream(arguments.recordings, _write, arguments.confirm, config, signed)
        return _noted(Terminal(), outcome)
    keys = _keys(arguments)
    _guard(arguments.out, arguments.recordings)
    terminal = _terminal(arguments, talks=not streams)
    teller = _Teller(
        terminal, Story(arguments.place), streams=streams and not (arguments.quiet or arguments.json)
    )
    with terminal.compiling():
        with terminal.progress("processing") as advance:
            outcome = chain.process(
                arguments.recordings, Path(arguments.out), confirm=arguments.confirm, config=config,
                on_event=teller.hear, on_progress=advance, policy=signed, keys=keys,
            )  # fmt: skip
        return _finish(arguments, terminal, teller.story, outcome)


class _Teller:
    """Hear events as they come: tell them to a person, or hand them on as JSON lines."""

    def __init__(self, terminal: Terminal, story: Story, streams: bool = False) -> None:
        self.terminal = terminal
        self.story = story
        self._streams = streams
        self._date = ""

    def hear(self, event: Event, at: Instant) -> None:
        """Take one event at its stream time."""
        if self._streams and not isinstance(event, Track | Duplicate):
            try:
                _write(encode_event(event) + b"\n")
            except BrokenPipeError:
                self._streams = False  # nobody reads on; the folder is still wanted
        for line in self.story.tell(event, at):
            date = format_utc(line.time, 0)[:10] if line.time else ""
            if date and date != self._date:
                self._date = date
                self.terminal.say(Text(f"{date} UTC; every ± is 95 %", "dim"))
            self.terminal.say(_styled(line))


def _styled(line: Line) -> Text:
    text = Text()
    text.append(f"{clock(line.time) if line.time else '':<10}  ", "dim")
    if line.origin:
        text.append(f"{line.origin.upper():<8} ", "bold red" if line.origin == "live" else "blue")
    text.append(f"{line.word:<12} ", COLOURS[line.word])
    if line.id:
        text.append(f"{line.id}  ")
    return text.append(line.text)


def _terminal(arguments: Arguments, talks: bool = True) -> Terminal:
    return Terminal(talks and not (arguments.quiet or arguments.json))


def _guard(out: str, recordings: Sequence[str]) -> None:
    """Refuse, before anything is touched, recordings that are not there or that `out` would replace."""
    folder = Path(out).resolve()
    for recording in recordings:
        if recording == STANDARD_INPUT:
            continue
        if not Path(recording).exists():
            raise InputError(f"{recording} is not there; name a recording")
        if folder in Path(recording).resolve().parents:
            raise ConfigError(
                f"{recording} lies in {out}, whose contents would be replaced; give another --out"
            )


def _policy(arguments: Arguments) -> chain.Policy | None:
    if arguments.policy is None:
        return None
    if arguments.confirm != "auto":
        raise ConfigError("--policy confirms by itself; say so with --confirm auto, or leave it out")
    return policy.load(arguments.policy)


def _config(arguments: Arguments, signed: chain.Policy | None) -> Config:
    lag = getattr(arguments, "reorder_lag", None)
    tracking = Tracking() if lag is None else Tracking(reorder_lag_s=lag)
    alerting = Alerting() if signed is None else Alerting(signed_policies=(signed.name,))
    if arguments.languages is not None:
        alerting = replace(alerting, languages=arguments.languages)
    return Config(tracking=tracking, alerting=alerting)


def _keys(arguments: Arguments) -> dict[signing.Role, signing.Key] | None:
    return None if arguments.sign is None else signing.load_keys(Path(arguments.sign))


def _write(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def _noted(terminal: Terminal, outcome: chain.Outcome) -> int:
    """Tell the operator how the input ended."""
    for note in outcome.notes:
        terminal.note(note)
    return outcome.exit_code


def _finish(arguments: Arguments, terminal: Terminal, story: Story, outcome: chain.Outcome) -> int:
    """Draw the pages and close: where things are, what came of it, how far from the truth."""
    report: Path | None = None
    if not arguments.no_report:
        report = pages.draw(Path(arguments.out))
    if arguments.json:
        sys.stdout.write(json.dumps(outcome.summary, indent=1) + "\n")
    for warning in story.warnings.values():
        if warning.parent is None:
            terminal.say(_last(warning))
    if arguments.place is not None and not story.came_near:
        terminal.say("here: no impact area came near")
    if outcome.summary.get("objects"):
        terminal.say(_scores(outcome.summary["objects"]))
    terminal.say(_counts(outcome.summary))
    terminal.say(f"report: {report}" if report else f"results: {arguments.out}")
    return _noted(terminal, outcome)


def _last(warning: Warning) -> str:
    """Tell in one line what was believed of a warning in the end."""
    parts = [f"{warning.id}: {warning.outcome or warning.state}", identity(warning)]
    parts += [launched(warning.launch)] if warning.launch else []
    parts += [comes_down(warning.impact)] if warning.impact else []
    return "; ".join(parts)


def _scores(objects: Sequence[dict[str, Any]]) -> str:
    """Lay out the errors against the truth."""
    rows = [
        tuple(SCORES.values()),
        *(tuple(_score(name, row.get(name)) for name in SCORES) for row in objects),
    ]
    widths = [max(len(row[k]) for row in rows) for k in range(len(SCORES))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    title = "against the truth: times from launch, errors of the last version before impact"
    return "\n".join(["", title, *(line.rstrip() for line in lines), ""])


def _score(name: str, value: Any) -> str:
    if value is None:
        return wording.MISSING
    if name.endswith("_m"):
        return wording.length(value)
    return f"{value:.1f} s" if name.endswith("_s") else str(value)


def _counts(summary: dict[str, Any]) -> str:
    told = [
        wording.plural(summary[name], name[:-1]) for name in ("warnings", "alerts", "scans", "detections")
    ]
    told += [f"{summary[name]:,} {name}" for name in ("rejected", "duplicates") if summary[name]]
    if "false_warnings" in summary:
        told += [f"{summary['false_warnings']} false", f"{summary['missed']} missed"]
    took = f"{wording.duration(summary['data_s'])} of data in {wording.duration(summary['wall_s'])}"
    return f"{', '.join(told)}; {took}"
