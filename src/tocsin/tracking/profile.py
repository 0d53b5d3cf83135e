"""What a boost may look like: the prior over launch profiles, as classes of one to three stages.

The classes of missiles, their spreads and the smooth deviations follow the project's note on launch from angles
(launch-from-angles, 2026-11, section 2): generic, from open figures, wide on purpose. Two things are ours since: a
missile's stage spends 60 to 80 % of the mass it lifts, whatever its thrust (our assumption: the rocket equation with
2.5 to 4 km/s a stage), so that an upper stage that is soon out was a strong one; and the yaw wanders, where the note
has two rates, for a dog-leg is no parabola. A launcher rises more slowly, burns for eight minutes and steers itself
into its orbit, which no power law follows: its deviations are larger, and its stages together give it the speed of a
low orbit and what it loses on the way, neither much less nor more (our assumption, from textbook figures as in
`flight/vehicles.py`). A profile is a vector of standard normal parameters `w`; `natural` turns it into stages, pitch
law and deviations.

The order of the parameters is: north, east, time, heading of the launch; pitch θ₁, exponent n, kick time t_k, four
knots of the yaw, ln drag, pressure loss; for each stage (gap, except before the first) ln a, ln c, ln burn, slope;
ten knots of the pitch deviation; ten knots of the ln-thrust deviation; two pointing angles for each satellite.
"""

from functools import cache
from typing import Final

import numpy as np
from msgspec import Struct
from scipy.special import ndtri

from tocsin.messages import Array

KNOTS: Final = np.array(
    [0.0, 0.08, 0.16, 0.25, 0.35, 0.47, 0.6, 0.75, 0.9, 1.1]
)  # of the class's burn time T
LAUNCH_SCALE: Final = np.array(
    [5_000.0, 5_000.0, 5.0, 0.1]
)  # m, m, s, rad: units of the four flat parameters
YAW_KNOTS: Final = np.array([0.0, 0.25, 0.47, 0.75, 1.1])  # of the class's burn time T; no yaw at the first
LAUNCH_SIZE: Final = 4
PITCH_SIZE: Final = 5 + len(YAW_KNOTS) - 1
GAP: Final = 2.5  # s, between stages, mean and spread; longer ones: `_boost.gap`
DRAG: Final = 2.5e-5  # m²/kg, of the full vehicle
PRESSURE_LOSS: Final = 0.10  # part of the vacuum thrust lost at sea level
PRESSURE_LOSS_SIGMA: Final = 0.04
MOST_SPENT: Final = 0.93  # of a stage's mass, with what it carries
POINTS: Final = 20_000  # of a prior, whose gain ties it


class Stage(Struct, frozen=True):
    """Prior of one stage: acceleration at ignition [m/s²], exhaust velocity [m/s], burn [s]; spreads of their ln.

    Whatever its thrust, a stage spends about the same part of the mass it lifts: `burn_sigma` is the spread where the
    other two are known; but of a class with a known `gain`, which ties them all, it is the spread of the burn alone.
    """

    a: float
    a_sigma: float
    c: float
    c_sigma: float
    burn: float
    burn_sigma: float


class ProfileClass(Struct, frozen=True):
    """A class of vehicles: prior weight, burn time T [s], pitch at burnout [rad] with spread, and its stages.

    `exponent`, of the pitch law, and `kick` [s], when it begins, with spreads. `freedom`: factor of the smooth
    deviations. `gain`, where it is known: speed [m/s] that all stages together give in empty space, with spread.
    `ceiling` [m], above which it hardly burns (our assumption: missiles are out by some 500 km, launchers lower).
    `yaw_step` [rad]: by which the yaw may differ from knot to knot (dog-legs, drift; our assumption).
    """

    name: str
    weight: float
    duration: float
    pitch: float
    pitch_sigma: float
    stages: tuple[Stage, ...]
    exponent: float = 0.85
    exponent_sigma: float = 0.3
    kick: float = 7.0
    kick_sigma: float = 3.0
    freedom: float = 1.0
    gain: float | None = None
    gain_sigma: float = 2_000.0
    ceiling: float = 700_000.0
    yaw_step: float = 0.05

    @property
    def size(self) -> int:
        """Count the parameters without the pointing biases: 37, 42 or 47."""
        return LAUNCH_SIZE + PITCH_SIZE + 5 * len(self.stages) - 1 + 2 * len(KNOTS)


_UPPER: Final = (18.0, 0.36, 2850.0, 0.07)

