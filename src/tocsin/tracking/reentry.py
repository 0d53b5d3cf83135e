"""A body that falls through the air and shows how much it brakes: its motion and its own drag, from its row's plots.

A radar's row takes drag for noise about the middle of a prior. From the height of space down a body goes on from where
its row stands with a seventh number, the logarithm of its drag, known to the prior or to what an earlier arc has left,
and learns from the same plots. A plot far from what it expects teaches nothing but that the drag may have changed (a
break-up, or another's plot); after a few such it begins again from its row.
"""

from typing import Final

import numpy as np
from msgspec import Struct, structs

from tocsin.flight._kernels import radial_height
from tocsin.messages import SECOND, Array, Drag
from tocsin.sensors.radar import Radar
from tocsin.tracking import _reentry
from tocsin.tracking._motion import DRAG_SPREAD
from tocsin.tracking.table import MIDDLE_DRAG

GATE: Final = 5.0  # distance² for each number of a plot, beyond which it teaches nothing (4 numbers: 5e-4)
CHANGED: Final = 0.5  # sigma of what such a plot adds to ln drag (our assumption)
PATIENCE: Final = 3  # such plots in a row, after which it begins again
AHEAD: Final = 0.6  # of the height left, over which the air still wanders before most of the braking is done


class Fall(Struct, frozen=True):
    """Seven numbers `x` (7,) and their covariance `P` (7, 7) at `t`; how many plots in a row were `refused`."""

    t: int
    x: Array
    P: Array
    refused: int = 0

    @property
    def motion(self) -> Array:
        """Give position and velocity (6,)."""
        return self.x[:6]

    @property
    def covariance(self) -> Array:
        """Give their covariance (6, 6)."""
        return self.P[:6, :6]

    @property
    def own_drag(self) -> Drag:
        """Give the drag as it is here."""
        return Drag(float(self.x[6]), float(self.P[6, 6]), self.P[6, :6].copy())

    @property
    def drag(self) -> Drag:
        """Give the drag that holds from here to the ground: as it is, and as the air ahead may still change it."""
        height = max(radial_height(*self.x[:3].tolist()), 0.0)
        own = self.own_drag
        return structs.replace(own, variance=own.variance + _reentry.WANDER * AHEAD * height)


def begun(t: int, x: Array, P: Array, known: Drag | None = None) -> Fall:
    """Begin with a row's state (6,) and covariance (6, 6), and what is known of the drag already."""
    log, variance = (np.log(MIDDLE_DRAG), DRAG_SPREAD**2) if known is None else (known.log, known.variance)
    C = np.zeros((7, 7))
    C[:6, :6], C[6, 6] = P, variance
    if known is not None:
        C[6, :6] = C[:6, 6] = known.motion
    return Fall(t, np.append(x, log), C)


def carried(fall: Fall, t: int) -> Fall:
    """Carry a fall to another time."""
    x, P = _reentry.predict(fall.x, fall.P, (t - fall.t) / SECOND)
    return Fall(t, x, P, fall.refused)


def learnt(fall: Fall, radar: Radar, t: int, z: Array, sigmas: Array) -> Fall | None:
    """Let a plot `z` (4,) of time `t` teach; None where too many in a row did not fit."""
    ahead = carried(fall, t)
    x, P, off = _reentry.update(ahead.x, ahead.P, z, sigmas, radar.r_ecef, radar.enu_from_ecef)
    if off <= GATE and np.all(np.isfinite(x)):
        return Fall(t, x, P)
    if ahead.refused + 1 >= PATIENCE or not np.all(np.isfinite(ahead.x)):
        return None
    C = ahead.P.copy()
    C[6, 6] += CHANGED**2
    return Fall(t, ahead.x, C, ahead.refused + 1)
