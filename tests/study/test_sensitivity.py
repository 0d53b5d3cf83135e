"""Elasticities: errors grow as the noise does, all noise together by one for one; runs agree with what is drawn."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tocsin.cli import main
from tocsin.errors import ConfigError
from tocsin.simulation import library
from tocsin.study import sensitivity
from tocsin.study.sensitivity import MEASURES, Sensitivity, by_bounds, frame

from .conftest import SCENARIO


@pytest.fixture(scope="module")
def bounds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Sensitivity]]:
    path = tmp_path_factory.mktemp("sensitivity") / "tiny.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path, by_bounds(library.load(str(path)))


def test_all_noise_together_counts_one_for_one(bounds: tuple[Path, list[Sensitivity]]) -> None:
    """A bound is homogeneous in all sigmas; the vehicle's 10 % is one of them and takes what is left to one."""
    by = np.array([row.by for row in bounds[1] if "sigma" in row.figure])
    assert (by > -0.01).all()
    assert (by.sum(axis=0) <= 1.001).all()
    assert (by.sum(axis=0) > 0.5).all()


def test_who_sees_more_errs_less(bounds: tuple[Path, list[Sensitivity]]) -> None:
    told = {(row.sensor, row.figure): row.by for row in bounds[1]}
    for sensor in ("geo-1", "geo-2"):
        assert told[sensor, "detection_probability"][0] < 0
    assert not [figure for _, figure in told if figure == "false_alarms_per_scan"]


def test_frame_and_command(
    bounds: tuple[Path, list[Sensitivity]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, found = bounds
    table = frame(found)
    assert list(table.columns[:4]) == ["launch", "sensor", "figure", "nominal"]
    assert main(["sensitivity", str(path), "--json", "--picture", str(tmp_path / "t.svg")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["launch_by"] for row in told] == pytest.approx([row.by[0] for row in found])
    assert (tmp_path / "t.svg").stat().st_size > 5_000
    assert main(["sensitivity", "quiet"]) == 2
    assert main(["sensitivity", str(path), "--runs", "2"]) == 2
    assert "--out DIR" in capsys.readouterr().err


def test_runs_find_the_power_that_was_put_in(tmp_path: Path) -> None:
    """Errors drawn as the square of a figure moved by 10 %: elasticity 2; a missing run is left out."""
    random = np.random.default_rng(1)
    drawn = random.normal(0, 100.0, 300)
    rows = []
    for run in range(600):
        repeat, point = divmod(run, 2)
        size = drawn[repeat] * (1.1 if point else 1 / 1.1) ** 2 * random.normal(1, 0.05)
        row = {"run": run, "point": point, "launch_error_m": size, "launch_time_error_s": np.nan}
        rows.append(
            row | {"impact_error_m": None if repeat == 7 else drawn[repeat], "impact_time_error_s": 0.0}
        )
    sensor = library.load("demo").sensors[0]
    low, high = sensor.los_sigma_urad / 1.1, sensor.los_sigma_urad * 1.1
    found = sensitivity._of_runs(pd.DataFrame(rows), "alpha", sensor, "los_sigma_urad", low, high)
    assert found.by[0] == pytest.approx(2.0, abs=0.1)
    assert found.low[0] < 2.0 < found.high[0]
    assert found.high[0] - found.low[0] < 0.3
    assert np.isnan(found.by[1])
    assert found.by[2] == pytest.approx(0.0, abs=1e-12)
    assert MEASURES[2] == "impact"


def test_a_picture_has_a_known_ending(bounds: tuple[Path, list[Sensitivity]], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ending in \.png or \.svg"):
        sensitivity.tornado(bounds[1], tmp_path / "t.bmp")


def test_a_probability_stays_one() -> None:
    sensor = library.load("demo").sensors[0]
    assert sensitivity._sides(sensor, "detection_probability", 0.1) == (pytest.approx(0.95 / 1.1), 1.0)
