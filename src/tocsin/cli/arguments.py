"""What a person may type. Nothing here imports more than the standard library: `--help` is to be quick."""

import argparse
import math
import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, TypeAlias

Arguments: TypeAlias = argparse.Namespace

EXIT_CODES = """\
exit codes:
  0  done
  1  done, but something was rejected, or `check` found something
  2  usage or configuration
  3  input unreadable, empty or cut short; what could be read was processed
  4  internal error: our fault
  130  interrupted
"""
LANGUAGES = ("en", "de", "ja")  # of alerting/phrases.py; a test holds them together
_SIGNED = ("--place", "--impact")  # options whose value may begin with a minus


def parse(argv: Sequence[str]) -> Arguments:
    """Parse the words after `tocsin`; raise SystemExit as argparse does."""
    return _parser().parse_args(_joined(argv))


def place(text: str) -> tuple[float, float]:
    """Read `LAT,LON` [deg]."""
    match = re.fullmatch(r"\s*([-+]?[\d.]+)\s*,\s*([-+]?[\d.]+)\s*", text)
    try:
        latitude, longitude = (float(word) for word in match.groups()) if match else (math.nan, math.nan)
    except ValueError:
        latitude = longitude = math.nan
    if not (abs(latitude) <= 90 and abs(longitude) <= 360):
        swapped = "; did you mean the other way round?" if abs(longitude) <= 90 < abs(latitude) <= 360 else ""
        raise argparse.ArgumentTypeError(f"write LAT,LON in degrees, as 59.33,18.07, not {text!r}{swapped}")
    return latitude, longitude


def above_zero(text: str) -> float:
    """Read a finite number above zero."""
    value = _number(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"write a number above zero, not {text!r}")
    return value


