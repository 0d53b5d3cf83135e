"""What messages are made of: moments, origins, numbers within their bounds."""

from typing import Annotated, Any, Literal

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Instant(int):
    """A moment: integer nanoseconds of TAI since 1970-01-01T00:00:00 TAI (a continuous scale, no leap seconds)."""

    __slots__ = ()


SECOND = 1_000_000_000

Origin = Literal["live", "exercise", "test"]
ORIGINS: tuple[Origin, ...] = ("live", "exercise", "test")

Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-360, le=360)]
Azimuth = Annotated[float, Meta(ge=-360, le=720)]
Elevation = Annotated[float, Meta(ge=-90, le=90)]
Declination = Annotated[float, Meta(ge=-90, le=90)]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Probability = Annotated[float, Meta(ge=0, le=1)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Vector = Annotated[tuple[float, float, float], Meta(description="x, y, z")]
GeoJSON = dict[str, Any]
