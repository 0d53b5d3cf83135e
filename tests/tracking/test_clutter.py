"""What a satellite remembers of strays: how dense they are over the disk, known better with each look."""

from itertools import count

import numpy as np
import pytest

from tocsin.messages import SECOND
from tocsin.tracking.clutter import ABOUT, DECLARED_LOOKS, FEW_LOOKS, Clutter, disk_solid_angle

PERIOD = 10 * SECOND


def scattered(sky, random, t, many):
    """Return sightings evenly over the middle of the disk, far enough apart to be nobody's neighbours."""
    places = zip(random.uniform(-0.9, 0.9, many), random.uniform(-2.2, -0.4, many), strict=True)
    return [
        sky.sighting("geo-1", t, sky.ecef(lat, lon, 1_000.0), None, number=k)
        for k, (lat, lon) in enumerate(places)
    ]


def declared_stray(sky):
    return sky.sighting("geo-1", 0.0, sky.ecef(0.1, -1.3, 0.0)).stray


def watched(sky, random, looks, many):
    """Return a memory of so many looks of so many sightings each, and one sighting after them as it is weighed."""
    memory = Clutter(count(1))
    for k in range(looks):
        memory.looked(sky.T + k * PERIOD)
        for s in scattered(sky, random, 10.0 * k, many):
            memory.remember(s)
    after = scattered(sky, random, 10.0 * looks, 1)
    return memory.weighed(after, sky.T + (looks - 3) * PERIOD)[0].stray


@pytest.mark.parametrize("looks", [1, 2, 4, 30])
@pytest.mark.parametrize("many", [3, 20])
def test_the_rate_over_the_disk_is_its_posterior_mean(sky, looks, many):
    """A Gamma prior worth DECLARED_LOOKS looks of what is declared, and Poisson counts."""
    random = np.random.Generator(np.random.Philox(5))
    disk = disk_solid_angle(sky.SATELLITES["geo-1"])
    declared = declared_stray(sky)
    rate = (DECLARED_LOOKS * np.exp(declared) * disk + looks * many) / (DECLARED_LOOKS + looks)
    least = max(np.log(rate / disk), declared)
    stray = watched(sky, random, looks, many)
    assert stray >= least - 1e-9
    if looks < 30:  # later a neighbourhood may count for more
        assert stray == pytest.approx(least)


def test_full_looks_are_known_at_once_and_empty_ones_never_thin_what_is_declared(sky):
    random = np.random.Generator(np.random.Philox(6))
    assert watched(sky, random, 2, 20) > declared_stray(sky) + 1.0
    assert watched(sky, random, 40, 0) == declared_stray(sky)


def beside(sky, places, t=0.0):
    """Return sightings of places (latitude, longitude) [rad] on the ground."""
    return [
        sky.sighting("geo-1", t, sky.ecef(lat, lon, 1_000.0), None, number=k)
        for k, (lat, lon) in enumerate(places)
    ]


def test_a_place_seen_again_makes_no_crowd(sky):
    """Three fires 120 km apart are a crowd; one fire seen three times is one stray and its repeats."""
    where = [(0.10, -1.30), (0.12, -1.30), (0.10, -1.28)]
    several, one = Clutter(count(1)), Clutter(count(2))
    for k, place in enumerate(where):
        for memory, seen in ((several, place), (one, where[0])):
            memory.looked(sky.T + k * PERIOD)
            memory.remember(beside(sky, [seen], 10.0 * k)[0])
    (after,) = beside(sky, [(0.11, -1.29)], 30.0)
    crowded = several.weighed([after], sky.T + 3 * PERIOD)[0].stray
    assert crowded == pytest.approx(np.log(3 / (FEW_LOOKS * np.pi * ABOUT[1] ** 2)))
    assert one.weighed([after], sky.T + 3 * PERIOD)[0].stray == declared_stray(sky)


def test_where_strays_are_dense_none_is_a_repeat(sky):
    """Many within 30 km lie on each other by chance: nearly all of them count."""
    random = np.random.Generator(np.random.Philox(7))
    memory = Clutter(count(1))
    memory.looked(sky.T)
    for s in beside(sky, random.normal([0.1, -1.3], 0.006, (100, 2))):
        memory.remember(s)
    (after,) = beside(sky, [(0.1, -1.3)], 10.0)
    assert memory._crowding([after], 0, sky.T + PERIOD)[0, 0] > 80


def test_a_wide_gathering_is_known_long_before_its_places_come_again(sky):
    """Strays over 900 km, none near another: as dense as they lie there, and not elsewhere."""
    random = np.random.Generator(np.random.Philox(8))
    memory, looks = Clutter(count(1)), 60
    for k in range(looks):
        memory.looked(sky.T + k * PERIOD)
        for s in beside(sky, random.uniform([0.0, -1.45], [0.2, -1.25], (2, 2)), 10.0 * k):
            memory.remember(s)
    among, away = beside(sky, [(0.1, -1.35), (-0.6, -1.0)], 10.0 * looks)
    dense = [s.stray for s in memory.weighed([among, away], sky.T + (looks - 3) * PERIOD)]
    square = (0.2 * 6.378e6 / 3.58e7) ** 2  # sr
    assert dense[0] == pytest.approx(np.log(2.0 / square), abs=0.6)
    assert dense[1] < dense[0] - 1.5
