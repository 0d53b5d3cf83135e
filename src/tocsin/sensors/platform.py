"""Where a satellite is while it looks."""

from typing import Any

import numpy as np
from sgp4 import omm
from sgp4.api import Satrec

from tocsin.earth.frames import EarthRotation
from tocsin.earth.time import tai_minus_utc
from tocsin.flight.coast import propagate
from tocsin.messages import SECOND, Array, Scan, Sensor


class PlatformError(ValueError):
    """Say that a satellite's place cannot be known, and why."""


class Platform:
    """Place a satellite by its scans, or by its orbit through SGP4 (Vallado et al. 2006)."""

    def __init__(self, sensor: Sensor, rotation: EarthRotation) -> None:
        """Prepare for `sensor`, an infrared satellite."""
        self.id = sensor.id
        self._rotation = rotation
        self._satellite = _satellite(sensor)

    def position(self, scan: Scan, t: int) -> Array:
        """Return the position (3,) [m], ITRF, at `t`: from the scan where it says, else from the orbit."""
        if scan.position_m is not None and scan.velocity_mps is not None:
            x = np.array(scan.position_m + scan.velocity_mps)
            dt = (t - scan.time) / SECOND
            return np.asarray(propagate(x, dt, 0.0)[:3] if dt else x[:3])
        if self._satellite is None:
            raise PlatformError(
                f"sensor {self.id} has no orbit, so each of its scans needs position_m and velocity_mps"
            )
        return self.from_orbit(t)

    def from_orbit(self, t: int) -> Array:
        """Return the position (3,) [m], ITRF, that the orbit gives at `t`."""
        assert self._satellite is not None
        error, r_teme_km, _ = self._satellite.sgp4(*_julian_utc(t))
        if error:
            raise PlatformError(
                f"sensor {self.id}: SGP4 cannot propagate its orbit to this time (error {error})"
            )
        return np.asarray(self._rotation.itrf_from_teme(t) @ np.array(r_teme_km) * 1000.0)


def _julian_utc(t: int) -> tuple[float, float]:
    """Return a time as a UTC Julian date in two parts, as SGP4 takes it."""
    days, rest = divmod(t - round(tai_minus_utc(t) * SECOND), 86_400 * SECOND)
    return 2_440_587.5 + days, rest / SECOND / 86_400.0


def _satellite(sensor: Sensor) -> Satrec | None:
    if sensor.tle is not None:
        return Satrec.twoline2rv(*sensor.tle)
    if sensor.orbit is not None:
        satellite = Satrec()
        fields: dict[str, Any] = {key: str(value) for key, value in sensor.orbit.items()}
        omm.initialize(satellite, fields)
        return satellite
    return None
