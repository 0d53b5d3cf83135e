"""A body that falls through the air and shows how much it brakes: its motion and its own drag, from its row's plots.

A radar's row takes drag for noise about the middle of a prior. From the height of space down a body goes on from where
its row stands with a seventh number, the logarithm of its drag, known to the prior or to what an earlier arc has left,
and learns from the same plots (in parts: `_reentry`). A plot far from what it expects teaches only that the drag may
have changed (a break-up, or another's plot); after a few such it begins again from its row.
"""

from typing import Final, NamedTuple

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
# A normal drag in parts: places and shares of narrower ones, whose mean is 0 and whose variance together is 1.
NARROW: Final = 0.5
_GRID: Final = 0.6 * np.arange(-3.0, 4.0)
SHARES: Final = (
    np.exp(-0.5 * _GRID**2 / (1.0 - NARROW**2)) / np.exp(-0.5 * _GRID**2 / (1.0 - NARROW**2)).sum()
)
PARTS: Final = _GRID * np.sqrt((1.0 - NARROW**2) / (SHARES @ _GRID**2))
LIGHT: Final = 1e-3  # share below which a part is let go
AHEAD: Final = 0.6  # of the height left, over which the air still wanders before most of the braking is done


class Plot(NamedTuple):
    """What a radar plotted of a row at `t`: `z` (4,) with `sigmas` (4,); and the row after it, `x` (6,), `P` (6, 6)."""

    radar: Radar
    t: int
    z: Array
    sigmas: Array
    x: Array
    P: Array


class Descent:
    """The way down of a body under radar: its plots as they come, and what they say, worked out when asked for."""

    __slots__ = ("_fall", "_known", "_plots")

    def __init__(self, known: Drag | None, first: Plot) -> None:
        """Begin where a plot has left the row, with what an earlier arc has said of the drag."""
        self._known = known
        self._plots = [first]
        self._fall: Fall | None = None

    def add(self, plot: Plot) -> None:
        """Take the row's next plot."""
        self._plots.append(plot)

    def fall(self) -> "Fall":
        """Return what all plots say."""
        for plot in self._plots:
            if self._fall is not None:
                self._fall = learnt(self._fall, plot.radar, plot.t, plot.z, plot.sigmas)
            if self._fall is None:
                self._fall = begun(plot.t, plot.x, plot.P, self._known)
        self._plots = []
        assert self._fall is not None
        return self._fall


class Fall(Struct, frozen=True):
    """Gaussians `x` (k, 7), `P` (k, 7, 7) of `weights` (k,) at `t`; how many plots in a row were `refused`."""

    t: int
    x: Array
    P: Array
    weights: Array
    refused: int = 0

    def state(self) -> tuple[Array, Array, Drag]:
        """Return the motion (6,), its covariance (6, 6) and the drag here, over all Gaussians."""
        x, P = _reentry.moments(self.x, self.P, self.weights)
        return x[:6], P[:6, :6], Drag(float(x[6]), float(P[6, 6]), P[6, :6].copy())


def begun(t: int, x: Array, P: Array, known: Drag | None = None) -> Fall:
    """Begin with a row's state (6,) and covariance (6, 6), and what is known of the drag already."""
    if known is None:
        known = Drag(float(np.log(MIDDLE_DRAG)), DRAG_SPREAD**2, np.zeros(6))
    sigma = np.sqrt(known.variance)
    states, C = np.empty((len(PARTS), 7)), np.zeros((7, 7))
    along = known.motion / sigma
    states[:, :6] = x + PARTS[:, None] * along
    states[:, 6] = known.log + PARTS * sigma
    C[:6, :6] = P - (1.0 - NARROW**2) * np.outer(along, along)
    C[6, :6] = C[:6, 6] = NARROW**2 * known.motion
    C[6, 6] = (NARROW * sigma) ** 2
    return Fall(t, states, np.tile(C, (len(PARTS), 1, 1)), SHARES)


def carried(fall: Fall, t: int) -> Fall:
    """Carry a fall to another time."""
    x, P = _reentry.carry(fall.x, fall.P, fall.weights, (t - fall.t) / SECOND)
    return Fall(t, x, P, fall.weights, fall.refused)


def learnt(fall: Fall, radar: Radar, t: int, z: Array, sigmas: Array) -> Fall | None:
    """Let a plot `z` (4,) of time `t` teach; None where too many in a row did not fit."""
    ahead = carried(fall, t)
    x, P, w, off = _reentry.learn(
        ahead.x, ahead.P, ahead.weights, z, sigmas, radar.r_ecef, radar.enu_from_ecef
    )
    if not np.all(np.isfinite(x)):
        return None
    if off <= GATE:
        kept = w > LIGHT
        return Fall(t, x[kept], P[kept], w[kept] / w[kept].sum())
    if ahead.refused + 1 >= PATIENCE:
        return None
    P = ahead.P.copy()
    P[:, 6, 6] += CHANGED**2
    return Fall(t, ahead.x, P, ahead.weights, ahead.refused + 1)


def to_the_ground(x: Array, drag: Drag) -> Drag:
    """Return the drag that holds from a place (3,) to the ground: as it is there, and as the air may change it."""
    height = max(radial_height(*x[:3].tolist()), 0.0)
    return structs.replace(drag, variance=drag.variance + _reentry.wander(drag.variance) * AHEAD * height)
