"""What people, and policies they allowed, may do; each verb acts or says why it will not."""

from tocsin.alerting import looks, publication, release, wording
from tocsin.alerting.case import Case
from tocsin.alerting.evidence import is_harmless, latest, likeliest
from tocsin.alerting.life_cycle import VERDICTS, next_alert_state
from tocsin.alerting.settings import Settings
from tocsin.alerting.texts import Said, by_whom
from tocsin.messages import IDENTITIES, Decision, Instant, Outgoing


def carry_out(case: Case, decision: Decision, t: Instant, settings: Settings) -> list[Outgoing]:
    """Carry out one decision on a case of its own origin."""
    assert decision.origin == case.origin
    if decision.action == "comment":
        return _comment(case, decision, t)
    refusal = _why_not(case, decision, t, settings)
    if refusal is not None:
        return [case.log(refusal[0], t, f"{decision.action} by {decision.by} refused: {refusal[1]}")]
    if decision.action == "confirm":
        return _confirm(case, decision, t, settings)
    if decision.action == "fix-identity":
        return _fix_identity(case, decision, t, settings)
    if decision.action == "all-clear":
        return _all_clear(case, decision, t, settings)
    return _take_back(case, decision, t, settings)


def lapse(case: Case, t: Instant) -> list[Outgoing]:
    """Let approvals lapse that nobody joined in time."""
    who, case.approvals, case.first_approval = wording.listed(case.approvals), (), None
    return [case.log("approval-lapsed", t, f"nobody has joined {who} in confirming {case.id}; it lapses")]


def _comment(case: Case, decision: Decision, t: Instant) -> list[Outgoing]:
    """Write a comment down; one that begins `follow-up: true`, `qualified` or `false` also closes the alert's file."""
    said = f"{decision.by} on {case.id}: {wording.quoted(decision.reason)}"
    comment = case.log("comment", t, said)
    head, _, rest = decision.reason.partition(":")
    if head.strip().casefold() != "follow-up":
        return [comment]
    word, _, text = rest.partition(":")
    verdict = next((v for v in VERDICTS if v == word.strip().casefold()), None)
    if verdict is None:
        why = f"write follow-up: {', '.join(VERDICTS[:-1])} or {VERDICTS[-1]}, not {wording.quoted(word)!r}"
    elif release.is_policy(decision.by):
        why = "whether an alert was true is for people to say"
    elif next_alert_state(case.alert_state, "follow-up") is None:
        why = f"no alert of {case.id} is over"
    else:
        by = wording.quoted(decision.by)
        return [comment, *publication.follow_up(case, t, by, verdict, wording.quoted(text))]
    return [comment, case.log("decision-refused", t, f"follow-up by {decision.by} refused: {why}")]


def _confirm(case: Case, decision: Decision, t: Instant, settings: Settings) -> list[Outgoing]:
    before = release.status(case.origin, case.approvals, settings)
    if not case.approvals:
        case.first_approval = t
    case.approvals = (*case.approvals, decision.by)
    status = release.status(case.origin, case.approvals, settings)
    if status is None or status == before:
        people = sum(not release.is_policy(by) for by in case.approvals)
        text = f"{decision.by} confirms {case.id}: {people} of {settings.approvals} people"
        return [case.log("approval-counted", t, text)]
    if case.latest.state != "confirmed":
        looks.step(case.latest.state, "confirm")
    lead = wording.lead("confirmed", case.assessment, settings, case.approvals)
    return [case.version(t, lead, "confirmed"), *publication.follow(case, t, settings)]


def _fix_identity(case: Case, decision: Decision, t: Instant, settings: Settings) -> list[Outgoing]:
    """Set an identity over the machine's, until a person releases it by fixing none."""
    name = case.fixed_identity = decision.identity
    if name is None:
        return [
            case.log("identity-released", t, f"from the next look the identity of {case.id} is the machine's")
        ]
    case.look(case.assessment)
    state, said = looks.by_evidence(case, t, settings)
    lead = _by_whom(f"Identity fixed as {name}", decision)
    return [case.version(t, lead, state), *said, *publication.follow(case, t, settings)]


def _all_clear(case: Case, decision: Decision, t: Instant, settings: Settings) -> list[Outgoing]:
    because = _by_whom("All clear given", decision)
    out = looks.close(case, t, "impacted", because, settings) if case.is_open else []
    return out + publication.clear(case, t, (_said("all-clear-given", decision),), settings)


def _take_back(case: Case, decision: Decision, t: Instant, settings: Settings) -> list[Outgoing]:
    how = "cancelled" if decision.action == "cancel" else "dismissed"
    lead = _by_whom(how.capitalize(), decision)
    if not case.is_open:
        return publication.withdraw(case, t, (_said(how, decision),), settings)
    case.closed_by_person = True
    return looks.close(case, t, how, lead, settings)


def _why_not(case: Case, decision: Decision, t: Instant, settings: Settings) -> tuple[str, str] | None:
    """Name the event and the reason for which a decision is refused; None when it stands."""
    if decision.action == "confirm":
        return _why_not_confirm(case, decision.by, settings)
    if not _may_take_back(decision, settings):
        return "policy-not-allowed", "on a live warning that needs a person or a policy signed by two"
    if decision.action == "all-clear":
        return _why_not_all_clear(case, t)
    withdraws_what_is_out = decision.action == "cancel" and case.alert_is_out
    if not case.is_open and not withdraws_what_is_out:
        return "decision-refused", f"{case.id} is closed as {case.latest.outcome}"
    unknown = decision.identity is not None and decision.identity not in IDENTITIES
    if decision.action == "fix-identity" and unknown:
        return "decision-refused", f"no identity {decision.identity!r}; there are {', '.join(IDENTITIES)}"
    return None


def _why_not_confirm(case: Case, by: str, settings: Settings) -> tuple[str, str] | None:
    if not case.is_open:
        return "decision-refused", f"{case.id} is closed as {case.latest.outcome}"
    if release.has_approved(by, case.approvals):
        return "approval-repeated", f"{by} has confirmed {case.id} already, and one person counts once"
    if release.is_policy(by) and not release.is_heard(by, settings):
        return "policy-not-allowed", "it is not among the policies of the settings"
    if is_harmless(case.assessment.identity, settings):
        name, probability = likeliest(case.assessment.identity)
        return (
            "decision-refused",
            f"{case.id} is {name} with probability {probability:.2f}; fix its identity first",
        )
    may_be_detected = settings.confirm_uncorroborated and not release.is_policy(by)
    if case.latest.state == "detected" and not may_be_detected:
        return "decision-refused", f"{case.id} is not corroborated by {settings.paths} independent paths"
    return None


def _why_not_all_clear(case: Case, t: Instant) -> tuple[str, str] | None:
    if not case.alert_is_out:
        return "decision-refused", f"{case.id} has no alert out that could end"
    impact = case.impact or case.published
    if impact is not None and t <= latest(impact):
        over = wording.clock(latest(impact))
        return "decision-refused", f"{case.id} may come down until {over}; if the alert was wrong, cancel it"
    return None


def _may_take_back(decision: Decision, settings: Settings) -> bool:
    if not release.is_policy(decision.by) or decision.origin != "live":
        return True
    return release.is_signed(decision.by, settings)


def _by_whom(what: str, decision: Decision) -> str:
    why = wording.quoted(decision.reason)
    return f"{what} by {wording.quoted(decision.by)}" + (f" ({why})" if why else "")


def _said(key: str, decision: Decision) -> Said:
    return by_whom(key, wording.quoted(decision.by), wording.quoted(decision.reason))
