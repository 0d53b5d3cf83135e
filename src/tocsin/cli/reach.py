"""`tocsin reach`: from where something of a given range can have been launched that came down at a place."""

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.cli.arguments import Arguments

if TYPE_CHECKING:
    from tocsin.earth.annulus import Held

_NOTE = "a range class alone: no wind, no terrain, no sensor; what is farther away than the greatest range is excluded"


def reach(arguments: Arguments) -> int:
    """Print which countries hold parts of the ring about an impact; write it as GeoJSON."""
    from tocsin.earth.annulus import annulus, holders  # noqa: PLC0415

    latitude, longitude = (math.radians(angle) for angle in arguments.impact)
    near, far = (1000 * km for km in arguments.range_km)
    held, sea = holders(latitude, longitude, near, far)
    area = _feature(annulus(latitude, longitude, near, far), held, sea, arguments)
    text = json.dumps(area, ensure_ascii=False) + "\n"
    if arguments.out is not None:
        Path(arguments.out).write_text(text, encoding="utf-8")
    sys.stdout.write(text if arguments.json else _text(held, sea, arguments))
    return 0


def _text(held: "tuple[Held, ...]", sea: float, arguments: Arguments) -> str:
    near, far = arguments.range_km
    lines = [
        f"launched {near:g} to {far:g} km from {arguments.impact[0]:.4f}, {arguments.impact[1]:.4f}, "
        f"{math.pi * (far**2 - near**2):,.0f} km² or less:"
    ]
    lines += [f"  {one.name:30}{_percent(one.share):>8}  {_sector(one)}" for one in held]
    if sea > 0:
        lines.append(f"  {'sea':30}{_percent(sea):>8}")
    return "\n".join([*lines, _NOTE]) + "\n"


def _sector(held: "Held") -> str:
    if held.end - held.begin >= 2 * math.pi:
        return "all round"
    return f"azimuths {math.degrees(held.begin):.0f}° to {math.degrees(held.end):.0f}° seen from the impact"


def _percent(share: float) -> str:
    return "< 0.1 %" if share < 0.001 else f"{100 * share:.1f} %"


def _feature(
    geometry: dict[str, Any], held: "tuple[Held, ...]", sea: float, arguments: Arguments
) -> dict[str, Any]:
    """Return the ring as a GeoJSON feature that says what it is, cut at the 180th meridian."""
    return {
        "type": "Feature",
        "geometry": _cut(geometry),
        "properties": {
            "impact_latitude_deg": arguments.impact[0],
            "impact_longitude_deg": arguments.impact[1],
            "range_km": list(arguments.range_km),
            "sea": round(sea, 4),
            "countries": [
                {
                    "code": one.code, "name": one.name, "share": round(one.share, 4),
                    "azimuth_from_deg": round(math.degrees(one.begin), 1),
                    "azimuth_to_deg": round(math.degrees(one.end), 1),
                }
                for one in held
            ],
            "note": _NOTE,
        },
    }  # fmt: skip


def _cut(geometry: dict[str, Any]) -> dict[str, Any]:
    """Cut a geometry's sectors at the 180th meridian, and round them to about a metre."""
    from tocsin.earth.rings import cut_at_antimeridian  # noqa: PLC0415

    if geometry["type"] == "Polygon":
        rings = [[[round(x, 5), round(y, 5)] for x, y in ring] for ring in geometry["coordinates"]]
        return {"type": "Polygon", "coordinates": rings}
    parts = []
    for ((*ring,),) in geometry["coordinates"]:
        for part in cut_at_antimeridian(tuple((y, x) for x, y in ring)):
            parts.append([[[round(lon, 5), round(lat, 5)] for lat, lon in part]])
    return {"type": "MultiPolygon", "coordinates": parts}
