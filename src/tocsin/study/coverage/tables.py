"""What the maps say in numbers: shares of land and of all, medians, and what each sensor's loss costs."""

import csv
import io
import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.places import on_land
from tocsin.messages import Array
from tocsin.study.coverage._kernels import CORROBORATED, WARNED
from tocsin.study.coverage.arcs import FLOWN
from tocsin.study.coverage.maps import KINDS, Maps
from tocsin.study.horizon import height_at, reaches

SURE: Final = 0.5  # of all cases: below it a place counts as a gap
COLUMNS: Final = (
    "flight", "reports", "land_share_warned", "share_warned", "share_corroborated", "median_warning_s",
    "median_corroboration_s", "median_left_s", "share_lost", "left_lost_s",
)  # fmt: skip
Flags = NDArray[np.bool_]


def rows(maps: Maps) -> list[dict[str, Any]]:
    """Return a row for each flight and whose reports count; shares are of the area that the flight can come from.

    `share_lost`: of the area warned with all; `left_lost_s`: mean time that those still warned have less.
    """
    found = []
    area, land = areas(maps)
    for f, task in enumerate(maps.ask.tasks):
        flown = maps.status[f] == FLOWN
        for v, name in enumerate(maps.ask.variants):
            warned = flown & (maps.chance[f, v, WARNED] >= SURE)
            corroborated = flown & (maps.chance[f, v, CORROBORATED] >= SURE)
            before = flown & (maps.chance[f, 0, WARNED] >= SURE)
            less = maps.left[f, 0, WARNED] - maps.left[f, v, WARNED]
            row = {
                "flight": task.name,
                "reports": name,
                "land_share_warned": _share(warned & land, flown & land, area),
                "share_warned": _share(warned, flown, area),
                "share_corroborated": _share(corroborated, flown, area),
                "median_warning_s": _median(maps.when[f, v, WARNED, 1], flown, area),
                "median_corroboration_s": _median(maps.when[f, v, CORROBORATED, 1], flown, area),
                "median_left_s": _median_left(maps.left[f, v, WARNED], flown, area),
                "share_lost": _share(before & ~warned, before, area),
                "left_lost_s": _mean(less, before & warned, area),
            }
            found.append(row)
    return found


def areas(maps: Maps) -> tuple[Array, Flags]:
    """Return the weight of each cell (y, x), as its area, and whether its middle is on land."""
    lat, lon = np.meshgrid(maps.ask.latitudes_deg, maps.ask.longitudes_deg, indexing="ij")
    land = on_land(np.radians(lat.ravel()), np.radians(lon.ravel())).reshape(lat.shape)
    return np.asarray(np.cos(np.radians(lat))), land


def gaps(maps: Maps, f: int) -> dict[str, Any]:
    """Return how much of the land and of all where flight `f` can start has a warning in fewer than half the cases."""
    area, land = areas(maps)
    flown = maps.status[f] == FLOWN
    gap = flown & (maps.chance[f, 0, WARNED] < SURE)
    return {
        "share": _share(gap, flown, area),
        "land_share": _share(gap & land, flown & land, area),
        "flown_share_of_grid": _share(flown, np.ones_like(flown), area),
    }


def summary(maps: Maps, took: float) -> dict[str, Any]:
    """Return all that is worth keeping beside the maps."""
    ask = maps.ask
    return {
        "network": ask.title,
        "sensors": list(ask.sensors),
        "cells": ask.cells,
        "launches_in_day": len(ask.times),
        "handling_s": ask.handling,
        "took_s": round(took, 1),
        "flights": [
            {
                "shape": task.shape, "vehicle": task.vehicle, "target": task.target,
                "latitude_deg": task.latitude_deg, "longitude_deg": task.longitude_deg, "gaps": gaps(maps, f),
                "day": _day(maps, f),
            }
            for f, task in enumerate(ask.tasks)
        ],
        "rows": rows(maps),
        "radars": [
            {"radar": r.radar, "range_m": r.range, "elevation_deg": round(math.degrees(r.elevation), 6),
             "height_m": round(r.height)}
            for r in reaches(tuple(row.sensor for row in ask.network))
        ],
    }  # fmt: skip


