"""Who counts as a witness, how strong that is, and how a warning steps down when it is contradicted."""

import pytest

from tocsin.alerting.evidence import AGAINST, STRENGTHS, strength, supported_state, witnesses
from tocsin.alerting.settings import Settings
from tocsin.messages import STEPS

SETTINGS = Settings()
KINDS = {
    "geo-1": ("infrared",),
    "geo-2": ("infrared",),
    "radar-3": ("radar",),
    "centre": ("infrared", "radar"),
}


def graded(assessment, paths, **more):
    kinds = {path: KINDS[path] for path in paths}
    return strength(assessment(0, paths, path_kinds=kinds, **more), SETTINGS)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ({"geo-1": 1}, "none"),
        ({"geo-1": 9}, "one path"),
        ({"centre": 9}, "one path"),
        ({"geo-1": 9, "radar-3": 1}, "one path"),
        ({"geo-1": 2, "geo-2": 2}, "two paths"),
        ({"geo-1": 2, "radar-3": 2}, "infrared and radar"),
        ({"geo-1": 2, "centre": 2}, "infrared and radar"),
    ],
)
def test_infrared_and_radar_outrank_two_of_a_kind(assessment, paths, expected):
    assert graded(assessment, paths) == expected
    assert STRENGTHS.index("infrared and radar") > STRENGTHS.index("two paths") > STRENGTHS.index("one path")


def test_a_path_that_contradicts_itself_is_no_witness(assessment):
    found = assessment(0, distrusted=("radar-3",))
    assert witnesses(found, SETTINGS) == ("geo-1",)
    assert supported_state(found, SETTINGS) == "detected"


def test_steps_against_are_of_the_closed_list():
    assert set(AGAINST) <= set(STEPS)


def test_what_is_more_likely_nothing_is_not_corroborated_by_counting(book):
    book.look(0)
    book.look(5, existence=0.4)
    version = book.warnings()[-1]
    assert version.state == "detected"
    assert "more likely nothing" in version.reason
    book.look(10, existence=0.9)
    assert book.warnings()[-1].state == "corroborated"


@pytest.mark.parametrize("step", AGAINST)
def test_what_a_step_holds_is_not_corroborated_by_counting(book, step):
    book.look(0)
    assert book.warnings()[-1].state == "corroborated"
    book.look(5, step=step)
    version = book.warnings()[-1]
    assert (version.state, version.step) == ("detected", step)
    assert f"held by the step {step}" in version.reason


def test_distrust_steps_down_and_trust_up_again(book):
    book.look(0)
    book.look(3, distrusted=("radar-3",))
    book.look(8)
    assert [v.state for v in book.warnings()] == ["corroborated", "detected", "corroborated"]
    assert "radar-3 claims what did not come through it" in book.warnings()[1].reason


def test_a_fixed_identity_is_honoured_and_released(book):
    book.look(0)
    book.decide(1, "fix-identity", identity="space-launch")
    book.look(5, step="meteor", identity={"meteor": 1.0})
    assert book.warnings()[-1].identity == {"space-launch": 1.0}
    assert book.warnings()[-1].step is None, "no step of the machine's holds what a person has named"
    book.decide(6, "fix-identity")
    book.look(10, step="meteor", identity={"meteor": 1.0})
    assert book.warnings()[-1].identity == {"meteor": 1.0}
    assert book.warnings()[-1].state == "detected"
