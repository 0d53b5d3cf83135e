"""Runs that many tests look at, made once, and the profile of Hypothesis for compiled code.

What a fixture needs is imported where it is needed: a test of one room loads no other.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    import pandas as pd

    from tocsin.messages import Ellipse, Incoming, Warning
    from tocsin.run import Outcome
    from tocsin.simulation import Recording, Scenario
    from tocsin.simulation.truth import Body, Truth

HANGS = 20.0  # times what was asked: a machine may be slow by this much, beyond it the work does not end
Pace = Callable[[float], AbstractContextManager[None]]

# Compiling a kernel takes longer than Hypothesis lets one example take.
settings.register_profile("compiled", deadline=None)
settings.load_profile("compiled")


@dataclass(frozen=True)
class Finished:
    """A finished run: its folder, its outcome and, where it was simulated, the truth."""

    path: Path
    outcome: Outcome
    truth: Truth | None = None

    @property
    def summary(self) -> dict[str, Any]:
        return self.outcome.summary

    @property
    def recording(self) -> Path:
        return self.path / "recording.jsonl.gz"

    @cached_property
    def versions(self) -> list[Warning]:
        from tocsin.formats.jsonl import decode_event
        from tocsin.messages import Warning

        lines = (self.path / "warnings.jsonl").read_bytes().splitlines()
        return [event for line in lines if isinstance(event := decode_event(line), Warning)]

    @cached_property
    def messages(self) -> list[Incoming]:
        from tocsin import journal
        from tocsin.messages import Rejected

        return [m for m, _ in journal.read([self.recording]) if not isinstance(m, Rejected)]

    @cached_property
    def updates(self) -> pd.DataFrame:
        import pandas as pd

        return pd.read_parquet(self.path / "updates.parquet")

    @property
    def alerts(self) -> list[Path]:
        return sorted((self.path / "alerts").glob("*.xml"))


def finished(name: str, path: Path) -> Finished:
    """Run a bundled scenario into `path` and keep the truth it was made from."""
    from tocsin.run import run
    from tocsin.simulation import load
    from tocsin.simulation.truth import happen

    scenario: Scenario = load(name)
    return Finished(path, run(scenario, path), happen(scenario))


@pytest.fixture
def pace(request: pytest.FixtureRequest) -> Pace:
    """`with pace(asked):` says what took longer than the seconds asked, and fails only where work does not end.

    How fast a thing is depends on the machine; `make bench` measures it.
    """

    @contextmanager
    def within(asked: float) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        took = time.perf_counter() - begun
        if took > asked:
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                warnings.warn(f"{request.node.name}: {took:.2f} s, asked are {asked:g}", stacklevel=3)
        assert took < HANGS * asked, f"took {took:.0f} s where {asked:g} are asked: does it end?"

    return within


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The demonstration, run as `make demo` runs it."""
    return finished("demo", tmp_path_factory.mktemp("runs") / "demo")


@pytest.fixture(scope="session")
def exercise_run(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The demonstration as an exercise, with other draws."""
    return finished("exercise", tmp_path_factory.mktemp("runs") / "exercise")


@pytest.fixture(scope="session")
def demo_recording() -> Recording:
    """What the demonstration's sensors send, without decisions, and the truth."""
    from tocsin.simulation import load, simulate

    return simulate(load("demo"))


@pytest.fixture(scope="session")
def alpha(demo_recording: Recording) -> Body:
    """The demonstration's one vehicle."""
    return demo_recording.truth.body("alpha")


def _inside(ellipse: Ellipse, centre: tuple[float, float], place: tuple[float, float]) -> bool:
    """Say whether a place (latitude, longitude) [deg] lies in an ellipse about a centre. Offsets by pymap3d."""
    import numpy as np
    import pymap3d

    east, north, _ = pymap3d.geodetic2enu(*place, 0.0, *centre, 0.0)
    bearing = np.radians(ellipse.bearing_deg)
    along = east * np.sin(bearing) + north * np.cos(bearing)
    across = east * np.cos(bearing) - north * np.sin(bearing)
    return bool((along / ellipse.semi_major_m) ** 2 + (across / ellipse.semi_minor_m) ** 2 <= 1.0)


@pytest.fixture(scope="session")
def inside() -> Any:
    """Give the test of containment."""
    return _inside
