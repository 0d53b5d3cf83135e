"""What comes with Tocsin, and where to begin: scenarios, networks, the schema, a new scenario."""

import json
import re
import sys
from pathlib import Path

from tocsin.cli.arguments import Arguments
from tocsin.errors import ConfigError


def scenarios(arguments: Arguments) -> int:
    """List the bundled scenarios with their stories, or print one."""
    from tocsin.simulation import library  # noqa: PLC0415

    return _listed(library.scenarios(), arguments.name, "scenario", "story")


def networks(arguments: Arguments) -> int:
    """List the bundled networks with their titles, or print one."""
    from tocsin.simulation import library  # noqa: PLC0415

    return _listed(library.networks(), arguments.name, "network", "title")


def schema(arguments: Arguments) -> int:
    """Print the schema, or write it."""
    from tocsin.formats.schema import schema as whole  # noqa: PLC0415

    text = json.dumps(whole(), indent=2, ensure_ascii=False) + "\n"
    if arguments.out is None or arguments.out == "-":
        sys.stdout.write(text)
    else:
        Path(arguments.out).write_text(text, encoding="utf-8")
    return 0


def new(arguments: Arguments) -> int:
    """Write a scenario to begin with; a ConfigError where the file is there already."""
    from tocsin.simulation import library  # noqa: PLC0415

    text = library.template(arguments.name)
    if arguments.out == "-":
        sys.stdout.write(text)
        return 0
    path = Path(arguments.out or f"{_slug(arguments.name)}.toml")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError(f"{path} is there already; give another NAME, or --out FILE") from None
    sys.stdout.write(f"{path} written; now: tocsin run {path} --out out/{path.stem}\n")
    return 0


def _listed(texts: dict[str, str], name: str | None, what: str, key: str) -> int:
    if name is not None:
        if name not in texts:
            raise ConfigError(f'no {what} "{name}"; there are: {", ".join(texts)}')
        sys.stdout.write(texts[name])
        return 0
    width = max(len(word) for word in texts)
    for word, text in texts.items():
        sys.stdout.write(f"{word:<{width}}  {_one_line(text, key)}\n")
    return 0


def _one_line(text: str, key: str) -> str:
    from tomllib import loads  # noqa: PLC0415

    return " ".join(str(loads(text).get(key, "")).split())


def _slug(name: str) -> str:
    return re.sub(r"[^\w.]+", "-", name.strip().lower()).strip("-.") or "scenario"
