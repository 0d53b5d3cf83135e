"""Places on the map: an azimuthal projection about the event, ellipses, sectors, predicted arcs."""

import math
from typing import Any

import numpy as np

from tocsin.earth import _borders as borders
from tocsin.earth import ellipsoid
from tocsin.flight import coast
from tocsin.messages import Array

MEAN_RADIUS_KM = 6371.0088  # IUGG mean radius (Moritz 2000): for drawing only


def geodetic_deg(r_ecef: Array) -> Array:
    """Return (n, 3): latitude [deg], longitude [deg], height [m] of `r_ecef` (n, 3) [m]."""
    latitude, longitude, height = ellipsoid.geodetic_from_ecef_batch(
        np.ascontiguousarray(r_ecef, dtype=np.float64)
    )
    return np.column_stack([np.degrees(latitude), np.degrees(longitude), height])


def ecef(latitude_deg: float, longitude_deg: float, height: float = 0.0) -> Array:
    """Return the position (3,) [m] of a place."""
    return np.asarray(
        ellipsoid.ecef_from_geodetic(math.radians(latitude_deg), math.radians(longitude_deg), height)
    )


def distance_deg(latitude1: float, longitude1: float, latitude2: float, longitude2: float) -> float:
    """Measure along the ellipsoid between two places in degrees [m]."""
    return float(
        ellipsoid.distance(*(math.radians(a) for a in (latitude1, longitude1, latitude2, longitude2)))
    )


def ellipse_ring(
    latitude_deg: float, longitude_deg: float, ellipse: dict[str, float], points: int = 72
) -> Array:
    """Trace an ellipse on the ground as a closed ring (points + 1, 2) of longitude, latitude [deg].

    Counter-clockwise seen from above, so that its area is the small one.
    """
    a, b = ellipse["semi_major_m"], ellipse["semi_minor_m"]
    bearing = math.radians(ellipse["bearing_deg"])
    ring = []
    for k in range(points):
        angle = -2 * math.pi * k / points
        along, across = a * math.cos(angle), b * math.sin(angle)
        ring.append(
            _walk(latitude_deg, longitude_deg, bearing + math.atan2(across, along), math.hypot(along, across))
        )
    return np.array([*ring, ring[0]])


def inside_ellipse(
    latitude_deg: float, longitude_deg: float, ellipse: dict[str, float], latitude2: float, longitude2: float
) -> bool:
    """Say whether the second place lies in an ellipse about the first."""
    places = [math.radians(a) for a in (latitude_deg, longitude_deg, latitude2, longitude2)]
    distance = ellipsoid.distance(*places)
    turn = ellipsoid.azimuth(*places) - math.radians(ellipse["bearing_deg"])
    along, across = distance * math.cos(turn), distance * math.sin(turn)
    return (along / ellipse["semi_major_m"]) ** 2 + (across / ellipse["semi_minor_m"]) ** 2 <= 1.0


def area_rings(area: dict[str, Any]) -> list[Array]:
    """Give every ring (n, 2) of longitude, latitude [deg] of a GeoJSON Polygon or MultiPolygon, holes too."""
    polygons = [area["coordinates"]] if area["type"] == "Polygon" else area["coordinates"]
    return [np.array(ring, dtype=np.float64) for polygon in polygons for ring in polygon]


def inside_area(area: dict[str, Any], latitude_deg: float, longitude_deg: float) -> bool:
    """Say whether a place lies in a GeoJSON Polygon or MultiPolygon."""
    return bool(borders.inside(area, np.array([latitude_deg]), np.array([longitude_deg]))[0])


def radar_sector(sensor: dict[str, Any]) -> Array:
    """Trace a radar's sector on the ground, out to its range: a ring (n, 2) of longitude, latitude [deg]."""
    latitude, longitude, reach = sensor["latitude_deg"], sensor["longitude_deg"], sensor["range_max_m"]
    start, stop = sensor.get("azimuth_from_deg", 0.0), sensor.get("azimuth_to_deg", 360.0)
    width = (stop - start) % 360 or 360.0
    arc = [
        _walk(latitude, longitude, math.radians(start + width * k / 90), reach) for k in range(91)
    ]  # reach along the ground: a drawing, not the radar's slant horizon
    return np.array(arc if width == 360.0 else [(longitude, latitude), *arc, (longitude, latitude)])


def predicted_arc(
    r: Array, v: Array, longest: float = 5400.0, points: int = 160
) -> tuple[Array, Array, Array]:
    """Coast from `r`, `v` (3,) in vacuum to the ground: times (n,) [s], positions, velocities (n, 3)."""
    x = np.concatenate([r, v]).astype(np.float64)
    _, fall_time, _, status = coast.fall(x, 0.0)
    end = float(fall_time) if status == 0 else longest
    count = max(2, min(points, int(end / 2) + 2))
    step = end / (count - 1)
    rows = [x]
    for _ in range(count - 1):
        rows.append(np.asarray(coast.propagate(rows[-1], step, 0.0)))
    states = np.array(rows)
    return np.arange(count, dtype=np.float64) * step, states[:, :3], states[:, 3:]


def centred(latitude_deg: float, longitude_deg: float, lonlat: Array) -> Array:
    """Project `lonlat` (n, 2) [deg] to (n, 2) east, north [km] about a centre.

    Azimuthal equidistant on the sphere (Snyder 1987, eq. 22-4, 22-5, 25-2): true distances from the centre.
    """
    phi0, lam0 = math.radians(latitude_deg), math.radians(longitude_deg)
    lam, phi = np.radians(lonlat[:, 0]) - lam0, np.radians(lonlat[:, 1])
    cosine = math.sin(phi0) * np.sin(phi) + math.cos(phi0) * np.cos(phi) * np.cos(lam)
    c = np.arccos(np.clip(cosine, -1.0, 1.0))
    scale = MEAN_RADIUS_KM / np.maximum(np.sinc(c / math.pi), 1e-9)
    east = scale * np.cos(phi) * np.sin(lam)
    north = scale * (math.cos(phi0) * np.sin(phi) - math.sin(phi0) * np.cos(phi) * np.cos(lam))
    return np.column_stack([east, north])


def uncentred(latitude_deg: float, longitude_deg: float, xy: Array) -> tuple[float, float]:
    """Undo `centred` for a point `xy` (2,) [km]: latitude, longitude [deg] (Snyder 1987, 20-14, 20-15)."""
    c, azimuth = math.hypot(*xy) / MEAN_RADIUS_KM, math.atan2(xy[0], xy[1])
    phi0 = math.radians(latitude_deg)
    sine = math.sin(phi0) * math.cos(c) + math.cos(phi0) * math.sin(c) * math.cos(azimuth)
    turn = math.atan2(math.sin(azimuth) * math.sin(c) * math.cos(phi0), math.cos(c) - math.sin(phi0) * sine)
    latitude = math.degrees(math.asin(max(-1.0, min(1.0, sine))))
    return latitude, (longitude_deg + math.degrees(turn) + 180) % 360 - 180


def middle(lonlat: Array) -> tuple[float, float]:
    """Find the middle of places (n, 2) longitude, latitude [deg] as (latitude, longitude) [deg]."""
    lam, phi = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    unit = np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    x, y, z = unit.mean(axis=0)
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))


def _walk(latitude_deg: float, longitude_deg: float, azimuth: float, distance: float) -> tuple[float, float]:
    latitude, longitude = ellipsoid.destination(
        math.radians(latitude_deg), math.radians(longitude_deg), azimuth, distance
    )
    return math.degrees(longitude), math.degrees(latitude)
