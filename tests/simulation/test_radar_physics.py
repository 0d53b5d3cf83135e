"""A simulated radar with physics: honest noise, refraction's rest, who is heard, a fence and its budget."""

import numpy as np
import pytest
from msgspec.structs import replace
from scipy import stats

from tocsin.errors import ConfigError
from tocsin.flight.vehicles import VEHICLES
from tocsin.formats.jsonl import decode, encode_recorded
from tocsin.messages import SECOND, RadarScan, Sensor
from tocsin.sensors.radar import Radar
from tocsin.sensors.refraction import bend_batch
from tocsin.simulation import networks, scenario, simulate
from tocsin.simulation.truth import happen

HEAD = """
title = "Test"
start = 2026-05-16T00:00:00Z
duration_s = 900
seed = 5
[[sensor]]
id = "eye"
type = "radar"
latitude_deg = 15.4
longitude_deg = -26.9
height_m = 20.0
range_sigma_m = 10.0
azimuth_sigma_deg = 0.02
elevation_sigma_deg = 0.02
range_rate_sigma_mps = 1.0
azimuth_from_deg = 205.0
azimuth_to_deg = 325.0
elevation_min_deg = 3.0
elevation_max_deg = 85.0
range_max_m = 5_000_000.0
scan_period_s = 2.5
false_alarms_per_scan = 3.0
[sensor.physics]
boresight_azimuth_deg = 265.0
"""
CALM = "refractivity_error = 0.0\n"
FENCE = "fence_elevation_deg = [3.0, 8.0]\n"
QUIET = "[settings]\nclutter_scale = 0.0\n"
LAUNCH = """
[[launch]]
id = "{id}"
vehicle = "{vehicle}"
time_s = {time}
latitude_deg = 12.0
longitude_deg = -38.0
azimuth_deg = {azimuth}
range_m = 1_200_000
"""


def launch(id="alpha", vehicle="medium-range", time=0, azimuth=55.0):
    return LAUNCH.format(id=id, vehicle=vehicle, time=time, azimuth=azimuth)


def world_of(text):
    return scenario.decode(text, "test.toml", networks())


def scans(recording):
    return [m for m in recording.messages if isinstance(m, RadarScan)]


def errors(recording):
    """Return errors (n, 4), declared sigmas (n, 4), signal-to-noise ratios [dB] and true places (n, 4) of all plots."""
    radar = Radar.from_message(next(m for m in recording.messages if isinstance(m, Sensor)))
    (body,) = recording.truth.bodies
    plots = [d for scan in scans(recording) for d in scan.detections]
    truth = radar.predict(body.at(np.array([recording.truth.seconds(d.time) for d in plots])))
    z = np.array(
        [[d.range_m, np.radians(d.azimuth_deg), np.radians(d.elevation_deg), d.range_rate_mps] for d in plots]
    )
    sigmas = np.array([radar.sigmas(d.sigma) for d in plots])
    return radar.residual(z, truth), sigmas, np.array([d.snr_db for d in plots]), truth


@pytest.fixture(scope="module")
def pool():
    """Return errors over declared sigmas, sigmas and SNR of 30 runs of one flight, without refraction's rest."""
    world = world_of(HEAD + "snr_reference_db = 10.0\n" + CALM + QUIET + launch())
    once = simulate(world)
    return [errors(simulate(world, run=run, truth=once.truth)) for run in range(30)]


def test_each_plot_declares_its_own_noise(pool):
    errors_, sigmas, snr = (np.concatenate([p[k] for p in pool]) for k in range(3))
    normal = errors_ / sigmas
    assert len(normal) > 4_000
    assert stats.kstest(normal.ravel(), "norm").pvalue > 1e-3
    d2 = np.sum(normal**2, axis=1)
    low, high = stats.chi2.ppf([1e-3, 1 - 1e-3], 4 * len(d2)) / len(d2)
    assert low < d2.mean() < high
    weak, strong = snr < 14.0, snr > 25.0
    assert weak.sum() > 300
    assert strong.sum() > 300
    assert np.median(sigmas[weak, 0]) > 1.7 * np.median(sigmas[strong, 0])
    for part in (weak, strong):
        low, high = stats.chi2.ppf([1e-3, 1 - 1e-3], 4 * part.sum()) / part.sum()
        assert low < d2[part].mean() < high


