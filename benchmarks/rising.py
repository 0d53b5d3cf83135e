"""A launch nobody expects, as geostationary satellites see it, given to the real tracker sighting by sighting.

Vehicles of the four ballistic classes from `simulation/random_vehicles.py`, which no prior has seen, from random
places. Satellites stand at fixed longitudes from the launch and look every 10 s, each at its own phase; a plume is
hidden below 10 km. A pointing bias is drawn once a flight from the sigma that the satellite declares.
"""

import numpy as np
from msgspec import Struct

from tocsin.constants import EARTH_RADIUS
from tocsin.flight.powered import FlightError
from tocsin.messages import SECOND, Array, Instant, Sensor
from tocsin.sensors.infrared import Infrared
from tocsin.simulation.random_vehicles import RANGES, RandomFlight, random_flight
from tocsin.tracking.clutter import stray_log_density
from tocsin.tracking.looks import InfraredLook
from tocsin.tracking.sightings import Sighting

KINDS = tuple(RANGES)
LONGITUDES_DEG = (-30.0, 40.0)  # of the satellites, from the launch
GEO = 42_164_000.0
PERIOD = 10.0  # s
AFTER_BURNOUT = 45.0  # s, for which is looked on
START = 1_800_000_000 * SECOND  # of the lift-off
ELSEWHERE = 100_000_000  # added to a seed that gives no flight


class Setting(Struct, frozen=True):
    """Who watches: how many satellites, their noise and bias [µrad], and with what probability they detect."""

    satellites: int
    sigma_urad: float
    bias_urad: float = 0.0
    detection_probability: float = 0.95
    strays: float = 0.0  # false sightings a look

    @property
    def name(self) -> str:
        """Say it in words."""
        plural = "s" if self.satellites > 1 else ""
        bias = f" and {self.bias_urad:g} of bias" if self.bias_urad else ""
        return f"{self.satellites} satellite{plural}, {self.sigma_urad:g} µrad{bias}"


class Eye(Struct, frozen=True):
    """A satellite: its model, where it is (3,) [m], ITRF, and the time of its first look [s after lift-off]."""

    model: Infrared
    platform: Array
    first: float


def drawn(seed: int, kind: str) -> RandomFlight:
    """Draw a flight of a kind."""
    for _ in range(5):
        try:
            return random_flight(seed, kind)
        except FlightError:
            seed += ELSEWHERE
    raise FlightError(f"no {kind} from seed {seed}")


def eyes(setting: Setting, longitude: float, seed: int) -> list[Eye]:
    """Return the satellites about a longitude [rad]; a single one to its west or its east by turns."""
    found = []
    chosen = (0, 1)[: setting.satellites] if setting.satellites > 1 else (seed // len(KINDS) % 2,)
    for k in chosen:
        sensor = Sensor(
            origin="test", id=f"geo-{k}", type="infrared", los_sigma_urad=setting.sigma_urad,
            bias_sigma_urad=setting.bias_urad, scan_period_s=PERIOD,
            detection_probability=setting.detection_probability, false_alarms_per_scan=2.0,
        )  # fmt: skip
        at = longitude + np.radians(LONGITUDES_DEG[k])
        phase = np.random.Generator(np.random.Philox(key=[seed, 10 + k])).uniform(0.0, PERIOD)
        platform = GEO * np.array([np.cos(at), np.sin(at), 0.0])
        found.append(Eye(Infrared.from_message(sensor), platform, float(phase)))
    return found


def looks(
    setting: Setting, launched: RandomFlight, seed: int
) -> list[tuple[Infrared, InfraredLook, float | None]]:
    """Return every look at a flight in order of time, and the time of the true sighting in it [s after lift-off].

    The same draws for every setting, so that noise of thrice the size is thrice the same noise.
    """
    flight, found = launched.flight, []
    for eye in eyes(setting, launched.launch.longitude, seed):
        random = np.random.Generator(np.random.Philox(key=[seed, int(eye.model.id[-1])]))
        off = random.standard_normal(2) * eye.model.bias_sigma
        for t in np.arange(eye.first, flight.burnout + AFTER_BURNOUT, PERIOD):
            draw, noise = random.uniform(), random.standard_normal(2) * eye.model.sigma
            strays = random.poisson(setting.strays)
            lines = [toward_disk(eye.platform, random) for _ in range(strays)]
            r = flight.at(np.array([t]))[0, :3]
            shown = flight.thrusting(np.array([t]))[0] and draw < setting.detection_probability
            seen = t > 0 and bool(shown and eye.model.visible(r[None], eye.platform)[0])
            if seen:
                lines.append(turned((r - eye.platform) / np.linalg.norm(r - eye.platform), off + noise))
            found.append((eye.model, look(eye, float(t), lines), float(t) if seen else None))
    return sorted(found, key=lambda row: (row[1].end, row[0].id))


def look(eye: Eye, t: float, lines: list[Array]) -> InfraredLook:
    """Return a look at `t` [s after lift-off] that saw these directions."""
    end, model = Instant(START + round(t * SECOND)), eye.model
    stray = stray_log_density(model, eye.platform)
    sightings = tuple(
        Sighting.of(model.id, end, k, u, eye.platform, model.sigma, model.bias_sigma, model.cloud_top, stray)
        for k, u in enumerate(lines)
    )
    return InfraredLook(model.id, end, end, eye.platform, sightings, None)


def turned(u: Array, error: Array) -> Array:
    """Return a direction (3,) turned by two small angles (2,) [rad]."""
    clean = Sighting.of("", Instant(0), 0, u, np.zeros(3), 0.0, 0.0)
    moved = u + error[0] * clean.e1 + error[1] * clean.e2
    return np.asarray(moved / np.linalg.norm(moved))


def toward_disk(platform: Array, random: np.random.Generator) -> Array:
    """Draw a direction that is uniform over the Earth's disk."""
    axis = -platform / np.linalg.norm(platform)
    clean = Sighting.of("", Instant(0), 0, axis, platform, 0.0, 0.0)
    edge = np.sqrt(1.0 - (EARTH_RADIUS / np.linalg.norm(platform)) ** 2)
    cosine, around = random.uniform(edge, 1.0), random.uniform(0.0, 2 * np.pi)
    sine = np.sqrt(1.0 - cosine**2)
    return np.asarray(cosine * axis + sine * (np.cos(around) * clean.e1 + np.sin(around) * clean.e2))
