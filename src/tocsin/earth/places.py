"""Outlines of land to draw under everything else (Natural Earth 1:110m; not for deciding what is on land)."""

import json
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@lru_cache(maxsize=1)
def land_outlines() -> list[Array]:
    """Give coastlines as arrays (k, 2) of longitude and latitude [deg], cut at the 180th meridian."""
    text = files("tocsin.earth").joinpath("data/land_outlines.json").read_text(encoding="ascii")
    return [np.array(line, dtype=np.float64) for line in json.loads(text)["lines_lon_lat_deg"]]
