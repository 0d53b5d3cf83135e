"""A radar is told where a body will come into its field."""

import numpy as np
import pymap3d
import pytest

from tocsin.assessment.cue import cues
from tocsin.flight.coast import propagate
from tocsin.messages import SECOND, Component, Instant, Sensor, Track
from tocsin.sensors.radar import Radar

SITE = (10.0, -30.0, 0.0)


@pytest.fixture
def radar() -> Radar:
    return Radar.from_message(
        Sensor(
            origin="test", id="radar-1", type="radar", latitude_deg=SITE[0], longitude_deg=SITE[1], height_m=SITE[2],
            range_sigma_m=50.0, azimuth_sigma_deg=0.1, elevation_sigma_deg=0.1, range_max_m=1.5e6,
            elevation_min_deg=3.0,
        )
    )  # fmt: skip


def track(phase: str = "coast") -> Track:
    """Return a body 1,900 km to the west that flies east over the radar."""
    r = np.array(pymap3d.geodetic2ecef(10.0, -47.5, 120_000.0))
    east, north, up = 2_300.0, 100.0, 2_600.0
    v = np.array(pymap3d.enu2uvw(east, north, up, 10.0, -47.5))
    covariance = np.zeros((10, 10))
    covariance[4:, 4:] = np.diag([1e6] * 3 + [1e4] * 3)
    return Track(
        id=1, origin="test", time=Instant(20 * SECOND), first_look=Instant(0), state="confirmed", phase=phase,
        epoch=Instant(0), state_time=Instant(10 * SECOND), detections={"geo-1": 5}, existence=1.0,
        components=(Component(1.0, None, np.concatenate([r, v]), covariance),),
    )  # fmt: skip


def test_the_cue_is_where_the_body_first_comes_into_the_field(radar: Radar) -> None:
    (cue,) = cues(track(), "W-1", [radar])
    x = track().components[0].motion
    there = propagate(x, (cue.time - 10 * SECOND) / SECOND, 0.0)
    az, el, rho = pymap3d.ecef2aer(*there[:3], *SITE)
    assert cue.azimuth_deg == pytest.approx(float(az), abs=1e-3)
    assert cue.elevation_deg == pytest.approx(float(el), abs=1e-3)
    assert cue.range_m == pytest.approx(float(rho), abs=1.0)
    before = propagate(x, (cue.time - 20 * SECOND) / SECOND, 0.0)
    assert radar.visible(there[:3])[0]
    assert not radar.visible(before[:3])[0]


def test_its_extent_holds_the_spread_of_the_motion(radar: Radar) -> None:
    (cue,) = cues(track(), "W-1", [radar])
    rng = np.random.default_rng(7)
    x, dt = track().components[0].motion, (cue.time - 10 * SECOND) / SECOND
    draws = rng.multivariate_normal(x, track().components[0].covariance[4:, 4:], 400)
    az, _, rho = zip(*(pymap3d.ecef2aer(*propagate(y, dt, 0.0)[:3], *SITE) for y in draws), strict=True)
    off = (np.array(az, dtype=float) - cue.azimuth_deg + 180.0) % 360.0 - 180.0
    assert 0.91 <= np.mean(np.abs(off) <= cue.azimuth_extent_deg / 2) <= 0.99
    assert 0.91 <= np.mean(np.abs(np.array(rho, dtype=float) - cue.range_m) <= cue.range_extent_m / 2) <= 0.99


def test_a_burning_body_and_a_radar_that_will_not_see_it_get_no_cue(radar: Radar) -> None:
    assert cues(track("boost"), "W-1", [radar]) == []
    near = Radar.from_message(
        Sensor(
            origin="test", id="far", type="radar", latitude_deg=-60.0, longitude_deg=150.0, height_m=0.0,
            range_sigma_m=50.0, azimuth_sigma_deg=0.1, elevation_sigma_deg=0.1, range_max_m=1e6,
        )
    )  # fmt: skip
    assert cues(track(), "W-1", [near]) == []
