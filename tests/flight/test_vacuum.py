"""Arcs without air against radial quadrature, the literature's table (case R2) and an inertial DOP853."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymap3d.vincenty import vdist
from scipy.integrate import quad, solve_ivp

from tocsin.constants import EARTH_GM, EARTH_RATE
from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef, geodetic_from_ecef, height
from tocsin.earth.gravity import gravity
from tocsin.flight.vacuum import MEAN_RADIUS, arc, impossible, vertical_time

# Pure vertical bounds of literature.md, section 9, R2: apogee [km], bound [s].
R2 = [
    (2111.5, 1671), (2802, 2059), (3724.9, 2580), (4475, 3011), (6248.5, 4066), (6040.9, 3940), (5768, 3775),
    (6648.4, 4312), (7687.5, 4966),
]  # fmt: skip


@pytest.mark.parametrize(("apogee", "bound"), R2)
def test_vertical_time_is_the_literatures(apogee, bound):
    assert vertical_time(1e3 * apogee) == pytest.approx(bound, abs=2.0)


@given(st.floats(1e3, 3e7))
def test_vertical_time_is_the_quadrature(apogee):
    top = MEAN_RADIUS + apogee

    def slowness(w):  # w² is the way down from the top, so that the integrand stays finite
        r = top - w * w
        return 2 * math.sqrt(r * top / (2 * EARTH_GM))

    half = quad(slowness, 0.0, math.sqrt(apogee), epsrel=1e-10)[0]
    assert vertical_time(apogee) == pytest.approx(2 * half, rel=1e-6)


def test_only_the_impossible_is_impossible():
    bound = vertical_time(6_248_500.0)
    assert impossible(4052.0, 6_248_500.0, 0.5)
    assert impossible(bound - 3.0, 6_248_500.0)
    assert not impossible(bound - 3.0, 6_248_500.0, 5.0)
    assert not impossible(bound + 1.0, 6_248_500.0)
    assert not impossible(4260.0, 6_248_500.0, 30.0)


@pytest.mark.parametrize(
    ("place", "heading", "distance", "apogee"),
    [((39.2, 125.7), 70, 1001.2, 7687.5), ((39.2, 125.7), 72, 3700, 770), ((-33.0, -60.0), 250, 9000, 1300)],
)
def test_arc_is_an_inertial_flight(place, heading, distance, apogee):
    """The arc's time and apogee, flown again by scipy in axes that do not turn."""
    lat, lon = np.radians(place)
    found = arc(lat, lon, math.radians(heading), 1e3 * distance, 1e3 * apogee)
    assert found is not None
    spin = np.array([0.0, 0.0, EARTH_RATE])

    def fixed(t):
        c, s = math.cos(EARTH_RATE * t), math.sin(EARTH_RATE * t)
        return np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])

    def rates(t, y):
        return np.concatenate([y[3:], fixed(t).T @ np.array(gravity(*(fixed(t) @ y[:3])))])

    def flown(velocity):
        r = ecef_from_geodetic(lat, lon, 0.0)
        v = enu_from_ecef(lat, lon).T @ velocity + np.cross(spin, r)
        times = np.linspace(0, found.time, 2001)
        y = solve_ivp(rates, (0, found.time), [*r, *v], "DOP853", times, rtol=1e-11, atol=1e-6).y
        return [fixed(t) @ column for t, column in zip(times, y[:3].T, strict=True)]

    path = flown(found.velocity)
    lat1, lon1, h1 = geodetic_from_ecef(path[-1])
    assert abs(h1) < 20.0
    ends = np.degrees([lat, lon, lat1, lon1])
    assert vdist(*ends)[0] == pytest.approx(1e3 * distance, abs=20.0)
    assert max(height(*r) for r in path) == pytest.approx(1e3 * apogee, abs=20.0)


def test_no_arc_where_there_is_none():
    assert arc(0.5, 0.0, 1.0, 15e6, 20e3) is None


def test_heading_moves_the_time_little():
    """Anchors.md: 15 degrees of heading move the arc by at most 8 s."""
    times = [arc(0.684, 2.193, math.radians(h), 1.0012e6, 7.6875e6).time for h in (55, 70, 85)]
    assert np.ptp(times) < 16.0
