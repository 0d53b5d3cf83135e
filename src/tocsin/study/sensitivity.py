"""How much a result depends on each nominal figure of each sensor: central differences, through bounds or runs.

A sensitivity is an elasticity: by how many per cent the result grows where the figure grows by one per cent, from the
figure multiplied and divided by 1 + `step`. A probability does not go beyond 1. Through bounds (Cramér-Rao, nothing
is tracked) it takes seconds; through runs, both sides see the same draws, and the interval is over the runs.
"""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from msgspec import Struct
from msgspec.structs import replace

from tocsin.errors import ConfigError
from tocsin.messages import Array, Sensor
from tocsin.report import svg
from tocsin.simulation import library
from tocsin.simulation.scenario import Scenario
from tocsin.simulation.truth import flown, happen
from tocsin.study.conduct import Progress, study
from tocsin.study.launch_bounds import Bound, launch_bounds
from tocsin.study.plan import decode
from tocsin.study.scenario_bounds import looks_at, neighbours

FIGURES: Final = (
    "los_sigma_urad", "bias_sigma_urad", "range_sigma_m", "azimuth_sigma_deg", "elevation_sigma_deg",
    "range_rate_sigma_mps", "range_bias_sigma_m", "angle_bias_sigma_deg", "scan_period_s", "detection_probability",
    "false_alarms_per_scan", "cloud_top_m", "elevation_min_deg", "range_max_m",
)  # fmt: skip
UNBOUND: Final = ("false_alarms_per_scan",)  # no bound here knows of clutter
MEASURES: Final = ("launch", "launch_time", "impact", "impact_time")
_COLUMNS: Final = tuple(f"{part}_error_{unit}" for part, unit in (
    ("launch", "m"), ("launch_time", "s"), ("impact", "m"), ("impact_time", "s"),
))  # fmt: skip
_DRAWS: Final = 400  # of the bootstrap
Value = Callable[[tuple[Sensor, ...]], dict[str, Array]]


class Sensitivity(Struct, frozen=True, kw_only=True):
    """One figure of one sensor and what it does to one launch. Axes: MEASURES; NaN where nothing is told.

    `nominal`: the figure; `value` (4,): the results at it, or between both sides [m, s]; `by` (4,): elasticities;
    `low`, `high` (4,): their 95 % intervals, of runs only.
    """

    launch: str
    sensor: str
    figure: str
    nominal: float
    value: tuple[float, ...]
    by: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


def by_bounds(scenario: Scenario, step: float = 0.1) -> list[Sensitivity]:
    """Return how the least errors after all looks depend on each figure, sensors' declared biases unknown.

    Raises ConfigError for a scenario without a launch.
    """
    if not scenario.launch:
        raise ConfigError(f"{scenario.file}: no [[launch]], so there is nothing to bound")
    value = _bound_of(scenario)
    nominal = value(scenario.sensors)
    found = []
    for sensor, figure in varied(scenario, UNBOUND):
        low, high = _sides(sensor, figure, step)
        sides = [value(_changed(scenario, sensor.id, figure, v)) for v in (low, high)]
        for launch in scenario.launch:
            by = _elasticity(sides[0][launch.id], sides[1][launch.id], low, high)
            found.append(_row(launch.id, sensor, figure, nominal[launch.id], by))
    return found


def by_runs(
    name: str, out: Path, runs: int, step: float = 0.1, seed: int = 1, workers: int | None = None,
    on_progress: Progress | None = None,
) -> list[Sensitivity]:  # fmt: skip
    """Return how the errors of `runs` runs of a scenario depend on each figure; a study a figure under `out`.

    Killed and begun again it goes on. Raises ConfigError as a study does, and for a scenario without a launch.
    """
    scenario = library.load(name)
    if not scenario.launch:
        raise ConfigError(f"{scenario.file}: no [[launch]], so there are no errors to look at")
    figures = varied(scenario)
    found: list[Sensitivity] = []
    for number, (sensor, figure) in enumerate(figures):
        low, high = _sides(sensor, figure, step)
        text = (
            f'title = "{sensor.id} {figure}"\nscenario = "{name}"\nseed = {seed}\nruns = {runs}\n'
            f'[grid]\n"sensor.{sensor.id}.{figure}" = [{low!r}, {high!r}]\n'
        )
        if on_progress is not None:
            on_progress(number, len(figures))
        made = study(decode(text, "sensitivity.toml", Path()), out / f"{sensor.id}-{figure}", workers=workers)
        objects = pd.read_parquet(made.folder / "objects.parquet")
        for launch in scenario.launch:
            found.append(
                _of_runs(objects[objects["object"] == launch.id], launch.id, sensor, figure, low, high)
            )
    return found


