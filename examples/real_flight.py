"""Watch a real flight: two satellites and a radar look at the first stage of BulgariaSat-1, Tocsin processes it.

    .venv/bin/python examples/real_flight.py [--seed N] [--seeds N] [--out DIR]

The flight is real (`bulgariasat.py` says what of it is measured and what assumed), the satellites' orbits are real
ones moved to the day of the flight, the sensors' accuracies and the radar are nominal. The upper stage is left out:
the table does not hold it; a satellite and a radar would have seen it too.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import erfa
import numpy as np
from bulgariasat import ENTRY_BURN, LIFT_OFF, PAD, Array, Flight, burning, real_flight
from sgp4.api import Satrec

from tocsin import journal
from tocsin.earth.ellipsoid import distance
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.time import format_utc, parse_utc, tai_minus_utc
from tocsin.formats import jsonl
from tocsin.messages import (
    SECOND,
    Incoming,
    InfraredDetection,
    InfraredScan,
    Instant,
    RadarDetection,
    RadarScan,
    Sensor,
    Warning,
)
from tocsin.run import process
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.platform import Platform
from tocsin.sensors.radar import Radar

# Two-line elements of 6 August 2026 (CelesTrak, public). Only the places in the sky are theirs: an accuracy of
# 30 µrad and a look every 10 s are nominal, and GOES 18, a weather satellite, serves for its longitude.
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

# A nominal radar on Grand Bahama, placed by geometry: from there the whole arc, 27 to 119 km up and 190 to 420 km
# away, stands higher than 3 degrees; from Bermuda it lies under the horizon.
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
IMPACT_WITHIN = 25_000.0  # m, what the project promises of this flight


class Result(NamedTuple):
    """What came of one recording. `versions`: every version of every warning; distances [m], times [s]."""

    versions: list[Warning]
    first: Warning
    last: Warning  # before the entry burn
    warnings: int
    launch_error: float
    impact_error: float
    impact_time_error: float


# ------------------------------------------------------------------------------------------------ what looks


def moved(tle: tuple[str, str], epoch: Instant) -> tuple[str, str]:
    """Move two-line elements to another epoch, keeping the satellite over its longitude.

    The mean anomaly turns by as much as the Earth has between the two epochs; all else stays, the checksums are new.
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
            origin="test", id=name.lower().replace(" ", "-"), type="infrared", tle=moved(tle, parse_utc(EPOCH)),
            los_sigma_urad=30.0, scan_period_s=10.0, detection_probability=0.95, false_alarms_per_scan=3.0,
        )
        for name, tle in SATELLITES.items()
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------ what they see


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
    """Look for a second in every ten: the stage where its plume burns and shows, and false alarms on the disk."""
    eye = Infrared.from_message(sensor)
    orbit = Platform(sensor, rotation)
    for start in _starts(flight, 10.0, 1.0, random):
        found = []
        t = start + round(random.uniform(), 6)
        here = orbit.from_orbit(_instant(t))
        if burning(t) and random.uniform() < sensor.detection_probability:
            r = flight.at(t)
            if eye.visible(r, here)[0]:
                found.append(_sighting(r - here, eye.sigma * random.standard_normal(2), rotation, t))
        for _ in range(random.poisson(sensor.false_alarms_per_scan)):
            t = start + round(random.uniform(), 6)
            found.append(_sighting(_on_the_disk(here, random), np.zeros(2), rotation, t))
        found.sort(key=lambda d: d.time)
        yield InfraredScan(
            origin="test", sensor=sensor.id, time=_instant(start), duration_s=1.0, detections=tuple(found),
            received=_instant(start + 1.0 + ARRIVES_AFTER),
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
            origin="test", sensor=RADAR.id, time=_instant(start), duration_s=5.0, detections=tuple(plots),
            received=_instant(start + 5.0 + ARRIVES_AFTER),
        )  # fmt: skip


