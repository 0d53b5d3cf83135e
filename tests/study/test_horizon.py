"""The radar horizon against case R10 of literature.md, 3.2, and against the geometry it stands for."""

import numpy as np
import pytest

from tocsin.messages import Sensor
from tocsin.sensors.radar import MEAN_RADIUS
from tocsin.study.horizon import BENDING, height_at, reaches, slant_range

THREE = np.radians(3.0)
TABLE = [(100, 848, 936), (200, 1310, 1462), (500, 2261, 2546), (1000, 3389, 3820), (1500, 4301, 4840)]  # km


@pytest.mark.parametrize(("height", "geometric", "bent"), TABLE)
def test_slant_ranges_are_the_tables(height, geometric, bent) -> None:
    assert slant_range(height * 1e3, THREE) == pytest.approx(geometric * 1e3, rel=0.005)
    assert slant_range(height * 1e3, THREE, BENDING) == pytest.approx(bent * 1e3, rel=0.005)


@pytest.mark.parametrize(("range", "height"), [(5000, 1931), (6000, 2606)])
def test_heights_are_the_tables(range, height) -> None:
    assert height_at(range * 1e3, THREE) == pytest.approx(height * 1e3, rel=0.005)


@pytest.mark.parametrize("elevation_deg", [0.0, 3.0, 30.0, 90.0])
@pytest.mark.parametrize("bending", [1.0, BENDING])
def test_one_undoes_the_other(elevation_deg, bending) -> None:
    for height in (1e3, 1e5, 2e6):
        far = slant_range(height, np.radians(elevation_deg), bending)
        assert height_at(far, np.radians(elevation_deg), bending) == pytest.approx(height, rel=1e-6)
    assert slant_range(1e5, np.pi / 2) == pytest.approx(1e5)


def test_the_beam_is_a_straight_line_over_a_sphere() -> None:
    site = np.array([0.0, 0.0, MEAN_RADIUS])
    ray = np.array([np.cos(THREE), 0.0, np.sin(THREE)])
    assert np.linalg.norm(site + 3e6 * ray) - MEAN_RADIUS == pytest.approx(height_at(3e6, THREE))


def test_a_networks_radars_say_what_their_range_means() -> None:
    radar = Sensor(origin="test", id="r", type="radar", range_max_m=5e6, elevation_min_deg=3.0)
    (told,) = reaches((Sensor(origin="test", id="i", type="infrared"), radar))
    assert (told.radar, told.range) == ("r", 5e6)
    assert told.height == pytest.approx(1_931e3, rel=0.005)
