"""Files: those a person brings, those that come with Tocsin."""

from typing import Any

from tocsin.cli.options.command import command


def add_files(commands: Any) -> None:
    """Add the commands on files: check, schema, new, scenarios, networks, flights."""
    check = command(
        commands,
        "check",
        "say what is wrong in recordings, networks, scenarios, policies, CAP alerts, CCSDS and ASTERIX files",
    )
    check.add_argument("files", metavar="FILE", nargs="+", help="any input file")
    check.add_argument("--json", action="store_true", help="a JSON line for each finding")
    schema = command(commands, "schema", "print the JSON Schema of every message")
    schema.add_argument("--out", metavar="FILE", help="write it there")
    new = command(commands, "new", "write a new scenario, ready to run and to change")
    new.add_argument("thing", choices=("scenario",))
    new.add_argument("name", metavar="NAME", nargs="?", default="new scenario")
    new.add_argument("--out", metavar="FILE", help="where to (default NAME.toml); - is standard output")
    scenarios = command(commands, "scenarios", "list the scenarios that come with Tocsin")
    scenarios.add_argument("name", metavar="NAME", nargs="?", help="print this one's TOML")
    networks = command(commands, "networks", "list the sensor networks that come with Tocsin")
    networks.add_argument("name", metavar="NAME", nargs="?", help="print this one's TOML")
    flights = command(
        commands, "flights", "hold published ranges, apogees and times of flight against physics"
    )
    flights.add_argument(
        "file", metavar="FILE", nargs="?", help="your own table, TOML or CSV (default: the bundled)"
    )
    flights.add_argument("--json", action="store_true", help="a JSON line for each flight")
