"""The map: land, what was measured (solid), what is predicted (dashed), where it came from and where it lands."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patheffects import withStroke
from matplotlib.ticker import NullLocator
from msgspec import Struct

from tocsin.earth.places import land_outlines
from tocsin.messages import Array
from tocsin.report import ground, wording
from tocsin.report.results import Message
from tocsin.report.story import Story

Colours = Mapping[str, str]
NESTED = 6  # how many versions of an ellipse are drawn, the older the fainter


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


def view_of(told: Sequence[Story], sensors: Sequence[Message], aspect: float, least_km: float = 60.0) -> View:
    """Choose a window that holds the launches, tracks, impacts and, where that costs little, the radars."""
    places = np.vstack([lonlat for story in told for lonlat in _extent(story)] or [np.array([[0.0, 0.0]])])
    latitude, longitude = ground.middle(places)
    xy = ground.centred(latitude, longitude, places)
    for sensor in sensors:
        if sensor.get("latitude_deg") is not None:
            at = ground.centred(
                latitude, longitude, np.array([[sensor["longitude_deg"], sensor["latitude_deg"]]])
            )
            grown = np.vstack([xy, at])
            if np.ptp(grown, axis=0).max() <= 1.7 * max(np.ptp(xy, axis=0).max(), 300.0):
                xy = grown
    low, high = xy.min(axis=0), xy.max(axis=0)
    half = np.maximum((high - low) / 2 * 1.18, least_km)
    half = np.array([max(half[0], half[1] * aspect), max(half[1], half[0] / aspect)])
    shift = (low + high) / 2
    latitude2, longitude2 = _unproject(latitude, longitude, shift)
    return View(latitude2, longitude2, float(half[0]), float(half[1]))


def close_up(estimate: Message, others: Array, aspect: float = 1.0) -> View:
    """Choose a window about an estimated place that shows its ellipse and the places `others` (n, 2) beside it."""
    centre = (estimate["latitude_deg"], estimate["longitude_deg"])
    near = 1.35 * estimate["ellipse_95"]["semi_major_m"] / 1000
    if len(others):
        offset = np.abs(ground.centred(*centre, others)).max()
        near = max(near, 1.25 * offset)
    return View(*centre, near * max(aspect, 1.0), near * max(1 / aspect, 1.0))


def draw_ground(axes: Axes, view: View, colours: Colours) -> None:
    """Draw sea, land, graticule and a bar of scale."""
    axes.set(
        xlim=(-view.half_width, view.half_width), ylim=(-view.half_height, view.half_height), aspect="equal"
    )
    axes.grid(False)
    axes.set_facecolor(colours["sea"])
    axes.xaxis.set_major_locator(NullLocator())
    axes.yaxis.set_major_locator(NullLocator())
    for spine in axes.spines.values():
        spine.set(visible=True, color=colours["line"])
    reach = 1.6 * math.hypot(view.half_width, view.half_height)
    rings = [xy for ring in land_outlines() if (xy := _near(view, ring, reach)) is not None]
    axes.add_collection(
        PolyCollection(rings, facecolor=colours["land"], edgecolor=colours["coast"], linewidth=0.7),
        autolim=False,
    )
    _graticule(axes, view, colours)
    _scale_bar(axes, view, colours)


def draw_story(axes: Axes, view: View, story: Story, colours: Colours, named: bool = True) -> None:
    """Draw one warning: nested ellipses, ground track measured and predicted, truth, and its two ends named."""
    for part in ("launch", "impact"):
        draw_ellipses(axes, view, story, part, colours)
    if len(story.track.t):
        measured = view.project(ground.geodetic_deg(story.track.r)[:, [1, 0]])
        axes.plot(*measured.T, color=colours["track"], linewidth=2.2, solid_capstyle="round", zorder=6)
        for way in predicted_ways(story):
            axes.plot(*view.project(way).T, color=colours["track"], linewidth=1.6, dashes=(4, 2.5), zorder=5)
    draw_truth(axes, view, story, colours)
    if named:
        for part, marker in (("launch", "^"), ("impact", "X")):
            draw_end(axes, view, story, part, marker, colours)


def draw_ellipses(axes: Axes, view: View, story: Story, part: str, colours: Colours) -> None:
    """Draw the 95 % ellipses of several versions, the newest strongest."""
    chosen = nested([estimate for _, estimate in story.estimates(part)])
    for k, estimate in enumerate(chosen):
        newest = k == len(chosen) - 1
        strength = (k + 1) / len(chosen)
        ring = ground.ellipse_ring(
            estimate["latitude_deg"], estimate["longitude_deg"], estimate["ellipse_95"]
        )
        xy = view.project(ring)
        axes.fill(*xy.T, facecolor=colours[part], alpha=0.22 if newest else 0.05, linewidth=0, zorder=3)
        width = 1.8 if newest else 0.9
        axes.plot(*xy.T, color=colours[part], alpha=0.25 + 0.75 * strength**1.5, linewidth=width, zorder=4)


def draw_truth(axes: Axes, view: View, story: Story, colours: Colours) -> None:
    """Draw the true ground track as a fine dotted line, and stars at its ends."""
    if story.truth is None:
        return
    way = ground.geodetic_deg(_thin(story.truth.path.r))[:, [1, 0]]
    axes.plot(*view.project(way).T, color=colours["truth"], linewidth=1.0, linestyle=(0, (1, 2)), zorder=7)
    for part in ("launch", "impact"):
        if end := story.truth.end_of(part):
            at = view.project(np.array([[end[2], end[1]]]))[0]
            axes.plot(*at, marker="*", markersize=10, color=colours["truth"], markeredgecolor=colours["paper"],
                      markeredgewidth=0.6, zorder=10)  # fmt: skip


def draw_end(axes: Axes, view: View, story: Story, part: str, marker: str, colours: Colours) -> None:
    """Mark and name an estimated end of the flight."""
    estimate = story.latest(part)
    if estimate is None:
        return
    at = view.project(np.array([[estimate["longitude_deg"], estimate["latitude_deg"]]]))[0]
    axes.plot(*at, marker=marker, markersize=8, color=colours[part], markeredgecolor=colours["paper"],
              markeredgewidth=0.8, zorder=9)  # fmt: skip
    side = -1 if at[0] > 0.55 * view.half_width else 1
    text = f"{part}\n{wording.axes(estimate['ellipse_95'])}"
    label(axes, at, text, colours[part], colours, (10 * side, 4), ha="left" if side > 0 else "right")


def draw_sensors(
    axes: Axes, view: View, sensors: Mapping[str, Message], points: Mapping[str, Array], colours: Colours
) -> None:
    """Draw radars with their sector, and satellites at their sub-point or, out of view, at the edge towards it."""
    taken: list[Array] = []
    for name, place in points.items():
        sensor = sensors[name]
        at = view.project(place[None, :])[0]
        inside = view.holds(at)
        if sensor["type"] == "radar" and sensor.get("range_max_m") and np.hypot(*at) < 3 * view.half_width:
            axes.plot(*view.project(ground.radar_sector(sensor)).T, color=colours["radar"], linewidth=0.9,
                      dashes=(1, 1.5), alpha=0.9, zorder=2)  # fmt: skip
        if inside:
            mark = "s" if sensor["type"] == "radar" else "D"
            axes.plot(
                *at,
                marker=mark,
                markersize=7,
                color=colours["radar"],
                markeredgecolor=colours["paper"],
                zorder=8,
            )
            label(axes, at, name, colours["radar"], colours, (9, -3))
        else:
            _at_edge(axes, view, name, sensor, at, taken, colours)


def label(
    axes: Axes,
    at: Array,
    text: str,
    colour: str,
    colours: Colours,
    offset: tuple[float, float] = (8, 4),
    ha: str = "left",
) -> None:
    """Write beside a place, with a halo so that lines behind it do not hide it."""
    note = axes.annotate(text, at, xytext=offset, textcoords="offset points", color=colour, ha=ha, va="center",
                         fontsize=8.5, fontweight="bold", zorder=11, annotation_clip=True)  # fmt: skip
    if colours.get("halo"):
        note.set_path_effects([withStroke(linewidth=3, foreground=colours["sea"])])


def nested(estimates: Sequence[Message], count: int = NESTED) -> list[Message]:
    """Pick estimates whose ellipses step down in size, ending with the newest."""
    if len(estimates) <= count:
        return list(estimates)
    size = np.log([e["ellipse_95"]["semi_major_m"] for e in estimates])
    marks = np.linspace(size[0], size[-1], count)[:-1]
    picked = sorted({int(np.argmin(np.abs(size - mark))) for mark in marks} | {len(estimates) - 1})
    return [estimates[k] for k in picked]


def predicted_ways(story: Story) -> list[Array]:
    """Give the parts of the ground track nobody measured, each (n, 2) longitude, latitude [deg]."""
    ways = []
    launch = story.latest("launch")
    here = ground.geodetic_deg(story.track.r[[0, -1]])[:, [1, 0]]
    if launch is not None:
        ways.append(np.array([[launch["longitude_deg"], launch["latitude_deg"]], here[0]]))
    if story.latest("impact") is not None and story.track.phase[-1] != "down":
        _, r, _ = ground.predicted_arc(story.track.r[-1], story.track.v[-1])
        ways.append(ground.geodetic_deg(r)[:, [1, 0]])
    return ways


def _extent(story: Story) -> list[Array]:
    places = []
    for part in ("launch", "impact"):
        if estimate := story.latest(part):
            small = estimate["ellipse_95"] | {
                "semi_major_m": min(estimate["ellipse_95"]["semi_major_m"], 2e6)
            }
            small["semi_minor_m"] = min(small["semi_minor_m"], small["semi_major_m"])
            places.append(ground.ellipse_ring(estimate["latitude_deg"], estimate["longitude_deg"], small, 16))
    if len(story.track.t):
        places.append(ground.geodetic_deg(_thin(story.track.r))[:, [1, 0]])
    if story.truth is not None:
        places.append(ground.geodetic_deg(_thin(story.truth.path.r, 60))[:, [1, 0]])
    return places


def _thin(r: Array, most: int = 200) -> Array:
    return r[np.unique(np.linspace(0, len(r) - 1, min(len(r), most)).astype(int))]


def _near(view: View, ring: Array, reach: float) -> Array | None:
    """Project a ring of land, or None when it is out of reach or would turn inside out about the antipode."""
    xy = view.project(np.asarray(ring, np.float64))
    far = np.hypot(*xy.T) > reach
    crossing = (np.abs(xy[:, 0]) < reach) & (np.abs(xy[:, 1]) < reach)
    if far.all() and not crossing.any() and not _surrounds(xy):
        return None
    # Beyond reach only the direction matters: pull far points to a circle and keep a few of them.
    radius = np.maximum(np.hypot(*xy.T), 1e-9)
    xy = xy * np.minimum(1.0, 2 * reach / radius)[:, None]
    keep = ~far | np.roll(~far, 1) | np.roll(~far, -1) | (np.arange(len(xy)) % 4 == 0)
    return xy[keep]


def _surrounds(xy: Array) -> bool:
    angle = np.unwrap(np.arctan2(xy[:, 1], xy[:, 0]))
    return bool(abs(angle[-1] - angle[0]) > 5)


def _unproject(latitude: float, longitude: float, xy: Array) -> tuple[float, float]:
    distance, azimuth = math.hypot(*xy) / ground.MEAN_RADIUS_KM, math.atan2(xy[0], xy[1])
    phi0 = math.radians(latitude)
    sine = math.sin(phi0) * math.cos(distance) + math.cos(phi0) * math.sin(distance) * math.cos(azimuth)
    phi = math.asin(max(-1.0, min(1.0, sine)))
    lam = math.atan2(
        math.sin(azimuth) * math.sin(distance) * math.cos(phi0), math.cos(distance) - math.sin(phi0) * sine
    )
    return math.degrees(phi), (longitude + math.degrees(lam) + 180) % 360 - 180


def _graticule(axes: Axes, view: View, colours: Colours) -> None:
    span = 2 * view.half_height / 111
    step = next((s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20) if span / s <= 6), 30)
    decimals = 0 if step >= 1 else 2 if step < 0.1 else 1
    reach = math.degrees(math.hypot(view.half_width, view.half_height) / ground.MEAN_RADIUS_KM) + step
    low = max(-90.0, view.latitude - reach)
    high = min(90.0, view.latitude + reach)
    wide = min(
        180.0,
        reach
        / max(
            0.05, math.cos(math.radians(max(abs(low), abs(high)) if max(abs(low), abs(high)) < 85 else 85))
        ),
    )
    for latitude in np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step:
        longitudes = np.linspace(view.longitude - wide, view.longitude + wide, 61)
        xy = view.project(np.column_stack([longitudes, np.full(61, latitude)]))
        axes.plot(*xy.T, color=colours["line"], linewidth=0.6, zorder=1)
        _edge_label(
            axes, view, xy, 0, f"{abs(latitude):.{decimals}f}° {'N' if latitude >= 0 else 'S'}", colours
        )
    count = math.floor(wide / step)
    middle = round(view.longitude / step)
    for longitude in np.arange(middle - count, middle + count + 1) * step:
        xy = view.project(np.column_stack([np.full(61, longitude), np.linspace(low, high, 61)]))
        axes.plot(*xy.T, color=colours["line"], linewidth=0.6, zorder=1)
        east = (longitude + 180) % 360 - 180
        _edge_label(axes, view, xy, 1, f"{abs(east):.{decimals}f}° {'E' if east >= 0 else 'W'}", colours)


def _edge_label(axes: Axes, view: View, xy: Array, across: int, text: str, colours: Colours) -> None:
    """Label a line of the graticule where it meets the left (`across` 0) or the lower edge (1)."""
    half = (view.half_width, view.half_height)
    order = np.argsort(xy[:, across])
    other = float(np.interp(-half[across], xy[order, across], xy[order, 1 - across]))
    if abs(other) < 0.93 * half[1 - across]:
        at = (-half[0], other) if across == 0 else (other, -half[1])
        axes.annotate(text, at, xytext=(3, 5) if across == 0 else (3, 4), textcoords="offset points", fontsize=7,
                      color=colours["muted"], zorder=2)  # fmt: skip


def _scale_bar(axes: Axes, view: View, colours: Colours) -> None:
    room = 0.5 * view.half_width
    power = 10 ** math.floor(math.log10(room))
    bar = next(power * k for k in (5, 2, 1) if power * k <= room)
    x, y = view.half_width * 0.95, -view.half_height * 0.93
    axes.plot([x - bar, x], [y, y], color=colours["ink"], linewidth=2, solid_capstyle="butt", zorder=12)
    axes.annotate(f"{bar:g} km" if bar >= 1 else f"{bar * 1000:g} m", (x - bar / 2, y), xytext=(0, 4), fontsize=8,
                  textcoords="offset points", ha="center", color=colours["ink"], zorder=12)  # fmt: skip


def _at_edge(
    axes: Axes, view: View, name: str, sensor: Message, at: Array, taken: list[Array], colours: Colours
) -> None:
    half = np.array([view.half_width, view.half_height])
    edge = at * np.min(half / np.maximum(np.abs(at), 1e-9)) * 0.985
    while any(np.hypot(*(edge - other)) < 0.09 * view.half_height for other in taken):
        edge = edge + np.array([0.0, -0.1 * view.half_height])
    taken.append(edge)
    kind = "satellite" if sensor["type"] == "infrared" else "radar"
    side = "right" if edge[0] > 0 else "left"
    axes.plot(*edge, marker=(3, 0, math.degrees(math.atan2(at[1], at[0])) - 90), markersize=7,
              color=colours["radar"], zorder=8)  # fmt: skip
    label(
        axes, edge, f"{name} ({kind})", colours["radar"], colours, (-9 if side == "right" else 9, 0), ha=side
    )
