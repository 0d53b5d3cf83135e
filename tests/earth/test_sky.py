"""Sun and Moon against published examples, ERFA's own chain and the cases R11 and R12 of the literature."""

import math

import erfa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.constants import EARTH_RADIUS
from tocsin.earth import ellipsoid, sky
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.time import julian_tt, parse_utc
from tocsin.messages import SECOND

EARTH = EarthRotation(bundled())
MINUTE = 60 * SECOND


def tt(year: int, month: int, day: int) -> int:
    """Give the Instant of 0 h TT of a day."""
    zero, mjd = erfa.cal2jd(year, month, day)
    return round((zero - 2_440_587.5 + mjd) * 86_400) * SECOND - 32_184_000_000


def apparent_deg(r: np.ndarray, t: int) -> tuple[float, float]:
    """Give right ascension and declination of date [deg] of a GCRF position."""
    x, y, z = erfa.pnm06a(*julian_tt(t)) @ r
    return math.degrees(math.atan2(y, x)) % 360, math.degrees(math.atan2(z, math.hypot(x, y)))


def test_sun_of_meeus_example_25() -> None:
    t = tt(1992, 10, 13)
    r = sky.sun_gcrf(t)
    ra, dec = apparent_deg(r, t)
    # Meeus (1998), examples 25.a (good to 0.01 degrees) and 25.b: apparent longitude 199° 54′ 21.82″, latitude 0.72″.
    assert ra == pytest.approx(198.38083, abs=0.01)
    assert dec == pytest.approx(-7.78507, abs=0.01)
    lon, lat, obliquity = np.radians((199 + 54 / 60 + 21.82 / 3600, 0.72 / 3600, 23.4401443))
    expected = erfa.rx(-obliquity, np.eye(3)) @ erfa.s2c(lon, lat)
    found = erfa.pnm06a(*julian_tt(t)) @ r
    assert np.degrees(sky.separation(found, expected)) * 3600 < 0.5
    assert np.linalg.norm(r) / erfa.DAU == pytest.approx(0.99760, abs=1e-4)


def test_moon_of_meeus_example_47() -> None:
    t = tt(1992, 4, 12)
    r = sky.moon_gcrf(t)
    assert apparent_deg(r, t) == pytest.approx((134.688470, 13.768368), abs=1e-3)
    assert np.linalg.norm(r) == pytest.approx(368_409.7e3, abs=2e3)


def test_thule_moon_r11() -> None:
    """The Moon that rose over Thule on 5 October 1960 (literature, case R11: 21:40 ± 10 min, 66 ± 2°, 2.555 s)."""
    lat, lon = np.radians((76.57, -68.30))
    start = parse_utc("1960-10-05T21:00:00Z")
    seen = [sky.horizontal(sky.moon_itrf(EARTH, start + k * MINUTE), lat, lon) for k in range(90)]
    rise = next(k for k, (_, elevation, _) in enumerate(seen) if elevation > 0)
    assert abs(rise - 40) <= 10
    azimuth, _, distance = seen[rise]
    assert math.degrees(azimuth) == pytest.approx(66, abs=2)
    assert sky.echo_delay(distance) == pytest.approx(2.555, abs=0.01)
    assert distance == pytest.approx(383_000e3, abs=1_000e3)
    assert sky.folded_range(seen[40][2], 27.0) == pytest.approx(5_468e3, abs=30e3)


# Literature, case R12, 25 September 1983 20:15 UTC: azimuth and elevation of the Sun [deg].
FIELDS = {
    "Malmstrom": (47.505, -111.183, 199, 40), "Minot": (48.416, -101.358, 211, 36),
    "Warren": (41.145, -104.862, 210, 44), "Whiteman": (38.727, -93.548, 225, 41),
}  # fmt: skip


@pytest.mark.parametrize("name", FIELDS)
def test_sun_over_the_fields_of_1983_r12(name: str) -> None:
    lat_deg, lon_deg, azimuth_deg, elevation_deg = FIELDS[name]
    sun = sky.sun_itrf(EARTH, parse_utc("1983-09-25T20:15:00Z"))
    azimuth, elevation, _ = sky.horizontal(sun, *np.radians((lat_deg, lon_deg)))
    assert math.degrees(azimuth) == pytest.approx(azimuth_deg, abs=1.0)
    assert math.degrees(elevation) == pytest.approx(elevation_deg, abs=1.0)


