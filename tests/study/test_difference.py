"""Two runs or two studies: equal ones are the same whatever their numbers, others differ in what is said."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tocsin import run as chain
from tocsin.cli import main
from tocsin.errors import ConfigError
from tocsin.simulation import library
from tocsin.study.difference import difference, figures

from .conftest import SCENARIO

Copy = Callable[[Path, str], Path]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The small world twice, with other draws."""
    place = tmp_path_factory.mktemp("diff")
    (place / "tiny.toml").write_text(SCENARIO, encoding="utf-8")
    scenario = library.load(str(place / "tiny.toml"))
    for number in (0, 1):
        chain.run(scenario, place / f"run-{number}", run=number)
    return place / "run-0", place / "run-1"


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    def made(folder: Path, name: str) -> Path:
        return Path(shutil.copytree(folder, tmp_path / name))

    return made


def rewrite(folder: Path, change: Callable[[dict], dict | None]) -> None:
    """Change every version of every warning; None drops it."""
    file = folder / "warnings.jsonl"
    changed = [change(json.loads(line)) for line in file.read_text().splitlines()]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in changed if row is not None))


def test_equal_runs_are_the_same(
    runs: tuple[Path, Path], copy: Copy, capsys: pytest.CaptureFixture[str]
) -> None:
    other = copy(runs[0], "again")
    summary = json.loads((other / "summary.json").read_text())
    summary["wall_s"] += 1.0
    (other / "summary.json").write_text(json.dumps(summary))
    assert difference(runs[0], other).same
    assert main(["diff", str(runs[0]), str(other)]) == 0
    assert capsys.readouterr().out.endswith("1 in both, 0 only in a, 0 only in b\nthe same\n")


def test_numbers_do_not_matter(runs: tuple[Path, Path], copy: Copy) -> None:
    other = copy(runs[0], "renumbered")
    rewrite(other, lambda row: row | {"id": "W-20260516-0099", "event": "E-20260516-0099"})
    found = difference(runs[0], other)
    assert (found.both, found.only_a, found.only_b, found.changed) == (1, [], [], [])


def test_what_moved_is_said_and_the_code_is_1(
    runs: tuple[Path, Path], copy: Copy, capsys: pytest.CaptureFixture[str]
) -> None:
    """One tenth of a degree north is 11.06 km there (by the length of a degree of latitude at 16.5°)."""
    other = copy(runs[0], "moved")

    def north(row: dict) -> dict:
        if row["version"] >= 5:
            row["launch"]["latitude_deg"] += 0.1
        return row

    rewrite(other, north)
    assert main(["diff", str(runs[0]), str(other), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    (change,) = told["changed"]
    assert not told["same"]
    assert change["from_version"] == 5
    assert change["fields"] == ["launch"]
    assert change["launch_moved_m"] == pytest.approx(11_067, rel=1e-3)
    assert "impact_moved_m" not in change


@pytest.mark.parametrize(("degrees", "same_object"), [(0.4, True), (0.5, False)])
def test_the_match_rule_pairs(runs: tuple[Path, Path], copy: Copy, degrees: float, same_object: bool) -> None:
    """50 km are 0.452° of latitude; beyond, one is only in a and one only in b."""
    other = copy(runs[0], "far")

    def moved(row: dict) -> dict:
        row["launch"]["latitude_deg"] += degrees
        return row

    rewrite(other, moved)
    found = difference(runs[0], other)
    assert (found.both, len(found.only_a), len(found.only_b)) == ((1, 0, 0) if same_object else (0, 1, 1))


def test_other_draws_differ_in_figures_too(runs: tuple[Path, Path]) -> None:
    found = difference(*runs)
    assert not found.same
    moved = {figure.path: (figure.a, figure.b) for figure in found.figures}
    summaries = [json.loads((run / "summary.json").read_text()) for run in runs]
    assert moved["objects.alpha.launch_error_m"] == tuple(
        s["objects"][0]["launch_error_m"] for s in summaries
    )
    assert not [path for path in moved if path.startswith(("wall_s", "manifest"))]
    assert [figure.path for figure in found.made] == ["run"]


def test_a_warning_that_is_missing_is_named(runs: tuple[Path, Path], copy: Copy) -> None:
    other = copy(runs[0], "silent")
    rewrite(other, lambda _: None)
    found = difference(runs[0], other)
    assert [row["id"] for row in found.only_a] == ["W-20260516-0001"]
    assert difference(other, other).same


def test_two_studies(one: tuple[Path, Path], copy: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    _, folder = one
    assert difference(folder, copy(folder, "same")).same
    other = copy(folder, "other")
    objects = pd.read_parquet(other / "objects.parquet")
    objects["impact_error_m"] *= 0.5
    objects.loc[3, "warning"] = None
    objects.to_parquet(other / "objects.parquet")
    found = difference(folder, other)
    assert found.only_a == [{"run": 3, "object": "alpha"}]
    (change,) = found.changed
    assert change["figure"] == "impact_error_m"
    assert (
        change["differ"] == change["of"] == change["smaller_in_b"] == objects["impact_error_m"].notna().sum()
    )
    assert change["median_change"] == pytest.approx(-np.nanmedian(objects["impact_error_m"]), rel=1e-5)
    assert main(["diff", str(folder), str(other)]) == 1
    assert "smaller in b" in capsys.readouterr().out


def test_figures_that_are_only_on_one_side_differ() -> None:
    assert [(f.path, f.a, f.b) for f in figures({"x": 1, "y": [1, 2]}, {"y": [1, 3], "z": {"w": 2}})] == [
        ("x", 1, None), ("y", [1, 2], [1, 3]), ("z.w", None, 2),
    ]  # fmt: skip


def test_what_cannot_be_compared_is_said(
    runs: tuple[Path, Path], one: tuple[Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="compare two of a kind"):
        difference(runs[0], one[1])
    with pytest.raises(ConfigError, match=r"neither a run's folder \(warnings.jsonl\) nor a study's"):
        difference(runs[0], tmp_path)
    (tmp_path / "study.json").write_text("{}")
    with pytest.raises(ConfigError, match="not finished"):
        difference(one[1], tmp_path)
    assert main(["diff", str(runs[0]), str(tmp_path)]) == 2
