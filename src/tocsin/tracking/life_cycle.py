"""The life of a track.

A track is tentative while its sightings or plots may still be chance; confirmed once a launch is declared or a
radar row has proved itself; coasting while no sensor that could see it has a reason to (it went out, or it is out
of every field); dropped when it should have been seen and was not, came down, or proved to be another track.
What a state does not list cannot happen to it.
"""

from typing import Final, Literal

State = Literal["tentative", "confirmed", "coasting", "dropped"]
Trigger = Literal["proved", "seen", "unseen", "gone"]

TRANSITIONS: Final[dict[tuple[State, Trigger], State]] = {
    ("tentative", "seen"): "tentative",
    ("tentative", "proved"): "confirmed",
    ("tentative", "gone"): "dropped",
    ("confirmed", "seen"): "confirmed",
    ("confirmed", "unseen"): "coasting",
    ("confirmed", "gone"): "dropped",
    ("coasting", "seen"): "confirmed",
    ("coasting", "unseen"): "coasting",
    ("coasting", "gone"): "dropped",
}
STATES: Final[tuple[State, ...]] = ("tentative", "confirmed", "coasting", "dropped")
TRIGGERS: Final[tuple[Trigger, ...]] = ("proved", "seen", "unseen", "gone")


def after(state: State, trigger: Trigger) -> State:
    """Return the state that follows; a transition the table does not list is our own fault."""
    assert (state, trigger) in TRANSITIONS, f"a {state} track cannot be {trigger}"
    return TRANSITIONS[state, trigger]
