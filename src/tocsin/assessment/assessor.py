"""Assessment's one verb: a track goes in, what it means comes out."""

from collections.abc import Mapping

import numpy as np

from tocsin.assessment.identity import identity, satellite
from tocsin.assessment.impact import Landing, landing
from tocsin.assessment.launch import launch_estimate
from tocsin.assessment.settings import Settings
from tocsin.messages import Assessment, Evidence, ImpactEstimate, Sensor, StateVector, Track


def assess(track: Track, sensors: Mapping[str, Sensor], settings: Settings) -> Assessment:
    """Say what a track is, whence it came and where it goes. `sensors`: the `sensor` messages by id.

    A body that only radar has seen and that probably never comes down stays tentative: a satellite is no warning.
    """
    down = landing(track, settings) if track.phase != "boost" else None
    launch = launch_estimate(track)
    orbiting = launch is None and down is not None and down.probability < settings.least_landing
    return Assessment(
        track=track.id,
        origin=track.origin,
        time=track.time,
        first_look=track.first_look,
        track_state="tentative" if orbiting and track.state != "dropped" else track.state,
        identity=satellite(down)
        if orbiting and down is not None
        else identity(track, launch, down, settings),
        evidence=_evidence(track, sensors),
        path_detections=_by_path(track, sensors),
        phase=track.phase,
        launch=launch,
        impact=_impact_of(down),
        state_vector=_state_vector(track),
        parent=track.parent,
        group=track.group,
    )


def _impact_of(down: Landing | None) -> ImpactEstimate | None:
    return None if down is None else down.estimate


def _by_path(track: Track, sensors: Mapping[str, Sensor]) -> dict[str, int]:
    """Count detections by the path they came through."""
    counts: dict[str, int] = {}
    for name, count in sorted(track.detections.items()):
        path = sensors[name].evidence_path
        counts[path] = counts.get(path, 0) + count
    return counts


def _evidence(track: Track, sensors: Mapping[str, Sensor]) -> Evidence:
    names = sorted(track.detections)
    return Evidence(
        infrared=tuple(n for n in names if sensors[n].type == "infrared"),
        radar=tuple(n for n in names if sensors[n].type == "radar"),
        paths=tuple(sorted({sensors[n].evidence_path for n in names})),
        detections=sum(track.detections.values()),
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
