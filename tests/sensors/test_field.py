"""GeoJSON areas: holes, several parts, rings over 180°, and an independent polygon."""

from hypothesis import assume, given
from hypothesis import strategies as st
from matplotlib.path import Path

from tocsin.sensors.field import inside_polygon


def ring(*points):
    return [*points, points[0]]


SQUARE = ring([0, 0], [10, 0], [10, 10], [0, 10])
HOLE = ring([4, 4], [6, 4], [6, 6], [4, 6])


def test_square_and_hole():
    area = {"type": "Polygon", "coordinates": [SQUARE, HOLE]}
    assert inside_polygon(area, 2, 2)
    assert not inside_polygon(area, 5, 5)
    assert not inside_polygon(area, 11, 5)
    assert inside_polygon({"type": "Feature", "geometry": area, "properties": {}}, 2, 2)


def test_several_parts():
    far = [[p[0] + 100, p[1]] for p in SQUARE]
    area = {"type": "MultiPolygon", "coordinates": [[SQUARE], [far]]}
    assert inside_polygon(area, 5, 5)
    assert inside_polygon(area, 5, 105)
    assert not inside_polygon(area, 5, 50)


def test_over_the_antimeridian():
    area = {"type": "Polygon", "coordinates": [ring([175, 0], [-175, 0], [-175, 10], [175, 10])]}
    for longitude in (176, 184, -176, 180, -180, 536):
        assert inside_polygon(area, 5, longitude)
    for longitude in (174, -174, 0):
        assert not inside_polygon(area, 5, longitude)


degrees = st.integers(-35_000, 35_000).map(lambda n: n / 1_000)


@given(
    corners=st.lists(st.tuples(degrees, degrees), min_size=3, max_size=3, unique=True),
    longitude=degrees,
    latitude=degrees,
)
def test_triangles_against_matplotlib(corners, longitude, latitude):
    """Of convex pieces, so that the even-odd rule and the winding rule agree."""
    (ax, ay), (bx, by), (cx, cy) = triangle = corners
    assume(abs((bx - ax) * (cy - ay) - (by - ay) * (cx - ax)) > 1.0)
    inner = Path(triangle).contains_point((longitude, latitude), radius=-1e-3)
    outer = Path(triangle).contains_point((longitude, latitude), radius=1e-3)
    assume(inner == outer)
    area = {"type": "Polygon", "coordinates": [ring(*[list(p) for p in triangle])]}
    assert inside_polygon(area, latitude, longitude) == inner
