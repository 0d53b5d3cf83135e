"""What a message must keep across its fields, beyond what `messages` says of each."""

import math
from collections.abc import Iterable
from typing import Any

from tocsin.constants import EARTH_GM, EARTH_RADIUS
from tocsin.earth.time import format_utc, parse_utc
from tocsin.formats.wire import LineError, short, unbounded
from tocsin.messages import (
    IDENTITIES,
    SECOND,
    Catalogue,
    Decision,
    Incoming,
    InfraredDetection,
    Notification,
    RadarDetection,
    Scan,
    Sensor,
    Summary,
)

LONGEST_LOOK_S = 86_400.0
STRAY = 60 * SECOND  # a detection this far outside its look is a wrong time, not light time
LOWEST_M, HIGHEST_M = (
    6_300_000.0,
    500_000_000.0,
)  # no satellite is nearer to or farther from the Earth's centre
FASTEST_MPS = 50_000.0  # relative to the rotating Earth: 36,500 m/s of it is rotation at `HIGHEST_M`

RADAR_NEEDS = (
    "latitude_deg", "longitude_deg", "height_m", "range_sigma_m", "azimuth_sigma_deg", "elevation_sigma_deg",
    "range_max_m",
)  # fmt: skip
ELEMENTS = {  # the mean elements SGP4 cannot do without (CCSDS 502.0-B), and their range
    "MEAN_MOTION": (1e-3, 20.0),
    "ECCENTRICITY": (0.0, 1.0),
    "INCLINATION": (0.0, 180.0),
    "RA_OF_ASC_NODE": (-360.0, 360.0),
    "ARG_OF_PERICENTER": (-360.0, 360.0),
    "MEAN_ANOMALY": (-360.0, 360.0),
}
DRAG = ("BSTAR", "MEAN_MOTION_DOT", "MEAN_MOTION_DDOT")  # of which SGP4 takes nothing for 0

OPEN_FIELDS = (
    "orbit",
    "omm",
    "field_of_regard",
    "coverage",
    "area",
    "impact_area",
)  # whose content is not ours


def verify(message: Incoming) -> None:
    """Raise `LineError` naming the field if `message` contradicts itself or lacks what its type needs."""
    _verify_bounds(message)
    if isinstance(message, Scan):
        _verify_scan(message)
    elif isinstance(message, Sensor):
        _verify_sensor(message)
    elif isinstance(message, Notification):
        _verify_notification(message)
    elif isinstance(message, Catalogue):
        for i, elements in enumerate(message.omm):
            _verify_elements(elements, f"omm[{i}]")
    elif isinstance(message, Summary) and message.sensor is None and message.path is None:
        raise LineError("sensor", "is missing; a summary names its sensor or its path")
    elif isinstance(message, Decision) and message.action == "fix-identity":
        _verify_identity(message.identity)


def _verify_bounds(message: Incoming) -> None:
    """Refuse whole numbers beyond 64 bits, which the format lets through and nothing after it can carry."""
    for name in ("seq", "count", *OPEN_FIELDS):
        value = getattr(message, name, None)
        if value is None:
            continue
        field, number = unbounded(value, name)
        if number:
            raise LineError(field, f"{number} is out of range")


def _verify_identity(identity: str | None) -> None:
    if identity not in IDENTITIES:
        raise LineError("identity", f"{short(identity)} is not one of: {', '.join(IDENTITIES)}")


def _verify_sensor(sensor: Sensor) -> None:
    if sensor.type == "infrared":
        if sensor.los_sigma_urad is None:
            raise LineError(
                "los_sigma_urad", "is missing; an infrared sensor needs its accuracy, 1 sigma per axis"
            )
        if sensor.orbit is not None and sensor.tle is not None:
            raise LineError("tle", "stands beside orbit; give one of them")
        if sensor.orbit is not None:
            _verify_elements(sensor.orbit, "orbit")
        if sensor.tle is not None:
            _verify_tle(sensor.tle)
    else:
        for name in RADAR_NEEDS:
            if getattr(sensor, name) is None:
                raise LineError(name, f"is missing; a radar needs {', '.join(RADAR_NEEDS)}")
        if sensor.elevation_min_deg >= sensor.elevation_max_deg:
            limits = (
                f"{sensor.elevation_min_deg:g} is not below elevation_max_deg {sensor.elevation_max_deg:g}"
            )
            raise LineError("elevation_min_deg", limits)
        _verify_horizon(sensor)
    if sensor.field_of_regard is not None:
        verify_area(sensor.field_of_regard, "field_of_regard")


