"""What a new look does to a warning: up and down with the evidence, called off, lost, closed, seen again."""

from typing import Final

from tocsin.alerting import publication, wording
from tocsin.alerting.case import Case, down_at
from tocsin.alerting.evidence import (
    AGAINST,
    is_doubted,
    is_harmless,
    latest,
    likeliest,
    outcome,
    supported_state,
)
from tocsin.alerting.life_cycle import WarningState, WarningTrigger, next_warning_state
from tocsin.alerting.settings import Settings
from tocsin.messages import Assessment, Instant, Outgoing

REFUTED: Final = (
    0.02  # existence below which what no longer is tracked was refuted and not merely lost sight of
)


def first(case: Case, t: Instant, settings: Settings) -> list[Outgoing]:
    """Make the first version of a warning."""
    state = supported_state(case.assessment, settings)
    version = case.version(t, wording.lead(state, case.assessment, settings, ()), state)
    return [version, *publication.follow(case, t, settings)]


def update(case: Case, assessment: Assessment, moved: bool, settings: Settings) -> list[Outgoing]:
    """Make a new version where the look brought news. `moved`: the case has joined another event."""
    before, was, t = case.assessment, case.latest.state, assessment.time
    found_again = case.track_lost
    case.look(assessment)
    case.track_lost = False
    state, said = by_evidence(case, t, settings)
    if not (moved or state != was or found_again or _has_news(before, case.assessment)):
        return said
    lead = wording.lead(state, case.assessment, settings, case.approvals)
    if (was, state) == ("corroborated", "detected"):
        lead = _stepped_down(case.assessment)
    if was == "confirmed" and state != "confirmed":
        lead = f"Confirmation lapsed, this is harmless: {likeliest(case.assessment.identity)[0]}"
    return [case.version(t, lead, state), *said, *publication.follow(case, t, settings)]


def by_evidence(case: Case, t: Instant, settings: Settings) -> tuple[WarningState, list[Outgoing]]:
    """Find the state the evidence moves a warning to; what people confirmed is only ever called off."""
    state = case.latest.state
    supported = supported_state(case.assessment, settings)
    said: list[Outgoing] = []
    if state == "confirmed" and is_harmless(case.assessment.identity, settings):
        case.approvals = ()  # they were given for something else
        state = step(state, "call-off")
    if state == "confirmed" and supported == "detected" and not case.contradiction_said:
        text = f"{case.id} stays confirmed, but its evidence no longer corroborates it"
        said.append(case.log("evidence-contradicted", t, text))
    if state == "detected" and supported == "corroborated":
        state = step(state, "corroborate")
    elif state == "corroborated" and supported == "detected":
        case.approvals = ()  # they were given for evidence that is gone
        state = step(state, "contradict")
    case.contradiction_said = state == "confirmed" and supported == "detected"
    return state, said


def lose(case: Case, assessment: Assessment, settings: Settings) -> list[Outgoing]:
    """Close what is no longer tracked; but what two paths saw and has yet to come down stays until then.

    It stays no longer where sensors have looked for it often enough to refute it, unless a person has confirmed it.
    """
    t = assessment.time
    down = down_at(case, settings)
    refuted = assessment.existence < REFUTED and case.latest.state == "corroborated"
    awaited = case.latest.state != "detected" and down is not None and down > t and not refuted
    if not awaited or is_harmless(case.assessment.identity, settings):
        impact = case.impact
        is_down = case.assessment.phase == "down" or (impact is not None and impact.time <= t)
        how = outcome(case.assessment.identity, is_down)
        return close(case, t, how, f"Closed as {how}, no longer tracked", settings)
    if case.track_lost:
        return []
    case.track_lost = True
    lead = f"No longer tracked, estimate of {wording.clock(case.assessment.time)}"
    version = case.version(t, lead, case.latest.state)
    return [version, *(publication.review(case, t, settings) if case.alert_is_out else ())]


def close(case: Case, t: Instant, how: str, lead: str, settings: Settings) -> list[Outgoing]:
    """Close a warning with an outcome, and let its alert follow."""
    state = step(case.latest.state, "close")
    return [case.version(t, lead, state, how), *publication.follow(case, t, settings)]


def see_after_closing(case: Case, assessment: Assessment, settings: Settings) -> list[Outgoing]:
    """Open again what the clock closed and still flies; call out what a person closed and two paths see."""
    t, impact = assessment.time, assessment.impact
    seen_more = assessment.evidence.detections > case.assessment.evidence.detections
    flying = assessment.phase != "down" and (impact is None or latest(impact) > t)
    if assessment.track_state == "dropped" or not (seen_more and flying):
        return []
    if case.closed_by_person:
        return _call_out(case, assessment, settings)
    case.look(assessment)
    state = step("closed", "see-again")
    if case.alert_is_out:
        state = step(state, "confirm")  # the alert still stands, and with it what people confirmed
    else:
        case.approvals = ()
        if supported_state(case.assessment, settings) == "corroborated":
            state = step(state, "corroborate")
    case.track_lost = False
    return [
        case.version(t, "Opened again, still seen in flight", state),
        *publication.follow(case, t, settings),
    ]


def step(state: WarningState, trigger: WarningTrigger) -> WarningState:
    """Take a step that the table must allow."""
    after_it = next_warning_state(state, trigger)
    assert after_it is not None, (state, trigger)
    return after_it


def _call_out(case: Case, assessment: Assessment, settings: Settings) -> list[Outgoing]:
    was = supported_state(case.assessment, settings)
    if was == "corroborated" or supported_state(assessment, settings) == "detected":
        return []
    case.look(assessment)  # so that this is said once
    text = f"{case.id} was closed by a person and is now corroborated"
    return [case.log("closed-but-corroborated", assessment.time, text)]


def _has_news(before: Assessment, now: Assessment) -> bool:
    """Say whether a look changed more than the clock: evidence, phase, or what it most likely is."""
    return (
        before.evidence != now.evidence
        or before.path_detections != now.path_detections
        or before.phase != now.phase
        or likeliest(before.identity)[0] != likeliest(now.identity)[0]
        or before.step != now.step
        or before.distrusted != now.distrusted
    )


def _stepped_down(assessment: Assessment) -> str:
    """Say why it is no longer corroborated: a step that holds it, doubt, or a path that claims too much."""
    if assessment.step in AGAINST:
        return f"Stepped down, held by the step {assessment.step}"
    if is_doubted(assessment):
        return "Stepped down, more likely nothing than an object"
    if assessment.distrusted:
        return f"Stepped down, {' and '.join(assessment.distrusted)} claims what did not come through it"
    return "Stepped down, no longer corroborated"
