"""What a CAP 1.2 alert must be beyond its schema, which passes two-point polygons and expiry before sending.

Sources: OASIS CAP 1.2 (2010), sections 3.2 and 3.3; the IPAWS profile 1.0 (2009) for `info`, `area` and
`expires` being required; our own for the `tocsin-` parameters, the marks of what is not real, and `Public`
for what is.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final
from xml.etree.ElementTree import Element

from tocsin.earth.rings import area as flat_area
from tocsin.earth.rings import crosses_itself, winds_around_pole
from tocsin.formats.cap_promises import broken_promises
from tocsin.formats.cap_text import NAMESPACE, NUMBER, children, seconds, text_of
from tocsin.formats.xml import XmlError, local_name, parse

SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"

# Elements in the order of the schema: how often each must and may occur (0: no limit).
_ONE, _MAYBE, _ANY, _SOME = (1, 1), (0, 1), (0, 0), (1, 0)
_ALERT: Final = {
    "identifier": _ONE, "sender": _ONE, "sent": _ONE, "status": _ONE, "msgType": _ONE, "source": _MAYBE,
    "scope": _ONE, "restriction": _MAYBE, "addresses": _MAYBE, "code": _ANY, "note": _MAYBE,
    "references": _MAYBE, "incidents": _MAYBE, "info": _SOME,
}  # fmt: skip
_INFO: Final = {
    "language": _MAYBE, "category": _SOME, "event": _ONE, "responseType": _ANY, "urgency": _ONE,
    "severity": _ONE, "certainty": _ONE, "audience": _MAYBE, "eventCode": _ANY, "effective": _MAYBE,
    "onset": _MAYBE, "expires": _ONE, "senderName": _MAYBE, "headline": _MAYBE, "description": _MAYBE,
    "instruction": _MAYBE, "web": _MAYBE, "contact": _MAYBE, "parameter": _ANY, "resource": _ANY,
    "area": _SOME,
}  # fmt: skip
_AREA: Final = {
    "areaDesc": _ONE, "polygon": _ANY, "circle": _ANY, "geocode": _ANY, "altitude": _MAYBE, "ceiling": _MAYBE,
}  # fmt: skip
_PAIR: Final = {"valueName": _ONE, "value": _ONE}

_CODES: Final = {
    "status": "Actual Exercise System Test Draft",
    "msgType": "Alert Update Cancel Ack Error",
    "scope": "Public Restricted Private",
    "category": "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other",
    "responseType": "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None",
    "urgency": "Immediate Expected Future Past Unknown",
    "severity": "Extreme Severe Moderate Minor Unknown",
    "certainty": "Observed Likely Possible Unlikely Unknown",
}


def validate(data: bytes, ours: bool = True) -> list[str]:
    """List what is wrong with a CAP message, each as `element: why`; empty when nothing is.

    `ours`: also hold it to what Tocsin promises of its own alerts (parameters, marks, scope, wording of
    updates). A list of faults and never an exception, whatever the bytes.
    """
    try:
        root = parse(data)
    except XmlError as error:
        return [f"alert: {error}"]
    if local_name(root, NAMESPACE) != "alert":
        return [f"alert: the root is {root.tag}, not an alert of {NAMESPACE}"]
    faults = [*_structure(root, "alert", _ALERT), *_envelope(root)]
    for info in children(root, "info"):
        faults += [*_structure(info, "info", _INFO), *_info(info, seconds(text_of(root, "sent")))]
    return faults + (list(broken_promises(root)) if ours else [])


def _structure(parent: Element, name: str, elements: dict[str, tuple[int, int]]) -> Iterator[str]:
    """Check which children there are, how often, in which order, and that none is empty."""
    order = list(elements)
    names = [local_name(child, NAMESPACE) for child in parent if not child.tag.startswith("{" + SIGNATURE)]
    for child, tag in zip(names, (c.tag for c in parent), strict=False):
        if child is None or child not in elements:
            yield f"{child or tag}: has no place in {name}"
    known = [child for child in names if child is not None and child in elements]
    for one, other in pairwise(known):
        if order.index(one) > order.index(other):
            yield f"{other}: must stand before {one} in {name}"
    for child, (least, most) in elements.items():
        found = known.count(child)
        if found < least:
            yield f"{child}: missing in {name}"
        if most and found > most:
            yield f"{child}: occurs {found} times in {name}"
    for element in parent:
        if (
            local_name(element, NAMESPACE) in elements
            and len(element) == 0
            and not (element.text or "").strip()
        ):
            yield f"{local_name(element, NAMESPACE)}: empty"


def _envelope(root: Element) -> Iterator[str]:
    for name in ("identifier", "sender"):
        if re.search(r"[\s,<&]", text_of(root, name)):
            yield f"{name}: must not hold a space, a comma, < or &"
    for name in ("status", "msgType", "scope"):
        yield from _code(root, name)
    yield from _moment(root, "sent")
    scope, restricted = text_of(root, "scope"), bool(text_of(root, "restriction"))
    if scope == "Restricted" and not restricted:
        yield "restriction: missing, and the scope is Restricted"
    if scope != "Restricted" and restricted:
        yield f"restriction: only where the scope is Restricted, and it is {scope}"
    if scope == "Private" and not text_of(root, "addresses"):
        yield "addresses: missing, and the scope is Private"
    yield from _references(root)


def _references(root: Element) -> Iterator[str]:
    references = text_of(root, "references").split()
    kind = text_of(root, "msgType")
    if kind in ("Update", "Cancel", "Ack", "Error") and not references:
        yield f"references: missing, and the msgType is {kind}"
    if kind == "Alert" and references:
        yield "references: an Alert supersedes nothing; that is an Update"
    sent = seconds(text_of(root, "sent"))
    for reference in references:
        parts = reference.split(",")
        if len(parts) != 3 or not all(parts):
            yield f"references: {reference!r} is not sender,identifier,sent"
            continue
        then = seconds(parts[2])
        if then is None:
            yield f"references: {parts[2]!r} is not a time like 2026-05-16T00:01:07-00:00"
        elif sent is not None and then > sent:
            yield f"references: {reference!r} was sent after this message"
        if (parts[0], parts[1]) == (text_of(root, "sender"), text_of(root, "identifier")):
            yield "references: the message refers to itself; an identifier is used once"
    if len(set(references)) < len(references):
        yield "references: one occurs twice"


def _info(info: Element, sent: int | None) -> Iterator[str]:
    for name in ("category", "responseType", "urgency", "severity", "certainty"):
        yield from _code(info, name)
    if not re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", text_of(info, "language") or "en-US"):
        yield f"language: {text_of(info, 'language')!r} is not a language code like en"
    for name in ("effective", "onset", "expires"):
        yield from _moment(info, name)
    expires = seconds(text_of(info, "expires"))
    if expires is not None:
        if sent is not None and expires <= sent:
            yield "expires: not after sent"
        for name in ("effective", "onset"):
            begins = seconds(text_of(info, name))
            if begins is not None and begins > expires:
                yield f"{name}: after expires"
    for name in ("parameter", "eventCode"):
        for pair in children(info, name):
            yield from _structure(pair, name, _PAIR)
    for area in children(info, "area"):
        yield from _structure(area, "area", _AREA)
        yield from _area(area)


def _area(area: Element) -> Iterator[str]:
    if not any(children(area, name) for name in ("polygon", "circle", "geocode")):
        yield "area: has neither polygon, circle nor geocode"
    for polygon in children(area, "polygon"):
        yield from _polygon((polygon.text or "").split())
    for circle in children(area, "circle"):
        centre, _, radius = (circle.text or "").strip().partition(" ")
        yield from _pair(centre, "circle")
        if not re.fullmatch(NUMBER, radius) or float(radius) < 0:
            yield f"circle: the radius {radius!r} is not a number of km"
    for geocode in children(area, "geocode"):
        yield from _structure(geocode, "geocode", _PAIR)


def _polygon(pairs: list[str]) -> Iterator[str]:
    faults = [fault for pair in pairs for fault in _pair(pair, "polygon")]
    if len(pairs) < 4:
        yield f"polygon: {len(pairs)} points, and it needs four at least"
    elif pairs[0] != pairs[-1]:
        yield "polygon: not closed, the last point must be the first"
    elif not faults:
        ring = tuple((float(lat), float(lon)) for lat, lon in (pair.split(",") for pair in pairs))
        if any(one == other for one, other in pairwise(ring)):
            yield "polygon: the same point twice in a row"
        elif winds_around_pole(ring):
            yield "polygon: goes around a pole; cut it at the antimeridian"
        elif flat_area(ring) == 0:
            yield "polygon: holds no area"
        elif crosses_itself(ring):
            yield "polygon: crosses itself"
    yield from faults


def _pair(text: str, name: str) -> Iterator[str]:
    parts = text.split(",")
    if len(parts) != 2 or not all(re.fullmatch(NUMBER, part) for part in parts):
        yield f"{name}: {text!r} is not latitude,longitude"
        return
    if abs(float(parts[0])) > 90:
        yield f"{name}: latitude {parts[0]} is outside -90 to 90"
    if abs(float(parts[1])) > 180:
        yield f"{name}: longitude {parts[1]} is outside -180 to 180"


def _code(parent: Element, name: str) -> Iterator[str]:
    for element in children(parent, name):
        value = (element.text or "").strip()
        if value not in _CODES[name].split():
            yield f"{name}: {value!r} is none of {', '.join(_CODES[name].split())}"


def _moment(parent: Element, name: str) -> Iterator[str]:
    text = text_of(parent, name)
    if text and seconds(text) is None:
        yield f"{name}: {text!r} is not a time like 2026-05-16T00:01:07-00:00 (no Z or fraction, UTC -00:00)"
