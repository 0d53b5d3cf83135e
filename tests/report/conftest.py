"""A run's folder made by hand: a plausible arc over the open ocean, its own simple physics, seeded noise."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pymap3d
import pytest

START = datetime(2026, 5, 16, 6, 0, 0, tzinfo=UTC)
GM, RATE = 3.986004418e14, 7.292115e-5
LATITUDE, LONGITUDE, HEADING, BURN = 8.0, -32.0, 55.0, 95.0
SENSORS = [
    {
        "kind": "sensor",
        "origin": "exercise",
        "id": "geo-1",
        "type": "infrared",
        "los_sigma_urad": 30.0,
        "scan_period_s": 10.0,
    },
    {
        "kind": "sensor",
        "origin": "exercise",
        "id": "geo-2",
        "type": "infrared",
        "los_sigma_urad": 30.0,
        "scan_period_s": 10.0,
    },
    {
        "kind": "sensor",
        "origin": "exercise",
        "id": "radar-1",
        "type": "radar",
        "latitude_deg": 14.93,
        "longitude_deg": -23.5,
        "height_m": 40.0,
        "range_sigma_m": 50.0,
        "azimuth_sigma_deg": 0.1,
        "elevation_sigma_deg": 0.1,
        "range_max_m": 1.5e6,
        "elevation_min_deg": 2.0,
        "azimuth_from_deg": 150.0,
        "azimuth_to_deg": 330.0,
        "scan_period_s": 5.0,
    },
]


def text(t: float) -> str:
    return (START + timedelta(seconds=t)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def stamps(t: np.ndarray) -> pd.Series:
    ns = int(START.timestamp()) * 10**9 + np.round(np.asarray(t) * 1e9).astype(np.int64)
    return pd.Series(pd.to_datetime(ns, utc=True)).astype("datetime64[ns, UTC]")


def flight(latitude: float, longitude: float) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Integrate a powered ascent that pitches over and coasts to the ground: t (n,), x (n, 6), phases."""
    r = np.array(pymap3d.geodetic2ecef(latitude, longitude, 10.0))
    forward = np.array(pymap3d.enu2uvw(*pymap3d.aer2enu(HEADING, 0.0, 1.0), latitude, longitude))
    x, t, dt = np.concatenate([r, np.zeros(3)]), 0.0, 0.5
    times, states, phases = [t], [x], ["boost"]

    def rate(t: float, x: np.ndarray) -> np.ndarray:
        r, v = x[:3], x[3:]
        w = np.array([0.0, 0.0, RATE])
        a = -GM * r / np.linalg.norm(r) ** 3 - 2 * np.cross(w, v) - np.cross(w, np.cross(w, r))
        if t < BURN:
            pitch = np.radians(90 - 48 * min(1.0, max(0.0, (t - 8) / 60)))
            a = a + (26 + 0.3 * t) * (np.cos(pitch) * forward + np.sin(pitch) * r / np.linalg.norm(r))
        return np.concatenate([v, a])

    while t < 1500:
        k1 = rate(t, x)
        k2 = rate(t + dt / 2, x + dt / 2 * k1)
        k3 = rate(t + dt / 2, x + dt / 2 * k2)
        k4 = rate(t + dt, x + dt * k3)
        x, t = x + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4), t + dt
        height = pymap3d.ecef2geodetic(*x[:3])[2]
        down = t > BURN and height < 0
        times.append(t)
        states.append(x)
        phases.append(
            "down" if down else "boost" if t < BURN else "re-entry" if t > 400 and height < 9e4 else "coast"
        )
        if down:
            break
    return np.array(times), np.array(states), phases


def ellipse(major: float, minor: float, bearing: float) -> dict:
    return {"semi_major_m": round(major, 1), "semi_minor_m": round(minor, 1), "bearing_deg": bearing}


