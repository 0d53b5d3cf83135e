"""Kernels of visibility against the sensor rooms' own: same answers for thousands of places."""

import numpy as np
import pytest

from tocsin.earth.ellipsoid import ecef_from_geodetic_batch
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.time import parse_utc
from tocsin.formats import toml
from tocsin.sensors.echo import detection_probability
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.radar import Radar
from tocsin.simulation import library
from tocsin.study.coverage._kernels import look_chance
from tocsin.study.coverage.watch import eyes_at, places, watch

_START = parse_utc("2026-05-16T00:00:00Z")
_BURNS = np.array([[0.0, 1e6]])


def _spots(count: int, top: float) -> np.ndarray:
    random = np.random.default_rng(3)
    lat, lon = np.arcsin(random.uniform(-1, 1, count)), random.uniform(-np.pi, np.pi, count)
    return ecef_from_geodetic_batch(lat, lon, top * random.uniform(0, 1, count) ** 2)


@pytest.mark.parametrize("name", ["civil", "russia", "united-states"])
def test_as_the_sensors_say(name: str) -> None:
    network = toml.equipment(library.networks()[name], name)
    rotation = EarthRotation(bundled())
    eyes = eyes_at([places(row.sensor, rotation, None, name) for row in network], _START, name)
    look = watch(network, eyes)
    for s, row in enumerate(network):
        radar = row.sensor.type == "radar"
        r = _spots(1_500, 2e6 if radar else 3e5)
        mine = np.array([look_chance(s, place, 1e-9, 1e9, _BURNS, look) for place in r])
        if radar:
            own = Radar.from_message(row.sensor)
            far = own.predict(np.hstack([r, np.zeros_like(r)]))[:, 0]
            seen = own.visible(r) & (far > 0.02 * own.range_max)
        else:
            seen = Infrared.from_message(row.sensor).visible(r, eyes[s, 0])
        assert np.array_equal(mine > 0, seen)
        assert set(mine) <= {0.0, row.sensor.detection_probability}


def test_a_radar_with_physics_hears_as_its_echo_says() -> None:
    text = library.networks()["regional"]
    inside = "[sensor.physics]\nsnr_reference_db = 15.0\nboresight_azimuth_deg = 300.0\n"
    network = toml.equipment(text + "\n" + inside, "regional")
    look = watch(network, np.zeros((len(network), 13, 3)))
    s = len(network) - 1
    radar, physics = Radar.from_message(network[s].sensor), network[s].physics
    r = _spots(20_000, 1e6)
    seen = radar.visible(r)
    z = radar.predict(np.hstack([r, np.zeros_like(r)]))
    seen &= z[:, 0] > physics.range_min_m
    wanted = np.where(
        seen, detection_probability(physics.snr(z, np.ones(len(r))), physics.false_alarm_probability), 0.0
    )
    mine = np.array([look_chance(s, place, 1.0, 1e9, _BURNS, look) for place in r])
    assert seen.sum() > 20
    assert mine == pytest.approx(wanted, abs=1e-12)
