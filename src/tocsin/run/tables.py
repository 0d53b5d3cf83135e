"""A run's tables as Parquet: tracks, updates and truth."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tocsin.earth.time import tai_minus_utc
from tocsin.flight.powered import PHASES
from tocsin.messages import SECOND, Track, Warning
from tocsin.simulation.truth import Truth

TIME = pa.timestamp("ns", tz="UTC")
LIST = pa.list_(pa.float64())

TRACKS = pa.schema(
    [("track", pa.int64()), ("warning", pa.string()), ("time", TIME), ("origin", pa.string()), ("state", pa.string()),
     ("phase", pa.string()), ("existence", pa.float64())]
    + [(name, pa.float64()) for name in ("x_m", "y_m", "z_m", "vx_mps", "vy_mps", "vz_mps")]
    + [("covariance", LIST), ("model_weights", LIST), ("components", pa.int64()), ("parent", pa.int64()),
       ("look_time", TIME)]
)  # fmt: skip
UPDATES = pa.schema(
    [("warning", pa.string()), ("version", pa.int64()), ("track", pa.int64()), ("sensor", pa.string()), ("time", TIME),
     ("detection", pa.int64()), ("residual", LIST), ("innovation_covariance", LIST), ("gate", pa.float64()),
     ("distance", pa.float64()), ("weight", pa.float64())]
)  # fmt: skip
TRUTH = pa.schema(
    [("object", pa.string()), ("time", TIME), ("x_m", pa.float64()), ("y_m", pa.float64()), ("z_m", pa.float64()),
     ("phase", pa.string())]
)  # fmt: skip


def utc_ns(t: int) -> int:
    """Return UTC nanoseconds since 1970 as data frames count them, without leap seconds."""
    return t - round(tai_minus_utc(t) * SECOND)


class Tracks:
    """Gather a row a track and look, and a row an association, with the warning they belong to."""

    def __init__(self) -> None:
        """Start empty."""
        self.rows: list[dict[str, Any]] = []
        self.updates: list[dict[str, Any]] = []
        self._fresh: list[dict[str, Any]] = []
        self._names: dict[tuple[str, int], str] = {}

    def add(self, track: Track) -> None:
        """Add a track after a look. Its state is the mean over its mixture at `time`, the state's own."""
        weights = np.array([c.weight for c in track.components])
        states = np.array([c.motion for c in track.components])
        mean = weights @ states / weights.sum()
        P = sum(
            (w / weights.sum() * (c.covariance[4:, 4:] + np.outer(x - mean, x - mean))
             for w, c, x in zip(weights, track.components, states, strict=True)),
            np.zeros((6, 6)),
        )  # fmt: skip
        row = dict(zip(TRACKS.names[7:13], mean.tolist(), strict=True)) | {
            "track": track.id, "warning": self._names.get((track.origin, track.id)), "time": utc_ns(track.state_time),
            "origin": track.origin, "state": track.state, "phase": track.phase, "existence": track.existence,
            "covariance": P.ravel().tolist(), "model_weights": list(track.model_weights),
            "components": len(track.components), "parent": track.parent, "look_time": utc_ns(track.time),
        }  # fmt: skip
        self.rows.append(row)
        fresh = [
            {
                "warning": None, "version": None, "track": track.id, "sensor": a.sensor, "time": utc_ns(a.time),
                "detection": a.detection, "residual": list(a.residual),
                "innovation_covariance": list(a.innovation_covariance), "gate": a.gate, "distance": a.distance,
                "weight": a.weight,
            }
            for a in track.associations
        ]  # fmt: skip
        self.updates += fresh
        self._fresh = [row, *fresh]

    def name(self, warning: Warning) -> None:
        """Give the rows just added the warning and version that came of them.

        A version the clock made of another object, told between a track and its warning, is not theirs.
        """
        if not self._fresh or (warning.origin, utc_ns(warning.time)) != (
            self._fresh[0]["origin"],
            self._fresh[0]["look_time"],
        ):
            return
        key = (self._fresh[0]["origin"], self._fresh[0]["track"])
        known = self._names.get(key)
        if known not in (None, warning.id) or (known is None and warning.version != 1):
            return
        for row in self._fresh:
            row["warning"] = warning.id
            if "version" in row:
                row["version"] = warning.version
        self._names[key] = warning.id

    def write(self, folder: Path) -> None:
        """Write `tracks.parquet` and `updates.parquet`."""
        pq.write_table(pa.Table.from_pylist(self.rows, TRACKS), folder / "tracks.parquet")
        pq.write_table(pa.Table.from_pylist(self.updates, UPDATES), folder / "updates.parquet")


def write_truth(truth: Truth, folder: Path) -> None:
    """Write `truth.parquet`: every body every second, and its end."""
    columns: dict[str, list[Any]] = {name: [] for name in TRUTH.names}
    for body in truth.bodies:
        flight = body.flight
        times = np.append(np.arange(flight.t[0], flight.t[-1], 1.0), flight.t[-1])
        states = flight.at(times)
        phases = flight.phase[
            np.clip(np.searchsorted(flight.t, times, side="right") - 1, 0, len(flight.t) - 1)
        ]
        start = utc_ns(body.lift_off_time)
        columns["object"] += [body.id] * len(times)
        columns["time"] += [start + round(t * SECOND) for t in times.tolist()]
        for k, name in enumerate(("x_m", "y_m", "z_m")):
            columns[name] += states[:, k].tolist()
        columns["phase"] += [PHASES[p] for p in phases.tolist()]
    pq.write_table(pa.Table.from_pydict(columns, TRUTH), folder / "truth.parquet")
