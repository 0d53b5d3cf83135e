"""Fields of view on the ground and sectors of azimuth."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def in_sector(azimuth: NDArray[np.float64], start: float, end: float) -> NDArray[np.bool_]:
    """Say for each azimuth (n,) [rad] whether it lies in the sector clockwise from `start` to `end`.

    Equal ends (also 0 and 2π) mean the full circle.
    """
    width = (end - start) % (2 * np.pi)
    if width == 0.0:
        return np.ones(np.shape(azimuth), dtype=np.bool_)
    return np.asarray((azimuth - start) % (2 * np.pi) <= width)


def inside_polygon(geometry: dict[str, Any], latitude_deg: float, longitude_deg: float) -> bool:
    """Say whether a place lies in a GeoJSON Polygon or MultiPolygon (holes count), by the even-odd rule.

    Longitudes are unwrapped along each ring, so that a ring may cross 180°.
    """
    kind = geometry.get("type")
    if kind == "Feature":
        return inside_polygon(geometry["geometry"], latitude_deg, longitude_deg)
    polygons = [geometry["coordinates"]] if kind == "Polygon" else geometry["coordinates"]
    return any(
        sum(_crossings(ring, latitude_deg, longitude_deg) for ring in polygon) % 2 == 1
        for polygon in polygons
    )


def _crossings(ring: list[list[float]], latitude_deg: float, longitude_deg: float) -> int:
    """Count the ring's edges that a ray to the east of the place crosses."""
    lon = np.degrees(np.unwrap(np.radians([p[0] for p in ring])))
    lat = np.array([p[1] for p in ring], dtype=np.float64)
    x = lon.min() + (longitude_deg - lon.min()) % 360.0
    straddles = (lat[:-1] > latitude_deg) != (lat[1:] > latitude_deg)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        at = lon[:-1] + (latitude_deg - lat[:-1]) * (lon[1:] - lon[:-1]) / (lat[1:] - lat[:-1])
    return int(np.sum(straddles & (x < at)))
