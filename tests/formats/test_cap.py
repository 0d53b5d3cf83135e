"""CAP against the OASIS schema, an independent reader and a list of things that must be refused."""

import functools
import itertools
import math
import re
from pathlib import Path

import msgspec
import pytest
from cap_tools.models import Alert as OtherAlert
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from xsdata.formats.dataclass.parsers import XmlParser

from tocsin.alerting.area import ring
from tocsin.alerting.release import cap_time
from tocsin.earth.time import parse_utc
from tocsin.errors import InputError
from tocsin.formats import cap
from tocsin.messages import SECOND, Alert, Ellipse, Instant

SCHEMA = Path(__file__).parents[2] / "../shared/data/cap/cap12.xsd"
T = parse_utc("2026-05-16T00:01:07Z")
MARKS = {"Actual": "", "Exercise": "EXERCISE", "Test": "TEST", "Draft": "DRAFT"}


def _alert(
    status="Actual", msg_type="Alert", phase="take-shelter", polygon=None, number=2, words="Geo & <co>", t=T
):
    """Build an alert as the desk would, with free words in its texts."""
    mark = MARKS[status]
    lead = {"Alert": "Missile alert", "Update": "Update: missile alert", "Cancel": "Cancelled: the alert"}[
        msg_type
    ]

    def marked(text):
        return f"{mark}: {text} {mark}" if mark else text

    reference = f"desk@tocsin.invalid,W-20260516-0001.1.live,{cap_time(Instant(t - 7 * SECOND))}"
    ellipse = Ellipse(semi_major_m=21_000.0, semi_minor_m=6_000.0, bearing_deg=80.0)
    return Alert(
        identifier=f"W-20260516-0001.{number}.live", sender="desk@tocsin.invalid", sent=t, status=status,
        msg_type=msg_type, references=() if msg_type == "Alert" else (reference,), warning="W-20260516-0001",
        version=7, phase=phase, event=marked("Ballistic missile"), urgency="Immediate", severity="Extreme",
        certainty="Observed", headline=marked(f"{lead}. {words}."), description=marked(f"It falls. {words}."),
        instruction=marked("Take shelter."), expires=Instant(t + 3600 * SECOND),
        impact_earliest=Instant(t + 590 * SECOND), impact_likeliest=Instant(t + 600 * SECOND),
        impact_latest=Instant(t + 610 * SECOND), area_description="Around 41.20° N 143.10° E",
        polygon=ring(41.2, 143.1, ellipse, 36, 1000.0) if polygon is None else polygon, origin="live",
        note=marked("not real") if mark else "", prediction="7:" + "0123456789abcdef" * 2,
    )  # fmt: skip


GOOD = cap.write(_alert("Exercise", "Update"))
REAL = cap.write(_alert("Actual", "Update"))


@functools.cache
def _schema():
    return etree.XMLSchema(etree.parse(SCHEMA)) if SCHEMA.exists() else None


@pytest.fixture(scope="module")
def schema():
    if _schema() is None:
        pytest.skip("the CAP schema of ../shared/data is not here")
    return _schema()


