"""`tocsin bounds`: how well a launch can be known at best."""

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.cli.arguments import Arguments
from tocsin.errors import ConfigError

if TYPE_CHECKING:
    from tocsin.study.launch_bounds import Bound
    from tocsin.study.scenario_bounds import Bounds

TEXTBOOK = "r9"
_HEAD = (
    f"{'':28}{'looks':>6}{'until':>9}{'launch':>10}{'time':>9}{'heading':>9}"
    f"{'position':>11}{'velocity':>11}{'impact':>11}{'time':>9}"
)
_SERIES = (
    ("satellites", "infrared"),
    ("all", "all"),
    ("satellites, biases unknown", "infrared_biased"),
    ("all, biases unknown", "all_biased"),
)


def bounds(arguments: Arguments) -> int:
    """Print the bounds of a scenario's launches, or case R9's table."""
    if arguments.scenario == TEXTBOOK:
        if arguments.against or arguments.picture:
            raise ConfigError("r9 is a table; --against and --picture go with a scenario")
        return _textbook(arguments.json)
    from tocsin.simulation import library  # noqa: PLC0415
    from tocsin.study.against import errors, picture  # noqa: PLC0415
    from tocsin.study.scenario_bounds import scenario_bounds  # noqa: PLC0415

    scenario = library.load(arguments.scenario)
    if not scenario.launch:
        raise ConfigError(f"{scenario.file}: no [[launch]], so there is nothing to bound")
    made = errors(scenario, Path(arguments.against)) if arguments.against else {}
    told = scenario_bounds(scenario)
    rms = {name: errors_of.rms for name, errors_of in made.items()}
    if arguments.json:
        rows = [_json(b, rms.get(b.launch)) for b in told]
        sys.stdout.write(json.dumps({"scenario": scenario.title, "launches": rows}, indent=1) + "\n")
    else:
        sys.stdout.write(
            f"{scenario.title}: least RMS errors, thrust and pitch known to 10 %, shape and drag exactly\n"
        )
        sys.stdout.write("".join(_told(b, rms.get(b.launch)) for b in told))
    if arguments.picture:
        for b in told:
            picture(b, made.get(b.launch), _named(Path(arguments.picture), b.launch, len(told)))
    return 0


def _textbook(as_json: bool) -> int:
    from tocsin.study.textbook_bounds import TABLE, textbook  # noqa: PLC0415

    rows = []
    for row, bound in zip(TABLE, textbook(), strict=True):
        ours = bound.launch / 1e3, bound.launch_time, math.degrees(bound.heading)
        rows.append((row, ours, (row.launch_km, row.time_s, row.heading_deg)))
    sys.stdout.write(_textbook_json(rows) if as_json else _textbook_text(rows))
    return 0


def _textbook_json(rows: list[Any]) -> str:
    names = ("launch_km", "time_s", "heading_deg")
    told = [
        {
            "class": row.kind, "satellites": row.satellites, "sigma_urad": row.sigma_urad,
            "interval_s": row.interval_s, "looks": row.looks,
            "bound": dict(zip(names, (round(v, 4) for v in ours), strict=True)),
            "table": dict(zip(names, table, strict=True)),
        }
        for row, ours, table in rows
    ]  # fmt: skip
    return json.dumps(told, indent=1) + "\n"


def _textbook_text(rows: list[Any]) -> str:
    text = "case R9: least RMS errors of a launch, ours and in brackets the table's (literature.md 1.3)\n"
    text += f"{'class':6}{'sats':>5}{'µrad':>6}{'every s':>9}{'looks':>7}"
    text += f"{'launch km':>13}{'':9}{'time s':>9}{'':8}{'heading °':>10}\n"
    for row, ours, table in rows:
        text += f"{row.kind:6}{row.satellites:>5}{row.sigma_urad:>6g}{row.interval_s:>9g}{row.looks:>7}"
        pairs = [f"{value:.3g}".rjust(8) + f" ({t:g})".ljust(9) for value, t in zip(ours, table, strict=True)]
        text += "     " + "".join(pairs).rstrip() + "\n"
    return text


def _told(told: "Bounds", rms: Any) -> str:
    lines = [f"\n{f'{told.launch}, {told.vehicle}':28}{_HEAD[28:]}\n"]
    for label, name in _SERIES:
        series: list[Bound] = getattr(told, name)
        if series:
            lines.append(_line(label, series[-1]))
    if len(lines) == 1:
        lines.append("no sensor sees it\n")
    if rms is not None:
        parts = ((10, "m"), (9, "s"), (42, "m"), (9, "s"))
        cells = "".join(f"{_value(v, unit):>{w}}" for v, (w, unit) in zip(rms, parts, strict=True))
        lines.append(f"{'errors of the estimates':28}{'':15}{cells}\n")
    return "".join(lines)


def _line(label: str, b: "Bound") -> str:
    return (
        f"{label:28}{b.looks:>6}{b.time:>7.0f} s{_value(b.launch, 'm'):>10}{_value(b.launch_time, 's'):>9}"
        f"{_value(math.degrees(b.heading), '°'):>9}{_value(b.position, 'm'):>11}{_value(b.velocity, 'm/s'):>11}"
        f"{_value(b.impact, 'm'):>11}{_value(b.impact_time, 's'):>9}\n"
    )


def _value(value: float | None, unit: str) -> str:
    from tocsin.report.wording import MISSING, length, number  # noqa: PLC0415

    if value is None or not math.isfinite(value):
        return MISSING
    if unit == "m":
        return length(value, 3)
    return f"{number(value, 3)}{'' if unit == '°' else ' '}{unit}"


def _json(told: "Bounds", rms: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"launch": told.launch, "vehicle": told.vehicle}
    for _, name in _SERIES:
        row[name] = [_finite(b) for b in getattr(told, name)]
    if rms is not None:
        names = ("launch_m", "launch_time_s", "impact_m", "impact_time_s")
        row["errors"] = {
            n: float(f"{v:.6g}") if math.isfinite(v) else None for n, v in zip(names, rms, strict=True)
        }
    return row


def _finite(b: "Bound") -> dict[str, Any]:
    """Return a bound with units in its names; what nothing bounds is null."""
    values = {
        "looks": b.looks, "time_s": b.time, "launch_m": b.launch, "launch_time_s": b.launch_time,
        "heading_deg": math.degrees(b.heading), "state_time_s": b.state_time, "position_m": b.position,
        "velocity_mps": b.velocity, "impact_m": b.impact, "impact_time_s": b.impact_time,
    }  # fmt: skip
    return {
        n: v if v is None or isinstance(v, int) else float(f"{v:.6g}") if math.isfinite(v) else None
        for n, v in values.items()
    }


def _named(file: Path, launch: str, launches: int) -> Path:
    """Return the picture's name; of several launches, with each one's id."""
    return file if launches == 1 else file.with_stem(f"{file.stem}-{launch}")
