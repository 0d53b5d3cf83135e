"""Where and when it comes down: the mixture of motions, and the unknown drag, carried to the ground.

The likeliest impact is that of the median drag; the covariance, second moments about it, has gone through the motion
itself (`fallen`). Where one ellipse tells too little of that, the area is drawn as it is (`scatter`, `area`).
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from tocsin.assessment.area import outlines
from tocsin.assessment.ellipse import CHI2_50, CHI2_95, CHI2_99, ellipse
from tocsin.assessment.fallen import Fallen, flown, looks_normal, moments
from tocsin.assessment.scatter import Scatter, scatter
from tocsin.assessment.settings import Settings
from tocsin.messages import SECOND, Component, ImpactEstimate, Instant, StateVector, Track

_UNMOVED: Final = np.zeros(6)


class Landing(Struct, frozen=True):
    """Where the points of a track come down: the `probability` that they do, and the `estimate` if it may be given."""

    probability: float
    estimate: ImpactEstimate | None


def landing(track: Track, settings: Settings) -> Landing:
    """Carry a track's mixture to the ground."""
    fallen, probability = _fallen(track.components, settings)
    if fallen is None or probability < settings.least_landing:
        return Landing(probability, None)
    estimate = _estimate(fallen, track.state_time)
    if estimate.ellipse_95.semi_major_m > settings.largest_impact_m:
        return Landing(probability, None)
    return Landing(probability, estimate)


def scattered(components: Sequence[Component], settings: Settings) -> Scatter | None:
    """Return where a mixture comes down as small Gaussians in north, east and time; None if it probably does not."""
    fallen, probability = _fallen(components, settings)
    if fallen is None or probability < settings.least_landing:
        return None
    latitude, longitude, _, _ = moments(fallen.r_ecef, fallen.times, fallen.shares)
    return scatter(fallen, (latitude, longitude))


def scattered_state(state: StateVector, settings: Settings) -> Scatter | None:
    """Return the same of a warning's state vector, which has forgotten the mixture: one Gaussian."""
    P = np.zeros((10, 10))
    P[4:, 4:] = state.covariance
    motion = np.array([*state.position_m, *state.velocity_mps])
    return scattered((Component(1.0, None, motion, P),), settings)


def _fallen(components: Sequence[Component], settings: Settings) -> tuple[Fallen | None, float]:
    """Fly the points of each component down; return what came down, and the probability that it does.

    A drag that re-entry has shown is joint with the motion: the motion's points are of what is open once the drag is
    known, the drag's points take the motion along.
    """
    kept = [c for c in components if c.weight >= settings.light_component and c.motion is not None]
    weights, motions = np.array([c.weight for c in kept]), np.array([c.motion for c in kept])
    covariances, known = np.array([c.covariance for c in kept]), np.array([_drag(c, settings) for c in kept])
    along = np.array([_UNMOVED if c.drag is None else c.drag.motion for c in kept])
    states, r, times, shares = flown(weights, motions, covariances, along, known)
    probability = float(shares.sum())
    if not probability > 0.0:
        return None, 0.0
    some, medians = shares > 0.0, np.exp(known[:, 0])
    return Fallen(states[some], r[some], times[some], shares[some] / probability, medians[some]), probability


def _drag(c: Component, settings: Settings) -> tuple[float, float]:
    """Return mean and sigma of ln C_d A / m [m²/kg]: what re-entry has shown of it, or what is assumed of any body."""
    if c.drag is not None:
        return c.drag.log, math.sqrt(c.drag.variance)
    return -math.log(settings.ballistic_coefficient), settings.ballistic_coefficient_spread


def _estimate(fallen: Fallen, start: int) -> ImpactEstimate:
    """Return centre and spread of where the points come down; `start`: the time of their states."""
    latitude, longitude, time, covariance = moments(fallen.r_ecef, fallen.times, fallen.shares)
    estimate = ImpactEstimate(
        time=Instant(start + round(time * SECOND)),
        time_sigma_s=math.sqrt(covariance[2, 2]),
        latitude_deg=math.degrees(latitude),
        longitude_deg=math.degrees(longitude),
        ellipse_50=ellipse(covariance[:2, :2], CHI2_50),
        ellipse_95=ellipse(covariance[:2, :2], CHI2_95),
        ellipse_99=ellipse(covariance[:2, :2], CHI2_99),
    )
    if looks_normal(fallen, (latitude, longitude)):
        return estimate
    found = scatter(fallen, (latitude, longitude))
    shape = outlines(
        (latitude, longitude),
        found.rows[:, :2],
        found.covariances[:, :2, :2],
        found.weights,
        covariance[:2, :2],
    )
    return replace(estimate, **shape)
