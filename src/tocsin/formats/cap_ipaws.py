"""What the profile of the United States' public alert system (IPAWS 1.0, 2009) asks beyond CAP 1.2.

Rules as `google/cap-library` states them in `Ipaws1Profile` (2011, read; the profile itself was not at hand). Some
need what only the authority that alerts has: event codes and counties of the Specific Area Message Encoding (SAME).
Our alerts carry none of them, so `ipaws` names them, and `needs_authority` tells those apart from faults of ours.
"""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from tocsin.formats.cap_text import NAMESPACE, children, seconds, text_of
from tocsin.formats.xml import XmlError, local_name, parse

CODE: Final = "IPAWSv1.0"
_OURS_TO_GIVE: Final = ("code", "eventCode", "geocode")  # only an authority that may use the system has them


def ipaws(data: bytes) -> list[str]:
    """List where a CAP message does not keep the profile, each as `element: why`. It need be no message of ours."""
    try:
        root = parse(data)
    except XmlError as error:
        return [f"alert: {error}"]
    if local_name(root, NAMESPACE) != "alert":
        return [f"alert: the root is {root.tag}, not an alert of {NAMESPACE}"]
    return list(_faults(root))


def needs_authority(fault: str) -> bool:
    """Say whether a fault is the lack of a code that only an authority of the system can give."""
    return fault.partition(":")[0] in _OURS_TO_GIVE


def _faults(root: Element) -> Iterator[str]:
    infos = children(root, "info")
    if CODE not in [(code.text or "").strip() for code in children(root, "code")]:
        yield f"code: {CODE} is missing"
    if seconds(text_of(root, "sent")) is None:
        yield "sent: needs its offset from UTC"
    if text_of(root, "msgType") in ("Update", "Cancel") and not text_of(root, "references"):
        yield "references: an Update or Cancel names all messages that have not expired"
    for name in ("category", "eventCode"):
        if len({_values(info, name) for info in infos}) > 1:
            yield f"{name}: differs between the infos"
    for info in infos:
        yield from _info(info)


def _info(info: Element) -> Iterator[str]:
    if seconds(text_of(info, "expires")) is None:
        yield "expires: needs its offset from UTC"
    same = [text_of(c, "value") for c in children(info, "eventCode") if text_of(c, "valueName") == "SAME"]
    if len(same) != 1 or not re.fullmatch(r"[A-Z]{3}", same[0]):
        yield "eventCode: one SAME code of three letters is missing"
    areas = children(info, "area")
    if not areas:
        yield "area: missing"
    for area in areas:
        codes = [text_of(g, "value") for g in children(area, "geocode") if text_of(g, "valueName") == "SAME"]
        if not any(re.fullmatch(r"[0-9]{6}", code) for code in codes):
            yield "geocode: a SAME location of six digits is missing"
    for name in ("description", "instruction"):
        if not text_of(info, name):
            yield f"{name}: missing"


def _values(info: Element, name: str) -> frozenset[tuple[str, ...]]:
    return frozenset(
        (text_of(e, "valueName"), text_of(e, "value")) if len(e) else ((e.text or "").strip(),)
        for e in children(info, name)
    )