def varied(scenario: Scenario, without: tuple[str, ...] = ()) -> list[tuple[Sensor, str]]:
    """Return every figure of every sensor that is stated and not zero, which no factor moves."""
    return [
        (sensor, figure)
        for sensor in scenario.sensors
        for figure in FIGURES
        if figure not in without and _applies(sensor, figure)
    ]


def frame(found: list[Sensitivity]) -> pd.DataFrame:
    """Return a row a launch and figure, with the results and elasticities by their names."""
    rows = []
    for row in found:
        told: dict[str, Any] = {
            name: getattr(row, name) for name in ("launch", "sensor", "figure", "nominal")
        }
        for part in ("value", "by", "low", "high"):
            told |= {f"{m}_{part}": v for m, v in zip(MEASURES, getattr(row, part), strict=False)}
        rows.append(told)
    return pd.DataFrame(rows)


def tornado(found: list[Sensitivity], file: Path) -> None:
    """Draw the elasticities of one launch's place and impact, the largest on top, into a PNG or SVG file."""
    kind = file.suffix.removeprefix(".").lower()
    if kind not in ("png", "svg"):
        raise ConfigError(f"{file}: write a picture's name ending in .png or .svg")
    colours = svg.LIGHT
    paper = {"figure.facecolor": colours["paper"], "savefig.facecolor": colours["paper"]}
    with mpl.rc_context(svg.style(colours) | paper):
        drawn, panels = svg.panels(1.2 + 0.28 * len(found), rows=1, columns=2)
        drawn.subplots_adjust(left=0.24, wspace=0.08)
        order = sorted(
            found, key=lambda row: max((abs(v) for v in row.by[::2] if math.isfinite(v)), default=0.0)
        )
        for axes, k, title in zip(panels, (0, 2), ("Launch place", "Impact place"), strict=True):
            by = np.nan_to_num([row.by[k] for row in order])
            axes.barh(np.arange(len(order)), by, color=[colours["impact" if v > 0 else "track"] for v in by])
            if order and order[0].low:
                ends = np.nan_to_num([(row.low[k], row.high[k]) for row in order])
                axes.hlines(np.arange(len(order)), ends[:, 0], ends[:, 1], color=colours["ink"], linewidth=1)
            axes.set(title=title, xlabel="error grows by so many % for 1 % more")
            axes.axvline(0.0, color=colours["ink"], linewidth=0.8)
            axes.set_yticks(np.arange(len(order)), [])
        panels[0].set_yticklabels([f"{row.sensor} {row.figure}" for row in order])
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        drawn.savefig(file, format=kind, dpi=110, metadata=metadata)


# ------------------------------------------------------------------------------------------------- through bounds


def _bound_of(scenario: Scenario) -> Value:
    """Return what gives the last bounds of all launches for any sensors; the flights are flown once."""
    truth = happen(scenario)
    bodies = {body.id: body for body in truth.bodies}
    flights = {}
    for table in scenario.launch:
        vehicle, launch, _ = flown(table, scenario)
        flights[table.id] = neighbours(vehicle, launch, bodies[table.id].flight)

    def value(sensors: tuple[Sensor, ...]) -> dict[str, Array]:
        with_ = replace(scenario, sensors=sensors)
        told = {}
        for name, its in flights.items():
            looks = list(looks_at(with_, truth, bodies[name]))
            series = launch_bounds(its, looks, biased=any(look.bias for look in looks))
            told[name] = _measured(series[-1] if series else None)
        return told

    return value


