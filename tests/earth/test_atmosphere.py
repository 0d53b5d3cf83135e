"""The standard's published tables (NOAA-S/T 76-1562, tables I and III, geometric height)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.earth import atmosphere
from tocsin.earth.atmosphere import density, log_density, pressure, speed_of_sound

# height km, density kg/m³, pressure Pa, speed of sound m/s
TABLE = [
    (-5, 1.9311, 1.7776e5, 358.99),
    (0, 1.2250, 1.01325e5, 340.29),
    (5, 7.3643e-1, 5.4048e4, 320.55),
    (11, 3.6480e-1, 2.2700e4, 295.15),
    (20, 8.8910e-2, 5.5293e3, 295.07),
    (32, 1.3555e-2, 8.8906e2, 303.02),
    (47, 1.4965e-3, 1.1585e2, 329.21),
    (50, 1.0269e-3, 7.9779e1, 329.80),
    (71, 7.1966e-5, 4.4795, 295.20),
    (86, 6.958e-6, 3.7338e-1, 274.10),
]
# Other rows of the same table than the module holds, and some that it does: the spline between them is what is tested.
ABOVE = [
    (88, 4.875e-6, 1e-3), (90, 3.416e-6, 2e-4), (91, 2.860e-6, 1e-3), (93, 2.000e-6, 2e-3), (95, 1.393e-6, 2e-4),
    (97, 9.685e-7, 2e-3), (100, 5.604e-7, 2e-4), (104, 2.769e-7, 2e-3), (105, 2.325e-7, 2e-4),
    (106, 1.954e-7, 2e-3), (115, 4.289e-8, 1e-3), (120, 2.222e-8, 2e-4), (122, 1.767e-8, 2e-3),
    (124, 1.428e-8, 2e-3), (126, 1.171e-8, 2e-3), (136, 5.074e-9, 1e-3), (150, 2.076e-9, 2e-4),
    (155, 1.585e-9, 1e-3), (160, 1.233e-9, 2e-4), (180, 5.194e-10, 1e-3), (200, 2.541e-10, 2e-4),
    (220, 1.367e-10, 2e-3), (240, 7.858e-11, 1e-3), (270, 3.738e-11, 1e-3), (340, 8.503e-12, 1e-3),
    (440, 1.402e-12, 1e-3), (500, 5.215e-13, 2e-4), (550, 2.384e-13, 1e-3), (750, 1.788e-14, 2e-3),
    (825, 9.339e-15, 1e-3), (925, 5.038e-15, 1e-3), (999.999, 3.561e-15, 2e-3),
]  # fmt: skip


@pytest.mark.parametrize(("h_km", "rho", "p", "a"), TABLE)
def test_layers(h_km: float, rho: float, p: float, a: float) -> None:
    assert density(h_km * 1e3) == pytest.approx(rho, rel=4e-4)
    assert pressure(h_km * 1e3) == pytest.approx(p, rel=1e-4)
    assert speed_of_sound(h_km * 1e3) == pytest.approx(a, abs=0.02)


@pytest.mark.parametrize(("h_km", "rho", "tolerance"), ABOVE)
def test_thin_air(h_km: float, rho: float, tolerance: float) -> None:
    assert density(h_km * 1e3) == pytest.approx(rho, rel=tolerance)


@pytest.mark.parametrize(
    ("h_km", "p"), [(100, 3.2011e-2), (120, 2.5382e-3), (200, 8.4736e-5), (500, 3.0236e-7)]
)
def test_thin_pressure(h_km: float, p: float) -> None:
    assert pressure(h_km * 1e3) == pytest.approx(p, rel=2e-3)


def test_nothing_above_a_thousand_kilometres() -> None:
    assert density(1_000_000.0) == density(3.6e7) == pressure(1_000_000.0) == 0.0


def test_the_spline_agrees_with_the_layers_in_closed_form() -> None:
    for h in np.arange(-4_990.0, 86_000.0, 173.0):
        t, p = atmosphere._layer(h)
        assert density(h) == pytest.approx(p / (atmosphere._GAS_PER_MASS * t), rel=3e-4)


def test_density_holds_the_air_up() -> None:
    """Hydrostatic balance, dp/dh = -ρ g, away from the corners of the layers."""
    for h in (3e3, 15e3, 25e3, 40e3, 60e3, 80e3):
        g = 9.80665 * (6_356_766.0 / (6_356_766.0 + h)) ** 2
        assert (pressure(h - 10) - pressure(h + 10)) / 20 == pytest.approx(density(h) * g, rel=3e-4)


@given(st.floats(-20e3, 999e3))
def test_density_falls_and_its_slope_is_its_derivative(h: float) -> None:
    value, slope = log_density(h)
    assert density(h) == math.exp(value)
    assert slope < 0
    below, above = log_density(h - 1)[0], log_density(h + 1)[0]
    assert (above - below) / 2 == pytest.approx(slope, rel=5e-3)
