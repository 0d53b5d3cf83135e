"""Where a satellite believes it looks: a pointing bias that drifts, and stars that set it right now and then."""

from collections.abc import Callable

import numpy as np

from tocsin.messages import Array, Sensor
from tocsin.sensors.radiometry import InfraredPhysics
from tocsin.simulation.looks import Draws
from tocsin.simulation.scenario import Scenario

BIAS_TIME_S = 3600.0  # over which a pointing bias forgets itself: our assumption
_BIAS_STEP_S = 60.0
_STEPS_IN_BIAS_TIME = 20  # straight lines between steps are too smooth within one
_STEPS_IN_CALIBRATION = 50

Bias = Callable[[float], Array]


def bias(
    sensor: Sensor, scenario: Scenario, draws: Draws, sigma: float, physics: InfraredPhysics | None = None
) -> Bias:
    """Return the bias (2,) [rad] by scenario time: as set, or a first-order Gauss-Markov path of the run."""
    for table in scenario.real_bias:
        if table.sensor == sensor.id:
            constant, since = np.array([table.east_urad, table.north_urad]) * 1e-6, table.since_s
            return lambda t: constant if t >= since else np.zeros(2)
    if physics is None:
        return _drift(draws, sigma, scenario.duration_s, BIAS_TIME_S, _BIAS_STEP_S, 0.0)
    period = physics.star_calibration_s
    step = min(_BIAS_STEP_S, physics.bias_time_s / _STEPS_IN_BIAS_TIME)
    if period is not None:
        step = min(step, period / _STEPS_IN_CALIBRATION)
    before = 0.0 if period is None else period
    free = _drift(draws, sigma, scenario.duration_s, physics.bias_time_s, step, before)
    if period is None:
        return free
    phase = Draws(draws.study, draws.run, draws.sensor).of("stars").uniform(0.0, period)
    taken_off = 1.0 - physics.star_calibration_left

    def calibrated(t: float) -> Array:
        last = phase + np.floor((t - phase) / period) * period
        return free(t) - taken_off * free(last)

    return calibrated


def calibrated_variance(physics: InfraredPhysics, since: float) -> float:
    """Return what is left of a bias's variance, as a part of it, `since` seconds after its last calibration.

    The bias b drifts with correlation ρ = exp(-since/τ), and the stars took off (1 - left) b:
    1 - 2 (1 - left) ρ + (1 - left)².
    """
    taken_off = 1.0 - physics.star_calibration_left
    return float(1.0 - 2.0 * taken_off * np.exp(-since / physics.bias_time_s) + taken_off**2)


def draw_path(draws: Draws, steps: int) -> Array:
    """Return the normal numbers (steps, 2) behind a bias path; a longer path begins with a shorter one."""
    return Draws(draws.study, draws.run, draws.sensor).of("bias").standard_normal((steps, 2))


def _drift(draws: Draws, sigma: float, duration: float, time: float, step: float, before: float) -> Bias:
    """Return a stationary Gauss-Markov path from `before` seconds ahead of the start, straight between steps."""
    steps = int((duration + before) / step) + 2
    normal = draw_path(draws, steps)
    keep = np.exp(-step / time)
    path = normal.copy()
    for k in range(1, steps):
        path[k] = keep * path[k - 1] + np.sqrt(1 - keep * keep) * normal[k]
    path *= sigma
    grid = np.arange(steps) * step - before
    return lambda t: np.array([np.interp(t, grid, path[:, 0]), np.interp(t, grid, path[:, 1])])
