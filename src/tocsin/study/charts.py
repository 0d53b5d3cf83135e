"""Pictures of a study: how errors, lead times and consistency spread over its runs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from scipy import stats

from tocsin.report import svg
from tocsin.study.consistency import LEVELS
from tocsin.study.findings import STATE_SIZE, Found, known

Colours = Mapping[str, str]
Groups = Sequence[tuple[str, pd.DataFrame]]

MOST_LINES: Final = 6
LINES: Final = ("track", "impact", "launch", "radar", "other", "muted")
DASHES: Final = ((), (5, 2), (1.5, 1.5), (7, 2, 1.5, 2), (3, 1), (9, 3))
TIMES: Final = {
    "first_warning_s": "first warning", "corroborated_s": "corroborated", "first_impact_s": "first impact area",
    "first_alert_s": "first alert",
}  # fmt: skip
LEADS: Final = {
    "lead_s": "first warning", "corroborated_lead_s": "corroborated", "impact_lead_s": "first impact area",
    "alert_lead_s": "first alert",
}  # fmt: skip


def errors(groups: Groups, colours: Colours) -> Figure:
    """Draw the share of objects whose last error was no larger than so much."""
    drawn, panels = _four()
    names = ("launch_error_m", "impact_error_m", "launch_time_error_s", "impact_time_error_s")
    titles = ("Launch place", "Impact place", "Launch time", "Impact time")
    for axes, name, title in zip(panels, names, titles, strict=True):
        scale, unit = (1e-3, "km") if name.endswith("_m") else (1.0, "s")
        for k, (label, objects) in enumerate(groups):
            _steps(axes, np.abs(known(objects[name])) * scale, label, k, colours)
        axes.set(title=f"{title}: error [{unit}]", xlim=(0, None))
    _legend(panels[0], groups)
    return drawn


def times(groups: Groups, colours: Colours, leads: bool) -> Figure:
    """Draw when things were said after lift-off, or how long before the true impact."""
    drawn, panels = _four()
    names = LEADS if leads else TIMES
    what = "seconds before the true impact" if leads else "seconds after the true lift-off"
    for axes, (name, title) in zip(panels, names.items(), strict=True):
        for k, (label, objects) in enumerate(groups):
            _steps(axes, known(objects[name]), label, k, colours, len(objects), falling=leads)
        axes.set(title=title.capitalize(), xlim=(0, None))
    for axes in panels[2:]:
        axes.set_xlabel(what)
    _legend(panels[0], groups)
    return drawn


def containment(groups: Sequence[tuple[str, Found]], colours: Colours) -> Figure:
    """Draw the share of true places inside the ellipses claimed, with 95 % intervals, beside what was claimed."""
    drawn, panels = svg.panels(3.3, columns=2)
    line: dict[str, Any] = {"color": colours["truth"], "linewidth": 1.2, "linestyle": (0, (1, 1.6))}
    for axes, part in zip(panels, ("launch", "impact"), strict=True):
        for at, level in enumerate(LEVELS):
            axes.plot([at - 0.4, at + 0.4], [level / 100] * 2, label="" if at else "as claimed", **line)
        for k, (label, told) in enumerate(groups):
            shares = [told[part]["inside"][str(level)] for level in LEVELS]
            if all(s["of"] for s in shares):
                aside = 0.6 * ((k + 0.5) / len(groups) - 0.5)
                _marks(axes, np.arange(len(LEVELS)) + aside, shares, label, k, colours)
        axes.set(title=f"{part.capitalize()}: true place inside", ylim=(None, 1.02))
        axes.set_xticks(range(len(LEVELS)), [f"{level} % ellipse" for level in LEVELS])
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    panels[1].legend(loc="lower right")
    return drawn


def depths(groups: Groups, colours: Colours) -> Figure:
    """Draw how deep the truth lay against the χ² law it should follow: the whole of calibration in three curves."""
    drawn, panels = svg.panels(3.3, columns=3)
    kinds = (
        ("launch_chi2", "Launch place", 2),
        ("impact_chi2", "Impact place", 2),
        ("nees", "State vector", STATE_SIZE),
    )
    for axes, (name, title, freedom) in zip(panels, kinds, strict=True):
        axes.plot([0, 1], [0, 1], color=colours["truth"], linewidth=1, dashes=(1, 1.6), label="as claimed")
        for k, (label, objects) in enumerate(groups):
            levels = np.sort(stats.chi2.cdf(known(objects[name]), freedom))
            axes.plot(
                levels, np.arange(1, len(levels) + 1) / max(len(levels), 1), label=label, **_look(k, colours)
            )
        axes.set(title=title, xlabel="share claimed", xlim=(0, 1), ylim=(0, 1))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    panels[0].set_ylabel("share found inside")
    _legend(panels[2], groups)
    return drawn


def against(objects: pd.DataFrame, paths: Sequence[str], colours: Colours) -> Figure:
    """Draw the errors of launch and impact against what was drawn or varied as a number."""
    drawn, panels = svg.panels(2.9 * len(paths), rows=len(paths), columns=2)
    for row, path in enumerate(paths):
        for axes, part in zip(panels[2 * row : 2 * row + 2], ("launch", "impact"), strict=True):
            axes.plot(
                objects[path],
                objects[f"{part}_error_m"].abs() / 1e3,
                ".",
                color=colours[part],
                alpha=0.5,
                markersize=4,
            )
            axes.set(title=f"{part.capitalize()} error [km]", xlabel=path)
            axes.set_ylim(bottom=0)
    return drawn


def _four() -> tuple[Figure, list[Axes]]:
    """Make four axes with room for titles between the rows."""
    drawn, panels = svg.panels(5.9, rows=2, columns=2)
    drawn.subplots_adjust(hspace=0.36)
    return drawn, panels


def _steps(
    axes: Axes,
    values: Any,
    label: str,
    k: int,
    colours: Colours,
    of: int | None = None,
    falling: bool = False,
) -> None:
    """Draw a distribution as steps, as a share of `of`; falling: the share that is at least so much."""
    x = np.sort(values)
    if not len(x):
        return
    reached = np.arange(len(x) + 1) / (len(x) if of is None else of)
    if falling:
        axes.step([0.0, *x], reached[::-1], where="pre", label=label, **_look(k, colours))
    else:
        axes.step([x[0], *x], reached, where="post", label=label, **_look(k, colours))
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def _marks(axes: Axes, x: Any, shares: Sequence[Found], label: str, k: int, colours: Colours) -> None:
    middle = np.array([s["share"] for s in shares])
    reach = [middle - [s["low"] for s in shares], [s["high"] for s in shares] - middle]
    axes.errorbar(
        x, middle, yerr=np.maximum(reach, 0), fmt=svg.MARKERS[k], color=colours[LINES[k]], markersize=5, capsize=3,
        label=label,
    )  # fmt: skip


def _look(k: int, colours: Colours) -> dict[str, Any]:
    return {"color": colours[LINES[k]], "dashes": DASHES[k]} if DASHES[k] else {"color": colours[LINES[k]]}


def _legend(axes: Axes, groups: Sequence[Any]) -> None:
    if len(groups) > 1:
        axes.legend(loc="lower right")
