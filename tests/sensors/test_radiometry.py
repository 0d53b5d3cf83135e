"""Light from plume to detector against closed forms, numerical integration and the textbook's Q function."""

import numpy as np
import pytest
from scipy import integrate, stats

from tocsin.earth.ellipsoid import ecef_from_geodetic
from tocsin.sensors import radiometry
from tocsin.sensors.radiometry import InfraredPhysics, measure

BANDS = ("2.7um", "4.3um", "ground")
GEO = 42_164_000.0


@pytest.mark.parametrize("snr", [2.0, 3.5, 4.5, 5.0, 5.5, 6.5, 8.0])
def test_detection_probability_is_the_textbook_s_over_1e5_draws(snr):
    physics = InfraredPhysics(threshold_snr=5.0)
    arriving = np.full(100_000, snr * physics.noise_equivalent_irradiance_w_m2)
    normal = np.random.default_rng(round(10 * snr)).standard_normal(len(arriving))
    found = measure(physics, arriving, np.zeros(len(arriving), dtype=bool), normal)
    textbook = stats.norm.sf(5.0 - snr)
    assert abs(found.detected.mean() - textbook) < 0.01
    assert radiometry.detection_probability(snr, 5.0) == pytest.approx(textbook, rel=1e-12)


def test_detected_and_measured_agree():
    physics = InfraredPhysics()
    normal = np.random.default_rng(1).standard_normal(10_000)
    noise = physics.noise_equivalent_irradiance_w_m2 * physics.earth_noise
    found = measure(physics, np.full(10_000, 6 * noise), np.ones(10_000, dtype=bool), normal)
    assert np.array_equal(found.detected, found.amplitude > physics.threshold_snr * noise)
    assert np.mean(found.snr) == pytest.approx(6.0, abs=0.05)
    assert np.std(found.snr) == pytest.approx(1.0, abs=0.03)


def test_nothing_measures_above_saturation():
    physics = InfraredPhysics(saturation_w_m2=1e-10)
    found = measure(physics, np.array([1e-3, 5e-11]), np.zeros(2, dtype=bool), np.zeros(2))
    assert found.amplitude == pytest.approx([1e-10, 5e-11])
    assert found.detected.all()


def test_angle_noise_shrinks_with_the_signal_to_its_floor():
    physics = InfraredPhysics(sigma_floor_urad=10.0, pixel_urad=60.0, centroid=0.5)
    sigma = radiometry.angle_sigma(physics, np.array([3.0, 30.0, 1e9])) * 1e6
    assert sigma == pytest.approx([np.hypot(10, 10), np.hypot(10, 1), 10.0])


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("elevation_deg", [90.0, 30.0, 5.0, 0.0])
@pytest.mark.parametrize("height", [0.0, 12_000.0])
def test_slant_column_is_that_of_a_ray_through_an_exponential_air(band, elevation_deg, height):
    sine = np.sin(np.radians(elevation_deg))
    radius = 6_371_000.0

    def air(s):
        h = np.sqrt(radius_0**2 + s * s + 2 * radius_0 * s * sine) - radius
        return sum(depth / scale * np.exp(-h / scale) for depth, scale in radiometry._AIR[band])

    radius_0 = radius + height
    true = integrate.quad(air, 0.0, 2e6, limit=400, points=[1e4, 1e5, 4e5])[0]
    assert radiometry.optical_depth(band, height, sine) == pytest.approx(true, rel=0.004)


def test_a_line_that_dips_below_the_horizontal_passes_its_tangent_point():
    height, scale = 60_000.0, 4_000.0
    dip = np.radians(6.0)
    radius = 6_371_000.0
    tangent = (radius + height) * np.cos(dip) - radius
    # Grazing column of an exponential air, in and out: sqrt(2 π R H).
    true = 60.0 / scale * np.exp(-tangent / scale) * np.sqrt(2 * np.pi * (radius + tangent) * scale)
    assert radiometry.optical_depth("4.3um", height, -np.sin(dip)) == pytest.approx(true, rel=0.03)
    assert radiometry.transmission("4.3um", 1_000.0, -0.5) == 0.0


@pytest.mark.parametrize("band", BANDS)
def test_the_air_clears_with_height_and_elevation(band):
    heights = np.linspace(0.0, 120e3, 200)
    up = radiometry.transmission(band, heights, 1.0)
    assert np.all(np.diff(up) >= 0)
    assert up[-1] > 0.999
    assert np.all(np.diff(radiometry.transmission(band, 15e3, np.linspace(0.05, 1.0, 50))) > 0)


def test_who_sees_the_ground():
    assert radiometry.transmission("ground", 0.0, 1.0) > 0.6
    assert radiometry.transmission("2.7um", 0.0, 1.0) < 1e-5
    assert radiometry.transmission("4.3um", 0.0, 1.0) < 1e-20
    assert 0.2 < radiometry.transmission("2.7um", 10_000.0, 1.0) < 0.6


def test_above_the_air_irradiance_falls_with_the_square_of_the_distance():
    r = np.array([ecef_from_geodetic(0.0, 0.0, 200_000.0)] * 2)
    platforms = np.array([[GEO, 0.0, 0.0], [2 * GEO, 0.0, 0.0]])
    near, far = radiometry.irradiance("2.7um", np.array([1e5, 1e5]), r, platforms)
    distance = GEO - r[0, 0]
    assert near == pytest.approx(1e5 / distance**2, rel=1e-6)
    assert far == pytest.approx(1e5 / (distance + GEO) ** 2, rel=1e-6)


def test_a_plume_dims_between_70_and_90_km_and_flares_when_a_stage_lights():
    low, high, trough, space = radiometry.plume(np.array([10e3, 40e3, 80e3, 200e3]))
    assert trough < 0.4 * min(low, space)
    assert high > low
    assert radiometry.plume(200e3, 1.0) > radiometry.plume(200e3, 10.0) == space
