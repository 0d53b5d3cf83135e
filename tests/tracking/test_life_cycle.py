"""Every cell of the table of a track's life, allowed or not."""

import itertools

import pytest

from tocsin.tracking.life_cycle import STATES, TRANSITIONS, TRIGGERS, after

CELLS = list(itertools.product(STATES, TRIGGERS))


@pytest.mark.parametrize(("state", "trigger"), CELLS)
def test_every_cell(state, trigger):
    if (state, trigger) in TRANSITIONS:
        assert after(state, trigger) in STATES
    else:
        with pytest.raises(AssertionError, match=state):
            after(state, trigger)


def test_the_table_holds_nothing_else():
    assert set(TRANSITIONS) <= set(CELLS)


def test_what_the_words_promise():
    assert after("tentative", "proved") == "confirmed"
    assert after("confirmed", "unseen") == after("coasting", "unseen") == "coasting"
    assert after("coasting", "seen") == "confirmed"
    assert {after(s, "gone") for s in STATES if s != "dropped"} == {"dropped"}
    assert not [cell for cell in TRANSITIONS if cell[0] == "dropped"], "what is dropped does not come back"


def test_every_state_can_be_reached():
    reached = {"tentative"}
    for _ in STATES:
        reached |= {to for (state, _), to in TRANSITIONS.items() if state in reached}
    assert reached == set(STATES)
