"""Points in areas on the Earth: count the edges that the meridian of a point crosses on its way to the north pole.

Meridians meet at the poles and nowhere else, so neither 180° nor a ring round the south pole needs care. Degrees.
"""

from typing import Any

import numpy as np
from msgspec import Struct
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Numbers = NDArray[np.int64]

_COLUMNS = 720


class Borders(Struct, frozen=True):
    """Rings of many owners, their edges sorted into columns of half a degree of longitude.

    `edges` (m, 4): west end's longitude and latitude, east end's; `owners` (m,). Column k begins at `first[k]`.
    """

    edges: Array
    owners: Numbers
    first: Numbers
    count: int

    @classmethod
    def of(cls, rings: list[Array], owners: list[int]) -> "Borders":
        """Sort the edges of `rings` (k, 2), longitude and latitude, each of one of the `owners` 0, 1, 2…"""
        parts = [_edges(ring) for ring in rings]
        edges = np.concatenate(parts)
        whose = np.repeat(np.array(owners, dtype=np.int64), [len(part) for part in parts])
        west = np.floor((edges[:, 0] + 180.0) * (_COLUMNS / 360.0)).astype(np.int64)
        east = np.ceil((edges[:, 2] + 180.0) * (_COLUMNS / 360.0)).astype(np.int64)
        times = np.maximum(east - west, 1)
        row = np.repeat(np.arange(len(edges)), times)
        column = west[row] + np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
        order = np.argsort(column, kind="stable")
        first = np.searchsorted(column[order], np.arange(_COLUMNS + 1))
        return cls(edges[row[order]], whose[row[order]], first, max(owners) + 1)

    def owners_at(self, lat: Array, lon: Array) -> Numbers:
        """Give the first owner whose rings hold each point (n,), or -1."""
        return np.asarray(_owners(lat, _within_180(lon), self.edges, self.owners, self.first, self.count))


def inside(area: dict[str, Any], lat: Array, lon: Array) -> NDArray[np.bool_]:
    """Say for points (n,) whether they lie in a GeoJSON Polygon, MultiPolygon or a Feature of one; holes count."""
    if area.get("type") == "Feature":
        return inside(area["geometry"], lat, lon)
    polygons = [area["coordinates"]] if area.get("type") == "Polygon" else area["coordinates"]
    found = np.zeros(len(lat), dtype=np.bool_)
    for polygon in polygons:
        odd = np.zeros(len(lat), dtype=np.bool_)
        for ring in polygon:
            points = np.array([place[:2] for place in ring], dtype=np.float64)
            odd ^= _odd(lat, _within_180(lon), _edges(points)) ^ _holds_north_pole(points)
        found |= odd
    return found


def _within_180(lon: Array) -> Array:
    """Bring longitudes into [-180, 180); those within stay as they are, to the bit."""
    with np.errstate(invalid="ignore"):
        turned = (lon + 180.0) % 360.0 - 180.0
    return np.where((lon >= -180.0) & (lon < 180.0), lon, np.where(turned >= 180.0, -180.0, turned))


def _steps(lon: Array) -> Array:
    """Give the steps in longitude from point to point, the shorter way round."""
    return (np.diff(lon) + 180.0) % 360.0 - 180.0


def _holds_north_pole(ring: Array) -> bool:
    """Say whether a ring goes round the Earth and, being mostly in the north, holds that pole."""
    return bool(abs(_steps(ring[:, 0]).sum()) > 180.0 and ring[:, 1].mean() > 0.0)


def _edges(ring: Array) -> Array:
    """Give a ring's edges (m, 4), west end first, cut where they cross 180°, without those along a meridian."""
    lon = _within_180(ring[:, 0])
    west = np.column_stack((lon[:-1], ring[:-1, 1]))
    east = np.column_stack((lon[1:], ring[1:, 1]))
    step = _steps(ring[:, 0])
    back = (step < 0)[:, None]
    west, east = np.where(back, east, west), np.where(back, west, east)
    over = west[:, 0] > east[:, 0]
    width = np.abs(step[over])
    part = np.where(width > 0, (180.0 - west[over, 0]) / np.where(width > 0, width, 1.0), 0.0)
    cut = west[over, 1] + part * (east[over, 1] - west[over, 1])
    left = np.column_stack((west[over], np.full(len(cut), 180.0), cut))
    right = np.column_stack((np.full(len(cut), -180.0), cut, east[over]))
    plain = np.column_stack((west, east))[(step != 0) & ~over]
    found = np.concatenate((plain, left, right))
    return np.ascontiguousarray(found[found[:, 0] < found[:, 2]])


@njit(cache=True, error_model="numpy")
def _north_of(lat: float, lon: float, west: float, lat1: float, east: float, lat2: float) -> bool:
    """Say whether the edge crosses the meridian `lon` north of `lat`; each end belongs to the edge east of it."""
    return west <= lon < east and lat1 + (lon - west) / (east - west) * (lat2 - lat1) > lat


@njit(cache=True, error_model="numpy")
def _odd(lat: Array, lon: Array, edges: Array) -> NDArray[np.bool_]:
    found = np.zeros(len(lat), dtype=np.bool_)
    for i in range(len(lat)):
        for k in range(len(edges)):
            if _north_of(lat[i], lon[i], edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3]):
                found[i] = not found[i]
    return found


@njit(cache=True, error_model="numpy")
def _owners(lat: Array, lon: Array, edges: Array, owners: Numbers, first: Numbers, count: int) -> Numbers:
    found = np.full(len(lat), -1)
    odd = np.zeros(count, dtype=np.bool_)
    columns = len(first) - 1
    for i in range(len(lat)):
        if not (np.isfinite(lat[i]) and np.isfinite(lon[i])):
            continue
        column = min(int((lon[i] + 180.0) * (columns / 360.0)), columns - 1)
        odd[:] = False
        for k in range(first[column], first[column + 1]):
            if _north_of(lat[i], lon[i], edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3]):
                odd[owners[k]] = not odd[owners[k]]
        for owner in range(count):
            if odd[owner]:
                found[i] = owner
                break
    return found
