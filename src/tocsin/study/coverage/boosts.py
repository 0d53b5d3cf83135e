"""Families of boosts: how a class of vehicle climbs to each range with one shape of flight, flown once for all places.

Each is flown truly (`flight.powered`) from the equator and kept in a plane that does not turn, without the speed that
the ground lent it: up and forward from the launch point. `arcs` sets it down elsewhere.

Shapes. "minimum-energy": thrust is cut early, at the pitch that carries farthest. "lofted": all is burnt, steeper than
that pitch. "depressed": thrust is cut early, and the pitch so flat that 85 % of that range is left; or as flat as the
programme goes. (A vehicle that burns all and flies flat leaves out all ranges much below its greatest.)
"""

import math
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from tocsin.constants import EARTH_GM, EARTH_RADIUS, EARTH_RATE
from tocsin.earth.ellipsoid import distance, ecef_from_geodetic, enu_from_ecef, geodetic_from_ecef
from tocsin.flight.drift import fall_batch
from tocsin.flight.powered import Flight, Launch, fly
from tocsin.flight.reach import PITCH_MAX, PITCH_MIN
from tocsin.flight.vehicles import VEHICLES, Vehicle
from tocsin.messages import Array

SHAPES: Final = ("minimum-energy", "lofted", "depressed")
LADDER: Final = ("short-range", "medium-range", "intermediate-range", "intercontinental")
SAMPLES: Final = 161  # of a boost, evenly through its time: 2 s apart at most
_KNOTS = 32
_EARLIEST_CUT = 0.3  # of the whole burn
_FLAT_PART = 0.85  # of the range that is left to a depressed flight: our assumption
PULL: Final = math.sqrt(EARTH_GM / EARTH_RADIUS**3)  # of gravity back towards the launch point [1/s]
# Parts of the equator's speed that the ground lends forwards. Which pitch carries farthest depends on it.
_LENT = (-1.0, -0.5, 0.0, 0.5, 1.0)


class Family(NamedTuple):
    """Boosts by the range (k,) [m] that each covers, ascending.

    `ends` (k,): burnout [s]. `states` (k, 4): up, forward [m], climb and forward speed [m/s] then. `paths`
    (k, SAMPLES, 2): up and forward on the way. `slow` (k,): by how much the air delays the landing [s].
    `burns` (b, 2): when each stage burns [s].
    """

    ranges: Array
    ends: Array
    states: Array
    paths: Array
    slow: Array
    burns: Array


class Families(NamedTuple):
    """Families by the part `lent` (q,) of the equator's speed that the ground lends forwards, ascending.

    Fields as in Family, with an axis (q) in front of all but `burns`.
    """

    lent: Array
    ranges: Array
    ends: Array
    states: Array
    paths: Array
    slow: Array
    burns: Array


@lru_cache(maxsize=64)
def families(name: str, shape: str) -> Families:
    """Fly the families of a vehicle class by name and one of SHAPES: one for each of `lent` where it matters."""
    lent = _LENT if shape == "minimum-energy" else (0.0,)
    each = [family(name, shape, part) for part in lent]
    least = min(len(f.ranges) for f in each)
    ranges, ends, states, paths, slow = (np.stack([f[i][-least:] for f in each]) for i in range(5))
    return Families(np.array(lent), ranges, ends, states, paths, slow, each[0].burns)


def family(name: str, shape: str, lent: float = 0.0) -> Family:
    """Fly one family of a vehicle class, launched where the ground lends it `lent` of the equator's speed."""
    vehicle = VEHICLES[name]
    heading = math.asin(lent)
    flights = {"minimum-energy": _early_cuts, "lofted": _full_burns, "depressed": _flat}[shape](
        vehicle, heading
    )
    rows = sorted(((_range(f), f) for f in flights), key=lambda row: row[0])
    kept = [rows[0]]
    for row in rows[1:]:
        if row[0] > kept[-1][0] + 1.0:
            kept.append(row)
    states = np.array([_local(f, heading, np.array([f.burnout]))[0] for _, f in kept])
    paths = np.array([_local(f, heading, np.linspace(0.0, f.burnout, SAMPLES))[:, :2] for _, f in kept])
    stages = vehicle.stages
    starts = np.concatenate(([0.0], np.cumsum([s.burn + s.gap for s in stages[:-1]])))
    return Family(
        ranges=np.array([r for r, _ in kept]),
        ends=np.array([f.burnout for _, f in kept]),
        states=states,
        paths=paths,
        slow=np.array([_delay(f) for _, f in kept]),
        burns=np.column_stack((starts, starts + [s.burn for s in stages])),
    )


