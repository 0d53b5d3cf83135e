"""Where a radar should look next: when and where a body that only satellites saw will come into its field."""

from collections.abc import Iterable
from typing import Final

import numpy as np

from tocsin.earth.ellipsoid import height
from tocsin.flight.coast import propagate_with_transition
from tocsin.messages import SECOND, Array, Cue, Instant, Track
from tocsin.sensors.radar import Radar

STEP: Final = 10.0  # s, between the times tried
LONGEST: Final = 3_600.0  # s ahead
EXTENT: Final = 2 * 1.96  # sigmas: the full width that holds 95 %


def cues(track: Track, warning: str, radars: Iterable[Radar]) -> list[Cue]:
    """Return, for each radar whose field the likeliest motion enters within the hour, where and when it does."""
    best = max(track.components, key=lambda c: c.weight)
    if track.phase == "boost" or best.motion is None:
        return []
    x, P = best.motion, best.covariance[4:, 4:]
    waiting = {radar.id: radar for radar in radars}
    found: dict[str, Cue] = {}
    t = 0.0
    while t <= LONGEST and len(found) < len(waiting) and height(x[0], x[1], x[2]) > 0.0:
        at = Instant(track.state_time + round(t * SECOND))
        for name, radar in waiting.items():
            if name not in found and at >= track.time and radar.visible(x[:3])[0]:
                found[name] = _cue(track, warning, radar, at, x, P)
        x, Phi = propagate_with_transition(x, STEP, 0.0)
        P = Phi @ P @ Phi.T
        t += STEP
    return [found[name] for name in sorted(found)]


def _cue(track: Track, warning: str, radar: Radar, at: Instant, x: Array, P: Array) -> Cue:
    z = radar.predict(x)[0]
    H = radar.jacobian(x)[0]
    sigma = np.sqrt(np.diag(H @ P @ H.T))
    return Cue(
        sensor=radar.id,
        time=at,
        origin=track.origin,
        warning=warning,
        range_m=float(z[0]),
        azimuth_deg=float(np.degrees(z[1])),
        elevation_deg=float(np.degrees(z[2])),
        range_extent_m=float(EXTENT * sigma[0]),
        azimuth_extent_deg=float(min(np.degrees(EXTENT * sigma[1]), 360.0)),
        elevation_extent_deg=float(min(np.degrees(EXTENT * sigma[2]), 180.0)),
    )
