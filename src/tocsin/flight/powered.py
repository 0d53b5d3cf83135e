"""True flights: a generic vehicle and its launch give a path from lift-off to the ground or to orbit."""

from typing import Literal

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from tocsin.constants import EARTH_GM, EARTH_RADIUS, EARTH_RATE, STANDARD_GRAVITY
from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.flight.ascent import (
    DOWN,
    IMPACT,
    NOT_FINITE,
    PIECES,
    POWER,
    ROWS,
    TANGENT,
    TURN,
    ascend,
    descend,
    thrust_shape,
)
from tocsin.flight.coast import STAYS_UP, fall
from tocsin.flight.reach import (
    FOUND,
    PITCH_MAX,
    PITCH_MIN,
    TOO_FAR,
    both,
    economical,
    farthest,
    full_burn,
    slanted,
    span,
)
from tocsin.flight.vehicles import Power, Stage, Tangent, Turn, Vehicle
from tocsin.messages import Array

Shape = Literal["minimum-energy", "lofted", "depressed", "orbit"]
Start = tuple[Array, Array, Array, Array]
PHASES = ("boost", "coast", "re-entry", "down")
_NEAR_FARTHEST = 0.99
_MOST_BURNT = 0.97  # of the mass at ignition: tanks, engines and load weigh something (our assumption)
_SEPARATION_SPEED = 3.0  # of a spent stage, backwards [m/s]: our assumption


class FlightError(ValueError):
    """Say why a vehicle cannot fly as asked, and what it could."""


class Launch(Struct, frozen=True, kw_only=True):
    """How a vehicle is launched. Angles [rad], lengths [m], times [s after lift-off].

    Either `range` with a `shape`, or `pitch`: the final angle of the programme from the launch vertical.
    "minimum-energy" cuts the thrust early; "lofted" and "depressed" burn all; "orbit" needs `orbit_height`.
    `apogee`: height of the flight's top, in place of a shape; pitch and cut-off are found. `cut_off`: planned end
    of thrust, with `pitch` only. `failure`: thrust ends unplanned. `dog_leg`: from when, and by how much, the
    thrust turns to the right; `yaw_drift`: by how much in every second [rad/s].
    """

    latitude: float
    longitude: float
    height: float = 0.0
    azimuth: float
    range: float | None = None
    shape: Shape = "minimum-energy"
    pitch: float | None = None
    cut_off: float | None = None
    orbit_height: float | None = None
    failure: float | None = None
    apogee: float | None = None
    dog_leg: tuple[float, float] | None = None
    yaw_drift: float = 0.0


class Flight(Struct, frozen=True, kw_only=True):
    """A flown path.

    `t` (n,) [s after lift-off]; `x` (n, 6): ITRF position and velocity [m, m/s]; `phase` (n,): see PHASES.

    `burns` (k, 2): when each stage's thrust begins and ends. `impact_time` is None while it does not come
    down. `pitch`, `burnout`: what was flown.
    """

    t: Array
    x: Array
    phase: NDArray[np.uint8]
    burns: Array
    burnout: float
    pitch: float
    impact_time: float | None

    def at(self, times: Array) -> Array:
        """Return the states (m, 6) at `times` (m,) by cubic Hermite interpolation; outside at rest."""
        times = np.atleast_1d(np.asarray(times, dtype=np.float64))
        inside = np.clip(times, self.t[0], self.t[-1])
        i = np.clip(np.searchsorted(self.t, inside, side="right") - 1, 0, len(self.t) - 2)
        h = (self.t[i + 1] - self.t[i])[:, None]
        s = (inside - self.t[i])[:, None] / h
        p0, p1 = self.x[i, :3], self.x[i + 1, :3]
        v0, v1 = self.x[i, 3:] * h, self.x[i + 1, 3:] * h
        a, b = 2 * (p0 - p1) + v0 + v1, 3 * (p1 - p0) - 2 * v0 - v1
        x = np.hstack([p0 + s * (v0 + s * (b + s * a)), (v0 + s * (2 * b + s * 3 * a)) / h])
        x[(times < self.t[0]) | (times > self.t[-1]), 3:] = 0.0
        return x

    def phase_at(self, times: Array) -> NDArray[np.uint8]:
        """Return the phase (m,) at `times` (m,)."""
        times = np.atleast_1d(np.asarray(times, dtype=np.float64))
        i = np.clip(np.searchsorted(self.t, times, side="right") - 1, 0, len(self.t) - 1)
        return np.asarray(np.where(times < self.burnout, np.uint8(0), self.phase[i]), dtype=np.uint8)

    def thrusting(self, times: Array) -> NDArray[np.bool_]:
        """Say for each of `times` (m,) whether an engine burns."""
        times = np.atleast_1d(np.asarray(times, dtype=np.float64))[:, None]
        return np.asarray(np.any((times >= self.burns[:, 0]) & (times < self.burns[:, 1]), axis=1))


