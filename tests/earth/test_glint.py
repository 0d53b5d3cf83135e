"""Mirror points against Snell's law on the ellipsoid, brute force and symmetry; scattering as in 1983."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from tocsin.constants import EARTH_RADIUS
from tocsin.earth import ellipsoid, glint, sky
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.time import parse_utc

SUN = sky.sun_itrf(EarthRotation(bundled()), parse_utc("1983-09-25T20:15:00Z"))
places = st.tuples(st.floats(-1.57, 1.57), st.floats(-3.14, 3.14), st.floats(2e5, 5e7))


@given(places, st.sampled_from([0.0, 10_000.0]))
@settings(max_examples=400)
def test_a_mirror_point_mirrors(place: tuple[float, float, float], h: float) -> None:
    eye = ellipsoid.ecef_from_geodetic(*place)
    p = glint.specular_point(eye, SUN, h)
    if not np.isfinite(p[0]):
        shrunk = eye * EARTH_RADIUS / (EARTH_RADIUS + h + 200)  # the shadow is that of the mirroring surface
        assert not sky.sunlit(SUN, shrunk)[0], "whoever sees the Sun sees it mirrored"
        return
    lat, lon, height = ellipsoid.geodetic_from_ecef(p)
    assert height == pytest.approx(h, abs=0.1)
    up = ellipsoid.enu_from_ecef(lat, lon)[2]
    to_eye, to_sun = (eye - p) / np.linalg.norm(eye - p), (SUN - p) / np.linalg.norm(SUN - p)
    np.testing.assert_allclose(2 * (to_sun @ up) * up - to_sun, to_eye, atol=1e-6)
    assert glint.glint_angles(p[None], eye, SUN)[0] < 1e-6


@given(places)
def test_the_way_by_the_mirror_is_the_shortest(place: tuple[float, float, float]) -> None:
    """Fermat: among places on the day side the specular point has the least way Sun, place, satellite."""
    eye = ellipsoid.ecef_from_geodetic(*place)
    near_sun = 1e9 * SUN / np.linalg.norm(SUN)  # for precision; the geometry is the same
    p = glint.specular_point(eye, near_sun, 0.0)
    assume(np.isfinite(p[0]))
    lat, lon, _ = ellipsoid.geodetic_from_ecef(p)

    def way(x: np.ndarray) -> float:
        q = ellipsoid.ecef_from_geodetic(x[0], x[1], 0.0)
        return float(np.linalg.norm(eye - q) + np.linalg.norm(near_sun - q))

    for turn in np.linspace(0, 2 * math.pi, 8):
        step = 1e-3 * np.array((math.cos(turn), math.sin(turn)))
        assert way(np.array((lat, lon)) + step) > way(np.array((lat, lon))) - 1e-6


def test_found_by_search() -> None:
    eye = ellipsoid.ecef_from_geodetic(math.radians(30), math.radians(-80), 20_000e3)
    sun = 1e9 * SUN / np.linalg.norm(SUN)

    def way(x: np.ndarray) -> float:
        q = ellipsoid.ecef_from_geodetic(x[0], x[1], 0.0)
        return float(np.linalg.norm(eye - q) + np.linalg.norm(sun - q)) / EARTH_RADIUS

    best = minimize(way, np.radians((15.0, -100.0)), method="Nelder-Mead", tol=1e-14).x
    expected = ellipsoid.ecef_from_geodetic(best[0], best[1], 0.0)
    assert np.linalg.norm(glint.specular_point(eye, sun, 0.0) - expected) < 1e3


def test_under_the_sun_the_mirror_is_below() -> None:
    eye = 42_164e3 * SUN / np.linalg.norm(SUN)
    p = glint.specular_point(eye, SUN, 0.0)
    lat, lon, _ = ellipsoid.geodetic_from_ecef(p)
    assert (lat, lon) == pytest.approx(sky.subpoint(SUN), abs=1e-3)
    assert glint.scattering_angles(p[None], eye, SUN)[0] == pytest.approx(math.pi, abs=1e-2)


def test_batches_are_single_rows_and_bad_rows_stay_alone() -> None:
    eyes = np.array([[4.2e7, 0, 1e6], [np.nan] * 3, [-3e7, -3e7, 0.0], [0.0, 0.0, 0.0]])
    suns = np.tile(SUN, (4, 1))
    found = glint.specular_points(eyes, suns, 0.0)
    for row, eye in zip(found, eyes, strict=True):
        np.testing.assert_array_equal(row, glint.specular_point(eye, SUN, 0.0))
    assert np.isfinite(found).all(axis=1).tolist()[1::2] == [False, False]
    assert np.isfinite(found[2]).all()


def test_glint_angle_needs_both_above_the_horizon() -> None:
    lat, lon = sky.subpoint(SUN)
    night = ellipsoid.ecef_from_geodetic(-lat, lon + math.pi, 0.0)
    assert np.isnan(glint.glint_angles(night[None], 7 * night, SUN))[0]


def test_cloud_over_the_fields_scatters_forward() -> None:
    """Case R12: from a satellite of Oko's kind in its window, low over the fields, 38 to 61 degrees of turning.

    Seen from the azimuth opposite the Sun (forward) the angle is least: Sun's and satellite's elevation together.
    """
    lat, lon = np.radians((47.505, -111.183))
    top = ellipsoid.ecef_from_geodetic(lat, lon, 10_000.0)
    azimuth, elevation, _ = sky.horizontal(SUN, lat, lon, 10_000.0)
    for satellite_deg, expected_deg in ((0.0, 40.0), (9.0, 49.0), (-2.0, 38.0)):
        e, a = math.radians(satellite_deg), azimuth + math.pi
        enu = np.array((math.cos(e) * math.sin(a), math.cos(e) * math.cos(a), math.sin(e)))
        eye = top + 4e7 * ellipsoid.enu_from_ecef(lat, lon).T @ enu
        found = math.degrees(glint.scattering_angles(top[None], eye, SUN)[0])
        assert found == pytest.approx(expected_deg, abs=0.5)
        assert math.degrees(elevation) == pytest.approx(40, abs=0.5)
