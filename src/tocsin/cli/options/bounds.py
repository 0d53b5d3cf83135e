"""What is possible at all, without a run."""

from typing import Any

from tocsin.cli.options.command import command, talk
from tocsin.cli.options.values import above_zero, area, elevation, seconds


def add_bounds(commands: Any) -> None:
    """Add `tocsin bounds` and `tocsin horizon`."""
    bounds = command(
        commands,
        "bounds",
        "say how well launch, state and impact can be known at best, without running the tracker",
        "tocsin bounds demo\ntocsin bounds r9\ntocsin bounds demo --against out/demo --picture bounds.svg",
    )
    bounds.add_argument(
        "scenario",
        metavar="SCENARIO",
        help="name of a bundled scenario, a TOML file, or r9 for the table of case R9",
    )
    bounds.add_argument(
        "--against",
        metavar="DIR",
        help="a run's or a study's folder of this scenario: its errors beside the bound",
    )
    bounds.add_argument(
        "--picture", metavar="FILE", help="draw it over time, .png or .svg; of each launch one"
    )
    bounds.add_argument(
        "--json", action="store_true", help="print every look's bound as JSON and nothing else"
    )
    horizon = command(
        commands,
        "horizon",
        "say how far a radar sees over the curve of the Earth",
        "tocsin horizon\ntocsin horizon demo",
    )
    horizon.add_argument(
        "network",
        metavar="NETWORK",
        nargs="?",
        help="name of a bundled network, or a TOML file: what its ranges mean",
    )
    horizon.add_argument(
        "--elevation",
        type=elevation,
        default=3.0,
        metavar="DEG",
        help="lowest elevation of the table [deg] (default 3)",
    )
    horizon.add_argument("--json", action="store_true", help="print it as JSON and nothing else")


def add_coverage(commands: Any) -> None:
    """Add `tocsin coverage`."""
    cover = command(
        commands,
        "coverage",
        "map where launches would be noticed, how soon, and what the loss of a sensor costs",
        "tocsin coverage regional --target Lisbon --out out/coverage\n"
        "tocsin coverage united-states --shape lofted --target 38.9,-77.0 --day --out out/day\n"
        "tocsin coverage r13",
    )
    cover.add_argument(
        "network",
        metavar="NETWORK",
        help="name of a bundled network, a TOML file, or r13 for the table of case R13 (Oko)",
    )
    cover.add_argument("--out", metavar="DIR", help="folder for the maps")
    cover.add_argument(
        "--target", action="append", metavar="PLACE",
        help="where flights go: LAT,LON [deg], NAME=LAT,LON or a city; may be repeated",
    )  # fmt: skip
    cover.add_argument(
        "--shape", action="append", metavar="SHAPE",
        help="minimum-energy, lofted or depressed; may be repeated, beside targets (default: all three)",
    )  # fmt: skip
    cover.add_argument(
        "--vehicle",
        default="auto",
        metavar="NAME",
        help="class of vehicle (default auto: the least that reaches)",
    )
    cover.add_argument(
        "--step",
        type=above_zero,
        default=2.0,
        metavar="DEG",
        help="size of a cell of the grid [deg] (default 2)",
    )
    cover.add_argument("--area", type=area, metavar="S,W,N,E", help="map launches from here only [deg]")
    cover.add_argument("--time", metavar="UTC", help="time of launch (default 2026-05-16T00:00:00Z)")
    cover.add_argument(
        "--day", type=above_zero, nargs="?", const=2.0, metavar="HOURS",
        help="also launch every so often through a day, for satellites that move (default 2)",
    )  # fmt: skip
    cover.add_argument(
        "--handling", type=seconds, default=0.0, metavar="S",
        help="time from a warning to the people warned, taken off the time left (default 0)",
    )  # fmt: skip
    cover.add_argument("--yes", action="store_true", help="also where it will take hours")
    talk(cover)
