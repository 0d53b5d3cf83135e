"""The command as the system starts it: pipes, signals, terminals."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time as clock
from contextlib import contextmanager
from pathlib import Path

import pytest

from .conftest import sight, sound

TOCSIN = [sys.executable, "-m", "tocsin.cli"]


def lines(count: int) -> bytes:
    looks = [sight(2.0 * k) for k in range(count)]
    return "".join(f"{json.dumps(line)}\n" for line in [*sound()[:2], *looks]).encode()


def test_a_stream_comes_as_it_happens_and_bad_lines_with_it(tmp_path):
    with subprocess.Popen([*TOCSIN, "process", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        run.stdin.write(b"nonsense\n")
        run.stdin.flush()
        ready, _, _ = select.select([run.stdout], [], [], 120)
        assert ready, "nothing came though the input was still open"
        first = json.loads(run.stdout.readline())
        assert (first["kind"], first["file"], first["line"]) == ("rejected", "-", 1)
        rest, _ = run.communicate(lines(5), timeout=120)
        assert rest == b""
    assert run.returncode == 1


def test_standard_input_into_a_folder_streams_too(tmp_path):
    out = tmp_path / "out"
    run = subprocess.run(
        [*TOCSIN, "process", "-", "--out", str(out), "--no-report"], input=b"nonsense\n" + lines(5),
        capture_output=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert json.loads(run.stdout)["kind"] == "rejected"
    assert json.loads((out / "summary.json").read_text())["scans"] == 5


def test_empty_standard_input_is_code_3():
    run = subprocess.run([*TOCSIN, "process", "-"], input=b"", capture_output=True, check=False)
    assert run.returncode == 3
    assert b"empty" in run.stderr


@pytest.mark.parametrize("command", [["schema"], ["process", "-"]])
def test_a_reader_who_leaves_is_no_error(command):
    with subprocess.Popen(
        [*TOCSIN, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        run.stdout.close()
        try:
            run.stdin.write(b"nonsense\n" * 1000)
            run.stdin.close()
        except BrokenPipeError:
            pass
        told = run.stderr.read()
        run.wait(120)
    assert told == b""
    assert run.returncode == 0


def test_a_reader_who_leaves_does_not_stop_the_work(tmp_path):
    recording = tmp_path / "a.jsonl"
    recording.write_bytes(b"nonsense\n" * 10 + lines(20))
    out = tmp_path / "out"
    words = [*TOCSIN, "process", str(recording), "--out", str(out), "--no-report"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        run.stdout.close()
        told = run.stderr.read()
        run.wait(120)
    assert (run.returncode, told) == (1, b"")
    assert json.loads((out / "summary.json").read_text())["scans"] == 20


@contextmanager
def interrupts(handler):
    """Have what is started meanwhile inherit how interrupts are met: a test run in the background ignores them."""
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def begun(out, handler):
    """Start a run on half of its input, wait for its first word, and give the process."""
    with (
        interrupts(handler),
        subprocess.Popen(
            [*TOCSIN, "process", "-", "--out", str(out), "--no-report"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as run,
    ):  # fmt: skip
        run.stdin.write(b"nonsense\n" + lines(300))
        run.stdin.flush()
        assert run.stdout.readline()
        yield run


def test_an_interrupted_run_leaves_a_folder_that_can_be_read(tmp_path):
    out = tmp_path / "out"
    with begun(out, signal.default_int_handler) as run:
        clock.sleep(0.5)
        run.send_signal(signal.SIGINT)
        run.wait(120)  # its input stays open: only the interrupt ends it
        told = run.stderr.read()
    assert run.returncode == 130, told
    assert b"interrupted" in told
    assert b"Traceback" not in told
    for command in (["report", str(out)], ["check", str(out / "recording.jsonl.gz")]):
        done = subprocess.run([*TOCSIN, *command], capture_output=True, check=False)
        assert done.returncode == 0, (done.stdout, done.stderr)


def test_what_a_shell_put_into_the_background_is_not_interrupted(tmp_path):
    out = tmp_path / "out"
    with begun(out, signal.SIG_IGN) as run:
        run.send_signal(signal.SIGINT)
        told = run.communicate(timeout=120)[1]
    assert (run.returncode, told) == (1, b"")
    assert json.loads((out / "summary.json").read_text())["scans"] == 300


def test_a_terminal_without_unicode_is_served(tmp_path):
    recording = tmp_path / "a.jsonl"
    recording.write_bytes(lines(5) + b"nonsense\n")
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    words = [*TOCSIN, "process", str(recording), "--out", str(tmp_path / "out"), "--no-report"]
    run = subprocess.run(words, capture_output=True, check=False, env=environment)
    assert (run.returncode, run.stderr) == (1, b"")
    assert b"every ? is 95 %" in run.stdout


def test_on_a_terminal_the_bar_is_gone_in_the_end_and_the_story_stays(tmp_path):
    recording = tmp_path / "a.jsonl"
    recording.write_bytes(b"nonsense\n" + lines(400))
    words = [*TOCSIN, "process", str(recording), "--out", str(tmp_path / "out"), "--no-report"]
    code, screen = on_terminal(words)
    assert code == 1
    assert "not JSON" in screen
    assert "processing" in screen  # the bar was there
    assert screen.rstrip().endswith(f"results: {tmp_path / 'out'}")


def on_terminal(words: list[str]) -> tuple[int, str]:
    """Run a command on a pseudo-terminal and return its exit code and all it wrote."""
    parent, child = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "300", "NO_COLOR": "1"}
    with subprocess.Popen(
        words, stdout=child, stderr=child, stdin=subprocess.DEVNULL, env=environment
    ) as run:
        os.close(child)
        parts = []
        while True:
            try:
                part = os.read(parent, 65536)
            except OSError:
                break
            if not part:
                break
            parts.append(part)
        run.wait(120)
    os.close(parent)
    return run.returncode, b"".join(parts).decode()


def test_the_console_script_is_the_same_command():
    script = Path(sys.executable).parent / "tocsin"
    if not script.exists():
        pytest.skip("not installed as a console script")
    run = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("tocsin ")
