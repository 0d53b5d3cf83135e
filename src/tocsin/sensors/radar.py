"""A ground radar: range, azimuth, elevation and range rate of a body."""

from typing import Any

import numpy as np
from msgspec import Struct

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.messages import Array, RadarSigma, Sensor
from tocsin.sensors._kernels import radar_jacobian, radar_predict_batch
from tocsin.sensors.field import in_sector

MEAN_RADIUS = 6_371_000.0  # of the Earth, where a sphere is good enough [m]


class Radar(Struct, frozen=True, kw_only=True):
    """Geometry, noise and visibility of a radar. Angles [rad], lengths [m], times [s].

    `horizon`: the elevation at which the Earth begins, below zero for a radar on a height.

    A measurement `z` is (range, azimuth, elevation, range rate); without Doppler the last is not a number.
    """

    id: str
    path: str
    r_ecef: Array
    enu_from_ecef: Array
    latitude: float
    longitude: float
    range_sigma: float
    azimuth_sigma: float
    elevation_sigma: float
    range_rate_sigma: float | None
    range_bias_sigma: float
    angle_bias_sigma: float
    azimuth_from: float
    azimuth_to: float
    elevation_min: float
    elevation_max: float
    range_max: float
    horizon: float
    detection_probability: float
    false_alarms_per_scan: float
    scan_period: float | None

    @classmethod
    def from_message(cls, sensor: Sensor) -> "Radar":
        """Build from a `sensor` message of type radar, whose fields `formats` has checked."""
        assert sensor.latitude_deg is not None
        assert sensor.longitude_deg is not None
        assert sensor.height_m is not None
        assert sensor.range_sigma_m is not None
        assert sensor.azimuth_sigma_deg is not None
        assert sensor.elevation_sigma_deg is not None
        assert sensor.range_max_m is not None
        lat, lon = np.radians(sensor.latitude_deg), np.radians(sensor.longitude_deg)
        return cls(
            id=sensor.id,
            path=sensor.evidence_path,
            r_ecef=ecef_from_geodetic(lat, lon, sensor.height_m),
            enu_from_ecef=enu_from_ecef(lat, lon),
            latitude=lat,
            longitude=lon,
            range_sigma=sensor.range_sigma_m,
            azimuth_sigma=np.radians(sensor.azimuth_sigma_deg),
            elevation_sigma=np.radians(sensor.elevation_sigma_deg),
            range_rate_sigma=sensor.range_rate_sigma_mps,
            range_bias_sigma=sensor.range_bias_sigma_m,
            angle_bias_sigma=np.radians(sensor.angle_bias_sigma_deg),
            azimuth_from=np.radians(sensor.azimuth_from_deg),
            azimuth_to=np.radians(sensor.azimuth_to_deg),
            elevation_min=np.radians(sensor.elevation_min_deg),
            elevation_max=np.radians(sensor.elevation_max_deg),
            range_max=sensor.range_max_m,
            horizon=-dip(sensor.height_m),
            detection_probability=sensor.detection_probability,
            false_alarms_per_scan=sensor.false_alarms_per_scan,
            scan_period=sensor.scan_period_s,
        )

    def predict(self, x: Array) -> Array:
        """Return z (n, 4) of states `x` (n, 6): range [m], azimuth, elevation [rad], range rate [m/s]."""
        return np.asarray(radar_predict_batch(np.atleast_2d(x), self.r_ecef, self.enu_from_ecef))

    def residual(self, z: Array, z_hat: Array) -> Array:
        """Return measured less predicted (n, 4), azimuth wrapped into ±π."""
        d = np.atleast_2d(z) - np.atleast_2d(z_hat)
        d[:, 1] = (d[:, 1] + np.pi) % (2 * np.pi) - np.pi
        return d

    def jacobian(self, x: Array) -> Array:
        """Return H (n, 4, 6) of states `x` (n, 6)."""
        return np.array([radar_jacobian(row, self.r_ecef, self.enu_from_ecef) for row in np.atleast_2d(x)])

    def sigmas(self, own: RadarSigma | None = None) -> Array:
        """Return the four standard deviations (range, azimuth, elevation, range rate); no Doppler is infinite."""
        values = [self.range_sigma, self.azimuth_sigma, self.elevation_sigma, self.range_rate_sigma or np.inf]
        if own is not None:
            values[0] = own.range_sigma_m or values[0]
            values[1] = np.radians(own.azimuth_sigma_deg) if own.azimuth_sigma_deg else values[1]
            values[2] = np.radians(own.elevation_sigma_deg) if own.elevation_sigma_deg else values[2]
            values[3] = own.range_rate_sigma_mps or values[3]
        return np.array(values, dtype=np.float64)

    def noise(self, own: RadarSigma | None = None) -> Array:
        """Return R (4, 4), diagonal; without Doppler its last element is infinite."""
        return np.diag(self.sigmas(own) ** 2)

    def visible(
        self, r: Array, coverage: dict[str, Any] | None = None
    ) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Say for each position `r` (n, 3) whether it is in range and sector (of `coverage`, where a scan has one)."""
        rows = np.atleast_2d(r)
        z = self.predict(np.hstack([rows, np.zeros_like(rows)]))
        az_from, az_to, el_min, el_max = self.sector(coverage)
        return (
            (z[:, 0] <= self.range_max)
            & in_sector(z[:, 1], az_from, az_to)
            & (z[:, 2] >= max(el_min, self.horizon))
            & (z[:, 2] <= el_max)
        )

    def sector(self, coverage: dict[str, Any] | None = None) -> tuple[float, float, float, float]:
        """Return azimuth from, to, elevation min, max [rad] of a look."""
        here = (self.azimuth_from, self.azimuth_to, self.elevation_min, self.elevation_max)
        if coverage is None:
            return here
        names = ("azimuth_from_deg", "azimuth_to_deg", "elevation_min_deg", "elevation_max_deg")
        return tuple(  # type: ignore[return-value]
            float(np.radians(coverage[name])) if name in coverage else own
            for name, own in zip(names, here, strict=True)
        )

    def solid_angle(self) -> float:
        """Return the angular area [rad²] of azimuth × elevation over which false alarms are spread."""
        width = (self.azimuth_to - self.azimuth_from) % (2 * np.pi) or 2 * np.pi
        return float(width * (self.elevation_max - self.elevation_min))


def dip(height: float) -> float:
    """Return by how much the horizon lies below the horizontal [rad], seen from `height` [m] above a round Earth."""
    return float(np.arccos(MEAN_RADIUS / (MEAN_RADIUS + max(height, 0.0))))


def slant_range(elevation: float, height: float, site_height: float = 0.0) -> float:
    """Return how far [m] a straight line at `elevation` [rad] runs from a radar until it is `height` [m] high.

    On a round Earth. So far a radar that looks no lower sees a thing of that height at the earliest.
    """
    r, top = MEAN_RADIUS + site_height, MEAN_RADIUS + height
    sine = np.sin(elevation)
    return float((top - r) * (top + r) / (np.sqrt((r * sine) ** 2 + (top - r) * (top + r)) + r * sine))


def height_at(elevation: float, distance: float, site_height: float = 0.0) -> float:
    """Return how high [m] a straight line at `elevation` [rad] is after `distance` [m]; undoes `slant_range`."""
    r = MEAN_RADIUS + site_height
    rise = distance * (distance + 2 * r * np.sin(elevation))
    return float(site_height + rise / (np.sqrt(r * r + rise) + r))


def elevation_at(height: float, distance: float, site_height: float = 0.0) -> float | None:
    """Return the elevation [rad] at which what is `distance` [m] away is `height` [m] high; None where none can be.

    On a round Earth, along a straight line; undoes `height_at`.
    """
    r, top = MEAN_RADIUS + site_height, MEAN_RADIUS + height
    sine = ((top - r) * (top + r) - distance**2) / (2 * distance * r)
    return float(np.arcsin(sine)) if abs(sine) <= 1.0 else None
