"""Where a satellite is while it looks."""

from typing import Any

import numpy as np
from sgp4.api import SGP4_ERRORS, WGS72, Satrec

from tocsin.earth.frames import EarthRotation
from tocsin.earth.time import format_utc, parse_utc, tai_minus_utc
from tocsin.flight.coast import propagate
from tocsin.messages import SECOND, Array, Scan, Sensor

_SGP4_EPOCH_JD = 2_433_281.5  # 1949-12-31, from which SGP4 counts days
_MINUTES = 1440.0
_TURN = 2 * np.pi
_ELEMENTS = (
    "BSTAR", "MEAN_MOTION_DOT", "MEAN_MOTION_DDOT", "ECCENTRICITY", "ARG_OF_PERICENTER", "INCLINATION",
    "MEAN_ANOMALY", "MEAN_MOTION", "RA_OF_ASC_NODE",
)  # fmt: skip


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
        error, r_teme_km, _ = self._satellite.sgp4(*julian_utc(t))
        if error:
            when, why = format_utc(t, 0), SGP4_ERRORS[error]
            raise PlatformError(
                f"sensor {self.id}: SGP4 cannot carry its orbit to {when} ({why}); give elements of about that time"
            )
        return np.asarray(self._rotation.itrf_from_teme(t) @ np.array(r_teme_km) * 1000.0)


def julian_utc(t: int) -> tuple[float, float]:
    """Return a time as a UTC Julian date in two parts, as SGP4 takes it."""
    days, rest = divmod(t - round(tai_minus_utc(t) * SECOND), 86_400 * SECOND)
    return 2_440_587.5 + days, rest / SECOND / 86_400.0


def _satellite(sensor: Sensor) -> Satrec | None:
    if sensor.tle is not None:
        return Satrec.twoline2rv(*sensor.tle)
    if sensor.orbit is not None:
        return from_elements(sensor.orbit)
    return None


def from_elements(orbit: dict[str, Any]) -> Satrec:
    """Prepare SGP4 with a CCSDS mean-elements message (502.0-B), which must hold only what `formats` asks for.

    Numbers may be texts, EPOCH may end in Z; drag and its kin are 0 where they are absent.
    """
    number = {key: float(orbit.get(key) or 0.0) for key in _ELEMENTS}
    whole, part = julian_utc(parse_utc(orbit["EPOCH"].removesuffix("Z") + "Z"))
    satellite = Satrec()
    satellite.sgp4init(
        WGS72, "i", 0, whole - _SGP4_EPOCH_JD + part, number["BSTAR"],
        number["MEAN_MOTION_DOT"] * _TURN / _MINUTES**2, number["MEAN_MOTION_DDOT"] * _TURN / _MINUTES**3,
        number["ECCENTRICITY"], np.radians(number["ARG_OF_PERICENTER"]), np.radians(number["INCLINATION"]),
        np.radians(number["MEAN_ANOMALY"]), number["MEAN_MOTION"] * _TURN / _MINUTES,
        np.radians(number["RA_OF_ASC_NODE"]),
    )  # fmt: skip
    return satellite
