"""TOML, strictly: what a person types.

An unknown, missing, misspelt or impossible key is named, with what was meant.

A TOML date-time keeps six digits of a second and no leap second; a time written as text keeps nine and both.
"""

import difflib
import re
import tomllib
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, inspect

from tocsin.errors import ConfigError
from tocsin.formats.rules import verify
from tocsin.formats.wire import LineError, fault, from_wire, unbounded
from tocsin.messages import Origin, Sensor
from tocsin.sensors.echo import RadarPhysics, misfit
from tocsin.sensors.radiometry import InfraredPhysics

T = TypeVar("T")
Physics = InfraredPhysics | RadarPhysics

_BEYOND_THE_MESSAGE = ("physics", "ephemeris")
_NOT_IN_A_NETWORK = ("kind", "origin", "received", "seq")
_PHYSICS: dict[str, type[InfraredPhysics] | type[RadarPhysics]] = {
    "infrared": InfraredPhysics,
    "radar": RadarPhysics,
}


class Equipment(Struct, frozen=True):
    """A sensor of a simulation: its message, how it works inside, the file of its ephemeris (CCSDS OEM)."""

    sensor: Sensor
    physics: Physics | None = None
    ephemeris: str | None = None


def decode(text: str, type: type[T], file: str) -> T:
    """Decode `text` of `file` as the struct `type`; raise `ConfigError` naming file, table and key."""
    return convert(tables(text, file), type, file, text)


def convert(data: dict[str, Any], type: type[T], file: str, text: str = "") -> T:
    """Convert tables already read; raise as `decode`, naming the line where their `text` is given."""
    _verify_keys(data, _type_info(type), (), text, file)  # type: ignore[arg-type]  # a type is hashable
    return _convert(data, type, (), text, file)


def tables(text: str, file: str) -> dict[str, Any]:
    """Read the tables of a TOML `text`, whatever they mean; raise `ConfigError` where it is not TOML."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not TOML: {error}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file}: not TOML: {error}") from None


def network(text: str, file: str, origin: Origin = "test") -> tuple[Sensor, ...]:
    """Decode a sensor network: `title`, `source`, and `[[sensor]]` with the fields of a `sensor` message."""
    return tuple(found.sensor for found in equipment(text, file, origin))


def equipment(text: str, file: str, origin: Origin = "test") -> tuple[Equipment, ...]:
    """Decode a sensor network as `network`, with what a table says beyond the sensor's message."""
    data = tables(text, file)
    known = _type_info(Sensor)
    assert isinstance(known, inspect.StructType)
    fields = {f.encode_name: f.type for f in known.fields if f.encode_name not in _NOT_IN_A_NETWORK}
    _verify_names(data, ("title", "source", "sensor"), (), text, file)
    for name in ("title", "source"):
        if not isinstance(data.get(name), str):
            raise ConfigError(
                f'{file}: {name} = "..." is missing; a network says what it is and whence its figures'
            )
    rows = data.get("sensor")
    if not isinstance(rows, list) or not rows or not all(isinstance(table, dict) for table in rows):
        raise ConfigError(f"{file}: has no [[sensor]] table")
    sensors: dict[str, Equipment] = {}
    for i, table in enumerate(rows):
        path = ("sensor", i)
        _verify_names(table, (*fields, *_BEYOND_THE_MESSAGE), path, text, file)
        own = {name: value for name, value in table.items() if name not in _BEYOND_THE_MESSAGE}
        sensor = _convert({**own, "origin": origin}, Sensor, path, text, file)
        try:
            verify(sensor)
        except LineError as error:
            raise ConfigError(_message(error, path, text, file)) from None
        if sensor.id in sensors:
            raise ConfigError(f'{file}: {_bracketed(path)}: id = "{sensor.id}" stands twice')
        sensors[sensor.id] = equipped(sensor, table, file, i, text)
    return tuple(sensors.values())


def equipped(sensor: Sensor, table: dict[str, Any], file: str, number: int, text: str = "") -> Equipment:
    """Convert what the table of sensor `number` says beyond its message; raise as `decode`."""
    path = ("sensor", number)
    ephemeris = table.get("ephemeris")
    if ephemeris is not None:
        _verify_ephemeris(sensor, ephemeris, path, text, file)
    inside = table.get("physics")
    if inside is not None:
        if not isinstance(inside, dict):
            error = LineError("physics", "is not a table; write [sensor.physics] below the sensor's own keys")
            raise ConfigError(_message(error, path, text, file))
        wanted = _PHYSICS[sensor.type]
        _verify_keys(inside, _type_info(wanted), (*path, "physics"), text, file)
        inside = _convert(inside, wanted, (*path, "physics"), text, file)
        if isinstance(inside, RadarPhysics) and (why := misfit(inside, sensor)) is not None:
            raise ConfigError(_message(LineError(*why), (*path, "physics"), text, file))
    return Equipment(sensor, inside, ephemeris)


