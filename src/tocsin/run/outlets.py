"""Where alerts go: one CAP file each, `alerts.geojson` and `alerts.atom`. Every alert, a Cancel too, goes to all.

A file is written whole beside its place and then put there, so that nobody who reads it meanwhile sees half of one.
"""

from datetime import UTC, datetime
from pathlib import Path

from tocsin.formats import atom, cap, geojson
from tocsin.messages import Alert, EventLog, Instant
from tocsin.run.signing import Key, Role, signed


class Outlets:
    """Give every alert to every outlet of a run's folder."""

    def __init__(self, folder: Path, keys: dict[Role, Key] | None) -> None:
        """Start with empty feeds: a reader must not find those of an earlier run. `keys`: None signs nothing."""
        self._folder = folder
        self._keys = keys
        self._alerts: dict[str, Alert] = {}
        self._signed: set[str] = set()
        self._features: dict[str, bytes] = {}
        self._entries: dict[str, str] = {}
        self._write_feeds(None)

    def give(self, alert: Alert) -> list[EventLog]:
        """Write an alert everywhere; say by a named event where it could not be signed."""
        data, said = cap.write(alert), None
        if self._keys is not None:
            data, said = signed(alert, self._keys, datetime.now(UTC))
            if said is None:
                self._signed.add(alert.identifier)
        _put(self._folder / "alerts" / f"{alert.identifier}.xml", data)
        self._alerts[alert.identifier] = alert
        self._set(alert, None)
        for reference in alert.references:
            old = self._alerts.get(reference.split(",")[1])
            if old is not None:
                self._set(old, alert.identifier)
        self._write_feeds(alert.sent)
        return [] if said is None else [said]

    def _set(self, alert: Alert, later: str | None) -> None:
        name = alert.identifier
        self._features[name] = geojson.feature(alert, later, name in self._signed)
        self._entries[name] = atom.entry(alert, later)

    def _write_feeds(self, updated: Instant | None) -> None:
        _put(self._folder / "alerts.geojson", geojson.collection(self._features.values()))
        _put(self._folder / "alerts.atom", atom.feed(list(self._entries.values()), updated))


def _put(path: Path, data: bytes) -> None:
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(data)
    beside.replace(path)
