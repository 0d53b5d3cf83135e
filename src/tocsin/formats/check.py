"""What is wrong with an input file, or likely to be, before it is used: findings with place and remedy."""

import difflib
import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec
from msgspec import Struct

from tocsin.earth.time import format_utc
from tocsin.errors import ConfigError, TocsinError
from tocsin.formats import asterix, oem, rdm, tdm, toml
from tocsin.messages import (
    SECOND,
    Incoming,
    InfraredScan,
    Instant,
    Place,
    RadarScan,
    Rejected,
    Scan,
    Sensor,
    Status,
)

SHOWN = 20  # findings of one sort that are told one by one; the rest are counted
LAG = 2 * SECOND  # the default reorder lag
DAY = 86_400 * SECOND
TURN = 6.3  # a little over 2π: angles in radians stay within it
FEWEST_ANGLES = 8  # so many before their range says something
FINEST_URAD, COARSEST_URAD = 0.1, 5_000.0  # no infrared satellite points better, or is of use worse


class Finding(Struct, frozen=True, kw_only=True):
    """One thing to tell the person who asks whether a file is right. Line 0: the file as a whole."""

    place: Place
    severity: Literal["error", "warning", "note"]
    field: str
    text: str
    remedy: str


Kind = Literal["recording", "network", "scenario", "cap"]
Standard = Literal["tdm", "oem", "rdm", "asterix"]

_STANDARD = re.compile(
    rb"\s*(?:CCSDS_(TDM|OEM|RDM)_VERS\b|(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<(?:ndm\b[^>]*>\s*<)?(tdm|oem|rdm)\b)",
    re.DOTALL,
)


def kind_of(name: str, text: str) -> Kind:
    """Tell what sort of input a file is, by its ending and beginning; a recording when in doubt."""
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        return "cap"
    if not name.endswith(".toml"):
        return "recording"
    tables = re.findall(r"^\s*\[\[?\s*([A-Za-z_-]+)", text, re.MULTILINE)
    return "network" if tables and all(table == "sensor" for table in tables) else "scenario"


def standard_of(head: bytes) -> Standard | None:
    """Tell which of other people's formats a file is, by its beginning; None of our own, CAP and the unknown."""
    found = _STANDARD.match(head.removeprefix(b"\xef\xbb\xbf"))
    if found is not None:
        name = (found[1] or found[2]).decode().lower()
        return "tdm" if name == "tdm" else "oem" if name == "oem" else "rdm"
    return "asterix" if asterix.is_asterix(head) else None


def check_standard(data: bytes, file: str, kind: Standard) -> list[Finding]:
    """Return what is wrong with a file of another's format, and what of it is of no use here."""
    found: list[Finding] = []

    def tell(severity: Literal["error", "note"], line: int, field: str, text: str, remedy: str) -> None:
        place = Place(file, line)
        found.append(Finding(place=place, severity=severity, field=field, text=text, remedy=remedy))

    try:
        if kind == "tdm":
            tdm.read(data, file)
        elif kind == "oem":
            oem.decode(data.decode("utf-8", "replace"), file)
        elif kind == "rdm":
            rdm.verify(data.decode("utf-8", "replace"), file)
        else:
            decoded = asterix.read(data, file)
            for refused in decoded.rejected:
                tell("error", refused.line, refused.field, refused.why, "the record is left out")
            if not any(report.kind == "plot" for report in decoded.reports):
                told = ", ".join(f"{category:03} ({count})" for category, count in decoded.records.items())
                tell(
                    "note",
                    0,
                    "",
                    f"holds no radar plot; categories: {told}",
                    "tocsin import takes 001 and 048",
                )
    except TocsinError as error:
        what = str(error).removeprefix(f"{file}: ")
        line = re.match(r"line (\d+): (?:([A-Z0-9_]+): )?", what)
        text = what[line.end() :] if line else what
        tell(
            "error",
            int(line[1]) if line else 0,
            (line[2] or "") if line else "",
            text,
            "correct it and check again",
        )
    return found


