"""Another tracker under the same scores: who knows the truth errs by nothing; Tocsin as a stranger scores as itself."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tocsin.cli import main
from tocsin.errors import ConfigError
from tocsin.messages import Warning
from tocsin.pipeline import Pipeline
from tocsin.run.score import scored
from tocsin.run.tables import Tracks
from tocsin.sensors.radar import Radar
from tocsin.simulation import library, simulate
from tocsin.study import only, study
from tocsin.study.contender import Estimate, Place, load, named, verify, watch

Write = Callable[[str], Path]
EXAMPLE = Path(__file__).parents[2] / "examples" / "own_tracker.py"
ORACLE = """
import numpy as np
from pathlib import Path
from tocsin.earth.ellipsoid import geodetic_from_ecef
from tocsin.messages import SECOND, Instant, Scan
from tocsin.run.score import scored
from tocsin.run.tables import Tracks
from tocsin.sensors.radar import Radar
from tocsin.simulation import library
from tocsin.simulation.truth import happen
from tocsin.study.contender import Estimate, Place

BODY = happen(library.load(str(Path(__file__).parent / "tiny.toml"))).bodies[0]


class Knows:
    def __init__(self):
        self.now = None

    def take(self, message):
        if isinstance(message, Scan):
            self.now = message.end

    def tracks(self):
        since = (self.now - BODY.lift_off_time) / SECOND
        if not 30 < since < BODY.flight.t[-1]:
            return []
        x = BODY.flight.at(np.array([since]))[0]
        lat, lon, _ = np.degrees(geodetic_from_ecef(BODY.r_impact_ecef))
        pad = Place(latitude_deg=BODY.latitude_deg, longitude_deg=BODY.longitude_deg, time=BODY.lift_off_time,
                    sigma_m=1e3)
        end = Place(latitude_deg=float(lat), longitude_deg=float(lon), time=BODY.impact_time)
        return [Estimate(track=7, time=self.now, position_m=tuple(x[:3]), velocity_mps=tuple(x[3:]),
                         launch=pad, impact=end, covariance=np.eye(6).tolist())]


class Fails(Knows):
    def take(self, message):
        raise ZeroDivisionError("mine")


class Silent:
    def take(self, message):
        pass

    def tracks(self):
        return []


class Half:
    def take(self, message):
        pass
