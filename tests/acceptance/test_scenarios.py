"""Every bundled scenario comes out as its own `[expect]` says; what does not yet, it says itself, with the reason.

Long worlds are cut here; `benchmarks/run.py scenarios` runs all of them whole, the largest only there.
"""

import pytest
from msgspec.structs import replace

from tocsin.formats import cap
from tocsin.run import run
from tocsin.run.expected import claims, unmet
from tocsin.simulation import load, scenarios

ONLY_BENCHED = (
    "amid-it-all", "background-cloud-glint", "background-fires", "biased", "break-up", "depressed", "lofted-test",
    "network-united-states", "raid-16",
    "random", "salvo-5", "salvo-20", "salvo-50", "space-baikonur", "space-jiuquan", "space-kourou", "space-vandenberg",
)  # fmt: skip
LONGEST_S = 900.0
SHORTER = {"quiet": 3_600.0, "background": 3_600.0, "background-moon": 900.0, "fire": 1_800.0, "demo": 900.0}
BACKGROUND_S = 600.0


def cut(name):
    scenario = load(name)
    longest = SHORTER.get(name, BACKGROUND_S if name.startswith("background") else LONGEST_S)
    return replace(scenario, duration_s=min(scenario.duration_s, longest))


def test_there_are_forty_and_each_claims_something():
    assert len(scenarios()) >= 40
    for name in scenarios():
        expect = load(name).expect
        assert claims(expect), name
        assert set(expect.not_yet) <= set(claims(expect)), f"{name}: not_yet names what is not claimed"


@pytest.mark.parametrize("name", [name for name in scenarios() if name not in ONLY_BENCHED])
def test_as_expected(name, tmp_path):
    scenario = cut(name)
    run(scenario, tmp_path / "out")
    statuses = {cap.read(file.read_bytes()).status for file in (tmp_path / "out" / "alerts").glob("*.xml")}
    assert "Actual" not in statuses, "a simulation is never real"
    differs, owed = unmet(scenario.expect, tmp_path / "out"), scenario.expect.not_yet
    assert not {claim: text for claim, text in differs.items() if claim not in owed}
    assert not set(owed) - set(differs), "this comes out now: strike it from not_yet"
    if owed:
        pytest.xfail("; ".join(f"{claim}: {differs[claim]} ({reason})" for claim, reason in owed.items()))
