"""What sensors tell: what they are, each of their looks, their health."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from tocsin.messages.fields import (
    SECOND,
    Azimuth,
    Declination,
    Elevation,
    GeoJSON,
    Instant,
    Latitude,
    Longitude,
    Name,
    NotNegative,
    Positive,
    Probability,
    Vector,
)  # fmt: skip
from tocsin.messages.header import Header
from tocsin.messages.shown import Shown


class Sensor(Header, frozen=True, kw_only=True, tag="sensor"):
    """Say what a sensor is, before its first scan. Which fields a type needs is checked in `formats`."""

    id: Name
    type: Literal["infrared", "radar"]
    valid_from: Instant | None = None
    path: Name | None = None
    # habits
    scan_period_s: Positive | None = None
    detection_probability: Probability = 0.9
    false_alarms_per_scan: NotNegative = 1.0
    # infrared satellite
    orbit: dict[str, Any] | None = None
    tle: tuple[str, str] | None = None
    los_sigma_urad: Positive | None = None
    bias_sigma_urad: NotNegative = 0.0
    disk_visible: bool = True
    limb_height_m: NotNegative = 0.0
    field_of_regard: GeoJSON | None = None
    cloud_top_m: NotNegative = 10_000.0
    # ground radar
    latitude_deg: Latitude | None = None
    longitude_deg: Longitude | None = None
    height_m: Annotated[float, Meta(ge=-500, le=100_000)] | None = None
    range_sigma_m: Positive | None = None
    azimuth_sigma_deg: Positive | None = None
    elevation_sigma_deg: Positive | None = None
    range_rate_sigma_mps: Positive | None = None
    range_bias_sigma_m: NotNegative = 0.0
    angle_bias_sigma_deg: NotNegative = 0.0
    azimuth_from_deg: Azimuth = 0.0
    azimuth_to_deg: Azimuth = 360.0
    elevation_min_deg: Elevation = 0.0
    elevation_max_deg: Elevation = 90.0
    range_max_m: Positive | None = None

    @property
    def evidence_path(self) -> str:
        """Name the path whose sensors count as one piece of evidence."""
        return self.path or self.id


class InfraredDetection(Shown, frozen=True, kw_only=True, omit_defaults=True):
    """The direction from a satellite to a source of heat. `frame` ITRF: the two angles are longitude and latitude."""

    time: Instant
    right_ascension_deg: Annotated[float, Meta(ge=-360, le=720)]
    declination_deg: Declination
    frame: Literal["GCRF", "ITRF"] = "GCRF"
    irradiance_w_m2: NotNegative | None = None
    snr_db: float | None = None
    sigma_urad: Positive | None = None


class RadarSigma(Shown, frozen=True, kw_only=True, omit_defaults=True):
    """A radar detection's own accuracy, where it differs from its sensor's."""

    range_sigma_m: Positive | None = None
    azimuth_sigma_deg: Positive | None = None
    elevation_sigma_deg: Positive | None = None
    range_rate_sigma_mps: Positive | None = None


class RadarDetection(Shown, frozen=True, kw_only=True, omit_defaults=True):
    """A radar plot: geometric range and angles at the radar."""

    time: Instant
    range_m: Positive
    azimuth_deg: Azimuth
    elevation_deg: Elevation
    range_rate_mps: float | None = None
    snr_db: float | None = None
    sigma: RadarSigma | None = None


class Scan(Header, frozen=True, kw_only=True, tag="scan"):
    """One look of one sensor, also when it saw nothing."""

    sensor: Name
    time: Instant
    duration_s: NotNegative
    detections: tuple[InfraredDetection, ...] | tuple[RadarDetection, ...]
    position_m: Vector | None = None
    velocity_mps: Vector | None = None
    coverage: dict[str, Any] | None = None

    @property
    def end(self) -> Instant:
        """Say when the look ended."""
        return Instant(self.time + round(self.duration_s * SECOND))


class InfraredScan(Scan, frozen=True, kw_only=True, tag="scan"):
    """A look of an infrared satellite."""

    detections: tuple[InfraredDetection, ...]


class RadarScan(Scan, frozen=True, kw_only=True, tag="scan"):
    """A look of a radar."""

    detections: tuple[RadarDetection, ...]


class Status(Header, frozen=True, kw_only=True, tag="status"):
    """A sensor's health. A `down` sensor has seen nothing and missed nothing."""

    sensor: Name
    time: Instant
    state: Literal["ok", "degraded", "down"]
