"""Known satellites: placed as skyfield places them, matched where they are and nowhere else."""

import numpy as np
import pytest
from sgp4 import exporter
from sgp4.api import Satrec
from skyfield.api import EarthSatellite, load, wgs84
from skyfield.framelib import itrs

from tocsin.assessment.catalogue import Known
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.time import parse_utc
from tocsin.messages import SECOND, Catalogue

ROTATION = EarthRotation(bundled())
STATION = (
    "1 25544U 98067A   24140.54791667  .00016717  00000-0  30000-3 0  9991",
    "2 25544  51.6400 200.0000 0004000  80.0000 280.0000 15.50000000    15",
)
NAVIGATION = (
    "1 24876U 97035A   24140.50000000  .00000000  00000-0  00000-0 0  9990",
    "2 24876  55.5000 120.0000 0050000  50.0000 310.0000  2.00560000    10",
)
T = parse_utc("2024-05-20T12:00:00Z")
P = np.diag([100.0**2] * 3 + [5.0**2] * 3)


def omm(lines, name):
    return exporter.export_omm(Satrec.twoline2rv(*lines), name)


@pytest.fixture(name="known", scope="module")
def _known():
    objects = (omm(STATION, "STATION"), omm(NAVIGATION, "NAVIGATION"), {"OBJECT_NAME": "BROKEN"})
    return Known(Catalogue(origin="test", time=T, omm=objects), ROTATION)


def by_skyfield(lines, seconds):
    scale = load.timescale(builtin=True)
    t = scale.utc(2024, 5, 20, 12, 0, seconds)
    r, v = EarthSatellite(*lines, ts=scale).at(t).frame_xyz_and_velocity(itrs)
    assert wgs84 is not None
    return np.concatenate([r.m, v.m_per_s])


@pytest.mark.parametrize("lines", [STATION, NAVIGATION])
@pytest.mark.parametrize("seconds", [0.0, 29.0, 31.0, 47.5])
def test_placed_as_skyfield_places_it(known, lines, seconds):
    x = by_skyfield(lines, seconds)
    found = known.match(x, P, T + round(seconds * SECOND))
    assert found.name == ("STATION" if lines is STATION else "NAVIGATION")
    assert found.apart < 150.0, "half a minute of a parabola and two models of the pole"


@pytest.mark.parametrize("shift", [np.r_[40e3, 0, 0, 0, 0, 0], np.r_[0, 0, 0, 0, 120.0, 0]])
def test_what_flies_elsewhere_or_otherwise_is_not_it(known, shift):
    assert known.match(by_skyfield(STATION, 0.0) + shift, P, T) is None


def test_what_cannot_be_used_is_named(known):
    assert len(known.refused) == 1
    assert known.refused[0].startswith("BROKEN")


def test_an_empty_catalogue_knows_nothing():
    nobody = Known(Catalogue(origin="test", time=T, omm=()), ROTATION)
    assert nobody.match(by_skyfield(STATION, 0.0), P, T) is None
