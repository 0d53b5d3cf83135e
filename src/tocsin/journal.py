"""Recordings as files: read and merge them in order of arrival, write them, say what a run was made from.

A file's compression is told by its first bytes, not its name. What precedes damage is always read: the
fault is raised after the last message.
"""

import gzip
import hashlib
import heapq
import io
import math
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import msgspec
import zstandard

from tocsin.errors import ConfigError, InputError
from tocsin.formats import jsonl
from tocsin.messages import SECOND, Incoming, Notification, Place, Rejected, Scan

LONGEST_LINE = 64 * 2**20  # bytes; a scan of 100,000 detections has 15 million
JUMP = (
    86_400 * SECOND
)  # a time further ahead than this counts for the order of files only once a second agrees
STANDARD_INPUT = "-"

Read = tuple[Incoming | Rejected, Place]
Progress = Callable[[int, int], None]

_CHUNK, _PIECE = 2**18, 512
_WITNESSES = 8  # of the messages that wait, the latest so many can confirm a time
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_BOM_16 = (b"\xff\xfe", b"\xfe\xff")


def read(
    paths: Sequence[str | Path], on_progress: Progress | None = None, kind: str | None = None
) -> Iterator[Read]:
    """Yield the messages of recordings in order of arrival, each with its place; `-` is standard input.

    Several files merge by `received` (without it: end of look, else `time`); a message without any keeps its
    place in its file. A line that cannot be used comes as `Rejected`. `kind`: lines that do not name this kind
    of message are passed over. `on_progress(done, total)` hears of bytes read of bytes to read. Raises
    `InputError` at once for a file that is not there, and after the last message for files that are empty,
    cut short or damaged.
    """
    if not paths:
        raise InputError("no recording was named")
    for path in paths:
        if str(path) != STANDARD_INPUT and not Path(path).is_file():
            raise InputError(
                f"{path} is {'a directory' if Path(path).is_dir() else 'not there'}; name a recording"
            )
    return _read([str(path) for path in paths], on_progress, kind)


def _read(paths: list[str], on_progress: Progress | None, kind: str | None) -> Iterator[Read]:
    faults: list[str] = []
    sizes = [0 if path == STANDARD_INPUT else Path(path).stat().st_size for path in paths]
    done = [0] * len(paths)

    def progress(i: int, count: int) -> None:
        done[i] = count
        if on_progress is not None:
            on_progress(sum(done), sum(sizes))

    with ExitStack() as stack:
        streams = []
        for i, path in enumerate(paths):
            file = sys.stdin.buffer if path == STANDARD_INPUT else stack.enter_context(_opened(path))
            streams.append(_messages(file, path, faults, lambda count, i=i: progress(i, count), kind))  # type: ignore[misc]
        if len(streams) == 1:
            yield from streams[0]
        else:
            yield from (item for _, item in heapq.merge(*map(_keyed, streams), key=lambda pair: pair[0]))
    if faults:
        raise InputError("; ".join(faults))


def _opened(path: str) -> io.BufferedReader:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None


# ------------------------------------------------------------------------------------------- lines of a file


def _messages(
    file: IO[bytes], name: str, faults: list[str], progress: Callable[[int], None], kind: str | None
) -> Iterator[Read]:
    """Yield what each line of `file` says; add what is wrong with the file as a whole to `faults`."""
    number = held = 0
    fault = ""
    wanted = b"" if kind is None else b'"%s"' % kind.encode()
    try:
        for number, line in enumerate(_lines(_chunks(file, progress)), 1):
            if line is None:
                held += 1
                why = f"the line is longer than {LONGEST_LINE // 2**20} MB"
                yield Rejected(file=name, line=number, field="", why=why), Place(name, number)
            elif line and not line.isspace():
                held += 1
                if wanted in line or b"\\u" in line:  # a name may be written in escapes
                    yield jsonl.decode_line(line, name, number), Place(name, number)
    except _CutShortError as error:
        fault = f"{name} is {error} after line {number}; what was read was processed"
    except _NotTextError as error:
        fault = f"{name} is not a recording: {error}"
    except OSError as error:
        fault = f"{name} cannot be read after line {number}: {error.strerror}"
    if not fault and not held:
        fault = f"{name} is empty"
    if fault:
        faults.append(fault)


class _CutShortError(Exception):
    """The compressed stream ends, or breaks, before its end; raised after all that could be read."""


class _NotTextError(Exception):
    """The bytes cannot be lines of text."""


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes | None]:
    """Split into lines without their ends; None for one too long. Damage is raised after what precedes it."""
    rest, too_long = b"", False
    damage: _CutShortError | None = None
    source = iter(chunks)
    while True:
        try:
            chunk = next(source, None)
        except _CutShortError as error:
            chunk, damage = None, error
        if chunk is None:
            break
        *whole, tail = chunk.split(b"\n")
        for line in whole:
            yield None if too_long or len(rest) + len(line) > LONGEST_LINE else rest + line
            rest, too_long = b"", False
        too_long = too_long or len(rest) + len(tail) > LONGEST_LINE
        rest = b"" if too_long else rest + tail
    if rest or too_long:
        yield None if too_long else rest
    if damage is not None:
        raise damage


def _chunks(file: IO[bytes], progress: Callable[[int], None]) -> Iterator[bytes]:
    """Yield the uncompressed bytes as they come; raise `_CutShortError` or `_NotTextError`."""
    raw = _raw(file, progress)
    head = b""
    while len(head) < 4 and (more := next(raw, b"")):
        head += more
    whole = _chained(head, raw)
    if head.startswith(_GZIP):
        yield from _text(_inflated(whole, lambda: zlib.decompressobj(31)))
    elif head.startswith(_ZSTD):
        yield from _text(_inflated(whole, zstandard.ZstdDecompressor().decompressobj))
    else:
        yield from _text(whole)