class Folder:
    """Writes the folder; `numbers` keeps what was put in, for tests to compare with what comes out."""

    def __init__(self, path: Path, objects: int = 1, truth: bool = True, origin: str = "exercise") -> None:
        self.path, self.origin = path, origin
        self.rng = np.random.default_rng(7)
        self.versions, self.tracks, self.updates, self.truth = [], [], [], []
        self.events, self.objects = [], []
        for number in range(objects):
            self._object(number)
        self._write(truth)

    def _object(self, number: int) -> None:
        t, x, phases = flight(LATITUDE + 0.8 * number, LONGITUDE - 0.6 * number)
        t = t + 60.0 + 20 * number
        burn, fallen = BURN + t[0], t[-1]
        launch = pymap3d.ecef2geodetic(*x[0, :3])[:2]
        impact = pymap3d.ecef2geodetic(*x[-1, :3])[:2]
        self.objects.append(
            {"launch": launch, "impact": impact, "t": t, "x": x, "start": t[0], "end": fallen}
        )
        self.truth.append(
            pd.DataFrame(
                {
                    "object": f"missile-{number + 1}",
                    "time": stamps(t[::4]),
                    "x_m": x[::4, 0],
                    "y_m": x[::4, 1],
                    "z_m": x[::4, 2],
                    "phase": [*phases[::4][:-1], "down"],
                }
            )
        )
        looks = [
            (float(s), name)
            for name, offset in (("geo-1", 12.0), ("geo-2", 17.0))
            for s in np.arange(t[0] + offset, burn, 10)
        ]
        looks += [(float(s), "radar-1") for s in np.arange(t[0] + 180, t[0] + 420, 5)]
        for version, (when, sensor) in enumerate(sorted(looks), 1):
            self._look(number, version, when, sensor, t, x, burn)
        self._close(number, fallen)

    def _look(self, number, version, when, sensor, t, x, burn):
        row = int(np.searchsorted(t, when))
        early, since = when < burn, when - t[0]
        sigma = np.array([3000, 3000, 3000, 120, 120, 120]) * (
            np.exp(-since / 60) if early else 0.03 + 0.12 * np.exp(-(since - 180) / 60)
        )
        state = x[row] + self.rng.normal(size=6) * sigma
        self.tracks.append(
            {
                "track": number + 1,
                "warning": self._id(number) if version > 2 else None,
                "time": stamps([when])[0],
                "origin": self.origin,
                "state": "confirmed" if version > 2 else "tentative",
                "phase": "boost" if early else "coast",
                "existence": 0.99,
                **dict(zip(("x_m", "y_m", "z_m", "vx_mps", "vy_mps", "vz_mps"), state.tolist(), strict=True)),
                "covariance": np.diag(sigma**2).ravel().tolist(),
                "model_weights": [0.7, 0.3],
                "components": 2,
                "parent": None,
            }
        )
        size = 2 if sensor != "radar-1" else 3
        S = np.diag(np.array([42e-6, 42e-6]) ** 2 if size == 2 else np.array([80.0, 0.0025, 0.0025]) ** 2)
        z = np.linalg.cholesky(S) @ self.rng.normal(size=size)
        self.updates.append(
            {
                "warning": self._id(number),
                "version": version - 2 if version > 2 else None,
                "track": number + 1,
                "sensor": sensor,
                "time": stamps([when])[0],
                "detection": int(self.rng.integers(0, 5)),
                "residual": z.tolist(),
                "innovation_covariance": S.ravel().tolist(),
                "gate": 13.8 if size == 2 else 16.3,
                "distance": float(z @ np.linalg.solve(S, z)),
                "weight": 1.0,
            }
        )
        if version > 2:
            self.versions.append(self._version(number, version - 2, when, sensor, since, early, state, sigma))

    def _version(self, number, version, when, sensor, since, early, state, sigma):
        about = self.objects[number]
        spread = 20000 * np.exp(-since / 25) + 1500
        toward = (
            250000 * np.exp(-since / 30)
            + 90000 * np.exp(-max(0, since - 180) / 40) * (not early)
            + 1500
            + 60000 * early
        )
        before = [v for v in self.versions if v["id"] == self._id(number)]
        radar = sensor == "radar-1" or (bool(before) and bool(before[-1]["evidence"]["radar"]))
        launch = np.array(about["launch"]) + self.rng.normal(size=2) * spread / 2.45 / 111e3 * 0.7
        impact = np.array(about["impact"]) + self.rng.normal(size=2) * toward / 2.45 / 111e3 * 0.5
        state_name = "detected" if version < 3 else "corroborated" if since < 200 else "confirmed"
        return {
            "kind": "warning",
            "id": self._id(number),
            "version": version,
            "time": text(when),
            "origin": self.origin,
            "state": state_name,
            "outcome": None,
            "event": "E-20260516-0001",
            "parent": None,
            "identity": {"ballistic-missile": 0.97, "space-launch": 0.02, "other": 0.01},
            "evidence": {
                "infrared": ["geo-1"] if version < 2 else ["geo-1", "geo-2"],
                "radar": ["radar-1"] if radar else [],
                "paths": ["geo-1"] if version < 2 else ["geo-1", "geo-2"],
                "detections": version + 2,
                "notification": None,
            },
            "phase": "boost" if early else "coast",
            "launch": {
                "time": text(about["start"] + self.rng.normal()),
                "time_sigma_s": 1.2,
                "latitude_deg": round(launch[0], 6),
                "longitude_deg": round(launch[1], 6),
                "ellipse_95": ellipse(spread, spread * 0.45, 77.0),
                "azimuth_deg": 55.2,
                "azimuth_sigma_deg": 0.8,
            },
            "impact": None
            if version < 4
            else {
                "time": text(about["end"] + self.rng.normal() * toward / 5000),
                "time_sigma_s": round(toward / 5000, 3),
                "latitude_deg": round(impact[0], 6),
                "longitude_deg": round(impact[1], 6),
                "ellipse_95": ellipse(toward, toward * 0.3, 57.0),
            },
            "state_vector": {
                "time": text(when),
                "frame": "ITRF",
                "position_m": state[:3].round(1).tolist(),
                "velocity_mps": state[3:].round(3).tolist(),
                "covariance": np.diag(sigma**2).tolist(),
            },
            "step": None,
            "reason": f"Ballistic missile seen by geo-1 and geo-2, {version + 2} detections on "
            "two independent paths; "
            "impact in the open Atlantic.",
        }

    def _close(self, number: int, fallen: float) -> None:
        last = [v for v in self.versions if v["id"] == self._id(number)][-1]
        self.versions.append(
            last
            | {
                "version": last["version"] + 1,
                "time": text(fallen + 60),
                "state": "closed",
                "outcome": "impacted",
                "phase": "down",
                "reason": "The time of impact has passed: the object is down in the predicted area.",
            }
        )
        self.events.append(
            {
                "kind": "cue",
                "sensor": "radar-1",
                "time": text(200),
                "origin": self.origin,
                "warning": self._id(number),
                "azimuth_deg": 251.3,
                "elevation_deg": 12.0,
                "range_m": 812345.6,
                "azimuth_extent_deg": 3.0,
                "elevation_extent_deg": 3.0,
                "range_extent_m": 20000.0,
            }
        )

    def _id(self, number: int) -> str:
        return f"W-20260516-{number + 1:04d}"

    def _write(self, truth: bool) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        self.versions.sort(key=lambda v: v["time"])
        lines(self.path / "warnings.jsonl", self.versions)
        lines(
            self.path / "events.jsonl",
            [
                *self.events,
                {
                    "kind": "event-log",
                    "name": "exercise-blocked",
                    "time": text(300),
                    "origin": self.origin,
                    "text": "an <exercise> alert was kept from the public channel",
                    "sensor": None,
                    "warning": None,
                },
            ],
        )
        lines(
            self.path / "rejected.jsonl",
            [
                {
                    "kind": "rejected",
                    "file": "feed.jsonl",
                    "line": 12,
                    "field": "detections[3].declination_deg",
                    "why": "132 is not in [-90, 90]",
                    "received": None,
                    "late": False,
                }
            ],
        )
        if self.tracks:
            pd.DataFrame(self.tracks).to_parquet(self.path / "tracks.parquet")
            updates = pd.DataFrame(self.updates)
            updates["version"] = updates["version"].astype("Int64")
            updates.to_parquet(self.path / "updates.parquet")
        if truth and self.truth:
            pd.concat(self.truth).to_parquet(self.path / "truth.parquet")
        self._recording()
        self._alert()
        objects = [
            {
                "object": f"missile-{k + 1}",
                "first_detection_s": 12.0,
                "first_warning_s": 22.0,
                "corroborated_s": 42.0,
                "launch_error_m": 812.4,
                "launch_time_error_s": 0.4,
                "impact_error_m": 1234.5,
                "impact_time_error_s": -1.5,
            }
            for k in range(len(self.objects))
        ]
        summary = {
            "warnings": len(self.objects),
            "events": 1,
            "alerts": len(self.objects),
            "rejected": 1,
            "duplicates": 2,
            "late": 3,
            "scans": 337,
            "detections": 1403,
            "wall_s": 1.3,
            "data_s": 900.0,
            "steps": {"static": 4, "flash": 11, "glint": 0},
        }
        if truth and self.objects:
            summary |= {"objects": objects, "gospa_m": 321.5, "false_warnings": 0, "missed": 0}
        (self.path / "summary.json").write_text(json.dumps(summary))

    def _recording(self) -> None:
        messages = [sensor | {"origin": self.origin} for sensor in SENSORS]
        for name, longitude, offset in (("geo-1", -45.0, 2.0), ("geo-2", 15.0, 7.0)):
            place = [42164e3 * np.cos(np.radians(longitude)), 42164e3 * np.sin(np.radians(longitude)), 0.0]
            for t in np.arange(offset, 900, 10):
                detections = [{"time": text(t), "right_ascension_deg": 1.0, "declination_deg": 2.0}] * int(
                    self.rng.poisson(3)
                )
                messages.append(
                    {
                        "kind": "scan",
                        "origin": self.origin,
                        "sensor": name,
                        "time": text(t),
                        "duration_s": 1.0,
                        "position_m": place,
                        "velocity_mps": [0.0, 0.0, 0.0],
                        "detections": detections,
                    }
                )
        for t in np.arange(0, 900, 5.0):
            detections = [{"time": text(t), "range_m": 1e6, "azimuth_deg": 1.0, "elevation_deg": 2.0}] * int(
                self.rng.poisson(5)
            )
            messages.append(
                {
                    "kind": "scan",
                    "origin": self.origin,
                    "sensor": "radar-1",
                    "time": text(t),
                    "duration_s": 4.0,
                    "detections": detections,
                }
            )
        with gzip.GzipFile(self.path / "recording.jsonl.gz", "wb", mtime=0) as file:
            for message in messages:
                file.write(json.dumps(message).encode() + b"\n")
        self.messages = messages

    def _alert(self) -> None:
        (self.path / "alerts").mkdir(exist_ok=True)
        for number in range(len(self.objects)):
            (self.path / "alerts" / f"{number + 1:04d}.xml").write_text(
                '<?xml version="1.0" encoding="UTF-8"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
                f"<identifier>tocsin-{number + 1}</identifier><sender>t@example.org</sender>"
                "<sent>2026-05-16T06:05:07-00:00</sent>"
                "<status>Exercise</status><msgType>Alert</msgType><scope>Public</scope><info><category>Safety</category>"
                "<event>Ballistic missile</event><headline>EXERCISE: take shelter &lt;now&gt;</headline>"
                "<parameter><valueName>tocsin-phase</valueName><value>take-shelter</value></parameter>"
                f"<parameter><valueName>tocsin-warning</valueName><value>{self._id(number)}</value></parameter>"
                "<parameter><valueName>tocsin-version</valueName><value>9</value></parameter></info></alert>"
            )


def lines(path: Path, messages: list[dict]) -> None:
    path.write_text("".join(json.dumps(message) + "\n" for message in messages))


@pytest.fixture
def make_folder() -> type[Folder]:
    """The maker itself, for a folder unlike the others."""
    return Folder


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """One launch with truth."""
    return Folder(tmp_path_factory.mktemp("one"))


@pytest.fixture(scope="session")
def raid(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Three launches without truth."""
    return Folder(tmp_path_factory.mktemp("raid"), objects=3, truth=False, origin="test")


@pytest.fixture(scope="session")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Nothing there."""
    return Folder(tmp_path_factory.mktemp("quiet"), objects=0)
