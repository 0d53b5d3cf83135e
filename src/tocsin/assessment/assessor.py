"""Assessment's one verb: a track goes in, what it means comes out."""

from collections.abc import Mapping

import numpy as np

from tocsin.assessment.identity import evidence, identity, is_held, step
from tocsin.assessment.impact import Landing, landing
from tocsin.assessment.launch import launch_estimate
from tocsin.assessment.notice import matching, matching_roughly
from tocsin.assessment.origin import origin
from tocsin.assessment.settings import Settings
from tocsin.assessment.surroundings import Surroundings
from tocsin.assessment.terms import STAYS_UP, Flights, flights
from tocsin.messages import Assessment, Evidence, ImpactEstimate, Notification, Sensor, StateVector, Track

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
    falls = float(spread.shares @ (spread.perigee <= STAYS_UP))
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
    weights = np.array([c.weight for c in track.components])
    weights /= weights.sum()
    states = np.array([c.motion for c in track.components])
    mean = weights @ states
    covariance = np.zeros((6, 6))
    for w, c, x in zip(weights, track.components, states, strict=True):
        covariance += w * (c.covariance[4:, 4:] + np.outer(x - mean, x - mean))
    return StateVector(
        time=track.state_time,
        position_m=(float(mean[0]), float(mean[1]), float(mean[2])),
        velocity_mps=(float(mean[3]), float(mean[4]), float(mean[5])),
        covariance=tuple(tuple(row) for row in covariance.tolist()),
    )
