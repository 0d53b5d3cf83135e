"""The ring of ground that lies between two distances from a place, and whose it is. Angles [rad], lengths [m]."""

import math
from itertools import pairwise
from typing import Any, Final

import numpy as np
from msgspec import Struct

from tocsin.earth import places
from tocsin.earth.local import place_at, places_at
from tocsin.messages import Array

_CORNERS: Final = 180
_RINGS, _SPOKES = 40, 360  # of the points that are asked whose they are


class Held(Struct, frozen=True):
    """A country's part of the ring: `share` of its area, and between which azimuths from the place [rad].

    From `begin` clockwise to `end`, the shortest sector that holds all of it. `code` and `name` as in `earth.places`.
    """

    code: str
    name: str
    share: float
    begin: float
    end: float


def annulus(latitude: float, longitude: float, near: float, far: float) -> dict[str, Any]:
    """Draw all that lies between two distances from a place, a GeoJSON geometry [deg].

    A Polygon with a hole, or where the ring meets the 180th meridian or a pole a MultiPolygon of its sectors.
    Nothing in it is farther than `far`.
    """
    outer, inner = _circle(latitude, longitude, far), _circle(latitude, longitude, near)
    steps = np.abs(np.diff(outer[:, 0]))
    if steps.max() < 180.0 and abs(np.diff(outer[:, 0]).sum()) < 1.0:
        rings = [outer] + ([inner[::-1]] if near > 0 else [])
        return {"type": "Polygon", "coordinates": [ring.tolist() for ring in rings]}
    spokes = [_spoke(latitude, longitude, k, near, far) for k in range(_CORNERS + 1)]
    sectors = [[[*before[::-1], *after, before[-1]]] for before, after in pairwise(spokes)]
    return {"type": "MultiPolygon", "coordinates": sectors}


def holders(latitude: float, longitude: float, near: float, far: float) -> tuple[tuple[Held, ...], float]:
    """Return which countries hold parts of the ring, the largest first, and the share that is sea.

    Counted on points of equal areas: good to a few thousandths of the ring.
    """
    r = np.sqrt(near**2 + (far**2 - near**2) * (np.arange(_RINGS) + 0.5) / _RINGS)
    turn = 2 * np.pi * np.arange(_SPOKES) / _SPOKES
    rows = np.stack([np.outer(r, np.cos(turn)), np.outer(r, np.sin(turn))], axis=-1).reshape(-1, 2)
    at = places_at(latitude, longitude, np.ascontiguousarray(rows))
    numbers = places.country_numbers(at[:, 0].copy(), at[:, 1].copy()).reshape(_RINGS, _SPOKES)
    found = []
    for number in np.unique(numbers[numbers != places.NOWHERE]):
        mine = numbers == number
        begin, end = _sector(np.flatnonzero(mine.any(axis=0)))
        country = places.countries()[int(number)]
        found.append(Held(country.code, country.name, float(mine.mean()), begin, end))
    found.sort(key=lambda held: (-held.share, held.name))
    return tuple(found), float((numbers == places.NOWHERE).mean())


def _sector(spokes: Any) -> tuple[float, float]:
    """Return begin and end [rad] of the shortest sector that holds all of the `spokes` (k,), in rising order."""
    width = 2 * np.pi / _SPOKES
    gaps = np.diff(np.append(spokes, spokes[0] + _SPOKES))
    if gaps.max() <= 1:
        return 0.0, 2 * np.pi
    k = int(np.argmax(gaps))
    first, last = spokes[(k + 1) % len(spokes)], spokes[k]
    return float((first - 0.5) * width % (2 * np.pi)), float((last + 0.5) * width % (2 * np.pi))


def _spoke(latitude: float, longitude: float, k: int, near: float, far: float) -> list[list[float]]:
    """Return the way (9, 2) from the inside to the outside at corner `k`: near a pole it is not straight."""
    turn = -2 * math.pi * (k + 0.5) / _CORNERS
    r = np.linspace(near, far, 9)
    places = np.degrees(
        places_at(latitude, longitude, np.column_stack([r * math.cos(turn), r * math.sin(turn)]))
    )
    return [[float(lon), float(lat)] for lat, lon in places]


def _circle(latitude: float, longitude: float, radius: float) -> Array:
    """Return a closed ring (n, 2) of longitude, latitude [deg], counter-clockwise."""
    corners = []
    for k in range(_CORNERS):
        turn = -2 * math.pi * (k + 0.5) / _CORNERS  # no corner due north or south, over a pole
        lat, lon = place_at(latitude, longitude, radius * math.cos(turn), radius * math.sin(turn))
        corners.append((math.degrees(lon), math.degrees(lat)))
    return np.array([*corners, corners[0]])
