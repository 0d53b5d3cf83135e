"""One run of a study: simulate, process, score, in memory; nothing is written."""

import itertools
import os
import socket
import time
import traceback
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

import numpy as np
from msgspec import Struct

from tocsin.messages import SECOND, Alert, Instant, Track, Warning
from tocsin.pipeline import Event
from tocsin.run import Policy
from tocsin.run.engine import Engine, placed
from tocsin.run.folder import Counts
from tocsin.run.score import Match, before_impact, matched, scored
from tocsin.run.tables import Tracks
from tocsin.simulation import Recording, simulate
from tocsin.simulation.truth import Body
from tocsin.study import contender
from tocsin.study.consistency import LEVELS, depth, offset, state_error, true_place
from tocsin.study.plan import Plan
from tocsin.study.tables import Row, Rows, cells
from tocsin.study.world import World, truth, world

_HERE = PurePath(__file__).parent.parent


def rows(plan: Plan, indices: Iterable[int]) -> Rows:
    """Run some of a study's runs; one that fails is a row that says why."""
    gathered = Rows([], [], [])
    for index in indices:
        gathered.extend(trial(plan, index))
    return gathered


def trial(plan: Plan, index: int) -> Rows:
    """Run one run of a study. Whatever it raises becomes the `error` of its row."""
    marks = [time.perf_counter()]
    row = heading(plan, index)
    objects: list[Row] = []
    try:
        row |= cells(plan, plan.parameters(index))
        scores, objects = _scored(plan, index, marks)
        row |= scores
    except Exception as error:
        row["error"] = told(error)
    marks += [time.perf_counter()] * (4 - len(marks))
    simulated, processed, scored_ = (b - a for a, b in itertools.pairwise(marks))
    timing = {
        "run": index, "wall_s": marks[-1] - marks[0], "simulate_s": simulated, "process_s": processed,
        "score_s": scored_, "worker": f"{socket.gethostname()}:{os.getpid()}",
    }  # fmt: skip
    return Rows([row], objects, [timing])


def heading(plan: Plan, index: int) -> Row:
    """Say which run a row is of."""
    repeat, point = divmod(index, plan.points)
    return {"run": index, "repeat": repeat, "point": point, "seed": plan.study.seed, "error": None}


def told(error: BaseException) -> str:
    """Tell an error in one line: its kind, what it says, and the place in Tocsin where it was raised."""
    own = [
        f"{PurePath(frame.filename).relative_to(_HERE).as_posix()}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if PurePath(frame.filename).is_relative_to(_HERE)
    ]
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" + (f" ({own[-1]})" if own else "")


def _scored(plan: Plan, index: int, marks: list[float]) -> tuple[Row, list[Row]]:
    made = world(plan, index)
    recording = simulate(
        made.scenario, noise_scale=made.noise_scale, run=made.run, study=plan.name, truth=truth(made.scenario)
    )
    marks.append(time.perf_counter())
    said = _ours(made, recording) if plan.tracker is None else _theirs(plan.tracker, recording)
    marks.append(time.perf_counter())
    summary = said.summary | scored(recording.truth, said.versions, said.tracks)
    found, _ = matched(recording.truth, said.versions)
    point = index % plan.points
    objects = [
        {"run": index, "point": point} | score | _object(match, said.alerts)
        for score, match in zip(summary["objects"], found, strict=True)
    ]
    return _run_scores(summary), objects


class _Said(Struct, frozen=True):
    """What was said of a recording, by Tocsin or by another: what `summary.json` counts, and what is judged."""

    summary: dict[str, Any]
    versions: list[Warning]
    tracks: Tracks
    alerts: dict[str, Instant]


def _ours(made: World, recording: Recording) -> _Said:
    """Let Tocsin process a recording; a policy confirms."""
    counts, tracks = Counts(), Tracks()
    versions: list[Warning] = []
    alerts: dict[str, Instant] = {}

    def take(event: Event, _: Instant) -> None:
        counts.add(event)
        if isinstance(event, Track):
            tracks.add(event)
        elif isinstance(event, Warning):
            tracks.name(event)
            versions.append(event)
        elif isinstance(event, Alert):
            alerts.setdefault(event.warning, event.sent)

    engine = Engine(made.config, Policy(), take, None, None)
    engine.feed(placed(recording.messages))
    return _Said(counts.summary(engine.facts()), versions, tracks, alerts)


