"""What a radar reports of the background: aircraft, satellites, re-entries, aurora, the Moon, as its beam meets them.

The same sensor as in `simulation/plots.py`: without `[sensor.physics]` one probability and one noise, with it the radar
equation; here all things of a look at once. Refraction is taken to be taken out exactly. A radar with a fence hears
the background in its fence only: it lays no beam on it.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tocsin.messages import Array
from tocsin.sensors.echo import received_power
from tocsin.simulation.background import aurora, moon
from tocsin.simulation.background.aircraft import RADAR_M2 as AIRCRAFT_M2
from tocsin.simulation.background.aircraft import Aircraft
from tocsin.simulation.background.reentries import RADAR_M2 as REENTRY_M2
from tocsin.simulation.background.reentries import Reentry
from tocsin.simulation.background.satellites import Overhead, Satellites, pulled
from tocsin.simulation.background.world import KINDS, World
from tocsin.simulation.looks import Look
from tocsin.simulation.plots import Coverage, Station, swept


class Targets(Struct, frozen=True):
    """What is about at a look's start (n): states (n, 6), accelerations (n, 3), ITRF, cross sections [m²], kinds."""

    x: Array
    pull: Array
    cross_section: Array
    kind: NDArray[np.int64]


class Heard(Struct, frozen=True):
    """What a radar reports (n): when [s], measured z (n, 4); the detector's power (n,) where it has physics."""

    time: Array
    z: Array
    power: Array | None


class Echoes:
    """The background as one radar reports it. `at` gives one look of it."""

    def __init__(
        self, world: World, satellites: Satellites | None, reentries: Sequence[Reentry], station: Station
    ) -> None:
        self._world = world
        self._station = station
        self._reentries = reentries
        self._satellites = satellites
        self._overhead = None if satellites is None else Overhead(satellites, station.radar)
        self._aircraft = Aircraft(world, station.radar) if world.table.aircraft > 0 else None

    def at(self, look: Look, coverage: Coverage | None = None) -> Heard:
        """Return what is reported in `look` of what `coverage` takes in; looks are asked for in order of time."""
        station, radar = self._station, self._station.radar
        random = self._world.of("echoes", look.number, radar.id)
        targets = self._targets(look.start, random)
        _, azimuth, _, _ = radar.predict(targets.x).T
        time = look.start + swept(radar, azimuth) * look.duration
        dt = (time - look.start)[:, None]
        x = targets.x + np.hstack([targets.x[:, 3:] * dt + targets.pull * dt**2 / 2, targets.pull * dt])
        z = radar.predict(x)
        met = radar.visible(x[:, :3], coverage) & (z[:, 0] > station.nearest * radar.range_max)
        time, z, section, kind = time[met], z[met], targets.cross_section[met], targets.kind[met]
        time, z, section, kind = self._with_moon(look, random, time, z, section, kind)
        heard, power = self._detected(z, section, kind, random)
        for name in kind[heard].tolist():
            self._world.counts[radar.id, KINDS[name]] += 1
        return self._measured(
            np.round(time[heard], 6), z[heard], None if power is None else power[heard], random
        )

    def _targets(self, time: float, random: np.random.Generator) -> Targets:
        found = [Targets(np.zeros((0, 6)), np.zeros((0, 3)), np.zeros(0), np.zeros(0, dtype=np.int64))]
        if self._aircraft is not None:
            found.append(_targets("aircraft", self._aircraft.at(time), AIRCRAFT_M2))
        if self._overhead is not None and self._satellites is not None:
            near, x = self._overhead.at(time)
            alive = np.isfinite(x[:, 0])
            found.append(
                _targets("satellite", x[alive], self._satellites.cross_section[near[alive]], pulled(x[alive]))
            )
        for one in self._reentries:
            if one.start < time < one.end:
                x = one.at(np.array([time]))
                found.append(_targets("re-entry", x, REENTRY_M2, pulled(x)))
        if self._world.table.aurora > 0:
            x = aurora.echoes(self._world, self._station.radar, random)
            found.append(_targets("aurora", x, aurora.RADAR_M2))
        return Targets(
            *(np.concatenate([getattr(f, name) for f in found]) for name in Targets.__struct_fields__)
        )

    def _with_moon(
        self,
        look: Look,
        random: np.random.Generator,
        time: Array,
        z: Array,
        section: Array,
        kind: NDArray[np.int64],
    ) -> tuple[Array, Array, Array, NDArray[np.int64]]:
        if not self._world.table.moon:
            return time, z, section, kind
        station = self._station
        middle = look.start + look.duration / 2
        found = moon.echo(self._world, station.radar, station.height, middle, random)
        shown = (found[:, 0] < station.radar.range_max) & (
            found[:, 0] > station.nearest * station.radar.range_max
        )
        found = found[shown]
        return (
            np.append(time, look.start + swept(station.radar, found[:, 1]) * look.duration),
            np.vstack([z, found]),
            np.append(section, np.full(len(found), np.inf)),
            np.append(kind, np.full(len(found), KINDS.index("moon"))),
        )

    def _detected(
        self, z: Array, section: Array, kind: NDArray[np.int64], random: np.random.Generator
    ) -> tuple[NDArray[np.bool_], Array | None]:
        """Say what is heard (n,), and with what power where the radar has physics. The Moon is always loud."""
        physics = self._station.physics
        luck, size = random.uniform(size=len(z)), random.standard_exponential(len(z))
        if physics is None:
            return luck < self._station.radar.detection_probability, None
        loud = kind == KINDS.index("moon")
        snr = np.where(loud, 100.0, physics.snr(z, np.where(loud, 1.0, section)))
        power = received_power(snr, np.where(loud, 1.0, size))
        return power > physics.threshold, power

    def _measured(self, time: Array, z: Array, power: Array | None, random: np.random.Generator) -> Heard:
        """Add noise and bias to what is heard."""
        station = self._station
        noise = random.standard_normal((len(z), 4))
        if power is None or station.physics is None:
            return Heard(time, z + station.sigmas * noise + station.off(time), None)
        floor = np.nan_to_num(station.radar.sigmas(), posinf=0.0)
        sigmas = station.physics.sigmas(power, z, floor, station.scale)
        return Heard(time, z + station.real * sigmas * noise + station.off(time), power)


def _targets(kind: str, x: Array, section: Array | float, pull: Array | None = None) -> Targets:
    count = len(x)
    return Targets(
        x=x,
        pull=np.zeros((count, 3)) if pull is None else pull,
        cross_section=np.broadcast_to(section, count).astype(np.float64),
        kind=np.full(count, KINDS.index(kind)),
    )
