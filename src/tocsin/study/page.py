"""The page of a study: one HTML file with its pictures inside; it needs no network and no script."""

from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import jinja2
import matplotlib as mpl
import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from tocsin.report import svg, wording
from tocsin.study import charts
from tocsin.study.findings import Found, results
from tocsin.study.plan import Plan
from tocsin.study.tables import varying, words

MOST_DEPENDENT: Final = 20
MOST_AGAINST: Final = 6  # as many varied numbers get a picture of errors against them


def write_page(plan: Plan, told: Found, folder: Path) -> Path:
    """Write `report.html` into a study's folder. The same tables give the same bytes."""
    tables = results(folder)
    with mpl.rc_context(svg.style(svg.LIGHT)):
        content = _content(plan, told, tables.runs, tables.objects)
    making = folder / "report.html.part"
    making.write_text(_template().render(content), encoding="utf-8")
    return making.replace(folder / "report.html")


def label(parameters: dict[str, Any]) -> str:
    """Name a point of the grid by its values, with the last word of each path."""
    told = (f"{path.split('.')[-1]} {words(value) or 'none'}" for path, value in parameters.items())
    return ", ".join(told) or "all runs"


def _content(plan: Plan, told: Found, runs: pd.DataFrame, objects: pd.DataFrame) -> dict[str, Any]:
    groups = [(label(entry["parameters"]), entry) for entry in told["groups"]]
    rows = groups or [("all runs", told["all"])]
    return {
        "title": told["title"],
        "story": f"{told['story']} Tracker: {told['tracker']}." if "tracker" in told else told["story"],
        "colours": {"light": svg.LIGHT, "dark": svg.DARK},
        "facts": _facts(plan, told),
        "errors": told["errors"],
        "failed": told["failed"],
        "detection": [(name, _detection(entry)) for name, entry in rows],
        "accuracy": [
            (name, part, _accuracy(entry[part])) for name, entry in rows for part in ("launch", "impact")
        ],
        "times": [(name, _times(entry)) for name, entry in rows],
        "dependence": [
            (row["path"].split(".")[-1], row["result"], _dependence(row))
            for row in told["dependence"][:MOST_DEPENDENT]
        ],
        "drawings": _drawings(plan, told, runs, objects) if len(objects) else [],
        "left_out": plan.points - len(groups) if groups else 0,
    }


def _drawings(plan: Plan, told: Found, runs: pd.DataFrame, objects: pd.DataFrame) -> list[svg.Drawing]:
    colours = svg.LIGHT
    split = 1 < plan.points <= charts.MOST_LINES
    parts = (
        [(label(entry["parameters"]), entry) for entry in told["groups"]]
        if split
        else [("all runs", told["all"])]
    )
    frames = (
        [(name, objects[objects["point"] == entry["point"]]) for name, entry in parts]
        if split
        else [("all runs", objects)]
    )
    drawn = [
        ("Errors of the last version before impact", charts.errors(frames, colours),
         "Share of warned objects whose error was no larger."),
        ("Is the truth inside?", charts.containment(parts, colours),
         "Shares with 95 % intervals (Wilson). Dotted: what the ellipse claims. Above it the ellipses are larger than "
         "need be, below it too small."),
        ("Calibration", charts.depths(frames, colours),
         "The share of true places (of true states) inside an area of every claimed share. Above the dotted line: more "
         "cautious than need be; below: too sure."),
        ("When it was said", charts.times(frames, colours, leads=False),
         "Share of all objects for which it had been said by then; what does not reach 100 % was never said for some."),
        ("Time left", charts.times(frames, colours, leads=True),
         "Share of all objects with at least so much time between the first saying and the true impact."),
    ]  # fmt: skip
    paths = _numbers(plan)
    if paths:
        joined = objects.merge(runs[["run", *paths]], on="run")
        drawn.append(
            ("Errors against what varied", charts.against(joined, paths, colours), "A dot an object.")
        )
    return [_drawing(k, name, figure, caption) for k, (name, figure, caption) in enumerate(drawn)]


def _drawing(k: int, name: str, figure: Figure, caption: str) -> svg.Drawing:
    picture = Markup(svg.markup(figure, f"c{k}", f"{name}. {caption}"))  # noqa: S704 - our own drawing
    return svg.Drawing(name=name, svg=picture, alt=name, caption=caption)


def _numbers(plan: Plan) -> list[str]:
    """Return the paths that vary as numbers, over more than what the curves already tell apart."""
    drawn = [
        path
        for path, values in varying(plan).items()
        if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
        and (path in plan.draws or plan.points > charts.MOST_LINES)
    ]
    return drawn[:MOST_AGAINST]


def _facts(plan: Plan, told: Found) -> list[tuple[str, str]]:
    study = plan.study
    facts = [
        (
            "Runs",
            f"{told['runs']:,}"
            + (f": {study.runs:,} at each of {plan.points:,} points" if plan.points > 1 else ""),
        ),
        ("Failed", f"{told['failed']:,}"),
        ("Seed", str(study.seed)),
        ("Scenario", ", ".join(plan.sources)),
    ]
    facts += [
        (path, ", ".join(words(v) or "none" for v in values[:12])) for path, values in plan.grid.items()
    ]
    shapes = {path: f"{d.shape} {words(d.values)}" for path, d in plan.draws.items()}
    return facts + list(shapes.items())


def _detection(entry: Found) -> list[str]:
    return [
        f"{entry['runs']:,}", f"{entry['objects']:,}",
        *(_share(entry[name]) for name in ("warned", "corroborated", "alerted", "identified")),
        f"{entry['false_warnings']:,}", _length(entry["gospa_m"].get("mean")),
    ]  # fmt: skip


def _accuracy(part: Found) -> list[str]:
    error, late = part["error_m"], part["time_error_s"]
    return [
        f"{error['of']:,}", *(_length(error.get(key)) for key in ("rms", "median", "p95")),
        _length(part["semi_major_m"].get("median")), _seconds(late.get("rms")), _seconds(part["time_bias_s"]),
        *(_share(part["inside"][level]) for level in ("50", "95", "99")), _share(part["time_within_95"]),
    ]  # fmt: skip


def _times(entry: Found) -> list[str]:
    spreads = entry["times"]
    names = ("first_warning_s", "corroborated_s", "first_impact_s", "first_alert_s", "lead_s", "alert_lead_s")
    nees = entry["state"]["nees"]
    mean = wording.MISSING
    if nees["of"]:
        mean = f"{nees['mean']:.2f} ({nees['band_low']:.2f} to {nees['band_high']:.2f})"
    return [*(_middle(spreads[name]) for name in names), mean]


def _dependence(row: Found) -> list[str]:
    return [f"{row['correlation']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f})", f"{row['of']:,}"]


def _share(told: Found) -> str:
    if not told["of"]:
        return wording.MISSING
    return f"{100 * told['share']:.1f} % ({100 * told['low']:.1f}–{100 * told['high']:.1f})"


def _middle(told: Found) -> str:
    if not told["of"]:
        return wording.MISSING
    return f"{told['median']:.0f} s ({told['p05']:.0f}–{told['p95']:.0f})"


def _length(value: float | None) -> str:
    return wording.length(value, 3)


def _seconds(value: float | None) -> str:
    return wording.MISSING if value is None else f"{value:.2f} s"


def _template() -> jinja2.Template:
    source = files("tocsin.study").joinpath("templates/study.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(source)