CLASSES: Final = (
    ProfileClass(
        "one stage, short", 0.315, 80.0, np.radians(48), np.radians(16),
        (Stage(21.0, 0.28, 2450.0, 0.10, 80.0, 0.22),),
    ),
    ProfileClass(
        "one stage, long", 0.18, 150.0, np.radians(58), np.radians(16),
        (Stage(17.0, 0.28, 2600.0, 0.12, 120.0, 0.22),),
    ),
    ProfileClass(
        "two stages", 0.225, 200.0, np.radians(62), np.radians(18),
        (Stage(20.0, 0.28, 2480.0, 0.10, 85.0, 0.22), Stage(*_UPPER, 110.0, 0.22)),
    ),
    ProfileClass(
        "three stages", 0.18, 280.0, np.radians(70), np.radians(18),
        (Stage(20.0, 0.28, 2480.0, 0.10, 80.0, 0.22), Stage(*_UPPER, 100.0, 0.22), Stage(*_UPPER, 100.0, 0.22)),
    ),
    ProfileClass(
        "launcher", 0.10, 500.0, np.radians(88), np.radians(6),
        (
            Stage(14.5, 0.15, 2900.0, 0.08, 150.0, 0.20), Stage(11.0, 0.45, 3150.0, 0.12, 150.0, 0.45),
            Stage(8.0, 0.45, 3500.0, 0.15, 200.0, 0.45),
        ),
        exponent=0.45, exponent_sigma=0.15, kick=10.0, kick_sigma=4.0, freedom=2.5, gain=9_300.0, ceiling=450_000.0,
        yaw_step=0.15,
    ),
)  # fmt: skip


def _deviation_roots() -> tuple[Array, Array]:
    """Return the Cholesky factors (10, 10) of the pitch [rad] and ln-thrust deviations at the knots."""
    distance = (KNOTS[:, None] - KNOTS[None, :]) / 0.18
    root = np.linalg.cholesky(np.exp(-0.5 * distance**2) + 1e-9 * np.eye(len(KNOTS)))
    at_lift_off = 0.35 + 0.65 * np.clip(KNOTS / 0.3, 0.0, 1.0)
    return 0.10 * at_lift_off[:, None] * root, 0.08 * root


PITCH_ROOT, THRUST_ROOT = _deviation_roots()


def prior_table(vehicle: ProfileClass) -> Array:
    """Return the mean (first row) and the root of the covariance (k, k, lower triangular) of pitch and stages.

    Parameters (k,) in the order of the module's text. The root lets a prior tie them to each other.
    """
    rows = [
        (vehicle.pitch, vehicle.pitch_sigma),
        (vehicle.exponent, vehicle.exponent_sigma),
        (vehicle.kick, vehicle.kick_sigma),
        *[(0.0, vehicle.yaw_step)] * (len(YAW_KNOTS) - 1),
        (np.log(DRAG), 0.5),
        (PRESSURE_LOSS, PRESSURE_LOSS_SIGMA),
    ]
    for i, stage in enumerate(vehicle.stages):
        if i:
            rows.append((GAP, GAP))
        rows += [
            (np.log(stage.a), stage.a_sigma),
            (np.log(stage.c), stage.c_sigma),
            (np.log(stage.burn), stage.burn_sigma),
            (0.0, 0.15),
        ]
    mean, sigma = np.array(rows, dtype=np.float64).T
    root = np.diag(sigma)
    yaws = slice(3, 2 + len(YAW_KNOTS))
    root[yaws, yaws] = np.tril(np.full((len(YAW_KNOTS) - 1,) * 2, vehicle.yaw_step))
    if vehicle.gain is not None:
        return np.vstack(_tied(mean, root, len(vehicle.stages), vehicle.gain, vehicle.gain_sigma))
    for first in PITCH_SIZE + 5 * np.arange(len(vehicle.stages)):
        root[first + 2, first : first + 2] = -sigma[first], sigma[first + 1]
    return np.vstack([mean, root])


def _tied(mean: Array, root: Array, count: int, gain: float, gain_sigma: float) -> tuple[Array, Array]:
    """Return the mean (k,) and root (k, k) of a prior whose `count` stages together give `gain` [m/s].

    The gain is far from linear in the parameters: the moments of points of the prior, each weighed by its gain. The
    Gaussian law of these moments keeps the gain somewhat less than asked.
    """
    those = (PITCH_SIZE + 5 * np.arange(count)[:, None] + np.arange(3)).ravel()
    p = mean[those] + _normal(POINTS, len(those)) @ root[np.ix_(those, those)].T
    a, c, burn = np.exp(p.reshape(POINTS, count, 3)).transpose(2, 0, 1)
    spent = a * burn / c
    given = -np.sum(c * np.log(1.0 - np.minimum(spent, MOST_SPENT)), axis=1)
    weights = np.exp(-0.5 * ((given - gain) / gain_sigma) ** 2) * np.all(spent < MOST_SPENT, axis=1)
    weights /= weights.sum()
    middle = mean.copy()
    middle[those] = weights @ p
    off = p - middle[those]
    covariance = root @ root.T
    covariance[np.ix_(those, those)] = (weights[:, None] * off).T @ off
    return middle, np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)


def _normal(count: int, size: int) -> Array:
    """Return evenly spread standard normal points (count, size): multiples of roots of primes (Richtmyer, 1951)."""
    primes = [k for k in range(2, 100) if all(k % p for p in range(2, k))][:size]
    share = np.outer(np.arange(1, count + 1), np.sqrt(np.array(primes))) % 1.0
    return np.asarray(ndtri(np.clip(share, 1e-6, 1.0 - 1e-6)))


@cache
def tables() -> tuple[Array, ...]:
    """Return the prior table of each class (1 + k, k)."""
    return tuple(prior_table(vehicle) for vehicle in CLASSES)
