"""From the last sighting to the coast: when it went out, how hard it was pushed, and how surely that is known."""

import numpy as np
import pytest
from msgspec.structs import replace
from scipy import stats

from tocsin.errors import ConfigError
from tocsin.messages import SECOND, InfraredScan, Sensor
from tocsin.pipeline import Pipeline
from tocsin.simulation import load, simulate
from tocsin.simulation.scenario import LaunchTable
from tocsin.simulation.truth import happen
from tocsin.tracking import ahead, burn, burnout
from tocsin.tracking.settings import Settings

STATE = np.array([6.5e6, 0.0, 0.0, 2_500.0, 1_500.0, 0.0])
THRUST = np.array([40.0, 30.0, 0.0])


def test_without_misses_it_is_uniform():
    law = burnout.law([], 12.0)
    assert law[:, 0] == pytest.approx(np.full(5, 0.2))
    assert law[:, 1] == pytest.approx([1.2, 3.6, 6.0, 8.4, 10.8])
    assert law[:, 2] == pytest.approx(np.full(5, 2.4))


def test_no_burn_goes_on_for_ever():
    """Six minutes without a look, as after an outage: the law is exponential, and not as long as the silence."""
    law = burnout.law([], 360.0)
    assert law[:, 0] @ law[:, 1] == pytest.approx(burnout.REST, rel=0.1)
    assert (law[:, 0] * (law[:, 1] > 120.0)).sum() == pytest.approx(np.exp(-2.0), abs=0.03)


@pytest.mark.parametrize("missing", [0.05, 0.1, 0.4])
def test_the_law_is_that_of_burns_that_were_missed(missing):
    """Draw burnouts and looks every 5 s, keep those last seen at 0: the rest of the burn follows the law."""
    random = np.random.Generator(np.random.Philox(1))
    out = random.exponential(burnout.REST, 1_500_000)
    out = out[out < 20.0]
    looks = np.arange(5.0, 20.0, 5.0)
    seen = (looks < out[:, None]) & (random.random((len(out), len(looks))) > missing)
    out = out[~seen.any(axis=1)]
    law = burnout.law([(t, np.log(missing)) for t in looks], 20.0)
    assert law[:, 0].sum() == pytest.approx(1.0)
    mean = law[:, 0] @ law[:, 1]
    variance = law[:, 0] @ ((law[:, 1] - mean) ** 2 + law[:, 2] ** 2 / 12)
    assert mean == pytest.approx(out.mean(), rel=0.02)
    assert np.sqrt(variance) == pytest.approx(out.std(), rel=0.04)
    assert (law[:, 0] * (law[:, 1] > 5.0)).sum() == pytest.approx((out > 5.0).mean(), abs=0.01)


def test_what_is_handed_over_has_the_moments_of_what_may_have_happened():
    """Draw burnouts, fading, thrust and the state at the last sighting; carry each on with constant thrust."""
    random = np.random.Generator(np.random.Philox(2))
    n, dt = 200_000, 15.0
    law = burnout.law([(6.0, np.log(0.1))], dt)
    P = np.diag([1.0, 1.0, 1.0, 1e-4, *[400.0**2] * 3, *[60.0**2] * 3])
    coast = STATE + np.concatenate([dt * STATE[3:], np.zeros(3)])  # no gravity: only the push is asked here
    rows = [(row[0], *burnout.handed_over(coast, P, THRUST, dt, row)) for row in law]
    shares = np.array([share for share, _, _ in rows])
    states = np.array([state for _, state, _ in rows])
    mean = shares @ states
    off = states - mean
    C = np.einsum("k,kij->ij", shares, np.array([c[4:, 4:] for _, _, c in rows])) + (off.T * shares) @ off

    cell = random.choice(len(law), n, p=law[:, 0])
    burned = law[cell, 1] + law[cell, 2] * random.uniform(-0.5, 0.5, n)
    fading = np.where(random.random(n) < 0.5, random.uniform(0.0, burnout.FADING, n), 0.0)
    size = float(np.linalg.norm(THRUST))
    axes = burnout._axes(THRUST / size, coast)
    gain = (burned - 0.5 * fading)[:, None] * THRUST
    gain += burnout.THRUST_SHARE * size * burned[:, None] * random.standard_normal((n, 3))
    v = 60.0 * random.standard_normal((n, 3))
    v += (burnout.VELOCITY_ERROR * size * random.standard_normal((n, 3))) @ axes
    r = np.hypot(400.0, burnout.PLACE_ERROR) * random.standard_normal((n, 3))
    drawn = np.column_stack(
        [r + dt * (STATE[3:] + v) + (dt - 0.5 * burned)[:, None] * gain, STATE[3:] + v + gain]
    )
    drawn[:, :3] += STATE[:3]
    sigma = np.sqrt(np.diag(C))
    assert np.abs(drawn.mean(axis=0) - mean) / sigma == pytest.approx(np.zeros(6), abs=0.03)
    assert np.cov(drawn.T) / np.outer(sigma, sigma) == pytest.approx(C / np.outer(sigma, sigma), abs=0.06)


