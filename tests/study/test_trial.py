"""One run of a study against the same run by `tocsin run`, and its flags against independent geometry."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin.formats.jsonl import decode_event
from tocsin.messages import Warning
from tocsin.run import run
from tocsin.run.score import before_impact
from tocsin.simulation import simulate
from tocsin.study.conduct import only
from tocsin.study.consistency import depth, offset, state_error, true_place
from tocsin.study.plan import Plan, load
from tocsin.study.tables import schemas
from tocsin.study.trial import trial
from tocsin.study.world import verified, world

Write = Callable[[str], Path]


@pytest.fixture
def plan(study_file: Write) -> Plan:
    text = "runs = 3\n[grid]\nnoise_scale = [1, 2]\nwithout = [[], ['radar-1']]\ntracking.gate = [12]\n"
    return verified(load(study_file(text)))


def test_a_run_is_what_tocsin_run_makes_of_it(plan: Plan, tmp_path: Path) -> None:
    index = 6  # the second repeat, twice the noise, with the radar
    rows = trial(plan, index)
    made = world(plan, index)
    summary = run(made.scenario, tmp_path / "run", config=made.config, run=made.run, noise_scale=2.0).summary
    assert made.run == 1
    (row,) = rows.runs
    assert {name: row[name] for name in ("noise_scale", "without", "tracking.gate")} == {
        "noise_scale": 2, "without": "", "tracking.gate": 12,
    }  # fmt: skip
    same = (
        "warnings",
        "alerts",
        "scans",
        "detections",
        "rejected",
        "late",
        "gospa_m",
        "false_warnings",
        "missed",
    )
    assert {name: row[name] for name in same} == {name: summary[name] for name in same}
    assert [{name: found[name] for name in summary["objects"][0]} for found in rows.objects] == summary[
        "objects"
    ]
    assert row["error"] is None


def test_rows_have_just_the_columns_of_their_tables(plan: Plan) -> None:
    rows, tables = trial(plan, 0), schemas(plan)
    assert set(rows.runs[0]) == set(tables["runs"].names)
    assert set(rows.objects[0]) <= set(tables["objects"].names)
    assert set(rows.timing[0]) == set(tables["timing"].names)


def test_flags_agree_with_the_last_version(plan: Plan, tmp_path: Path, inside: Any) -> None:
    row = only(plan, 0, tmp_path / "one").objects[0]
    lines = (tmp_path / "one" / "warnings.jsonl").read_bytes().splitlines()
    versions = [event for line in lines if isinstance(event := decode_event(line), Warning)]
    made = world(plan, 0)
    body = simulate(made.scenario, noise_scale=made.noise_scale, run=made.run).truth.body("alpha")
    last = before_impact(body, versions)
    assert last.launch is not None
    assert last.impact is not None
    assert last.state_vector is not None
    places = {"launch": (body.latitude_deg, body.longitude_deg), "impact": _geodetic(body.r_impact_ecef)}
    for part, estimate in (("launch", last.launch), ("impact", last.impact)):
        centre = (estimate.latitude_deg, estimate.longitude_deg)
        for level in (50, 95, 99):
            assert row[f"{part}_inside_{level}"] == inside(
                getattr(estimate, f"ellipse_{level}"), centre, places[part]
            )
    x = body.flight.at(np.array([(last.state_vector.time - body.lift_off_time) / 1e9]))[0]
    e = np.array(last.state_vector.position_m + last.state_vector.velocity_mps) - x
    nees = e @ np.linalg.inv(np.array(last.state_vector.covariance)) @ e
    assert row["nees"] == pytest.approx(nees, rel=0.02)  # the file's covariance is rounded
    assert row["position_error_m"] == pytest.approx(float(np.linalg.norm(e[:3])), abs=0.2)
    assert row["identity"] == "ballistic-missile"
    assert row["lead_s"] == pytest.approx(row["flight_s"] - row["first_warning_s"], abs=0.002)


def test_an_ellipse_scaled_by_its_own_depth_touches_the_truth(plan: Plan) -> None:
    made = world(plan, 0)
    truth = simulate(made.scenario, run=0).truth.body("alpha")
    east, north = offset(true_place(truth, "launch"), _estimate(truth, 3000.0, -1000.0))
    assert (east, north) == pytest.approx((-3000.0, 1000.0), abs=2.0)
    ellipse = _estimate(truth, 0, 0).ellipse_95
    assert depth(ellipse, 5000.0, 0.0) == pytest.approx(1.0)  # the major axis points east
    assert depth(ellipse, 0.0, 2000.0) == pytest.approx(1.0)
    assert depth(ellipse, 5000.0 / 2**0.5, 2000.0 / 2**0.5) == pytest.approx(1.0)
    assert depth(ellipse, 0.0, 0.0) == 0.0


def test_the_nees_of_errors_drawn_from_the_covariance_is_its_dimension(plan: Plan) -> None:
    from tocsin.messages import Instant, StateVector

    made = world(plan, 0)
    body = simulate(made.scenario, run=0).truth.body("alpha")
    x = body.flight.at(np.array([100.0]))[0]
    random = np.random.Generator(np.random.Philox(5))
    root = random.standard_normal((6, 6)) * np.array([300.0] * 3 + [10.0] * 3)[:, None]
    covariance = tuple(map(tuple, (root @ root.T).tolist()))
    values = []
    for _ in range(2000):
        off = x + root @ random.standard_normal(6)
        state = StateVector(
            time=Instant(body.lift_off_time + 100_000_000_000), position_m=tuple(off[:3]), velocity_mps=tuple(off[3:]),
            covariance=covariance,
        )  # fmt: skip
        values.append(state_error(body, state)[1])
    assert np.mean(values) == pytest.approx(6.0, abs=0.3)  # σ of the mean: sqrt(12 / 2000) = 0.08


def test_what_a_run_raises_becomes_its_row(study_file: Write) -> None:
    plan = verified(load(study_file("runs = 1\n[grid]\nlaunch.0.range_m = [280_000, 90_000_000]\n")))
    rows = trial(plan, 1)
    (row,) = rows.runs
    assert row["error"].startswith("ConfigError: tiny.toml: [launch][0]: ")
    assert "simulation/truth.py:" in row["error"]
    assert (row["run"], row["seed"], row["launch.0.range_m"]) == (1, 7, 90_000_000)
    assert rows.objects == []
    assert trial(plan, 0).runs[0]["error"] is None


def _geodetic(r: Any) -> tuple[float, float]:
    import pymap3d

    latitude, longitude, _ = pymap3d.ecef2geodetic(*r)
    return latitude, longitude


def _estimate(body: Any, east: float, north: float) -> Any:
    import pymap3d

    from tocsin.messages import Ellipse, Instant, LaunchEstimate

    latitude, longitude, _ = pymap3d.enu2geodetic(
        east, north, 0.0, body.latitude_deg, body.longitude_deg, 0.0
    )
    return LaunchEstimate(
        time=Instant(0), time_sigma_s=1.0, latitude_deg=latitude, longitude_deg=longitude,
        ellipse_95=Ellipse(semi_major_m=5000.0, semi_minor_m=2000.0, bearing_deg=90.0),
    )  # fmt: skip
