"""What a run came to, against other expectations than its own: each claim can fail, and says how."""

import pytest
from msgspec.structs import replace

from tocsin.run import run
from tocsin.run.expected import claims, unmet
from tocsin.simulation import load
from tocsin.simulation.scenario import ExpectTable


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    run(load("demo"), folder / "demo")
    run(load("chip-1980"), folder / "chip")
    return folder


def test_all_that_is_so_is_met(out):
    assert unmet(load("demo").expect, out / "demo") == {}
    assert unmet(ExpectTable(), out / "demo") == {}, "nothing claimed, nothing unmet"
    assert unmet(load("chip-1980").expect, out / "chip") == {}


@pytest.mark.parametrize(
    ("claim", "value", "said"),
    [
        ("warnings", 2, "1, not 2"),
        ("detected_at_most", 0, "1, more than 0"),
        ("corroborated", 0, "1, not 0"),
        ("alerts", 0, "1, not 0"),
        ("identity", "meteor", "ballistic-missile, not meteor"),
        ("origin", "exercise", "other origins than exercise"),
        ("step", "glint", "glint stopped nothing"),
        ("event", "data-path-fault", "nothing named data-path-fault"),
    ],
)
def test_each_claim_can_fail(out, claim, value, said):
    found = unmet(replace(ExpectTable(), **{claim: value}), out / "demo")
    assert list(found) == [claim]
    assert said in found[claim]


def test_claims_leave_out_what_is_no_claim():
    expect = ExpectTable(warnings=0, step="glint", note="why", not_yet={"step": "why not"})
    assert claims(expect) == {"warnings": 0, "step": "glint"}
