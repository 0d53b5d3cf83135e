"""Areas on the ground that are no ellipse: the smallest that hold a share of the probability, as GeoJSON."""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.assessment.density import Part, area, patches, quantiles, region, size, thresholds
from tocsin.assessment.ellipse import ellipse
from tocsin.constants import EARTH_RADIUS
from tocsin.earth.local import place_at, places_at
from tocsin.earth.rings import Ring, cut_polygon
from tocsin.messages import Array, Ellipse

LEVELS: Final = (0.5, 0.9, 0.95, 0.99)
ELLIPSES: Final = (0.5, 0.95, 0.99)
WORTH: Final = 0.85  # an area is told where it is smaller than this share of the ellipse, or has two parts
_CORNERS: Final = 90
_FINE: Final = (
    4e-3  # of an outline: how far its drawn sides may lie beside it, as a share of the root of its area
)
_MOST_PARTS: Final = 32  # of a side
_SPECK: Final = 0.01  # of the whole: parts and holes smaller than this are left out

Geometry = dict[str, Any]


def areas(
    origin: tuple[float, float],
    rows: Array,
    covariances: Array,
    weights: Array,
    levels: Sequence[float] = LEVELS,
) -> list[Geometry]:
    """Return for each level the smallest area that holds it, a GeoJSON Polygon or MultiPolygon [deg].

    Of Gaussians at `rows` (n, 2), north and east of `origin` [rad], with `covariances` (n, 2, 2) and `weights` (n,).
    As RFC 7946 (2016) asks: outlines run counter-clockwise, what crosses the antimeridian is cut there, what holds a
    pole goes up to it, and sides are straight on a map of longitude and latitude.
    """
    drawn = patches(rows, covariances, weights)
    return [_geometry(origin, region(drawn, least)) for least in thresholds(drawn, levels)]


def outlines(
    origin: tuple[float, float], rows: Array, covariances: Array, weights: Array, spread: Array
) -> dict[str, Ellipse | Geometry]:
    """Return `ellipse_50` to `ellipse_99` of a sum of Gaussians as in `areas`, and `area_50` to `area_99` if worth it.

    The ellipses have the shape of `spread` (2, 2), its covariance about the origin [m²], and hold what they say of the
    sum, whose tails need be no Gaussian's. An area is told where that of 95 % is far smaller than its ellipse, or in
    parts.
    """
    drawn = patches(rows, covariances, weights)
    found: dict[str, Ellipse | Geometry] = {
        f"ellipse_{100 * level:.0f}": ellipse(spread, chi2)
        for level, chi2 in zip(ELLIPSES, quantiles(drawn, spread, ELLIPSES), strict=True)
    }
    least = dict(zip(LEVELS, thresholds(drawn, LEVELS), strict=True))
    parts = region(drawn, least[0.95])
    one = found["ellipse_95"]
    assert isinstance(one, Ellipse)
    large = [rings for rings in parts if abs(area(rings[0])) > _SPECK * size(parts)]
    if len(large) > 1 or size(parts) <= WORTH * math.pi * one.semi_major_m * one.semi_minor_m:
        for level in LEVELS:
            places = parts if level == 0.95 else region(drawn, least[level])
            found[f"area_{100 * level:.0f}"] = _geometry(origin, places)
    return found


def _geometry(origin: tuple[float, float], parts: list[Part]) -> Geometry:
    least = _SPECK * size(parts)
    polygons: list[list[list[list[float]]]] = []
    for rings in parts:
        if polygons and abs(area(rings[0])) < least:
            continue
        kept = [rings[0], *(hole for hole in rings[1:] if abs(area(hole)) >= least)]
        placed = [_placed(origin, ring, hole=k > 0) for k, ring in enumerate(kept)]
        polygons += [[_turned(ring) for ring in polygon] for polygon in cut_polygon(placed)]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _placed(origin: tuple[float, float], ring: Array, *, hole: bool) -> Ring:
    """Return a ring (k, 2) as latitudes and longitudes [deg], with few corners, in GeoJSON's sense of turning."""
    return tuple(map(tuple, _corners(ring, *origin, hole).tolist()))


def _turned(ring: Ring) -> list[list[float]]:
    """Return a ring as GeoJSON has it, longitude first."""
    return [[longitude, latitude] for latitude, longitude in ring]


