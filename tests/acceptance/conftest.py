"""How a recording is disturbed, processed and compared."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tocsin import journal
from tocsin.messages import Incoming
from tocsin.run import Outcome, process


@dataclass(frozen=True)
class Processed:
    """A processed recording: its folder and outcome."""

    path: Path
    outcome: Outcome

    @property
    def warnings(self) -> bytes:
        return (self.path / "warnings.jsonl").read_bytes()

    def counts(self, *but: str) -> dict[str, Any]:
        """Return the summary without what differs between any two runs, and without `but`."""
        return {k: v for k, v in self.outcome.summary.items() if k not in ("wall_s", "manifest", *but)}


@pytest.fixture
def processed(tmp_path: Path) -> Callable[..., Processed]:
    """Write messages into a file, process it, and give the result."""

    def work(messages: Iterable[Incoming] | Path, name: str = "a", **options: Any) -> Processed:
        file = messages if isinstance(messages, Path) else tmp_path / f"{name}.jsonl"
        if not isinstance(messages, Path):
            with journal.Writer(file) as writer:
                for message in messages:
                    writer.append(message)
        return Processed(tmp_path / name, process([file], tmp_path / name, **options))

    return work
