"""A run's folder: what came in, what went out, and the counts."""

import json
import shutil
from pathlib import Path
from typing import Any

from tocsin import journal
from tocsin.errors import ConfigError
from tocsin.formats import jsonl
from tocsin.messages import Alert, Cue, Duplicate, EventLog, Incoming, Instant, Raid, Rejected, Track, Warning
from tocsin.pipeline import Event
from tocsin.run.outlets import Outlets
from tocsin.run.signing import Key, Role
from tocsin.run.tables import Tracks

FILES = (
    "recording.jsonl.gz", "warnings.jsonl", "events.jsonl", "rejected.jsonl", "summary.json", "tracks.parquet",
    "updates.parquet", "truth.parquet", "scene.czml", "report.html", "alerts.geojson", "alerts.atom",
)  # fmt: skip


class Counts:
    """The counts of `summary.json`."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.warnings: set[str] = set()
        self.events: set[str] = set()
        self.alerts = self.rejected = self.late = self.duplicates = 0

    def add(self, event: Event) -> None:
        """Count an event."""
        if isinstance(event, Warning):
            self.events.add(event.event)
            if event.parent is None:
                self.warnings.add(event.id)
            else:
                self.warnings.discard(event.id)
        elif isinstance(event, Alert):
            self.alerts += 1
        elif isinstance(event, Rejected):
            self.rejected += 1
            self.late += event.late
        elif isinstance(event, Duplicate):
            self.duplicates += 1

    def summary(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Return the counts, joined by `facts` of the input."""
        own = {
            "warnings": len(self.warnings),
            "events": len(self.events),
            "alerts": self.alerts,
            "rejected": self.rejected,
            "duplicates": self.duplicates,
            "late": self.late,
        }
        return own | facts


class Folder:
    """Write a run's folder as events come."""

    def __init__(self, path: Path, keys: dict[Role, Key] | None = None) -> None:
        """Open the folder at `path`, emptied of an earlier run. `keys`: to sign alerts with."""
        _prepare(path)
        self._outlets = Outlets(path, keys)
        self.path = path
        self.counts = Counts()
        self.tracks = Tracks()
        self.versions: list[Warning] = []
        self._recording = journal.Writer(path / "recording.jsonl.gz")
        self._lines = {
            name: (path / f"{name}.jsonl").open("wb") for name in ("warnings", "events", "rejected")
        }

    def __enter__(self) -> "Folder":
        return self

    def __exit__(self, *_: object) -> None:
        self._recording.close()
        for file in self._lines.values():
            file.close()
        self.tracks.write(self.path)

    def journal(self, message: Incoming) -> None:
        """Write an input down before it is used."""
        self._recording.append(message)

    def take(self, event: Event, _: Instant) -> None:
        """Write an event where it belongs."""
        self.counts.add(event)
        if isinstance(event, Track):
            self.tracks.add(event)
        elif isinstance(event, Warning):
            self._line("warnings", event)
            self.tracks.name(event)
            self.versions.append(event)
        elif isinstance(event, Alert):
            for said in self._outlets.give(event):
                self._line("events", said)
        elif isinstance(event, Rejected):
            self._line("rejected", event)
        elif isinstance(event, Raid | Cue | EventLog):
            self._line("events", event)

    def write_summary(self, summary: dict[str, Any]) -> None:
        """Write `summary.json`."""
        text = json.dumps(summary, indent=1, allow_nan=False)
        (self.path / "summary.json").write_text(text + "\n", encoding="utf-8")

    def _line(self, name: str, event: Any) -> None:
        self._lines[name].write(jsonl.encode_event(event) + b"\n")


def _prepare(path: Path) -> None:
    """Make the folder, or empty an earlier run's; anything else is not ours to touch."""
    if path.is_file():
        raise ConfigError(f"{path} is a file; --out names a folder")
    if path.is_dir() and any(path.iterdir()) and not (path / "warnings.jsonl").is_file():
        raise ConfigError(f"{path} is not empty and not a run's folder; name a new one")
    try:
        for name in FILES:
            (path / name).unlink(missing_ok=True)
        shutil.rmtree(path / "alerts", ignore_errors=True)
        (path / "alerts").mkdir(parents=True)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from None
