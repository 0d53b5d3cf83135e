"""The maps as pictures: plain longitude and latitude, coasts on top."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tocsin.earth.places import land_outlines
from tocsin.report import svg
from tocsin.study.coverage import heights
from tocsin.study.coverage._kernels import CORROBORATED, WARNED
from tocsin.study.coverage.arcs import FLOWN
from tocsin.study.coverage.maps import DAY, KINDS, Maps

_DPI = 100
_MOST_LOSSES = 6


def draw(maps: Maps, seeing: tuple[NDArray[np.int32], NDArray[np.int32]], out: Path) -> list[str]:
    """Write all pictures into a folder and return their names."""
    names = []
    with mpl.rc_context(svg.style(svg.LIGHT) | {"figure.facecolor": "white", "savefig.facecolor": "white"}):
        for f, task in enumerate(maps.ask.tasks):
            pictures = {"warning": _warning(maps, f), "loss": _losses(maps, f)}
            if maps.day is not None:
                pictures["day"] = _day(maps, f)
            for kind, drawn in pictures.items():
                if drawn is not None:
                    names.append(f"{kind}-{f + 1}-{task.shape}.png")
                    drawn.savefig(out / names[-1], dpi=_DPI, metadata={"Software": None})
        names.append("sensors.png")
        _sensors(maps, *seeing).savefig(out / names[-1], dpi=_DPI, metadata={"Software": None})
    return names


def _warning(maps: Maps, f: int) -> Figure:
    drawn, axes = _sheet(maps, 2, 2, maps.ask.tasks[f].name)
    when, left = maps.when[f, 0, :, 1], maps.left[f, 0, WARNED] / 60
    flown = maps.status[f] == FLOWN
    _map(maps, axes[0], maps.chance[f, 0, WARNED], "chance of a warning", "viridis", (0, 1))
    _map(maps, axes[1], when[WARNED], "launch to first warning, median [s]", "cividis_r", None, flown)
    _map(maps, axes[2], when[CORROBORATED], "launch to corroboration, median [s]", "cividis_r", None, flown)
    _map(maps, axes[3], left, "time left at the target [min]", "viridis", None, flown)
    for panel in axes:
        task = maps.ask.tasks[f]
        panel.plot(
            task.longitude_deg, task.latitude_deg, "*", color="#b84900", markersize=9, markeredgecolor="white"
        )
    return drawn


def _losses(maps: Maps, f: int) -> Figure | None:
    """Draw the sensors whose loss costs most: by how much the median warning comes later; lost altogether in black."""
    with_all = maps.when[f, 0, WARNED, 1]
    later = maps.when[f, len(KINDS) :, WARNED, 1] - with_all
    gone = np.isnan(later) & ~np.isnan(with_all)
    cost = np.where(gone, 600.0, np.nan_to_num(later)).sum(axis=(1, 2))
    worst = [s for s in np.argsort(-cost, kind="stable")[:_MOST_LOSSES] if cost[s] > 0]
    if not worst:
        return None
    rows = -(-len(worst) // 2)
    drawn, axes = _sheet(maps, rows, 2, f"{maps.ask.tasks[f].name}: what the loss of a sensor costs")
    top = max(10.0, float(np.nanpercentile(later[worst], 99)))
    for panel, s in zip(axes, worst, strict=False):
        title = f"without {maps.ask.sensors[s]}: later by [s]; black: not warned at all"
        _map(maps, panel, later[s], title, "YlOrRd", (0, top))
        _mesh(maps, panel, np.where(gone[s], 1.0, np.nan), "gray", (1, 2))
    for panel in axes[len(worst) :]:
        panel.set_axis_off()
    return drawn


def _day(maps: Maps, f: int) -> Figure:
    assert maps.day is not None
    title = f"{maps.ask.tasks[f].name}: a warning through a day of {len(maps.ask.times)} launches"
    drawn, axes = _sheet(maps, 2, 2, title)
    for k, (panel, said) in enumerate(zip(axes, DAY, strict=True)):
        chances = k < 2
        limits = (0.0, 1.0) if chances else None
        _map(maps, panel, maps.day[k, f, 0, WARNED], said, "viridis" if chances else "cividis_r", limits)
    return drawn


def _sensors(maps: Maps, radars: NDArray[np.int32], satellites: NDArray[np.int32]) -> Figure:
    count = 1 + len(heights.HEIGHTS)
    drawn, axes = _sheet(maps, -(-count // 2), 2, maps.ask.title)
    _map(
        maps,
        axes[0],
        satellites.astype(np.float32),
        f"satellites, {heights.BURNING / 1e3:.0f} km high",
        "viridis",
        None,
    )
    for panel, high, seen in zip(axes[1:], heights.HEIGHTS, radars, strict=False):
        _map(maps, panel, seen.astype(np.float32), f"radars, {high / 1e3:,.0f} km high", "viridis", None)
    for panel in axes[count:]:
        panel.set_axis_off()
    return drawn


def _sheet(maps: Maps, rows: int, columns: int, title: str) -> tuple[Figure, list[Axes]]:
    lat, lon = maps.ask.latitudes_deg, maps.ask.longitudes_deg
    tall = min(max(np.ptp(lat) / max(np.ptp(lon), 1.0), 0.3), 1.5)
    drawn = svg.figure(12.0, 0.5 + rows * (0.5 + 5.0 * tall))
    drawn.suptitle(title, x=0.02, ha="left", fontweight="bold")
    grid = drawn.subplots(rows, columns, squeeze=False)
    drawn.subplots_adjust(left=0.04, right=0.96, bottom=0.05, top=0.91, wspace=0.16, hspace=0.22)
    return drawn, list(grid.ravel())


def _map(
    maps: Maps, axes: Axes, values: NDArray[np.floating], title: str, colours: str,
    limits: tuple[float, float] | None, flown: NDArray[np.bool_] | None = None,
) -> None:  # fmt: skip
    """Draw one map; where a flight comes from but `values` knows nothing it is dark grey."""
    if limits is None:
        known = values[np.isfinite(values)]
        limits = (
            (float(np.percentile(known, 1)), float(np.percentile(known, 99))) if known.size else (0.0, 1.0)
        )
        limits = (limits[0], max(limits[1], limits[0] + 1e-3))
    axes.set_title(title)
    axes.grid(visible=False)
    if flown is not None:
        _mesh(maps, axes, np.where(flown & ~np.isfinite(values), 1.0, np.nan), "gray", (0.5, 2.5))
    mesh = _mesh(maps, axes, values, colours, limits)
    axes.figure.colorbar(mesh, ax=axes, fraction=0.035, pad=0.02)
    axes.add_collection(LineCollection(land_outlines(), colors="#17212b", linewidths=0.4), autolim=False)


def _mesh(
    maps: Maps, axes: Axes, values: NDArray[np.floating], colours: str, limits: tuple[float, float]
) -> mpl.collections.QuadMesh:
    lon, lat = maps.ask.longitudes_deg, maps.ask.latitudes_deg
    return axes.pcolormesh(lon, lat, np.ma.masked_invalid(values), cmap=colours, vmin=limits[0], vmax=limits[1],
                           shading="nearest", rasterized=True)  # fmt: skip
