"""Who watches the real flight and what they report: a recording with noise, misses and false alarms.

The satellites' orbits are real, moved to the day of the flight; accuracies, habits and the radar are nominal.
One seed gives all random numbers: noise, misses, false alarms and the phases of the looks.
"""

from collections.abc import Iterator

import erfa
import numpy as np
from bulgariasat import LIFT_OFF, Array, Flight, burning
from sgp4.api import Satrec

from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.time import format_utc, parse_utc, tai_minus_utc
from tocsin.messages import (
    SECOND,
    Incoming,
    InfraredDetection,
    InfraredScan,
    Instant,
    RadarDetection,
    RadarScan,
    Sensor,
)
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.platform import Platform
from tocsin.sensors.radar import Radar

# Two-line elements of 6 August 2026 (CelesTrak, public). Only the places in the sky are theirs: 30 µrad and a
# look every 10 s are nominal, and GOES 18, a weather satellite, serves for its longitude.
SATELLITES = {
    "SBIRS GEO-2": (
        "1 39120U 13011A   26218.13888200 -.00000283  00000+0  00000+0 0  9992",
        "2 39120   4.5946  52.4889 0001917  79.3096 183.0732  1.00271613 49034",
    ),
    "GOES 18": (
        "1 51850U 22021A   26218.27545926  .00000102  00000+0  00000+0 0  9996",
        "2 51850   0.0165 312.2761 0000603 252.8644  71.8295  1.00271425  7095",
    ),
}
EPOCH = "2017-06-23T19:00:00Z"  # of the moved elements

# A nominal radar on Grand Bahama, placed by geometry: there the arc from cut-off to entry burn stands higher
# than 3 degrees; from Bermuda most of it lies under the horizon.
RADAR = Sensor(
    origin="test", id="radar-bahama", type="radar",
    latitude_deg=26.6, longitude_deg=-78.3, height_m=10.0,
    range_sigma_m=50.0, azimuth_sigma_deg=0.1, elevation_sigma_deg=0.1,
    elevation_min_deg=3.0, elevation_max_deg=85.0, range_max_m=1_500_000.0,
    scan_period_s=5.0, detection_probability=0.9, false_alarms_per_scan=3.0,
)  # fmt: skip

BEFORE = 60.0  # s of empty sky before lift-off
ARRIVES_AFTER = 0.5  # s from the end of a look
DISK = np.radians(8.6)  # half angle of the Earth from the geostationary orbit
NEAREST, FARTHEST = 30e3, 1_500e3  # m, of the radar's false alarms


def moved(tle: tuple[str, str], epoch: Instant) -> tuple[str, str]:
    """Move two-line elements to another epoch, keeping the satellite over its longitude.

    The mean anomaly turns by as much as the Earth has between the epochs; all else stays, checksums are new.
    """
    old = Satrec.twoline2rv(*tle)
    days, rest = divmod(epoch - round(tai_minus_utc(epoch) * SECOND), 86_400 * SECOND)
    part = rest / SECOND / 86_400
    turn = np.degrees(erfa.gmst82(2_440_587.5 + days, part) - erfa.gmst82(old.jdsatepoch, old.jdsatepochF))
    anomaly = (float(tle[1][43:51]) + turn) % 360.0
    date = format_utc(epoch)
    day = (epoch - parse_utc(f"{date[:4]}-01-01T00:00:00Z")) // (86_400 * SECOND) + 1 + part
    return (
        _with_checksum(f"{tle[0][:18]}{date[2:4]}{day:012.8f}{tle[0][32:68]}"),
        _with_checksum(f"{tle[1][:43]}{anomaly:8.4f}{tle[1][51:68]}"),
    )


def _with_checksum(line: str) -> str:
    return line + str(sum(int(c) if c.isdigit() else c == "-" for c in line) % 10)


def satellites() -> list[Sensor]:
    """Say what the two satellites are."""
    return [
        Sensor(
            origin="test", id=name.lower().replace(" ", "-"), type="infrared",
            tle=moved(tle, parse_utc(EPOCH)),
            los_sigma_urad=30.0, scan_period_s=10.0, detection_probability=0.95, false_alarms_per_scan=3.0,
        )
        for name, tle in SATELLITES.items()
    ]  # fmt: skip


def recording(flight: Flight, seed: int) -> list[Incoming]:
    """Build the recording: what each sensor is, then all looks in order of arrival."""
    rotation = EarthRotation(bundled())
    eyes = satellites()
    scans: list[InfraredScan | RadarScan] = list(radar_scans(flight, seed))
    for number, sensor in enumerate(eyes):
        scans += infrared_scans(flight, sensor, rotation, np.random.default_rng([seed, number + 1]))
    return [*eyes, RADAR, *sorted(scans, key=lambda scan: (scan.end, scan.sensor))]


