"""Launch and motion of a burning body from angles alone: a batch maximum-a-posteriori fit over a mixture of profiles.

Each mode of the posterior is a local maximum found by Levenberg-Marquardt over launch place, time, heading, a staged
profile with smooth deviations and the pointing bias of each satellite, weighted by its Laplace evidence. The design,
its priors and what was measured of it stand in the project's note on launch from angles (2026-11).
"""

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.special import chdtri

from tocsin.earth.ellipsoid import geodetic_from_ecef
from tocsin.messages import Array
from tocsin.tracking import starts
from tocsin.tracking._boost import left_over, natural, place
from tocsin.tracking._fit import CLOUDS, Problem, fit
from tocsin.tracking.clutter import VIEW
from tocsin.tracking.profile import CLASSES, LAUNCH_SCALE, LAUNCH_SIZE, ProfileClass, tables
from tocsin.tracking.sightings import Sights
from tocsin.tracking.starts import STEP

ROUGH_STEP: Final = 8.0  # s, while a start finds its valley
ANNEALING: Final = 3_000.0  # m, position error allowed while a start finds its valley
UNDER_CLOUD: Final = 0.4  # of the cloud top: no launch is first seen lower (our assumption)
CEILING_EDGE: Final = 100_000.0  # m, softness of the height up to which a class burns (our assumption)
NEVER: Final = 1e9  # s, when no miss has been seen
# What any profile leaves over, an axis of launch: north, east [m], time [s], heading [rad] (dog-legs); our assumption:
# with the note's 300 m and 4 s ellipses of 50 % held 62 % of 298 random vehicles (seeds 78,000,000 on, 2026-11).
LAUNCH_MODEL_ERROR: Final = np.array([100.0, 100.0, 2.5, np.radians(2.0)])

NO_SPREAD: Final = np.full((10, 10), np.nan)


class Mode(Struct, frozen=True):
    """One local maximum: class, parameters about a reference launch, its cost and Laplace log evidence.

    `launch` (4): latitude, longitude [rad], time [s after the epoch], heading [rad]. `state` (6): ITRF position and
    velocity [m, m/s] at `time` [s after the epoch], the last sighting. `covariance` (10, 10): of north, east [m],
    time [s], heading [rad], then the state. `thrust`: acceleration at the last sighting [m/s²].
    `first_height`: at the first sighting [m].
    """

    vehicle: int
    w: Array
    reference: Array
    cost: float
    evidence: float
    launch: Array
    state: Array
    time: float
    covariance: Array
    thrust: float
    first_height: float


def warm(mode: Mode, sights: Sights, seen: float, gone: float, iterations: int) -> Mode:
    """Refit a mode to the sights, starting from where it was."""
    size = CLASSES[mode.vehicle].size + 2 * len(sights.sensors)
    w = np.zeros(size)
    keep = min(size, len(mode.w))
    w[:keep] = mode.w[:keep]
    return _fit(mode.vehicle, w, mode.reference, sights, seen, gone, iterations)


def cold(sights: Sights, seen: float, gone: float, iterations: int = 8) -> list[Mode]:
    """Find the modes of all classes from scratch, best first."""
    begun = [start for index in range(len(CLASSES)) for start in starts.of(index, sights)]
    rough = sights.annealed(ANNEALING)
    settled: list[Mode] = []
    for vehicle, reference, w in begun:
        mode = _fit(vehicle, w, reference, rough, seen, gone, 4, deviations=False)
        if not any(_in_one_valley(mode, other) for other in settled):
            settled.append(mode)
    return distinct([_fit(m.vehicle, m.w, m.reference, sights, seen, gone, iterations) for m in settled])


def distinct(modes: list[Mode], most: int = 6, depth: float = 9.0) -> list[Mode]:
    """Keep the best of modes that agree, then those within `depth` [nats] of the best, at most `most`."""
    kept: list[Mode] = []
    for mode in sorted((m for m in modes if np.isfinite(m.evidence)), key=lambda m: -m.evidence):
        if len(kept) == most or (kept and mode.evidence < kept[0].evidence - depth):
            break
        if not any(_same(mode, other) for other in kept):
            kept.append(mode)
    return kept


