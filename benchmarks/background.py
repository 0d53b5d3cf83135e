"""A day of background over the whole Earth, seen by three satellites every 10 s: time and memory (issue 3).

Each in a process of its own: once at the real rates, once with as much as brings every scan to the satellite's most,
20 detections. Also how many of each kind a scan holds.
"""

import json
import subprocess
import sys
from typing import Any

RUNS, QUICK_RUNS = 1, 1
TITLE = "A day of background"
DAY_S, QUICK_S = 86_400.0, 600.0
LONGITUDES = (-75, 15, 105)
KINDS = ("fires", "flares", "fireballs", "lightning", "glint", "cloud_glint", "reentries", "calibration")
RATES = {
    "real rates": dict.fromkeys(KINDS, 1.0),
    "20 a scan": dict.fromkeys(KINDS, 1.0)
    | {"fires": 6.0, "flares": 3.0, "glint": 4.0, "cloud_glint": 4.0, "lightning": 2.0},
}


def one(run: int) -> dict[str, Any]:
    """Return what a day costs and gives."""
    return {"run": run} | {name: _apart(name, DAY_S) for name in RATES}


def quick(run: int) -> dict[str, Any]:
    """Return what ten minutes cost and give."""
    return {"run": run} | {name: _apart(name, QUICK_S) for name in RATES}


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the one run."""
    return {name: rows[0][name] for name in RATES}


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    found = [
        "| three satellites, a look each 10 s | hours | simulate s (asked: ≤ 60 for 24 h) | processor s "
        "| memory MB (asked: < 1000) | detections | a scan |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in result.items():
        found.append(
            f"| {name} | {row['hours']:g} | {row['simulate_s']:.1f} | {row['processor_s']:.1f} | "
            f"{row['memory_mb']:.0f} | {row['detections']:,} | {row['detections'] / row['scans']:.1f} |"
        )
    for name, row in result.items():
        kinds = ", ".join(f"{kind} {count / row['scans']:.3f}" for kind, count in row["kinds"].items())
        found += ["", f"A scan at {name} holds: {kinds}."]
    return found


def _apart(name: str, seconds: float) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, name, str(seconds)], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def _day(name: str, seconds: float) -> dict[str, Any]:
    """Simulate in this process and say what it took; loading and compiling are not counted."""
    import resource  # noqa: PLC0415
    import time  # noqa: PLC0415

    from msgspec.structs import replace  # noqa: PLC0415

    from tocsin.simulation import simulate  # noqa: PLC0415
    from tocsin.simulation.scenario import decode  # noqa: PLC0415

    whole = decode(_text(name, seconds), "background.toml", {})
    simulate(replace(whole, duration_s=30.0))
    wall, processor = time.perf_counter(), time.process_time()
    recording = simulate(whole)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    sizes = [len(m.detections) for m in recording.messages if hasattr(m, "detections")]
    kinds: dict[str, int] = {}
    for (_, kind), count in recording.background.items():
        kinds[kind] = kinds.get(kind, 0) + count
    return {
        "hours": seconds / 3600.0, "simulate_s": wall, "processor_s": processor,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000.0, "scans": len(sizes),
        "detections": sum(sizes), "kinds": dict(sorted(kinds.items())),
    }  # fmt: skip


def _text(name: str, seconds: float) -> str:
    sensors = "".join(
        f'[[sensor]]\nid = "geo{lon}"\ntype = "infrared"\nlongitude_deg = {lon}\nlos_sigma_urad = 30.0\n'
        "scan_period_s = 10.0\ndetection_probability = 0.95\nfalse_alarms_per_scan = 3.0\n"
        for lon in LONGITUDES
    )
    rates = "".join(f"{kind} = {rate}\n" for kind, rate in RATES[name].items())
    head = f'title = "Background"\nstart = 2026-05-16T00:00:00Z\nduration_s = {seconds}\n'
    return f"{head}[settings]\nclutter_scale = 0\n[background]\n{rates}{sensors}"


if __name__ == "__main__":
    print(json.dumps(_day(sys.argv[1], float(sys.argv[2]))))
