"""Estimates against the bound: errors of a run's warnings as they came or of a study's last ones, and a picture."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from msgspec import Struct

from tocsin.errors import ConfigError
from tocsin.formats.jsonl import decode_event
from tocsin.messages import SECOND, Array, Warning
from tocsin.report import svg
from tocsin.run.score import impact_error, launch_error, matched
from tocsin.simulation.scenario import Scenario
from tocsin.simulation.truth import Body, happen
from tocsin.study.launch_bounds import Bound
from tocsin.study.scenario_bounds import Bounds

MEASURES: Final = ("launch", "launch_time", "impact", "impact_time")
_COLUMNS: Final = ("launch_error_m", "launch_time_error_s", "impact_error_m", "impact_time_error_s")
_TITLES: Final = ("Launch place [km]", "Launch time [s]", "Impact place [km]", "Impact time [s]")
_FORMATS: Final = ("png", "svg")


class Errors(Struct, frozen=True):
    """Errors (n, 4) of MEASURES [m, s], NaN where nothing was said. `time` (n,) [s after lift-off]: of a run's
    versions in turn; empty for a study, whose rows are the last versions of its runs."""

    time: Array
    size: Array

    @property
    def rms(self) -> Array:
        """Return the root mean square (4,) over a study, of a run the last of each; NaN where nothing was said."""
        if not len(self.time):
            return np.sqrt(pd.DataFrame(self.size**2).mean().to_numpy(np.float64))
        return pd.DataFrame(self.size).ffill().iloc[-1].to_numpy(np.float64)


def errors(scenario: Scenario, folder: Path) -> dict[str, Errors]:
    """Read the errors of each launch of `scenario` from a run's or a study's folder; raise ConfigError otherwise."""
    if (folder / "objects.parquet").is_file():
        return _of_study(scenario, pd.read_parquet(folder / "objects.parquet"))
    if not (folder / "warnings.jsonl").is_file():
        raise ConfigError(
            f"{folder}: neither a run's folder (warnings.jsonl) nor a finished study's (objects.parquet)"
        )
    return _of_run(scenario, folder)


def picture(told: Bounds, made: Errors | None, file: Path) -> None:
    """Draw bounds over time, and errors beside them, into a PNG or SVG file; a ConfigError for another ending."""
    kind = file.suffix.removeprefix(".").lower()
    if kind not in _FORMATS:
        raise ConfigError(f"{file}: write a picture's name ending in .png or .svg")
    colours = svg.LIGHT
    paper = {"figure.facecolor": colours["paper"], "savefig.facecolor": colours["paper"]}
    with mpl.rc_context(svg.style(colours) | paper):
        drawn, panels = svg.panels(6.2, rows=2, columns=2)
        drawn.subplots_adjust(hspace=0.34)
        for k, axes in enumerate(panels):
            _draw(axes, told, made, k, colours)
            axes.set(title=_TITLES[k], yscale="log")
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.set_xlabel("seconds after lift-off" if k > 1 else "")
        panels[0].legend(loc="upper right")
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        drawn.savefig(file, format=kind, dpi=110, metadata=metadata)


def _of_study(scenario: Scenario, objects: pd.DataFrame) -> dict[str, Errors]:
    found = {}
    for launch in scenario.launch:
        mine = objects[objects["object"] == launch.id]
        found[launch.id] = Errors(np.empty(0), np.abs(mine[list(_COLUMNS)].to_numpy(np.float64)))
    return found


def _of_run(scenario: Scenario, folder: Path) -> dict[str, Errors]:
    lines = (folder / "warnings.jsonl").read_bytes().splitlines()
    versions = [event for line in lines if isinstance(event := decode_event(line), Warning)]
    matches, _ = matched(happen(scenario), versions)
    return {match.body.id: _of_versions(match.body, match.versions) for match in matches}


def _of_versions(body: Body, versions: list[Warning]) -> Errors:
    rows, times = [], []
    for version in versions:
        launch, impact = launch_error(body, version), impact_error(body, version)
        rows.append([*(launch or (np.nan, np.nan)), *(impact or (np.nan, np.nan))])
        times.append((version.time - body.lift_off_time) / SECOND)
    return Errors(np.array(times), np.abs(np.array(rows, np.float64).reshape(-1, 4)))


def _draw(axes: Axes, told: Bounds, made: Errors | None, k: int, colours: Mapping[str, str]) -> None:
    scale = 1e-3 if k % 2 == 0 else 1.0
    lines = (
        ("bound, all sensors", told.all, "track", 1.4),
        ("bound, satellites", told.infrared, "launch", 2.4),
        ("bound, satellites, biased", told.infrared_biased, "muted", 1.0),
        ("bound, all, biased", told.all_biased, "other", 1.0),
    )
    for label, series, colour, width in lines:
        if series and getattr(series[0], MEASURES[k]) is not None:
            style: dict[str, Any] = {"drawstyle": "steps-post", "linewidth": width}
            axes.plot(*_line(series, k, scale), color=colours[colour], label=label, **style)
    if made is None:
        return
    if len(made.time):
        axes.plot(
            made.time, made.size[:, k] * scale, ".", color=colours["impact"], markersize=4, label="estimate"
        )
    elif told.all and np.isfinite(made.rms[k]):
        low, high = np.nanquantile(made.size[:, k], (0.05, 0.95)) * scale
        at, rms = told.all[-1].time, made.rms[k] * scale
        axes.vlines(at, low, high, color=colours["impact"], linewidth=1)
        axes.plot(at, rms, "D", color=colours["impact"], markersize=5, label="estimates, RMS (bar: 5-95 %)")


def _line(series: list[Bound], k: int, scale: float) -> tuple[list[float], list[float]]:
    values = [(b.time, getattr(b, MEASURES[k]) * scale) for b in series]
    seen = [(t, v) for t, v in values if np.isfinite(v)]
    return [t for t, _ in seen], [v for _, v in seen]
