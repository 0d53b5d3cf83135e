"""Where a mode of a burn would be when it was not seen, its thrust going on or ended; and its launch, over modes."""

from typing import Final

import numpy as np

from tocsin.earth.local import launch_difference, launch_moved
from tocsin.messages import Array
from tocsin.tracking import burnout, launch
from tocsin.tracking._boost import fly, natural
from tocsin.tracking.launch import Mode
from tocsin.tracking.profile import CLASSES, tables
from tocsin.tracking.sightings import Sighting
from tocsin.tracking.starts import STEP

THRUST_DOUBT: Final = 35.0  # m/s², what thrust may do until the next look: stages end and begin (assumed)
THRUST_SPAN: Final = 0.5  # s, over which the thrust at the last sighting is taken


def flown(mode: Mode, times: Array, burn_end: float) -> Array:
    """Fly a mode to `times` [s after the epoch] with its burn ending at `burn_end` instead of its own end."""
    kind = CLASSES[mode.vehicle]
    pitch, stages, g, f = natural(mode.w, tables()[mode.vehicle], len(kind.stages), kind.freedom)
    start = float(mode.launch[2])
    now = launch.stage_at(stages, mode.time - start)
    stages = stages[: now + 1].copy()
    _end_at(stages[now], max(burn_end - start - stages[now, 0], 0.1))
    return np.asarray(fly(mode.launch, 0.0, pitch, stages, g, f, kind.duration, times - start, STEP))


def expected(mode: Mode, clock: float) -> tuple[Array, Array]:
    """Return place (3,) and its covariance (3, 3) of a mode at `clock` [s after the epoch], thrust going on."""
    r, _, C = going_on(mode, clock)
    return r, C


def going_on(mode: Mode, clock: float) -> tuple[Array, Array, Array]:
    """Return place (3,), velocity (3,) and the place's covariance (3, 3) of a mode at `clock`, thrust going on."""
    state = flown(mode, np.array([clock]), max(clock, mode.time) + 1.0)[0]
    dt = clock - mode.time
    P = mode.covariance[4:, 4:]
    C = P[:3, :3] + dt * (P[:3, 3:] + P[3:, :3]) + dt * dt * P[3:, 3:]
    return state[:3], state[3:], C + (0.5 * THRUST_DOUBT * dt * dt) ** 2 * np.eye(3)


def off(mode: Mode, s: Sighting, clock: float) -> float:
    """Return how far a mode passes from the line of a sighting at `clock` [s after the epoch], in its sigmas."""
    d = flown(mode, np.array([clock]), max(clock, mode.time) + 1.0)[0, :3] - s.platform
    return float(np.hypot(s.e1 @ d, s.e2 @ d) / (s.u @ d) / s.sigma)


def gone_out(mode: Mode, instants: Array) -> list[tuple[float, float, Array, Array]]:
    """Return share, seconds after the last sighting, state (6,) and covariance (10, 10) of a mode whose burn is over.

    `instants`: the law of when it went out (`burnout.law`); each row just after it has.
    """
    beyond = np.array([mode.time + THRUST_SPAN])
    thrust = burnout.push(flown(mode, beyond, mode.time)[0], flown(mode, beyond, beyond[0])[0], THRUST_SPAN)
    rows = []
    for instant in instants:
        out = float(instant[1] + 0.5 * instant[2])
        coast = flown(mode, np.array([mode.time + out]), mode.time)[0]
        rows.append(
            (float(instant[0]), out, *burnout.handed_over(coast, mode.covariance, thrust, out, instant))
        )
    return rows


def to_come(modes: list[Mode]) -> float:
    """Return the weight of the modes that have a stage still to come at the last sighting."""
    share = 0.0
    for weight, mode in zip(launch.weights(modes), modes, strict=True):
        kind = CLASSES[mode.vehicle]
        _, stages, _, _ = natural(mode.w, tables()[mode.vehicle], len(kind.stages), kind.freedom)
        share += weight * (launch.stage_at(stages, mode.time - float(mode.launch[2])) + 1 < len(stages))
    return float(share)


def launch_moments(modes: list[Mode]) -> tuple[Array, Array]:
    """Return mean (4,) and covariance (4, 4) of the launch over modes."""
    weights = launch.weights(modes)
    reference = modes[0].launch
    offsets = np.array([launch_difference(m.launch, reference) for m in modes])
    mean = weights @ offsets
    apart = offsets - mean
    spread = np.einsum("k,kij->ij", weights, np.array([m.covariance[:4, :4] for m in modes]))
    return launch_moved(reference, mean), spread + np.einsum("k,ki,kj->ij", weights, apart, apart)


def _end_at(stage: Array, burn: float) -> None:
    """Let a stage (5,) burn for `burn` [s] and push as before until then, its slope being one over the whole burn."""
    ratio = burn / stage[1]
    heavier = np.exp(0.5 * stage[4] * (ratio - 1.0))
    stage[1:] *= np.array([ratio, heavier, heavier, ratio])
