"""The live story: a line for each thing worth saying, none for the rest."""

import pytest

from tocsin.cli.story import Line, Story
from tocsin.earth.time import parse_utc
from tocsin.messages import (
    SECOND,
    Alert,
    Cue,
    Duplicate,
    Ellipse,
    EventLog,
    Evidence,
    ImpactEstimate,
    Instant,
    LaunchEstimate,
    Raid,
    Rejected,
    Warning,
)

ZERO = parse_utc("2026-05-16T00:01:00Z")


def at(seconds: float) -> Instant:
    return Instant(ZERO + round(seconds * SECOND))


def ellipse(major: float) -> Ellipse:
    return Ellipse(semi_major_m=major, semi_minor_m=major / 4, bearing_deg=30.0)


def launch(major: float, azimuth: float | None = None) -> LaunchEstimate:
    return LaunchEstimate(
        time=at(1), time_sigma_s=5.0, latitude_deg=12.0, longitude_deg=-38.0, ellipse_95=ellipse(major),
        azimuth_deg=azimuth, azimuth_sigma_deg=None if azimuth is None else 2.0,
    )  # fmt: skip


def impact(major: float, latitude: float = 18.0) -> ImpactEstimate:
    return ImpactEstimate(
        time=at(600), time_sigma_s=10.0, latitude_deg=latitude, longitude_deg=-28.7, ellipse_95=ellipse(major)
    )


def evidence(infrared=("geo-1",), radar=()) -> Evidence:
    return Evidence(infrared=infrared, radar=radar, paths=(*infrared, *radar), detections=3)


def warning(seconds: float, **fields) -> Warning:
    given = {
        "id": "W-20260516-0001", "version": 1, "time": at(seconds), "origin": "exercise", "state": "detected",
        "outcome": None, "event": "E-20260516-0001",
        "parent": None, "identity": {"ballistic-missile": 0.9, "other": 0.1},
        "evidence": evidence(), "phase": "boost", "launch": None, "impact": None, "state_vector": None,
        "step": None, "reason": "so it is",
    }  # fmt: skip
    return Warning(**given | fields)


def texts(story: Story, event) -> list[str]:
    return [line.text for line in story.tell(event, at(0))]


def test_the_first_sight_names_who_what_and_whence():
    (line,) = Story().tell(warning(30, launch=launch(20_000.0)), at(30))
    assert (line.time, line.origin, line.word, line.id) == (at(30), "exercise", "DETECTED", "W-20260516-0001")
    assert line.text.startswith("noticed by geo-1 in 3 detections; launch 12.0")
    assert "±20 × 5.0 km at 00:01:01.0 ±9.8 s" in line.text  # 95 %: 1.96 sigma
    assert line.text.endswith("ballistic missile 90 %")


def test_a_version_with_nothing_new_is_silent():
    story = Story()
    story.tell(warning(30, launch=launch(20_000.0)), at(30))
    assert texts(story, warning(40, version=2, launch=launch(11_000.0))) == []


def test_the_chain_of_a_launch():
    story = Story()
    texts(story, warning(30))
    both = evidence(("geo-1", "geo-2"))
    assert texts(story, warning(40, evidence=both)) == ["geo-2 sees it too (2 paths)"]
    assert texts(story, warning(50, evidence=both, state="corroborated")) == [
        "corroborated by 2 independent paths"
    ]
    flying = {"evidence": both, "state": "corroborated", "phase": "coast"}
    (said,) = texts(story, warning(120, **flying, impact=impact(80_000.0)))
    assert said.startswith("burnout: in free flight; impact 18.0")
    assert texts(story, warning(130, **flying, impact=impact(41_000.0))) == []
    (said,) = texts(story, warning(140, **flying, impact=impact(39_000.0)))
    assert said.startswith("impact 18.0")
    flying["evidence"] = evidence(("geo-1", "geo-2"), ("radar-1",))
    assert texts(story, warning(150, **flying, impact=impact(39_000.0))) == ["radar radar-1 has it (3 paths)"]
    assert texts(story, warning(160, **flying | {"state": "confirmed"}, impact=impact(39_000.0))) == [
        "confirmed"
    ]
    closed = flying | {"state": "closed", "outcome": "impacted", "phase": "down"}
    (line,) = story.tell(warning(700, **closed), at(700))
    assert (line.word, line.text) == ("CLOSED", "closed: impacted")


