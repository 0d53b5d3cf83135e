"""The page of a run: one HTML file with its pictures inside, that opens without a network and without a script."""

from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from scipy.stats import chi2

from tocsin.messages import Array
from tocsin.report import charts, ground, ground_map, svg, wording
from tocsin.report.czml import sensor_points
from tocsin.report.results import Message, Results, nanoseconds
from tocsin.report.story import Story, changes, stories, turning_points

SECTIONS = 20  # as many warnings get a section; the index lists all
RICH_SECTIONS = 5  # as many get every chart; the others map, motion and tables, to keep the page small
BANNERS = {
    "live": "LIVE",
    "exercise": "EXERCISE – not a real event",
    "test": "TEST – not a real event",
}
REJECTED_SHOWN = 10
LOG_SHOWN = 40


def write_report(folder: Path) -> Path:
    """Write `report.html` into a run's folder and return its path."""
    results = Results(folder)
    told = stories(results)
    with mpl.rc_context(svg.style(svg.LIGHT)):  # type: ignore[arg-type]
        content = _content(results, told)
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
        "axes": wording.axes, "plain": wording.plain, "identity": wording.identity,
        "since": wording.since, "listing": wording.listing,
    }  # fmt: skip
    return environment.from_string(source)


def _content(results: Results, told: Sequence[Story]) -> dict[str, Any]:
    points = sensor_points(results.recorded)
    overview = _overview(results, told, points) if len(told) > 1 else None
    origins = sorted(
        {s.last["origin"] for s in told} | set(results.recorded.origins), key=list(BANNERS).index
    )
    return {
        "title": _title(told),
        "banners": [(origin, BANNERS[origin]) for origin in origins],
        "colours": {"light": svg.LIGHT, "dark": svg.DARK},
        "lead": _lead(told),
        "counts": _counts(results.summary),
        "when": _when(results),
        "index": [_index_row(story) for story in told],
        "overview": overview,
        "sections": [
            _section(results, story, points, number) for number, story in enumerate(told[:SECTIONS], 1)
        ],
        "left_out": max(0, len(told) - SECTIONS),
        "scores": _scores(results.summary),
        "seen": _seen(results, told),
        "alerts": results.alerts().replace({np.nan: None}).to_dict("records"),
        "rejected": results.rejected()[:REJECTED_SHOWN],
        "rejected_count": int(results.summary.get("rejected", len(results.rejected()))),
        "steps": {name: n for name, n in (results.summary.get("steps") or {}).items() if n},
        "log": [event for event in results.events() if event["kind"] == "event-log"][:LOG_SHOWN],
        "raids": [event for event in results.events() if event["kind"] == "raid"][-1:],
    }


def _title(told: Sequence[Story]) -> str:
    if not told:
        return "No warning"
    return told[0].id if len(told) == 1 else f"{len(told)} warnings"


def _lead(told: Sequence[Story]) -> str:
    if not told:
        return "No warning was given. What was seen is below."
    newest = max(told, key=lambda story: nanoseconds(story.last["time"]))
    return str(newest.last["reason"])


def _counts(summary: Message) -> list[tuple[str, str]]:
    names = ("warnings", "alerts", "scans", "detections", "rejected", "late", "duplicates")
    counts = [(name, wording.plain(summary[name])) for name in names if name in summary]
    if summary.get("data_s"):
        counts.append(("of data", wording.duration(summary["data_s"])))
    return counts


def _when(results: Results) -> str:
    looks = results.recorded.looks
    if not looks:
        return ""
    first, last = min(look.time for look in looks), max(look.time for look in looks)
    return f"{wording.date(first)}, {wording.clock(first, 0)} to {wording.clock(last, 0)} UTC"


def _index_row(story: Story) -> Message:
    last = story.last
    return {
        "id": story.id, "origin": last["origin"], "state": last["outcome"] or last["state"],
        "identity": wording.identity(last["identity"]), "sensors": story.sensors(),
        "launch": _place(story.latest("launch")), "impact": _place(story.latest("impact")),
        "impact_time": (story.latest("impact") or {}).get("time"),
    }  # fmt: skip


def _place(estimate: Message | None) -> str:
    if estimate is None:
        return wording.MISSING
    ellipse = estimate["ellipse_95"]
    digits = wording.place_digits(ellipse)
    return f"{wording.position(estimate['latitude_deg'], estimate['longitude_deg'], digits)} {wording.axes(ellipse)}"