def _verify_ephemeris(sensor: Sensor, name: Any, path: tuple[str | int, ...], text: str, file: str) -> None:
    why = None
    if not isinstance(name, str) or not name.endswith(".oem") or "/" in name:
        why = 'is not the name of a file beside this one; write ephemeris = "satellite.oem"'
    elif sensor.type != "infrared" or sensor.tle is not None or sensor.orbit is not None:
        why = "goes with an infrared satellite that has neither tle nor orbit"
    if why is not None:
        raise ConfigError(_message(LineError("ephemeris", why), path, text, file))


@cache
def _type_info(wanted: Any) -> inspect.Type:
    """Return what msgspec knows of a type; a study asks for the same few ten thousand times."""
    return inspect.type_info(wanted)


def _convert(data: dict[str, Any], wanted: type[T], path: tuple[str | int, ...], text: str, file: str) -> T:
    where, number = unbounded(data)
    if number:
        error = LineError(where, f"{number} is not a value; write a finite number")
        raise ConfigError(_message(error, path, text, file))
    try:
        return msgspec.convert(data, wanted, dec_hook=from_wire)
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        raise ConfigError(_message(fault(error, data, wanted), path, text, file)) from None


def _verify_keys(data: Any, wanted: inspect.Type, path: tuple[str | int, ...], text: str, file: str) -> None:
    """Raise for the first key, in the order of the file, that no struct at its place knows."""
    options = wanted.types if isinstance(wanted, inspect.UnionType) else (wanted,)
    if isinstance(data, dict):
        struct = _struct_for(data, options)
        if struct is not None:
            tag = () if struct.tag_field is None else (struct.tag_field,)
            fields = {field.encode_name: field.type for field in struct.fields}
            _verify_names(data, (*tag, *fields), path, text, file)
            for name, value in data.items():
                if name in fields:
                    _verify_keys(value, fields[name], (*path, name), text, file)
            return
        for mapping in options:
            if isinstance(mapping, inspect.DictType):
                for name, value in data.items():
                    _verify_keys(value, mapping.value_type, (*path, name), text, file)
    elif isinstance(data, list):
        for sequence in options:
            item = getattr(sequence, "item_type", None)
            if item is not None:
                for i, value in enumerate(data):
                    _verify_keys(value, item, (*path, i), text, file)


def _struct_for(data: dict[str, Any], options: tuple[inspect.Type, ...]) -> inspect.StructType | None:
    """Choose the struct a table is meant as: by its tag where there are several."""
    structs = [option for option in options if isinstance(option, inspect.StructType)]
    if len(structs) <= 1:
        return structs[0] if structs else None
    tagged = (s for s in structs if s.tag_field is not None and data.get(s.tag_field) == s.tag)
    return next(tagged, None)


def _verify_names(
    table: dict[str, Any], known: tuple[str, ...], path: tuple[str | int, ...], text: str, file: str
) -> None:
    for name in table:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
            rest = ", ..." if len(known) > 12 else ""
            meant = f'did you mean "{near[0]}"?' if near else f"known here: {', '.join(known[:12])}{rest}"
            where = f"{_bracketed(path)}: " if path else ""
            raise ConfigError(f'{file}: {where}unknown key "{name}"; {meant}{_line_of(name, path, text)}')


def _message(error: LineError, path: tuple[str | int, ...], text: str, file: str) -> str:
    """Write where, which key and what would be right, on one line."""
    steps = path + tuple(int(s) if s.isdecimal() else s for s in re.findall(r"[^.\[\]]+", error.field))
    *tables, key = steps or ("",)
    if isinstance(key, int):
        *tables, name = tables or ("",)
        label, key = f"{name}[{key}]", name
    else:
        label = key
    place = tuple(tables)
    where = f"{_bracketed(place)}: " if place else ""
    return f"{file}: {where}{label}: {error.why}{_line_of(str(key), place, text)}"


def _bracketed(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" for step in path)


def _line_of(key: str, path: tuple[str | int, ...], text: str) -> str:
    """Say on which line a key stands: that of its table in an array, or the only one; else say nothing."""
    lines = text.splitlines()
    first, last = 0, len(lines)
    if len(path) == 2 and isinstance(path[1], int):
        header = re.compile(rf"\s*\[\[\s*{re.escape(str(path[0]))}\s*\]\]")
        starts = [i for i, line in enumerate(lines) if header.match(line)]
        if path[1] < len(starts):
            first = starts[path[1]]
            last = starts[path[1] + 1] if path[1] + 1 < len(starts) else last
    pattern = re.compile(rf'\s*"?{re.escape(key)}"?\s*[=.]')
    found = [i + 1 for i in range(first, last) if pattern.match(lines[i])]
    return f" (line {found[0]})" if len(found) == 1 else ""
