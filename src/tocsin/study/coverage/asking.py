"""From what a person names to what is mapped: networks, targets, shapes of flight, grids; with clear errors."""

import math
import re
from pathlib import Path

import numpy as np

from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.places import cities
from tocsin.earth.time import parse_utc
from tocsin.errors import ConfigError
from tocsin.flight.vehicles import VEHICLES
from tocsin.formats import oem, toml
from tocsin.formats.toml import Equipment
from tocsin.messages import Array, Instant
from tocsin.sensors.ephemeris import Ephemeris
from tocsin.simulation import library
from tocsin.study.coverage.boosts import SHAPES
from tocsin.study.coverage.maps import Ask, Task
from tocsin.study.coverage.watch import Where, moves, places, verified

DEFAULT_TIME = "2026-05-16T00:00:00Z"  # near the epochs of the bundled networks
WORLD = (-90.0, -180.0, 90.0, 180.0)
LONGEST_S, LARGEST_BYTES = 3_600.0, 4e9  # beyond these a person has to say yes
_DAY_S = 86_164.0905


def ask(
    network: str, targets: list[str], shapes: list[str], *, vehicle: str = "auto", step_deg: float = 2.0,
    area: tuple[float, float, float, float] = WORLD, time: str | None = None, day_step_h: float | None = None,
    handling: float = 0.0, yes: bool = False,
) -> Ask:  # fmt: skip
    """Put together what is asked for; raise ConfigError for what cannot be mapped or would take too long unasked."""
    text, file, folder = _read(network)
    equipment = verified(toml.equipment(text, file), file)
    start = _instant(time or DEFAULT_TIME)
    rotation = EarthRotation(bundled())
    count = 0 if day_step_h is None else max(1, round(_DAY_S / 3600 / day_step_h))
    latitudes, longitudes = grid(step_deg, area, yes)
    asked = Ask(
        file=file,
        title=str(toml.tables(text, file)["title"]),
        network=equipment,
        wheres=[
            places(row.sensor, rotation, _ephemeris(row, folder, rotation, file), file) for row in equipment
        ],
        tasks=tasks(targets, shapes, vehicle),
        latitudes_deg=latitudes,
        longitudes_deg=longitudes,
        start=start,
        times=tuple(k * _DAY_S / count for k in range(count)),
        handling=handling,
    )
    return _affordable(asked, yes)


def moving(asked: Ask) -> list[str]:
    """Name the satellites that do not stand still over the Earth."""
    return [row.sensor.id for row in asked.network if moves(row.sensor)]


def tasks(targets: list[str], shapes: list[str], vehicle: str) -> tuple[Task, ...]:
    """Pair shapes and targets: one of either goes with all of the other. Without shapes: all three."""
    shapes = shapes or list(SHAPES)
    if not targets:
        raise ConfigError("name where the flights go: --target 52.52,13.40, or a city, as --target Berlin")
    if vehicle != "auto" and vehicle not in VEHICLES:
        raise ConfigError(f'no vehicle "{vehicle}"; there are: auto, {", ".join(VEHICLES)}')
    for shape in shapes:
        if shape not in SHAPES:
            raise ConfigError(f'no shape "{shape}"; there are: {", ".join(SHAPES)}')
    if 1 not in (len(targets), len(shapes)) and len(targets) != len(shapes):
        raise ConfigError(
            f"{len(shapes)} shapes and {len(targets)} targets do not pair; give as many of both, or one of either"
        )
    many = max(len(targets), len(shapes))
    pairs = zip(
        shapes * (many if len(shapes) == 1 else 1), targets * (many if len(targets) == 1 else 1), strict=True
    )
    return tuple(_task(shape, target, vehicle) for shape, target in pairs)


