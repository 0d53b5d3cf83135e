"""True flight against the rocket equation, an inertial DOP853, the coast room's own fall, and pymap3d."""

import numpy as np
import pymap3d
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pymap3d.vincenty import vdist
from scipy.integrate import solve_ivp

from tocsin.constants import EARTH_GM, EARTH_RADIUS, EARTH_RATE
from tocsin.earth.atmosphere import density, pressure, speed_of_sound
from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef, height
from tocsin.earth.gravity import gravity, potential
from tocsin.flight.ascent import drag_rise, programme, thrust_shape
from tocsin.flight.coast import fall, propagate
from tocsin.flight.powered import (
    FlightError,
    Launch,
    _row,
    _start,
    fly,
    planned,
    spent_stages,
    verify,
    why_aloft,
)
from tocsin.flight.vehicles import VEHICLES, Power, Stage, Tangent, Turn, Vehicle

LATITUDE, LONGITUDE, AZIMUTH = 0.21, -0.66, 0.96


def launch(**fields):
    return Launch(**{"latitude": LATITUDE, "longitude": LONGITUDE, "azimuth": AZIMUTH, **fields})


def ground_range(flight):
    lat0, lon0, _ = pymap3d.ecef2geodetic(*flight.x[0, :3])
    lat, lon, _ = pymap3d.ecef2geodetic(*flight.x[-1, :3])
    return vdist(lat0, lon0, lat, lon)[0]


def heights(flight):
    return np.array([height(*x[:3]) for x in flight.x])


def at_burnout(flight):
    return flight.at(np.array([flight.burnout]))[0]


@pytest.mark.parametrize("decline", [0.0, 0.3])
def test_obeys_the_rocket_equation(decline):
    stage = Stage(acceleration=60.0, exhaust_velocity=2500.0, burn=30.0, drag=0.0, decline=decline)
    vehicle = Vehicle(name="test", stages=(stage,), body_drag=0.0, load_limit=1e12)
    flight = fly(vehicle, launch(height=100_000.0, pitch=0.0))
    row = np.array(_row(stage))
    u = np.linspace(0, 1, 200_001)
    mean = np.mean([thrust_shape(v, row) for v in (u[1:] + u[:-1]) / 2])
    ideal = -stage.exhaust_velocity * np.log(
        1 - stage.acceleration * stage.burn * mean / stage.exhaust_velocity
    )
    boost = flight.t <= flight.burnout
    pull = np.array([gravity(*x[:3]) for x in flight.x[boost]])
    r, v = flight.x[boost, :3], flight.x[boost, 3:]
    spin = np.array([0.0, 0.0, EARTH_RATE])
    pull += -2 * np.cross(spin, v) - np.cross(spin, np.cross(spin, r))
    lost = np.trapezoid(pull, flight.t[boost], axis=0)
    assert np.linalg.norm(v[-1] - lost) == pytest.approx(ideal, rel=1e-4)


