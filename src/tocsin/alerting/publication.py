"""The alert's life: proposed, released by people, updated at its pace, ended by an all-clear or a cancel."""

import math

from tocsin.alerting import release
from tocsin.alerting.case import Case, after, obstacle, pace, publishable
from tocsin.alerting.evidence import is_harmless, witnesses
from tocsin.alerting.life_cycle import AlertTrigger, Verdict, next_alert_state
from tocsin.alerting.settings import Settings
from tocsin.alerting.texts import Because, Said
from tocsin.earth.ellipsoid import distance
from tocsin.messages import SECOND, ImpactEstimate, Instant, Outgoing


def follow(case: Case, t: Instant, settings: Settings) -> list[Outgoing]:
    """Bring the alert after a new version of its warning: propose, release, update or withdraw it."""
    if case.alert_is_out:
        return _follow_out(case, t, settings)
    out: list[Outgoing] = []
    wanted = _is_wanted(case, settings)
    if wanted and case.alert_state != "pending":
        _step(case, "propose")
        case.proposed, case.escalations, case.waits_because = t, 0, ""
        out.append(
            case.log("approval-wanted", t, f"{case.id} waits for {settings.approvals} people to confirm it")
        )
    if not wanted and case.alert_state == "pending":
        _step(case, "retract")
        case.proposed = None
    if case.alert_state == "pending" and case.latest.state == "confirmed":
        out += _release_or_wait(case, t, settings)
    return out


def publish(case: Case, t: Instant, because: Because, settings: Settings) -> list[Outgoing]:
    """Send the next alert: the first one of its status as an Alert, later ones as Updates."""
    status = release.status(case.origin, case.approvals, settings)
    impact = publishable(case, settings)
    assert status is not None and impact is not None
    first = not case.alerts or case.alerts[-1].status != status
    if first:
        case.alerts.clear()  # a Draft was never anybody's alert: the real one supersedes nothing
    if impact is case.latest.impact:
        case.shown_version = case.latest.version
    phase = release.phase_at(case, impact, t, settings)
    msg_type: release.MsgType = "Alert" if first else "Update"
    alert = release.alert(case, t, msg_type, phase, status, impact, because, settings)
    _step(case, "release" if first else "revise")
    case.alerts.append(alert)
    case.alerts_ever += 1
    case.published, case.proposed, case.revise_at, case.said_lost = impact, None, None, case.track_lost
    return [alert]


def review(case: Case, t: Instant, settings: Settings) -> list[Outgoing]:
    """Say again of what is no longer tracked how old the estimate is, with an area that grows meanwhile."""
    key = "lost-and-wider" if settings.lost_growth_mps and t > case.assessment.time else "lost"
    return publish(case, t, (Said(key, {"time": case.assessment.time}),), settings)


def follow_up(case: Case, t: Instant, by: str, verdict: Verdict, text: str) -> list[Outgoing]:
    """Say in the log, once an alert is over, whether it was true, qualified or false."""
    _step(case, "follow-up")
    said = f"the alert of {case.id} was {verdict}, says {by}" + (f": {text}" if text else "")
    return [case.log("followed-up", t, said)]


def clear(case: Case, t: Instant, because: Because, settings: Settings) -> list[Outgoing]:
    """Give the all-clear, as an Update to all who got the alert."""
    return _end(case, t, "Update", because, settings)


def withdraw(case: Case, t: Instant, because: Because, settings: Settings) -> list[Outgoing]:
    """Take the alert back."""
    return _end(case, t, "Cancel", because, settings)


def _end(
    case: Case, t: Instant, msg_type: release.MsgType, because: Because, settings: Settings
) -> list[Outgoing]:
    assert case.published is not None
    status = case.alerts[-1].status
    alert = release.alert(case, t, msg_type, "all-clear", status, case.published, because, settings)
    _step(case, "withdraw" if msg_type == "Cancel" else "clear")
    case.alerts.clear()
    case.alerts_ever += 1
    case.published, case.revise_at = None, None
    return [alert]


def _is_wanted(case: Case, settings: Settings) -> bool:
    """Say whether an alert should be proposed: a child alone raises none, and nothing harmless does."""
    supported = case.latest.state in ("corroborated", "confirmed")
    return supported and case.parent is None and not is_harmless(case.assessment.identity, settings)


def _release_or_wait(case: Case, t: Instant, settings: Settings) -> list[Outgoing]:
    why = obstacle(case.impact, settings)
    if not why:
        return publish(case, t, _evidence(case, settings), settings)
    if why == case.waits_because:
        return []
    case.waits_because = why
    return [case.log("alert-waits", t, f"{case.id} is confirmed, but its alert waits: {why}")]


def _follow_out(case: Case, t: Instant, settings: Settings) -> list[Outgoing]:
    if case.closed_by_person or is_harmless(case.assessment.identity, settings):
        return withdraw(case, t, _ended(case, settings), settings)
    if not case.is_open:
        return []  # it is down: the clock gives the all-clear
    last = case.alerts[-1]
    if release.status(case.origin, case.approvals, settings) != last.status:
        return publish(case, t, _evidence(case, settings), settings)
    impact = case.impact
    if impact is None or obstacle(impact, settings):
        return []
    since, age = (t - last.sent) / SECOND, (t - case.alerts[0].sent) / SECOND
    assert case.published is not None
    shift = _distance(case.published, impact)
    if release.phase_at(case, impact, t, settings) != last.phase:
        return publish(case, t, _evidence(case, settings), settings)
    found_again = case.said_lost and not case.track_lost
    moved = release.has_moved(case.published, impact, shift, settings)
    if found_again or moved:
        if since >= settings.update_gap_s:
            why = [Said("found-again")] if found_again else []
            why += [_moved(shift, impact)] if moved else []
            return publish(case, t, (*why, *_evidence(case, settings)), settings)
        case.revise_at = after(last.sent, settings.update_gap_s)
    elif since >= pace(age, settings):
        return publish(case, t, _evidence(case, settings), settings)
    return []


def _moved(shift_m: float, impact: ImpactEstimate) -> Said:
    """Say how far; and to whom it left behind, that they are."""
    away = shift_m > (impact.ellipse_99 or impact.ellipse_95).semi_major_m
    return Said("moved-away" if away else "moved", {"km": f"{shift_m / 1000:.0f}"})


def _evidence(case: Case, settings: Settings) -> Because:
    seen = case.assessment.evidence
    count = len(witnesses(case.assessment, settings))
    both = "-by-both" if seen.infrared and seen.radar else ""
    return (Said("seen" if count < settings.paths else f"corroborated{both}", {"n": count}),)


def _ended(case: Case, settings: Settings) -> Because:
    return (Said("harmless" if is_harmless(case.assessment.identity, settings) else "taken-back"),)


def _distance(one: ImpactEstimate, other: ImpactEstimate) -> float:
    places = (one.latitude_deg, one.longitude_deg, other.latitude_deg, other.longitude_deg)
    return distance(*(math.radians(angle) for angle in places))


def _step(case: Case, trigger: AlertTrigger) -> None:
    after_it = next_alert_state(case.alert_state, trigger)
    assert after_it is not None, (case.id, case.alert_state, trigger)
    case.alert_state = after_it
