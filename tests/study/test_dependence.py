"""What results go with what was drawn, on tables made to go together."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tocsin.study.dependence import dependence
from tocsin.study.plan import Plan, decode
from tocsin.study.tables import OBJECTS

DRAW = (
    "[draw]\nlaunch.0.azimuth_deg = { uniform = [0, 360] }\nnoise_scale = { log-uniform = [1, 3] }\n"
    'network = { choice = ["demo", "civil"] }\n'
)
AZIMUTH, NOISE = "launch.0.azimuth_deg", "noise_scale"


@pytest.fixture
def plan() -> Plan:
    text = f'title = "t"\nscenario = "demo"\nruns = 3\n[grid]\nduration_s = [60, 90]\n{DRAW}'
    return decode(text, "s.toml", Path())


def tables(count: int, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two points a repeat, an object a run: the impact error grows with the noise, the first warning falls with it."""
    random = np.random.Generator(np.random.Philox(seed))
    azimuth, noise = random.uniform(0, 360, count), random.uniform(1, 3, count)
    run = np.arange(2 * count)
    runs = pd.DataFrame({"run": run, "repeat": run // 2, AZIMUTH: azimuth[run // 2], NOISE: noise[run // 2]})
    objects = pd.DataFrame(index=run, columns=OBJECTS.names)
    objects["run"], objects["warning"] = run, "w"
    objects["first_warning_s"] = 100.0 - runs[NOISE] ** 3
    objects["impact_error_m"] = np.exp(runs[NOISE]) + 1e-3 * (run % 2)
    objects["launch_error_m"] = random.normal(size=2 * count) + 0.5 * runs[NOISE]
    return runs, objects


def test_what_always_grows_is_one_and_what_always_falls_minus_one(plan: Plan) -> None:
    runs, objects = tables(50)
    rows = {(row["path"], row["result"]): row for row in dependence(plan, runs, objects)}
    grows, falls = rows[NOISE, "impact error"], rows[NOISE, "first warning"]
    assert (grows["of"], grows["correlation"], grows["low"], grows["high"]) == (50, 1.0, 1.0, 1.0)
    assert falls["correlation"] == -1.0
    assert {path for path, _ in rows} == {AZIMUTH, NOISE}
    assert (NOISE, "warned of") not in rows  # all were
    sizes = [abs(row["correlation"]) for row in dependence(plan, runs, objects)]
    assert sizes == sorted(sizes, reverse=True)


def test_the_correlation_is_spearmans(plan: Plan) -> None:
    runs, objects = tables(80)
    rows = {(row["path"], row["result"]): row for row in dependence(plan, runs, objects)}
    means = np.abs(objects["launch_error_m"].to_numpy(float)).reshape(-1, 2).mean(axis=1)
    for path in (AZIMUTH, NOISE):
        expected = stats.spearmanr(runs[path].to_numpy()[::2], means).statistic
        row = rows[path, "launch error"]
        assert row["correlation"] == pytest.approx(expected, abs=6e-4)
        assert row["low"] < row["correlation"] < row["high"]


def test_intervals_hold_nothing_where_there_is_nothing(plan: Plan) -> None:
    """Of 60 studies in which the heading does nothing, about 57 intervals hold zero."""
    held = 0
    for seed in range(60):
        runs, objects = tables(40, seed)
        objects[["first_warning_s", "impact_error_m"]] = np.nan
        runs[NOISE] = 1.0
        rows = {(row["path"], row["result"]): row for row in dependence(plan, runs, objects)}
        held += rows[AZIMUTH, "launch error"]["low"] <= 0 <= rows[AZIMUTH, "launch error"]["high"]
    assert 52 <= held <= 60


def test_of_few_repeats_nothing_is_told(plan: Plan) -> None:
    assert dependence(plan, *tables(9)) == []
    runs, objects = tables(30)
    assert dependence(plan, runs, objects.iloc[:0]) == []
