"""Radars held against each other: bias found within its stated error, jumps found soon, nothing where nothing is."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import chi2

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.flight.coast import propagate
from tocsin.messages import SECOND, Instant, Sensor
from tocsin.sensors.radar import Radar
from tocsin.tracking.jumps import WINDOW, Jumps
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.registration import Registration
from tocsin.tracking.settings import Settings
from tocsin.tracking.table import RadarTable

T = 10**18
PERIOD = 5.0
MEMORY = Settings().bias_time_s


def radar(name, lat, lon, **more):
    fields = {
        "origin": "test", "id": name, "type": "radar", "latitude_deg": lat, "longitude_deg": lon, "height_m": 0.0,
        "range_sigma_m": 30.0, "azimuth_sigma_deg": 0.05, "elevation_sigma_deg": 0.05, "range_max_m": 3e6,
        "elevation_min_deg": 2.0, "elevation_max_deg": 85.0, "scan_period_s": PERIOD, "detection_probability": 0.9,
        "false_alarms_per_scan": 2.0, "range_bias_sigma_m": 40.0, "angle_bias_sigma_deg": 0.05,
    }  # fmt: skip
    return Radar.from_message(Sensor(**(fields | more)))


WEST, EAST = radar("west", 15.0, -27.0), radar("east", 20.0, -20.0)
PAIR = (WEST, EAST)


def declared(r):
    return np.array([r.range_bias_sigma, r.angle_bias_sigma, r.angle_bias_sigma])


def body(east, north, up, velocity):
    axes = enu_from_ecef(np.radians(15.0), np.radians(-27.0))
    site = ecef_from_geodetic(np.radians(15.0), np.radians(-27.0), 0.0)
    return np.concatenate([site + axes.T @ np.array([east, north, up]), axes.T @ np.array(velocity)])


BODIES = (body(-500e3, 300e3, 300e3, (2e3, 500, 1500)), body(-400e3, 100e3, 350e3, (1800, 900, 1300)))


@dataclass
class Run:
    registration: Registration
    table: RadarTable
    bias: dict
    found: list
    distrusted: list
    last: float  # s since T


def scan(r, x, start, bias, random):
    """Return one look of `r` at bodies in states `x` at T, with clutter."""
    t = start + round(PERIOD / 2 * SECOND)
    rows = []
    for state in x:
        if random.uniform() < r.detection_probability:
            z = r.predict(propagate(state, (t - T) / SECOND, 0.0))[0]
            rows.append(
                z + np.nan_to_num(r.sigmas(), posinf=0.0) * random.normal(size=4) + np.append(bias, 0.0)
            )
    for _ in range(random.poisson(r.false_alarms_per_scan)):
        rows.append([random.uniform(5e4, 3e6), random.uniform(0, 2 * np.pi), random.uniform(0.04, 1.48), 0.0])
    z = np.array(rows).reshape(-1, 4)
    z[:, 3] = np.nan
    sigmas = np.tile(r.sigmas(), (len(z), 1))
    sigmas[:, :3] = np.hypot(sigmas[:, :3], declared(r))
    return RadarLook(
        r.id, Instant(start), Instant(start + round(PERIOD * SECOND)), np.full(len(z), t), z, sigmas,
        np.zeros(len(z), dtype=bool), np.arange(len(z)), None,
    )  # fmt: skip


def run(seed, looks=40, jump=None, bodies=BODIES, radars=PAIR, bias=None, registered=True):
    """Let radars whose bias drifts as declared follow bodies; `jump`: radar, look, and by how much (3,)."""
    random = np.random.Generator(np.random.Philox(seed))
    registration, table = Registration(Settings()), RadarTable(Settings())
    true = {r.id: random.normal(size=3) * declared(r) for r in radars}
    if bias is not None:
        true = {name: np.array(b) for name, b in bias.items()}
    keep = np.exp(-PERIOD / MEMORY)
    found, distrusted = [], []
    for k in range(looks):
        for q, r in enumerate(radars):
            if bias is None:
                true[r.id] = keep * true[r.id] + np.sqrt(1 - keep**2) * random.normal(size=3) * declared(r)
            off = np.array(jump[2]) if jump and r.id == jump[0] and k >= jump[1] else np.zeros(3)
            look = scan(
                r, bodies, T + round((k + q / len(radars)) * PERIOD * SECOND), true[r.id] + off, random
            )
            used = registration.corrected(r, look) if registered else look
            plotted, _ = table.scan(r, used)
            found += [(k, f) for f in registration.learn(r, look, plotted, table)]
            known = registration.radars.get(r.id)
            distrusted.append((k, r.id, known is not None and bool(known.distrust.any())))
    if jump:
        true[jump[0]] = true[jump[0]] + jump[2]
    return Run(registration, table, true, found, distrusted, looks * PERIOD)


def misfit(r):
    """Return the normalized error squared of all biases together, and how many they are."""
    names = list(r.bias)
    places = np.concatenate([r.registration.radars[n].place + np.arange(3) for n in names])
    e = r.registration._state.m[places] - np.concatenate([r.bias[n] for n in names])
    return float(e @ np.linalg.solve(r.registration._state.C[np.ix_(places, places)], e)), len(e)


@pytest.fixture(scope="module")
def quiet():
    """Return fifty runs in which every bias drifts as declared, with one body or two."""
    return [run(seed, bodies=BODIES[: 1 + seed % 2]) for seed in range(50)]


def test_nothing_is_found_where_biases_are_what_is_declared(quiet):
    assert [f for r in quiet for f in r.found] == []


def test_biases_lie_within_their_stated_error(quiet):
    pairs = [misfit(r) for r in quiet]
    total, numbers = sum(d for d, _ in pairs), sum(n for _, n in pairs)
    low, high = chi2.ppf([0.005, 0.995], numbers)
    assert low < total < high


def test_angles_are_learnt_and_what_the_geometry_hides_keeps_its_sigma(quiet):
    for r in quiet[1::2]:
        for one in PAIR:
            sigma = np.sqrt(np.diag(r.registration.bias(one.id)[1]))
            assert np.all(sigma <= declared(one) * 1.0001)
            assert np.all(sigma[1:] < 0.45 * declared(one)[1:])
            assert sigma[0] > 0.8 * declared(one)[0]


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("west", (0.0, np.radians(0.25), 0.0)),
        ("east", (0.0, 0.0, np.radians(-0.3))),
        ("west", (250.0, 0.0, 0.0)),
        ("east", (0.0, np.radians(1.0), 0.0)),
    ],
)
def test_a_jump_is_found_within_ten_looks_and_corrected(name, size):
    errors = []
    for seed in range(5):
        r = run(400 + seed, jump=(name, 22, size), looks=36, bodies=BODIES[: 1 + seed % 2])
        assert [f.sensor for _, f in r.found] == [name]
        k, found = r.found[0]
        assert 22 <= k < 22 + 10
        assert found.rivals == ()
        mean, C = r.registration.bias(name)
        e = mean - r.bias[name]
        errors.append(float(e @ np.linalg.solve(C, e)))
    assert sum(errors) < chi2.ppf(0.999, 3 * len(errors))


def test_a_sensor_that_jumped_weighs_less_until_it_agrees_again():
    r = run(400, jump=("west", 20, (0.0, np.radians(0.3), 0.0)), looks=40)
    k = r.found[0][0]
    looks = [(at, doubted) for at, name, doubted in r.distrusted if name == "west"]
    assert not any(doubted for at, doubted in looks if at < k)
    assert all(doubted for at, doubted in looks if k <= at < k + 2)
    assert not any(doubted for at, doubted in looks if at > k + 8)
    assert not any(doubted for _, name, doubted in r.distrusted if name == "east")


def test_one_radar_alone_is_left_as_it_came():
    r = run(1, radars=(WEST,))
    look = scan(WEST, BODIES, T, np.zeros(3), np.random.Generator(np.random.Philox(3)))
    assert r.registration.corrected(WEST, look) is look
    assert r.found == []


def test_a_body_that_burns_again_is_no_jump():
    """Both radars see it leave its arc: no sensor is blamed."""
    random = np.random.Generator(np.random.Philox(9))
    registration, table = Registration(Settings()), RadarTable(Settings())
    x, found = BODIES[0], []
    for k in range(40):
        if k == 20:
            now = propagate(x, k * PERIOD, 0.0)
            now[3:] += [250.0, -100.0, 150.0]
            x = propagate(now, -k * PERIOD, 0.0)
        for q, r in enumerate(PAIR):
            look = scan(r, (x,), T + round((k + q / 2) * PERIOD * SECOND), np.zeros(3), random)
            plotted, _ = table.scan(r, registration.corrected(r, look))
            found += registration.learn(r, look, plotted, table)
    assert found == []


def test_rows_are_nearer_the_truth_and_say_so():
    """A pair whose azimuths are off by twice what they declare: the table's rows, with and without registration."""
    bias = {"west": (60.0, np.radians(0.1), 0.0), "east": (-60.0, np.radians(-0.1), 0.0)}
    errors = {True: [], False: []}
    for registered in (True, False):
        for seed in range(5):
            r = run(500 + seed, bias=bias, registered=registered)
            for i in np.flatnonzero(r.table.plots > 20):
                x, P = r.table.estimate(i)
                truth = [propagate(b, (r.table.t[i] - T) / SECOND, 0.0) for b in BODIES]
                e = min((x - b for b in truth), key=lambda d: float(np.linalg.norm(d[:3])))
                errors[registered].append(
                    (np.linalg.norm(e[:3]), e[:3] @ np.linalg.solve(P[:3, :3], e[:3]) / 3)
                )
    with_it, without = np.array(errors[True]), np.array(errors[False])
    assert len(with_it) == len(without) == 10
    assert np.sqrt((with_it[:, 0] ** 2).mean()) < 0.7 * np.sqrt((without[:, 0] ** 2).mean())
    assert with_it[:, 1].mean() < without[:, 1].mean()


