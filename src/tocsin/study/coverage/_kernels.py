"""One launch after the other: its way, who could see it when, and how the chance of a warning grows. SI, radians, ITRF.

Rules, as the tracker and the desk have them (`tracking/settings.py`, `alerting/settings.py`): a launch is declared at
the third infrared detection, of whichever satellites, or once a radar row is proved, at the fourth plot; it is
corroborated when two evidence paths have two detections each.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.earth.ellipsoid import geodetic
from tocsin.messages import Array
from tocsin.sensors._kernels import AGAINST_EARTH, HIDDEN, line_against_earth
from tocsin.study.coverage.arcs import FLOWN, way
from tocsin.study.coverage.boosts import Families
from tocsin.study.coverage.chances import MOST, add, count
from tocsin.study.coverage.watch import EYE_STEP, EYES, Watch

SEEN, WARNED, CORROBORATED = 0, 1, 2
ALL, INFRARED, RADAR = 0, 1, 2  # whose reports count; sensor s left out is 3 + s
DECLARED_BY_INFRARED, DECLARED_BY_RADAR = 3, 4  # detections
PARTS = np.array([0.05, 0.5, 0.95])  # of all cases, by when an event has come
ROWS = 2_600
_SURE = 0.99999
_TURN = 2 * math.pi

Flags = NDArray[np.bool_]


@njit(cache=True, error_model="numpy", nogil=True)
def foresee_batch(
    lat: Array, lon: Array, target: Array, aimed: tuple[Array, Array, Array, NDArray[np.int64]], boosts: Families,
    look: Watch, left_out: bool, chance: Array, when: Array,
) -> None:  # fmt: skip
    """Write for launches at `lat`, `lon` (n,) the chances (n, v, 3) of each event and when it comes (n, v, 3, 3) [s].

    `aimed`: what `arcs.aim_batch` gave; rows not flown stay as they are. Second axis: whose reports count. Events SEEN,
    WARNED, CORROBORATED. Last axis of `when`: PARTS; NaN for what fewer cases come to.
    """
    t, r = np.empty(ROWS), np.empty((ROWS, 3))
    heading, reach, time, status = aimed
    for i in range(len(lat)):
        if status[i] == FLOWN:
            n, end = way(lat[i], lon[i], heading[i], reach[i], time[i], target, boosts, t, r)
            foresee(t[:n], r[:n], end, boosts.burns, look, left_out, chance[i], when[i])


@njit(cache=True, error_model="numpy", nogil=True)
def foresee(
    t: Array, r: Array, end: float, burns: Array, look: Watch, left_out: bool, chance: Array, when: Array
) -> None:
    """Follow one flight, at places `r` (m, 3) at times `t` (m,), burning until `end`; write as `foresee_batch`."""
    sensors = len(look.period)
    variants = 3 + sensors if left_out else 3
    seen_for, weighed = (
        np.zeros(sensors),
        np.zeros(sensors),
    )  # how long visible, and that times the chance of a look
    counts = np.zeros((sensors, MOST + 1))
    counts[:, 0] = 1.0
    open_ = np.ones(variants, dtype=np.bool_)
    now, rows = np.empty(3), np.empty((3, MOST + 1))
    here, at = np.empty(3), math.nan
    is_radar, lag, period = look.is_radar, look.lag, look.period
    counted = _counted(variants, is_radar)
    chance[:] = 0.0
    when[:] = math.nan
    for i in range(1, len(t)):
        middle, dt = 0.5 * (t[i] + t[i - 1]), t[i] - t[i - 1]
        fresh = False
        for s in range(sensors):
            if counts[s, MOST] > _SURE or not (is_radar[s] or t[i - 1] < end):
                continue
            if middle - lag[s] != at:
                at = middle - lag[s]
                _between(at, i, t, r, here)
            p = look_chance(s, here, at, end, burns, look) if at > 0.0 else 0.0
            if p > 0.0:
                if left_out and seen_for[s] == 0.0:  # until now without it was as with all
                    chance[3 + s], when[3 + s] = chance[ALL], when[ALL]
                fresh = True
                seen_for[s] += dt
                weighed[s] += p * dt
                count(seen_for[s] / period[s], weighed[s] / seen_for[s], counts[s])
        if not fresh:
            continue
        for v in range(variants):
            if open_[v] and (v < 3 or seen_for[v - 3] > 0.0):
                _events(counted[v], counts, seen_for, is_radar, look.path, look.shared, rows, now)
                _note(now, t[i - 1], t[i], chance[v], when[v])
                open_[v] = chance[v, CORROBORATED] < _SURE
        if not open_.any():
            break
    if left_out:
        for s in range(sensors):
            if seen_for[s] == 0.0:
                chance[3 + s], when[3 + s] = chance[ALL], when[ALL]


@njit(cache=True, error_model="numpy", nogil=True)
def _note(now: Array, before: float, t: float, chance: Array, when: Array) -> None:
    """Take over the chances `now` (3,) at `t`; note when a part of all cases was passed on the way."""
    for e in range(3):
        for q in range(len(PARTS)):
            if chance[e] < PARTS[q] <= now[e]:
                when[e, q] = before + (t - before) * (PARTS[q] - chance[e]) / (now[e] - chance[e])
        chance[e] = max(chance[e], now[e])


@njit(cache=True, error_model="numpy", nogil=True)
def _counted(variants: int, is_radar: Flags) -> Flags:
    """Say for each variant whose reports count (v, s)."""
    counted = np.ones((variants, len(is_radar)), dtype=np.bool_)
    counted[INFRARED] = ~is_radar
    counted[RADAR] = is_radar
    for v in range(3, variants):
        counted[v, v - 3] = False
    return counted


@njit(cache=True, error_model="numpy", nogil=True)
def _events(counted: Flags, counts: Array, seen_for: Array, is_radar: Flags, path: NDArray[np.int64], shared: Flags,
            rows: Array, out: Array) -> None:  # fmt: skip
    """Write the chances (3,) that by now the events have come, by the reports of those that are `counted` (s,).

    `rows` (3, MOST + 1): room for the numbers of infrared detections, of plots and of one path's.
    """
    rows[:2] = 0.0
    rows[:2, 0] = 1.0
    none, one = 1.0, 0.0  # chances that no path, that one path is a witness
    for s in range(len(seen_for)):
        if not counted[s] or seen_for[s] == 0.0:
            continue
        add(rows[1] if is_radar[s] else rows[0], counts[s])
        witness = 1.0 - counts[s, 0] - counts[s, 1]
        if shared[s]:
            witness = _witness(s, counted, counts, path, rows[2])
        none, one = none * (1.0 - witness), one * (1.0 - witness) + none * witness
    out[SEEN] = 1.0 - rows[0, 0] * rows[1, 0]
    undeclared = rows[0, :DECLARED_BY_INFRARED].sum() * rows[1, :DECLARED_BY_RADAR].sum()
    out[WARNED] = 1.0 - undeclared
    out[CORROBORATED] = min(1.0 - none - one, out[WARNED])


@njit(cache=True, error_model="numpy", nogil=True)
def _witness(s: int, counted: Flags, counts: Array, path: NDArray[np.int64], row: Array) -> float:
    """Return the chance that the path of `s` has two detections; 0 where an earlier sensor has spoken for it."""
    row[:] = counts[s]
    for k in range(len(path)):
        if k != s and path[k] == path[s] and counted[k] and counts[k, 0] < 1.0:
            if k < s:
                return 0.0
            add(row, counts[k])
    return 1.0 - row[0] - row[1]


@njit(cache=True, error_model="numpy", nogil=True)
def _between(at: float, i: int, t: Array, r: Array, here: Array) -> None:
    """Write where the flight is at time `at`, which lies before row `i`, not far."""
    while i > 1 and t[i - 1] > at:
        i -= 1
    f = (at - t[i - 1]) / (t[i] - t[i - 1])
    for k in range(3):
        here[k] = r[i - 1, k] + f * (r[i, k] - r[i - 1, k])


@njit(cache=True, error_model="numpy", nogil=True)
def look_chance(s: int, r: Array, at: float, end: float, burns: Array, look: Watch) -> float:
    """Return the chance that sensor `s` detects the flight, at `r` (3,) at time `at`, in a look."""
    if look.is_radar[s]:
        return _plotted(r, look.site[s], look.axes[s], look.sector[s], look.echo[s], look.chance[s])
    if not _burning(at, end, burns):
        return 0.0
    lat, lon, height = geodetic(r[0], r[1], r[2])
    if height < look.cloud_top[s]:
        return 0.0
    platform = look.eyes[s, 0]
    if look.moves[s]:
        k = min(int(at / EYE_STEP), EYES - 2)
        f = at / EYE_STEP - k
        platform = (1 - f) * look.eyes[s, k] + f * look.eyes[s, k + 1]
    if not _in_view(platform, r, look.disk[s], look.limb[s]):
        return 0.0
    if look.framed[s] and not _framed(s, math.degrees(lat), math.degrees(lon), look.edges):
        return 0.0
    return look.chance[s]


@njit(cache=True, error_model="numpy", nogil=True)
def _burning(at: float, end: float, burns: Array) -> bool:
    if at >= end:
        return False
    return bool(np.any((burns[:, 0] <= at) & (at < burns[:, 1])))


@njit(cache=True, error_model="numpy", nogil=True)
def _in_view(platform: Array, r: Array, disk: bool, limb: float) -> bool:
    """Say whether a line of sight is free and before a background that the sensor can bear (`sensors/infrared.py`)."""
    background, tangent_height = line_against_earth(platform, r)
    if background == HIDDEN:
        return False
    if background == AGAINST_EARTH:
        return disk
    return tangent_height <= limb or not (disk or limb != 0.0)


@njit(cache=True, error_model="numpy", nogil=True)
def _framed(s: int, lat: float, lon: float, edges: Array) -> bool:
    """Say whether a place [deg] lies in one of the polygons of a sensor's field, by the even-odd rule."""
    inside, polygon = False, -1.0
    for row in edges:
        if row[0] != s:
            continue
        if row[1] != polygon:
            if inside:
                return True
            polygon = row[1]
        if (row[2] > lat) != (row[4] > lat):
            x = row[6] + (lon - row[6]) % 360.0
            if x < row[3] + (lat - row[2]) * (row[5] - row[3]) / (row[4] - row[2]):
                inside = not inside
    return inside


