"""Hours in which everything happens but a launch: three satellites, two radars, all backgrounds at their real rates.

Each run is another hour of the scenario `background`. Counted: what is detected, corroborated, alerted, what each
false-alarm step held back; and how fast the pipeline works, in processor time, without the simulation.
"""

import time
from typing import Any

from msgspec.structs import replace

from tocsin.config import Config
from tocsin.messages import Alert, Incoming, Place, Scan, Warning
from tocsin.run.engine import Engine
from tocsin.run.policy import Policy
from tocsin.simulation import load, simulate

RUNS, QUICK_RUNS = 50, 1
TITLE = "Background watched"
HOUR_S, QUICK_S = 3_600.0, 300.0
WARM_S = 60.0


def one(run: int, seconds: float = HOUR_S, seed: int | None = None) -> dict[str, Any]:
    """Return what one hour came to."""
    scenario = load("background")
    scenario = replace(scenario, duration_s=seconds, seed=scenario.seed if seed is None else seed)
    messages = simulate(scenario, run=run).messages
    _watched(list(simulate(replace(load("background"), duration_s=WARM_S), run=run).messages))  # compiles
    began = time.process_time()
    said, steps = _watched(list(messages))
    spent = time.process_time() - began
    warnings = [event for event in said if isinstance(event, Warning)]
    states: dict[str, set[str]] = {}
    for version in warnings:
        states.setdefault(version.id, set()).add(version.state)
    last = {version.id: version for version in warnings}
    return {
        "run": run, "hours": seconds / 3_600.0, "processor_s": spent,
        "detections": sum(len(m.detections) for m in messages if isinstance(m, Scan)),
        "detected": len(states), "corroborated": sum(bool(s & {"corroborated", "confirmed"}) for s in states.values()),
        "alerts": sum(isinstance(event, Alert) for event in said), "steps": steps,
        "by_radar": sum(not v.evidence.infrared for v in last.values()),
        "stood": sum(v.step is None for v in last.values()), "false": [_told(v) for v in last.values()],
    }  # fmt: skip


def quick(run: int) -> dict[str, Any]:
    """Return what five minutes came to."""
    return one(run, QUICK_S)


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the sums."""
    names = (
        "hours", "processor_s", "detections", "detected", "corroborated", "alerts", "by_radar", "stood",
    )  # fmt: skip
    steps: dict[str, int] = {}
    for row in rows:
        for step, count in row["steps"].items():
            steps[step] = steps.get(step, 0) + count
    return {name: sum(row[name] for row in rows) for name in names} | {"steps": dict(sorted(steps.items()))}


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    steps = ", ".join(f"{name} {count:,}" for name, count in result["steps"].items())
    return [
        "| hours | detections | false `detected` | a day (asked: ≤ 1) | `corroborated` (asked: 0) | alerts (asked: 0) "
        "| times real time (asked: ≥ 5,000) |",
        "|---|---|---|---|---|---|---|",
        f"| {result['hours']:g} | {result['detections']:,} | {result['detected']} | "
        f"{24 * result['detected'] / result['hours']:.1f} | {result['corroborated']} | {result['alerts']} | "
        f"{3600 * result['hours'] / result['processor_s']:,.0f} |",
        "",
        f"Held back by named steps: {steps or 'nothing'}. Of the false `detected`, {result['by_radar']} are of radar "
        f"alone, and {result['stood']} were held by no step at the end.",
    ]


def _told(last: Warning) -> dict[str, Any]:
    """Return what is needed to look for a false warning's cause."""
    seen = (*last.evidence.infrared, *last.evidence.radar)
    return {
        "id": last.id,
        "time": last.time,
        "state": last.state,
        "detections": last.evidence.detections,
        "seen": seen,
    }


def _watched(messages: list[Incoming]) -> tuple[list[Any], dict[str, int]]:
    said: list[Any] = []
    engine = Engine(Config(), Policy(), lambda event, _: said.append(event), None, None)
    engine.feed((message, Place("bench", i + 1)) for i, message in enumerate(messages))
    return said, engine.pipeline.steps