def _section(results: Results, story: Story, points: dict[str, Array], number: int) -> dict[str, Any]:
    sensors = results.recorded.sensors
    names = list(dict.fromkeys(story.updates["sensor"]))
    rich = number <= RICH_SECTIONS
    drawings = [_map(story, sensors, points, number), *_charts(story, names, number, rich)]
    return {
        "id": story.id, "story": story, "last": story.last, "drawings": [d for d in drawings if d is not None],
        "facts": _facts(story), "zero": wording.iso(story.zero), "rich": rich,
        "timeline": [_moment(story, version, said) for version, said in turning_points(story)],
        "versions": _all_versions(story) if rich else [],
        "evidence": [_evidence(results, story, name) for name in names],
    }  # fmt: skip


def _drawing(name: str, drawn: Figure | None, title: str, alt: str, caption: str) -> svg.Drawing | None:
    if drawn is None:
        return None
    return svg.Drawing(title, Markup(svg.markup(drawn, name, alt)), alt, caption)  # noqa: S704 - our own drawing


def _charts(story: Story, names: Sequence[str], number: int, rich: bool) -> list[svg.Drawing | None]:
    def draw(
        name: str, make: Callable[[], Figure | None], title: str, alt: str, caption: str
    ) -> svg.Drawing | None:
        return _drawing(f"{name}{number}", make(), title, alt, caption)

    c = svg.LIGHT
    who = draw("s", lambda: charts.sightings(story, c), "Who saw it when",
               f"Lanes of sightings by {wording.listing(names)}; {_states(story)}.",
               "A tick is a detection joined to this object; dashed lines are changes of the warning's state.")  # fmt: skip
    motion = draw("m", lambda: charts.motion(story, c), "Altitude and speed", _motion_words(story),
                  "Band: ±2σ. Dashed: coasting on from the last look without drag. Dotted: truth, where known.")  # fmt: skip
    if not rich:
        return [who, motion]
    return [
        who,
        motion,
        draw("a", lambda: charts.areas(story, c), "How sure: launch and impact areas", _area_words(story),
             "Semi-axes of the 95 % ellipses of each version. Marks: the true error, filled when inside the ellipse."),
        draw("e", lambda: charts.errors(story, c), "Error against what was claimed", _error_words(story),
             "An honest estimate's error runs about its claim: seldom above, not far below."),
        draw("r", lambda: charts.residuals(story, names, c), "Residuals by sensor",
             f"Normalised residuals of {wording.listing(names)} against time; the band is ±2σ.",
             "Measured less predicted, divided by what was expected. Most points belong in the band; a drift is a bias."),
    ]  # fmt: skip


def _map(
    story: Story, sensors: dict[str, Message], points: dict[str, Array], number: int
) -> svg.Drawing | None:
    if not len(story.track.t) and story.latest("launch") is None and story.latest("impact") is None:
        return None
    return _drawing(f"g{number}", map_figure(story, sensors, points, svg.LIGHT), "Map", _map_words(story),
                    "Solid: measured. Dashed: predicted. Dotted, with stars: truth, where known. Ellipses hold the "
                    "truth in 95 of 100 cases; fainter ones are earlier versions.")  # fmt: skip


def map_figure(
    story: Story, sensors: dict[str, Message], points: dict[str, Array], colours: ground_map.Colours
) -> Figure:
    """Draw the map of one warning with close-ups of its two ends."""
    drawn = svg.figure(9.2, 5.4)
    grid = drawn.add_gridspec(2, 2, width_ratios=[2.05, 1])
    wide = drawn.add_subplot(grid[:, 0])
    view = ground_map.view_of([story], list(sensors.values()), 6.0 / 5.2)
    ground_map.draw_ground(wide, view, colours)
    ground_map.draw_sensors(wide, view, sensors, points, colours)
    ground_map.draw_story(wide, view, story, colours)
    for row, part, marker in ((0, "launch", "^"), (1, "impact", "X")):
        axes = drawn.add_subplot(grid[row, 1])
        estimate = story.latest(part)
        axes.set_title(f"{part.capitalize()} area")
        if estimate is None:
            axes.set_axis_off()
            axes.text(0.5, 0.5, "not known", ha="center", color=colours["muted"])
            continue
        end = story.truth.end_of(part) if story.truth else None
        near = ground_map.close_up(estimate, np.array([[end[2], end[1]]]) if end else np.empty((0, 2)), 1.15)
        ground_map.draw_ground(axes, near, colours)
        ground_map.draw_story(axes, near, story, colours, named=False)
        axes.plot(
            0, 0, marker=marker, markersize=8, color=colours[part], markeredgecolor=colours["paper"], zorder=9
        )
    return drawn


