"""What a plot that nobody claims may start: its place from the plot, its velocity from a prior.

Four priors (raid-association, births): wide, always; learned from what flew near there before; cued, from a raid that
satellites have seen; and parted, from a body that coasts beside. Where a narrow one is known the wide one keeps a
twentieth, so that a lone body flying elsewhere is born too. Two rows of one plot then compete like any two.
"""

from typing import Final

import numpy as np
from msgspec import Struct
from numba import njit

from tocsin.messages import SECOND, Array
from tocsin.sensors.radar import Radar
from tocsin.tracking import _motion
from tocsin.tracking.association import Indices
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.settings import Settings

NARROW: Final = 300.0  # m/s an axis, least sigma of a learned or cued velocity (raid-association, births)
WIDE_SHARE: Final = 0.05  # of the existence of a birth, once a narrow one stands beside it (the same)
TEACHES: Final = 6  # plots of a row when its velocity becomes a sample (the same)
LESSONS: Final = 30  # the last so many samples near a plot count (the same)
FEWEST: Final = 3  # samples, or bodies in a raid, that make a prior (the same)
REGION: Final = 60_000.0  # m, within which bodies of one raid fly alike (our assumption)
REMEMBERED: Final = 120.0  # s, for which a sample holds (our assumption)
MEDIAN_SIGMA: Final = 1.48  # of a normal law, over its median absolute deviation
PARTED_SIGMA: Final = 30.0  # m/s an axis of what parts from a body (the same)
PARTED_REACH: Final = 400.0  # m, added to the gate of a body from which something may have parted (the same)
PARTED_ODDS: Final = 10.0  # (the same)
BURNING: Final = 0.1  # weight of the boost of what a radar finds: most are out by then (our assumption)
SURE: Final = 0.99  # existence, and weight of the boost, of a row that is what it seems (our assumption)
COASTS: Final = 0.1
WIDE, LEARNED, CUED, PARTED = 0, 1, 2, 3


Bodies = tuple[Indices, Array, Array]  # ids, means (n, 6) and place sigmas (n,) [m]


class Cues(Struct, frozen=True):
    """Where satellites expect bodies that await a radar: `r`, `v` (n, 3), `spread` (n,) of the places [m]."""

    r: Array
    v: Array
    spread: Array


NOBODY: Final = Cues(np.empty((0, 3)), np.empty((0, 3)), np.empty(0))


class Newborn(Struct, frozen=True):
    """Rows to be: of each its plot, state, covariance, weight of the boost, existence, prior and parent's id or 0."""

    plot: Indices
    x: Array
    P: Array
    boost: Array
    r: Array
    prior: Indices
    parent: Indices


class Velocities:
    """Velocities that rows had when they were first plotted, with place and time."""

    def __init__(self) -> None:
        """Start without samples."""
        self.r: Array = np.empty((0, 3))
        self.v: Array = np.empty((0, 3))
        self.t = np.empty(0, dtype=np.int64)

    def learn(self, mean: Array, boost: Array, since: Array, now: int) -> None:
        """Take rows' means (n, 6), carried back `since` (n,) [s] to their first plot, thrust by weight `boost` (n,)."""
        self.r, self.v, self.t = _taught(self.r, self.v, self.t, mean, boost, since, int(now))


