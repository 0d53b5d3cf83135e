"""Whence and when: the launch as one area and time from a mixture of launches."""

from typing import Final

import numpy as np
from msgspec.structs import replace

from tocsin.assessment.area import Geometry, worth_telling
from tocsin.assessment.density import is_normal
from tocsin.assessment.ellipse import CHI2_50, CHI2_95, CHI2_99, ellipse
from tocsin.earth.local import launch_difference, launch_moved
from tocsin.messages import SECOND, Array, Component, Ellipse, Instant, LaunchEstimate, Track

HEADING_WORTH_SAYING: Final = np.radians(45.0)  # one sigma


def launch_estimate(track: Track) -> LaunchEstimate | None:
    """Return mean, spread and 95 % ellipse of the launch, moments over the mixture; None where nobody saw it."""
    rows = [c for c in track.components if c.launch is not None]
    if not rows:
        return None
    weights = np.array([c.weight for c in rows])
    weights /= weights.sum()
    heaviest = rows[int(np.argmax(weights))].launch
    assert heaviest is not None
    offsets = np.array([launch_difference(c.launch, heaviest) for c in rows if c.launch is not None])
    mean = weights @ offsets
    spread = np.zeros((4, 4))
    for w, c, d in zip(weights, rows, offsets, strict=True):
        spread += w * (c.covariance[:4, :4] + np.outer(d - mean, d - mean))
    latitude, longitude, time, heading = launch_moved(heaviest, mean)
    heading_sigma = float(np.sqrt(spread[3, 3]))
    known = all(c.heading_known for c in rows) and heading_sigma < HEADING_WORTH_SAYING
    estimate = LaunchEstimate(
        time=Instant(track.epoch + round(time * SECOND)),
        time_sigma_s=float(np.sqrt(spread[2, 2])),
        latitude_deg=float(np.degrees(latitude)),
        longitude_deg=float((np.degrees(longitude) + 180.0) % 360.0 - 180.0),
        ellipse_50=ellipse(spread[:2, :2], CHI2_50),
        ellipse_95=ellipse(spread[:2, :2], CHI2_95),
        ellipse_99=ellipse(spread[:2, :2], CHI2_99),
        azimuth_deg=float(np.degrees(heading) % 360.0) if known else None,
        azimuth_sigma_deg=float(np.degrees(heading_sigma)) if known else None,
    )
    return replace(estimate, **_areas((latitude, longitude), rows, weights, estimate.ellipse_95))


def _areas(
    origin: tuple[float, float], rows: list[Component], weights: Array, ellipse_95: Ellipse
) -> dict[str, Geometry]:
    """Return the areas of a launch that may be in places apart."""
    about = np.array([*origin, 0.0, 0.0])
    places = np.array([launch_difference(c.launch, about)[:2] for c in rows if c.launch is not None])
    covariances = np.array([c.covariance[:2, :2] for c in rows])
    if is_normal(places, covariances, weights):
        return {}
    return worth_telling(origin, places, covariances, weights, ellipse_95)
