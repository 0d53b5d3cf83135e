"""The same study on a Dask cluster of two workers, one of which is killed midway."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tocsin.errors import ConfigError
from tocsin.study import plan as plans
from tocsin.study import study
from tocsin.study.workers import _elsewhere

Write = Callable[[str], Path]

distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")


def test_a_cluster_that_loses_a_worker_gives_the_same_bytes(one: tuple[Path, Path], tmp_path: Path) -> None:
    file, alone = one
    killed: list[int] = []
    options: dict[str, Any] = {
        "n_workers": 2,
        "threads_per_worker": 1,
        "processes": True,
        "dashboard_address": None,
    }
    with distributed.LocalCluster(**options, protocol="tcp", silence_logs=50) as cluster:

        def kill(done: int, total: int) -> None:
            if not killed and 0 < done < total:
                nanny = next(iter(cluster.workers.values()))
                os.kill(nanny.pid, signal.SIGKILL)
                killed.append(nanny.pid)

        outcome = study(file, tmp_path / "cluster", scheduler=cluster.scheduler_address, on_progress=kill)
    assert killed
    assert outcome.failed == 0
    for name in ("runs.parquet", "objects.parquet", "summary.json", "report.html"):
        assert (tmp_path / "cluster" / name).read_bytes() == (alone / name).read_bytes(), name


def test_a_worker_with_another_program_is_refused(study_file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plans.load(study_file("runs = 1\n"))
    monkeypatch.setattr("tocsin.study.workers.code", lambda: "another")
    with pytest.raises(ConfigError, match="has another Tocsin than this one"):
        _elsewhere(plan, range(1))
