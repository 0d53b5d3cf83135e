"""CAP 1.2: write our alerts, read anybody's. OASIS, Common Alerting Protocol Version 1.2 (1 July 2010)."""

import re
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from msgspec import Struct

from tocsin.alerting.release import cap_time
from tocsin.earth.rings import Ring, cut_at_antimeridian
from tocsin.earth.time import parse_utc
from tocsin.errors import InputError
from tocsin.formats.cap_area import AREA, PREDICTION, tie
from tocsin.formats.cap_rules import validate
from tocsin.formats.cap_text import NAMESPACE, NUMBER, TIME, children, text_of, texts_of
from tocsin.formats.xml import XmlError, clean, local_name, parse
from tocsin.messages import SECOND, Alert, AlertText, Instant

__all__ = ["CapAlert", "CapArea", "CapInfo", "cap_time", "read", "validate", "write"]

RESTRICTION: Final = "For participants only; not for the public"
_RESPONSES: Final = {"advisory": "Prepare", "take-shelter": "Shelter", "all-clear": "AllClear"}


class CapArea(Struct, frozen=True, kw_only=True):
    """An `area`.

    `polygons`: closed rings of (lat, lon) [deg]. `circles`: (lat [deg], lon [deg], radius [km]).
    """

    description: str
    polygons: tuple[Ring, ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()


class CapInfo(Struct, frozen=True, kw_only=True):
    """An `info`. `parameters` keeps the order of the file."""

    language: str
    categories: tuple[str, ...]
    event: str
    response_types: tuple[str, ...]
    urgency: str
    severity: str
    certainty: str
    effective: Instant | None
    onset: Instant | None
    expires: Instant | None
    sender_name: str
    headline: str
    description: str
    instruction: str
    parameters: tuple[tuple[str, str], ...]
    areas: tuple[CapArea, ...]


class CapAlert(Struct, frozen=True, kw_only=True):
    """A CAP message of any sender. What is absent is empty."""

    identifier: str
    sender: str
    sent: Instant
    status: str
    msg_type: str
    scope: str
    restriction: str
    addresses: str
    codes: tuple[str, ...]
    note: str
    references: tuple[str, ...]
    incidents: str
    infos: tuple[CapInfo, ...]


def write(alert: Alert) -> bytes:
    """Write an alert as CAP 1.2 XML: the same alert, the same bytes.

    Only what is `Actual` is `Public`. A polygon over the antimeridian is cut there into several. Characters
    that XML cannot carry become U+FFFD. Signing happens elsewhere.
    """
    public = alert.status == "Actual"
    root = Element("alert", {"xmlns": NAMESPACE})
    _add(root, "identifier", alert.identifier)
    _add(root, "sender", alert.sender)
    _add(root, "sent", cap_time(alert.sent))
    _add(root, "status", alert.status)
    _add(root, "msgType", alert.msg_type)
    _add(root, "scope", "Public" if public else "Restricted")
    _add(root, "restriction", "" if public else RESTRICTION)
    _add(root, "note", alert.note)
    _add(root, "references", " ".join(alert.references))
    for text in alert.texts:
        _write_info(SubElement(root, "info"), alert, text)
    indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode").encode() + b"\n"


def read(data: bytes) -> CapAlert:
    """Read a CAP 1.2 message; `InputError` names the element it fails at. It need not pass `validate`."""
    try:
        root = parse(data)
    except XmlError as error:
        raise InputError(f"CAP: {error}") from None
    if local_name(root, NAMESPACE) != "alert":
        raise InputError(f"CAP: the root is {root.tag}, not an alert of {NAMESPACE}")
    sent = _time(root, "sent")
    if sent is None:
        raise InputError("CAP: sent: missing")
    return CapAlert(
        identifier=text_of(root, "identifier"),
        sender=text_of(root, "sender"),
        sent=sent,
        status=text_of(root, "status"),
        msg_type=text_of(root, "msgType"),
        scope=text_of(root, "scope"),
        restriction=text_of(root, "restriction"),
        addresses=text_of(root, "addresses"),
        codes=texts_of(root, "code"),
        note=text_of(root, "note"),
        references=tuple(text_of(root, "references").split()),
        incidents=text_of(root, "incidents"),
        infos=tuple(_read_info(info) for info in children(root, "info")),
    )


def _write_info(info: Element, alert: Alert, text: AlertText) -> None:
    """Write all that is known in one language: who reads only one block misses nothing."""
    _add(info, "language", text.language)
    _add(info, "category", "Security")
    _add(info, "category", "Safety")
    _add(info, "event", text.event)
    _add(info, "responseType", _RESPONSES[alert.phase])
    _add(info, "urgency", alert.urgency)
    _add(info, "severity", alert.severity)
    _add(info, "certainty", alert.certainty)
    if alert.phase != "all-clear" and alert.impact_earliest is not None:
        _add(info, "onset", cap_time(alert.impact_earliest))
    _add(info, "expires", cap_time(alert.expires))
    _add(info, "headline", text.headline)
    _add(info, "description", text.description)
    _add(info, "instruction", text.instruction)
    rings = cut_at_antimeridian(alert.polygon)
    polygons = [" ".join(f"{_degrees(lat)},{_degrees(lon)}" for lat, lon in ring) for ring in rings]
    for name, value in _parameters(alert, polygons):
        parameter = SubElement(info, "parameter")
        _add(parameter, "valueName", name)
        _add(parameter, "value", value)
    area = SubElement(info, "area")
    _add(area, "areaDesc", text.area_description)
    for polygon in polygons:
        _add(area, "polygon", polygon)


def _parameters(alert: Alert, polygons: list[str]) -> list[tuple[str, str]]:
    """List the machine's part. The names are append-only: one never changes its meaning."""
    pairs = [
        ("tocsin-warning", alert.warning),
        ("tocsin-version", str(alert.version)),
        ("tocsin-phase", alert.phase),
    ]
    times = (
        ("tocsin-impact-earliest", alert.impact_earliest),
        ("tocsin-impact-likeliest", alert.impact_likeliest),
        ("tocsin-impact-latest", alert.impact_latest),
    )
    pairs += [(name, cap_time(t)) for name, t in times if t is not None]
    pairs += [(PREDICTION, alert.prediction)] if alert.prediction else []
    return [*pairs, (AREA, tie(dict(pairs), polygons))]


def _read_info(info: Element) -> CapInfo:
    return CapInfo(
        language=text_of(info, "language") or "en-US",  # the standard's default
        categories=texts_of(info, "category"),
        event=text_of(info, "event"),
        response_types=texts_of(info, "responseType"),
        urgency=text_of(info, "urgency"),
        severity=text_of(info, "severity"),
        certainty=text_of(info, "certainty"),
        effective=_time(info, "effective"),
        onset=_time(info, "onset"),
        expires=_time(info, "expires"),
        sender_name=text_of(info, "senderName"),
        headline=text_of(info, "headline"),
        description=text_of(info, "description"),
        instruction=text_of(info, "instruction"),
        parameters=tuple((text_of(p, "valueName"), text_of(p, "value")) for p in children(info, "parameter")),
        areas=tuple(_read_area(area) for area in children(info, "area")),
    )


def _read_area(area: Element) -> CapArea:
    return CapArea(
        description=text_of(area, "areaDesc"),
        polygons=tuple(_pairs(text) for text in texts_of(area, "polygon")),
        circles=tuple(_circle(text) for text in texts_of(area, "circle")),
        geocodes=tuple((text_of(g, "valueName"), text_of(g, "value")) for g in children(area, "geocode")),
    )


def _pairs(text: str) -> Ring:
    return tuple((lat, lon) for lat, lon in (_numbers(pair, "polygon", 2) for pair in text.split()))


def _circle(text: str) -> tuple[float, float, float]:
    centre, _, radius = text.partition(" ")
    lat, lon, km = _numbers(f"{centre},{radius}", "circle", 3)
    return lat, lon, km


def _numbers(text: str, name: str, count: int) -> tuple[float, ...]:
    parts = text.split(",")
    if len(parts) != count or not all(re.fullmatch(NUMBER, part) for part in parts):
        raise InputError(f"CAP: {name}: {text!r} is not {count} numbers")
    return tuple(float(part) for part in parts)


def _time(parent: Element, name: str) -> Instant | None:
    text = text_of(parent, name)
    if not text:
        return None
    match = re.fullmatch(TIME, text)
    if match is None:
        raise InputError(f"CAP: {name}: {text!r} is not a time like 2026-05-16T00:01:07-00:00")
    try:
        local = parse_utc(f"{match[1]}Z")
    except ValueError as error:
        raise InputError(f"CAP: {name}: {error}") from None
    offset = (int(match[3]) * 60 + int(match[4])) * 60 * (-1 if match[2] == "-" else 1)
    return Instant(local - offset * SECOND)


def _add(parent: Element, name: str, text: str) -> None:
    """Append an element; empty optional text is left out."""
    if text:
        SubElement(parent, name).text = clean(text)


def _degrees(value: float) -> str:
    return f"{round(value, 5) + 0.0:.5f}"
