"""The objects of one launch are one event, with the launch as parent; the launches of a raid are not each other's."""

import pytest
from msgspec.structs import replace

from tocsin.messages import Warning
from tocsin.pipeline import Pipeline
from tocsin.simulation import load, simulate


def told(name, duration_s):
    """Return the truth, and the last version of each warning."""
    recording = simulate(replace(load(name), duration_s=duration_s))
    pipeline, last = Pipeline(), {}
    for message in recording.messages:
        last |= {event.id: event for event in pipeline.receive(message) if isinstance(event, Warning)}
    return recording.truth.bodies, list(last.values())


@pytest.mark.parametrize(("name", "duration_s", "least"), [("break-up", 520.0, 14), ("stages", 420.0, 1)])
def test_what_parts_from_a_launch_is_its_child(name, duration_s, least):
    """Truth: one body without parent. Radars alone see the pieces."""
    bodies, warnings = told(name, duration_s)
    (launch,) = [w for w in warnings if w.parent is None]
    assert [b.parent for b in bodies].count(None) == 1
    assert launch.launch is not None
    assert {w.event for w in warnings} == {launch.event}
    children = [w for w in warnings if w.parent is not None]
    assert {w.parent for w in children} == {launch.id}
    assert len(children) >= least
    assert not any(w.evidence.infrared for w in children)


def test_launches_side_by_side_are_not_each_others_pieces():
    _, warnings = told("salvo-2", 420.0)
    assert len(warnings) == 2
    assert {w.parent for w in warnings} == {None}
    assert len({w.event for w in warnings}) == 1
