"""Alerts and keys."""

from typing import Any

from tocsin.cli.options.command import command
from tocsin.cli.options.values import moment


def add_alert(commands: Any) -> None:
    """Add `tocsin alert` and its verbs."""
    alert = command(
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
