"""How soon a launch is noticed, and how often what is none is taken for one (issue 4; launch-from-angles, section 6).

Run N draws a launch (seed 8,000,000 + N, written down before the first run; the ballistic classes by turns), seen with
probability 0.9 a look among two uniform strays, and asks after how many of its sightings the tracker first told of a
launch. Beside every fourth the tracker watches an hour without any launch in each setting, and every track is false:

- strays: two or, where it says so, five a look, uniform over the disk;
- new static sources: 20 burn in each disk when the hour begins, all unknown, and 10 an hour are born; each burns for
  two hours in the mean and is seen in 0.7 of looks;
- flashes: 60 an hour in each disk, of 1 to 5 s, at up to 12 km.

Rates are the note's; how long sources burn and how high flashes are is our assumption. With two satellites sources and
flashes stand where they are for both. The sky is empty of memory at the start of each hour.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from claims import percent
from msgspec import Struct
from rising import KINDS, PERIOD, START, Eye, Setting, drawn, eyes, look, looks, toward_disk, turned
from scipy import stats
from scores import share

from tocsin.earth.ellipsoid import ecef_from_geodetic
from tocsin.messages import SECOND, Array
from tocsin.sensors._kernels import HIDDEN, line_against_earth
from tocsin.simulation.random_vehicles import RandomFlight
from tocsin.tracking.settings import Settings
from tocsin.tracking.tracker import Tracker

RUNS, QUICK_RUNS = 500, 1
TITLE = "First warning"
SEED = 8_000_000
HOURS, EVERY = 1.0, 4  # of clutter, in each setting, beside every fourth run
SETTINGS = tuple(
    Setting(satellites, sigma, detection_probability=0.9, strays=2.0)
    for satellites in (1, 2)
    for sigma in (10.0, 30.0, 100.0)
)
DENSE = tuple(Setting(n, 30.0, detection_probability=0.9, strays=5.0) for n in (1, 2))
ASKED = {(1, 10.0): 0.93, (1, 30.0): 0.88, (2, 10.0): 0.97, (2, 30.0): 0.85}
SOON = 3  # sightings
FALSE_AN_HOUR = 0.02
DISK = 0.4245  # of the globe that a geostationary satellite sees
BURNING, BORN, FLASHES = (
    20.0,
    10.0,
    60.0,
)  # of each disk: sources at the start, sources an hour, flashes an hour
SOURCE_SEEN, LIFE = 0.7, 7_200.0
FLASH_S, FLASH_HEIGHT = (1.0, 5.0), 12_000.0


def one(run: int) -> dict[str, Any]:
    """Return when a launch was noticed, and how many launches an hour of clutter held."""
    return measured(SEED + run, KINDS[run % len(KINDS)], 0.0 if run % EVERY else HOURS)


def quick(run: int) -> dict[str, Any]:
    """Return the same with five minutes of clutter."""
    return measured(SEED + run, KINDS[run % len(KINDS)], HOURS / 12)


def measured(seed: int, kind: str, hours: float) -> dict[str, Any]:
    """Return the same for a seed."""
    launched = drawn(seed, kind)
    return {
        "class": kind,
        "hours": hours,
        "found": {setting.name: noticed(setting, launched, seed) for setting in SETTINGS},
        "false": {
            label(setting): alarms(setting, seed, hours) for setting in (*SETTINGS, *DENSE) if hours > 0.0
        },
    }


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return shares found and false launches an hour."""
    hours = sum(row["hours"] for row in rows)
    found: dict[str, Any] = {}
    for setting in SETTINGS:
        seen = [f for row in rows if (f := row["found"][setting.name])["sightings"] >= SOON]
        after = [f["after"] for f in seen]
        found[setting.name] = {
            "asked": ASKED.get((setting.satellites, setting.sigma_urad)),
            "third": share([n is not None and n <= SOON for n in after]),
            "fifth": share([n is not None and n <= SOON + 2 for n in after]),
            "ever": share([n is not None for n in after]),
            "wait_s": float(np.median([f["wait"] for f in seen if f["wait"] is not None] or [np.nan])),
        }
    false = {
        label(setting): {"hours": hours, "count": sum(row["false"].get(label(setting), 0) for row in rows)}
        for setting in (*SETTINGS, *DENSE)
    }
    return {"found": found, "false": false}


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    out = [
        "| setting | launches | by the third sighting of all | asked | by the fifth | ever | s from first sighting |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in result["found"].items():
        asked = f"≥ {100 * row['asked']:.0f} %" if row["asked"] else "as it is"
        third = row["third"]
        out.append(
            f"| {name} | {third['of']} | {100 * third['share']:.1f} % ({100 * third['low']:.1f}–"
            f"{100 * third['high']:.1f}) | {asked} | {100 * row['fifth']['share']:.1f} % | "
            f"{100 * row['ever']['share']:.1f} % | {row['wait_s']:.0f} |"
        )
    out += [
        "",
        "| clutter, fires and flashes | hours | false launches | an hour | asked |",
        "|---|---|---|---|---|",
    ]
    for name, row in result["false"].items():
        rate, most = row["count"] / row["hours"], _most(row["count"]) / row["hours"]
        out.append(
            f"| {name} | {row['hours']:.0f} | {row['count']} | {rate:.3f} (at most {most:.3f}) | ≤ {FALSE_AN_HOUR} |"
        )
    return [
        *out,
        "",
        "Of launches with three sightings and more; seconds: the median of those found. At most: 95 % (Poisson).",
    ]


def claims(result: dict[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """Yield the scoreboard's rows."""

    def found(name: str) -> tuple[str, bool | None]:
        row = result["found"][name]
        third, fifth = row["third"], row["fifth"]
        good = None if row["asked"] is None else third["share"] >= row["asked"]
        return f"{percent(third)}; by the fifth {100 * fifth['share']:.1f} %", good

    def false(name: str) -> tuple[str, bool]:
        row = result["false"][name]
        return f"{row['count']} in {row['hours']:g} h", row["count"] <= 0.02 * row["hours"]

    for name, row in result["found"].items():
        asked = "stated" if row["asked"] is None else f"≥ {100 * row['asked']:g} %"
        yield (
            "Detection",
            f"first warning by the third sighting, {name}",
            asked,
            lambda _, name=name: found(name),
        )
    for name in result["false"]:
        what = f"false `detected` from clutter, fires and flashes, {name}"
        yield "False alarms", what, "≤ 0.02 an hour", lambda _, name=name: false(name)


def label(setting: Setting) -> str:
    """Name a setting of clutter."""
    return f"{setting.name}, {setting.strays:g} strays a look"


def noticed(setting: Setting, launched: RandomFlight, seed: int) -> dict[str, Any]:
    """Return how many sightings a flight had, after how many it was told, and how long that took [s].

    Sightings are counted until it is told and three are there.
    """
    tracker = Tracker(Settings(), "test")
    times: list[float] = []
    after, wait = None, None
    for model, seen, true in looks(setting, launched, seed):
        times += [] if true is None else [true]
        tracks = tracker.infrared(model, seen)
        if after is None and tracks and times:
            after, wait = len(times), (seen.end - START) / SECOND - times[0]
        if after is not None and len(times) >= SOON:
            break
    return {"sightings": len(times), "after": after, "wait": wait}


def alarms(setting: Setting, seed: int, hours: float) -> int:
    """Return how many launches the tracker told of in hours without one."""
    random = np.random.Generator(np.random.Philox(key=[seed, 99]))
    tracker, told = Tracker(Settings(), "test"), set()
    watchers = eyes(setting, 0.0, seed)
    sources = _sources(random, hours * 3600.0)
    steps = sorted(
        (eye.first + k * PERIOD, i) for i, eye in enumerate(watchers) for k in range(int(hours * 360))
    )
    for t, i in steps:
        eye = watchers[i]
        shown = [s for s in sources if s.begin <= t < s.end and random.uniform() < s.probability]
        lines = [_seen(eye, s.r, random) for s in shown if line_against_earth(eye.platform, s.r)[0] != HIDDEN]
        lines += [toward_disk(eye.platform, random) for _ in range(random.poisson(setting.strays))]
        told |= {track.id for track in tracker.infrared(eye.model, look(eye, t, lines))}
    return len(told)


class Source(Struct, frozen=True):
    """What shines at `r` (3,) [m], ITRF, from `begin` to `end` [s], and is seen with a probability."""

    r: Array
    begin: float
    end: float
    probability: float


def _sources(random: np.random.Generator, seconds: float) -> list[Source]:
    """Draw static sources and flashes over the whole globe, as many in each disk as said."""
    found = []
    for begins in (
        np.zeros(random.poisson(BURNING / DISK)),
        random.uniform(0.0, seconds, random.poisson(BORN / DISK * seconds / 3600.0)),
    ):
        found += [
            Source(_somewhere(random, 0.0), float(t), float(t + random.exponential(LIFE)), SOURCE_SEEN)
            for t in begins
        ]
    for t in random.uniform(0.0, seconds, random.poisson(FLASHES / DISK * seconds / 3600.0)):
        height = random.uniform(0.0, FLASH_HEIGHT)
        found.append(Source(_somewhere(random, height), float(t), float(t + random.uniform(*FLASH_S)), 0.9))
    return found


def _somewhere(random: np.random.Generator, height: float) -> Array:
    lat, lon = np.arcsin(random.uniform(-1.0, 1.0)), random.uniform(-np.pi, np.pi)
    return np.asarray(ecef_from_geodetic(lat, lon, height))


def _seen(eye: Eye, r: Array, random: np.random.Generator) -> Array:
    d = r - eye.platform
    return turned(d / np.linalg.norm(d), random.standard_normal(2) * eye.model.sigma)


def _most(count: int) -> float:
    """Return the largest mean that a Poisson count still allows at 95 %."""
    return float(stats.chi2.ppf(0.95, 2 * count + 2) / 2)
