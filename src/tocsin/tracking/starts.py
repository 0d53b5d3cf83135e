"""Where a fit may begin: launches and profiles of each class that pass near the sights, a few of each."""

from functools import cache
from typing import Final

import numpy as np
from msgspec.structs import replace

from tocsin.constants import EARTH_RADIUS
from tocsin.earth.ellipsoid import enu_from_ecef, geodetic_from_ecef
from tocsin.messages import Array
from tocsin.tracking._boost import COASTS, USUAL_GAP, fly, natural
from tocsin.tracking._sight import at_heights
from tocsin.tracking.profile import CLASSES, GAP, LAUNCH_SIZE, PITCH_SIZE, tables
from tocsin.tracking.sightings import Sights

STEP: Final = 4.0  # s, integration step of the fit
CLOUD_BREAKS: Final = (0.75, 0.95, 1.2, 1.5, 1.9)  # of the template's time through the clouds
HOLE: Final = 20.0  # s between sightings, from which a coast between stages is tried,
SCARCE: Final = 3.0  # and of the median time between them
FEWEST: Final = 3  # sightings before it
AFTER_SEEN: Final = 3.0  # s, for which a stage burns beyond its first and last sighting, to begin with

HEADINGS: Final = np.arange(0.0, 2 * np.pi, np.radians(15))  # tried, with their directions east and north
ALONG: Final = np.column_stack([np.sin(HEADINGS), np.cos(HEADINGS)])
FIRST_BURN: Final = LAUNCH_SIZE + PITCH_SIZE + 2  # the parameter of the first stage's burn

Start = tuple[int, Array, Array]  # class, reference launch (4,), parameters


@cache
def template(index: int) -> tuple[Array, Array, Array]:
    """Return times [s], heights and down-range distances [m] of a class's mean flight, every second."""
    vehicle = CLASSES[index]
    w = np.zeros(vehicle.size)
    pitch, stages, g, f = natural(w, tables()[index], len(vehicle.stages), vehicle.freedom)
    times = np.arange(0.0, float(stages[-1, 0] + stages[-1, 1]) + 1.0)
    launch = np.array([0.5, 0.0, 0.0, 0.0])
    states = fly(launch, 0.0, pitch, stages, g, f, vehicle.duration, times, STEP)
    heights = np.array([geodetic_from_ecef(x[:3])[2] for x in states])
    up = states[0, :3] / np.linalg.norm(states[0, :3])
    angle = np.arccos(np.clip(states[:, :3] @ up / np.linalg.norm(states[:, :3], axis=1), -1.0, 1.0))
    return times, heights, angle * EARTH_RADIUS


def of(index: int, sights: Sights) -> list[Start]:
    """Return starts (class, reference launch, parameters): two of time and heading, times the staging times.

    Of those whose first stage still burns at the last sighting one will do: they have flown alike.
    """
    starts = []
    for reference in _headings(index, sights):
        since = float(sights.times[-1] - reference[2])
        ends = _first_burns(index)
        burning = [shift for shift, end in ends.items() if end >= since]
        for shift in [shift for shift in ends if shift not in burning] + sorted(burning, key=abs)[:1]:
            w = np.zeros(CLASSES[index].size + 2 * len(sights.sensors))
            w[FIRST_BURN] = shift
            starts.append((index, reference, w))
    return starts + _coasting(index, sights)


def _coasting(index: int, sights: Sights) -> list[Start]:
    """Return starts as of `of` that coast between two stages where the sights have a hole; mostly none.

    What was seen before it tells where they began.
    """
    kind, times = CLASSES[index], sights.times
    apart = np.diff(times)
    k = int(np.argmax(apart)) + 1
    if k < FEWEST or len(kind.stages) == 1 or apart[k - 1] < max(HOLE, SCARCE * float(np.median(apart))):
        return []
    starts = []
    for reference in _headings(index, _first(sights, k)):
        for last in range(len(kind.stages) - 1):
            w = np.zeros(kind.size + 2 * len(sights.sensors))
            burns = FIRST_BURN + 5 * np.arange(last + 1)
            until = float(times[k - 1] - reference[2]) + AFTER_SEEN
            longer = np.log(until / sum(stage.burn for stage in kind.stages[: last + 1]))
            w[burns] = [longer / stage.burn_sigma for stage in kind.stages[: last + 1]]
            w[burns[-1] + 2] = (_gap_parameter(float(apart[k - 1]) - 2.0 * AFTER_SEEN) - GAP) / GAP
            starts.append((index, reference, w))
    return starts


