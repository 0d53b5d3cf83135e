"""Regenerate docs/reference from the code: what `make docs` runs. A test holds the committed pages against it.

.venv/bin/python docs/build.py [--check]
"""

import ast
import inspect
import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from msgspec import NODEFAULT
from msgspec.structs import fields

from tocsin.alerting import life_cycle as desk_life
from tocsin.alerting import settings as alerting
from tocsin.assessment import settings as assessment
from tocsin.cli import arguments
from tocsin.flight.vehicles import VEHICLES
from tocsin.formats.schema import INCOMING, schema
from tocsin.run import tables
from tocsin.run.expected import claims
from tocsin.sensors.echo import RadarPhysics
from tocsin.sensors.radiometry import InfraredPhysics
from tocsin.simulation import library, scenario, told
from tocsin.simulation.background.tables import BackgroundTable, FireballTable, SatelliteTable
from tocsin.tracking import life_cycle as track_life
from tocsin.tracking import settings as tracking

REFERENCE = Path(__file__).parent / "reference"
HEAD = "<!-- Made by docs/build.py from the code (`make docs`); edit the code, not this page. -->\n\n"
GALLERY = {  # the groups of the bundled scenarios: a heading, and what the names of its own match; the rest come first
    "The past": r".*-(19|20)\d\d(-.*)?",
    "Space launches": r"space-.*",
    "Networks": r"network-.*|elliptic|one-satellite|radar-only",
    "Many at once": r"salvo-.*|raid-.*|mixed",
    "Losses and failures": r"outage|silent-satellite|radar-lost|fizzle|break-up|clouded|biased|radar-jump",
    "When nobody launches": r"background-.*|fire|quiet",
}
STAGES = {"tracking": tracking, "assessment": assessment, "alerting": alerting}


