"""What really happens: flying bodies and fires, by scenario time."""

import numpy as np
from msgspec import Struct

from tocsin.earth.ellipsoid import ecef_from_geodetic
from tocsin.errors import ConfigError
from tocsin.flight.powered import Flight, FlightError, Launch, fly, spent_stages, why_aloft
from tocsin.flight.vehicles import VEHICLES, Vehicle
from tocsin.messages import SECOND, Array, Instant
from tocsin.simulation.break_up import broken
from tocsin.simulation.draws import draw
from tocsin.simulation.random_vehicles import drawn, random_kind_of
from tocsin.simulation.scenario import FireTable, LaunchTable, Scenario

LONGEST_FLIGHT_S = 14_400.0


class Body(Struct, frozen=True, kw_only=True):
    """One thing that flies. `lift_off` [s after the scenario's start]; `parent`: what it separated from.

    `radiant_intensity`: of each stage's plume low in the air [W/sr]; nothing for what has no engine.
    `cross_section`: mean radar cross section up to the last burnout and after it [m²].
    """

    id: str
    origin: str
    identity: str
    vehicle: str
    lift_off: float
    lift_off_time: Instant
    latitude_deg: float
    longitude_deg: float
    azimuth_deg: float
    flight: Flight
    parent: str | None = None
    radiant_intensity: tuple[float, ...] = ()
    cross_section: tuple[float, float] = (1.0, 1.0)

    @property
    def impact_time(self) -> Instant | None:
        """Return when it hits the ground, if it does."""
        if self.flight.impact_time is None:
            return None
        return Instant(self.lift_off_time + round(self.flight.impact_time * SECOND))

    @property
    def r_impact_ecef(self) -> Array | None:
        """Return where it hits the ground (3,) [m], ITRF, if it does."""
        return None if self.flight.impact_time is None else self.flight.x[-1, :3]

    def at(self, times: Array) -> Array:
        """Return the states (n, 6), ITRF [m, m/s], at scenario `times` (n,) [s]."""
        return self.flight.at(np.asarray(times) - self.lift_off)

    def burning(self, time: float) -> bool:
        """Say whether an engine burns at scenario `time` [s]."""
        return bool(self.flight.thrusting(np.array([time - self.lift_off]))[0])

    def flying(self, time: float) -> bool:
        """Say whether it is in the air, as a body of its own, at scenario `time` [s]."""
        t = self.flight.t
        return bool(t[0] < time - self.lift_off <= t[-1])


class Fire(Struct, frozen=True, kw_only=True):
    """A source of heat on the ground. Times [s after the scenario's start]."""

    id: str
    origin: str
    r_ecef: Array
    start: float
    end: float
    detection_probability: float
    radiant_intensity: float | None = None


class Truth(Struct, frozen=True, kw_only=True):
    """All that happens in a scenario."""

    start: Instant
    duration_s: float
    bodies: tuple[Body, ...]
    fires: tuple[Fire, ...]

    def body(self, name: str) -> Body:
        """Return the body called `name`."""
        return next(b for b in self.bodies if b.id == name)

    def seconds(self, t: int) -> float:
        """Return an Instant as scenario time [s]."""
        return (t - self.start) / SECOND


def happen(scenario: Scenario) -> Truth:
    """Fly and light everything in `scenario`; raise ConfigError for a launch that cannot be flown."""
    bodies: list[Body] = []
    for i, table in enumerate(scenario.launch):
        try:
            bodies += _bodies(table, scenario)
        except FlightError as error:
            raise ConfigError(f"{scenario.file}: [launch][{i}]: {error}") from None
    fires = tuple(_fire(table, scenario) for table in scenario.fire)
    return Truth(start=scenario.start, duration_s=scenario.duration_s, bodies=tuple(bodies), fires=fires)


