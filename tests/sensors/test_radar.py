"""Radar geometry against pymap3d and differences, wrapping, sectors."""

import numpy as np
import pymap3d
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.messages import RadarSigma, Sensor
from tocsin.sensors import _kernels
from tocsin.sensors.field import in_sector
from tocsin.sensors.radar import Radar, dip, elevation_at, height_at, slant_range

SITE = (15.4, -26.9, 20.0)
FIELDS = {
    "origin": "test", "id": "radar-1", "type": "radar", "latitude_deg": SITE[0], "longitude_deg": SITE[1],
    "height_m": SITE[2], "range_sigma_m": 50.0, "azimuth_sigma_deg": 0.1, "elevation_sigma_deg": 0.2,
    "azimuth_from_deg": 265.0, "azimuth_to_deg": 25.0, "elevation_min_deg": 2.0, "elevation_max_deg": 85.0,
    "range_max_m": 2_500_000.0,
}  # fmt: skip


def radar(**more):
    return Radar.from_message(Sensor(**(FIELDS | more)))


def placed(azimuth_deg, elevation_deg, range_m):
    return np.array(pymap3d.aer2ecef(azimuth_deg, elevation_deg, range_m, *SITE))


states = st.builds(
    lambda az, el, rho, v: np.concatenate([placed(az, el, rho), v]),
    st.floats(0, 359.9), st.floats(-20, 89), st.floats(1e4, 3e6),
    st.tuples(*[st.floats(-7000, 7000)] * 3).map(np.array),
)  # fmt: skip


@given(x=states)
def test_predict_against_pymap3d(x):
    rho, azimuth, elevation, rate = radar().predict(x)[0]
    az, el, slant = pymap3d.ecef2aer(*x[:3], *SITE)
    assert rho == pytest.approx(slant, rel=1e-9)
    # pymap3d takes components below a millimetre for zero
    assert elevation == pytest.approx(np.radians(el), abs=3e-9 + 1e-3 / rho)
    assert np.cos(azimuth - np.radians(az)) == pytest.approx(1.0, abs=1e-12)
    assert 0 <= azimuth <= 2 * np.pi, "a hair west of north rounds to the full turn"
    dt = 1e-3
    near = [pymap3d.ecef2aer(*(x[:3] + s * dt * x[3:]), *SITE)[2] for s in (-1, 1)]
    assert rate == pytest.approx((near[1] - near[0]) / (2 * dt), abs=0.05)


@given(x=states)
def test_jacobian_against_differences(x):
    radar_ = radar()
    H = radar_.jacobian(x)[0]
    for k in range(6):
        d = np.zeros(6)
        d[k] = 1.0 if k < 3 else 1e-2
        slope = radar_.residual(radar_.predict(x + d), radar_.predict(x - d))[0] / (2 * d[k])
        scale = np.abs(H).max(axis=1) + 1e-12
        assert np.all(np.abs(slope - H[:, k]) < 2e-4 * scale)


def test_jacobian_overhead_is_finite():
    x = np.concatenate([placed(0.0, 90.0, 5e5), [10.0, 20.0, 30.0]])
    assert np.isfinite(radar().jacobian(x)).all()


@given(
    z=st.floats(0, 2 * np.pi - 1e-9), d=st.floats(-3.1, 3.1), turns=st.integers(-2, 2)
)  # fmt: skip
def test_residual_wraps_azimuth(z, d, turns):
    measured = np.array([5.0, z + d + turns * 2 * np.pi, 0.1, 1.0])
    y = radar().residual(measured, np.array([3.0, z, 0.3, 4.0]))[0]
    assert y == pytest.approx([2.0, d, -0.2, -3.0], abs=1e-9)


def test_one_and_many_agree():
    x = np.array([np.concatenate([placed(az, 30.0, 1e6), [1.0, 2.0, 3.0]]) for az in (10.0, 200.0, 359.0)])
    radar_ = radar()
    assert np.array_equal(radar_.predict(x), np.vstack([radar_.predict(row) for row in x]))
    assert np.array_equal(radar_.jacobian(x), np.concatenate([radar_.jacobian(row) for row in x]))


def test_kernels_without_compiler():
    x = np.concatenate([placed(40.0, 30.0, 1e6), [1.0, 2.0, 3.0]])
    radar_ = radar()
    for kernel in (_kernels.radar_predict, _kernels.radar_jacobian):
        compiled = kernel(x, radar_.r_ecef, radar_.enu_from_ecef)
        assert np.allclose(kernel.py_func(x, radar_.r_ecef, radar_.enu_from_ecef), compiled, rtol=1e-12)


@pytest.mark.parametrize(
    ("azimuth", "elevation", "range_m", "seen"),
    [
        (300, 30, 1e6, True), (10, 30, 1e6, True), (26, 30, 1e6, False), (264, 30, 1e6, False),
        (266, 30, 1e6, True), (180, 30, 1e6, False), (0, 1.9, 1e6, False), (0, 85.1, 1e6, False),
        (0, 2.1, 1e6, True), (0, 30, 2.51e6, False), (0, 30, 2.49e6, True),
    ],
)  # fmt: skip
def test_visible(azimuth, elevation, range_m, seen):
    assert radar().visible(placed(azimuth, elevation, range_m))[0] == seen


