"""The words of CAP 1.2 that reader and rules share: names, times, children."""

import re
from typing import Final
from xml.etree.ElementTree import Element

from tocsin.earth.time import parse_utc
from tocsin.formats.xml import local_name
from tocsin.messages import SECOND

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
TIME: Final = r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})([+-])([0-9]{2}):([0-9]{2})"
NUMBER: Final = r"-?[0-9]{1,9}(\.[0-9]{1,15})?"


def children(parent: Element, name: str) -> list[Element]:
    """List the children of a name."""
    return [child for child in parent if local_name(child, NAMESPACE) == name]


def texts_of(parent: Element, name: str) -> tuple[str, ...]:
    """List the texts of the children of a name."""
    return tuple((child.text or "").strip() for child in children(parent, name))


def text_of(parent: Element, name: str) -> str:
    """Give the text of the first child of a name; empty when there is none."""
    return next(iter(texts_of(parent, name)), "")


def seconds(moment: str) -> int | None:
    """Give a CAP time as whole seconds on one scale; None when it is none."""
    match = re.fullmatch(TIME, moment)
    if match is None or match[1].endswith(":60"):  # the schema's dateTime knows no leap second
        return None
    hours, minutes = int(match[3]), int(match[4])
    zero_east = match[2] == "+" and hours == minutes == 0  # CAP 1.2: UTC must be written -00:00
    if zero_east or hours > 14 or minutes > 59:
        return None
    try:
        local = parse_utc(f"{match[1]}Z")
    except ValueError:
        return None
    return local // SECOND - (hours * 60 + minutes) * 60 * (-1 if match[2] == "-" else 1)
