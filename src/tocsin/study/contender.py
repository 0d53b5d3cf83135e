"""A person's own tracker under the same scores: a class with two methods, fed what the sensors report.

    class Mine:
        def take(self, message): ...      # every message in order of arrival: sensors first, then their scans
        def tracks(self): ...             # after each scan: an Estimate for each object believed in now

It is named as `module:Class` or `file.py:Class`, made without arguments, afresh for every run. What it says becomes
versions of warnings, judged by the same match rule as Tocsin's own.
"""

import hashlib
import importlib
import importlib.util
import math
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Protocol

import numpy as np
from msgspec import Struct

from tocsin.errors import ConfigError
from tocsin.messages import (
    SECOND,
    Ellipse,
    Evidence,
    ImpactEstimate,
    Incoming,
    Instant,
    LaunchEstimate,
    Origin,
    Scan,
    StateVector,
    Warning,
)
from tocsin.run.tables import Tracks, utc_ns

_LEVELS: Final = {50: 1.1774, 95: 2.4477, 99: 3.0349}  # sqrt(-2 ln(1 - p)): a circle's radius in sigmas
_METHODS: Final = ("take", "tracks")
_NOWHERE: Final = Evidence(infrared=(), radar=(), paths=(), detections=0)


class Place(Struct, frozen=True, kw_only=True):
    """Where and when something was launched or comes down. Without sigmas no area is claimed, and none is judged."""

    latitude_deg: float
    longitude_deg: float
    time: Instant
    sigma_m: float | None = None
    time_sigma_s: float | None = None


class Estimate(Struct, frozen=True, kw_only=True):
    """What a tracker believes of one object: state in ITRF at `time`, relative to the rotating Earth.

    `track`: its number, the same from look to look. `covariance` (6, 6): of x y z vx vy vz [m, m/s]; without it no
    consistency is judged.
    """

    track: int
    time: Instant
    position_m: tuple[float, float, float]
    velocity_mps: tuple[float, float, float]
    covariance: Any = None
    launch: Place | None = None
    impact: Place | None = None


class Contender(Protocol):
    """A tracker of one's own."""

    def take(self, message: Incoming) -> None:
        """Take a message, as it comes."""
        ...

    def tracks(self) -> Iterable[Estimate]:
        """Return what is believed now."""
        ...


class Watched(Struct, frozen=True):
    """What a contender said: versions of warnings, rows of tracks; how many scans and detections it was given."""

    versions: list[Warning]
    tracks: Tracks
    scans: int
    detections: int
    data_s: float


def named(spec: str) -> str:
    """Return a name that every worker finds; raise ConfigError for one that leads to no tracker."""
    module, colon, _ = spec.rpartition(":")
    if not colon:
        raise ConfigError(f'"{spec}" names no tracker; write module:Class or file.py:Class')
    found = spec.replace(module, str(Path(module).resolve()), 1) if module.endswith(".py") else spec
    load(found)
    return found


def load(spec: str) -> Callable[[], Contender]:
    """Return the class that a name leads to; raise ConfigError where it is not there or is no tracker."""
    module, _, name = spec.rpartition(":")
    found: Any = getattr(_module(module), name, None)
    if found is None:
        raise ConfigError(f'{module} has no "{name}"')
    missing = [method for method in _METHODS if not callable(getattr(found, method, None))]
    if missing:
        raise ConfigError(
            f"{spec} lacks {' and '.join(f'{m}()' for m in missing)}: a tracker has take and tracks"
        )
    return found


def source(spec: str) -> tuple[str, str]:
    """Return a tracker's name without its folder, and a hash of the file it stands in."""
    module, _, name = spec.rpartition(":")
    file = getattr(_module(module), "__file__", None)
    text = Path(file).read_bytes() if file else b""
    return f"{Path(module).name}:{name}", hashlib.blake2b(text, digest_size=16).hexdigest()