def test_answers_to_a_jump_are_those_of_a_linear_filter():
    """Run a Kalman filter on measurements with and without a jump: the difference is what `Jumps` carries along."""
    random = np.random.Generator(np.random.Philox(4))
    size, jump = 7, np.array([2.0, -1.0, 3.0])
    m, C = np.zeros((2, size)), np.eye(size) * 4.0
    jumps = Jumps()
    for k in range(8):
        if k == 3:
            jumps.look("a", k, np.full(3, 100.0), size)
        Phi = np.eye(size) + 0.1 * random.normal(size=(size, size))
        m, C = m @ Phi.T, Phi @ C @ Phi.T
        jumps.carry(Phi, slice(0, size))
        sensor = "ab"[k % 2]
        H = random.normal(size=(3, size))
        y = random.normal(size=3) - m @ H.T
        y[1] += jump if k >= 3 and sensor == "a" else 0.0
        S = H @ C @ H.T + np.eye(3)
        K = C @ H.T @ np.linalg.inv(S)
        if k >= 3:
            expected = (np.eye(3) if sensor == "a" else 0.0) - H @ jumps.F[0]
            assert np.allclose(y[1] - y[0], expected @ jump)
        jumps.learn(sensor, H, K, np.linalg.inv(S), y[1])
        m, C = m + y @ K.T, C - K @ S @ K.T
    assert np.allclose(m[1] - m[0], jumps.F[0] @ jump)


def test_a_supposed_jump_is_forgotten_after_its_window():
    jumps = Jumps()
    for k in range(25):
        jumps.look("a", k, np.ones(3), 3)
    assert [s.since for s in jumps.supposed] == list(range(25 - WINDOW, 25))


def test_a_sentence_says_what_was_found():
    r = run(400, jump=("west", 20, (0.0, np.radians(0.3), 0.0)), looks=26)
    text = r.found[0][1].text()
    assert text.startswith("west is off: range ")
    assert "azimuth +0." in text
    assert "weighs less until it agrees again" in text