def fly(vehicle: Vehicle, launch: Launch, until: float = 14_400.0) -> Flight:
    """Fly `vehicle` from lift-off to the ground or for `until` seconds.

    Raises FlightError where it cannot fly so.
    """
    x0, stages, body, axes = _start(vehicle, launch)
    pitch, end, body = _plan(vehicle, launch, x0, stages, body, axes)
    stop = min(end, np.inf if launch.failure is None else launch.failure)
    path = np.empty((ROWS, 8))
    n, status = ascend(x0, stages, body, axes, pitch, end, stop, path)
    burns = _burns(vehicle, stop)
    if status != IMPACT:
        n, status = descend(n, until, _drag_after(vehicle, end, stop), path)
    assert status != NOT_FINITE, "a flight from a checked launch stays finite"
    return _flight(path[:n], burns, min(stop, burns[-1, 1]), pitch, status)


def planned(vehicle: Vehicle, launch: Launch) -> tuple[Vehicle, Launch]:
    """Return vehicle and launch with what a range, an apogee or an orbit asks written out as pitch and cut-off.

    They fly alike; what is changed in them then changes the flight, and nothing is searched for again.
    """
    start = _start(vehicle, launch)
    pitch, end, body = _plan(vehicle, launch, *start)
    bends = ((float(body[1]), float(body[2])), (float(body[3]), float(body[4])))
    told = vehicle if vehicle.steering is not None else replace(vehicle, bends=bends)
    return told, replace(launch, range=None, apogee=None, pitch=float(pitch), cut_off=float(end))


def aimed(
    vehicle: Vehicle, launch: Launch, end: float, part: float, ranges: tuple[float, float], steep: bool
) -> tuple[Launch, float]:
    """Give `launch` the pitch with which thrust until `end` covers a range of `ranges` [m], and that range.

    `part` (0 to 1, logarithmic) of the way from their least to their greatest that it reaches; steeper than the
    farthest flight or flatter. Quick: falls by `coast.fall`. Raises FlightError where it reaches none of them so.
    """
    verify(vehicle)
    start = _start(vehicle, launch)
    path = np.empty((ROWS, 8))
    best, most = farthest(*start, end, 0.2, 1.5, path, True)
    if not ranges[0] < _NEAR_FARTHEST * most:
        raise FlightError(
            f"{vehicle.name} reaches at most {most / 1000:,.0f} km, not {ranges[0] / 1000:,.0f} km"
        )
    wanted = ranges[0] * (min(_NEAR_FARTHEST * most, ranges[1]) / ranges[0]) ** part
    edge = PITCH_MIN if steep else PITCH_MAX
    pitch, found, status = slanted(*start, end, wanted, best, edge, path, True)
    if status != FOUND:
        raise FlightError(
            f"{vehicle.name} covers {found / 1000:,.0f} km at least so, not {wanted / 1000:,.0f} km"
        )
    return replace(launch, pitch=float(pitch), cut_off=end), float(found)


def verify(vehicle: Vehicle) -> None:
    """Raise FlightError, with what would be right, for a vehicle that cannot lift off or burns more than it is."""
    first = vehicle.stages[0]
    start = thrust_shape(0.0, np.array(_row(first)))
    lift = first.acceleration * (1 - first.pressure_loss) * start
    if lift <= STANDARD_GRAVITY:
        least = STANDARD_GRAVITY / (1 - first.pressure_loss) / start
        raise FlightError(
            f"{vehicle.name} cannot lift off: its thrust at sea level gives {lift:.1f} m/s², less than its weight "
            f"({STANDARD_GRAVITY:.2f}); its first stage needs an acceleration above {least:.1f} m/s²"
        )
    for i, stage in enumerate(vehicle.stages):
        burnt = stage.acceleration * stage.burn / stage.exhaust_velocity
        if burnt >= _MOST_BURNT:
            longest = _MOST_BURNT * stage.exhaust_velocity / stage.acceleration
            raise FlightError(
                f"{vehicle.name}: stage {i + 1} would burn {100 * burnt:.0f} % of all that flies; at this "
                f"acceleration and exhaust velocity it can burn for at most {longest:.0f} s"
            )


def why_aloft(vehicle: Vehicle, flight: Flight) -> str:
    """Say of a flight that did not come down why not, and what would be right."""
    _, _, apogee, status = fall(flight.x[-1].copy(), vehicle.body_drag)
    where = f"is still aloft after {flight.t[-1] / 3600:.3g} h"
    if status == STAYS_UP:
        where = "leaves the Earth" if np.isinf(apogee) else f"is in orbit, up to {apogee / 1000:,.0f} km"
    return (
        f"{vehicle.name} never comes down: with its thrust cut at {flight.burnout:.0f} s it {where}; cut the thrust "
        "earlier, give a range, or for a space launch the height of its orbit"
    )


