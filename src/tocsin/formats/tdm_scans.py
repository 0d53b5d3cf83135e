"""What a station tracked (TDM) as scans: each time of observation one look of its sensor.

Azimuth and elevation (AZEL) with a range are a radar's; right ascension and declination (RADEC) a satellite's in
the infrared. A look of a tracking radar takes in only what it tracks, so its `coverage` is the sector about its
plots: elsewhere nothing was missed.

`RANGE` and `DOPPLER_INSTANTANEOUS` are taken for one way, as in the standard's own examples 6 and 8 (a path to
a geostationary satellite and back: 40,000 km); `round_trip` halves them. Times of reception, the default, or of
transmission become times of reflection. Right ascension without a range keeps its time: the light's way, an
eighth of a second from a geostationary orbit, is not known.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NoReturn

from msgspec import Struct

from tocsin.constants import SPEED_OF_LIGHT
from tocsin.errors import ConfigError, InputError
from tocsin.formats import sector
from tocsin.formats.tdm import Observation, Segment, number, refuse
from tocsin.messages import (
    SECOND,
    Array,
    InfraredDetection,
    InfraredScan,
    Instant,
    RadarDetection,
    RadarScan,
    Scan,
    Sensor,
)

MARGIN_DEG: Final = 1.0  # our assumption: how far about its plots a tracking radar would have seen
UNITS: Final = {"KM": 1000.0, "S": SPEED_OF_LIGHT}
STARS: Final = ("GCRF", "ICRF", "EME2000", "J2000")  # the last two lie 0.1 µrad from the first
_TOLD: Final = 8  # keywords named where nothing could be used
_CORRECTED: Final = {
    "RANGE": "CORRECTION_RANGE", "ANGLE_1": "CORRECTION_ANGLE_1", "ANGLE_2": "CORRECTION_ANGLE_2",
    "DOPPLER_INSTANTANEOUS": "CORRECTION_DOPPLER",
}  # fmt: skip

Row = dict[str, Observation]
Where = Callable[[Instant], Array]


class Imported(Struct, frozen=True):
    """What came of a file: its scans in order, and how many observations of each keyword were of no use."""

    scans: tuple[Scan, ...]
    unused: dict[str, int]


def scans(
    segments: Sequence[Segment],
    sensor: Sensor,
    file: str,
    station: str | None = None,
    round_trip: bool = False,
    where: Where | None = None,
) -> Imported:
    """Make the scans of `sensor`, of its origin, from what `station` (default: the only one) received.

    `where` gives the state (6,) [m, m/s] in ITRF of a satellite whose scans must place it. Raises InputError with
    line and keyword, and ConfigError where the sensor does not fit the file.
    """
    own = _of_station(segments, sensor.id, station, file)
    unused: Counter[str] = Counter()
    radar: dict[Instant, list[RadarDetection]] = {}
    infrared: dict[Instant, list[InfraredDetection]] = {}
    for segment in segments:
        if segment not in own:
            unused.update(o.keyword for o in segment.observations)
            continue
        reading = _Reading(segment, sensor, file, round_trip)
        for time, row in _rows(segment, file).items():
            used: tuple[str, ...] = ()
            if reading.angles == "AZEL" and {"RANGE", "ANGLE_1", "ANGLE_2"} <= row.keys():
                radar.setdefault(time, []).append(reading.plot(time, row))
                used = ("RANGE", "ANGLE_1", "ANGLE_2", "DOPPLER_INSTANTANEOUS")
            elif reading.angles == "RADEC" and {"ANGLE_1", "ANGLE_2"} <= row.keys():
                infrared.setdefault(time, []).append(reading.sighting(time, row))
                used = ("RANGE", "ANGLE_1", "ANGLE_2")
            unused.update(keyword for keyword in row if keyword not in used)
    found = [_radar_scan(sensor, time, tuple(radar[time])) for time in sorted(radar)]
    seen = [_infrared_scan(sensor, time, tuple(infrared[time]), where) for time in sorted(infrared)]
    if not found and not seen:
        kinds = [f"{key} ({count})" for key, count in sorted(unused.items())] or ["nothing"]
        told = ", ".join(kinds[:_TOLD]) + (", ..." if len(kinds) > _TOLD else "")
        raise InputError(
            f"{file}: holds no look: that takes ANGLE_1 and ANGLE_2 of one time, with RANGE where ANGLE_TYPE is "
            f"AZEL, or with RADEC of a satellite; it holds {told}"
        )
    return Imported((*found, *seen), dict(sorted(unused.items())))


def _of_station(segments: Iterable[Segment], sensor: str, station: str | None, file: str) -> list[Segment]:
    """Return the segments a station received: the one named, the one called as the sensor, or the only one."""
    stations = [_receiver(segment, file) for segment in segments]
    names = sorted(set(stations))
    name = station or (sensor if sensor in names else names[0] if len(names) == 1 else None)
    if name not in names:
        told = f'no station "{name}"' if name else "several stations"
        raise ConfigError(f"{file}: {told}; name one with --station: {', '.join(names)}")
    return [segment for segment, own in zip(segments, stations, strict=True) if own == name]


def _receiver(segment: Segment, file: str) -> str:
    """Name the participant at the end of a segment's path; without a path the first."""
    path = segment.metadata.get("PATH") or segment.metadata.get("PATH_1") or "1"
    last = path.split(",")[-1].strip()
    name = segment.metadata.get(f"PARTICIPANT_{last}")
    if name is None:
        key = "PATH" if "PATH" in segment.metadata else "PATH_1"
        refuse(file, segment.lines[key], key, f"{path} ends at PARTICIPANT_{last}, which is not named")
    return name


