"""What a person may type. Nothing here imports more than the standard library: `--help` is to be quick."""

import argparse
import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import TypeAlias

from tocsin.cli.options import alerts, bounds, files, ground, runs, standards, studies

Arguments: TypeAlias = argparse.Namespace

EXIT_CODES = """\
exit codes:
  0  done
  1  done, but something was rejected, `check` found something, or `diff` found two different
  2  usage or configuration
  3  input unreadable, empty or cut short; what could be read was processed
  4  internal error: our fault
  130  interrupted
"""
_SIGNED = ("--place", "--impact")  # options whose value may begin with a minus


def parse(argv: Sequence[str]) -> Arguments:
    """Parse the words after `tocsin`; raise SystemExit as argparse does."""
    return _parser().parse_args(_joined(argv))


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
    runs.add_run(commands)
    runs.add_process(commands)
    studies.add_study(commands)
    studies.add_diff(commands)
    studies.add_sensitivity(commands)
    bounds.add_bounds(commands)
    bounds.add_coverage(commands)
    runs.add_pages(commands)
    ground.add_ground(commands)
    files.add_files(commands)
    alerts.add_alert(commands)
    standards.add_standards(commands)
    return parser
