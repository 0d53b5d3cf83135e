"""What a launch estimate costs: a cold start over all classes, a warm refit, and fifty launches at once (issue 4).

Run N draws one flight (seed 9,000,000 + N; the ballistic classes by turns) as one and as two satellites see it at 30
µrad, and times `launch.cold` on its first sightings and `launch.warm` of each mode with the next sighting. Every tenth
run flies fifty launches that lift off within 60 s, over a third of the globe, through the real tracker, and times each
look. One process, one thread, kernels compiled before; times are of the processor, so that a busy machine counts less.
"""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from rising import KINDS, PERIOD, Setting, drawn, eyes, look, looks, turned

from tocsin.flight.powered import FlightError, Launch
from tocsin.messages import Array
from tocsin.simulation import random_vehicles
from tocsin.tracking import launch
from tocsin.tracking.settings import Settings
from tocsin.tracking.sightings import Sighting, Sights
from tocsin.tracking.tracker import Tracker

RUNS, QUICK_RUNS = 100, 1
TITLE = "Cost of launch estimates"
SEED = 9_000_000
SETTINGS = (Setting(1, 30.0), Setting(2, 30.0))
COUNTS = (3, 4, 6, 9, 14, 22, 34)
AT_ONCE, WITHIN = 50, 60.0
EVERY = 10
LIFTING = 400.0  # s, for which the fifty are watched
COLD_S, WARM_S = 0.3, 0.003


def one(run: int) -> dict[str, Any]:
    """Return the times of one flight, and every tenth time of fifty at once [s]."""
    row = quick(run)
    if run % EVERY == 0:
        row["looks"] = at_once(SEED + run, AT_ONCE)
    return row


def quick(run: int) -> dict[str, Any]:
    """Return the times of one flight [s]."""
    kind = KINDS[run % len(KINDS)]
    return {"class": kind, "fits": [row for setting in SETTINGS for row in _fits(setting, SEED + run, kind)]}


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return medians, and the worst, by satellites and sightings; the looks of fifty launches."""
    fits: list[dict[str, Any]] = [fit for row in rows for fit in row["fits"]]
    by_count = []
    for setting in SETTINGS:
        for count in COUNTS:
            mine = [f for f in fits if f["satellites"] == setting.satellites and f["count"] == count]
            if mine:
                cold, warm = [f["cold"] for f in mine], [t for f in mine for t in f["warm"]]
                by_count.append({
                    "satellites": setting.satellites, "count": count, "of": len(mine), "cold": _spread(cold),
                    "warm": _spread(warm), "modes": float(np.mean([len(f["warm"]) for f in mine])),
                    "sighting": _spread([sum(f["warm"]) for f in mine]),
                })  # fmt: skip
    seen = [t for row in rows for t in row.get("looks", [])]
    return {"fits": by_count, "looks": _spread(seen) | {"of": len(seen)} if seen else None}


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    out = [
        "Milliseconds of one thread: median, 95 % and worst.",
        "",
        f"| satellites | sightings | flights | cold, all classes (asked ≤ {1000 * COLD_S:.0f}) | warm, a mode "
        f"(asked ≤ {1000 * WARM_S:.0f}) | modes | warm, all of them |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {f['satellites']} | {f['count']} | {f['of']} | {_told(f['cold'])} | {_told(f['warm'])} | "
            f"{f['modes']:.1f} | {_told(f['sighting'])} |"
            for f in result["fits"]
        ),
    ]
    if result["looks"]:
        out += [
            "",
            f"{AT_ONCE} launches within {WITHIN:.0f} s, two satellites, {result['looks']['of']} looks of the tracker: "
            f"{_told(result['looks'])} ms a look; the two look {2 / PERIOD:.1f} times a second.",
        ]
    return out


def claims(result: dict[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """Yield the scoreboard's rows."""

    def warm(_: dict[str, Any]) -> tuple[str, bool]:
        middles = [1e3 * row["warm"]["median"] for row in result["fits"]]
        most = max(1e3 * row["warm"]["most"] for row in result["fits"])
        return f"medians {min(middles):.1f}–{max(middles):.1f} ms, 95 % up to {most:.1f}", max(middles) <= 3.0

    def cold(_: dict[str, Any]) -> tuple[str, bool]:
        worst = max(1e3 * row["cold"]["worst"] for row in result["fits"])
        return f"worst {worst:.0f} ms", worst <= 300.0

    def looks(_: dict[str, Any]) -> tuple[str, None]:
        row = result["looks"]
        return (
            f"median {1e3 * row['median']:.0f} ms, 95 % {1e3 * row['most']:.0f}, worst {1e3 * row['worst']:.0f}",
            None,
        )

    part = "Latency and speed"
    yield part, "launch fit, warm, of a mode, 3 to 34 sightings", "≤ 3 ms", warm
    yield part, "launch fit, cold, over all classes", "≤ 0.3 s", cold
    yield part, "50 launches at once: a look", "stated", looks