def _verify_horizon(sensor: Sensor) -> None:
    """Refuse a radar whose whole sector lies below its horizon."""
    height = max(sensor.height_m or 0.0, 0.0)
    horizon_deg = -math.degrees(math.acos(EARTH_RADIUS / (EARTH_RADIUS + height)))
    if sensor.elevation_max_deg <= horizon_deg:
        limits = f"{sensor.elevation_max_deg:g} is not above the horizon, {horizon_deg:.3g} at this height"
        raise LineError(
            "elevation_max_deg", f"{limits}: it would see nothing but ground; 0 is level, 90 straight up"
        )


def _verify_scan(scan: Scan) -> None:
    if scan.duration_s > LONGEST_LOOK_S:
        raise LineError("duration_s", f"{scan.duration_s:g} s is longer than a day")
    earliest, latest = scan.time - STRAY, scan.end + STRAY
    detections: tuple[InfraredDetection | RadarDetection, ...] = scan.detections
    for i, detection in enumerate(detections):
        if not earliest <= detection.time <= latest:
            look = f"the look of {scan.duration_s:g} s from {format_utc(scan.time)}"
            raise LineError(f"detections[{i}].time", f"{format_utc(detection.time)} is outside {look}")
    if (scan.position_m is None) != (scan.velocity_mps is None):
        absent = "velocity_mps" if scan.velocity_mps is None else "position_m"
        raise LineError(absent, "is missing; position_m and velocity_mps come together")
    if scan.position_m is not None and scan.velocity_mps is not None:
        _verify_motion(math.hypot(*scan.position_m), math.hypot(*scan.velocity_mps))
    if scan.coverage is not None:
        _verify_coverage(scan.coverage)


def _verify_motion(radius: float, speed: float) -> None:
    if not LOWEST_M <= radius <= HIGHEST_M:
        hint = "; is it in kilometres?" if LOWEST_M <= radius * 1e3 <= HIGHEST_M else ""
        raise LineError(
            "position_m", f"is {radius:.6g} m from the Earth's centre, outside 6.3e6 to 5e8{hint}"
        )
    if speed > FASTEST_MPS:
        raise LineError("velocity_mps", f"is {speed:.6g} m/s, faster than any satellite")


def _verify_coverage(coverage: dict[str, Any]) -> None:
    """Take a radar sector (the sensor's four names) or a GeoJSON polygon."""
    if "type" in coverage:
        verify_area(coverage, "coverage")
        return
    for name in ("azimuth_from_deg", "azimuth_to_deg", "elevation_min_deg", "elevation_max_deg"):
        if name in coverage:
            _number(coverage[name], f"coverage.{name}", -360.0, 720.0)


def _verify_notification(notice: Notification) -> None:
    has_point = notice.latitude_deg is not None and notice.longitude_deg is not None
    if not has_point and notice.area is None:
        absent = "longitude_deg" if notice.latitude_deg is not None else "latitude_deg"
        raise LineError(absent, "is missing; a notification needs latitude_deg and longitude_deg, or area")
    if notice.window_end <= notice.window_start:
        raise LineError("window_end", f"{format_utc(notice.window_end)} is not after window_start")
    for name in ("area", "impact_area"):
        area = getattr(notice, name)
        if area is not None:
            verify_area(area, name)


