"""Aurora as a radar hears it: echoes from the E layer, under the oval, where the line of sight crosses the field.

A ring about the geomagnetic pole (80.7 N 72.7 W, from memory), 22.5 ± 2.5 degrees wide of it, 95 to 125 km high. What
is heard drifts along the ring, and comes only from where the beam is nearly across the magnetic field (a dipole's).
How many echoes, how wide the ring and how strict the angle is our assumption.
"""

import numpy as np

from tocsin.constants import EARTH_RADIUS
from tocsin.messages import Array
from tocsin.sensors.radar import Radar
from tocsin.simulation.background.world import World

POLE = (np.radians(80.7), np.radians(-72.7))
RING = (np.radians(22.5), np.radians(2.5))
HEIGHT_M = (95_000.0, 125_000.0)
DRIFT_MPS = 500.0
ASPECT = np.radians(5.0)
TRIED = 2_000  # places on both rings in each look
RADAR_M2 = 1.0


def echoes(world: World, radar: Radar, random: np.random.Generator) -> Array:
    """Draw what might be heard in one look: states (n, 6), ITRF."""
    count = random.poisson(TRIED * world.table.aurora)
    away, turn = random.normal(*RING, count), random.uniform(0, 2 * np.pi, count)
    side = np.where(random.uniform(size=count) < 0.5, 1.0, -1.0)
    pole = np.array([np.cos(POLE[0]) * np.cos(POLE[1]), np.cos(POLE[0]) * np.sin(POLE[1]), np.sin(POLE[0])])
    east = np.cross([0.0, 0.0, 1.0], pole) / np.cos(POLE[0])
    ring = np.cos(turn)[:, None] * east + np.sin(turn)[:, None] * np.cross(pole, east)
    up = side[:, None] * (np.cos(away)[:, None] * pole + np.sin(away)[:, None] * ring)
    along = np.cross(pole, up)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    r = (EARTH_RADIUS - 15_000.0 + random.uniform(*HEIGHT_M, count))[:, None] * up
    v = random.normal(0.0, DRIFT_MPS, count)[:, None] * along
    d = r - radar.r_ecef
    field = 3 * (up @ pole)[:, None] * up - pole
    cosine = np.einsum("ij,ij->i", d, field) / np.linalg.norm(d, axis=1) / np.linalg.norm(field, axis=1)
    across = np.abs(np.arcsin(np.clip(cosine, -1, 1))) < ASPECT
    return np.hstack([r, v])[across]
