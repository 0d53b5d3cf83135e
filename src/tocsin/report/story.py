"""One warning from its first look to its end, beside the truth where it is known: what the pages tell."""

import math
from collections.abc import Iterator

import msgspec
import numpy as np
import pandas as pd
from scipy.interpolate import CubicSpline

from tocsin.messages import Array
from tocsin.report import ground, wording
from tocsin.report.results import Message, Results, nanoseconds

SECOND = 1_000_000_000
MATCH_DISTANCE_M = 100_000.0  # a warning further than this (median) from every true object is of none of them


class Path(msgspec.Struct, frozen=True):
    """Positions `r` (n, 3) [m] and velocities `v` (n, 3) [m/s] in ITRF at `t` (n,) [s from T+0]."""

    t: Array
    r: Array
    v: Array
    phase: tuple[str, ...]
    covariance: Array | None = None


class Truth(msgspec.Struct, frozen=True):
    """A true object. `down`: whether its last row is where it reached the ground."""

    name: str
    path: Path
    down: bool

    def at(self, t: Array) -> tuple[Array, Array]:
        """Interpolate position and velocity at `t` (n,) [s], NaN outside the truth's span."""
        inside = (t >= self.path.t[0]) & (t <= self.path.t[-1])
        spline = CubicSpline(self.path.t, self.path.r, axis=0)
        r, v = spline(t), spline(t, 1)
        r[~inside], v[~inside] = np.nan, np.nan
        return r, v

    def end_of(self, part: str) -> tuple[float, float, float] | None:
        """Give time [s], latitude and longitude [deg] of the true launch or impact; None while unknown."""
        if part == "impact" and not self.down:
            return None
        row = 0 if part == "launch" else -1
        latitude, longitude, _ = ground.geodetic_deg(self.path.r[[row]])[0]
        return float(self.path.t[row]), float(latitude), float(longitude)


class Story(msgspec.Struct, frozen=True):
    """A warning's versions, its track, its updates and its truth. `zero` [POSIX ns UTC] is T+0."""

    id: str
    versions: list[Message]
    zero: int
    zero_is: str
    track: Path
    updates: pd.DataFrame
    truth: Truth | None
    children: tuple[str, ...] = ()

    @property
    def last(self) -> Message:
        """The newest version."""
        return self.versions[-1]

    def latest(self, part: str) -> Message | None:
        """Give the launch or impact as last believed: None where it was withdrawn, not an older one."""
        opened = next((v for v in reversed(self.versions) if v["state"] != "closed"), self.last)
        return self.last.get(part) or opened.get(part)

    def true_path(self) -> Path | None:
        """Give the truth worth drawing: a flight to its end, an orbit only as long as anything was believed of it."""
        if self.truth is None or self.truth.down:
            return self.truth.path if self.truth else None
        path = self.truth.path
        ends = [
            self.seconds(self.last["time"]),
            *(self.seconds(e["time"]) for _, e in self.estimates("impact")),
        ]
        keep = path.t <= max(ends)
        phases = tuple(phase for phase, kept in zip(path.phase, keep, strict=True) if kept)
        return Path(path.t[keep], path.r[keep], path.v[keep], phases)

    def seconds(self, text: str) -> float:
        """Turn a time in a message into seconds from the story's zero."""
        return (nanoseconds(text) - self.zero) / SECOND

    def estimates(self, part: str) -> list[tuple[float, Message]]:
        """List (time [s], estimate) of every version that has a launch or an impact."""
        return [(self.seconds(v["time"]), v[part]) for v in self.versions if v.get(part)]

    def sensors(self) -> list[str]:
        """Name the sensors that contributed, by kind, each once."""
        names: dict[str, None] = {}
        for version in self.versions:
            evidence = version.get("evidence") or {}
            for name in (*(evidence.get("infrared") or ()), *(evidence.get("radar") or ())):
                names[name] = None
        return list(names)

    def error(self, part: str, estimate: Message) -> float | None:
        """Measure from an estimated launch or impact to the true one [m]; None where truth is unknown."""
        end = self.truth.end_of(part) if self.truth else None
        if end is None:
            return None
        return ground.distance_deg(end[1], end[2], estimate["latitude_deg"], estimate["longitude_deg"])

    def inside(self, part: str, estimate: Message) -> bool | None:
        """Say whether the true launch or impact lies in the estimate's 95 % area: its ellipse, unless it is none."""
        end = self.truth.end_of(part) if self.truth else None
        if end is None:
            return None
        if estimate.get("area_95"):
            return ground.inside_area(estimate["area_95"], end[1], end[2])
        return ground.inside_ellipse(
            estimate["latitude_deg"], estimate["longitude_deg"], estimate["ellipse_95"], end[1], end[2]
        )


