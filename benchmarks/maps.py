"""Coverage maps of the whole world, and how long they take (issue 6).

Ten fixed sensors: four geostationary satellites and six radars, their places and figures our assumption; a grid of 2
degrees; three shapes of flight with one named target each. Beside it the same network with two satellites more that
move, through a day, on a grid of 4 degrees. And case R13. The first map loads compiled code and is not counted.
"""

import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tocsin.study.coverage import asking, maps, oko

RUNS, QUICK_RUNS = 1, 1
TITLE = "Coverage maps"
TARGETS = ("Lisbon", "Berlin", "Cairo")
SHAPES = ("minimum-energy", "lofted", "depressed")
SATELLITES_DEG = (-100.0, -10.0, 70.0, 150.0)
RADARS_DEG = ((64.0, -50.0), (52.0, 5.0), (38.0, 30.0), (60.0, 40.0), (20.0, 75.0), (36.0, 138.0))
DAY_STEP_H = 4.0
# A twelve-hour orbit and its opposite, as in `networks/`: two revolutions a day, 63 degrees (our assumption).
MOVING = """
[[sensor]]
id = "heo-{k}"
type = "infrared"
los_sigma_urad = 30.0
scan_period_s = 10.0
cloud_top_m = 10_000.0
[sensor.orbit]
EPOCH = "2026-05-16T00:00:00"
MEAN_MOTION = 2.00613
ECCENTRICITY = 0.7
INCLINATION = 63.4
ARG_OF_PERICENTER = 270.0
RA_OF_ASC_NODE = {node}
MEAN_ANOMALY = {anomaly}
"""


def one(run: int, step_deg: float = 2.0) -> dict[str, Any]:
    """Return how long the maps took and what R13 comes to."""
    with TemporaryDirectory() as folder:
        fixed, moving = Path(folder, "fixed.toml"), Path(folder, "moving.toml")
        fixed.write_text(network(), encoding="utf-8")
        moving.write_text(network() + "".join(
            MOVING.format(k=k, node=180.0 * k, anomaly=180.0 * k) for k in range(2)
        ), encoding="utf-8")  # fmt: skip
        _mapped(fixed, 15.0)
        world = _mapped(fixed, step_deg)
        day = _mapped(moving, 2 * step_deg, DAY_STEP_H)
    found = oko.table()
    return {
        "run": run, "step_deg": step_deg, "world": world, "day": day, "threads": maps.workers(),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "r13": {"hours": found.hours, "longest_min": found.longest / 60},
    }  # fmt: skip


def quick(run: int) -> dict[str, Any]:
    """Return the same of a coarse world."""
    return one(run, 15.0)


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the slowest of the runs."""
    slow = max(rows, key=lambda row: row["world"]["wall_s"])
    return slow | {"world_s": slow["world"]["wall_s"], "day_s": slow["day"]["wall_s"]}


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    out = [
        "| map | grid | cells | flights | sensors | times | s (asked: ≤ 60) | processor s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row, grid in (
        ("ten fixed sensors", result["world"], result["step_deg"]),
        ("and two that move, a day", result["day"], 2 * result["step_deg"]),
    ):
        out.append(
            f"| {name} | {grid:g}° | {row['cells']:,} | {row['flights']} | {row['sensors']} | {row['times']} | "
            f"{row['wall_s']:.1f} | {row['processor_s']:.1f} |"
        )
    r13 = result["r13"]
    return [
        *out, "",
        f"{result['threads']} threads, {result['memory_mb']:.0f} MB. R13: {r13['hours']:.1f} h a day, longest "
        f"{r13['longest_min']:.0f} min.",
    ]  # fmt: skip


def network() -> str:
    """Return the TOML of ten fixed sensors."""
    text = 'title = "Ten fixed sensors"\nsource = "our assumption"\n'
    for k, longitude in enumerate(SATELLITES_DEG):
        text += (
            f'[[sensor]]\nid = "geo-{k}"\ntype = "infrared"\nlongitude_deg = {longitude}\nlos_sigma_urad = 30.0\n'
            "scan_period_s = 10.0\ncloud_top_m = 10_000.0\n"
        )
    for k, (latitude, longitude) in enumerate(RADARS_DEG):
        text += (
            f'[[sensor]]\nid = "radar-{k}"\ntype = "radar"\nlatitude_deg = {latitude}\nlongitude_deg = {longitude}\n'
            "height_m = 100.0\nrange_sigma_m = 50.0\nazimuth_sigma_deg = 0.1\n"
            "elevation_sigma_deg = 0.1\nrange_max_m = 4_000_000.0\nelevation_min_deg = 3.0\nscan_period_s = 5.0\n"
        )
    return text


def _mapped(file: Path, step_deg: float, day_step_h: float | None = None) -> dict[str, Any]:
    begun, used = time.perf_counter(), time.process_time()
    asked = asking.ask(
        str(file), list(TARGETS), list(SHAPES), step_deg=step_deg, day_step_h=day_step_h, yes=True
    )
    maps.compute(asked)
    return {
        "wall_s": time.perf_counter() - begun, "processor_s": time.process_time() - used, "cells": asked.cells,
        "flights": len(asked.tasks), "sensors": len(asked.network), "times": max(1, len(asked.times)),
    }  # fmt: skip
