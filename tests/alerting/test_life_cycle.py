"""Every cell of both tables is visited, allowed or not."""

import itertools

import pytest

from tocsin.alerting import life_cycle as life

# Written out again, by hand, as the theory in the module's docstring has it: state, trigger, state after it.
WARNING_CELLS = """
detected corroborate corroborated
detected confirm confirmed
detected close closed
corroborated contradict detected
corroborated confirm confirmed
corroborated close closed
confirmed call-off detected
confirmed close closed
closed see-again detected
"""
ALERT_CELLS = """
none propose pending
pending retract none
pending release issued
issued release issued
issued revise updated
issued clear all-clear
issued withdraw cancelled
updated release issued
updated revise updated
updated clear all-clear
updated withdraw cancelled
all-clear propose pending
cancelled propose pending
all-clear follow-up followed-up
cancelled follow-up followed-up
followed-up propose pending
followed-up follow-up followed-up
"""


def _cells(text):
    return {(state, trigger): after for state, trigger, after in map(str.split, text.strip().splitlines())}


@pytest.mark.parametrize(("state", "trigger"), itertools.product(life.WARNING_STATES, life.WARNING_TRIGGERS))
def test_every_cell_of_a_warnings_life(state, trigger):
    assert life.next_warning_state(state, trigger) == _cells(WARNING_CELLS).get((state, trigger))


@pytest.mark.parametrize(("state", "trigger"), itertools.product(life.ALERT_STATES, life.ALERT_TRIGGERS))
def test_every_cell_of_an_alerts_life(state, trigger):
    assert life.next_alert_state(state, trigger) == _cells(ALERT_CELLS).get((state, trigger))


def test_nothing_is_confirmed_without_the_trigger_of_people():
    assert {t for (_, t), after in life.WARNING_LIFE.items() if after == "confirmed"} == {"confirm"}


def test_no_alert_goes_out_that_did_not_wait_for_people():
    before = {s for (s, _), after in life.ALERT_LIFE.items() if after == "issued"}
    assert before == {"pending", "issued", "updated"}


@pytest.mark.parametrize(
    ("states", "cells"), [(life.WARNING_STATES, life.WARNING_LIFE), (life.ALERT_STATES, life.ALERT_LIFE)]
)
def test_every_state_is_reached_from_the_first(states, cells):
    reached = [states[0]]
    for state in reached:
        reached += [after for (s, _), after in cells.items() if s == state and after not in reached]
    assert sorted(reached) == sorted(states)


def test_the_diagram_has_one_arrow_a_cell():
    assert life.mermaid("warning").count(" --> ") == len(life.WARNING_LIFE) + 1
    text = life.mermaid("alert")
    assert text.startswith("stateDiagram-v2\n    [*] --> none\n")
    assert '    state "all-clear" as all_clear\n' in text
    assert "    issued --> all_clear: clear\n" in text
