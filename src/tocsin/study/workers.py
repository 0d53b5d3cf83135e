"""Where chunks of runs are done: in this process, in processes of this machine, or on a Dask cluster.

Every way gives back the same rows: a run knows nothing of who does it. A worker that dies is no lost study: what it was
doing is done again one run at a time, and a run that takes its process with it becomes a row that says so.
"""

import itertools
import multiprocessing
import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait as wait_for
from multiprocessing.synchronize import Event
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from tocsin.errors import ConfigError
from tocsin.study.plan import Plan, code
from tocsin.study.tables import Rows, cells
from tocsin.study.trial import heading, rows

SCHEDULER_WAIT_S: Final = 4
LONGEST_GREETING: Final = 65_536  # bytes
CHANCES: Final = 2  # as many processes may die in one run before it is given up
ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
DIED: Final = "the process that did this run died of it: killed for its memory, or a fault in compiled code"

Chunks = Iterator[tuple[int, range]]
Done = Iterator[tuple[int, Rows]]


class Workers(Protocol):
    """Those who do chunks."""

    @property
    def count(self) -> int:
        """Say how many runs are done at once."""
        ...

    def work(self, plan: Plan, chunks: Chunks) -> Done:
        """Do chunks in any order."""
        ...


class Here:
    """This process alone."""

    count = 1

    def work(self, plan: Plan, chunks: Chunks) -> Done:
        """Do chunks one after the other."""
        for number, runs in chunks:
            yield number, rows(plan, runs)


