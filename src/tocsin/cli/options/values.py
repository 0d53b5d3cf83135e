"""How a word becomes a value: each reader says what would be right."""

import argparse
import math
import re
from typing import Any

LANGUAGES = ("en", "de", "ja")  # of alerting/phrases.py; a test holds them together


def place(text: str) -> tuple[float, float]:
    """Read `LAT,LON` [deg]."""
    match = re.fullmatch(r"\s*([-+]?[\d.]+)\s*,\s*([-+]?[\d.]+)\s*", text)
    try:
        latitude, longitude = (float(word) for word in match.groups()) if match else (math.nan, math.nan)
    except ValueError:
        latitude = longitude = math.nan
    if not (abs(latitude) <= 90 and abs(longitude) <= 360):
        swapped = "; did you mean the other way round?" if abs(longitude) <= 90 < abs(latitude) <= 360 else ""
        raise argparse.ArgumentTypeError(f"write LAT,LON in degrees, as 59.33,18.07, not {text!r}{swapped}")
    return latitude, longitude


def above_zero(text: str) -> float:
    """Read a finite number above zero."""
    value = _number(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"write a number above zero, not {text!r}")
    return value


def seconds(text: str) -> float:
    """Read seconds, zero or more."""
    value = _number(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError(f"write seconds, zero or more, not {text!r}")
    return value


def elevation(text: str) -> float:
    """Read an elevation [deg], 0 to 90."""
    value = _number(text)
    if not 0 <= value <= 90:
        raise argparse.ArgumentTypeError(f"write an elevation in degrees, 0 to 90, not {text!r}")
    return value


def area(text: str) -> tuple[float, ...]:
    """Read `SOUTH,WEST,NORTH,EAST` [deg]."""
    corners = tuple(_number(word) for word in text.split(","))
    if len(corners) != 4 or any(math.isnan(corner) for corner in corners):
        raise argparse.ArgumentTypeError(
            f"write SOUTH,WEST,NORTH,EAST in degrees, as 30,-10,70,40, not {text!r}"
        )
    return corners


def whole(text: str) -> int:
    """Read a whole number, zero or more."""
    if not re.fullmatch(r"\d{1,15}", text):
        raise argparse.ArgumentTypeError(f"write a whole number, zero or more, not {text!r}")
    return int(text)


def above_none(text: str) -> int:
    """Read a whole number, one or more."""
    value = whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError("write 1 or more, not '0'")
    return value


def languages(text: str) -> tuple[str, ...]:
    """Read codes of languages, divided by commas."""
    codes = tuple(code.strip() for code in text.split(","))
    if not set(codes) <= set(LANGUAGES) or len(set(codes)) < len(codes):
        raise argparse.ArgumentTypeError(f"write some of {','.join(LANGUAGES)}, each once, not {text!r}")
    return codes


def moment(text: str) -> Any:
    """Read a time in UTC."""
    from tocsin.earth.time import parse_utc  # noqa: PLC0415, `--help` is to be quick

    try:
        return parse_utc(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def ring_km(text: str) -> tuple[float, float]:
    """Read `NEAR-FAR` [km], two distances from zero to half round the Earth, the nearer first."""
    match = re.fullmatch(r"\s*([\d.]+)\s*-\s*([\d.]+)\s*", text)
    near, far = (_number(word) for word in match.groups()) if match else (math.nan, math.nan)
    if not 0 <= near < far <= 20_000:
        raise argparse.ArgumentTypeError(f"write NEAR-FAR in km up to 20000, as 75-90, not {text!r}")
    return near, far


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
