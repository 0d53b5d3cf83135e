"""Outlines are whole, cut at the 180th meridian, and where land is; countries and cities are where they should be."""

import math
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.path import Path

from tocsin.earth import ellipsoid, places
from tocsin.earth._borders import inside
from tocsin.earth.places import land_outlines
from tocsin.sensors.field import inside_polygon

# longitude, latitude [deg], on land?
PLACES = [
    (2.35, 48.85, True), (139.5, 36.2, True), (-58.4, -20.0, True), (133.0, -25.0, True), (30.0, 60.5, True),
    (-30.0, 40.0, False), (150.0, 40.0, False), (-140.0, -40.0, False), (80.0, -30.0, False),
]  # fmt: skip


def test_lines_stay_on_the_map_and_never_jump_across_it() -> None:
    lines = land_outlines()
    assert len(lines) > 100
    for line in lines:
        assert line.shape[1] == 2
        assert np.all(np.abs(line[:, 0]) <= 180)
        assert np.all(np.abs(line[:, 1]) <= 90)
        assert np.abs(np.diff(line[:, 0])).max() < 90


def test_lines_close_or_end_at_the_cut() -> None:
    for line in land_outlines():
        closed = np.allclose(line[0], line[-1])
        assert closed or np.allclose(np.abs(line[[0, -1], 0]), 180)


def test_known_places_are_on_land_or_at_sea() -> None:
    # A line that ends at the cut closes along it.
    closed = [Path(line) for line in land_outlines()]
    for lon, lat, land in PLACES:
        inside = sum(path.contains_point((lon, lat)) for path in closed)
        assert (inside % 2 == 1) == land, (lon, lat)