def inertial_flight(vehicle, pitch):
    """Fly the one-stage `vehicle` in inertial space with scipy; written apart from the kernels."""
    (stage,) = vehicle.stages
    row = np.array(_row(stage))
    up_lat, east_lon = LATITUDE, LONGITUDE
    r0 = ecef_from_geodetic(up_lat, east_lon, 0.0)
    east, north, up = enu_from_ecef(up_lat, east_lon)
    forward = np.sin(AZIMUTH) * east + np.cos(AZIMUTH) * north
    spin = np.array([0.0, 0.0, EARTH_RATE])
    (f1, g1), (f2, g2) = vehicle.bends

    def rates(t, y):
        c, s = np.cos(EARTH_RATE * t), np.sin(EARTH_RATE * t)
        fixed = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
        r_ecef = fixed @ y[:3]
        h = height(*r_ecef)
        wind = y[3:6] - np.cross(spin, y[:3])
        speed = np.linalg.norm(wind)
        rho = density(max(h, 0.0))
        mach = speed / speed_of_sound(max(h, 0.0))
        drag = -0.5 * rho * speed * wind * stage.drag / y[6] * (drag_rise(mach) if h < 86e3 else 1.0)
        angle = pitch * np.interp(
            (t - vehicle.rise) / (stage.burn - vehicle.rise), [0, f1, f2, 1], [0, g1, g2, 1]
        )
        d = np.cos(angle) * up + np.sin(angle) * forward
        if speed > 0:
            w = wind / speed
            off = np.arccos(np.clip(d @ w, -1, 1))
            most = vehicle.load_limit / (0.5 * rho * speed**2)
            if off > most:
                side = d - (d @ w) * w
                d = np.cos(most) * w + np.sin(most) * side / np.linalg.norm(side)
        force = stage.acceleration * thrust_shape(min(t / stage.burn, 1.0), row)
        loss = 1 - stage.pressure_loss * pressure(max(h, 0.0)) / 101_325.0
        a = fixed.T @ np.array(gravity(*r_ecef)) + drag + force * loss / y[6] * d
        return np.concatenate([y[3:6], a, [-force / stage.exhaust_velocity]])

    y0 = np.concatenate([r0, np.cross(spin, r0), [1.0]])
    y = solve_ivp(rates, (0, stage.burn), y0, method="DOP853", rtol=1e-8, atol=1e-6, max_step=0.5).y[:, -1]
    c, s = np.cos(EARTH_RATE * stage.burn), np.sin(EARTH_RATE * stage.burn)
    fixed = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    return fixed @ y[:3], fixed @ (y[3:6] - np.cross(spin, y[:3]))


def test_agrees_with_an_inertial_dop853():
    vehicle = VEHICLES["medium-range"]
    flight = fly(vehicle, launch(pitch=0.9))
    r, v = inertial_flight(vehicle, 0.9)
    x = at_burnout(flight)
    assert np.linalg.norm(x[:3] - r) < 1.0
    assert np.linalg.norm(x[3:] - v) < 0.05


def test_falls_as_the_coast_room_says():
    flight = fly(VEHICLES["medium-range"], launch(range=1_200_000.0))
    x, t, apogee, status = fall(at_burnout(flight), VEHICLES["medium-range"].body_drag)
    assert status == 0
    assert flight.burnout + t == pytest.approx(flight.impact_time, abs=0.005)
    assert np.linalg.norm(x[:3] - flight.x[-1, :3]) < 10.0
    assert apogee == pytest.approx(heights(flight).max(), abs=20.0)  # rows are 5 s apart


def test_keeps_the_jacobi_constant_in_vacuum():
    flight = fly(VEHICLES["intercontinental"], launch(range=9_000_000.0))
    high = (heights(flight) > 260_000.0) & (flight.t > flight.burnout)
    x = flight.x[high]
    kept = 0.5 * np.sum(x[:, 3:] ** 2, axis=1) - [potential(*r) for r in x[:, :3]]
    kept -= 0.5 * EARTH_RATE**2 * (x[:, 0] ** 2 + x[:, 1] ** 2)
    assert np.ptp(kept) < 1e-9 * abs(kept[0])


@pytest.mark.parametrize(
    ("vehicle", "distance", "shape"),
    [
        ("short-range", 250e3, "minimum-energy"),
        ("short-range", 150e3, "lofted"),
        ("medium-range", 1_200e3, "minimum-energy"),
        ("medium-range", 900e3, "depressed"),
        ("intermediate-range", 4_000e3, "minimum-energy"),
        ("intercontinental", 9_000e3, "minimum-energy"),
        ("intercontinental", 1_000e3, "lofted"),
        ("sounding-rocket", 60e3, "lofted"),
    ],
)
def test_reaches_the_range_asked_for(vehicle, distance, shape):
    flight = fly(VEHICLES[vehicle], launch(range=distance, shape=shape))
    assert ground_range(flight) == pytest.approx(distance, abs=10.0)
    assert abs(height(*flight.x[-1, :3])) < 0.1
    assert flight.phase[-1] == 3
    assert flight.impact_time == flight.t[-1]


