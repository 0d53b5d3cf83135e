"""Playbooks for people: who may confirm, refuse, take back, and what is said when they may not."""

import pytest

from tocsin.alerting.settings import Settings
from tocsin.messages import IDENTITIES, Alert, EventLog, Warning

SPACE = {"ballistic-missile": 0.03, "space-launch": 0.97}


def _names(events):
    return [event.name for event in events if isinstance(event, EventLog)]


def test_two_different_people_make_an_actual_alert(book):
    book.look(10)
    assert _names(book.decide(11, "confirm", "anna")) == ["approval-counted"]
    assert book.alerts() == []
    version, alert = book.decide(12, "confirm", "ben")
    assert isinstance(version, Warning)
    assert (version.state, version.version) == ("confirmed", 2)
    assert version.reason.startswith("Confirmed by anna and ben: ")
    assert isinstance(alert, Alert)
    assert (alert.status, alert.msg_type, alert.approvals) == ("Actual", "Alert", ("anna", "ben"))


@pytest.mark.parametrize("again", ["anna", "Anna", " an na "])
def test_the_same_person_twice_is_one(book, again):
    book.look(10)
    book.decide(11, "confirm", "anna")
    assert _names(book.decide(12, "confirm", again)) == ["approval-repeated"]
    assert book.warnings()[-1].state == "corroborated"


def test_what_one_path_saw_is_not_confirmed(book):
    book.look(10, {"geo-1": 9})
    assert _names(book.confirm(11)) == ["decision-refused", "decision-refused"]
    assert book.warnings()[-1].state == "detected"


def test_unless_the_settings_say_so(playbook):
    book = playbook(Settings(confirm_uncorroborated=True))
    book.look(10, {"geo-1": 9})
    assert _names(book.decide(11, "confirm", "policy:auto")) == ["decision-refused"]
    book.confirm(11)
    assert [a.status for a in book.alerts()] == ["Actual"]
    assert book.alerts()[0].certainty == "Likely"


def test_approvals_lapse_when_the_evidence_does(book):
    book.look(10)
    book.decide(11, "confirm", "anna")
    book.look(20, {"geo-1": 9})
    book.look(30)
    assert _names(book.decide(31, "confirm", "ben")) == ["approval-counted"]


@pytest.mark.parametrize(
    ("origin", "status"), [("live", "Draft"), ("exercise", "Exercise"), ("test", "Test")]
)
def test_a_policy_alone(book, origin, status):
    book.look(10, origin=origin)
    book.decide(11, "confirm", "policy:auto", origin=origin)
    assert [a.status for a in book.alerts()] == [status]
    assert book.warnings()[-1].state == "confirmed"


def test_a_signed_policy_is_as_good_as_two_people(playbook):
    book = playbook(Settings(signed_policies=("night",)))
    book.look(10)
    book.decide(11, "confirm", "policy:night")
    assert [a.status for a in book.alerts()] == ["Actual"]


def test_a_policy_that_is_not_heard(playbook):
    book = playbook(Settings(policies=("night",)))
    book.look(10)
    assert _names(book.decide(11, "confirm", "policy:day")) == ["policy-not-allowed"]


def test_a_policy_and_one_person_are_not_two_people(book):
    book.look(10)
    book.decide(11, "confirm", "policy:auto")
    assert _names(book.decide(12, "confirm", "anna")) == ["approval-counted"]
    assert [a.status for a in book.alerts()] == ["Draft"]


def test_people_raise_a_draft_to_a_new_actual_alert(book):
    book.look(10)
    book.decide(11, "confirm", "policy:auto")
    book.confirm(12)
    draft, actual = book.alerts()
    assert (draft.status, actual.status) == ("Draft", "Actual")
    assert (actual.msg_type, actual.references) == ("Alert", ())
    assert actual.identifier != draft.identifier


@pytest.mark.parametrize("action", ["dismiss", "cancel", "all-clear", "fix-identity"])
def test_an_unsigned_policy_takes_nothing_live_back(book, action):
    book.look(10)
    book.confirm(11)
    identity = "space-launch" if action == "fix-identity" else None
    assert _names(book.decide(12, action, "policy:auto", identity=identity)) == ["policy-not-allowed"]
    assert book.warnings()[-1].state == "confirmed"
    assert len(book.alerts()) == 1


def test_a_decision_about_nothing(book):
    (event,) = book.decide(5, "confirm", warning="W-20260516-0009")
    assert event.name == "decision-unknown-warning"
    assert event.warning == "W-20260516-0009"