def test_antarctica_goes_round() -> None:
    south = [line for line in land_outlines() if line[:, 1].min() < -75]
    covered = {int(lon // 30) for line in south for lon in line[:, 0]}
    assert len(covered) >= 12


def at(lat_deg: float, lon_deg: float) -> places.Country | None:
    return places.country_at(math.radians(lat_deg), math.radians(lon_deg))


# latitude, longitude [deg], code ("-" at sea)
COUNTRIES = [
    (48.85, 2.35, "FR"), (36.2, 139.5, "JP"), (-20.0, -58.4, "PY"), (-25.0, 133.0, "AU"), (60.5, 30.0, "RU"),
    (39.03, 125.75, "KP"), (37.4, 127.0, "KR"), (21.4, -158.0, "US"), (64.3, -149.2, "US"), (76.57, -68.3, "GL"),
    (67.0, 179.9, "RU"), (67.0, 180.0, "RU"), (67.0, -180.0, "RU"), (67.0, -179.9, "RU"), (67.0, 539.9, "RU"),
    (-17.8, 178.0, "FJ"), (-90.0, 0.0, "AQ"), (-90.0, 123.4, "AQ"), (-85.0, 180.0, "AQ"), (-85.0, -180.0, "AQ"),
    (-29.5, 28.3, "LS"), (-28.5, 27.3, "ZA"), (43.94, 12.45, "SM"), (41.903, 12.4525, "IT"), (42.6, 20.9, "XK"),
    (40.0, -30.0, "-"), (40.0, 150.0, "-"), (-40.0, -140.0, "-"), (-30.0, 80.0, "-"), (90.0, 0.0, "-"),
    (42.0, 51.0, "-"), (0.0, 180.0, "-"), (0.0, 0.0, "-"), (-60.0, 0.0, "-"),
]  # fmt: skip


@pytest.mark.parametrize(("lat_deg", "lon_deg", "code"), COUNTRIES)
def test_countries_of_known_places(lat_deg: float, lon_deg: float, code: str) -> None:
    found = at(lat_deg, lon_deg)
    assert (found.code if found else "-") == code


def test_both_sides_of_a_coast() -> None:
    """Walk east over coasts that are charted to a kilometre or two: La Rochelle, Esbjerg, Onslow's meridian."""
    for lat_deg, lon_deg in ((46.16, -1.22), (55.49, 8.41), (28.46, -80.53)):
        walk = np.radians(lon_deg + np.linspace(-0.5, 0.5, 101))
        land = places.on_land(np.full(101, math.radians(lat_deg)), walk)
        change = np.flatnonzero(land[1:] != land[:-1])
        assert len(change) >= 1
        assert np.abs(change - 50).min() <= 15, "within some kilometres"


def test_countries_agree_with_matplotlib() -> None:
    """Rings unwrapped and closed, against an independent rule for points in paths."""
    random = np.random.default_rng(3)
    lat, lon = np.degrees(np.arcsin(random.uniform(-0.85, 0.99, 4000))), random.uniform(-180, 180, 4000)
    found = places.country_numbers(np.radians(lat), np.radians(lon))
    data = places._countries()
    arcs = [np.cumsum(np.reshape(a, (-1, 2)), axis=0) / 1e3 for a in data["arcs_lon_lat_millidegrees"]]
    inside = np.zeros((len(places.countries()), 4000), dtype=int)
    for number, (_, _, rings) in enumerate(data["code_name_rings"]):
        for ring in rings:
            pieces = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in ring]
            points = np.concatenate(pieces)
            x = np.unwrap(points[:, 0], period=360)
            if abs(x[-1] - x[0]) > 180:  # round the south pole: close it there
                points = np.vstack((points, [[0, -90], [0, -90]]))
                x = np.append(x, (x[-1], x[0]))
            path = Path(np.column_stack((x, points[:, 1])), closed=False)
            for turn in (-360, 0, 360):
                inside[number] += path.contains_points(np.column_stack((lon + turn, lat)))
    odd = inside % 2 == 1
    assert np.array_equal(odd.any(axis=0), found >= 0)
    land = found >= 0
    assert odd[found[land], np.flatnonzero(land)].all()


def test_most_cities_lie_in_their_country() -> None:
    """Two tables by different hands: 96 % agree, 3 % are drawn into the sea, the rest are dependencies and borders."""
    table = places.cities()
    lat, lon = np.radians([(c.latitude_deg, c.longitude_deg) for c in table]).T
    found = places.country_numbers(lat.copy(), lon.copy())
    codes = np.array([*(c.code for c in places.countries()), "-"])[found]
    own = np.array([c.country for c in table])
    assert np.mean(codes == own) > 0.96
    assert np.mean((codes != own) & (found >= 0)) < 0.006
    assert np.mean(found < 0) < 0.035


def test_as_much_land_as_there_is() -> None:
    random = np.random.default_rng(8)
    lat, lon = np.arcsin(random.uniform(-1, 1, 200_000)), random.uniform(-math.pi, math.pi, 200_000)
    assert places.on_land(lat, lon).mean() == pytest.approx(0.29, abs=0.01)


def test_what_is_not_finite_is_nowhere() -> None:
    lat, lon = np.array([math.nan, 0.8, 0.8]), np.array([0.0, math.inf, 0.05])
    assert places.country_numbers(lat, lon).tolist()[:2] == [places.NOWHERE] * 2
    assert places.on_land(lat, lon).tolist() == [False, False, True]


def test_cities_are_whole() -> None:
    table = places.cities()
    assert len(table) > 34_000
    assert all(abs(c.latitude_deg) <= 90 and abs(c.longitude_deg) <= 180 and c.population > 0 for c in table)
    assert {len(c.country) for c in table} == {2}
    tokyo = next(c for c in table if c.name == "Tokyo")
    assert (tokyo.country, tokyo.latitude_deg, tokyo.longitude_deg) == ("JP", 35.69, 139.69)


@given(st.floats(-1.57, 1.57), st.floats(-3.2, 3.2))
@settings(max_examples=40)
def test_no_city_is_nearer_than_the_nearest(lat: float, lon: float) -> None:
    city, distance = places.nearest_city(lat, lon)
    others = np.radians([(c.latitude_deg, c.longitude_deg) for c in places.cities()[::97]])
    least = min(ellipsoid.distance(lat, lon, a, b) for a, b in others)
    assert distance <= least * (1 + 1e-3)
    assert distance == ellipsoid.distance(
        lat, lon, math.radians(city.latitude_deg), math.radians(city.longitude_deg)
    )


def test_cities_near() -> None:
    lat, lon = math.radians(35.0), math.radians(136.0)
    near = places.cities_near(lat, lon, 100e3)
    ways = [
        ellipsoid.distance(lat, lon, math.radians(c.latitude_deg), math.radians(c.longitude_deg))
        for c in places.cities()
    ]
    expected = [c for c, way in zip(places.cities(), ways, strict=True) if way <= 100e3]
    assert set(near) == set(expected)
    assert [c.population for c in near] == sorted((c.population for c in expected), reverse=True)
    assert places.cities_near(math.radians(-45.0), math.radians(-130.0), 100e3) == ()


def box(west: float, south: float, east: float, north: float) -> dict:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_cities_within_a_box_over_the_date_line() -> None:
    expected = {
        c
        for c in places.cities()
        if -25 < c.latitude_deg < -10 and (c.longitude_deg > 170 or c.longitude_deg < -170)
    }
    assert len(expected) > 5
    for area in (box(170, -25, 190, -10), box(170, -25, -170, -10), box(-190, -25, -170, -10)):
        assert set(places.cities_within(area)) == expected
        assert places.population_within(area) == sum(c.population for c in expected)


def test_cities_round_the_pole() -> None:
    north = [[lon, 65.0] for lon in range(-180, 181, 30)]
    expected = {c for c in places.cities() if c.latitude_deg > 65.0}
    assert len(expected) > 20
    cap = {"type": "Polygon", "coordinates": [north]}
    assert set(places.cities_within(cap)) == expected
    closed = {"type": "Polygon", "coordinates": [[*north, [180, 90], [-180, 90], [-180, 65.0]]]}
    assert set(places.cities_within(closed)) == expected
    south = {"type": "Polygon", "coordinates": [[[lon, -50.0] for lon in range(180, -181, -30)]]}
    assert {c.country for c in places.cities_within(south)} == {"AR", "CL", "FK", "GS"}


def test_holes_parts_and_features() -> None:
    outer, hole = box(2, 48, 3, 49), box(2.2, 48.7, 2.5, 49.0)
    ring = {"type": "Polygon", "coordinates": [*outer["coordinates"], *hole["coordinates"]]}
    whole, centre = set(places.cities_within(outer)), set(places.cities_within(hole))
    assert set(places.cities_within(ring)) == whole - centre
    both = {"type": "MultiPolygon", "coordinates": [ring["coordinates"], hole["coordinates"]]}
    assert set(places.cities_within({"type": "Feature", "geometry": both, "properties": {}})) == whole
    assert places.population_within(box(-30, 30, -29, 31)) == 0


degrees = st.integers(-30_000, 30_000).map(lambda n: n / 1_000)


@given(
    st.lists(st.tuples(degrees, degrees), min_size=3, max_size=7, unique=True),
    st.sampled_from([0.0, 100.0, 180.0, -175.0]),
    st.lists(st.tuples(degrees, degrees), min_size=1, max_size=8),
)
@settings(max_examples=50)
def test_areas_agree_with_the_sensors_rule_for_polygons(
    corners: list[tuple[float, float]], turn: float, points: list[tuple[float, float]]
) -> None:
    """`sensors.field` counts crossings to the east, `earth` to the north: two rules, one answer but on the edge."""
    ring = [[lon + turn, lat] for lon, lat in (*corners, corners[0])]
    area = {"type": "Polygon", "coordinates": [ring]}
    lon, lat = np.array(points).T + np.array([[turn + 1e-4 * math.pi], [1e-4 * math.e]])
    found = inside(area, lat, lon)
    edge = Path(np.array(ring))
    for i in range(len(lat)):
        near = {edge.contains_point((lon[i] + a, lat[i] + b)) for a in (-1e-6, 1e-6) for b in (-1e-6, 1e-6)}
        if len(near) == 1:
            assert found[i] == inside_polygon(area, lat[i], lon[i])


def test_files_are_small() -> None:
    folder = files("tocsin.earth").joinpath("data")
    assert all(len(file.read_bytes()) < 1_000_000 for file in folder.iterdir())
