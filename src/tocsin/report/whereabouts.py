"""Where the sensors of a recording stand, as places on the ground."""

import numpy as np

from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.time import parse_utc
from tocsin.messages import Array, Sensor
from tocsin.report import ground, wording
from tocsin.report.results import Look, Message, Recording
from tocsin.sensors.platform import Platform, PlatformError


def sensor_points(recorded: Recording) -> dict[str, Array]:
    """Give longitude, latitude [deg] of each sensor whose place is known; a satellite's sub-point."""
    first: dict[str, Look] = {}
    for look in recorded.looks:
        first.setdefault(look.sensor, look)
    points: dict[str, Array] = {}
    for name, sensor in recorded.sensors.items():
        if sensor.get("latitude_deg") is not None and sensor.get("longitude_deg") is not None:
            points[name] = np.array([sensor["longitude_deg"], sensor["latitude_deg"]])
        elif name in first and (r := _satellite(sensor, first[name])) is not None:
            points[name] = ground.geodetic_deg(r[None, :])[0, [1, 0]]
    return points


def _satellite(sensor: Message, look: Look) -> Array | None:
    if look.position_m is not None:
        return np.array(look.position_m)
    if sensor.get("orbit") is None and sensor.get("tle") is None:
        return None
    tle = (str(sensor["tle"][0]), str(sensor["tle"][1])) if sensor.get("tle") else None
    try:
        known = Sensor(origin="test", id=sensor["id"], type="infrared", orbit=sensor.get("orbit"), tle=tle)
        return Platform(known, EarthRotation(bundled())).from_orbit(parse_utc(wording.iso(look.time)))
    except (PlatformError, KeyError, ValueError):
        return None  # a drawing goes without it; the run itself has said what is wrong with the orbit
