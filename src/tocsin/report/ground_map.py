"""One warning on the map: measured (solid), predicted (dashed), truth (dotted), and its two ends."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from tocsin.messages import Array
from tocsin.report import ground, svg, wording
from tocsin.report.results import Message
from tocsin.report.sheet import Colours, View, draw_ground, label, window
from tocsin.report.story import Story

NESTED = 6  # how many versions of an ellipse are drawn, the older the fainter
MARKS = {"launch": "^", "impact": "X"}
ARROWS = "↑↗→↘↓↙←↖"
GAP_S = 25.0  # a track without a look for longer is drawn dashed there


def overview(
    told: Sequence[Story], sensors: Mapping[str, Message], points: Mapping[str, Array], colours: Colours,
    size: tuple[float, float], named: int,
) -> Figure:  # fmt: skip
    """Draw many warnings on one map of `size` [inches]; up to `named` of them are named."""
    drawn = svg.figure(*size)
    axes = drawn.add_axes((0.005, 0.06, 0.99, 0.935))
    view = view_of(told, sensors, 0.99 * size[0] / (0.935 * size[1]))
    draw_ground(axes, view, colours)
    draw_sensors(axes, view, sensors, points, colours)
    for number, story in enumerate(told):
        draw_story(axes, view, story, colours, named=False)
        place = story.latest("impact") or story.latest("launch")
        if place is not None and len(told) <= named:
            label(
                axes,
                _at(view, place),
                story.id[-4:],
                colours["ink"],
                colours,
                shift=(8, -8 if number % 2 else 8),
            )
    return drawn


def with_close_ups(
    story: Story, sensors: Mapping[str, Message], points: Mapping[str, Array], colours: Colours
) -> Figure:
    """Draw the map of one warning, and beside it close-ups of its launch and impact areas."""
    width, height = 9.2, 5.3
    drawn = svg.figure(width, height)
    wide = drawn.add_axes((0.005, 0.06, 0.655, 0.935))
    draw_wide(wide, story, sensors, points, colours, 0.655 * width / (0.935 * height))
    for part, bottom in (("launch", 0.545), ("impact", 0.06)):
        axes = drawn.add_axes((0.68, bottom, 0.315, 0.41))
        axes.set_title(f"{part.capitalize()} area", pad=4)
        draw_close(axes, story, part, colours, 0.315 * width / (0.41 * height))
    return drawn


def draw_wide(
    axes: Axes, story: Story, sensors: Mapping[str, Message], points: Mapping[str, Array], colours: Colours,
    aspect: float,
) -> None:  # fmt: skip
    """Draw the whole flight of one warning on `axes` of a given `aspect`."""
    view = view_of([story], sensors, aspect)
    draw_ground(axes, view, colours)
    draw_sensors(axes, view, sensors, points, colours)
    draw_story(axes, view, story, colours, named=True)


def draw_close(axes: Axes, story: Story, part: str, colours: Colours, aspect: float) -> None:
    """Draw one end of the flight near by: nested ellipses, the estimate, the truth."""
    estimate = story.latest(part)
    if estimate is None:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "not known", ha="center", color=colours["muted"])
        return
    end = story.truth.end_of(part) if story.truth else None
    near = 1.3 * estimate["ellipse_95"]["semi_major_m"] / 1000
    if end is not None:
        centre = (estimate["latitude_deg"], estimate["longitude_deg"])
        near = max(near, 1.25 * float(np.abs(ground.centred(*centre, np.array([[end[2], end[1]]]))).max()))
    near = max(near, 0.05)
    view = View(
        estimate["latitude_deg"], estimate["longitude_deg"], near * max(aspect, 1), near * max(1, 1 / aspect)
    )
    draw_ground(axes, view, colours, lines=4)
    draw_story(axes, view, story, colours, named=False, fine=True)
    axes.plot(
        0,
        0,
        marker=MARKS[part],
        markersize=8,
        color=colours[part],
        markeredgecolor=colours["paper"],
        zorder=9,
    )


def view_of(told: Sequence[Story], sensors: Mapping[str, Message], aspect: float) -> View:
    """Choose a window that holds the launches, tracks, impacts and, where that costs little, the radars."""
    places = np.vstack([lonlat for story in told for lonlat in _extent(story)] or [np.array([[0.0, 0.0]])])
    latitude, longitude = ground.middle(places)
    xy = ground.centred(latitude, longitude, places)
    for sensor in sensors.values():
        if sensor.get("latitude_deg") is None or sensor.get("longitude_deg") is None:
            continue
        at = np.array([[sensor["longitude_deg"], sensor["latitude_deg"]]])
        grown = np.vstack([xy, ground.centred(latitude, longitude, at)])
        if np.ptp(grown, axis=0).max() <= 1.7 * max(np.ptp(xy, axis=0).max(), 300.0):
            xy = grown
    return window(latitude, longitude, xy, aspect, least_km=60.0)


def draw_story(
    axes: Axes, view: View, story: Story, colours: Colours, *, named: bool, fine: bool = False
) -> None:
    """Draw one warning: nested ellipses, ground track measured and predicted, truth, its two ends."""
    for part in ("launch", "impact"):
        draw_ellipses(axes, view, story, part, colours)
    if len(story.track.t):
        measured, gaps = _ground_track(story)
        axes.plot(*view.project(measured).T, color=colours["track"], linewidth=1.0 if fine else 2.2,
                  marker="." if fine else "", solid_capstyle="round", zorder=6)  # fmt: skip
        for way in [*gaps, *predicted_ways(story)]:
            axes.plot(*view.project(way).T, color=colours["track"], linewidth=1.5, dashes=(4, 2.5), zorder=5)
    draw_truth(axes, view, story, colours, stars=fine)
    if named:
        for part in ("launch", "impact"):
            draw_end(axes, view, story, part, colours)


def draw_ellipses(axes: Axes, view: View, story: Story, part: str, colours: Colours) -> None:
    """Draw the 95 % ellipses of several versions, the newest strongest."""
    if story.latest(part) is None:
        return
    chosen = nested([estimate for _, estimate in story.estimates(part)])
    for k, estimate in enumerate(chosen, 1):
        newest = k == len(chosen)
        rings = [view.project(ring) for ring in rings_95(estimate)]
        if newest:
            _fill(axes, rings, colours[part])
            for ring in (ring for level in (50, 99) for ring in _inner(estimate, level)):
                axes.plot(*view.project(ring).T, color=colours[part], alpha=0.6, linewidth=0.7, zorder=4)
        strength = 0.25 + 0.75 * (k / len(chosen)) ** 1.5
        for xy in rings:
            axes.plot(*xy.T, color=colours[part], alpha=strength, linewidth=1.8 if newest else 0.9, zorder=4)


def rings_95(estimate: Message) -> list[Array]:
    """Trace the 95 % area on the ground, rings (n, 2) of longitude, latitude [deg]: its ellipse, unless it is none."""
    if estimate.get("area_95"):
        return ground.area_rings(estimate["area_95"])
    place = estimate["latitude_deg"], estimate["longitude_deg"]
    return [ground.ellipse_ring(*place, estimate["ellipse_95"])]


def _inner(estimate: Message, level: int) -> list[Array]:
    area = estimate.get(f"area_{level}")
    return ground.area_rings(area) if area else []


def _fill(axes: Axes, rings: Sequence[Array], colour: str) -> None:
    """Fill rings as one shape, so that what runs the other way round is a hole."""
    path = Path.make_compound_path(*(Path(xy, closed=True) for xy in rings))
    axes.add_patch(PathPatch(path, facecolor=colour, alpha=0.2, linewidth=0, zorder=3))


def draw_truth(axes: Axes, view: View, story: Story, colours: Colours, stars: bool = True) -> None:
    """Draw the true ground track as a fine dotted line, and stars at its ends."""
    path = story.true_path()
    if story.truth is None or path is None or not len(path.t):
        return
    way = ground.geodetic_deg(_thin(path.r))[:, [1, 0]]
    axes.plot(*view.project(way).T, color=colours["truth"], linewidth=1.0, linestyle=(0, (1, 2)), zorder=7)
    for part in ("launch", "impact") if stars else ():
        if end := story.truth.end_of(part):
            at = view.project(np.array([[end[2], end[1]]]))[0]
            axes.plot(*at, marker="*", markersize=10, color=colours["truth"], zorder=10,
                      markeredgecolor=colours["paper"], markeredgewidth=0.6)  # fmt: skip


def draw_end(axes: Axes, view: View, story: Story, part: str, colours: Colours) -> None:
    """Mark and name an estimated end of the flight, off the side where the track is."""
    estimate = story.latest(part)
    if estimate is None:
        return
    at = _at(view, estimate)
    axes.plot(*at, marker=MARKS[part], markersize=8, color=colours[part], markeredgecolor=colours["paper"],
              markeredgewidth=0.8, zorder=9)  # fmt: skip
    far = story.track.r[[-1 if part == "launch" else 0]] if len(story.track.t) else None
    climbs = far is None or view.project(ground.geodetic_deg(far)[:, [1, 0]])[0, 1] >= at[1]
    ha: Literal["left", "right", "center"]
    ha = "left" if at[0] < -0.6 * view.half_width else "right" if at[0] > 0.6 * view.half_width else "center"
    text = f"{part} {wording.axes(estimate['ellipse_95'])}"
    shift = ({"left": -6.0, "right": 6.0}.get(ha, 0.0), -10.0 if climbs else 10.0)
    label(axes, at, text, colours[part], colours, shift=shift, ha=ha, va="top" if climbs else "bottom")


def draw_sensors(
    axes: Axes, view: View, sensors: Mapping[str, Message], points: Mapping[str, Array], colours: Colours
) -> None:
    """Draw radars with their sector, satellites at their sub-point; name those out of view below the map."""
    beyond = []
    for name, place in points.items():
        sensor = sensors[name]
        at = view.project(place[None, :])[0]
        is_radar = sensor["type"] == "radar"
        if is_radar and sensor.get("range_max_m"):
            axes.plot(*view.project(ground.radar_sector(sensor)).T, color=colours["radar"], linewidth=1.0,
                      dashes=(1, 1.5), zorder=2)  # fmt: skip
        if view.holds(at):
            axes.plot(*at, marker="s" if is_radar else "D", markersize=7, color=colours["radar"],
                      markeredgecolor=colours["paper"], zorder=8)  # fmt: skip
            left = at[0] > 0.7 * view.half_width
            label(
                axes,
                at,
                name,
                colours["radar"],
                colours,
                shift=(-9 if left else 9, 0),
                ha="right" if left else "left",
            )
        else:
            arrow = ARROWS[round(math.degrees(math.atan2(at[0], at[1])) / 45) % 8]
            beyond.append(f"{arrow} {name}")
    if beyond:
        shown = "   ".join(beyond[:6]) + (f"   and {len(beyond) - 6} more" if len(beyond) > 6 else "")
        axes.annotate(f"beyond the map: {shown}", (0, 0), xycoords="axes fraction", xytext=(0, -4),
                      textcoords="offset points", va="top", fontsize=8, color=colours["radar"])  # fmt: skip


def nested(estimates: Sequence[Message], count: int = NESTED) -> list[Message]:
    """Pick estimates whose ellipses step down in size, ending with the newest."""
    if len(estimates) <= count:
        return list(estimates)
    size = np.log([e["ellipse_95"]["semi_major_m"] for e in estimates])
    marks = np.linspace(size[0], size[-1], count)[:-1]
    picked = sorted({int(np.argmin(np.abs(size - mark))) for mark in marks} | {len(estimates) - 1})
    return [estimates[k] for k in picked]


def predicted_ways(story: Story) -> list[Array]:
    """Give the ground track before the first look and after the last as longitude, latitude [deg]."""
    ways = []
    launch = story.latest("launch")
    if launch is not None:
        first = ground.geodetic_deg(story.track.r[[0]])[0, [1, 0]]
        ways.append(np.array([[launch["longitude_deg"], launch["latitude_deg"]], first]))
    if story.latest("impact") is not None and story.track.phase[-1] != "down":
        _, r, _ = ground.predicted_arc(story.track.r[-1], story.track.v[-1])
        ways.append(ground.geodetic_deg(r)[:, [1, 0]])
    return ways


def _ground_track(story: Story) -> tuple[Array, list[Array]]:
    """Give the measured ground track, NaN where nobody looked, and the gaps: longitude, latitude [deg]."""
    lonlat = ground.geodetic_deg(story.track.r)[:, [1, 0]]
    holes = np.flatnonzero(np.diff(story.track.t) > GAP_S)
    return np.insert(lonlat, holes + 1, np.nan, axis=0), [lonlat[k : k + 2] for k in holes]


def _at(view: View, place: Message) -> Array:
    return view.project(np.array([[place["longitude_deg"], place["latitude_deg"]]]))[0]


def _extent(story: Story) -> list[Array]:
    places = []
    for part in ("launch", "impact"):
        if estimate := story.latest(part):
            major = min(estimate["ellipse_95"]["semi_major_m"], 2e6)
            round_it = {"semi_major_m": major, "semi_minor_m": major, "bearing_deg": 0.0}
            places.append(
                ground.ellipse_ring(estimate["latitude_deg"], estimate["longitude_deg"], round_it, 16)
            )
    if len(story.track.t):
        places.append(ground.geodetic_deg(_thin(story.track.r))[:, [1, 0]])
    path = story.true_path()
    if path is not None and len(path.t):
        places.append(ground.geodetic_deg(_thin(path.r, 60))[:, [1, 0]])
    return places


def _thin(r: Array, most: int = 200) -> Array:
    return r[np.unique(np.linspace(0, len(r) - 1, min(len(r), most)).astype(int))]
