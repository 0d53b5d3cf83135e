"""The terminal: lines on standard output, a bar and notes on standard error, a word while kernels compile."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress

from numba.core.event import Event, Listener, install_listener
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

Advance = Callable[[int, int], None]


class Terminal:
    """Say things to a person, if anybody listens. A reader who leaves (`| head`) does not stop the work."""

    def __init__(self, talks: bool = True) -> None:
        """Open standard output and error; unless it `talks`, notes are all that is said."""
        self.talks = talks
        self._out = _Console(file=sys.stdout, highlight=False, soft_wrap=True)
        self._err = _Console(file=sys.stderr, highlight=False, soft_wrap=True)
        self._bar: Progress | None = None

    @property
    def watched(self) -> bool:
        """Say whether a person sees standard error."""
        return bool(self._err.is_terminal)

    def say(self, text: str | Text) -> None:
        """Print a line of the story."""
        if not self.talks:
            return
        both = self._bar is not None and self._out.is_terminal
        (self._err if both else self._out).print(text if isinstance(text, Text) else Text(text))

    def note(self, text: str) -> None:
        """Tell the operator something on standard error, also when all else is quiet."""
        self._err.print(Text(f"tocsin: {text}"))

    @contextmanager
    def progress(self, what: str) -> Iterator[Advance]:
        """Show a bar with the time left while work goes on: call what this gives with (done, total)."""
        if not (self.talks and self.watched):
            yield _unseen
            return
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self._err, transient=True, redirect_stdout=False) as bar:
            task = bar.add_task(what, total=None)
            self._bar = bar
            try:
                yield lambda done, total: bar.update(task, completed=done, total=total or None)
            finally:
                self._bar = None

    @contextmanager
    def compiling(self) -> Iterator[None]:
        """Say so when kernels are compiled meanwhile, and afterwards how long it took."""
        listener = _Compiling(lambda: self.say("compiling kernels, once; this can take minutes"))
        try:
            with install_listener("numba:compile", listener) if self.talks else nullcontext():
                yield
        finally:
            if listener.seconds >= 0.5:
                self.say(f"compiling took {listener.seconds:.0f} s; the next start finds it done")


class _Compiling(Listener):
    """Time the outermost compilations; what comes from the cache is not compiled and not heard of."""

    def __init__(self, begun: Callable[[], None]) -> None:
        self.seconds = 0.0
        self._begun = begun
        self._depth = 0
        self._since = 0.0
        self._told = False

    def on_start(self, event: Event) -> None:
        if self._depth == 0:
            self._since = time.perf_counter()
            if not self._told:
                self._told = True
                self._begun()
        self._depth += 1

    def on_end(self, event: Event) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.seconds += time.perf_counter() - self._since


class _Console(Console):
    """A console that falls silent when its reader has gone."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


def _unseen(done: int, total: int) -> None:
    """Take progress that nobody watches."""
