"""When satellites can see what they are there for: against the sky or the ground, in windows through the day.

Positions (.., 3) [m, ITRF], times [s]. An early infrared satellite saw a plume only with dark space behind it, so it
looked past the Earth's limb and had windows of hours; one that sees it before the ground has the whole disk.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.messages import Array
from tocsin.sensors._kernels import CLEAR_SKY, line_against_earth

Flags = NDArray[np.bool_]


@njit(cache=True, error_model="numpy")
def silhouetted(platforms: Array, r: Array, clearance: float) -> Flags:
    """Say for satellites (m, 3) and targets (n, 3) whether the target has only space behind and before it: (m, n).

    Its line must pass `clearance` [m] or more above the ground wherever it comes nearest, so no glowing air is in it.
    """
    seen = np.empty((len(platforms), len(r)), dtype=np.bool_)
    for i in range(len(platforms)):
        for k in range(len(r)):
            background, tangent_height = line_against_earth(platforms[i], r[k])
            seen[i, k] = background == CLEAR_SKY and tangent_height >= clearance
    return seen


def windows(t: Array, seen: Flags) -> Array:
    """Give start and end (k, 2) of the stretches in which `seen` (m,) holds at evenly spaced times `t` (m,)."""
    edges = np.diff(np.concatenate(([0], seen.astype(np.int8), [0])))
    step = t[1] - t[0] if len(t) > 1 else 0.0
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return np.column_stack((t[begins], t[ends - 1] + step))


def share_covered(seen: Flags, satellites: int, working: int | None = None) -> tuple[float, float]:
    """Give the shares of the day that one or more and that two or more of `satellites` see.

    `seen` (m,) is one satellite's day. The others follow on the same track, evenly spaced through the day; of them only
    the first `working` see at all.
    """
    count = np.zeros(len(seen), dtype=np.int64)
    for k in range(satellites if working is None else working):
        count += np.roll(seen, round(k * len(seen) / satellites))
    return float(np.mean(count >= 1)), float(np.mean(count >= 2))


def turned(r: Array, angle: float) -> Array:
    """Turn positions (m, 3) east about the Earth's axis by an angle [rad]: the same orbit with another node."""
    c, s = np.cos(angle), np.sin(angle)
    return np.asarray(r @ np.array(((c, s, 0.0), (-s, c, 0.0), (0.0, 0.0, 1.0))))
