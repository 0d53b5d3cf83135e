"""Lightning: 44 flashes a second over the Earth, in some 1,800 storms.

Rate, land against sea (10 to 1) and 78 % within 30 degrees of the equator are those of a whole year (Christian et
al. 2003: 44 ± 5 per second; the other two from memory); a season is not followed. Two files of GOES-16 (NOAA, 2 July
2018, 04:33 UTC) have 14.5 a second on their half of the Earth; the spread of energies is that of their 579 flashes.
A typical flash has 1e9 W for a millisecond in visible light (a hundredth of Turman's superbolts, 1977). How little of
that lies in an infrared band, and the number of storms, is our assumption.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tocsin.earth.ellipsoid import ecef_from_geodetic_batch
from tocsin.earth.places import on_land
from tocsin.messages import Array
from tocsin.simulation.background.world import HOUR_S, Emissions, Glimpses, World, moved, table

FLASHES_PER_S = 44.0
STORMS = 1_800
TYPICAL_J = 1e6  # in visible light
IN_BAND = 0.02  # our assumption
SEA = 0.1  # density of storms there, against land
LATITUDE = np.radians(23.6)  # standard deviation, before land is preferred: gives 78 % within 30 degrees
STORM_M = 10_000.0
TOP_M = 10_000.0
_FARTHEST = np.radians((-75.0, 75.0))


class Flashes(Struct, frozen=True):
    """The flashes of an hour (n): when [s], in which storm, how far from its middle (2, n) [m], visible light [J]."""

    time: Array
    storm: NDArray[np.int64]
    aside: Array
    energy: Array


def storms(world: World, hour: int) -> Array:
    """Draw where (n, 3) there are thunderstorms in an hour; each lasts for the hour."""
    random = world.of("storms", hour)
    count = random.poisson(STORMS * world.table.lightning)
    tries = 12 * count + 100  # at least a tenth of them are kept
    lat = np.clip(random.normal(0.0, LATITUDE, tries), *_FARTHEST)
    lon = random.uniform(-np.pi, np.pi, tries)
    kept = np.flatnonzero(on_land(lat, lon) | (random.uniform(size=tries) < SEA))[:count]
    return np.asarray(ecef_from_geodetic_batch(lat[kept], lon[kept], np.full(len(kept), TOP_M)))


def flashes(world: World, hour: int, storm_count: int) -> Flashes:
    """Draw the flashes of an hour."""
    random = world.of("flashes", hour)
    count = random.poisson(FLASHES_PER_S / STORMS * HOUR_S * storm_count)
    energies = table("lightning")["energy_at_aperture_j"]
    return Flashes(
        time=random.uniform(hour * HOUR_S, (hour + 1) * HOUR_S, count),
        storm=random.integers(max(storm_count, 1), size=count),
        aside=STORM_M * random.standard_normal((2, count)),
        energy=TYPICAL_J * energies[random.integers(len(energies), size=count)] / np.median(energies),
    )


def lightning(world: World, hour: int, glimpses: Glimpses) -> Emissions:
    """Return the flashes that fall into the looks of a satellite, their light spread over the look."""
    place = world.once(f"storms {hour}", lambda: storms(world, hour))
    found = flashes(world, hour, len(place))
    look, inside = glimpses.within(found.time)
    intensity = found.energy[inside] * IN_BAND / (4 * np.pi * glimpses.duration[look[inside]])
    r = moved(place[found.storm[inside]], found.aside[:, inside])
    return Emissions.of("lightning", found.time[inside], r, intensity)
