"""Which rows a body that waits may take: none that wings hold up."""

import numpy as np
import pytest

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.tracking.adoption import _level


@pytest.mark.parametrize(
    ("height", "speed", "climb_deg", "level"),
    [
        (10_000.0, 240.0, 0.0, True),  # an airliner
        (3_000.0, 150.0, -10.0, True),  # one that lands
        (10_000.0, 350.0, 70.0, False),  # a rocket that rises
        (10_000.0, 300.0, -80.0, False),  # what falls through the air
        (10_000.0, 900.0, 5.0, False),  # too fast for wings
        (60_000.0, 300.0, 0.0, False),  # too high: the apogee of an arc
    ],
)
@pytest.mark.parametrize("latitude", [-1.2, 0.0, 0.8])
def test_only_wings_hold_what_flies_low_slow_and_level(height, speed, climb_deg, level, latitude):
    axes = enu_from_ecef(latitude, 0.4)
    climb = np.radians(climb_deg)
    v = speed * (np.cos(climb) * axes[0] + np.sin(climb) * axes[2])
    x = np.concatenate([ecef_from_geodetic(latitude, 0.4, height), v])
    assert _level(x[None]).tolist() == [level]