def at_once(seed: int, count: int) -> list[float]:
    """Return the time of each look [s] while many launches rise."""
    random = np.random.Generator(np.random.Philox(key=[seed, 50]))
    flights = []
    while len(flights) < count:
        place = Launch(
            latitude=float(np.arcsin(random.uniform(-0.75, 0.75))), longitude=float(random.uniform(-0.6, 0.7)),
            azimuth=float(random.uniform(0.0, 2 * np.pi)),
        )  # fmt: skip
        try:
            flown = random_vehicles.drawn(random, place, str(random.choice(KINDS)))
        except FlightError:
            continue
        flights.append((flown.flight, float(random.uniform(0.0, WITHIN))))
    tracker, times = Tracker(Settings(), "test"), []
    watchers = eyes(SETTINGS[1], 0.0, seed)
    for t, i in sorted(
        (eye.first + k * PERIOD, i) for i, eye in enumerate(watchers) for k in range(int(LIFTING / PERIOD))
    ):
        eye, lines = watchers[i], []
        for flight, begun in flights:
            r = flight.at(np.array([t - begun]))[0, :3]
            burns = t > begun and flight.thrusting(np.array([t - begun]))[0] and random.uniform() < 0.95
            if burns and eye.model.visible(r[None], eye.platform)[0]:
                d = r - eye.platform
                lines.append(turned(d / np.linalg.norm(d), random.standard_normal(2) * eye.model.sigma))
        begin = time.process_time()
        tracker.infrared(eye.model, look(eye, t, lines))
        times.append(time.process_time() - begin)
    return times


def _fits(setting: Setting, seed: int, kind: str) -> list[dict[str, Any]]:
    """Return what cold starts and the warm refits after them take with ever more sightings of a flight [s]."""
    seen = [
        s for _, l, true in looks(setting, drawn(seed, kind), seed) if true is not None for s in l.sightings
    ]
    if len(seen) <= COUNTS[0]:
        return []
    _warm_up(seen)
    rows = []
    for count in COUNTS:
        if len(seen) <= count:
            break
        sights, more = Sights.of(seen[:count]), Sights.of(seen[: count + 1])
        begin = time.process_time()
        modes = launch.cold(sights, float(sights.times[-1]), launch.NEVER)
        cold, warm = time.process_time() - begin, []
        for mode in modes:
            begin = time.process_time()
            launch.warm(mode, more, float(more.times[-1]), launch.NEVER, Settings().warm_iterations)
            warm.append(time.process_time() - begin)
        rows.append({"satellites": setting.satellites, "count": count, "cold": cold, "warm": warm})
    return rows


def _warm_up(seen: list[Sighting]) -> None:
    """Let kernels compile before anything is timed."""
    sights = Sights.of(seen[:3])
    for mode in launch.cold(sights, float(sights.times[-1]), launch.NEVER)[:1]:
        launch.warm(mode, sights, float(sights.times[-1]), launch.NEVER, 1)


def _spread(values: list[float] | Array) -> dict[str, float]:
    median, most = np.quantile(values, [0.5, 0.95])
    return {"median": float(median), "most": float(most), "worst": float(np.max(values))}


def _told(spread: dict[str, float]) -> str:
    return " / ".join(f"{1000 * spread[key]:.3g}" for key in ("median", "most", "worst"))
