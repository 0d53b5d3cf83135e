"""The table of case R9: what one or two satellites can know of a launch from a round Earth that does not turn.

A vehicle of constant thrust and falling mass, whose pitch from the local vertical grows as a power of time. The
accelerations, times and angles of the two classes, the site, the satellites and the table itself are those of
`literature.md` 1.3 (Tocsin project, 2026); thrust keeps its compass heading, gravity falls with the square of distance.
"""

from functools import partial

import numpy as np
from msgspec import Struct
from scipy.optimize import brentq

from tocsin.flight.powered import Flight
from tocsin.messages import Array, Sensor
from tocsin.sensors.infrared import Infrared
from tocsin.study.bounds import Sight
from tocsin.study.launch_bounds import Bound, Flights, Look, launch_bounds

RADIUS, GM, SATELLITE_RADIUS = 6_371e3, 3.986004418e14, 42_164e3
LATITUDE, HEADING = np.radians(35.0), np.radians(60.0)
CLOUD_BREAK = 10_000.0  # height at which it comes into sight [m]
LONGITUDES = (-30.0, 40.0)  # of the satellites [deg]
RISE, EXPONENT = 8.0, 0.8  # seconds straight up; how the pitch grows after them
_STEP, _AFTER = 0.25, 2.0  # of the integration; how long it goes on after burnout [s]
_STEPS = np.array([100.0, 100.0, 0.05, 1e-3, 1e-3, 1e-3])  # by which the six unknowns are moved, each way


class Kind(Struct, frozen=True):
    """A class of vehicle: thrust over mass at first [m/s²], last pitch [rad].

    `mass_time`: in which all of its mass would burn [s]; it burns for `burn` [s].
    """

    acceleration: float
    mass_time: float
    burn: float
    pitch: float


class Row(Struct, frozen=True):
    """A row of the table: what looks, and the published launch [km], time [s] and heading [deg]."""

    kind: str
    satellites: int
    sigma_urad: float
    interval_s: float
    looks: int
    launch_km: float
    time_s: float
    heading_deg: float


KINDS = {
    "short": Kind(22.0, 110.0, 65.0, np.radians(48.0)),
    "long": Kind(15.0, 215.0, 180.0, np.radians(65.0)),
}
TABLE = (
    Row("short", 1, 10, 10, 3, 2.35, 4.3, 3.4), Row("short", 1, 30, 10, 3, 4.70, 4.8, 8.7),
    Row("short", 1, 30, 1, 28, 2.28, 4.2, 3.5), Row("short", 1, 100, 10, 3, 14.5, 8.8, 28),
    Row("short", 2, 10, 10, 3, 0.68, 1.9, 2.5), Row("short", 2, 30, 10, 3, 1.79, 3.1, 7.3),
    Row("short", 2, 30, 1, 28, 0.65, 1.9, 2.6), Row("short", 2, 100, 1, 28, 1.89, 3.2, 8.3),
    Row("long", 1, 10, 10, 12, 1.77, 4.5, 0.84), Row("long", 1, 30, 10, 12, 3.26, 7.9, 1.6),
    Row("long", 1, 30, 1, 124, 1.53, 3.8, 0.77), Row("long", 2, 10, 10, 12, 0.35, 1.2, 0.12),
    Row("long", 2, 30, 10, 12, 0.98, 3.2, 0.37), Row("long", 2, 30, 1, 124, 0.30, 1.0, 0.11),
    Row("long", 2, 100, 10, 12, 2.58, 5.7, 1.25),
)  # fmt: skip


def textbook(rows: tuple[Row, ...] = TABLE) -> list[Bound]:
    """Return our bound for each row, after its last look."""
    flights = {name: round_earth(kind) for name, kind in KINDS.items()}
    found = []
    for row in rows:
        flight = flights[row.kind]
        found.append(
            launch_bounds(flight, sightings(flight, row.satellites, row.sigma_urad, row.interval_s))[-1]
        )
    return found


