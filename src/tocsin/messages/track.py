"""What tracking hands on: what it believes of one object after a look."""

from typing import Literal

from tocsin.messages.fields import Array, Instant, Origin
from tocsin.messages.shown import Shown


class Drag(Shown, frozen=True):
    """What re-entry has shown of a body's drag: mean and variance of ln C_d A / m [m²/kg], covariances with its motion.

    `motion` (6,): with position and velocity. It is the drag that holds from here to the ground.
    """

    log: float
    variance: float
    motion: Array


class Component(Shown, frozen=True):
    """One Gaussian of a track's mixture at the track's time.

    `launch` (4): latitude, longitude [rad], launch time less `Track.epoch` [s], heading [rad clockwise from north].
    `motion` (6): ITRF position and velocity [m, m/s]. `covariance` (10, 10): of (north [m], east [m], time [s],
    heading [rad], position, velocity). `launch` is None for a track that never saw the launch; then the first four
    rows and columns are zero. `heading_known` is False while the sightings do not yet determine a heading. `drag` is
    None until the air has shown it.
    """

    weight: float
    launch: Array | None
    motion: Array | None
    covariance: Array
    label: str = ""
    heading_known: bool = True
    drag: Drag | None = None


class Association(Shown, frozen=True):
    """One measurement used by a track: what `explain` reads. Angles in rad, ranges in m."""

    sensor: str
    time: Instant
    detection: int
    residual: tuple[float, ...]
    innovation_covariance: tuple[float, ...]
    gate: float
    distance: float
    weight: float


class Track(Shown, frozen=True):
    """What tracking believes of one object after a look.

    `epoch`: the time from which `Component.launch` counts. `time`: the look's end. `state_time`: when
    `Component.motion` holds. `detections`: associated detections by sensor. `lapsed`: it was last seen burning, and is
    taken for out only because nobody has looked since.
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
    lapsed: bool = False
