"""Where and when it comes down: the mixture of motions, and the unknown drag, carried to the ground.

Each component becomes twelve cubature points (degree three, Arasaratnam and Haykin 2009) that fall with median drag,
and five Gauss-Hermite nodes of ln drag that fall from its mean. The likeliest impact is that of the median drag; the
covariance, second moments about it, has gone through the motion itself.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tocsin.assessment.ellipse import CHI2_50, CHI2_95, CHI2_99, ellipse
from tocsin.assessment.settings import Settings
from tocsin.earth.ellipsoid import enu_from_ecef, geodetic_from_ecef
from tocsin.flight.coast import OK, fall_batch
from tocsin.messages import SECOND, Array, Component, ImpactEstimate, Instant, Track

MOTION = 12  # points of a component's motion
# Gauss-Hermite nodes of a standard normal and their weights (Abramowitz and Stegun 1964, table 25.10, rescaled).
NODES = np.array([-2.856970013872806, -1.355626179974266, 0.0, 1.355626179974266, 2.856970013872806])
NODE_WEIGHTS = np.array(
    [0.011257411327721, 0.222075922005613, 0.533333333333333, 0.222075922005613, 0.011257411327721]
)


class Landing(Struct, frozen=True):
    """Where the points of a track come down: the `probability` that they do, and the `estimate` if it may be given."""

    probability: float
    estimate: ImpactEstimate | None


def landing(track: Track, settings: Settings) -> Landing:
    """Carry a track's mixture to the ground."""
    kept = [c for c in track.components if c.weight >= settings.light_component and c.motion is not None]
    shares = np.array([c.weight for c in kept])
    points = np.concatenate([_points(c, settings) for c in kept])
    x, times, _, status = fall_batch(points[:, :6], points[:, 6])
    down = (status == OK).reshape(len(kept), -1)
    shares *= down[:, :MOTION].mean(axis=1) / shares.sum()
    probability = float(shares.sum())
    if probability < settings.least_landing:
        return Landing(probability, None)
    weights = np.hstack([np.full((len(kept), MOTION), 1.0 / MOTION), np.tile(NODE_WEIGHTS, (len(kept), 1))])
    weights = np.where(down, weights * shares[:, None] / probability, 0.0).ravel()
    is_motion = np.tile(np.arange(MOTION + len(NODES)) < MOTION, len(kept))
    fell = down.ravel()
    estimate = _estimate(x[fell, :3], times[fell], weights[fell], is_motion[fell], track.state_time)
    if estimate.ellipse_95.semi_major_m > settings.largest_impact_m:
        return Landing(probability, None)
    return Landing(probability, estimate)


def _points(c: Component, settings: Settings) -> Array:
    """Return states and drags (17, 7) of a component: twelve of its motion, then five of its drag."""
    assert c.motion is not None
    values, vectors = np.linalg.eigh(0.5 * (c.covariance[4:, 4:] + c.covariance[4:, 4:].T))
    arms = (vectors * np.sqrt(np.maximum(values, 0.0) * 6.0)).T
    states = np.vstack([c.motion + arms, c.motion - arms, np.tile(c.motion, (len(NODES), 1))])
    logs = np.concatenate([np.zeros(MOTION), NODES * settings.ballistic_coefficient_spread])
    return np.column_stack([states, np.exp(logs) / settings.ballistic_coefficient])


def _estimate(
    r: Array, times: Array, weights: Array, is_motion: NDArray[np.bool_], start: int
) -> ImpactEstimate:
    """Return centre and spread of landing points `r` (n, 3), `times` (n,) [s after `start`].

    The centre is the mean over the motion. The spread over the motion is about it; that over the drag is added: each
    drag node's way from where the median drag falls, second moments, so that the skew of the drag is not lost.
    """
    own = np.where(is_motion, weights, 0.0)
    own /= own.sum()
    middle = own @ r
    latitude, longitude, _ = geodetic_from_ecef(middle)
    axes = enu_from_ecef(latitude, longitude)[[1, 0]]
    rows = np.column_stack([(r - middle) @ axes.T, times])
    centre = own @ rows
    off = rows - centre
    covariance = (off * weights[:, None]).T @ off
    latitude, longitude, _ = geodetic_from_ecef(middle + centre[:2] @ axes)
    return ImpactEstimate(
        time=Instant(start + round(float(centre[2]) * SECOND)),
        time_sigma_s=float(np.sqrt(covariance[2, 2])),
        latitude_deg=float(np.degrees(latitude)),
        longitude_deg=float(np.degrees(longitude)),
        ellipse_50=ellipse(covariance[:2, :2], CHI2_50),
        ellipse_95=ellipse(covariance[:2, :2], CHI2_95),
        ellipse_99=ellipse(covariance[:2, :2], CHI2_99),
    )