def weights(modes: list[Mode]) -> Array:
    """Return the posterior weights (n,) of modes by their evidence."""
    e = np.array([mode.evidence for mode in modes])
    p = np.exp(e - e.max())
    return np.asarray(p / p.sum())


def log_density(modes: list[Mode], sights: Sights, launch_rate: float) -> float:
    """Return the log density of sightings [1/sr each] under a launch with these modes.

    The modes' Laplace evidence, with the densities it leaves out: of the lines' noise, and of the four flat parameters,
    for launches at `launch_rate` an hour in the view of a satellite, of any time and heading.
    """
    if not modes:
        return -np.inf
    density = launch_rate / 3600.0 / VIEW / (2 * np.pi) * float(np.prod(LAUNCH_SCALE))
    known = np.log(density) + 0.5 * LAUNCH_SIZE * np.log(2 * np.pi)
    noise = float(np.sum(np.log(2 * np.pi * sights.sigma**2)))
    evidence = np.array([mode.evidence for mode in modes])
    return float(known + np.logaddexp.reduce(evidence) - noise)


def plausible(modes: list[Mode], sights: Sights) -> list[Mode]:
    """Return the modes first seen above the clouds, or not far below, whose cost is one of 999 in 1,000.

    A class whose deviations are free bends to strays as well, and a flight begins alike in all: it has no say here.
    The cost's law: two angles a sighting and a number for each word of the clouds, less the four flat parameters.
    """
    most = chdtri(max(2 * len(sights.times) + len(sights.clouds) - LAUNCH_SIZE, 2), 1e-3)
    return [
        m
        for m in modes
        if m.first_height > UNDER_CLOUD * sights.cloud_top
        and m.cost < most
        and CLASSES[m.vehicle].freedom == 1.0
    ]


def _in_one_valley(a: Mode, b: Mode) -> bool:
    """Say whether two annealed starts of one class have met: profiles within 0.3 prior sigmas, near launches."""
    return (
        a.vehicle == b.vehicle
        and float(np.max(np.abs(a.w[4:] - b.w[4:]))) < 0.3
        and float(np.linalg.norm(a.state[:3] - b.state[:3])) < ANNEALING
        and abs(a.launch[2] - b.launch[2]) < 2.0
        and abs((a.launch[3] - b.launch[3] + np.pi) % (2 * np.pi) - np.pi) < 0.1
    )


def _same(a: Mode, b: Mode) -> bool:
    """Say whether two modes of one class are the same maximum: all launch parameters within half a sigma."""
    if a.vehicle != b.vehicle or abs(a.evidence - b.evidence) > 2.0:
        return False
    apart = np.linalg.norm(a.state[:3] - b.state[:3])
    sigma = np.sqrt(np.diag(a.covariance))
    turn = abs((a.launch[3] - b.launch[3] + np.pi) % (2 * np.pi) - np.pi)
    return bool(
        apart < 0.5 * np.linalg.norm(sigma[4:7]) + 10.0
        and abs(a.launch[2] - b.launch[2]) < 0.5 * sigma[2] + 0.1
        and turn < 0.5 * sigma[3] + 0.01
        and np.linalg.norm(a.state[3:] - b.state[3:]) < 0.5 * np.linalg.norm(sigma[7:]) + 1.0
    )


def _fit(
    vehicle: int,
    w: Array,
    reference: Array,
    sights: Sights,
    seen: float,
    gone: float,
    iterations: int,
    deviations: bool = True,
) -> Mode:
    """Run the fit of one class from `w` and wrap its result, centred on the new launch."""
    kind = CLASSES[vehicle]
    free = _free(kind, sights)
    if not deviations:
        free[kind.size - 20 :] = False
    problem = _problem(kind, vehicle, reference, sights, seen, gone, STEP if deviations else ROUGH_STEP)
    w, cost, H, states, last = fit(w, free, iterations, problem)
    states = states[len(sights.clouds) : -1]
    evidence, covariance = _laplace(kind, cost, H, last) if deviations else (-0.5 * cost, NO_SPREAD)
    return _mode(vehicle, w, reference, float(cost), evidence, covariance, states, float(sights.times[-1]))


