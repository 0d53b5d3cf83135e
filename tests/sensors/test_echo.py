"""The echo against closed forms: radar equation, Swerling's first case by Monte Carlo, noise, and what is refused."""

import msgspec
import numpy as np
import pytest
from scipy import integrate

from tocsin.messages import Sensor
from tocsin.sensors.echo import (
    MONOPULSE_SLOPE,
    RadarPhysics,
    decibels,
    detection_probability,
    misfit,
    received_power,
)

DRAWS = 100_000


def place(distance=2e6, azimuth_deg=0.0, elevation_deg=20.0):
    return np.array([[distance, np.radians(azimuth_deg), np.radians(elevation_deg), 0.0]])


@pytest.mark.parametrize("false_alarm_probability", [1e-3, 1e-6])
@pytest.mark.parametrize("snr_db", [-3.0, 5.0, 10.0, 13.0, 16.0, 20.0, 30.0])
def test_detections_follow_swerling(snr_db, false_alarm_probability):
    """Within 1 % (of all looks) of the textbook: amplitude complex Gaussian, in complex Gaussian noise, squared."""
    physics = RadarPhysics(false_alarm_probability=false_alarm_probability)
    snr = 10 ** (snr_db / 10)
    random = np.random.default_rng(int(snr_db) + 100)
    power = received_power(np.full(DRAWS, snr), random.standard_exponential(DRAWS))
    textbook = false_alarm_probability ** (1 / (1 + snr))
    assert np.mean(power > physics.threshold) == pytest.approx(textbook, abs=0.01 * max(textbook, 0.5))
    assert detection_probability(np.array([snr]), false_alarm_probability)[0] == pytest.approx(textbook)


@pytest.mark.parametrize("snr_db", [5.0, 13.0, 20.0])
def test_the_draw_is_that_of_a_fading_echo_in_noise(snr_db):
    """Compare with first principles: an echo of random strength and phase, noise added, envelope squared."""
    snr, random = 10 ** (snr_db / 10), np.random.default_rng(7)
    echo = np.sqrt(snr / 2) * (random.standard_normal(DRAWS) + 1j * random.standard_normal(DRAWS))
    noise = np.sqrt(0.5) * (random.standard_normal(DRAWS) + 1j * random.standard_normal(DRAWS))
    long_way = np.abs(echo + noise) ** 2
    ours = received_power(np.full(DRAWS, snr), random.standard_exponential(DRAWS))
    parts = np.linspace(0.02, 0.98, 25)
    assert np.quantile(ours, parts) == pytest.approx(np.quantile(long_way, parts), rel=0.05)


def test_textbook_curve_is_the_mean_over_the_fading():
    """Pfa^(1 / (1 + S)) is the steady echo's probability (Marcum's Q) over an exponential strength."""
    from scipy.stats import ncx2

    snr, threshold = 20.0, RadarPhysics().threshold

    def steady(strength):
        return ncx2.sf(2 * threshold, 2, 2 * strength) * np.exp(-strength / snr) / snr

    mean, _ = integrate.quad(steady, 0, 40 * snr, limit=500, epsabs=1e-9)
    assert detection_probability(np.array([snr]), 1e-6)[0] == pytest.approx(mean, rel=1e-4)


def test_noise_alone_is_heard_as_often_as_asked():
    physics = RadarPhysics(false_alarm_probability=1e-2)
    heard = np.random.default_rng(3).standard_exponential(DRAWS) > physics.threshold
    assert np.mean(heard) == pytest.approx(1e-2, rel=0.1)


def test_radar_equation():
    physics = RadarPhysics(snr_reference_db=17.0, range_reference_m=1.5e6, rcs_reference_m2=2.0)
    reference = physics.snr(place(1.5e6), np.array([2.0]))[0]
    assert 10 * np.log10(reference) == pytest.approx(17.0)
    assert physics.snr(place(3e6), np.array([2.0]))[0] == pytest.approx(reference / 16)
    assert physics.snr(place(1.5e6), np.array([0.02]))[0] == pytest.approx(reference / 100)