def infrared_scans(
    flight: Flight, sensor: Sensor, rotation: EarthRotation, random: np.random.Generator
) -> Iterator[InfraredScan]:
    """Look for a second in every ten: the stage while its plume shows, and false alarms on the disk."""
    eye = Infrared.from_message(sensor)
    orbit = Platform(sensor, rotation)
    for start in _starts(flight, 10.0, 1.0, random):
        found = []
        t = start + round(random.uniform(), 6)
        here = orbit.from_orbit(instant(t))
        if burning(t) and random.uniform() < sensor.detection_probability:
            r = flight.at(t)
            if eye.visible(r, here)[0]:
                found.append(_sighting(r - here, eye.sigma * random.standard_normal(2), rotation, t))
        for _ in range(random.poisson(sensor.false_alarms_per_scan)):
            t = start + round(random.uniform(), 6)
            found.append(_sighting(_on_the_disk(here, random), np.zeros(2), rotation, t))
        found.sort(key=lambda d: d.time)
        yield InfraredScan(
            origin="test", sensor=sensor.id, time=instant(start), duration_s=1.0, detections=tuple(found),
            received=instant(start + 1.0 + ARRIVES_AFTER),
        )  # fmt: skip


def radar_scans(flight: Flight, seed: int) -> Iterator[RadarScan]:
    """Sweep in five seconds: the stage where it is in view, and false alarms all over the sector."""
    random = np.random.default_rng([seed, 0])
    radar = Radar.from_message(RADAR)
    low = np.array([NEAREST, 0.0, radar.elevation_min])
    high = np.array([FARTHEST, 2 * np.pi, radar.elevation_max])
    for start in _starts(flight, 5.0, 5.0, random):
        plots = []
        t = start + round(5.0 * random.uniform(), 6)
        seen = random.uniform() < RADAR.detection_probability
        noise = radar.sigmas()[:3] * random.standard_normal(3)
        if t > 0.0 and seen:
            r = flight.at(t)
            if radar.visible(r)[0]:
                z = radar.predict(np.concatenate([r, np.zeros(3)]))[0, :3]
                plots.append(_plot(z + noise, t))
        for _ in range(random.poisson(RADAR.false_alarms_per_scan)):
            plots.append(_plot(random.uniform(low, high), start + round(5.0 * random.uniform(), 6)))
        plots.sort(key=lambda d: d.time)
        yield RadarScan(
            origin="test", sensor=RADAR.id, time=instant(start), duration_s=5.0, detections=tuple(plots),
            received=instant(start + 5.0 + ARRIVES_AFTER),
        )  # fmt: skip


def _starts(flight: Flight, period: float, duration: float, random: np.random.Generator) -> Iterator[float]:
    """Give the starts of looks [s], from before lift-off to the table's last second, at their own phase."""
    first = -BEFORE + round(random.uniform(0.0, period), 3)
    count = int((flight.end - duration - first) // period) + 1
    return (round(first + k * period, 3) for k in range(count))


def _sighting(d: Array, error: Array, rotation: EarthRotation, t: float) -> InfraredDetection:
    """Report the direction of `d` (3,), ITRF, off by two small angles [rad]."""
    x, y, z = rotation.itrf_from_gcrf(instant(t)).T @ (d / np.linalg.norm(d))
    declination = np.arcsin(z) + error[1]
    right_ascension = np.arctan2(y, x) + error[0] / np.cos(declination)
    return InfraredDetection(
        time=instant(t),
        right_ascension_deg=float(np.degrees(right_ascension) % 360.0),
        declination_deg=float(np.degrees(declination)),
    )


def _on_the_disk(here: Array, random: np.random.Generator) -> Array:
    """Draw a direction (3,), uniform over the Earth's disk as seen from `here`."""
    nadir = -here / np.linalg.norm(here)
    side = np.cross(nadir, [0.0, 0.0, 1.0])
    side /= np.linalg.norm(side)
    cosine = random.uniform(np.cos(DISK), 1.0)
    sine, turn = np.sqrt(1.0 - cosine**2), random.uniform(0.0, 2 * np.pi)
    return cosine * nadir + sine * (np.cos(turn) * side + np.sin(turn) * np.cross(nadir, side))


def _plot(z: Array, t: float) -> RadarDetection:
    return RadarDetection(
        time=instant(t), range_m=float(z[0]),
        azimuth_deg=float(np.degrees(z[1]) % 360.0), elevation_deg=float(np.degrees(z[2])),
    )  # fmt: skip


def instant(t: float) -> Instant:
    """Give the instant `t` [s] after lift-off."""
    return Instant(LIFT_OFF + round(t * 1_000_000) * 1_000)
