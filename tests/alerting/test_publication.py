"""Playbooks for alerts: what goes out, when it is updated, and how it ends."""

import pytest

from tocsin.alerting.settings import Settings
from tocsin.earth.time import parse_utc
from tocsin.messages import SECOND, Ellipse

SPACE = {"ballistic-missile": 0.03, "space-launch": 0.97}


def _paths(n):
    return {"geo-1": 3, "radar-3": n}


def test_the_first_alert(book, at):
    book.look(10)
    book.confirm(12.7)
    (alert,) = book.alerts()
    assert alert.identifier == "W-20260516-0001.1.live"
    assert not set(alert.identifier + alert.sender) & set(" ,<&")
    assert (alert.warning, alert.version, alert.origin) == ("W-20260516-0001", 2, "live")
    assert alert.sent == at(12)  # no fraction
    assert (alert.phase, alert.urgency, alert.severity, alert.certainty) == (
        "advisory", "Expected", "Extreme", "Observed",
    )  # fmt: skip
    assert (alert.impact_earliest, alert.impact_likeliest, alert.impact_latest) == (
        at(1188),
        at(1200),
        at(1212),
    )
    assert alert.expires == at(1211 + 1800)
    assert alert.headline == "Missile advisory: be ready"
    assert "between 00:19:48 UTC and 00:20:12 UTC, most likely at 00:20:00 UTC" in alert.description
    assert "geo-1" not in alert.description  # who saw it is for the watch, not for the street


def test_near_impact_it_says_take_shelter(book, impact):
    book.look(10, impact=impact(600))
    book.confirm(12)
    (alert,) = book.alerts()
    assert (alert.phase, alert.urgency) == ("take-shelter", "Immediate")
    assert alert.instruction.startswith("Take shelter now")


def test_the_clock_turns_an_advisory_into_take_shelter(book, at):
    book.look(10)
    book.confirm(12)
    (update,) = book.advance(400)
    assert (update.msg_type, update.phase) == ("Update", "take-shelter")
    assert update.sent == at(288)  # 900 s before the earliest impact at 1188.24 s, without its fraction
    assert update.headline == "Update: missile alert: take shelter now"
    assert update.references == (f"{update.sender},W-20260516-0001.1.live,2026-05-16T00:00:12-00:00",)


def test_a_small_change_that_leaves_too_little_time_is_said_at_once(book, impact, at):
    book.look(10)
    book.confirm(12)
    book.look(240, _paths(5))  # an update by its pace, so that the next is not one
    (_, update) = book.look(285, _paths(6), impact=impact(1195))  # it was to be time at 288 s
    assert (update.phase, update.sent) == ("take-shelter", at(285))


def test_nobody_is_called_back_from_shelter_to_wait(book, impact):
    book.look(10, impact=impact(600))
    book.confirm(12)
    book.look(40, _paths(9), impact=impact(2000))
    assert [a.phase for a in book.alerts()] == ["take-shelter", "take-shelter"]


def test_an_update_refers_to_all_before_it(book, impact):
    book.look(10)
    book.confirm(12)
    for i in range(1, 4):
        book.look(12 + 20 * i, _paths(4 + i), impact=impact(1200, lat=41.2 + i))
    alerts = book.alerts()
    assert [a.msg_type for a in alerts] == ["Alert", "Update", "Update", "Update"]
    assert [len(a.references) for a in alerts] == [0, 1, 2, 3]
    assert [ref.split(",")[1] for ref in alerts[3].references] == [a.identifier for a in alerts[:3]]
    assert all(a.headline.startswith("Update: ") for a in alerts[1:])
    assert "moved by 111 km" in alerts[1].description


def test_a_small_change_waits_for_the_pace(book, impact):
    book.look(10)
    book.confirm(12)
    book.look(40, _paths(5), impact=impact(1205, lat=41.25))
    assert len(book.alerts()) == 1
    book.look(72, _paths(6), impact=impact(1205, lat=41.25))
    assert len(book.alerts()) == 2
    book.look(100, _paths(7), impact=impact(1205, lat=41.25))
    assert len(book.alerts()) == 2