def test_minimum_energy_is_the_farthest_for_its_cut_off():
    vehicle = VEHICLES["medium-range"]
    best = fly(vehicle, launch(range=1_200_000.0))
    for change in (-0.05, 0.05):
        other = fly(vehicle, launch(pitch=best.pitch + change, cut_off=best.burnout))
        assert ground_range(other) < 1_203_000.0


def test_shapes_are_ordered_by_height():
    vehicle = VEHICLES["medium-range"]
    tops = [
        heights(fly(vehicle, launch(range=900e3, shape=shape))).max()
        for shape in ("depressed", "minimum-energy", "lofted")
    ]
    assert tops[0] < tops[1] < tops[2]


@pytest.mark.parametrize("azimuth", [0.0, 1.0, 2.5, 4.4])
def test_flies_off_on_its_heading(azimuth):
    flight = fly(VEHICLES["medium-range"], launch(azimuth=azimuth, pitch=0.9))
    lat0, lon0, h0 = pymap3d.ecef2geodetic(*flight.x[0, :3])
    bearing, _, _ = pymap3d.ecef2aer(*at_burnout(flight)[:3], lat0, lon0, h0)
    assert abs((np.radians(bearing) - azimuth + np.pi) % (2 * np.pi) - np.pi) < np.radians(1.0)


@pytest.mark.parametrize(("azimuth", "orbit_height"), [(1.4, 250e3), (0.2, 400e3), (3.3, 500e3)])
def test_launcher_reaches_a_circular_orbit(azimuth, orbit_height):
    shape = {"shape": "orbit", "orbit_height": orbit_height}
    flight = fly(VEHICLES["space-launcher"], launch(azimuth=azimuth, **shape), until=6_000.0)
    assert flight.impact_time is None
    x = at_burnout(flight)
    r, v = x[:3], x[3:] + np.cross([0, 0, EARTH_RATE], x[:3])
    radius = np.linalg.norm(r)
    assert radius - EARTH_RADIUS == pytest.approx(orbit_height, abs=100.0)
    eccentricity = np.cross(v, np.cross(r, v)) / EARTH_GM - r / radius
    assert np.linalg.norm(eccentricity) < 1e-3


def test_interpolates_between_rows():
    flight = fly(VEHICLES["intermediate-range"], launch(range=4_000e3))
    i = int(np.searchsorted(flight.t, 600.0))
    middle = flight.at(np.array([flight.t[i] + 2.5]))[0]
    there = propagate(flight.x[i], 2.5, 0.0)
    assert np.linalg.norm(middle[:3] - there[:3]) < 1e-3
    assert np.linalg.norm(middle[3:] - there[3:]) < 1e-3
    assert np.allclose(flight.at(flight.t), flight.x, rtol=0, atol=1e-6)


@settings(max_examples=25)
@given(
    latitude=st.floats(-1.5, 1.5),
    longitude=st.floats(-np.pi, np.pi),
    azimuth=st.floats(0, 2 * np.pi),
    distance=st.floats(900e3, 1_400e3),
    shape=st.sampled_from(["minimum-energy", "lofted", "depressed"]),
)
def test_reaches_its_range_everywhere(latitude, longitude, azimuth, distance, shape):
    where = {"latitude": latitude, "longitude": longitude, "azimuth": azimuth}
    flight = fly(VEHICLES["medium-range"], Launch(**where, range=distance, shape=shape))
    assert ground_range(flight) == pytest.approx(distance, abs=10.0)
    assert np.all(np.diff(flight.t) > 0)
    assert np.isfinite(flight.x).all()
    assert heights(flight).min() > -0.1


