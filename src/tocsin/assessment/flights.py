"""The motion of a track spread over points, and what shares of them do: where and how fast, how high, how level."""

import math

import numpy as np
from msgspec import Struct
from numba import njit

from tocsin.assessment.orbit import inertial_velocities, perigees_and_apogees, sigma_points
from tocsin.earth.ellipsoid import height
from tocsin.flight.coast import propagate
from tocsin.messages import Array, Track


class Flights(Struct, frozen=True):
    """Twelve points of the motion of each component: states (n, 6), shares (n,), their conics' ends (n,) [m]."""

    states: Array
    shares: Array
    perigee: Array
    apogee: Array


def flights(track: Track, light: float) -> Flights:
    """Spread a track's motion over cubature points; components lighter than `light` are left out."""
    heaviest = max(track.components, key=lambda c: c.weight)
    rows = [c for c in track.components if c.weight >= light and c.motion is not None] or [heaviest]
    weights, motions = np.array([c.weight for c in rows]), np.array([c.motion for c in rows])
    return Flights(*_spread(weights, motions, np.array([c.covariance for c in rows])))


@njit(cache=True, error_model="numpy")
def _spread(weights: Array, motions: Array, covariances: Array) -> tuple[Array, Array, Array, Array]:
    """Return what `Flights` holds of Gaussians of launch and motion: (k,), (k, 6), (k, 10, 10)."""
    k = len(weights)
    states = sigma_points(motions, covariances[:, 4:, 4:]).reshape(12 * k, 6)
    shares = np.empty(12 * k)
    for i in range(k):
        shares[12 * i : 12 * i + 12] = weights[i]
    perigee, apogee = perigees_and_apogees(states)
    return states, shares / shares.sum(), perigee, apogee


@njit(cache=True, error_model="numpy")
def mean(states: Array, shares: Array) -> tuple[float, float, float]:
    """Return height [m], speed and climb [m/s] of the mean of states (n, 6) with shares (n,)."""
    x = np.zeros(6)
    for i in range(len(states)):
        x += shares[i] * states[i]
    speed = math.sqrt(x[3] * x[3] + x[4] * x[4] + x[5] * x[5])
    climb = (x[0] * x[3] + x[1] * x[4] + x[2] * x[5]) / math.sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2])
    return height(x[0], x[1], x[2]), speed, climb


@njit(cache=True, error_model="numpy")
def faster(states: Array, shares: Array, limit: float) -> float:
    """Return the share of states (n, 6) whose inertial speed lies above a limit [m/s]."""
    v = inertial_velocities(states)
    share = 0.0
    for i in range(len(v)):
        if v[i, 0] * v[i, 0] + v[i, 1] * v[i, 1] + v[i, 2] * v[i, 2] > limit * limit:
            share += shares[i]
    return share


@njit(cache=True, error_model="numpy")
def between(values: Array, shares: Array, low: float, high: float) -> float:
    """Return the share of values (n,) above `low` and not above `high`."""
    share = 0.0
    for i in range(len(values)):
        if low < values[i] <= high:
            share += shares[i]
    return share


@njit(cache=True, error_model="numpy")
def weighed(values: Array, shares: Array, limits: Array, factors: Array) -> float:
    """Return the mean over values (n,) of the factor of the first limit each lies above, 1 where it lies above none."""
    total = 1.0  # and what each share adds to it: exactly 1 where none lies above a limit
    for i in range(len(values)):
        for k in range(len(limits)):
            if values[i] > limits[k]:
                total += shares[i] * (factors[k] - 1.0)
                break
    return total


@njit(cache=True, error_model="numpy")
def middle(values: Array, shares: Array) -> float:
    """Return the value (n,) at which the shares (n,) below it, cumulated in order, make a half: between, the line."""
    order = np.argsort(values)
    before, last = 0.0, values[order[0]]
    for k in range(len(order)):
        value, held = values[order[k]], before + shares[order[k]]
        if held >= 0.5:
            if held == 0.5 or k == 0 or value == last:
                return value
            return last + (value - last) * (0.5 - before) / (held - before)
        before, last = held, value
    return last


@njit(cache=True, error_model="numpy")
def levelled(
    flown: tuple[Array, Array, Array], since: float, above: float, flatter: float, below: float
) -> float:
    """Return the share of motion that is higher than `above` [m] with a path flatter than `flatter` [rad].

    `flown`: states (n, 6), shares and perigees (n,), of which only those below `below` [m] count. `since` [s] before,
    if that is positive: the spread grows on the way back and says nothing, so that the middle of each component goes.
    """
    states, shares, perigee = flown
    step = 12 if since > 0.0 else 1
    share = 0.0
    for i in range(0, len(states), step):
        x, lowest, whole = np.zeros(6), 0.0, 0.0
        for k in range(i, i + step):
            x += states[k] / step
            lowest += perigee[k] / step
            whole += shares[k]
        if since > 0.0:
            x = propagate(x, -since, 0.0)
        if not lowest < below or not height(x[0], x[1], x[2]) > above:
            continue
        v = inertial_velocities(x.reshape(1, 6))[0]
        sine = np.dot(x[:3], v) / math.sqrt(np.dot(x[:3], x[:3]) * np.dot(v, v))
        if abs(math.asin(sine)) < flatter:
            share += whole
    return share
