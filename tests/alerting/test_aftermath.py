"""What comes after: approvals that lapse, an object that is lost, the follow-up."""

import pytest

from tocsin.alerting.settings import Settings

SECOND_PATHS = {"geo-1": 3, "radar-3": 5}


def test_an_approval_that_nobody_joins_lapses(book):
    book.look(10)
    book.decide(12, "confirm", "anna")
    book.advance(911.9)
    assert "approval-lapsed" not in book.logs()
    book.advance(912)
    assert book.logs()[-1] == "approval-lapsed"
    assert [e.text for e in book.said if getattr(e, "name", "") == "approval-lapsed"] == [
        "nobody has joined anna in confirming W-20260516-0001; it lapses"
    ]


def test_after_a_lapse_two_people_are_needed_again(playbook):
    book = playbook(Settings(approval_lasts_s=60))
    book.look(10)
    book.decide(12, "confirm", "anna")
    book.decide(80, "confirm", "ben")
    assert book.alerts() == []
    book.decide(90, "confirm", "anna")
    assert [a.approvals for a in book.alerts()] == [("ben", "anna")]


def test_no_approval_of_what_is_confirmed_lapses(book):
    book.look(10)
    book.confirm(12)
    book.advance(5000)
    assert "approval-lapsed" not in book.logs()


@pytest.mark.parametrize("same", ["ANNA", " an na ", "Anna\u200b", "\uff41nna", "a\u00adnna"])
def test_one_person_in_disguise_counts_once(book, same):
    book.look(10)
    book.decide(12, "confirm", "anna")
    book.decide(13, "confirm", same)
    assert book.logs()[-1] == "approval-repeated"
    assert book.alerts() == []


def test_nobody_decides_it_escalates_and_never_releases(book):
    book.look(10)
    book.advance(1100)
    assert book.logs() == ["approval-wanted", "decision-overdue", "decision-overdue"]
    assert book.alerts() == []


def _axis(alert):
    lats = [lat for lat, _ in alert.polygon]
    return (max(lats) - min(lats)) / 2 * 111_000


def test_the_area_of_what_is_lost_grows_at_the_pace_of_updates(book):
    book.look(10)
    book.confirm(12)
    book.look(40, track_state="dropped")
    said = book.alerts()
    assert (
        "No longer tracked, estimate of 00:00:10 UTC. The area is drawn wider for it." in said[-1].description
    )
    book.advance(240)
    said = book.alerts()
    assert len(said) == 4  # sent 12, at the loss 40, then a review each 60 s
    assert all(a.msg_type == "Update" for a in said[1:])
    assert all(b > a for a, b in zip([_axis(x) for x in said], [_axis(x) for x in said[1:]], strict=False))
    assert _axis(said[-1]) - _axis(said[0]) == pytest.approx(
        30 * (said[-1].sent - said[0].sent) / 1e9, rel=0.25
    )


def test_seen_again_it_is_no_longer_wider(book):
    book.look(10)
    book.confirm(12)
    book.look(40, track_state="dropped")
    book.advance(110)
    wide = book.alerts()[-1]
    book.look(300, SECOND_PATHS)
    assert _axis(book.alerts()[-1]) < _axis(wide)
    assert "The object is tracked again." in book.alerts()[-1].description


def _over(book):
    book.look(10)
    book.confirm(12)
    book.decide(30, "cancel", "carla", reason="drill")


@pytest.mark.parametrize("verdict", ["true", "qualified", "false"])
def test_a_follow_up_says_whether_it_was_true(book, verdict):
    _over(book)
    comment, said = book.decide(4000, "comment", "dora", reason=f"Follow-up: {verdict}: debris found at sea")
    assert (comment.name, said.name) == ("comment", "followed-up")
    assert said.text == f"the alert of W-20260516-0001 was {verdict}, says dora: debris found at sea"
    assert book.decide(4010, "comment", "dora", reason="follow-up: qualified")[-1].name == "followed-up"


def test_a_follow_up_after_the_all_clear(book):
    book.look(10)
    book.confirm(12)
    book.advance(5000)
    assert book.decide(5001, "comment", "dora", reason="follow-up: true")[-1].name == "followed-up"


@pytest.mark.parametrize(
    ("reason", "by", "why"),
    [
        ("follow-up: maybe", "dora", "write follow-up: true, qualified or false, not 'maybe'"),
        ("follow-up:", "dora", "write follow-up: true, qualified or false"),
        ("follow-up: true", "policy:auto", "for people to say"),
    ],
)
def test_a_follow_up_that_says_nothing_is_kept_as_a_comment_and_refused(book, reason, by, why):
    _over(book)
    comment, refused = book.decide(100, "comment", by, reason=reason)
    assert (comment.name, refused.name) == ("comment", "decision-refused")
    assert why in refused.text


def test_no_follow_up_while_an_alert_is_out(book):
    book.look(10)
    book.confirm(12)
    _, refused = book.decide(20, "comment", "dora", reason="follow-up: false")
    assert refused.text == "follow-up by dora refused: no alert of W-20260516-0001 is over"


def test_followed_up_and_then_seen_again_it_can_be_alerted_again(book):
    book.look(10)
    book.confirm(12)
    book.look(30, SECOND_PATHS, identity={"space-launch": 0.97, "ballistic-missile": 0.03})
    book.decide(40, "comment", "dora", reason="follow-up: false")
    book.look(50, {"geo-1": 4, "radar-3": 6})
    book.confirm(51)
    assert [a.msg_type for a in book.alerts()] == ["Alert", "Cancel", "Alert"]