def test_noise_is_white(pool):
    """Neighbouring plots of a run, and the four numbers of one plot, know nothing of each other."""
    for lag in (1, 2, 5):
        products = np.concatenate([(e / s)[lag:] * (e / s)[:-lag] for e, s, _, _ in pool])
        assert np.abs(products.mean(axis=0)).max() < 4 / np.sqrt(len(products))
    normal = np.concatenate([e / s for e, s, _, _ in pool])
    assert np.abs(np.corrcoef(normal.T) - np.eye(4)).max() < 4 / np.sqrt(len(normal))


def test_heard_as_often_as_swerling_says(read):
    """Over 40 runs, by the mean echo along the flight."""
    world = read(HEAD.replace("boresight", "snr_reference_db = 6.0\nboresight") + CALM + QUIET + launch())
    truth = simulate(world).truth
    (body,) = truth.bodies
    physics = world.physics["eye"]
    radar = Radar.from_message(world.sensors[0])
    expected = heard = spread = 0.0
    for run in range(40):
        for scan in scans(simulate(world, run=run, truth=truth)):
            heard += len(scan.detections)
    t = np.arange(0.0, 900.0, 0.5)
    x = body.at(t)
    z = radar.predict(x)
    section = np.where(t < body.flight.burnout, *body.cross_section)
    flying = (t < body.flight.t[-1]) & radar.visible(x[:, :3]) & (z[:, 0] > physics.range_min_m)
    p = 1e-6 ** (1 / (1 + physics.snr(z[flying], section[flying])))
    expected, spread = 40 * p.sum() / 5, np.sqrt(40 * (p * (1 - p)).sum() / 5)
    assert 0.2 < p.mean() < 0.8, "the case asks for something"
    assert heard == pytest.approx(expected, abs=4 * spread + 0.01 * expected)


def test_a_spent_stage_is_heard_where_the_small_body_is_not(read):
    """The stage has 25 times the cross section of the body it has left, and flies beside it."""
    text = HEAD.replace("boresight", "snr_reference_db = 3.0\nboresight")
    world = read(text + CALM + QUIET + launch() + "separates = true\n")
    truth = simulate(world).truth
    body, stage = truth.bodies
    assert body.cross_section[1] * 25 == pytest.approx(stage.cross_section[1])

    def plots(one):
        recording = simulate(world, truth=replace(truth, bodies=(one,)))
        return sum(len(s.detections) for s in scans(recording) if recording.truth.seconds(s.time) < 300)

    assert plots(stage) > 40
    assert plots(body) < 20


@pytest.mark.parametrize(
    ("more", "rest"), [("", "body"), ("failure_s = 80.0\n", "stack"), ("failure_s = 400.0\n", "body")]
)
def test_what_fails_stays_joined(read, more, rest):
    """A vehicle whose thrust fails keeps its whole cross section; one that burns out sheds it."""
    (body,) = happen(read(HEAD + launch() + more)).bodies
    sections = VEHICLES["medium-range"].cross_sections
    assert body.cross_section == (sections.stack, getattr(sections, rest))


def test_bias_is_as_set(read):
    bias = '[[real_bias]]\nsensor = "eye"\nrange_m = 300.0\nazimuth_deg = 0.2\nelevation_deg = -0.1\n'
    found, sigmas, _, _ = errors(simulate(read(HEAD + CALM + QUIET + bias + launch())))
    weight = 1 / sigmas**2
    mean = (found * weight).sum(axis=0) / weight.sum(axis=0)
    spread = 4 / np.sqrt(weight.sum(axis=0))
    assert np.all(np.abs(mean - [300.0, np.radians(0.2), np.radians(-0.1), 0.0]) < spread)


