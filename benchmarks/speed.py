"""How long a quarter of an hour takes: simulate, process, report; one core, compiled code warm (issue 2).

The demonstration with a third satellite: four sensors, one launch, 15 min. The first round compiles or loads machine
code and is not counted.
"""

import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from msgspec.structs import replace

from tocsin.journal import Writer
from tocsin.report.czml import write_scene
from tocsin.report.page import write_report
from tocsin.run import process
from tocsin.simulation import Scenario, load, simulate

RUNS, QUICK_RUNS = 5, 1
TITLE = "Speed"
STEPS = ("simulate", "process", "report")


def one(run: int) -> dict[str, Any]:
    """Return the seconds of each step of one round; the round before the first warms the code."""
    if run == 0:
        _round(_scenario())
    return {"run": run} | _round(_scenario())


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the medians."""
    result: dict[str, Any] = {f"{name}_s": round(median(row[name] for row in rows), 3) for name in STEPS}
    data = rows[0]["data_s"]
    return result | {
        "rounds": len(rows),
        "total_s": round(median(sum(row[name] for name in STEPS) for row in rows), 3),
        "data_s": data,
        "process_times_real_time": round(data / median(row["process"] for row in rows)),
        "scans": rows[0]["scans"],
        "detections": rows[0]["detections"],
    }


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    return [
        "| rounds | simulate s | process s | report s | together s (asked: ≤ 10) "
        "| process × real time (asked: ≥ 1,000) |",
        "|---|---|---|---|---|---|",
        f"| {result['rounds']} | {result['simulate_s']} | {result['process_s']} | {result['report_s']} | "
        f"{result['total_s']} | {result['process_times_real_time']:,} |",
        "",
        f"{result['scans']:,} scans with {result['detections']:,} detections in {result['data_s']:.0f} s of data. "
        "`process` reads a compressed recording and writes a run's folder; the report is the page and the CZML scene.",
    ]


def _scenario() -> Scenario:
    scenario = load("demo")
    third = replace(scenario.sensors[0], id="geo-3", longitude_deg=-40.0)
    return replace(scenario, sensors=(*scenario.sensors, third))


def _round(scenario: Scenario) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        marks = [time.perf_counter()]
        recording = simulate(scenario)
        marks.append(time.perf_counter())
        file, out = Path(folder) / "recording.jsonl.gz", Path(folder) / "out"
        with Writer(file) as writer:
            for message in recording.messages:
                writer.append(message)
        begun = time.perf_counter()
        summary = process([file], out, confirm="auto").summary
        processed = time.perf_counter() - begun
        begun = time.perf_counter()
        write_report(out)
        write_scene(out)
        reported = time.perf_counter() - begun
    return {
        "simulate": marks[1] - marks[0],
        "process": processed,
        "report": reported,
        "data_s": summary["data_s"],
        "scans": summary["scans"],
        "detections": summary["detections"],
    }
