"""The truth kernel against heyoka, scipy over the same air, and itself started anew."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from tocsin.constants import EARTH_RATE
from tocsin.earth.atmosphere import density
from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef, height
from tocsin.earth.gravity import gravity
from tocsin.flight import coast, truth

CEILING = 100_000.0


def _launched(lat: float, h: float, speed: float, climb: float, azimuth: float) -> np.ndarray:
    r = ecef_from_geodetic(lat, 2.0, h)
    along = (math.cos(climb) * math.sin(azimuth), math.cos(climb) * math.cos(azimuth), math.sin(climb))
    return np.concatenate((r, enu_from_ecef(lat, 2.0).T @ (speed * np.array(along))))


ARC = _launched(0.7, 150e3, 6000.0, 0.5, 1.0)
states = st.builds(
    _launched,
    st.floats(-1.57, 1.57),
    st.floats(1, 3e5),
    st.floats(0, 7_000),
    st.floats(-1.2, 1.5),
    st.floats(0, 6.3),
)


def _inertial(t: float, x: np.ndarray) -> np.ndarray:
    """The state in axes that stand still, equal to ITRF at time 0."""
    c, s = math.cos(EARTH_RATE * t), math.sin(EARTH_RATE * t)
    back = np.array(((c, -s, 0), (s, c, 0), (0, 0, 1)))
    return np.concatenate((back @ x[:3], back @ (x[3:] + np.cross((0, 0, EARTH_RATE), x[:3]))))


def _oracle(x: np.ndarray, drag: float, ceiling: float) -> tuple[np.ndarray, float]:
    """Landing place in axes that stand still, and time: scipy's DOP853, stopped exactly at the ceiling."""
    w = np.array((0, 0, EARTH_RATE))

    def rate(t: float, y: np.ndarray, drag: float) -> np.ndarray:
        c, s = math.cos(EARTH_RATE * t), math.sin(EARTH_RATE * t)
        turned = np.array((c * y[0] + s * y[1], c * y[1] - s * y[0], y[2]))
        a = np.array(gravity(*turned))
        a = np.array((c * a[0] - s * a[1], s * a[0] + c * a[1], a[2]))
        if drag:
            v = y[3:] - np.cross(w, y[:3])
            a -= 0.5 * density(height(*y[:3])) * drag * np.linalg.norm(v) * v
        return np.concatenate((y[3:], a))

    def leg(t: float, y: np.ndarray, drag: float, floor: float) -> tuple[float, np.ndarray]:
        def low(t: float, y: np.ndarray, drag: float) -> float:
            return height(*y[:3]) - floor

        low.terminal, low.direction = True, -1
        found = solve_ivp(rate, (t, t + 1e4), y, "DOP853", rtol=1e-12, atol=1e-8, events=low, args=(drag,))
        return found.t[-1], found.y[:, -1]

    t, y = 0.0, _inertial(0.0, x)
    if height(*x[:3]) > ceiling:
        t, y = leg(t, y, 0.0, ceiling)
    t, y = leg(t, y, drag, 0.0)
    return y[:3], t


def test_vacuum_against_heyoka_to_a_millimetre(fallen) -> None:
    x, expected, times = fallen
    y, t, _, status = truth.fall_batch(x, np.zeros(len(x)))
    assert not status.any()
    assert np.linalg.norm(y[:, :3] - expected[:, :3], axis=1).max() < 1e-4
    np.testing.assert_allclose(y[:, 3:], expected[:, 3:], atol=1e-7)
    np.testing.assert_allclose(t, times, atol=1e-7)
    y, _ = truth.propagate_batch(x, times, np.zeros(len(x)))
    assert np.linalg.norm(y[:, :3] - expected[:, :3], axis=1).max() < 1e-4


@pytest.mark.parametrize("drag", [1e-4, 1e-3, 1e-2])
@pytest.mark.parametrize(
    "x",
    [
        _launched(0.7, 150e3, 6000.0, 0.5, 1.0),
        _launched(-0.9, 200e3, 4000.0, 1.3, 4.0),
        _launched(0.1, 130e3, 7000.0, -0.2, 2.0),
    ],
)
def test_re_entry_against_scipy_over_the_same_air(x, drag) -> None:
    """Asked: 1 m; both restart exactly at 100 km."""
    y, t, _, status = truth.fall(x, drag, CEILING)
    expected, expected_t = _oracle(x, drag, CEILING)
    assert status == coast.OK
    assert np.linalg.norm(_inertial(t, y)[:3] - expected) < 2e-3
    assert t == pytest.approx(expected_t, abs=1e-4)