def test_refraction_leaves_what_the_radar_does_not_know(read):
    """The air of a run differs from the believed by one draw; the plots are off by just that."""
    world = read(
        HEAD + "refractivity_error = 0.2\n" + QUIET.rstrip() + "\nreal_noise_scale = 0.0\n" + launch()
    )
    truth, parts = simulate(world).truth, []
    for run in range(40):
        found, _, _, z = errors(simulate(world, run=run, truth=truth))
        whole = bend_batch(z, 20.0)
        ratio = found[:, [0, 2]] / whole[:, [0, 2]]
        assert np.ptp(ratio, axis=0).max() < 0.1, "one part of the correction in all plots of a run"
        parts.append(ratio.mean())
    assert stats.kstest(np.array(parts) / 0.2, "norm").pvalue > 1e-3


def test_the_declared_noise_holds_what_refraction_leaves(read):
    """First plots of many runs, low over the horizon, where a fifth of the bending exceeds the noise."""
    text = (
        HEAD.replace("snr", "snr")
        + "refractivity_error = 0.2\nsnr_reference_db = 45.0\nbeamwidth_deg = 0.5\n"
    )
    world = read(text + QUIET + launch())
    truth, d2 = simulate(world).truth, []
    for run in range(100):
        found, sigmas, _, _ = errors(simulate(world, run=run, truth=truth))
        d2.append((found[0, 2] / sigmas[0, 2]) ** 2)
    low, high = stats.chi2.ppf([1e-3, 1 - 1e-3], 100) / 100
    assert low < np.mean(d2) < high


def test_false_alarms_just_pass_the_threshold(read):
    recording = simulate(read(HEAD + CALM))
    plots = [d for scan in scans(recording) for d in scan.detections]
    assert len(plots) / len(scans(recording)) == pytest.approx(3.0, abs=0.4)
    over = 10 ** (np.array([d.snr_db for d in plots]) / 10) + 1 + np.log(1e-6)
    assert stats.kstest(over, "expon").pvalue > 1e-3
    assert min(d.range_m for d in plots) > 50_000.0
    assert all(d.sigma is not None and d.sigma.range_sigma_m > 10.0 for d in plots)


def test_noise_scales_without_new_draws(read):
    world = read(HEAD + CALM + QUIET + launch())
    once = simulate(world)
    thrice = simulate(world, noise_scale=3.0, truth=once.truth)
    (a, sa, snr_a, _), (b, sb, snr_b, _) = errors(once), errors(thrice)
    assert np.array_equal(snr_a, snr_b)
    assert sb == pytest.approx(3 * sa, rel=1e-3)
    assert b[:, 0] == pytest.approx(3 * a[:, 0], abs=5e-3)
    assert b[:, 3] == pytest.approx(3 * a[:, 3], abs=2e-3)


def test_goes_through_the_wire_unchanged(read):
    for text in (HEAD, HEAD + FENCE):
        for message in simulate(read(text + launch())).messages:
            again = decode(encode_recorded(message))
            assert encode_recorded(again) == encode_recorded(message)


def test_same_bytes_again_and_others_for_another_run(read):
    world = read(HEAD + FENCE + launch() + launch(id="beta", azimuth=56.0))
    once, twice, other = simulate(world), simulate(world), simulate(world, run=1)
    assert list(map(encode_recorded, once.messages)) == list(map(encode_recorded, twice.messages))
    assert list(map(encode_recorded, once.messages)) != list(map(encode_recorded, other.messages))


# A fence and what is followed beyond it.


@pytest.fixture(scope="module")
def raid():
    text = HEAD.replace("false_alarms_per_scan = 3.0", "false_alarms_per_scan = 0.0")
    text += FENCE + "track_share = 0.2\ndwell_s = 0.1\nrevisit_s = 2.5\nbeamwidth_deg = 0.5\n"
    text += "".join(launch(id=f"a{k:02d}", time=5 * k, azimuth=48.0 + k) for k in range(12))
    return simulate(world_of(text))


def dwells(recording):
    return [s for s in scans(recording) if s.duration_s <= 0.1]


