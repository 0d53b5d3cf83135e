"""Playbooks for warnings: what looks and the clock alone make the desk say."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.formats import cap
from tocsin.messages import EventLog, Warning

BOTH = {"geo-1": 3, "radar-3": 4}
SPACE = {"ballistic-missile": 0.03, "space-launch": 0.97}


def test_a_tentative_track_is_not_worth_a_word(book):
    assert book.look(10, track_state="tentative") == []


def test_a_track_dropped_before_it_was_one_is_not_either(book):
    assert book.look(10, track_state="dropped") == []


def test_the_first_version(book, at):
    (warning,) = book.look(10, {"geo-1": 3})
    assert (warning.id, warning.event, warning.version) == ("W-20260516-0001", "E-20260516-0001", 1)
    assert (warning.state, warning.outcome, warning.parent, warning.step) == ("detected", None, None, None)
    assert warning.time == at(10)


def test_the_sentence_has_the_facts(book):
    (warning,) = book.look(10, {"geo-1": 3})
    assert warning.reason == (
        "Detected, not corroborated: seen by infrared geo-1 in 3 detections on 1 independent path; "
        "in free flight; launched at 23:59:00 UTC give or take 6.1 s near 40.86° N 129.67° E "
        "within 4.1 by 1.8 km, heading 79° ± 1.2°; "
        "comes down at 00:20:00 UTC give or take 12 s near 41.20° N 143.10° E within 21 by 6.0 km; "
        "ballistic missile with probability 0.97."
    )


def test_two_paths_with_two_detections_each_corroborate(book):
    book.look(10, {"geo-1": 3})
    book.look(20, {"geo-1": 4, "radar-3": 1})
    assert book.warnings()[-1].state == "detected"
    book.look(30, {"geo-1": 5, "radar-3": 2})
    assert book.warnings()[-1].state == "corroborated"
    assert "by 2 independent paths, infrared and radar" in book.warnings()[-1].reason
    assert [w.version for w in book.warnings()] == [1, 2, 3]


def test_many_detections_on_one_path_do_not(book):
    book.look(10, {"hub": 500})
    assert book.warnings()[-1].state == "detected"


def test_a_look_without_news_makes_no_version(book):
    book.look(10)
    assert book.look(20) == []
    assert book.look(20, track_state="coasting") == []
    assert len(book.look(30, {"geo-1": 3, "radar-3": 5})) == 1


def test_contradiction_steps_down_in_a_new_version(book):
    book.look(10)
    (version,) = book.look(20, {"geo-1": 9})
    assert (version.state, version.version) == ("detected", 2)
    assert version.reason.startswith("Stepped down, no longer corroborated: ")


def test_what_people_confirmed_the_evidence_does_not_take_back(book):
    book.look(10)
    book.confirm(11)
    book.look(20, {"geo-1": 9})
    assert book.warnings()[-1].state == "confirmed"
    assert "evidence-contradicted" in book.logs()
    book.look(30, {"geo-1": 10})
    assert book.logs().count("evidence-contradicted") == 1


def test_numbers_count_within_the_date_of_the_first_look(playbook, at):
    book = playbook()
    book.look(10)
    book.look(20, track=2)
    book.look(86_410, track=3, first_look=at(86_390))
    book.look(86_420, track=4, first_look=at(86_405), impact=None)
    ids = [w.id for w in book.warnings() if w.version == 1]
    assert ids == ["W-20260516-0001", "W-20260516-0002", "W-20260516-0003", "W-20260517-0001"]


def test_desks_of_several_origins_share_the_numbers(playbook):
    live = playbook()
    drill = playbook(numbering=live.numbering)
    live.look(10)
    drill.look(10, origin="exercise")
    live.look(20, track=2)
    assert [w.id[-4:] for w in live.warnings()] == ["0001", "0003"]
    assert drill.warnings()[0].id == "W-20260516-0002"


def test_a_child_has_its_parents_event_and_raises_no_alert(book):
    book.look(10, parent=None)
    book.look(20, track=2, parent=1)
    child = book.warnings()[-1]
    assert (child.parent, child.event) == ("W-20260516-0001", "E-20260516-0001")
    assert child.state == "corroborated"
    assert book.logs() == ["approval-wanted"]  # the parent's
    for name in ("anna", "ben"):
        book.decide(21, "confirm", name, warning=child.id)
    assert book.warnings()[-1].state == "confirmed"
    assert book.alerts() == []


def test_a_child_whose_parent_never_was_a_warning_stands_for_itself(book):
    book.look(20, track=2, parent=1)
    assert book.warnings()[-1].parent is None
    assert "approval-wanted" in book.logs()


def test_a_group_is_one_event(book):
    book.look(10, track=1, group=7)
    book.look(10, track=2, group=7)
    book.look(10, track=3)
    assert [w.event[-4:] for w in book.warnings()] == ["0001", "0001", "0002"]


def test_a_group_found_later_moves_the_later_ones(book):
    book.look(10, track=1)
    book.look(10, track=2)
    book.look(20, track=1, group=4)
    book.look(20, track=2, group=4)
    assert [w.event[-4:] for w in book.warnings()] == ["0001", "0002", "0001"]


@pytest.mark.parametrize(
    ("identity", "phase", "seconds", "outcome"),
    [
        ({"ballistic-missile": 1.0}, "coast", 100, "lost"),
        ({"ballistic-missile": 1.0}, "down", 100, "impacted"),
        (SPACE, "coast", 100, "space-launch"),
        ({"sounding-rocket": 0.8}, "coast", 100, "sounding-rocket"),
        ({"fire": 0.8}, "coast", 100, "static"),
        ({"meteor": 0.45}, "coast", 100, "lost"),
    ],
)
def test_a_dropped_track_closes_a_detected_warning(book, identity, phase, seconds, outcome):
    book.look(10, {"geo-1": 3}, identity=identity, phase=phase)
    (closed,) = book.look(seconds, {"geo-1": 3}, identity=identity, phase=phase, track_state="dropped")
    assert (closed.state, closed.outcome, closed.version) == ("closed", outcome, 2)


def test_what_two_paths_saw_and_is_lost_stays_until_it_is_down(book, at):
    book.look(10)
    (lost,) = book.look(50, track_state="dropped")
    assert lost.state == "corroborated"
    assert lost.reason.startswith("No longer tracked, estimate of 00:00:10 UTC: ")
    assert book.look(55, track_state="dropped") == []
    (closed,) = book.advance(3600)[-1:]
    assert (closed.state, closed.outcome, closed.phase) == ("closed", "impacted", "down")


def test_the_clock_closes_after_the_latest_impact_time_and_dates_it_then(book, at):
    book.look(10, {"geo-1": 3})
    assert book.desk.next_deadline() == at(1200 + 1.96 * 6 + 30)
    assert book.advance(1200 + 1.96 * 6 + 29.9) == []
    (closed,) = book.advance(9999)
    assert closed.time == at(1200 + 1.96 * 6 + 30)
    assert (closed.state, closed.outcome) == ("closed", "impacted")
    assert "came down at 00:20:00 UTC" in closed.reason
    assert book.desk.next_deadline() is None


def test_an_impact_that_turns_out_to_be_past_closes_now_and_not_before(book, impact, at):
    book.look(10, {"geo-1": 3}, impact=impact(1200))
    book.look(700, {"geo-1": 4}, impact=impact(600))
    (closed,) = book.advance(701)
    assert closed.time == at(700)
    assert closed.outcome == "impacted"


def test_the_clock_acts_before_a_late_decision(book):
    book.look(10)
    *closing, refused = book.decide(3000, "confirm")
    assert [e.state for e in closing if isinstance(e, Warning)] == ["closed"]
    assert refused.name == "decision-refused"


def test_an_impact_that_is_not_a_number_is_unknown(book, impact):
    book.look(10, {"geo-1": 3}, impact=impact(1200, sigma_s=float("nan")))
    assert book.desk.next_deadline() is None
    assert book.advance(99_999) == []


def test_seen_in_flight_after_the_clock_closed_it_opens_again(book, impact):
    book.look(10)
    book.advance(2000)
    assert book.warnings()[-1].state == "closed"
    book.look(2010, {"geo-1": 3, "radar-3": 5}, impact=impact(2300))
    again = book.warnings()[-1]
    assert (again.state, again.outcome) == ("corroborated", None)
    assert again.reason.startswith("Opened again, still seen in flight")


def test_seen_lying_there_it_does_not(book):
    book.look(10)
    book.advance(2000)
    assert book.look(2010, {"geo-1": 3, "radar-3": 5}) == []
    assert book.look(2020, {"geo-1": 3, "radar-3": 6}, phase="down", impact=None) == []


def test_what_a_person_closed_stays_closed_but_is_called_out_once(book):
    book.look(10, {"geo-1": 3})
    book.decide(11, "dismiss", reason="glint")
    assert book.look(20, {"geo-1": 4}) == []
    (event,) = book.look(30, BOTH)
    assert isinstance(event, EventLog)
    assert event.name == "closed-but-corroborated"
    assert book.look(40, {"geo-1": 5, "radar-3": 9}) == []


def test_an_exercise_says_so_at_both_ends(book):
    book.look(10, origin="exercise")
    reason = book.warnings()[0].reason
    assert reason.startswith("EXERCISE: ")
    assert reason.endswith(". EXERCISE")


_looks = st.lists(
    st.tuples(
        st.floats(1, 60),
        st.integers(1, 3),
        st.sampled_from(["tentative", "confirmed", "coasting", "dropped"]),
        st.dictionaries(st.sampled_from(["geo-1", "geo-2", "radar-3"]), st.integers(1, 9), min_size=1),
        st.sampled_from([SPACE, {"ballistic-missile": 0.97, "other": 0.03}]),
        st.sampled_from([None, "confirm", "dismiss", "cancel", "all-clear", "comment", "fix-identity"]),
        st.sampled_from(["anna", "ben", "policy:auto"]),
        st.one_of(st.none(), st.floats(-200, 600)),
    ),
    max_size=25,
)


def _play(book, impact, steps, origin, ticks):
    now = 0.0
    for gap, track, state, paths, identity, action, by, flight in steps:
        for tick in range(1, ticks + 1):
            book.advance(now + gap * tick / (ticks + 1))
        now += gap
        where = None if flight is None else impact(now + flight, lat=flight / 10)
        parent = 1 if track == 3 else None
        book.look(
            now,
            paths,
            track=track,
            track_state=state,
            identity=identity,
            impact=where,
            origin=origin,
            parent=parent,
        )
        if action is not None:
            fixed = "space-launch" if action == "fix-identity" and by == "ben" else None
            book.decide(now, action, by, origin=origin, warning=f"W-20260516-000{track}", identity=fixed)
    book.advance(now + 5000)
    return book


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_looks, origin=st.sampled_from(["live", "exercise"]), ticks=st.integers(1, 3))
def test_whatever_comes(playbook, impact, steps, origin, ticks):
    """Versions count up, times do not run back, no Actual without two people, more ticks change nothing."""
    one = _play(playbook(), impact, steps, origin, 0)
    many = _play(playbook(), impact, steps, origin, ticks)
    assert one.said == many.said
    versions: dict[str, list[Warning]] = {}
    for warning in one.warnings():
        versions.setdefault(warning.id, []).append(warning)
    for chain in versions.values():
        assert [w.version for w in chain] == list(range(1, len(chain) + 1))
        assert all(a.time <= b.time for a, b in itertools.pairwise(chain))
        assert all((w.outcome is not None) == (w.state == "closed") for w in chain)
    seen = set()
    for alert in one.alerts():
        people = {by for by in alert.approvals if not by.startswith("policy:")}
        assert alert.identifier not in seen
        seen.add(alert.identifier)
        assert alert.status == "Exercise" if origin == "exercise" else alert.status in ("Actual", "Draft")
        assert alert.status != "Actual" or alert.msg_type == "Cancel" or len(people) == 2
        assert (alert.msg_type == "Alert") == (not alert.references)
        assert cap.validate(cap.write(alert)) == []
