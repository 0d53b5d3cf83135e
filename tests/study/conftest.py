"""A small world that is flown and processed in a fraction of a second, and studies of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

SCENARIO = """\
title = "Three minutes"
origin = "test"
start = 2026-05-16T09:00:00Z
duration_s = 180
network = "demo"

[[launch]]
id = "alpha"
vehicle = "short-range"
time_s = 20
latitude_deg = 16.5
longitude_deg = -30.5
azimuth_deg = 60.0
range_m = 280_000
"""
TEXT = "runs = 4\n[grid]\nnoise_scale = [1, 3]\n[draw]\nlaunch.0.azimuth_deg = { uniform = [0, 360] }\n"
HEAD = 'title = "Small"\nscenario = "tiny"\nseed = 7\n'


@pytest.fixture
def study_file(tmp_path: Path) -> Callable[[str], Path]:
    """Write a study of the small world and return its path; the text follows title, scenario and seed."""

    def write(text: str, name: str = "small.toml") -> Path:
        (tmp_path / "tiny.toml").write_text(SCENARIO, encoding="utf-8")
        path = tmp_path / name
        path.write_text(HEAD + text, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def one(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A study of eight runs done by this process alone: its file and its folder."""
    from tocsin.study import study

    place = tmp_path_factory.mktemp("study")
    (place / "tiny.toml").write_text(SCENARIO, encoding="utf-8")
    (place / "small.toml").write_text(HEAD + TEXT, encoding="utf-8")
    study(place / "small.toml", place / "one", workers=1)
    return place / "small.toml", place / "one"
