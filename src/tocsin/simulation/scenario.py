"""The TOML of a scenario: a world, who looks at it, and what is expected of the system."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sgp4.api import SGP4_ERRORS

from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.errors import ConfigError
from tocsin.flight.powered import Shape
from tocsin.flight.vehicles import VEHICLES
from tocsin.formats import oem, toml
from tocsin.formats.rules import verify
from tocsin.formats.toml import Equipment, Physics
from tocsin.formats.wire import LineError
from tocsin.messages import SECOND, Instant, Name, NotNegative, Positive, Probability, Sensor
from tocsin.sensors.platform import Platform, PlatformError, from_elements, julian_utc
from tocsin.simulation.background.tables import BackgroundTable, FireballTable, SatelliteTable
from tocsin.simulation.random_vehicles import KINDS, random_kind_of
from tocsin.simulation.told import CatalogueTable, DecisionTable, NotificationTable, SummaryTable, told

SIMULATED_ORIGINS = ("test", "exercise")
LONGEST_S = 7 * 86_400.0


class LaunchTable(Struct, frozen=True, kw_only=True):
    """One launch.

    Either `range_m` with a `shape` or under `apogee_m`, or `pitch_deg`, or a space launcher with `orbit_height_m`.
    `vehicle = "random"`, or "random:intercontinental" and the like, is drawn by the scenario's seed (or
    `vehicle_seed`) and the launch's id; without a range how it flies is drawn too. A failure ends the thrust;
    `fragments`: into how many more pieces the vehicle then breaks up.
    """

    id: Name
    vehicle: str
    time_s: NotNegative
    latitude_deg: float
    longitude_deg: float
    height_m: float = 0.0
    azimuth_deg: float
    range_m: Positive | None = None
    apogee_m: Positive | None = None
    shape: Shape | None = None
    pitch_deg: float | None = None
    cut_off_s: Positive | None = None
    orbit_height_m: Positive | None = None
    failure_s: Positive | None = None
    fragments: Annotated[int, Meta(ge=0, le=1000)] = 0
    vehicle_seed: int | None = None
    separates: bool = False
    origin: str | None = None


class FireTable(Struct, frozen=True, kw_only=True):
    """A source of heat that stays where it is: a fire, a flare or, when short, a flash. No cloud hides it.

    A sensor with physics goes by `radiant_intensity_w_sr` where it is given, not by `detection_probability`.
    """

    id: Name
    latitude_deg: float
    longitude_deg: float
    height_m: float = 0.0
    from_s: NotNegative = 0.0
    to_s: Positive | None = None
    detection_probability: Probability = 0.7
    radiant_intensity_w_sr: Positive | None = None
    origin: str | None = None


class OutageTable(Struct, frozen=True, kw_only=True):
    """A time without looks of one sensor. `announced`: `status` messages say so."""

    sensor: Name
    from_s: NotNegative
    to_s: Positive
    announced: bool = True


class BiasTable(Struct, frozen=True, kw_only=True):
    """A sensor's true bias, in place of a drawn one: none until `since_s`, constant after.

    Infrared: east and north as seen in the sky.
    """

    sensor: Name
    since_s: NotNegative = 0.0
    east_urad: float = 0.0
    north_urad: float = 0.0
    range_m: float = 0.0
    azimuth_deg: float = 0.0
    elevation_deg: float = 0.0


class WeatherTable(Struct, frozen=True, kw_only=True):
    """The sky over launches: in a part `cloud_cover` of all places cloud hides what is below its top.

    Without this table every sensor's own `cloud_top_m` hides what is below it, everywhere.
    """

    cloud_cover: Probability
    cloud_top_m: NotNegative = 8_000.0
    cloud_top_sigma_m: NotNegative = 0.0


class SettingsTable(Struct, frozen=True, kw_only=True):
    """Knobs of the simulation. `noise_scale` multiplies every error and what the sensors say of themselves;
    `real_noise_scale` the true noise alone. Clutter: factor on every sensor's false alarms."""

    noise_scale: Positive = 1.0
    real_noise_scale: NotNegative = 1.0
    clutter_scale: NotNegative = 1.0
    delay_min_s: NotNegative = 0.05
    delay_max_s: NotNegative = 0.4


