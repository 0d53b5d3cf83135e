"""What `tocsin explain` prints: each update of one warning, what it was matched with and what it changed."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tocsin.errors import ConfigError
from tocsin.messages import Array
from tocsin.report import story, wording
from tocsin.report.results import Message, Results, nanoseconds

HEAD = ("ver", "time", "sensor", "det", "residual", "±1σ", "dist²", "gate", "weight", "what changed")
LOG_LINES = 40


def explain(folder: str | Path, warning_id: str) -> str:
    """Explain a warning of a run's folder in plain text; unknown id: a ConfigError that lists the ids."""
    results = Results(folder)
    versions = [version for version in results.versions if version["id"] == warning_id]
    if not versions:
        raise ConfigError(_unknown(results, warning_id))
    updates = results.updates()
    parts = [
        _headline(versions[-1]),
        _identity(versions[-1]),
        _table(HEAD, _rows(versions, updates[updates["warning"] == warning_id])),
        _closing(results, versions),
    ]
    return "\n\n".join(parts) + "\n"


def residual(values: Array, innovation_covariance: Any) -> tuple[str, str]:
    """Write a residual and its expected 1σ: µrad for infrared (2), m, deg, m/s for radar (3 or 4)."""
    sigma = np.sqrt(np.diag(square(innovation_covariance, len(values))))
    if len(values) == 2:
        first, second = (
            " ".join(f"{x:{sign}.1f}" for x in row * 1e6) for row, sign in ((values, "+"), (sigma, ""))
        )
        return f"{first} µrad", f"{second} µrad"
    return " ".join(_radar(values, "+")), " ".join(_radar(sigma, ""))


def square(flat: Any, size: int) -> Array:
    """Shape a stored innovation covariance (size², row-major; or its diagonal) as (size, size)."""
    values = np.asarray(flat, np.float64)
    if values.size == size * size:
        return values.reshape(size, size)
    return np.diag(values) if values.size == size else np.full((size, size), np.nan)


def _radar(values: Array, sign: str) -> list[str]:
    units = ((1.0, 1, " m"), (180 / np.pi, 3, "°"), (180 / np.pi, 3, "°"), (1.0, 1, " m/s"))
    return [
        f"{x * scale:{sign}.{digits}f}{unit}" for x, (scale, digits, unit) in zip(values, units, strict=False)
    ]


def _unknown(results: Results, warning_id: str) -> str:
    ids = list(dict.fromkeys(version["id"] for version in results.versions))
    if not ids:
        return f"{results.folder}: no warning {warning_id!r}; this run gave no warning at all"
    shown = ", ".join(ids[:20]) + (f" and {len(ids) - 20} more" if len(ids) > 20 else "")
    return f"{results.folder}: no warning {warning_id!r}; there are: {shown}"


def _headline(last: Message) -> str:
    outcome = f" ({last['outcome']})" if last.get("outcome") else ""
    lines = [
        f"{last['id']}  {last['origin'].upper()}  {last['state']}{outcome}, {last['phase']}, "
        f"event {last['event']}",
        f"  {last['reason']}",
        f"  {wording.identity(last['identity'])}; {_evidence(last)}",
    ]
    lines += [f"  {part:<7} {_estimate(last[part])}" for part in ("launch", "impact") if last.get(part)]
    if last.get("parent"):
        lines.append(f"  part of {last['parent']}: a child raises no alert of its own")
    return "\n".join(lines)


def _identity(last: Message) -> str:
    """List what the identity rests on: each term, what it saw, and by what it raises or lowers each reading."""
    lines = [
        "What it is, by the weight of evidence (natural logarithms of likelihood; what is not named weighs 0)"
    ]
    for term in last.get("terms") or ():
        weights = sorted(term["weights"].items(), key=lambda row: -row[1])
        told = ", ".join(f"{name} {weight:+.1f}" for name, weight in weights) or "nothing either way"
        lines.append(f"  {term['name']:<12} {term.get('text', '')}: {told}")
    return "\n".join(lines)


def _evidence(last: Message) -> str:
    evidence = last.get("evidence") or {}
    names = [*(evidence.get("infrared") or ()), *(evidence.get("radar") or ())]
    paths = evidence.get("paths") or ()
    return (
        f"{wording.plural(evidence.get('detections') or 0, 'detection')} from {wording.listing(names)} "
        f"on {wording.plural(len(paths), 'independent path')}"
    )