def test_stands_still_before_and_after():
    flight = fly(VEHICLES["short-range"], launch(range=250e3))
    before, after = flight.at(np.array([-5.0, flight.t[-1] + 5.0]))
    assert np.array_equal(before[:3], flight.x[0, :3])
    assert np.array_equal(after[:3], flight.x[-1, :3])
    assert not before[3:].any()
    assert not after[3:].any()
    assert flight.phase_at(np.array([1.0, 100.0, flight.t[-1] + 5.0])).tolist() == [0, 1, 3]


def test_engines_burn_in_turn():
    vehicle = VEHICLES["intercontinental"]
    flight = fly(vehicle, launch(range=9_000e3))
    gap = vehicle.stages[0].burn + vehicle.stages[0].gap / 2
    times = np.array(
        [-1.0, 1.0, gap, gap + vehicle.stages[0].gap, flight.burnout - 0.1, flight.burnout + 0.1]
    )
    assert flight.thrusting(times).tolist() == [False, True, False, True, True, False]


def test_a_failure_falls_short():
    vehicle = VEHICLES["medium-range"]
    whole, failed = fly(vehicle, launch(range=1_200e3)), fly(vehicle, launch(range=1_200e3, failure=60.0))
    assert failed.burnout == 60.0
    assert ground_range(failed) < 0.2 * ground_range(whole)
    assert failed.pitch == whole.pitch


def test_spent_stages_fall_by_themselves():
    vehicle = VEHICLES["intercontinental"]
    flight = fly(vehicle, launch(range=9_000e3))
    stages = spent_stages(vehicle, flight)
    assert len(stages) == 3
    for spent, burn in zip(stages, flight.burns, strict=True):
        assert spent.t[0] == burn[1]
        assert spent.impact_time is not None
        assert np.linalg.norm(spent.x[0, :3] - flight.at(burn[1:])[0, :3]) < 1e-6
    assert stages[0].impact_time < stages[1].impact_time < flight.impact_time
    assert spent_stages(VEHICLES["short-range"], fly(VEHICLES["short-range"], launch(range=250e3))) == []


def test_says_what_it_can_reach():
    with pytest.raises(
        FlightError, match=r"short-range, minimum-energy, reaches at most \d+ km .* not 1,500 km"
    ):
        fly(VEHICLES["short-range"], launch(range=1_500e3))
    with pytest.raises(FlightError, match="no less than"):
        fly(VEHICLES["medium-range"], launch(range=100e3, shape="depressed"))
    with pytest.raises(FlightError, match="needs a range"):
        fly(VEHICLES["medium-range"], launch())
    heavy = replace(VEHICLES["short-range"].stages[0], acceleration=9.0)
    with pytest.raises(FlightError, match="cannot lift off"):
        fly(replace(VEHICLES["short-range"], stages=(heavy,)), launch(range=100e3))


def test_kernels_equal_their_python():
    body = np.array([6.0, 0.3, 0.45, 0.65, 0.85, 3_000.0, 1e-4, 0.0, 0.0, 0.0, 0.0])
    for t in (0.0, 6.0, 20.0, 50.0, 90.0, 120.0):
        assert programme(t, 100.0, 1.1, body) == programme.py_func(t, 100.0, 1.1, body)
    for mach in (0.0, 0.8, 1.1, 5.0, 20.0):
        assert drag_rise(mach) == drag_rise.py_func(mach)
    assert programme(100.0, 100.0, 1.1, body) == 1.1
    assert programme(3.0, 100.0, 1.1, body) == 0.0


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("medium-range", {"range": 1.2e6}),
        ("short-range", {"range": 2e5, "shape": "lofted"}),
        ("intercontinental", {"range": 8e6, "failure": 150.0}),
        ("space-launcher", {"shape": "orbit", "orbit_height": 250e3}),
    ],
)
def test_a_planned_launch_flies_the_same_path(name, asked):
    launch = Launch(latitude=0.2, longitude=-0.6, azimuth=1.0, **asked)
    flight = fly(VEHICLES[name], launch)
    again = fly(*planned(VEHICLES[name], launch))
    assert np.array_equal(flight.t, again.t)
    assert np.array_equal(flight.x, again.x)
    assert (flight.burnout, flight.impact_time) == (again.burnout, again.impact_time)


