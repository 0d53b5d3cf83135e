"""Published flights held against physics: `tocsin flights`."""

import json
import math
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

from tocsin.cli.arguments import Arguments
from tocsin.errors import InputError
from tocsin.formats.flights import PublishedFlight

_HEAD = (
    f"{'flight':24}{'range':>8}{'apogee':>8}{'published':>14}{'bound':>7}{'arc':>7}{'residual':>10}  verdict"
)
_UNITS = f"{'':24}{'km':>8}{'km':>8}{'s':>14}{'s':>7}{'s':>7}{'s':>10}"
_NOTE = """
bound     straight up to the apogee and down again: nothing that flies under it takes less
arc       without air or boost from the site to the landing, over the turning ellipsoid
residual  published less arc: what the slower boost and the air on the way down take
"""


def flights(arguments: Arguments) -> int:
    """Print the table of the bundled flights, or of a file's."""
    from tocsin.formats import flights as table  # noqa: PLC0415

    text, name = _source(arguments.file)
    rows = [_row(flight) for flight in table.decode(text, name)]
    if arguments.json:
        sys.stdout.write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        return 0
    sys.stdout.write(
        f"{_HEAD}\n{_UNITS}\n" + "".join(_line(row) for row in rows) + _NOTE + "\nsites and headings\n"
    )
    for row in rows:
        assumed = f"; assumed: {row['assumed']}" if row["assumed"] else ""
        place = f"{row['latitude_deg']:8.3f}{row['longitude_deg']:9.3f}, heading {row['heading_deg']:3.0f}"
        sys.stdout.write(f"{row['name']:24}{place}{assumed}{'; ' + row['source'] if row['source'] else ''}\n")
    return 0


def _source(file: str | None) -> tuple[str, str]:
    if file is None:
        return files("tocsin").joinpath("flights", "published.toml").read_text(
            encoding="utf-8"
        ), "published.toml"
    try:
        return Path(file).read_text(encoding="utf-8"), file
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: cannot be read as text: {error}") from None


def _row(flight: PublishedFlight) -> dict[str, Any]:
    from msgspec.structs import asdict  # noqa: PLC0415

    from tocsin.flight.vacuum import arc, impossible, vertical_time  # noqa: PLC0415

    lat, lon, heading = map(math.radians, (flight.latitude_deg, flight.longitude_deg, flight.heading_deg))
    apogee = 1000 * flight.apogee_km
    found = arc(lat, lon, heading, 1000 * flight.range_km, apogee)
    verdict = "consistent" if found else "no arc found: no such range under such an apogee"
    if impossible(flight.time_s, apogee, flight.rounding_s):
        verdict = "inconsistent as published"
    figures = {
        "bound_s": round(vertical_time(apogee), 1),
        "arc_s": round(found.time, 1) if found else None,
        "residual_s": round(flight.time_s - found.time, 1) if found else None,
        "verdict": verdict,
    }
    return asdict(flight) | figures


def _line(row: dict[str, Any]) -> str:
    published = f"{row['time_s']:.0f} ± {row['rounding_s']:g}"
    arc = "-" if row["arc_s"] is None else f"{row['arc_s']:.0f}"
    residual = "-" if row["residual_s"] is None else f"{row['residual_s']:+.0f}"
    return (
        f"{row['name']:24}{row['range_km']:8g}{row['apogee_km']:8g}{published:>14}{row['bound_s']:7.0f}{arc:>7}"
        f"{residual:>10}  {row['verdict']}\n"
    )
