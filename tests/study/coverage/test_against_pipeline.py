"""Predicted times of warning and corroboration against single launches through the simulator and the pipeline."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from tocsin.config import Config
from tocsin.earth.ellipsoid import azimuth, distance
from tocsin.messages import SECOND, Warning
from tocsin.run.engine import Engine, placed
from tocsin.simulation import library, scenario
from tocsin.simulation.simulate import simulate
from tocsin.study.coverage import asking, maps
from tocsin.study.coverage._kernels import CORROBORATED, WARNED


class Case(NamedTuple):
    """A launch in a network, as far as `duration` [s after the scenario begins]."""

    network: str
    without: tuple[str, ...]
    vehicle: str
    shape: str
    launch: tuple[float, float]
    target: tuple[float, float]
    duration: float


CASES = [
    Case("demo", (), "medium-range", "lofted", (16.0, -35.0), (18.0, -26.5), 130.0),
    Case("demo", ("geo-2",), "medium-range", "lofted", (16.0, -35.0), (18.0, -26.5), 150.0),
    Case("demo", ("geo-1", "geo-2"), "medium-range", "lofted", (16.0, -35.0), (18.0, -26.5), 160.0),
    Case("regional", (), "intermediate-range", "minimum-energy", (20.0, -55.0), (30.0, -25.0), 120.0),
]
RUNS = range(3)
EARLY, LATE = (
    3.0,
    10.0,
)  # beyond the predicted 5 and 95 % [s]: steps of the maps, a fit that waits for one more look


def _network(case: Case) -> str:
    head, *tables = library.networks()[case.network].split("[[sensor]]")
    kept = [t for t in tables if not any(f'id = "{name}"' in t for name in case.without)]
    return "[[sensor]]".join([head, *kept])


def _predicted(case: Case, tmp_path: Path) -> maps.Maps:
    path = tmp_path / "net.toml"
    path.write_text(_network(case), encoding="utf-8")
    lat, lon = case.launch
    area = (lat - 0.5, lon - 0.5, lat + 0.5, lon + 0.5)
    asked = asking.ask(
        str(path),
        [f"{case.target[0]},{case.target[1]}"],
        [case.shape],
        vehicle=case.vehicle,
        step_deg=1.0,
        area=area,
    )
    return maps.compute(asked)


def _simulated(case: Case, run: int) -> tuple[float | None, float | None]:
    """Return when the pipeline first warned and corroborated [s after lift-off]."""
    places = np.radians([*case.launch, *case.target])
    text = f"""
title = "one launch"
origin = "test"
start = 2026-05-16T00:00:00Z
duration_s = {case.duration}
network = "net"

[settings]
clutter_scale = 0.0

[[launch]]
id = "alpha"
vehicle = "{case.vehicle}"
time_s = 20
latitude_deg = {case.launch[0]}
longitude_deg = {case.launch[1]}
azimuth_deg = {np.degrees(azimuth(*places)) % 360}
range_m = {distance(*places)}
shape = "{case.shape}"
"""
    world = scenario.decode(text, "one.toml", {"net": _network(case)})
    recording = simulate(world, run=run)
    versions: list[Warning] = []
    engine = Engine(
        Config(), None, lambda e, _: versions.append(e) if isinstance(e, Warning) else None, None, None
    )
    engine.feed(placed(recording.messages))
    lift_off = recording.truth.bodies[0].lift_off_time
    first = next((v.time for v in versions), None)
    both = next((v.time for v in versions if v.state in ("corroborated", "confirmed")), None)
    since = [None if t is None else (t - lift_off) / SECOND for t in (first, both)]
    return since[0], since[1]


def test_the_pipeline_warns_when_the_maps_say(tmp_path: Path) -> None:
    """Twelve launches: hardly ever outside the predicted 5 to 95 %, never much earlier; in the middle at the median."""
    outside, errors = 0, []
    for case in CASES:
        found = _predicted(case, tmp_path)
        for run in RUNS:
            for event, seen in zip((WARNED, CORROBORATED), _simulated(case, run), strict=True):
                early, median, late = found.when[0, 0, event, :, 0, 0]
                if np.isnan(median):
                    assert seen is None
                    continue
                if seen is None or not early - EARLY <= seen <= late + LATE:
                    outside += 1
                    assert seen is None or seen > early
                else:
                    errors.append(seen - median)
    assert len(errors) + outside == 21
    assert outside <= 4  # the tracker waits at times for a look more, or for a radar
    assert abs(np.median(errors)) < 6.0, f"{outside} outside, errors {np.round(errors, 1)}"
