"""The TOML of a study, and what each of its runs is made of.

Runs are numbered from 0: the point of the grid turns fastest, so that run `i` is repeat `i // points` at point
`i % points`. What is drawn depends on the seed and the repeat alone: every point sees the same draws, and a run can be
repeated without any other.
"""

import hashlib
import math
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final

from msgspec import Meta, Struct
from msgspec.structs import replace

from tocsin.errors import ConfigError
from tocsin.formats import toml
from tocsin.messages import Name, Positive
from tocsin.simulation import library
from tocsin.simulation.draws import draw
from tocsin.simulation.library import Source
from tocsin.study.distribution import Distribution, distribution, written

SCENARIO, NETWORK, NOISE, WITHOUT = "scenario", "network", "noise_scale", "without"
RESERVED: Final = ("seed", "title", "story", "expect")


class Study(Struct, frozen=True, kw_only=True):
    """The keys of a study's TOML. `runs`: at each point of the grid.

    `grid` and `draw` name what varies: `scenario`, `network`, `noise_scale`, `without`, any key of the scenario
    (`launch.0.azimuth_deg`, or by id, `launch.alpha.azimuth_deg`), of a sensor by its id
    (`sensor.geo-1.los_sigma_urad`), or any setting (`tracking.gate`).
    """

    title: Name
    story: str = ""
    seed: int = 1
    runs: Annotated[int, Meta(ge=1)]
    scenario: str | None = None
    network: str | None = None
    noise_scale: Positive = 1.0
    without: tuple[str, ...] = ()
    grid: dict[str, Any] = {}
    draw: dict[str, Any] = {}


class Plan(Struct, frozen=True, kw_only=True):
    """A checked study with everything its runs need, so that it can be sent to another machine.

    `grid`: values by path. `draws`: distributions by path. `sources`: scenarios by the name the study gives them.
    `code`: which Tocsin made it. `tracker`: whose answers are judged, as `module:Class`; None: Tocsin's own.
    """

    study: Study
    file: str
    text: str
    grid: dict[str, tuple[Any, ...]]
    draws: dict[str, Distribution]
    sources: dict[str, Source]
    code: str
    tracker: str | None = None

    @property
    def name(self) -> str:
        """Name the draws, as a scenario of this seed would."""
        return f"seed {self.study.seed}"

    @property
    def points(self) -> int:
        """Return the number of points of the grid; one where there is no grid."""
        return math.prod(len(values) for values in self.grid.values())

    @property
    def total(self) -> int:
        """Return the number of runs."""
        return self.study.runs * self.points

    def point(self, number: int) -> dict[str, Any]:
        """Return the values of one point of the grid by path; the last path turns fastest."""
        values = {}
        for path, row in reversed(self.grid.items()):
            number, at = divmod(number, len(row))
            values[path] = row[at]
        return dict(reversed(values.items()))

    def parameters(self, index: int) -> dict[str, Any]:
        """Return what varies in one run, by path."""
        repeat, number = divmod(index, self.points)
        drawn = {
            path: shape.value(draw(self.name, repeat, path, "", 0, "study"))
            for path, shape in self.draws.items()
        }
        return self.point(number) | drawn

    def possible(self) -> Iterator[tuple[str, Any]]:
        """Yield every path with each value it may take: the ends of what is drawn."""
        yield from ((path, value) for path, values in self.grid.items() for value in values)
        yield from ((path, value) for path, shape in self.draws.items() for value in shape.corners())


def studies() -> dict[str, str]:
    """Return the TOML text of each bundled study by name."""
    entries = [e for e in files("tocsin").joinpath("studies").iterdir() if e.name.endswith(".toml")]
    return {
        e.name.removesuffix(".toml"): e.read_text(encoding="utf-8")
        for e in sorted(entries, key=lambda e: e.name)
    }


def load(name: str | Path) -> Plan:
    """Load a bundled study by name, or one from a file; raise ConfigError where it is not or wrong.

    A scenario that is not bundled is looked for beside the study's file, then where it is run.
    """
    bundled = studies()
    if str(name) in bundled:
        return decode(bundled[str(name)], f"{name}.toml", Path())
    path = Path(name)
    if not path.is_file():
        raise ConfigError(f'no study "{name}": no such file, and bundled are: {", ".join(bundled)}')
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}: cannot be read as text: {error}") from None
    return decode(text, path.name, path.parent)


def decode(text: str, file: str, folder: Path) -> Plan:
    """Decode a study and read the scenarios it names; raise ConfigError naming file and key."""
    study = toml.decode(text, Study, file)
    grid = {path: _values(values, f"{file}: [grid]: {path}") for path, values in _flat(study.grid)}
    draws = {path: distribution(table, f"{file}: [draw]: {path}") for path, table in _flat(study.draw)}
    for path in (*grid, *draws):
        if path in RESERVED:
            raise ConfigError(f'{file}: "{path}" cannot vary; the seed is the study\'s own')
        if path in grid and path in draws:
            raise ConfigError(f'{file}: "{path}" stands both in [grid] and in [draw]')
    plan = Plan(study=study, file=file, text=text, grid=grid, draws=draws, sources={}, code=code())
    names = dict.fromkeys([n for p, n in plan.possible() if p == SCENARIO] or [study.scenario])
    return replace(plan, sources={str(name): _source(name, file, folder) for name in names})


@cache
def code() -> str:
    """Return a hash of Tocsin's own code and data, so that no study is done half by one program, half by another."""
    whole = hashlib.blake2b(digest_size=16)
    package = Path(str(files("tocsin")))
    for path in sorted(p for p in package.rglob("*") if p.suffix in (".py", ".csv", ".json")):
        whole.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def _source(name: Any, file: str, folder: Path) -> Source:
    if not isinstance(name, str):
        raise ConfigError(f'{file}: scenario = "demo" is missing: a bundled scenario\'s name, or a TOML file')
    beside = [folder / name, folder / f"{name}.toml"]
    found = next((str(path) for path in beside if path.is_file()), name)
    source = library.source(name if name in library.scenarios() else found)
    return replace(source, file=Path(source.file).name)  # results do not tell where the study was run


def _values(values: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(values, list):
        raise ConfigError(f"{where}: write a list of values, even of one")
    if not values:
        raise ConfigError(f"{where}: an empty list leaves no runs")
    return tuple(values)


def _flat(tables: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what varies by dotted path, whether the dots stand in a quoted key or were read as tables."""
    for name, value in tables.items():
        path = f"{before}{name}"
        if (
            isinstance(value, dict)
            and not written(value)
            and any(isinstance(v, dict | list) for v in value.values())
        ):
            yield from _flat(value, f"{path}.")
        else:
            yield path, value
