"""Metres about a place: how far north and east another lies along the ellipsoid, and back. Angles [rad], lengths [m].

Azimuthal equidistant on WGS 84: distances and directions from the origin are those of the geodesic, whatever the
distance, so neither a pole nor the 180th meridian needs care.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.earth.ellipsoid import azimuth, destination, distance, geodetic

Array = NDArray[np.float64]


@njit(cache=True, error_model="numpy")
def north_east(lat0: float, lon0: float, lat: float, lon: float) -> tuple[float, float]:
    """Give how far north and east of an origin a place lies."""
    d = distance(lat0, lon0, lat, lon)
    a = azimuth(lat0, lon0, lat, lon)
    return d * math.cos(a), d * math.sin(a)


@njit(cache=True, error_model="numpy")
def place_at(lat0: float, lon0: float, north: float, east: float) -> tuple[float, float]:
    """Give latitude and longitude, in [-π, π], of what lies so far north and east of an origin."""
    return destination(lat0, lon0, math.atan2(east, north), math.hypot(north, east))


@njit(cache=True, error_model="numpy")
def north_east_batch(lat0: float, lon0: float, r: Array) -> Array:
    """Give north and east (n, 2) of the ground points below the positions `r` (n, 3) [ECEF]."""
    rows = np.empty((r.shape[0], 2))
    for i in range(r.shape[0]):
        lat, lon, _ = geodetic(r[i, 0], r[i, 1], r[i, 2])
        rows[i, 0], rows[i, 1] = north_east(lat0, lon0, lat, lon)
    return rows


@njit(cache=True, error_model="numpy")
def places_at(lat0: float, lon0: float, rows: Array) -> Array:
    """Give latitude and longitude (n, 2) of points `rows` (n, 2) north and east of an origin."""
    places = np.empty((rows.shape[0], 2))
    for i in range(rows.shape[0]):
        places[i, 0], places[i, 1] = place_at(lat0, lon0, rows[i, 0], rows[i, 1])
    return places


@njit(cache=True, error_model="numpy")
def launch_difference(launch: Array, reference: Array) -> Array:
    """Return a launch less a reference, (4,): north [m], east [m], time [s], heading [rad] within ±π.

    Launches (4,): latitude, longitude, time [s], heading, as in `messages.Component`.
    """
    north, east = north_east(reference[0], reference[1], launch[0], launch[1])
    turn = (launch[3] - reference[3] + np.pi) % (2 * np.pi) - np.pi
    return np.array([north, east, launch[2] - reference[2], turn])


@njit(cache=True, error_model="numpy")
def launch_moved(launch: Array, move: Array) -> Array:
    """Return a launch (4,) moved by (north [m], east [m], time [s], heading [rad])."""
    latitude, longitude = place_at(launch[0], launch[1], move[0], move[1])
    return np.array([latitude, longitude, launch[2] + move[2], launch[3] + move[3]])
