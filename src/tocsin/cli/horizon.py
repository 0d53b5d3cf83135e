"""`tocsin horizon`: how far a radar sees over the curve of the Earth."""

import json
import math
import sys
from typing import TYPE_CHECKING, Any

from tocsin.cli.arguments import Arguments

if TYPE_CHECKING:
    from tocsin.study.horizon import Reach

Rows = list[tuple[float, float, float]]


def horizon(arguments: Arguments) -> int:
    """Print how far a height is seen and how high a range reaches; of a network, what its radars' ranges mean."""
    from tocsin.study import horizon as curve  # noqa: PLC0415

    low = math.radians(arguments.elevation)
    ranges = [(h, curve.slant_range(h, low), curve.slant_range(h, low, curve.BENDING)) for h in curve.HEIGHTS]
    heights = [(r, curve.height_at(r, low), curve.height_at(r, low, curve.BENDING)) for r in curve.RANGES]
    radars = curve.reaches(_sensors(arguments.network)) if arguments.network else []
    write = _json if arguments.json else _text
    sys.stdout.write(write(arguments.elevation, ranges, heights, radars))
    return 0


def _text(elevation: float, ranges: Rows, heights: Rows, radars: "list[Reach]") -> str:
    lines = [
        f"at {elevation:g}° elevation; in brackets with 4/3 of the Earth's radius, right low in the air only"
    ]
    lines += [f"what is {_km(h)} high is seen within {_km(plain)} ({_km(bent)})" for h, plain, bent in ranges]
    lines += [
        f"{_km(r)} away what is seen is {_km(plain)} high or higher ({_km(bent)})"
        for r, plain, bent in heights
    ]
    lines += [
        f"{r.radar}: range {_km(r.range)}; there, at its lowest {math.degrees(r.elevation):g}°, an object is "
        f"{_km(r.height)} high"
        for r in radars
    ]
    return "\n".join(lines) + "\n"


def _json(elevation: float, ranges: Rows, heights: Rows, radars: "list[Reach]") -> str:
    def rows(names: tuple[str, str, str], table: Rows) -> list[dict[str, int]]:
        return [dict(zip(names, map(round, row), strict=True)) for row in table]

    told: dict[str, Any] = {
        "elevation_deg": elevation,
        "ranges": rows(("height_m", "range_m", "range_four_thirds_m"), ranges),
        "heights": rows(("range_m", "height_m", "height_four_thirds_m"), heights),
        "radars": [
            {"radar": r.radar, "range_m": r.range, "elevation_deg": round(math.degrees(r.elevation), 6),
             "height_m": round(r.height)}
            for r in radars
        ],
    }  # fmt: skip
    return json.dumps(told, indent=1) + "\n"


def _sensors(name: str) -> Any:
    from tocsin.formats import toml  # noqa: PLC0415
    from tocsin.simulation import library  # noqa: PLC0415

    found = library.network(name)
    return toml.network(found.text, found.file)


def _km(metres: float) -> str:
    return f"{metres / 1000:,.0f} km"
