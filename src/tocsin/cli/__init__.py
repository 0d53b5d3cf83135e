"""The command line: parses, calls, prints. Every import that is not needed to parse waits for its command."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Final

from tocsin.cli.arguments import Arguments, parse
from tocsin.cli.interrupts import heard
from tocsin.errors import ConfigError, InputError

DONE: Final = 0
REJECTED: Final = 1  # done, but something was rejected, or a check found something
USAGE: Final = 2
UNREADABLE: Final = 3
INTERNAL: Final = 4
INTERRUPTED: Final = 130

COMMANDS: Final = {
    "run": ("work", "run"),
    "process": ("work", "process"),
    "study": ("study", "study"),
    "diff": ("difference", "diff"),
    "sensitivity": ("sensitivity", "sensitivity"),
    "bounds": ("bounds", "bounds"),
    "horizon": ("horizon", "horizon"),
    "coverage": ("coverage", "coverage"),
    "explain": ("pages", "explain"),
    "report": ("pages", "report"),
    "place": ("place", "place"),
    "reach": ("reach", "reach"),
    "check": ("checking", "check"),
    "import": ("standards", "take_in"),
    "export": ("standards", "export"),
    "alert": ("alert", "alert"),
    "schema": ("library", "schema"),
    "new": ("library", "new"),
    "scenarios": ("library", "scenarios"),
    "networks": ("library", "networks"),
    "flights": ("flights", "flights"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 to 4, or 130 where a person interrupted it."""
    _write_what_can_be_written()
    try:
        arguments = parse(sys.argv[1:] if argv is None else argv)
    except SystemExit as exit_:  # how argparse ends after --help, --version and a wrong option
        return int(exit_.code or 0)
    try:
        with heard():
            code = _command(arguments.command)(arguments)
            sys.stdout.flush()
    except Exception as error:
        return _told(error, arguments)
    except KeyboardInterrupt:
        _tell("interrupted; what was written so far stays as it is")
        return INTERRUPTED
    return code


def _command(name: str) -> Callable[[Arguments], int]:
    module, function = COMMANDS[name]
    command: Callable[[Arguments], int] = getattr(import_module(f"tocsin.cli.{module}"), function)
    return command


def _told(error: Exception, arguments: Arguments) -> int:
    """Say in one line whose fault an error is, and return its exit code."""
    if isinstance(error, BrokenPipeError):  # the reader of our output has had enough
        _drop_output()
        return DONE
    if arguments.debug:
        import traceback  # noqa: PLC0415

        traceback.print_exception(error)
    if isinstance(error, ConfigError):
        _tell(str(error))
        return USAGE
    if isinstance(error, InputError):
        _tell(str(error))
        return UNREADABLE
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        _tell(f"{place}{error.strerror}")
        return USAGE
    what = f"{type(error).__name__}: {error}".partition("\n")[0]
    _tell(f"internal error, our fault, not yours ({what}); please report it with what --debug prints")
    return INTERNAL


def _tell(text: str) -> None:
    with suppress(OSError):
        sys.stderr.write(f"tocsin: {text}\n")


def _write_what_can_be_written() -> None:
    """Let a terminal without some character show `?` in its place, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _drop_output() -> None:
    """Point standard output nowhere, so that the interpreter's last flush does not complain."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
