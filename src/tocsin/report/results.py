"""A run's folder as data frames: what a researcher loads and what every page here is drawn from."""

import gzip
import html
import json
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pandas as pd
import pyarrow.parquet as pq

from tocsin.errors import ConfigError
from tocsin.messages import ORIGINS
from tocsin.report import wording

Message = dict[str, Any]

TRACK_COLUMNS = (
    "track", "warning", "time", "origin", "state", "phase", "existence", "x_m", "y_m", "z_m",
    "vx_mps", "vy_mps", "vz_mps", "covariance", "model_weights", "components", "parent",
)  # fmt: skip
UPDATE_COLUMNS = (
    "warning", "version", "track", "sensor", "time", "detection", "residual", "innovation_covariance", "gate",
    "distance", "weight",
)  # fmt: skip
TRUTH_COLUMNS = ("object", "time", "x_m", "y_m", "z_m", "phase")
ALERT_COLUMNS = (
    "file",
    "identifier",
    "sent",
    "status",
    "type",
    "phase",
    "warning",
    "version",
    "headline",
    "note",
)


class Results:
    """Read a run's folder. Every method returns a fresh data frame; times are UTC, units are in the names."""

    def __init__(self, folder: str | Path) -> None:
        """Open `folder`; a ConfigError says so when it is not a run's folder."""
        self.folder = Path(folder)
        if not (self.folder / "warnings.jsonl").is_file():
            raise ConfigError(
                f"{self.folder}: not a run's folder (no warnings.jsonl in it); "
                "give the DIR that `tocsin run … --out DIR` or `tocsin process … --out DIR` wrote"
            )

    @cached_property
    def summary(self) -> Message:
        """The counts and scores of `summary.json`; empty when there is none."""
        path = self.folder / "summary.json"
        return json.loads(path.read_bytes()) if path.is_file() else {}

    @cached_property
    def versions(self) -> list[Message]:
        """Every version of every warning, in order, as the messages they are."""
        return list(self._lines("warnings.jsonl"))

    @cached_property
    def recorded(self) -> "Recording":
        """What went in: sensors, and each look with its number of detections."""
        return _read_recording(self.folder / "recording.jsonl.gz")

    def warnings(self) -> pd.DataFrame:
        """One row a version of a warning, flattened: `launch_latitude_deg`, `impact_semi_major_m`, …"""
        frame = pd.DataFrame([_flat(version) for version in self.versions], columns=_flat_columns())
        for column in ("time", "launch_time", "impact_time"):
            frame[column] = pd.Series(
                [nanoseconds(text) if isinstance(text, str) else None for text in frame[column]],
                dtype="Int64",
            ).astype("datetime64[ns, UTC]")
        return frame

    def tracks(self) -> pd.DataFrame:
        """One row an object and look: state in ITRF, covariance (36, row-major), existence."""
        return self._table("tracks.parquet", TRACK_COLUMNS)

    def updates(self) -> pd.DataFrame:
        """One row an association: sensor, detection, residual, its covariance, gate, distance squared."""
        return self._table("updates.parquet", UPDATE_COLUMNS)

    def truth(self) -> pd.DataFrame:
        """True positions in ITRF by object and time; empty where truth is unknown."""
        return self._table("truth.parquet", TRUTH_COLUMNS)

    def sensors(self) -> pd.DataFrame:
        """One row a sensor: looks and detections it sent, and what it said of itself."""
        rows = [
            {**sensor, "looks": len(counts := self.recorded.detections(name)), "detections": sum(counts)}
            for name, sensor in self.recorded.sensors.items()
        ]
        return pd.DataFrame(rows, columns=None if rows else ["id", "type", "looks", "detections"])

    def events(self) -> list[Message]:
        """What the system said besides warnings: raids, cues, its own log."""
        return list(self._lines("events.jsonl"))

    def rejected(self) -> list[Message]:
        """What was not used, with file, line, field and why."""
        return list(self._lines("rejected.jsonl"))

    def alerts(self) -> pd.DataFrame:
        """One row a CAP alert, in order of file name."""
        files = sorted((self.folder / "alerts").glob("*.xml"))
        return pd.DataFrame([_alert(path) for path in files], columns=list(ALERT_COLUMNS))

    def _lines(self, name: str) -> Iterator[Message]:
        path = self.folder / name
        if path.is_file():
            with path.open("rb") as file:
                yield from (json.loads(line) for line in file if line.strip())

    def _table(self, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
        path = self.folder / name
        if not path.is_file():
            return pd.DataFrame({column: pd.Series(dtype="object") for column in columns})
        return pq.read_table(path).to_pandas()

    def __repr__(self) -> str:
        """Say what is in the folder in one line."""
        count = len({version["id"] for version in self.versions})
        return f"Results({str(self.folder)!r}: {wording.plural(count, 'warning')})"

    def _repr_html_(self) -> str:
        last = {version["id"]: version for version in self.versions}
        rows = "".join(
            f"<tr><td>{html.escape(w['id'])}</td><td>{w['state']}</td><td>{w['phase']}</td>"
            f"<td>{html.escape(wording.identity(w['identity']))}</td><td>{html.escape(w['reason'])}</td></tr>"
            for w in last.values()
        )
        head = "<tr><th>warning</th><th>state</th><th>phase</th><th>identity</th><th>why</th></tr>"
        return f"<p>{html.escape(repr(self))}</p><table>{head}{rows}</table>"


class Look(msgspec.Struct, frozen=True):
    """One scan as it was recorded: whose, when it began [POSIX ns UTC], how much it saw, from where."""

    sensor: str
    time: int
    detections: int
    position_m: tuple[float, float, float] | None = None


class Recording(msgspec.Struct, frozen=True):
    """The recording in outline."""

    sensors: dict[str, Message]
    looks: tuple[Look, ...]
    origins: tuple[str, ...]
    decisions: tuple[Message, ...] = ()
    notifications: tuple[Message, ...] = ()

    def detections(self, sensor: str) -> list[int]:
        """Count the detections of each look of one sensor."""
        return [look.detections for look in self.looks if look.sensor == sensor]


class _Line(msgspec.Struct):
    kind: str
    origin: str = ""
    id: str = ""
    sensor: str = ""
    time: str = ""
    position_m: tuple[float, float, float] | None = None
    detections: list[msgspec.Raw] = []


def nanoseconds(text: str) -> int:
    """Read a UTC text as POSIX nanoseconds; a leap second counts as the last nanosecond before it."""
    stamp = text.replace(":60", ":59.999999999", 1)[:29] + "Z" if text[17:19] == "60" else text
    return int(pd.Timestamp(stamp).value)


def _read_recording(path: Path) -> Recording:
    sensors: dict[str, Message] = {}
    looks: list[Look] = []
    origins: dict[str, None] = {}
    others: dict[str, list[Message]] = {"decision": [], "notification": []}
    decode = msgspec.json.Decoder(_Line).decode
    for line in _recorded_lines(path):
        try:
            message = decode(line)
            if message.kind == "scan":
                seen = len(message.detections)
                looks.append(Look(message.sensor, nanoseconds(message.time), seen, message.position_m))
            elif message.kind == "sensor":
                sensors[message.id] = msgspec.json.decode(line)
            elif message.kind in others:
                others[message.kind].append(msgspec.json.decode(line))
        except (msgspec.MsgspecError, ValueError):
            continue  # counted and told in rejected.jsonl
        if message.origin in ORIGINS:
            origins[message.origin] = None
    return Recording(
        sensors, tuple(looks), tuple(origins), tuple(others["decision"]), tuple(others["notification"])
    )


def _recorded_lines(path: Path) -> Iterator[bytes]:
    if not path.is_file():
        return
    with gzip.open(path, "rb") as file:
        try:
            yield from (line for line in file if line.strip())
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return  # cut short: the run's own messages have said so


def _flat(version: Message) -> Message:
    row = {
        key: version.get(key)
        for key in ("id", "version", "time", "origin", "state", "outcome", "event", "parent")
    }
    identity = version.get("identity") or {}
    best = max(identity, key=lambda name: identity[name], default=None)
    row |= {"phase": version["phase"], "identity": best, "probability": identity.get(best) if best else None}
    evidence = version.get("evidence") or {}
    row |= {key: tuple(evidence.get(key) or ()) for key in ("infrared", "radar", "paths")}
    row |= {"detections": evidence.get("detections"), "notification": evidence.get("notification")}
    for part in ("launch", "impact"):
        estimate = version.get(part) or {}
        row |= {f"{part}_{key}": estimate.get(key) for key in _ESTIMATE}
        row |= {f"{part}_{key}": (estimate.get("ellipse_95") or {}).get(key) for key in _ELLIPSE}
    row |= {key: (version.get("launch") or {}).get(key) for key in _HEADING}
    vector = version.get("state_vector") or {}
    values = [*(vector.get("position_m") or [None] * 3), *(vector.get("velocity_mps") or [None] * 3)]
    row |= dict(zip(_STATE, values, strict=True))
    return row | {"step": version.get("step"), "reason": version.get("reason")}


_ESTIMATE = ("time", "time_sigma_s", "latitude_deg", "longitude_deg")
_ELLIPSE = ("semi_major_m", "semi_minor_m", "bearing_deg")
_HEADING = ("azimuth_deg", "azimuth_sigma_deg")
_STATE = ("x_m", "y_m", "z_m", "vx_mps", "vy_mps", "vz_mps")


def _flat_columns() -> list[str]:
    return list(_flat({"phase": None}))


def _alert(path: Path) -> Message:
    root = ElementTree.parse(path).getroot()  # noqa: S314 - a file this system wrote itself
    values: dict[str, str] = {}
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        if name == "parameter":
            key, value = (child.text or "" for child in element)
            values.setdefault(key, value)
        elif element.text and element.text.strip():
            values.setdefault(name, element.text.strip())
    get = values.get
    return {
        "file": path.name, "identifier": get("identifier"), "sent": get("sent"), "status": get("status"),
        "type": get("msgType"), "phase": get("tocsin-phase"), "warning": get("tocsin-warning"),
        "version": get("tocsin-version"), "headline": get("headline"), "note": get("note"),
    }  # fmt: skip
