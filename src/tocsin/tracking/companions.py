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
    due = [body for body in whole if body.group not in begun and _is_due(body, now)][:MOST_ASKED]
    if not due:
        return []
    for body in due:
        body.asked = True
    falling = [body for body in whole if _falls(body)]
    arcs = [body.radar for body in falling if body.radar is not None]
    x, t = np.array([arc.x for arc in arcs]).reshape(-1, 6), np.array([arc.t for arc in arcs], dtype=np.int64)
    moved: list[Body] = []
    for k, body in enumerate(falling):
        if body not in due:
            continue
        others = np.array([other.group != body.group for other in falling], dtype=np.bool_)
        nearest, far = _nearest(x[k], x, (t[k] - t) / SECOND, others)
        if not far < GROUP_DISTANCE:
            continue
        into, out = falling[nearest].group, body.group
        if into > out and into not in begun:
            into, out = out, into  # the older stays
        those = [b for b in sky.ordered() if b.group == out]
        for one in those:
            one.group = into
        moved += those
    return moved


def _falls(body: Body) -> bool:
    """Say whether a body coasts, and will come down."""
    assert body.radar is not None
    return not body.burning and not stays_up(body.radar.x)


def _is_due(body: Body, now: int) -> bool:
    """Say whether a body's arc is known by now, and nobody has asked where it belongs."""
    assert body.radar is not None
    return not body.asked and ORPHAN_S <= (now - body.radar.first) / SECOND < UNTIL_S


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
