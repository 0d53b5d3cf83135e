"""A small recording in which nothing happens, to be spoilt in one way at a time."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Line = dict[str, Any]
START = "2026-05-16T00:00:"


def time(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"2026-05-16T00:{int(minutes):02d}:{rest:06.3f}Z"


def infrared(**fields) -> Line:
    given = {"kind": "sensor", "origin": "test", "id": "geo-1", "type": "infrared", "los_sigma_urad": 30.0}
    return given | {"scan_period_s": 10.0} | fields


def radar(**fields) -> Line:
    given = {
        "kind": "sensor", "origin": "test", "id": "radar-1", "type": "radar", "latitude_deg": 60.0,
        "longitude_deg": 20.0, "height_m": 5.0, "range_sigma_m": 50.0, "azimuth_sigma_deg": 0.1,
        "elevation_sigma_deg": 0.1, "range_max_m": 2.5e6, "scan_period_s": 10.0,
    }  # fmt: skip
    return given | fields


def sight(seconds: float, **fields) -> Line:
    """One look of the satellite, over 0° N 0° E, at something different each time."""
    seen = {
        "time": time(seconds), "frame": "ITRF", "right_ascension_deg": 175.0 + (seconds * 7.3) % 8,
        "declination_deg": -3.0 + (seconds * 3.7) % 6,
    }  # fmt: skip
    given = {
        "kind": "scan", "origin": "test", "sensor": "geo-1", "time": time(seconds), "duration_s": 1.0,
        "detections": [seen], "position_m": [42_164_000.0, 0.0, 0.0], "velocity_mps": [0.0, 0.0, 0.0],
    }  # fmt: skip
    return given | fields


def plot(seconds: float, **fields) -> Line:
    seen = {"time": time(seconds), "range_m": 5e5 + 1e4 * seconds, "azimuth_deg": (seconds * 31) % 360,
            "elevation_deg": 10.0 + seconds / 10}  # fmt: skip
    given = {
        "kind": "scan", "origin": "test", "sensor": "radar-1", "time": time(seconds), "duration_s": 1.0,
        "detections": [seen],
    }  # fmt: skip
    return given | fields


def sound() -> list[Line]:
    """Two sensors and twenty looks: lines 1 and 2, then a satellite's and a radar's in turn."""
    looks = [look for k in range(10) for look in (sight(10.0 * k), plot(10.0 * k + 3))]
    return [infrared(), radar(), *looks]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Write lines (or bytes) as a file and return its path."""

    def written(lines: list[Line | str] | bytes, name: str = "a.jsonl") -> str:
        path = tmp_path / name
        if isinstance(lines, bytes):
            path.write_bytes(lines)
        else:
            texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
            path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        return str(path)

    return written


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"
