"""The Moon as a radar hears it: an echo that comes back in the wrong pulse interval.

On 5 October 1960 the new radar at Thule took the rising Moon for an attack: its echo needs 2.555 s, many pulse
intervals, and the radar shows it at what is left of the range (case R11). The echo begins at the face of the
Moon, 1,737 km or 11.6 ms before its centre, and most of it comes from the first tens of kilometres of depth; how
many is our assumption.
"""

import numpy as np

from tocsin.earth.sky import LIGHT_SPEED, MOON_RADIUS, folded_range, horizontal, moon_itrf
from tocsin.messages import Array
from tocsin.sensors.field import in_sector
from tocsin.sensors.radar import Radar
from tocsin.simulation.background.world import World

DEPTH_M = 30_000.0  # mean depth of what is heard


def pulse_rate(world: World, radar: Radar) -> float:
    """Return the radar's pulses per second [Hz]."""
    return world.table.moon_pulse_hz or LIGHT_SPEED / (2 * radar.range_max)


def echo(world: World, radar: Radar, height: float, time: float, random: np.random.Generator) -> Array:
    """Return the Moon as measured (1, 4) at a scenario time [s], its range folded; (0, 4) outside the field."""
    azimuth, elevation, distance = _seen(world, radar, height, time)
    seen = in_sector(np.array([azimuth]), radar.azimuth_from, radar.azimuth_to)[0]
    if not seen or not radar.elevation_min <= elevation <= radar.elevation_max:
        return np.zeros((0, 4))
    rate = _seen(world, radar, height, time + 1.0)[2] - distance
    face = distance - MOON_RADIUS + random.exponential(DEPTH_M)
    shown = folded_range(face, pulse_rate(world, radar))
    return np.array([[shown, azimuth, elevation, rate]])


def _seen(world: World, radar: Radar, height: float, time: float) -> tuple[float, float, float]:
    moon = moon_itrf(world.rotation, world.instant(time))
    return horizontal(moon, radar.latitude, radar.longitude, height)
