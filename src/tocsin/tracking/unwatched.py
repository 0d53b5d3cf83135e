"""A burn that nobody looked at any more: flown on as far as its class allows, by points drawn from the fit's posterior.

After minutes unseen a straight push says nothing: the body has pitched over, has staged, and may burn as long as any of
its class. So each mode is flown on whole, with heading, pitch, thrust and burns as uncertain as the fit left them.
"""

import math
from functools import cache
from typing import Final

import numpy as np
from numba import njit
from scipy.special import ndtri

from tocsin.constants import EARTH_GM, EARTH_RADIUS, EARTH_RATE
from tocsin.flight.coast import propagate
from tocsin.messages import Array
from tocsin.tracking import launch
from tocsin.tracking._boost import fly, natural, place
from tocsin.tracking.launch import LAUNCH_MODEL_ERROR, Mode
from tocsin.tracking.profile import CLASSES, LAUNCH_SCALE, LAUNCH_SIZE, tables
from tocsin.tracking.sightings import Sights
from tocsin.tracking.starts import STEP

POINTS: Final = 240  # drawn from a mode
CELLS: Final = 3  # by the time it went out, of a mode's points
FEWEST: Final = 20  # points of a cell, from which ten numbers' spread can be told
PLACE_ERROR: Final = 1_000.0  # m an axis, that no profile follows (our assumption)
VELOCITY_ERROR: Final = 50.0  # m/s an axis, the same

AIR: Final = 100_000.0  # m, below which nothing orbits (our assumption)

Cell = tuple[float, Array, Array]  # share, motion (6,), covariance (10, 10) of launch and motion


def flown_on(mode: Mode, sights: Sights, at: float) -> list[Cell]:
    """Return what a mode may have become `at` [s after the epoch]: as it coasts then, its burn over.

    Cells by the time it went out. A motion whose burn ends later is carried back from there to `at` without thrust, so
    that it coasts rightly once it is out. Empty where no point of the mode still burned at its last sighting; a cell
    spread over more than the Earth's radius tells nothing and is left out.
    """
    rows = [row for w in drawn(mode, sights) if (row := _flown(mode, w, at)) is not None]
    if len(rows) < 2 * FEWEST:
        return []
    found = np.array(sorted(rows, key=lambda row: row[0]))
    cells = np.array_split(found[:, 1:], min(CELLS, len(found) // FEWEST))
    moments = [_moments(mode, cell, len(cell) / len(found)) for cell in cells]
    return [cell for cell in moments if np.trace(cell[2][4:7, 4:7]) < EARTH_RADIUS**2]


@njit(cache=True, error_model="numpy")
def stays_up(x: Array) -> bool:
    """Say whether a motion (6,) is an orbit above the air."""
    u, v, w = x[3] - EARTH_RATE * x[1], x[4] + EARTH_RATE * x[0], x[5]
    far = math.sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2])
    a, b, c = x[1] * w - x[2] * v, x[2] * u - x[0] * w, x[0] * v - x[1] * u
    p, q, s = v * c - w * b, w * a - u * c, u * b - v * a
    p, q, s = p / EARTH_GM - x[0] / far, q / EARTH_GM - x[1] / far, s / EARTH_GM - x[2] / far
    eccentricity = math.sqrt(p * p + q * q + s * s)
    perigee = (a * a + b * b + c * c) / EARTH_GM / (1.0 + eccentricity)
    return eccentricity < 1.0 and perigee > EARTH_RADIUS + AIR


def drawn(mode: Mode, sights: Sights) -> Array:
    """Return points (n, p) of the parameters from a mode's Gaussian posterior, the same each time."""
    H = launch.information(mode, sights)
    z = normal(POINTS, len(H))
    return np.ascontiguousarray(mode.w + np.linalg.solve(np.linalg.cholesky(H).T, z.T).T)


@cache
def normal(count: int, size: int) -> Array:
    """Return evenly spread standard normal points (count, size): multiples of the roots of primes (Richtmyer, 1951)."""
    primes: list[int] = []
    k = 2
    while len(primes) < size:
        if all(k % p for p in primes):
            primes.append(k)
        k += 1
    share = np.outer(np.arange(1, count + 1), np.sqrt(np.array(primes))) % 1.0
    return np.asarray(ndtri(np.clip(share, 1e-6, 1.0 - 1e-6)))


def _flown(mode: Mode, w: Array, at: float) -> Array | None:
    """Return when a point's burn ends, its launch (4,) about the mode's, its motion (6,); None if it was out before."""
    kind = CLASSES[mode.vehicle]
    pitch, stages, g, f = natural(w, tables()[mode.vehicle], len(kind.stages), kind.freedom)
    pad = place(w, mode.reference)
    end = float(stages[-1, 0] + stages[-1, 1])
    out = float(pad[2]) + end
    if out < mode.time:
        return None
    x = fly(pad, 0.0, pitch, stages, g, f, kind.duration, np.array([end]), STEP)[0]
    x = propagate(x, at - out, 0.0)
    if not np.all(np.isfinite(x)):
        return None
    return np.concatenate([[out], LAUNCH_SCALE * w[:LAUNCH_SIZE], x])


def _moments(mode: Mode, rows: Array, share: float) -> Cell:
    """Return mean and covariance of launches and motions (n, 10)."""
    middle = rows.mean(axis=0)
    off = rows - np.concatenate([np.zeros(LAUNCH_SIZE), middle[LAUNCH_SIZE:]])
    covariance = off.T @ off / len(rows)
    errors = np.concatenate([LAUNCH_MODEL_ERROR, np.full(3, PLACE_ERROR), np.full(3, VELOCITY_ERROR)])
    return share, middle[LAUNCH_SIZE:], covariance + np.diag(errors**2)
