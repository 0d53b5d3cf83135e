"""The nouns that cross rooms: what comes in, what the stages hand on, what goes out.

Wire messages are the `msgspec` structs with a `kind`; their fields carry their unit in the name and are checked
on decoding. Times are `Instant`; `formats` turns them to and from text. The inner nouns (`Look`, `Track`,
`Assessment`) pass from stage to stage inside one process and carry arrays in SI units.
"""

from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Instant(int):
    """A moment: integer nanoseconds of TAI since 1970-01-01T00:00:00 TAI (a continuous scale, no leap seconds)."""

    __slots__ = ()


SECOND = 1_000_000_000

Origin = Literal["live", "exercise", "test"]
ORIGINS: tuple[Origin, ...] = ("live", "exercise", "test")

Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-360, le=360)]
Azimuth = Annotated[float, Meta(ge=-360, le=720)]
Elevation = Annotated[float, Meta(ge=-90, le=90)]
Declination = Annotated[float, Meta(ge=-90, le=90)]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Probability = Annotated[float, Meta(ge=0, le=1)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Vector = Annotated[tuple[float, float, float], Meta(description="x, y, z")]
GeoJSON = dict[str, Any]


class _Incoming(Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    origin: Origin
    received: Instant | None = None
    seq: int | None = None


# ---------------------------------------------------------------------------------------- into the system


class Sensor(_Incoming, frozen=True, kw_only=True, tag="sensor"):
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


class InfraredDetection(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The direction from a satellite to a source of heat. `frame` ITRF: the two angles are longitude and latitude."""

    time: Instant
    right_ascension_deg: Annotated[float, Meta(ge=-360, le=720)]
    declination_deg: Declination
    frame: Literal["GCRF", "ITRF"] = "GCRF"
    irradiance_w_m2: NotNegative | None = None
    snr_db: float | None = None
    sigma_urad: Positive | None = None


class RadarSigma(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A radar detection's own accuracy, where it differs from its sensor's."""

    range_sigma_m: Positive | None = None
    azimuth_sigma_deg: Positive | None = None
    elevation_sigma_deg: Positive | None = None
    range_rate_sigma_mps: Positive | None = None


class RadarDetection(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A radar plot: geometric range and angles at the radar."""

    time: Instant
    range_m: Positive
    azimuth_deg: Azimuth
    elevation_deg: Elevation
    range_rate_mps: float | None = None
    snr_db: float | None = None
    sigma: RadarSigma | None = None


class Scan(_Incoming, frozen=True, kw_only=True, tag="scan"):
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


class Status(_Incoming, frozen=True, kw_only=True, tag="status"):
    """A sensor's health. A `down` sensor has seen nothing and missed nothing."""

    sensor: Name
    time: Instant
    state: Literal["ok", "degraded", "down"]


class Notification(_Incoming, frozen=True, kw_only=True, tag="notification"):
    """A pre-launch notification. It matches whether or not a person has read it."""

    id: Name
    from_: str = msgspec.field(name="from")
    window_start: Instant
    window_end: Instant
    latitude_deg: Latitude | None = None
    longitude_deg: Longitude | None = None
    area: GeoJSON | None = None
    azimuth_deg: Azimuth | None = None
    azimuth_tolerance_deg: Annotated[float, Meta(ge=0, le=180)] = 15.0
    vehicle: Literal["space-launch", "sounding-rocket", "ballistic-missile"]
    impact_area: GeoJSON | None = None
    count: Annotated[int, Meta(ge=1)] = 1


class Catalogue(_Incoming, frozen=True, kw_only=True, tag="catalogue"):
    """Known satellites and rocket bodies."""

    time: Instant
    omm: tuple[dict[str, Any], ...]


class EarthOrientation(_Incoming, frozen=True, kw_only=True, tag="earth_orientation"):
    """The Earth's rotation and pole at a time."""

    time: Instant
    ut1_utc_s: Annotated[float, Meta(ge=-2, le=2)]
    x_arcsec: Annotated[float, Meta(ge=-5, le=5)]
    y_arcsec: Annotated[float, Meta(ge=-5, le=5)]


class Summary(_Incoming, frozen=True, kw_only=True, tag="summary"):
    """What a data path claims to have seen in the last `window_s`."""

    sensor: Name | None = None
    path: Name | None = None
    time: Instant
    count: Annotated[int, Meta(ge=0)]
    window_s: Positive


class Decision(_Incoming, frozen=True, kw_only=True, tag="decision"):
    """A person's act, or a signed policy's."""

    warning: Name
    action: Literal["confirm", "dismiss", "cancel", "all-clear", "comment", "fix-identity"]
    by: Name
    time: Instant
    reason: str = ""
    identity: str | None = None


Incoming = Sensor | Scan | Status | Notification | Catalogue | EarthOrientation | Summary | Decision


class Place(Struct, frozen=True):
    """Where a message came from, for those who must find it again."""

    file: str
    line: int


# ------------------------------------------------------------------------------------- from stage to stage


class Component(Struct, frozen=True):
    """One Gaussian of a track's mixture at the track's time.

    `launch` (4): latitude, longitude [rad], launch time less `Track.epoch` [s], heading [rad clockwise from north].
    `motion` (6): ITRF position and velocity [m, m/s]. `covariance` (10, 10): of (north [m], east [m], time [s],
    heading [rad], position, velocity). `launch` is None for a track that never saw the launch; then the first four
    rows and columns are zero. `heading_known` is False while the sightings do not yet determine a heading.
    """

    weight: float
    launch: Array | None
    motion: Array | None
    covariance: Array
    label: str = ""
    heading_known: bool = True


class Association(Struct, frozen=True):
    """One measurement used by a track: what `explain` reads. Angles in rad, ranges in m."""

    sensor: str
    time: Instant
    detection: int
    residual: tuple[float, ...]
    innovation_covariance: tuple[float, ...]
    gate: float
    distance: float
    weight: float


class Track(Struct, frozen=True):
    """What tracking believes of one object after a look.

    `epoch`: the time from which `Component.launch` counts. `time`: the look's end. `state_time`: when
    `Component.motion` holds. `detections`: associated detections by sensor.
    """

    id: int
    origin: Origin
    time: Instant
    first_look: Instant
    state: Literal["tentative", "confirmed", "coasting", "dropped"]
    phase: Literal["boost", "coast", "re-entry", "down"]
    epoch: Instant
    state_time: Instant
    components: tuple[Component, ...]
    detections: dict[str, int]
    existence: float
    parent: int | None = None
    group: int | None = None
    associations: tuple[Association, ...] = ()
    model_weights: tuple[float, ...] = ()


class Ellipse(Struct, frozen=True, kw_only=True):
    """An area on the ground. `bearing_deg` of the major axis, clockwise from north, in [0, 180)."""

    semi_major_m: float
    semi_minor_m: float
    bearing_deg: float


class LaunchEstimate(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whence and when. Heading is absent while it is unknown; the areas are, where the ellipses tell as much."""

    time: Instant
    time_sigma_s: float
    latitude_deg: float
    longitude_deg: float
    ellipse_95: Ellipse
    azimuth_deg: float | None = None
    azimuth_sigma_deg: float | None = None
    ellipse_50: Ellipse | None = None
    ellipse_99: Ellipse | None = None
    area_50: GeoJSON | None = None
    area_90: GeoJSON | None = None
    area_95: GeoJSON | None = None
    area_99: GeoJSON | None = None


class ImpactEstimate(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where and when it comes down. The areas are absent where the ellipses tell as much."""

    time: Instant
    time_sigma_s: float
    latitude_deg: float
    longitude_deg: float
    ellipse_95: Ellipse
    ellipse_50: Ellipse | None = None
    ellipse_99: Ellipse | None = None
    area_50: GeoJSON | None = None
    area_90: GeoJSON | None = None
    area_95: GeoJSON | None = None
    area_99: GeoJSON | None = None


class Evidence(Struct, frozen=True, kw_only=True):
    """Who saw it: sensors by kind, independent paths, associated detections, a notification that matches."""

    infrared: tuple[str, ...]
    radar: tuple[str, ...]
    paths: tuple[str, ...]
    detections: int
    notification: str | None = None


class StateVector(Struct, frozen=True, kw_only=True):
    """Position and velocity (relative to the rotating Earth) with covariance, order x y z vx vy vz."""

    time: Instant
    frame: Literal["ITRF"] = "ITRF"
    position_m: tuple[float, float, float]
    velocity_mps: tuple[float, float, float]
    covariance: tuple[tuple[float, ...], ...]


IDENTITIES = (
    "ballistic-missile", "space-launch", "sounding-rocket", "re-entering-body", "satellite", "aircraft", "meteor",
    "fire", "glint", "clutter", "other",
)  # fmt: skip
OUTCOMES = (
    "impacted", "space-launch", "sounding-rocket", "meteor", "static", "glint", "satellite", "aircraft",
    "data-path-fault", "dismissed", "cancelled", "lost",
)  # fmt: skip
STEPS = (
    "static", "flash", "meteor", "glint", "sun-moon", "catalogued", "notified", "no-raw-support", "stale-area",
    "exercise", "corrupted", "implausible-rate", "orbit", "aircraft",
)  # fmt: skip


class Term(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One piece of evidence of what an object is: natural logarithms of its likelihood by identity, absent ones 0."""

    name: str
    weights: dict[str, float]
    text: str = ""


class Assessment(Struct, frozen=True, kw_only=True):
    """What assessment makes of a track: a warning without its state. `path_detections`: detections by path.

    `path_kinds`: which kinds of sensor report through each path. `terms`: what `identity` rests on. `step`: the
    false-alarm step that holds it, if any. `distrusted`: paths that are no witness now, because what they claim to have
    seen is not what came through them.
    """

    track: int
    origin: Origin
    time: Instant
    first_look: Instant
    track_state: Literal["tentative", "confirmed", "coasting", "dropped"]
    identity: dict[str, float]
    evidence: Evidence
    path_detections: dict[str, int]
    phase: Literal["boost", "coast", "re-entry", "down"]
    launch: LaunchEstimate | None
    impact: ImpactEstimate | None
    state_vector: StateVector | None
    parent: int | None = None
    group: int | None = None
    path_kinds: dict[str, tuple[str, ...]] = {}
    terms: tuple[Term, ...] = ()
    step: str | None = None
    distrusted: tuple[str, ...] = ()
    existence: float = 1.0


# ------------------------------------------------------------------------------------- out of the system


class Warning(Struct, frozen=True, kw_only=True, tag_field="kind", tag="warning"):
    """Everything believed about one object: one version for each look that updated it or change of state.

    `terms`: what the identity rests on, with its weights. `step`: the named false-alarm step that holds or closed it.
    """

    id: str
    version: int
    time: Instant
    origin: Origin
    state: Literal["detected", "corroborated", "confirmed", "closed"]
    outcome: str | None
    event: str
    parent: str | None
    identity: dict[str, float]
    evidence: Evidence
    phase: Literal["boost", "coast", "re-entry", "down"]
    launch: LaunchEstimate | None
    impact: ImpactEstimate | None
    state_vector: StateVector | None
    step: str | None
    reason: str
    terms: tuple[Term, ...] = ()


class Raid(Struct, frozen=True, kw_only=True, tag_field="kind", tag="raid"):
    """How many objects an event has, with a 95 % interval."""

    event: str
    time: Instant
    origin: Origin
    count: float
    count_low: float
    count_high: float
    unresolved: int


class Cue(Struct, frozen=True, kw_only=True, tag_field="kind", tag="cue"):
    """Where a radar should look next."""

    sensor: str
    time: Instant
    origin: Origin
    warning: str
    azimuth_deg: float
    elevation_deg: float
    range_m: float
    azimuth_extent_deg: float
    elevation_extent_deg: float
    range_extent_m: float


class Rejected(Struct, frozen=True, kw_only=True, tag_field="kind", tag="rejected"):
    """A message that was not used, and why. `late` and `duplicate` are counted apart."""

    file: str
    line: int
    field: str
    why: str
    received: Instant | None = None
    late: bool = False


class EventLog(Struct, frozen=True, kw_only=True, tag_field="kind", tag="event-log"):
    """A named event of the system itself: clock jump, flood, bias found, exercise blocked."""

    name: str
    time: Instant | None
    origin: Origin
    text: str
    sensor: str | None = None
    warning: str | None = None


AlertPhase = Literal["advisory", "take-shelter", "all-clear"]


class AlertText(Struct, frozen=True, kw_only=True):
    """What an alert says in one language (RFC 5646, as `de`)."""

    language: str
    event: str
    headline: str
    description: str
    instruction: str
    area_description: str


class Alert(Struct, frozen=True, kw_only=True, tag_field="kind", tag="alert"):
    """A public alert before it is written as CAP 1.2. `polygon`: closed ring of (latitude, longitude) [deg].

    The texts are in `language`; `translations` say the same in others. `prediction`: version and hash of the impact
    the area was drawn from.
    """

    identifier: str
    sender: str
    sent: Instant
    status: Literal["Actual", "Exercise", "Test", "Draft"]
    msg_type: Literal["Alert", "Update", "Cancel"]
    references: tuple[str, ...]
    warning: str
    version: int
    phase: AlertPhase
    event: str
    urgency: str
    severity: str
    certainty: str
    headline: str
    description: str
    instruction: str
    expires: Instant
    impact_earliest: Instant | None
    impact_likeliest: Instant | None
    impact_latest: Instant | None
    area_description: str
    polygon: tuple[tuple[float, float], ...]
    origin: Origin
    approvals: tuple[str, ...] = ()
    note: str = ""
    language: str = "en"
    translations: tuple[AlertText, ...] = ()
    prediction: str = ""

    @property
    def texts(self) -> tuple[AlertText, ...]:
        """Give the texts in every language, the main one first."""
        main = AlertText(
            language=self.language, event=self.event, headline=self.headline, description=self.description,
            instruction=self.instruction, area_description=self.area_description,
        )  # fmt: skip
        return (main, *self.translations)


class Duplicate(Struct, frozen=True, kw_only=True, tag_field="kind", tag="duplicate"):
    """A look that had already come, with the same content. Counted, without effect."""

    sensor: str
    time: Instant


Outgoing = Warning | Raid | Cue | Rejected | EventLog | Alert | Duplicate