# ---------------------------------------------------------------------------- other programmes, shapes, ways


@pytest.mark.parametrize("boost", [(0.0, 1.0), (0.3, 2.0)])
@pytest.mark.parametrize("tail", [0.9, 0.97])
def test_thrust_has_its_mean_but_for_the_tail(boost, tail):
    stage = Stage(
        acceleration=30.0, exhaust_velocity=2500.0, burn=50.0, boost=boost[0], boost_ratio=boost[1], tail=tail
    )
    row = np.array(_row(stage))
    u = (np.arange(200_000) + 0.5) / 200_000
    shape = np.array([thrust_shape(v, row) for v in u])
    whole = np.array([thrust_shape(v, np.array(_row(replace(stage, tail=1.0)))) for v in u])
    assert whole.mean() == pytest.approx(1.0, abs=1e-4)
    assert shape[u < tail] == pytest.approx(whole[u < tail])
    assert shape[-1] == pytest.approx(0.2 * whole[-1], rel=1e-3)
    if boost[0]:
        assert shape[0] / whole[60_001] == pytest.approx(2.0, rel=0.05)


def body_of(steering):
    return _start(replace(VEHICLES["medium-range"], steering=steering), launch())[2]


def test_programmes_are_their_formulas():
    u = np.array([0.2, 0.5, 0.8])
    t = 7.0 + u * 93.0
    power = [programme(x, 100.0, 1.2, body_of(Power(exponent=0.8))) for x in t]
    assert power == pytest.approx(1.2 * u**0.8)
    tangent = [programme(x, 100.0, 1.2, body_of(Tangent(lead=0.1, first=0.2))) for x in t]
    w = (u - 0.1) / 0.9
    assert np.tan(np.pi / 2 - np.array(tangent)) == pytest.approx((1 - w) / np.tan(0.2) + w / np.tan(1.2))
    for steering in (Power(exponent=0.8), Tangent(), None):
        body = body_of(steering)
        assert programme(7.0, 100.0, 1.2, body) == 0.0
        assert programme(99.999, 100.0, 1.2, body) == pytest.approx(1.2, abs=1e-3)
        assert programme(150.0, 100.0, 1.2, body) == 1.2
        assert np.all(np.diff([programme(x, 100.0, 1.2, body) for x in np.linspace(0, 110, 500)]) >= 0)


def test_a_gravity_turn_pushes_along_the_airstream():
    """After the kick no force stands across the path but gravity's and the turning Earth's."""
    vehicle = replace(VEHICLES["medium-range"], steering=Turn(kick_time=6.0, kick=0.08))
    flight = fly(vehicle, launch(pitch=0.9))
    boost = (flight.t > 14.0) & (flight.t < flight.burnout - 1.0)
    t, x = flight.t[boost], flight.x[boost]
    measured = np.gradient(x[:, 3:], t, axis=0, edge_order=2)
    spin = np.array([0.0, 0.0, EARTH_RATE])
    pull = np.array([gravity(*r) for r in x[:, :3]])
    pull -= 2 * np.cross(spin, x[:, 3:]) + np.cross(spin, np.cross(spin, x[:, :3]))
    push = measured - pull
    along = np.sum(push * x[:, 3:], axis=1) / np.linalg.norm(push, axis=1) / np.linalg.norm(x[:, 3:], axis=1)
    assert np.degrees(np.arccos(np.clip(along[2:-2], -1, 1))).max() < 0.1
    assert ground_range(flight) > 500e3


@pytest.mark.parametrize("steering", [Power(exponent=0.8), Tangent(first=0.4), Turn(kick=0.25)])
@pytest.mark.parametrize(
    ("shape", "distance"), [("minimum-energy", 900e3), ("lofted", 600e3), ("depressed", 1_300e3)]
)
def test_every_programme_reaches_its_range(steering, shape, distance):
    flight = fly(replace(VEHICLES["medium-range"], steering=steering), launch(range=distance, shape=shape))
    assert ground_range(flight) == pytest.approx(distance, abs=10.0)


