"""One run's world: the scenario and settings with what the study changes in them."""

import difflib
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from tocsin.config import Config
from tocsin.errors import ConfigError
from tocsin.formats import toml
from tocsin.formats.rules import verify
from tocsin.formats.wire import LineError
from tocsin.messages import Sensor
from tocsin.simulation.scenario import ExpectTable, Scenario, SettingsTable, changed
from tocsin.simulation.truth import Truth, happen
from tocsin.study.plan import NETWORK, NOISE, SCENARIO, WITHOUT, Plan

STAGES: Final = tuple(Config.__struct_fields__)
OWN_SENSOR: Final = "sensor"
_KEYS: Final = tuple(
    name for name in Sensor.__struct_fields__ if name not in ("origin", "received", "seq", "id")
)

MOST_FLOWN: Final = 16  # truths a process keeps
_FLOWN: dict[str, Truth] = {}


class World(Struct, frozen=True):
    """What a run is simulated and processed with. `run`: the number of its draws."""

    scenario: Scenario
    config: Config
    noise_scale: float
    run: int


def world(plan: Plan, index: int) -> World:
    """Make the world of one run."""
    return _world(plan, plan.parameters(index), index // plan.points)


def verified(plan: Plan) -> Plan:
    """Return a plan whose every value can be used by itself; raise ConfigError naming the one that cannot.

    Each value is tried with the first values of all others. Networks nobody names are left out.
    """
    first = plan.point(0) | {path: shape.corners()[0] for path, shape in plan.draws.items()}
    used = {_world(plan, {}, 0).scenario.network} if SCENARIO not in first else set()
    order = sorted(first, key=lambda path: path != SCENARIO)
    for k, path in enumerate(order):
        used.add(_tried(plan, {p: first[p] for p in order[: k + 1]}, path).scenario.network)
    for path, value in plan.possible():
        used.add(_tried(plan, first | {path: value}, path).scenario.network)
    sources = {
        name: replace(s, networks={n: t for n, t in s.networks.items() if n in used})
        for name, s in plan.sources.items()
    }
    return replace(plan, sources=sources)


def _tried(plan: Plan, parameters: dict[str, Any], path: str) -> World:
    try:
        return _world(plan, parameters, 0)
    except ConfigError as error:
        raise ConfigError(f"{plan.file}: {path} = {parameters[path]!r}: {error}") from None


def truth(scenario: Scenario) -> Truth:
    """Return what happens in a scenario, flown once for runs that differ only in what is seen of it."""
    bare = replace(
        scenario, title="", story="", seed=0, network=None, sensors=(), sensor=(), outage=(), real_bias=(),
        settings=SettingsTable(), expect=ExpectTable(), insides=(),
        ephemerides=(), weather=None,
    )  # fmt: skip
    key = repr(bare)  # tables of a scenario may hold mappings, which have no hash
    if key not in _FLOWN:
        if len(_FLOWN) >= MOST_FLOWN:
            _FLOWN.clear()
        _FLOWN[key] = happen(bare)
    return _FLOWN[key]


def _world(plan: Plan, parameters: dict[str, Any], run: int) -> World:
    study = plan.study
    source = plan.sources[str(parameters.get(SCENARIO, study.scenario))]
    tables = toml.tables(source.text, source.file) | {"seed": study.seed}
    if study.network is not None:
        tables[NETWORK] = study.network
    settings: dict[str, Any] = {}
    sensors: dict[str, Any] = {}
    for path, value in parameters.items():
        stage = path.split(".")[0]
        if path not in (SCENARIO, NOISE, WITHOUT):
            kind = settings if stage in STAGES else sensors if stage == OWN_SENSOR else tables
            _put(kind, path, value)
    scenario = changed(tables, source.file, source.networks, source.ephemerides)
    without = parameters.get(WITHOUT, study.without)
    return World(
        scenario=replace(scenario, sensors=_sensors(scenario, sensors.get(OWN_SENSOR, {}), without)),
        config=toml.convert(settings, Config, "settings"),
        noise_scale=_noise(parameters.get(NOISE, study.noise_scale)),
        run=run,
    )


def _put(tables: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a dotted path; a step into an array of tables is an index or an id."""
    node: Any = tables
    *steps, last = path.split(".")
    for step in steps:
        node = node.setdefault(step, {}) if isinstance(node, dict) else _row(node, step, path)
    if not isinstance(node, dict):
        raise ConfigError(f"{path} leads into {type(node).__name__}; name a key of it")
    node[last] = value


def _row(rows: Any, step: str, path: str) -> Any:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ConfigError(f'{path}: nothing is called "{step}" in a single value')
    if step.isdecimal() and int(step) < len(rows):
        return rows[int(step)]
    found = [row for row in rows if row.get("id", row.get("sensor")) == step]
    if not found:
        ids = [str(row.get("id", row.get("sensor", i))) for i, row in enumerate(rows)]
        raise ConfigError(f'{path}: no "{step}" here; there are: {", ".join(ids)}, or count from 0')
    return found[0]


def _sensors(scenario: Scenario, changes: dict[str, Any], without: Any) -> tuple[Sensor, ...]:
    """Return a scenario's sensors, changed by id, less those that are left out."""
    known = [sensor.id for sensor in scenario.sensors]
    if not isinstance(without, list | tuple) or not all(isinstance(name, str) for name in without):
        raise ConfigError(f"without: write a list of sensor ids, not {without!r}")
    for name in (*changes, *without):
        if name not in known:
            raise ConfigError(f'sensor "{name}" is not known; there are: {", ".join(known)}')
    return tuple(
        _sensor(sensor, changes[sensor.id]) if sensor.id in changes else sensor
        for sensor in scenario.sensors
        if sensor.id not in without
    )


def _sensor(sensor: Sensor, changes: dict[str, Any]) -> Sensor:
    for key in changes:
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, n=1)
            meant = f'did you mean "{near[0]}"?' if near else f"known here: {', '.join(_KEYS)}"
            raise ConfigError(f'sensor {sensor.id}: unknown key "{key}"; {meant}')
    try:
        other = msgspec.convert(asdict(sensor) | changes, Sensor, dec_hook=lambda _, value: value)
        verify(other)
    except (msgspec.ValidationError, LineError) as error:
        raise ConfigError(f"sensor {sensor.id}: {error}") from None
    return other


def _noise(scale: Any) -> float:
    if not isinstance(scale, int | float) or isinstance(scale, bool) or not 0 < scale < float("inf"):
        raise ConfigError(f"noise_scale: write a number above zero, not {scale!r}")
    return float(scale)
