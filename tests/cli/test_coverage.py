"""`tocsin coverage` from the command line: its files, its tables, and what it says of bad input."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from tocsin.cli import main

SMALL = ["coverage", "regional", "--target", "Mindelo=16.9,-25.0", "--step", "10", "--area=-20,-70,60,40"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("coverage")
    assert main([*SMALL, "--shape", "lofted", "--shape", "minimum-energy", "--out", str(out), "--quiet"]) == 0
    return out


def test_netcdf_follows_cf(folder: Path) -> None:
    with xr.open_dataset(folder / "coverage.nc", engine="scipy") as data:
        assert data.attrs["Conventions"] == "CF-1.11"
        assert data["lat"].attrs["units"] == "degrees_north"
        assert data["crs"].attrs["grid_mapping_name"] == "latitude_longitude"
        assert data.sizes == {
            "flight": 2, "reports": 3, "event": 3, "part": 3, "lat": 8, "lon": 11, "sensor": 5, "altitude": 4,
        }  # fmt: skip
        for name, values in data.data_vars.items():
            assert name == "crs" or {"units", "long_name", "grid_mapping"} <= set(values.attrs) | set(
                values.encoding
            )
        chance = data["chance"].values
        known = chance[~np.isnan(chance)]
        assert known.min() >= 0.0
        assert known.max() <= 1.0
        seen, warned, corroborated = (data["chance"].isel(event=e).values for e in range(3))
        flown = ~np.isnan(seen)
        assert np.all(seen[flown] >= warned[flown] - 1e-6)
        assert np.all(warned[flown] >= corroborated[flown] - 1e-6)
        left = data["flight_time"].values[:, None, None] - data["time"].isel(part=1).values
        assert np.allclose(left, data["time_left"].values, equal_nan=True, atol=1e-2)
        assert data["chance_lost"].min() > -2e-5, "no loss of a sensor helps"
        assert data["delay"].min() > -1e-3


def test_tables_agree(folder: Path) -> None:
    told = json.loads((folder / "summary.json").read_text())
    rows = list(csv.DictReader((folder / "coverage.csv").read_text().splitlines()))
    assert len(rows) == len(told["rows"]) == 2 * (3 + 5)
    assert [float(row["share_warned"]) for row in rows] == [row["share_warned"] for row in told["rows"]]
    lofted = told["flights"][0]
    assert lofted["target"] == "Mindelo"
    assert lofted["gaps"]["share"] == pytest.approx(1 - told["rows"][0]["share_warned"], abs=1e-3)
    radar = {row["radar"]: row for row in told["radars"]}["radar-north"]
    b = 6371e3 + radar["height_m"]
    law = math.hypot(
        6371e3, radar["range_m"], math.sqrt(2 * 6371e3 * radar["range_m"] * math.sin(math.radians(2)))
    )
    assert b == pytest.approx(law, rel=1e-3)


def test_pictures_are_there_and_small(folder: Path) -> None:
    names = sorted(path.name for path in folder.glob("*.png"))
    assert names == [
        "loss-1-lofted.png", "loss-2-minimum-energy.png", "sensors.png", "warning-1-lofted.png",
        "warning-2-minimum-energy.png",
    ]  # fmt: skip
    assert all(5_000 < (folder / name).stat().st_size < 400_000 for name in names)


def test_a_day_of_moving_satellites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["coverage", "russia", "--target", "55.75,37.6", "--shape", "minimum-energy", "--step", "10"]
    area = ["--area", "25,-130,50,-70", "--day", "6", "--json", "--out", str(tmp_path)]
    assert main([*words, *area]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["launches_in_day"] == 4
    day = told["flights"][0]["day"]
    assert 0.0 <= day["least_share"] <= day["mean_share"] <= 1.0
    assert (tmp_path / "day-1-minimum-energy.png").is_file()


def test_r10_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At 5,000 km and 3 degrees an object is 1,931 km high (literature, 3.2)."""
    from tocsin.study.coverage import tables

    said = tables.lines(json.loads((folder / "summary.json").read_text()))
    assert any("at 5,000 km and 3° an object is 1,931 km high" in line for line in said)
    assert main(["horizon"]) == 0
    assert "1,931 km" in capsys.readouterr().out


def test_r13_by_one_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Oko: 9.3 h a day, one window of 490 min, three satellites fill the day (literature, section 7)."""
    assert main(["coverage", "r13", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["hours_a_day"] == pytest.approx(9.3, abs=0.25)
    assert told["longest_window_min"] == pytest.approx(490, abs=10)
    assert [row["one_sees_h"] == 24.0 for row in told["rows"][:3]] == [False, False, True]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere", "--target", "0,0", "--out", "x"], 'no network "nowhere"'),
        (["regional", "--out", "x"], "--target 52.52,13.40"),
        (["regional", "--target", "0,0"], "--out DIR"),
        (["regional", "--target", "Nowhereville", "--out", "x"], "no city of that name"),
        (["regional", "--target", "91,0", "--out", "x"], "latitude within 90"),
        (
            ["regional", "--target", "0,0", "--shape", "loopy", "--out", "x"],
            "minimum-energy, lofted, depressed",
        ),
        (["regional", "--target", "0,0", "--vehicle", "car", "--out", "x"], "short-range"),
        (
            ["regional", "--target", "0,0", "--step", "0.008", "--out", "x"],
            "cells, more than any memory here holds",
        ),
        (["regional", "--target", "0,0", "--step", "0.1", "--out", "x"], "or say --yes"),
        (["regional", "--target", "0,0", "--area", "50,0,40,10", "--out", "x"], "south below north"),
        (["regional", "--target", "0,0", "--time", "noon", "--out", "x"], "write UTC"),
        (
            ["russia", "--target", "0,0", "--time", "1990-01-01T00:00:00Z", "--step", "20", "--out", "x"],
            "--time",
        ),
    ],
)
def test_bad_input_is_told(
    words: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["coverage", *words]) == 2
    assert said in capsys.readouterr().err
