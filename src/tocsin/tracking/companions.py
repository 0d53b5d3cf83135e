"""Bodies that radars found alone and that fly the arc of another, a minute or two apart: of one event with it.

Arcs of one launch area in one direction coincide on the turning Earth, shifted in time. A body that rose under a radar
is founded before its arc is known; a little later it shows where it belongs.
"""

import math
from typing import Final

import numpy as np
from numba import njit

from tocsin.flight.coast import propagate
from tocsin.messages import SECOND, Array
from tocsin.tracking.association import Flags
from tocsin.tracking.body import Body
from tocsin.tracking.declaration import GROUP_DISTANCE, GROUP_TIME
from tocsin.tracking.founding import ORPHAN_S
from tocsin.tracking.sky import Sky
from tocsin.tracking.unwatched import stays_up

UNTIL_S: Final = 180.0  # s from the first plot, until which a body is asked where it belongs (our assumption)
ALIKE: Final = 700.0  # m/s, within which bodies fly one arc (our assumption)
PULL: Final = 9.5  # m/s², of the Earth low over its surface
EVERY: Final = 10 * SECOND  # after which others are asked: it takes all bodies' arcs
MOST_ASKED: Final = 16  # bodies then, each once: the work of a look is bounded


def joined(sky: Sky, now: int) -> list[Body]:
    """Put bodies of events that no satellite saw begin into the event of a body whose arc they fly; return the moved.

    Not before `ORPHAN_S`: until then one may turn out to be a piece.
    """
    if now - sky.asked < EVERY:
        return []
    sky.asked = now
    whole = [body for body in sky.followed() if body.parent is None]
    if len({body.group for body in whole}) < 2:
        return []  # all are of one event already
    begun = {body.group for body in sky.bodies.values() if body.burn is not None}  # satellites saw them begin
    alone = [body for body in whole if body.group not in begun and _is_due(body, now)][:MOST_ASKED]
    arcs = _Arcs(whole) if alone else None
    moved: list[Body] = []
    for body in alone:
        body.asked = True
        assert arcs is not None
        other = arcs.companion(body)
        if other is None:
            continue
        into, out = other.group, body.group
        if into > out and into not in begun:
            into, out = out, into  # the older stays
        those = [b for b in sky.ordered() if b.group == out]
        for one in those:
            one.group = into
        moved += those
    return moved


class _Arcs:
    """What bodies fly that coast and will come down, as arrays, for one look."""

    def __init__(self, whole: list[Body]) -> None:
        """Gather them."""
        rows = [(body, body.radar) for body in whole if not body.burning and body.radar is not None]
        x = np.array([radar.x for _, radar in rows]).reshape(-1, 6)
        falls = ~_stay_up(x)
        self._bodies = [body for (body, _), down in zip(rows, falls.tolist(), strict=True) if down]
        self._x = x[falls]
        self._t = np.array([radar.t for _, radar in rows], dtype=np.int64)[falls]

    def companion(self, body: Body) -> Body | None:
        """Return the body of another event whose arc one flies, the nearest, then first."""
        if body not in self._bodies:
            return None
        k = self._bodies.index(body)
        other = np.array([b.group != body.group for b in self._bodies], dtype=np.bool_)
        dt = (self._t[k] - self._t) / SECOND
        nearest, far = _nearest(self._x[k], self._x, dt, other)
        return self._bodies[nearest] if far < GROUP_DISTANCE else None


def _is_due(body: Body, now: int) -> bool:
    """Say whether a body's arc is known by now, and nobody has asked where it belongs."""
    assert body.radar is not None
    return not body.asked and ORPHAN_S <= (now - body.radar.first) / SECOND < UNTIL_S


@njit(cache=True, error_model="numpy")
def _stay_up(X: Array) -> Flags:
    up = np.empty(len(X), dtype=np.bool_)
    for k in range(len(X)):
        up[k] = stays_up(X[k])
    return up


@njit(cache=True, error_model="numpy")
def _nearest(x: Array, Y: Array, dt: Array, other: Flags) -> tuple[int, float]:
    """Return which of the arcs (n, 6), known `dt` (n,) [s] earlier, a state (6,) lies least beside, and how far [m]."""
    best, least = 0, math.inf
    for k in range(len(Y)):
        far = beside(x, Y[k], dt[k]) if other[k] else math.inf
        if far < least:
            best, least = k, far
    return best, least


@njit(cache=True, error_model="numpy")
def beside(x: Array, y: Array, dt: float) -> float:
    """Return how far [m] a state (6,) lies beside the arc of another (6,) known `dt` [s] earlier.

    Infinity where the arc comes by more than `GROUP_TIME` earlier or later, or more than `ALIKE` faster.
    """
    if not _may_be_beside(x, y, dt):
        return math.inf
    shift = 0.0
    for _ in range(4):  # along the arc, to where it is nearest
        near = propagate(y, dt + shift, 0.0)
        off, v = x[:3] - near[:3], near[3:]
        shift += np.dot(off, v) / np.dot(v, v)
        if not abs(shift) < 2.0 * GROUP_TIME:
            return math.inf
    near = propagate(y, dt + shift, 0.0)
    off = x - near
    if abs(shift) > GROUP_TIME or np.dot(off[3:], off[3:]) > ALIKE * ALIKE:
        return math.inf
    return math.sqrt(np.dot(off[:3], off[:3]))


@njit(cache=True, error_model="numpy")
def _may_be_beside(x: Array, y: Array, dt: float) -> bool:
    """Say whether `beside` may find a state beside an arc, under a pull that is the same all along: a few km off."""
    height = math.sqrt(y[0] * y[0] + y[1] * y[1] + y[2] * y[2])
    shift = off = faster = 0.0
    for _ in range(4):
        along = fast = off = faster = 0.0
        t = dt + shift
        for i in range(3):
            pull = -PULL * y[i] / height
            v = y[3 + i] + pull * t
            d = x[i] - y[i] - (y[3 + i] + 0.5 * pull * t) * t
            along += d * v
            fast += v * v
            off += d * d
            faster += (x[3 + i] - v) ** 2
        shift += along / fast
    near = abs(shift) < 1.2 * GROUP_TIME and off < (1.5 * GROUP_DISTANCE) ** 2
    return near and faster < (1.5 * ALIKE) ** 2
