"""Which row is a body of a raid by its last lights: where a row was, carried back to them, they must have been seen.

Where many rise together a burn may hold sightings of several bodies, and its fit then flies where none does. What it
held last is somebody's nevertheless, and a radar's row carried back a few seconds, or minutes once it coasts, says
whose (decision 9).
"""

from typing import Final

import numpy as np

from tocsin.messages import SECOND, Array
from tocsin.tracking.burn import Burn
from tocsin.tracking.fusion import carried_state
from tocsin.tracking.sightings import Sighting

LATE_S: Final = 12.0  # s before the last sighting, of those that are asked: a look of each satellite
LOOK_S: Final = 10.0  # s, for which a body may have burned on unseen (our assumption)
PUSH: Final = 50.0  # m/s², of thrust shortly before burnout (our assumption)
PUSH_DOUBT: Final = 0.4  # of it (our assumption)
ELSE: Final = 100.0  # m, of all else that no arc knows (our assumption)
LONGEST_S: Final = 600.0  # s, over which a speed known to tens of metres a second says where a body was
GATE: Final = 14.0  # Mahalanobis squared (two angles: 99.9 %) within which a sighting lies on a row's way


def last_lights(burn: Burn) -> list[Sighting]:
    """Return the sightings a burn held last."""
    return [s for s in burn.sightings if (burn.last - s.time) / SECOND < LATE_S]


def distance(burn: Burn, x: Array, P: Array, t: int) -> float:
    """Return how far (Mahalanobis squared, mean of the last lights) a row (6,) of `t` passes by; infinite outside."""
    total = 0.0
    lights = last_lights(burn)
    for s in reversed(lights):
        d2 = _off(s, burn.last, x, P, t)
        if d2 > GATE:
            return float("inf")
        total += d2
    return total / len(lights)


def _off(s: Sighting, last: int, x: Array, P: Array, t: int) -> float:
    """Return how far (Mahalanobis squared) a row passes from a sighting of a burn last seen at `last`."""
    if abs(s.time - t) > LONGEST_S * SECOND:
        return float("inf")
    y, C = carried_state(x, P, (s.time - t) / SECOND)
    ahead, doubt = _pushed((last - s.time) / SECOND, min(max((t - last) / SECOND, 0.0), LOOK_S))
    along = y[3:] / np.linalg.norm(y[3:])
    d = y[:3] + ahead * along - s.platform
    rho = float(d @ s.u)
    if rho <= 0.0:
        return float("inf")
    H = np.array([s.e1, s.e2]) / rho
    spread = C[:3, :3] + doubt**2 * np.outer(along, along) + ELSE**2 * np.eye(3)
    S = H @ spread @ H.T + s.variance * np.eye(2)
    a, b = (H @ d).tolist()
    det = float(S[0, 0] * S[1, 1] - S[0, 1] ** 2)
    off = float(S[1, 1] * a * a - 2.0 * S[0, 1] * a * b + S[0, 0] * b * b)
    return off / det if det > 0.0 and 0.0 <= off < float("inf") else float("inf")


def _pushed(sure: float, more: float) -> tuple[float, float]:
    """Return how far [m] a body was ahead of its arc carried back over the rest of its burn, and the doubt.

    It burned for `sure` seconds after the sighting and then for anything up to `more`.
    """
    ahead = 0.5 * PUSH * (sure**2 + sure * more + more**2 / 3.0)
    spread = PUSH * (sure + 0.5 * more) * more / np.sqrt(12.0)
    return ahead, float(np.hypot(spread, PUSH_DOUBT * ahead))
