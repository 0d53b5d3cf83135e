"""An interrupt is heard also where Python can raise nothing."""

import ctypes
import os
import signal
import sys
import threading
import time

import numpy as np
import pytest

from tocsin.cli.interrupts import heard
from tocsin.tracking import _sight


class Finalized:
    """Be interrupted while this goes away."""

    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)


@ctypes.CFUNCTYPE(ctypes.c_int)
def called_from_c():
    """Be interrupted while C waits for an answer."""
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)
    return 0


@pytest.fixture(autouse=True)
def interruptible():
    """Meet interrupts as in the foreground, and leave no trace."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    signals = (signal.SIGINT, signal.SIGALRM)
    found = (sys.unraisablehook, *map(signal.getsignal, signals))
    yield
    assert (sys.unraisablehook, *map(signal.getsignal, signals)) == found
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("swallow", [Finalized, called_from_c])
def test_a_swallowed_interrupt_comes_again(swallow):
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), heard():
        swallow()
        time.sleep(5)
    assert time.monotonic() - began < 5, "it slept to its end"


def test_an_interrupt_waits_till_a_kernel_has_answered():
    x, P, u = np.eye(9)[0], np.eye(9), np.eye(3)
    given = (x, P, 0.1, 9.0 * u[0], -u[0], u[1], u[2], 1.0)
    _sight.update(*given)
    for _ in range(
        100
    ):  # four of five come where the kernel makes its arrays, and would be a SystemError or a crash
        with pytest.raises(KeyboardInterrupt), heard():
            signal.setitimer(signal.ITIMER_REAL, 0.001)
            while True:
                _sight.update(*given)


def test_swallowed_twice_it_comes_a_third_time():
    with pytest.raises(KeyboardInterrupt), heard():
        Finalized()
        Finalized()
        time.sleep(5)


def test_other_lost_errors_are_reported_as_before(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: told.append(lost.exc_type))

    class Broken:
        def __del__(self):
            raise ValueError

    with heard():
        Broken()
    assert told == [ValueError]


def test_another_thread_may_call_commands():
    worked = []

    def work():
        with heard():
            worked.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert worked