class ExpectTable(Struct, frozen=True, kw_only=True):
    """What the system should make of it; absent means nothing is claimed. Read by the tests.

    `warnings`, `detected_at_most`, `corroborated`: objects that no other one has swallowed. `alerts`: new ones, not
    updates. `identity`, `origin`: of every one at its last. `step`: the false-alarm step that stops it; `event`: an
    event of the system itself that must be named. `not_yet`: by claim, why the right answer does not come out so far.
    """

    warnings: int | None = None
    detected_at_most: int | None = None
    corroborated: int | None = None
    alerts: int | None = None
    identity: str | None = None
    origin: str | None = None
    step: str | None = None
    event: str | None = None
    not_yet: dict[str, str] = {}
    note: str = ""


SensorTable: Any = msgspec.defstruct(
    "SensorTable",
    [
        (f.name, f.type, msgspec.field(default=f.default)) if not f.required else (f.name, f.type)
        for f in msgspec.structs.fields(Sensor)
        if f.name not in ("origin", "received", "seq")
    ]
    + [
        ("physics", dict[str, Any] | None, msgspec.field(default=None)),
        ("ephemeris", str | None, msgspec.field(default=None)),
    ],
    kw_only=True,
    frozen=True,
)


class _Tables(Struct, frozen=True, kw_only=True):
    title: Name
    story: str = ""
    origin: str = "test"
    start: Instant
    duration_s: Positive
    seed: int = 1
    network: str | None = None
    sensor: tuple[SensorTable, ...] = ()
    launch: tuple[LaunchTable, ...] = ()
    fire: tuple[FireTable, ...] = ()
    background: BackgroundTable = BackgroundTable()
    fireball: tuple[FireballTable, ...] = ()
    satellite: tuple[SatelliteTable, ...] = ()
    notification: tuple[NotificationTable, ...] = ()
    summary: tuple[SummaryTable, ...] = ()
    catalogue: tuple[CatalogueTable, ...] = ()
    decision: tuple[DecisionTable, ...] = ()
    outage: tuple[OutageTable, ...] = ()
    real_bias: tuple[BiasTable, ...] = ()
    weather: WeatherTable | None = None
    settings: SettingsTable = SettingsTable()
    expect: ExpectTable = ExpectTable()


class Scenario(_Tables, frozen=True, kw_only=True):
    """A checked scenario with its sensors. `file` is named in errors.

    `insides`: the id of each sensor that says how it works inside, and what it says; see `physics`.
    `ephemerides`: for each satellite placed by an ephemeris its id, the file's name and the file's text.
    """

    file: str
    sensors: tuple[Sensor, ...]
    insides: tuple[tuple[str, Physics], ...] = ()
    ephemerides: tuple[tuple[str, str, str], ...] = ()

    @property
    def physics(self) -> dict[str, Physics]:
        """Return how a sensor works inside, by its id, where the scenario or the network says so."""
        return dict(self.insides)

    @property
    def origins(self) -> tuple[str, ...]:
        """Return the origins in it, the scenario's own first."""
        tables = (self.launch, self.fire, self.notification, self.summary, self.catalogue, self.decision)
        own = [table.origin for kind in tables for table in kind]
        return tuple(dict.fromkeys([self.origin, *(o for o in own if o is not None)]))


def decode(
    text: str, file: str, networks: dict[str, str], ephemerides: Mapping[str, str] = MappingProxyType({})
) -> Scenario:
    """Decode a scenario; `networks` and `ephemerides` hold the text of each network and OEM file it may name.

    Raises ConfigError naming file, table and key, and what would be right.
    """
    return checked(toml.decode(text, _Tables, file), file, networks, ephemerides)


def changed(
    data: dict[str, Any],
    file: str,
    networks: dict[str, str],
    ephemerides: Mapping[str, str] = MappingProxyType({}),
) -> Scenario:
    """Decode a scenario's tables after somebody changed them; raise as `decode`."""
    return checked(toml.convert(data, _Tables, file), file, networks, ephemerides)


