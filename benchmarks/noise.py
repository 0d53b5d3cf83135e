"""Three times the noise with the same draws: the answer must move with the noise (issue 2).

The launch point is judged at the last version of the two satellites alone, the impact 120 s after the radar has it:
once with every sensor, once with the radar alone. Sensors declare what they have. Beside the errors stands what noise
alone moves: the difference from a run without any noise and otherwise the same; drag, which no radar knows before
re-entry, is in the error and not in the difference.
"""

from typing import Any

import numpy as np
from msgspec.structs import replace
from scores import impact_row, launch_row
from watching import demo, watched

from tocsin.earth.ellipsoid import distance
from tocsin.messages import SECOND, ImpactEstimate, LaunchEstimate
from tocsin.simulation import simulate

RUNS, QUICK_RUNS = 50, 2
TITLE = "Noise × 3 with the same draws"
BANDS = {"launch": (1.6, 3.2), "impact": (2.5, 3.2), "impact, radar alone": (2.5, 3.2)}
WITHOUT = {"launch": ("radar-1",), "impact": (), "impact, radar alone": ("geo-1", "geo-2")}
BOOST_S = 200.0  # after lift-off: the boost is over, nothing more to see for satellites
RADAR_S = 420.0  # after lift-off: the radar has had it for over 120 s


def one(run: int) -> dict[str, Any]:
    """Return the errors of one run, and what noise moved, by scale."""
    rows: dict[str, Any] = {"run": run}
    for what in BANDS:
        for scale in (1, 3):
            found = [_estimate(what, run, scale, real) for real in (1.0, 0.0)]
            rows[f"{what} x{scale}"] = _row(what, *found)
    return rows


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the ratios over runs."""
    result: dict[str, Any] = {}
    for what, band in BANDS.items():
        both = [row for row in rows if row[f"{what} x1"] and row[f"{what} x3"]]
        result[what] = {"of": len(both), "band": band}
        for name in ("error_m", "moved_m"):
            one_, three = (np.array([row[f"{what} x{k}"][name] for row in both]) for k in (1, 3))
            result[what][name] = _ratios(one_, three)
    return result


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    out = [
        "| | runs | RMS × 1, m | RMS × 3, m | ratio of RMS (95 %) | ratio of medians | asked |",
        "|---|---|---|---|---|---|---|",
    ]
    names = {"error_m": "error against the truth", "moved_m": "moved by noise alone"}
    for what, found in result.items():
        for key, text in names.items():
            s = found[key]
            out.append(
                f"| {what}, {text} | {found['of']} | {s['rms_1']:,} | {s['rms_3']:,} | {s['ratio']} "
                f"({s['low']}–{s['high']}) | {s['ratio_of_medians']} | {found['band'][0]}–{found['band'][1]} |"
            )
    return out


def _ratios(one_: Any, three: Any) -> dict[str, float]:
    """Return RMS values and their ratio, its 95 % interval by 2,000 bootstrap draws with a fixed key."""
    if not len(one_):
        return dict.fromkeys(("rms_1", "rms_3", "ratio", "low", "high", "ratio_of_medians"), float("nan"))

    def rms(values: Any) -> Any:
        return np.sqrt(np.mean(values**2, axis=-1))

    pick = np.random.Generator(np.random.Philox(7)).integers(0, len(one_), (2000, len(one_)))
    spread = rms(three[pick]) / rms(one_[pick])
    return {
        "rms_1": round(float(rms(one_)), 1),
        "rms_3": round(float(rms(three)), 1),
        "ratio": round(float(rms(three) / rms(one_)), 2),
        "low": round(float(np.quantile(spread, 0.025)), 2),
        "high": round(float(np.quantile(spread, 0.975)), 2),
        "ratio_of_medians": round(float(np.median(three) / np.median(one_)), 2),
    }


def _estimate(what: str, run: int, scale: int, real: float) -> LaunchEstimate | ImpactEstimate | None:
    scenario, truth, body = demo()
    scenario = replace(scenario, settings=replace(scenario.settings, real_noise_scale=real))
    recording = simulate(scenario, noise_scale=scale, run=run, without=WITHOUT[what], truth=truth)
    until = BOOST_S if what == "launch" else RADAR_S
    seen = watched(recording.messages, body.lift_off_time + round(until * SECOND))
    if what == "launch":
        return seen.versions[-1].launch if seen.versions else None
    version = seen.after_radar()
    return None if version is None else version.impact


def _row(what: str, found: Any, quiet: Any) -> dict[str, float] | None:
    if found is None or quiet is None:
        return None
    body = demo()[2]
    error = (launch_row if what == "launch" else impact_row)(body, found)["error_m"]
    here, there = (np.radians([e.latitude_deg, e.longitude_deg]) for e in (found, quiet))
    return {"error_m": error, "moved_m": float(distance(*here, *there))}