def _overview(results: Results, told: Sequence[Story], points: dict[str, Array]) -> svg.Drawing:
    sensors, c = results.recorded.sensors, svg.LIGHT
    drawn = svg.figure(9.2, 5.0)
    axes = drawn.subplots()
    view = ground_map.view_of(told, list(sensors.values()), 9.0 / 4.9)
    ground_map.draw_ground(axes, view, c)
    ground_map.draw_sensors(axes, view, sensors, points, c)
    for story in told[: 5 * SECTIONS]:
        ground_map.draw_story(axes, view, story, c, named=False)
        place = story.latest("impact") or story.latest("launch")
        if place is not None and len(told) <= SECTIONS:
            at = view.project(np.array([[place["longitude_deg"], place["latitude_deg"]]]))[0]
            ground_map.label(axes, at, story.id[-4:], c["ink"], c)
    alt = f"Map of {wording.plural(len(told), 'warning')} with launch areas, tracks and impact areas."
    drawing = _drawing(
        "g0", drawn, "All warnings", alt, "Named by the last four characters of the warning's id."
    )
    assert drawing is not None
    return drawing


def _facts(story: Story) -> list[tuple[str, str]]:
    last, launch, impact = story.last, story.latest("launch"), story.latest("impact")
    facts = [("State", f"{last['state']}" + (f", {last['outcome']}" if last["outcome"] else "")),
             ("What it is", wording.identity(last["identity"])),
             ("Seen by", wording.listing(story.sensors())),
             ("Independent paths", str(len((last.get("evidence") or {}).get("paths") or ())))]  # fmt: skip
    for name, part in (("Launch", launch), ("Impact", impact)):
        if part is None:
            facts.append((name, "not known"))
            continue
        sigma = wording.number(2 * part["time_sigma_s"])
        facts += [(f"{name} place, 95 %", _place(part)),
                  (f"{name} time, 95 %", f"{wording.clock(nanoseconds(part['time']))} UTC ±{sigma} s")]  # fmt: skip
    if launch and launch.get("azimuth_deg") is not None:
        sigma = wording.number(2 * (launch.get("azimuth_sigma_deg") or 0))
        facts.append(("Heading, 95 %", f"{launch['azimuth_deg']:.1f}° ±{sigma}°"))
    if launch and impact:
        reach = ground.distance_deg(
            launch["latitude_deg"], launch["longitude_deg"], impact["latitude_deg"], impact["longitude_deg"]
        )
        flown = (nanoseconds(impact["time"]) - nanoseconds(launch["time"])) / 1e9
        facts.append(("Range and time of flight", f"{wording.length(reach, 4)}, {wording.duration(flown)}"))
    return facts + _true_errors(story)


def _true_errors(story: Story) -> list[tuple[str, str]]:
    facts = []
    for part in ("launch", "impact"):
        estimate = story.latest(part)
        gap = story.error(part, estimate) if estimate else None
        if estimate is not None and gap is not None:
            where = "inside" if story.inside(part, estimate) else "outside"
            facts.append((f"True {part} error", f"{wording.length(gap)}, {where} the 95 % ellipse"))
    return facts


def _moment(story: Story, version: Message, said: Sequence[str]) -> Message:
    when = story.seconds(version["time"])
    impact = version.get("impact")
    left = story.seconds(impact["time"]) - when if impact else None
    looks = story.updates[story.updates["version"] == version["version"]]
    return {
        "version": version["version"], "time": version["time"], "since": wording.since(when), "state": version["state"],
        "phase": version["phase"], "saw": list(dict.fromkeys(looks["sensor"])), "said": list(said),
        "launch": (version.get("launch") or {}).get("ellipse_95"), "impact": (impact or {}).get("ellipse_95"),
        "left": wording.duration(left) if left is not None and left > 0 else wording.MISSING,
        "reason": version["reason"],
    }  # fmt: skip


def _all_versions(story: Story, most: int = 250) -> list[Message]:
    rows, before = [], None
    for version in story.versions:
        rows.append(_moment(story, version, changes(before, version)))
        before = version
    return rows[:most]


