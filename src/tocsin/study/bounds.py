"""Cramér-Rao bounds: no unbiased estimator has a smaller covariance, however clever. Only geometry enters, no tracker.

Coast: `posterior_bound`, the recursion J⁺ = (Q + F J⁻¹ Fᵀ)⁻¹ + Hᵀ R⁻¹ H of Tichavský, Muravchik and Nehorai
(1998), along the true path. Boost: `tocsin.study.launch_bounds`.

**Detection probability below one** enters as the information reduction factor: a look that detects with probability
p gives p times the information of a sure one. That lies a little below the mean bound over all that may be detected
(by enumeration), so it stays a bound: Tong, Zhang, Meng and Wang (2012), Sensors 12, "A comparison of error bounds".
Give 0 and 1 per look for the bound of one known sequence of detections; its mean over sequences is the tighter one.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from msgspec import Struct

from tocsin.flight.coast import propagate_with_transition
from tocsin.messages import Array
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.radar import Radar


class Sight(Struct, frozen=True):
    """An infrared satellite where it is when it looks: `platform` (3,) [m], ITRF."""

    eye: Infrared
    platform: Array


Observer: TypeAlias = Radar | Sight


def posterior_bound(
    x0: Array,
    P0: Array,
    times: Array,
    sensors: Sequence[Observer],
    pd: float | Array,
    *,
    noise: float = 0.0,
    drag: float = 0.0,
) -> Array:
    """Return the bound (k, 6, 6) on the covariance of the state after each of `k` looks at a coasting body.

    `x0` (6,): true state, ITRF, at time 0; `P0` (6, 6): the covariance known of it before. `times` (k,) [s],
    ascending; `sensors`: who looks at each; `pd`: with what detection probability, one for all or (k,), 0 where it
    cannot see. `noise`: white acceleration [m²/s³] that the motion itself has. `drag` as in `tocsin.flight.coast`.
    """
    assert len(times) == len(sensors), "one sensor for each time"
    x, P, now = np.asarray(x0, np.float64), np.asarray(P0, np.float64), 0.0
    bounds = np.empty((len(times), 6, 6))
    for k, (t, sensor, p) in enumerate(
        zip(times, sensors, np.broadcast_to(pd, np.shape(times)), strict=True)
    ):
        x, F = propagate_with_transition(x, float(t) - now, drag)
        P = F @ P @ F.T + white_noise(noise, float(t) - now)
        P = updated(P, np.sqrt(p) * whitened(sensor, x))
        bounds[k], now = P, float(t)
    return bounds


def updated(P: Array, W: Array) -> Array:
    """Return (P⁻¹ + Wᵀ W)⁻¹ (n, n) without inverting `P` (n, n): rows `W` (m, n) are whitened measurements."""
    G = P @ W.T
    after = P - G @ np.linalg.solve(np.eye(len(W)) + W @ G, G.T)
    return np.asarray((after + after.T) / 2)


def whitened(sensor: Observer, x: Array) -> Array:
    """Return R^(-1/2) H (m, 6): what one look measures of state `x` (6,), each row in units of its own noise."""
    if isinstance(sensor, Radar):
        H = sensor.jacobian(x)[0]
    else:
        sight = sensor.eye.jacobian(x[:3], sensor.platform)[0]
        H = np.hstack([sight, np.zeros_like(sight)])
    return np.asarray(H / sigmas(sensor)[:, None])


def sigmas(sensor: Observer) -> Array:
    """Return the standard deviations (m,) of what a look measures: two angles, or range, angles and range rate."""
    return sensor.sigmas() if isinstance(sensor, Radar) else np.full(2, sensor.eye.sigma)


def white_noise(q: float, dt: float) -> Array:
    """Return Q (6, 6) of white acceleration noise of density `q` [m²/s³] over `dt` [s]."""
    blocks = np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    return np.asarray(q * np.kron(blocks, np.eye(3)))
