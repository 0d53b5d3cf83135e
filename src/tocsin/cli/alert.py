"""`tocsin alert`: make keys for tests, and say whether an alert is signed by whom it should be, and why not."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from tocsin.cli.arguments import Arguments
from tocsin.errors import ConfigError, InputError
from tocsin.formats import cap
from tocsin.formats.cap_area import check_prediction
from tocsin.formats.cap_ipaws import ipaws, needs_authority
from tocsin.formats.jsonl import decode_event
from tocsin.formats.xml import parse
from tocsin.messages import Warning
from tocsin.run.signing import ROLES, Verdict, load_certificate, make_keys, verify

VALID, REFUSED = 0, 1  # exit codes


def alert(arguments: Arguments) -> int:
    """Do what was asked for."""
    return _keys(arguments) if arguments.verb == "keys" else _verify(arguments)


def _keys(arguments: Arguments) -> int:
    """Make keys."""
    for path in make_keys(Path(arguments.folder), datetime.now(UTC)):
        sys.stdout.write(f"{path}\n")
    sys.stdout.write(
        "For tests: self-signed, without password, valid for a year. Hand out the *.cert.pem only.\n"
    )
    return VALID


def _verify(arguments: Arguments) -> int:
    """Verify alerts one by one; 0 where all are valid, 1 where one is not."""
    code = VALID
    certificates = [load_certificate(file) for name in arguments.certificate for file in _files(Path(name))]
    versions = _versions(arguments.warnings)
    for file in arguments.files:
        data = _bytes(file)
        verdict = verify(data, certificates)
        faults = list(verdict.faults)
        if verdict.alert is not None:
            faults += _more(data, verdict.alert, versions, arguments)
        code = REFUSED if faults else code
        sys.stdout.write(_as_json(file, verdict, faults) if arguments.json else _told(file, verdict, faults))
    return code


def _more(data: bytes, read: cap.CapAlert, versions: list[Warning] | None, arguments: Arguments) -> list[str]:
    """Check what needs more than the file: the warnings it came from, the time, a profile."""
    faults = [] if versions is None else list(check_prediction(parse(data), versions))
    expires = max((info.expires for info in read.infos if info.expires is not None), default=None)
    if arguments.now is not None and expires is not None and arguments.now >= expires:
        faults.append(f"expired: at {cap.cap_time(expires)}")
    if arguments.ipaws:
        faults += [f"ipaws: {fault}" for fault in ipaws(data) if not needs_authority(fault)]
    return faults


def _files(path: Path) -> list[Path]:
    """Find the certificates of a folder of keys; a file is itself."""
    if not path.is_dir():
        return [path]
    found = [file for role in ROLES if (file := path / f"{role}.cert.pem").is_file()]
    if not found:
        raise ConfigError(f"{path} holds no {' or '.join(f'{role}.cert.pem' for role in ROLES)}")
    return found


def _versions(file: str | None) -> list[Warning] | None:
    if file is None:
        return None
    try:
        events = [decode_event(line) for line in _bytes(file).splitlines()]
    except ValueError as error:
        raise InputError(f"{file}: not the warnings of a run: {error}") from None
    return [event for event in events if isinstance(event, Warning)]


def _bytes(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from None


def _told(file: str, verdict: Verdict, faults: list[str]) -> str:
    read = verdict.alert
    what = (
        ""
        if read is None
        else f", {read.status} {read.msg_type} {read.identifier} of {cap.cap_time(read.sent)}"
    )
    by = f", signed by {verdict.by}" if verdict.by else ""
    lines = [f"{file}: {'INVALID' if faults else 'valid'}{what}{by}", *(f"  {fault}" for fault in faults)]
    return "\n".join(lines) + "\n"


def _as_json(file: str, verdict: Verdict, faults: list[str]) -> str:
    read = verdict.alert
    row = {
        "file": file, "valid": not faults, "signed_by": verdict.by or None, "faults": faults,
        "status": read.status if read else None, "identifier": read.identifier if read else None,
    }  # fmt: skip
    return json.dumps(row, ensure_ascii=False) + "\n"
