"""A study's folder: parts as they come, each whole or not there, and the tables when all are.

`study.json` says what is being run; `parts/00042` holds the three tables of one chunk of runs and appears by renaming;
`summary.json` appears last. Whatever is killed in between is found again.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from tocsin.errors import ConfigError
from tocsin.formats import toml
from tocsin.study import contender
from tocsin.study.plan import Plan
from tocsin.study.tables import NAMES, Rows, schemas, table

MANIFEST, SUMMARY, PARTS, LOCK = "study.json", "summary.json", "parts", "lock"
CHUNKS_WANTED: Final = 200
LONGEST_CHUNK: Final = 50


def chunk_length(plan: Plan) -> int:
    """Return the number of runs in a part: of the study alone, so that any workers make the same parts."""
    return min(max(1, -(-plan.total // CHUNKS_WANTED)), LONGEST_CHUNK)


def chunk_count(plan: Plan) -> int:
    """Return the number of parts."""
    return -(-plan.total // chunk_length(plan))


def chunk(plan: Plan, number: int) -> range:
    """Return the runs of one part."""
    length = chunk_length(plan)
    return range(number * length, min((number + 1) * length, plan.total))


class Folder:
    """The folder of one study, held by one process at a time."""

    def __init__(self, path: Path, plan: Plan) -> None:
        """Name the folder; nothing is touched."""
        self.path = path
        self.plan = plan
        self.schemas = schemas(plan)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder, or find it as an earlier run of the same study left it, and keep others out."""
        _verify_ours(self.path)
        try:
            (self.path / PARTS).mkdir(parents=True, exist_ok=True)
            lock = (self.path / LOCK).open("w")
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be written: {error.strerror}") from None
        with lock:
            _lock(lock, self.path)
            self._verify_same()
            for left in (self.path / PARTS).glob("*.part"):
                shutil.rmtree(left, ignore_errors=True)
            yield

    @property
    def finished(self) -> bool:
        """Say whether all is done and gathered."""
        return (self.path / SUMMARY).is_file()

    def done(self) -> set[int]:
        """Return the numbers of the parts that are there and whole."""
        names = (entry.name for entry in os.scandir(self.path / PARTS))
        return {int(name) for name in names if name.isdecimal() and self._whole(int(name))}

    def add(self, number: int, rows: Rows) -> None:
        """Write a part; it is there whole or not at all."""
        place = self._part(number)
        making = place.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        for name in NAMES:
            _write(table(getattr(rows, name), self.schemas[name]), making / f"{name}.parquet")
        making.rename(place)

    def gather(self) -> None:
        """Make the tables of the parts, in the order of the runs."""
        for name in NAMES:
            making = self.path / f"{name}.parquet.part"
            with pq.ParquetWriter(making, self.schemas[name], compression="zstd") as writer:
                for rows in self._batches(name):
                    writer.write_table(rows, row_group_size=2**20)
            making.replace(self.path / f"{name}.parquet")

    def close(self, summary: dict[str, Any]) -> None:
        """Write the summary, which says that all is done, and drop the parts."""
        making = self.path / f"{SUMMARY}.part"
        making.write_text(json.dumps(summary, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        making.replace(self.path / SUMMARY)
        self.drop_parts()

    def drop_parts(self) -> None:
        """Drop the parts of a finished study."""
        shutil.rmtree(self.path / PARTS, ignore_errors=True)

    def _batches(self, name: str) -> Iterator[pa.Table]:
        """Yield the rows of the parts some ten thousand at a time: groups worth reading, memory that stays flat."""
        waiting: list[pa.Table] = []
        for number in range(chunk_count(self.plan)):
            with pq.ParquetFile(self._part(number) / f"{name}.parquet") as part:
                waiting.append(part.read())
            if sum(rows.num_rows for rows in waiting) >= 10_000:
                yield pa.concat_tables(waiting).combine_chunks()
                waiting = []
        yield pa.concat_tables(waiting or [self.schemas[name].empty_table()]).combine_chunks()

    def _part(self, number: int) -> Path:
        return self.path / PARTS / f"{number:06d}"

    def _whole(self, number: int) -> bool:
        """Say whether a part can be read; one that a power cut left empty is dropped."""
        try:
            counts = [pq.read_metadata(self._part(number) / f"{name}.parquet").num_rows for name in NAMES]
        except (OSError, pa.ArrowInvalid):
            counts = []
        if counts and counts[0] == counts[2] == len(chunk(self.plan, number)):
            return True
        shutil.rmtree(self._part(number), ignore_errors=True)
        return False

    def _verify_same(self) -> None:
        """Write down what is run; where it stands already, it must be the same."""
        place = self.path / MANIFEST
        ours = manifest(self.plan)
        if not place.is_file():
            place.with_suffix(".part").write_text(json.dumps(ours, indent=1) + "\n", encoding="utf-8")
            place.with_suffix(".part").replace(place)
            return
        theirs = json.loads(place.read_text(encoding="utf-8"))
        if theirs["hash"] != ours["hash"]:
            said = "; ".join(_changes(theirs, ours))
            raise ConfigError(f"{self.path} holds another study: {said}; take it back, or name a new --out")


def manifest(plan: Plan) -> dict[str, Any]:
    """Say what a study is made of: its keys, and hashes of the scenarios and networks it reads."""
    keys = json.loads(json.dumps(toml.tables(plan.text, plan.file), default=str))
    read = {f"scenario {name}": _hash(source.text) for name, source in plan.sources.items()}
    for source in plan.sources.values():
        read |= {f"network {name}": _hash(text) for name, text in source.networks.items()}
        read |= {f"ephemeris {name}": _hash(text) for name, text in source.ephemerides.items()}
    if plan.tracker is not None:
        name, its_hash = contender.source(plan.tracker)
        read |= {f"tracker {name}": its_hash}
    made = {"study": keys, "reads": read, "version": version("tocsin"), "code": plan.code}
    return made | {"hash": _hash(json.dumps(made, sort_keys=True)), "file": plan.file, "runs": plan.total}


def _changes(theirs: dict[str, Any], ours: dict[str, Any]) -> Iterator[str]:
    pairs = [(theirs[part], ours[part], part == "study") for part in ("study", "reads")]
    for before, now, shown in pairs:
        for key in dict.fromkeys([*before, *now]):
            if before.get(key) != now.get(key):
                yield f"{key} was {before.get(key)}, now {now.get(key)}" if shown else f"{key} has changed"
    if theirs["version"] != ours["version"]:
        yield f"Tocsin was {theirs['version']}, now {ours['version']}"
    elif theirs["code"] != ours["code"]:
        yield "the code of Tocsin has changed"


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _write(rows: pa.Table, path: Path) -> None:
    pq.write_table(rows, path, compression="zstd")


def _verify_ours(path: Path) -> None:
    if path.is_file():
        raise ConfigError(f"{path} is a file; --out names a folder")
    strange = path.is_dir() and not (path / MANIFEST).is_file()
    if strange and [entry for entry in path.iterdir() if entry.name not in (PARTS, LOCK, "study.part")]:
        raise ConfigError(f"{path} is not empty and not a study's folder; name a new one")


def _lock(lock: IO[str], path: Path) -> None:
    """Keep the folder until this process ends, however it ends."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConfigError(f"{path} is in use: this study is being run there now") from None
