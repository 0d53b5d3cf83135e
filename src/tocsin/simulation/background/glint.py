"""Sunlight thrown into a satellite: by the sea, by ponds, and by plates of ice in high cloud.

The mirror point moves with the Sun. About it lie bright patches (gaps in cloud, calm water, cloud edges), each at
its own place for some minutes. How far from the mirror point: by the slopes of the waves (Cox and Munk 1954, from
memory; wind 7 m/s: variance 0.039 on both axes together) and, on cloud, by plates that float within a degree or
two of level. Glints off cloud are brighter and smaller than off the sea, and about as frequent (Varnai et al. 2019,
abstract). How many patches, how bright and for how long is our assumption. Each satellite has its own mirror point,
and so its own patches: glint does not corroborate itself.
"""

from collections.abc import Callable

import numpy as np
from msgspec import Struct

from tocsin.constants import EARTH_RADIUS
from tocsin.earth.ellipsoid import ecef_from_geodetic_batch, geodetic_from_ecef_batch
from tocsin.earth.glint import glint_angles, specular_points
from tocsin.earth.places import on_land
from tocsin.messages import Array, Instant
from tocsin.simulation.background.world import HOUR_S, Emissions, World, scattered

LIFE_S = 300.0  # mean of a patch
PONDS = 0.05  # part of the patches on land that are water
UNSTEADY = 0.5  # of the logarithm of a patch's light, look by look


class Mirror(Struct, frozen=True):
    """What throws the light: how high, tilted by how much (1 axis) [rad], in how many patches, how bright [W/sr]."""

    kind: str
    height: float
    tilt: float
    patches: float
    intensity: float
    spread: float


SEA = Mirror("glint", 0.0, float(np.sqrt(0.039 / 2)), 3.0, 1e5, 0.7)
CLOUD = Mirror("cloud-glint", 10_000.0, float(np.radians(1.5)), 2.0, 2e5, 1.0)


class Patches(Struct, frozen=True):
    """Bright patches (n): from when to when [s], where (n, 3), how bright [W/sr]."""

    start: Array
    end: Array
    r: Array
    intensity: Array


def patches(
    world: World, mirror: Mirror, rate: float, sensor: str, where: Callable[[Instant], Array], hour: int
) -> Patches:
    """Draw the patches that begin in an hour for a satellite; `where(t)` gives its place (3,) [m], ITRF."""
    random = world.of(mirror.kind, hour, sensor)
    count = random.poisson(mirror.patches * rate * HOUR_S / LIFE_S)
    start = hour * HOUR_S + random.uniform(0.0, HOUR_S, count)
    life = random.exponential(LIFE_S, count)
    bright = mirror.intensity * np.exp(mirror.spread * random.standard_normal(count))
    eye = np.array([where(world.instant(t)) for t in start]).reshape(-1, 3)
    suns = np.array([world.sun(t) for t in start]).reshape(-1, 3)
    r = scattered(
        np.nan_to_num(specular_points(eye, suns, mirror.height), nan=1.0), mirror.tilt * EARTH_RADIUS, random
    )
    lit = np.linalg.norm(r, axis=1) > EARTH_RADIUS / 2
    lat, lon, _ = geodetic_from_ecef_batch(np.where(lit[:, None], r, EARTH_RADIUS))
    r = ecef_from_geodetic_batch(lat, lon, np.full(count, mirror.height))
    pond = random.uniform(size=count) < PONDS
    tilts = [glint_angles(r[[i]], eye[i], suns[i])[0] for i in range(count)]
    lit &= np.isfinite(tilts)
    if mirror is SEA:
        lit &= pond | ~on_land(lat, lon)
    return Patches(start[lit], (start + life)[lit], r[lit], bright[lit])


def glinting(found: Patches, mirror: Mirror, moments: Array, random: np.random.Generator) -> Emissions:
    """Return what glints at the `moments` (m,) [s] of a satellite's looks."""
    look, patch = np.nonzero((moments[:, None] >= found.start) & (moments[:, None] < found.end))
    light = found.intensity[patch] * np.exp(UNSTEADY * random.standard_normal(len(patch)))
    return Emissions.of(mirror.kind, moments[look], found.r[patch], light)