def _verify_elements(elements: dict[str, Any], path: str) -> None:
    epoch = elements.get("EPOCH")
    if not isinstance(epoch, str):
        raise LineError(f"{path}.EPOCH", "is missing" if epoch is None else f"{short(epoch)} is not a time")
    try:
        parse_utc(epoch if epoch.endswith("Z") else epoch + "Z")
    except ValueError as error:
        raise LineError(f"{path}.EPOCH", str(error)) from None
    for name, (low, high) in ELEMENTS.items():
        _number(elements.get(name), f"{path}.{name}", low, high)
    for name in DRAG:
        if elements.get(name) is not None:
            _number(elements[name], f"{path}.{name}", -1e3, 1e3)
    _verify_perigee(float(elements["MEAN_MOTION"]), float(elements["ECCENTRICITY"]), f"{path}.MEAN_MOTION")


def _verify_perigee(revolutions_a_day: float, eccentricity: float, path: str) -> None:
    """Refuse an orbit that runs into the Earth."""
    rate = revolutions_a_day * 2 * math.pi / 86_400
    perigee = (EARTH_GM / rate**2) ** (1 / 3) * (1 - eccentricity) - EARTH_RADIUS
    if perigee < 0:
        orbit = f"{revolutions_a_day:g} revolutions a day with eccentricity {eccentricity:g}"
        raise LineError(
            path, f"{orbit} has its lowest point {-perigee / 1e3:,.0f} km underground: decayed, or mistyped"
        )


def _verify_tle(lines: tuple[str, str]) -> None:
    for i, line in enumerate(lines):
        if len(line) != 69 or not line.startswith(f"{i + 1} "):
            raise LineError(
                f"tle[{i}]", f'is not line {i + 1} of two-line elements: 69 characters from "{i + 1} "'
            )
        total = sum(int(c) if c.isdecimal() else c == "-" for c in line[:68] if c.isascii())
        if line[68] != str(total % 10):
            raise LineError(f"tle[{i}]", f"has checksum {line[68]}, its characters give {total % 10}")
    try:
        motion, eccentricity = float(lines[1][52:63]), float(f"0.{lines[1][26:33].strip()}")
    except ValueError:
        raise LineError(
            "tle[1]", "has no eccentricity in columns 27 to 33 or no mean motion in 53 to 63"
        ) from None
    _number(motion, "tle[1]", *ELEMENTS["MEAN_MOTION"], "; columns 53 to 63 are revolutions a day")
    _verify_perigee(motion, eccentricity, "tle[1]")


def verify_area(area: dict[str, Any], path: str) -> None:
    """Raise `LineError` unless `area` is a GeoJSON Polygon or MultiPolygon (RFC 7946) or a Feature of one."""
    kind = area.get("type")
    if kind == "Feature" and isinstance(area.get("geometry"), dict):
        verify_area(area["geometry"], f"{path}.geometry")
        return
    if kind not in ("Polygon", "MultiPolygon"):
        raise LineError(f"{path}.type", f"{short(kind)} is not Polygon or MultiPolygon")
    polygons = [area.get("coordinates")] if kind == "Polygon" else area.get("coordinates")
    for polygon in _items(polygons, f"{path}.coordinates"):
        for ring in _items(polygon, f"{path}.coordinates"):
            _verify_ring(ring, f"{path}.coordinates")


def _verify_ring(ring: Any, path: str) -> None:
    places = list(_items(ring, path))
    if len(places) < 4 or places[0] != places[-1]:
        raise LineError(path, "a ring has at least four positions and ends where it begins")
    for place in places:
        if not isinstance(place, list) or len(place) < 2:
            raise LineError(path, f"{short(place)} is not a position [longitude, latitude]")
        _number(place[0], path, -360.0, 360.0)
        hint = "; GeoJSON is [longitude, latitude]: exchanged?"
        _number(place[1], path, -90.0, 90.0, hint)


def _items(value: Any, path: str) -> Iterable[Any]:
    if not isinstance(value, list) or not value:
        raise LineError(path, f"{short(value)} is not a list of coordinates")
    return value


def _number(value: Any, path: str, low: float, high: float, hint: str = "") -> None:
    """Accept a number, or its text (an OMM's values may be either), from `low` to `high`."""
    try:
        if isinstance(value, bool):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        why = "is missing" if value is None else f"{short(value)} is not a number"
        raise LineError(path, why) from None
    if not low <= number <= high:
        raise LineError(path, f"{number:g} is outside {low:g} to {high:g}{hint}")
