"""Fireballs: as US government sensors saw them, or one by name.

NASA CNEOS, 792 events of 1988 to 2018 (31 a year since 1994): altitude, Earth-fixed velocity and radiated energy.
An event of the background takes altitude and energy from one row, speed and entry angle from the same or, where
it has none, from another; its latitude is some row's, its longitude and heading are anyone's. The path is straight and
the speed constant until the light is out, which is right before the peak and too fast after it.

Light: a body that loses mass in proportion to the air's density shines as x e^(1 - x), where x is the density over that
at the peak; in an exponential atmosphere that is the whole light curve. Temperature 6000 K, as CNEOS assumes.
"""

import numpy as np
from msgspec import Struct

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.messages import Array
from tocsin.simulation.background.tables import FireballTable
from tocsin.simulation.background.world import Emissions, World, table

PER_YEAR = 31.0
SCALE_HEIGHT_M = 7_000.0
# Planck between 2.6 and 2.9 µm at 6000 K over σT⁴, into all directions: 0.0070 / 4π.
PER_STERADIAN = 0.0070 / (4 * np.pi)
_DENSITIES = (1e-4, 9.0)  # between which it shines: 1e-4 and 3e-3 of the peak
_YEAR_S = 365.25 * 86_400.0


class Fireball(Struct, frozen=True):
    """One fireball. `time` [s] and `r` (3,) of its peak, `v` (3,) [m/s], ITRF; `energy` radiated [J]."""

    id: str
    time: float
    r: Array
    v: Array
    energy: float

    @property
    def descent(self) -> float:
        """Return how fast it comes down [m/s]."""
        return float(-self.v @ self.r / np.linalg.norm(self.r))

    @property
    def span(self) -> tuple[float, float]:
        """Return when it begins and ceases to shine [s]; what comes down to the ground has ceased."""
        first, last = (SCALE_HEIGHT_M * np.log(x) / self.descent for x in _DENSITIES)
        return self.time + first, self.time + last

    def at(self, time: Array) -> Array:
        """Return where it is (n, 3) at `time` (n,) [s]."""
        return np.asarray(self.r + np.subtract(time, self.time)[:, None] * self.v)

    def power(self, time: Array) -> Array:
        """Return what it radiates (n,) [W] at `time` (n,) [s]: over all time that is its energy."""
        x = np.exp(np.clip(np.subtract(time, self.time) * self.descent / SCALE_HEIGHT_M, -50, 50))
        return np.asarray(self.energy * self.descent / SCALE_HEIGHT_M * x * np.exp(-x))


def named(row: FireballTable) -> Fireball:
    """Make the fireball of a scenario's table."""
    lat, lon = np.radians(row.latitude_deg), np.radians(row.longitude_deg)
    angles = np.radians(row.azimuth_deg), np.radians(row.entry_angle_deg)
    return Fireball(
        id=row.id,
        time=row.time_s,
        r=ecef_from_geodetic(lat, lon, row.altitude_m),
        v=_velocity(lat, lon, row.speed_mps, *angles),
        energy=row.radiated_energy_j,
    )


def fireballs(world: World) -> tuple[Fireball, ...]:
    """Draw every fireball of a run, and add those of its tables."""
    random = world.of("fireballs")
    data = table("fireballs")
    speed, angle = _arrivals()
    count = random.poisson(PER_YEAR * world.table.fireballs * world.duration_s / _YEAR_S)
    known = np.flatnonzero(np.isfinite(data["altitude_km"]))
    latitudes = data["latitude_deg"][np.isfinite(data["latitude_deg"])]
    found = []
    for k in range(count):
        row, other = random.choice(known), random.choice(np.flatnonzero(np.isfinite(speed)))
        other = row if np.isfinite(speed[row]) else other
        lat, lon = np.radians(random.choice(latitudes)), random.uniform(-np.pi, np.pi)
        fireball = Fireball(
            id=f"fireball-{k + 1}",
            time=float(random.uniform(0.0, world.duration_s)),
            r=ecef_from_geodetic(lat, lon, 1000.0 * data["altitude_km"][row]),
            v=_velocity(lat, lon, speed[other], random.uniform(0, 2 * np.pi), angle[other]),
            energy=float(data["radiated_j"][row]),
        )
        found.append(fireball)
    return (*map(named, world.fireballs), *found)


def shining(found: tuple[Fireball, ...], moments: Array) -> list[Emissions]:
    """Return what shines at the `moments` (m,) [s] of a satellite's looks."""
    parts = []
    for one in found:
        t = moments[(moments > one.span[0]) & (moments < one.span[1])]
        parts.append(Emissions.of("fireball", t, one.at(t), one.power(t) * PER_STERADIAN))
    return parts


def _arrivals() -> tuple[Array, Array]:
    """Return speed [m/s] and entry angle [rad] of each row, NaN where they are not known."""
    data = table("fireballs")
    v = 1000.0 * np.column_stack([data[f"v{axis}_kms"] for axis in "xyz"])
    lat, lon = np.radians(data["latitude_deg"]), np.radians(data["longitude_deg"])
    up = np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
    speed = np.linalg.norm(v, axis=1)
    angle = np.arcsin(np.clip(-np.einsum("ij,ij->i", v, up) / speed, -1, 1))
    steep = angle > np.radians(3.0)  # a few rows climb or graze: their velocity is wrong
    return np.where(steep, speed, np.nan), np.where(steep, angle, np.nan)


def _velocity(lat: float, lon: float, speed: float, azimuth: float, angle: float) -> Array:
    level = speed * np.cos(angle)
    enu = np.array([level * np.sin(azimuth), level * np.cos(azimuth), -speed * np.sin(angle)])
    return np.asarray(enu_from_ecef(lat, lon).T @ enu)
