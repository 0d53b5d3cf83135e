"""Aircraft about a radar: cruising airliners as over Switzerland, straight on at a constant height.

From a day of ADS-B above flight level 300 (1 August 2018): 24 at once in 76,500 km², 36,700 ± 2,060 feet,
449 ± 27 knots over the ground. That is busy air; over an ocean a tenth or less. They fly in a square
that is joined at its edges beyond the horizon, on any heading.
"""

import numpy as np

from tocsin.earth.ellipsoid import position
from tocsin.messages import Array
from tocsin.sensors.radar import Radar
from tocsin.simulation.background.world import World

PER_M2 = 24 / 76_500e6
FOOT, KNOT = 0.3048, 0.514444
HEIGHT_M = (36_700 * FOOT, 2_060 * FOOT)
SPEED_MPS = (449 * KNOT, 27 * KNOT)
HALF_SIDE_M = 500_000.0
RADAR_M2 = 30.0  # a large airliner, broadly: our assumption


class Aircraft:
    """All aircraft about one radar in a run."""

    def __init__(self, world: World, radar: Radar) -> None:
        random = world.of("aircraft", 0, radar.id)
        count = random.poisson(PER_M2 * world.table.aircraft * (2 * HALF_SIDE_M) ** 2)
        self._place = random.uniform(-HALF_SIDE_M, HALF_SIDE_M, (count, 2))
        heading = random.uniform(0, 2 * np.pi, count)
        speed = np.abs(random.normal(*SPEED_MPS, count))
        self._velocity = speed[:, None] * np.column_stack((np.sin(heading), np.cos(heading)))
        self._height = random.normal(*HEIGHT_M, count)
        self._axes = radar.enu_from_ecef
        self._radius = float(np.linalg.norm(position(radar.latitude, radar.longitude, 0.0)))

    def at(self, time: float) -> Array:
        """Return the states (n, 6), ITRF, at a scenario time [s]."""
        side = 2 * HALF_SIDE_M
        level = (self._place + time * self._velocity + HALF_SIDE_M) % side - HALF_SIDE_M
        away = np.maximum(np.linalg.norm(level, axis=1, keepdims=True), 1.0)
        angle = away / self._radius
        ahead = level / away
        up = np.column_stack((np.sin(angle) * ahead, np.cos(angle)))
        outward = np.column_stack((np.cos(angle) * ahead, -np.sin(angle)))
        along = np.einsum("ij,ij->i", self._velocity, ahead)[:, None]
        across = np.column_stack((self._velocity - along * ahead, np.zeros(len(level))))
        enu = np.hstack([(self._radius + self._height)[:, None] * up, along * outward + across])
        return np.hstack([enu[:, :3] @ self._axes, enu[:, 3:] @ self._axes])
