"""From the last sighting of a burning body to its coast: what thrust did unseen, and how surely the rest is known.

When it went out nobody sees. It is about as likely at any time soon after the last sighting (launch-from-angles,
2026-11, section 5), but for the looks that would have had to miss it, and no burn goes on for ever. Until then it was
pushed as at the last sighting, no harder than a stack bears, and less where its thrust had begun to fade. The fit's
covariance grows by what no profile follows: how thrust and its direction bent since the sightings could last tell.
"""

from typing import Final

import numpy as np

from tocsin.messages import SECOND, Array

STAGING: Final = 8.0  # s, of the longest gap between stages, in which nothing burns (launch-from-angles)
GAP_CHANCE: Final = float(np.log(0.1))  # that misses so soon after a sighting are such a gap (our assumption)
POINTS: Final = 5  # of the law of the burnout instant
REST: Final = 60.0  # s, for which a burn seen somewhere in its course goes on, in the mean (our assumption)
LEAST: Final = 0.005  # of that law: less is left out
MOST_THRUST: Final = 120.0  # m/s², what a stack and its load bear at the end of a burn (our assumption: 12 g)
# A solid motor's thrust fades over its last seconds, an engine that is shut off stops at once: half of all fade, evenly
# over up to FADING s, to nothing (our assumption). Mean and sigma of the thrust so lost, in seconds of full thrust.
FADING: Final = 10.0  # s
LOST: Final = 0.5 * FADING / 4
LOST_SIGMA: Final = float(np.sqrt(0.5 * FADING**2 / 12 - LOST**2))
THRUST_SHARE: Final = 0.15  # our assumption: as the smooth deviations of thrust and pitch together
# What any profile leaves over at the last sighting: in velocity, seconds of thrust along it, out of the plane of flight
# and across it in the plane; in place, metres an axis. Fitted to 100 random vehicles seen by two satellites every 10 s
# (seeds 9,000,000 on, 2026-11), all classes alike.
VELOCITY_ERROR: Final = np.array([1.0, 0.0, 1.5])
PLACE_ERROR: Final = 500.0

Miss = tuple[int, int, float]  # start and end of a look, log probability that it misses what burns


def missing(missed: list[Miss], to_come: float) -> float:
    """Return the log probability that looks miss a body that burns, or that will after one gap between stages.

    One gap explains all that begin within its length of the first, in whatever number, as far as a stage is `to_come`:
    the probability of that.
    """
    if not missed:
        return 0.0
    until = min(start for start, _, _ in missed) + STAGING * SECOND
    within = sum(cost for start, _, cost in missed if start < until)
    gap = GAP_CHANCE + float(np.log(max(to_come, 1e-9)))
    return max(within, gap) + sum(cost for start, _, cost in missed if start >= until)


def push(at_rest: Array, pushed: Array, seconds: float) -> Array:
    """Return the thrust (3,) [m/s²], bounded, from states flown on for `seconds` without it and with it."""
    thrust = (pushed[3:] - at_rest[3:]) / seconds
    size = float(np.linalg.norm(thrust))
    return np.asarray(thrust * min(1.0, MOST_THRUST / max(size, 1e-9)))


def law(misses: list[tuple[float, float]], end: float) -> Array:
    """Return the law of the burnout instant by rows (k, 3): share, mean [s after the last sighting], width [s].

    `misses`: when a look missed it [s after the last sighting, ascending] and the log probability that it misses a
    burning body; after `end` [s] it had surely gone out.
    """
    seen = [(t, cost) for t, cost in misses if 0.0 < t < end]
    seen = sorted(seen + [(t, 0.0) for t in np.arange(0.5 * REST, end, 0.5 * REST).tolist()])
    edges = [0.0, *(t for t, _ in seen), end]
    costs = np.cumsum([0.0, *(cost for _, cost in seen)])
    mass = -np.diff(np.exp(-np.array(edges) / REST)) * np.exp(costs)
    mass /= mass.sum()
    rows = []
    for begin, until, share in zip(edges, edges[1:], mass.tolist(), strict=False):
        if share < LEAST:
            continue
        pieces = max(round(POINTS * share), 1)
        width = (until - begin) / pieces
        rows += [(share / pieces, begin + (k + 0.5) * width, width) for k in range(pieces)]
    found = np.array(rows)
    found[:, 0] /= found[:, 0].sum()
    return found


def handed_over(
    coast: Array, covariance: Array, thrust: Array, dt: float, instant: Array
) -> tuple[Array, Array]:
    """Return the state (6,) and covariance (10, 10), `dt` s after the last sighting, of one `instant` of the law.

    `coast` (6): where it would be had it gone out at the last sighting; `covariance` (10, 10): of launch and motion at
    that sighting; `thrust` (3,): there; `dt` is short, for the push is carried on in a straight line.
    """
    size = float(np.linalg.norm(thrust))
    along = thrust / max(size, 1e-9)
    axes = _axes(along, coast)
    F = np.eye(10)
    F[4:7, 7:10] = dt * np.eye(3)
    P = covariance.copy()
    P[4:7, 4:7] += PLACE_ERROR**2 * np.eye(3)
    P[7:, 7:] += (axes.T * (VELOCITY_ERROR * size) ** 2) @ axes
    P = F @ P @ F.T
    _, burned, width = instant.tolist()
    lever = dt - 0.5 * burned
    gain = (burned - LOST) * size * along
    wide = size**2 * (width**2 / 12.0 + LOST_SIGMA**2)
    Q = wide * np.outer(along, along) + (THRUST_SHARE * size * burned) ** 2 * np.eye(3)
    P[4:, 4:] += np.block([[lever**2 * Q, lever * Q], [lever * Q, Q]])
    return coast + np.concatenate([lever * gain, gain]), P


def _axes(along: Array, state: Array) -> Array:
    """Return axes (3, 3): along the thrust, out of the plane of flight, and across it in the plane."""
    across = np.cross(state[:3], along)
    across /= max(float(np.linalg.norm(across)), 1e-9)
    return np.array([along, across, np.cross(along, across)])