def test_coverage_narrows_a_look():
    r = placed(300, 30, 1e6)
    assert radar().visible(r, {"azimuth_from_deg": 290.0, "azimuth_to_deg": 310.0})[0]
    assert not radar().visible(r, {"azimuth_from_deg": 310.0, "azimuth_to_deg": 320.0})[0]
    assert not radar().visible(r, {"elevation_min_deg": 40.0})[0]


@given(start=st.floats(0, 360), width=st.floats(0.1, 359.9), part=st.floats(-0.5, 1.5))
def test_sector_against_unwrapped(start, width, part):
    azimuth = start + part * width
    inside = 0 <= part <= 1 or (azimuth - start) % 360 <= width
    if min(abs(part), abs(part - 1)) > 1e-6 and abs((azimuth - start) % 360 - width) > 1e-6:
        found = in_sector(np.radians([azimuth % 360]), np.radians(start), np.radians((start + width) % 360))
        assert found[0] == inside


def test_full_circle_by_equal_ends():
    assert in_sector(np.array([0.0, 3.0]), 0.0, 2 * np.pi).all()
    assert in_sector(np.array([0.0, 3.0]), 1.0, 1.0).all()


def test_noise():
    assert np.sqrt(np.diag(radar().noise())[:3]) == pytest.approx([50.0, np.radians(0.1), np.radians(0.2)])
    assert np.isinf(radar().noise()[3, 3])
    assert radar(range_rate_sigma_mps=2.0).noise()[3, 3] == pytest.approx(4.0)
    own = RadarSigma(range_sigma_m=10.0, elevation_sigma_deg=1.0)
    assert radar().sigmas(own) == pytest.approx([10.0, np.radians(0.1), np.radians(1.0), np.inf])


def test_solid_angle():
    assert radar().solid_angle() == pytest.approx(np.radians(120) * np.radians(83))
    assert radar(azimuth_from_deg=0.0, azimuth_to_deg=360.0).solid_angle() == pytest.approx(
        2 * np.pi * np.radians(83)
    )


@pytest.mark.parametrize(
    ("height_km", "range_km"), [(100, 848), (200, 1_310), (500, 2_261), (1_000, 3_389), (1_500, 4_301)]
)
def test_horizon_table(height_km, range_km):
    """Case R10: slant range at which a radar that looks no lower than 3 degrees meets a height."""
    assert slant_range(np.radians(3.0), height_km * 1e3) / 1e3 == pytest.approx(range_km, rel=5e-3)


@pytest.mark.parametrize(("range_km", "height_km"), [(5_000, 1_931), (6_000, 2_606)])
def test_how_high_the_lowest_beam_is(range_km, height_km):
    """Case R10, the other way."""
    assert height_at(np.radians(3.0), range_km * 1e3) / 1e3 == pytest.approx(height_km, rel=5e-3)


@given(elevation=st.floats(0, np.pi / 2), distance=st.floats(1e3, 1e7), site=st.floats(0, 4e3))
def test_slant_range_undoes_height(elevation, distance, site):
    again = slant_range(elevation, height_at(elevation, distance, site), site)
    assert again == pytest.approx(distance, rel=1e-6, abs=1e-2)


def test_visible_agrees_with_the_horizon_table():
    """On the ellipsoid the 3 degree beam meets 500 km where the round Earth says, to 0.5 %."""
    low = radar(elevation_min_deg=3.0, azimuth_from_deg=0.0, azimuth_to_deg=360.0, range_max_m=1e7)
    ranges = np.arange(2.0e6, 2.5e6, 1e3)
    heights = np.array([pymap3d.aer2geodetic(90.0, 3.0, r, *SITE)[2] for r in ranges])
    reached = ranges[np.searchsorted(heights, 500e3)]
    assert reached == pytest.approx(slant_range(np.radians(3.0), 500e3, SITE[2]), rel=5e-3)
    higher = placed(90.0, 3.01, reached)
    assert low.visible(higher)[0]
    assert not low.visible(placed(90.0, 2.99, reached))[0]


def test_the_earth_ends_what_a_low_limit_would_allow():
    deep = radar(elevation_min_deg=-10.0, azimuth_from_deg=0.0, azimuth_to_deg=360.0, height_m=2_000.0)
    edge = np.degrees(dip(2_000.0))
    assert edge == pytest.approx(1.435, abs=0.01)
    for below, seen in ((edge - 0.1, True), (edge + 0.1, False)):
        r = np.array(pymap3d.aer2ecef(90.0, -below, 1e5, SITE[0], SITE[1], 2_000.0))
        assert deep.visible(r)[0] == seen
    assert dip(0.0) == dip(-100.0) == 0.0


@given(st.floats(-0.02, 1.5), st.floats(1_000.0, 5e6), st.floats(0.0, 3_000.0))
def test_the_elevation_of_a_height_undoes_the_height_of_an_elevation(elevation, distance, site):
    height = height_at(elevation, distance, site)
    assert elevation_at(height, distance, site) == pytest.approx(elevation, abs=1e-6)


def test_what_is_higher_than_far_has_no_elevation():
    assert elevation_at(20_000.0, 10_000.0) is None
