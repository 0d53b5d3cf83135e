"""What a version means on the ground, and how the page says it."""

import numpy as np
import pytest

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.report import ground_map, within


def version(latitude_deg, longitude_deg, up=500.0, sigma=3_000.0):
    """Return a version whose body is over a place and flies east-north-east."""
    place = np.radians([latitude_deg, longitude_deg])
    v = enu_from_ecef(*place).T @ np.array([1_900.0, 500.0, up])
    impact = {"time": "2026-05-16T00:06:30Z", "time_sigma_s": 10.0, "latitude_deg": 0.0, "longitude_deg": 0.0}
    state = {
        "time": "2026-05-16T00:02:00Z", "frame": "ITRF", "position_m": ecef_from_geodetic(*place, 150e3).tolist(),
        "velocity_mps": v.tolist(), "covariance": np.diag([sigma**2] * 3 + [225.0] * 3).tolist(),
    }  # fmt: skip
    return {
        "id": "W-1",
        "version": 7,
        "time": "2026-05-16T00:02:00Z",
        "impact": impact,
        "state_vector": state,
    }


def test_over_land_it_names_countries_and_cities():
    """From over the Cévennes to the plain of the Po."""
    found = within.within(version(44.6, 3.0))
    assert found.on_land == pytest.approx(1.0, abs=0.01)
    assert next(iter(found.countries)) == "Italy"
    assert sum(found.countries.values()) == pytest.approx(found.on_land, abs=0.02)
    assert found.city_count >= len(found.cities) > 0
    told = dict(within.facts(found))
    assert f"{found.people_in_cities:,} people" in told["Cities over 15,000 in the 95 % area"]
    assert "100 %" in told["Comes down on land"]
    assert found.told()[1].startswith("impact 2026-05-16T00:06:04Z to 2026-05-16T00:06:56Z")


def test_a_place_in_the_area_gets_times_and_one_outside_none():
    found = within.within(version(0.0, -30.0), (1.14, -25.69))
    assert found.on_land == 0.0
    there = found.place
    assert there.country is None
    assert there.inside_area < 30
    assert "2026-05-16T00:05" < there.earliest < there.likeliest < there.latest < "2026-05-16T00:08:30Z"
    assert there.likeliest in found.told()[-1]
    outside = within.within(version(0.0, -30.0), (3.0, -25.7))
    assert outside.place.earliest is None
    assert "as good as excluded" in outside.told()[-1]


def test_what_stays_up_says_nothing():
    up = version(0.0, -30.0)
    up["state_vector"]["velocity_mps"] = [6 * v for v in up["state_vector"]["velocity_mps"]]
    assert within.within(up) is None


def test_the_map_draws_an_area_that_is_no_ellipse_as_it_is():
    square = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]]
    ellipse = {"semi_major_m": 1e4, "semi_minor_m": 1e3, "bearing_deg": 10.0}
    estimate = {"latitude_deg": 1.0, "longitude_deg": 1.0, "ellipse_95": ellipse}
    assert len(ground_map.rings_95(estimate)[0]) == 73
    (ring,) = ground_map.rings_95(estimate | {"area_95": {"type": "Polygon", "coordinates": [square]}})
    assert ring.tolist() == square
