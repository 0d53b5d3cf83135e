"""Tables of published flights: what a paper said of range, apogee and time, from where and on which heading.

TOML with a `[[flight]]` table for each, or CSV whose first line names the same columns. Kilometres as published.
"""

import csv
import io
from typing import Any, Final

import msgspec
from msgspec import Struct

from tocsin.errors import ConfigError, InputError
from tocsin.formats import toml
from tocsin.messages import Name, NotNegative, Positive

FARTHEST_KM: Final = 20_000.0
HIGHEST_KM: Final = 100_000.0


class PublishedFlight(Struct, frozen=True, kw_only=True):
    """One flight as published. `rounding_s`: by how much the time may be off by its rounding alone.

    Site and `heading_deg` (towards the landing, clockwise from north) are assumed where nobody published them;
    `assumed` says which.
    """

    name: Name
    apogee_km: Positive
    range_km: Positive
    time_s: Positive
    rounding_s: NotNegative = 0.5
    latitude_deg: float
    longitude_deg: float
    heading_deg: float
    assumed: str = "site and heading"
    source: str = ""


class _Table(Struct, frozen=True, kw_only=True):
    flight: tuple[PublishedFlight, ...]
    title: str = ""


def decode(text: str, file: str) -> tuple[PublishedFlight, ...]:
    """Decode a table, CSV where `file` ends so, else TOML; raise ConfigError naming file, row and key."""
    if not text.strip():
        raise InputError(f"{file}: is empty")
    data = _read_csv(text, file) if file.lower().endswith(".csv") else toml.tables(text, file)
    if not data.get("flight"):
        raise ConfigError(
            f"{file}: has no flight; write a [[flight]] table, or lines of CSV below the header"
        )
    flights = toml.convert(data, _Table, file, text).flight
    for i, flight in enumerate(flights):
        _verify(flight, f"{file}: [flight][{i}] {flight.name}")
    return flights


def _read_csv(text: str, file: str) -> dict[str, Any]:
    kinds = {f.encode_name: f.type for f in msgspec.structs.fields(PublishedFlight)}
    lines = [line for line in text.removeprefix("\ufeff").splitlines() if line.strip() and line[0] != "#"]
    reader = csv.DictReader(io.StringIO("\n".join(lines)), skipinitialspace=True)
    rows = []
    for number, row in enumerate(reader, 1):
        if None in row or None in row.values():
            raise ConfigError(
                f"{file}: row {number}: has not as many fields as the header ({len(reader.fieldnames or ())})"
            )
        rows.append(
            {k: _value(v, kinds.get(k), f"{file}: row {number}: {k}") for k, v in row.items() if v.strip()}
        )
    return {"flight": rows}


def _value(text: str, kind: Any, where: str) -> str | float:
    if kind is None or kind in (str, Name):
        return text.strip()
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"{where}: {text.strip()!r} is not a number") from None


def _verify(flight: PublishedFlight, where: str) -> None:
    """Raise ConfigError for what no flight has, with what would be right."""
    if abs(flight.latitude_deg) > 90:
        swapped = "; are latitude and longitude swapped?" if abs(flight.longitude_deg) <= 90 else ""
        raise ConfigError(
            f"{where}: latitude_deg: {flight.latitude_deg:g} is not between -90 and 90{swapped}"
        )
    if abs(flight.longitude_deg) > 360:
        raise ConfigError(f"{where}: longitude_deg: {flight.longitude_deg:g} is not between -360 and 360")
    if abs(flight.heading_deg) > 360:
        raise ConfigError(
            f"{where}: heading_deg: {flight.heading_deg:g} is no heading; clockwise from north, 0 to 360"
        )
    for key, value, most in (
        ("range_km", flight.range_km, FARTHEST_KM),
        ("apogee_km", flight.apogee_km, HIGHEST_KM),
    ):
        if value > most:
            metres = "; is it in metres? write kilometres" if value / 1000 <= most else ""
            raise ConfigError(f"{where}: {key}: {value:g} is above {most:g}{metres}")