def information(mode: Mode, sights: Sights) -> Array:
    """Return the information (p, p) about a mode's parameters, when the burn ended left open."""
    kind, seen = CLASSES[mode.vehicle], float(sights.times[-1])
    problem = _problem(kind, mode.vehicle, mode.reference, sights, seen, NEVER, STEP)
    return np.asarray(fit(mode.w, _free(kind, sights), 0, problem)[2])


def _free(kind: ProfileClass, sights: Sights) -> NDArray[np.bool_]:
    """Mark the parameters that a fit may move: all but the biases of satellites that have none."""
    return np.concatenate([np.ones(kind.size, dtype=np.bool_), np.repeat(sights.bias_sigma > 0.0, 2)])


def _problem(
    kind: ProfileClass, vehicle: int, reference: Array, sights: Sights, seen: float, gone: float, step: float
) -> Problem:
    return Problem(
        tables()[vehicle], len(kind.stages), kind.freedom, kind.duration, reference, 0.0, *_rows(sights, kind.ceiling),
        sights.bias_sigma, seen, gone, step, sights.cloud_top,
    )  # fmt: skip


def _rows(
    sights: Sights, ceiling: float
) -> tuple[Array, Array, Array, Array, Array, Array, NDArray[np.int64]]:
    """Return the rows of a fit: what the clouds say, then the sights, then that the last was below a `ceiling` [m]."""
    count = len(sights.clouds)
    none, last = np.zeros((count, 3)), np.zeros((1, 3))
    said = np.column_stack([sights.clouds[:, 1:], np.zeros(count)])
    return (
        np.concatenate([sights.clouds[:, 0], sights.times, sights.times[-1:]]),
        np.vstack([said, sights.u, [[ceiling, CEILING_EDGE, 1.0]]]), np.vstack([none, sights.e1, last]),
        np.vstack([none, sights.e2, last]), np.vstack([none, sights.platform, last]),
        np.concatenate([np.ones(count), sights.sigma, np.ones(1)]),
        np.concatenate([np.full(count, CLOUDS), sights.satellite, np.full(1, CLOUDS)]),
    )  # fmt: skip


def _laplace(kind: ProfileClass, cost: float, H: Array, last: Array) -> tuple[float, Array]:
    """Return the log evidence of a maximum and the covariance (10, 10) of launch and motion about it."""
    sign, log_det = np.linalg.slogdet(H)
    if sign <= 0 or not np.isfinite(cost):
        return -np.inf, NO_SPREAD
    G = np.zeros((10, len(H)))
    G[:4, :4] = np.diag(LAUNCH_SCALE)
    G[4:] = last
    covariance = G @ np.linalg.solve(H, G.T)
    covariance = 0.5 * (covariance + covariance.T)
    covariance[:4, :4] += np.diag(LAUNCH_MODEL_ERROR**2)
    return float(np.log(kind.weight) - 0.5 * cost - 0.5 * log_det), covariance


def _mode(
    vehicle: int,
    w: Array,
    reference: Array,
    cost: float,
    evidence: float,
    covariance: Array,
    states: Array,
    time: float,
) -> Mode:
    launch = place(w, reference)
    kind = CLASSES[vehicle]
    _, stages, _, _ = natural(w, tables()[vehicle], len(kind.stages), kind.freedom)
    tau = time - launch[2]
    centred = w.copy()
    centred[:4] = 0.0
    stage = stages[stage_at(stages, tau)]
    return Mode(
        vehicle, centred, launch, cost, evidence, launch, states[-1], time, covariance,
        float(stage[2] / left_over(stage, tau)), float(geodetic_from_ecef(states[0, :3])[2]),
    )  # fmt: skip


def stage_at(stages: Array, tau: float) -> int:
    """Return the index of the stage that burns, or burned last, at `tau` [s after launch]."""
    return max(int(np.searchsorted(stages[:, 0], tau, side="right")) - 1, 0)