def _rows(segment: Segment, file: str) -> dict[Instant, Row]:
    """Gather what was observed at each time."""
    rows: dict[Instant, Row] = {}
    for observation in segment.observations:
        row = rows.setdefault(observation.time, {})
        if observation.keyword in row:
            before = row[observation.keyword].line
            refuse(
                file, observation.line, observation.keyword, f"stands at this time on line {before} already"
            )
        row[observation.keyword] = observation
    return rows


class _Reading:
    """How one segment's values are to be read."""

    def __init__(self, segment: Segment, sensor: Sensor, file: str, round_trip: bool) -> None:
        self.segment, self.file = segment, file
        self.ways = 2.0 if round_trip else 1.0
        self.range_max = sensor.range_max_m
        known = segment.metadata
        single = known.get("MODE", "").upper() == "SINGLE_DIFF"
        self.angles = None if single else known.get("ANGLE_TYPE", "").upper() or None
        if self.angles in ("XEYN", "XSYE"):
            self.refuse("ANGLE_TYPE", f"{self.angles} is not taken here; there are: AZEL, RADEC")
        if self.angles == "AZEL" and sensor.type != "radar":
            self.refuse("ANGLE_TYPE", f"AZEL is a radar's; the sensor {sensor.id} is of type {sensor.type}")
        if self.angles == "RADEC" and sensor.type != "infrared":
            self.refuse(
                "ANGLE_TYPE", f"RADEC is a satellite's; the sensor {sensor.id} is of type {sensor.type}"
            )
        self.late = -1.0 if known.get("TIMETAG_REF", "RECEIVE").upper() == "RECEIVE" else 1.0
        self.added = {key: self.correction(name) for key, name in _CORRECTED.items()}

    def refuse(self, keyword: str, why: str) -> NoReturn:
        refuse(self.file, self.segment.lines.get(keyword, self.segment.line), keyword, why)

    def correction(self, keyword: str) -> float:
        """Return what is yet to be added to a value."""
        known, lines = self.segment.metadata, self.segment.lines
        if keyword not in known:
            return 0.0
        value = number(self.file, lines[keyword], keyword, known[keyword])
        applied = known.get("CORRECTIONS_APPLIED", "").upper()
        if not applied and value != 0.0:
            self.refuse(keyword, "is it applied? CORRECTIONS_APPLIED is missing")
        return value if applied == "NO" else 0.0

    def value(self, row: Row, keyword: str) -> float:
        return row[keyword].value + self.added[keyword]

    def range(self, row: Row) -> float:
        """Return the distance [m] one way."""
        units = self.segment.metadata.get("RANGE_UNITS", "km").upper()
        if units not in UNITS:
            self.refuse("RANGE_UNITS", f"{units} means nothing without the station's tones; write km or s")
        distance = self.value(row, "RANGE") * UNITS[units] / self.ways
        line = row["RANGE"].line
        if not 0.0 < distance <= (self.range_max or distance):
            far = f"{distance:.6g} m is outside 0 to range_max_m {self.range_max or 0:g} of the sensor"
            refuse(self.file, line, "RANGE", f"{far}; are RANGE_UNITS right, and is it one way?")
        self.verify_modulus(distance, units, line)
        return distance

    def verify_modulus(self, distance: float, units: str, line: int) -> None:
        """Refuse a range that is one of several: a multiple of the modulus more is possible too."""
        text = self.segment.metadata.get("RANGE_MODULUS", "0")
        modulus = number(self.file, self.segment.lines.get("RANGE_MODULUS", 0), "RANGE_MODULUS", text)
        reach = modulus * UNITS[units] / self.ways
        if distance < reach < (self.range_max or 0.0):
            why = f"a range of {distance:.6g} m repeats every {reach:.6g} m, nearer than range_max_m"
            refuse(self.file, line, "RANGE", f"{why}; resolve it first")

    def angle(self, row: Row, keyword: str, bound: float) -> float:
        """Return an angle [deg] between -`bound` and 360 or, of elevations, `bound`."""
        value, high = self.value(row, keyword), 360.0 if bound > 90.0 else bound
        if not -bound <= value <= high:
            refuse(
                self.file, row[keyword].line, keyword, f"{value:g} is outside {-bound:g} to {high:g} degrees"
            )
        return value

    def reflected(self, time: Instant, distance: float) -> Instant:
        return Instant(time + round(self.late * distance / SPEED_OF_LIGHT * SECOND))

    def plot(self, time: Instant, row: Row) -> RadarDetection:
        distance, rate = self.range(row), None
        if "DOPPLER_INSTANTANEOUS" in row:
            rate = self.value(row, "DOPPLER_INSTANTANEOUS") * 1000.0 / self.ways
        return RadarDetection(
            time=self.reflected(time, distance),
            range_m=distance,
            azimuth_deg=self.angle(row, "ANGLE_1", 180.0) % 360.0,
            elevation_deg=self.angle(row, "ANGLE_2", 90.0),
            range_rate_mps=rate,
        )

    def sighting(self, time: Instant, row: Row) -> InfraredDetection:
        name = self.segment.metadata.get("REFERENCE_FRAME", "")
        plain = name.upper().replace("-", "").replace("_", "")
        if plain not in STARS and not plain.startswith("ITRF"):
            self.refuse("REFERENCE_FRAME", f'"{name}" is not taken here; there are: ITRF, {", ".join(STARS)}')
        return InfraredDetection(
            time=self.reflected(time, self.range(row)) if "RANGE" in row else time,
            right_ascension_deg=self.angle(row, "ANGLE_1", 180.0) % 360.0,
            declination_deg=self.angle(row, "ANGLE_2", 90.0),
            frame="GCRF" if plain in STARS else "ITRF",
        )


def _radar_scan(sensor: Sensor, time: Instant, plots: tuple[RadarDetection, ...]) -> RadarScan:
    start, duration_s = _span(time, [p.time for p in plots])
    coverage = sector.about([p.azimuth_deg for p in plots], [p.elevation_deg for p in plots], MARGIN_DEG)
    return RadarScan(
        origin=sensor.origin, sensor=sensor.id, time=start, duration_s=duration_s, detections=plots,
        coverage=coverage,
    )  # fmt: skip


def _infrared_scan(
    sensor: Sensor, time: Instant, sightings: tuple[InfraredDetection, ...], where: Where | None
) -> InfraredScan:
    start, duration_s = _span(time, [s.time for s in sightings])
    state = None if where is None else where(start).tolist()
    return InfraredScan(
        origin=sensor.origin, sensor=sensor.id, time=start, duration_s=duration_s, detections=sightings,
        position_m=None if state is None else tuple(state[:3]),
        velocity_mps=None if state is None else tuple(state[3:]),
    )  # fmt: skip


def _span(time: Instant, times: list[Instant]) -> tuple[Instant, float]:
    start = min(time, *times)
    return start, (max(time, *times) - start) / SECOND
