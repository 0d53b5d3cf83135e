"""Does identity come true as often as it is said? Random vehicles of every kind, in the mix the priors assume.

Two geostationary satellites 25° either side see each launch; nobody announces it. Space launches start from public
sites, 95 in a hundred, and research rockets, one in four, or from ranges of theirs, two in five, as the term `site`
assumes; the rest, and all missiles, from places drawn over land and sea from 50° S to 60° N. Judged is the last version
until 60 s after the last one that says boost, of the first warning. Measured: key 2026; developed on key 2027.
"""

from typing import Any

import numpy as np
from watching import two_satellites, watched

from tocsin.earth.launch_sites import launch_sites
from tocsin.messages import SECOND
from tocsin.metrics.calibration import brier, reliability
from tocsin.simulation import simulate
from tocsin.simulation.random_vehicles import RANGES
from tocsin.simulation.scenario import decode

RUNS, QUICK_RUNS = 300, 2
TITLE = "Identity: said and true"
MIX = {"ballistic-missile": 0.91, "space-launch": 0.07, "sounding-rocket": 0.02}  # assessment/settings.py
KEY = 2026
FROM = {
    "space-launch": (0.95, 0.0),
    "sounding-rocket": (0.25, 0.4),
}  # public sites, ranges; assessment/terms.py
AFTER_S = 60.0
DURATION_S = 720.0


def one(run: int) -> dict[str, Any]:
    """Return what one launch is and what it was said to be."""
    return measured(KEY, run)


def measured(key: int, run: int, truth: str | None = None) -> dict[str, Any]:
    """Return the same for a key of the draws, and of a kind that is asked for."""
    random = np.random.Generator(np.random.Philox(key=[key, run]))
    drawn = str(random.choice(list(MIX), p=list(MIX.values())))
    truth = drawn if truth is None else truth
    seen = watched(simulate(decode(_text(random, truth, run), "identity.toml", {})).messages)
    first = next((v.id for v in seen.versions if v.parent is None), None)
    mine = [v for v in seen.versions if v.id == first]
    boost = [v.time for v in mine if v.phase == "boost"]
    until = (max(boost) if boost else mine[0].time) + round(AFTER_S * SECOND) if mine else 0
    judged = [v for v in mine if v.time <= until]
    said = judged[-1].identity if judged else {}
    return {
        "run": run,
        "truth": truth,
        "said": {name: said.get(name, 0.0) for name in MIX},
        "found": bool(said),
    }


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return Brier's score and the reliability curve of every reading, and who was taken for whom."""
    found = [row for row in rows if row["found"]]
    result: dict[str, Any] = {"launches": len(rows), "found": len(found), "readings": {}, "taken": {}}
    for name in MIX:
        said = np.array([row["said"][name] for row in found])
        came = np.array([row["truth"] == name for row in found])
        bins = [(b.low, b.high, b.said, b.came.count, b.came.of) for b in reliability(said, came)]
        result["readings"][name] = {"brier": brier(said, came), "bins": bins}
    for row in found:
        key = f"{row['truth']} as {max(row['said'], key=row['said'].__getitem__)}"
        result["taken"][key] = result["taken"].get(key, 0) + 1
    return result


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    out = [f"{result['found']} of {result['launches']} launches found.", ""]
    out += ["| reading | Brier | said (mean) → true of launches, by tenths |", "|---|---|---|"]
    for name, row in result["readings"].items():
        curve = "; ".join(f"{said:.2f} → {count} of {of}" for _, _, said, count, of in row["bins"])
        out.append(f"| {name} | {row['brier']:.3f} | {curve} |")
    taken = ", ".join(f"{key}: {count}" for key, count in sorted(result["taken"].items()))
    return [*out, "", f"Likeliest reading: {taken}."]


def _text(random: np.random.Generator, truth: str, run: int) -> str:
    latitude, longitude = float(random.uniform(-50, 60)), float(random.uniform(-180, 180))
    kind = {"space-launch": "space-launcher", "sounding-rocket": "sounding-rocket"}.get(truth)
    if kind is None:
        kind = str(random.choice(list(RANGES)))
    place = random.random()
    public, ranges = FROM.get(truth, (0.0, 0.0))
    if place < public + ranges:
        known = "space-launch" if place < public else "sounding-rocket"
        sites = [s for s in launch_sites() if s.kind == known]
        site = sites[int(random.integers(len(sites)))]
        latitude, longitude = site.latitude_deg, site.longitude_deg
    return (
        f'title = "One of many"\nstart = 2026-05-16T00:00:00Z\nduration_s = {DURATION_S}\nseed = {run}\n'
        f'[[launch]]\nid = "one"\nvehicle = "random:{kind}"\ntime_s = 20.0\nlatitude_deg = {latitude:.4f}\n'
        f"longitude_deg = {longitude:.4f}\nazimuth_deg = {random.uniform(0, 360):.2f}\n{two_satellites(longitude)}"
    )
