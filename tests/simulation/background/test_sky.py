"""What flashes and falls: lightning, fireballs, re-entries, glint."""

import numpy as np
import pytest
from scipy import stats

from tocsin.earth.ellipsoid import geodetic_from_ecef_batch, height
from tocsin.earth.glint import glint_angles
from tocsin.earth.places import on_land
from tocsin.simulation.background.fireballs import PER_YEAR, fireballs, named, shining
from tocsin.simulation.background.glint import CLOUD, LIFE_S, SEA, patches
from tocsin.simulation.background.lightning import FLASHES_PER_S, STORMS, flashes, lightning, storms
from tocsin.simulation.background.reentries import PER_DAY, glowing, reentries
from tocsin.simulation.background.tables import FireballTable
from tocsin.simulation.background.world import Glimpses, table

GEOSTATIONARY = 42_164_000.0
CHELYABINSK = FireballTable(
    id="chelyabinsk", time_s=60.0, latitude_deg=54.8, longitude_deg=61.1, altitude_m=29_700.0, speed_mps=19_000.0,
    azimuth_deg=283.0, entry_angle_deg=18.3, radiated_energy_j=3.75e14,
)  # fmt: skip


def test_lightning_flashes_as_often_as_on_earth(world):
    sky = world(lightning=1.0)
    place = storms(sky, 0)
    assert abs(len(place) - STORMS) < 4 * np.sqrt(STORMS)
    count = len(flashes(sky, 0, STORMS).time)
    assert abs(count - FLASHES_PER_S * 3600) < 4 * np.sqrt(FLASHES_PER_S * 3600)


def test_lightning_is_where_and_as_bright_as_on_earth(world):
    place = np.concatenate([storms(world(lightning=1.0), hour) for hour in range(6)])
    lat, lon, high = geodetic_from_ecef_batch(place)
    assert np.allclose(high, 10_000.0, atol=1.0)
    # Land is a quarter of the Earth at these latitudes and ten times as stormy: some 77 % of the storms.
    assert 0.72 < np.mean(on_land(lat, lon)) < 0.82
    assert np.mean(np.abs(lat) < np.radians(30)) == pytest.approx(0.78, abs=0.03)  # Christian et al. 2003
    energy = flashes(world(lightning=1.0), 0, STORMS).energy
    assert np.median(energy) == pytest.approx(1e6, rel=0.05)
    assert np.std(np.log(energy)) == pytest.approx(
        np.std(np.log(table("lightning")["energy_at_aperture_j"])), rel=0.03
    )


def test_a_satellite_sees_only_the_lightning_of_its_looks(world):
    glimpses = Glimpses(np.arange(0.0, 3600.0, 10.0), np.ones(360))
    seen = lightning(world(lightning=1.0), 0, glimpses)
    assert np.all(seen.time % 10.0 < 1.0)
    assert abs(len(seen.time) - 0.1 * FLASHES_PER_S * 3600) < 0.1 * 0.1 * FLASHES_PER_S * 3600


def test_fireballs_come_as_often_as_the_catalogue_has_them(world):
    mean = 1000 * PER_YEAR / 365.25
    assert abs(len(fireballs(world(fireballs=1000.0))) - mean) < 4 * np.sqrt(mean)
    years = [2018 - 1994 + 1, len(table("fireballs")["radiated_j"])]
    assert pytest.approx(years[1] / years[0], rel=0.05) == PER_YEAR


def test_fireballs_are_faster_than_anything_launched(world):
    found = fireballs(world(fireballs=5000.0))
    speed = np.array([np.linalg.norm(f.v) for f in found])
    assert np.mean(speed > 11_200) > 0.95
    assert 15_000 < np.median(speed) < 20_000
    assert all(f.descent > 0 for f in found)
    high = np.array([height(*f.r) for f in found])
    altitude = table("fireballs")["altitude_km"]
    assert stats.ks_2samp(high / 1000, altitude[np.isfinite(altitude)]).statistic < 0.1