def test_gain_falls_off_boresight():
    physics = RadarPhysics(boresight_azimuth_deg=30.0, boresight_elevation_deg=20.0, scan_loss_exponent=3.0)
    ahead = physics.snr(place(azimuth_deg=30.0), np.ones(1))[0]
    level = RadarPhysics().snr(place(azimuth_deg=150.0), np.ones(1))[0]
    assert ahead == pytest.approx(level), "a turning antenna has no boresight to leave"
    up = physics.snr(place(azimuth_deg=30.0, elevation_deg=80.0), np.ones(1))[0]
    assert up == pytest.approx(ahead / 8), "60 degrees off: half the gain, to the third power"
    assert physics.snr(place(azimuth_deg=210.0, elevation_deg=0.0), np.ones(1))[0] == 0.0, "behind the face"


def test_noise_shrinks_to_its_floor():
    physics = RadarPhysics(range_resolution_m=100.0, beamwidth_deg=2.0, range_rate_resolution_mps=20.0)
    floor = np.array([5.0, 1e-4, 1e-4, 0.5])
    power = np.array([1 + 50.0])
    sigmas = physics.sigmas(power, place(elevation_deg=60.0), floor)[0]
    beam = np.radians(2.0) / MONOPULSE_SLOPE
    parts = np.array([100.0, beam / np.cos(np.radians(60.0)), beam, 20.0]) / np.sqrt(2 * 50.0)
    assert sigmas == pytest.approx(np.hypot(floor, parts))
    assert physics.sigmas(np.array([1e12]), place(), floor)[0] == pytest.approx(floor, rel=1e-3)
    twice = physics.sigmas(power, place(elevation_deg=60.0), 2 * floor, 2.0)[0]
    assert twice == pytest.approx(2 * sigmas)


def test_decibels():
    assert decibels(np.array([101.0, 2.0, 0.5])) == pytest.approx([20.0, 0.0, -30.0])


RADAR = Sensor(
    origin="test", id="r", type="radar", latitude_deg=0.0, longitude_deg=0.0, height_m=0.0, range_sigma_m=1.0,
    azimuth_sigma_deg=0.1, elevation_sigma_deg=0.1, range_max_m=1e6, scan_period_s=2.0,
    azimuth_from_deg=300.0, azimuth_to_deg=60.0, elevation_min_deg=3.0, elevation_max_deg=85.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "key", "why"),
    [
        ({"range_min_m": 1e6}, "range_min_m", "is not below range_max_m 1e+06"),
        ({"boresight_azimuth_deg": 90.0}, "boresight_azimuth_deg", "outside the sector"),
        ({"fence_elevation_deg": (0.0, 3.0)}, "fence_elevation_deg", "outside what the radar sees, 3 to 85"),
        ({"fence_elevation_deg": (85.0, 90.0)}, "fence_elevation_deg", "outside what the radar sees"),
        ({"fence_elevation_deg": (3.0, 8.0), "dwell_s": 1.5}, "dwell_s", "does not fit"),
    ],
)
def test_a_blind_radar_is_told(keys, key, why):
    found = misfit(RadarPhysics(**keys), RADAR)
    assert found is not None
    assert found[0] == key
    assert why in found[1]


def test_a_seeing_radar_is_left_alone():
    assert misfit(RadarPhysics(), RADAR) is None
    assert misfit(RadarPhysics(boresight_azimuth_deg=0.0, fence_elevation_deg=(2.0, 8.0)), RADAR) is None


@pytest.mark.parametrize(
    "keys",
    [
        {"false_alarm_probability": 0.0}, {"false_alarm_probability": 1.0}, {"track_share": 1.0},
        {"fence_elevation_deg": [8.0, 3.0]}, {"beamwidth_deg": 0.0}, {"refractivity": -1.0},
    ],
)  # fmt: skip
def test_impossible_figures_are_refused(keys):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(keys, RadarPhysics)
