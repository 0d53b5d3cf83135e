"""`tocsin coverage`: maps of who is warned of what, how soon; and the table of case R13."""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.cli.arguments import Arguments
from tocsin.cli.terminal import Terminal
from tocsin.errors import ConfigError

if TYPE_CHECKING:
    from tocsin.study.coverage.maps import Maps

R13 = "r13"


def coverage(arguments: Arguments) -> int:
    """Map a network's coverage into a folder, or print a table of the literature."""
    if arguments.network == R13:
        return _r13(arguments.json)
    from tocsin.study.coverage import asking, maps, tables  # noqa: PLC0415

    if arguments.out is None:
        raise ConfigError("name a folder for the maps: --out DIR")
    terminal = Terminal(not (arguments.quiet or arguments.json))
    asked = asking.ask(
        arguments.network, arguments.target or [], arguments.shape or [], vehicle=arguments.vehicle,
        step_deg=arguments.step, area=arguments.area or asking.WORLD, time=arguments.time, day_step_h=arguments.day,
        handling=arguments.handling, yes=arguments.yes,
    )  # fmt: skip
    folder = _folder(arguments.out)
    seconds, _ = asked.estimate()
    terminal.say(
        f"{asked.title}: {asked.cells:,} cells, {len(asked.tasks)} flights, {len(asked.network)} sensors; about "
        f"{max(1, round(seconds)):,} s"
    )
    begun = time.perf_counter()
    with terminal.compiling(), terminal.progress("maps") as advance:
        found = maps.compute(asked, advance)
    took = time.perf_counter() - begun
    told = tables.summary(found, took)
    _write(found, told, folder)
    if arguments.json:
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
    for line in tables.lines(told):
        terminal.say(line)
    if (moving := asking.moving(asked)) and not asked.times:
        terminal.say(f"{', '.join(moving)}: where they are at the launch; --day maps a whole day")
    terminal.say(f"mapped in {took:.0f} s; pictures, coverage.nc and tables: {folder}")
    return 0


def _write(found: "Maps", told: dict[str, Any], folder: Path) -> None:
    """Write the maps in all forms."""
    from tocsin.study.coverage import dataset, pictures, tables  # noqa: PLC0415

    try:
        dataset.dataset(found).to_netcdf(folder / "coverage.nc", engine="scipy")
        (folder / "coverage.csv").write_text(tables.as_csv(told["rows"]), encoding="utf-8")
        pictures.draw(found, dataset.seeing(found), folder)
        (folder / "summary.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror or error}") from None


def _folder(name: str) -> Path:
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror}") from None
    return folder


def _r13(as_json: bool) -> int:
    from tocsin.study.coverage import oko  # noqa: PLC0415

    found = oko.table()
    if as_json:
        rows = [
            {"satellites": n, "one_sees_h": round(one, 2), "two_see_h": round(two, 2)}
            for n, one, two in found.by_number
        ]
        told = {
            "hours_a_day": round(found.hours, 2),
            "longest_window_min": round(found.longest / 60),
            "rows": rows,
        }
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
    else:
        sys.stdout.write("\n".join(oko.lines(found)) + "\n")
    return 0