def spent_stages(vehicle: Vehicle, flight: Flight, until: float = 14_400.0) -> list[Flight]:
    """Return the flights of the stages left behind, from their separation to the ground, with their own drag.

    Times count from lift-off as the vehicle's own. The last stage is one of them where the vehicle's body
    leaves it.
    """
    flights = []
    for i, stage in enumerate(vehicle.stages[: len(flight.burns)]):
        last = i == len(flight.burns) - 1
        if last and not vehicle.separates:
            continue
        t = float(flight.burns[i, 1])
        x = flight.at(np.array([t]))[0]
        x[3:] -= _SEPARATION_SPEED * x[3:] / np.linalg.norm(x[3:])
        spent = adrift(t, x, stage.spent_drag, flight.pitch, until)
        if spent is not None:
            flights.append(spent)
    return flights


def adrift(t: float, x: Array, drag: float, pitch: float, until: float = 14_400.0) -> Flight | None:
    """Return the flight of what is on its own from `t` with the state `x` (6,); None where that is over at once."""
    path = np.empty((ROWS, 8))
    path[0, 0], path[0, 1:7], path[0, 7] = t, x, 1
    n, status = descend(1, until, drag, path)
    return _flight(path[:n], np.empty((0, 2)), t, pitch, status) if n > 1 else None


def _flight(path: Array, burns: Array, burnout: float, pitch: float, status: int) -> Flight:
    phase = path[:, 7].astype(np.uint8)
    impact = float(path[-1, 0]) if status == IMPACT and phase[-1] == DOWN else None
    return Flight(
        t=path[:, 0].copy(), x=path[:, 1:7].copy(), phase=phase, burns=burns, burnout=float(burnout),
        pitch=float(pitch), impact_time=impact,
    )  # fmt: skip


def _start(vehicle: Vehicle, launch: Launch) -> Start:
    """Return the initial state (6,), `stages` (k, 10), `body` (11,) and `axes` (2, 3) that the kernels read."""
    r = ecef_from_geodetic(launch.latitude, launch.longitude, launch.height)
    east, north, up = enu_from_ecef(launch.latitude, launch.longitude)
    forward = np.sin(launch.azimuth) * east + np.cos(launch.azimuth) * north
    stages = np.array([_row(s) for s in vehicle.stages])
    code, figures = _programme(vehicle)
    yaw = (*(launch.dog_leg or (0.0, 0.0)), launch.yaw_drift)
    body = np.array([vehicle.rise, *figures, vehicle.load_limit, vehicle.body_drag, code, *yaw])
    return np.concatenate([r, np.zeros(3)]), stages, body, np.array([up, forward])


def _programme(vehicle: Vehicle) -> tuple[int, tuple[float, float, float, float]]:
    """Return the code of the pitch programme and its four figures."""
    steering = vehicle.steering
    if isinstance(steering, Power):
        return POWER, (1.0, steering.exponent, 1.0, 1.0)
    if isinstance(steering, Tangent):
        return TANGENT, (steering.lead, steering.first, 1.0, 1.0)
    if isinstance(steering, Turn):
        return TURN, (steering.kick_time, steering.kick, 1.0, 1.0)
    (f1, g1), (f2, g2) = vehicle.bends
    return PIECES, (f1, g1, f2, g2)


def _row(s: Stage) -> tuple[float, ...]:
    return (
        s.acceleration, s.exhaust_velocity, s.burn, s.gap, s.pressure_loss, s.drag, s.decline, s.boost,
        s.boost_ratio, s.tail,
    )  # fmt: skip


def _plan(
    vehicle: Vehicle, launch: Launch, x0: Array, stages: Array, body: Array, axes: Array
) -> tuple[float, float, Array]:
    """Return the final pitch, the planned end of thrust and the programme (7,) to fly."""
    verify(vehicle)
    burning = vehicle.burning
    if launch.pitch is not None:
        return launch.pitch, min(burning, launch.cut_off or burning), body
    if launch.shape == "orbit":
        return _to_orbit(vehicle, launch)
    if launch.range is None:
        raise FlightError("a launch needs a range with a shape, or a pitch")
    start = (x0, stages, body, axes)
    if launch.apogee is not None:
        return (*_to_apogee(vehicle, start, launch.range, launch.apogee), body)
    if launch.shape == "minimum-energy":
        pitch, end, extreme, status = economical(*start, burning, launch.range)
    else:
        edge = PITCH_MIN if launch.shape == "lofted" else PITCH_MAX
        pitch, extreme, status = full_burn(*start, burning, launch.range, edge)
        end = burning
    if status != FOUND:
        most = "at most" if status == TOO_FAR else "no less than"
        raise FlightError(
            f"{vehicle.name}, {launch.shape}, reaches {most} {extreme / 1000:,.0f} km "
            f"on this heading, not {launch.range / 1000:,.0f} km"
        )
    return float(pitch), float(end), body


