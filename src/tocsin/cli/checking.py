"""`tocsin check`: what is wrong in any input file, with its place and remedy."""

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from tocsin import journal
from tocsin.cli import policy
from tocsin.cli.arguments import Arguments
from tocsin.earth.orientation import bundled
from tocsin.earth.time import parse_utc
from tocsin.errors import InputError
from tocsin.formats.cap import validate
from tocsin.formats.check import (
    Finding,
    check_network,
    check_recording,
    check_standard,
    check_toml,
    kind_of,
    standard_of,
)
from tocsin.messages import Place
from tocsin.simulation import library, truth

CLEAN, FOUND, UNREADABLE = 0, 1, 3  # exit codes
_HEAD: Final = 65_536  # bytes that tell a file's kind
_PACKED: Final = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")  # gzip, Zstandard
_OURS: Final = b"<valueName>tocsin-"  # marks an alert that Tocsin wrote

Found = tuple[list[Finding], str]  # and why the file could not be read to its end, or ""


def check(arguments: Arguments) -> int:
    """Check files; 0 where all are clean, 1 where something was found, 3 where one cannot be read."""
    counts = {"error": 0, "warning": 0, "note": 0}
    code = CLEAN
    for file in arguments.files:
        findings, fault = _findings(file)
        for finding in findings:
            counts[finding.severity] += 1
            sys.stdout.write(_line(finding) if arguments.json else f"{written(finding)}\n")
        if fault:
            code = UNREADABLE
            sys.stderr.write(f"tocsin: {fault}\n")
    if not arguments.json:
        told = [f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items() if count]
        files = f"{len(arguments.files)} file{'' if len(arguments.files) == 1 else 's'}"
        sys.stdout.write(f"{files} checked: {', '.join(told) or 'nothing found'}\n")
    return code or (FOUND if counts["error"] or counts["warning"] else CLEAN)


def written(finding: Finding) -> str:
    """Write a finding as compilers do: place, severity, field, what is wrong, and what would be right."""
    where = f"{finding.place.file}:{finding.place.line}" if finding.place.line else finding.place.file
    field = f"{finding.field}: " if finding.field else ""
    remedy = f"; {finding.remedy}" if finding.remedy else ""
    return f"{where}: {finding.severity}: {field}{finding.text}{remedy}"


def _line(finding: Finding) -> str:
    return msgspec.json.encode(finding).decode() + "\n"


def _findings(file: str) -> Found:
    """Find what is wrong in a file, by its kind."""
    if file == journal.STANDARD_INPUT:
        return _recording(file)
    try:
        with Path(file).open("rb") as opened:
            head = opened.read(_HEAD)
        standard = standard_of(head)
        kind = "recording" if head.startswith(_PACKED) else kind_of(file, head.decode(errors="replace"))
        if kind == "recording" and standard is None:
            return _recording(file)
        data = Path(file).read_bytes()
    except OSError as error:
        return [], f"{file} cannot be read: {error.strerror}"
    if not data.strip():
        return [], f"{file} is empty"
    if standard is not None:
        return check_standard(data, file, standard), ""
    return (_alert(data, file) if kind == "cap" else _toml(data, file, kind)), ""


def _recording(file: str) -> Found:
    """Check a recording as far as it can be read."""
    faults: list[str] = []
    now = parse_utc(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    found = check_recording(_readable(file, faults), now, bundled().end)
    return found, "; ".join(faults)


def _readable(file: str, faults: list[str]) -> Iterator[journal.Read]:
    try:
        messages: Iterable[journal.Read] = journal.read([file])
        yield from messages
    except InputError as error:
        faults.append(str(error).replace("was processed", "was checked"))


def _alert(data: bytes, file: str) -> list[Finding]:
    """Check a CAP message, one of ours against our own promises too."""
    return [_finding(file, *fault.split(": ", 1)) for fault in validate(data, ours=_OURS in data)]


def _toml(data: bytes, file: str, kind: str) -> list[Finding]:
    """Check a network, a policy or a scenario; the last down to whether its launches can be flown."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return [_finding(file, "", f"not UTF-8 text: byte 0x{data[error.start]:02x} at {error.start}")]
    if kind == "network":
        return check_network(text, file)
    if "signed_by" in text:
        return check_toml(text, file, policy.decode)
    return check_toml(text, file, lambda _, name: truth.happen(library.load(name)))


def _finding(file: str, field: str, text: str) -> Finding:
    return Finding(place=Place(file, 0), severity="error", field=field, text=text, remedy="")
