"""`tocsin study`: many runs, or one of them again."""

import json
import sys
from pathlib import Path
from typing import Any

from tocsin.cli.arguments import Arguments
from tocsin.cli.terminal import Terminal
from tocsin.errors import ConfigError
from tocsin.report import wording
from tocsin.study import conduct, plan

DONE, FAILED = 0, 1  # exit codes


def study(arguments: Arguments) -> int:
    """Run a study or go on with one; with --only, repeat one run and print its rows."""
    if arguments.name is None:
        return _listed()
    if arguments.only is not None:
        return _only(arguments)
    if arguments.out is None:
        raise ConfigError("name a folder for the results: --out DIR")
    terminal = Terminal(not (arguments.quiet or arguments.json))
    read = plan.load(arguments.name)
    terminal.say(f"{read.study.title}: {read.study.story}".rstrip(": "))
    with terminal.compiling(), terminal.progress("runs") as advance:
        outcome = conduct.study(
            read, Path(arguments.out), workers=arguments.workers, scheduler=arguments.scheduler, yes=arguments.yes,
            on_progress=advance, say=terminal.say, tracker=arguments.tracker,
        )  # fmt: skip
    if arguments.json:
        sys.stdout.write(json.dumps(outcome.summary, indent=1) + "\n")
    for line in _told(outcome.summary):
        terminal.say(line)
    terminal.say(f"report: {outcome.folder / 'report.html'}")
    if outcome.failed:
        terminal.note(f"{outcome.failed:,} of {outcome.summary['runs']:,} runs failed; runs.parquet says why")
    return FAILED if outcome.failed else DONE


def _listed() -> int:
    for name, text in plan.studies().items():
        sys.stdout.write(f"{name:<18}  {plan.decode(text, name, Path()).study.story}\n")
    return DONE


def _only(arguments: Arguments) -> int:
    """Print a run's row and those of its objects as JSON."""
    out = None if arguments.out is None else Path(arguments.out)
    rows = conduct.only(arguments.name, arguments.only, out, arguments.tracker)
    told = {"run": rows.runs[0], "objects": rows.objects, "timing": rows.timing[0]}
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    return FAILED if rows.runs[0]["error"] else DONE


def _told(summary: dict[str, Any]) -> list[str]:
    """Tell the whole in some lines."""
    whole = summary["all"]
    lines = []
    if whole["objects"]:
        names = ("warned", "corroborated", "alerted")
        lines.append(f"of {wording.plural(whole['objects'], 'object')}: " + ", ".join(
            f"{_percent(whole[name])} {name}" for name in names
        ))  # fmt: skip
    lines.append(f"{whole['false_warnings']:,} false in {wording.plural(whole['runs'], 'run')}")
    for part in ("launch", "impact"):
        error, inside = whole[part]["error_m"], whole[part]["inside"]["95"]
        if error["of"]:
            lines.append(
                f"{part}: median error {wording.length(error['median'])}, 95 % below {wording.length(error['p95'])}; "
                f"{_percent(inside)} inside the 95 % ellipse"
            )
    return lines


def _percent(share: dict[str, Any]) -> str:
    if not share["of"]:
        return wording.MISSING
    return f"{100 * share['share']:.1f} % ({100 * share['low']:.1f}–{100 * share['high']:.1f})"
