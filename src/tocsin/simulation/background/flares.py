"""Gas flares: some 7,500 flames over the oil fields that burn day and night.

140 billion cubic metres a year (World Bank, Global Gas Flaring Tracker: 139 in 2022, 144 in 2021), over the known
areas of `data/flares.csv`: Russia, Iraq, Iran, the United States and Venezuela with the volumes of 2015 (World Bank,
through MEES, 6 January 2017), the others from memory, to about the right size; places by eye. 1750 K is the middle of
what satellites measure (1600-2200 K, Fisher and Wooster 2018). The number of
sites is from memory (Elvidge et al. 2016).
"""

import numpy as np

from tocsin.earth.ellipsoid import ecef_from_geodetic_batch
from tocsin.simulation.background.standing import Standing
from tocsin.simulation.background.world import World, scattered, table

SITES = 7_500
HEAT_J_PER_M3 = 37e6  # natural gas
RADIATED = 0.2  # of the heat: our assumption
PER_STERADIAN = 0.0226  # as for fires, at 1750 K
SPREAD = 1.5  # of the logarithm of a site's power: a few sites burn most of it; our assumption
FLICKER = 0.2  # our assumption
_YEAR_S = 365.25 * 86_400.0


def radiated_w() -> float:
    """Return the power [W] that all flares radiate together."""
    return float(np.sum(table("flares")["bcm_per_year"]) * 1e9 * HEAT_J_PER_M3 * RADIATED / _YEAR_S)


def flares(world: World) -> Standing:
    """Draw every flare of a run: its area by the gas burnt there, its power lognormal with the right sum."""
    data = table("flares")
    random = world.of("flares")
    count = random.poisson(SITES * world.table.flares)
    gas = data["bcm_per_year"]
    area = random.choice(len(gas), size=count, p=gas / gas.sum())
    lat, lon = np.radians(data["latitude_deg"][area]), np.radians(data["longitude_deg"][area])
    r = ecef_from_geodetic_batch(lat, lon, np.zeros(count))
    r = scattered(r, data["radius_km"][area] * 1000.0 / 2, random)
    power = radiated_w() / SITES * np.exp(SPREAD * random.standard_normal(count) - SPREAD**2 / 2)
    return Standing(
        r=r,
        intensity=power * PER_STERADIAN,
        start=np.full(count, -np.inf),
        end=np.full(count, np.inf),
        rise=np.ones(count),
        flicker=FLICKER,
    )
