"""Cramér-Rao bounds on a launch whose flight is known but for six numbers, from any looks at it.

Unknown: launch place (north, east), time, heading, and by how much thrust and pitch differ from what is known of
the vehicle: 10 % each. The *shape* of the flight is known exactly; so is its drag. That is the bound B₀: nobody who
does not know the vehicle sits at it, and it falls with each look, because it trusts the shape back to the ground.
Pointing biases may be unknown too, constant over the flight, as large as each sensor declares.

A look's information is that of its angles and ranges carried back through the flight's own derivative, so a radar in
coast sharpens launch and impact alike. Detection below one: the reduction factor of `tocsin.study.bounds`.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from msgspec import Struct

from tocsin.messages import Array
from tocsin.study.bounds import Observer, sigmas, whitened

SCALE_SIGMA = 0.1  # of thrust and of pitch, known before any look (literature.md 1.3)
UNKNOWNS = 6
_UNITS = np.array([1e3, 1e3, 1.0, 1e-2, SCALE_SIGMA, SCALE_SIGMA])  # in which the six are of like size
_LEAST = 1e-12  # of the largest eigenvalue: below it a direction counts as not seen at all

Path: TypeAlias = Callable[[Array], Array]
_Places: TypeAlias = dict[str, tuple[int, tuple[float, ...]]]


class Flights(Struct, frozen=True):
    """A flight and its neighbours: `true(t)` gives states (n, 6) at times (n,) [s after the true lift-off].

    `pairs`: for each unknown the flights with it a little larger and smaller; `steps` (6,): by how much.
    `burnout` [s]. `impact` (3, 6): the derivative of east, north [m] and time [s] of the impact; None in orbit.
    """

    true: Path
    pairs: tuple[tuple[Path, Path], ...]
    steps: Array
    burnout: float
    impact: Array | None = None

    def derivative(self, times: Array) -> Array:
        """Return the derivative (n, 6, 6) of the states at `times` (n,) by the unknowns."""
        columns = [more(times) - less(times) for more, less in self.pairs]
        return np.stack(columns, axis=-1) / (2 * self.steps)


class Look(Struct, frozen=True, kw_only=True):
    """A look at `time` [s after lift-off] that detects with `probability`.

    `bias`: sigmas of what its sensor may be off by, in all looks alike; the first of what it measures [m, rad].
    """

    time: float
    sensor: str
    observer: Observer
    probability: float = 1.0
    bias: tuple[float, ...] = ()


class Bound(Struct, frozen=True, kw_only=True):
    """Least RMS errors after `looks` looks, the last at `time` [s after lift-off]; infinite where nothing bounds them.

    `launch`: of the place on the ground [m]. `launch_time` [s]. `heading` [rad]. `position` [m], `velocity` [m/s]: of
    the state at `state_time`. `impact` [m], `impact_time` [s]: None where it does not come down.
    """

    looks: int
    time: float
    launch: float
    launch_time: float
    heading: float
    state_time: float
    position: float
    velocity: float
    impact: float | None
    impact_time: float | None


def launch_bounds(flights: Flights, looks: Sequence[Look], biased: bool = False) -> list[Bound]:
    """Return the bound after each look, in order of time.

    The state is that of just after burnout, or later that at the look. `biased`: the sensors' biases are unknown.
    """
    ordered = sorted(looks, key=lambda look: look.time)
    times = np.array([look.time for look in ordered])
    state_times = np.maximum(times, flights.burnout + flights.steps[2])  # all neighbours have burnt out
    places = _places(ordered) if biased else {}
    units = np.concatenate([_UNITS, *(np.array(off) for _, off in places.values())])
    J = np.diag(np.where(np.arange(len(units)) < 4, 0.0, 1.0))  # in units: what is known before any look
    found = []
    x, D, F = flights.true(times), flights.derivative(times), flights.derivative(state_times)
    for k, look in enumerate(ordered):
        W = look.probability**0.5 * units * _seen(look, x[k], D[k], places, len(units))
        J = J + W.T @ W
        C = _inverted(J, units)
        found.append(_bound(C, F[k], flights.impact, k + 1, look.time, float(state_times[k])))
    return found


def _places(looks: Sequence[Look]) -> _Places:
    """Return for each sensor that may be biased its first column and its sigmas."""
    places: _Places = {}
    column = UNKNOWNS
    for look in looks:
        if look.sensor not in places and any(look.bias):
            places[look.sensor] = column, tuple(max(s, 1e-12) for s in look.bias)
            column += len(look.bias)
    return places


def _seen(look: Look, x: Array, D: Array, places: _Places, unknowns: int) -> Array:
    """Return what a look measures of all unknowns (m, n), each row in units of its own noise."""
    W = whitened(look.observer, x)
    seen = np.zeros((len(W), unknowns))
    seen[:, :UNKNOWNS] = W @ D
    if look.sensor in places:
        column, off = places[look.sensor]
        seen[: len(off), column : column + len(off)] = np.diag(1 / sigmas(look.observer)[: len(off)])
    return seen


def _inverted(J: Array, units: Array) -> Array | None:
    """Return the covariance (6, 6) of the unknowns, or None while some of them are not seen at all."""
    values = np.linalg.eigvalsh(J)
    if values[0] <= _LEAST * values[-1]:
        return None
    C = np.linalg.inv(J)[:UNKNOWNS, :UNKNOWNS]
    return np.asarray(C * np.outer(units[:UNKNOWNS], units[:UNKNOWNS]))


def _bound(
    C: Array | None, F: Array, impact: Array | None, looks: int, time: float, state_time: float
) -> Bound:
    def rms(G: Array) -> float:
        return float(np.inf if C is None else np.sqrt(np.trace(G @ C @ G.T)))

    one = np.eye(UNKNOWNS)
    return Bound(
        looks=looks, time=time, launch=rms(one[:2]), launch_time=rms(one[2:3]), heading=rms(one[3:4]),
        state_time=state_time, position=rms(F[:3]), velocity=rms(F[3:]),
        impact=None if impact is None else rms(impact[:2]), impact_time=None if impact is None else rms(impact[2:]),
    )  # fmt: skip
