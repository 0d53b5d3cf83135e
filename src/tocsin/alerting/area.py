"""The ground an alert is for: a closed ring around an ellipse on the ellipsoid."""

import math

from tocsin.earth.ellipsoid import destination, distance
from tocsin.messages import Ellipse

Ring = tuple[tuple[float, float], ...]


def ring(latitude_deg: float, longitude_deg: float, ellipse: Ellipse, points: int, axis_min_m: float) -> Ring:
    """Draw a polygon that contains the ellipse: `points` corners and the first again, (lat, lon) [deg].

    The corners lie on an ellipse larger by 1/cos(π/points), so that the sides touch the one asked for
    instead of cutting it. Axes under `axis_min_m` are drawn that long. Longitudes are in [-180, 180]: a
    ring over the antimeridian jumps from one to the other between two corners, and `formats.cap` cuts it
    there. Rounded to five decimals (about 1 m). A corner is found as azimuth and geodesic distance from the
    centre. An ellipse long enough to reach a pole is drawn as the circle around it: a thin one over a
    pole would cross itself on a map of latitude and longitude.
    """
    grow = 1 / math.cos(math.pi / points)
    major = max(ellipse.semi_major_m, axis_min_m) * grow
    minor = max(ellipse.semi_minor_m, axis_min_m) * grow
    bearing = math.radians(ellipse.bearing_deg)
    centre = math.radians(latitude_deg), math.radians(longitude_deg)
    pole = math.copysign(math.pi / 2, centre[0])
    if distance(*centre, pole, centre[1]) < major:
        minor = major
    corners = []
    for i in range(points):
        angle = 2 * math.pi * i / points
        along, across = major * math.cos(angle), minor * math.sin(angle)
        lat, lon = destination(*centre, bearing + math.atan2(across, along), math.hypot(along, across))[:2]
        corners.append((_rounded(math.degrees(lat)), _rounded(_wrapped(math.degrees(lon)))))
    return (*corners, corners[0])


def _wrapped(longitude_deg: float) -> float:
    return longitude_deg if -180 <= longitude_deg <= 180 else (longitude_deg + 180) % 360 - 180


def _rounded(value: float) -> float:
    return round(value, 5) + 0.0  # + 0.0 turns -0.0 into 0.0