@njit(cache=True, error_model="numpy")
def _corners(ring: Array, latitude: float, longitude: float, hole: bool) -> Array:
    """Return latitudes and longitudes (m, 2) [deg] of a ring (k, 2) about an origin [rad], as `_placed` wants them."""
    tolerance = _FINE * math.sqrt(abs(area(ring)))
    thin = _thinned(ring, tolerance)
    if (area(thin) > 0) != hole:  # positive is clockwise on the map
        thin = thin[::-1].copy()
    return np.degrees(places_at(latitude, longitude, _bent(thin, latitude, longitude, tolerance)))


@njit(cache=True, error_model="numpy")
def _bent(ring: Array, latitude: float, longitude: float, tolerance: float) -> Array:
    """Add corners to a ring (k, 2) where a straight side, on a map of longitude and latitude, would lie elsewhere.

    A side is parted so often that the middle of no part is off by more than the tolerance [m]: that goes by the square.
    """
    places = places_at(latitude, longitude, ring)
    parts = np.ones(len(ring) - 1, dtype=np.int64)
    for k in range(len(parts)):
        lat, lon = place_at(
            latitude, longitude, 0.5 * (ring[k, 0] + ring[k + 1, 0]), 0.5 * (ring[k, 1] + ring[k + 1, 1])
        )
        turn = (places[k + 1, 1] - places[k, 1] + math.pi) % (2.0 * math.pi) - math.pi
        north = lat - 0.5 * (places[k, 0] + places[k + 1, 0])
        east = (lon - places[k, 1] - 0.5 * turn + math.pi) % (2.0 * math.pi) - math.pi
        off = EARTH_RADIUS * math.hypot(north, east * math.cos(lat))
        parts[k] = min(max(1, math.ceil(math.sqrt(off / tolerance))), _MOST_PARTS)
    bent, n = np.empty((parts.sum() + 1, 2)), 0
    for k in range(len(parts)):
        for j in range(parts[k]):
            bent[n] = ring[k] + j / parts[k] * (ring[k + 1] - ring[k])
            n += 1
    bent[n] = ring[-1]
    return bent


@njit(cache=True, error_model="numpy")
def _thinned(ring: Array, tolerance: float) -> Array:
    """Leave out corners of a closed ring nearer than `tolerance` to the line without them, until few are left.

    Douglas and Peucker (1973), from the first corner and the one farthest from it.
    """
    far, most = 0, 0.0
    for k in range(len(ring)):
        apart = math.hypot(ring[k, 0] - ring[0, 0], ring[k, 1] - ring[0, 1])
        if apart > most:
            far, most = k, apart
    kept = _kept(ring, far, tolerance)
    while kept.sum() > _CORNERS:
        tolerance *= 1.5
        kept = _kept(ring, far, tolerance)
    return ring[kept]


@njit(cache=True, error_model="numpy")
def _kept(ring: Array, far: int, tolerance: float) -> NDArray[np.bool_]:
    """Say which corners of a ring (k, 2) stay; the first, the last and `far` always do."""
    kept = np.zeros(ring.shape[0], dtype=np.bool_)
    stack = np.empty((ring.shape[0] + 2, 2), dtype=np.int64)
    stack[0, 0], stack[0, 1], stack[1, 0], stack[1, 1] = 0, far, far, ring.shape[0] - 1
    kept[0] = kept[far] = kept[-1] = True
    depth = 2
    while depth:
        depth -= 1
        a, b = stack[depth, 0], stack[depth, 1]
        x, y = ring[b, 0] - ring[a, 0], ring[b, 1] - ring[a, 1]
        length = math.hypot(x, y)
        most, k = tolerance, -1
        for i in range(a + 1, b):
            u, v = ring[i, 0] - ring[a, 0], ring[i, 1] - ring[a, 1]
            apart = abs(u * y - v * x) / length if length > 0.0 else math.hypot(u, v)
            if apart > most:
                most, k = apart, i
        if k >= 0:
            kept[k] = True
            stack[depth, 0], stack[depth, 1], stack[depth + 1, 0], stack[depth + 1, 1] = a, k, k, b
            depth += 2
    return kept
