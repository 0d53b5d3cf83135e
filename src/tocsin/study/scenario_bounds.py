"""Cramér-Rao bounds for the launches of any scenario, from the looks its sensors would have; nothing is tracked.

The true flight is flown again with each unknown a little larger and smaller. The looks are the simulation's own: its
times, its fields of view, its clouds, without clutter, noise and bias. A sensor with a constant detection probability
is taken to see whenever it can, and each look counts by that probability; one with `[sensor.physics]` sees what it
sees in this run's draw, with the noise its detections state.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from tocsin.earth.ellipsoid import destination, enu_from_ecef, geodetic_from_ecef
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.flight.powered import Flight, Launch, fly, planned
from tocsin.flight.vehicles import Vehicle
from tocsin.messages import SECOND, Array, InfraredScan, RadarScan, Sensor
from tocsin.sensors.infrared import MICRORADIAN, Infrared
from tocsin.sensors.platform import Platform
from tocsin.sensors.radar import Radar
from tocsin.simulation import simulate
from tocsin.simulation.background.tables import BackgroundTable
from tocsin.simulation.scenario import LaunchTable, Scenario
from tocsin.simulation.truth import LONGEST_FLIGHT_S, Body, Truth, flown, happen
from tocsin.study.bounds import Sight
from tocsin.study.launch_bounds import Bound, Flights, Look, launch_bounds

_STEPS = np.array(
    [100.0, 100.0, 0.1, 1e-3, 1e-3, 1e-3]
)  # north, east [m], time [s], heading [rad], thrust, pitch
_EDGE = 1.0  # of the flight's end [s], where neighbours are on the ground already


class Bounds(Struct, frozen=True, kw_only=True):
    """What can be known of one launch: after each look of the satellites alone, and of all sensors.

    `biased`: the same with the biases that the sensors declare unknown; empty where they declare none.
    """

    launch: str
    vehicle: str
    infrared: list[Bound]
    all: list[Bound]
    infrared_biased: list[Bound]
    all_biased: list[Bound]


def scenario_bounds(scenario: Scenario) -> list[Bounds]:
    """Return the bounds of each launch; raise ConfigError for one that cannot be flown."""
    truth = happen(scenario)
    bodies = {body.id: body for body in truth.bodies}
    found = []
    for table in scenario.launch:
        body = bodies[table.id]
        vehicle, launch, _ = flown(table, scenario)
        flights = neighbours(vehicle, launch, body.flight)
        looks = list(looks_at(scenario, truth, body))
        sights = [look for look in looks if isinstance(look.observer, Sight)]
        found.append(_bounds(table, flights, sights, looks))
    return found


def neighbours(vehicle: Vehicle, launch: Launch, flight: Flight) -> Flights:
    """Fly a launch's neighbours; `flight` is its own."""
    vehicle, launch = planned(vehicle, launch)
    flown, pairs = [], []
    for k, step in enumerate(_STEPS):
        pair = [
            (flight, delta) if k == 2 else (_moved(vehicle, launch, k, delta), 0.0) for delta in (step, -step)
        ]
        flown.append(pair)
        pairs.append(tuple(_path(*one) for one in pair))
    return Flights(_path(flight, 0.0), tuple(pairs), _STEPS, flight.burnout, _impact(flight, flown))


def looks_at(scenario: Scenario, truth: Truth, body: Body) -> Iterator[Look]:
    """Yield every look at a body that can see it."""
    alone = Truth(start=truth.start, duration_s=truth.duration_s, bodies=(body,), fires=())
    sure = tuple(replace(s, detection_probability=1.0) for s in scenario.sensors)
    quiet = replace(
        scenario, sensors=sure, background=BackgroundTable(), fireball=(),
        settings=replace(scenario.settings, clutter_scale=0.0, real_noise_scale=0.0),
    )  # fmt: skip
    probabilities = {
        s.id: 1.0 if s.id in scenario.physics else s.detection_probability for s in scenario.sensors
    }
    observers: dict[str, _Watcher] = {}
    rotation = EarthRotation(bundled())
    end = body.flight.t[-1] - _EDGE
    for message in simulate(quiet, truth=alone).messages:
        if isinstance(message, Sensor):
            observers[message.id] = _Watcher(message, rotation)
        elif isinstance(message, InfraredScan | RadarScan):
            watcher = observers[message.sensor]
            for detection in message.detections:
                time = (detection.time or message.time) - body.lift_off_time
                look = watcher.look(message, detection, time / SECOND, probabilities[message.sensor])
                if 0.0 < look.time < end:
                    yield look


