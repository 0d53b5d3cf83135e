"""JSON Lines: one message a line.

Decoding names the field at fault; encoding is exact for recordings and rounded for events.

`crc32`, where a line carries it, is the CRC-32 of zlib (ISO 3309) as an unsigned decimal number. It covers
the line's bytes without white space at either end and without that member: without `,"crc32":N`, or where
it stands first without `"crc32":N,`, and without white space next to it.
"""

import json
import re
import zlib
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from tocsin.formats.rounding import rounded
from tocsin.formats.rules import verify
from tocsin.formats.wire import LineError, fault, from_wire, short, to_wire, unbounded, value_at
from tocsin.messages import (
    ORIGINS,
    Catalogue,
    Decision,
    EarthOrientation,
    Incoming,
    InfraredScan,
    Notification,
    Outgoing,
    RadarScan,
    Rejected,
    Sensor,
    Status,
    Summary,
)

KINDS: dict[str, Any] = {
    "sensor": Sensor,
    "scan": InfraredScan,  # or RadarScan: see `_decode_scan`
    "status": Status,
    "notification": Notification,
    "catalogue": Catalogue,
    "earth_orientation": EarthOrientation,
    "summary": Summary,
    "decision": Decision,
}
NO_ORIGIN = "origin is required: live, exercise or test; there is no default"

_BOM = b"\xef\xbb\xbf"
_CRC = re.compile(rb'\s*,\s*"crc32"\s*:\s*(\d+)\s*|\s*"crc32"\s*:\s*(\d+)\s*,\s*')
_RA, _RANGE = b'"right_ascension_deg"', b'"range_m"'


class _Head(Struct):
    """The members that say how to read the rest."""

    kind: Any = UNSET
    origin: Any = UNSET
    crc32: Any = UNSET


_head = msgspec.json.Decoder(_Head)
_decoders = {name: msgspec.json.Decoder(type_, dec_hook=from_wire) for name, type_ in KINDS.items()}
_radar_scan = msgspec.json.Decoder(RadarScan, dec_hook=from_wire)
_event = msgspec.json.Decoder(Outgoing, dec_hook=from_wire)
_encoder = msgspec.json.Encoder(enc_hook=to_wire)

_REFUSALS = (
    msgspec.MsgspecError,
    ValueError,
    OverflowError,
    RecursionError,
)  # all that msgspec is known to raise


def decode(line: bytes) -> Incoming:
    """Decode and verify one line; raise `LineError` naming the field and what would be right."""
    line = line.removeprefix(_BOM).strip()
    try:
        line.decode()
    except UnicodeDecodeError as error:
        raise LineError("", f"not UTF-8 text: byte 0x{line[error.start]:02x} at {error.start}") from None
    try:
        head = _head.decode(line)
    except _REFUSALS as error:
        raise _malformed(line, error) from None
    kind = _kind(head, line)
    if head.crc32 is not UNSET:
        _verify_crc32(line, head.crc32)
    try:
        message: Incoming = _decode_scan(line) if kind == "scan" else _decoders[kind].decode(line)
    except LineError:
        raise
    except _REFUSALS as error:
        raise _refused(line, error, KINDS[kind]) from None
    verify(message)
    return message


def decode_line(line: bytes, file: str, number: int) -> Incoming | Rejected:
    """Decode one line of a file; a line that cannot be used becomes a `Rejected` with its place."""
    try:
        return decode(line)
    except LineError as error:
        return Rejected(file=file, line=number, field=error.field, why=error.why)


def decode_event(line: bytes) -> Outgoing:
    """Decode one line that Tocsin itself wrote; raise `LineError` if it did not."""
    try:
        event: Outgoing = _event.decode(line)
    except _REFUSALS as error:
        raise LineError("", str(error)) from None
    return event


def encode_recorded(message: Incoming) -> bytes:
    """Encode a message for a recording, without end of line: numbers to their last bit, defaults left out."""
    line = _encoder.encode(message)
    if b"null" in line:  # how msgspec writes NaN and infinity, which a message of ours must not hold
        field, number = unbounded(msgspec.to_builtins(message, enc_hook=to_wire))
        assert not field, f"{field} is {number}"
    return line


def encode_event(event: Outgoing) -> bytes:
    """Encode what comes out of the system, without end of line, with the digits of `rounding`."""
    return _encoder.encode(rounded(event))


