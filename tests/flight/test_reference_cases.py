"""Cases with published or recomputed numbers: minimum energy, three re-entries of the filter literature, geometry.

The re-entries have their own, simplified dynamics: flown here by the library's Runge-Kutta method with its events,
the geometry by the library's sensors. Numbers: `literature.md`, section 9 (R1, R4, R5, R6, R8, R10).
"""

import math

import numpy as np
import pytest
from numba import njit
from scipy.optimize import brentq

from tocsin.constants import EARTH_GM
from tocsin.earth.ellipsoid import destination, ecef_from_geodetic
from tocsin.flight.dop853 import ENDED, MET, solver
from tocsin.messages import Sensor
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.radar import Radar

SPHERE = 6_371e3


@njit
def _attracted(t, y, p, out):
    """A point mass `p[0]` in the plane."""
    k = -p[0] / (y[0] ** 2 + y[1] ** 2) ** 1.5
    out[0], out[1], out[2], out[3] = y[2], y[3], k * y[0], k * y[1]


@njit
def _climbing(t, y, p):
    return y[0] * y[2] + y[1] * y[3]


@njit
def _over_the_sphere(t, y, p):
    return math.sqrt(y[0] ** 2 + y[1] ** 2) - p[1]


@pytest.fixture(scope="module")
def on_a_sphere():
    """The point mass, to the apogee and to the ground."""
    return solver(_attracted, _climbing), solver(_attracted, _over_the_sphere)


# R1: range km; speed km/s, climb deg, apogee km, time s.
MINIMUM_ENERGY = [
    (300, 1.6965, 44.326, 74.1, 251.0), (1_000, 3.0161, 42.752, 239.9, 474.4), (3_000, 4.8650, 38.255, 655.2, 895.0),
    (5_500, 6.0752, 32.634, 1040.5, 1315.8), (10_000, 7.1981, 22.517, 1319.5, 1931.0),
    (12_000, 7.4796, 18.020, 1264.5, 2143.1),
]  # fmt: skip


@pytest.mark.parametrize(("span_km", "speed_km", "climb_deg", "apogee_km", "time_s"), MINIMUM_ENERGY)
def test_minimum_energy(on_a_sphere, span_km, speed_km, climb_deg, apogee_km, time_s) -> None:
    """R1, on a sphere that stands still."""
    psi = span_km * 1e3 / SPHERE
    sine = math.sin(psi / 2)
    speed, climb = math.sqrt(2 * EARTH_GM / SPHERE * sine / (1 + sine)), (math.pi - psi) / 4
    assert speed == pytest.approx(speed_km * 1e3, abs=0.06)
    assert math.degrees(climb) == pytest.approx(climb_deg, abs=6e-4)
    y = np.array((SPHERE, 0.0, speed * math.sin(climb), speed * math.cos(climb)))
    p, tolerance = np.array((EARTH_GM, SPHERE)), np.array((1e-6, 1e-6, 1e-9, 1e-9))
    to_apogee, to_ground = on_a_sphere
    t, h, status = to_apogee(0.0, y, 1e4, p, tolerance, 1.0)
    assert status == MET
    assert math.hypot(y[0], y[1]) - SPHERE == pytest.approx(apogee_km * 1e3, abs=60)
    t, _, status = to_ground(t, y, 1e4, p, tolerance, h)
    assert status == MET
    assert t == pytest.approx(time_s, abs=0.1)
    assert math.atan2(y[1], y[0]) * SPHERE == pytest.approx(span_km * 1e3, abs=1e-3)


@njit
def _flat_re_entry(t, y, p, out):
    """Farina, Ristic and Benvenuti (2002): flat Earth, g, β in kg/(m s²), density in two pieces."""
    rho = 1.227 * math.exp(-1.093e-4 * y[1]) if y[1] < 9_144.0 else 1.754 * math.exp(-1.49e-4 * y[1])
    k = -9.81 * rho * math.hypot(y[2], y[3]) / (2 * p[0])
    out[0], out[1], out[2], out[3] = y[2], y[3], k * y[2], k * y[3] - 9.81


@njit
def _above_flat_ground(t, y, p):
    return y[1]