def test_a_thrust_no_stack_would_bear_is_bounded():
    pushed = STATE + np.array([0.0, 0.0, 0.0, 300.0, 0.0, 0.0])
    assert burnout.push(STATE, pushed, 1.0) == pytest.approx([burnout.MOST_THRUST, 0.0, 0.0])
    assert burnout.push(STATE, STATE, 1.0) == pytest.approx(np.zeros(3))


def test_ending_a_burn_elsewhere_leaves_its_past_alone(sky):
    """Thrust before the last sighting is what the sightings told: it may not depend on when the burn ends."""
    random = np.random.Generator(np.random.Philox(4))
    rows = []
    while len(rows) < 10:
        w, true = sky.drawn(random, 1)
        w[4 + 7 + 3] = 3.0  # a steep slope: thrust grows through the burn
        rows = sky.seen(1, w, true, until=0.8 * sky.burn_end(1, w), random=random)
    half = burn.Burn(rows, Settings())
    mode = half.modes[0]
    at = np.array([mode.time])
    for longer in (0.0, 5.0, 20.0):
        flown = ahead.flown(mode, at, mode.time + longer)[0]
        assert np.linalg.norm(flown[:3] - mode.state[:3]) < 20.0
        assert np.linalg.norm(flown[3:] - mode.state[3:]) < 2.0


# ------------------------------------------------------------------------------------- vehicles no prior has seen


def handover(seed):
    """Return the NEES of the motion handed over by two satellites for one random vehicle; None if not found."""
    random = np.random.Generator(np.random.Philox(key=seed))
    kind = str(random.choice(["short-range", "medium-range", "intermediate-range"]))
    table = LaunchTable(
        id="alpha", vehicle=f"random:{kind}", time_s=30.0, vehicle_seed=int(random.integers(2**31)),
        latitude_deg=float(random.uniform(-30, 30)), longitude_deg=float(random.uniform(-20, 20)),
        azimuth_deg=float(random.uniform(0, 360)),
    )  # fmt: skip
    scenario = replace(load("demo"), launch=(table,), seed=seed)
    scenario = replace(scenario, sensors=tuple(s for s in scenario.sensors if s.type == "infrared"))
    try:
        truth = happen(scenario)
    except ConfigError:
        return None
    body = truth.bodies[0]
    scenario = replace(scenario, duration_s=30.0 + body.flight.burnout + 35.0)
    pipeline = Pipeline()
    for message in simulate(scenario, run=seed, truth=truth).messages:
        if isinstance(message, Sensor | InfraredScan):
            pipeline.receive(message)
    (chain,) = pipeline._chains.values()
    tracks = [b for b in chain.tracker.bodies.values() if b.burn is not None and b.burn.over]
    if not tracks:
        return None
    time, components = tracks[0].burn.components()
    true = body.flight.at(np.array([(time - body.lift_off_time) / SECOND]))[0]
    weights = np.array([c.weight for c in components])
    states = np.array([c.motion for c in components])
    mean = weights @ states
    off = states - mean
    C = np.einsum("k,kij->ij", weights, np.array([c.covariance[4:, 4:] for c in components]))
    C += (off.T * weights) @ off
    return float((true - mean) @ np.linalg.solve(C, true - mean))


def test_the_motion_handed_over_is_as_good_as_it_says():
    """Within what ten would show of a covariance that is right; half or thrice its size falls out."""
    nees = [d for d in map(handover, range(9_900_000, 9_900_010)) if d is not None]
    assert len(nees) >= 8
    assert 0.5 < np.mean(np.minimum(nees, 20.0)) / 6.0 < 1.6
    assert sum(d < stats.chi2.ppf(0.99, 6) for d in nees) >= len(nees) - 2