def seconds(text: str) -> float:
    """Read seconds, zero or more."""
    value = _number(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError(f"write seconds, zero or more, not {text!r}")
    return value


def elevation(text: str) -> float:
    """Read an elevation [deg], 0 to 90."""
    value = _number(text)
    if not 0 <= value <= 90:
        raise argparse.ArgumentTypeError(f"write an elevation in degrees, 0 to 90, not {text!r}")
    return value


def area(text: str) -> tuple[float, ...]:
    """Read `SOUTH,WEST,NORTH,EAST` [deg]."""
    corners = tuple(_number(word) for word in text.split(","))
    if len(corners) != 4 or any(math.isnan(corner) for corner in corners):
        raise argparse.ArgumentTypeError(
            f"write SOUTH,WEST,NORTH,EAST in degrees, as 30,-10,70,40, not {text!r}"
        )
    return corners


def whole(text: str) -> int:
    """Read a whole number, zero or more."""
    if not re.fullmatch(r"\d{1,15}", text):
        raise argparse.ArgumentTypeError(f"write a whole number, zero or more, not {text!r}")
    return int(text)


def above_none(text: str) -> int:
    """Read a whole number, one or more."""
    value = whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError("write 1 or more, not '0'")
    return value


def languages(text: str) -> tuple[str, ...]:
    """Read codes of languages, divided by commas."""
    codes = tuple(code.strip() for code in text.split(","))
    if not set(codes) <= set(LANGUAGES) or len(set(codes)) < len(codes):
        raise argparse.ArgumentTypeError(f"write some of {','.join(LANGUAGES)}, each once, not {text!r}")
    return codes


def moment(text: str) -> Any:
    """Read a time in UTC."""
    from tocsin.earth.time import parse_utc  # noqa: PLC0415, `--help` is to be quick

    try:
        return parse_utc(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def ring_km(text: str) -> tuple[float, float]:
    """Read `NEAR-FAR` [km], two distances from zero to half round the Earth, the nearer first."""
    match = re.fullmatch(r"\s*([\d.]+)\s*-\s*([\d.]+)\s*", text)
    near, far = (_number(word) for word in match.groups()) if match else (math.nan, math.nan)
    if not 0 <= near < far <= 20_000:
        raise argparse.ArgumentTypeError(f"write NEAR-FAR in km up to 20000, as 75-90, not {text!r}")
    return near, far


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _joined(argv: Sequence[str]) -> list[str]:
    """Join `--place -33.9,18.4` by `=`: argparse would take the southern latitude for an option."""
    words: list[str] = []
    for word in argv:
        if words and words[-1] in _SIGNED and re.match(r"-[\d.]", word):
            words[-1] = f"{words[-1]}={word}"
        else:
            words.append(f" {word}" if re.match(r"-[\d.]+\s*,", word) else word)
    return words


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tocsin",
        description="Early warning of ballistic launches: from sensor reports to a human-confirmed alert.",
        epilog=f"start with: tocsin run demo --out out/demo\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"tocsin {version('tocsin')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_run(commands)
    _add_process(commands)
    _add_study(commands)
    _add_bounds(commands)
    _add_coverage(commands)
    _add_pages(commands)
    _add_ground(commands)
    _add_files(commands)
    _add_alert(commands)
    _add_standards(commands)
    return parser


def _command(commands: Any, name: str, says: str, epilog: str = "") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=says,
        description=f"{says[:1].upper()}{says[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--debug", action="store_true", help="show a traceback where something fails")
    return parser


def _add_run(commands: Any) -> None:
    run = _command(
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
    _add_work(run, confirm="auto")


def _add_process(commands: Any) -> None:
    process = _command(
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
    _add_work(process, confirm="operator")


def _add_study(commands: Any) -> None:
    study = _command(
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
    study.add_argument("--yes", action="store_true", help="run also what is over a million runs")
    talk = study.add_mutually_exclusive_group()
    talk.add_argument("--quiet", action="store_true", help="errors only")
    talk.add_argument("--json", action="store_true", help="print the summary as JSON and nothing else")


def _add_bounds(commands: Any) -> None:
    bounds = _command(
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
    horizon = _command(
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


def _add_coverage(commands: Any) -> None:
    cover = _command(
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
    talk = cover.add_mutually_exclusive_group()
    talk.add_argument("--quiet", action="store_true", help="errors only")
    talk.add_argument("--json", action="store_true", help="print the summary as JSON and nothing else")


def _add_work(parser: argparse.ArgumentParser, confirm: str) -> None:
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
    talk = parser.add_mutually_exclusive_group()
    talk.add_argument("--quiet", action="store_true", help="errors only")
    talk.add_argument("--json", action="store_true", help="print the summary as JSON and nothing else")


def _add_alert(commands: Any) -> None:
    alert = _command(
        commands,
        "alert",
        "make keys for tests, and verify signed alerts against certificates you trust",
        "tocsin alert keys out/keys\ntocsin run exercise --out out/exercise --sign out/keys\n"
        "tocsin alert verify out/exercise/alerts/*.xml --certificate out/keys",
    )
    verbs = alert.add_subparsers(dest="verb", metavar="VERB", required=True)
    keys = verbs.add_parser("keys", help="make two pairs of keys, one for Actual and one for exercises")
    keys.add_argument("folder", metavar="DIR", help="where to")
    verify = verbs.add_parser("verify", help="say of each alert whether it is valid, whose, and why not")
    verify.add_argument("files", metavar="FILE", nargs="+", help="signed CAP alerts")
    verify.add_argument(
        "--certificate",
        metavar="PEM",
        action="append",
        required=True,
        help="a certificate you trust, or a folder of keys; may be given more than once",
    )
    verify.add_argument(
        "--warnings", metavar="FILE", help="warnings.jsonl of the run: compute the area's prediction again"
    )
    verify.add_argument(
        "--now",
        type=moment,
        metavar="TIME",
        help="refuse what has expired at this time, as 2026-05-16T00:00:00Z",
    )
    verify.add_argument(
        "--ipaws", action="store_true", help="also hold it to the profile of the United States"
    )
    verify.add_argument("--json", action="store_true", help="a JSON line for each alert")
    for parser in (keys, verify):
        parser.add_argument("--debug", action="store_true", help="show a traceback where something fails")


def _add_pages(commands: Any) -> None:
    explain = _command(
        commands, "explain", "say of each update of a warning what it used and what it changed"
    )
    explain.add_argument("folder", metavar="DIR", help="a run's folder")
    explain.add_argument("--warning", metavar="ID", help="which one; may be left out where there is only one")
    report = _command(commands, "report", "draw the pages of a run's folder again")
    report.add_argument("folder", metavar="DIR", help="a run's folder")
    report.add_argument("--picture", metavar="PNG", help="also write one picture of the first warning")


def _add_ground(commands: Any) -> None:
    place_ = _command(
        commands,
        "place",
        "say of a run's warning when it may come down at a place, and what lies where it may",
        "tocsin place out/demo 18.3,-28.4\ntocsin place out/demo -33.9,18.4",
    )
    place_.add_argument("folder", metavar="DIR", help="a run's folder")
    place_.add_argument(
        "place",
        type=place,
        metavar="LAT,LON",
        nargs="?",
        help="a place [deg]; default: only what lies inside",
    )
    place_.add_argument("--warning", metavar="ID", help="which one; may be left out where there is only one")
    place_.add_argument(
        "--version", type=above_none, metavar="N", help="which version (default: the last with an impact)"
    )
    place_.add_argument("--json", action="store_true", help="print it as JSON and nothing else")
    reach = _command(
        commands,
        "reach",
        "say from where something of a given range can have been launched that came down at a place",
        "tocsin reach --impact 50.47,23.93 --range-km 75-90 --out areas.geojson",
    )
    reach.add_argument(
        "--impact", type=place, metavar="LAT,LON", required=True, help="where it came down [deg]"
    )
    reach.add_argument(
        "--range-km", type=ring_km, metavar="NEAR-FAR", required=True, help="how far such things fly [km]"
    )
    reach.add_argument("--out", metavar="FILE", help="also write the area as GeoJSON")
    reach.add_argument("--json", action="store_true", help="print the GeoJSON and nothing else")


def _add_files(commands: Any) -> None:
    check = _command(
        commands,
        "check",
        "say what is wrong in recordings, networks, scenarios, policies, CAP alerts, CCSDS and ASTERIX files",
    )
    check.add_argument("files", metavar="FILE", nargs="+", help="any input file")
    check.add_argument("--json", action="store_true", help="a JSON line for each finding")
    schema = _command(commands, "schema", "print the JSON Schema of every message")
    schema.add_argument("--out", metavar="FILE", help="write it there")
    new = _command(commands, "new", "write a new scenario, ready to run and to change")
    new.add_argument("thing", choices=("scenario",))
    new.add_argument("name", metavar="NAME", nargs="?", default="new scenario")
    new.add_argument("--out", metavar="FILE", help="where to (default NAME.toml); - is standard output")
    scenarios = _command(commands, "scenarios", "list the scenarios that come with Tocsin")
    scenarios.add_argument("name", metavar="NAME", nargs="?", help="print this one's TOML")
    networks = _command(commands, "networks", "list the sensor networks that come with Tocsin")
    networks.add_argument("name", metavar="NAME", nargs="?", help="print this one's TOML")
    flights = _command(
        commands, "flights", "hold published ranges, apogees and times of flight against physics"
    )
    flights.add_argument(
        "file", metavar="FILE", nargs="?", help="your own table, TOML or CSV (default: the bundled)"
    )
    flights.add_argument("--json", action="store_true", help="a JSON line for each flight")


def _add_standards(commands: Any) -> None:
    import_ = _command(
        commands,
        "import",
        "turn what other systems write into a recording: CCSDS TDM (KVN, XML), ASTERIX (also in a .pcap)",
        "tocsin import pass.tdm --sensor radar-1 --network mine.toml --origin test --out pass.jsonl.gz",
    )
    import_.add_argument("file", metavar="FILE", help="tracking data message, ASTERIX blocks or a capture")
    import_.add_argument("--sensor", metavar="ID", required=True, help="the sensor whose looks they are")
    import_.add_argument(
        "--network",
        metavar="NETWORK",
        required=True,
        help="that says what it is: a bundled one, or a TOML file",
    )
    import_.add_argument(
        "--origin",
        choices=("live", "exercise", "test"),
        required=True,
        help="what the recording is; no default",
    )
    import_.add_argument("--out", metavar="FILE", required=True, help="the recording (.jsonl, .gz, .zst)")
    import_.add_argument(
        "--station",
        metavar="NAME",
        help="which of the file: a TDM's participant, an ASTERIX SAC/SIC as 25/201",
    )
    import_.add_argument("--date", metavar="DAY", help="UTC day of ASTERIX that is no capture, as 2026-05-16")
    import_.add_argument(
        "--round-trip", action="store_true", help="ranges and rates of the TDM are of the way there and back"
    )
    export = _command(
        commands,
        "export",
        "write a run's results as other systems read them: CCSDS OEM and RDM",
        "tocsin export out/demo --rdm W-20260516-0001\ntocsin export out/demo --oem W-20260516-0001 --out track.xml",
    )
    export.add_argument("folder", metavar="DIR", help="a run's folder")
    what = export.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--oem", metavar="ID", help="states and covariance of a warning's object, or a true object's states"
    )
    what.add_argument("--rdm", metavar="ID", help="where and when a warning's object comes down")
    export.add_argument(
        "--out", metavar="FILE", help="where to; .xml writes XML (default: standard output, KVN)"
    )
