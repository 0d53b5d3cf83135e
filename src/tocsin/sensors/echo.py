"""How strong a radar's echo is, whether it is heard and how well it measures: `[sensor.physics]` of a radar.

It never goes over the wire: a `sensor` message says what a sensor promises, this says how the simulated one works.

Theory. The radar equation, relative to one known echo: SNR = reference (R_ref / R)^4 (sigma / sigma_ref) cos^k a, with
the beam steered `a` off the face's boresight (Skolnik, Introduction to Radar Systems, chapters 1 and 9). The mean echo
fluctuates from look to look as Swerling's case 1 (1954): the detector's power `y`, in units of the mean noise, is
exponential with mean 1 + SNR. It is heard above -ln Pfa; so noise alone is heard with Pfa, the echo with
Pfa^(1 / (1 + SNR)). The same `y` says how well it was measured: y - 1 estimates the signal-to-noise ratio, and errors
are the resolution over sqrt(2 (y - 1)), for angles by monopulse over 1.6 times that (Barton, Modern Radar System
Analysis, 1988), beside a floor that the sensor declares.
"""

from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from tocsin.messages import Array, NotNegative, Positive, Sensor
from tocsin.sensors.field import in_sector
from tocsin.sensors.refraction import REFRACTIVITY

MONOPULSE_SLOPE = 1.6  # of the normalised difference pattern, typical (Barton 1988)
Part = Annotated[float, Meta(gt=0, lt=1)]


class RadarPhysics(Struct, frozen=True, kw_only=True):
    """The echo of one radar, as typed. The defaults are our assumption, of no real radar.

    One look at `rcs_reference_m2` on boresight at `range_reference_m` gives a mean `snr_reference_db`. Heard is what
    noise alone exceeds with `false_alarm_probability`, beyond `range_min_m`. The sensor's own sigmas are the floor of
    the noise; `range_resolution_m`, `beamwidth_deg` and `range_rate_resolution_mps` make it grow where the echo
    is weak. A fixed face has a boresight (azimuth, elevation), away from which gain falls by `scan_loss_exponent`,
    two ways; without azimuth the antenna turns and nothing falls. The air at sea level has `refractivity`
    [1e-6], which the radar knows with a relative error of `refractivity_error` (1 sigma, one draw a run).

    With `fence_elevation_deg` the radar searches only this band, in what `track_share` leaves of each scan period.
    In that share it looks again at what it has found, each `revisit_s`, for `dwell_s`; later where many wait.
    """

    snr_reference_db: Annotated[float, Meta(ge=-60, le=120)] = 20.0
    range_reference_m: Positive = 2_000_000.0
    rcs_reference_m2: Positive = 1.0
    false_alarm_probability: Part = 1e-6
    range_min_m: NotNegative = 50_000.0
    range_resolution_m: Positive = 150.0
    beamwidth_deg: Annotated[float, Meta(gt=0, le=90)] = 2.0
    range_rate_resolution_mps: Positive = 30.0
    boresight_azimuth_deg: Annotated[float, Meta(ge=-360, le=360)] | None = None
    boresight_elevation_deg: Annotated[float, Meta(ge=-10, le=90)] = 20.0
    scan_loss_exponent: NotNegative = 3.0
    refractivity: Annotated[float, Meta(ge=0, le=500)] = REFRACTIVITY
    refractivity_error: Annotated[float, Meta(ge=0, lt=1)] = 0.03
    fence_elevation_deg: tuple[float, float] | None = None
    track_share: Part = 0.5
    dwell_s: Positive = 0.05
    revisit_s: Positive = 5.0

    def __post_init__(self) -> None:
        """Raise ValueError for a fence upside down."""
        if (
            self.fence_elevation_deg is not None
            and self.fence_elevation_deg[0] >= self.fence_elevation_deg[1]
        ):
            raise ValueError("fence_elevation_deg: write [lower, upper], lower first")

    @property
    def threshold(self) -> float:
        """Return the power, over the mean noise, above which something is heard."""
        return float(-np.log(self.false_alarm_probability))

    def steering(self, azimuth: Array, elevation: Array) -> Array:
        """Return the cosine of the angle (n,) between the beam and the face's boresight; behind the face 0."""
        if self.boresight_azimuth_deg is None:
            return np.ones(np.shape(azimuth))
        az, el = np.radians(self.boresight_azimuth_deg), np.radians(self.boresight_elevation_deg)
        cosine = np.sin(elevation) * np.sin(el) + np.cos(elevation) * np.cos(el) * np.cos(azimuth - az)
        return np.asarray(np.maximum(cosine, 0.0))

    def snr(self, z: Array, cross_section: Array) -> Array:
        """Return the mean signal-to-noise ratio (n,) of echoes from `z` (n, 4) with `cross_section` (n,) [m²]."""
        gain = self.steering(z[:, 1], z[:, 2]) ** self.scan_loss_exponent
        near = (self.range_reference_m / z[:, 0]) ** 4
        return np.asarray(
            10 ** (self.snr_reference_db / 10) * near * gain * cross_section / self.rcs_reference_m2
        )

    def sigmas(self, power: Array, z: Array, floor: Array, scale: float = 1.0) -> Array:
        """Return the standard deviations (n, 4) of what is measured of echoes of `power` (n,) from `z` (n, 4).

        `floor` (4,): the best the radar does. `scale` multiplies what the resolution adds.
        """
        thin = scale / np.sqrt(2.0 * np.maximum(power - 1.0, 1e-3))
        beam = (
            np.radians(self.beamwidth_deg)
            / MONOPULSE_SLOPE
            / np.maximum(self.steering(z[:, 1], z[:, 2]), 0.1)
        )
        level = np.maximum(
            np.cos(z[:, 2]), 0.01
        )  # an angle across the beam is more in azimuth, the higher it looks
        parts = np.empty((len(z), 4))
        parts[:, 0] = self.range_resolution_m
        parts[:, 1] = beam / level
        parts[:, 2] = beam
        parts[:, 3] = self.range_rate_resolution_mps
        return np.hypot(floor, parts * thin[:, None])