def place(text: str) -> tuple[str, float, float]:
    """Read `LAT,LON`, `NAME=LAT,LON` or the name of a city, the most populous of it; return name and degrees."""
    match = re.fullmatch(r"\s*(?:([^=]+?)\s*=)?\s*([-+]?[\d.]+)\s*,\s*([-+]?[\d.]+)\s*", text)
    if match:
        try:
            latitude, longitude = float(match[2]), float(match[3])
        except ValueError:
            latitude = longitude = math.nan
        if not (abs(latitude) <= 90 and abs(longitude) <= 360):
            raise ConfigError(
                f'target "{text}": write LAT,LON in degrees, latitude within 90, as 59.33,18.07'
            )
        return match[1] or f"{latitude:g},{longitude:g}", latitude, longitude
    named = [city for city in cities() if city.name.casefold() == text.strip().casefold()]
    if not named:
        raise ConfigError(
            f'target "{text}": no city of that name among ours; write LAT,LON in degrees, as 59.33,18.07'
        )
    city = max(named, key=lambda c: c.population)
    return city.name, city.latitude_deg, city.longitude_deg


def grid(step_deg: float, area: tuple[float, float, float, float], yes: bool = False) -> tuple[Array, Array]:
    """Return the middles of cells [deg] of about `step_deg` that fill an area: south, west, north, east."""
    south, west, north, east = area
    if not (-90 <= south < north <= 90 and west < east <= west + 360):
        raise ConfigError(
            f"area {area}: write SOUTH,WEST,NORTH,EAST in degrees, south below north, west below east, as 30,-10,70,40"
        )
    rows, columns = max(1.0, round((north - south) / step_deg)), max(1.0, round((east - west) / step_deg))
    if rows * columns > 5e7 and not (yes and rows * columns < 1e9):
        raise ConfigError(
            f"a step of {step_deg:g}° makes {rows * columns:,.0f} cells, more than any memory here holds; the "
            "world at 2° has 16,200: take a larger step or a smaller area"
        )
    high, wide = (north - south) / rows, (east - west) / columns
    middles = [
        low + wide_ * (np.arange(int(n)) + 0.5)
        for low, wide_, n in ((south, high, rows), (west, wide, columns))
    ]
    return np.asarray(middles[0]), np.asarray(middles[1])


def _affordable(asked: Ask, yes: bool) -> Ask:
    seconds, size = asked.estimate()
    if not yes and (seconds > LONGEST_S or size > LARGEST_BYTES):
        sizes = f"{asked.cells:,} cells × {len(asked.tasks)} flights × {len(asked.network)} sensors"
        raise ConfigError(
            f"{sizes} × {1 + len(asked.times)} launches take about {seconds / 3600:,.1f} h and {size / 1e9:,.1f} GB of "
            "memory; take a larger step, or say --yes"
        )
    return asked


def _task(shape: str, target: str, vehicle: str) -> Task:
    name, latitude, longitude = place(target)
    return Task(shape=shape, vehicle=vehicle, target=name, latitude_deg=latitude, longitude_deg=longitude)


def _read(name: str) -> tuple[str, str, Path | None]:
    bundled_networks = library.networks()
    if name in bundled_networks:
        return bundled_networks[name], f"network {name}", None
    path = Path(name)
    if not path.is_file():
        raise ConfigError(
            f'no network "{name}": no such file, and bundled are: {", ".join(bundled_networks)}'
        )
    try:
        return path.read_text(encoding="utf-8"), name, path.parent
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}: cannot be read as text: {error}") from None


def _ephemeris(row: Equipment, folder: Path | None, rotation: EarthRotation, file: str) -> Where | None:
    if row.ephemeris is None:
        return None
    path = (folder or Path()) / row.ephemeris
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: sensor {row.sensor.id}: {path} cannot be read: {error}") from None
    return Ephemeris(row.sensor.id, oem.decode(text, str(path)), rotation).position


def _instant(text: str) -> Instant:
    try:
        return parse_utc(text)
    except ValueError as error:
        raise ConfigError(f"time {text!r}: {error}; write UTC, as {DEFAULT_TIME}") from None