def born(
    radar: Radar, look: RadarLook, r_new: Array, settings: Settings, velocities: Velocities, cues: Cues,
    parents: Bodies, most: int,
) -> Newborn:  # fmt: skip
    """Return the rows that plots of existence `r_new` (m,) start: wide ones in their order, then the narrow ones.

    Of more than `most` plots the likeliest start rows. `parents`: coasting bodies from which something may part.
    """
    plots = np.flatnonzero(r_new > settings.least_birth)
    if len(plots) > most:
        plots = np.sort(plots[np.argsort(-r_new[plots], kind="stable")[:most]])
    return Newborn(
        *_rows(
            plots, (look.times - look.end) / SECOND, look.z, look.sigmas, radar.r_ecef, radar.enu_from_ecef,
            settings.birth_speed, r_new, velocities.r, velocities.v, cues.r, cues.v, cues.spread, *parents,
        )
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def _taught(
    r: Array, v: Array, t: Indices, mean: Array, boost: Array, since: Array, now: int
) -> tuple[Array, Array, Indices]:
    """Return the samples that are remembered at `now`, and after them those of rows, as `Velocities.learn` says."""
    n = len(t) + len(mean)
    places, speeds, times, count = np.empty((n, 3)), np.empty((n, 3)), np.empty(n, np.int64), 0
    for i in range(len(t)):
        if (now - t[i]) / SECOND < REMEMBERED:
            for k in range(3):
                places[count, k], speeds[count, k] = r[i, k], v[i, k]
            times[count] = t[i]
            count += 1
    for i in range(len(mean)):
        x, back = mean[i], since[i]
        high = np.sqrt(x[0] ** 2 + x[1] ** 2 + x[2] ** 2)
        fast = np.sqrt(x[3] ** 2 + x[4] ** 2 + x[5] ** 2) + 1e-9
        for k in range(3):
            a = boost[i] * _motion.BOOST_THRUST * x[3 + k] / fast - 9.5 * x[k] / high
            places[count, k] = x[k] - back * x[3 + k] + 0.5 * back * back * a
            speeds[count, k] = x[3 + k] - back * a
        times[count] = now
        count += 1
    return places[:count], speeds[:count], times[:count]


@njit(cache=True, error_model="numpy")
def coasting(
    ids: Indices, mean: Array, C: Array, boost: Array, r: Array, plots: Indices, t: Indices, end: int
) -> Bodies:
    """Return the rows from which something may part: sure, old and coasting, carried to the `end` of a look."""
    n, count = len(ids), 0
    names, x, spread = np.empty(n, np.int64), np.empty((n, 6)), np.empty(n)
    for i in range(n):
        if not (plots[i] > TEACHES and r[i] > SURE and boost[i] < COASTS):
            continue
        ahead = (end - t[i]) / SECOND
        for k in range(3):
            pull = 9.5 * mean[i, k] / 6.4e6
            x[count, k] = mean[i, k] + ahead * mean[i, 3 + k] - 0.5 * ahead**2 * pull
            x[count, 3 + k] = mean[i, 3 + k]
        names[count], spread[count] = ids[i], np.sqrt(C[i, 0, 0] + C[i, 1, 1] + C[i, 2, 2])
        count += 1
    return names[:count], x[:count], spread[:count]


@njit(cache=True, error_model="numpy")
def _rows(
    plots: Indices, since: Array, z: Array, sigmas: Array, site: Array, enu_from_ecef: Array, speed: float,
    r_new: Array, taught_r: Array, taught_v: Array, cue_r: Array, cue_v: Array, cue_spread: Array, ids: Indices,
    mean: Array, spread: Array,
) -> tuple[Indices, Array, Array, Array, Array, Indices, Indices]:  # fmt: skip
    """Return the fields of `Newborn`. `since` (m,): times of the plots [s], after that of `mean` (k, 6)."""
    n = len(plots)
    plot, prior, parent = np.empty(2 * n, np.int64), np.zeros(2 * n, np.int64), np.zeros(2 * n, np.int64)
    x, P, boost, r = np.empty((2 * n, 6)), np.empty((2 * n, 6, 6)), np.full(2 * n, BURNING), np.empty(2 * n)
    v = np.empty(3)
    count = n
    for i in range(n):
        j = plots[i]
        plot[i], r[i] = j, r_new[j]
        x[i], P[i] = _motion.from_plot(z[j], sigmas[j], site, enu_from_ecef, speed)
        kind, sigma, of = _narrow(
            x[i], P[i], since[j], v, taught_r, taught_v, cue_r, cue_v, cue_spread, ids, mean, spread
        )
        if kind == WIDE:
            continue
        plot[count], prior[count], parent[count] = j, kind, of
        x[count], P[count] = x[i], P[i]
        x[count, 3:] = v
        for k in range(3, 6):
            P[count, k, k] = sigma * sigma
        r[i], r[count] = WIDE_SHARE * r[i], (1.0 - WIDE_SHARE) * r[i]
        if kind == PARTED:
            odds = PARTED_ODDS * r_new[j] / (1.0 - r_new[j])
            r[count], boost[count] = odds / (1.0 + odds), 0.0
        count += 1
    return plot[:count], x[:count], P[:count], boost[:count], r[:count], prior[:count], parent[:count]


@njit(cache=True, error_model="numpy")
def _narrow(
    x: Array, P: Array, since: float, v: Array, taught_r: Array, taught_v: Array, cue_r: Array, cue_v: Array,
    cue_spread: Array, ids: Indices, mean: Array, spread: Array,
) -> tuple[int, float, int]:  # fmt: skip
    """Return a plot's narrow prior (WIDE: none), its sigma [m/s] and the parent's id; write its velocity into `v`.

    A body flies ten kilometres in a look of five seconds: it is held against a plot where it was `since` [s].
    """
    place = np.sqrt(P[0, 0] + P[1, 1] + P[2, 2])
    nearest, of = 0.0, 0
    for k in range(len(ids)):
        beyond = _apart(mean[k, :3] + since * mean[k, 3:], x) - 3.0 * (spread[k] + place) - PARTED_REACH
        if beyond < nearest:
            nearest, of = beyond, ids[k]
            v[:] = mean[k, 3:]
    if nearest < 0.0:
        return PARTED, PARTED_SIGMA, of
    count, near = 0, np.empty(len(cue_r), dtype=np.int64)
    for k in range(len(cue_r)):
        if _apart(cue_r[k], x) < REGION / 3.0 + 2.0 * cue_spread[k]:
            near[count] = k
            count += 1
    if count >= FEWEST:
        return CUED, _middle(cue_v, near[:count], v), 0
    count, near = 0, np.empty(LESSONS, dtype=np.int64)
    for k in range(len(taught_r) - 1, -1, -1):
        if count < LESSONS and _apart(taught_r[k], x) < REGION:
            near[count] = k
            count += 1
    if count >= FEWEST:
        return LEARNED, _middle(taught_v, near[:count], v), 0
    return WIDE, 0.0, 0


@njit(cache=True, error_model="numpy")
def _apart(a: Array, b: Array) -> float:
    return np.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2)


@njit(cache=True, error_model="numpy")
def _middle(v: Array, near: Indices, middle: Array) -> float:
    """Write the median of the velocities `near` into `middle` (3,); return a sigma for all axes [m/s]."""
    spread = 0.0
    for k in range(3):
        middle[k] = np.median(v[near, k])
        spread = max(spread, np.median(np.abs(v[near, k] - middle[k])))
    return max(NARROW, 1.5 * MEDIAN_SIGMA * spread)