"""


@pytest.fixture
def world(study_file: Write, tmp_path: Path) -> tuple[Path, Path]:
    """A study of two runs, and a file of trackers beside it."""
    (tmp_path / "mine.py").write_text(ORACLE, encoding="utf-8")
    return study_file("runs = 2\n"), tmp_path / "mine.py"


def test_one_who_knows_the_truth_errs_by_nothing(world: tuple[Path, Path], tmp_path: Path) -> None:
    file, mine = world
    outcome = study(file, tmp_path / "o", workers=1, tracker=f"{mine}:Knows")
    objects = pd.read_parquet(tmp_path / "o" / "objects.parquet")
    runs = pd.read_parquet(tmp_path / "o" / "runs.parquet")
    assert outcome.failed == 0
    assert "<td>warned</td><td>2 of 2</td>" in outcome._repr_html_()
    assert outcome.summary["tracker"] == "mine.py:Knows"
    assert (objects["launch_error_m"] < 0.1).all()
    assert (objects["impact_error_m"] < 0.1).all()
    assert (objects["position_error_m"] < 0.01).all()
    assert (objects["nees"] < 1e-3).all()
    assert objects["launch_inside_50"].all()
    assert (runs["false_warnings"] == 0).all()
    assert (runs["missed"] == 0).all()
    assert objects["first_warning_s"].between(30, 45).all()
    assert (
        objects[["identity", "impact_semi_major_m", "impact_inside_95", "launch_time_sigma_s"]]
        .isna()
        .all(axis=None)
    )
    assert outcome.summary["all"]["identified"]["of"] == 0
    assert outcome.summary["all"]["impact"]["time_within_95"]["of"] == 0
    assert "Tracker: mine.py:Knows." in (tmp_path / "o" / "report.html").read_text(encoding="utf-8")


def test_tocsin_as_a_stranger_scores_as_itself(world: tuple[Path, Path]) -> None:
    """What Tocsin says, told as a stranger would tell it, is scored as Tocsin is."""

    class Tocsin:
        def __init__(self) -> None:
            self.pipeline, self.last = Pipeline(), {}

        def take(self, message) -> None:
            for event in self.pipeline.receive(message):
                if isinstance(event, Warning) and event.state_vector is not None and event.parent is None:
                    self.last[event.id] = event

        def tracks(self) -> list[Estimate]:
            told = []
            for number, name in enumerate(self.last):
                w = self.last[name]
                places = {
                    part: Place(latitude_deg=p.latitude_deg, longitude_deg=p.longitude_deg, time=p.time)
                    for part in ("launch", "impact") if (p := getattr(w, part)) is not None
                }  # fmt: skip
                v = w.state_vector
                told.append(
                    Estimate(
                        track=number,
                        time=v.time,
                        position_m=v.position_m,
                        velocity_mps=v.velocity_mps,
                        **places,
                    )
                )
            return told

    recording = simulate(library.load(str(world[1].with_name("tiny.toml"))), run=0, study="seed 7")
    pipeline = Pipeline()
    said = [event for message in recording.messages for event in pipeline.receive(message)]
    (ours,) = scored(recording.truth, [e for e in said if isinstance(e, Warning)], Tracks())["objects"]
    seen = watch(Tocsin(), recording.messages, "test")
    (theirs,) = scored(recording.truth, seen.versions, seen.tracks)["objects"]
    assert ours["launch_error_m"] is not None
    for name in ("launch_error_m", "launch_time_error_s", "impact_error_m", "impact_time_error_s"):
        assert theirs[name] == ours[name]
    assert theirs["first_warning_s"] >= ours["first_warning_s"]  # it hears at looks, two seconds behind


def test_the_silent_miss_everything(world: tuple[Path, Path]) -> None:
    rows = only(world[0], 0, tracker=f"{world[1]}:Silent")
    assert (rows.runs[0]["missed"], rows.runs[0]["warnings"], rows.objects[0].get("warning")) == (1, 0, None)


def test_one_who_raises_is_a_row_that_says_so(world: tuple[Path, Path]) -> None:
    rows = only(world[0], 0, tracker=f"{world[1]}:Fails")
    assert rows.runs[0]["error"].startswith("ZeroDivisionError: mine (study/contender.py:")


def test_the_example_follows_the_radar(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "demo-monte-carlo", "--only", "0", "--tracker", f"{EXAMPLE}:RadarKalman"]) == 0
    told = json.loads(capsys.readouterr().out)
    (body,) = told["objects"]
    assert told["run"]["missed"] == 0
    assert body["launch_error_m"] is None
    assert body["impact_error_m"] < 30_000
    assert body["position_error_m"] < 20_000  # it knows no air, and the last look is deep in it


def test_a_plot_is_placed_where_the_radar_means() -> None:
    """Against Tocsin's own radar: what it would measure there is what was measured; its noise comes back from `R`."""
    placed = sys.modules[load(f"{EXAMPLE}:RadarKalman").__module__].placed
    (sensor,) = [s for s in library.load("demo").sensors if s.type == "radar"]
    radar = Radar.from_message(sensor)
    z = np.array([8e5, np.radians(300.0), np.radians(25.0)])
    r, R = placed(radar, z[0], 300.0, 25.0)
    x = np.append(r, np.zeros(3))
    np.testing.assert_allclose(radar.predict(x[None])[0, :3], z, rtol=1e-9)
    H = radar.jacobian(x[None])[0, :3, :3]
    np.testing.assert_allclose(H @ R @ H.T, radar.noise()[:3, :3], rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize(
    ("spec", "says"),
    [("nowhere", "write module:Class"), ("nowhere:Class", "cannot be loaded: ModuleNotFoundError"),
     ("absent.py:Class", "cannot be loaded: FileNotFoundError"), ("mine.py:Absent", 'has no "Absent"'),
     ("mine.py:Half", r"lacks tracks\(\)")],
)  # fmt: skip
def test_what_is_no_tracker_is_refused(
    world: tuple[Path, Path], spec: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world[1].parent)
    with pytest.raises(ConfigError, match=says):
        named(spec)
    assert main(["study", str(world[0]), "--out", "o", "--tracker", spec]) == 2
    assert not Path("o").exists()


GOOD = {"track": 1, "time": 0, "position_m": (7e6, 0, 0), "velocity_mps": (0, 0, 0)}


@pytest.mark.parametrize(
    ("estimate", "says"),
    [(GOOD, "gave dict"), (Estimate(**GOOD | {"position_m": (np.nan, 0, 0)}), "three finite numbers"),
     (Estimate(**GOOD, covariance=[[1.0]]), r"shape \(1, 1\), not \(6, 6\)"),
     (Estimate(**GOOD, impact=Place(latitude_deg=132, longitude_deg=40, time=0)), "impact is no place")],
)  # fmt: skip
def test_what_is_no_estimate_is_refused(estimate: object, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        verify(estimate)


def test_the_guide_and_the_code_agree() -> None:
    """Sensors come first and every scan is followed by a question."""
    asked: list[str] = []

    class Listens:
        def take(self, message) -> None:
            asked.append(type(message).__name__)

        def tracks(self) -> list[Estimate]:
            asked.append("asked")
            return []

    recording = simulate(library.load("demo"), run=0)
    watch(Listens(), recording.messages[:60], "exercise")
    first = next(k for k, name in enumerate(asked) if name == "asked")
    assert set(asked[: first - 1]) == {"Sensor"}
    scans = sum(name in ("InfraredScan", "RadarScan") for name in asked)
    assert asked.count("asked") == scans > 50