class _Watcher:
    """A sensor as it declares itself, from whose detections looks are made."""

    def __init__(self, sensor: Sensor, rotation: EarthRotation) -> None:
        self.sensor = sensor
        self.radar = Radar.from_message(sensor) if sensor.type == "radar" else None
        self.eye = Infrared.from_message(sensor) if sensor.type == "infrared" else None
        self.platform = Platform(sensor, rotation) if sensor.type == "infrared" else None

    def look(self, scan: Any, detection: Any, time: float, probability: float) -> Look:
        if self.radar is not None:
            s = self.radar.sigmas(detection.sigma)
            observer: Radar | Sight = replace(
                self.radar, range_sigma=s[0], azimuth_sigma=s[1], elevation_sigma=s[2],
                range_rate_sigma=s[3] if np.isfinite(s[3]) else None,
            )  # fmt: skip
            bias = (self.radar.range_bias_sigma, *[self.radar.angle_bias_sigma] * 2)
        else:
            assert self.eye is not None
            assert self.platform is not None
            own = self.eye.sigma if detection.sigma_urad is None else detection.sigma_urad * MICRORADIAN
            place = self.platform.position(scan, detection.time or scan.time)
            observer, bias = Sight(replace(self.eye, sigma=own), place), (self.eye.bias_sigma,) * 2
        return Look(
            time=time, sensor=self.sensor.id, observer=observer, probability=probability, bias=bias if any(bias) else ()
        )  # fmt: skip


def _bounds(table: LaunchTable, flights: Flights, sights: list[Look], looks: list[Look]) -> Bounds:
    biased = any(look.bias for look in looks)
    return Bounds(
        launch=table.id, vehicle=table.vehicle, infrared=launch_bounds(flights, sights),
        all=launch_bounds(flights, looks),
        infrared_biased=launch_bounds(flights, sights, biased=True) if biased else [],
        all_biased=launch_bounds(flights, looks, biased=True) if biased else [],
    )  # fmt: skip


def _moved(vehicle: Vehicle, launch: Launch, unknown: int, delta: float) -> Flight:
    """Fly again with one unknown larger by `delta`."""
    if unknown < 2:
        lat, lon = destination(launch.latitude, launch.longitude, (0.0, np.pi / 2)[unknown], delta)
        launch = replace(launch, latitude=lat, longitude=lon)
    elif unknown == 3:
        launch = replace(launch, azimuth=launch.azimuth + delta)
    elif unknown == 4:  # the same propellant in the same time, thrown out faster
        stages = tuple(
            replace(s, acceleration=s.acceleration * (1 + delta), exhaust_velocity=s.exhaust_velocity * (1 + delta))
            for s in vehicle.stages
        )  # fmt: skip
        vehicle = replace(vehicle, stages=stages)
    else:
        assert launch.pitch is not None
        launch = replace(launch, pitch=launch.pitch * (1 + delta))
    return fly(vehicle, launch, LONGEST_FLIGHT_S)


def _path(flight: Flight, late: float) -> Any:
    return lambda times: flight.at(np.asarray(times) - late)


def _impact(flight: Flight, flown: list[list[tuple[Flight, float]]]) -> Array | None:
    """Return the derivative (3, 6) of east, north [m] and time [s] of the impact; None where one of them stays up."""
    if flight.impact_time is None:
        return None
    latitude, longitude, _ = geodetic_from_ecef(flight.x[-1, :3])
    axes = enu_from_ecef(latitude, longitude)[:2]
    columns = []
    for ((more, later), (less, earlier)), step in zip(flown, _STEPS, strict=True):
        if more.impact_time is None or less.impact_time is None:
            return None
        apart = axes @ (more.x[-1, :3] - less.x[-1, :3])
        columns.append(np.append(apart, more.impact_time + later - less.impact_time - earlier) / (2 * step))
    return np.column_stack(columns)
