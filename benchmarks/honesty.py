"""Do the areas hold what they claim (issue 5): random vehicles, two satellites, and in every second run a radar.

Vehicles of the four ballistic classes that no prior has seen (`simulation/random_vehicles.py`), from random places;
both satellites see most of them start, and one in seven ends its burn in view of one alone. The seed of run N is
5,000,000 + N, written down before the first run. Every second run a radar of the demonstration stands at random within
1,200 km of where the last third of the flight begins. Judged are the versions that hold 60 s after burnout and the last
before the impact: whether the truth lies in the area of 50, 90, 95 and 99 %, the area where one is told and otherwise
the ellipse. They are what assessment makes of the track as it then is, which is what its warning says
(`watching.tracked`). A run's track is the one told most often that has no parent; a run without one counts apart.
"""

from typing import Any

import numpy as np
from msgspec.structs import replace
from scores import share
from watching import tracked

from tocsin.assessment.assessor import assess
from tocsin.assessment.surroundings import Surroundings
from tocsin.config import Config
from tocsin.earth._borders import inside
from tocsin.earth.ellipsoid import destination, ecef_from_geodetic, geodetic_from_ecef
from tocsin.errors import ConfigError
from tocsin.messages import SECOND, Array, Assessment, ImpactEstimate, LaunchEstimate, Sensor, Track, Warning
from tocsin.simulation import Scenario, load, simulate
from tocsin.simulation.random_vehicles import RANGES
from tocsin.simulation.scenario import LaunchTable
from tocsin.simulation.truth import Body, Truth, happen
from tocsin.study.consistency import depth, offset

RUNS, QUICK_RUNS = 500, 2  # the claim is held against `--runs 5000`
TITLE = "Areas hold what they claim"
SEED = 5_000_000
LEVELS = (50, 90, 95, 99)
BANDS = {50: 3.0, 90: 2.0, 95: 1.5, 99: 0.7}
MOMENTS = ("60 s after burnout", "last before impact")
AFTER_BURNOUT_S = 60.0


