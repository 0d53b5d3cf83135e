"""Separations: bodies that part from a launch after burnout, as two radars can tell them apart (issue 4).

The sensors of `raid.py`, and radars that merge: plots of one look that lie within 100 m in range and 10 mrad in both
angles of each other, neighbour by neighbour, become one at a random weighted mean (the note on raid association,
2026-11; our assumption). So what a radar can resolve at one time are the true bodies above its horizon, merged by the
same rule; the better radar is the one that resolves more. What is told are the warnings that stand, of launches and of
what parted from them. Their count is held against the better radar's at each look from 60 to 80 s after the last
burnout. A warning is sound if it lies within 3 km of a body. Warnings without a parent are as many as launches if all
pieces were joined to what they broke off.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace
from raid import LAG, LAUNCH, NEAR, PLACE, RADAR, SENSORS, spread

from tocsin.messages import Array, RadarDetection, RadarScan, Warning
from tocsin.pipeline import Pipeline
from tocsin.sensors.radar import Radar
from tocsin.simulation import Scenario, simulate
from tocsin.simulation.scenario import decode
from tocsin.simulation.truth import Body, Truth, happen

SEEDS = 5
CASES = ((1, 6), (1, 11), (5, 9))  # launches, and pieces that part from each
RUNS, QUICK_RUNS = len(CASES) * SEEDS, 1
TITLE = "Separations"
FIRST_SEED = 11
KILOMETRE = 1 / 111.2  # degrees
AREA_KM, WITHIN_S = 20.0, 60.0
RANGE, ANGLE = 100.0, 10e-3  # m, rad: closer than this in all three are one plot
EARLY = 0.1  # s before the planned end of thrust, at which it ends and they part: the language asks a failure
FROM_S, TO_S = 60.0, 80.0  # after the last burnout
ASKED = 10.0  # %


def one(run: int) -> dict[str, Any]:
    """Return the figures of one break-up: five seeds of each case."""
    return {"run": run} | measured(*CASES[run // SEEDS % len(CASES)], FIRST_SEED + run % SEEDS)


def quick(run: int) -> dict[str, Any]:
    """Return the figures of one launch that parts into two."""
    return {"run": run} | measured(1, 1, FIRST_SEED + run)


def separation(launches: int, pieces: int, seed: int) -> Scenario:
    """Return launches from one area of which each parts into its body and so many pieces when it burns out."""
    random = np.random.Generator(np.random.Philox([seed, launches, pieces]))
    places = random.uniform(-0.5, 0.5, (launches, 2)) * AREA_KM * KILOMETRE
    times = 10.0 + np.sort(random.uniform(0.0, WITHIN_S if launches > 1 else 0.0, launches))
    text = SENSORS.replace("start", f"duration_s = 290\nseed = {seed}\nstart", 1)
    text += "".join(RADAR.format(k=k + 1, latitude=PLACE[0] + d) for k, d in enumerate((1.5, -1.5)))
    whole = [
        LAUNCH.format(
            i=i, t=times[i], latitude=PLACE[0] + places[i, 0], longitude=PLACE[1] + places[i, 1],
            azimuth=random.normal(90.0, 1.5), range=random.normal(1_000e3, 30e3),
        ) for i in range(launches)
    ]  # fmt: skip
    ends = [b.flight.burnout - EARLY for b in happen(decode(text + "".join(whole), "whole", {})).bodies]
    parted = [
        f"{launch}failure_s = {end:.3f}\nfragments = {pieces}\n"
        for launch, end in zip(whole, ends, strict=True)
    ]
    return decode(text + "".join(parted), f"separation-{launches}-{pieces}", {})


def measured(launches: int, pieces: int, seed: int) -> dict[str, Any]:
    """Return the figures of one break-up."""
    recording = simulate(separation(launches, pieces, seed))
    radars = [Radar.from_message(s) for s in recording.scenario.sensors if s.type == "radar"]
    random = np.random.Generator(np.random.Philox([seed, launches, pieces, 1]))
    truth, pipeline = recording.truth, Pipeline()
    parted = max(body.lift_off + body.flight.burnout for body in truth.bodies)
    standing: dict[str, Warning] = {}
    rows = []
    for message in recording.messages:
        came = merged(message, random) if isinstance(message, RadarScan) else message
        for event in pipeline.receive(came):
            if isinstance(event, Warning):
                standing[event.id] = event
        if isinstance(came, RadarScan):
            t = truth.seconds(came.end - LAG)
            open_ = [w for w in standing.values() if w.state != "closed"]
            rows.append({"after_s": t - parted} | _compared(truth, radars, open_, t))
    late = [row for row in rows if FROM_S <= row["after_s"] < TO_S]
    off = [100.0 * (row["told"] - row["resolvable"]) / row["resolvable"] for row in late]
    mean = {
        name: float(np.mean([r[name] for r in late]))
        for name in ("true", "resolvable", "told", "own", "unsound")
    }
    return {
        "launches": launches, "pieces": pieces, "seed": seed,
        "count_error_percent": float(np.mean(np.abs(off))), "count_bias_percent": float(np.mean(off)),
        "curve": [row for row in rows if row["after_s"] > -40.0],
    } | mean  # fmt: skip


def merged(scan: RadarScan, random: np.random.Generator) -> RadarScan:
    """Return a scan as a radar sends it that cannot tell near echoes apart."""
    z = np.array(
        [(d.range_m, np.radians(d.azimuth_deg), np.radians(d.elevation_deg)) for d in scan.detections]
    )
    plots = [_as_one([scan.detections[k] for k in cell], random) for cell in cells(z.reshape(-1, 3))]
    return replace(scan, detections=tuple(sorted(plots, key=lambda d: (d.time, d.range_m))))


def cells(z: Array) -> Iterator[list[int]]:
    """Yield the numbers of those of `z` (n, 3) [m, rad, rad] that a radar takes for one, neighbour by neighbour."""
    left = list(range(len(z)))
    while left:
        cell = [left.pop(0)]
        for k in cell:  # grows while it is walked
            near = [j for j in left if _near(z[k], z[j])]
            left = [j for j in left if j not in near]
            cell += near
        yield cell


def _near(a: Array, b: Array) -> bool:
    turn = abs((a[1] - b[1] + np.pi) % (2 * np.pi) - np.pi) * np.cos(a[2])
    return bool(abs(a[0] - b[0]) < RANGE and turn < ANGLE and abs(a[2] - b[2]) < ANGLE)


def _as_one(those: Sequence[RadarDetection], random: np.random.Generator) -> RadarDetection:
    if len(those) == 1:
        return those[0]
    share = random.dirichlet(np.ones(len(those)))
    fields = {
        name: float(share @ np.array([getattr(d, name) for d in those]))
        for name in ("range_m", "azimuth_deg", "elevation_deg")
    }
    return replace(those[int(share.argmax())], **fields)


def _compared(truth: Truth, radars: list[Radar], open_: list[Warning], t: float) -> dict[str, float]:
    """Return how many fly, can be told apart, are told, stand for themselves, and lie nowhere near a body."""
    flying = [b for b in truth.bodies if b.flying(t) and not b.burning(t)]
    return {
        "true": len(flying),
        "resolvable": max((_resolvable(radar, flying, t) for radar in radars), default=0),
        "told": len(open_),
        "own": sum(w.parent is None for w in open_),
        "unsound": _unsound(truth, flying, open_, t),
    }


def _resolvable(radar: Radar, flying: list[Body], t: float) -> int:
    x = np.array([b.at(np.array([t]))[0] for b in flying]).reshape(-1, 6)
    seen = radar.visible(x[:, :3])
    z = np.array([radar.predict(row)[0, :3] for row in x[seen]]).reshape(-1, 3)
    return sum(1 for _ in cells(z))


def _unsound(truth: Truth, flying: list[Body], open_: list[Warning], t: float) -> int:
    x = np.array([b.at(np.array([t]))[0, :3] for b in flying]).reshape(-1, 3)
    count = 0
    for state in (w.state_vector for w in open_):
        if state is None or not len(x):
            count += 1
            continue
        dt = t - truth.seconds(state.time)
        y = np.array(state.position_m) + dt * np.array(state.velocity_mps)
        count += float(np.linalg.norm(x - y, axis=1).min()) > NEAR
    return count


def _name(launches: int, pieces: int) -> str:
    return f"{launches} into {launches * (1 + pieces)}"


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return medians over the seeds of each case, with the least and the greatest."""
    names = ("count_error_percent", "count_bias_percent", "true", "resolvable", "told", "own", "unsound")
    result: dict[str, Any] = {}
    for case in dict.fromkeys((r["launches"], r["pieces"]) for r in rows):
        mine = [r for r in rows if (r["launches"], r["pieces"]) == case]
        result[_name(*case)] = {"seeds": len(mine)} | {
            name: spread([r[name] for r in mine]) for name in names
        }
    return result


def claims(_: dict[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """Yield the scoreboard's rows."""
    for launches, pieces in CASES:

        def read(result: dict[str, Any], case: str = _name(launches, pieces)) -> tuple[str, bool]:
            middle, low, high = result[case]["count_error_percent"]
            return f"{middle:.3g} [{low:.3g}, {high:.3g}]", bool(middle <= ASKED)

        yield (
            "Raids",
            f"separation, {_name(launches, pieces)}: told off what a radar resolves, %",
            f"≤ {ASKED:g}",
            read,
        )


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    out = [
        "Median [least, greatest] over the seeds, 60 to 80 s after the last burnout. Asked: told at most 10 % off what "
        "the better radar can resolve (100 m and 10 mrad).",
        "",
        "| bodies | off, % | bias, % | true | resolvable | told | as launches | far from any |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for case, figures in result.items():
        cells_ = [f"{m:g} [{a:g}, {b:g}]" for m, a, b in (v for k, v in figures.items() if k != "seeds")]
        out.append(f"| {case} | {' | '.join(cells_)} |")
    return out
