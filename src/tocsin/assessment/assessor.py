"""Assessment's one verb: a track goes in, what it means comes out."""

import math
from collections.abc import Mapping

import numpy as np
from numba import njit

from tocsin.assessment.flights import Flights, between, flights
from tocsin.assessment.identity import evidence, identity, is_held, step
from tocsin.assessment.impact import Landing, landing
from tocsin.assessment.launch import launch_estimate
from tocsin.assessment.notice import matching, matching_roughly
from tocsin.assessment.origin import origin
from tocsin.assessment.settings import Settings
from tocsin.assessment.surroundings import Surroundings
from tocsin.assessment.terms import STAYS_UP
from tocsin.messages import (
    Array,
    Assessment,
    Evidence,
    ImpactEstimate,
    Notification,
    Sensor,
    StateVector,
    Track,
)

FALLS = 0.2  # share of a radar track's motion below which nobody asks where it comes down (our assumption)


def assess(track: Track, around: Surroundings, settings: Settings) -> Assessment:
    """Say what a track is, whence it came and where it goes.

    A body that only radar has seen stays tentative while it is most likely none that a warning is for: a satellite, an
    aircraft, a meteor, the Moon. `step` then names what holds it.
    """
    sensors = around.sensors
    launch = launch_estimate(track)
    spread = flights(track, settings.light_component)
    down = None if track.phase == "boost" else _landing(track, spread, launch is None, settings)
    start = origin(track) if launch is None and around.notifications else None
    notice = matching(launch, around.notifications) or matching_roughly(start, around.notifications)
    terms = evidence(track, spread, (launch, start), down, notice, around, settings)
    said = identity(terms)
    held = is_held(track, launch, said, settings)
    return Assessment(
        track=track.id,
        origin=track.origin,
        time=track.time,
        first_look=track.first_look,
        track_state="tentative" if held and track.state != "dropped" else track.state,
        identity=said,
        evidence=_evidence(track, sensors, notice),
        path_detections=_by_path(track, sensors),
        phase=track.phase,
        launch=launch,
        impact=_impact_of(down),
        state_vector=_state_vector(track),
        parent=track.parent,
        group=track.group,
        path_kinds=_kinds(track, sensors),
        terms=terms,
        step=step(said, terms),
        existence=track.existence,
    )


def _landing(track: Track, spread: Flights, of_radar: bool, settings: Settings) -> Landing:
    """Carry a track down, unless its motion stays up: all of it, or of a radar's track as much as makes a satellite."""
    if of_radar and sum(track.detections.values()) < settings.radar_alone_plots:
        return Landing(0.0, None)  # too young for a warning
    falls = between(spread.perigee, spread.shares, -math.inf, STAYS_UP)
    return Landing(0.0, None) if falls <= (FALLS if of_radar else 0.0) else landing(track, settings)


def _impact_of(down: Landing | None) -> ImpactEstimate | None:
    return None if down is None else down.estimate


def _by_path(track: Track, sensors: Mapping[str, Sensor]) -> dict[str, int]:
    """Count detections by the path they came through."""
    counts: dict[str, int] = {}
    for name, count in sorted(track.detections.items()):
        path = sensors[name].evidence_path
        counts[path] = counts.get(path, 0) + count
    return counts


def _kinds(track: Track, sensors: Mapping[str, Sensor]) -> dict[str, tuple[str, ...]]:
    """List which kinds of sensor report through each path."""
    kinds: dict[str, tuple[str, ...]] = {}
    for name in sorted(track.detections):
        path = sensors[name].evidence_path
        kinds[path] = tuple(sorted({*kinds.get(path, ()), sensors[name].type}))
    return kinds


def _evidence(track: Track, sensors: Mapping[str, Sensor], notice: Notification | None) -> Evidence:
    names = sorted(track.detections)
    return Evidence(
        infrared=tuple(n for n in names if sensors[n].type == "infrared"),
        radar=tuple(n for n in names if sensors[n].type == "radar"),
        paths=tuple(sorted({sensors[n].evidence_path for n in names})),
        detections=sum(track.detections.values()),
        notification=None if notice is None else notice.id,
    )


def _state_vector(track: Track) -> StateVector:
    """Return mean and covariance of the motion over the mixture."""
    rows = track.components
    weights, states = np.array([c.weight for c in rows]), np.array([c.motion for c in rows])
    x, P = _moments(weights, states, np.array([c.covariance for c in rows]))
    rx, ry, rz, vx, vy, vz = x.tolist()
    return StateVector(
        time=track.state_time,
        position_m=(rx, ry, rz),
        velocity_mps=(vx, vy, vz),
        covariance=tuple(map(tuple, P.tolist())),
    )


@njit(cache=True, error_model="numpy")
def _moments(weights: Array, states: Array, covariances: Array) -> tuple[Array, Array]:
    """Return mean (6,) and covariance (6, 6) of motions (k, 6) whose joint covariances are (k, 10, 10)."""
    x, P = np.zeros(6), np.zeros((6, 6))
    shares = weights / weights.sum()
    for i in range(len(shares)):
        x += shares[i] * states[i]
    for i in range(len(shares)):
        P += shares[i] * (covariances[i, 4:, 4:] + np.outer(states[i] - x, states[i] - x))
    return x, P
