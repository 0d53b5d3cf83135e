"""Where space launches and research rockets start from: public sites, from a table that comes with the package.

J. McDowell, General Catalog of Artificial Space Objects (GCAT), release of 1 December 2025, CC-BY 4.0: sites with two
orbital attempts and more since 2005, and six ranges of sounding rockets. One place stands for a site; the
pads of a large one lie up to some 40 km from it.
"""

import csv
from functools import lru_cache
from importlib.resources import files

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tocsin.earth.ellipsoid import distance

Array = NDArray[np.float64]


class LaunchSite(Struct, frozen=True, kw_only=True):
    """A site. `kind`: `space-launch` or `sounding-rocket`, what it is best known for."""

    code: str
    kind: str
    name: str
    latitude_deg: float
    longitude_deg: float


@lru_cache(maxsize=1)
def launch_sites() -> tuple[LaunchSite, ...]:
    """Give all sites, in the order of their codes."""
    text = files("tocsin.earth").joinpath("data/launch_sites.csv").read_text(encoding="utf-8")
    return tuple(
        LaunchSite(
            code=row["code"], kind=row["kind"], name=row["name"], latitude_deg=float(row["latitude_deg"]),
            longitude_deg=float(row["longitude_deg"]),
        )
        for row in csv.DictReader(text.splitlines())
    )  # fmt: skip


def nearest(lat: float, lon: float) -> tuple[LaunchSite, float]:
    """Give the site nearest to a place [rad] and its distance [m]; the first of equals."""
    places = _places()
    up = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    site = launch_sites()[int(np.argmax(places @ up))]
    return site, distance(lat, lon, np.radians(site.latitude_deg), np.radians(site.longitude_deg))


@lru_cache(maxsize=1)
def _places() -> Array:
    lat = np.radians([s.latitude_deg for s in launch_sites()])
    lon = np.radians([s.longitude_deg for s in launch_sites()])
    return np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