def test_an_impact_that_leaves_the_area_last_told_is_told_again():
    story = Story()
    texts(story, warning(120, impact=impact(40_000.0)))
    assert texts(story, warning(130, impact=impact(40_000.0, latitude=18.3))) == []
    (said,) = texts(story, warning(140, impact=impact(40_000.0, latitude=18.5)))  # 55 km from the first
    assert said.startswith("impact 18.5")
    assert texts(story, warning(150)) == ["impact area withdrawn"]


def test_steps_down_headings_and_other_identities_are_told():
    story = Story()
    texts(story, warning(30, state="corroborated", launch=launch(9_000.0)))
    assert texts(story, warning(40, launch=launch(9_000.0))) == ["steps down: no longer corroborated"]
    (said,) = texts(story, warning(50, launch=launch(9_000.0, azimuth=55.0)))
    assert said.endswith("heading 55° ±3.9°")
    other = {"space-launch": 0.8, "ballistic-missile": 0.2}
    assert texts(story, warning(60, launch=launch(9_000.0), identity=other)) == ["space launch 80 %"]


def test_the_time_left_is_told_with_each_line_and_once_a_minute():
    story = Story(place=(18.0, -28.7))
    assert "here" not in texts(story, warning(30))[0]
    (said,) = texts(story, warning(300, impact=impact(40_000.0)))
    assert said.endswith("here: 4 min 40 s left, inside the 95 % area")  # 600 - 1.96 × 10 - 300
    assert texts(story, warning(310, impact=impact(40_000.0))) == []
    assert texts(story, warning(342, impact=impact(40_000.0))) == [
        "here: 3 min 58 s left, inside the 95 % area"
    ]
    (said,) = texts(story, warning(350, impact=impact(10_000.0, latitude=25.0)))
    assert said.endswith("no longer near here")
    assert texts(story, warning(360, impact=impact(10_000.0, latitude=25.0))) == []


def alert(msg_type: str = "Alert", phase: str = "take-shelter", **fields) -> Alert:
    given = {
        "identifier": "x", "sender": "y", "sent": at(160), "status": "Exercise", "msg_type": msg_type, "references": (),
        "warning": "W-20260516-0001", "version": 3, "phase": phase, "event": "", "urgency": "", "severity": "",
        "certainty": "", "headline": "", "description": "", "instruction": "", "expires": at(900),
        "impact_earliest": at(580), "impact_likeliest": at(600), "impact_latest": at(620), "area_description": "",
        "polygon": (), "origin": "exercise", "approvals": ("Ada", "Bo"),
    }  # fmt: skip
    return Alert(**given | fields)


def test_alerts():
    story = Story()
    assert texts(story, alert()) == [
        "Alert issued, status Exercise: take shelter, approved by Ada and Bo; earliest impact 00:10:40.0"
    ]
    assert texts(story, alert("Cancel", "all-clear")) == ["Cancel issued, status Exercise: all clear"]


def test_raids_are_told_when_their_count_changes():
    story = Story()
    raid = Raid(
        event="E-1", time=at(1), origin="test", count=2.0, count_low=2.0, count_high=3.0, unresolved=0
    )
    assert texts(story, raid) == ["2 objects (2 to 3)"]
    assert texts(story, raid) == []
    more = Raid(
        event="E-1", time=at(2), origin="test", count=2.9787, count_low=2.0, count_high=4.0, unresolved=1
    )
    assert texts(story, more) == ["3 objects (2 to 4)"]


def test_the_system_s_own_log_is_told_without_saying_the_warning_twice():
    event = EventLog(
        name="approval-wanted", time=at(1), origin="test", text="W-1 waits for 2 people", warning="W-1"
    )
    assert Story().tell(event, at(1)) == [
        Line(at(1), "test", "LOG", "W-1", "approval-wanted: waits for 2 people")
    ]


def test_what_is_not_for_people_is_silent():
    cue = Cue(
        sensor="radar-1", time=at(1), origin="test", warning="W-1", azimuth_deg=1.0, elevation_deg=1.0, range_m=1.0,
        azimuth_extent_deg=1.0, elevation_extent_deg=1.0, range_extent_m=1.0,
    )  # fmt: skip
    for event in (cue, Duplicate(sensor="geo-1", time=at(1))):
        assert Story().tell(event, at(1)) == []


@pytest.mark.parametrize(("count", "lines"), [(1, 1), (5, 5), (50, 6)])
def test_rejections_are_told_a_few_times(count, lines):
    story = Story()
    said = [
        t for k in range(count) for t in texts(story, Rejected(file="a", line=k, field="time", why="is late"))
    ]
    assert len(said) == lines
    assert said[0] == "a:0: time: is late"