KINDS = [
    (status, msg_type, phase)
    for status in MARKS
    for msg_type in ("Alert", "Update", "Cancel")
    for phase in ("advisory", "take-shelter", "all-clear")
    if (msg_type == "Cancel") <= (phase == "all-clear") and not (msg_type == "Alert" and phase == "all-clear")
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_valid_by_our_rules(kind):
    assert cap.validate(cap.write(_alert(*kind))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_valid_by_the_schema(kind, schema):
    schema.assertValid(etree.fromstring(cap.write(_alert(*kind))))


def test_the_same_alert_gives_the_same_bytes():
    assert cap.write(_alert()) == cap.write(_alert())


def test_times_have_an_offset_and_no_fraction():
    text = REAL.decode()
    assert "<sent>2026-05-16T00:01:07-00:00</sent>" in text
    assert "<expires>2026-05-16T01:01:07-00:00</expires>" in text
    assert cap_time(Instant(T + SECOND - 1)) == "2026-05-16T00:01:07-00:00"
    assert cap_time(parse_utc("2016-12-31T23:59:60Z")) == "2016-12-31T23:59:59-00:00"


def test_only_the_actual_is_public():
    assert cap.read(REAL).scope == "Public"
    assert cap.read(GOOD).scope == "Restricted"


def test_we_read_what_we_write():
    alert = _alert("Exercise", "Update")
    back = cap.read(cap.write(alert))
    assert (back.identifier, back.sender, back.sent) == (alert.identifier, alert.sender, alert.sent)
    assert (back.status, back.msg_type, back.references) == (alert.status, alert.msg_type, alert.references)
    (info,) = back.infos
    assert (info.headline, info.description, info.instruction) == (
        alert.headline,
        alert.description,
        alert.instruction,
    )
    assert (info.urgency, info.severity, info.certainty) == (alert.urgency, alert.severity, alert.certainty)
    assert (info.expires, info.onset) == (alert.expires, alert.impact_earliest)
    assert info.areas[0].polygons == (alert.polygon,)
    assert dict(info.parameters) == {
        "tocsin-warning": "W-20260516-0001",
        "tocsin-version": "7",
        "tocsin-phase": "take-shelter",
        "tocsin-impact-earliest": "2026-05-16T00:10:57-00:00",
        "tocsin-impact-likeliest": "2026-05-16T00:11:07-00:00",
        "tocsin-impact-latest": "2026-05-16T00:11:17-00:00",
        "tocsin-prediction": "7:0123456789abcdef0123456789abcdef",
        "tocsin-area": dict(info.parameters)["tocsin-area"],
    }


def _same_as_cap_tools(data):
    """Compare our reading with the independent one, field by field."""
    ours, other = cap.read(data), XmlParser().from_bytes(data, OtherAlert)
    assert (ours.identifier, ours.sender, ours.note) == (other.identifier, other.sender, other.note or "")
    assert cap_time(ours.sent)[:19] == str(other.sent)[:19]
    codes = (other.status, other.msg_type, other.scope)
    assert (ours.status, ours.msg_type, ours.scope) == tuple(code.value for code in codes)
    assert [r.split(",")[1] for r in ours.references] == (
        [r.identifier for r in other.references_to_list()] if other.references else []
    )
    (mine,), (theirs,) = ours.infos, other.infos
    assert (mine.headline, mine.event) == (theirs.headline, theirs.event)
    assert (mine.description, mine.instruction) == (theirs.description, theirs.instruction)
    assert mine.categories == tuple(c.value for c in theirs.categories)
    assert mine.response_types == tuple(r.value for r in theirs.response_types)
    assert (mine.urgency, mine.severity, mine.certainty) == (
        theirs.urgency.value, theirs.severity.value, theirs.certainty.value,
    )  # fmt: skip
    assert mine.parameters == tuple((p.value_name.value, p.value.value) for p in theirs.parameters)
    (area,), (their_area,) = mine.areas, theirs.areas
    assert area.description == their_area.area_desc
    rings = [
        tuple(tuple(map(float, pair.split(","))) for pair in text.split()) for text in their_area.polygons
    ]
    assert list(area.polygons) == rings


@pytest.mark.parametrize("kind", KINDS)
def test_cap_tools_reads_the_same(kind):
    _same_as_cap_tools(cap.write(_alert(*kind)))


_words = st.text(max_size=60).map(lambda s: s.strip() or "x")


@settings(deadline=None, max_examples=150)
@given(
    kind=st.sampled_from(KINDS), words=_words, number=st.integers(2, 10**6),
    lat=st.floats(-90, 90), lon=st.floats(-180, 180), major=st.floats(1, 2.9e6),
    share=st.floats(0.02, 1), bearing=st.floats(0, 179.99),
    t=st.integers(parse_utc("1990-01-01T00:00:00Z"), parse_utc("2060-01-01T00:00:00Z")),
)  # fmt: skip
def test_any_alert_is_valid_and_read_back(kind, words, number, lat, lon, major, share, bearing, t):
    ellipse = Ellipse(semi_major_m=major, semi_minor_m=major * share, bearing_deg=bearing)
    polygon = ring(lat, lon, ellipse, 36, 1000.0)
    data = cap.write(_alert(*kind, polygon=polygon, number=number, words=words, t=Instant(t)))
    assert cap.validate(data) == []
    _same_as_cap_tools(data)
    if (schema := _schema()) is not None:
        schema.assertValid(etree.fromstring(data))
    areas = cap.read(data).infos[0].areas[0].polygons
    assert all(abs(b[1] - a[1]) <= 360 for p in areas for a, b in itertools.pairwise(p))
    expected = math.pi * max(major, 1000) * max(major * share, 1000)
    if abs(lat) < 70 and major < 5e5:
        assert sum(map(_area_m2, areas)) == pytest.approx(expected, rel=0.03)


def _area_m2(polygon):
    """Integrate a ring on the sphere of the Earth's authalic radius (Lambert's cylindrical map)."""
    radius, total = 6_371_007.18, 0.0
    for (lat1, lon1), (lat2, lon2) in itertools.pairwise(polygon):
        s1, s2 = math.sin(math.radians(lat1)), math.sin(math.radians(lat2))
        total += math.radians(lon2 - lon1) * (s1 + s2) / 2
    return abs(total) * radius**2


def test_a_polygon_over_the_antimeridian_is_cut_there():
    ellipse = Ellipse(semi_major_m=50_000.0, semi_minor_m=20_000.0, bearing_deg=60.0)
    data = cap.write(_alert(polygon=ring(-17.0, 179.9, ellipse, 36, 1000.0)))
    east, west = sorted(cap.read(data).infos[0].areas[0].polygons, key=lambda p: -p[0][1])
    assert all(lon > 179 for _, lon in east)
    assert all(lon < -179 for _, lon in west)
    assert cap.validate(data) == []


def test_a_polygon_around_the_pole_becomes_a_cap():
    ellipse = Ellipse(semi_major_m=90_000.0, semi_minor_m=60_000.0, bearing_deg=10.0)
    data = cap.write(_alert(polygon=ring(89.8, 30.0, ellipse, 36, 1000.0)))
    assert cap.validate(data) == []
    assert max(lat for p in cap.read(data).infos[0].areas[0].polygons for lat, _ in p) == 90


def test_what_xml_cannot_carry_is_replaced():
    data = cap.write(_alert(words="a\x00b\x1bc\ud800d\ufffe"))
    assert "a\ufffdb\ufffdc\ufffdd\ufffd" in cap.read(data).infos[0].headline


# ------------------------------------------------------------------------------- 50 that must be refused

POLYGON = re.search(r"<polygon>(.*)</polygon>", GOOD.decode())[1]
FIRST, SECOND_POINT = POLYGON.split()[:2]


def _swap(pattern, replacement, text=None):
    source = (text or GOOD).decode()
    changed, n = re.subn(pattern, lambda _: replacement, source, count=1, flags=re.DOTALL)
    assert n == 1, pattern
    assert changed != source
    return changed.encode()


def _without(name):
    return _swap(rf"\s*<{name}>.*?</{name}>", "")


def _with(name, value):
    return _swap(rf"<{name}>.*?</{name}>", f"<{name}>{value}</{name}>")


def _parameter(name, value):
    return _swap(
        rf"<valueName>{name}</valueName>\s*<value>.*?</value>",
        f"<valueName>{name}</valueName><value>{value}</value>",
    )


_PARAMETER = "<parameter><valueName>tocsin-"

BAD = {
    "identifier missing": ("identifier", _without("identifier")),
    "sender missing": ("sender", _without("sender")),
    "sent missing": ("sent", _without("sent")),
    "status missing": ("status", _without("status")),
    "msgType missing": ("msgType", _without("msgType")),
    "scope missing": ("scope", _without("scope")),
    "category missing": ("category", _swap(r"(\s*<category>\w*</category>)+", "")),
    "event missing": ("event", _without("event")),
    "urgency missing": ("urgency", _without("urgency")),
    "severity missing": ("severity", _without("severity")),
    "certainty missing": ("certainty", _without("certainty")),
    "expires missing": ("expires", _without("expires")),
    "area missing": ("area", _without("area")),
    "areaDesc missing": ("areaDesc", _without("areaDesc")),
    "info missing": ("info", _without("info")),
    "event empty": ("event", _with("event", " ")),
    "identifier with a space": ("identifier", _with("identifier", "W 1")),
    "identifier with a comma": ("identifier", _with("identifier", "W,1")),
    "identifier with &": ("identifier", _with("identifier", "W&amp;1")),
    "sender with <": ("sender", _with("sender", "a&lt;b")),
    "identifier twice": ("identifier", _swap("<sender>", "<identifier>x</identifier><sender>")),
    "sent with Z": ("sent", _with("sent", "2026-05-16T00:01:07Z")),
    "sent with a fraction": ("sent", _with("sent", "2026-05-16T00:01:07.5-00:00")),
    "sent as +00:00": ("sent", _with("sent", "2026-05-16T00:01:07+00:00")),
    "sent on 31 June": ("sent", _with("sent", "2026-06-31T00:01:07-00:00")),
    "expires before sent": ("expires", _with("expires", "2026-05-15T00:01:07-00:00")),
    "expires before the latest impact": ("expires", _with("expires", "2026-05-16T00:10:00-00:00")),
    "onset after expires": ("onset", _with("onset", "2026-05-17T00:10:00-00:00")),
    "status unknown": ("status", _with("status", "Real")),
    "msgType unknown": ("msgType", _with("msgType", "Correction")),
    "urgency unknown": ("urgency", _with("urgency", "Now")),
    "severity in lower case": ("severity", _with("severity", "extreme")),
    "certainty of CAP 1.0": ("certainty", _with("certainty", "Very Likely")),
    "category unknown": ("category", _with("category", "War")),
    "responseType against the phase": ("responseType", _with("responseType", "AllClear")),
    "references missing in an Update": ("references", _without("references")),
    "references without sent": ("references", _with("references", "a,b")),
    "references to itself": (
        "references",
        _with("references", "desk@tocsin.invalid,W-20260516-0001.2.live,2026-05-16T00:01:00-00:00"),
    ),
    "references to the future": ("references", _with("references", "a,b,2027-05-16T00:01:00-00:00")),
    "references in an Alert": ("references", _with("msgType", "Alert")),
    "Restricted without restriction": ("restriction", _without("restriction")),
    "exercise for the public": ("scope", _with("scope", "Public")),
    "actual but restricted": ("scope", _swap("<scope>Public", "<scope>Restricted", REAL)),
    "actual with exercise words": (
        "headline", _swap("<headline>Update: ", "<headline>EXERCISE: Update: ", REAL),
    ),
    "exercise turned actual": ("headline", _with("status", "Actual")),
    "polygon of two points": ("polygon", _with("polygon", f"{FIRST} {FIRST}")),
    "polygon not closed": ("polygon", _with("polygon", POLYGON.rsplit(" ", 1)[0])),
    "polygon at latitude 132": ("polygon", _with("polygon", f"{FIRST} 132,10 {SECOND_POINT} {FIRST}")),
    "polygon at longitude 200": ("polygon", _with("polygon", f"{FIRST} 10,200 {SECOND_POINT} {FIRST}")),
    "polygon of words": ("polygon", _with("polygon", f"{FIRST} here {SECOND_POINT} {FIRST}")),
    "polygon with NaN": ("polygon", _with("polygon", f"{FIRST} nan,3 {SECOND_POINT} {FIRST}")),
    "polygon a bow tie": ("polygon", _with("polygon", "0,0 1,1 1,0 0,1 0,0")),
    "polygon a line": ("polygon", _with("polygon", "0,0 1,1 2,2 0,0")),
    "circle without radius": ("circle", _swap("</area>", "<circle>41.2,143.1</circle></area>")),
    "no shape at all": ("area", _without("polygon")),
    "phase unknown": ("tocsin-phase", _parameter("tocsin-phase", "duck")),
    "version zero": ("tocsin-version", _parameter("tocsin-version", "0")),
    "warning unnamed": ("tocsin-warning", _parameter("tocsin-warning", "the third one")),
    "impact before the earliest": (
        "tocsin-impact-likeliest", _parameter("tocsin-impact-likeliest", "2026-05-16T00:10:00-00:00"),
    ),
    "impact time of another form": ("tocsin-impact-latest", _parameter("tocsin-impact-latest", "soon")),
    "parameter missing": (
        "tocsin-version", _swap(r"<parameter>\s*<valueName>tocsin-version.*?</parameter>", ""),
    ),
    "parameter twice": (
        "tocsin-phase",
        _swap("<area>", f"{_PARAMETER}phase</valueName><value>advisory</value></parameter><area>"),
    ),
    "parameter nobody defined": (
        "tocsin-stay",
        _swap("<area>", f"{_PARAMETER}stay</valueName><value>1</value></parameter><area>"),
    ),
    "headline like a new event": ("headline", _with("headline", "EXERCISE: Missile alert EXERCISE")),
    "headline without its last mark": ("headline", _with("headline", "EXERCISE: Update: missile alert")),
    "note without its mark": ("note", _without("note")),
    "language not English": ("language", _with("language", "fr")),
    "element nobody knows": ("colour", _swap("<info>", "<colour>red</colour><info>")),
    "elements out of order": ("sender", _swap(r"(<identifier>.*?</identifier>)\s*(<sender>.*?</sender>)",
        "<sender>desk@tocsin.invalid</sender><identifier>W-20260516-0001.2.live</identifier>")),
    "another namespace": ("alert", _swap("cap:1.2", "cap:1.1")),
    "another document": ("alert", b"<rss/>"),
    "not XML": ("alert", b"alert!"),
    "cut short": ("alert", GOOD[:700]),
    "empty": ("alert", b""),
    "a document type": ("document type", _swap("<alert ", '<!DOCTYPE alert [<!ENTITY a "b">]><alert ')),
    "an entity nobody declared": ("alert", _with("event", "&lol;")),
    "too long": ("longer", GOOD + b" " * 1_000_001),
    "too deep": ("nested", b"<a>" * 30 + b"</a>" * 30),
    "an encoding nobody knows": ("alert", b"<?xml version='1.0' encoding='klingon'?><a/>"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_ones_are_refused_by_name(name):
    element, data = BAD[name]
    faults = cap.validate(data)
    assert any(element in fault for fault in faults), faults


def test_there_are_fifty_of_them_and_the_schema_passes_many(schema):
    assert len(BAD) >= 50
    passed = 0
    for _, data in BAD.values():
        try:
            passed += schema.validate(etree.fromstring(data, etree.XMLParser(resolve_entities=False)))
        except etree.XMLSyntaxError:
            continue
    assert passed >= 20  # so the schema alone is no check


@settings(deadline=None, max_examples=300)
@given(at=st.integers(0, len(GOOD) - 1), byte=st.integers(0, 255), cut=st.booleans())
def test_no_bytes_make_it_fall_over(at, byte, cut):
    data = GOOD[:at] + bytes([byte]) + (b"" if cut else GOOD[at + 1 :])
    assert isinstance(cap.validate(data), list)
    try:
        cap.read(data)
    except InputError as error:
        assert str(error).startswith("CAP: ")


@settings(deadline=None, max_examples=200)
@given(data=st.binary(max_size=200))
def test_neither_does_rubbish(data):
    assert cap.validate(data)
    with pytest.raises(InputError):
        cap.read(data)


def test_somebody_elses_alert_need_not_keep_our_promises():
    text = REAL.decode()
    foreign = re.sub(r"\s*<parameter>.*?</parameter>", "", text, flags=re.DOTALL).encode()
    assert cap.validate(foreign, ours=False) == []
    assert cap.validate(foreign) != []
    signed = REAL.replace(b"</alert>", b'<S xmlns="http://www.w3.org/2000/09/xmldsig#"><V>x</V></S></alert>')
    assert cap.validate(signed) == []


def test_an_offset_is_understood():
    east = cap.read(_with("sent", "2026-05-16T09:01:07+09:00"))
    assert east.sent == T


def test_a_circle_is_read():
    read = cap.read(_swap("</area>", "<circle>41.2,143.1 25.5</circle></area>"))
    assert read.infos[0].areas[0].circles == ((41.2, 143.1, 25.5),)


def test_what_is_read_is_a_message():
    assert msgspec.structs.asdict(cap.read(GOOD))["status"] == "Exercise"
