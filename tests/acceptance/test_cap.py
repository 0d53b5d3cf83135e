"""Every alert of whole runs is valid: the OASIS schema, our own rules, and the chain of references."""

from pathlib import Path

import pytest
from lxml import etree

from tocsin.formats import cap

SCHEMA = Path(__file__).parents[2] / "../shared/data/cap/cap12.xsd"


@pytest.fixture(params=["demo", "exercise"])
def alerts(request, demo_run, exercise_run):
    run = demo_run if request.param == "demo" else exercise_run
    assert run.summary["alerts"] == len(run.alerts) > 0
    return [path.read_bytes() for path in run.alerts]


def test_against_the_schema(alerts):
    if not SCHEMA.is_file():
        pytest.skip("cap12.xsd is not here: ../shared/data/cap")
    schema = etree.XMLSchema(file=str(SCHEMA))
    for text in alerts:
        schema.assertValid(etree.fromstring(text))


def test_against_our_own_rules(alerts):
    for text in alerts:
        assert cap.validate(text) == []


def test_each_names_what_it_supersedes(alerts):
    rows = sorted((cap.read(text) for text in alerts), key=lambda a: int(a.identifier.split(".")[1]))
    assert rows[0].msg_type == "Alert"
    assert len({a.identifier for a in rows}) == len(rows)
    sent: list[str] = []
    for alert in rows:
        named = [reference.split(",")[1] for reference in alert.references]
        assert set(named) == set(sent)
        assert (alert.msg_type == "Alert") == (not sent)
        sent.append(alert.identifier)


def test_the_last_one_gives_the_all_clear(alerts):
    rows = sorted((cap.read(text) for text in alerts), key=lambda a: int(a.identifier.split(".")[1]))
    phases = [dict(a.infos[0].parameters)["tocsin-phase"] for a in rows]
    assert phases[-1] == "all-clear"
    assert "take-shelter" in phases[:-1]
