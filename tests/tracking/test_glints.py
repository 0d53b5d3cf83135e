"""Glints about the mirror point: as many as said, none at night, and a launch out of them is told later, not never."""

import numpy as np
import pytest

from tocsin.constants import EARTH_RADIUS
from tocsin.earth.ellipsoid import geodetic_from_ecef
from tocsin.earth.glint import specular_point
from tocsin.tracking.burn import Burn
from tocsin.tracking.glints import HEIGHT, PATCHES, TILT, log_density, weighed
from tocsin.tracking.profile import CLASSES
from tocsin.tracking.settings import Settings

AU = 1.496e11
TWO_STAGES = 2


def sun_over(longitude_deg, latitude_deg=0.0):
    """Return where the Sun stands [m, ITRF] over a place."""
    lat, lon = np.radians([latitude_deg, longitude_deg])
    return AU * np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def rays(platform, middle, half, count):
    """Return directions (n, 3) on a square about that to `middle`, and the solid angle [sr] of each."""
    axis = middle - platform
    axis /= np.linalg.norm(axis)
    side = np.cross(axis, [0.0, 0.0, 1.0])
    side /= np.linalg.norm(side)
    a, b = np.meshgrid(*2 * (np.linspace(-half, half, count),))
    u = axis + a.reshape(-1, 1) * side + b.reshape(-1, 1) * np.cross(side, axis)
    return u / np.linalg.norm(u, axis=1)[:, None], (2 * half / (count - 1)) ** 2


@pytest.mark.parametrize("over", [(-60.0, 0.0), (-20.0, 20.0), (20.0, -10.0)])
def test_there_are_as_many_glints_as_are_said(sky, over):
    """Over all directions they add up to the patches (a tilt is a little more than the way to the next vertical)."""
    platform, sun = sky.SATELLITES["geo-1"], sun_over(*over)
    middle = specular_point(platform, sun, HEIGHT)
    far = np.linalg.norm(middle - platform)
    u, each = rays(platform, middle, 4.5 * TILT * EARTH_RADIUS / far, 121)
    total = np.sum(np.exp(log_density(np.tile(platform, (len(u), 1)), u, sun))) * each
    assert total == pytest.approx(PATCHES, rel=0.25)


def test_glints_lie_as_they_are_scattered(sky):
    """Against draws: mirrors tilted at random, each glinting where it throws the Sun to the satellite."""
    platform, sun = sky.SATELLITES["geo-1"], sun_over(-50.0, 15.0)
    middle = specular_point(platform, sun, HEIGHT)
    towards = (middle - platform) / np.linalg.norm(middle - platform)
    random = np.random.Generator(np.random.Philox(3))
    up = middle / np.linalg.norm(middle)
    a = np.cross(up, [0.0, 0.0, 1.0])
    a /= np.linalg.norm(a)
    tilts = random.normal(0.0, TILT, (200_000, 2))
    r = middle + EARTH_RADIUS * (tilts[:, :1] * a + tilts[:, 1:] * np.cross(up, a))
    r *= np.linalg.norm(middle) / np.linalg.norm(r, axis=1)[:, None]
    u = r - platform
    u /= np.linalg.norm(u, axis=1)[:, None]
    for off in (0.0, 4e-3, 8e-3):
        aside = towards + off * np.cross(towards, a)
        aside /= np.linalg.norm(aside)
        width = 1e-3
        found = np.mean(u @ aside > np.cos(width)) / (np.pi * width**2)
        said = float(log_density(platform[None], aside[None], sun)[0])
        assert said == pytest.approx(np.log(PATCHES * found), abs=0.35)


def test_at_night_and_far_away_nothing_glints(sky):
    platform = sky.SATELLITES["geo-1"]
    below = -platform / np.linalg.norm(platform)
    assert log_density(platform[None], below[None], sun_over(105.0))[0] == -np.inf
    seen = (sky.sighting("geo-1", 0.0, sky.ecef(0.9, -1.3, 0.0)),)
    assert weighed(seen, sun_over(-75.0, -20.0)) == seen
    assert weighed(seen, None) == seen
    assert weighed((), sun_over(-75.0)) == ()


def test_a_launch_out_of_a_glint_is_told_later_not_never(sky):
    """One satellite: three sightings out of the mirror point of high cloud may be patches of it; seven are a rocket."""
    random = np.random.Generator(np.random.Philox(9))
    w, launch = np.zeros(CLASSES[TWO_STAGES].size + 4), np.array([0.2, -0.7, 0.0, 1.0])
    rows = sky.seen(TWO_STAGES, w, launch, 150.0, random, sensors=("geo-1",))
    place = np.degrees(geodetic_from_ecef(_near_ground(rows[0]))[:2])
    platform = rows[0].platform
    night, noon = sun_over(place[1] + 180.0), _sun_mirrored_at(_near_ground(rows[0]), platform)
    assert weighed(rows, noon)[0].stray > rows[0].stray + 4.0

    def told(sun, count):
        return Burn(list(weighed(rows[:count], sun)), Settings()).convinces(0.0)

    assert told(night, 3)
    assert not told(noon, 3)
    assert told(noon, 7)


def _near_ground(s):
    """Return about where a sighting's line meets high cloud (3,) [m]."""
    along = -float(s.platform @ s.u)
    root = along**2 - float(s.platform @ s.platform) + (6.371e6 + 10_000.0) ** 2
    return s.platform + (along - np.sqrt(root)) * s.u


def _sun_mirrored_at(r, platform):
    """Return a Sun (3,) that a level mirror at `r` throws to the satellite."""
    up, to_eye = r / np.linalg.norm(r), (platform - r) / np.linalg.norm(platform - r)
    return AU * (2.0 * (to_eye @ up) * up - to_eye)