def _estimate(estimate: Message) -> str:
    ellipse = estimate["ellipse_95"]
    digits = wording.place_digits(ellipse)
    place = wording.position(estimate["latitude_deg"], estimate["longitude_deg"], digits)
    text = f"{place}  {wording.axes(ellipse)} (95 %), major axis {ellipse['bearing_deg']:.0f}°"
    sigma = wording.number(estimate["time_sigma_s"])
    text += f"  at {wording.clock(nanoseconds(estimate['time']))} ±{sigma} s (1σ)"
    if estimate.get("azimuth_deg") is not None:
        spread = wording.number(estimate.get("azimuth_sigma_deg") or 0)
        text += f"  heading {estimate['azimuth_deg']:.1f}° ±{spread}°"
    return text


def _rows(versions: list[Message], updates: pd.DataFrame) -> list[list[str]]:
    rows: list[list[str]] = []
    groups: dict[Any, pd.DataFrame] = dict(iter(updates.groupby("version", sort=True, dropna=False)))
    for key, early in groups.items():
        if pd.isna(key):
            rows += _looks("", early, ["before the first version"])
    before: Message | None = None
    for version in versions:
        said = story.changes(before, version)
        looks = groups.get(version["version"])
        label = str(version["version"])
        if looks is None:
            time = wording.clock(nanoseconds(version["time"]), 3)
            rows.append(
                [label, time, "", "", "no new look", "", "", "", "", "; ".join(said) or version["reason"]]
            )
        else:
            rows += _looks(label, looks, said)
        before = version
    return rows


def _looks(label: str, looks: pd.DataFrame, said: list[str]) -> list[list[str]]:
    rows = []
    first = [label, "; ".join(said)]
    for look in looks.to_dict("records"):
        values, sigma = residual(np.asarray(look["residual"], np.float64), look["innovation_covariance"])
        numbers = [f"{look['distance']:.2f}", f"{look['gate']:.1f}", f"{look['weight']:.2f}"]
        time = wording.clock(int(look["time"].value), 3)
        rows.append(
            [first[0], time, str(look["sensor"]), str(look["detection"]), values, sigma, *numbers, first[1]]
        )
        first = ["", ""]
    return rows


def _table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    if not rows:
        return "no update was recorded"
    table = [list(head), *rows]
    widths = [max(len(row[k]) for row in table) for k in range(len(head))]
    right = {"ver", "det", "dist²", "gate", "weight"}
    lines = [
        "  ".join(
            cell.rjust(width) if name in right else cell.ljust(width)
            for cell, width, name in zip(row, widths, head, strict=True)
        ).rstrip()
        for row in table
    ]
    return "\n".join([lines[0], "-" * min(max(map(len, lines)), 110), *lines[1:]])


def _closing(results: Results, versions: list[Message]) -> str:
    last = versions[-1]
    lines = ["False-alarm steps"]
    lines.append(f"  this warning: {last['step'] or 'none'}")
    steps = results.summary.get("steps") or {}
    told = ", ".join(f"{name} {count:,}" for name, count in steps.items() if count) or "none"
    lines.append(f"  candidates dismissed in the whole run: {told}")
    counts = [f"{results.summary.get(key, 0):,} {key}" for key in ("rejected", "late", "duplicates")]
    lines.append(f"  messages: {', '.join(counts)}")
    log = [_log_line(event) for event in results.events() if _concerns(event, last)]
    lines += ["", "Log", *(log[:LOG_LINES] or ["  nothing"])]
    if len(log) > LOG_LINES:
        lines.append(f"  and {len(log) - LOG_LINES} more in events.jsonl")
    return "\n".join(lines)


def _concerns(event: Message, last: Message) -> bool:
    if event.get("kind") == "event-log":
        return event.get("warning") in (None, last["id"]) and event.get("origin") == last["origin"]
    if event.get("kind") == "raid":
        return event.get("event") == last["event"]
    return event.get("warning") == last["id"]


def _log_line(event: Message) -> str:
    time = wording.clock(nanoseconds(event["time"]), 3) if event.get("time") else "-" * 12
    if event["kind"] == "raid":
        text = f"raid: {event['count']:g} objects ({event['count_low']:g} to {event['count_high']:g})"
    elif event["kind"] == "cue":
        text = (
            f"cue to {event['sensor']}: azimuth {event['azimuth_deg']:.1f}° "
            f"elevation {event['elevation_deg']:.1f}° range {wording.length(event['range_m'], 3)}"
        )
    else:
        text = f"{event.get('name', event['kind'])}: {event.get('text', '')}"
    return f"  {time}  {text}"