def check_recording(
    messages: Iterable[tuple[Incoming | Rejected, Place]],
    now: Instant | None = None,
    table_end: Instant | None = None,
) -> list[Finding]:
    """Return what is wrong in a recording, in the order of its lines, then what concerns it as a whole.

    `now`: the reader's clock, to find times ahead of it. `table_end`: the end of the Earth-orientation table.
    """
    observed = _Recording(now)
    for message, place in messages:
        observed.see(message, place)
    return observed.findings(table_end)


def check_network(text: str, file: str) -> list[Finding]:
    """Return what is wrong with a sensor network."""
    found = check_toml(text, file, toml.network)
    if not found:
        for sensor in toml.network(text, file):
            found += _doubtful(sensor, Place(file, 0))
    return found


def check_toml(text: str, file: str, decode: Callable[[str, str], Any]) -> list[Finding]:
    """Return what `decode(text, file)` finds wrong; it stops at the first fault."""
    try:
        decode(text, file)
    except ConfigError as error:
        what = str(error).removeprefix(f"{file}: ")
        line = re.search(r"line (\d+)", what)
        place = Place(file, int(line[1]) if line else 0)
        return [
            Finding(place=place, severity="error", field="", text=what, remedy="correct it and check again")
        ]
    return []


class _Recording:
    """What has been seen of a recording."""

    def __init__(self, now: Instant | None) -> None:
        self.now = now
        self.found: list[Finding] = []
        self.counts: dict[tuple[str, str], int] = {}
        self.file = ""
        self.sensors: dict[tuple[str, str], Sensor] = {}
        self.unknown: dict[str, Place] = {}  # sensors used before they are said to be
        self.scanned: dict[str, int] = {}
        self.looks: dict[tuple[str, str, int], bytes] = {}
        self.angles: dict[str, tuple[int, float, Place]] = {}  # how many, largest, where first
        self.days: dict[int, tuple[int, Place]] = {}
        self.origins: dict[str, Place] = {}
        self.clock = 0
        self.total = 0

    def see(self, message: Incoming | Rejected, place: Place) -> None:
        """Take in one message."""
        self.file = self.file or place.file
        self.total += 1
        if isinstance(message, Rejected):
            self.tell(
                place, "error", message.field, message.why, "correct the line or leave it out: it is not used"
            )
            return
        self.origins.setdefault(message.origin, place)
        if isinstance(message, Sensor):
            self.see_sensor(message, place)
        elif isinstance(message, Scan | Status):
            self.see_use(message, place)
        time = getattr(message, "time", None)
        if time is not None:
            self.see_time(time, place)
        if isinstance(message, Scan):
            self.see_scan(message, place)

    def tell(
        self, place: Place, severity: Literal["error", "warning", "note"], field: str, text: str, remedy: str
    ) -> None:
        """Keep a finding, unless enough of its sort are kept."""
        sort = (severity, re.sub(r"\d+", "#", f"{field} {text if not field else ''}"))
        self.counts[sort] = self.counts.get(sort, 0) + 1
        if self.counts[sort] <= SHOWN:
            self.found.append(Finding(place=place, severity=severity, field=field, text=text, remedy=remedy))

    def see_sensor(self, sensor: Sensor, place: Place) -> None:
        key = (sensor.origin, sensor.id)
        held = self.sensors.get(key)
        if held is None:
            for finding in _doubtful(sensor, place):
                self.tell(place, finding.severity, finding.field, finding.text, finding.remedy)
        if held is not None and _content(held) != _content(sensor):
            later = sensor.valid_from is not None and (
                held.valid_from is None or sensor.valid_from > held.valid_from
            )
            if not later:
                text = f'sensor "{sensor.id}" changes midway without a later valid_from'
                self.tell(place, "error", "valid_from", text, "give the change the time from which it holds")
                return
        self.sensors[key] = sensor

    def see_use(self, message: Scan | Status, place: Place) -> None:
        if self.sensor_of(message) is None:
            self.unknown.setdefault(message.sensor, place)

    def sensor_of(self, message: Scan | Status) -> Sensor | None:
        """Return the sensor of the same origin, else the live one."""
        return self.sensors.get((message.origin, message.sensor)) or self.sensors.get(
            ("live", message.sensor)
        )

    def see_time(self, time: Instant, place: Place) -> None:
        if self.now is not None and time > self.now + DAY:
            text = f"{format_utc(time)} is {(time - self.now) / DAY:,.0f} days ahead of now"
            self.tell(place, "warning", "time", text, "correct the sensor's clock, or the year")
        count, first = self.days.get(time // DAY, (0, place))
        self.days[time // DAY] = (count + 1, first)

    def see_scan(self, scan: Scan, place: Place) -> None:
        self.scanned[scan.sensor] = self.scanned.get(scan.sensor, 0) + 1
        self.see_order(scan, place)
        sensor = self.sensor_of(scan)
        if sensor is not None:
            self.see_fit(scan, sensor, place)
        if isinstance(scan, InfraredScan):
            pairs = [(d.right_ascension_deg, d.declination_deg) for d in scan.detections]
        elif isinstance(scan, RadarScan):
            pairs = [(d.azimuth_deg, d.elevation_deg) for d in scan.detections]
        else:
            pairs = []
        count, largest, first = self.angles.get(scan.sensor, (0, 0.0, place))
        largest = max([largest, *(max(abs(a), 4 * abs(b)) for a, b in pairs)])  # |elevation| is at most π/2
        self.angles[scan.sensor] = (count + len(pairs), largest, first)

    def see_order(self, scan: Scan, place: Place) -> None:
        key = (scan.origin, scan.sensor, int(scan.time))
        content = _content(scan)
        if key in self.looks:
            same = self.looks[key] == content
            text = f'a look of "{scan.sensor}" at this time has come already'
            if same:
                self.tell(place, "note", "time", f"{text}, the same", "nothing: it has no effect")
            else:
                self.tell(
                    place, "error", "time", f"{text}, with other content", "give each look its own time"
                )
        self.looks[key] = content
        if scan.end < self.clock - LAG:
            late = (self.clock - scan.end) / SECOND
            remedy = "sort the recording by arrival, give `received`, or raise the reorder lag"
            self.tell(
                place,
                "warning",
                "time",
                f"ends {late:.3f} s before what has already arrived: too late",
                remedy,
            )
        arrived = scan.end if scan.received is None else scan.received
        if arrived <= self.clock + DAY or not self.clock:
            self.clock = max(self.clock, arrived)

    def see_fit(self, scan: Scan, sensor: Sensor, place: Place) -> None:
        """Compare a scan with what its sensor says of itself."""
        wrong = InfraredScan if sensor.type == "radar" else RadarScan
        placeless = sensor.type == "infrared" and sensor.orbit is None and sensor.tle is None
        if scan.detections and isinstance(scan, wrong):
            text = f'sensor "{sensor.id}" is of type {sensor.type}, its detections are not'
            self.tell(place, "error", "detections", text, "correct the sensor's name or its type")
        elif placeless and scan.position_m is None:
            text = f'sensor "{sensor.id}" has no orbit and this scan no position'
            self.tell(
                place, "error", "position_m", text, "give the sensor orbit or tle, or each scan a position"
            )

    def findings(self, table_end: Instant | None) -> list[Finding]:
        """Return what was found, with what concerns the whole."""
        for (severity, _), count in self.counts.items():
            if count > SHOWN:
                self.add(severity, f"{count - SHOWN} more of the same sort")
        self.weigh_sensors()
        self.weigh_angles()
        self.weigh_days(table_end)
        if len(self.origins) > 1:
            names = ", ".join(self.origins)
            self.add("note", f"mixes origins: {names}", remedy="nothing: each is processed apart")
        if self.total and not self.scanned:
            self.add("warning", "holds no scan", remedy="nothing can be detected without scans")
        return self.found

    def add(
        self, severity: Any, text: str, place: Place | None = None, field: str = "", remedy: str = ""
    ) -> None:
        place = place or Place(self.file, 0)
        self.found.append(Finding(place=place, severity=severity, field=field, text=text, remedy=remedy))

    def weigh_sensors(self) -> None:
        known = [name for _, name in self.sensors]
        for name, place in self.unknown.items():
            if name in known:
                text, remedy = f'sensor "{name}" is described only after its first use', "describe it first"
            else:
                near = difflib.get_close_matches(name, known, n=1)
                text = f'sensor "{name}" is never described'
                remedy = (
                    f'did you mean "{near[0]}"?' if near else "add a sensor message before its first scan"
                )
            self.add("error", text, place, "sensor", remedy)
        for name in known:
            if name not in self.scanned:
                self.add("note", f'sensor "{name}" never scans', remedy="nothing: it counts as blind")

    def weigh_angles(self) -> None:
        for name, (count, largest, place) in self.angles.items():
            if count >= FEWEST_ANGLES and 0 < largest <= TURN:
                text = f'all {count} detections of "{name}" have angles within ±2π: radians?'
                self.add("warning", text, place, "detections", "angles in messages are degrees")

    def weigh_days(self, table_end: Instant | None) -> None:
        if not self.days:
            return
        days = sorted(self.days)
        half, passed, median = sum(count for count, _ in self.days.values()) / 2, 0, days[0]
        for day in days:
            passed += self.days[day][0]
            if passed >= half:
                median = day
                break
        for day in days:
            count, place = self.days[day]
            if abs(day - median) >= 365:
                here, there = (format_utc(Instant(d * DAY + DAY // 2))[:10] for d in (day, median))
                text = f"dated about {here} as {count} of the messages, most about {there}"
                self.add("warning", text, place, "time", "correct the sensor's clock, or the year")
        if table_end is not None and median * DAY > table_end:
            text = f"later than the Earth-orientation table, which ends {format_utc(table_end)[:10]}"
            remedy = (
                "send earth_orientation messages, or expect up to 465 m on the ground for each second of UT1"
            )
            self.add("warning", text, field="time", remedy=remedy)


def _doubtful(sensor: Sensor, place: Place) -> list[Finding]:
    """Return what is possible but unlikely in a sensor: mostly a unit mistaken."""
    found: list[Finding] = []

    def doubt(field: str, text: str, remedy: str) -> None:
        text = f'sensor "{sensor.id}": {text}'
        found.append(Finding(place=place, severity="warning", field=field, text=text, remedy=remedy))

    los = sensor.los_sigma_urad
    if los is not None and not FINEST_URAD <= los <= COARSEST_URAD:
        doubt("los_sigma_urad", f"{los:g} µrad is unlikely", "write microradians, 1 sigma per axis")
    for name in ("azimuth_sigma_deg", "elevation_sigma_deg"):
        sigma = getattr(sensor, name)
        if sigma is not None and not 1e-4 <= sigma <= 10:
            doubt(name, f"{sigma:g}° is unlikely", "write degrees, 1 sigma")
    if sensor.range_max_m is not None and sensor.range_max_m < 20_000:
        doubt("range_max_m", f"{sensor.range_max_m:g} m is a short range", "write metres")
    if sensor.type == "radar" and sensor.latitude_deg == 0 and sensor.longitude_deg == 0:
        doubt("latitude_deg", "stands at 0, 0 in the Gulf of Guinea", "give its true place")
    return found


def _content(message: Sensor | Scan) -> bytes:
    """Return a digest of what a message says, without how it came."""
    bare = msgspec.structs.replace(message, origin="test", received=None, seq=None)
    return hashlib.blake2b(msgspec.json.encode(bare, enc_hook=int), digest_size=16).digest()
