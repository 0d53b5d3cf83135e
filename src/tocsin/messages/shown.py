"""How messages show themselves in a notebook: a table of their fields, parts within parts, units beside numbers."""

import html
from collections.abc import Mapping, Sequence
from typing import Any, Final

import erfa
import numpy as np
from msgspec import Struct
from msgspec.structs import fields

from tocsin.messages.fields import SECOND, Instant

UNITS: Final = {
    "_w_m2": "W/m²", "_arcsec": "″", "_urad": "µrad", "_mps": "m/s", "_deg": "°", "_db": "dB", "_m": "m", "_s": "s",
}  # fmt: skip
MOST_PARTS: Final = 8  # of a list that are shown; of the others there is a count
_DAY_S: Final = 86_400
_EPOCH_JD: Final = 2_440_587.5
_GAP: Final = "&nbsp; "


class Shown(Struct, frozen=True, gc=False):
    """What shows itself as a table; what is None or empty is left out."""

    def _repr_html_(self) -> str:
        return f"<b>{html.escape(type(self).__name__)}</b>{_table(self)}"


def _table(part: Struct) -> str:
    rows = []
    for field in fields(part):
        value = getattr(part, field.name)
        if value is None or (isinstance(value, str | tuple | dict) and not value):
            continue
        name, unit = _named(field.name)
        rows.append(f"<tr><th style='text-align:left'>{name}</th><td>{_cell(value, unit)}</td></tr>")
    return f"<table>{''.join(rows)}</table>"


def _named(field: str) -> tuple[str, str]:
    """Part a field's name in words and unit."""
    suffix = next((s for s in UNITS if field.endswith(s)), "")
    return html.escape(field.removesuffix(suffix).strip("_").replace("_", " ")), UNITS.get(suffix, "")


def _cell(value: Any, unit: str) -> str:
    if isinstance(value, Struct):
        return _line(value) if _is_flat(value) else _table(value)
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _sequence(value, unit)
    return _plain(value, unit)


def _plain(value: Any, unit: str = "") -> str:
    """Write what has no parts."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Instant):
        return _utc(value)
    if isinstance(value, int | float):
        text = f"{value:,}" if isinstance(value, int) else f"{float(value):,.8g}"
        return f"{text} {unit}".rstrip() if unit != "°" else text + unit
    return html.escape(str(value))


def _mapping(value: Mapping[str, Any]) -> str:
    """Write probabilities and counts from the largest down, a geometry by its type, anything else by its keys."""
    if "type" in value:
        return html.escape(str(value["type"]))
    if all(isinstance(v, int | float) for v in value.values()):
        down = sorted(value.items(), key=lambda item: -item[1])
        return _GAP.join(f"{html.escape(name)} {v:.3g}" for name, v in down)
    return _GAP.join(f"{html.escape(str(name))} {_cell(v, '')}" for name, v in value.items())


def _sequence(value: Sequence[Any], unit: str) -> str:
    if all(isinstance(item, str) for item in value):
        return html.escape(", ".join(value))
    if any(isinstance(item, Struct) for item in value):
        left = len(value) - MOST_PARTS
        parts = [_cell(item, "") for item in value[:MOST_PARTS]] + (
            [f"and {left:,} more"] if left > 0 else []
        )
        return "<br>".join(parts)
    if any(isinstance(item, Sequence) for item in value):
        return f"{len(value):,} × {len(value[0]):,}"
    return f"{', '.join(_plain(item) for item in value[:MOST_PARTS])} {unit}".rstrip()


def _array(value: np.ndarray[Any, Any]) -> str:
    if value.ndim == 1 and len(value) <= MOST_PARTS:
        return ", ".join(f"{x:,.8g}" for x in value)
    return " × ".join(str(n) for n in value.shape)


def _is_flat(part: Struct) -> bool:
    values = [getattr(part, field.name) for field in fields(part)]
    return all(value is None or isinstance(value, str | int | float) for value in values)


def _line(part: Struct) -> str:
    """Write a part of plain fields in one line."""
    named = [(*_named(field.name), getattr(part, field.name)) for field in fields(part)]
    return _GAP.join(
        f"{name} {_plain(value, unit)}" for name, unit, value in named if value not in (None, "")
    )


def _utc(t: Instant) -> str:
    """Write a moment as UTC to the millisecond; before 1960, when there was none, as TAI.

    By ERFA alone: `earth.time`, which writes what machines read, stands above this room.
    """
    seconds, ns = divmod(int(t), SECOND)
    days, into = divmod(seconds, _DAY_S)
    tai = (_EPOCH_JD + days, (into + ns / SECOND) / _DAY_S)
    first, second, status = erfa.ufunc.taiutc(*tai)
    scale, date = (
        (b"UTC", (first, second)) if status >= 0 and first + second >= 2_436_934.5 else (b"TAI", tai)
    )
    year, month, day, clock, _ = erfa.ufunc.d2dtf(scale, 3, *date)
    hour, minute, second, ms = clock.item()
    return f"{year:04d}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:{second:02d}.{ms:03d} {scale.decode()}"