def test_two_great_changes_in_a_breath_are_one_update(book, impact, at):
    book.look(10)
    book.confirm(12)
    book.look(15, _paths(5), impact=impact(1200, lat=43))
    book.look(17, _paths(6), impact=impact(1200, lat=45))
    assert len(book.alerts()) == 1
    assert book.desk.next_deadline() == at(22)
    (update,) = book.advance(23)
    assert update.sent == at(22)
    assert round(sum(lat for lat, _ in update.polygon[1:]) / 36) == 45


@pytest.mark.parametrize(
    "change",
    [
        {"seconds": 1231.0},
        {"seconds": 1200.0, "lat": 41.31},
        {
            "seconds": 1200.0,
            "ellipse_95": Ellipse(semi_major_m=33_000.0, semi_minor_m=6_000.0, bearing_deg=80.0),
        },
        {
            "seconds": 1200.0,
            "ellipse_95": Ellipse(semi_major_m=21_000.0, semi_minor_m=3_900.0, bearing_deg=80.0),
        },
    ],
)
def test_what_is_a_great_change(book, impact, change):
    book.look(10)
    book.confirm(12)
    book.look(40, _paths(5), impact=impact(**change))
    assert len(book.alerts()) == 2


def test_the_all_clear_comes_after_the_latest_impact_time(book, at):
    book.look(10)
    book.confirm(12)
    book.advance(300)
    closed, alert = book.advance(5000)
    assert (closed.state, closed.outcome) == ("closed", "impacted")
    assert (alert.msg_type, alert.phase) == ("Update", "all-clear")
    assert alert.sent == at(1241) > alert.impact_latest
    assert alert.headline == "Update: all clear, the missile alert is over"
    assert alert.expires > alert.sent
    assert len(alert.references) == 2
    assert alert.version == closed.version


def test_the_all_clear_waits_for_the_last_of_the_raid(book, impact):
    book.look(10, track=1, group=1, impact=impact(600))
    book.look(10, track=2, group=1, impact=impact(800))
    for warning in ("W-20260516-0001", "W-20260516-0002"):
        for name in ("anna", "ben"):
            book.decide(12, "confirm", name, warning=warning)
    book.advance(700)
    assert [w.state for w in book.warnings()][-1] == "closed"
    assert [a.phase for a in book.alerts()] == ["take-shelter", "take-shelter"]
    book.advance(5000)
    assert [a.phase for a in book.alerts()][2:] == ["all-clear", "all-clear"]
    assert {a.warning for a in book.alerts()[2:]} == {"W-20260516-0001", "W-20260516-0002"}


def test_a_raid_that_was_none_lets_the_all_clear_go(book, impact, at):
    book.look(10, track=3)
    book.look(10, track=1, group=1, impact=impact(600))
    book.look(10, track=2, group=1, impact=impact(5000))
    for warning in ("W-20260516-0002", "W-20260516-0003"):
        for name in ("anna", "ben"):
            book.decide(12, "confirm", name, warning=warning)
    book.advance(690)
    assert "all-clear" not in [a.phase for a in book.alerts()]
    book.look(700, _paths(5), track=2, parent=3, impact=impact(5000))
    book.advance(701)
    assert [(a.warning, a.sent) for a in book.alerts() if a.phase == "all-clear"] == [
        ("W-20260516-0002", at(700))
    ]


def test_without_an_automatic_all_clear_a_person_gives_it(playbook):
    book = playbook(Settings(all_clear_automatic=False))
    book.look(10)
    book.confirm(12)
    book.advance(9000)
    assert book.warnings()[-1].state == "closed"
    assert book.alerts()[-1].phase == "take-shelter"
    (alert,) = book.decide(9001, "all-clear")
    assert alert.phase == "all-clear"


def test_a_closed_warnings_alert_can_still_be_cancelled(playbook):
    book = playbook(Settings(all_clear_automatic=False))
    book.look(10)
    book.confirm(12)
    book.advance(9000)
    (alert,) = book.decide(9001, "cancel")
    assert alert.msg_type == "Cancel"


