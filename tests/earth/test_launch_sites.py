"""The table of launch sites against places everybody knows, and the nearest against brute force."""

import numpy as np
import pymap3d.vincenty
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.earth.launch_sites import launch_sites, nearest


@pytest.mark.parametrize(
    ("name", "kind", "latitude_deg", "longitude_deg"),
    [
        ("Baykonur", "space-launch", 45.9, 63.3),
        ("Kourou", "space-launch", 5.2, -52.8),
        ("Andoya", "sounding-rocket", 69.3, 16.0),
    ],
)
def test_well_known(name, kind, latitude_deg, longitude_deg):
    site, apart = nearest(np.radians(latitude_deg), np.radians(longitude_deg))
    assert (site.name, site.kind) == (name, kind)
    assert apart < 40_000


def test_no_place_stands_twice():
    places = [(s.latitude_deg, s.longitude_deg) for s in launch_sites()]
    assert len(set(places)) == len(places) >= 30
    assert {s.kind for s in launch_sites()} == {"space-launch", "sounding-rocket"}


@given(st.floats(-89, 89), st.floats(-180, 180))
def test_nearest_is_the_nearest(latitude_deg, longitude_deg):
    site, apart = nearest(np.radians(latitude_deg), np.radians(longitude_deg))
    rows = [(s.latitude_deg, s.longitude_deg) for s in launch_sites()]
    found = [float(pymap3d.vincenty.vdist(latitude_deg, longitude_deg, *row)[0]) for row in rows]
    own = float(pymap3d.vincenty.vdist(latitude_deg, longitude_deg, site.latitude_deg, site.longitude_deg)[0])
    assert own == pytest.approx(apart, abs=1.0)
    assert apart <= 1.006 * min(found) + 1.0, "nearest over a sphere, within what flattening makes of it"
