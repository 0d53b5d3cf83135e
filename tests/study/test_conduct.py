"""A study is the same whoever does it, however often it is killed, and whatever fails in it."""

import errno
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest

from tocsin.errors import ConfigError
from tocsin.study import conduct, folder, only, study, workers
from tocsin.study.plan import load

Write = Callable[[str], Path]
Pace = Callable[[float], AbstractContextManager[None]]

RESULTS = ("runs.parquet", "objects.parquet", "summary.json", "report.html")


def contents(path: Path) -> dict[str, bytes]:
    return {name: (path / name).read_bytes() for name in RESULTS}


def test_two_workers_give_the_same_bytes(one: tuple[Path, Path], tmp_path: Path) -> None:
    file, alone = one
    outcome = study(file, tmp_path / "two", workers=2)
    assert contents(tmp_path / "two") == contents(alone)
    assert outcome.failed == 0
    assert len(pd.read_parquet(tmp_path / "two" / "timing.parquet")["worker"].unique()) == 2
    assert sorted(p.name for p in (tmp_path / "two").iterdir()) == sorted(
        [*RESULTS, "lock", "study.json", "timing.parquet"]
    )


def test_one_run_alone_is_its_row(one: tuple[Path, Path], tmp_path: Path) -> None:
    file, alone = one
    rows = only(file, 5, tmp_path / "run")
    for name, found in (("runs", rows.runs), ("objects", rows.objects)):
        table = pd.read_parquet(alone / f"{name}.parquet")
        expected = table[table["run"] == 5].reset_index(drop=True)
        mine = pd.DataFrame(found, columns=table.columns).astype(expected.dtypes)
        pd.testing.assert_frame_equal(mine, expected, check_exact=True)
    assert (tmp_path / "run" / "report.html").is_file()
    with pytest.raises(ConfigError, match="no run 8; runs are 0 to 7"):
        only(file, 8)


def test_a_finished_study_is_not_done_again(one: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    file, alone = one
    before = contents(alone)
    monkeypatch.setattr(conduct, "trial", None)
    said: list[str] = []
    study(file, alone, workers=1, say=said.append)
    assert contents(alone) == before
    assert "nothing is left to do" in said[0]


def test_killed_midway_it_goes_on(one: tuple[Path, Path], tmp_path: Path) -> None:
    """Twice: kill it without warning once it has done some more, then let it end. Its workers end with it."""
    file, alone = one
    out = tmp_path / "killed"
    parts = out / "parts"
    command = [
        sys.executable,
        "-m",
        "tocsin.cli",
        "study",
        str(file),
        "--out",
        str(out),
        "--quiet",
        "--workers",
    ]
    chance = random.Random(11)
    kept = [0]
    for workers_ in ("2", "1"):
        process = subprocess.Popen([*command, workers_])
        until = time.monotonic() + 120
        while len(list(parts.glob("??????"))) <= kept[-1] and process.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.1))
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (len(children) >= 2) == (workers_ == "2")
        assert not psutil.wait_procs(children, timeout=20)[1]
        kept.append(len(list(parts.glob("??????"))))
    assert kept == sorted(kept)
    assert 0 < kept[1] < kept[2] < 8
    assert subprocess.run([*command, "1"], check=False).returncode == 0
    assert contents(out) == contents(alone)


KILLER = """
import os, random, signal, sys, time
from pathlib import Path
from tocsin.study import load, study
from tocsin.study.trial import trial

file, out = Path(sys.argv[1]), Path(sys.argv[2])
trial(load(file), 0)  # what is compiled is loaded once, not by each child
chance = random.Random(137)
kept = {}


def parts():
    return {p.name: p.stat().st_ino for p in (out / "parts").glob("??????")} if out.exists() else {}


for kill in range(10):
    child = os.fork()
    if child == 0:
        study(file, out, workers=1)
        os._exit(0)
    while kill % 2 and len(parts()) <= len(kept):  # every second child gets to do something
        time.sleep(0.001)
    time.sleep(chance.uniform(0.0, 0.2))
    os.kill(child, signal.SIGKILL)
    died = os.WTERMSIG(os.waitpid(child, 0)[1])
    now = parts()
    print(died, len(now), sum(now.get(name) != inode for name, inode in kept.items()), flush=True)
    kept = now
study(file, out, workers=1)
study(file, out.with_name("whole"), workers=1)
"""