def _stepped(rate, y, p, times, step, half):
    """The difference scheme of the papers' programs: rates held over `step`; `half` adds half a·step² to positions."""
    y, rows, d = y.copy(), [], np.empty(len(y))
    for k in range(1, round(times[-1] / step) + 1):
        rate(0.0, y, p, d)
        y += step * d
        if half:
            y[:2] += 0.5 * step**2 * d[2:4]
        if any(abs(k * step - t) < 1e-9 for t in times):
            rows.append(y.copy())
    return np.array(rows)


def _limit(rate, y, p, times, step, half):
    """What the scheme tends to as its step shrinks (Richardson)."""
    coarse, fine = (_stepped(rate, y, p, times, step / n, half) for n in (32, 64))
    return 2 * fine - coarse


def _flown(solve, y, p, times, tolerance):
    rows, start = [], 0.0
    for end in times:
        assert solve(start, y, float(end), p, tolerance, 0.1)[2] == ENDED
        rows.append(y.copy())
        start = float(end)
    return np.array(rows)


def test_farina_re_entry() -> None:
    """R4, the truth: the published model steps by 2 s; shrunk, it must tend to what our method flies."""
    dive = math.radians(190)
    start = np.array((232e3, 88e3, 2290 * math.cos(dive), 2290 * math.sin(dive)))
    p, tolerance = np.array((4e4,)), np.array((1e-6, 1e-6, 1e-9, 1e-9))
    model = _stepped(_flat_re_entry, start, p, range(2, 121, 2), 2.0, True)
    for t, x, y, v in ((60, 96.7, 46.5, 2453), (80, 52.5, 25.2, 2389), (100, 20.7, 6.94, 1023)):
        row = model[t // 2 - 1]
        assert row[:2] / 1e3 == pytest.approx((x, y), abs=0.06)
        assert math.hypot(row[2], row[3]) == pytest.approx(v, abs=0.6)
    assert model[58, 1] > 0 > model[59, 1]
    load = np.linalg.norm(np.diff(model[:, 2:], axis=0), axis=1) / 2 / 9.81
    worst = int(np.argmax(load))
    assert load[worst] == pytest.approx(9.8, abs=0.06)
    assert 2 * (worst + 1) == 94
    assert model[worst, 1] == pytest.approx(11.0e3, abs=60)
    solve = solver(_flat_re_entry, _above_flat_ground)
    y = start.copy()
    flown = _flown(solve, y, p, (60, 80, 100), tolerance)
    np.testing.assert_allclose(
        flown[:, :2], _limit(_flat_re_entry, start, p, (60, 80, 100), 2.0, True)[:, :2], atol=10
    )
    t, _, status = solve(100.0, y, 200.0, p, tolerance, 0.5)
    assert status == MET
    assert y[1] == pytest.approx(0, abs=1e-5)
    assert t == pytest.approx(119, abs=0.6)


@njit
def _julier_uhlmann(t, y, p, out):
    """Julier and Uhlmann (2004): km, km/s; exponential air that stands still, drag by the fifth number."""
    r = math.hypot(y[0], y[1])
    k = -0.59783 * math.exp(y[4]) * math.exp((6374.0 - r) / 13.406) * math.hypot(y[2], y[3])
    g = -3.9860e5 / r**3
    out[0], out[1], out[4] = y[2], y[3], 0.0
    out[2], out[3] = k * y[2] + g * y[0], k * y[3] + g * y[1]


def test_julier_uhlmann_re_entry() -> None:
    """R5, without noise: the published program takes Euler's steps of 0.1 s; shrunk, they must tend to our method."""
    start, times = np.array((6500.4, 349.14, -1.8093, -6.7967, 0.6932)), (50, 100, 200)
    model = _stepped(_julier_uhlmann, start, np.empty(0), times, 0.1, False)
    np.testing.assert_allclose(model[0, :4], (6421.532, 84.289, -0.6680, -1.8002), atol=6e-4)
    np.testing.assert_allclose(model[1, :2], (6403.462, 52.848), atol=6e-4)
    np.testing.assert_allclose(model[2, :2], (6383.953, 49.111), atol=6e-4)
    np.testing.assert_allclose(np.hypot(model[:, 0], model[:, 1]) - 6374, (48.085, 29.680, 10.142), atol=6e-4)
    ranges = np.hypot(model[:, 0] - 6374, model[:, 1])
    np.testing.assert_allclose(ranges[[0, 2]], (96.767, 50.109), atol=6e-4)
    assert math.atan2(model[2, 1], model[2, 0] - 6374) == pytest.approx(1.37083, abs=6e-6)
    tolerance = np.array((1e-9, 1e-9, 1e-12, 1e-12, 1e-12))
    flown = _flown(solver(_julier_uhlmann), start.copy(), np.empty(0), times, tolerance)
    limit = _limit(_julier_uhlmann, start, np.empty(0), times, 0.1, False)
    np.testing.assert_allclose(flown[:, :2], limit[:, :2], atol=2e-4)


@njit
def _straight_down(t, y, p, out):
    """Athans, Wishner and Bertolini (1968) in km: height, speed downwards, drag in exponential air, no weight."""
    out[0], out[1] = -y[1], -y[2] * y[1] * y[1] * math.exp(-y[0] / 6.096)
    out[2] = 0.0


def test_fall_straight_down() -> None:
    """R6, without noise."""
    y, tolerance = np.array((90.0, 6.0, 1.7)), np.full(3, 1e-11)
    flown = _flown(solver(_straight_down), y, np.empty(0), (5, 10, 15, 20, 30), tolerance)
    expected = ((60.003, 5.997), (30.436, 5.593), (12.343, 1.527), (8.314, 0.424), (6.038, 0.128))
    np.testing.assert_allclose(flown[:, :2], expected, atol=6e-4)


@pytest.mark.parametrize(
    ("elevation", "slant_km", "across_m", "along_m"),
    [(90, 35_793, 358, 358), (45, 37_418, 374, 529), (20, 39_558, 396, 1_157), (10, 40_588, 406, 2_337),
     (5, 41_128, 411, 4_719)],
)  # fmt: skip
def test_what_a_geostationary_angle_is_on_the_ground(elevation, slant_km, across_m, along_m) -> None:
    """R8: 10 µrad, on a sphere of 6,371 km, to 1 %."""
    geo = Infrared.from_message(
        Sensor(
            id="s",
            type="infrared",
            origin="test",
            los_sigma_urad=10.0,
        )
    )
    up = math.radians(elevation)
    centre = math.pi / 2 - up - math.asin(SPHERE / 42_164e3 * math.cos(up))
    ground = SPHERE * np.array((math.cos(centre), math.sin(centre), 0.0))
    platform = np.array((42_164e3, 0.0, 0.0))
    angles = geo.jacobian(ground, platform)[0]
    north, east = np.array((0.0, 0.0, 1.0)), np.array((-math.sin(centre), math.cos(centre), 0.0))
    assert np.linalg.norm(ground - platform) == pytest.approx(slant_km * 1e3, rel=1e-3)
    assert geo.sigma / np.linalg.norm(angles @ north) == pytest.approx(across_m, rel=0.01)
    assert geo.sigma / np.linalg.norm(angles @ east) == pytest.approx(along_m, rel=0.01)


@pytest.mark.parametrize(
    ("h_km", "slant_km"),
    [(100, 848), (200, 1_310), (500, 2_261), (1_000, 3_389), (1_500, 4_301), (1_931, 5_000), (2_606, 6_000)],
)
def test_radar_horizon(h_km, slant_km) -> None:
    """R10: slant range to a height at 3° of elevation, to 0.5 %, here over the ellipsoid and eastwards."""
    radar = Radar.from_message(
        Sensor(
            id="r", type="radar", origin="test",
            latitude_deg=45.0, longitude_deg=10.0, height_m=0.0, range_sigma_m=30.0, azimuth_sigma_deg=0.05,
            elevation_sigma_deg=0.05, range_max_m=1e7,
        )
    )  # fmt: skip

    def seen(distance: float) -> np.ndarray:
        lat, lon = destination(radar.latitude, radar.longitude, math.pi / 2, distance)
        r = ecef_from_geodetic(lat, lon, h_km * 1e3)
        return radar.predict(np.concatenate((r, np.zeros(3))))[0]

    far = brentq(lambda d: seen(d)[2] - math.radians(3.0), 1e3, 9e6)
    assert seen(far)[0] == pytest.approx(slant_km * 1e3, rel=0.005)
