"""Six hours in which nothing happens: three satellites at five false alarms a scan, and a radar (issue 2)."""

from typing import Any

from msgspec.structs import replace
from watching import watched

from tocsin.messages import Scan
from tocsin.simulation import load, simulate

RUNS, QUICK_RUNS = 10, 1
TITLE = "Nothing there"
HOURS, QUICK_HOURS = 6.0, 0.25


def one(run: int, hours: float = HOURS) -> dict[str, Any]:
    """Return what one stretch of false alarms came to."""
    recording = simulate(replace(load("quiet"), duration_s=hours * 3600.0), run=run)
    seen = watched(recording.messages)
    by_id: dict[str, set[str]] = {}
    for version in seen.versions:
        by_id.setdefault(version.id, set()).add(version.state)
    return {
        "run": run,
        "hours": hours,
        "false_alarms": sum(len(m.detections) for m in recording.messages if isinstance(m, Scan)),
        "detected": len(by_id),
        "corroborated": sum(bool(states & {"corroborated", "confirmed"}) for states in by_id.values()),
    }


def quick(run: int) -> dict[str, Any]:
    """Return the same of a quarter of an hour."""
    return one(run, QUICK_HOURS)


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the sums."""
    names = ("hours", "false_alarms", "detected", "corroborated")
    totals = {name: sum(row[name] for row in rows) for name in names}
    return totals | {"runs": len(rows), "most_detected_in_a_run": max(row["detected"] for row in rows)}


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    return [
        "| runs | hours | false alarms | false `detected` | most in one run (asked: ≤ 1) "
        "| false `corroborated` (asked: 0) |",
        "|---|---|---|---|---|---|",
        f"| {result['runs']} | {result['hours']:g} | {result['false_alarms']:,} | {result['detected']} | "
        f"{result['most_detected_in_a_run']} | {result['corroborated']} |",
    ]
