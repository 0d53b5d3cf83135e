"""Coast against DOP853 in inertial axes, energy, closed forms, and its own derivative."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from tocsin.constants import EARTH_GM, EARTH_RATE
from tocsin.earth.atmosphere import density
from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef, height
from tocsin.earth.gravity import gravity, potential
from tocsin.flight import _kernels, coast


def _launched(lat: float, h: float, speed: float, climb: float, azimuth: float) -> np.ndarray:
    r = ecef_from_geodetic(lat, 2.0, h)
    along = (math.cos(climb) * math.sin(azimuth), math.cos(climb) * math.cos(azimuth), math.sin(climb))
    return np.concatenate((r, enu_from_ecef(lat, 2.0).T @ (speed * np.array(along))))


def _spin(t: float) -> np.ndarray:
    """Rotation from inertial axes, equal to ITRF at t = 0, to ITRF."""
    c, s = math.cos(EARTH_RATE * t), math.sin(EARTH_RATE * t)
    return np.array(((c, s, 0), (-s, c, 0), (0, 0, 1)))


def _oracle(x: np.ndarray, drag: float, until: float, landing: bool = False) -> tuple[np.ndarray, float]:
    """ITRF state by DOP853 in inertial axes, where there is neither Coriolis nor centrifugal force."""
    w = np.array((0, 0, EARTH_RATE))

    def rate(t: float, y: np.ndarray) -> np.ndarray:
        R = _spin(t)
        r = R @ y[:3]
        a = np.array(gravity(*r))
        h = height(*r)
        if drag and h < _kernels.DRAG_CEILING:
            v = R @ (y[3:] - np.cross(w, y[:3]))
            a -= 0.5 * density(h) * drag * np.linalg.norm(v) * v
        return np.concatenate((y[3:], R.T @ a))

    def ground(t: float, y: np.ndarray) -> float:
        return height(*(_spin(t) @ y[:3]))

    ground.terminal, ground.direction = True, -1
    start = np.concatenate((x[:3], x[3:] + np.cross(w, x[:3])))
    found = solve_ivp(
        rate, (0, until), start, "DOP853", rtol=1e-12, atol=1e-6, events=ground if landing else None,
        max_step=2.0 if drag else np.inf,
    )  # fmt: skip
    t, y = found.t[-1], found.y[:, -1]
    return np.concatenate((_spin(t) @ y[:3], _spin(t) @ (y[3:] - np.cross(w, y[:3])))), t


FLIGHTS = [(3000.0, 0.7, 60e3), (5000.0, 0.6, 100e3), (7000.0, 0.35, 150e3), (6500.0, 1.2, 200e3)]


@pytest.mark.parametrize(("speed", "climb", "h"), FLIGHTS)
def test_impact_in_vacuum(speed: float, climb: float, h: float) -> None:
    x = _launched(0.7, h, speed, climb, 1.0)
    expected, t = _oracle(x, 0.0, 20_000, landing=True)
    landed, flight, _, status = coast.fall(x, 0.0)
    assert status == coast.OK
    assert np.linalg.norm(landed[:3] - expected[:3]) < 0.5
    assert flight == pytest.approx(t, abs=1e-3)
    assert height(*landed[:3]) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("drag", [1e-4, 1e-3, 1e-2])
def test_impact_through_air(drag: float) -> None:
    x = _launched(-0.4, 80e3, 2500.0, 0.6, 4.0)
    expected, t = _oracle(x, drag, 3_000, landing=True)
    landed, flight, _, status = coast.fall(x, drag)
    assert status == coast.OK
    # The kernel's height is measured towards the centre: up to 0.7 m off at 120 km.
    assert np.linalg.norm(landed[:3] - expected[:3]) < 2.0
    assert flight == pytest.approx(t, abs=0.02)


@pytest.mark.parametrize(("speed", "climb", "h"), FLIGHTS)
def test_half_an_hour_in_vacuum(speed: float, climb: float, h: float) -> None:
    x = _launched(0.7, h, speed, climb, 1.0)
    until = min(1800.0, coast.fall(x, 0.0)[1])
    expected, _ = _oracle(x, 0.0, until)
    assert np.linalg.norm(coast.propagate(x, until, 0.0)[:3] - expected[:3]) < 1.0


def test_low_throw_against_the_oracle() -> None:
    x = _launched(0.7, -100.0, 300.0, 0.7, 1.0)
    expected, t = _oracle(x, 1e-4, 100, landing=True)
    landed, flight, apogee, _ = coast.fall(x, 1e-4)
    assert np.linalg.norm(landed[:3] - expected[:3]) < 0.5
    assert flight == pytest.approx(t, abs=5e-3)
    assert 1_000 < apogee < 2_000


def test_apogee_is_the_greatest_height() -> None:
    x = _launched(0.3, 90e3, 4000.0, 0.8, 2.0)
    _, t, apogee, _ = coast.fall(x, 0.0)
    heights = [height(*coast.propagate(x, s, 0.0)[:3]) for s in np.linspace(0, t, 2000)]
    assert max(heights) == pytest.approx(apogee, abs=3.0)
    assert apogee >= max(heights) - 0.01


def test_minimum_energy_table_by_the_two_body_formula() -> None:
    """Research case R1: 10,000 km in 1931 s by conic; the real Earth may move it by a few per cent."""
    radius, span = 6_371e3, 10_000e3 / 6_371e3
    s = math.sin(span / 2)
    speed = math.sqrt(2 * EARTH_GM / radius * s / (1 + s))
    assert speed == pytest.approx(7198.1, abs=0.1)
    # Northwards from the south over the equator: least turned by the Earth's rotation.
    x = _launched(-span / 2, 0.0, speed, (math.pi - span) / 4, 0.0)
    _, t, apogee, status = coast.fall(x, 0.0)
    assert status == coast.OK
    assert t == pytest.approx(1931, rel=0.03)
    assert apogee == pytest.approx(1_319.5e3, rel=0.03)


@given(
    st.floats(-1.5, 1.5), st.floats(0, 400e3), st.floats(100, 7000), st.floats(-0.5, 1.5), st.floats(0, 6.2)
)
@settings(max_examples=50)
def test_energy_is_kept_in_vacuum(lat: float, h: float, speed: float, climb: float, azimuth: float) -> None:
    x = _launched(lat, h, speed, climb, azimuth)
    y = coast.propagate(x, 300.0, 0.0)
    assume(height(*y[:3]) > -50e3)

    def energy(s: np.ndarray) -> float:
        centrifugal = 0.5 * EARTH_RATE**2 * (s[0] ** 2 + s[1] ** 2)
        return 0.5 * float(s[3:] @ s[3:]) - potential(*s[:3]) - centrifugal

    assert energy(y) == pytest.approx(energy(x), abs=5.0)


@given(st.floats(0.2, 1.2), st.floats(1000, 6000), st.floats(-600, 600), st.sampled_from([0.0, 1e-3]))
@settings(max_examples=30)
def test_back_again(climb: float, speed: float, dt: float, drag: float) -> None:
    x = _launched(0.5, 300e3, speed, climb, 1.0)
    y = coast.propagate(x, dt, drag)
    # Backwards through dense air a body gains speed without bound; nothing returns from there.
    assume(100e3 < height(*y[:3]) < 1e7)
    np.testing.assert_allclose(coast.propagate(y, -dt, drag)[:3], x[:3], atol=0.5)


CASES = [
    (_launched(0.5, 300e3, 5000.0, 0.4, 1.0), 10.0, 0.0),
    (_launched(0.5, 300e3, 5000.0, 0.4, 1.0), 10.0, 1e-3),
    (_launched(0.5, 300e3, 5000.0, 0.4, 1.0), 900.0, 0.0),
    (_launched(0.5, 300e3, 5000.0, 0.4, 1.0), -60.0, 0.0),
    (_launched(-0.9, 40e3, 3000.0, -0.4, 5.0), 0.8, 1e-3),
    (_launched(-0.9, 15e3, 2000.0, -0.9, 5.0), 0.5, 2e-4),
]


@pytest.mark.parametrize(("x", "dt", "drag"), CASES)
def test_transition_is_the_derivative_of_propagation(x: np.ndarray, dt: float, drag: float) -> None:
    y, Phi = coast.propagate_with_transition(x, dt, drag)
    assert np.array_equal(y, coast.propagate(x, dt, drag))
    for j, unit in enumerate((10.0,) * 3 + (0.01,) * 3):
        d = np.eye(6)[j] * unit
        near = coast.propagate(x + d, dt, drag) - coast.propagate(x - d, dt, drag)
        far = coast.propagate(x + 2 * d, dt, drag) - coast.propagate(x - 2 * d, dt, drag)
        expected = (8 * near - far) / (12 * unit)
        for half in (slice(0, 3), slice(3, 6)):
            scale = np.linalg.norm(expected[half])
            noise = 3e-9 / unit if half.start == 0 else 3e-12 / unit
            np.testing.assert_allclose(Phi[half, j], expected[half], rtol=0, atol=1e-6 * scale + noise)


def test_transition_keeps_volume_in_vacuum() -> None:
    _, Phi = coast.propagate_with_transition(CASES[2][0], 900.0, 0.0)
    assert np.linalg.det(Phi) == pytest.approx(1, abs=1e-6)


@given(st.floats(1000, 6000), st.floats(-0.3, 1.4), st.floats(0, 500), st.sampled_from([0.0, 3e-4]))
@settings(max_examples=30)
def test_a_batch_gives_what_its_rows_give(speed: float, climb: float, dt: float, drag: float) -> None:
    rows = np.array([_launched(0.1, 110e3, speed, climb, 1.0), _launched(0.9, 50e3, speed, -0.1, 3.0)])
    times, drags = np.array([dt, dt / 7]), np.array([drag, 1e-3])
    moved, status = coast.propagate_batch(rows, times, drags)
    tangent, Phi, _ = coast.propagate_with_transition_batch(rows, times, drags)
    stepped, _ = coast.step_batch(rows, times, drags)
    down, t, apogee, landed = coast.fall_batch(rows, drags)
    for i in range(2):
        assert np.array_equal(moved[i], coast.propagate(rows[i], times[i], drags[i]), equal_nan=True)
        assert np.array_equal(stepped[i], coast.step(rows[i], times[i], drags[i]), equal_nan=True)
        one, one_Phi = coast.propagate_with_transition(rows[i], times[i], drags[i])
        assert np.array_equal(tangent[i], one, equal_nan=True)
        assert np.array_equal(Phi[i], one_Phi, equal_nan=True)
        alone = coast.fall(rows[i], drags[i])
        assert np.array_equal(down[i], alone[0], equal_nan=True)
        assert (t[i], apogee[i], landed[i]) == alone[1:]
        assert status[i] == coast.OK


def test_kernels_run_uncompiled_to_the_same() -> None:
    x = _launched(0.5, 100e3, 3000.0, 0.4, 1.0)
    np.testing.assert_allclose(coast.step.py_func(x, 5.0, 1e-3), coast.step(x, 5.0, 1e-3), rtol=1e-13)


def test_what_stays_up_says_so() -> None:
    orbit = _launched(0.0, 300e3, 7_250.0, 0.0, math.pi / 2)
    for drag in (0.0, 1e-3):
        x, t, apogee, status = coast.fall(orbit, drag)
        assert status == coast.STAYS_UP
        assert np.isnan(x).all()
        assert math.isnan(t)
        assert 299e3 < apogee < 400e3
    escape = _launched(0.5, 300e3, 12_500.0, 0.3, 1.0)
    assert coast.fall(escape, 0.0)[2:] == (math.inf, coast.STAYS_UP)


def test_an_orbit_through_the_air_comes_down_in_time() -> None:
    _, t, apogee, status = coast.fall(_launched(0.5, 100e3, 7_500.0, 0.0, 1.0), 1e-2)
    assert status == coast.OK
    assert 100 < t < 86_400
    assert apogee < 400e3


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_not_finite_says_so(bad: float) -> None:
    x = np.array([_launched(0.5, 100e3, 3000.0, 0.4, 1.0)] * 2)
    x[0, 4] = bad
    down, _, _, status = coast.fall_batch(x, np.zeros(2))
    assert list(status) == [coast.NOT_FINITE, coast.OK]
    assert np.isfinite(down[1]).all()
    moved, status = coast.propagate_batch(x, np.full(2, 60.0), np.full(2, 1e-3))
    assert list(status) == [coast.NOT_FINITE, coast.OK]
    assert np.isfinite(moved[1]).all()


@pytest.mark.parametrize("h", [0.0, -20.0])
def test_on_the_ground_and_not_rising_is_down(h: float) -> None:
    _, t, _, status = coast.fall(_launched(0.5, h, 50.0, -0.4, 1.0), 1e-3)
    assert (t, status) == (pytest.approx(0, abs=1e-6), coast.OK)


@given(st.floats(200, 6500), st.floats(-1.4, 1.5), st.floats(1.0, 300e3), st.floats(0, 1e-2), st.floats(0, 6))
@settings(max_examples=60)
def test_whatever_falls_lands_on_the_ellipsoid(
    speed: float, climb: float, h: float, drag: float, azimuth: float
) -> None:
    landed, t, apogee, status = coast.fall(_launched(0.6, h, speed, climb, azimuth), drag)
    assert status == coast.OK
    assert height(*landed[:3]) == pytest.approx(0, abs=1e-3)
    assert t > 0
    assert apogee >= h - 1e-3
    assert _kernels.radial_climb(tuple(landed)) < 0


def test_terminal_velocity() -> None:
    drag = 1e-2
    landed, _, _, _ = coast.fall(_launched(0.6, 30e3, 100.0, 0.0, 0.0), drag)
    g = 9.80
    assert np.linalg.norm(landed[3:]) == pytest.approx(math.sqrt(2 * g / (density(0.0) * drag)), rel=0.02)


@pytest.mark.parametrize("drag", [0.0, 1e-3])
def test_jacobian_is_the_derivative_of_acceleration(drag: float) -> None:
    s = tuple(_launched(0.6, 30e3, 2000.0, -0.5, 1.0))
    J = np.empty((3, 6))
    _kernels.acceleration_jacobian(s, drag, J)
    for j, unit in enumerate((20.0,) * 3 + (0.1,) * 3):
        d = np.eye(6)[j] * unit
        up = np.array(_kernels.acceleration(tuple(s + d), drag))
        down = np.array(_kernels.acceleration(tuple(s - d), drag))
        np.testing.assert_allclose(J[:, j], (up - down) / (2 * unit), rtol=1e-4, atol=1e-9)
