"""Refraction against an independent ray trace, the published formula of ITU-R P.834, and where it must vanish."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from tocsin.sensors import refraction
from tocsin.sensors.radar import MEAN_RADIUS
from tocsin.sensors.refraction import REFRACTIVITY, bend, bend_batch

SITE = 300.0


def trace(elevation, top, refractivity=REFRACTIVITY):
    """Follow a ray step by step by its curvature; return true range, true elevation and delay [m] at height `top`."""

    def rates(_, y):
        r, _, climb, _ = y
        excess = refractivity * 1e-6 * np.exp(-(r - MEAN_RADIUS) / 7350.0)
        turn = np.cos(climb) * (1 / r - excess / 7350.0 / (1 + excess))
        return [np.sin(climb), np.cos(climb) / r, turn, 1 + excess]

    def arrived(_, y):
        return y[0] - MEAN_RADIUS - top

    arrived.terminal = True
    begin = [MEAN_RADIUS + SITE, 0.0, elevation, 0.0]
    path = solve_ivp(rates, (0, 3e7), begin, method="DOP853", rtol=1e-12, atol=1e-9, events=arrived)
    r, angle, _, delay = path.y[:, -1]
    along, up = r * np.sin(angle), r * np.cos(angle) - MEAN_RADIUS - SITE
    return np.hypot(along, up), np.arctan2(up, along), delay


@pytest.mark.parametrize("top", [2e3, 20e3, 99e3, 101e3, 400e3, 2e6])
@pytest.mark.parametrize("apparent_deg", [1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 85.0])
def test_against_a_ray_trace(apparent_deg, top):
    apparent = np.radians(apparent_deg)
    distance, elevation, delay = trace(apparent, top)
    higher, farther = bend(distance, elevation, SITE)
    assert higher == pytest.approx(apparent - elevation, abs=1e-9)
    assert farther == pytest.approx(delay - distance, abs=1e-3)


def test_a_level_ray_is_not_lost():
    """A true elevation just above nought, whose ray leaves at the lowest angles there are."""
    distance, elevation, delay = trace(np.radians(0.6), 300e3)
    assert 0 < elevation < np.radians(0.2)
    higher, farther = bend(distance, elevation, SITE)
    assert higher == pytest.approx(np.radians(0.6) - elevation, abs=1e-9)
    assert farther == pytest.approx(delay - distance, abs=1e-3)


@pytest.mark.parametrize("elevation_deg", [0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0])
def test_against_the_formula_of_itu_r_p834(elevation_deg):
    """P.834 fits the bending towards a space station, from sea level: 1 / (1.728 + 0.5411 t + 0.03723 t²) degrees.

    A fit to the same air within 5 %; so far it and a ray trace differ.
    """
    formula = 1 / (1.728 + 0.5411 * elevation_deg + 0.03723 * elevation_deg**2)
    higher, _ = bend(1e11, np.radians(elevation_deg), 0.0)
    assert np.degrees(higher) == pytest.approx(formula, rel=0.05)


def test_straight_up_only_the_delay_is_left():
    higher, farther = bend(1e6, np.pi / 2, 0.0)
    assert higher == 0.0
    assert farther == pytest.approx(REFRACTIVITY * 1e-6 * refraction.SCALE_HEIGHT, rel=1e-3), "N times H"


def test_without_air_nothing_bends():
    assert bend(1e6, 0.05, 0.0, 0.0) == pytest.approx((0.0, 0.0), abs=1e-8)


def test_falls_with_elevation_and_with_height():
    z = np.array([[1.5e6, 0.0, e, 0.0] for e in np.radians(np.arange(0.0, 90.0, 0.5))])
    added = bend_batch(z, 0.0)
    assert np.all(np.diff(added[:, 2]) < 0)
    assert np.all(np.diff(added[:, 0]) < 0)
    assert np.all(added[:, [1, 3]] == 0.0)
    assert np.all(bend_batch(z, 2_000.0)[:, 2] < added[:, 2] + 1e-15)


def test_nearly_proportional_to_the_air():
    """What a relative error of the air leaves is about that part of the whole."""
    z = np.array([[2e6, 0.0, e, 0.0] for e in np.radians([2.0, 5.0, 20.0])])
    whole, more = bend_batch(z, 0.0), bend_batch(z, 0.0, 1.03 * REFRACTIVITY)
    assert more - whole == pytest.approx(0.03 * whole, rel=0.12)


def test_one_and_many_agree():
    z = np.array([[r, 0.3, e, 5.0] for r in (2e5, 3e6) for e in np.radians([0.1, 4.0, 70.0])])
    for row, added in zip(z, bend_batch(z, SITE), strict=True):
        higher, farther = bend(row[0], row[2], SITE)
        assert (added[2], added[0]) == (higher, farther)


def test_kernel_without_compiler():
    for elevation in (0.0, 0.03, 1.0, np.pi / 2):
        compiled = bend(8e5, elevation, SITE, REFRACTIVITY)
        assert bend.py_func(8e5, elevation, SITE, REFRACTIVITY) == pytest.approx(compiled, rel=1e-9, abs=1e-9)