def checked(
    tables: _Tables,
    file: str,
    networks: dict[str, str],
    ephemerides: Mapping[str, str] = MappingProxyType({}),
) -> Scenario:
    """Make a scenario of tables that fit together; raise ConfigError where they do not."""
    equipment = _equipment(tables, file, networks)
    sensors = tuple(found.sensor for found in equipment)
    _verify_whole(tables, file)
    _verify_names(tables, sensors, file)
    for i, launch in enumerate(tables.launch):
        _verify_launch(launch, tables, f"{file}: [launch][{i}]")
    for i, fire in enumerate(tables.fire):
        where = f"{file}: [fire][{i}]"
        _verify_place(fire.latitude_deg, fire.longitude_deg, where)
        _verify_origin(fire.origin or tables.origin, where)
        _verify_order(fire.from_s, fire.to_s, where)
    for i, outage in enumerate(tables.outage):
        _verify_order(outage.from_s, outage.to_s, f"{file}: [outage][{i}]")
    for message in told(tables, file):
        _verify_origin(message.origin, f"{file}: [{message.__struct_config__.tag}]")
    for i, satellite in enumerate(tables.satellite):
        _verify_aloft(satellite, tables.start, f"{file}: [satellite][{i}]")
    fields = {f.name: getattr(tables, f.name) for f in msgspec.structs.fields(_Tables)}
    return Scenario(
        **fields,
        file=file,
        sensors=sensors,
        insides=tuple((e.sensor.id, e.physics) for e in equipment if e.physics is not None),
        ephemerides=tuple(_ephemerides(equipment, file, ephemerides)),
    )