@pytest.mark.parametrize("yaw", [{"dog_leg": (50.0, 0.2)}, {"yaw_drift": 1e-3}])
@pytest.mark.parametrize("side", [1, -1])
def test_yaw_turns_to_the_right(yaw, side):
    turned = {k: (v[0], side * v[1]) if k == "dog_leg" else side * v for k, v in yaw.items()}
    straight, flight = (fly(VEHICLES["medium-range"], launch(pitch=0.9, **y)) for y in ({}, turned))
    east, north, _ = enu_from_ecef(LATITUDE, LONGITUDE)
    right = np.cos(AZIMUTH) * east - np.sin(AZIMUTH) * north
    off = side * right @ (at_burnout(flight) - at_burnout(straight))[3:]
    assert 50.0 < off < 600.0
    early = np.array([5.0])
    assert np.linalg.norm(flight.at(early) - straight.at(early)) < 2.0


@pytest.mark.parametrize(
    ("vehicle", "distance", "apogee"),
    [
        ("short-range", 200e3, 100e3), ("medium-range", 900e3, 350e3), ("intermediate-range", 700e3, 2_111.5e3),
        ("intermediate-range", 3_700e3, 770e3), ("intercontinental", 998e3, 3_724.9e3),
        ("sounding-rocket", 60e3, 150e3),
    ],
)  # fmt: skip
def test_range_under_an_apogee(vehicle, distance, apogee):
    flight = fly(VEHICLES[vehicle], launch(range=distance, apogee=apogee))
    assert ground_range(flight) == pytest.approx(distance, abs=100.0)
    rows = flight.t > flight.burnout
    top = max(height(*r) for r in flight.at(np.linspace(*flight.t[rows][[0, -1]], 20_000))[:, :3])
    assert top == pytest.approx(apogee, abs=100.0)


def test_says_which_apogees_there_are():
    with pytest.raises(FlightError, match=r"covers 900 km .* apogee of about \d+ to \d+ km, not 2,000 km"):
        fly(VEHICLES["medium-range"], launch(range=900e3, apogee=2_000e3))
    with pytest.raises(
        FlightError, match=r"reaches at most 1,\d+ km on this heading, not 3,000 km under any apogee"
    ):
        fly(VEHICLES["medium-range"], launch(range=3_000e3, apogee=2_000e3))


def test_says_what_a_vehicle_would_need():
    (stage,) = VEHICLES["short-range"].stages
    weak = replace(VEHICLES["short-range"], stages=(replace(stage, acceleration=9.0),))
    with pytest.raises(FlightError, match=r"cannot lift off: .* needs an acceleration above 10\.\d"):
        verify(weak)
    greedy = replace(VEHICLES["short-range"], stages=(replace(stage, burn=200.0),))
    with pytest.raises(FlightError, match=r"stage 1 would burn 182 % .* at most 107 s"):
        verify(greedy)
    for vehicle in VEHICLES.values():
        verify(vehicle)


def test_says_why_it_never_comes_down():
    vehicle = VEHICLES["space-launcher"]
    up = fly(vehicle, launch(shape="orbit", orbit_height=300e3), until=6_000.0)
    assert "is in orbit, up to" in why_aloft(vehicle, up)
    assert "cut the thrust earlier" in why_aloft(vehicle, up)
    high = fly(VEHICLES["intercontinental"], launch(range=998e3, apogee=3_000e3), until=900.0)
    assert "still aloft after 0.25 h" in why_aloft(VEHICLES["intercontinental"], high)


def test_solid_intercontinental_burns_short_and_reaches_far():
    solid, liquid = VEHICLES["intercontinental-solid"], VEHICLES["intercontinental"]
    assert 165 < solid.burning < 185 < liquid.burning
    flight = fly(solid, launch(range=8_500e3))
    assert ground_range(flight) == pytest.approx(8_500e3, abs=10.0)
