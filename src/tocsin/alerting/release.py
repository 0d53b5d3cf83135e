"""Who may release, when an update is due, and the alert itself."""

import unicodedata
from typing import Final, Literal

from tocsin.alerting import area, wording
from tocsin.alerting.case import Case, after
from tocsin.alerting.evidence import earliest, latest, witnesses
from tocsin.alerting.prediction import prediction
from tocsin.alerting.settings import Settings
from tocsin.alerting.texts import Because, sentences, texts
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
    """Compare two names as a person reads them: neither capitals, spaces nor invisible signs make two people of one."""
    return _as_read(one) == _as_read(other)


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
    because: Because,
    settings: Settings,
) -> Alert:
    """Make the case's next alert for an impact; an all-clear or a Cancel is for the one published before."""
    written = [texts(code, as_status, msg_type, phase, impact, because) for code in settings.languages]
    first = written[0]
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
        event=first.event,
        urgency={"advisory": "Expected", "take-shelter": "Immediate", "all-clear": "Past"}[phase],
        severity="Minor" if phase == "all-clear" else "Extreme",
        certainty="Observed" if len(witnesses(case.assessment, settings)) >= settings.paths else "Likely",
        headline=first.headline,
        description=first.description,
        instruction=first.instruction,
        expires=_expiry(t, impact, phase, settings),
        impact_earliest=_second(earliest(impact)),
        impact_likeliest=_second(Instant(impact.time + SECOND // 2)),
        impact_latest=_second(Instant(latest(impact) + SECOND - 1)),
        area_description=first.area_description,
        polygon=area.ring(
            impact.latitude_deg,
            impact.longitude_deg,
            widened(_published(impact), case, t, settings),
            settings.area_points,
            settings.area_axis_min_m,
        ),
        origin=case.origin,
        approvals=case.approvals,
        note=_note(as_status, sentences("en", because) if msg_type == "Cancel" else ""),
        language=first.language,
        translations=tuple(written[1:]),
        prediction=prediction(case.id, case.shown_version, impact),
    )


def widened(ellipse: Ellipse, case: Case, t: Instant, settings: Settings) -> Ellipse:
    """Widen the area of what is no longer tracked, by the time since it was seen last."""
    if not case.track_lost:
        return ellipse
    more = settings.lost_growth_mps * max(t - case.assessment.time, 0) / SECOND
    return Ellipse(
        semi_major_m=ellipse.semi_major_m + more,
        semi_minor_m=ellipse.semi_minor_m + more,
        bearing_deg=ellipse.bearing_deg,
    )


def _as_read(name: str) -> str:
    """Fold a name: compatibility forms, capitals, spaces, and format characters that show nothing (UAX 15, UAX 44)."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) != "Cf")


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


def _note(as_status: Status, because: str) -> str:
    if as_status == "Actual":
        return because
    mark = wording.MARKS[as_status]
    what = "not released by people" if as_status == "Draft" else "this is not a real alert"
    return wording.marked(f"{what}{'. ' + because if because else ''}", mark)