def _raw(file: IO[bytes], progress: Callable[[int], None]) -> Iterator[bytes]:
    count = 0
    read1 = (
        file.read1 if isinstance(file, io.BufferedReader) else file.read
    )  # what is there, without waiting for more
    while chunk := read1(_CHUNK):
        count += len(chunk)
        progress(count)
        yield chunk


def _chained(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from rest


def _text(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Pass text on, refusing what by its first bytes is none: NUL never occurs in JSON."""
    first = True
    for chunk in chunks:
        if first and (chunk.startswith(_BOM_16) or b"\0" in chunk[:4096]):
            raise _NotTextError(
                "UTF-16 text; write UTF-8" if chunk.startswith(_BOM_16) else "it holds binary data"
            )
        first = first and not chunk
        yield chunk


def _inflated(chunks: Iterator[bytes], new: Callable[[], Any]) -> Iterator[bytes]:
    """Decompress streams that may follow one another; say so if one breaks or the last one does not end.

    Small pieces, because what a piece held is lost when damage is found in it.
    """
    stream, begun, ended = new(), False, False
    for piece in (chunk[i : i + _PIECE] for chunk in chunks for i in range(0, len(chunk), _PIECE)):
        data = piece
        while data:
            try:
                out = stream.decompress(data)
            except (zlib.error, zstandard.ZstdError):
                if ended and not begun:
                    return  # padding after the last stream, which gzip allows
                raise _CutShortError("damaged") from None
            if out:
                yield out
            begun, ended = not stream.eof, ended or stream.eof
            data = stream.unused_data if stream.eof else b""
            stream = new() if stream.eof else stream
    if begun:
        raise _CutShortError("cut short")


# ---------------------------------------------------------------------------------------------- merging files


def arrival(message: Incoming | Rejected) -> int | None:
    """Return when a message arrived: `received`, else the end of its look, else its time, else None."""
    if message.received is not None:
        return message.received
    if isinstance(message, Scan):
        return message.end
    if isinstance(message, Notification):
        return None
    return getattr(message, "time", None)


def _keyed(messages: Iterator[Read]) -> Iterator[tuple[float, Read]]:
    """Give each message of a file the arrival by which files merge.

    Messages without a time go with the one before, or at the file's start with the one after. One wrong clock
    must not hold back the rest: a first time, and one over a day ahead, waits until the next confirms it.
    """
    last: int | None = None
    waiting: list[tuple[int | None, Read]] = []
    for item in messages:
        t = arrival(item[0])
        if t is None and last is not None and not waiting:
            yield last, item
            continue
        ahead = t is not None and (last is None or t > last + JUMP)
        if t is None or (ahead and not any(_agree(w, t) for w, _ in waiting[-_WITNESSES:])):
            waiting.append((t, item))
            continue
        yield from _settled(waiting, last, t)
        waiting, last = [], t
        yield t, item
    yield from _settled(waiting, last, None)


def _settled(
    waiting: list[tuple[int | None, Read]], last: int | None, t: int | None
) -> Iterator[tuple[float, Read]]:
    """Let go of those that waited: by their own time where it agrees with `t`, else with their neighbours."""
    times = [w for w, _ in waiting if w is not None and (t is None or _agree(w, t))]
    beside = last if last is not None else min(times, default=-math.inf if t is None else t)
    for w, held in waiting:
        yield (w if w is not None and t is not None and _agree(w, t) else beside), held


def _agree(w: int | None, t: int) -> bool:
    return w is not None and abs(t - w) <= JUMP


# --------------------------------------------------------------------------------------- writing and manifest


class Writer:
    """Write a recording, compressed by its name's ending (`.gz`, `.zst`): same messages, same bytes."""

    def __init__(self, path: str | Path) -> None:
        """Create or replace the file at `path`."""
        self._stack = ExitStack()
        try:
            file = Path(path).open("wb")  # noqa: SIM115 - closed by the stack
        except OSError as error:
            raise ConfigError(f"{path} cannot be written: {error.strerror}") from None
        self._file: Any = self._stack.enter_context(file)
        if str(path).endswith(".gz"):
            packed = gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0, compresslevel=6)
            self._file = self._stack.enter_context(packed)
        elif str(path).endswith(".zst"):
            self._file = self._stack.enter_context(zstandard.ZstdCompressor().stream_writer(file))

    def append(self, message: Incoming) -> None:
        """Write one message, exactly."""
        self._file.write(jsonl.encode_recorded(message) + b"\n")

    def close(self) -> None:
        """Finish the file."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def manifest(inputs: Iterable[str | Path], settings: Any = None, seed: int | None = None) -> dict[str, Any]:
    """Say what a result was made from: version, hashes of settings and inputs (SHA-256), seed."""
    return {
        "version": version("tocsin"),
        "config_sha256": hashlib.sha256(msgspec.json.encode(settings, order="deterministic")).hexdigest(),
        "inputs": [_fingerprint(str(path)) for path in inputs],
        "seed": seed,
    }


def _fingerprint(path: str) -> dict[str, Any]:
    if path == STANDARD_INPUT:
        return {"file": path, "sha256": None, "bytes": None}
    with _opened(path) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"file": Path(path).name, "sha256": digest, "bytes": Path(path).stat().st_size}
