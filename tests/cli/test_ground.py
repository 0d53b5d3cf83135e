"""`tocsin place` and `tocsin reach`: what they say, and what they refuse."""

import json

import numpy as np
import pytest
from pyproj import Geod

from tocsin.cli import main

GEOD = Geod(ellps="WGS84")


def told(capsys, *words):
    code = main(list(words))
    out = capsys.readouterr()
    return code, out.out, out.err


def test_when_it_comes_down_at_a_place(demo_run, capsys):
    last = [v for v in map(json.loads, (demo_run.path / "warnings.jsonl").read_text().splitlines())
            if v["impact"] and v["state"] != "closed"][-1]  # fmt: skip
    at = f"{last['impact']['latitude_deg']:.4f},{last['impact']['longitude_deg']:.4f}"
    code, text, _ = told(capsys, "place", str(demo_run.path), at, "--json")
    found = json.loads(text)
    assert code == 0
    assert found["version"] == last["version"]
    assert (found["on_land"], found["people_in_cities"]) == (0.0, 0)
    place = found["place"]
    assert place["country"] is None
    assert place["inside_area"] < 60
    assert found["earliest"] <= place["earliest"] <= place["likeliest"] <= place["latest"] <= found["latest"]
    assert abs(
        np.datetime64(place["likeliest"][:-1]) - np.datetime64(last["impact"]["time"][:-1])
    ) < np.timedelta64(60, "s")


def test_a_place_in_the_south_is_no_option(demo_run, capsys):
    code, text, _ = told(capsys, "place", str(demo_run.path), "-33.9,18.5")
    assert code == 0
    assert "South Africa" in text
    assert "as good as excluded" in text
    assert "on land 0 %" in text


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--warning", "W-1"), "there is no warning W-1"),
        (("--version", "9999"), "has no version 9999"),
        (("--version", "1"), "has no impact yet"),
    ],
)
def test_what_is_not_there_is_named(demo_run, capsys, words, why):
    code, _, error = told(capsys, "place", str(demo_run.path), "10,10", *words)
    assert code == 2
    assert why in error


def test_reach_names_countries_and_writes_the_ring(capsys, tmp_path):
    """Case R27: everything farther than 90 km away is excluded."""
    out = tmp_path / "ring.geojson"
    code, text, _ = told(capsys, "reach", "--impact", "50.47,23.93", "--range-km", "75-90", "--out", str(out))
    assert code == 0
    assert "Ukraine" in text
    assert "Poland" in text
    feature = json.loads(out.read_text())
    assert [c["code"] for c in feature["properties"]["countries"]] == ["UA", "PL"]
    for ring, km in zip(feature["geometry"]["coordinates"], (90e3, 75e3), strict=True):
        lon, lat = np.array(ring).T
        n = len(lon)
        apart = GEOD.inv(np.full(n, 23.93), np.full(n, 50.47), lon, lat)[2]
        assert np.allclose(apart, km, atol=2.0)


def test_reach_over_the_antimeridian_is_cut_there(capsys):
    code, text, _ = told(capsys, "reach", "--impact", "-17,179.5", "--range-km", "100-900", "--json")
    assert code == 0
    for polygon in json.loads(text)["geometry"]["coordinates"]:
        longitudes = [place[0] for place in polygon[0]]
        assert max(longitudes) - min(longitudes) < 20


@pytest.mark.parametrize("ring", ["90-75", "75", "75-", "0-30000", "a-b", "-5-10"])
def test_a_ring_that_is_none(capsys, ring):
    code, _, error = told(capsys, "reach", "--impact", "50,23", f"--range-km={ring}")
    assert code == 2
    assert "write NEAR-FAR in km" in error