def test_killed_ten_times_at_random_nothing_is_lost_and_nothing_doubled(
    study_file: Write, tmp_path: Path
) -> None:
    """A real process, a real SIGKILL, whatever it is doing: parts that were there stay the very same files."""
    file = study_file("runs = 50\n[grid]\nduration_s = [60]\n")
    done = subprocess.run(
        [sys.executable, "-c", KILLER, str(file), str(tmp_path / "killed")],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    rows = [[int(word) for word in line.split()] for line in done.stdout.splitlines()]
    assert [died for died, _, _ in rows] == [signal.SIGKILL] * 10
    assert [lost for _, _, lost in rows] == [0] * 10
    kept = [there for _, there, _ in rows]
    assert kept == sorted(kept)
    assert 5 <= kept[-1] < 50
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
    runs = pd.read_parquet(tmp_path / "killed" / "runs.parquet")["run"]
    assert list(runs) == list(range(50))


def test_a_worker_killed_costs_nothing(one: tuple[Path, Path], tmp_path: Path) -> None:
    file, alone = one
    killed: list[int] = []

    def kill(done: int, total: int) -> None:
        if not killed and 0 < done < total:
            child = multiprocessing.active_children()[0]
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
            killed.append(child.pid)

    outcome = study(file, tmp_path / "k", workers=2, on_progress=kill)
    assert killed
    assert outcome.failed == 0
    assert contents(tmp_path / "k") == contents(alone)


def test_a_run_that_takes_its_process_with_it_is_a_row(
    one: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chunk of a module that worker processes find, in which run 3 ends the process."""
    (tmp_path / "deadly.py").write_text(
        "import os\nfrom tocsin.study import workers\n\n\n"
        "def chunk(plan, runs):\n    if 3 in runs:\n        os._exit(9)\n    return workers._chunk(plan, runs)\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import deadly  # type: ignore[import-not-found]

    monkeypatch.setattr(workers, "_chunk", deadly.chunk)
    file, alone = one
    outcome = study(file, tmp_path / "d", workers=2)
    found, whole = (pd.read_parquet(p / "runs.parquet") for p in (tmp_path / "d", alone))
    assert outcome.failed == 1
    assert found.loc[3, "error"] == workers.DIED
    pd.testing.assert_frame_equal(
        found.drop(index=3), whole.drop(index=3), check_exact=True, check_dtype=False
    )


def test_a_run_that_fails_is_a_row_and_the_others_go_on(study_file: Write, tmp_path: Path) -> None:
    text = "runs = 2\n[grid]\nlaunch.0.range_m = [280_000, 90_000_000]\nlaunch.0.azimuth_deg = [60]\n"
    outcome = study(study_file(text), tmp_path / "f", workers=1)
    runs = pd.read_parquet(tmp_path / "f" / "runs.parquet")
    assert list(runs["error"].isna()) == [True, False, True, False]
    assert list(runs["seed"]) == [7] * 4
    assert list(runs["warnings"].isna()) == [False, True, False, True]
    assert [entry["run"] for entry in outcome.summary["errors"]] == [1, 3]
    assert outcome.summary["all"]["objects"] == 2
    assert "reaches at most" in (tmp_path / "f" / "report.html").read_text(encoding="utf-8")


def test_a_scenario_with_nothing_in_it_can_be_studied(tmp_path: Path) -> None:
    path = tmp_path / "nothing.toml"
    path.write_text(
        'title = "N"\nscenario = "quiet"\nruns = 1\n[grid]\nduration_s = [120]\nnoise_scale = [1, 2]\n',
        encoding="utf-8",
    )
    summary = study(path, tmp_path / "o", workers=1).summary
    assert (summary["all"]["runs"], summary["all"]["objects"], summary["all"]["warned"]["share"]) == (
        2,
        0,
        None,
    )
    assert "There was nothing to find" in (tmp_path / "o" / "report.html").read_text(encoding="utf-8")


def test_the_page_holds_all_it_needs(one: tuple[Path, Path]) -> None:
    page = (one[1] / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 5
    assert "SIMULATION" in page
    assert "noise_scale 3" in page
    assert not [word for word in ("http://", "https://", "<script", "src=") if word in page]


# ------------------------------------------------------------------------------------------------- bad input


def test_too_many_runs_are_refused_with_what_they_would_take(
    study_file: Write, tmp_path: Path, pace: Pace
) -> None:
    launch = {"time_s": 20, "latitude_deg": 16, "longitude_deg": -30, "azimuth_deg": 60, "height_m": 0}
    scales = dict.fromkeys(("noise_scale", "real_noise_scale", "clutter_scale", "delay_max_s"), 1)
    paths = {f"launch.0.{name}": v for name, v in launch.items()} | {
        f"settings.{name}": v for name, v in scales.items()
    }
    grid = "\n".join(f'"{path}" = {[v + k / 100 for k in range(10)]}' for path, v in paths.items())
    plan = load(study_file(f"runs = 1\n[grid]\n{grid}\n"))
    assert plan.total == 10**9
    with (
        pace(30.0),
        pytest.raises(
            ConfigError, match=r"1,000,000,000 runs take about [\d,]+ days with .* [GT]B; --yes runs it"
        ),
    ):
        study(plan, tmp_path / "o", workers=2)
    assert not (tmp_path / "o").exists()


def test_a_full_disk_keeps_what_is_done(
    one: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, alone = one
    real, written = folder._write, []

    def full(rows: Any, path: Path) -> None:
        written.append(path)
        if len(written) == 11:  # the second table of the fourth part
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(rows, path)

    monkeypatch.setattr(folder, "_write", full)
    with pytest.raises(ConfigError, match="No space left on device; 3 of 8 runs are kept"):
        study(file, tmp_path / "o", workers=1)
    monkeypatch.setattr(folder, "_write", real)
    said: list[str] = []
    study(file, tmp_path / "o", workers=1, say=said.append)
    assert "going on after 3 of 8 runs" in said[0]
    assert contents(tmp_path / "o") == contents(alone)


def test_a_disk_without_room_is_refused(
    one: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 1000

    monkeypatch.setattr(conduct.shutil, "disk_usage", lambda _: Usage)
    with pytest.raises(ConfigError, match="only 1 kB are free there"):
        study(one[0], tmp_path / "o", workers=1)


def test_a_scheduler_that_is_not_there_is_told_soon(
    one: tuple[Path, Path], tmp_path: Path, pace: Pace
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    for address, says in (
        (f"tcp://127.0.0.1:{port}", "no Dask scheduler answers"),
        ("somewhere", "is no address of a scheduler; write tcp://host:8786"),
    ):
        with pace(10.0), pytest.raises(ConfigError, match=says):
            study(one[0], tmp_path / "o", scheduler=address)


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_a_stranger_who_answers_is_told_from_a_scheduler(
    one: tuple[Path, Path], tmp_path: Path, greeting: bytes
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            caller, _ = server.accept()
            caller.sendall(greeting)
            caller.close()

        threading.Thread(target=answer, daemon=True).start()
        port = server.getsockname()[1]
        with pytest.raises(ConfigError, match="is no Dask scheduler"):
            study(one[0], tmp_path / "o", scheduler=f"tcp://127.0.0.1:{port}")


def test_workers_are_one_or_more(one: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="write 1 or more"):
        study(one[0], tmp_path / "o", workers=0)