def stories(results: Results) -> list[Story]:
    """Tell every warning without parent, in order of first emission."""
    by_id: dict[str, list[Message]] = {}
    for version in results.versions:
        by_id.setdefault(version["id"], []).append(version)
    children: dict[str, list[str]] = {}
    for name, versions in by_id.items():
        if parent := versions[-1].get("parent"):
            children.setdefault(parent, []).append(name)
    tracks, updates, truth = results.tracks(), results.updates(), results.truth()
    return [
        _story(name, versions, tracks, updates, truth, tuple(children.get(name, ())))
        for name, versions in by_id.items()
        if versions[-1].get("parent") not in by_id
    ]


def changes(before: Message | None, now: Message) -> list[str]:
    """Say in words what a version changed: state, phase, identity, evidence, launch, impact."""
    if before is None:
        return [f"first version, {now['state']}", *_appeared({}, now)]
    said = [*_turned(before, now)]
    for kind in ("infrared", "radar"):
        known = (before.get("evidence") or {}).get(kind) or ()
        said += [f"{name} joins" for name in (now.get("evidence") or {}).get(kind) or () if name not in known]
    return said + _appeared(before, now) + _moved(before, now)


def turning_points(story: Story, limit: int = 24) -> list[tuple[Message, list[str]]]:
    """Pick the versions worth telling: turns, arrivals, ellipses halved, and the last one."""
    told: list[tuple[Message, list[str]]] = []
    size: dict[str, float] = {}
    before: Message | None = None
    for version in story.versions:
        said = changes(before, version) if before is None else [
            *_turned(before, version),
            *(s for s in changes(before, version) if s.endswith(("joins", "withdrawn")) or " known " in s),
        ]  # fmt: skip
        said += _halved(version, size)
        if said or version is story.last:
            told.append((version, list(dict.fromkeys(said)) or ["last version"]))
        before = version
    return told if len(told) <= limit else [*told[: limit - 1], told[-1]]


def _turned(before: Message, now: Message) -> Iterator[str]:
    for key in ("state", "phase"):
        if before[key] != now[key]:
            yield f"{key} {before[key]} → {now[key]}"
    if now.get("outcome") and now["outcome"] != before.get("outcome"):
        yield f"outcome {now['outcome']}"
    if now.get("step") and now["step"] != before.get("step"):
        yield f"false-alarm step {now['step']}"
    likeliest = [max(v["identity"], key=v["identity"].__getitem__, default="") for v in (before, now)]
    if likeliest[0] != likeliest[1]:
        yield f"likeliest {likeliest[0]} → {likeliest[1]}"


def _appeared(before: Message, now: Message) -> list[str]:
    said = []
    for part in ("launch", "impact"):
        if now.get(part) and not before.get(part):
            said.append(f"{part} known to {wording.axes(now[part]['ellipse_95'])}")
        elif before.get(part) and not now.get(part):
            said.append(f"{part} withdrawn")
    return said


def _moved(before: Message, now: Message) -> list[str]:
    said = []
    for part in ("launch", "impact"):
        old, new = before.get(part), now.get(part)
        if not old or not new or old == new:
            continue
        moved = ground.distance_deg(
            old["latitude_deg"], old["longitude_deg"], new["latitude_deg"], new["longitude_deg"]
        )
        said.append(f"{part} moved {wording.length(moved)}, now {wording.axes(new['ellipse_95'])}")
    return said


def _halved(version: Message, size: dict[str, float]) -> list[str]:
    said = []
    for part in ("launch", "impact"):
        if not version.get(part):
            continue
        major = version[part]["ellipse_95"]["semi_major_m"]
        if part in size and major <= size[part] / 2:
            said.append(f"{part} narrowed to {wording.axes(version[part]['ellipse_95'])}")
            size[part] = major
        size.setdefault(part, major)
    return said


