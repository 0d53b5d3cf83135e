"""Bounds of a scenario: its derivatives by flying, its looks by the simulation, the coast by the recursion."""

import numpy as np
import pytest
from msgspec.structs import replace

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.flight.powered import fly
from tocsin.flight.vehicles import VEHICLES
from tocsin.messages import SECOND
from tocsin.simulation import library, simulate
from tocsin.simulation.scenario import Scenario, decode
from tocsin.simulation.truth import happen, launch_of
from tocsin.study.bounds import Sight, posterior_bound
from tocsin.study.launch_bounds import launch_bounds
from tocsin.study.scenario_bounds import looks_at, neighbours, scenario_bounds


@pytest.fixture(scope="module")
def demo() -> Scenario:
    return library.load("demo")


@pytest.fixture(scope="module")
def known(demo):
    truth = happen(demo)
    body, table = truth.body("alpha"), demo.launch[0]
    flights = neighbours(VEHICLES[table.vehicle], launch_of(table), body.flight)
    return flights, list(looks_at(demo, truth, body)), body


def test_derivatives_are_the_flights_own(demo, known) -> None:
    flights, _, body = known
    t = np.array([90.0, 300.0])
    D = flights.derivative(t)
    x = body.flight.at(t)
    axes = enu_from_ecef(np.radians(body.latitude_deg), np.radians(body.longitude_deg))
    up_there = ecef_from_geodetic(np.radians(body.latitude_deg), np.radians(body.longitude_deg), 0.0)
    for k in range(2):
        assert D[k, :3, 2] == pytest.approx(-x[k, 3:], rel=1e-4), "a later launch is behind along the path"
        north = np.cross(-axes[0], x[k, :3]) / np.linalg.norm(up_there)
        assert D[k, :3, 0] == pytest.approx(north, abs=0.06), (
            "a launch farther north: the path turned about the east"
        )
    assert flights.impact is not None
    assert flights.impact[:2, :2] == pytest.approx(np.array([[0, 1], [1, 0]]), abs=0.25), (
        "a launch moved moves the impact"
    )
    assert flights.impact[:, 2] == pytest.approx([0, 0, 1], abs=1e-9)


def test_a_small_change_is_what_the_derivative_says(demo, known) -> None:
    flights, _, body = known
    launch = replace(
        launch_of(demo.launch[0]), range=None, pitch=body.flight.pitch, cut_off=body.flight.burnout
    )
    other = fly(
        VEHICLES["medium-range"], replace(launch, azimuth=launch.azimuth + 5e-4, pitch=launch.pitch * 1.0005)
    )
    t = np.array([70.0, 100.0, 400.0])
    linear = flights.true(t) + flights.derivative(t) @ np.array([0, 0, 0, 5e-4, 0, 5e-4])
    assert other.at(t) == pytest.approx(linear, rel=1e-5, abs=0.5)


def test_looks_are_the_simulations(demo, known) -> None:
    _, looks, body = known
    found = {"geo-1": 0, "geo-2": 0, "radar-1": 0}
    for look in looks:
        found[look.sensor] += 1
        assert look.probability == {"geo-1": 0.95, "geo-2": 0.95, "radar-1": 0.9}[look.sensor]
        if isinstance(look.observer, Sight):
            assert look.time < body.flight.burnout
    for sensor, count in found.items():
        scans = [
            m for m in simulate(demo, truth=happen(demo)).messages if getattr(m, "sensor", None) == sensor
        ]
        times = [t / SECOND for m in scans for t in [m.time - body.lift_off_time]]
        own = [look.time for look in looks if look.sensor == sensor]
        assert len(own) == count > 3
        assert all(min(t - s for s in times if s <= t) <= scans[0].duration_s for t in own), (
            "each within a scan"
        )
    assert len({look.time for look in looks}) == len(looks)


def test_in_coast_it_is_the_posterior_recursion(known) -> None:
    """From what the satellites leave unknown at burnout, the recursion over the radar's looks gives the same states."""
    flights, looks, body = known
    high = [k for k in looks if not isinstance(k.observer, Sight) and k.time < body.flight.impact_time - 100]
    sights = [k for k in looks if isinstance(k.observer, Sight)]
    begin = body.flight.burnout + 5.0
    told = launch_bounds(flights, [*sights, *high])
    J = np.diag([0, 0, 0, 0, 100.0, 100.0])
    for look in sights:
        x, D = flights.true(np.array([look.time]))[0], flights.derivative(np.array([look.time]))[0]
        W = look.observer.eye.jacobian(x[:3], look.observer.platform)[0] / look.observer.eye.sigma @ D[:3]
        J += look.probability * W.T @ W
    F = flights.derivative(np.array([begin]))[0]
    P0 = F @ np.linalg.inv(J) @ F.T
    times = np.array([k.time for k in high]) - begin
    x0, drag = flights.true(np.array([begin]))[0], VEHICLES["medium-range"].body_drag
    recursion = posterior_bound(x0, P0, times, [k.observer for k in high], 0.9, drag=drag)
    after = told[len(sights) :]
    assert len(after) == len(high) > 50
    position = np.sqrt(np.trace(recursion[:, :3, :3], axis1=1, axis2=2))
    assert [b.position for b in after[::10]] == pytest.approx(position[::10], rel=0.01)


def test_noise_scales_the_part_the_prior_does_not_hold(demo) -> None:
    (once,) = scenario_bounds(demo)
    sensors = tuple(
        replace(s, los_sigma_urad=None if s.los_sigma_urad is None else 3 * s.los_sigma_urad) for s in demo.sensors
    )  # fmt: skip
    (thrice,) = scenario_bounds(replace(demo, sensors=sensors))
    assert 2.0 < thrice.infrared[-1].launch / once.infrared[-1].launch < 3.0
    assert once.infrared_biased == once.all_biased == []


def test_looks_sensors_and_known_biases_help(demo) -> None:
    off = {
        "infrared": {"bias_sigma_urad": 20.0},
        "radar": {"range_bias_sigma_m": 50.0, "angle_bias_sigma_deg": 0.05},
    }
    sensors = tuple(replace(s, **off[s.type]) for s in demo.sensors)
    (told,) = scenario_bounds(replace(demo, sensors=sensors))
    for series in (told.infrared, told.all, told.infrared_biased, told.all_biased):
        launches = [b.launch for b in series if np.isfinite(b.launch)]
        assert np.all(np.diff(launches) <= 1e-6 * launches[0])
    assert told.all[-1].launch < told.infrared[-1].launch < told.infrared_biased[-1].launch
    assert told.all[-1].impact < told.all_biased[-1].impact
    assert told.all[-1].impact < 0.05 * told.infrared[-1].impact


def test_what_stays_up_has_no_impact() -> None:
    (told,) = scenario_bounds(library.load("space-launch"))
    assert told.infrared[-1].impact is None
    assert np.isfinite(told.infrared[-1].position)


def test_a_launch_nobody_sees_has_no_bound() -> None:
    text = library.scenarios()["demo"].replace("latitude_deg = 12.0", "latitude_deg = -40.0").replace(
        "longitude_deg = -38.0", "longitude_deg = 150.0"
    )  # fmt: skip
    (told,) = scenario_bounds(decode(text, "far.toml", library.networks()))
    assert told.infrared == told.all == []
