"""Who a sensor is, by origin and time."""

from msgspec.structs import replace

from tocsin.messages import Instant, Sensor
from tocsin.sensors.roster import Roster

OLD = Sensor(origin="live", id="geo-1", type="infrared", los_sigma_urad=30.0)
NEW = replace(OLD, los_sigma_urad=300.0, valid_from=Instant(1_000))


def sigma(roster, origin, t):
    found = roster.at(origin, "geo-1", t)
    return None if found is None else found.los_sigma_urad


def test_repeated_identical_has_no_effect():
    roster = Roster()
    for message in (OLD, OLD, replace(OLD, received=Instant(7), seq=3)):
        assert roster.add(message) is None
    assert sigma(roster, "live", 0) == 30.0


def test_changed_needs_a_later_valid_from():
    roster = Roster()
    roster.add(OLD)
    assert "valid_from" in roster.add(replace(OLD, los_sigma_urad=300.0))
    assert sigma(roster, "live", 5_000) == 30.0
    assert roster.add(NEW) is None
    assert [sigma(roster, "live", t) for t in (0, 999, 1_000, 5_000)] == [30.0, 30.0, 300.0, 300.0]
    assert roster.add(OLD) is None, "the first definition again, as a merged file repeats it"
    assert roster.add(replace(NEW, los_sigma_urad=3.0)) is not None
    assert roster.add(replace(NEW, los_sigma_urad=3.0, valid_from=Instant(500))) is not None
    assert sigma(roster, "live", 5_000) == 300.0


def test_not_yet_valid():
    roster = Roster()
    roster.add(NEW)
    assert sigma(roster, "live", 999) is None
    assert sigma(roster, "live", 1_000) == 300.0


def test_live_defines_for_exercise_but_not_back():
    roster = Roster()
    roster.add(OLD)
    assert sigma(roster, "exercise", 0) == 30.0
    own = replace(OLD, origin="exercise", los_sigma_urad=99.0)
    assert roster.add(own) is None
    assert (sigma(roster, "exercise", 0), sigma(roster, "live", 0), sigma(roster, "test", 0)) == (
        99.0,
        30.0,
        30.0,
    )
    alone = Roster()
    alone.add(own)
    assert sigma(alone, "live", 0) is None
    assert sigma(alone, "test", 0) is None


def test_newest_of_all():
    roster = Roster()
    for message in (OLD, NEW, replace(OLD, id="geo-2"), replace(OLD, origin="exercise", los_sigma_urad=9.0)):
        roster.add(message)
    assert {k: v.los_sigma_urad for k, v in roster.visible_to("live").items()} == {
        "geo-1": 300.0,
        "geo-2": 30.0,
    }
    assert roster.visible_to("exercise")["geo-1"].los_sigma_urad == 9.0