def _bodies(table: LaunchTable, scenario: Scenario) -> list[Body]:
    """Fly one launch and, where asked, what it leaves behind."""
    vehicle, launch, flight = flown(table, scenario)
    if flight.impact_time is None and launch.shape != "orbit":
        raise FlightError(why_aloft(vehicle, flight))
    whole = _body(table, scenario, vehicle, flight)
    sections = vehicle.cross_sections
    left = {f"stage-{k + 1}": spent for k, spent in enumerate(_spent(table, vehicle, flight))}
    children = [_child(whole, name, spent, sections.stage) for name, spent in left.items()]
    pieces = broken(flight, table.fragments, f"seed {scenario.seed}", table.id)
    children += [_child(whole, f"fragment-{k + 1}", f, sections.fragment) for k, f in enumerate(pieces)]
    return [whole, *children]


def flown(table: LaunchTable, scenario: Scenario) -> tuple[Vehicle, Launch, Flight]:
    """Return the vehicle of a launch, drawn where it is to be, how it is launched, and its flight."""
    kind, launch = random_kind_of(table.vehicle), launch_of(table)
    if kind is None:
        vehicle = VEHICLES[table.vehicle]
        return vehicle, launch, fly(vehicle, launch, LONGEST_FLIGHT_S)
    seed = scenario.seed if table.vehicle_seed is None else table.vehicle_seed
    found = drawn(draw(f"seed {seed}", 0, table.id, "", 0, "vehicle"), launch, kind or None)
    return found.vehicle, found.launch, found.flight


def _spent(table: LaunchTable, vehicle: Vehicle, flight: Flight) -> list[Flight]:
    return spent_stages(vehicle, flight, LONGEST_FLIGHT_S) if table.separates else []


def _child(whole: Body, name: str, flight: Flight, cross_section: float) -> Body:
    """Make a body of what left another."""
    return Body(
        id=f"{whole.id}/{name}",
        origin=whole.origin,
        identity="re-entering-body",
        vehicle=whole.vehicle,
        lift_off=whole.lift_off,
        lift_off_time=whole.lift_off_time,
        latitude_deg=whole.latitude_deg,
        longitude_deg=whole.longitude_deg,
        azimuth_deg=whole.azimuth_deg,
        flight=flight,
        parent=whole.id,
        cross_section=(cross_section,) * 2,
    )


def _body(table: LaunchTable, scenario: Scenario, vehicle: Vehicle, flight: Flight) -> Body:
    failed = table.failure_s is not None and flight.burnout >= table.failure_s  # then all stays joined
    sections = vehicle.cross_sections
    return Body(
        id=table.id,
        origin=table.origin or scenario.origin,
        identity=vehicle.identity,
        vehicle=vehicle.name,
        lift_off=table.time_s,
        lift_off_time=Instant(scenario.start + round(table.time_s * SECOND)),
        latitude_deg=table.latitude_deg,
        longitude_deg=table.longitude_deg,
        azimuth_deg=table.azimuth_deg,
        flight=flight,
        radiant_intensity=tuple(stage.radiant_intensity for stage in vehicle.stages),
        cross_section=(sections.stack, sections.body if vehicle.separates and not failed else sections.stack),
    )


def launch_of(table: LaunchTable) -> Launch:
    """Turn a table's degrees into a `Launch`."""
    orbit = table.shape == "orbit" or table.orbit_height_m is not None
    return Launch(
        latitude=float(np.radians(table.latitude_deg)),
        longitude=float(np.radians(table.longitude_deg)),
        height=table.height_m,
        azimuth=float(np.radians(table.azimuth_deg)),
        range=table.range_m,
        shape="orbit" if orbit else (table.shape or "minimum-energy"),
        pitch=None if table.pitch_deg is None else float(np.radians(table.pitch_deg)),
        cut_off=table.cut_off_s,
        orbit_height=table.orbit_height_m,
        failure=table.failure_s,
        apogee=table.apogee_m,
    )


def _fire(table: FireTable, scenario: Scenario) -> Fire:
    lat, lon = np.radians(table.latitude_deg), np.radians(table.longitude_deg)
    return Fire(
        id=table.id,
        origin=table.origin or scenario.origin,
        r_ecef=ecef_from_geodetic(lat, lon, table.height_m),
        start=table.from_s,
        end=scenario.duration_s if table.to_s is None else table.to_s,
        detection_probability=table.detection_probability,
        radiant_intensity=table.radiant_intensity_w_sr,
    )
