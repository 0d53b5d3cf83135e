"""Who may release, when an update is due, and the alert itself."""

from typing import Final, Literal

from tocsin.alerting import area, wording
from tocsin.alerting.case import Case, after
from tocsin.alerting.evidence import earliest, latest, witnesses
from tocsin.alerting.settings import Settings
from tocsin.earth.time import format_utc
from tocsin.messages import SECOND, Alert, AlertPhase, Ellipse, ImpactEstimate, Instant, Origin

Status = Literal["Actual", "Exercise", "Test", "Draft"]
MsgType = Literal["Alert", "Update", "Cancel"]

POLICY: Final = "policy:"


def is_policy(by: str) -> bool:
    """Say whether a decision was written by a policy, not by a person."""
    return by.strip().casefold().startswith(POLICY)


def is_heard(by: str, settings: Settings) -> bool:
    """Say whether the settings allow this policy to confirm."""
    return settings.policies is None or _policy_name(by) in settings.policies


def is_signed(by: str, settings: Settings) -> bool:
    """Say whether this policy is one that two people signed."""
    return is_policy(by) and _policy_name(by) in settings.signed_policies


def same_person(one: str, other: str) -> bool:
    """Compare two names as a person reads them: neither capitals nor spaces make two people of one."""
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()


def has_approved(by: str, approvals: tuple[str, ...]) -> bool:
    """Say whether this person or policy is among the approvals already."""
    return any(same_person(by, other) for other in approvals)


def status(origin: Origin, approvals: tuple[str, ...], settings: Settings) -> Status | None:
    """Give the CAP status the approvals allow; None while they do not suffice for any alert.

    Enough people, or a policy signed by two, make a live alert `Actual`. Any other policy suffices for an
    exercise or a test; of something live it makes a `Draft`.
    """
    policies = [by for by in approvals if is_policy(by)]
    enough_people = len(approvals) - len(policies) >= settings.approvals
    if not (enough_people or policies):
        return None
    if origin != "live":
        return "Exercise" if origin == "exercise" else "Test"
    return "Actual" if enough_people or any(is_signed(by, settings) for by in policies) else "Draft"


def phase_at(case: Case, impact: ImpactEstimate, t: Instant, settings: Settings) -> AlertPhase:
    """Say whether people should be ready or take shelter; nobody is called back from shelter to wait."""
    sheltered = bool(case.alerts) and case.alerts[-1].phase == "take-shelter"
    near = after(earliest(impact), -settings.take_shelter_before_s) <= t
    return "take-shelter" if sheltered or near else "advisory"


def has_moved(before: ImpactEstimate, now: ImpactEstimate, distance_m: float, settings: Settings) -> bool:
    """Say whether a prediction differs from the published one by more than the settings let pass."""
    was, new = _published(before), _published(now)
    moved = distance_m > settings.update_shift * max(was.semi_major_m, settings.area_axis_min_m)
    shifted = abs(now.time - before.time) > settings.update_time_s * SECOND
    least = settings.area_axis_min_m  # below it nothing changes in what is drawn
    ratios = (
        max(new.semi_major_m, least) / max(was.semi_major_m, least),
        max(new.semi_minor_m, least) / max(was.semi_minor_m, least),
    )
    reshaped = any(ratio > settings.update_growth or ratio < 1 / settings.update_growth for ratio in ratios)
    return moved or shifted or reshaped


def pace(age_s: float, settings: Settings) -> float:
    """Give the seconds between two updates of an alert of this age, when nothing much has changed."""
    for below, interval in settings.update_pace_s:
        if age_s < below:
            return interval
    return float("inf")


def cap_time(t: Instant) -> str:
    """Write UTC as CAP 1.2 wants it: no fraction (rounded down), offset -00:00; a leap second is :59."""
    text = format_utc(Instant(t - t % SECOND), 0).removesuffix("Z").replace(":60", ":59")
    return text + "-00:00"


def alert(
    case: Case,
    t: Instant,
    msg_type: MsgType,
    phase: AlertPhase,
    as_status: Status,
    impact: ImpactEstimate,
    because: str,
    settings: Settings,
) -> Alert:
    """Make the case's next alert for an impact; an all-clear or a Cancel is for the one published before."""
    mark = wording.MARKS[as_status]
    ellipse = _published(impact)
    return Alert(
        identifier=f"{case.id}.{case.alerts_ever + 1}.{case.origin}",
        sender=settings.sender,
        sent=_second(t),
        status=as_status,
        msg_type=msg_type,
        references=tuple(f"{old.sender},{old.identifier},{cap_time(old.sent)}" for old in case.alerts),
        warning=case.id,
        version=case.latest.version,
        phase=phase,
        event=wording.marked("Ballistic missile", mark),
        urgency={"advisory": "Expected", "take-shelter": "Immediate", "all-clear": "Past"}[phase],
        severity="Minor" if phase == "all-clear" else "Extreme",
        certainty="Observed" if len(witnesses(case.assessment, settings)) >= settings.paths else "Likely",
        headline=wording.marked(wording.headline(phase, msg_type), mark),
        description=wording.marked(wording.description(impact, phase, msg_type, because), mark),
        instruction=wording.marked(wording.instruction(phase, msg_type), mark),
        expires=_expiry(t, impact, phase, settings),
        impact_earliest=_second(earliest(impact)),
        impact_likeliest=_second(Instant(impact.time + SECOND // 2)),
        impact_latest=_second(Instant(latest(impact) + SECOND - 1)),
        area_description=wording.area_description(impact),
        polygon=area.ring(
            impact.latitude_deg, impact.longitude_deg, ellipse, settings.area_points, settings.area_axis_min_m
        ),
        origin=case.origin,
        approvals=case.approvals,
        note=_note(as_status, mark, because if msg_type == "Cancel" else ""),
    )


def _policy_name(by: str) -> str:
    return by.strip()[len(POLICY) :]


def _published(impact: ImpactEstimate) -> Ellipse:
    return impact.ellipse_99 or impact.ellipse_95


def _expiry(t: Instant, impact: ImpactEstimate, phase: AlertPhase, settings: Settings) -> Instant:
    if phase == "all-clear":
        return _second(after(t, settings.withdrawn_expires_s))
    return _second(after(max(t, latest(impact)), settings.expires_after_s))


def _second(t: Instant) -> Instant:
    return Instant(t - t % SECOND)


def _note(as_status: Status, mark: str, because: str) -> str:
    if as_status == "Actual":
        return because
    what = "not released by people" if as_status == "Draft" else "this is not a real alert"
    return wording.marked(f"{what}{'. ' + because if because else ''}", mark)
