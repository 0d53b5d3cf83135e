"""What assessment hands on: what an object is, whence it came, where it comes down, and who saw it."""

from typing import Literal

from tocsin.messages.fields import GeoJSON, Instant, Origin
from tocsin.messages.shown import Shown


class Ellipse(Shown, frozen=True, kw_only=True):
    """An area on the ground. `bearing_deg` of the major axis, clockwise from north, in [0, 180)."""

    semi_major_m: float
    semi_minor_m: float
    bearing_deg: float


class LaunchEstimate(Shown, frozen=True, kw_only=True, omit_defaults=True):
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


class ImpactEstimate(Shown, frozen=True, kw_only=True, omit_defaults=True):
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


class Evidence(Shown, frozen=True, kw_only=True):
    """Who saw it: sensors by kind, independent paths, associated detections, a notification that matches."""

    infrared: tuple[str, ...]
    radar: tuple[str, ...]
    paths: tuple[str, ...]
    detections: int
    notification: str | None = None


class StateVector(Shown, frozen=True, kw_only=True):
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


class Term(Shown, frozen=True, kw_only=True, omit_defaults=True):
    """One piece of evidence of what an object is: natural logarithms of its likelihood by identity, absent ones 0."""

    name: str
    weights: dict[str, float]
    text: str = ""


class Assessment(Shown, frozen=True, kw_only=True):
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
    path_kinds: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 - msgspec copies it
    terms: tuple[Term, ...] = ()
    step: str | None = None
    distrusted: tuple[str, ...] = ()
    existence: float = 1.0
