"""The profile of the United States: a message that keeps it, and each rule broken by name."""

import pytest

from tocsin.formats.cap_ipaws import ipaws, needs_authority

INFO = """<info><language>{language}</language><category>Security</category><event>e</event>
<urgency>Immediate</urgency><severity>Extreme</severity><certainty>Observed</certainty>
<eventCode><valueName>SAME</valueName><value>CDW</value></eventCode>
<expires>2026-05-16T01:01:07-00:00</expires><description>d</description><instruction>i</instruction>
<area><areaDesc>a</areaDesc><polygon>0,0 0,1 1,1 0,0</polygon>
<geocode><valueName>SAME</valueName><value>015001</value></geocode></area></info>"""
GOOD = f"""<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a</identifier><sender>b</sender>
<sent>2026-05-16T00:01:07-00:00</sent><status>Actual</status><msgType>Update</msgType><scope>Public</scope>
<code>IPAWSv1.0</code><references>b,c,2026-05-16T00:01:00-00:00</references>
{INFO.format(language="en")}{INFO.format(language="es")}</alert>"""


def test_one_that_keeps_it():
    assert ipaws(GOOD.encode()) == []


@pytest.mark.parametrize(
    ("was", "now", "element", "count"),
    [
        ("<code>IPAWSv1.0</code>", "", "code", 1),
        ("07-00:00</sent>", "07Z</sent>", "sent", 1),
        ("<references>b,c,2026-05-16T00:01:00-00:00</references>", "", "references", 1),
        ("Security", "Safety", "category", 1),
        ("CDW", "CEM", "eventCode", 1),
        ("<value>CDW</value>", "<value>cdw</value>", "eventCode", 2),
        ("01:01:07-00:00</expires>", "01:01:07Z</expires>", "expires", 1),
        ("015001", "15001", "geocode", 1),
        ("<instruction>i</instruction>", "", "instruction", 1),
        ("<description>d</description>", "", "description", 1),
    ],
)
def test_each_rule(was, now, element, count):
    assert was in GOOD
    faults = ipaws(GOOD.replace(was, now, 1).encode())
    assert [fault.partition(":")[0] for fault in faults] == [element] * count
    assert needs_authority(faults[0]) == (element in ("code", "eventCode", "geocode"))


def test_what_is_no_alert():
    assert ipaws(b"<a/>") == ["alert: the root is a, not an alert of urn:oasis:names:tc:emergency:cap:1.2"]
    assert ipaws(b"<")[0].startswith("alert: not well-formed")
