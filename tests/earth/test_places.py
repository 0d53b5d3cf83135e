"""Outlines are whole, cut at the 180th meridian, and where land is."""

import numpy as np
from matplotlib.path import Path

from tocsin.earth.places import land_outlines

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
