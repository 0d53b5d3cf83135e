"""A person's interrupt, heard wherever it comes.

Python raises KeyboardInterrupt between two steps of whatever runs. In a finalizer, and in a function that C calls back,
as LLVM does while a kernel is compiled, there is nobody to raise it to: the interpreter reports it as ignored and goes
on. A compiled kernel that makes arrays of what it returns does not look whether its call back into Python failed: it
ends as another error or takes the process with it. Such an interrupt is raised again a moment later, or only then. A
process started with its interrupts ignored, as a shell starts what it runs in the background, keeps ignoring them.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs
    from types import FrameType

AGAIN_S: Final = 0.02  # long enough to be out of most finalizers; if not, it comes once more
UNCHECKED: Final = "_numba_unpickle"  # Numba 0.68's function that kernels call and do not look after


@contextmanager
def heard() -> Iterator[None]:
    """Raise KeyboardInterrupts where they are heard, while this lasts; they come in the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    report = sys.unraisablehook

    def insist(lost: "UnraisableHookArgs") -> None:
        if issubclass(lost.exc_type, KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, AGAIN_S, AGAIN_S)
        else:
            report(lost)

    signals = [signal.SIGALRM]
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signals.append(signal.SIGINT)
    handled = {number: signal.signal(number, _interrupt) for number in signals}
    sys.unraisablehook = insist
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        sys.unraisablehook = report
        for number, handler in handled.items():
            signal.signal(number, handler)


def _interrupt(_number: int, frame: "FrameType | None") -> None:
    """Raise the interrupt; till here it is called for again and again, lest it come just before a wait for input."""
    while frame is not None:
        if frame.f_code.co_name == UNCHECKED:
            signal.setitimer(signal.ITIMER_REAL, AGAIN_S, AGAIN_S)
            return
        frame = frame.f_back
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    raise KeyboardInterrupt
