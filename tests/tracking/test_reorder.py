"""What leaves the reorder buffer depends on what came in and not on its order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.messages import SECOND
from tocsin.tracking.reorder import ReorderBuffer

LAG = 2 * SECOND

# (time of the item, its delay within the lag, rank, name)
items = st.lists(
    st.tuples(
        st.integers(0, 60 * SECOND), st.integers(0, LAG), st.integers(0, 2), st.sampled_from(["geo-1", "geo-2"])
    ),
    max_size=30, unique_by=lambda row: (row[0], row[2], row[3]),
)  # fmt: skip


def released(rows):
    """Feed items in order of arrival; return what left before the end and after it."""
    buffer = ReorderBuffer(LAG / SECOND)
    early = []
    for t, delay, rank, name in sorted(rows, key=lambda row: row[0] + row[1]):
        buffer.arrive(t + delay)
        assert not buffer.is_late(t)
        buffer.add(t, rank, name, (t, rank, name))
        early += buffer.due()
        assert all(t >= buffer.clock - LAG for t, *_ in buffer._heap)
    return early, buffer.due(everything=True)


@given(rows=items)
def test_leaves_in_order_of_time_rank_name(rows):
    early, rest = released(rows)
    order = [item for _, item in early + rest]
    assert order == sorted((t, rank, name) for t, _, rank, name in rows)


@given(rows=items, data=st.data())
def test_any_delays_within_the_lag_give_the_same(rows, data):
    again = [(t, data.draw(st.integers(0, LAG)), rank, name) for t, _, rank, name in rows]
    first, second = ([*early, *rest] for early, rest in map(released, (rows, again)))
    assert first == second


def test_equal_items_leave_as_they_came():
    buffer = ReorderBuffer(2.0)
    for item in "abc":
        buffer.add(5, 1, "geo-1", item)
    assert [item for _, item in buffer.due(everything=True)] == ["a", "b", "c"]


def test_waits_until_the_clock_has_passed_by_the_lag():
    buffer = ReorderBuffer(2.0)
    buffer.add(0, 1, "geo-1", "a")
    assert buffer.due() == [], "without a clock nothing is due"
    buffer.arrive(LAG)
    assert buffer.due() == []
    buffer.arrive(LAG - SECOND)
    assert buffer.clock == LAG, "the clock never goes back"
    buffer.arrive(LAG + 1)
    assert buffer.due() == [(0, "a")]
    assert len(buffer) == 0


@pytest.mark.parametrize(("t", "late"), [(SECOND, False), (SECOND - 1, True)])
def test_late(t, late):
    buffer = ReorderBuffer(2.0)
    assert not buffer.is_late(t), "the first sets the clock"
    buffer.arrive(3 * SECOND)
    assert buffer.is_late(t) == late