def _ephemerides(
    equipment: tuple[Equipment, ...], file: str, texts: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Yield id, file name and text of every ephemeris that a sensor names, once it decodes."""
    for name, ephemeris in ((e.sensor.id, e.ephemeris) for e in equipment):
        if ephemeris is None:
            continue
        if ephemeris not in texts:
            beside = f"; there are: {', '.join(texts)}" if texts else ""
            raise ConfigError(
                f'{file}: sensor {name}: no ephemeris "{ephemeris}" beside the scenario{beside}'
            )
        oem.decode(texts[ephemeris], ephemeris)
        yield name, ephemeris, texts[ephemeris]


def _equipment(tables: _Tables, file: str, networks: dict[str, str]) -> tuple[Equipment, ...]:
    found: list[Equipment] = []
    if tables.network is not None:
        if tables.network not in networks:
            known = ", ".join(sorted(networks))
            raise ConfigError(f'{file}: network: "{tables.network}" is not known; there are: {known}')
        found += toml.equipment(networks[tables.network], f"network {tables.network}")
    for i, table in enumerate(tables.sensor):
        own = msgspec.structs.asdict(table)
        beyond = {name: own.pop(name) for name in ("physics", "ephemeris")}
        sensor = Sensor(origin="test", **own)
        try:
            verify(sensor)
        except LineError as error:
            raise ConfigError(f"{file}: [sensor][{i}]: {error.field}: {error.why}") from None
        found.append(toml.equipped(sensor, beyond, file, i))
    if not found:
        raise ConfigError(f'{file}: has no sensors; name a network = "demo", or give [[sensor]] tables')
    for one in found:
        _verify_sensor(one, f"{file}: sensor {one.sensor.id}")
        _verify_orbit(one.sensor, tables, file)
    return tuple(found)


def _verify_sensor(equipment: Equipment, where: str) -> None:
    """Ask for what a simulation needs beyond what a `sensor` message must have."""
    sensor = equipment.sensor
    if sensor.scan_period_s is None:
        raise ConfigError(
            f"{where}: scan_period_s is missing; a simulated sensor needs to know when it looks"
        )
    places = (sensor.tle, sensor.orbit, sensor.longitude_deg, equipment.ephemeris)
    if sensor.type == "infrared" and all(place is None for place in places):
        raise ConfigError(
            f"{where}: give tle, orbit, ephemeris, or longitude_deg for a geostationary satellite"
        )


def _verify_orbit(sensor: Sensor, tables: _Tables, file: str) -> None:
    """Refuse an orbit that has decayed by the scenario's begin or end."""
    if sensor.tle is None and sensor.orbit is None:
        return
    platform = Platform(sensor, EarthRotation(bundled()))
    try:
        for t in (tables.start, tables.start + round(tables.duration_s * SECOND)):
            platform.from_orbit(t)
    except PlatformError as error:
        raise ConfigError(f"{file}: {error}") from None


def _verify_aloft(satellite: SatelliteTable, start: Instant, where: str) -> None:
    """Refuse a satellite that has come down before the scenario starts; on the way it may."""
    error, _, _ = from_elements(satellite.orbit).sgp4(*julian_utc(start))
    if error:
        raise ConfigError(
            f"{where}: orbit: SGP4 cannot carry it to the scenario's start ({SGP4_ERRORS[error]}); give elements of "
            "about that time"
        )


def _verify_whole(tables: _Tables, file: str) -> None:
    _verify_origin(tables.origin, file)
    if tables.duration_s > LONGEST_S:
        raise ConfigError(f"{file}: duration_s: {tables.duration_s:g} is longer than a week")
    if tables.settings.delay_min_s > tables.settings.delay_max_s:
        raise ConfigError(f"{file}: [settings]: delay_min_s is above delay_max_s")


def _verify_names(tables: _Tables, sensors: tuple[Sensor, ...], file: str) -> None:
    _verify_unique([s.id for s in sensors], f"{file}: sensor id")
    things: list[tuple[Any, ...]] = [tables.launch, tables.fire, tables.fireball, tables.satellite]
    _verify_unique([thing.id for kind in things for thing in kind], f"{file}: id")
    known = [s.id for s in sensors]
    for name in [t.sensor for t in tables.outage] + [t.sensor for t in tables.real_bias]:
        if name not in known:
            raise ConfigError(f'{file}: sensor "{name}" is not known; there are: {", ".join(known)}')


def _verify_unique(names: list[str], what: str) -> None:
    for i, name in enumerate(names):
        if name in names[:i]:
            raise ConfigError(f'{what} "{name}" stands twice')


def _verify_launch(launch: LaunchTable, tables: _Tables, where: str) -> None:
    kind = random_kind_of(launch.vehicle)
    if kind is None and launch.vehicle not in VEHICLES:
        known = f"{', '.join(VEHICLES)}, random, {', '.join(f'random:{k}' for k in KINDS)}"
        raise ConfigError(f'{where}: vehicle "{launch.vehicle}" is not known; there are: {known}')
    _verify_place(launch.latitude_deg, launch.longitude_deg, where)
    _verify_origin(launch.origin or tables.origin, where)
    if not -360 <= launch.azimuth_deg <= 720:
        raise ConfigError(
            f"{where}: azimuth_deg: {launch.azimuth_deg:g} is no azimuth; clockwise from north, 0 to 360"
        )
    if launch.time_s >= tables.duration_s:
        raise ConfigError(
            f"{where}: time_s: {launch.time_s:g} is not before the end, duration_s = {tables.duration_s:g}"
        )
    if not -500 <= launch.height_m <= 20_000:
        raise ConfigError(f"{where}: height_m: {launch.height_m:g} is not between -500 and 20000")
    if launch.height_m < 0:
        raise ConfigError(f"{where}: height_m: {launch.height_m:g} is below the ellipsoid; use 0")
    _verify_way(launch, kind, where)


def _verify_way(launch: LaunchTable, kind: str | None, where: str) -> None:
    """Raise ConfigError for a launch told in no way, or in several that contradict each other."""
    orbit = launch.shape == "orbit" or launch.orbit_height_m is not None
    ways = [launch.range_m is not None, launch.pitch_deg is not None, orbit]
    if sum(ways) != 1 and not (kind is not None and sum(ways) == 0):
        raise ConfigError(f"{where}: give exactly one of range_m (with shape), pitch_deg, or orbit_height_m")
    if launch.cut_off_s is not None and launch.pitch_deg is None:
        raise ConfigError(f"{where}: cut_off_s goes with pitch_deg; with range_m the cut-off is found")
    if launch.apogee_m is not None and (launch.range_m is None or launch.shape is not None):
        raise ConfigError(
            f"{where}: apogee_m goes with range_m and in place of shape; pitch and cut-off are found"
        )
    if launch.fragments and launch.failure_s is None:
        raise ConfigError(f"{where}: fragments goes with failure_s: the time at which the vehicle breaks up")
    if launch.vehicle_seed is not None and kind is None:
        raise ConfigError(f'{where}: vehicle_seed goes with vehicle = "random"')


def _verify_place(latitude_deg: float, longitude_deg: float, where: str) -> None:
    if abs(latitude_deg) > 90:
        swapped = "; are latitude and longitude swapped?" if abs(longitude_deg) <= 90 else ""
        raise ConfigError(f"{where}: latitude_deg: {latitude_deg:g} is not between -90 and 90{swapped}")
    if abs(longitude_deg) > 360:
        raise ConfigError(f"{where}: longitude_deg: {longitude_deg:g} is not between -360 and 360")


def _verify_origin(origin: str, where: str) -> None:
    if origin == "live":
        raise ConfigError(f'{where}: origin: a simulation is never "live"; write "test" or "exercise"')
    if origin not in SIMULATED_ORIGINS:
        raise ConfigError(f'{where}: origin: "{origin}" is not known; write "test" or "exercise"')


def _verify_order(from_s: float, to_s: float | None, where: str) -> None:
    if to_s is not None and to_s <= from_s:
        raise ConfigError(f"{where}: to_s: {to_s:g} is not after from_s = {from_s:g}")