def _theirs(tracker: str, recording: Recording) -> _Said:
    """Let a person's own tracker process it; what it does not say stays open."""
    origins = [message.origin for message in recording.messages if message.origin is not None]
    seen = contender.watch(contender.load(tracker)(), recording.messages, origins[0])
    names = dict.fromkeys(version.id for version in seen.versions)
    summary = {"warnings": len(names), "events": len(names), "alerts": 0, "steps": {}}
    summary |= {"rejected": None, "late": None, "duplicates": None}
    summary |= {"scans": seen.scans, "detections": seen.detections, "data_s": round(seen.data_s, 3)}
    return _Said(summary, seen.versions, seen.tracks, {})


def _run_scores(summary: dict[str, Any]) -> Row:
    names = (
        "warnings", "events", "alerts", "false_warnings", "missed", "gospa_m", "scans", "detections", "rejected",
        "late", "duplicates", "data_s",
    )  # fmt: skip
    row = {name: summary[name] for name in names}
    return row | {"objects": len(summary["objects"]), "dismissed": sum(summary["steps"].values())}


def _object(match: Match, alerts: dict[str, Instant]) -> Row:
    """Return what is to be told of one true object beside its scores."""
    body, versions = match.body, match.versions
    row: Row = {
        "origin": body.origin, "vehicle": body.vehicle, "true_identity": body.identity,
        "flight_s": body.flight.impact_time, "versions": len(versions),
    }  # fmt: skip
    if not versions:
        return row
    last = before_impact(body, versions)
    identity = max(last.identity, key=lambda name: last.identity[name], default=None)
    row |= {
        "warning": last.id, "state": versions[-1].state, "outcome": versions[-1].outcome, "identity": identity,
        "identity_probability": None if identity is None else last.identity[identity],
    }  # fmt: skip
    row |= _times(body, versions, alerts.get(last.id))
    for part in ("launch", "impact"):
        row |= _area(body, last, part)
    return row | _state(body, last)


def _times(body: Body, versions: list[Warning], alert: Instant | None) -> Row:
    """Return when things were first said [s after lift-off], and how long before the true impact that was [s]."""
    firsts: dict[str, Instant | None] = {
        "first_warning_s": versions[0].time,
        "corroborated_s": next((v.time for v in versions if v.state in ("corroborated", "confirmed")), None),
        "first_impact_s": next((v.time for v in versions if v.impact is not None), None),
        "first_alert_s": alert,
    }
    leads = ("lead_s", "corroborated_lead_s", "impact_lead_s", "alert_lead_s")
    row: Row = {}
    for (name, t), lead in zip(firsts.items(), leads, strict=True):
        row[name] = None if t is None else round((t - body.lift_off_time) / SECOND, 3)
        end = body.impact_time
        row[lead] = None if t is None or end is None else round((end - t) / SECOND, 3)
    return row


def _area(body: Body, last: Warning, part: str) -> Row:
    """Say how large an area was claimed and whether the true place lies in it; errors themselves are scored."""
    estimate = last.launch if part == "launch" else last.impact
    true = true_place(body, part)
    if estimate is None or true is None or not np.isfinite(estimate.ellipse_95.semi_major_m):
        return {}
    east, north = offset(true, estimate)
    row: Row = {
        "time_sigma_s": estimate.time_sigma_s,
        "semi_major_m": estimate.ellipse_95.semi_major_m,
        "semi_minor_m": estimate.ellipse_95.semi_minor_m,
        "chi2": depth(estimate.ellipse_95, east, north) * float(-2 * np.log(1 - 0.95)),
    }
    for level in LEVELS:
        ellipse = getattr(estimate, f"ellipse_{level}")
        row[f"inside_{level}"] = None if ellipse is None else depth(ellipse, east, north) <= 1.0
    return {f"{part}_{name}": value for name, value in row.items()}


def _state(body: Body, last: Warning) -> Row:
    if last.state_vector is None:
        return {}
    error, nees = state_error(body, last.state_vector)
    return {
        "nees": nees if np.isfinite(nees) else None,
        "position_error_m": float(np.linalg.norm(error[:3])),
        "velocity_error_mps": float(np.linalg.norm(error[3:])),
    }
