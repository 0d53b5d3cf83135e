"""Every bundled scenario comes out as its own `[expect]` says."""

import pytest
from msgspec import structs

from tocsin.formats import cap
from tocsin.formats.jsonl import decode_event
from tocsin.run import run
from tocsin.simulation import load, scenarios

SHORTER = {"quiet": 3_600.0}  # the whole night is for `make bench`


@pytest.mark.parametrize("name", scenarios())
def test_as_expected(name, tmp_path):
    scenario = load(name)
    if name in SHORTER:
        scenario = structs.replace(scenario, duration_s=SHORTER[name])
    expect = scenario.expect
    assert any(getattr(expect, f.name) not in (None, "") for f in structs.fields(expect)), (
        "it claims something"
    )
    summary = run(scenario, tmp_path / "out").summary
    versions = [
        decode_event(line) for line in (tmp_path / "out" / "warnings.jsonl").read_bytes().splitlines()
    ]
    last = {v.id: v for v in versions if v.parent is None}
    if expect.warnings is not None:
        assert summary["warnings"] == expect.warnings
    if expect.detected_at_most is not None:
        assert len(last) <= expect.detected_at_most
    if expect.corroborated is not None:
        told = {v.id for v in versions if v.state in ("corroborated", "confirmed") and v.parent is None}
        assert len(told) == expect.corroborated
    if expect.alerts is not None:
        alerted = [cap.read(file.read_bytes()) for file in (tmp_path / "out" / "alerts").glob("*.xml")]
        assert sum(a.msg_type == "Alert" for a in alerted) == expect.alerts
    if expect.identity is not None:
        for version in last.values():
            assert max(version.identity, key=version.identity.get) == expect.identity, version.id
    if expect.origin is not None:
        assert {v.origin for v in versions} <= {expect.origin}
    statuses = {cap.read(file.read_bytes()).status for file in (tmp_path / "out" / "alerts").glob("*.xml")}
    assert "Actual" not in statuses, "a simulation is never real"
