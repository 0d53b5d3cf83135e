"""Areas tied to their prediction: R20, the list of an old drill left in the store."""

import re

import pytest
from msgspec.structs import replace

from tocsin.alerting.prediction import prediction
from tocsin.formats import cap
from tocsin.formats.cap_area import check_prediction, tie
from tocsin.formats.jsonl import decode_event, encode_event
from tocsin.formats.xml import parse

from .conftest import Playbook, impact

# nine island towns of Tokyo, which got the alert of 4 October 2022 by mistake (literature.md, 4.10); places from memory
TOWNS = (
    (34.75, 139.36), (34.52, 139.28), (34.37, 139.26), (34.21, 139.14), (34.08, 139.48), (33.90, 139.59),
    (33.11, 139.79), (32.46, 139.76), (27.09, 142.19),
)  # fmt: skip


@pytest.fixture(scope="module")
def book():
    book = Playbook()
    book.look(10)
    book.confirm(12)
    book.look(30, {"geo-1": 3, "radar-3": 5}, impact=impact(1200, lat=41.2 + 1.0))
    book.decide(60, "cancel", "carla")
    return book


@pytest.fixture(scope="module")
def files(book):
    return [cap.write(alert) for alert in book.alerts()]


def stale(data):
    return [fault for fault in cap.validate(data) if fault.startswith("area: stale-area")]


def test_what_we_write_fits(files, book):
    assert len(files) == 3
    for data in files:
        assert cap.validate(data) == []
        assert list(check_prediction(parse(data), book.warnings())) == []


def test_it_fits_the_warnings_as_they_are_kept(files, book):
    """Through `warnings.jsonl`, whose numbers are rounded."""
    kept = [decode_event(encode_event(version)) for version in book.warnings()]
    for data in files:
        assert list(check_prediction(parse(data), kept)) == []


def test_a_cancel_names_the_version_that_was_shown(book):
    assert [a.prediction.split(":")[0] for a in book.alerts()] == ["2", "3", "3"]
    assert book.alerts()[-1].version == 4


def _drill():
    rings = [f"{a - 0.1},{o - 0.1} {a - 0.1},{o + 0.1} {a + 0.1},{o} {a - 0.1},{o - 0.1}" for a, o in TOWNS]
    return "".join(f"<polygon>{ring}</polygon>" for ring in rings)


def test_r20_an_old_drills_area_is_refused_by_name(files):
    """Zero of the nine towns are alerted: with the area in place of ours, and added to it."""
    swapped = re.sub(rb"<polygon>.*?</polygon>", _drill().encode(), files[0])
    added = files[0].replace(b"</area>", _drill().encode() + b"</area>")
    for data in (swapped, added):
        assert len(stale(data)) == 1
    for data in files:
        areas = cap.read(data).infos[0].areas
        assert not any(abs(lat - a) < 1 and abs(lon - o) < 1 for area in areas for ring in area.polygons
                       for lat, lon in ring for a, o in TOWNS)  # fmt: skip


def test_the_area_of_the_alert_before_is_stale(files):
    old = re.search(rb"<polygon>.*?</polygon>", files[0])[0]
    assert len(stale(re.sub(rb"<polygon>.*?</polygon>", old, files[1]))) == 1


def test_an_area_with_its_tie_and_prediction_from_before_is_stale_too(files, book):
    """All three copied from the older alert: the version it names is not this alert's, nor are the times."""
    data = files[1]
    for name in (
        rb"<polygon>.*?</polygon>",
        rb"<valueName>tocsin-(area|prediction)</valueName>\s*<value>.*?</value>",
    ):
        olds = [m[0] for m in re.finditer(name, files[0], re.DOTALL)]
        data = re.sub(name, lambda _, olds=olds: olds.pop(0), data, flags=re.DOTALL)
    assert data != files[1]
    assert len(stale(data)) == 1


@pytest.mark.parametrize(
    "name", ["tocsin-version", "tocsin-impact-latest", "tocsin-prediction", "tocsin-area"]
)
def test_each_parameter_is_tied(files, name):
    pattern = rf"<valueName>{name}</valueName>\s*<value>(.*?)</value>".encode()
    found = re.search(pattern, files[0])
    value = found[1]
    other = value[:-1] + (b"1" if value[-1:] != b"1" else b"3")
    if name == "tocsin-impact-latest":
        other = value.replace(b"-00:00", b"-01:00")
    assert len(stale(files[0].replace(found[0], found[0].replace(value + b"<", other + b"<")))) == 1


def test_against_the_warnings(files, book):
    root, versions = parse(files[0]), book.warnings()
    at = next(i for i, v in enumerate(versions) if v.version == 2)
    moved = replace(versions[at].impact, latitude_deg=44.0)
    (other, outside) = check_prediction(root, [replace(versions[at], impact=moved)])
    assert "predicts another impact" in other
    assert "lies outside" in outside
    (missing,) = check_prediction(root, versions[2:])
    assert "version 2 of W-20260516-0001 with an impact is not among the warnings" in missing
    assert len(list(check_prediction(root, []))) == 1


def test_the_hash_knows_every_number():
    one = impact(1200)
    base = prediction("W-20260516-0001", 2, one)
    assert base == prediction(
        "W-20260516-0001", 2, replace(one, latitude_deg=one.latitude_deg + 1e-8)
    )  # not kept
    changed = [
        prediction("W-20260516-0002", 2, one),
        prediction("W-20260516-0001", 3, one),
        prediction("W-20260516-0001", 2, replace(one, latitude_deg=one.latitude_deg + 1e-5)),
        prediction("W-20260516-0001", 2, replace(one, longitude_deg=one.longitude_deg + 1e-5)),
        prediction("W-20260516-0001", 2, replace(one, time_sigma_s=one.time_sigma_s + 0.01)),
        prediction("W-20260516-0001", 2, impact(1200.001)),
    ]
    assert len({base, *changed}) == 7


def test_how_a_polygon_is_set_out_does_not_matter():
    assert tie({}, ["1,2  3,4\n5,6"]) == tie({}, ["1,2 3,4 5,6"])
    assert tie({}, ["1,2 3,4", "5,6"]) != tie({}, ["1,2 3,4 5,6"])
