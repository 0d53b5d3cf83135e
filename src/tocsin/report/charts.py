"""Curves of one warning against time: altitude and speed, errors, areas, residuals, who saw it when."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from tocsin.messages import Array
from tocsin.report import ground, svg
from tocsin.report.explain import square
from tocsin.report.story import Path, Story

Colours = Mapping[str, str]
GAP_S = 25.0  # a track without a look for longer is left open there
RESIDUALS = 150  # as many points of each component are drawn, evenly chosen
COMPONENTS = {
    2: ("angle 1", "angle 2"),
    3: ("range", "azimuth", "elevation"),
    4: ("range", "azimuth", "elevation", "range rate"),
}


def motion(story: Story, colours: Colours) -> Figure:
    """Draw altitude and speed against time: estimate with its 2σ band, prediction dashed, truth dotted."""
    drawn, (left, right) = svg.panels(3.4, columns=2)
    ahead = predicted(story)
    draw_motion(left, story, ahead, altitude, 1e-3, colours)
    draw_motion(right, story, ahead, speed, 1e-3, colours)
    left.set(title="Altitude", ylabel="km above the ellipsoid")
    right.set(title="Speed over the rotating Earth", ylabel="km/s")
    for axes in (left, right):
        axes.set_xlabel(f"seconds from {story.zero_is}")
        axes.set_ylim(bottom=0)
    right.legend(loc="lower right")
    return drawn


def draw_motion(
    axes: Axes, story: Story, ahead: Path | None, quantity: "Quantity", scale: float, colours: Colours
) -> None:
    """Draw one quantity of the motion on `axes`, multiplied by `scale`."""
    track = story.track
    if len(track.t):
        value, sigma = quantity(track)
        marks = "." if len(track.t) < 120 else ""
        t, value, sigma = _opened(track.t, value, sigma)
        if sigma is not None:
            low, high = (value - 2 * sigma) * scale, (value + 2 * sigma) * scale
            axes.fill_between(t, low, high, color=colours["band"], alpha=0.22, linewidth=0, label="±2σ")
        axes.plot(t, value * scale, color=colours["track"], marker=marks, markersize=4, label="estimate")
    if ahead is not None:
        value, _ = quantity(ahead)
        axes.plot(ahead.t, value * scale, color=colours["track"], dashes=(4, 2.5), label="predicted, no drag")
    true_path = story.true_path()
    if true_path is not None and len(true_path.t):
        path = _thinned(true_path)
        dots: dict[str, Any] = {"linestyle": (0, (1, 1.6)), "linewidth": 1.2}
        axes.plot(path.t, quantity(path)[0] * scale, color=colours["truth"], label="truth", **dots)
    axes.set_ylim(*_window(axes, story, quantity, scale))


Quantity = Callable[[Path], tuple[Array, Array | None]]


def altitude(path: Path) -> tuple[Array, Array | None]:
    """Give height above the ellipsoid (n,) [m] and its 1σ."""
    up = path.r / np.linalg.norm(path.r, axis=1)[:, None]  # within 0.2° of the normal: enough for a band
    return ground.geodetic_deg(path.r)[:, 2], _sigma(up, path.covariance, 0)


def speed(path: Path) -> tuple[Array, Array | None]:
    """Give speed over the rotating Earth (n,) [m/s] and its 1σ."""
    size = np.linalg.norm(path.v, axis=1)
    return size, _sigma(path.v / np.maximum(size, 1e-9)[:, None], path.covariance, 3)


def errors(story: Story, colours: Colours) -> Figure | None:
    """Draw true error of position and velocity against the claimed 1σ; None where truth is unknown."""
    if story.truth is None or not len(story.track.t):
        return None
    t, P = story.track.t, story.track.covariance
    r, v = story.truth.at(t)
    drawn, (left, right) = svg.panels(3.1, columns=2)
    for axes, gap, first in ((left, story.track.r - r, 0), (right, story.track.v - v, 3)):
        size = np.linalg.norm(gap, axis=1)
        spread = None if P is None else _spread(P[:, first : first + 3, first : first + 3])
        seen, size, spread = _opened(t, size, spread)
        axes.plot(seen, size, color=colours["truth"], marker=".", markersize=4, linewidth=1, label="error")
        if spread is not None:
            axes.plot(
                seen, spread, color=colours["track"], dashes=(4, 2), label="claimed (root of the trace)"
            )
        axes.set_xlabel(f"seconds from {story.zero_is}")
        _logarithmic(axes)
    left.set(title="Position error", ylabel="m")
    right.set(title="Velocity error", ylabel="m/s")
    right.legend(loc="upper right")
    return drawn


def areas(story: Story, colours: Colours) -> Figure | None:
    """Draw the semi-axes of the launch and impact ellipses against time, with true errors where known."""
    parts = [part for part in ("launch", "impact") if story.estimates(part)]
    if not parts:
        return None
    drawn, both = svg.panels(3.1, columns=2)
    for axes, part in zip(both, ("launch", "impact"), strict=True):
        axes.set(title=f"{part.capitalize()} area, 95 %", ylabel="m", xlabel=f"seconds from {story.zero_is}")
        if part not in parts:
            axes.text(0.5, 0.5, "never known", transform=axes.transAxes, ha="center", color=colours["muted"])
            continue
        draw_area(axes, story, part, colours)
    return drawn


def residuals(story: Story, names: Sequence[str], colours: Colours) -> Figure | None:
    """Draw each sensor's normalised residuals against time: on the mark they scatter by one."""
    groups = [(name, rows) for name in names if len(rows := story.updates[story.updates["sensor"] == name])]
    if not groups:
        return None
    columns = min(3, len(groups))
    deep = -(-len(groups) // columns)
    drawn, grid = svg.panels(0.5 + 2.3 * deep, deep, columns)
    for axes in grid[len(groups) :]:
        axes.set_visible(False)
    for axes, (name, of_sensor) in zip(grid, groups, strict=False):
        _residual_panel(axes, story, name, of_sensor, colours)
        axes.set_xlabel(f"seconds from {story.zero_is}")
    grid[0].set_ylabel("residual / its σ")
    return drawn


def whitened(rows: pd.DataFrame) -> tuple[Array, Array]:
    """Return residuals over their Cholesky factor (n, d), NaN where absent, and how many are not (n,)."""
    sizes = np.array([len(values) for values in rows["residual"]])
    out = np.full((len(rows), max(sizes, default=2)), np.nan)
    for k, (values, flat) in enumerate(zip(rows["residual"], rows["innovation_covariance"], strict=True)):
        S, z = square(flat, sizes[k]), np.asarray(values, np.float64)
        # A radar without Doppler carries an infinite variance there.
        known = np.isfinite(np.diag(S)) & np.isfinite(z)
        S = S[np.ix_(known, known)]
        sizes[k] = known.sum()
        if len(S) and np.linalg.eigvalsh(S).min() > 0:
            out[k, np.flatnonzero(known)] = np.linalg.solve(np.linalg.cholesky(S), z[known])
    return out, sizes


def looks(counts: Mapping[str, tuple[Array, Array]], zero_is: str, colours: Colours) -> Figure:
    """Draw detections a look against time, a row a sensor. `counts`: sensor → times [s], detections."""
    widest = max(len(name) for name in counts)
    drawn, grid = svg.panels(
        0.6 + 0.7 * len(counts), len(counts), left=0.5 + 0.085 * widest, top=0.1, shared=True
    )
    for axes, (name, series) in zip(grid, counts.items(), strict=True):
        t, n = _binned(*series)
        axes.fill_between(t, n, step="mid", color=colours["band"], alpha=0.35, linewidth=0)
        axes.step(t, n, where="mid", color=colours["track"], linewidth=0.8)
        axes.set_ylabel(name, rotation=0, ha="right", va="center", color=colours["ink"])
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(MaxNLocator(2, integer=True))
    grid[-1].set_xlabel(f"seconds from {zero_is}")
    return drawn


def sightings(story: Story, colours: Colours) -> Figure | None:
    """Draw who saw it when, a lane a sensor, over bands of the warning's state."""
    names = list(dict.fromkeys(story.updates["sensor"]))
    if not names:
        return None
    widest = max(len(name) for name in names)
    drawn, (axes,) = svg.panels(1.2 + 0.3 * len(names), left=0.25 + 0.085 * widest, top=0.05)
    axes.grid(axis="y", visible=False)
    times = story.updates["time"].astype("datetime64[ns, UTC]").astype("int64").to_numpy()
    t = (times - story.zero) / 1e9
    for lane, name in enumerate(names):
        own = (story.updates["sensor"] == name).to_numpy()
        colour = colours["track"] if len(story.updates["residual"][own].iloc[0]) == 2 else colours["radar"]
        axes.plot(t[own], np.full(own.sum(), lane), linestyle="", marker="|", markersize=9, color=colour)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -2.3)
    axes.tick_params(axis="y", length=0, labelcolor=colours["ink"])
    turns = _turns(story)
    span = max(t.max(), *(begin for begin, _ in turns)) + 40
    for (begin, state), row in zip(turns, _rows_of(turns, 0.16 * span), strict=True):
        axes.axvline(begin, color=colours["impact"], linewidth=1.1, dashes=(3, 2))
        axes.annotate(state, (begin, -0.9 - 0.55 * row), xytext=(3, 0), textcoords="offset points",
                      va="center", fontsize=8, color=colours["impact"], fontweight="bold")  # fmt: skip
    axes.set_xlim(min(t.min(), 0.0) - 8, 1.04 * span)
    axes.set_xlabel(f"seconds from {story.zero_is}")
    return drawn