def misfit(physics: RadarPhysics, sensor: Sensor) -> tuple[str, str] | None:
    """Return which key of a radar's physics leaves `sensor` blind, and why, if one does."""
    assert sensor.range_max_m is not None
    if physics.range_min_m >= sensor.range_max_m:
        blind = (
            f"{physics.range_min_m:g} is not below range_max_m {sensor.range_max_m:g}; it would hear nothing"
        )
        return "range_min_m", blind
    az_from, az_to = np.radians(sensor.azimuth_from_deg), np.radians(sensor.azimuth_to_deg)
    boresight = physics.boresight_azimuth_deg
    if boresight is not None and not in_sector(np.radians([boresight]), az_from, az_to)[0]:
        sector = f"azimuth_from_deg {sensor.azimuth_from_deg:g} to azimuth_to_deg {sensor.azimuth_to_deg:g}"
        return "boresight_azimuth_deg", f"{boresight:g} lies outside the sector, {sector}"
    if physics.fence_elevation_deg is None:
        return None
    low, high = physics.fence_elevation_deg
    if low >= sensor.elevation_max_deg or high <= sensor.elevation_min_deg:
        limits = f"{sensor.elevation_min_deg:g} to {sensor.elevation_max_deg:g}"
        return "fence_elevation_deg", f"{low:g} to {high:g} lies outside what the radar sees, {limits}"
    left = physics.track_share * (sensor.scan_period_s or 0.0)
    if 0 < left < physics.dwell_s:
        return "dwell_s", f"{physics.dwell_s:g} does not fit in track_share of scan_period_s, {left:g} s"
    return None


def detection_probability(snr: Array, false_alarm_probability: float) -> Array:
    """Return Swerling's case 1 for one look at mean `snr` (n,): Pfa^(1 / (1 + SNR))."""
    return np.asarray(false_alarm_probability ** (1.0 / (1.0 + snr)))


def received_power(snr: Array, exponential: Array | float) -> Array:
    """Return the power (n,) that the detector sees, over the mean noise, from a unit `exponential` draw (n,)."""
    return np.asarray((1.0 + snr) * exponential)


def decibels(power: Array) -> Array:
    """Return the signal-to-noise ratio [dB] that a detector's `power` (n,) is an estimate of."""
    return np.asarray(10.0 * np.log10(np.maximum(power - 1.0, 1e-3)))
