"""The words and numbers of a run's page: facts, story, evidence, what was seen, scores."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import chi2

from tocsin.messages import Array
from tocsin.report import charts, ground, within, wording
from tocsin.report.results import Message, Results, nanoseconds
from tocsin.report.story import Story, changes

VERSIONS_SHOWN = 250
SCORES = (
    "first_detection_s", "first_warning_s", "corroborated_s", "launch_error_m", "launch_time_error_s",
    "impact_error_m", "impact_time_error_s",
)  # fmt: skip


def title(told: Sequence[Story]) -> str:
    """Say the run in a heading."""
    if not told:
        return "No warning"
    if len(told) > 1:
        return f"{len(told)} warnings"
    name = wording.identity(told[0].last["identity"])
    return name[:1].upper() + name[1:]


def lead(told: Sequence[Story]) -> str:
    """Give the sentence of the newest version; a live one goes before any exercise or test."""
    if not told:
        return "No warning was given. What was seen is below."
    live = [story for story in told if story.last["origin"] == "live"]
    return str(max(live or told, key=lambda story: nanoseconds(story.last["time"])).last["reason"])


def counts(summary: Message) -> list[tuple[str, str]]:
    """Count what went in and came out."""
    nouns = {"warnings": "warning", "alerts": "alert", "scans": "scan", "detections": "detection"}
    told = [wording.plural(summary[key], noun) for key, noun in nouns.items() if key in summary]
    told += [f"{summary[key]:,} {key}" for key in ("rejected", "late") if key in summary]
    if "duplicates" in summary:
        told.append(wording.plural(summary["duplicates"], "duplicate"))
    if summary.get("data_s"):
        told.append(f"{wording.duration(summary['data_s']).replace(' ', chr(160))} of data")
    return [
        (number.replace(chr(160), " "), noun) for number, _, noun in (text.partition(" ") for text in told)
    ]


def span(results: Results) -> str:
    """Say from when to when the recording runs."""
    looks = results.recorded.looks
    if not looks:
        return ""
    first, last = min(look.time for look in looks), max(look.time for look in looks)
    until = wording.clock(last, 0) if wording.date(first) == wording.date(last) else wording.iso(last)
    return f"{wording.date(first)}, {wording.clock(first, 0)} to {until} UTC"


def index_row(story: Story) -> Message:
    """Tell a warning in one row."""
    last = story.last
    return {
        "id": story.id, "origin": last["origin"], "state": last["outcome"] or last["state"],
        "identity": wording.identity(last["identity"]), "sensors": story.sensors(),
        "launch": place(story.latest("launch")), "impact": place(story.latest("impact")),
        "impact_time": (story.latest("impact") or {}).get("time"),
    }  # fmt: skip


def place(estimate: Message | None) -> str:
    """Write an estimated place with its 95 % semi-axes."""
    if estimate is None:
        return wording.MISSING
    ellipse = estimate["ellipse_95"]
    digits = wording.place_digits(ellipse)
    where = wording.position(estimate["latitude_deg"], estimate["longitude_deg"], digits)
    return f"{where} {wording.axes(ellipse)}"


def facts(story: Story) -> list[tuple[str, str]]:
    """List what is believed, every number with its ±."""
    last, launch, impact = story.last, story.latest("launch"), story.latest("impact")
    told = [
        ("State", f"{last['state']}" + (f", {last['outcome']}" if last["outcome"] else "")),
        ("What it is", wording.identity(last["identity"])),
        ("Seen by", wording.listing(story.sensors())),
        ("Independent paths", str(len((last.get("evidence") or {}).get("paths") or ()))),
    ]
    for name, part in (("Launch", launch), ("Impact", impact)):
        if part is None:
            told.append((name, "not known"))
            continue
        told.append((f"{name} place, 95 %", place(part)))
        when = wording.clock(nanoseconds(part["time"]))
        told.append((f"{name} time, 95 %", f"{when} UTC ±{wording.number(1.96 * part['time_sigma_s'])} s"))
    if launch and launch.get("azimuth_deg") is not None:
        sigma = wording.number(1.96 * (launch.get("azimuth_sigma_deg") or 0))
        told.append(("Heading, 95 %", f"{launch['azimuth_deg']:.1f}° ±{sigma}°"))
    if launch and impact:
        ends = [end[key] for end in (launch, impact) for key in ("latitude_deg", "longitude_deg")]
        flown = (nanoseconds(impact["time"]) - nanoseconds(launch["time"])) / 1e9
        reach = wording.length(ground.distance_deg(*ends), 4)
        told.append(("Range and time of flight", f"{reach}, {wording.duration(flown)}"))
    return told + _on_the_ground(story) + _true_errors(story)


def _on_the_ground(story: Story) -> list[tuple[str, str]]:
    """Say what lies where it may come down, by the last version that says where, before it was closed."""
    known = [v for v in story.versions if v.get("impact") and v.get("state_vector")]
    chosen = next((v for v in reversed(known) if v["state"] != "closed"), None)
    found = None if chosen is None or story.latest("impact") is None else within.within(chosen)
    return [] if found is None else within.facts(found)


def moment(story: Story, version: Message, said: Sequence[str]) -> Message:
    """Tell one version in a row of the timeline."""
    when = story.seconds(version["time"])
    impact = version.get("impact")
    left = story.seconds(impact["time"]) - when if impact else 0.0
    looks = story.updates[story.updates["version"] == version["version"]]
    return {
        "version": version["version"], "time": version["time"], "since": wording.since(when),
        "state": version["state"], "phase": version["phase"], "saw": list(dict.fromkeys(looks["sensor"])),
        "said": list(said), "launch": (version.get("launch") or {}).get("ellipse_95"),
        "impact": (impact or {}).get("ellipse_95"),
        "left": wording.duration(left) if left > 0 else wording.MISSING,
    }  # fmt: skip


def versions(story: Story) -> list[Message]:
    """Tell the versions one by one, the first `VERSIONS_SHOWN` of them."""
    befores = [None, *story.versions]
    pairs = list(zip(befores, story.versions, strict=False))[:VERSIONS_SHOWN]
    return [moment(story, version, changes(before, version)) for before, version in pairs]


def evidence(results: Results, story: Story, name: str) -> Message:
    """Tell what one sensor contributed, and whether its residuals are as large as it claims (χ², 95 %)."""
    rows = story.updates[story.updates["sensor"] == name]
    _, sizes = charts.whitened(rows)
    total, used = int(sizes.sum()), len(rows)
    mean, expected = float(rows["distance"].mean()), total / used
    low, high = (float(chi2.ppf(q, total)) / used for q in (0.025, 0.975))
    verdict = (
        "as expected"
        if low <= mean <= high
        else "larger than claimed"
        if mean > high
        else "smaller than claimed"
    )
    looks = results.recorded.detections(name)
    first, last = ((int(rows["time"].iloc[k].value) - story.zero) / 1e9 for k in (0, -1))
    return {
        "sensor": name, "type": results.recorded.sensors.get(name, {}).get("type", wording.MISSING),
        "looks": f"{len(looks):,}", "detections": f"{sum(looks):,}", "used": f"{used:,}", "first": wording.since(first),
        "last": wording.since(last), "mean": f"{mean:.2f}",
        "expected": f"{expected:.0f} ({low:.2f} to {high:.2f})",
        "verdict": verdict,
    }  # fmt: skip


def seen(results: Results, zero: int) -> tuple[list[Message], dict[str, tuple[Array, Array]]]:
    """Count each sensor's looks and detections; also give each one's times from `zero` [s] and counts."""
    rows, series = [], {}
    names = dict.fromkeys([*results.recorded.sensors, *(look.sensor for look in results.recorded.looks)])
    for name in names:
        own = sorted((look.time, look.detections) for look in results.recorded.looks if look.sensor == name)
        n = np.array([count for _, count in own], np.float64)
        rows.append({
            "sensor": name, "type": results.recorded.sensors.get(name, {}).get("type", "not described"),
            "looks": f"{len(n):,}", "detections": f"{int(n.sum()):,}",
            "mean": f"{n.mean():.2f}" if len(n) else wording.MISSING,
        })  # fmt: skip
        if len(n):
            series[name] = ((np.array([t for t, _ in own]) - zero) / 1e9, n)
    return rows, series


def scores(summary: Message) -> dict[str, Any] | None:
    """Tell the scores of `summary.json`; None where there was no truth."""
    if "objects" not in summary:
        return None
    rows = [
        [str(entry.get("object", wording.MISSING)), *(_score(key, entry.get(key)) for key in SCORES)]
        for entry in summary["objects"]
    ]
    rest = []
    if summary.get("gospa_m") is not None:
        rest.append(("GOSPA", wording.length(summary["gospa_m"])))
    rest += [
        (key.replace("_", " ").capitalize(), str(summary[key]))
        for key in ("false_warnings", "missed")
        if key in summary
    ]
    return {"rows": rows, "rest": rest}


def _score(key: str, value: float | None) -> str:
    if value is None:
        return wording.MISSING
    return wording.length(value, 3) if key.endswith("_m") else f"{value:.1f} s"


def _true_errors(story: Story) -> list[tuple[str, str]]:
    told = []
    for part in ("launch", "impact"):
        estimate = story.latest(part)
        gap = story.error(part, estimate) if estimate else None
        if estimate is not None and gap is not None:
            where = "inside" if story.inside(part, estimate) else "outside"
            told.append((f"True {part} error", f"{wording.length(gap)}, {where} the 95 % ellipse"))
    return told
