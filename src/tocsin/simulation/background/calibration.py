"""A satellite's own calibration: now and then a lamp inside it lights the same five spots of its detector.

They stand still in the satellite's own axes, not on the Earth. How often and for how long is our assumption.
"""

import numpy as np

from tocsin.constants import EARTH_RADIUS
from tocsin.messages import Array
from tocsin.simulation.background.world import Emissions, Glimpses, World

PERIOD_S = 3_600.0
PULSE_S = 30.0
SPOTS = 5
IRRADIANCE_W_M2 = 1e-9


def pulses(world: World, sensor: str, glimpses: Glimpses, eyes: Array) -> Emissions:
    """Return the spots a satellite at `eyes` (m, 3) reports in its looks."""
    period = PERIOD_S / world.table.calibration
    phase = world.of("calibration", 0, sensor).uniform(0.0, period)
    look = np.flatnonzero((glimpses.start - phase) % period < min(PULSE_S, period))
    eye = eyes[look]
    away = np.linalg.norm(eye, axis=1)
    nadir = -eye / away[:, None]
    east = np.cross(nadir, [0.0, 0.0, 1.0])
    east /= np.linalg.norm(east, axis=1, keepdims=True)
    turn = 2 * np.pi * np.arange(SPOTS) / SPOTS
    across = np.cos(turn)[:, None] * east[:, None] + np.sin(turn)[:, None] * np.cross(nadir, east)[:, None]
    angle = 0.3 * np.arcsin(EARTH_RADIUS / away)[:, None, None]
    u = np.cos(angle) * nadir[:, None] + np.sin(angle) * across
    distance = 0.5 * (away - EARTH_RADIUS)[:, None, None]
    r = (eye[:, None] + distance * u).reshape(-1, 3)
    light = np.repeat(IRRADIANCE_W_M2 * distance[:, 0, 0] ** 2, SPOTS)
    return Emissions.of("calibration", np.repeat(glimpses.start[look], SPOTS), r, light)
