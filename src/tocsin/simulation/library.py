"""The scenarios and networks that come with Tocsin, and those a person wrote."""

from importlib.resources import files
from pathlib import Path

from msgspec import Struct

from tocsin.errors import ConfigError
from tocsin.simulation.scenario import Scenario, decode


class Source(Struct, frozen=True):
    """What a scenario is decoded from: its text, the `file` named in errors, and what it may name.

    `networks`: TOML by name; `ephemerides`: CCSDS OEM by file name.
    """

    text: str
    file: str
    networks: dict[str, str]
    ephemerides: dict[str, str] = {}


def scenarios() -> dict[str, str]:
    """Return the TOML text of each bundled scenario by name."""
    return _texts("scenarios")


def networks() -> dict[str, str]:
    """Return the TOML text of each bundled network by name."""
    return _texts("networks")


def load(name: str) -> Scenario:
    """Load a bundled scenario by name, or one from a file; raise ConfigError where it is not or wrong.

    A scenario from a file may name a network beside it: `network = "mine"` reads mine.toml in the same
    folder, and a sensor's `ephemeris = "eye.oem"` the ephemeris beside it.
    """
    found = source(name)
    return decode(found.text, found.file, found.networks, found.ephemerides)


def source(name: str) -> Source:
    """Read what `load` would decode."""
    return _source(name, "scenario", scenarios())


def network(name: str) -> Source:
    """Read a bundled network by name, or one from a file with what lies beside it; raise as `load`."""
    return _source(name, "network", networks())


def _source(name: str, what: str, bundled: dict[str, str]) -> Source:
    if name in bundled:
        return Source(bundled[name], f"{name}.toml", networks())
    path = Path(name)
    if not path.is_file():
        raise ConfigError(f'no {what} "{name}": no such file, and bundled are: {", ".join(bundled)}')
    try:
        text = path.read_text(encoding="utf-8")
        beside = {
            p.stem: p.read_text(encoding="utf-8") for p in sorted(path.parent.glob("*.toml")) if p != path
        }
        ephemerides = {p.name: p.read_text(encoding="utf-8") for p in sorted(path.parent.glob("*.oem"))}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}: cannot be read as text: {error}") from None
    return Source(text, name, {**beside, **networks()}, ephemerides)


def template(name: str) -> str:
    """Return the text of a new scenario called `name`, ready to run and to change."""
    title = name.replace("\\", " ").replace('"', "'").strip() or "new scenario"
    return _TEMPLATE.replace("@TITLE@", title)


def _texts(folder: str) -> dict[str, str]:
    entries = [e for e in files("tocsin").joinpath(folder).iterdir() if e.name.endswith(".toml")]
    return {
        e.name.removesuffix(".toml"): e.read_text(encoding="utf-8")
        for e in sorted(entries, key=lambda e: e.name)
    }


_TEMPLATE = """\
title = "@TITLE@"
story = "One sentence on what happens."
origin = "test"                  # or "exercise"; a simulation is never "live"
start = 2026-05-16T00:00:00Z
duration_s = 900
seed = 1
network = "demo"                 # bundled, or a .toml beside this file; [[sensor]] tables add to it

[[launch]]
id = "alpha"
vehicle = "medium-range"         # short-range, medium-range, intermediate-range, intercontinental,
                                 # space-launcher, sounding-rocket: generic classes, no real vehicle
time_s = 60
latitude_deg = 12.0
longitude_deg = -38.0
azimuth_deg = 55.0               # clockwise from north
range_m = 1_200_000              # or pitch_deg, or for a space launcher orbit_height_m
shape = "minimum-energy"         # or "lofted", "depressed"

# [[fire]]
# id = "fire-1"
# latitude_deg = 10.0
# longitude_deg = -30.0
# from_s = 0
# to_s = 600

# [[outage]]
# sensor = "geo-1"
# from_s = 200
# to_s = 260

# [settings]
# noise_scale = 1.0

[expect]
warnings = 1
identity = "ballistic-missile"
"""
