"""Sunlight off water and high cloud: about the point that mirrors the Sun more of what a satellite sees is nobody's.

Patches of such light come and go there for hours, and what seems to drift among them flies as well as any rocket. How
far from the mirror point they lie: by the slopes of the waves, or by how level plates of ice float in cloud
(docs/explanation/background.md). Each satellite has a mirror point of its own.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct, structs

from tocsin.constants import EARTH_RADIUS
from tocsin.earth.glint import glint_angles
from tocsin.messages import Array
from tocsin.tracking._sight import at_heights
from tocsin.tracking.clutter import footprint
from tocsin.tracking.sightings import Sighting


class Mirror(Struct, frozen=True):
    """What throws the light: how high [m], tilted by how much an axis [rad], and in how many patches of one look."""

    height: float
    tilt: float
    patches: float


# The waves: Cox and Munk (1954), from memory, at 7 m/s; the plates float within a degree or two of level. Patches of a
# look: our assumption.
SEA, CLOUD = Mirror(0.0, 0.14, 1.0), Mirror(10_000.0, 0.035, 1.0)


def weighed(sightings: Sequence[Sighting], sun: Array | None) -> tuple[Sighting, ...]:
    """Return the sightings of one look with strays about them at least as dense as sunlight off water and cloud.

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
    total = np.zeros(len(u))
    for mirror in (SEA, CLOUD):
        r = at_heights(platform, u, np.full(len(u), mirror.height))
        tilt = glint_angles(r, platform[0], sun)
        # Per area of ground, by the angle between one place's vertical and the next.
        about = np.exp(-0.5 * np.square(tilt / mirror.tilt)) / (2 * np.pi * (mirror.tilt * EARTH_RADIUS) ** 2)
        swept = [footprint(*line) for line in zip(platform, u, r, strict=True)]
        total += np.nan_to_num(mirror.patches * about * swept, nan=0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(total))
