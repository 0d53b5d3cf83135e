"""Many runs."""

from typing import Any

from tocsin.cli.options.command import command, talk
from tocsin.cli.options.values import above_none, above_zero, whole


def add_study(commands: Any) -> None:
    """Add `tocsin study`."""
    study = command(
        commands,
        "study",
        "run many times over a grid or random draws; killed and begun again, it goes on where it was",
        "tocsin study lists those that come with Tocsin\n"
        "tocsin study demo-monte-carlo --out out/study\ntocsin study demo-monte-carlo --only 137",
    )
    study.add_argument("name", metavar="STUDY", nargs="?", help="name of a bundled study, or a TOML file")
    study.add_argument(
        "--out", metavar="DIR", help="folder for the results; with --only, for that run's own folder"
    )
    study.add_argument(
        "--workers",
        type=above_none,
        metavar="N",
        help="processes on this machine (default: one for each core)",
    )
    study.add_argument(
        "--scheduler", metavar="ADDRESS", help="a Dask scheduler in their place, as tcp://host:8786"
    )
    study.add_argument(
        "--only", type=whole, metavar="N", help="repeat run N by itself and print its rows as JSON"
    )
    study.add_argument(
        "--tracker",
        metavar="MODULE:CLASS",
        help="judge another tracker in Tocsin's place: module:Class or file.py:Class",
    )
    study.add_argument("--yes", action="store_true", help="run also what is over a million runs")
    talk(study)


def add_diff(commands: Any) -> None:
    """Add `tocsin diff`."""
    diff = command(
        commands,
        "diff",
        "say what differs between two runs, or two studies: warnings, alerts, figures; code 0 same, 1 different",
        "tocsin diff out/before out/after\ntocsin diff out/study-1 out/study-2 --json | jq .figures",
    )
    diff.add_argument("a", metavar="A", help="a run's folder, or a finished study's")
    diff.add_argument("b", metavar="B", help="another of the same kind")
    diff.add_argument("--json", action="store_true", help="print all of it as JSON and nothing else")


def add_sensitivity(commands: Any) -> None:
    """Add `tocsin sensitivity`."""
    of = command(
        commands,
        "sensitivity",
        "say how much errors depend on each nominal figure of each sensor, by bounds or by runs",
        "tocsin sensitivity demo --picture tornado.svg\ntocsin sensitivity demo --runs 100 --out out/sensitivity",
    )
    of.add_argument("scenario", metavar="SCENARIO", help="name of a bundled scenario, or a TOML file")
    of.add_argument(
        "--step",
        type=above_zero,
        default=10.0,
        metavar="PERCENT",
        help="how far figures are moved (default 10)",
    )
    of.add_argument(
        "--runs", type=above_none, metavar="N", help="through so many runs on either side, not through bounds"
    )
    of.add_argument("--out", metavar="DIR", help="folder for the runs; killed and begun again, it goes on")
    of.add_argument("--workers", type=above_none, metavar="N", help="processes (default: one for each core)")
    of.add_argument("--picture", metavar="FILE", help="draw it, .png or .svg; of each launch one")
    of.add_argument("--json", action="store_true", help="print it as JSON and nothing else")
