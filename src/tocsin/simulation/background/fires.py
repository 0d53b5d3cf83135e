"""Vegetation fires, as one day of MODIS saw them.

Half the hot pixels of a day (NASA FIRMS, 26 and 27 February 2022) with place, time of day and fire radiative power.
The two satellites pass four times a day, so that a pixel stands for some six hours of burning; the season is that
of the file. How long a fire grows and how it flickers is our assumption.
"""

import numpy as np

from tocsin.earth.ellipsoid import ecef_from_geodetic_batch
from tocsin.simulation.background.standing import Standing
from tocsin.simulation.background.world import DAY_S, World, scattered, table

SHARE_OF_PIXELS = 0.5  # of the day's pixels that the file has
MEAN_LIFE_S = 6 * 3600.0  # four passes a day
RISE_S = 3600.0  # our assumption
FLICKER = 0.25  # standard deviation of the logarithm: our assumption
# In-band radiant intensity by radiated power, upwards: Planck between 2.6 and 2.9 µm at 1000 K over σT⁴ [1/sr].
PER_STERADIAN = 0.0215
PIXEL_M = 500.0


def per_day(rate: float) -> float:
    """Return how many hot pixels begin in a day."""
    return rate * len(table("fires")["power_mw"]) / SHARE_OF_PIXELS


def fires(world: World) -> Standing:
    """Draw every fire of a run: rows of the file with replacement, each about its time of day."""
    data = table("fires")
    begin = world.second_of_day
    first, last = int(np.floor((begin - DAY_S) / DAY_S)), int(np.ceil((begin + world.duration_s) / DAY_S))
    row, start, end = [], [], []
    for day in range(first, last + 1):
        random = world.of("fires", day - first)
        count = random.poisson(per_day(world.table.fires))
        chosen = random.integers(len(data["power_mw"]), size=count)
        life = random.exponential(MEAN_LIFE_S, size=count)
        seen = day * DAY_S + 60.0 * data["minute_of_day"][chosen] - begin
        row.append(chosen)
        start.append(seen - random.uniform(size=count) * life)
        end.append(start[-1] + life)
    rows, starts, ends = np.concatenate(row), np.concatenate(start), np.concatenate(end)
    mine = (starts < world.duration_s) & (ends > 0)
    rows, starts, ends = rows[mine], starts[mine], ends[mine]
    lat, lon = np.radians(data["latitude_deg"][rows]), np.radians(data["longitude_deg"][rows])
    r = ecef_from_geodetic_batch(lat, lon, np.zeros(len(rows)))
    return Standing(
        r=scattered(r, PIXEL_M, world.of("fires place")),
        intensity=data["power_mw"][rows] * 1e6 * PER_STERADIAN,
        start=starts,
        end=ends,
        rise=np.full(len(rows), RISE_S),
        flicker=FLICKER,
    )
