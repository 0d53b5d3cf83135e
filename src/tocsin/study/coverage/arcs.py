"""Flights from any place to a target: a boost of a family set down there, then a vacuum arc that ends at the target.

Set down, the boost gains the speed of the ground, as a body in a field of gravity that pulls it back to the place it
left (in first order; the rest is under two kilometres at burnout, `tests/study/coverage/test_arcs.py`). Heading and
range are then corrected until the arc, with J2 to J4 and the turning Earth, lands within a kilometre.

Angles [rad], lengths [m], times [s]; ITRF.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.constants import EARTH_RATE
from tocsin.earth.ellipsoid import azimuth, distance, ecef_from_geodetic, enu_from_ecef, geodetic
from tocsin.flight.coast import OK
from tocsin.flight.drift import fall, propagate
from tocsin.messages import Array
from tocsin.study.coverage.boosts import PULL, SAMPLES, Families

FLOWN, TOO_FAR, TOO_NEAR, MISSED = 0, 1, 2, 3
BOOST_STEP, COAST_STEP = 1.0, 10.0
_LEG = 60.0  # between states on the arc, joined by cubics good to metres
_ROUNDS = 25
_CLOSE = 1_000.0
_TURN = 2 * math.pi

Status = NDArray[np.int64]


class Member(NamedTuple):
    """A family between two: `first`, `part` say which and how far; other fields as in `boosts.Family`."""

    first: int
    part: float
    ranges: Array
    ends: Array
    states: Array
    slow: Array


@njit(cache=True, error_model="numpy", nogil=True)
def member(lat: float, bearing: float, boosts: Families) -> Member:
    """Return the family for a launch at `lat` towards `bearing`, by the speed that the ground lends there."""
    i, w = 0, 0.0
    j = 0
    if len(boosts.lent) > 1:
        i, w = _between(math.cos(lat) * math.sin(bearing), boosts.lent)
        j = i + 1
    return Member(
        i,
        w,
        (1 - w) * boosts.ranges[i] + w * boosts.ranges[j],
        (1 - w) * boosts.ends[i] + w * boosts.ends[j],
        (1 - w) * boosts.states[i] + w * boosts.states[j],
        (1 - w) * boosts.slow[i] + w * boosts.slow[j],
    )


@njit(cache=True, error_model="numpy", nogil=True)
def aim(lat: float, lon: float, target: Array, boosts: Member) -> tuple[float, float, float, int]:
    """Return heading, range of the family's member, time of flight and status of a launch at `target` (2,)."""
    wanted = distance(lat, lon, target[0], target[1])
    bearing = azimuth(lat, lon, target[0], target[1])
    if wanted > 1.5 * boosts.ranges[-1]:
        return math.nan, math.nan, math.nan, TOO_FAR
    heading, reach = bearing, wanted
    for _ in range(_ROUNDS):
        if reach > boosts.ranges[-1]:
            if reach > 1.3 * boosts.ranges[-1]:
                return math.nan, math.nan, math.nan, TOO_FAR
            reach_now = boosts.ranges[-1]
        elif reach < boosts.ranges[0]:
            reach_now = boosts.ranges[0]
        else:
            reach_now = reach
        x, end, slow = burnout(lat, lon, heading, reach_now, boosts)
        y, time, _, status = fall(x)
        if status != OK:
            return math.nan, math.nan, math.nan, MISSED
        lat1, lon1, _ = geodetic(y[0], y[1], y[2])
        along = distance(lat, lon, lat1, lon1)
        aside = (bearing - azimuth(lat, lon, lat1, lon1) + math.pi) % _TURN - math.pi
        if reach_now == reach and abs(wanted - along) < _CLOSE and abs(aside) * min(wanted, along) < _CLOSE:
            return heading % _TURN, reach, end + time + slow, FLOWN
        step = wanted - along
        if reach_now != reach and step * (reach - reach_now) > 0.0:
            return math.nan, math.nan, math.nan, TOO_FAR if step > 0.0 else TOO_NEAR
        reach = reach_now + step
        heading += aside
    return math.nan, math.nan, math.nan, MISSED


@njit(cache=True, error_model="numpy", nogil=True)
def aim_batch(lat: Array, lon: Array, target: Array, boosts: Families) -> tuple[Array, Array, Array, Status]:
    """Aim launches at `lat`, `lon` (n,): headings, ranges, times of flight and status (n,) as in `aim`."""
    n = len(lat)
    heading, reach, time, status = np.empty(n), np.empty(n), np.empty(n), np.empty(n, dtype=np.int64)
    for i in range(n):
        heading[i], reach[i], time[i], status[i] = aim(
            lat[i], lon[i], target, member(lat[i], azimuth(lat[i], lon[i], target[0], target[1]), boosts)
        )
    return heading, reach, time, status


