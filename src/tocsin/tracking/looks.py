"""One look of one sensor as tracking takes it: times and arrays in SI, ITRF, in the order of the scan."""

from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tocsin.earth.frames import EarthRotation
from tocsin.messages import Array, InfraredScan, Instant, RadarScan, Scan
from tocsin.sensors.infrared import MICRORADIAN, Infrared
from tocsin.sensors.platform import Platform
from tocsin.sensors.radar import Radar
from tocsin.tracking.clutter import stray_log_density
from tocsin.tracking.sightings import Sighting


class InfraredLook(Struct, frozen=True):
    """What an infrared satellite saw; `platform` (3,): where it was at the end of the look [m]."""

    sensor: str
    start: Instant
    end: Instant
    platform: Array
    sightings: tuple[Sighting, ...]
    coverage: dict[str, Any] | None


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
    for i, d in enumerate(detections):
        ra, dec = np.radians(d.right_ascension_deg), np.radians(d.declination_deg)
        u = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
        if d.frame == "GCRF":
            u = rotation.itrf_from_gcrf(d.time) @ u
        sigma = sensor.sigma if d.sigma_urad is None else d.sigma_urad * MICRORADIAN
        where = platform.position(scan, d.time)
        if i == 0:
            stray = stray_log_density(sensor, where)
        sightings.append(
            Sighting.of(sensor.id, d.time, i, u, where, sigma, sensor.bias_sigma, sensor.cloud_top, stray)
        )
    return InfraredLook(
        sensor.id, scan.time, scan.end, platform.position(scan, scan.end), tuple(sightings), scan.coverage
    )


def radar_look(scan: Scan, sensor: Radar) -> RadarLook:
    """Turn a scan's plots into arrays; biases widen the sigmas.

    An empty look of a radar may come as an infrared one: nothing in it tells them apart.
    """
    detections = scan.detections if isinstance(scan, RadarScan) else ()
    n = len(detections)
    z = np.array([(d.range_m, d.azimuth_deg, d.elevation_deg) for d in detections]).reshape(-1, 3)
    rates = [np.nan if d.range_rate_mps is None else d.range_rate_mps for d in detections]
    z = np.column_stack([z[:, 0], np.radians(z[:, 1]) % (2 * np.pi), np.radians(z[:, 2]), rates])
    sigmas = np.tile(sensor.sigmas(), (n, 1))
    for i, d in enumerate(detections):
        if d.sigma is not None:
            sigmas[i] = sensor.sigmas(d.sigma)
    widen = [sensor.range_bias_sigma, sensor.angle_bias_sigma, sensor.angle_bias_sigma, 0.0]
    sigmas = np.hypot(sigmas, widen)
    return RadarLook(
        sensor.id, scan.time, scan.end, np.array([d.time for d in detections], dtype=np.int64), z, sigmas,
        np.isfinite(z[:, 3]) & np.isfinite(sigmas[:, 3]), np.arange(n), scan.coverage,
    )  # fmt: skip
