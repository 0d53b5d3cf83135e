"""The sheet a map is drawn on: a window about the event, land, graticule, scale, and labels."""

import math
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.ticker import NullLocator
from msgspec import Struct
from numpy.typing import NDArray

from tocsin.earth.places import land_outlines
from tocsin.messages import Array
from tocsin.report import ground

Colours = Mapping[str, str]
STEPS_DEG = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
WIDEST_KM = 9000.0  # half a window: beyond it this projection tears the land apart
GRAIN = 41  # points on a line of the graticule


class View(Struct, frozen=True):
    """A window on the map: its centre [deg] and half its width and height [km]."""

    latitude: float
    longitude: float
    half_width: float
    half_height: float

    def project(self, lonlat: Array) -> Array:
        """Project longitude, latitude (n, 2) [deg] to east, north (n, 2) [km]."""
        return ground.centred(self.latitude, self.longitude, lonlat)

    def holds(self, xy: Array) -> bool:
        """Say whether a projected place lies in the window."""
        return bool(abs(xy[0]) <= self.half_width and abs(xy[1]) <= self.half_height)


def window(latitude: float, longitude: float, xy: Array, aspect: float, least_km: float) -> View:
    """Fit a window of an `aspect` (width by height) about `xy` (n, 2), projected about a place [deg]."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    half = np.maximum((high - low) / 2 * 1.22, least_km)
    half = np.array([max(half[0], half[1] * aspect), max(half[1], half[0] / aspect)])
    half = half * min(1.0, WIDEST_KM / float(half.max()))
    centre = ground.uncentred(latitude, longitude, (low + high) / 2)
    return View(*centre, float(half[0]), float(half[1]))


def draw_ground(axes: Axes, view: View, colours: Colours, lines: int = 6) -> None:
    """Draw sea, land, a graticule of about `lines` parallels and a bar of scale."""
    axes.set(xlim=(-view.half_width, view.half_width), ylim=(-view.half_height, view.half_height))
    axes.set_aspect("equal")
    axes.grid(visible=False)
    axes.set_facecolor(colours["sea"])
    axes.xaxis.set_major_locator(NullLocator())
    axes.yaxis.set_major_locator(NullLocator())
    for spine in axes.spines.values():
        spine.set(visible=True, color=colours["line"])
    fills, coasts = land(view)
    axes.add_collection(PolyCollection(fills, facecolor=colours["land"], linewidth=0), autolim=False)
    axes.add_collection(LineCollection(coasts, colors=colours["coast"], linewidths=0.7), autolim=False)
    _graticule(axes, view, colours, lines)
    _scale_bar(axes, view, colours)


def land(view: View) -> tuple[list[Array], list[Array]]:
    """Give the land in a window: areas to fill, clipped, and coasts to draw, each (n, 2) [km]."""
    antipode = (min(max(view.longitude % 360 - 180, -179.9), 179.9), -view.latitude)
    fills: list[Array] = []
    coasts: list[Array] = []
    for line, ring in _land():
        coasts += _near(view, view.project(line), np.abs(line[:, 0]) > 179.99)
        # A ring round the antipode is inside out in this projection, and half a world away.
        if Path(ring).contains_point(antipode):
            continue
        clipped = clip(view.project(ring), 1.05 * view.half_width, 1.05 * view.half_height)
        if len(clipped) > 2:
            fills.append(clipped)
    return fills, coasts


def clip(xy: Array, half_width: float, half_height: float) -> Array:
    """Clip a polygon (n, 2) to a box about the origin (Sutherland & Hodgman 1974)."""
    for axis, sign, limit in (
        (0, 1, half_width),
        (0, -1, half_width),
        (1, 1, half_height),
        (1, -1, half_height),
    ):
        if not len(xy):
            return xy
        inside = sign * xy[:, axis] <= limit
        if inside.all():
            continue
        before, was = np.roll(xy, 1, axis=0), np.roll(inside, 1)
        kept: list[Array] = []
        for k in range(len(xy)):
            if inside[k] != was[k]:
                part = (sign * limit - before[k, axis]) / (xy[k, axis] - before[k, axis])
                kept.append(before[k] + part * (xy[k] - before[k]))
            if inside[k]:
                kept.append(xy[k])
        xy = np.array(kept).reshape(-1, 2)
    return xy


def label(
    axes: Axes, at: Array, text: str, colour: str, colours: Colours, *, shift: tuple[float, float],
    ha: Literal["left", "center", "right"] = "left", va: Literal["top", "center", "bottom"] = "center",
) -> None:  # fmt: skip
    """Write beside a place, `shift` points away, with a halo so that lines behind it do not hide it."""
    style: dict[str, Any] = {"fontsize": 8.5, "fontweight": "bold", "zorder": 11, "annotation_clip": True}
    note = axes.annotate(
        text, (at[0], at[1]), xytext=shift, textcoords="offset points", color=colour, ha=ha, va=va, **style
    )
    if colours.get("halo"):
        note.set_path_effects([withStroke(linewidth=3, foreground=colours["sea"])])


@cache
def _land() -> tuple[tuple[Array, Array], ...]:
    """Give each coast and the ring it closes: the way along the 180th meridian is not part of a coast."""
    lines = [np.asarray(line, np.float64) for line in land_outlines()]
    return tuple((line, _closed(line)) for line in lines if len(line) > 2)


def _closed(line: Array) -> Array:
    first, last = line[0], line[-1]
    if np.sign(first[0]) != np.sign(last[0]) and min(abs(first[0]), abs(last[0])) > 179.9:
        pole = math.copysign(90.0, line[:, 1].mean())  # from side to side: Antarctica
        return np.vstack([line, [last[0], pole], [first[0], pole], first])
    return line if np.all(first == last) else np.vstack([line, first])


def _near(view: View, xy: Array, seam: NDArray[np.bool_]) -> list[Array]:
    """Cut a line into the runs that come near the window and do not run along the cut at 180 degrees."""
    near = (np.abs(xy[:, 0]) < 1.5 * view.half_width) & (np.abs(xy[:, 1]) < 1.5 * view.half_height)
    drawn = (near[:-1] | near[1:]) & ~(seam[:-1] & seam[1:])
    edges = np.flatnonzero(np.diff(np.concatenate([[0], drawn.astype(int), [0]])))
    return [xy[first : last + 1] for first, last in edges.reshape(-1, 2)]


def _graticule(axes: Axes, view: View, colours: Colours, lines: int) -> None:
    across = math.degrees(2 * view.half_height / ground.MEAN_RADIUS_KM)
    step = next((s for s in STEPS_DEG if across / s <= lines), 30)
    reach = math.degrees(math.hypot(view.half_width, view.half_height) / ground.MEAN_RADIUS_KM) + step
    low, high = max(-90.0, view.latitude - reach), min(90.0, view.latitude + reach)
    narrowest = math.cos(math.radians(min(85.0, max(abs(low), abs(high)))))
    wide = min(180.0, reach / narrowest)
    taken: list[float] = []
    for latitude in _multiples(low, high, step):
        longitudes = np.linspace(view.longitude - wide, view.longitude + wide, GRAIN)
        xy = view.project(np.column_stack([longitudes, np.full(GRAIN, latitude)]))
        _line(axes, view, xy, 0, _degrees(latitude, "NS", step), colours, taken)
    apart = across * view.half_width / view.half_height / narrowest
    east_step = next((s for s in STEPS_DEG if apart / s <= 1.5 * lines), 30)
    taken = []
    for longitude in _multiples(view.longitude - wide, view.longitude + wide, max(step, east_step)):
        xy = view.project(np.column_stack([np.full(GRAIN, longitude), np.linspace(low, high, GRAIN)]))
        east = (longitude + 180) % 360 - 180
        _line(axes, view, xy, 1, _degrees(east, "EW", step), colours, taken)


def _multiples(low: float, high: float, step: float) -> list[float]:
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _degrees(value: float, signs: str, step: float) -> str:
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{abs(value):.{decimals}f}° {signs[0] if value >= 0 else signs[1]}"


def _line(
    axes: Axes, view: View, xy: Array, across: int, text: str, colours: Colours, taken: list[float]
) -> None:
    """Draw a line of the graticule, labelled where it meets the left (`across` 0) or lower edge (1)."""
    half = np.array([view.half_width, view.half_height])
    close = (np.abs(xy) < 1.3 * half).all(axis=1)
    close |= np.roll(close, 1) | np.roll(close, -1)
    if not close.any():
        return
    axes.plot(*np.where(close[:, None], xy, np.nan).T, color=colours["line"], linewidth=0.6, zorder=1)
    order = np.argsort(xy[:, across])
    other = float(np.interp(-half[across], xy[order, across], xy[order, 1 - across]))
    wide = 5.0 * len(text) * 2 * half[0] / _width_pt(axes)  # of the label [km]
    low, high = (-0.95 * half[1], 0.93 * half[1]) if across == 0 else (-0.82 * half[0], 0.98 * half[0] - wide)
    crowded = any(abs(other - place) < (wide if across else 0.1 * half[1]) for place in taken)
    if low < other < high and not crowded:
        taken.append(other)
        at = (-half[0], other) if across == 0 else (other, -half[1])
        style = {"fontsize": 7, "color": colours["muted"]}
        axes.annotate(text, at, xytext=(3, 3), textcoords="offset points", zorder=2, **style)  # type: ignore[arg-type]


def _width_pt(axes: Axes) -> float:
    return float(axes.get_position().width * axes.figure.get_size_inches()[0] * 72)  # type: ignore[union-attr]


def _scale_bar(axes: Axes, view: View, colours: Colours) -> None:
    room = 0.45 * view.half_width
    power = 10 ** math.floor(math.log10(room))
    bar = next(power * k for k in (5, 2, 1) if power * k <= room)
    x = view.half_width * 0.94
    y = -view.half_height + 20 * 2 * view.half_width / _width_pt(axes)  # above the row of longitudes
    axes.plot([x - bar, x], [y, y], color=colours["ink"], linewidth=2, solid_capstyle="butt", zorder=12)
    text = f"{bar:g} km" if bar >= 1 else f"{bar * 1000:g} m"
    axes.annotate(text, (x - bar / 2, y), xytext=(0, 3), textcoords="offset points", ha="center", fontsize=8,
                  color=colours["ink"], zorder=12)  # fmt: skip
