"""A JSON Schema of every message, made from `messages`."""

from typing import Any

import msgspec

from tocsin.formats.jsonl import KINDS
from tocsin.messages import (
    Alert,
    Cue,
    Duplicate,
    EventLog,
    InfraredScan,
    Instant,
    RadarScan,
    Raid,
    Rejected,
    Warning,
)

INCOMING = (*(KINDS[kind] for kind in KINDS if kind != "scan"), InfraredScan, RadarScan)
OUTGOING = (Warning, Raid, Cue, Rejected, EventLog, Alert, Duplicate)
TIME = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$",
    "description": "UTC, ISO 8601 with Z, up to nanoseconds",
}


def schema() -> dict[str, Any]:
    """Return one JSON Schema (draft 2020-12) under which every line in and out of Tocsin is valid."""
    references, definitions = msgspec.json.schema_components(
        INCOMING + OUTGOING, schema_hook=_time, ref_template="#/$defs/{name}"
    )
    for type_ in INCOMING:
        definitions[type_.__name__]["properties"]["crc32"] = {
            "type": "integer",
            "minimum": 0,
            "maximum": 2**32 - 1,
        }
    for type_ in INCOMING + OUTGOING:
        definition = definitions[type_.__name__]
        definition["required"] = ["kind", *(name for name in definition["required"] if name != "kind")]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tocsin messages, version 1",
        "description": "One message a line. Units are in the names of the fields.",
        "anyOf": list(references),
        "$defs": definitions,
    }


def _time(type_: type) -> dict[str, Any]:
    assert type_ is Instant, f"{type_} has no schema"
    return TIME
