"""Bright points: meteors by their speed, flashes by their silence, rockets by neither."""

import numpy as np
import pytest

from tocsin.assessment.transients import LIFE, Bright, Transients
from tocsin.earth.ellipsoid import destination, ecef_from_geodetic
from tocsin.messages import SECOND, Instant

GEO = 42_164_000.0 * np.array([np.cos(1.0), np.sin(1.0), 0.0])


def point(seconds, away, height=45e3, sensor="geo-1", start=(0.6, 1.0)):
    """Return a bright point `away` [m] east of the start."""
    lat, lon = destination(*start, np.pi / 2, away)[:2]
    r = ecef_from_geodetic(lat, lon, height)
    u = (r - GEO) / np.linalg.norm(r - GEO)
    return Bright(sensor, Instant(round(seconds * SECOND)), 0, u, GEO)


def fed(points, until=100.0):
    seen = Transients()
    found = []
    for p in points:
        found += seen.feed(p.sensor, [p], p.time)
    return found + seen.feed("geo-1", [], Instant(round(until * SECOND)))


@pytest.mark.parametrize("speed", [16_000.0, 30_000.0, 60_000.0])
def test_two_looks_make_a_meteor(speed):
    (found,) = fed([point(0, 0), point(5, 5 * speed)])
    assert found.step == "meteor"
    assert f"some {speed / 1000:.0f} km/s" in found.text or f"some {speed / 1000 - 1:.0f} km/s" in found.text


@pytest.mark.parametrize("speed", [0.0, 1_000.0, 3_000.0, 7_000.0])
def test_no_rocket_is_called_a_meteor(speed):
    """Climbing as fast as it goes forward, seen aslant, in a look every five seconds."""
    points = [point(5 * k, 5 * k * speed, 20e3 + 2_000.0 * k * 5) for k in range(12)]
    assert "meteor" not in [found.step for found in fed(points, 60.0)]


def test_what_shines_once_is_a_flash():
    (found,) = fed([point(0, 0)])
    assert found.step == "flash"
    assert found.time == 0
    assert fed([point(0, 0)], until=LIFE - 1.0) == []


def test_what_stands_still_is_no_flash_while_it_shines():
    assert fed([point(10 * k, 0) for k in range(5)], until=50.0) == []


def test_a_line_past_the_earth_is_nothing():
    up = Bright("geo-1", Instant(0), 0, GEO / np.linalg.norm(GEO), GEO)
    assert fed([up]) == []
