"""One command of the line."""

import argparse
from typing import Any


def command(commands: Any, name: str, says: str, epilog: str = "") -> argparse.ArgumentParser:
    """Add a command, its help and what all commands take."""
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


def talk(parser: argparse.ArgumentParser) -> None:
    """Let a command say less, or only its summary."""
    words = parser.add_mutually_exclusive_group()
    words.add_argument("--quiet", action="store_true", help="errors only")
    words.add_argument("--json", action="store_true", help="print the summary as JSON and nothing else")
