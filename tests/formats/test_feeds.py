"""GeoJSON and Atom of the same alerts: read by libraries, idempotent, superseded ones marked."""

import itertools
import json

import pytest
from lxml import etree
from msgspec.structs import replace

from tocsin.alerting.area import ring
from tocsin.earth.time import parse_utc
from tocsin.formats import atom, cap, geojson
from tocsin.messages import SECOND, Alert, AlertText, Ellipse, Instant

T = parse_utc("2026-05-16T00:01:07Z")
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def alert(number, references=(), lon=143.1, **fields):
    ellipse = Ellipse(semi_major_m=21_000.0, semi_minor_m=6_000.0, bearing_deg=80.0)
    given = {
        "identifier": f"W-20260516-0001.{number}.live", "sender": "desk@tocsin.invalid",
        "sent": Instant(T + number * SECOND), "status": "Actual", "msg_type": "Update" if references else "Alert",
        "references": references, "warning": "W-20260516-0001", "version": 7, "phase": "take-shelter", "event": "e",
        "urgency": "Immediate", "severity": "Extreme", "certainty": "Observed", "headline": f"headline {number} <&>",
        "description": "It falls.", "instruction": "Take shelter.", "expires": Instant(T + 3600 * SECOND),
        "impact_earliest": Instant(T + 590 * SECOND), "impact_likeliest": Instant(T + 600 * SECOND),
        "impact_latest": Instant(T + 610 * SECOND), "area_description": "here", "origin": "live",
        "polygon": ring(41.2, lon, ellipse, 36, 1000.0), "prediction": "7:" + "0" * 32,
    }  # fmt: skip
    return Alert(**given | fields)


def reference(old):
    return f"{old.sender},{old.identifier},{cap.cap_time(old.sent)}"


@pytest.fixture
def three():
    one = alert(1)
    two = alert(2, (reference(one),))
    return [one, two, alert(3, (reference(one), reference(two)), msg_type="Cancel", phase="all-clear")]


def features(alerts):
    return json.loads(geojson.write(alerts))["features"]


def entries(alerts):
    return etree.fromstring(atom.write(alerts)).findall("a:entry", ATOM)


def test_each_alert_once_in_both(three):
    assert [f["id"] for f in features(three)] == [a.identifier for a in three]
    ids = [e.findtext("a:id", namespaces=ATOM) for e in entries(three)]
    assert ids == [atom.entry_id(a) for a in reversed(three)]
    assert ids[-1] == "tag:desk@tocsin.invalid,2026-05-16:W-20260516-0001.1.live"


def test_what_is_superseded_says_by_what(three):
    last = three[-1].identifier
    assert [f["properties"]["superseded_by"] for f in features(three)] == [last, last, None]
    marked = [e.xpath("string(a:category[contains(@scheme, 'superseded')]/@term)", namespaces=ATOM) for e in
              entries(three)]  # fmt: skip
    assert marked == ["", last, last]


def test_one_more_alert_changes_no_id_and_no_area(three):
    before, after = features(three[:2]), features(three)
    for old, new in zip(before, after, strict=False):
        assert (old["id"], old["geometry"]) == (new["id"], new["geometry"])
    assert geojson.write(three) == geojson.write(list(three))
    assert atom.write(three) == atom.write(list(three))


def test_rings_are_closed_and_counter_clockwise(three):
    for feature in features(three):
        for (outer,) in feature["geometry"]["coordinates"]:
            assert outer[0] == outer[-1]
            area = sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(outer))
            assert area > 0
            assert {(lat, lon) for lon, lat in outer} == set(three[0].polygon)


def test_over_the_antimeridian_it_is_cut():
    (feature,) = features([alert(1, lon=179.99)])
    pieces = feature["geometry"]["coordinates"]
    assert len(pieces) == 2
    assert all(abs(x) <= 180 for (ring_,) in pieces for x, _ in ring_)


def test_what_the_alert_says_in_every_language():
    other = AlertText(
        language="de", event="e", headline="Kopf", description="d", instruction="i", area_description="hier"
    )
    (feature,) = features([alert(1, translations=(other,))])
    assert {code: text["headline"] for code, text in feature["properties"]["texts"].items()} == {
        "en": "headline 1 <&>", "de": "Kopf",
    }  # fmt: skip


def test_atom_has_what_the_standard_asks(three):
    root = etree.fromstring(atom.write(three))
    assert root.findtext("a:updated", namespaces=ATOM) == "2026-05-16T00:01:10Z"  # of the newest
    for parent in (root, *root.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert len(parent.findall(f"a:{name}", ATOM)) == 1
    for entry, one in zip(entries(three), reversed(three), strict=True):
        assert entry.findtext("a:author/a:name", namespaces=ATOM) == one.sender
        assert entry.findtext("a:title", namespaces=ATOM) == one.headline
        (link,) = entry.xpath("a:link[@rel='alternate']", namespaces=ATOM)
        assert (link.get("href"), link.get("type")) == (f"alerts/{one.identifier}.xml", "application/cap+xml")


def test_an_empty_feed_is_a_feed():
    assert features([]) == []
    assert entries([]) == []
    root = etree.fromstring(atom.write([]))
    assert root.findtext("a:updated", namespaces=ATOM) == "1970-01-01T00:00:00Z"


def test_a_sender_of_any_form_makes_a_tag():
    assert atom.entry_id(alert(1, sender="urn:oid:2.49")).startswith("tag:urn-oid-2.49,2026-05-16:")


def test_controls_in_words_do_not_break_the_feed():
    (entry,) = entries([alert(1, headline="a\x00b")])
    assert entry.findtext("a:title", namespaces=ATOM) == "a\ufffdb"


def test_the_same_alert_of_another_status_is_told_apart():
    draft = replace(alert(1), status="Draft")
    assert features([draft])[0]["properties"]["status"] == "Draft"
    (entry,) = entries([draft])
    assert entry.xpath("string(a:category[contains(@scheme, 'status')]/@term)", namespaces=ATOM) == "Draft"
