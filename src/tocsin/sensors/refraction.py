"""How the troposphere bends and delays a radar's ray: apparent elevation and range of a true place.

Exponential reference atmosphere of ITU-R P.453: N = 315 exp(-h / 7.35 km) units of 1e-6 on a sphere. The ray obeys
Bouguer's law n r cos(elevation) = constant (as in ITU-R P.834); its angle at the Earth's centre and its delay are
integrals over height, and the elevation that leads to the target is found by the secant method. From inside the
troposphere up to any height; above 100 km the ray is straight. The ionosphere, which a radar below 1 GHz feels too,
is left out. A ray that leaves below the horizontal is bent as a horizontal one: our assumption.
"""

import numpy as np
from numba import njit

from tocsin.messages import Array
from tocsin.sensors.radar import MEAN_RADIUS

REFRACTIVITY = 315.0  # at sea level, ITU-R P.453 [1e-6]
SCALE_HEIGHT = 7_350.0  # ITU-R P.453 [m]
_TOP = 100_000.0  # above it the ray is straight [m]
_STEPS = 8  # of the secant method; fixed, it has long converged
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(40)


@njit(cache=True, error_model="numpy")
def _ray(elevation: float, height: float, climb: float, refractivity: float) -> tuple[float, float]:
    """Return the angle at the Earth's centre [rad] and the delay times the speed of light [m] of a ray.

    It leaves at apparent `elevation` [rad] from `height` and rises by `climb` [m]; integrated over the root of the
    climb, which takes the singularity out of a ray that leaves level.
    """
    r0 = MEAN_RADIUS + height
    excess = refractivity * 1e-6 * np.exp(-height / SCALE_HEIGHT)
    invariant = (1.0 + excess) * r0 * np.cos(elevation)
    drop = (1.0 + excess) * r0 * 2.0 * np.sin(0.5 * elevation) ** 2
    bent = min(climb, max(_TOP - height, 1.0))
    half = 0.5 * np.sqrt(bent)
    angle, length = 0.0, 0.0
    for k in range(len(_NODES)):
        s = half * (1.0 + _NODES[k])
        u = s * s
        n = 1.0 + excess * np.exp(-u / SCALE_HEIGHT)
        r = r0 + u
        above = excess * np.expm1(-u / SCALE_HEIGHT) * r0 + n * u + drop  # n r less the invariant
        root = np.sqrt(max(above, 1e-12) * (n * r + invariant))
        step = _WEIGHTS[k] * half * 2.0 * s / root
        angle += step * invariant / r
        length += step * n * n * r
    if climb > bent:
        low, high = r0 + bent, r0 + climb
        angle += np.arccos(min(1.0, invariant / high)) - np.arccos(min(1.0, invariant / low))
        length += np.sqrt((high - invariant) * (high + invariant))
        length -= np.sqrt((low - invariant) * (low + invariant))
    return angle, length


@njit(cache=True, error_model="numpy")
def bend(
    distance: float, elevation: float, height: float, refractivity: float = REFRACTIVITY
) -> tuple[float, float]:
    """Return by how much a target appears higher [rad] and farther [m] than it is.

    `distance` [m] and `elevation` [rad] are the true ones from a radar at `height` [m] above the sea.
    """
    elevation = max(elevation, 0.0)
    r0 = MEAN_RADIUS + height
    up, along = distance * np.sin(elevation), distance * np.cos(elevation)
    true_angle = np.arctan2(along, r0 + up)
    climb = (distance * distance + 2.0 * r0 * up) / (np.sqrt((r0 + up) ** 2 + along**2) + r0)
    if along < 1e-3 * up:
        return 0.0, _ray(elevation, height, climb, refractivity)[1] - distance
    before, last = elevation, elevation + refractivity * 1e-6 * np.cos(elevation) / (np.sin(elevation) + 0.03)
    miss_before = _ray(before, height, climb, refractivity)[0] - true_angle
    for _ in range(_STEPS):
        miss = _ray(last, height, climb, refractivity)[0] - true_angle
        if miss == miss_before:
            break
        step = miss * (last - before) / (miss - miss_before)
        before, miss_before = last, miss
        last = max(last - step, 0.0)
    return last - elevation, _ray(last, height, climb, refractivity)[1] - distance


@njit(cache=True, error_model="numpy")
def bend_batch(z: Array, height: float, refractivity: float = REFRACTIVITY) -> Array:
    """Return what refraction adds to `z` (n, 4), range, azimuth, elevation and range rate: range and elevation."""
    added = np.zeros((len(z), 4))
    for i in range(len(z)):
        added[i, 2], added[i, 0] = bend(z[i, 0], z[i, 2], height, refractivity)
    return added
