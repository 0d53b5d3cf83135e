"""What sightings are that are no launch: strays, flashes that several satellites see, a source that stands still.

Each reading is the log density of the sightings under it. Design and rates: launch-from-angles (2026-11), section 6.
"""

from typing import Final

import numpy as np

from tocsin.messages import SECOND, Array
from tocsin.tracking._sight import at_height, still
from tocsin.tracking.clutter import GROUND, VIEW, footprint
from tocsin.tracking.sightings import Sighting

FLASH: Final = (1.0, 5.0)  # s, for which a flash lasts (the same); all satellites may see it at once
FLASH_S: Final = 6.0  # over which three sightings must spread to be more than one
FLASH_SHARE: Final = 0.1  # of strays that are flashes, which others may see too (our assumption)
FLASH_HEIGHT, FLASH_HEIGHT_SIGMA = 6_000.0, 4_000.0  # m (our assumption: up to 12 km)
GROUND_SIGMA: Final = 1_500.0  # m, of the height of a source that stands still
MOST_WITH_STRAY: Final = 5  # sightings, of which one may be a stray beside a source that stands still
HOUR: Final = 3600.0


def dull(sightings: list[Sighting], rate: float, period: float, p: float) -> float:
    """Return the log density of sightings under the likeliest dull reading, as of a source seen in all these looks.

    `rate`: new sources that stand still an hour in view of a satellite, looked at each `period` [s] and seen with
    probability `p`.
    """
    source = np.log(rate) + first(sightings, period)
    readings = [flashing(sightings) - np.log(p) * len(sightings), source + standing(sightings)[0]]
    if 1 < len(sightings) <= MOST_WITH_STRAY:
        missed = np.log((1.0 - min(p, 0.99)) / p)
        for i, s in enumerate(sightings):
            readings.append(source + standing(sightings[:i] + sightings[i + 1 :])[0] + missed + s.stray)
    return float(max(*readings, each_its_own(sightings, rate, period, p)))


def each_its_own(sightings: list[Sighting], rate: float, period: float, p: float) -> float:
    """Return the log density of sightings of which each satellite has its own: a source that stands still, or strays.

    Glints off clouds and water are for one satellite alone, and of fires near one another each may see another. Minus
    infinity where not two satellites have seen more than one: that is a source and a stray.
    """
    own: dict[str, list[Sighting]] = {}
    for s in sightings:
        own.setdefault(s.sensor, []).append(s)
    if sum(len(those) > 1 for those in own.values()) < 2:
        return -float("inf")
    return sum(
        max(
            sum(s.stray - np.log(p) for s in those),
            np.log(rate) + first(those, period) + standing(those)[0],
        )
        for those in own.values()
    )


def first(sightings: list[Sighting], period: float) -> float:
    """Return the log density [1/sr] of the first of them, for one new source an hour in its satellite's view."""
    platform, u = sightings[0].platform, sightings[0].u
    return float(np.log(period / HOUR / VIEW * footprint(platform, u, at_height(platform, u, GROUND))))


def standing(
    sightings: list[Sighting], height: float = GROUND, height_sigma: float = GROUND_SIGMA
) -> tuple[float, Array]:
    """Return the log likelihood of the later sightings given the first, for one source that stands still, and where.

    Its `height` and `height_sigma` in metres: by default those of a source on the ground.
    """
    return still(
        np.array([s.platform for s in sightings]), np.array([s.u for s in sightings]),
        np.array([s.e1 for s in sightings]), np.array([s.e2 for s in sightings]),
        np.array([s.variance for s in sightings]), height, height_sigma,
    )  # fmt: skip


def flashing(sightings: list[Sighting]) -> float:
    """Return the log density of sightings as strays, of which those within a few seconds may be one flash.

    What several satellites see at once they see independently only if it is their own noise.
    """
    total, rest = 0.0, sorted(sightings, key=lambda s: s.key)
    while rest:
        begun = rest[0]
        ages = [(s.time - begun.time) / SECOND for s in rest]
        group = [s for s, age in zip(rest, ages, strict=True) if age < FLASH[1]]
        apart = sum(s.stray for s in group)
        rest = rest[len(group) :]
        if len(group) > 1:
            one = float(np.log(FLASH_SHARE * lasting(ages[len(group) - 1])))
            one += begun.stray + standing(group, FLASH_HEIGHT, FLASH_HEIGHT_SIGMA)[0]
            apart = max(apart, one)
        total += apart
    return total


def lasting(age: float) -> float:
    """Return the probability that a flash seen at one time still shines `age` [s] later.

    Flashes last for `FLASH`, evenly; longer ones are seen more often.
    """
    short, long = FLASH
    if age < short:
        return 1.0 - 2.0 * age / (short + long)
    return (long - age) ** 2 / (long**2 - short**2)
