"""Every message shows itself: well-formed, nothing of it lost, nothing of it taken for markup."""

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html

from tocsin import messages
from tocsin.earth.time import format_utc, parse_utc
from tocsin.formats import jsonl
from tocsin.messages import (
    Component,
    Ellipse,
    EventLog,
    Evidence,
    ImpactEstimate,
    InfraredDetection,
    InfraredScan,
    Instant,
    Sensor,
    Term,
    Warning,
)
from tocsin.messages.shown import UNITS, Shown, _utc

T = parse_utc("2026-05-16T00:00:12.250Z")


def warning(**changes: Any) -> Warning:
    impact = ImpactEstimate(
        time=T, time_sigma_s=12.5, latitude_deg=51.25, longitude_deg=-0.125,
        ellipse_95=Ellipse(semi_major_m=12_345.5, semi_minor_m=900.0, bearing_deg=45.0),
        area_95={"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 1], [0, 0]]]},
    )  # fmt: skip
    given = {
        "id": "w-1", "version": 3, "time": T, "origin": "test", "state": "detected", "outcome": None, "event": "e-1",
        "parent": None, "identity": {"space-launch": 0.0625, "ballistic-missile": 0.9375}, "launch": None,
        "evidence": Evidence(infrared=("geo-1", "geo-2"), radar=(), paths=("geo-1",), detections=1_234),
        "phase": "coast", "impact": impact, "state_vector": None, "step": None, "reason": "seen <twice> & more",
        "terms": (Term(name="energy", weights={"space-launch": -2.0}),),
    }  # fmt: skip
    return Warning(**(given | changes))


def cells(message: Shown) -> dict[str, str]:
    """Parse what a message shows; a row's text by its name, names of parts before it."""
    root = html.fromstring(message._repr_html_())
    rows = {}
    for row in root.iter("tr"):
        names = [a.find("th").text for a in [row, *row.iterancestors("tr")]][::-1]
        rows[".".join(names)] = " ".join(row.find("td").text_content().split())
    return rows


def test_a_warning_tells_what_it_holds() -> None:
    shown = cells(warning())
    assert shown["time"] == "2026-05-16 00:00:12.250 UTC"
    assert shown["identity"] == "ballistic-missile 0.938 space-launch 0.0625"
    assert shown["reason"] == "seen <twice> & more"
    assert shown["evidence.infrared"] == "geo-1, geo-2"
    assert shown["evidence.detections"] == "1,234"
    assert shown["impact.latitude"] == "51.25°"
    assert shown["impact.time sigma"] == "12.5 s"
    assert shown["impact.ellipse 95"] == "semi major 12,345.5 m semi minor 900 m bearing 45°"
    assert shown["impact.area 95"] == "Polygon"
    assert shown["terms.name"] == "energy"
    assert not {"outcome", "launch", "step"} & set(shown)


def test_every_message_is_shown_and_names_the_unit_of_every_number() -> None:
    structs = [t for t in vars(messages).values() if isinstance(t, type) and issubclass(t, msgspec.Struct)]
    assert structs
    assert all(issubclass(t, Shown) for t in structs)
    names = [f.name for t in structs for f in msgspec.structs.fields(t)]
    ends = {name[name.rindex("_") :] for name in names if "_" in name}
    assert {"_urad", "_mps", "_deg", "_m", "_s"} <= ends & set(UNITS)


def test_long_lists_say_what_is_left_out() -> None:
    seen = InfraredDetection(time=T, right_ascension_deg=1.0, declination_deg=2.0)
    scan = InfraredScan(origin="test", sensor="geo-1", time=T, duration_s=1.0, detections=(seen,) * 1_010)
    shown = cells(scan)["detections"]
    assert shown.count("right ascension 1°") == 8
    assert shown.endswith("and 1,002 more")


def test_arrays_and_bare_messages_are_shown() -> None:
    part = Component(weight=0.5, launch=None, motion=np.arange(6.0), covariance=np.eye(10))
    assert cells(part)["motion"] == "0, 1, 2, 3, 4, 5"
    assert cells(part)["covariance"] == "10 × 10"
    assert cells(part)["heading known"] == "yes"
    sensor = Sensor(
        origin="live",
        id="<b>",
        type="radar",
        orbit={"MEAN_MOTION": 1.0, "EPOCH": "2026"},
        azimuth_from_deg=-5.0,
    )
    assert cells(sensor)["id"] == "<b>"
    assert cells(sensor)["azimuth from"] == "-5°"
    assert "EPOCH 2026" in cells(sensor)["orbit"]


@given(st.integers(parse_utc("1972-01-01T00:00:00Z") // 10**6, parse_utc("2200-01-01T00:00:00Z") // 10**6))
@example(parse_utc("2016-12-31T23:59:60.5Z") // 10**6)
@example(parse_utc("2017-01-01T00:00:00Z") // 10**6)
def test_times_are_those_that_machines_read(ms: int) -> None:
    t = Instant(ms * 10**6)
    assert _utc(t) == format_utc(t, 3).replace("T", " ").replace("Z", " UTC")


def test_before_there_was_utc_it_is_tai() -> None:
    assert _utc(Instant(-400_000_000 * 10**9)) == "1957-04-29 08:53:20.000 TAI"


@pytest.mark.parametrize("t", [0, 1, -1])
def test_what_is_shown_changes_nothing_on_the_wire(t: int) -> None:
    log = EventLog(name="n", time=Instant(t), origin="test", text="x")
    assert msgspec.json.decode(jsonl.encode_event(log))["kind"] == "event-log"
    assert msgspec.structs.asdict(log) == {f: getattr(log, f) for f in log.__struct_fields__}