def with_crc32(line: bytes) -> bytes:
    """Append the member `crc32` to an encoded message."""
    assert line.startswith(b"{") and line.endswith(b"}")
    return line[:-1] + b',"crc32":%d}' % zlib.crc32(line)


def _kind(head: _Head, line: bytes) -> str:
    """Return the message's kind, once kind and origin are known and stand in the line once only."""
    if head.kind is UNSET:
        raise LineError("kind", f"is missing; it is one of: {', '.join(KINDS)}")
    if not isinstance(head.kind, str) or head.kind not in KINDS:
        raise LineError("kind", f"{short(head.kind)} is not known; it is one of: {', '.join(KINDS)}")
    if head.origin is UNSET:
        raise LineError("origin", NO_ORIGIN)
    if head.origin not in ORIGINS:
        raise LineError("origin", f"{short(head.origin)} is not known; {NO_ORIGIN}")
    if line.count(b'"origin"') > 1 or line.count(b'"kind"') > 1 or b"\\u" in line:
        _verify_once(line)
    return head.kind


def _verify_once(line: bytes) -> None:
    """Refuse a line that says twice whether it is live: readers would differ on which one holds."""

    def pairs(members: list[tuple[str, Any]]) -> list[str]:
        return [name for name, _ in members]

    try:
        names = json.loads(line, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        raise _malformed(line, error) from None
    for name in ("origin", "kind"):
        if names.count(name) > 1:
            raise LineError(name, "stands in the line more than once")


def _verify_crc32(line: bytes, stated: Any) -> None:
    """Compare a line's `crc32` with its bytes. A nested member may match too: one that fits is enough."""
    for match in _CRC.finditer(line):
        rest = line[: match.start()] + line[match.end() :]
        if int(match[1] or match[2]) == stated == zlib.crc32(rest):
            return
    raise LineError("crc32", f"{short(stated)} does not fit the line: it was changed or cut on its way")


def _decode_scan(line: bytes) -> InfraredScan | RadarScan:
    """Decode a scan by its detections; one without any is an `InfraredScan`, whatever its sensor."""
    if _RANGE not in line:
        return _decoders["scan"].decode(line)
    try:
        scan: RadarScan = _radar_scan.decode(line)
    except _REFUSALS as error:
        return _decode_other(line, error)
    return scan if scan.detections else _decoders["scan"].decode(line)


def _decode_other(line: bytes, error: Exception) -> InfraredScan:
    """Decode a scan that says `range_m` and is no radar's; raise for the likelier of the two kinds."""
    if _RA not in line:
        raise _refused(line, error, RadarScan)
    try:
        return _decoders["scan"].decode(line)
    except _REFUSALS as other:
        raise _likelier(line, error, other) from None


def _likelier(line: bytes, of_a_radar: Exception, of_a_satellite: Exception) -> LineError:
    """Choose which of two refusals to report for a scan that is neither a radar's nor a satellite's."""
    detections = value_at(_loose(line), "detections")
    ranges = (
        [isinstance(d, dict) and "range_m" in d for d in detections] if isinstance(detections, list) else []
    )
    if any(ranges) and not all(ranges):
        odd = ranges.index(not ranges[0])
        return LineError(f"detections[{odd}]", "infrared and radar detections mixed in one scan")
    return (
        _refused(line, of_a_radar, RadarScan) if any(ranges) else _refused(line, of_a_satellite, InfraredScan)
    )


def _malformed(line: bytes, error: Exception) -> LineError:
    """Say why a line is not JSON: Python's reader takes NaN and infinity and so finds the field."""
    if isinstance(error, RecursionError):
        return LineError("", "is nested too deep")
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        cut = "truncated" in str(error)
        detail = str(error).removeprefix("JSON is malformed: ")
        return LineError("", "not JSON: the line ends in the middle" if cut else f"not JSON: {detail}")
    field, number = unbounded(data)
    if number:
        return LineError(
            field, f"{number} is not a number of JSON; leave the field out or write a finite number"
        )
    if not isinstance(data, dict):
        return LineError("", f"{short(data)} is not a message; write one JSON object a line")
    return LineError("", f"not JSON: {error}")


def _refused(line: bytes, error: Exception, wanted: Any) -> LineError:
    """Say which field of a line that is an object was refused."""
    if not isinstance(error, msgspec.ValidationError):
        return _malformed(line, error)
    return fault(error, _loose(line), wanted)


def _loose(line: bytes) -> Any:
    """Read a line as Python's reader does, which takes more than JSON; None where it cannot either."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