def test_the_time_budget_is_kept(raid):
    """What a radar does, it does one after the other: no look overlaps another, none is over time."""
    looks = sorted(scans(raid), key=lambda s: s.time)
    ends = [s.end for s in looks]
    assert all(after.time >= end for end, after in zip(ends, looks[1:], strict=False))
    first = looks[0].time
    per_period = np.bincount([int((s.time - first) / SECOND // 2.5) for s in dwells(raid)])
    assert per_period.max() == 5, "12 wait for the 5 dwells of 0.1 s in a fifth of 2.5 s"


def test_who_waits_gets_his_turn(raid):
    """While more is followed than fits, all are looked at equally often."""
    middles = np.array([raid.truth.seconds(s.time) for s in dwells(raid)])
    busy = [s for s, t in zip(dwells(raid), middles, strict=True) if 300 < t < 330]
    assert len(busy) == 60
    aimed = [nearest(raid, s) for s in busy]
    counts = [aimed.count(f"a{k:02d}") for k in range(12)]
    assert max(counts) - min(counts) <= 2


def nearest(recording, scan):
    """Return the body on which the beam of `scan` lies."""
    radar = Radar.from_message(next(m for m in recording.messages if isinstance(m, Sensor)))
    here = scan.coverage
    middle = np.radians((here["elevation_min_deg"] + here["elevation_max_deg"]) / 2)
    azimuth = np.radians((here["azimuth_from_deg"] + here["azimuth_to_deg"]) / 2)
    at = np.array([recording.truth.seconds(scan.time) + scan.duration_s / 2])
    gaps = []
    for body in recording.truth.bodies:
        z = radar.predict(body.at(at))[0]
        gaps.append((np.hypot((z[1] - azimuth) * np.cos(middle), z[2] - middle), body.id))
    return min(gaps)[1]


def test_each_scan_says_where_it_looked_and_saw_nothing_else(raid):
    searches = 0
    for scan in scans(raid):
        assert scan.coverage is not None
        searches += scan.duration_s > 0.1
        low, high = scan.coverage["elevation_min_deg"], scan.coverage["elevation_max_deg"]
        assert 3.0 <= low < high <= 85.0
        for d in scan.detections:
            noise = 6 * d.sigma.elevation_sigma_deg
            assert low - noise <= d.elevation_deg <= high + noise
    assert searches == len({s.time for s in scans(raid) if s.duration_s > 0.1}) > 350


def test_what_leaves_the_fence_is_followed(read):
    """Above the fence only dwells report; the body is followed from the fence to the end, but for fading."""
    text = HEAD + FENCE + "snr_reference_db = 35.0\nrevisit_s = 2.5\n" + QUIET
    recording = simulate(read(text + launch()))
    searched = [d for s in scans(recording) if s.duration_s > 0.1 for d in s.detections]
    followed = [d for s in dwells(recording) for d in s.detections]
    assert max(d.elevation_deg for d in searched) < 8.5
    assert max(d.elevation_deg for d in followed) > 20.0
    times = np.array([recording.truth.seconds(d.time) for d in followed])
    times = times[times > 220.0]  # until then the search itself keeps meeting it
    assert np.median(np.diff(times)) == pytest.approx(2.5, abs=0.1)
    assert len(times) > 0.9 * np.ptp(times) / 2.5


def test_a_fence_hears_no_more_false_alarms_than_its_share(read):
    recording = simulate(read(HEAD + FENCE))
    plots = sum(len(s.detections) for s in scans(recording))
    assert plots / len(scans(recording)) == pytest.approx(3.0 * 5 / 82, abs=0.08)


def test_eight_radars_for_a_quarter_of_an_hour_take_less_than_a_second(read, pace):
    one = HEAD[HEAD.index("[[sensor]]") :]
    text = HEAD + "".join(one.replace('"eye"', f'"eye-{k}"') for k in range(7)) + launch()
    world = read(text)
    truth = simulate(world).truth
    with pace(1.0):
        simulate(world, truth=truth)


def test_a_blind_radar_is_refused_with_its_place(read):
    with pytest.raises(
        ConfigError, match=r"test.toml: .*range_min_m: 6e\+06 is not below range_max_m 5e\+06"
    ):
        read(HEAD + "range_min_m = 6_000_000.0\n")
    with pytest.raises(ConfigError, match="fence_elevation_deg"):
        read(HEAD + "fence_elevation_deg = [8.0, 3.0]\n")
    with pytest.raises(ConfigError, match='did you mean "beamwidth_deg"'):
        read(HEAD + "beam_width_deg = 2.0\n")