def _rows_of(turns: Sequence[tuple[float, str]], room: float) -> list[int]:
    """Give each label a row so that none overlaps the one before it."""
    rows, free = [], [-np.inf] * 3
    for begin, _ in turns:
        row = next((k for k in range(3) if free[k] <= begin), 0)
        free[row] = begin + room
        rows.append(row)
    return rows


def _turns(story: Story) -> list[tuple[float, str]]:
    turns: list[tuple[float, str]] = []
    for version in story.versions:
        name = version["outcome"] or version["state"] if version["state"] == "closed" else version["state"]
        if not turns or turns[-1][1] != name:
            turns.append((story.seconds(version["time"]), name))
    return turns


def draw_area(axes: Axes, story: Story, part: str, colours: Colours) -> None:
    """Draw the semi-axes of one area against time, with true errors where known."""
    t = np.array([when for when, _ in story.estimates(part)])
    ellipses = [estimate["ellipse_95"] for _, estimate in story.estimates(part)]
    for key, dashes in (("semi_major_m", (None, None)), ("semi_minor_m", (3, 1.5))):
        axes.plot(t, [e[key] for e in ellipses], color=colours[part], dashes=dashes, drawstyle="steps-post",
                  label=key[:-2].replace("_", "-") + " axis")  # fmt: skip
    gaps = [(when, story.error(part, e), story.inside(part, e)) for when, e in story.estimates(part)]
    for inside, face, name in ((True, colours["truth"], "error, inside"), (False, "none", "error, outside")):
        chosen = [(when, gap) for when, gap, within in gaps if gap is not None and within is inside]
        if chosen:
            axes.plot(*zip(*chosen, strict=True), linestyle="", marker="o" if inside else "s", markersize=4,
                      markerfacecolor=face, markeredgecolor=colours["truth"], label=name)  # fmt: skip
    _logarithmic(axes)
    axes.legend(loc="upper right")


