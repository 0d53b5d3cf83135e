"""The ring about a place: against pyproj, and against whose land it is known to be."""

import numpy as np
import pytest
from pyproj import Geod

from tocsin.earth._borders import inside
from tocsin.earth.annulus import annulus, holders

GEOD = Geod(ellps="WGS84")


@pytest.mark.parametrize(
    ("lat", "lon", "near", "far"),
    [
        (50.47, 23.93, 75e3, 90e3), (-17.0, 179.5, 1e5, 9e5), (88.0, 10.0, 1e5, 6e5), (-89.0, 0.0, 5e5, 1e6),
        (5.0, 5.0, 0.0, 3e5),
    ],
)  # fmt: skip
def test_all_that_is_in_it_is_between_the_distances(lat, lon, near, far):
    area = annulus(*np.radians((lat, lon)), near, far)
    random = np.random.Generator(np.random.Philox(2))
    n = 3_000
    distance, azimuth = random.uniform(0, 1.3 * far, n), random.uniform(0, 360, n)
    longitude, latitude, _ = GEOD.fwd(np.full(n, lon), np.full(n, lat), azimuth, distance)
    held = inside(area, np.array(latitude), np.array(longitude))
    sure = (np.abs(distance - near) > 2e-3 * far + 50) & (np.abs(distance - far) > 2e-3 * far + 50)
    wanted = (distance > near) & (distance < far)
    # Sides are straight in latitude and longitude: near a pole they sag inwards.
    assert np.mean(held[sure] == wanted[sure]) > (0.999 if abs(lat) < 80 else 0.97)
    if abs(lat) < 80:
        assert not held[distance > far + 1].any(), "what is too far away is excluded"


def test_whose_it_is():
    """Case R27: 75 to 90 km from the impact of 15 November 2022 lie Poland and Ukraine and nobody else."""
    held, sea = holders(*np.radians((50.47, 23.93)), 75e3, 90e3)
    assert [one.name for one in held] == ["Ukraine", "Poland"]
    assert sum(one.share for one in held) + sea == pytest.approx(1.0)
    assert sea == 0.0
    poland = held[1]
    assert np.degrees(poland.begin) == pytest.approx(225, abs=8)
    assert np.degrees(poland.end) == pytest.approx(357, abs=8)


def test_all_round_and_nowhere():
    (only,), sea = holders(*np.radians((-25.0, 134.0)), 1e5, 5e5)
    assert only.name == "Australia"
    assert (only.begin, only.end, sea) == (0.0, 2 * np.pi, 0.0)
    assert holders(*np.radians((-40.0, -120.0)), 1e5, 5e5) == ((), 1.0)
