"""What goes out: warnings, raids, cues, and what became of the input."""

from typing import Literal

from tocsin.messages.alert import Alert
from tocsin.messages.assessment import Evidence, ImpactEstimate, LaunchEstimate, StateVector, Term
from tocsin.messages.fields import Instant, Origin
from tocsin.messages.shown import Shown


class Warning(Shown, frozen=True, kw_only=True, tag_field="kind", tag="warning"):
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


class Raid(Shown, frozen=True, kw_only=True, tag_field="kind", tag="raid"):
    """How many objects an event has, with a 95 % interval."""

    event: str
    time: Instant
    origin: Origin
    count: float
    count_low: float
    count_high: float
    unresolved: int


class Cue(Shown, frozen=True, kw_only=True, tag_field="kind", tag="cue"):
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


class Rejected(Shown, frozen=True, kw_only=True, tag_field="kind", tag="rejected"):
    """A message that was not used, and why. `late` and `duplicate` are counted apart."""

    file: str
    line: int
    field: str
    why: str
    received: Instant | None = None
    late: bool = False


class EventLog(Shown, frozen=True, kw_only=True, tag_field="kind", tag="event-log"):
    """A named event of the system itself: clock jump, flood, bias found, exercise blocked."""

    name: str
    time: Instant | None
    origin: Origin
    text: str
    sensor: str | None = None
    warning: str | None = None


class Duplicate(Shown, frozen=True, kw_only=True, tag_field="kind", tag="duplicate"):
    """A look that had already come, with the same content. Counted, without effect."""

    sensor: str
    time: Instant


Outgoing = Warning | Raid | Cue | Rejected | EventLog | Alert | Duplicate
