"""Boosts set down anywhere and aimed, against whole true flights searched for one by one."""

import numpy as np
import pytest

from tocsin.earth.ellipsoid import distance, geodetic_from_ecef
from tocsin.flight.powered import Launch, fly
from tocsin.flight.vehicles import VEHICLES
from tocsin.study.coverage.arcs import FLOWN, TOO_FAR, TOO_NEAR, aim_batch, way
from tocsin.study.coverage.boosts import families

_CASES = [
    ("medium-range", "lofted", 0.9e6), ("intermediate-range", "lofted", 2.5e6), ("intercontinental", "lofted", 6e6),
    ("medium-range", "minimum-energy", 1.2e6), ("intercontinental", "minimum-energy", 5e6),
]  # fmt: skip


@pytest.mark.parametrize(("vehicle", "shape", "reach"), _CASES)
@pytest.mark.parametrize(("lat_deg", "azimuth_deg"), [(-35.0, 80.0), (50.0, 300.0)])
def test_a_flight_is_nearly_the_true_one(
    vehicle: str, shape: str, reach: float, lat_deg: float, azimuth_deg: float
) -> None:
    """Lofted: the same burn to 2 km, the same time to 1 %. Minimum-energy: `fly` lofts a little, so within 3 %."""
    lat, lon = np.radians(lat_deg), 0.3
    launch = Launch(latitude=lat, longitude=lon, azimuth=np.radians(azimuth_deg), range=reach, shape=shape)
    true = fly(VEHICLES[vehicle], launch)
    target = np.array(geodetic_from_ecef(true.x[-1, :3].copy())[:2])
    boosts = families(vehicle, shape)
    heading, member, time, status = (
        a[0] for a in aim_batch(np.array([lat]), np.array([lon]), target, boosts)
    )
    assert status == FLOWN
    lofted = shape == "lofted"
    assert time == pytest.approx(true.impact_time, rel=0.01 if lofted else 0.03)
    t, r = np.empty(3000), np.empty((3000, 3))
    n, end = way(lat, lon, heading, member, time, target, boosts, t, r)
    burn = t[:n] <= end
    apart = np.linalg.norm(r[:n][burn] - true.at(t[:n][burn])[:, :3], axis=1)
    assert apart.max() < (2e3 if lofted else 25e3)
    lat1, lon1, height = geodetic_from_ecef(r[n - 1].copy())
    assert distance(lat1, lon1, *target) < 2e3
    assert abs(height) < 500.0


def test_every_cell_lands_or_says_why_not() -> None:
    lat, lon = (
        np.radians(np.linspace(-60, 60, 13)).repeat(24),
        np.radians(np.tile(np.arange(-180, 180, 15.0), 13)),
    )
    target = np.radians([20.0, 10.0])
    for shape in ("minimum-energy", "lofted", "depressed"):
        boosts = families("intercontinental", shape)
        _, _, time, status = aim_batch(lat, lon, target, boosts)
        far = np.array([distance(*place, *target) for place in zip(lat, lon, strict=True)])
        assert np.all(status[(far > 2.6e6) & (far < 7e6)] == FLOWN)
        assert np.all(status[far > 14e6] == TOO_FAR)
        assert np.all(np.isin(status[far < 3e4], (TOO_NEAR,)))
        assert np.all(np.isfinite(time) == (status == FLOWN))


def test_shapes_differ_in_time() -> None:
    place = np.radians([50.0]), np.radians([-20.0])
    target = np.radians([0.0, 10.0])
    times = [
        aim_batch(*place, target, families("intercontinental", s))[2][0]
        for s in ("depressed", "minimum-energy", "lofted")
    ]
    assert times[0] < 0.9 * times[1] < 0.8 * times[2]