def watch(contender: Contender, messages: Iterable[Incoming], origin: Origin) -> Watched:
    """Feed a contender all messages; after each scan, write down what it believes that is new."""
    versions: list[Warning] = []
    tracks = Tracks()
    latest: dict[int, Estimate] = {}
    counts: dict[int, int] = {}
    times: list[Instant] = []
    detections = 0
    for message in messages:
        contender.take(message)
        if not isinstance(message, Scan):
            continue
        times.append(message.time)
        detections += len(message.detections)
        now = message.received or message.end
        for estimate in contender.tracks():
            verify(estimate)
            if latest.get(estimate.track) == estimate:
                continue
            latest[estimate.track] = estimate
            counts[estimate.track] = counts.get(estimate.track, 0) + 1
            tracks.rows.append(_row(estimate, origin, now))
            versions.append(_version(estimate, counts[estimate.track], origin, now))
    data_s = (max(times) - min(times)) / SECOND if times else 0.0
    return Watched(versions, tracks, len(times), detections, data_s)


def verify(estimate: Any) -> None:
    """Raise ConfigError for what is no Estimate or holds numbers that are none."""
    if not isinstance(estimate, Estimate):
        raise ConfigError(
            f"tracks() gave {type(estimate).__name__}; it gives tocsin.study.contender.Estimate"
        )
    numbers = [*estimate.position_m, *estimate.velocity_mps]
    if len(numbers) != 6 or not all(math.isfinite(v) for v in numbers):
        raise ConfigError(f"track {estimate.track}: position and velocity are three finite numbers each")
    if estimate.covariance is not None and np.shape(estimate.covariance) != (6, 6):
        raise ConfigError(
            f"track {estimate.track}: covariance has shape {np.shape(estimate.covariance)}, not (6, 6)"
        )
    for part in ("launch", "impact"):
        place = getattr(estimate, part)
        if place is not None and not (abs(place.latitude_deg) <= 90 and abs(place.longitude_deg) <= 360):
            raise ConfigError(
                f"track {estimate.track}: {part} is no place: latitude and longitude are degrees"
            )


@cache
def _module(name: str) -> ModuleType:
    try:
        if not name.endswith(".py"):
            return importlib.import_module(name)
        spec = importlib.util.spec_from_file_location(f"tocsin_contender_{Path(name).stem}", name)
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except Exception as error:  # whatever a person's file raises
        raise ConfigError(f"{name}: cannot be loaded: {type(error).__name__}: {error}") from None
    return module


def _row(estimate: Estimate, origin: Origin, now: Instant) -> dict[str, Any]:
    names = ("x_m", "y_m", "z_m", "vx_mps", "vy_mps", "vz_mps")
    state = dict(zip(names, (*estimate.position_m, *estimate.velocity_mps), strict=True))
    return state | {
        "track": estimate.track, "origin": origin, "time": utc_ns(estimate.time), "look_time": utc_ns(now),
    }  # fmt: skip


def _version(estimate: Estimate, number: int, origin: Origin, now: Instant) -> Warning:
    name = f"T{estimate.track}"
    unknown = np.full((6, 6), np.nan)
    P = unknown if estimate.covariance is None else np.asarray(estimate.covariance, np.float64)
    state = StateVector(
        time=estimate.time, position_m=estimate.position_m, velocity_mps=estimate.velocity_mps,
        covariance=tuple(tuple(row) for row in P.tolist()),
    )  # fmt: skip
    return Warning(
        id=name, version=number, time=now, origin=origin, state="detected", outcome=None, event=name, parent=None,
        identity={}, evidence=_NOWHERE, phase="coast", launch=_placed(estimate.launch, LaunchEstimate),
        impact=_placed(estimate.impact, ImpactEstimate), state_vector=state, step=None, reason="",
    )  # fmt: skip


def _placed(place: Place | None, kind: Any) -> Any:
    """Return a place as an estimate with circles; NaN where nothing is claimed."""
    if place is None:
        return None
    sigma = math.nan if place.sigma_m is None else place.sigma_m
    circles = {
        f"ellipse_{level}": Ellipse(semi_major_m=k * sigma, semi_minor_m=k * sigma, bearing_deg=0.0)
        for level, k in _LEVELS.items()
    }
    late = math.nan if place.time_sigma_s is None else place.time_sigma_s
    return kind(
        time=place.time, time_sigma_s=late, latitude_deg=place.latitude_deg, longitude_deg=place.longitude_deg,
        **circles,
    )  # fmt: skip