def _residual_panel(axes: Axes, story: Story, name: str, rows: pd.DataFrame, colours: Colours) -> None:
    rows = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), RESIDUALS)).astype(int))]
    values, _ = whitened(rows)
    t = (rows["time"].astype("datetime64[ns, UTC]").astype("int64").to_numpy() - story.zero) / 1e9
    axes.axhspan(-2, 2, color=colours["band"], alpha=0.12, linewidth=0)
    tints = (colours["track"], colours["impact"], colours["launch"], colours["radar"])
    names = COMPONENTS.get(values.shape[1], ())
    for k in range(values.shape[1]):
        said = names[k] if k < len(names) else f"component {k + 1}"
        axes.plot(t, np.clip(values[:, k], -6, 6), linestyle="", marker=svg.MARKERS[k], markersize=3.6,
                  color=tints[k % 4], label=said)  # fmt: skip
    axes.axhline(0, color=colours["muted"], linewidth=0.6)
    axes.set(title=name, ylim=(-6.2, 6.2))
    axes.legend(loc="upper right", ncols=2, fontsize=7, handletextpad=0.1, columnspacing=0.8, borderpad=0.1)


def predicted(story: Story) -> Path | None:
    """Coast on from the last look to the ground; None where nothing is known to fall."""
    if not len(story.track.t) or story.latest("impact") is None or story.track.phase[-1] == "down":
        return None
    t, r, v = ground.predicted_arc(story.track.r[-1], story.track.v[-1])
    return Path(t + story.track.t[-1], r, v, ())


def _opened(t: Array, value: Array, sigma: Array | None) -> tuple[Array, Array, Array | None]:
    """Put a NaN where nobody looked for long, so that no line is drawn there."""
    holes = np.flatnonzero(np.diff(t) > GAP_S) + 1
    opened = [None if a is None else np.insert(a, holes, np.nan) for a in (t, value, sigma)]
    assert opened[0] is not None and opened[1] is not None
    return opened[0], opened[1], opened[2]


def _thinned(path: Path, most: int = 250) -> Path:
    keep = np.unique(np.linspace(0, len(path.t) - 1, min(len(path.t), most)).astype(int))
    return Path(path.t[keep], path.r[keep], path.v[keep], ())


def _spread(P: Array) -> Array:
    return np.sqrt(np.trace(P, axis1=1, axis2=2))


def _sigma(direction: Array, P: Array | None, first: int) -> Array | None:
    if P is None:
        return None
    block = P[:, first : first + 3, first : first + 3]
    return np.sqrt(np.maximum(np.einsum("ni,nij,nj->n", direction, block, direction), 0.0))


def _window(axes: Axes, story: Story, quantity: Quantity, scale: float) -> tuple[float, float]:
    """Scale by the values, not by an early band that dwarfs them."""
    tops = [np.asarray(line.get_ydata(), np.float64) for line in axes.get_lines()]
    top = max((float(np.nanmax(y)) for y in tops if len(y)), default=1.0)
    return 0.0, 1.15 * max(top, 1e-3)


def _logarithmic(axes: Axes) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:,.0f}" if y >= 1 else f"{y:g}"))
    axes.yaxis.set_minor_locator(NullLocator())


def _binned(t: Array, n: Array, most: int = 240) -> tuple[Array, Array]:
    if len(t) <= most:
        return t, n
    width = -(-len(t) // most)
    whole = len(t) // width * width
    return t[:whole].reshape(-1, width).mean(axis=1), n[:whole].reshape(-1, width).mean(axis=1)