def as_csv(table: list[dict[str, Any]]) -> str:
    """Write the rows as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()


def lines(told: dict[str, Any]) -> list[str]:
    """Write the summary for people."""
    found = []
    for flight in told["flights"]:
        name = f"{flight['shape']} to {flight['target']}"
        gap = flight["gaps"]
        found.append(
            f"{name}: flown from {_percent(gap['flown_share_of_grid'])} of the grid; a gap: {_percent(gap['share'])} "
            f"of that, {_percent(gap['land_share'])} of its land"
        )
        mine = [row for row in told["rows"] if row["flight"] == name]
        found.append(
            f"  {'reports of':<28}{'warned':>8}{'by':>8}{'corrob.':>9}{'by':>8}{'left':>9}{'lost':>8}{'less':>8}"
        )
        found += [_line(row) for row in _worth(mine)]
        if flight["day"] is not None:
            day = flight["day"]
            found.append(
                f"  through the day: warned {_percent(day['mean_share'])} on average, "
                f"{_percent(day['least_share'])} at any time"
            )
    found += [
        f"{r['radar']}: range {r['range_m'] / 1e3:,.0f} km; there, at its lowest {r['elevation_deg']:g}°, an object is "
        f"{r['height_m'] / 1e3:,.0f} km high"
        for r in told["radars"]
    ]
    at = height_at(5_000e3, math.radians(3.0)) / 1e3
    found.append(f"at 5,000 km and 3° an object is {at:,.0f} km high (a round Earth, straight lines)")
    return found


def _worth(mine: list[dict[str, Any]], most: int = 6) -> list[dict[str, Any]]:
    """Return the kinds and the sensors whose loss costs most."""
    lost = sorted(
        mine[len(KINDS) :],
        key=lambda row: (-(row["share_lost"] or 0.0), -(row["left_lost_s"] or 0.0), row["reports"]),
    )
    return mine[: len(KINDS)] + lost[:most]


def _line(row: dict[str, Any]) -> str:
    return (
        f"  {row['reports']:<28}{_percent(row['share_warned']):>8}{_seconds(row['median_warning_s']):>8}"
        f"{_percent(row['share_corroborated']):>9}{_seconds(row['median_corroboration_s']):>8}"
        f"{_minutes(row['median_left_s']):>9}{_percent(row['share_lost']):>8}{_seconds(row['left_lost_s']):>8}"
    )


def _day(maps: Maps, f: int) -> dict[str, Any] | None:
    if maps.day is None:
        return None
    area, _ = areas(maps)
    flown = maps.status[f] == FLOWN
    return {
        "mean_share": _mean(maps.day[0, f, 0, WARNED], flown, area),
        "least_share": _share(flown & (maps.day[1, f, 0, WARNED] >= SURE), flown, area),
    }


def _share(part: Flags, of: Flags, area: Array) -> float | None:
    whole = float(area[of].sum())
    return round(float(area[part].sum()) / whole, 4) if whole > 0 else None


def _mean(values: NDArray[np.float32], where: Flags, area: Array) -> float | None:
    good = where & np.isfinite(values)
    return round(float(np.average(values[good], weights=area[good])), 3) if good.any() else None


def _median(values: NDArray[np.float32], where: Flags, area: Array) -> float | None:
    """Return the median by area of a time that never coming makes infinite; None where that is the median."""
    if not where.any():
        return None
    times = np.where(np.isnan(values[where]), np.inf, values[where])
    order = np.argsort(times)
    weight = np.cumsum(area[where][order])
    middle = times[order][np.searchsorted(weight, 0.5 * weight[-1])]
    return round(float(middle), 1) if np.isfinite(middle) else None


def _median_left(values: NDArray[np.float32], where: Flags, area: Array) -> float | None:
    turned = _median(-values, where, area)
    return None if turned is None else -turned


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:,.0f} s"


def _minutes(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds / 60:.1f} min"