def pages() -> dict[str, str]:
    """Return the text of every generated page by file name."""
    made: dict[str, Callable[[], str]] = {
        "commands.md": commands,
        "folder-tables.md": folder_tables,
        "gallery.md": gallery,
        "life-cycles.md": life_cycles,
        "messages.md": messages,
        "scenarios.md": scenarios,
        "settings.md": settings,
    }
    texts = {name: HEAD + make().rstrip() + "\n" for name, make in made.items()}
    return texts | {"schema.json": json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"}


def options() -> Iterator[tuple[str, str, str, str, str]]:
    """Yield (stage, option, type, default, text) of every setting; the text is empty where nobody wrote one."""
    for stage, module in STAGES.items():
        body = _settings_class(module).body
        told = _sections(module.Settings.__doc__ or "")
        for at, node in enumerate(body):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                name = node.target.id
                after = body[at + 1] if at + 1 < len(body) else None
                own = after.value if isinstance(after, ast.Expr) else None
                text = str(own.value) if isinstance(own, ast.Constant) else _sentence_on(name, told)
                default = "" if node.value is None else ast.unparse(node.value)
                yield stage, name, ast.unparse(node.annotation), default, " ".join(text.split())


# ------------------------------------------------------------------------------------------------- the pages


def life_cycles() -> str:
    """Draw the three tables of states."""
    track = ["stateDiagram-v2", f"    [*] --> {track_life.STATES[0]}"]
    track += [f"    {state} --> {then}: {what}" for (state, what), then in track_life.TRANSITIONS.items()]
    parts = [
        "# Life cycles",
        "What a table does not list cannot happen. The diagrams are drawn from the tables.",
    ]
    parts += ["## Track", "`tracking/life_cycle.py`.", _theory(track_life), _mermaid("\n".join(track))]
    parts += [
        "## Warning",
        "`alerting/life_cycle.py`.",
        _theory(desk_life),
        _mermaid(desk_life.mermaid("warning")),
    ]
    parts += ["## Alert", "The theory stands with the warning's.", _mermaid(desk_life.mermaid("alert"))]
    return "\n\n".join(parts)


def settings() -> str:
    """List every setting with its default and what it does."""
    parts = [
        "# Settings",
        "`tocsin.Config` holds one tree: `Config(tracking=…, assessment=…, alerting=…)`, each a `Settings` of its "
        "stage. They are set in Python; the command line sets `--reorder-lag` and the policies that a `--policy` "
        "file signs. What every option means stands in the docstring of its stage's `settings.py`, copied here.",
    ]
    rows = list(options())
    for stage in STAGES:
        own = [
            (f"`{name}`", f"`{kind}`", f"`{default}`", text)
            for s, name, kind, default, text in rows
            if s == stage
        ]
        parts += [f"## {stage}", _table(("option", "type", "default", "what it does"), own)]
    return "\n\n".join(parts)


def messages() -> str:
    """List every message with its fields."""
    whole = schema()["$defs"]
    names = {kind.__name__ for kind in INCOMING}
    first = [name for name in whole if name in names]
    out = [name for name in whole if "kind" in whole[name]["properties"] and name not in names]
    parts = [
        "# Messages",
        "One JSON object a line. The same as a JSON Schema: [schema.json](schema.json), or `tocsin schema`. "
        "What the fields mean, how time and order work and how numbers are rounded: [formats](formats.md).",
        "## Into the system",
        *_structs(whole, first),
        "## Out of the system",
        *_structs(whole, out),
        "## Parts of messages",
        *_structs(whole, [name for name in whole if name not in first and name not in out]),
    ]
    return "\n\n".join(parts)


def commands() -> str:
    """List every command with its options."""
    parser = arguments._parser()
    choices = next(action.choices for action in parser._actions if isinstance(action.choices, Mapping))
    parts = ["# Commands", str(parser.description)]
    parts.append("`tocsin COMMAND --help` says the same in the terminal.")
    for name, command in choices.items():
        rows = [_option(action) for action in command._actions if action.dest != "help"]
        parts += [f"## tocsin {name}", str(command.description), _table(("argument", "what it does"), rows)]
        if command.epilog:
            parts.append("```text\n" + command.epilog + "\n```")
    codes = [
        (f"`{code}`", text)
        for code, text in re.findall(r"^ +(\d+) +(.*)$", arguments.EXIT_CODES, re.MULTILINE)
    ]
    return "\n\n".join([*parts, "## Exit codes", _table(("code", "meaning"), codes)])


def scenarios() -> str:
    """List the keys of a scenario's TOML, and what comes with the package."""
    parts = [
        "# Scenarios and networks",
        "The keys of a scenario's TOML. A key nobody knows is an error that names the one that was meant.",
    ]
    kinds = {
        "The scenario": scenario._Tables, "[[launch]]": scenario.LaunchTable, "[[fire]]": scenario.FireTable,
        "[[outage]]": scenario.OutageTable, "[[real_bias]]": scenario.BiasTable,
        "[background]": BackgroundTable, "[[fireball]]": FireballTable, "[[satellite]]": SatelliteTable,
        "[[notification]]": told.NotificationTable, "[[summary]]": told.SummaryTable,
        "[[catalogue]]": told.CatalogueTable, "[[decision]]": told.DecisionTable,
        "[weather]": scenario.WeatherTable, "[settings]": scenario.SettingsTable,
        "[expect]": scenario.ExpectTable, "[sensor.physics], infrared": InfraredPhysics,
        "[sensor.physics], radar": RadarPhysics,
    }  # fmt: skip
    for title, kind in kinds.items():
        parts += [f"## {title}"] + ([inspect.cleandoc(kind.__doc__)] if kind.__doc__ else [])
        rows = [
            (f"`{f.encode_name}`", "required" if f.required else f"`{_default(f)}`") for f in fields(kind)
        ]
        parts.append(_table(("key", "default"), rows))
    parts += [
        "## [[sensor]]",
        "The fields of the [sensor message](messages.md#sensor) without `kind`, `origin`, `received` and `seq`. "
        "A network file holds nothing else but `title` and `source`. Beyond the message, for simulations only: "
        "`ephemeris`, the name of a CCSDS OEM file, and the table `[sensor.physics]`.",
    ]
    parts += [
        "## Vehicle classes",
        "Generic; they describe no real vehicle: " + ", ".join(f"`{name}`" for name in VEHICLES) + ".",
    ]
    parts += ["## Bundled scenarios", "With pictures: [gallery](gallery.md)."]
    parts.append(_table(("name", "story"), _told(library.scenarios(), "story")))
    parts += [
        "## Bundled networks",
        _table(("name", "title", "source"), _told(library.networks(), "title", "source")),
    ]
    return "\n\n".join(parts)


def gallery() -> str:
    """Show every bundled scenario: its story, its picture, what is expected."""
    parts = [
        "# Bundled scenarios",
        "`tocsin run NAME` runs one, `tocsin scenarios NAME` prints it with the source of what is not invented. Red: "
        "what flies, thick while its engines burn; grey: what it left behind; green: where what was reported would lie "
        "on the ground, false alarms included; blue: radars and how far they reach. *Not yet*: the right answer does "
        "not come out so far, and the tests hold us to saying so.",
    ]
    left = list(library.scenarios())
    groups = {heading: [n for n in left if re.fullmatch(names, n)] for heading, names in GALLERY.items()}
    grouped = [name for names in groups.values() for name in names]
    for heading, names in ({"Flights": [n for n in left if n not in grouped]} | groups).items():
        parts.append(f"## {heading}")
        parts += [_shown(name) for name in names]
    return "\n\n".join(parts)


def folder_tables() -> str:
    """List the columns of the Parquet tables."""
    parts = ["# Tables of a run's folder", "What else is in the folder: [the folder](folder.md)."]
    for name, columns in (("tracks", tables.TRACKS), ("updates", tables.UPDATES), ("truth", tables.TRUTH)):
        rows = [(f"`{field.name}`", f"`{field.type}`") for field in columns]
        parts += [f"## {name}.parquet", _table(("column", "type"), rows)]
    return "\n\n".join(parts)


# -------------------------------------------------------------------------------------------------- the parts


def _settings_class(module: ModuleType) -> ast.ClassDef:
    tree = ast.parse(inspect.getsource(module))
    return next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Settings")


def _sections(docstring: str) -> list[str]:
    """Split a docstring into what it says of one option (it opens with its name) or of several."""
    paragraphs = inspect.cleandoc(docstring).split("\n\n")
    told = []
    for text in (" ".join(paragraph.split()) for paragraph in paragraphs):
        told += re.split(r"(?<=[.\w]) (?=`[a-z_]+`: )", text)
    return told


def _sentence_on(name: str, told: list[str]) -> str:
    """Return what is said of an option: the part it opens, else the first that names it, or who is named before it."""
    opening = f"`{name}`: "
    for text in told:
        if text.startswith(opening):
            own = text.removeprefix(opening)
            return own[0].upper() + own[1:]
    for text in told:
        named = re.findall(r"`([a-z_]+)`", text)
        if name in named and not text.startswith("`"):
            return text if named[0] == name else f"See `{named[0]}`."
    return ""


def _theory(module: ModuleType) -> str:
    """Return a module's docstring without its title."""
    return inspect.cleandoc(module.__doc__ or "").partition("\n\n")[2]


def _mermaid(text: str) -> str:
    return "```mermaid\n" + text.rstrip() + "\n```"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _structs(whole: dict[str, Any], names: list[str]) -> Iterator[str]:
    for name in names:
        definition = whole[name]
        kind = definition["properties"].get("kind", {}).get("enum", [None])[0]
        yield f"### {name}"
        yield definition.get("description", "") + (f" `kind` is `{kind}`." if kind else "")
        needed = definition.get("required", [])
        yield _table(
            ("field", "what it is", "default"),
            [
                (f"`{field}`", _kind_of(value), "required" if field in needed else _absent(value))
                for field, value in definition["properties"].items()
                if field != "kind"
            ],
        )


def _absent(value: dict[str, Any]) -> str:
    """Say what holds where a field is left out."""
    return f"`{json.dumps(value['default'])}`" if value.get("default") is not None else ""


def _kind_of(value: dict[str, Any]) -> str:
    """Say in a few words what a schema allows."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        return " or ".join(_kind_of(item) for item in value["anyOf"])
    if "enum" in value:
        return ", ".join(f"`{item}`" for item in value["enum"])
    if value.get("format") == "date-time":
        return "time, UTC"
    if "prefixItems" in value:
        return f"{len(value['prefixItems'])} × {_kind_of(value['prefixItems'][0])}"
    if value.get("items"):
        return f"list of {_kind_of(value['items'])}"
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    limits = ", ".join(f"{sign} {value[key]}" for key, sign in signs.items() if key in value)
    names = {"string": "text", "array": "list"}
    kind = value.get("type", "anything")
    return f"{names.get(kind, kind)} {limits}".strip()


def _option(action: Any) -> tuple[str, str]:
    """Return an argument as it is typed, and its help."""
    helped = str(action.help or "")
    if not action.option_strings:
        name = "|".join(action.choices) if action.choices else str(action.metavar or action.dest)
        return f"`{name}`", helped
    value = action.metavar or "|".join(action.choices or ())
    typed = f"{', '.join(action.option_strings)} {value}".strip()
    return f"`{typed}`", helped + (" (required)" if action.required else "")


def _default(field: Any) -> str:
    value = field.default if field.default_factory is NODEFAULT else field.default_factory()
    return type(value).__name__ if hasattr(value, "__struct_fields__") else json.dumps(value)


def _shown(name: str) -> str:
    found = library.load(name)
    expected = ", ".join(f"{claim} {value}" for claim, value in claims(found.expect).items())
    owed = "".join(f"; *not yet* {claim}: {why}" for claim, why in found.expect.not_yet.items())
    note = f" {found.expect.note}" if found.expect.note else ""
    picture = f"![{found.title}](../pictures/scenarios/{name}.png)"
    return f"### {name}\n\n**{found.title}.** {found.story}\n\n{picture}\n\nExpected: {expected}{owed}.{note}"


def _told(texts: dict[str, str], *keys: str) -> list[tuple[str, ...]]:
    return [
        (f"`{name}`", *(str(tomllib.loads(text).get(key, "")) for key in keys))
        for name, text in texts.items()
    ]


def main(argv: list[str]) -> int:
    """Write the pages, or with --check say which differ."""
    differing = [name for name, text in pages().items() if _committed(name) != text]
    if "--check" not in argv:
        REFERENCE.mkdir(exist_ok=True)
        for name, text in pages().items():
            (REFERENCE / name).write_text(text, encoding="utf-8")
        draw_stale()
    for name in differing:
        sys.stdout.write(f"{'differs' if '--check' in argv else 'written'}: docs/reference/{name}\n")
    return int("--check" in argv and bool(differing))


def draw_stale() -> None:
    """Draw the scenarios whose picture is out of date; takes some seconds each."""
    import scenarios as pictures  # noqa: PLC0415  # needs matplotlib, which pages do not

    pictures.main([])


def _committed(name: str) -> str | None:
    path = REFERENCE / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
