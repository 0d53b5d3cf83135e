"""Kicked conics against heyoka, the truth kernel and the step kernel; whatever is asked, each row alone."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tocsin.constants import EARTH_GM, EARTH_RADIUS
from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef, height
from tocsin.flight import _drift, coast, drift, truth


def _launched(lat: float, h: float, speed: float, climb: float, azimuth: float) -> np.ndarray:
    r = ecef_from_geodetic(lat, 2.0, h)
    along = (math.cos(climb) * math.sin(azimuth), math.cos(climb) * math.cos(azimuth), math.sin(climb))
    return np.concatenate((r, enu_from_ecef(lat, 2.0).T @ (speed * np.array(along))))


ARC = _launched(0.7, 150e3, 6000.0, 0.5, 1.0)
states = st.builds(
    _launched,
    st.floats(-1.57, 1.57),
    st.floats(0, 2e6),
    st.floats(0, 12_000),
    st.floats(-1.5, 1.5),
    st.floats(0, 6.3),
)


def test_impact_against_heyoka(fallen) -> None:
    x, expected, times = fallen
    y, t, _, status = drift.fall_batch(x)
    assert not status.any()
    assert np.linalg.norm(y[:, :3] - expected[:, :3], axis=1).max() < 0.5
    assert np.median(np.linalg.norm(y[:, :3] - expected[:, :3], axis=1)) < 0.01
    np.testing.assert_allclose(y[:, 3:], expected[:, 3:], atol=1e-3)
    np.testing.assert_allclose(t, times, atol=1e-4)


def test_to_a_time_against_heyoka_and_back(fallen) -> None:
    x, expected, times = fallen
    y, status = drift.propagate_batch(x, times)
    assert not status.any()
    assert np.linalg.norm(y[:, :3] - expected[:, :3], axis=1).max() < 0.5
    back, _ = drift.propagate_batch(y, -times)
    np.testing.assert_allclose(back[:, :3], x[:, :3], atol=0.2)


def test_greatest_height(fallen) -> None:
    x = fallen[0]
    _, _, apogee, _ = drift.fall_batch(x)
    _, _, expected, _ = truth.fall_batch(x, np.zeros(len(x)))
    np.testing.assert_allclose(apogee, expected, atol=0.1)


@pytest.mark.parametrize(
    ("x", "dt"),
    [
        (_launched(0.3, 400e3, 7_300.0, 0.0, 1.0), 86_400.0),
        (_launched(0.3, 400e3, 7_300.0, 0.0, 1.0), -5_400.0),
        (_launched(0.3, 800e3, 9_500.0, 0.1, 1.0), 43_200.0),
        (_launched(1.2, 500e3, 12_000.0, 0.4, 3.0), 86_400.0),
        (_launched(1.2, 500e3, math.sqrt(2 * EARTH_GM / (EARTH_RADIUS + 500e3)), 1.5, 0.0), 20_000.0),
    ],
)
def test_orbits_and_escapes(x, dt) -> None:
    y, status = drift.propagate(x, dt)
    expected, _ = truth.propagate(x, dt, 0.0)
    assert status == coast.OK
    assert np.linalg.norm(y[:3] - expected[:3]) < 10.0 * max(1.0, abs(dt) / 86_400)


@given(st.lists(states, min_size=1, max_size=4), st.floats(-3000, 3000))
@settings(max_examples=60)
def test_a_batch_gives_what_its_rows_give(rows, dt) -> None:
    x = np.array(rows)
    down, t, apogee, status = drift.fall_batch(x)
    moved, moved_status = drift.propagate_batch(x, np.full(len(x), dt))
    for i in range(len(x)):
        alone = drift.fall(x[i])
        assert np.array_equal(down[i], alone[0], equal_nan=True)
        assert np.array_equal((t[i], apogee[i], status[i]), alone[1:], equal_nan=True)
        one, one_status = drift.propagate(x[i], dt)
        assert np.array_equal(moved[i], one, equal_nan=True)
        assert moved_status[i] == one_status


@given(states)
@settings(max_examples=100)
def test_every_state_has_the_status_and_the_ground_of_coast(x) -> None:
    y, t, apogee, status = drift.fall(x)
    expected, expected_t, expected_apogee, expected_status = coast.fall(x, 0.0)
    assert status == expected_status
    assert apogee == pytest.approx(expected_apogee, abs=50, rel=1e-4)
    if status == coast.OK:
        assert height(*y[:3]) == pytest.approx(0, abs=2e-4) or t < 1e-6
        assume(expected_t < 7_000)
        assert t == pytest.approx(expected_t, abs=0.1)
        assert np.linalg.norm(y[:3] - expected[:3]) < 50.0


@given(st.integers(0, 5), st.sampled_from([math.nan, math.inf, -math.inf, 1e200, -1e308]))
def test_a_bad_row_is_a_status(column, bad) -> None:
    x = np.array((ARC, ARC))
    x[0, column] = bad
    y, _, _, status = drift.fall_batch(x)
    assert status[0] != coast.OK
    assert np.array_equal(y[1], drift.fall(ARC)[0])
    y, status = drift.propagate_batch(x, np.full(2, 600.0))
    assert list(status) == [coast.NOT_FINITE, coast.OK]
    assert np.array_equal(y[1], drift.propagate(ARC, 600.0)[0])


@pytest.mark.parametrize("dt", [math.nan, math.inf, 1e30])
def test_a_bad_time_is_a_status(dt) -> None:
    assert drift.propagate(_launched(0.3, 400e3, 7_300.0, 0.0, 1.0), dt)[1] == coast.NOT_FINITE


def test_no_time_is_no_change() -> None:
    y, status = drift.propagate(ARC, 0.0)
    assert status == coast.OK
    np.testing.assert_allclose(y, ARC, rtol=1e-15)


def test_order_of_the_splitting() -> None:
    """Halving the step divides the error by 2⁴ in the harmonics' square, the lowest order there is, or better."""
    f, E = _drift.starting(7e6, 0.0, 1e6, 0.0, 5e3, 5e3)
    turn = 1.9 / _drift.RATE  # under a step each for a fourth part of it

    def flown(parts: int) -> tuple:
        g = f
        for _ in range(parts):
            g = _drift.span(g, E, turn / parts)
        return g[:3]

    coarse, fine = (math.dist(flown(n), flown(128)) for n in (4, 8))
    assert 1e-4 < coarse < 0.1
    assert fine < coarse / 10
