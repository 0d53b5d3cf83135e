"""Where and when it comes down: the mixture of motions, and the unknown drag, carried to the ground.

Each component and a prior of the ballistic coefficient become cubature points (degree three, Arasaratnam and Haykin
2009), each point flies down through the atmosphere, and the points' moments are the answer: the covariance has gone
through the motion itself.
"""

import numpy as np
from msgspec import Struct

from tocsin.assessment.ellipse import CHI2_50, CHI2_95, CHI2_99, ellipse
from tocsin.assessment.settings import Settings
from tocsin.earth.ellipsoid import enu_from_ecef, geodetic_from_ecef
from tocsin.flight.coast import OK, fall_batch
from tocsin.messages import SECOND, Array, ImpactEstimate, Instant, Track

SIZE = 7  # position, velocity, ln drag


class Landing(Struct, frozen=True):
    """Where the points of a track come down: the `probability` that they do, and the `estimate` if it may be given."""

    probability: float
    estimate: ImpactEstimate | None


def landing(track: Track, settings: Settings) -> Landing:
    """Carry a track's mixture to the ground."""
    points, weights = _points(track, settings)
    x, times, _, status = fall_batch(points[:, :6], np.exp(points[:, 6]))
    down = status == OK
    probability = float(weights[down].sum())
    if probability < settings.least_landing:
        return Landing(probability, None)
    estimate = _estimate(x[down, :3], times[down], weights[down] / probability, track.state_time)
    if estimate.ellipse_95.semi_major_m > settings.largest_impact_m:
        return Landing(probability, None)
    return Landing(probability, estimate)


def _points(track: Track, settings: Settings) -> tuple[Array, Array]:
    """Return cubature points (n, 7) and weights (n,) of the motion and ln drag."""
    rows = []
    weights = []
    kept = [c for c in track.components if c.weight >= settings.light_component and c.motion is not None]
    total = sum(c.weight for c in kept)
    middle = -np.log(settings.ballistic_coefficient)
    for c in kept:
        root = np.zeros((SIZE, SIZE))
        values, vectors = np.linalg.eigh(0.5 * (c.covariance[4:, 4:] + c.covariance[4:, 4:].T))
        root[:6, :6] = vectors * np.sqrt(np.maximum(values, 0.0))
        root[6, 6] = settings.ballistic_coefficient_spread
        centre = np.append(c.motion, middle)  # type: ignore[arg-type]
        arms = np.sqrt(SIZE) * root.T
        rows.append(np.vstack([centre + arms, centre - arms]))
        weights.append(np.full(2 * SIZE, c.weight / total / (2 * SIZE)))
    return np.vstack(rows), np.concatenate(weights)


def _estimate(r: Array, times: Array, weights: Array, start: int) -> ImpactEstimate:
    """Return the moments of landing points `r` (n, 3) and times (n,) [s after `start`]."""
    middle = weights @ r
    latitude, longitude, _ = geodetic_from_ecef(middle)
    axes = enu_from_ecef(latitude, longitude)
    flat = (r - middle) @ axes[[1, 0]].T
    mean = weights @ flat
    covariance = (flat - mean).T @ ((flat - mean) * weights[:, None])
    centre = middle + mean @ axes[[1, 0]]
    latitude, longitude, _ = geodetic_from_ecef(centre)
    time = float(weights @ times)
    return ImpactEstimate(
        time=Instant(start + round(time * SECOND)),
        time_sigma_s=float(np.sqrt(weights @ (times - time) ** 2)),
        latitude_deg=float(np.degrees(latitude)),
        longitude_deg=float(np.degrees(longitude)),
        ellipse_50=ellipse(covariance, CHI2_50),
        ellipse_95=ellipse(covariance, CHI2_95),
        ellipse_99=ellipse(covariance, CHI2_99),
    )