def one(run: int) -> dict[str, Any]:
    """Return where the truth lay in one run."""
    row: dict[str, Any] = {"run": run, "radar": bool(run % 2)}
    scenario, truth = _drawn(run)
    body = truth.bodies[0]
    burnt = body.lift_off_time + round((body.flight.burnout + AFTER_BURNOUT_S) * SECOND)
    end = body.impact_time
    assert end is not None
    messages = simulate(scenario, run=run, truth=truth).messages
    if not row["radar"]:  # satellites see nothing more of it
        messages = [m for m in messages if m.received is None or m.received < burnt + 60 * SECOND]
    told, sensors = tracked(messages)
    mine = _longest(told)
    row |= {"class": body.vehicle, "found": bool(mine)}
    for moment, until in zip(MOMENTS, (min(burnt, end), end), strict=True):
        track = next((t for t in reversed(mine) if t.time <= until), None)
        row[moment] = (
            {} if track is None else _judged(body, assess(track, Surroundings(sensors), Config().assessment))
        )
    return row


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the shares."""
    result: dict[str, Any] = {"runs": len(rows), "found": share([row["found"] for row in rows]), "held": []}
    for part in ("launch", "impact"):
        for moment in MOMENTS:
            for name, radars in (
                ("all", (False, True)),
                ("infrared alone", (False,)),
                ("with a radar", (True,)),
            ):
                told = [row[moment][part] for row in rows if row["radar"] in radars and row[moment].get(part)]
                held = {str(p): share([one_["held"][str(p)] for one_ in told]) for p in LEVELS}
                ellipse = {str(p): share([one_["ellipse"][str(p)] for one_ in told]) for p in LEVELS}
                areas = sum(one_["area"] for one_ in told)
                result["held"].append(
                    {
                        "part": part,
                        "moment": moment,
                        "seen": name,
                        "of": len(told),
                        "areas": areas,
                        "ellipse": ellipse,
                        "held": held,
                    }
                )
    result["sizes"] = [
        _size(kind, seen, rows) for seen in ("infrared alone", "with a radar") for kind in RANGES
    ]
    return result


def _size(kind: str, seen: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how large the impact areas of a class are 60 s after burnout, how often told and how far off."""
    mine = [row for row in rows if row["class"].endswith(kind) and row["radar"] == (seen == "with a radar")]
    told = [row[MOMENTS[0]]["impact"] for row in mine if row[MOMENTS[0]].get("impact")]
    return (
        {"class": kind, "seen": seen, "of": len(mine), "told": len(told)}
        | {
            name: round(float(np.median([one_[name] for one_ in told]))) if told else None
            for name in ("semi_major_m", "semi_minor_m", "error_m")
        }
        | {"held_95": share([one_["held"]["95"] for one_ in told])}
    )


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    asked = " | ".join(f"{p} % (asked ± {BANDS[p]:g})" for p in LEVELS)
    out = [
        f"{result['runs']} launches, {100 * result['found']['share']:.1f} % found. Held, in %, with 95 % intervals:",
        "",
        f"| area | version | seen by | of | told as no ellipse | {asked} |",
        "|---|---|---|---|---|" + "---|" * len(LEVELS),
    ]
    for row in result["held"]:
        held = " | ".join(_told(row["held"][str(p)], row["ellipse"][str(p)]) for p in LEVELS)
        out.append(
            f"| {row['part']} | {row['moment']} | {row['seen']} | {row['of']} | {row['areas']} | {held} |"
        )
    out += [
        "",
        "Impact areas 60 s after burnout, by class: half axes of the 95 % ellipse and error, medians. None is told "
        "while it would be longer than 3,000 km either way:",
        "",
        "| class | seen by | of | told | half axes km | error km | 95 % holds |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in result["sizes"]:
        size = (
            "–" if not row["told"] else f"{row['semi_major_m'] / 1e3:.0f} × {row['semi_minor_m'] / 1e3:.0f}"
        )
        error = "–" if not row["told"] else f"{row['error_m'] / 1e3:.0f}"
        held = f"{100 * row['held_95']['share']:.0f}" if row["told"] else "–"
        out.append(
            f"| {row['class']} | {row['seen']} | {row['of']} | {row['told']} | {size} | {error} | {held} |"
        )
    return out


def _told(found: dict[str, float], ellipse: dict[str, float]) -> str:
    if not found["of"]:
        return "–"
    told = f"{100 * found['share']:.1f} ({100 * found['low']:.1f}–{100 * found['high']:.1f})"
    return f"{told}; ellipse {100 * ellipse['share']:.1f}"


def _drawn(run: int) -> tuple[Scenario, Truth]:
    """Draw the world of one run; what cannot be flown is drawn again."""
    random = np.random.Generator(np.random.Philox(key=SEED + run))
    while True:
        kind = str(random.choice(list(RANGES)))
        table = LaunchTable(
            id="alpha", vehicle=f"random:{kind}", time_s=30.0, vehicle_seed=int(random.integers(2**31)),
            latitude_deg=float(random.uniform(-45, 45)), longitude_deg=float(random.uniform(-75, -5)),
            azimuth_deg=float(random.uniform(0, 360)),
        )  # fmt: skip
        scenario = replace(load("demo"), launch=(table,), seed=SEED + run)
        try:
            truth = happen(scenario)
        except ConfigError:
            continue
        end = truth.bodies[0].impact_time
        if end is None:
            continue
        sensors = _sensors(scenario.sensors, truth.bodies[0], random, radar=bool(run % 2))
        return replace(scenario, sensors=sensors, duration_s=truth.seconds(end) + 10.0), truth


def _sensors(sensors: tuple[Sensor, ...], body: Body, random: Any, *, radar: bool) -> tuple[Sensor, ...]:
    """Return the satellites, and where asked a radar that looks all round from near the last third of the flight."""
    satellites = tuple(s for s in sensors if s.type == "infrared")
    if not radar:
        return satellites
    times = body.flight.t
    r = body.flight.at(np.array([times[0] + 2 / 3 * (times[-1] - times[0])]))[0, :3]
    latitude, longitude, _ = geodetic_from_ecef(r)
    place = destination(latitude, longitude, random.uniform(0, 2 * np.pi), 1.2e6 * np.sqrt(random.uniform()))
    (model,) = (s for s in sensors if s.type == "radar")
    latitude_deg, longitude_deg = (float(a) for a in np.degrees(place))
    moved = replace(
        model,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        azimuth_from_deg=0.0,
        azimuth_to_deg=360.0,
    )
    return (*satellites, moved)


def _longest(told: list[Track]) -> list[Track]:
    """Return the track told most often of those that parted from none."""
    by_id: dict[int, list[Track]] = {}
    for track in told:
        if track.parent is None:
            by_id.setdefault(track.id, []).append(track)
    return max(by_id.values(), key=len, default=[])


def _judged(body: Body, said: Assessment | Warning) -> dict[str, Any]:
    """Say for launch and impact, where they are told, at which levels they hold the truth."""
    assert body.r_impact_ecef is not None
    start = ecef_from_geodetic(np.radians(body.latitude_deg), np.radians(body.longitude_deg), 0.0)
    row: dict[str, Any] = {}
    for part, true, estimate in (
        ("launch", start, said.launch),
        ("impact", body.r_impact_ecef, said.impact),
    ):
        if estimate is not None:
            held = {str(p): _holds(true, estimate, p) for p in LEVELS}
            round_it = {str(p): _holds(true, estimate, p, ellipse=True) for p in LEVELS}
            told = estimate.area_95 is not None
            size = estimate.ellipse_95.semi_major_m, estimate.ellipse_95.semi_minor_m
            row[part] = {
                "held": held, "ellipse": round_it, "area": told, "semi_major_m": size[0], "semi_minor_m": size[1],
                "error_m": float(np.hypot(*offset(true, estimate))),
            }  # fmt: skip
    return row


def _holds(
    true: Array, estimate: LaunchEstimate | ImpactEstimate, level: int, *, ellipse: bool = False
) -> bool:
    """Say whether the area of a level, or its ellipse, holds a true place (3,)."""
    area = None if ellipse else getattr(estimate, f"area_{level}")
    if area is not None:
        latitude, longitude, _ = geodetic_from_ecef(true)
        return bool(inside(area, np.degrees([latitude]), np.degrees([longitude]))[0])
    told = getattr(
        estimate, f"ellipse_{level}", None
    )  # there is none of 90 %: drawn as that of 95 %, smaller
    most = 1.0 if told is not None else np.log(1 - level / 100) / np.log(0.05)
    return bool(depth(told or estimate.ellipse_95, *offset(true, estimate)) <= most)
