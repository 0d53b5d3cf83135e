"""The time left at a place, against pymap3d's geodesics."""

import pytest
from pymap3d.vincenty import vreckon

from tocsin.cli.place import NEAR_M, threat
from tocsin.earth.time import parse_utc
from tocsin.messages import SECOND, Ellipse, ImpactEstimate, Instant

TIME = parse_utc("2026-05-16T00:10:00Z")
LATITUDE, LONGITUDE = -33.0, 179.95


def impact(**fields) -> ImpactEstimate:
    given = {
        "time": TIME, "time_sigma_s": 10.0, "latitude_deg": LATITUDE, "longitude_deg": LONGITUDE,
        "ellipse_95": Ellipse(semi_major_m=40_000.0, semi_minor_m=10_000.0, bearing_deg=60.0),
        "ellipse_99": Ellipse(semi_major_m=50_000.0, semi_minor_m=12_500.0, bearing_deg=60.0),
    }  # fmt: skip
    return ImpactEstimate(**given | fields)


def at(distance_m: float, bearing_deg: float) -> tuple[float, float]:
    latitude, longitude = vreckon(LATITUDE, LONGITUDE, distance_m, bearing_deg)
    return float(latitude), float(longitude)


def before(seconds: float) -> Instant:
    return Instant(TIME - round(seconds * SECOND))


@pytest.mark.parametrize(
    ("distance_m", "bearing_deg", "inside"),
    [
        (0.0, 0.0, "95"), (39_900.0, 60.0, "95"), (40_100.0, 240.0, "99"), (49_900.0, 60.0, "99"),
        (50_100.0, 60.0, ""), (9_900.0, 150.0, "95"), (10_100.0, 330.0, "99"), (12_600.0, 150.0, ""),
    ],
)  # fmt: skip
def test_the_ellipse_ends_where_its_axes_do(distance_m, bearing_deg, inside):
    found = threat(at(distance_m, bearing_deg), impact(), before(300))
    assert found is not None
    assert found.inside == inside


def test_the_time_left_runs_to_the_earliest_arrival():
    found = threat(at(0, 0), impact(), before(300))
    assert found.left_s == pytest.approx(300 - 2.576 * 10)  # 99 % where there is a 99 % area
    assert found.told() == "here: 4 min 34 s left, inside the 95 % area"
    found = threat(at(0, 0), impact(ellipse_99=None), before(300))
    assert found.left_s == pytest.approx(300 - 1.96 * 10)


def test_within_the_window_it_may_come_at_any_moment_and_after_it_nothing_is_left():
    assert "any moment" in threat(at(0, 0), impact(), before(10)).told()
    assert threat(at(0, 0), impact(), before(-26)) is None
    assert threat(at(0, 0), impact(), before(-25)) is not None


def test_near_is_told_and_far_is_not():
    found = threat(at(50_000 + NEAR_M - 1000, 60), impact(), before(300))
    assert found.edge_m == pytest.approx(NEAR_M - 1000, rel=1e-4)
    assert "49 km outside the area" in found.told()
    assert threat(at(50_000 + NEAR_M + 1000, 60), impact(), before(300)) is None


def test_a_large_area_has_a_wide_surrounding():
    wide = Ellipse(semi_major_m=400_000.0, semi_minor_m=400_000.0, bearing_deg=0.0)
    assert threat(at(590_000, 10), impact(ellipse_95=wide, ellipse_99=None), before(300)) is not None
    assert threat(at(610_000, 10), impact(ellipse_95=wide, ellipse_99=None), before(300)) is None
