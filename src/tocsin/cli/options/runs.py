"""One run: what simulates, what processes, what shows it again."""

import argparse
from typing import Any

from tocsin.cli.options.command import command, talk
from tocsin.cli.options.values import above_zero, languages, place, seconds


def add_run(commands: Any) -> None:
    """Add `tocsin run`."""
    run = command(
        commands,
        "run",
        "simulate a scenario, process what its sensors report, score it and draw it",
        "tocsin scenarios lists those that come with Tocsin; tocsin new scenario writes one to change",
    )
    run.add_argument("scenario", metavar="SCENARIO", help="name of a bundled scenario, or a TOML file")
    run.add_argument("--out", metavar="DIR", required=True, help="folder for the results")
    run.add_argument("--seed", type=int, metavar="N", help="seed in place of the scenario's own")
    run.add_argument(
        "--run", type=int, default=0, metavar="N", help="number of the run: other draws (default 0)"
    )
    run.add_argument(
        "--noise",
        type=above_zero,
        default=1.0,
        metavar="X",
        help="factor on every sensor's errors (default 1)",
    )
    _work(run, confirm="auto")


def add_process(commands: Any) -> None:
    """Add `tocsin process`."""
    process = command(
        commands,
        "process",
        "process recordings; `-` reads standard input and streams events to standard output",
        "tocsin process day.jsonl.gz --out out/day\nfeed | tocsin process - | jq .reason",
    )
    process.add_argument(
        "recordings", metavar="RECORDING", nargs="+", help="JSON Lines (.jsonl, .gz, .zst), or -"
    )
    process.add_argument("--out", metavar="DIR", help="folder for the results; may be left out with -")
    process.add_argument(
        "--reorder-lag", type=seconds, metavar="S", help="how long looks wait for late ones [s] (default 2)"
    )
    process.add_argument(
        "--policy", metavar="FILE", help="TOML of a policy signed by two people, for --confirm auto"
    )
    _work(process, confirm="operator")


def add_pages(commands: Any) -> None:
    """Add `tocsin explain` and `tocsin report`."""
    explain = command(commands, "explain", "say of each update of a warning what it used and what it changed")
    explain.add_argument("folder", metavar="DIR", help="a run's folder")
    explain.add_argument("--warning", metavar="ID", help="which one; may be left out where there is only one")
    report = command(commands, "report", "draw the pages of a run's folder again")
    report.add_argument("folder", metavar="DIR", help="a run's folder")
    report.add_argument("--picture", metavar="PNG", help="also write one picture of the first warning")


def _work(parser: argparse.ArgumentParser, confirm: str) -> None:
    parser.add_argument(
        "--confirm",
        choices=("operator", "auto"),
        default=confirm,
        help=f"who confirms: people by `decision` messages, or a named policy (default {confirm})",
    )
    parser.add_argument(
        "--place",
        type=place,
        metavar="LAT,LON",
        help="tell the time left at this place [deg], as 59.33,18.07",
    )
    parser.add_argument("--no-report", action="store_true", help="leave out report.html and scene.czml")
    parser.add_argument(
        "--sign", metavar="KEYS", help="folder of keys to sign alerts with: tocsin alert keys KEYS makes them"
    )
    parser.add_argument(
        "--languages",
        type=languages,
        metavar="CODES",
        help="languages of the alerts, the main one first: en,de,ja",
    )
    talk(parser)
