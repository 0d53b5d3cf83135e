"""When it comes down at a place, and what lies there: against thousands of flights down."""

import numpy as np
import pymap3d
import pytest

from tocsin.assessment.arrival import arrival
from tocsin.assessment.impact import scattered
from tocsin.assessment.inside import inside
from tocsin.assessment.settings import Settings
from tocsin.earth import places
from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.earth.local import places_at
from tocsin.flight.coast import fall_batch
from tocsin.messages import Component

SETTINGS = Settings()


def falling(lat, lon, sigma, speed):
    """Return a body over a place, coming down some 500 km to the east."""
    axes = enu_from_ecef(lat, lon)
    x = np.concatenate([ecef_from_geodetic(lat, lon, 150e3), axes.T @ np.array([1900.0, 500.0, 500.0])])
    return Component(1.0, None, x, np.diag([0, 0, 0, 0, *[sigma**2] * 3, *[speed**2] * 3]).astype(float))


def flown(c, count=60_000):
    random = np.random.Generator(np.random.Philox(11))
    x = random.multivariate_normal(c.motion, c.covariance[4:, 4:], count)
    drag = (
        np.exp(random.normal(0, SETTINGS.ballistic_coefficient_spread, count))
        / SETTINGS.ballistic_coefficient
    )
    y, times, _, status = fall_batch(x, drag)
    assert (status == 0).all()
    latitude, longitude, _ = pymap3d.ecef2geodetic(*y[:, :3].T)
    return latitude, longitude, times


def test_times_at_a_place_are_those_of_what_comes_down_there():
    c = falling(0.2, -0.6, 3_000.0, 15.0)
    s = scattered([c], SETTINGS)
    latitude, longitude, times = flown(c)
    for north, east in ((0.0, 0.0), (5e3, 12e3), (-8e3, -15e3)):
        place = places_at(*s.origin, np.array([[north, east]]))[0]
        found = arrival(s, *place)
        e, n, _ = pymap3d.geodetic2enu(latitude, longitude, 0.0, *np.degrees(place), 0.0)
        near = times[np.hypot(e, n) < 2_000.0]
        assert len(near) > 100
        low, high = np.quantile(near, [0.005, 0.995])
        spread = high - low
        assert found.earliest == pytest.approx(low, abs=0.2 * spread + 1)
        assert found.latest == pytest.approx(high, abs=0.2 * spread + 1)
        assert found.earliest < found.likeliest < found.latest


def test_levels_grow_outward_and_far_is_excluded():
    c = falling(0.2, -0.6, 3_000.0, 15.0)
    s = scattered([c], SETTINGS)
    levels = []
    for east in (0.0, 1e4, 2e4):
        found = arrival(s, *places_at(*s.origin, np.array([[0.0, east]]))[0])
        levels.append(found.level)
    assert levels == sorted(levels)
    assert levels[0] < 0.2
    assert arrival(s, *places_at(*s.origin, np.array([[0.0, 5e5]]))[0]) is None


def test_the_level_of_a_place_is_how_much_is_denser():
    """The levels of what comes down are uniform."""
    c = falling(0.2, -0.6, 3_000.0, 15.0)
    s = scattered([c], SETTINGS)
    latitude, longitude, _ = flown(c, 150)
    found = [arrival(s, *place) for place in np.radians(np.column_stack([latitude, longitude]))]
    levels = np.array([1.0 if one is None else one.level for one in found])
    for share in (0.25, 0.5, 0.9):
        assert np.mean(levels < share) == pytest.approx(share, abs=0.12)


def test_land_countries_and_cities():
    c = falling(np.radians(43.0), np.radians(5.5), 40_000.0, 100.0)  # towards the Gulf of Genoa
    s = scattered([c], SETTINGS)
    found = inside(s)
    latitude, longitude, _ = flown(c, 5_000)
    numbers = places.country_numbers(np.radians(latitude), np.radians(longitude))
    assert found.on_land == pytest.approx(np.mean(numbers >= 0), abs=0.03)
    assert 0.2 < found.on_land < 1.0
    names = [places.countries()[i].name for i in numbers[numbers >= 0]]
    for name, p in found.countries[:3]:
        assert p == pytest.approx(names.count(name) / len(numbers), abs=0.03)
    assert sum(p for _, p in found.countries) == pytest.approx(found.on_land)
    assert found.people == sum(city.population for city in found.cities) > 0


def test_nothing_at_sea():
    found = inside(scattered([falling(0.2, -0.6, 3_000.0, 15.0)], SETTINGS))
    assert (found.on_land, found.countries, found.cities, found.people) == (0.0, (), (), 0)
