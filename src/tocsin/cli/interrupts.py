"""A person's interrupt, heard wherever it comes.

Python raises KeyboardInterrupt between two steps of whatever runs. In a finalizer, and in a function that C calls back,
as LLVM does while a kernel is compiled, there is nobody to raise it to: the interpreter reports it as ignored and goes
on. Such an interrupt is raised again a moment later. Where a compiled function turns one into an error of its own, it
is turned back. A process started with its interrupts ignored, as a shell starts
what it runs in the background, keeps ignoring them.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tocsin.errors import interrupted

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

AGAIN_S: Final = 0.02  # long enough to be out of most finalizers; if not, it comes once more


@contextmanager
def heard() -> Iterator[None]:
    """Raise KeyboardInterrupts that were swallowed or disguised, while this lasts; they come in the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    report = sys.unraisablehook

    def insist(lost: "UnraisableHookArgs") -> None:
        if issubclass(lost.exc_type, KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, AGAIN_S, AGAIN_S)
        else:
            report(lost)

    handled = signal.signal(signal.SIGALRM, _again)
    sys.unraisablehook = insist
    try:
        yield
    except SystemError as error:
        if interrupted(error):
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        sys.unraisablehook = report
        signal.signal(signal.SIGALRM, handled)


def _again(*_: object) -> None:
    """Raise the interrupt; till here it is called for again and again, lest it come just before a wait for input."""
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    raise KeyboardInterrupt
