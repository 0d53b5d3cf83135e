"""A study's folder: parts whole or not there, tables in order, and no other study in it."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import ConfigError
from tocsin.study.folder import Folder, chunk, chunk_count, chunk_length
from tocsin.study.plan import Plan, decode, load
from tocsin.study.tables import Rows, cells
from tocsin.study.trial import heading
from tocsin.study.world import verified

Write = Callable[[str], Path]


def plan_of(runs: int, more: str = "") -> Plan:
    return decode(f'title = "T"\nscenario = "short"\nruns = {runs}\n{more}', "s.toml", Path())


def prepared(path: Path) -> Plan:
    return verified(load(path))


def made_up(plan: Plan, runs: range) -> Rows:
    """Rows that nobody ran: two objects for every run."""
    heads = [heading(plan, i) | cells(plan, plan.parameters(i)) | {"warnings": i % 3} for i in runs]
    objects = [{"run": i, "point": i % plan.points, "object": name} for i in runs for name in ("a", "b")]
    return Rows(heads, objects, [{"run": i, "wall_s": 1.0} for i in runs])


@given(st.integers(1, 2_000_000))
def test_chunks_cover_every_run_once(runs: int) -> None:
    plan = plan_of(runs)
    count = chunk_count(plan)
    ends = [chunk(plan, 0).start, *(chunk(plan, n).stop for n in (0, count // 2, count - 1))]
    assert ends[0] == 0
    assert ends[-1] == runs
    assert all(
        chunk(plan, n).stop == chunk(plan, n + 1).start
        for n in {0, count // 2, max(count - 2, 0)}
        if n + 1 < count
    )
    assert sum(len(chunk(plan, n)) for n in range(min(count, 300))) == min(runs, 300 * chunk_length(plan))
    assert len(chunk(plan, count - 1)) > 0


def test_tables_are_in_the_order_of_the_runs_whatever_came_first(tmp_path: Path) -> None:
    plan = plan_of(150, "[grid]\nwithout = [[], ['radar-1', 'geo-1']]\n")
    folder = Folder(tmp_path / "s", plan)
    with folder.held():
        for number in reversed(range(chunk_count(plan))):
            folder.add(number, made_up(plan, chunk(plan, number)))
        folder.gather()
    runs = pd.read_parquet(tmp_path / "s" / "runs.parquet")
    assert list(runs["run"]) == list(range(300))
    assert list(runs["without"][:3]) == ["", "radar-1, geo-1", ""]
    assert list(pd.read_parquet(tmp_path / "s" / "objects.parquet")["run"][:5]) == [0, 0, 1, 1, 2]


def test_half_a_part_is_no_part(tmp_path: Path) -> None:
    plan = plan_of(900)
    folder = Folder(tmp_path, plan)
    with folder.held():
        for number in range(6):
            folder.add(number, made_up(plan, chunk(plan, number)))
        parts = sorted((tmp_path / "parts").iterdir())
        (parts[1] / "objects.parquet").unlink()  # as if files had been lost
        (parts[2] / "runs.parquet").write_bytes(b"")  # as a power cut leaves a file
        (parts[3] / "timing.parquet").write_bytes((parts[3] / "timing.parquet").read_bytes()[:-20])
        parts[4].rename(parts[4].with_suffix(".part"))  # killed before it was renamed
        assert folder.done() == {0, 5}
    with folder.held():
        assert folder.done() == {0, 5}
        assert not list((tmp_path / "parts").glob("*.part"))


def test_another_study_is_refused_and_what_changed_is_said(tmp_path: Path, study_file: Write) -> None:
    with Folder(tmp_path / "out", prepared(study_file("runs = 3\n"))).held():
        pass
    with Folder(tmp_path / "out", prepared(study_file("# a remark\nruns = 3\n"))).held():
        pass
    with (
        pytest.raises(ConfigError, match="another study: runs was 3, now 4; grid was None, now"),
        Folder(tmp_path / "out", prepared(study_file("runs = 4\n[grid]\nnoise_scale = [2]\n"))).held(),
    ):
        pass
    tiny = tmp_path / "tiny.toml"
    path = study_file("runs = 3\n")
    tiny.write_text(tiny.read_text(encoding="utf-8").replace("60.0", "61.0"), encoding="utf-8")
    with (
        pytest.raises(ConfigError, match="another study: scenario tiny has changed"),
        Folder(tmp_path / "out", prepared(path)).held(),
    ):
        pass


def test_a_study_of_another_program_is_refused(tmp_path: Path) -> None:
    plan = plan_of(3)
    with Folder(tmp_path, plan).held():
        pass
    place = tmp_path / "study.json"
    told = json.loads(place.read_text(encoding="utf-8"))
    place.write_text(json.dumps(told | {"code": "other", "hash": "other"}), encoding="utf-8")
    with pytest.raises(ConfigError, match="the code of Tocsin has changed"), Folder(tmp_path, plan).held():
        pass


def test_two_at_once_are_kept_apart(tmp_path: Path) -> None:
    plan = plan_of(3)
    with (
        Folder(tmp_path, plan).held(),
        pytest.raises(ConfigError, match="is in use"),
        Folder(tmp_path, plan).held(),
    ):
        pass
    with Folder(tmp_path, plan).held():
        pass


def test_what_is_not_ours_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    for path, says in ((tmp_path, "not a study's folder"), (tmp_path / "letter.txt", "is a file")):
        with pytest.raises(ConfigError, match=says), Folder(path, plan_of(3)).held():
            pass
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_a_result_cannot_be_varied(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='"repeat" cannot vary'):
        Folder(tmp_path, plan_of(1, "[grid]\nrepeat = [1]\n"))