def test_sub_solar_point_r12() -> None:
    sun = sky.sun_itrf(EARTH, parse_utc("1983-09-25T20:15:00Z"))
    assert np.degrees(sky.subpoint(sun)) == pytest.approx((-0.87, -125.8), abs=0.05)
    lat, lon = sky.subpoint(sun)
    assert sky.horizontal(sun, lat, lon)[1] == pytest.approx(math.pi / 2, abs=1e-6)


def test_solstices_and_equinoxes_of_2026() -> None:
    """Seasons as published (US Naval Observatory): the Sun passes 0 and 90 degrees at these minutes."""
    for text, rate in (("2026-03-20T14:46:00Z", 1), ("2026-09-23T00:05:00Z", -1)):
        t = parse_utc(text)
        before, after = (apparent_deg(sky.sun_gcrf(t + k * MINUTE), t + k * MINUTE)[1] for k in (-2, 2))
        assert before * after < 0
        assert (after - before) * rate > 0
    t = parse_utc("2026-06-21T08:24:00Z")
    assert apparent_deg(sky.sun_gcrf(t), t)[0] == pytest.approx(90.0, abs=0.002)


def test_many_times_are_as_one() -> None:
    start = parse_utc("2026-05-16T00:00:00Z")
    times = np.array([start + k * 3_600 * SECOND for k in range(30)])
    for place in (sky.sun_gcrf, sky.moon_gcrf):
        np.testing.assert_allclose(place(times), [place(int(t)) for t in times], rtol=1e-15)


def test_between_the_nodes() -> None:
    start = parse_utc("2026-05-16T00:00:00Z")
    for k in range(0, 86_400, 787):
        t = start + k * SECOND
        turn = EARTH.itrf_from_gcrf(t)
        assert sky.separation(sky.sun_itrf(EARTH, t), turn @ sky.sun_gcrf(t)) < 1e-8
        assert np.linalg.norm(sky.moon_itrf(EARTH, t) - turn @ sky.moon_gcrf(t)) < 150


def test_day_and_night() -> None:
    sun = sky.sun_itrf(EARTH, parse_utc("2026-06-21T12:00:00Z"))
    places = np.radians([(0, 0), (0, 180), (80, 180), (-80, 0), (51.5, 0), (35, 139)])
    r = ellipsoid.ecef_from_geodetic_batch(*places.T.copy(), np.zeros(6))
    assert sky.daylight(sun, r).tolist() == [True, False, True, False, True, False]
    expected = [sky.horizontal(sun, lat, lon)[1] for lat, lon in places]
    np.testing.assert_allclose(sky.elevations(sun, r), expected, atol=1e-9)


def test_the_earth_s_shadow() -> None:
    sun = sky.sun_itrf(EARTH, parse_utc("2026-03-20T14:46:00Z"))
    u = sun / np.linalg.norm(sun)
    side = np.cross(u, [0.0, 0.0, 1.0])
    side /= np.linalg.norm(side)
    behind = -4.2e7 * u
    r = np.array(
        [behind, behind + (EARTH_RADIUS - 3e5) * side, behind + (EARTH_RADIUS + 1e5) * side, -behind]
    )
    assert sky.sunlit(sun, r).tolist() == [False, False, True, True]


vectors = st.tuples(*[st.floats(-1, 1)] * 3).map(np.array).filter(lambda v: np.linalg.norm(v) > 1e-3)


@given(vectors, vectors, st.floats(1e-9, 1e9))
def test_separation_ignores_length_and_order(a: np.ndarray, b: np.ndarray, factor: float) -> None:
    assert sky.separation(a, b) == pytest.approx(sky.separation(factor * b, a), abs=1e-12)
    assert sky.separation(a, b) == pytest.approx(erfa.sepp(a, b), abs=1e-12)
