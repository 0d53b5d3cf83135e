"""The page of a run: one HTML file with its pictures inside; it needs no network and no script."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import matplotlib as mpl
import numpy as np

from tocsin.messages import Array
from tocsin.report import gallery, svg, tables, wording
from tocsin.report.results import Results, nanoseconds
from tocsin.report.story import Story, stories, turning_points
from tocsin.report.whereabouts import sensor_points

SECTIONS = 20  # as many warnings get a section; the index lists all
RICH_SECTIONS = 5  # as many get every chart; the others map, sightings and motion, to keep the page small
REJECTED_SHOWN = 10
LOG_SHOWN = 40
BANNERS = {
    "live": "LIVE",
    "exercise": "EXERCISE – not a real event",
    "test": "TEST – not a real event",
}


def write_report(folder: Path) -> Path:
    """Write `report.html` into a run's folder and return its path. The same folder gives the same bytes."""
    results = Results(folder)
    with mpl.rc_context(svg.style(svg.LIGHT)):
        content = _content(results, stories(results))
    path = Path(folder) / "report.html"
    path.write_text(_template().render(content), encoding="utf-8")
    return path


def _template() -> jinja2.Template:
    source = files("tocsin.report").joinpath("templates/report.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {
        "clock": lambda text, digits=1: wording.clock(nanoseconds(text), digits) if text else wording.MISSING,
        "axes": wording.axes, "plain": wording.plain, "listing": wording.listing,
    }  # fmt: skip
    return environment.from_string(source)


def _content(results: Results, told: Sequence[Story]) -> dict[str, Any]:
    recorded = results.recorded
    points = sensor_points(recorded)
    zero = told[0].zero if told else min((look.time for look in recorded.looks), default=0)
    rows, series = tables.seen(results, zero)
    shown = told[: 5 * SECTIONS]
    events, rejected = results.events(), results.rejected()
    origins = {story.last["origin"] for story in told} | set(recorded.origins)
    return {
        "title": tables.title(told),
        "banners": [(origin, words) for origin, words in BANNERS.items() if origin in origins],
        "colours": {"light": svg.LIGHT, "dark": svg.DARK},
        "lead": tables.lead(told),
        "counts": tables.counts(results.summary),
        "when": tables.span(results),
        "index": [tables.index_row(story) for story in told],
        "overview": gallery.overview(shown, recorded.sensors, points, SECTIONS) if len(told) > 1 else None,
        "sections": [_section(results, story, points, k) for k, story in enumerate(told[:SECTIONS], 1)],
        "left_out": max(0, len(told) - SECTIONS),
        "scores": tables.scores(results.summary),
        "seen": rows,
        "looks": gallery.looks(series, told[0].zero_is if told else "the first look"),
        "alerts": results.alerts().replace({np.nan: None}).to_dict("records"),
        "rejected": rejected[:REJECTED_SHOWN],
        "rejected_count": max(int(results.summary.get("rejected", 0)), len(rejected)),
        "steps": {name: n for name, n in (results.summary.get("steps") or {}).items() if n},
        "log": [event for event in events if event["kind"] == "event-log"][:LOG_SHOWN],
        "log_count": sum(event["kind"] == "event-log" for event in events),
        "raids": {event["event"]: event for event in events if event["kind"] == "raid"}.values(),
    }


def _section(results: Results, story: Story, points: dict[str, Array], number: int) -> dict[str, Any]:
    rich = number <= RICH_SECTIONS
    drawings = gallery.of_story(story, results.recorded.sensors, points, number, rich)
    names = dict.fromkeys(story.updates["sensor"])
    return {
        "id": story.id, "last": story.last, "children": story.children, "version_count": len(story.versions),
        "zero": wording.iso(story.zero), "zero_is": story.zero_is, "facts": tables.facts(story),
        "drawings": drawings,
        "before_story": sum(drawing.name in ("Map", "Who saw it when") for drawing in drawings),
        "timeline": [tables.moment(story, version, said) for version, said in turning_points(story)],
        "versions": tables.versions(story) if rich else [],
        "evidence": [tables.evidence(results, story, name) for name in names],
    }  # fmt: skip
