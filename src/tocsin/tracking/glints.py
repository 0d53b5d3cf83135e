"""Sunlight off high cloud: about the point that mirrors the Sun more of what a satellite sees is nobody's.

Patches of such light come and go there for hours, and what seems to drift among them flies as well as any rocket. How
far from the mirror point they lie: by how level plates of ice float in cloud (docs/explanation/background.md). Each
satellite has a mirror point of its own. Off waves the light comes from a tenth of the disk, where the memory of strays
(`clutter.py`) soon tells how much of it there is; it is not weighed here.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import structs

from tocsin.constants import EARTH_RADIUS
from tocsin.earth.glint import glint_angles
from tocsin.messages import Array
from tocsin.tracking._sight import at_heights
from tocsin.tracking.clutter import footprint
from tocsin.tracking.sightings import Sighting

HEIGHT: Final = 10_000.0  # m, of what throws the light
TILT: Final = 0.026  # rad an axis: the plates float within a degree or two of level
PATCHES: Final = 1.0  # of one look (our assumption)


def weighed(sightings: Sequence[Sighting], sun: Array | None) -> tuple[Sighting, ...]:
    """Return the sightings of one look with strays about them at least as dense as sunlight off cloud.

    `sun` (3,): where the Sun stands [m, ITRF]; None where that is not known.
    """
    if sun is None or not sightings:
        return tuple(sightings)
    densest = log_density(
        np.array([s.platform for s in sightings]), np.array([s.u for s in sightings]), sun
    ).tolist()
    return tuple(
        structs.replace(s, stray=density) if density > s.stray else s
        for s, density in zip(sightings, densest, strict=True)
    )


def log_density(platform: Array, u: Array, sun: Array) -> Array:
    """Return the log density (n,) [1/sr] of glints in one look about directions `u` (n, 3) from `platform` (n, 3).

    Minus infinity where the Sun is below the horizon, or far from the mirror point.
    """
    r = at_heights(platform, u, np.full(len(u), HEIGHT))
    tilt = glint_angles(r, platform[0], sun)
    # Per area of ground, by the angle between one place's vertical and the next.
    about = np.exp(-0.5 * np.square(tilt / TILT)) / (2 * np.pi * (TILT * EARTH_RADIUS) ** 2)
    swept = [footprint(*line) for line in zip(platform, u, r, strict=True)]
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.nan_to_num(PATCHES * about * swept, nan=0.0)))
