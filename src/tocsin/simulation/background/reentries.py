"""Re-entries of satellites and rocket stages: 951 large ones in the 13 years from 2010 (Pardini and Anselmo 2024).

Each comes from a circular orbit that decays: down from 122 km, the usual start of such a calculation, with a shallow
angle, to where it breaks up or stops. Inclinations are those of the catalogue we carry. Mass, drag and the part of the
lost energy that shines in the band are our assumption.
"""

import numpy as np
from msgspec import Struct

from tocsin.constants import EARTH_GM, EARTH_RADIUS, EARTH_RATE
from tocsin.earth.ellipsoid import height
from tocsin.flight.coast import propagate
from tocsin.messages import Array
from tocsin.simulation.background.world import Emissions, World, table

PER_DAY = 951 / (13 * 365.25)
BEGIN_M = 122_000.0
END_M = 50_000.0
SHINES_BELOW_M = 105_000.0
IN_BAND = 0.01  # of the power lost to the air: our assumption
DRAG = (0.005, 0.02)  # C_d A / m [m²/kg]: our assumption
MASS_KG = (500.0, 5_000.0)  # log-uniform: our assumption
RADAR_M2 = 3.0
STEP_S = 1.0
_LONGEST_S = 4_000


class Reentry(Struct, frozen=True):
    """One re-entry: its states (k, 6), ITRF, each second from `start` [s], and the light it gives (k,) [W/sr]."""

    start: float
    x: Array
    intensity: Array

    @property
    def end(self) -> float:
        """Return when it is over [s]."""
        return self.start + STEP_S * (len(self.x) - 1)

    def at(self, time: Array) -> Array:
        """Return its states (n, 6) at `time` (n,) [s] within its span."""
        k = np.clip(((time - self.start) / STEP_S).astype(int), 0, len(self.x) - 2)
        part = ((time - self.start) / STEP_S - k)[:, None]
        return np.asarray(self.x[k] + part * (self.x[k + 1] - self.x[k]))


def reentries(world: World) -> tuple[Reentry, ...]:
    """Draw every re-entry of a run."""
    random = world.of("re-entries")
    count = random.poisson(PER_DAY * world.table.reentries * world.duration_s / 86_400.0)
    return tuple(_one(random, random.uniform(0.0, world.duration_s)) for _ in range(count))


def glowing(found: tuple[Reentry, ...], moments: Array) -> list[Emissions]:
    """Return what glows at the `moments` (m,) [s] of a satellite's looks."""
    parts = []
    for one in found:
        t = moments[(moments > one.start) & (moments < one.end)]
        light = np.interp(t, one.start + STEP_S * np.arange(len(one.x)), one.intensity)
        parts.append(Emissions.of("re-entry", t, one.at(t)[:, :3], light))
    return parts


def _one(random: np.random.Generator, start: float) -> Reentry:
    drag = float(np.exp(random.uniform(*np.log(DRAG))))
    mass = float(np.exp(random.uniform(*np.log(MASS_KG))))
    x = [_entry(random)]
    while height(*x[-1][:3]) > END_M and len(x) < _LONGEST_S:
        x.append(propagate(x[-1], STEP_S, drag))
    states = np.array(x)
    lost = np.append(-np.diff(_energy(states)) / STEP_S, 0.0) * mass
    high = np.array([height(*row[:3]) for row in states])
    light = np.where(high < SHINES_BELOW_M, np.maximum(lost, 0.0) * IN_BAND / (4 * np.pi), 0.0)
    return Reentry(start, states, light)


def _entry(random: np.random.Generator) -> Array:
    """Draw the state at the start: a circular orbit's speed, a tenth of a degree down."""
    inclinations = np.array([float(line[8:16]) for line in table("satellites")["line2"]])
    tilt = np.radians(inclinations[random.integers(len(inclinations))])
    node, along = random.uniform(0, 2 * np.pi, size=2)
    radius = EARTH_RADIUS - 21_000.0 * (np.sin(along) * np.sin(tilt)) ** 2 + BEGIN_M
    speed = np.sqrt(EARTH_GM / radius)
    n1 = np.array([np.cos(node), np.sin(node), 0.0])
    n2 = np.array([-np.sin(node) * np.cos(tilt), np.cos(node) * np.cos(tilt), np.sin(tilt)])
    up, forward = np.cos(along) * n1 + np.sin(along) * n2, np.cos(along) * n2 - np.sin(along) * n1
    fall = np.radians(0.1)
    v = speed * (np.cos(fall) * forward - np.sin(fall) * up) - np.cross([0, 0, EARTH_RATE], radius * up)
    return np.append(radius * up, v)


def _energy(x: Array) -> Array:
    """Return the energy per mass (n,) of states (n, 6) in the Earth's turning frame, where the air stands still."""
    r, v = x[:, :3], x[:, 3:]
    spin = 0.5 * EARTH_RATE**2 * (r[:, 0] ** 2 + r[:, 1] ** 2)
    return np.asarray(0.5 * np.einsum("ij,ij->i", v, v) - EARTH_GM / np.linalg.norm(r, axis=1) - spin)
