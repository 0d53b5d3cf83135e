"""An infrared satellite: the line of sight from a moving platform to a source of heat."""

from typing import Any

import numpy as np
from msgspec import Struct

from tocsin.earth.ellipsoid import geodetic_from_ecef
from tocsin.messages import Array, Sensor
from tocsin.sensors._kernels import AGAINST_EARTH, HIDDEN, line_against_earth, sight_residual, tangent_axes
from tocsin.sensors.field import inside_polygon

MICRORADIAN = 1e-6


class Infrared(Struct, frozen=True, kw_only=True):
    """Geometry, noise and visibility of an infrared satellite. Angles [rad], lengths [m], times [s].

    A measurement `z` is a unit vector (3,) in ITRF; its residual has two angles in the plane across it.
    """

    id: str
    path: str
    sigma: float
    bias_sigma: float
    disk_visible: bool
    limb_height: float
    cloud_top: float
    detection_probability: float
    false_alarms_per_scan: float
    scan_period: float | None
    field_of_regard: dict[str, Any] | None

    @classmethod
    def from_message(cls, sensor: Sensor) -> "Infrared":
        """Build from a `sensor` message of type infrared."""
        assert sensor.los_sigma_urad is not None, "formats checks that an infrared sensor has los_sigma_urad"
        return cls(
            id=sensor.id,
            path=sensor.evidence_path,
            sigma=sensor.los_sigma_urad * MICRORADIAN,
            bias_sigma=sensor.bias_sigma_urad * MICRORADIAN,
            disk_visible=sensor.disk_visible,
            limb_height=sensor.limb_height_m,
            cloud_top=sensor.cloud_top_m,
            detection_probability=sensor.detection_probability,
            false_alarms_per_scan=sensor.false_alarms_per_scan,
            scan_period=sensor.scan_period_s,
            field_of_regard=sensor.field_of_regard,
        )

    def predict(self, r: Array, platform: Array) -> Array:
        """Return the unit directions (n, 3) from `platform` (3,) to sources `r` (n, 3), ITRF."""
        d = np.atleast_2d(r) - platform
        return np.asarray(d / np.linalg.norm(d, axis=1, keepdims=True))

    def residual(self, z: Array, r: Array, platform: Array) -> Array:
        """Return measured less predicted (n, 2) [rad] for measured directions `z` (n, 3) of sources `r` (n, 3)."""
        rows = [
            sight_residual(*tangent_axes(u), u, source, platform)
            for u, source in zip(np.atleast_2d(z), np.atleast_2d(r), strict=True)
        ]
        return np.array(rows)

    def jacobian(self, r: Array, platform: Array) -> Array:
        """Return the derivative (n, 2, 3) [rad/m] of the two angles by the source's position `r` (n, 3)."""
        d = np.atleast_2d(r) - platform
        rho = np.linalg.norm(d, axis=1)
        axes = [tangent_axes(u / length) for u, length in zip(d, rho, strict=True)]
        return np.array(axes) / rho[:, None, None]

    def noise(self, sigma: float | None = None) -> Array:
        """Return R (2, 2) [rad²] of white noise; a detection's own `sigma` [rad] takes the sensor's place."""
        return np.eye(2) * (self.sigma if sigma is None else sigma) ** 2

    def visible(self, r: Array, platform: Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Say for each source `r` (n, 3) whether it can be seen from `platform` (3,), given that it burns.

        Not hidden by the Earth, above the cloud top, in the field, and before the Earth's disk or, beyond the limb,
        no higher than `limb_height` over it (without a disk and without that height: any sky).
        """
        seen = np.zeros(len(np.atleast_2d(r)), dtype=np.bool_)
        for i, source in enumerate(np.atleast_2d(r)):
            lat, lon, height = geodetic_from_ecef(source)
            if height < self.cloud_top:
                continue
            background, tangent_height = line_against_earth(platform, source)
            if background == HIDDEN:
                continue
            if background == AGAINST_EARTH:
                in_view = self.disk_visible
            else:
                no_limit = not self.disk_visible and self.limb_height == 0.0
                in_view = no_limit or tangent_height <= self.limb_height
            if in_view and self.field_of_regard is not None:
                in_view = inside_polygon(self.field_of_regard, np.degrees(lat), np.degrees(lon))
            seen[i] = in_view
        return seen