@njit(cache=True, error_model="numpy", nogil=True)
def _plotted(r: Array, site: Array, axes: Array, sector: Array, echo: Array, chance: float) -> float:
    """Return the chance that a radar plots in one look what is at `r` (3,)."""
    d0, d1, d2 = r[0] - site[0], r[1] - site[1], r[2] - site[2]
    far = math.sqrt(d0 * d0 + d1 * d1 + d2 * d2)
    if not sector[4] < far <= sector[5]:
        return 0.0
    rise = (axes[2, 0] * d0 + axes[2, 1] * d1 + axes[2, 2] * d2) / far
    if not math.sin(sector[2]) <= rise <= math.sin(sector[3]):
        return 0.0
    east = axes[0, 0] * d0 + axes[0, 1] * d1 + axes[0, 2] * d2
    north = axes[1, 0] * d0 + axes[1, 1] * d1 + axes[1, 2] * d2
    azimuth = math.atan2(east, north)
    if sector[1] < _TURN and (azimuth - sector[0]) % _TURN > sector[1]:
        return 0.0
    return chance if math.isnan(echo[6]) else _heard(far, azimuth, rise, echo)


@njit(cache=True, error_model="numpy", nogil=True)
def _heard(far: float, azimuth: float, rise: float, echo: Array) -> float:
    """Return the chance to hear a body of 1 m², by Swerling's case 1 (`sensors/echo.py`)."""
    gain = 1.0
    if echo[5] > 0.0:
        level = math.sqrt(1.0 - rise * rise)
        cosine = level * math.sin(azimuth) * echo[2] + level * math.cos(azimuth) * echo[3] + rise * echo[4]
        gain = max(cosine, 0.0) ** echo[5]
    return math.exp(echo[1] / (1.0 + echo[0] * gain / far**4))
