"""What JSON Lines and TOML share: times as text, and decoding errors a person can act on."""

import json
import math
import re
from datetime import UTC, date, datetime
from typing import Any

from msgspec import inspect

from tocsin.earth.time import format_utc, parse_utc
from tocsin.messages import Instant

EARLIEST = Instant(-315_619_190_000_000_000)  # 1960; before it no launch can be of interest
LATEST = Instant(7_258_118_437_000_000_000)  # 2200; nanoseconds of later times leave 64 bits in 2262

_AT = re.compile(r"(?P<text>.*?)(?: - at `(?:key in )?(?P<path>.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`")
_BOUND = re.compile(r"Expected `(?:float|int)(?: \| null)?` (<=|>=|<|>) (\S+)$")
_WANTED = re.compile(r"Expected `(.*?)`(?:, got `(.*)`)?$")
_STEP = re.compile(r"\[(\d+|\.\.\.)\]|\.?([^.\[\]]+)")
_BOUNDS = {"<=": "at most", ">=": "at least", "<": "below", ">": "above"}
_WORDS = {
    "float": "a number", "int": "a whole number", "str": "text", "bool": "true or false", "array": "a list",
    "object": "an object", "null": "null",
}  # fmt: skip


class LineError(ValueError):
    """Say why a message cannot be used: `field` is the path to it, `why` what is wrong and what is right."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}" if field else why)
        self.field = field
        self.why = why


def from_wire(wanted: type, value: Any) -> Any:
    """Turn text, or a TOML date with its offset, into an `Instant`: the `dec_hook` of every decoder here."""
    if wanted is not Instant:
        raise NotImplementedError(f"no wire form for {wanted}")
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    elif isinstance(value, datetime):
        raise ValueError(f"the time {value.isoformat()} has no offset; write {value.isoformat()}Z for UTC")
    elif isinstance(value, date):
        raise ValueError(f"{value.isoformat()} is a date, not a time; write {value.isoformat()}T00:00:00Z")
    if not isinstance(value, str):
        raise ValueError(f'{short(value)} is not a time; write UTC as "2026-05-16T00:00:12.250Z"')
    t = parse_utc(value)
    if not EARLIEST <= t <= LATEST:
        raise ValueError(f"the time {value} is outside 1960 to 2200")
    return t if type(t) is Instant else Instant(t)


def to_wire(value: Any) -> Any:
    """Turn an `Instant` into text: the `enc_hook` of every encoder here."""
    if isinstance(value, Instant):
        return format_utc(value)
    raise NotImplementedError(f"no wire form for {type(value)}")


def fault(error: Exception, data: Any, wanted: Any) -> LineError:
    """Turn what msgspec says of `data`, that should be `wanted`, into the field at fault and the remedy."""
    match = _AT.match(str(error))
    assert match is not None
    text, path = match["text"], (match["path"] or "$").removeprefix("$").removeprefix(".")
    if missing := _MISSING.match(text):
        return LineError(f"{path}.{missing[1]}" if path else missing[1], "is missing")
    if text.startswith("Number out of range") or text.startswith("Integer value out of range"):
        inside = (data, "") if "..." in path else (value_at(data, path), path)
        where, number = unbounded(*inside)
        return LineError(where or path, f"{number or 'the number'} is out of range; write a finite number")
    value = value_at(data, path)
    if text.startswith("Invalid enum value"):
        allowed = ", ".join(_choices(wanted, path))
        return LineError(
            path, f"{short(value)} is not known" + (f"; it is one of: {allowed}" if allowed else "")
        )
    if bound := _BOUND.match(text):
        why = f"{short(value)} must be {_BOUNDS[bound[1]]} {float(bound[2]):g}"
        return LineError(path, why + _swapped(data, path, value))
    if text.startswith("Expected `str` of length"):
        return LineError(path, "is empty" if value == "" else "is longer than 200 characters")
    if expected := _WANTED.match(text):
        kinds = [_WORDS.get(word, word) for word in expected[1].split(" | ") if word != "null"]
        return LineError(path, f"{short(value)} is not {' or '.join(kinds)}")
    return LineError(path, text.replace("`", ""))


def unbounded(value: Any, path: str = "") -> tuple[str, str]:
    """Find the first number that is NaN, infinite or beyond 64 bits: its path and name, else empty texts."""
    if isinstance(value, float) and not math.isfinite(value):
        return path, "NaN" if math.isnan(value) else f"{value:+}".replace("inf", "infinity")
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return path, "a whole number of more than 64 bits"
    if isinstance(value, dict):
        inner = ((f"{path}.{key}" if path else str(key), item) for key, item in value.items())
    elif isinstance(value, list | tuple):
        inner = ((f"{path}[{i}]", item) for i, item in enumerate(value))
    else:
        return "", ""
    for where, item in inner:
        found = unbounded(item, where)
        if found[1]:
            return found
    return "", ""


def value_at(data: Any, path: str) -> Any:
    """Follow a path such as `detections[3].declination_deg`; None where it leads nowhere."""
    for index, name in _STEP.findall(path):
        if index.isdigit() and isinstance(data, list | tuple) and int(index) < len(data):
            data = data[int(index)]
        elif name and isinstance(data, dict):
            data = data.get(name)
        else:
            return None
    return data


def short(value: Any) -> str:
    """Write a value as JSON would, cut to 60 characters."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."


def _choices(wanted: Any, path: str) -> list[str]:
    """List what a field of closed choice may hold."""
    node: Any = inspect.type_info(wanted)
    for index, name in _STEP.findall(path):
        options = node.types if isinstance(node, inspect.UnionType) else (node,)
        inner: list[Any] = []
        for option in options:
            if name and isinstance(option, inspect.StructType):
                inner += [f.type for f in option.fields if f.encode_name == name]
            elif index and hasattr(option, "item_type"):
                inner.append(option.item_type)
        if not inner:
            return []
        node = inner[0]
    options = node.types if isinstance(node, inspect.UnionType) else (node,)
    return [str(v) for option in options if isinstance(option, inspect.LiteralType) for v in option.values]


def _swapped(data: Any, path: str, value: Any) -> str:
    """Suspect exchanged coordinates where a latitude is impossible and its longitude could be one."""
    parent, _, name = path.rpartition(".")
    if name != "latitude_deg" or not isinstance(value, int | float) or abs(value) > 360:
        return ""
    other = (value_at(data, parent) or {}).get("longitude_deg")
    likely = isinstance(other, int | float) and abs(other) <= 90
    return "; are latitude_deg and longitude_deg exchanged?" if likely else ""
