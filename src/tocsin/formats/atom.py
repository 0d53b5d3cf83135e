"""Alerts as an Atom feed (RFC 4287): an entry an alert, the newest first, what was superseded marked and kept.

An entry's id is a tag URI (RFC 4151) of sender, day and identifier: it is the same however often the feed is written,
and no two alerts share one.
"""

import re
from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tocsin.earth.time import format_utc
from tocsin.formats.geojson import superseded
from tocsin.formats.xml import clean
from tocsin.messages import Alert, Instant

NAMESPACE: Final = "http://www.w3.org/2005/Atom"
SCHEMES: Final = "tag:tocsin.invalid,2026:"  # of categories: status, phase, msg-type, superseded
TITLE: Final = "Tocsin alerts"
CAP: Final = "application/cap+xml"
_NEVER: Final = "1970-01-01T00:00:00Z"  # an empty feed has not been updated; the element may not be left out


def write(alerts: Sequence[Alert]) -> bytes:
    """Write alerts given in the order they were sent."""
    later = superseded(alerts)
    entries = [entry(alert, later.get(alert.identifier)) for alert in alerts]
    return feed(entries, alerts[-1].sent if alerts else None)


def feed(entries: Sequence[str], updated: Instant | None) -> bytes:
    """Join entries given in the order they were sent. `updated`: when the last was, not when the feed was written."""
    root = Element("feed", {"xmlns": NAMESPACE})
    _add(root, "id", f"{SCHEMES}alerts")
    _add(root, "title", TITLE)
    _add(root, "updated", _NEVER if updated is None else _time(updated))
    SubElement(root, "link", {"rel": "self", "href": "alerts.atom", "type": "application/atom+xml"})
    indent(root)
    head = tostring(root, encoding="unicode").removesuffix("</feed>").rstrip()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{"".join(reversed(entries))}</feed>\n'.encode()


def entry(alert: Alert, later: str | None) -> str:
    """Write one alert. `later`: the identifier of the last alert that supersedes it."""
    root = Element("entry")
    _fill(root, alert, later)
    indent(root)
    return tostring(root, encoding="unicode") + "\n"


def entry_id(alert: Alert) -> str:
    """Give an alert's tag URI."""
    return f"{_tag(alert)}{alert.identifier}"


def _fill(entry: Element, alert: Alert, later: str | None) -> None:
    _add(entry, "id", entry_id(alert))
    _add(entry, "title", alert.headline)
    _add(entry, "updated", _time(alert.sent))
    _add(SubElement(entry, "author"), "name", alert.sender)
    for scheme, term in (("status", alert.status), ("msg-type", alert.msg_type), ("phase", alert.phase)):
        SubElement(entry, "category", {"scheme": SCHEMES + scheme, "term": term})
    if later is not None:
        SubElement(
            entry, "category", {"scheme": SCHEMES + "superseded", "term": later, "label": "superseded"}
        )
    for old in alert.references:
        SubElement(entry, "link", {"rel": "related", "href": f"alerts/{old.split(',')[1]}.xml", "type": CAP})
    SubElement(entry, "link", {"rel": "alternate", "href": f"alerts/{alert.identifier}.xml", "type": CAP})
    _add(entry, "summary", f"{alert.description} {alert.instruction}")


def _tag(alert: Alert) -> str:
    authority = re.sub(r"[^A-Za-z0-9.@_-]", "-", alert.sender)
    return f"tag:{authority},{_time(alert.sent)[:10]}:"


def _time(t: Instant) -> str:
    return format_utc(Instant(t), 0).replace(":60Z", ":59Z")


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = clean(text)
