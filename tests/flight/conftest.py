"""Vacuum arcs with heyoka's answer: a Taylor method, another language, inertial axes."""

import math

import heyoka
import numpy as np
import pytest

from tocsin.constants import (
    EARTH_GM,
    EARTH_J2,
    EARTH_J3,
    EARTH_J4,
    EARTH_POLAR_RADIUS,
    EARTH_RADIUS,
    EARTH_RATE,
)
from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef


def _thrown(random: np.random.Generator) -> np.ndarray:
    """A state at 100 to 300 km, ITRF, anywhere and any way up."""
    lat, lon = math.asin(random.uniform(-1, 1)), random.uniform(-math.pi, math.pi)
    climb, azimuth = random.uniform(-0.2, 1.5), random.uniform(0, 2 * math.pi)
    along = (math.cos(climb) * math.sin(azimuth), math.cos(climb) * math.cos(azimuth), math.sin(climb))
    r = ecef_from_geodetic(lat, lon, random.uniform(100e3, 300e3))
    return np.concatenate((r, enu_from_ecef(lat, lon).T @ (random.uniform(2_000, 7_000) * np.array(along))))


def _taylor() -> heyoka.taylor_adaptive:
    """The zonal potential, differentiated by heyoka, and the ellipsoid as a terminal event."""
    x, y, z, u, v, w = heyoka.make_vars("x", "y", "z", "u", "v", "w")
    r = heyoka.sqrt(x * x + y * y + z * z)
    s, q = z / r, EARTH_RADIUS / r
    zonal = (
        EARTH_J2 * q**2 * (3 * s**2 - 1) / 2
        + EARTH_J3 * q**3 * s * (5 * s**2 - 3) / 2
        + EARTH_J4 * q**4 * (35 * s**4 - 30 * s**2 + 3) / 8
    )
    up = EARTH_GM / r * (1 - zonal)
    system = [(x, u), (y, v), (z, w), *((a, heyoka.diff(up, b)) for a, b in ((u, x), (v, y), (w, z)))]
    ground = heyoka.t_event(
        (x * x + y * y) / EARTH_RADIUS**2 + z * z / EARTH_POLAR_RADIUS**2 - 1,
        direction=heyoka.event_direction.negative,
    )
    return heyoka.taylor_adaptive(system, np.zeros(6), tol=1e-17, t_events=[ground])


@pytest.fixture(scope="session")
def fallen() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """States (n, 6), where heyoka has them land (n, 6), both ITRF, and when (n,)."""
    random, taylor = np.random.default_rng(3), _taylor()
    starts, ends, times = [], [], []
    while len(starts) < 200:
        x = _thrown(random)
        taylor.time = 0.0
        taylor.state[:] = (*x[:3], x[3] - EARTH_RATE * x[1], x[4] + EARTH_RATE * x[0], x[5])
        taylor.reset_cooldowns()
        if taylor.propagate_until(5_000.0)[0] == heyoka.taylor_outcome.time_limit:
            continue
        t, y = taylor.time, taylor.state
        c, s = math.cos(EARTH_RATE * t), math.sin(EARTH_RATE * t)
        turned = np.array(((c, s, 0), (-s, c, 0), (0, 0, 1)))
        r, v = turned @ y[:3], turned @ y[3:]
        ends.append((*r, v[0] + EARTH_RATE * r[1], v[1] - EARTH_RATE * r[0], v[2]))
        starts.append(x)
        times.append(t)
    return np.array(starts), np.array(ends), np.array(times)