class Processes:
    """Processes of this machine, begun afresh where one dies. Linear algebra keeps to one thread in each."""

    def __init__(self, count: int) -> None:
        """Begin nothing yet."""
        self.count = count
        self._context = multiprocessing.get_context("spawn")
        self._stop = self._context.Event()
        self._pool = self._pool_of(count)

    def work(self, plan: Plan, chunks: Chunks) -> Done:
        """Do chunks, two waiting for each process."""
        waiting: dict[Future[Rows], tuple[int, range]] = {}
        while True:
            broken = not self._fill(plan, chunks, waiting)
            if not waiting:
                return
            done = set() if broken else wait(waiting, return_when=FIRST_COMPLETED).done
            for future in done:
                if isinstance(future.exception(), BrokenProcessPool):
                    broken = True
                else:
                    number, _ = waiting.pop(future)
                    yield number, future.result()
            if broken:
                yield from self._again(plan, sorted(waiting.values(), key=lambda item: item[0]))
                waiting.clear()

    def close(self) -> None:
        """Stop after the runs at hand."""
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _fill(self, plan: Plan, chunks: Chunks, waiting: dict[Future[Rows], tuple[int, range]]) -> bool:
        """Hand out chunks; say whether the pool took them."""
        while len(waiting) < 2 * self.count:
            item = next(chunks, None)
            if item is None:
                return True
            try:
                waiting[self._pool.submit(_chunk, plan, item[1])] = item
            except BrokenProcessPool:
                waiting[Future()] = item
                return False
        return True

    def _again(self, plan: Plan, items: list[tuple[int, range]]) -> Done:
        """Do again what was at hand when a process died, one run at a time."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._pool_of(1)
        for number, runs in items:
            gathered = Rows([], [], [])
            for run in runs:
                gathered.extend(self._alone(plan, run))
            yield number, gathered
        self._pool.shutdown()
        self._pool = self._pool_of(self.count)

    def _alone(self, plan: Plan, run: int) -> Rows:
        for _ in range(CHANCES):
            try:
                return self._pool.submit(_chunk, plan, range(run, run + 1)).result()
            except BrokenProcessPool:
                self._pool = self._pool_of(1)
        return died(plan, run)

    def _pool_of(self, count: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(count, self._context, initializer=_begin, initargs=(self._stop,))


class Dask:
    """The workers of a Dask cluster that is there already. Dask itself does again what a lost worker was doing."""

    def __init__(self, scheduler: str) -> None:
        """Connect; raise ConfigError where nobody answers, or Dask is not installed."""
        try:
            import distributed  # noqa: PLC0415 - an optional engine
        except ImportError:
            raise ConfigError(
                "--scheduler needs Dask, which is not installed: pip install 'tocsin[cluster]'"
            ) from None
        _knock(scheduler)
        connect: Any = distributed.Client
        try:
            self._client = connect(scheduler, timeout=SCHEDULER_WAIT_S, set_as_default=False)
        except Exception as error:  # whatever Dask makes of an answer that is not its own
            why = str(error).partition("\n")[0] or type(error).__name__
            raise ConfigError(f"no Dask scheduler answers at {scheduler}: {why}") from None

    @property
    def count(self) -> int:
        """Return the number of threads the cluster has now, or one where its workers are yet to come."""
        return max(1, sum(self._client.nthreads().values()))

    def work(self, plan: Plan, chunks: Chunks) -> Done:
        """Do chunks, two waiting for each thread of the cluster."""
        from distributed import KilledWorker  # noqa: PLC0415

        pool: Executor = self._client.get_executor(pure=False)
        waiting: dict[Future[Rows], tuple[int, range]] = {}
        while True:
            for item in itertools.islice(chunks, max(0, 2 * self.count - len(waiting))):
                waiting[pool.submit(_elsewhere, plan, item[1])] = item
            if not waiting:
                return
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                number, runs = waiting.pop(future)
                if isinstance(future.exception(), KilledWorker):
                    yield number, self._alone(pool, plan, runs, KilledWorker)
                else:
                    yield number, future.result()

    def close(self) -> None:
        """Leave the cluster as it was."""
        self._client.close()

    def _alone(self, pool: Executor, plan: Plan, runs: range, killed: type[Exception]) -> Rows:
        """Do again, run by run, a chunk that took several workers with it."""
        gathered = Rows([], [], [])
        for run in runs:
            try:
                single = pool.submit(_elsewhere, plan, range(run, run + 1)).result()
            except killed:
                single = died(plan, run)
            gathered.extend(single)
        return gathered


@contextmanager
def hired(workers: int, scheduler: str | None) -> Iterator[Workers]:
    """Give those who work: a cluster, processes, or this process where one is enough."""
    if scheduler is None and workers == 1:
        yield Here()
        return
    with _one_thread():
        hands = Dask(scheduler) if scheduler is not None else Processes(workers)
        try:
            yield hands
        finally:
            hands.close()


def died(plan: Plan, run: int) -> Rows:
    """Return the row of a run that took its process with it."""
    row = heading(plan, run) | cells(plan, plan.parameters(run)) | {"error": DIED}
    return Rows([row], [], [{"run": run}])


def _elsewhere(plan: Plan, runs: range) -> Rows:
    """Do a chunk on a machine that has a Tocsin of its own."""
    if code() != plan.code:
        raise ConfigError(
            f"worker {socket.gethostname()} has another Tocsin than this one; install the same there"
        )
    return rows(plan, runs)


def _chunk(plan: Plan, runs: range) -> Rows:
    """Do a chunk in a worker process, up to the run at which all is to stop."""
    assert _STOP is not None
    gathered = Rows([], [], [])
    for run in runs:
        if _STOP.is_set():
            raise InterruptedError("the study was stopped")
        gathered.extend(rows(plan, (run,)))
    return gathered


_STOP: Event | None = None


def _begin(stop: Event) -> None:
    """Begin a worker process: it leaves an interrupt to its parent and ends when that is gone."""
    import signal  # noqa: PLC0415

    global _STOP  # noqa: PLW0603 - set once, before the first chunk
    _STOP = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow(sentinel: int) -> None:
        wait_for([sentinel])
        os._exit(1)

    threading.Thread(target=follow, args=(parent.sentinel,), daemon=True).start()


def _knock(scheduler: str) -> None:
    """Raise ConfigError where nobody listens, or somebody who does not greet as a scheduler does.

    Dask's own client would wait for long and then fail in many ways. A scheduler speaks first: the length of its
    greeting in eight bytes, little-endian (distributed/comm/tcp.py, 2026).
    """
    parts = urlsplit(scheduler)
    try:
        port = parts.port
    except ValueError:
        port = None
    if not parts.hostname or port is None:
        raise ConfigError(f'"{scheduler}" is no address of a scheduler; write tcp://host:8786')
    try:
        with socket.create_connection((parts.hostname, port), SCHEDULER_WAIT_S) as caller:
            if parts.scheme != "tcp":
                return
            caller.settimeout(SCHEDULER_WAIT_S)
            greeting = int.from_bytes(caller.recv(8), "little")
    except OSError as error:
        raise ConfigError(f"no Dask scheduler answers at {scheduler}: {error}") from None
    if not 0 < greeting < LONGEST_GREETING:
        raise ConfigError(f"what answers at {scheduler} is no Dask scheduler")


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let processes begun meanwhile keep their linear algebra to one thread: the runs are what is parallel."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
