"""What the desk remembers of one object, and what the clock will do to it."""

from dataclasses import dataclass, field

from msgspec import structs

from tocsin.alerting import wording
from tocsin.alerting.evidence import earliest, latest
from tocsin.alerting.life_cycle import AlertState
from tocsin.alerting.settings import Settings
from tocsin.messages import (
    SECOND,
    Alert,
    Assessment,
    EventLog,
    ImpactEstimate,
    Instant,
    Origin,
    Warning,
)


@dataclass(slots=True)
class Case:
    """One object from its first warning on. Mutable, private to the room; `warning` is its latest version."""

    id: str
    event: str
    assessment: Assessment
    warning: Warning | None = None
    parent: str | None = None
    approvals: tuple[str, ...] = ()
    first_approval: Instant | None = None
    fixed_identity: str | None = None
    closed_by_person: bool = False
    track_lost: bool = False
    contradiction_said: bool = False
    # the alert; `alerts`: of its present life, which the next one supersedes
    alert_state: AlertState = "none"
    alerts: list[Alert] = field(default_factory=list)
    alerts_ever: int = 0
    published: ImpactEstimate | None = None
    said_lost: bool = False  # the alert says that nobody tracks it
    shown_version: int = 0  # the version whose impact is published
    proposed: Instant | None = None
    escalations: int = 0
    waits_because: str = ""
    revise_at: Instant | None = None

    @property
    def origin(self) -> Origin:
        """Give the origin of all that this case is made of."""
        return self.assessment.origin

    @property
    def latest(self) -> Warning:
        """Give the latest version, which every case has once it is open."""
        assert self.warning is not None
        return self.warning

    @property
    def is_open(self) -> bool:
        """Say whether the warning is not closed."""
        return self.latest.state != "closed"

    @property
    def alert_is_out(self) -> bool:
        """Say whether people hold an alert that is neither over nor taken back."""
        return self.alert_state in ("issued", "updated")

    @property
    def impact(self) -> ImpactEstimate | None:
        """Give the impact last assessed."""
        return self.assessment.impact

    def look(self, assessment: Assessment) -> None:
        """Take a new assessment; an identity that a person fixed stays."""
        fixed = self.fixed_identity
        if fixed is not None:  # no step of the machine's holds what a person has named
            assessment = structs.replace(assessment, identity={fixed: 1.0}, step=None)
        self.assessment = assessment

    def come_down(self) -> None:
        """Take note that its time is over."""
        self.assessment = structs.replace(self.assessment, phase="down")

    def version(self, t: Instant, lead: str, state: str, outcome: str | None = None) -> Warning:
        """Make and keep the next version. `lead` opens its reason."""
        a = self.assessment
        self.warning = Warning(
            id=self.id,
            version=1 if self.warning is None else self.warning.version + 1,
            time=t,
            origin=a.origin,
            state=state,  # type: ignore[arg-type]
            outcome=outcome,
            event=self.event,
            parent=self.parent,
            identity=a.identity,
            evidence=a.evidence,
            phase=a.phase,
            launch=a.launch,
            impact=a.impact,
            state_vector=a.state_vector,
            step=a.step,
            reason=wording.reason(lead, a, t),
            terms=a.terms,
        )
        return self.warning

    def log(self, name: str, t: Instant, text: str) -> EventLog:
        """Name something that happened to this case without a new version."""
        return EventLog(name=name, time=t, origin=self.origin, text=text, warning=self.id)


def after(t: Instant, seconds: float) -> Instant:
    """Give the moment `seconds` after `t`."""
    return Instant(t + round(seconds * SECOND))


def obstacle(impact: ImpactEstimate | None, settings: Settings) -> str:
    """Say why no alert can be drawn from this impact; empty when one can."""
    if impact is None:
        return "no impact area is known yet"
    if (impact.ellipse_99 or impact.ellipse_95).semi_major_m > settings.area_axis_max_m:
        return f"the impact area is longer than {2 * settings.area_axis_max_m / 1000:.0f} km"
    return ""


def publishable(case: Case, settings: Settings) -> ImpactEstimate | None:
    """Give the impact an alert would show now: the last assessed if it can be drawn, else the last shown."""
    return case.published if obstacle(case.latest.impact, settings) else case.latest.impact


def down_at(case: Case, settings: Settings) -> Instant | None:
    """Give the moment from which the object counts as down; None while no impact is known.

    What was published no longer counts once the object is seen to burn again or to stay up.
    """
    aloft = case.impact is None and case.assessment.track_state != "dropped"
    impact = None if aloft else case.impact or case.published
    return None if impact is None else after(latest(impact), settings.closing_delay_s)


def pace(age_s: float, settings: Settings) -> float:
    """Give the seconds between two updates of an alert of this age, when nothing much has changed."""
    for below, interval in settings.update_pace_s:
        if age_s < below:
            return interval
    return float("inf")


def review_at(case: Case, settings: Settings) -> list[tuple[Instant, str]]:
    """Say when the alert of something no longer tracked is looked at again; nothing once it is too old."""
    last = case.alerts[-1].sent
    interval = pace((last - case.alerts[0].sent) / SECOND, settings)
    return [(after(last, interval), "review")] if interval < float("inf") else []


def deadlines(case: Case, mates: list[Case], settings: Settings) -> list[tuple[Instant, str]]:
    """List what the clock alone will do to a case, and when. `mates`: all cases of its event.

    The all-clear of one object waits until the last of its event with an alert is down: people under the same
    sky do not come out between two impacts.
    """
    due: list[tuple[Instant, str]] = []
    down = down_at(case, settings)
    if case.is_open and down is not None:
        due.append((down, "close"))
    if case.proposed is not None and case.escalations < len(settings.escalate_after_s):
        due.append((after(case.proposed, settings.escalate_after_s[case.escalations]), "escalate"))
    waits = case.latest.state in ("detected", "corroborated")
    if waits and case.approvals and case.first_approval is not None:
        due.append((after(case.first_approval, settings.approval_lasts_s), "lapse"))
    if not case.alert_is_out:
        return due
    shown = publishable(case, settings)
    if case.is_open and case.revise_at is not None:
        due.append((case.revise_at, "revise"))
    if case.is_open and case.track_lost:
        due += review_at(case, settings)
    if case.is_open and case.alerts[-1].phase == "advisory" and shown is not None:
        due.append((after(earliest(shown), -settings.take_shelter_before_s), "revise"))
    if not case.is_open and settings.all_clear_automatic:
        downs = [down_at(mate, settings) for mate in mates if mate.alert_is_out]
        due.append((max(t for t in downs if t is not None), "clear"))
    return due