def _measured(bound: Bound | None) -> Array:
    values = [None if bound is None else getattr(bound, name) for name in MEASURES]
    return np.array([np.nan if v is None or not math.isfinite(v) else v for v in values])


# ------------------------------------------------------------------------------------------------- through runs


def _of_runs(
    objects: pd.DataFrame, launch: str, sensor: Sensor, figure: str, low: float, high: float
) -> Sensitivity:
    """Compare the RMS errors of both sides over the runs that have both; the interval by bootstrap over runs."""
    sides = [
        objects[objects["point"] == point].set_index(
            objects[objects["point"] == point]["run"].to_numpy() // 2
        )[list(_COLUMNS)].astype(float)
        for point in (0, 1)
    ]  # fmt: skip
    both = sides[0].join(sides[1], lsuffix="_low", rsuffix="_high")
    squares = both.to_numpy(np.float64).reshape(-1, 2, len(_COLUMNS)) ** 2
    squares[np.isnan(squares).any(axis=1)[:, None, :].repeat(2, axis=1)] = np.nan
    chosen = np.random.default_rng(2026).integers(0, max(1, len(squares)), (_DRAWS, len(squares)))
    drawn = (_rms(squares[rows]) for rows in chosen)
    draws = np.array([_elasticity(rms[0], rms[1], low, high) for rms in drawn])
    interval = np.full((2, len(_COLUMNS)), np.nan)
    told = np.isfinite(draws).all(axis=0)
    interval[:, told] = np.quantile(draws[:, told], (0.025, 0.975), axis=0)
    rms = _rms(squares)
    row = _row(launch, sensor, figure, np.sqrt(rms[0] * rms[1]), _elasticity(rms[0], rms[1], low, high))
    return replace(row, low=tuple(interval[0].tolist()), high=tuple(interval[1].tolist()))


def _rms(squares: Array) -> Array:
    """Return the RMS (2, 4) of squares (n, 2, 4), NaN left out."""
    known = np.isfinite(squares).sum(axis=0)
    total = np.nansum(squares, axis=0)
    return np.sqrt(np.divide(total, known, out=np.full_like(total, np.nan), where=known > 0))


# ------------------------------------------------------------------------------------------------- one figure


def _applies(sensor: Sensor, figure: str) -> bool:
    infrared = ("los_sigma_urad", "bias_sigma_urad", "cloud_top_m")
    radar = ("elevation_min_deg", "range_bias_sigma_m", "angle_bias_sigma_deg")
    if figure in (radar if sensor.type == "infrared" else infrared):
        return False
    value = getattr(sensor, figure)
    return value is not None and value > 0


def _sides(sensor: Sensor, figure: str, step: float) -> tuple[float, float]:
    nominal = float(getattr(sensor, figure))
    high = nominal * (1 + step)
    return nominal / (1 + step), min(high, 1.0) if figure == "detection_probability" else high


def _changed(scenario: Scenario, name: str, figure: str, value: float) -> tuple[Sensor, ...]:
    return tuple(replace(s, **{figure: value}) if s.id == name else s for s in scenario.sensors)


def _elasticity(below: Array, above: Array, low: float, high: float) -> Array:
    """Return d ln(result) / d ln(figure) (4,)."""
    good = (below > 0) & (above > 0)
    ratio = np.divide(above, below, out=np.full(len(below), np.nan), where=good)
    return np.asarray(np.log(ratio) / math.log(high / low))


def _row(launch: str, sensor: Sensor, figure: str, value: Array, by: Array) -> Sensitivity:
    nominal = float(getattr(sensor, figure))
    return Sensitivity(
        launch=launch, sensor=sensor.id, figure=figure, nominal=nominal, value=tuple(value.tolist()),
        by=tuple(by.tolist()),
    )  # fmt: skip


def rows_by_size(found: list[Sensitivity]) -> Iterator[Sensitivity]:
    """Yield the largest first, by what they do to the launch place or the impact."""
    yield from sorted(
        found, key=lambda row: -max((abs(v) for v in row.by[::2] if math.isfinite(v)), default=0.0)
    )
