"""Rings of (latitude, longitude) [deg] on a flat map: cut at the antimeridian, area, crossings."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

Ring = tuple[tuple[float, float], ...]

_DIGITS: Final = 5  # of a degree: about 1 m
_WHOLE: Final = ((-180.0, 180.0),)
_THIRDS: Final = ((-180.0, -60.0), (-60.0, 60.0), (60.0, 180.0))


def unwrapped(ring: Ring) -> Ring:
    """Let longitudes run on over the antimeridian, so that no side is longer than half a turn."""
    out = list(ring[:1])
    for lat, lon in ring[1:]:
        before = out[-1][1]
        out.append((lat, before + (lon - before + 180) % 360 - 180))
    return tuple(out)


def winds_around_pole(ring: Ring) -> bool:
    """Say whether a closed ring goes once around the Earth, and so holds a pole."""
    line = unwrapped(ring)
    return bool(line) and abs(line[-1][1] - line[0][1]) > 180


def cut_at_antimeridian(ring: Ring) -> tuple[Ring, ...]:
    """Cut a closed ring into rings that do not cross the antimeridian; one that does not comes back as is.

    A ring around a pole becomes the cap between it and the nearer pole, in three pieces, so that no side is
    as long as half a turn. Readers draw sides as straight lines on a flat map, one from 179 to -179 across
    all of it.
    """
    return tuple(outline for outline, *_ in cut_polygon((ring,)))


def cut_polygon(polygon: Sequence[Ring]) -> list[tuple[Ring, ...]]:
    """Cut a polygon, its outline first and then its holes, into polygons that do not cross the antimeridian.

    As RFC 7946 asks (3.1.9). One that does not cross it comes back as is; the outline says whether it goes round a
    pole, as in `cut_at_antimeridian`.
    """
    if not any(_crosses(ring) for ring in polygon):
        return [tuple(polygon)]
    windows = _THIRDS if winds_around_pole(polygon[0]) else _WHOLE
    cut: list[tuple[Ring, ...]] = []
    for west, east in windows:
        outlines, holes = _within(polygon[0], west, east), []
        for hole in polygon[1:]:
            holes += _within(hole, west, east)
        cut += [
            (one, *(hole for hole in holes if contains(one, _amid(hole, west, east)))) for one in outlines
        ]
    return cut


def _crosses(ring: Ring) -> bool:
    """Say whether a side of a closed ring crosses the antimeridian, as one of any ring around a pole does."""
    return any(abs(one) > 180 or abs(one - other) >= 180 for (_, one), (_, other) in pairwise(ring))


def _within(ring: Ring, west: float, east: float) -> list[Ring]:
    """Return what of a ring, or of the cap it makes with its pole, lies between two meridians."""
    line = unwrapped(ring)
    if winds_around_pole(ring):
        pole = 90.0 if sum(lat for lat, _ in line) > 0 else -90.0
        line = (*line, (pole, line[-1][1]), (pole, line[0][1]), line[0])
    turned = [tuple((lat, lon + turn) for lat, lon in line) for turn in (0.0, 360.0, -360.0)]
    parts = [_clipped(part, west, east) for part in turned]
    return [part for part in parts if len(part) >= 4 and abs(area(part)) > 0]


def _amid(ring: Ring, west: float, east: float) -> tuple[float, float]:
    """Return the corner of a ring that lies farthest from two meridians and the poles, where it may touch others."""
    return max(ring, key=lambda place: min(place[1] - west, east - place[1], 90.0 - abs(place[0])))


def area(ring: Ring) -> float:
    """Give the signed area on the flat map [deg²], positive counter-clockwise with east to the right."""
    line = unwrapped(ring)
    return sum(x1 * y2 - x2 * y1 for (y1, x1), (y2, x2) in pairwise(line)) / 2


def contains(ring: Ring, place: tuple[float, float]) -> bool:
    """Say whether a place (latitude, longitude) lies inside a closed ring on the flat map (even-odd rule)."""
    line = unwrapped(ring)
    lat, lon = place
    inside = False
    for turn in (-360.0, 0.0, 360.0):
        for (y1, x1), (y2, x2) in pairwise(line):
            if (y1 > lat) != (y2 > lat) and lon + turn < x1 + (lat - y1) * (x2 - x1) / (y2 - y1):
                inside = not inside
    return inside


def crosses_itself(ring: Ring) -> bool:
    """Say whether two sides of a closed ring that are not neighbours touch or cross."""
    sides = list(pairwise(unwrapped(ring)))
    n = len(sides)
    for i in range(n):
        for j in range(i + 2, n):
            neighbours_by_closing = i == 0 and j == n - 1
            if not neighbours_by_closing and _meet(*sides[i], *sides[j]):
                return True
    return False


def _meet(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]
) -> bool:
    if max(a[1], b[1]) < min(c[1], d[1]) or max(c[1], d[1]) < min(a[1], b[1]):
        return False
    if max(a[0], b[0]) < min(c[0], d[0]) or max(c[0], d[0]) < min(a[0], b[0]):
        return False
    return _side(a, b, c) * _side(a, b, d) <= 0 and _side(c, d, a) * _side(c, d, b) <= 0


def _side(a: tuple[float, float], b: tuple[float, float], p: tuple[float, float]) -> float:
    return (b[1] - a[1]) * (p[0] - a[0]) - (b[0] - a[0]) * (p[1] - a[1])


def _clipped(ring: Ring, west: float, east: float) -> Ring:
    """Keep the part between two meridians (Sutherland and Hodgman, 1974)."""
    for edge, sign in ((east, 1.0), (west, -1.0)):
        out: list[tuple[float, float]] = []
        for (lat1, lon1), (lat2, lon2) in pairwise(ring):
            inside1, inside2 = sign * (lon1 - edge) <= 0, sign * (lon2 - edge) <= 0
            if inside1:
                out.append((lat1, lon1))
            if inside1 != inside2:
                out.append((lat1 + (lat2 - lat1) * (edge - lon1) / (lon2 - lon1), edge))
        if not out:
            return ()
        ring = (*out, out[0])
    return _without_repeats(tuple((round(lat, _DIGITS), round(lon, _DIGITS)) for lat, lon in ring))


def _without_repeats(ring: Ring) -> Ring:
    return ring[:1] + tuple(b for a, b in pairwise(ring) if a != b)
