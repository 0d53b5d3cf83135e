"""The desk: assessments, decisions and time in; warnings, alerts and named events out."""

from heapq import heapify, heappop, heappush

from msgspec import structs

from tocsin.alerting import decisions, looks, publication
from tocsin.alerting.case import Case, deadlines
from tocsin.alerting.evidence import is_finite, outcome
from tocsin.alerting.numbering import Numbering
from tocsin.alerting.settings import Settings
from tocsin.alerting.texts import Said
from tocsin.messages import Assessment, Decision, EventLog, Instant, Origin, Outgoing

Key = tuple[Origin, int]


class Desk:
    """Turn what is believed of each object into warnings, and what people confirm into alerts.

    Stream time only: `assess` and `decide` first let the clock act up to their time, so that calling
    `advance` more often changes nothing. The caller gives everything in order of time; `advance(t)` says
    that all that happened up to `t` has been given. Every refusal is said in an `EventLog`.
    """

    def __init__(self, settings: Settings, numbering: Numbering) -> None:
        self._settings = settings
        self._numbering = numbering
        self._cases: dict[Key, Case] = {}
        self._by_warning: dict[str, Case] = {}
        self._by_event: dict[str, list[Case]] = {}
        self._event_of_group: dict[Key, str] = {}
        self._now: Instant | None = None  # of the last look or decision: nothing is dated before it any more
        self._due: dict[str, Instant] = {}  # by warning: only those the clock will do something to
        self._queue: list[tuple[Instant, str]] = []  # a heap of all these, and of what is no longer so

    def assess(self, assessment: Assessment) -> list[Outgoing]:
        """Take what is believed of a track after a look; give a new version and alert, if there is news."""
        out = self._arrive(assessment.time)
        if assessment.impact is not None and not is_finite(assessment.impact):
            assessment = structs.replace(assessment, impact=None)
        case = self._cases.get((assessment.origin, assessment.track))
        if assessment.track_state == "tentative" or (case is None and assessment.track_state == "dropped"):
            return out
        if case is None:
            case = self._open(assessment)
            out += looks.first(case, assessment.time, self._settings)
        elif not case.is_open:
            out += looks.see_after_closing(case, assessment, self._settings)
        elif assessment.track_state == "dropped":
            out += looks.lose(case, assessment, self._settings)
        else:
            moved = self._join(case, assessment)
            out += looks.update(case, assessment, moved, self._settings)
        self._set_deadlines(case.event, case)
        return out

    def decide(self, decision: Decision, time: Instant) -> list[Outgoing]:
        """Carry out a person's or a policy's decision at a stream time, or refuse it and say why."""
        out = self._arrive(time)
        owner = self._numbering.origin_of(decision.warning)
        if owner is not None and owner != decision.origin:
            text = (
                f"a decision of origin {decision.origin} cannot act on {decision.warning}, which is {owner}"
            )
            return [*out, _refusal("exercise-blocked", decision, time, text)]
        case = self._by_warning.get(decision.warning)
        if case is None:
            text = f"there is no warning {decision.warning}"
            return [*out, _refusal("decision-unknown-warning", decision, time, text)]
        out += decisions.carry_out(case, decision, time, self._settings)
        self._set_deadlines(case.event, case)
        return out

    def advance(self, t: Instant) -> list[Outgoing]:
        """Let the clock escalate, close, update and give the all-clear up to `t`, each at its own time."""
        out: list[Outgoing] = []
        while (due := self._next_due()) is not None and due[0] <= t:
            case = self._by_warning[due[1]]
            out += self._act(case)
            self._set_deadlines(case.event, case)
        return out

    def next_deadline(self) -> Instant | None:
        """Give the next stream time at which `advance` would do something."""
        due = self._next_due()
        return None if due is None else due[0]

    # ----------------------------------------------------------------------------------------- the clock

    def _arrive(self, t: Instant) -> list[Outgoing]:
        out = self.advance(t)
        self._now = t if self._now is None else max(t, self._now)
        return out

    def _act(self, case: Case) -> list[Outgoing]:
        """Do the next thing that is due to a case."""
        due, what = min(deadlines(case, self._by_event[case.event], self._settings))
        t = due if self._now is None else max(due, self._now)
        if what == "close":
            how = outcome(case.assessment.identity, down=True)
            case.come_down()
            return looks.close(
                case, t, how, f"Closed as {how}, the latest impact time has passed", self._settings
            )
        if what == "escalate":
            waited = self._settings.escalate_after_s[case.escalations]
            case.escalations += 1
            return [
                case.log(
                    "decision-overdue",
                    t,
                    f"{case.id} has waited {waited:.0f} s for people to confirm or dismiss it",
                )
            ]
        if what == "lapse":
            return decisions.lapse(case, t)
        if what == "clear":
            return publication.clear(case, t, (Said("nothing-more"),), self._settings)
        if what == "review":
            return publication.review(case, t, self._settings)
        return publication.publish(case, t, (Said("time-is-short"),), self._settings)

    def _set_deadlines(self, event: str, changed: Case | None = None) -> None:
        """Set what the clock will do to the case that changed, and to those of its event that wait for an all-clear."""
        mates = self._by_event[event]
        for case in mates:
            if case is not changed and (case.is_open or not case.alert_is_out):
                continue  # its deadlines hang on itself alone
            due = deadlines(case, mates, self._settings)
            if not due:
                self._due.pop(case.id, None)
            elif (first := min(due)[0]) != self._due.get(case.id):
                self._due[case.id] = first
                heappush(self._queue, (first, case.id))

    def _next_due(self) -> tuple[Instant, str] | None:
        """Return when the clock acts next and on which warning, the first by name of those of one time."""
        if len(self._queue) > 4 * len(self._due) + 64:  # mostly what has since been put off
            self._queue = [(when, name) for name, when in self._due.items()]
            heapify(self._queue)
        while self._queue and self._due.get(self._queue[0][1]) != self._queue[0][0]:
            heappop(self._queue)
        return self._queue[0] if self._queue else None

    # ---------------------------------------------------------------------------------------- the events

    def _open(self, assessment: Assessment) -> Case:
        first, origin = assessment.first_look, assessment.origin
        parent = self._parent(assessment)
        event = parent.event if parent is not None else self._event_of(assessment)
        name = self._numbering.warning(first, origin)
        case = Case(id=name, event=event or self._numbering.event(first), assessment=assessment)
        case.parent = None if parent is None else parent.id
        if assessment.group is not None:
            self._event_of_group.setdefault((origin, assessment.group), case.event)
        self._cases[origin, assessment.track] = case
        self._by_warning[name] = case
        self._by_event.setdefault(case.event, []).append(case)
        return case

    def _join(self, case: Case, assessment: Assessment) -> bool:
        """Move a case to its parent's or its group's event once known; say whether anything changed."""
        parent = self._parent(assessment)
        was = case.event, case.parent
        if parent is not None:
            case.parent, case.event = parent.id, parent.event
        elif assessment.group is not None:
            case.event = self._event_of_group.setdefault((case.origin, assessment.group), case.event)
        if case.event != was[0]:
            self._by_event[was[0]].remove(case)
            self._by_event[case.event].append(case)
            self._set_deadlines(was[0])
        return (case.event, case.parent) != was

    def _parent(self, assessment: Assessment) -> Case | None:
        """Find the parent's case; an object whose parent never became a warning stands for itself."""
        return None if assessment.parent is None else self._cases.get((assessment.origin, assessment.parent))

    def _event_of(self, assessment: Assessment) -> str | None:
        if assessment.group is None:
            return None
        return self._event_of_group.get((assessment.origin, assessment.group))


def _refusal(name: str, decision: Decision, t: Instant, text: str) -> EventLog:
    return EventLog(name=name, time=t, origin=decision.origin, text=text, warning=decision.warning)
