"""Whence a body came that only radar has seen: its free flight followed back to the ground.

It was under power below, so that the place lies beyond the true one by what the burn covered, and the time after it:
good to some hundred kilometres and minutes, enough to hold a notification against.
"""

from typing import Final

import numpy as np
from msgspec import Struct

from tocsin.earth.ellipsoid import geodetic_from_ecef, height
from tocsin.flight.coast import propagate
from tocsin.messages import SECOND, Instant, Track

STEP: Final = 10.0  # s
LONGEST: Final = 2_400.0  # s, that a body may have flown when it is first seen
SURE: Final = 150.0  # m/s of the velocity's sigma on all axes, beyond which it is not followed
DOUBT: Final = 250_000.0  # m, what the burn may hide
EARLIER: Final = 300.0  # s, by which the launch may precede (the longest burns of missiles)


class Origin(Struct, frozen=True):
    """A rough place [rad], where the arc leaves the ground, and when."""

    latitude: float
    longitude: float
    time: Instant


def origin(track: Track) -> Origin | None:
    """Follow the likeliest motion of a track back to the ground; None where it is vague or never left it."""
    best = max(track.components, key=lambda c: c.weight)
    if best.motion is None or float(np.sqrt(np.trace(best.covariance[7:, 7:]))) > SURE:
        return None
    x, t = best.motion, 0.0
    while t < LONGEST and height(x[0], x[1], x[2]) > 0.0:
        x, t = propagate(x, -STEP, 0.0), t + STEP
    if t >= LONGEST:
        return None
    latitude, longitude, _ = geodetic_from_ecef(x[:3])
    return Origin(latitude, longitude, Instant(track.state_time - round(t * SECOND)))