def sightings(
    flights: Flights, satellites: int, sigma_urad: float, interval_s: float, cloud_break: float = CLOUD_BREAK
) -> list[Look]:
    """Return the looks of each satellite from half an interval after the flight leaves the cloud to its burnout."""
    break_s = brentq(
        lambda t: np.linalg.norm(flights.true(np.array([t]))[0, :3]) - RADIUS - cloud_break,
        1.0,
        flights.burnout,
    )
    times = np.arange(break_s + interval_s / 2, flights.burnout, interval_s)
    observers = [_satellite(longitude, sigma_urad) for longitude in LONGITUDES[:satellites]]
    return [Look(time=float(t), sensor=sight.eye.id, observer=sight) for t in times for sight in observers]


def round_earth(kind: Kind) -> Flights:
    """Fly a class with each unknown a little larger and smaller."""
    moved = np.concatenate([np.diag(_STEPS), -np.diag(_STEPS), np.zeros((1, 6))])
    flown = _fly(kind, moved)
    paths = [partial(_at, flight, shift) for flight, shift in zip(flown, moved[:, 2], strict=True)]
    return Flights(paths[-1], tuple(zip(paths[:6], paths[6:12], strict=True)), _STEPS, kind.burn)


def _at(flight: Flight, shift: float, times: Array) -> Array:
    return flight.at(np.asarray(times) - shift)


def _satellite(longitude_deg: float, sigma_urad: float) -> Sight:
    name = f"{longitude_deg:g}"
    eye = Infrared.from_message(Sensor(origin="test", id=name, type="infrared", los_sigma_urad=sigma_urad))
    lon = np.radians(longitude_deg)
    return Sight(eye, SATELLITE_RADIUS * np.array([np.cos(lon), np.sin(lon), 0.0]))


def _fly(kind: Kind, moved: Array) -> list[Flight]:
    """Fly all of `moved` (n, 6) together: north, east [m], time (unused), heading [rad], thrust, pitch (parts of 1)."""
    lat, lon = LATITUDE + moved[:, 0] / RADIUS, moved[:, 1] / (RADIUS * np.cos(LATITUDE))
    up = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    x = np.concatenate([RADIUS * up, np.zeros_like(up)], axis=1)
    n = round((kind.burn + _AFTER) / _STEP)
    path: Array = np.empty((n + 1, *x.shape))
    path[0] = x
    for k in range(n):
        path[k + 1] = x = _step(kind, moved, k * _STEP, x)
    t = np.linspace(0.0, n * _STEP, n + 1)
    return [_flight(kind, t, np.asarray(path[:, i])) for i in range(len(moved))]


def _step(kind: Kind, moved: Array, t: float, x: Array) -> Array:
    """Take one step of the classical Runge-Kutta method; it begins at or after burnout, or ends there at the latest."""
    rates = partial(_rates, kind, moved, t < kind.burn)
    k1 = rates(t, x)
    k2 = rates(t + _STEP / 2, x + _STEP / 2 * k1)
    k3 = rates(t + _STEP / 2, x + _STEP / 2 * k2)
    k4 = rates(t + _STEP, x + _STEP * k3)
    return np.asarray(x + _STEP / 6 * (k1 + 2 * k2 + 2 * k3 + k4))


def _rates(kind: Kind, moved: Array, burning: bool, t: float, x: Array) -> Array:
    r = x[:, :3]
    distance = np.linalg.norm(r, axis=1, keepdims=True)
    up = r / distance
    east = np.cross([0.0, 0.0, 1.0], up)
    east /= np.linalg.norm(east, axis=1, keepdims=True)
    heading = HEADING + moved[:, 3, None]
    forward = np.sin(heading) * east + np.cos(heading) * np.cross(up, east)
    grown = (max(t - RISE, 0.0) / (kind.burn - RISE)) ** EXPONENT
    pitch = (1 + moved[:, 5, None]) * kind.pitch * grown
    thrust = (1 + moved[:, 4, None]) * kind.acceleration / (1 - t / kind.mass_time)
    push = thrust * (np.cos(pitch) * up + np.sin(pitch) * forward)
    a = push * burning - GM / distance**2 * up
    return np.concatenate([x[:, 3:], a], axis=1)


def _flight(kind: Kind, t: Array, x: Array) -> Flight:
    return Flight(
        t=t, x=x, phase=np.zeros(len(t), np.uint8), burns=np.array([[0.0, kind.burn]]), burnout=kind.burn,
        pitch=kind.pitch, impact_time=None,
    )  # fmt: skip
