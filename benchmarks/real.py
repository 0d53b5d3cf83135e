"""Real flights: the first stage of BulgariaSat-1 through the whole chain, and 41 real ascents beside our physics.

What `examples/real_flight.py` and `examples/real_ascents.py` print, as figures. The ascents need the project's shared
data beside the repository; without them their part is left out.
"""

import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))

import real_ascents
import real_flight

RUNS, QUICK_RUNS = 4, 1
TITLE = "Real flights"
SEED = 2017  # of the example; the other runs have the seeds 1, 2, …


def one(run: int) -> dict[str, Any]:
    """Return what came of one seed's recording; run 0 is the example's own, and has the ascents beside it."""
    with TemporaryDirectory() as folder:
        seen = real_flight.watch(real_flight.real_flight(), run or SEED, Path(folder))
    identity = seen.last.identity
    row = {
        "run": run, "warnings": seen.warnings, "identity": max(identity, key=lambda name: identity[name]),
        "launch_km": seen.launch_error / 1e3, "impact_km": seen.impact_error / 1e3,
        "impact_time_s": seen.impact_time_error,
    }  # fmt: skip
    return row | (_ascents() if run == 0 else {})


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the example's own figures, the other seeds' beside them, and the ascents'."""
    first = rows[0]
    flight = {
        name: first[name] for name in ("warnings", "identity", "launch_km", "impact_km", "impact_time_s")
    }
    result: dict[str, Any] = {"flight": flight | {"all_km": [row["impact_km"] for row in rows]}}
    if first.get("stages"):
        upper = sorted(first["upper"])
        result |= {
            "stages_m": first["stages"], "upper": len(upper), "upper_median_m": statistics.median(upper),
            "upper_worst_m": upper[-1],
        }  # fmt: skip
    return result


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    f = result["flight"]
    out = [
        f"BulgariaSat-1's first stage: {f['warnings']} warning, {f['identity']}, launch {f['launch_km']:.1f} km off, "
        f"impact {f['impact_km']:.1f} km from the arc's end (asked: ≤ 25), {f['impact_time_s']:+.0f} s; over "
        f"{len(f['all_km'])} seeds {min(f['all_km']):.1f} to {max(f['all_km']):.1f} km.",
    ]
    if "stages_m" in result:
        low, high = min(result["stages_m"]), max(result["stages_m"])
        out += [
            "",
            f"{len(result['stages_m'])} first stages about our coast: altitude rms {low:.0f} to {high:.0f} m "
            f"(asked: ≤ 400). {result['upper']} upper stages about our staged thrust: median "
            f"{result['upper_median_m']:.0f} m, worst {result['upper_worst_m']:,.0f} m.",
        ]
    return out


def _ascents() -> dict[str, list[float]]:
    folder = real_ascents.FOLDER
    if not folder.is_dir():
        return {"stages": [], "upper": []}
    fitted = (real_ascents.boost(folder, name) for name in real_ascents.names(folder))
    return {
        "stages": [float(real_ascents.coast(folder, name).arc.altitude_rms) for name in real_ascents.STAGES],
        "upper": [float(b.altitude_rms) for b in fitted if b is not None],
    }