@njit(cache=True, error_model="numpy", nogil=True)
def burnout(
    lat: float, lon: float, heading: float, reach: float, boosts: Member
) -> tuple[Array, float, float]:
    """Return the state (6,) at burnout, when that is, and by how much air will delay the landing."""
    k, w = _between(reach, boosts.ranges)
    end = (1 - w) * boosts.ends[k] + w * boosts.ends[k + 1]
    up, ahead, climb, speed = (1 - w) * boosts.states[k] + w * boosts.states[k + 1]
    r0 = ecef_from_geodetic(lat, lon, 0.0)
    axes = enu_from_ecef(lat, lon)
    r = _placed(r0, axes, heading, up, ahead, end)
    forward = math.sin(heading) * axes[0] + math.cos(heading) * axes[1]
    v = climb * axes[2] + speed * forward
    lent = EARTH_RATE * math.cos(PULL * end)
    v[0] -= lent * r0[1]
    v[1] += lent * r0[0]
    c, s = math.cos(EARTH_RATE * end), math.sin(EARTH_RATE * end)
    x = np.empty(6)
    x[:3] = r
    x[3] = c * v[0] + s * v[1] + EARTH_RATE * r[1]
    x[4] = c * v[1] - s * v[0] - EARTH_RATE * r[0]
    x[5] = v[2]
    return x, end, (1 - w) * boosts.slow[k] + w * boosts.slow[k + 1]


@njit(cache=True, error_model="numpy", nogil=True)
def way(lat: float, lon: float, heading: float, reach: float, time: float, target: Array, boosts: Families,
        t: Array, r: Array) -> tuple[int, float]:  # fmt: skip
    """Write the flight's times to `t` (m,) and places to `r` (m, 3); return how many and the time of burnout.

    Steps of BOOST_STEP at most up to burnout, of COAST_STEP after it; the landing is the last row, if `m` allows.
    """
    own = member(lat, azimuth(lat, lon, target[0], target[1]), boosts)
    x, end, slow = burnout(lat, lon, heading, reach, own)
    r0, axes = ecef_from_geodetic(lat, lon, 0.0), enu_from_ecef(lat, lon)
    k, w = _between(reach, own.ranges)
    first = boosts.paths[own.first]
    other = boosts.paths[min(own.first + 1, len(boosts.paths) - 1)]
    steps = math.ceil(end / BOOST_STEP)
    for i in range(steps + 1):
        t[i] = end * i / steps
        place = min((SAMPLES - 1) * i / steps, SAMPLES - 1.000001)
        j = int(place)
        f, p = place - j, own.part
        up = (1 - p) * _sample(first, k, w, j, f, 0) + p * _sample(other, k, w, j, f, 0)
        ahead = (1 - p) * _sample(first, k, w, j, f, 1) + p * _sample(other, k, w, j, f, 1)
        r[i] = _placed(r0, axes, heading, up, ahead, t[i])
    return _coast(x, end, time - slow, steps + 1, t, r), end


@njit(cache=True, error_model="numpy", nogil=True)
def _sample(paths: Array, k: int, w: float, j: int, f: float, i: int) -> float:
    low = (1 - f) * paths[k, j, i] + f * paths[k, j + 1, i]
    high = (1 - f) * paths[k + 1, j, i] + f * paths[k + 1, j + 1, i]
    return (1 - w) * low + w * high


@njit(cache=True, error_model="numpy", nogil=True)
def _coast(x: Array, now: float, last: float, n: int, t: Array, r: Array) -> int:
    """Go on from row `n` along the arc from the state `x` (6,) at `now` until `last`."""
    start, reached = now, now
    y = x
    while reached < last and n < len(t):
        reached = min(now + COAST_STEP, last)
        while reached - start > _LEG:
            x, start = propagate(x, _LEG)[0], start + _LEG
            y = x
        if y is x:
            y = propagate(x, _LEG)[0]
        s = (reached - start) / _LEG
        for i in range(3):
            a = 2 * (x[i] - y[i]) + _LEG * (x[3 + i] + y[3 + i])
            b = 3 * (y[i] - x[i]) - _LEG * (2 * x[3 + i] + y[3 + i])
            r[n, i] = x[i] + s * (_LEG * x[3 + i] + s * (b + s * a))
        t[n] = reached
        now = reached
        n += 1
    return n


@njit(cache=True, error_model="numpy", nogil=True)
def _placed(r0: Array, axes: Array, heading: float, up: float, ahead: float, t: float) -> Array:
    """Return where a body is, in axes turned with the Earth, that is `up` and `ahead` of a launch from `r0` (3,)."""
    sine, cosine = math.sin(heading), math.cos(heading)
    lent = EARTH_RATE * math.sin(PULL * t) / PULL
    x = r0[0] + up * axes[2, 0] + ahead * (sine * axes[0, 0] + cosine * axes[1, 0]) - lent * r0[1]
    y = r0[1] + up * axes[2, 1] + ahead * (sine * axes[0, 1] + cosine * axes[1, 1]) + lent * r0[0]
    z = r0[2] + up * axes[2, 2] + ahead * (sine * axes[0, 2] + cosine * axes[1, 2])
    c, s = math.cos(EARTH_RATE * t), math.sin(EARTH_RATE * t)
    return np.array((c * x + s * y, c * y - s * x, z))


@njit(cache=True, error_model="numpy", nogil=True)
def _between(reach: float, ranges: Array) -> tuple[int, float]:
    """Return the knot at or below `reach` and the part of the way to the next."""
    k = min(max(int(np.searchsorted(ranges, reach)) - 1, 0), len(ranges) - 2)
    return k, (reach - ranges[k]) / (ranges[k + 1] - ranges[k])
