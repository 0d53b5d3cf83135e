"""Round what goes out to documented digits, so that the same events are the same bytes.

| what | digits |
|---|---|
| `_deg`, latitudes and longitudes of polygons and areas | 6 decimals |
| `_m` | 1 decimal |
| `_mps`, `_s`, counts of objects, `weights` of evidence | 3 decimals |
| probabilities (`identity`) | 6 decimals, so that they still add up to 1 |
| `covariance` | 6 significant digits |
| times beside a `time_sigma_s` | whole microseconds |

Minus zero becomes zero.
"""

import math
from functools import cache
from typing import Any

import numpy as np
from msgspec import Struct, structs

from tocsin.messages import ImpactEstimate, Instant, LaunchEstimate

DECIMALS = {"deg": 6, "m": 1, "mps": 3, "s": 3}
COUNTS = ("count", "count_low", "count_high")
WEIGHTS = "weights"
PLACES = ("polygon", "area_50", "area_90", "area_95", "area_99")
MICRO = 1_000_000  # the parts a probability is counted in
_SIGNIFICANT = 6


def rounded(event: Struct) -> dict[str, Any]:
    """Return an event as plain values in the order of its fields, rounded, `kind` first."""
    config = event.__struct_config__
    plain: dict[str, Any] = {} if config.tag_field is None else {config.tag_field: config.tag}
    for field in _fields(type(event)):
        value = getattr(event, field.name)
        if config.omit_defaults and not field.required and value == field.default:
            continue
        plain[field.encode_name] = _plain(field.name, value)
    if isinstance(event, LaunchEstimate | ImpactEstimate):
        plain["time"] = Instant((event.time + 500) // 1000 * 1000)
    return plain


@cache
def _fields(kind: type[Struct]) -> tuple[structs.FieldInfo, ...]:
    return structs.fields(kind)


def shares(weights: dict[str, float]) -> dict[str, float]:
    """Round probabilities to millionths that add up to 1: the largest remainders go up (Hamilton 1792)."""
    assert abs(math.fsum(weights.values()) - 1.0) < 1e-6, (
        f"probabilities add up to {math.fsum(weights.values())}"
    )
    exact = {name: max(weight, 0.0) * MICRO for name, weight in weights.items()}
    parts = {name: math.floor(part) for name, part in exact.items()}
    order = sorted(exact, key=lambda name: parts[name] - exact[name])  # stable: ties in the order of the keys
    missing = MICRO - sum(parts.values())
    for name in order[:missing] if missing > 0 else ():
        parts[name] += 1
    if missing < 0:  # the weights added up to a little more than 1
        parts[max(parts, key=parts.__getitem__)] += missing
    return {name: part / MICRO for name, part in parts.items()}


def _plain(name: str, value: Any) -> Any:
    kind = type(value)  # asked first of what is most: the numbers of areas and covariances
    if kind is float:
        return _number(name, value)
    if kind is list or kind is tuple:
        return [_plain(name, item) for item in value]
    if value is None or isinstance(value, (str, Instant, bool)):
        return value
    if isinstance(value, Struct):
        return rounded(value)
    if isinstance(value, dict):
        return (
            shares(value) if name == "identity" else {key: _plain(name, item) for key, item in value.items()}
        )
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(name, item) for item in value]
    if isinstance(value, (float, np.floating)):
        return _number(name, float(value))
    whole = int(value)
    return whole if name != "covariance" and _decimals(name) is None else _number(name, float(whole))


def _number(name: str, value: float) -> float:
    assert math.isfinite(value), f"{name} is {value}"
    if name == "covariance":
        return float(f"{value:.{_SIGNIFICANT - 1}e}") + 0.0
    decimals = _decimals(name)
    assert decimals is not None, f"{name} has no documented digits"
    return round(value, decimals) + 0.0  # plus zero turns -0.0 into 0.0


@cache
def _decimals(name: str) -> int | None:
    """Return the documented decimals of a field; None where there are none."""
    if name in PLACES:
        return DECIMALS["deg"]
    return 3 if name in COUNTS or name == WEIGHTS else DECIMALS.get(name.rpartition("_")[2])