def _early_cuts(vehicle: Vehicle, heading: float) -> list[Flight]:
    ends = np.linspace(_EARLIEST_CUT, 1.0, _KNOTS) * vehicle.burning
    return [_farthest(vehicle, heading, float(end)) for end in ends]


def _full_burns(vehicle: Vehicle, heading: float) -> list[Flight]:
    """Fly all pitches from the farthest-reaching to the steepest."""
    best = _farthest(vehicle, heading, vehicle.burning)
    steeper = np.linspace(best.pitch, PITCH_MIN, _KNOTS)[1:]
    flown = [best, *(_flown(vehicle, heading, float(pitch), vehicle.burning) for pitch in steeper)]
    return [f for f in flown if f.impact_time is not None]


def _flat(vehicle: Vehicle, heading: float) -> list[Flight]:
    return [_flatter(vehicle, heading, best) for best in _early_cuts(vehicle, heading)]


def _flatter(vehicle: Vehicle, heading: float, best: Flight) -> Flight:
    """Fly with the thrust cut as in `best`, flatter, down to the part of its range that is wanted."""
    wanted, low, high = _FLAT_PART * _range(best), best.pitch, PITCH_MAX
    flight = _flown(vehicle, heading, high, best.burnout)
    if _range(flight) > wanted:
        return flight
    while high - low > 1e-4:
        middle = 0.5 * (low + high)
        flight = _flown(vehicle, heading, middle, best.burnout)
        low, high = (middle, high) if _range(flight) > wanted else (low, middle)
    return flight


def _farthest(vehicle: Vehicle, heading: float, end: float) -> Flight:
    def short(pitch: float) -> float:
        return -_range(_flown(vehicle, heading, pitch, end))

    found = minimize_scalar(short, bounds=(0.2, PITCH_MAX), method="bounded", options={"xatol": 0.002})
    return _flown(vehicle, heading, float(found.x), end)


def _flown(vehicle: Vehicle, heading: float, pitch: float, end: float) -> Flight:
    return fly(vehicle, Launch(latitude=0.0, longitude=0.0, azimuth=heading, pitch=pitch, cut_off=end))


def _range(flight: Flight) -> float:
    """Return how far a flight lands [m]; one that does not come down is no use."""
    if flight.impact_time is None:
        return 0.0
    lat, lon, _ = geodetic_from_ecef(flight.x[-1, :3].copy())
    return float(distance(0.0, 0.0, lat, lon))


def _local(flight: Flight, heading: float, times: Array) -> Array:
    """Return up, forward [m] and their rates [m/s] (n, 4) at `times` (n,), in axes that do not turn."""
    x = flight.at(times)
    c, s = np.cos(EARTH_RATE * times), np.sin(EARTH_RATE * times)
    u, v = x[:, 3] - EARTH_RATE * x[:, 1], x[:, 4] + EARTH_RATE * x[:, 0]
    r0, axes = ecef_from_geodetic(0.0, 0.0, 0.0), enu_from_ecef(0.0, 0.0)
    lent = EARTH_RATE * r0[0] * axes[0]
    r = np.column_stack((c * x[:, 0] - s * x[:, 1], s * x[:, 0] + c * x[:, 1], x[:, 2])) - r0
    r -= np.outer(np.sin(PULL * times) / PULL, lent)
    w = np.column_stack((c * u - s * v, s * u + c * v, x[:, 5])) - np.outer(np.cos(PULL * times), lent)
    plane = np.array((axes[2], math.sin(heading) * axes[0] + math.cos(heading) * axes[1])).T
    return np.hstack((r @ plane, w @ plane))


def _delay(flight: Flight) -> float:
    """Return by how much later than its vacuum arc a flight lands [s]."""
    assert flight.impact_time is not None
    _, time, _, _ = fall_batch(flight.at(np.array([flight.burnout])))
    return float(flight.impact_time - flight.burnout - time[0])
