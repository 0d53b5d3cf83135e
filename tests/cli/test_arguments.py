"""What may be typed, and what is refused with code 2."""

import argparse
import subprocess
import sys
from importlib.metadata import version

import pytest

from tocsin.cli import COMMANDS, main
from tocsin.cli.arguments import parse
from tocsin.cli.options.values import place


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("59.33,18.07", (59.33, 18.07)), ("-33.9, 18.4", (-33.9, 18.4)), ("0,-180", (0.0, -180.0))],
)
def test_a_place_is_latitude_and_longitude(text, wanted):
    assert place(text) == wanted
    assert parse(["run", "demo", "--out", "x", "--place", text]).place == wanted


@pytest.mark.parametrize("text", ["59.33", "59.33 18.07", "1.2.3,4", "nan,0", "north,south", "91,400", ""])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="LAT,LON"):
        place(text)


def test_a_swapped_place_is_recognised():
    with pytest.raises(argparse.ArgumentTypeError, match="other way round"):
        place("132.5,40.0")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["launch"], ["run"], ["run", "demo"], ["process", "--out", "x"], ["run", "demo", "--out", "x", "--noise", "0"],
        ["run", "demo", "--out", "x", "--noise", "nan"], ["process", "a", "--out", "x", "--reorder-lag", "-1"],
        ["process", "a", "--out", "x", "--quiet", "--json"], ["run", "demo", "--out", "x", "--confirm", "me"],
        ["run", "demo", "--out", "x", "--place", "100,0"], ["run", "demo", "--ou", "x"], ["new", "network"],
    ],
)  # fmt: skip
def test_wrong_usage_is_code_2(words, capsys):
    assert main(words) == 2
    assert "usage: tocsin" in capsys.readouterr().err


def test_help_and_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"tocsin {version('tocsin')}\n"
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"    {command}" in told for command in COMMANDS)
    assert "3  input unreadable, empty or cut short" in told


def test_every_command_has_help(capsys):
    for command in COMMANDS:
        assert main([command, "--help"]) == 0
        assert "--debug" in capsys.readouterr().out


def test_help_is_quick_because_it_loads_nothing_heavy(pace):
    program = (
        "import sys; from tocsin.cli import main; code = main(['--help']);"
        "heavy = [m for m in ('numpy', 'numba', 'msgspec', 'rich', 'erfa', 'scipy') if m in sys.modules];"
        "sys.exit(code if not heavy else ','.join(heavy))"
    )
    with pace(3.0):  # 0.1 s alone on a machine; it may be busy
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
