"""What the runs of a study are made of."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tocsin.errors import ConfigError
from tocsin.study.distribution import Distribution
from tocsin.study.plan import decode, load, studies

Write = Callable[[str], Path]


def small(text: str) -> str:
    return f'title = "Small"\nscenario = "short"\nseed = 7\n{text}'


@given(st.lists(st.integers(1, 4), min_size=0, max_size=4), st.integers(1, 3))
def test_runs_are_every_point_for_every_repeat(sizes: list[int], repeats: int) -> None:
    names = [f"launch.0.key{k}" for k in range(len(sizes))]
    grid = "".join(f'"{name}" = {list(range(size))}\n' for name, size in zip(names, sizes, strict=True))
    plan = decode(small(f"runs = {repeats}\n[grid]\n{grid}"), "s.toml", Path())
    rows = [tuple(plan.parameters(index).values()) for index in range(plan.total)]
    assert rows == list(itertools.product(*(range(size) for size in sizes))) * repeats
    assert all(list(plan.parameters(index)) == names for index in range(plan.total))


def test_a_run_is_the_same_alone_and_draws_belong_to_the_repeat() -> None:
    text = "runs = 50\n[grid]\nnoise_scale = [1, 3]\n[draw]\nlaunch.0.azimuth_deg = { uniform = [0, 360] }\n"
    plan, again = (decode(small(text), "s.toml", Path()) for _ in range(2))
    assert [plan.parameters(i) for i in range(100)] == [again.parameters(i) for i in reversed(range(100))][
        ::-1
    ]
    drawn = [plan.parameters(i)["launch.0.azimuth_deg"] for i in range(100)]
    assert drawn[::2] == drawn[1::2]
    assert len(set(drawn)) == 50
    other = decode(small(text).replace("seed = 7", "seed = 8"), "s.toml", Path())
    assert other.parameters(0) != plan.parameters(0)
    longer = decode(small(text).replace("runs = 50", "runs = 60"), "s.toml", Path())
    assert [longer.parameters(i) for i in range(100)] == [plan.parameters(i) for i in range(100)]


LAWS = {
    "{ uniform = [-20, 60] }": stats.uniform(-20, 80),
    "{ normal = [5, 2] }": stats.norm(5, 2),
    "{ log-uniform = [0.1, 10] }": stats.loguniform(0.1, 10),
}


@pytest.mark.parametrize("written", LAWS)
def test_draws_follow_their_law(written: str) -> None:
    plan = decode(small(f'runs = 4000\n[draw]\n"launch.0.x" = {written}'), "s.toml", Path())
    values = [plan.parameters(i)["launch.0.x"] for i in range(4000)]
    assert stats.kstest(values, LAWS[written].cdf).pvalue > 0.01


def test_a_choice_is_fair() -> None:
    shape = Distribution("choice", ("a", "b", "c"))
    random = np.random.Generator(np.random.Philox(1))
    counts = np.unique([shape.value(random) for _ in range(3000)], return_counts=True)[1]
    assert stats.chisquare(counts).pvalue > 0.01


def test_dots_may_stand_in_a_quoted_key_or_make_tables() -> None:
    quoted = decode(small('runs = 1\n[grid]\n"tracking.gate" = [9, 16]\n'), "s.toml", Path())
    tables = decode(small("runs = 1\n[grid]\ntracking.gate = [9, 16]\n"), "s.toml", Path())
    nested = decode(small("runs = 1\n[grid.tracking]\ngate = [9, 16]\n"), "s.toml", Path())
    assert quoted.grid == tables.grid == nested.grid == {"tracking.gate": (9, 16)}


def test_a_grid_of_a_thousand_million_points_costs_nothing_to_read() -> None:
    grid = "\n".join(f'"launch.0.k{k}" = {list(range(1000))}' for k in range(3))
    plan = decode(small(f"runs = 1\n[grid]\n{grid}"), "s.toml", Path())
    assert plan.total == 10**9
    assert list(plan.parameters(123_456_789).values()) == [123, 456, 789]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("runs = 0", "runs: "),
        ("", "runs"),
        ("runs = 3\n[grid]\nnoise_scale = []", "an empty list leaves no runs"),
        ("runs = 3\n[grid]\nnoise_scale = 2", "write a list of values"),
        ("runs = 3\n[gird]\nnoise_scale = [2]", 'unknown key "gird"; did you mean "grid"?'),
        ("runs = 3\n[grid]\nseed = [2]", '"seed" cannot vary'),
        (
            "runs = 3\n[grid]\nnoise_scale = [2]\n[draw]\nnoise_scale = { uniform = [1, 2] }",
            "both in [grid] and in",
        ),
        ("runs = 3\n[draw]\nnoise_scale = { unifrm = [1, 2] }", "not a distribution; write one of"),
        ("runs = 3\n[draw]\nnoise_scale = 3", "not a distribution; write one of"),
        ("runs = 3\n[draw]\nnoise_scale = { uniform = [2, 1] }", "2 is not below 1"),
        ("runs = 3\n[draw]\nnoise_scale = { uniform = [2] }", "takes two numbers"),
        ("runs = 3\n[draw]\nnoise_scale = { log-uniform = [0, 1] }", "both must be above zero"),
        ("runs = 3\n[draw]\nnoise_scale = { normal = [0, 0] }", "sigma must be above zero"),
        ("runs = 3\n[draw]\nnoise_scale = { choice = [] }", "choice = [one, or, another]"),
        ("runs = 3\n[grid]\nscenario = ['nowhere']", 'no scenario "nowhere"'),
        ("runs = 3\nnoise_scale = nan", "noise_scale"),
        ("runs = ", "not TOML"),
    ],
)
def test_what_cannot_be_a_study_is_named(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        decode(small(text), "s.toml", Path())
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_scenario_is_needed() -> None:
    with pytest.raises(ConfigError, match="scenario = "):
        decode('title = "T"\nruns = 1\n', "s.toml", Path())


def test_a_scenario_stands_beside_its_study(study_file: Write) -> None:
    plan = load(study_file("runs = 1\n"))
    assert plan.sources["tiny"].file == "tiny.toml"


def test_bundled_studies_can_be_read() -> None:
    assert {"demo-monte-carlo", "noise"} <= set(studies())
    assert load("demo-monte-carlo").total == 1000
    assert load("noise").points == 2
    with pytest.raises(ConfigError, match="bundled are: background, demo-monte-carlo, noise"):
        load("no-such-study")
