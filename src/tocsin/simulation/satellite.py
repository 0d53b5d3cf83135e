"""One infrared satellite of a run: what it is, where it is, what errors it makes."""

from collections.abc import Callable, Iterable

import numpy as np
from msgspec import Struct

from tocsin.constants import EARTH_GM, EARTH_RATE
from tocsin.earth.frames import EarthRotation
from tocsin.formats import oem
from tocsin.messages import Array, Instant, Sensor
from tocsin.sensors.echo import RadarPhysics
from tocsin.sensors.ephemeris import Ephemeris
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.platform import Platform
from tocsin.sensors.radiometry import InfraredPhysics
from tocsin.simulation.background.sightings import Watcher
from tocsin.simulation.looks import Draws
from tocsin.simulation.pointing import Bias, bias
from tocsin.simulation.scenario import Scenario

GEOSTATIONARY_RADIUS = float((EARTH_GM / EARTH_RATE**2) ** (1 / 3))  # of a point mass [m]

Where = Callable[[Instant], Array]


class Satellite(Struct, frozen=True, kw_only=True):
    """One satellite of one origin in one run.

    `where(t)` gives its position (3,) [m], ITRF; `state(t)` position and velocity (6,), None where its orbit is on the
    wire; `bias(s)` is (2,) [rad]. `declared_scale`, `real_scale`: of the errors that the satellite declares of its own
    physics, and of the true ones on top of that.
    """

    sensor: Sensor
    eye: Infrared
    physics: InfraredPhysics | None
    state: Where | None
    where: Where
    noise: float
    declared_scale: float
    real_scale: float
    bias: Bias
    rotation: EarthRotation
    draws: Draws


def satellite_of(
    sensor: Sensor, scenario: Scenario, rotation: EarthRotation, draws: Draws, scale: float
) -> Satellite:
    """Place and equip `sensor`, whose declared errors have been multiplied by `scale` already."""
    eye = Infrared.from_message(sensor)
    physics = scenario.physics.get(sensor.id)
    assert not isinstance(physics, RadarPhysics), "formats gives an infrared sensor infrared physics"
    state = state_of(sensor, scenario.ephemerides, rotation)
    real = scenario.settings.real_noise_scale
    return Satellite(
        sensor=sensor,
        eye=eye,
        physics=physics,
        state=state,
        where=Platform(sensor, rotation).from_orbit if state is None else lambda t: state(t)[:3],
        noise=eye.sigma * real,
        declared_scale=scale,
        real_scale=real,
        bias=bias(sensor, scenario, draws, eye.bias_sigma, physics),
        rotation=rotation,
        draws=draws,
    )


def watcher_of(satellite: Satellite) -> Watcher:
    """Return what the background needs to know of a satellite."""
    return Watcher(
        eye=satellite.eye,
        physics=satellite.physics,
        where=satellite.where,
        noise=satellite.noise,
        bias=satellite.bias,
        declared_scale=satellite.declared_scale,
        real_scale=satellite.real_scale,
    )


def state_of(
    sensor: Sensor, ephemerides: Iterable[tuple[str, str, str]], rotation: EarthRotation
) -> Where | None:
    """Return what gives the state (6,) of a satellite that its scans must place; None where its orbit does.

    `ephemerides`: sensor, file and text (CCSDS OEM).
    """
    for name, file, text in ephemerides:
        if name == sensor.id:
            return Ephemeris(name, oem.decode(text, file), rotation).state
    if sensor.tle is not None or sensor.orbit is not None:
        return None
    assert sensor.longitude_deg is not None, "the sensor was checked"
    lon = np.radians(sensor.longitude_deg)
    place = np.round(GEOSTATIONARY_RADIUS * np.array([np.cos(lon), np.sin(lon), 0.0]), 3)
    rest = np.concatenate((place, np.zeros(3)))
    return lambda t: rest