def test_a_fireball_radiates_its_energy_along_a_straight_path():
    one = named(CHELYABINSK)
    t = np.linspace(-100, 300, 400_001)
    power = one.power(t)
    assert np.trapezoid(power, t) == pytest.approx(3.75e14, rel=1e-3)
    assert t[np.argmax(power)] == pytest.approx(60.0, abs=0.01)
    begin, end = one.span
    assert 5 < end - begin < 40  # a trail of some 30 s was filmed (case R21)
    path = one.at(np.array([begin, 60.0, end]))
    assert np.linalg.norm(path[2] - path[0]) / (end - begin) == pytest.approx(19_000.0)
    assert height(*path[1]) == pytest.approx(29_700.0, abs=0.01)
    assert height(*path[0]) > 80_000
    assert 29_700 > height(*path[2]) > 0
    up = path[1] / np.linalg.norm(path[1])
    assert np.degrees(np.arcsin(-one.v @ up / 19_000)) == pytest.approx(18.3, abs=0.3)


def test_chelyabinsk_is_too_fast_for_a_missile_within_two_looks(world):
    (seen,) = shining((named(CHELYABINSK),), np.arange(0.5, 120.0, 1.0))
    assert len(seen.time) >= 10
    speed = np.linalg.norm(np.diff(seen.r, axis=0), axis=1) / np.diff(seen.time)
    assert np.all(speed > 11_200)
    assert seen.intensity.max() > 1e9  # outshines every launch


def test_reentries_come_as_often_and_fall_as_fast_as_from_orbit(world):
    sky = world(reentries=200.0, hours=24)
    found = reentries(sky)
    assert abs(len(found) - 200 * PER_DAY) < 4 * np.sqrt(200 * PER_DAY)
    for one in found[:10]:
        assert height(*one.x[0, :3]) == pytest.approx(122_000.0, abs=1_500.0)
        assert 7_200 < np.linalg.norm(one.x[0, 3:]) < 8_400
        assert 100 < one.end - one.start < 3_000
        assert height(*one.x[-1, :3]) < 60_000
        (seen,) = glowing((one,), np.arange(0.0, 90_000.0, 10.0))
        high = np.array([height(*r) for r in seen.r])
        assert np.all(seen.intensity[high > 106_000] == 0.0)
        assert 1e3 < seen.intensity.max() < 1e7


@pytest.mark.parametrize("mirror", [SEA, CLOUD])
def test_glint_lies_about_the_mirror_point(world, mirror):
    sky = world("2026-03-20T00:00:00Z")
    eye = np.array([GEOSTATIONARY, 0.0, 0.0])
    tilt = []
    for hour in range(10, 14):  # the Sun passes behind a satellite over Greenwich at noon
        found = patches(sky, mirror, 20.0, "geo", lambda _: eye, hour)
        tilt += [glint_angles(found.r[[i]], eye, sky.sun(t))[0] for i, t in enumerate(found.start)]
    tilt = np.array(tilt)
    assert len(tilt) > 500
    # Two normal slopes make a Rayleigh angle; the ellipsoid and the near satellite stretch it by some 15 %.
    assert np.median(tilt) == pytest.approx(1.177 * mirror.tilt, rel=0.25)
    assert np.mean(tilt < 4 * mirror.tilt) > 0.99


def test_sea_glints_where_there_is_water_and_cloud_anywhere(world):
    sky = world("2026-03-20T00:00:00Z")
    eye = np.array([GEOSTATIONARY * np.cos(0.35), GEOSTATIONARY * np.sin(0.35), 0.0])  # 20 E
    dry = {}
    for mirror in (SEA, CLOUD):
        found = patches(sky, mirror, 20.0, "geo", lambda _: eye, 10)
        lat, lon, high = geodetic_from_ecef_batch(found.r)
        assert np.allclose(high, mirror.height, atol=0.1)
        dry[mirror.kind] = np.mean(on_land(lat, lon))
    assert dry["glint"] < 0.5  # ponds
    assert dry["cloud-glint"] > 0.8  # Africa


def test_glint_comes_as_often_as_set_by_day_and_never_from_the_night(world):
    sky = world("2026-03-20T00:00:00Z")
    eye = np.array([GEOSTATIONARY, 0.0, 0.0])
    mean = 2.0 * CLOUD.patches * 3600 / LIFE_S
    assert abs(len(patches(sky, CLOUD, 2.0, "geo", lambda _: eye, 11).start) - mean) < 5 * np.sqrt(mean)
    night = world("2026-03-20T23:40:00Z")
    assert len(patches(night, CLOUD, 20.0, "geo", lambda _: eye, 0).start) == 0
