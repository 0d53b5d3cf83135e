"""Whence and when: the launch as one area and time from a mixture of launches."""

from typing import Final

import numpy as np

from tocsin.assessment.ellipse import CHI2_50, CHI2_95, CHI2_99, ellipse
from tocsin.constants import EARTH_RADIUS
from tocsin.messages import SECOND, Array, Component, Instant, LaunchEstimate, Track

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
    offsets = np.array([_offset(c, heaviest) for c in rows])
    mean = weights @ offsets
    spread = np.zeros((4, 4))
    for w, c, d in zip(weights, rows, offsets, strict=True):
        spread += w * (c.covariance[:4, :4] + np.outer(d - mean, d - mean))
    latitude = heaviest[0] + mean[0] / EARTH_RADIUS
    longitude = heaviest[1] + mean[1] / EARTH_RADIUS / max(np.cos(latitude), 1e-6)
    heading_sigma = float(np.sqrt(spread[3, 3]))
    known = all(c.heading_known for c in rows) and heading_sigma < HEADING_WORTH_SAYING
    return LaunchEstimate(
        time=Instant(track.epoch + round((heaviest[2] + mean[2]) * SECOND)),
        time_sigma_s=float(np.sqrt(spread[2, 2])),
        latitude_deg=float(np.degrees(latitude)),
        longitude_deg=float((np.degrees(longitude) + 180.0) % 360.0 - 180.0),
        ellipse_50=ellipse(spread[:2, :2], CHI2_50),
        ellipse_95=ellipse(spread[:2, :2], CHI2_95),
        ellipse_99=ellipse(spread[:2, :2], CHI2_99),
        azimuth_deg=float(np.degrees(heaviest[3] + mean[3]) % 360.0) if known else None,
        azimuth_sigma_deg=float(np.degrees(heading_sigma)) if known else None,
    )


def _offset(c: Component, reference: Array) -> Array:
    """Return north [m], east [m], time [s], heading [rad] of a component's launch from a reference."""
    assert c.launch is not None
    east = (c.launch[1] - reference[1] + np.pi) % (2 * np.pi) - np.pi
    turn = (c.launch[3] - reference[3] + np.pi) % (2 * np.pi) - np.pi
    return np.array(
        [
            (c.launch[0] - reference[0]) * EARTH_RADIUS,
            east * EARTH_RADIUS * np.cos(reference[0]),
            c.launch[2] - reference[2],
            turn,
        ]
    )
