"""Whence and when: the launch as one area and time from a mixture of launches."""

import math
from typing import Final

import numpy as np
from msgspec.structs import replace
from numba import njit

from tocsin.assessment.area import Geometry, outlines
from tocsin.assessment.density import is_normal
from tocsin.assessment.ellipse import CHI2_50, CHI2_95, CHI2_99, ellipse
from tocsin.earth.local import launch_difference, launch_moved, north_east
from tocsin.messages import SECOND, Array, Component, Ellipse, Instant, LaunchEstimate, Track

HEADING_WORTH_SAYING: Final = math.radians(45.0)  # one sigma


def launch_estimate(track: Track) -> LaunchEstimate | None:
    """Return mean, spread and 95 % ellipse of the launch, moments over the mixture; None where nobody saw it."""
    rows = [c for c in track.components if c.launch is not None]
    if not rows:
        return None
    weights, launches = np.array([c.weight for c in rows]), np.array([c.launch for c in rows])
    (latitude, longitude, time, heading), spread = _moments(
        weights, launches, np.array([c.covariance for c in rows])
    )
    heading_sigma = math.sqrt(spread[3, 3])
    known = all(c.heading_known for c in rows) and heading_sigma < HEADING_WORTH_SAYING
    estimate = LaunchEstimate(
        time=Instant(track.epoch + round(time * SECOND)),
        time_sigma_s=math.sqrt(spread[2, 2]),
        latitude_deg=math.degrees(latitude),
        longitude_deg=(math.degrees(longitude) + 180.0) % 360.0 - 180.0,
        ellipse_50=ellipse(spread[:2, :2], CHI2_50),
        ellipse_95=ellipse(spread[:2, :2], CHI2_95),
        ellipse_99=ellipse(spread[:2, :2], CHI2_99),
        azimuth_deg=math.degrees(heading) % 360.0 if known else None,
        azimuth_sigma_deg=math.degrees(heading_sigma) if known else None,
    )
    return replace(estimate, **_shape((latitude, longitude), launches, rows, weights, spread[:2, :2]))


def _shape(
    origin: tuple[float, float], launches: Array, rows: list[Component], weights: Array, spread: Array
) -> dict[str, Ellipse | Geometry]:
    """Return ellipses and areas of a launch that may be in places apart; nothing where it is one Gaussian's."""
    if len(rows) == 1:
        return {}
    places = np.array([north_east(*origin, launch[0], launch[1]) for launch in launches])
    covariances = np.array([c.covariance[:2, :2] for c in rows])
    shares = weights / weights.sum()
    if is_normal(places, covariances, shares):
        return {}
    return outlines(origin, places, covariances, shares, spread)


@njit(cache=True, error_model="numpy")
def _moments(
    weights: Array, launches: Array, covariances: Array
) -> tuple[tuple[float, float, float, float], Array]:
    """Return mean and covariance (4, 4) of launches (k, 4) whose joint covariances are (k, 10, 10)."""
    shares = weights / weights.sum()
    heaviest = launches[np.argmax(weights)]
    off, mean, spread = np.empty((len(shares), 4)), np.zeros(4), np.zeros((4, 4))
    for i in range(len(shares)):
        off[i] = launch_difference(launches[i], heaviest)
        mean += shares[i] * off[i]
    for i in range(len(shares)):
        spread += shares[i] * (covariances[i, :4, :4] + np.outer(off[i] - mean, off[i] - mean))
    moved = launch_moved(heaviest, mean)
    return (moved[0], moved[1], moved[2], moved[3]), spread