def _story(
    name: str, versions: list[Message], tracks: pd.DataFrame, updates: pd.DataFrame, truth: pd.DataFrame,
    children: tuple[str, ...],
) -> Story:  # fmt: skip
    mine = (tracks["warning"] == name) & (tracks["origin"] == versions[-1]["origin"])
    own = tracks[mine].sort_values("time", kind="stable")
    first = nanoseconds(versions[0]["time"])
    rough = _path(own, versions, first)
    matched = _match(rough, truth, first)
    launch = next((v["launch"] for v in reversed(versions) if v.get("launch")), None)
    if matched is not None:
        zero, zero_is = first + round(matched.path.t[0] * SECOND), "true launch"
    elif launch is not None:
        zero, zero_is = nanoseconds(launch["time"]), "estimated launch"
    else:
        zero, zero_is = first, "first version"
    truth_path = None
    if matched is not None:
        shifted = msgspec.structs.replace(matched.path, t=matched.path.t - (zero - first) / SECOND)
        truth_path = msgspec.structs.replace(matched, path=shifted)
    path = _path(own, versions, zero)
    used = updates[updates["warning"] == name].sort_values("time", kind="stable")
    return Story(name, versions, zero, zero_is, path, used, truth_path, children)


def _path(rows: pd.DataFrame, versions: list[Message], zero: int) -> Path:
    """Take a track from its table, or where it has none from the versions' state vectors."""
    if not len(rows):
        return _told_path(versions, zero)
    t = _seconds(rows["time"], zero)
    r = rows[["x_m", "y_m", "z_m"]].to_numpy(np.float64)
    v = rows[["vx_mps", "vy_mps", "vz_mps"]].to_numpy(np.float64)
    P = np.full((len(t), 6, 6), np.nan)
    for i, values in enumerate(rows["covariance"]):
        if values is not None and len(values) == 36:
            P[i] = np.asarray(values, np.float64).reshape(6, 6)
    known = np.isfinite(r).all(axis=1) & np.isfinite(v).all(axis=1)
    phases = tuple(phase for phase, ok in zip(rows["phase"], known, strict=True) if ok)
    return Path(t[known], r[known], v[known], phases, P[known])


def _told_path(versions: list[Message], zero: int) -> Path:
    told = {v["state_vector"]["time"]: v for v in versions if v.get("state_vector")}
    vectors = [v["state_vector"] for v in told.values()]
    order = np.argsort([nanoseconds(vector["time"]) for vector in vectors], kind="stable")
    t = np.array([(nanoseconds(vectors[k]["time"]) - zero) / SECOND for k in order])
    r = np.array([vectors[k]["position_m"] for k in order], np.float64).reshape(-1, 3)
    v = np.array([vectors[k]["velocity_mps"] for k in order], np.float64).reshape(-1, 3)
    P = np.array([vectors[k]["covariance"] for k in order], np.float64).reshape(-1, 6, 6)
    phases = [version["phase"] for version in told.values()]
    return Path(t, r, v, tuple(phases[k] for k in order), P)


def _seconds(times: pd.Series, zero: int) -> Array:
    ns = times.astype("datetime64[ns, UTC]").astype("int64").to_numpy()
    return (ns - zero) / SECOND


def _match(path: Path, truth: pd.DataFrame, zero: int) -> Truth | None:
    """Find the true object that runs nearest a track, if any is near."""
    best, nearest = MATCH_DISTANCE_M, None
    if not len(path.t):
        return None
    for name, rows in truth.groupby("object", sort=True):
        candidate = _true_object(str(name), rows.sort_values("time", kind="stable"), zero)
        if candidate is None:
            continue
        r, _ = candidate.at(path.t)
        gaps = np.linalg.norm(r - path.r, axis=1)
        gap = float(np.median(gaps[np.isfinite(gaps)])) if np.isfinite(gaps).any() else math.inf
        if gap < best:
            best, nearest = gap, candidate
    return nearest


def _true_object(name: str, rows: pd.DataFrame, zero: int) -> Truth | None:
    rows = rows.drop_duplicates("time", keep="last")
    if len(rows) < 3:
        return None
    t = _seconds(rows["time"], zero)
    r = rows[["x_m", "y_m", "z_m"]].to_numpy(np.float64)
    v = CubicSpline(t, r, axis=0)(t, 1)
    height = ground.geodetic_deg(r[[-1]])[0, 2]
    phases = tuple(rows["phase"])
    return Truth(name, Path(t, r, v, phases), phases[-1] == "down" or bool(height < 1000))
