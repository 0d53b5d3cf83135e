"""What differs between two runs' folders, or between two studies': warnings, alerts, figures.

Warnings are paired by the match rule (50 km and 30 s between launches of their last versions, origins equal, nearest
first, one to one), whatever their numbers. A pair is the same if every version says the same, number and event apart.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from msgspec import Struct

from tocsin.earth.ellipsoid import distance
from tocsin.errors import ConfigError
from tocsin.flight.coast import propagate
from tocsin.formats.jsonl import decode_event
from tocsin.messages import SECOND, Warning
from tocsin.report.results import Results
from tocsin.run.score import MATCH_DISTANCE, MATCH_TIME

TIMES_OF_WORK: Final = ("wall_s", "manifest")  # what differs between equal runs
NAMES: Final = ("id", "event", "parent")  # of a version: how it is numbered, not what it says
PAIRED: Final = (
    "launch_error_m", "launch_time_error_s", "impact_error_m", "impact_time_error_s", "position_error_m",
    "velocity_error_mps", "first_warning_s", "corroborated_s", "impact_semi_major_m", "nees",
)  # fmt: skip
Found = dict[str, Any]


class Figure(Struct, frozen=True):
    """A figure that moved: where it stands in `summary.json`, before and after; None where it is not there."""

    path: str
    a: Any
    b: Any


class Difference(Struct, frozen=True, kw_only=True):
    """What differs between `a` and `b`.

    `only_a`, `only_b`: warnings (of studies: objects found) without a partner; `changed`: pairs that say something
    else, with what; `alerts`: pairs whose alerts differ; `made`: what the two were made from, where that differs.
    """

    a: str
    b: str
    kind: str
    both: int
    only_a: list[Found]
    only_b: list[Found]
    changed: list[Found]
    alerts: list[Found]
    figures: list[Figure]
    made: list[Figure]

    @property
    def same(self) -> bool:
        """Say whether nothing differs; what they were made from does not count."""
        return not (self.only_a or self.only_b or self.changed or self.alerts or self.figures)


def difference(a: str | Path, b: str | Path) -> Difference:
    """Compare two runs' folders or two studies'; raise ConfigError for what is neither, or one of each."""
    kinds = [kind(Path(folder)) for folder in (a, b)]
    if kinds[0] != kinds[1]:
        raise ConfigError(f"{a} is a {kinds[0]} and {b} a {kinds[1]}; compare two of a kind")
    return (_of_runs if kinds[0] == "run" else _of_studies)(Path(a), Path(b))


def kind(folder: Path) -> str:
    """Say what a folder holds: `run` or `study`; raise ConfigError for anything else."""
    if (folder / "warnings.jsonl").is_file():
        return "run"
    if (folder / "study.json").is_file():
        if not (folder / "summary.json").is_file():
            raise ConfigError(f"{folder}: this study is not finished; the command that began it goes on")
        return "study"
    raise ConfigError(f"{folder}: neither a run's folder (warnings.jsonl) nor a study's (study.json)")


def pairs(a: dict[str, list[Warning]], b: dict[str, list[Warning]]) -> list[tuple[str, str]]:
    """Pair warnings by the match rule, nearest first."""
    near = []
    for name, mine in a.items():
        for other, theirs in b.items():
            gap = apart(mine[-1], theirs[-1])
            if gap is not None:
                near.append((gap, name, other))
    found: list[tuple[str, str]] = []
    left, right = dict.fromkeys(a), dict.fromkeys(b)
    for _, name, other in sorted(near):
        if name in left and other in right:
            found.append((name, other))
            del left[name], right[other]
    return sorted(found)


def apart(a: Warning, b: Warning) -> float | None:
    """Return how far two warnings are apart [m], or None where the rule says that they are of two objects."""
    if a.origin != b.origin or (a.launch is None) != (b.launch is None):
        return None
    if a.launch is not None and b.launch is not None:
        places = (
            a.launch.latitude_deg,
            a.launch.longitude_deg,
            b.launch.latitude_deg,
            b.launch.longitude_deg,
        )
        gap = float(distance(*np.radians(places)))
        late = abs(a.launch.time - b.launch.time) / SECOND
        return gap if gap < MATCH_DISTANCE and late < MATCH_TIME else None
    if a.state_vector is None or b.state_vector is None:
        return None
    early, later = sorted((a.state_vector, b.state_vector), key=lambda state: state.time)
    x = np.array([*early.position_m, *early.velocity_mps])
    r = propagate(x, (later.time - early.time) / SECOND, 0.0)[:3]
    gap = float(np.linalg.norm(r - np.array(later.position_m)))
    return gap if gap < MATCH_DISTANCE else None


def figures(a: Any, b: Any, without: tuple[str, ...] = TIMES_OF_WORK) -> list[Figure]:
    """Return the figures of two summaries that differ, by path."""
    left, right = dict(_flat(a, "", without)), dict(_flat(b, "", without))
    return [
        Figure(path, left.get(path), right.get(path))
        for path in dict.fromkeys([*left, *right])
        if left.get(path) != right.get(path)
    ]


# ------------------------------------------------------------------------------------------------- two runs


def _of_runs(a: Path, b: Path) -> Difference:
    mine, theirs = (_histories(folder) for folder in (a, b))
    both = pairs(mine, theirs)
    alerts = [_alerts(folder) for folder in (a, b)]
    summaries = [Results(folder).summary for folder in (a, b)]
    changed = [
        {"a": name, "b": other} | told
        for name, other in both
        if (told := _changes(mine[name], theirs[other]))
    ]
    said = [(name, other, alerts[0].get(name, []), alerts[1].get(other, [])) for name, other in both]
    return Difference(
        a=str(a), b=str(b), kind="run", both=len(both),
        only_a=[_told(mine[name]) for name in mine if name not in {pair[0] for pair in both}],
        only_b=[_told(theirs[name]) for name in theirs if name not in {pair[1] for pair in both}],
        changed=changed,
        alerts=[{"a": n, "b": o, "sent_a": x, "sent_b": y} for n, o, x, y in said if x != y],
        figures=figures(summaries[0], summaries[1]),
        made=figures(summaries[0].get("manifest"), summaries[1].get("manifest"), without=()),
    )  # fmt: skip


def _histories(folder: Path) -> dict[str, list[Warning]]:
    histories: dict[str, list[Warning]] = {}
    for line in (folder / "warnings.jsonl").read_bytes().splitlines():
        event = decode_event(line)
        assert isinstance(event, Warning)
        histories.setdefault(event.id, []).append(event)
    return histories


def _alerts(folder: Path) -> dict[str, list[str]]:
    """Return what alerts were sent of each warning: type, phase, status and time."""
    sent: dict[str, list[str]] = {}
    for row in Results(folder).alerts().to_dict("records"):
        text = f"{row['type']} {row['phase']} {row['status']} {row['sent']}"
        sent.setdefault(str(row["warning"]), []).append(text)
    return sent


def _told(versions: list[Warning]) -> Found:
    """Tell one warning, by its last version."""
    last = versions[-1]
    told: Found = {
        "id": last.id,
        "state": last.state,
        "identity": _likeliest(last),
        "versions": len(versions),
    }
    if last.launch is not None:
        told["launch"] = [round(last.launch.latitude_deg, 2), round(last.launch.longitude_deg, 2)]
    return told


def _changes(mine: list[Warning], theirs: list[Warning]) -> Found:
    """Say how the second history differs from the first; nothing where every version says the same."""
    said = [[_said(version) for version in versions] for versions in (mine, theirs)]
    if said[0] == said[1]:
        return {}
    at = next((k for k, (x, y) in enumerate(zip(*said, strict=False)) if x != y), min(len(mine), len(theirs)))
    told: Found = {"from_version": at + 1}
    if at < min(len(mine), len(theirs)):
        told["fields"] = [name for name in said[0][at] if said[0][at][name] != said[1][at][name]]
    a, b = mine[-1], theirs[-1]
    shown: dict[str, tuple[Any, Any]] = {
        "versions": (len(mine), len(theirs)), "state": (a.state, b.state), "outcome": (a.outcome, b.outcome),
        "identity": (_likeliest(a), _likeliest(b)),
    }  # fmt: skip
    told |= {name: list(two) for name, two in shown.items() if two[0] != two[1]}
    late = (theirs[0].time - mine[0].time) / SECOND
    if late:
        told["first_warning_later_s"] = round(late, 3)
    for part in ("launch", "impact"):
        told |= _moved(getattr(a, part), getattr(b, part), part)
    return told


def _moved(a: Any, b: Any, part: str) -> Found:
    """Say how far a place moved, how much later it is, and how its area changed."""
    if a is None or b is None:
        return {} if a is b else {f"{part}_only": "a" if b is None else "b"}
    gap = float(distance(*np.radians((a.latitude_deg, a.longitude_deg, b.latitude_deg, b.longitude_deg))))
    moved = {
        f"{part}_moved_m": round(gap, 1), f"{part}_later_s": round((b.time - a.time) / SECOND, 3),
        f"{part}_semi_major_by_m": round(b.ellipse_95.semi_major_m - a.ellipse_95.semi_major_m, 1),
    }  # fmt: skip
    return {name: value for name, value in moved.items() if value}


def _said(version: Warning) -> Found:
    return {name: getattr(version, name) for name in version.__struct_fields__ if name not in NAMES}


def _likeliest(version: Warning) -> str:
    return max(version.identity, key=lambda name: version.identity[name])


# ------------------------------------------------------------------------------------------------- two studies


def _of_studies(a: Path, b: Path) -> Difference:
    frames = [pd.read_parquet(folder / "objects.parquet") for folder in (a, b)]
    both = frames[0].merge(frames[1], on=["run", "object"], suffixes=("_a", "_b"))
    found = both["warning_a"].notna(), both["warning_b"].notna()
    summaries = [json.loads((folder / "summary.json").read_bytes()) for folder in (a, b)]
    plans = [json.loads((folder / "study.json").read_bytes()) for folder in (a, b)]
    return Difference(
        a=str(a), b=str(b), kind="study", both=int((found[0] & found[1]).sum()),
        only_a=_rows(both[found[0] & ~found[1]]), only_b=_rows(both[~found[0] & found[1]]),
        changed=[told for name in PAIRED if (told := _paired(both, name))],
        alerts=[], figures=figures(summaries[0], summaries[1]),
        made=figures(plans[0], plans[1], without=("hash", "file")),
    )  # fmt: skip


def _rows(frame: pd.DataFrame) -> list[Found]:
    return [
        {"run": int(run), "object": str(name)}
        for run, name in zip(frame["run"], frame["object"], strict=True)
    ]


def _paired(both: pd.DataFrame, name: str) -> Found:
    """Compare a figure of the same objects of the same runs; nothing where none differs."""
    a, b = (both[f"{name}_{side}"].to_numpy(np.float64) for side in ("a", "b"))
    told = np.isfinite(a) & np.isfinite(b)
    a, b = a[told], b[told]
    if not len(a) or np.array_equal(a, b):
        return {}
    smaller = np.abs(b) < np.abs(a)
    return {
        "figure": name, "of": len(a), "differ": int((a != b).sum()), "median_a": _short(np.median(np.abs(a))),
        "median_b": _short(np.median(np.abs(b))), "median_change": _short(np.median(np.abs(b) - np.abs(a))),
        "smaller_in_b": int(smaller.sum()),
    }  # fmt: skip


def _short(value: Any) -> float:
    return float(f"{value:.6g}")


def _flat(value: Any, path: str, without: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield the figures of a summary by dotted path; rows of objects by their name."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in without:
                yield from _flat(item, f"{path}.{name}" if path else str(name), without)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for k, item in enumerate(value):
            yield from _flat(item, f"{path}.{item.get('object', k)}", without)
    else:
        yield path, value
