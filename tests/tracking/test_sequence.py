"""What messages' numbers tell: against a plain count of what was left out, over many shuffles of a damaged stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.messages import SECOND, InfraredScan, Instant, Status, Summary
from tocsin.tracking.sequence import PATIENCE, Sequences


def at(seconds):
    return Instant(round(seconds * SECOND))


def look(number, seconds=None, sensor="geo-1"):
    t = at(10 * number if seconds is None else seconds)
    return InfraredScan(origin="test", sensor=sensor, time=t, duration_s=1.0, detections=(), seq=number)


def told(messages):
    """Read messages in order of time; return (name, sentence) of all that is odd."""
    sequences = Sequences()
    found = [row for m in messages for row in sequences.check(m, m.time)]
    return [(name, text) for name, _, _, text in found + sequences.finish()]


def test_a_whole_count_is_silent_wherever_it_starts():
    assert told([look(n) for n in range(17, 60)]) == []


def test_without_numbers_nothing_is_said():
    assert told([replace(look(n), seq=None) for n in (1, 5, 3)]) == []


def test_looks_statuses_and_summaries_share_one_count():
    assert (
        told(
            [
                look(1),
                Status(origin="test", sensor="geo-1", time=at(15), state="ok", seq=2),
                Summary(origin="test", sensor="geo-1", time=at(18), count=0, window_s=10.0, seq=3),
                look(4),
                look(9, sensor="geo-2", seconds=41),
            ]
        )
        == []
    )


def test_what_never_came_is_counted_once():
    (gap,) = told([look(1), look(2), look(6), look(7), look(8)])
    assert gap == (
        "sequence-gap",
        "geo-1 left out 3 of its numbers, 3 to 5: not come, not whole, or too late",
    )


def test_a_gap_at_the_end_is_named_too():
    assert [name for name, _ in told([look(1), look(3)])] == ["sequence-gap"]


def test_what_takes_its_turn_a_little_later_is_not_missing():
    """A look that began first and ended last: its number comes after a higher one."""
    assert told([look(1), look(3, 30), look(2, 30 + PATIENCE / SECOND / 2), look(4, 40)]) == []


def test_the_same_message_again_is_no_break():
    assert told([look(1), look(2), replace(look(2), received=at(99)), look(3)]) == []


def test_another_message_with_the_same_number():
    ((name, text),) = told([look(1), look(2), look(3), look(2, 35), look(4)])
    assert name == "sequence-broken"
    assert "another message the number 2 after 3" in text


def test_a_count_that_starts_anew_is_said_once_and_goes_on():
    (event,) = told([look(n, 10 * k) for k, n in enumerate([*range(5, 40), *range(0, 80)])])
    assert event[0] == "sequence-broken"
    assert "number 0 after 39" in event[1]


def test_a_tape_played_into_the_stream_is_named_again_and_again_but_not_each_time():
    live = [look(n) for n in range(100, 160)]
    tape = [look(n, 10 * (n + 85) + 5) for n in range(20, 65)]
    names = [name for name, _ in told(sorted([*live, *tape], key=lambda m: m.time))]
    assert set(names) == {"sequence-broken"}
    assert 5 <= len(names) <= 10  # 450 s of it, named each minute


def test_a_number_gone_wrong_does_not_drown_what_follows():
    names = [
        name
        for name, _ in told(
            [look(n) for n in (1, 2, 3)] + [look(1 << 40, 40)] + [look(n) for n in range(5, 90)]
        )
    ]
    assert names == ["sequence-gap", "sequence-broken"]


@given(st.sets(st.integers(1, 60), max_size=25))
def test_the_sum_of_gaps_is_what_was_left_out(lost):
    kept = [look(n) for n in range(0, 62) if n not in lost]
    said = [text for name, text in told(kept) if name == "sequence-gap"]
    assert sum(int(text.split()[3]) for text in said) == len(lost)
    assert len(said) == len(told(kept))


@pytest.mark.parametrize("numbers", [[1, 2, 3, 4], [1, 2, 4, 5], [3, 3, 4, 5]])
def test_nothing_is_remembered_for_ever(numbers):
    sequences = Sequences()
    for k in range(5_000):
        sequences.check(look(numbers[k % 4] + 5 * (k // 4), 10 * k), at(10 * k))
    count = sequences._counts["geo-1"]
    assert len(count._known) <= 64
    assert len(count._missing) <= 8
