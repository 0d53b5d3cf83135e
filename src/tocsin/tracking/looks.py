"""One look of one sensor as tracking takes it: times and arrays in SI, ITRF, in the order of the scan."""

from operator import attrgetter
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tocsin.earth.frames import EarthRotation
from tocsin.earth.sky import sun_itrf
from tocsin.messages import Array, InfraredScan, Instant, RadarScan, Scan
from tocsin.sensors.infrared import MICRORADIAN, Infrared
from tocsin.sensors.platform import Platform
from tocsin.sensors.radar import Radar
from tocsin.tracking.clutter import stray_log_density
from tocsin.tracking.sightings import Sighting

_MEASURED = attrgetter("range_m"), attrgetter("azimuth_deg"), attrgetter("elevation_deg")
_TIME, _RATE, _SIGMA = attrgetter("time"), attrgetter("range_rate_mps"), attrgetter("sigma")


class InfraredLook(Struct, frozen=True):
    """What an infrared satellite saw; `platform` (3,): where it was at the end of the look [m].

    `sun` (3,): where the Sun stood [m, ITRF]; None where nobody asked.
    """

    sensor: str
    start: Instant
    end: Instant
    platform: Array
    sightings: tuple[Sighting, ...]
    coverage: dict[str, Any] | None
    sun: Array | None = None


class RadarLook(Struct, frozen=True):
    """What a radar saw: `z` (n, 4) range, azimuth, elevation, range rate; `sigmas` (n, 4); `times` (n,) [ns]."""

    sensor: str
    start: Instant
    end: Instant
    times: NDArray[np.int64]
    z: Array
    sigmas: Array
    has_rate: NDArray[np.bool_]
    index: NDArray[np.int64]
    coverage: dict[str, Any] | None


def infrared_look(scan: Scan, sensor: Infrared, platform: Platform, rotation: EarthRotation) -> InfraredLook:
    """Turn a scan's angles into directions in ITRF from where the satellite was. Plots of a radar are not its."""
    sightings = []
    stray = 0.0
    detections = scan.detections if isinstance(scan, InfraredScan) else ()
    angles = np.radians([(d.right_ascension_deg, d.declination_deg) for d in detections]).reshape(-1, 2)
    (cos_ra, cos_dec), (sin_ra, sin_dec) = np.cos(angles).T, np.sin(angles).T
    directions = np.column_stack([cos_dec * cos_ra, cos_dec * sin_ra, sin_dec])
    for i, (d, way) in enumerate(zip(detections, directions, strict=True)):
        u = rotation.itrf_from_gcrf(d.time) @ way if d.frame == "GCRF" else way.copy()
        sigma = sensor.sigma if d.sigma_urad is None else d.sigma_urad * MICRORADIAN
        where = platform.position(scan, d.time)
        if i == 0:
            stray = stray_log_density(sensor, where)
        sightings.append(
            Sighting.of(sensor.id, d.time, i, u, where, sigma, sensor.bias_sigma, sensor.cloud_top, stray)
        )
    return InfraredLook(
        sensor.id, scan.time, scan.end, platform.position(scan, scan.end), tuple(sightings), scan.coverage,
        sun_itrf(rotation, scan.end) if sightings else None,
    )  # fmt: skip


def radar_look(scan: Scan, sensor: Radar) -> RadarLook:
    """Turn a scan's plots into arrays; biases widen the sigmas.

    An empty look of a radar may come as an infrared one: nothing in it tells them apart.
    """
    detections = scan.detections if isinstance(scan, RadarScan) else ()
    n = len(detections)
    z, times = np.empty((n, 4)), np.fromiter(map(_TIME, detections), np.int64, n)
    for column, number in enumerate(_MEASURED):
        z[:, column] = np.fromiter(map(number, detections), np.float64, n)
    z[:, 1:3] = np.radians(z[:, 1:3])
    z[:, 1] %= 2 * np.pi
    rates = list(map(_RATE, detections))
    z[:, 3] = np.nan if rates.count(None) == n else [np.nan if rate is None else rate for rate in rates]
    sigmas = np.empty((n, 4))
    sigmas[:] = sensor.sigmas()
    own = list(map(_SIGMA, detections))
    for i, sigma in enumerate(own if own.count(None) < n else ()):
        if sigma is not None:
            sigmas[i] = sensor.sigmas(sigma)
    widen = [sensor.range_bias_sigma, sensor.angle_bias_sigma, sensor.angle_bias_sigma, 0.0]
    if any(widen):
        sigmas = np.hypot(sigmas, widen)
    return RadarLook(
        sensor.id, scan.time, scan.end, times, z, sigmas,
        np.isfinite(z[:, 3]) & np.isfinite(sigmas[:, 3]), np.arange(n), scan.coverage,
    )  # fmt: skip