def _gap_parameter(seconds: float) -> float:
    """Return the parameter of a long gap (`_boost.gap`)."""
    return USUAL_GAP + (np.sqrt(1.0 + 4.0 * COASTS * max(seconds - USUAL_GAP, 0.0)) - 1.0) / (2.0 * COASTS)


def _first(sights: Sights, count: int) -> Sights:
    """Return the first sights alone."""
    rows = ("times", "u", "e1", "e2", "platform", "sigma", "satellite", "strays")
    return replace(sights, **{name: getattr(sights, name)[:count] for name in rows})


@cache
def _first_burns(index: int) -> dict[float, float]:
    """Return how long the first stage burns [s], by the sigmas of its prior; a class of one stage has one start."""
    kind = CLASSES[index]
    found = {}
    for shift in (0.0,) if len(kind.stages) == 1 else (-1.5, 0.0, 1.5):
        w = np.zeros(kind.size)
        w[FIRST_BURN] = shift
        found[shift] = float(natural(w, tables()[index], len(kind.stages), kind.freedom)[1][0, 1])
    return found


def _headings(index: int, sights: Sights) -> list[Array]:
    """Return the two best launches (4,) of a class: project the sights on its height at several times, regress."""
    times, heights, ranges = template(index)
    found: list[tuple[float, float, Array, float, Array]] = []
    for since in _ages(sights, times, heights):
        tau = sights.times + since
        points = at_heights(sights.platform, sights.u, np.interp(tau, times, heights))
        if np.all(np.isfinite(points)):
            found += [(*row, -since, points) for row in _regress(points, np.interp(tau, times, ranges))]
    found.sort(key=lambda row: row[0])
    best: list[Array] = []
    for _, heading, back, time, points in found:
        if all(abs((heading - other[3] + np.pi) % (2 * np.pi) - np.pi) > np.radians(50) for other in best):
            lat, lon, _ = geodetic_from_ecef(points[0] + back)
            best.append(np.array([lat, lon, time, heading]))
        if len(best) == 2:
            break
    return best


def _ages(sights: Sights, times: Array, heights: Array) -> list[float]:
    """Return how long after launch the first sighting may be [s]: about cloud break, and where two lines cross."""
    cloud_break = max(float(np.interp(sights.cloud_top, heights, times)), 10.0)
    ages = [cloud_break * factor for factor in CLOUD_BREAKS]
    crossing = _crossing_height(sights)
    if crossing is not None:
        ages.append(float(np.interp(crossing, heights, times)))
    return ages


def _crossing_height(sights: Sights) -> float | None:
    """Return the height [m] where the first line of one satellite passes nearest the next of another, if one does."""
    other = np.flatnonzero(
        (sights.satellite != sights.satellite[0]) & (sights.times - sights.times[0] < 15.0)
    )
    if not len(other):
        return None
    j = int(other[0])
    A = np.column_stack([sights.u[0], -sights.u[j]])
    along = np.linalg.lstsq(A, sights.platform[j] - sights.platform[0], rcond=None)[0]
    middle = 0.5 * (sights.platform[0] + along[0] * sights.u[0] + sights.platform[j] + along[1] * sights.u[j])
    return float(geodetic_from_ecef(middle)[2])


def _regress(points: Array, ranges: Array) -> list[tuple[float, float, Array]]:
    """Return (misfit, heading, launch less the first point (3,)) of the six headings that fit down range best."""
    lat, lon, _ = geodetic_from_ecef(points[0])
    axes = enu_from_ecef(lat, lon)[:2]
    flat = (points - points[0]) @ axes.T
    middle, middle_range = flat.mean(axis=0), ranges.mean()
    off = flat - middle
    lead = ranges - middle_range
    misfits = np.sum(off**2) + np.sum(lead**2) - 2.0 * ALONG @ (lead @ off)
    return [
        (float(misfits[k]), float(HEADINGS[k]), (middle - middle_range * ALONG[k]) @ axes)
        for k in np.argsort(misfits, kind="stable")[:6]
    ]
