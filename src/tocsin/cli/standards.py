"""`tocsin import` and `tocsin export`: other people's formats to a recording, a run's folder to other people's."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from tocsin import journal
from tocsin.cli.arguments import Arguments
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.time import parse_utc
from tocsin.errors import ConfigError, InputError
from tocsin.formats import asterix, asterix_scans, rules, tdm, tdm_scans, toml
from tocsin.formats.check import standard_of
from tocsin.formats.wire import LineError
from tocsin.messages import Instant, Rejected, Scan, Sensor
from tocsin.simulation import library
from tocsin.simulation.satellite import Where, state_of

_SHOWN = 10  # refused records told one by one

DONE, REJECTED = 0, 1  # exit codes


def take_in(arguments: Arguments) -> int:
    """Turn a tracking data message or an ASTERIX file into a recording."""
    sensor, where = _sensor(arguments)
    data = _read(arguments.file)
    kind = standard_of(data)
    rejected: tuple[Rejected, ...] = ()
    notes: list[str] = []
    scans: tuple[Scan, ...]
    if kind == "tdm":
        segments = tdm.read(data, arguments.file)
        found = tdm_scans.scans(
            segments, sensor, arguments.file, arguments.station, arguments.round_trip, where
        )
        scans = found.scans
        notes += [f"{keyword} ({count})" for keyword, count in found.unused.items()]
    elif kind == "asterix":
        decoded = asterix.read(data, arguments.file)
        made, refused = asterix_scans.scans(
            decoded.reports, sensor, arguments.file, arguments.station, arguments.date
        )
        scans, rejected = made, (*decoded.rejected, *refused)
        others = {c: n for c, n in decoded.records.items() if c not in (*asterix.PLOTS, *asterix.SERVICE)}
        notes += [f"category {category:03} ({count})" for category, count in others.items()]
    else:
        raise InputError(f"{arguments.file}: is neither a tracking data message (CCSDS TDM) nor ASTERIX")
    _verify(scans, arguments.file)
    _write(arguments, sensor, scans)
    _tell(arguments.out, scans, notes, rejected)
    return REJECTED if rejected else DONE


def export(arguments: Arguments) -> int:
    """Write an object's ephemeris or a warning's impact."""
    from tocsin.report import standards  # noqa: PLC0415
    from tocsin.report.results import Results  # noqa: PLC0415

    results = Results(arguments.folder)
    syntax: standards.Syntax = "xml" if str(arguments.out or "").endswith(".xml") else "kvn"
    if arguments.oem is not None:
        text = standards.ephemeris(results, arguments.oem, _now(), syntax)
    else:
        text = standards.impact(results, arguments.rdm, _now(), syntax)
    if arguments.out is None or arguments.out == "-":
        sys.stdout.write(text)
    else:
        Path(arguments.out).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{arguments.out} written\n")
    return DONE


def _sensor(arguments: Arguments) -> tuple[Sensor, Where | None]:
    """Find the sensor in its network, and what places it if its scans must."""
    source = library.network(arguments.network)
    equipment = {e.sensor.id: e for e in toml.equipment(source.text, source.file, arguments.origin)}
    if arguments.sensor not in equipment:
        there = ", ".join(equipment)
        raise ConfigError(f'{source.file}: no sensor "{arguments.sensor}"; there are: {there}')
    found = equipment[arguments.sensor]
    if found.sensor.type == "radar":
        return found.sensor, None
    ephemerides: list[tuple[str, str, str]] = []
    if found.ephemeris is not None:
        if found.ephemeris not in source.ephemerides:
            raise ConfigError(f'{source.file}: no ephemeris "{found.ephemeris}" beside the network')
        ephemerides.append((found.sensor.id, found.ephemeris, source.ephemerides[found.ephemeris]))
    elif (found.sensor.tle, found.sensor.orbit, found.sensor.longitude_deg) == (None, None, None):
        raise ConfigError(f"{source.file}: sensor {found.sensor.id}: has no place; give it tle or ephemeris")
    return found.sensor, state_of(found.sensor, ephemerides, EarthRotation(bundled()))


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from None


def _verify(scans: tuple[Scan, ...], file: str) -> None:
    """Refuse what a recording would refuse."""
    for number, scan in enumerate(scans, 1):
        try:
            rules.verify(scan)
        except LineError as error:
            raise InputError(f"{file}: look {number}: {error}") from None


def _write(arguments: Arguments, sensor: Sensor, scans: tuple[Scan, ...]) -> None:
    if Path(arguments.out).resolve() == Path(arguments.file).resolve():
        raise ConfigError(f"--out {arguments.out}: is the file to be imported; name another")
    with journal.Writer(arguments.out) as recording:
        recording.append(sensor)
        for scan in scans:
            recording.append(scan)


def _tell(out: str, scans: tuple[Scan, ...], notes: list[str], rejected: tuple[Rejected, ...]) -> None:
    detections = sum(len(scan.detections) for scan in scans)
    sys.stdout.write(f"{out} written: {len(scans)} looks with {detections} detections\n")
    if notes:
        sys.stdout.write(f"of no use here: {', '.join(notes)}\n")
    for refusal in rejected[:_SHOWN]:
        sys.stderr.write(f"tocsin: record {refusal.line}: {refusal.field}: {refusal.why}\n")
    if len(rejected) > _SHOWN:
        sys.stderr.write(f"tocsin: {len(rejected) - _SHOWN} more records refused\n")
    sys.stdout.write(f"now: tocsin process {out} --out DIR\n")


def _now() -> Instant:
    return parse_utc(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
