"""What lies where: coastlines to draw, countries and cities to name. Nothing is fetched; all comes with the package.

Countries: Natural Earth 1:50m, de facto borders; coasts are good to a few kilometres, islands under some ten square
kilometres are missing, lakes count as land. Cities: GeoNames, those over 15,000 people (a few capitals are smaller),
placed to 0.01 degrees. `population_within` adds up those cities and nothing else: 3.9 of some 8 billion people, none of
smaller towns and the country; a city counts whole where its centre lies inside, and where the table has a city's
districts beside the city (Paris, London), both count. An order of magnitude to tell a desert from a metropolis.

Angles [rad] in arguments, lengths [m].
"""

import csv
import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tocsin.earth import ellipsoid
from tocsin.earth._borders import Borders, inside

Array = NDArray[np.float64]

NOWHERE = -1


class Country(Struct, frozen=True):
    """A country: ISO 3166 two-letter code (`""` where there is none) and GeoNames' name."""

    code: str
    name: str


class City(Struct, frozen=True, kw_only=True):
    """A city: its country's code, its centre and the people within it."""

    name: str
    country: str
    latitude_deg: float
    longitude_deg: float
    population: int


@lru_cache(maxsize=1)
def land_outlines() -> list[Array]:
    """Give coastlines as arrays (k, 2) of longitude and latitude [deg], cut at the 180th meridian.

    Natural Earth 1:110m, to draw under everything else; what is on land is decided by `on_land`.
    """
    text = _read("land_outlines.json")
    return [np.array(line, dtype=np.float64) for line in json.loads(text)["lines_lon_lat_deg"]]


@lru_cache(maxsize=1)
def countries() -> tuple[Country, ...]:
    """Give all countries, in the order of the numbers that `country_numbers` gives."""
    return tuple(Country(code, name) for code, name, _ in _countries()["code_name_rings"])


def country_at(lat: float, lon: float) -> Country | None:
    """Give the country at a place, or None at sea."""
    number = int(country_numbers(np.array([lat]), np.array([lon]))[0])
    return None if number == NOWHERE else countries()[number]


def country_numbers(lat: Array, lon: Array) -> NDArray[np.int64]:
    """Give for places (n,) the index (n,) into `countries()`; `NOWHERE` at sea or where a place is not finite."""
    return _borders().owners_at(np.degrees(lat), np.degrees(lon))


def on_land(lat: Array, lon: Array) -> NDArray[np.bool_]:
    """Say for places (n,) whether they are on land: in any country, Antarctica too."""
    return np.asarray(country_numbers(lat, lon) != NOWHERE)


@lru_cache(maxsize=1)
def cities() -> tuple[City, ...]:
    """Give all cities, by country and then by population, the greatest first."""
    found: list[City] = []
    for name, country, lat, lon, people in csv.reader(_read("cities.csv").splitlines()[3:]):
        found.append(
            City(
                name=name,
                country=country or found[-1].country,
                latitude_deg=int(lat) / 100,
                longitude_deg=int(lon) / 100,
                population=int(people),
            )
        )
    return tuple(found)


def nearest_city(lat: float, lon: float) -> tuple[City, float]:
    """Give the city nearest to a place and its distance [m]: by chord, which differs for places far from any city."""
    _, number = _tree().query(ellipsoid.ecef_from_geodetic(lat, lon, 0.0))
    city = cities()[int(number)]
    to = np.radians((city.latitude_deg, city.longitude_deg))
    return city, ellipsoid.distance(lat, lon, float(to[0]), float(to[1]))


def cities_near(lat: float, lon: float, radius: float) -> tuple[City, ...]:
    """Give the cities whose centres lie within `radius` [m] of a place, the most populous first."""
    here = ellipsoid.ecef_from_geodetic(lat, lon, 0.0)
    at = _places_deg()
    near = [
        int(i)
        for i in _tree().query_ball_point(
            here, radius
        )  # a chord is never longer than the way along the ground
        if ellipsoid.distance(lat, lon, np.radians(at[i, 0]), np.radians(at[i, 1])) <= radius
    ]
    return _by_population(near)


def cities_within(area: dict[str, Any]) -> tuple[City, ...]:
    """Give the cities whose centres lie in a GeoJSON Polygon or MultiPolygon or Feature, the most populous first.

    Holes count. Edges run straight in latitude and longitude, the shorter way round, so rings may cross 180°; a ring
    that goes round the Earth holds the pole on its side of the equator.
    """
    at = _places_deg()
    return _by_population(np.flatnonzero(inside(area, at[:, 0], at[:, 1])).tolist())


def population_within(area: dict[str, Any]) -> int:
    """Give the people in cities over 15,000 whose centres lie in a GeoJSON area: no count of all its people."""
    return sum(city.population for city in cities_within(area))


def _by_population(numbers: list[int]) -> tuple[City, ...]:
    known = cities()
    return tuple(known[i] for i in sorted(numbers, key=lambda i: (-known[i].population, i)))


def _read(name: str) -> str:
    return files("tocsin.earth").joinpath(f"data/{name}").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _countries() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_read("countries.json"))
    return found


@lru_cache(maxsize=1)
def _borders() -> Borders:
    """Join the shared arcs into rings; a negative index (ones' complement) is an arc backwards."""
    data = _countries()
    arcs = [
        np.cumsum(np.array(arc, dtype=np.int64).reshape(-1, 2), axis=0) / 1000.0
        for arc in data["arcs_lon_lat_millidegrees"]
    ]
    rings, owners = [], []
    for number, (_, _, of_country) in enumerate(data["code_name_rings"]):
        for ring in of_country:
            pieces = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in ring]
            rings.append(np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])]))
            owners.append(number)
    return Borders.of(rings, owners)


@lru_cache(maxsize=1)
def _places_deg() -> Array:
    return np.array([(city.latitude_deg, city.longitude_deg) for city in cities()])


@lru_cache(maxsize=1)
def _tree() -> cKDTree:
    lat, lon = np.radians(_places_deg()).T.copy()
    return cKDTree(ellipsoid.ecef_from_geodetic_batch(lat, lon, np.zeros(len(lat))))
