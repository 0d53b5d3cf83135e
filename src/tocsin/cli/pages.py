"""From a run's folder to what people read: the explanation and the pages."""

import sys
from pathlib import Path

from tocsin.cli.arguments import Arguments
from tocsin.errors import ConfigError


def explain(arguments: Arguments) -> int:
    """Explain one warning of a run."""
    from tocsin.report.explain import explain as explanation  # noqa: PLC0415

    warning = arguments.warning or only(Path(arguments.folder))
    sys.stdout.write(explanation(Path(arguments.folder), warning))
    return 0


def report(arguments: Arguments) -> int:
    """Draw a run's pages again."""
    folder = Path(arguments.folder)
    sys.stdout.write(f"{draw(folder)}\n")
    if arguments.picture is not None:
        from tocsin.report.picture import write_picture  # noqa: PLC0415

        sys.stdout.write(f"{write_picture(folder, Path(arguments.picture))}\n")
    return 0


def draw(folder: Path) -> Path:
    """Write the pages of a run's folder and return the report's path."""
    from tocsin.report.czml import write_scene  # noqa: PLC0415
    from tocsin.report.page import write_report  # noqa: PLC0415

    path = write_report(folder)
    write_scene(folder)
    return path


def only(folder: Path) -> str:
    """Name a run's only warning; a ConfigError lists them where there are more or none."""
    from tocsin.report.results import Results  # noqa: PLC0415

    names = list(dict.fromkeys(str(version["id"]) for version in Results(folder).versions))
    if len(names) != 1:
        there = f"there are: {', '.join(names[:20])}" if names else "this run gave no warning"
        raise ConfigError(f"{folder}: name one with --warning ID; {there}")
    return names[0]