@pytest.mark.parametrize(
    ("warned", "decided"), [("live", "exercise"), ("exercise", "live"), ("live", "test")]
)
@pytest.mark.parametrize("action", ["confirm", "dismiss", "cancel", "all-clear", "fix-identity", "comment"])
def test_decisions_do_not_cross_origins(playbook, warned, decided, action):
    here = playbook()
    there = playbook(numbering=here.numbering)
    here.look(10, origin=warned)
    for desk in (here, there):
        (event,) = desk.decide(11, action, origin=decided)
        assert event.name == "exercise-blocked"
        assert event.origin == decided
    assert here.warnings()[-1].state == "corroborated"


def test_dismissal_before_an_alert(book):
    book.look(10)
    (closed,) = book.decide(11, "dismiss", reason="sun glint\non cloud.")
    assert (closed.state, closed.outcome) == ("closed", "dismissed")
    assert closed.reason.startswith("Dismissed by anna (sun glint on cloud): ")
    assert _names(book.confirm(12)) == ["decision-refused", "decision-refused"]
    assert book.alerts() == []


@pytest.mark.parametrize(("action", "outcome"), [("dismiss", "dismissed"), ("cancel", "cancelled")])
def test_taking_an_alert_back_is_one_act(book, action, outcome):
    book.look(10)
    book.confirm(11)
    version, alert = book.decide(20, action, "carl", reason="wrong button")
    assert version.outcome == outcome
    first = book.alerts()[0]
    assert (alert.msg_type, alert.status, alert.phase) == ("Cancel", "Actual", "all-clear")
    assert alert.references == (f"{first.sender},{first.identifier},2026-05-16T00:00:11-00:00",)
    assert alert.polygon == first.polygon
    assert book.desk.next_deadline() is None
    assert book.decide(30, action, "carl")[0].name == "decision-refused"


def test_all_clear_by_a_person_only_when_nothing_can_come(book):
    book.look(10)
    book.confirm(11)
    refused = book.decide(1205, "all-clear")
    assert _names(refused) == ["decision-refused"]
    assert "may come down until 00:20:12 UTC; if the alert was wrong, cancel it" in refused[-1].text
    version, alert = book.decide(1215, "all-clear")
    assert (version.state, version.outcome) == ("closed", "impacted")
    assert (alert.msg_type, alert.phase, alert.urgency) == ("Update", "all-clear", "Past")
    assert book.advance(9999) == []


def test_all_clear_of_nothing(book):
    book.look(10)
    assert _names(book.decide(11, "all-clear")) == ["decision-refused"]


def test_a_comment_changes_nothing(book):
    book.look(10)
    (event,) = book.decide(11, "comment", reason="looks like the usual range")
    assert event.text == "anna on W-20260516-0001: looks like the usual range"


def test_a_fixed_identity_stays_until_it_is_released(book):
    book.look(10)
    (version,) = book.decide(11, "fix-identity", identity="sounding-rocket")
    assert version.identity == {"sounding-rocket": 1.0}
    book.look(20, {"geo-1": 5, "radar-3": 5})
    assert book.warnings()[-1].identity == {"sounding-rocket": 1.0}
    assert _names(book.decide(21, "fix-identity")) == ["identity-released"]
    book.look(30, {"geo-1": 6, "radar-3": 5})
    assert book.warnings()[-1].identity["ballistic-missile"] == 0.97


def test_an_identity_that_does_not_exist(book):
    book.look(10)
    (event,) = book.decide(11, "fix-identity", identity="misile")
    assert event.name == "decision-refused"
    assert all(name in event.text for name in IDENTITIES)


def test_fixing_a_harmless_identity_calls_the_alert_off(book):
    book.look(10)
    book.confirm(11)
    version, alert = book.decide(12, "fix-identity", identity="space-launch")
    assert version.state == "corroborated"
    assert alert.msg_type == "Cancel"


def test_the_harmless_is_not_confirmed(book):
    book.look(10, identity=SPACE)
    assert "approval-wanted" not in book.logs()
    assert _names(book.confirm(11)) == ["decision-refused", "decision-refused"]
    assert book.alerts() == []


def test_who_waits_for_people_is_called_out_and_never_released(book):
    book.look(10)
    assert book.logs() == ["approval-wanted"]
    book.advance(69)
    assert book.logs() == ["approval-wanted"]
    book.advance(1000)
    assert book.logs() == ["approval-wanted", "decision-overdue", "decision-overdue"]
    assert book.alerts() == []
