"""What lies where it may come down: land or sea, countries, cities and the people in them."""

from typing import Final

import numpy as np
from msgspec import Struct

from tocsin.assessment.area import areas
from tocsin.assessment.scatter import Scatter
from tocsin.earth import places
from tocsin.earth.local import places_at
from tocsin.earth.places import City

# Five points of a small Gaussian: its middle, with a third of its weight, and four with the right covariance.
_SHARES: Final = np.array([1 / 3, 1 / 6, 1 / 6, 1 / 6, 1 / 6])
_ARMS: Final = np.sqrt(3.0) * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])


class Inside(Struct, frozen=True):
    """`on_land`: the probability that it comes down on land; `countries`: of each, name and probability, the likeliest
    first; `cities`: over 15,000 people, in the 95 % area, the most populous first; `people` in them all.
    """

    on_land: float
    countries: tuple[tuple[str, float], ...]
    cities: tuple[City, ...]
    people: int


def inside(scatter: Scatter) -> Inside:
    """Say what lies where something may come down. Probabilities are good to about a hundredth."""
    roots = np.linalg.cholesky(scatter.covariances[:, :2, :2] + np.eye(2))
    points = scatter.rows[:, None, :2] + np.einsum("nij,kj->nki", roots, _ARMS)
    at = places_at(*scatter.origin, np.ascontiguousarray(points.reshape(-1, 2)))
    numbers = places.country_numbers(at[:, 0].copy(), at[:, 1].copy())
    weights = (scatter.weights[:, None] * _SHARES).ravel()
    known = places.countries()
    held = np.bincount(numbers[numbers >= 0], weights[numbers >= 0], minlength=len(known))
    order = np.argsort(-held, kind="stable")
    (area,) = areas(
        scatter.origin, scatter.rows[:, :2], scatter.covariances[:, :2, :2], scatter.weights, (0.95,)
    )
    cities = places.cities_within(area)
    return Inside(
        on_land=float(held.sum()),
        countries=tuple((known[i].name, float(held[i])) for i in order if held[i] > 0.0),
        cities=cities,
        people=sum(city.population for city in cities),
    )
