"""How many launches are found: random vehicles of every class before two satellites, by the project's match rule.

Run N flies seed 3,000,000 + N (written down before the first run); classes by turns: four ballistic, a space launcher,
a research rocket. Places are even over the globe between 60° S and 60° N, headings even. Two geostationary satellites
25° either side look every 10 s, see with 0.9, at 30 µrad, among two strays a look; nothing is announced, no radar.

In coverage is a launch that burns above 10 km, where nothing hides it, in four looks of the two together or more: three
sightings are the least that can be a launch. Found: docs/explanation/match-rule.md, 50 km and 30 s, held against the
last version by 60 s after burnout. The delay is from lift-off to the first version of what is found. A run that cannot
draw a vehicle takes the seed 100,000,000 on. Asked: ≥ 98 % of ≥ 1,000 in coverage, lower bound ≥ 97 %.
"""

from typing import Any

import numpy as np
from msgspec.structs import replace
from rising import ELSEWHERE
from scores import share
from watching import two_satellites, watched

from tocsin.earth.ellipsoid import height
from tocsin.errors import ConfigError
from tocsin.messages import SECOND, Scan
from tocsin.run.score import matched
from tocsin.simulation import Scenario, simulate
from tocsin.simulation.random_vehicles import KINDS
from tocsin.simulation.scenario import decode
from tocsin.simulation.simulate import Recording
from tocsin.simulation.truth import Body, happen

RUNS, QUICK_RUNS = 1_200, 2
TITLE = "Launches found"
SEED = 3_000_000
LEAD_S, AFTER_S = 20.0, 60.0
LONGEST_S = 1_500.0
CLOUD_TOP = 10_000.0
LEAST_LOOKS = 4
MOST_LATITUDE_DEG = 60.0


def one(run: int) -> dict[str, Any]:
    """Return what became of one launch."""
    return measured(SEED + run, KINDS[run % len(KINDS)])


def measured(seed: int, kind: str) -> dict[str, Any]:
    """Return the same for a seed."""
    try:
        scenario, body = _world(seed, kind)
    except ConfigError:
        return measured(seed + ELSEWHERE, kind)
    recording = simulate(scenario)
    versions = watched(recording.messages).versions
    found, false = matched(recording.truth, versions)
    mine = found[0].versions
    told = [v for v in versions if v.parent is None and v.launch is not None]
    return {
        "seed": seed, "class": kind, "looks": _looks(recording, body), "found": bool(mine), "told": bool(told),
        "false": false, "burn_s": body.flight.burnout,
        "delay_s": (mine[0].time - body.lift_off_time) / SECOND if mine else None,
    }  # fmt: skip


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the share found of those in coverage, all and by class, and when."""
    inside = [row for row in rows if row["looks"] >= LEAST_LOOKS]
    result: dict[str, Any] = {
        "launches": len(rows),
        "false": sum(row["false"] for row in inside),
        "classes": {},
    }
    for name in ("all", *KINDS):
        mine = [row for row in inside if name in ("all", row["class"])]
        if mine:
            waits = [row["delay_s"] for row in mine if row["found"]]
            result["classes"][name] = {
                "found": share([row["found"] for row in mine]),
                "told": sum(row["told"] for row in mine),
                "delay_s": [float(np.quantile(waits, q)) for q in (0.5, 0.95)] if waits else None,
            }
    result["missed"] = [
        {key: row[key] for key in ("seed", "class", "looks", "told")} for row in inside if not row["found"]
    ]
    return result


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    out = [
        "| class | in coverage | found | 95 % | told at all | first warning after lift-off, median and 95 % |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in result["classes"].items():
        f = row["found"]
        wait = "–" if row["delay_s"] is None else f"{row['delay_s'][0]:.0f} s, {row['delay_s'][1]:.0f} s"
        out.append(
            f"| {name} | {f['of']} | {100 * f['share']:.2f} % | {100 * f['low']:.2f}–{100 * f['high']:.2f} % | "
            f"{row['told']} | {wait} |"
        )
    return [
        *out,
        "",
        f"Of {result['launches']} launches; asked of all in coverage: ≥ 98 %, lower bound ≥ 97 %. Warnings of nothing "
        f"beside them: {result['false']} (one far off is one missed and one of nothing).",
    ]


def _world(seed: int, kind: str) -> tuple[Scenario, Body]:
    """Return one launch as a scenario that ends a minute after its burnout, and the launch."""
    random = np.random.Generator(np.random.Philox(key=[seed, 3]))
    most = np.sin(np.radians(MOST_LATITUDE_DEG))
    latitude_deg = float(np.degrees(np.arcsin(random.uniform(-most, most))))
    longitude_deg, azimuth_deg = float(random.uniform(-180.0, 180.0)), float(random.uniform(0.0, 360.0))
    text = (
        f'title = "One of many"\nstart = 2026-05-16T00:00:00Z\nduration_s = {LONGEST_S}\nseed = {seed}\n'
        f'[[launch]]\nid = "one"\nvehicle = "random:{kind}"\ntime_s = {LEAD_S}\nlatitude_deg = {latitude_deg:.4f}\n'
        f"longitude_deg = {longitude_deg:.4f}\nazimuth_deg = {azimuth_deg:.2f}\n{two_satellites(longitude_deg)}"
    )
    scenario = decode(text, "found.toml", {})
    body = happen(scenario).body("one")
    return replace(scenario, duration_s=LEAD_S + body.flight.burnout + AFTER_S), body


def _looks(recording: Recording, body: Body) -> int:
    """Count the looks in which it burned above the cloud."""
    start = recording.scenario.start
    times = [(m.end - start) / SECOND for m in recording.messages if isinstance(m, Scan)]
    lit = [t for t in times if body.flying(t) and body.burning(t)]
    return sum(height(*x[:3]) > CLOUD_TOP for x in body.at(np.array(lit))) if lit else 0