def test_turned_out_to_be_a_space_launch(book):
    book.look(10)
    book.confirm(12)
    version, alert = book.look(30, _paths(6), identity=SPACE)
    assert version.state == "corroborated"
    assert version.reason.startswith("Confirmation lapsed, this is harmless: space-launch: ")
    assert alert.msg_type == "Cancel"
    (closed,) = book.look(40, _paths(6), identity=SPACE, track_state="dropped")
    assert closed.outcome == "space-launch"


def test_called_off_and_then_ballistic_after_all_it_needs_people_again(book):
    book.look(10)
    book.confirm(12)
    book.look(30, _paths(6), identity=SPACE)
    book.look(40, _paths(7))
    assert book.warnings()[-1].state == "corroborated"
    book.confirm(41)
    last = book.alerts()[-1]
    assert (last.msg_type, last.references, last.identifier[-7:]) == ("Alert", (), ".3.live")


def test_confirmed_before_an_impact_is_known_the_alert_waits(book, impact):
    book.look(10, impact=None)
    book.confirm(12)
    book.look(20, _paths(5), impact=None)
    assert book.logs().count("alert-waits") == 1
    assert book.alerts() == []
    book.look(30, _paths(6), impact=impact(1200))
    assert [a.msg_type for a in book.alerts()] == ["Alert"]


def test_an_area_that_says_nothing_waits_too(book, impact):
    book.look(
        10, impact=impact(1200, ellipse_95=Ellipse(semi_major_m=4e6, semi_minor_m=1e6, bearing_deg=1.0))
    )
    book.confirm(12)
    assert "alert-waits" in book.logs()
    assert book.alerts() == []


def test_lost_while_an_alert_is_out_people_are_told(book):
    book.look(10)
    book.confirm(12)
    version, alert = book.look(100, track_state="dropped")
    assert version.state == "confirmed"
    assert alert.msg_type == "Update"
    assert "No longer tracked, estimate of 00:00:10 UTC." in alert.description


def test_seen_again_while_the_alert_stands_it_stays_confirmed(playbook, impact):
    book = playbook(Settings(all_clear_automatic=False))
    book.look(10)
    book.confirm(12)
    book.advance(2000)
    book.look(2010, _paths(9), impact=impact(2300))
    assert book.warnings()[-1].state == "confirmed"
    assert book.alerts()[-1].msg_type == "Update"


@pytest.mark.parametrize(("origin", "mark"), [("exercise", "EXERCISE"), ("test", "TEST")])
def test_what_is_not_real_says_so_at_both_ends_of_every_text(book, origin, mark):
    book.look(10, origin=origin)
    book.confirm(12, origin=origin)
    book.advance(400)
    book.decide(410, "cancel", origin=origin, reason="over")
    assert [a.msg_type for a in book.alerts()] == ["Alert", "Update", "Cancel"]
    for alert in book.alerts():
        assert alert.status == mark.capitalize()
        for text in (alert.headline, alert.description, alert.instruction, alert.note, alert.event):
            assert text.startswith(f"{mark}: ")
            assert text.endswith(f" {mark}")


def test_whole_seconds_only(book):
    book.look(10.25)
    book.confirm(12.75)
    book.advance(9000)
    for a in book.alerts():
        for t in (a.sent, a.expires, a.impact_earliest, a.impact_likeliest, a.impact_latest):
            assert t % SECOND == 0


def test_the_same_day_another_run_gives_the_same_alerts(playbook):
    def run():
        book = playbook()
        book.look(10)
        book.confirm(12)
        book.advance(9000)
        return book.said

    assert run() == run()


def test_99_percent_area_when_there_is_one(book, impact, at):
    wide = Ellipse(semi_major_m=30_000.0, semi_minor_m=9_000.0, bearing_deg=80.0)
    book.look(10, impact=impact(1200, ellipse_99=wide))
    book.confirm(12)
    (alert,) = book.alerts()
    assert alert.area_description.endswith(
        "30 by 9.0 km half axes, which holds the impact in 99 of 100 cases"
    )
    assert alert.impact_latest == at(1216)  # 2.576 × 6 s, up to the whole second
    assert parse_utc("2026-05-16T00:20:16Z") == alert.impact_latest