def _to_apogee(vehicle: Vehicle, start: Start, wanted: float, apogee: float) -> tuple[float, float]:
    """Find final pitch and cut-off for a range [m] under an apogee [m]."""
    pitch, end, status = both(*start, vehicle.burning, wanted, apogee)
    if status == FOUND:
        return float(pitch), float(end)
    best, most, status = full_burn(*start, vehicle.burning, wanted, PITCH_MIN, True)
    if status == TOO_FAR:
        raise FlightError(
            f"{vehicle.name} reaches at most {most / 1000:,.0f} km on this heading, not {wanted / 1000:,.0f} km "
            "under any apogee"
        )
    path = np.empty((ROWS, 8))
    tops = [span(*start, best, vehicle.burning, path)[1] / 1000]
    for part in np.linspace(0.3, 1.0, 15):
        flat, _, status = full_burn(*start, part * vehicle.burning, wanted, PITCH_MAX, True)
        if status == FOUND:
            tops.append(span(*start, flat, part * vehicle.burning, path)[1] / 1000)
    raise FlightError(
        f"{vehicle.name} covers {wanted / 1000:,.0f} km on this heading under an apogee of about {min(tops):,.0f} "
        f"to {max(tops):,.0f} km, not {apogee / 1000:,.0f} km"
    )


def _drag_after(vehicle: Vehicle, end: float, stop: float) -> float:
    """Return the drag [m²/kg] of what flies on: the body, or after a failure all that is joined, tumbling."""
    if stop >= end:
        return vehicle.body_drag
    lit = len(_burns(vehicle, stop))
    return vehicle.stages[lit - 1].spent_drag  # for a stage not yet empty: our assumption


def _burns(vehicle: Vehicle, stop: float) -> Array:
    """Return when each stage that lit began and ended to burn (k, 2)."""
    rows, ignition = [], 0.0
    for stage in vehicle.stages:
        if ignition < stop:
            rows.append((ignition, min(ignition + stage.burn, stop)))
        ignition += stage.burn + stage.gap
    return np.array(rows)


def _to_orbit(vehicle: Vehicle, launch: Launch) -> tuple[float, float, Array]:
    """Find final pitch, cut-off and first corner that end in a circular orbit, by damped Newton steps."""
    x0, stages, body, axes = _start(vehicle, launch)
    wanted = 250_000.0 if launch.orbit_height is None else launch.orbit_height
    unknown = np.array([1.75, 0.92 * vehicle.burning, body[2]])
    deltas = np.diag([1e-4, 0.05, 1e-4])
    largest = np.array([0.1, 20.0, 0.05])
    for _ in range(40):
        miss = _orbit_miss(x0, stages, body, axes, unknown, wanted)
        if np.abs(miss).max() < 0.5:
            return float(unknown[0]), float(unknown[1]), _with_corner(body, unknown[2])
        columns = [
            (_orbit_miss(x0, stages, body, axes, unknown + d, wanted) - miss) / d.sum() for d in deltas
        ]
        step = np.linalg.lstsq(np.column_stack(columns), -miss, rcond=None)[0]
        unknown = unknown + step / max(1.0, float(np.max(np.abs(step) / largest)))
        unknown[1] = min(unknown[1], vehicle.burning - 0.1)
    raise FlightError(
        f"{vehicle.name} does not reach a circular orbit {wanted / 1000:,.0f} km high on this heading"
    )


def _with_corner(body: Array, corner: float) -> Array:
    changed = body.copy()
    changed[2] = corner
    return changed


def _orbit_miss(x0: Array, stages: Array, body: Array, axes: Array, unknown: Array, wanted: float) -> Array:
    """Return vertical speed, speed less a circle's [m/s], height less the wanted [100 m] at cut-off."""
    path = np.empty((ROWS, 8))
    pitch, end, corner = unknown
    n, _ = ascend(x0, stages, _with_corner(body, corner), axes, pitch, end, end, path)
    r = path[n - 1, 1:4]
    v = path[n - 1, 4:7] + np.cross([0.0, 0.0, EARTH_RATE], r)
    radius = np.linalg.norm(r)
    excess = radius - EARTH_RADIUS - wanted
    return np.array([r @ v / radius, np.linalg.norm(v) - np.sqrt(EARTH_GM / radius), excess / 100.0])