@pytest.mark.parametrize("drag", [1e-4, 1e-3])
def test_the_estimators_kernel_in_air_is_within_metres(fallen, drag) -> None:
    x = fallen[0]
    y, _, _, _ = coast.fall_batch(x, np.full(len(x), drag))
    expected, _, _, _ = truth.fall_batch(x, np.full(len(x), drag))
    miss = np.linalg.norm(y[:, :3] - expected[:, :3], axis=1)
    assert np.median(miss) < 0.3
    assert np.quantile(miss, 0.95) < 2.0


def test_flown_in_two_parts_is_flown_in_one() -> None:
    whole, _ = truth.propagate(ARC, 900.0, 1e-3)
    half, _ = truth.propagate(ARC, 333.0, 1e-3)
    parts, _ = truth.propagate(half, 567.0, 1e-3)
    np.testing.assert_allclose(parts[:3], whole[:3], atol=1e-4)
    back, status = truth.propagate(half, -333.0, 1e-3)
    assert status == coast.OK
    np.testing.assert_allclose(back[:3], ARC[:3], atol=1e-4)


def test_up_out_of_the_air_and_down_again() -> None:
    x = _launched(0.4, 20e3, 2500.0, 1.2, 2.0)
    y, t, apogee, status = truth.fall(x, 1e-4, CEILING)
    assert status == coast.OK
    assert 100e3 < apogee < 400e3
    heights = [height(*truth.propagate(x, s, 1e-4, CEILING)[0][:3]) for s in np.linspace(0, t, 400)]
    assert max(heights) == pytest.approx(apogee, abs=5)
    assert apogee >= max(heights) - 1e-6
    assert height(*y[:3]) == pytest.approx(0, abs=1e-5)


def test_the_greatest_of_all_heights_counts_the_start() -> None:
    x = _launched(0.4, 80e3, 1000.0, -1.0, 2.0)
    assert truth.fall(x, 1e-3)[2] == pytest.approx(80e3, abs=1e-6)


@given(st.lists(states, min_size=1, max_size=3), st.sampled_from([0.0, 1e-3]))
@settings(max_examples=15)
def test_a_batch_gives_what_its_rows_give(rows, drag) -> None:
    x = np.array(rows)
    down, t, apogee, status = truth.fall_batch(x, np.full(len(x), drag))
    moved, _ = truth.propagate_batch(x, np.full(len(x), 60.0), np.full(len(x), drag))
    for i in range(len(x)):
        alone = truth.fall(x[i], drag)
        assert np.array_equal(down[i], alone[0], equal_nan=True)
        assert np.array_equal((t[i], apogee[i], status[i]), alone[1:], equal_nan=True)
        assert np.array_equal(moved[i], truth.propagate(x[i], 60.0, drag)[0])
        assert status[i] == coast.OK
        assert height(*down[i, :3]) == pytest.approx(0, abs=1e-5)


@given(st.integers(0, 5), st.sampled_from([math.nan, math.inf, -math.inf]))
@settings(max_examples=10)
def test_a_bad_row_is_a_status(column, bad) -> None:
    x = np.array((ARC, ARC))
    x[0, column] = bad
    y, _, _, status = truth.fall_batch(x, np.zeros(2))
    assert list(status) == [coast.NOT_FINITE, coast.OK]
    assert np.array_equal(y[1], truth.fall(ARC, 0.0)[0])
    y, status = truth.propagate_batch(x, np.full(2, 60.0), np.zeros(2))
    assert list(status) == [coast.NOT_FINITE, coast.OK]
    assert np.isfinite(y[1]).all()


@pytest.mark.parametrize("h", [0.0, -20.0])
def test_on_the_ground_and_not_rising_is_down(h) -> None:
    _, t, _, status = truth.fall(_launched(0.5, h, 50.0, -0.4, 1.0), 1e-3)
    assert (t, status) == (pytest.approx(0, abs=1e-6), coast.OK)


def test_what_stays_up_says_so() -> None:
    orbit = _launched(0.0, 300e3, 7_250.0, 0.0, math.pi / 2)
    for x in (orbit, _launched(0.5, 300e3, 12_500.0, 0.3, 1.0)):
        y, t, _, status = truth.fall(x, 0.0)
        assert status == coast.STAYS_UP
        assert np.isnan(y).all()
        assert math.isnan(t)