def _starts(flight: Flight, period: float, duration: float, random: np.random.Generator) -> Iterator[float]:
    """Give the starts of looks [s] from before lift-off to the table's last second, at a phase of their own."""
    first = -BEFORE + round(random.uniform(0.0, period), 3)
    count = int((flight.end - duration - first) // period) + 1
    return (round(first + k * period, 3) for k in range(count))


def _sighting(d: Array, error: Array, rotation: EarthRotation, t: float) -> InfraredDetection:
    """Report the direction of `d` (3,), ITRF, off by two small angles [rad]."""
    x, y, z = rotation.itrf_from_gcrf(_instant(t)).T @ (d / np.linalg.norm(d))
    declination = np.arcsin(z) + error[1]
    right_ascension = np.arctan2(y, x) + error[0] / np.cos(declination)
    return InfraredDetection(
        time=_instant(t),
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
        time=_instant(t), range_m=float(z[0]),
        azimuth_deg=float(np.degrees(z[1]) % 360.0), elevation_deg=float(np.degrees(z[2])),
    )  # fmt: skip


def _instant(t: float) -> Instant:
    """Give the instant `t` [s] after lift-off."""
    return Instant(LIFT_OFF + round(t * 1_000_000) * 1_000)


# ------------------------------------------------------------------------------------------------ what comes of it


def watch(flight: Flight, seed: int, folder: Path) -> Result:
    """Write the recording, process it as `tocsin process` does, and hold the answer against the flight."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "bulgariasat-1.jsonl.gz"
    with journal.Writer(path) as writer:
        for message in recording(flight, seed):
            writer.append(message)
    outcome = process([path], folder / "run")
    assert outcome.exit_code == 0, outcome.notes
    lines = (folder / "run" / "warnings.jsonl").read_bytes().splitlines()
    versions = [event for event in map(jsonl.decode_event, lines) if isinstance(event, Warning)]
    return judged(flight, versions)


def judged(flight: Flight, versions: list[Warning]) -> Result:
    """Hold the last version before the entry burn against the real pad and the arc's end."""
    early = [w for w in versions if w.parent is None and w.time <= _instant(ENTRY_BURN)]
    assert early, "no warning before the entry burn"
    last = early[-1]
    assert last.launch is not None
    assert last.impact is not None
    lat, lon, t = flight.arc.impact()
    pad_error = distance(*PAD, np.radians(last.launch.latitude_deg), np.radians(last.launch.longitude_deg))
    miss = distance(lat, lon, np.radians(last.impact.latitude_deg), np.radians(last.impact.longitude_deg))
    late = (last.impact.time - LIFT_OFF) / SECOND - t
    warnings = len({w.id for w in versions if w.parent is None})
    return Result(versions, early[0], last, warnings, pad_error, miss, late)


def verify(result: Result) -> None:
    """Assert what the project promises of this flight."""
    last = result.last
    assert result.warnings == 1, f"{result.warnings} warnings"
    assert max(last.identity, key=lambda name: last.identity[name]) == "ballistic-missile", last.identity
    assert last.phase == "coast", last.phase
    assert result.impact_error < IMPACT_WITHIN, f"impact {result.impact_error / 1e3:.1f} km off"


def timeline(result: Result) -> Iterator[str]:
    """Tell the story version by version."""
    for w in result.versions:
        t = (w.time - LIFT_OFF) / SECOND
        impact = "-" if w.impact is None else f"{w.impact.latitude_deg:.2f} {w.impact.longitude_deg:.2f}"
        size = "" if w.impact is None else f" ± {w.impact.ellipse_95.semi_major_m / 1e3:.0f} km"
        yield f"T+{t:5.1f} s  {w.id} v{w.version:<3} {w.state:12} {w.phase:8} impact {impact}{size}"


def report(flight: Flight, result: Result) -> Iterator[str]:
    """Tell the numbers."""
    arc, last = flight.arc, result.last
    assert last.launch is not None
    assert last.impact is not None
    lat, lon, t = arc.impact()
    yield f"measured altitude and speed about the arc, rms   {arc.altitude_rms:.0f} m, {arc.speed_rms:.2f} m/s"
    yield f"arc's end                                        {np.degrees(lat):.3f} {np.degrees(lon):.3f} at T+{t:.0f} s"
    yield f"warnings                                         {result.warnings}"
    yield f"first version                                    T+{(result.first.time - LIFT_OFF) / SECOND:.0f} s"
    yield f"last version before the entry burn               T+{(last.time - LIFT_OFF) / SECOND:.0f} s, {last.phase}"
    name = max(last.identity, key=lambda key: last.identity[key])
    yield f"most likely                                      {name} {last.identity[name]:.2f}"
    size = last.launch.ellipse_95.semi_major_m / 1e3
    yield f"launch point off by                              {result.launch_error / 1e3:.1f} km (ellipse {size:.1f} km)"
    size = last.impact.ellipse_95.semi_major_m / 1e3
    yield f"impact off by                                    {result.impact_error / 1e3:.1f} km (ellipse {size:.1f} km)"
    yield f"time of impact off by                            {result.impact_time_error:+.1f} s"


def main() -> None:
    """Run the example."""
    parser = argparse.ArgumentParser(description="Watch a real flight.")
    parser.add_argument("--seed", type=int, default=2017, help="of noise, misses, false alarms and phases")
    parser.add_argument("--seeds", type=int, default=0, help="try so many seeds and print a line of each")
    parser.add_argument("--out", type=Path, help="keep the recording and the run's folder here")
    parser.add_argument("--story", action="store_true", help="print every version of the warning")
    options = parser.parse_args()
    flight = real_flight()
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(1, options.seeds + 1):
            r = watch(flight, seed, Path(scratch) / str(seed))
            print(
                f"seed {seed:3}: {r.warnings} warnings, {r.last.phase}, launch {r.launch_error / 1e3:.1f} km, "
                f"impact {r.impact_error / 1e3:.1f} km {r.impact_time_error:+.1f} s"
            )
        result = watch(flight, options.seed, options.out or Path(scratch) / "one")
    for line in [*(timeline(result) if options.story else ()), *report(flight, result)]:
        print(line)
    verify(result)


if __name__ == "__main__":
    main()