def _evidence(results: Results, story: Story, name: str) -> Message:
    rows = story.updates[story.updates["sensor"] == name]
    _, sizes = charts.whitened(rows)
    total = int(sizes.sum())
    mean, expected = float(rows["distance"].mean()), total / max(len(rows), 1)
    low, high = (chi2.ppf(q, total) / max(len(rows), 1) for q in (0.025, 0.975))
    counts = results.recorded.detections(name)
    verdict = (
        "as expected"
        if low <= mean <= high
        else "larger than claimed"
        if mean > high
        else "smaller than claimed"
    )
    return {
        "sensor": name, "type": results.recorded.sensors.get(name, {}).get("type", wording.MISSING),
        "looks": len(counts), "detections": sum(counts), "used": len(rows),
        "first": wording.since((int(rows["time"].iloc[0].value) - story.zero) / 1e9),
        "last": wording.since((int(rows["time"].iloc[-1].value) - story.zero) / 1e9),
        "mean": f"{mean:.2f}", "expected": f"{expected:.0f} ({low:.2f} to {high:.2f})", "verdict": verdict,
    }  # fmt: skip


def _seen(results: Results, told: Sequence[Story]) -> dict[str, Any]:
    looks = results.recorded.looks
    zero = told[0].zero if told else min((look.time for look in looks), default=0)
    by_sensor: dict[str, tuple[Array, Array]] = {}
    rows = []
    for name in list(dict.fromkeys([*results.recorded.sensors, *(look.sensor for look in looks)])):
        own = sorted((look.time, look.detections) for look in looks if look.sensor == name)
        n = np.array([count for _, count in own], np.float64)
        kind = results.recorded.sensors.get(name, {}).get("type", "not described")
        mean = f"{n.mean():.2f}" if len(n) else wording.MISSING
        rows.append({"sensor": name, "type": kind, "looks": len(n), "detections": int(n.sum()), "mean": mean})
        if len(n):
            by_sensor[name] = ((np.array([t for t, _ in own]) - zero) / 1e9, n)
    shown = dict(list(by_sensor.items())[:12])
    drawing = None
    if shown:
        zero_is = told[0].zero_is if told else "the first look"
        drawing = _drawing("l", charts.looks(shown, zero_is, svg.LIGHT), "Detections a look",
                           f"Number of detections in each look of {wording.listing(list(shown))}.",
                           "Everything each sensor reported, false alarms included.")  # fmt: skip
    return {"rows": rows, "drawing": drawing}


def _scores(summary: Message) -> dict[str, Any] | None:
    if "objects" not in summary:
        return None
    lengths = ("launch_error_m", "impact_error_m")
    columns = ["first_detection_s", "first_warning_s", "corroborated_s", "launch_error_m", "launch_time_error_s",
               "impact_error_m", "impact_time_error_s"]  # fmt: skip
    rows = []
    for entry in summary["objects"]:
        cells = [wording.length(entry.get(c)) if c in lengths else _seconds(entry.get(c)) for c in columns]
        rows.append([str(entry.get("object", wording.MISSING)), *cells])
    rest = [(name.replace("_m", "").replace("_", " "), wording.length(summary[name]) if name == "gospa_m" else wording.plain(summary[name]))
            for name in ("gospa_m", "false_warnings", "missed") if summary.get(name) is not None]  # fmt: skip
    return {"rows": rows, "rest": rest}


def _seconds(value: float | None) -> str:
    return wording.MISSING if value is None else f"{value:.1f} s"


def _states(story: Story) -> str:
    return "states " + ", ".join(dict.fromkeys(version["state"] for version in story.versions))


def _map_words(story: Story) -> str:
    words = [f"Map of {story.id}."]
    words += [
        f"{part.capitalize()}: {_place(e)}." for part in ("launch", "impact") if (e := story.latest(part))
    ]
    return " ".join(words)


def _motion_words(story: Story) -> str:
    if not len(story.track.t):
        return "No track was kept."
    height, _ = charts.altitude(story.track)
    fast, _ = charts.speed(story.track)
    return (
        f"Altitude and speed from {wording.since(story.track.t[0])} to {wording.since(story.track.t[-1])}: "
        f"up to {wording.length(float(height.max()), 3)} and {fast.max() / 1000:.2f} km/s."
    )


def _area_words(story: Story) -> str:
    words = []
    for part in ("launch", "impact"):
        if found := story.estimates(part):
            first, last = found[0][1]["ellipse_95"], found[-1][1]["ellipse_95"]
            words.append(f"{part} area from {wording.axes(first)} to {wording.axes(last)}")
    return ("; ".join(words) or "no area was ever known") + "."


def _error_words(story: Story) -> str:
    if story.truth is None or not len(story.track.t):
        return ""
    gaps = np.linalg.norm(story.track.r - story.truth.at(story.track.t)[0], axis=1)
    known = gaps[np.isfinite(gaps)]
    return (
        f"Position error from {wording.length(float(known[0]))} to {wording.length(float(known[-1]))}."
        if len(known)
        else ""
    )
