"""What an infrared satellite reports: plumes and fires with noise and bias, and false alarms.

Directions in GCRF.
"""

from collections.abc import Callable, Iterator

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from tocsin.constants import EARTH_GM, EARTH_POLAR_RADIUS, EARTH_RATE
from tocsin.earth.frames import EarthRotation
from tocsin.messages import Array, InfraredDetection, InfraredScan, Instant, Sensor
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.platform import Platform
from tocsin.simulation.looks import Draws, Look, instant, looks, received
from tocsin.simulation.scenario import Scenario
from tocsin.simulation.truth import Truth

GEOSTATIONARY_RADIUS = float((EARTH_GM / EARTH_RATE**2) ** (1 / 3))  # of a point mass [m]
BIAS_TIME_S = 3600.0  # over which a pointing bias forgets itself: our assumption
_BIAS_STEP_S = 60.0

Where = Callable[[Instant], Array]


class Satellite(Struct, frozen=True, kw_only=True):
    """One satellite of one origin in one run.

    `where(t)` gives its position (3,) [m], ITRF; `bias(s)` is (2,) [rad].
    """

    sensor: Sensor
    eye: Infrared
    fixed: Array | None
    where: Where
    noise: float
    bias: Callable[[float], Array]
    rotation: EarthRotation
    draws: Draws


def infrared_scans(
    sensor: Sensor, scenario: Scenario, truth: Truth, rotation: EarthRotation, draws: Draws, origin: str
) -> Iterator[InfraredScan]:
    """Yield every look of `sensor` (as it declares itself) at the objects of `origin`, in order of time."""
    satellite = _satellite(sensor, scenario, rotation, draws)
    mine = Truth(
        start=truth.start,
        duration_s=truth.duration_s,
        bodies=tuple(b for b in truth.bodies if b.origin == origin),
        fires=tuple(f for f in truth.fires if f.origin == origin),
    )
    for look in looks(sensor, scenario, draws):
        found = [*_plumes(satellite, scenario, mine, look), *_fires(satellite, scenario, mine, look)]
        found += _false_alarms(satellite, scenario, look)
        found.sort(key=lambda d: (d.time, d.right_ascension_deg))
        place = None if satellite.fixed is None else tuple(satellite.fixed.tolist())
        yield InfraredScan(
            origin=origin,  # type: ignore[arg-type]
            received=received(scenario, look, draws),
            sensor=sensor.id,
            time=instant(scenario, look.start),
            duration_s=look.duration,
            detections=tuple(found),
            position_m=place,
            velocity_mps=None if place is None else (0.0, 0.0, 0.0),
        )


def declared(sensor: Sensor) -> Sensor:
    """Return the sensor as its message says it: a geostationary satellite is placed by its scans."""
    return replace(sensor, longitude_deg=None) if sensor.type == "infrared" else sensor


def visible_disk_half_angle(r: Array) -> float:
    """Return the angle [rad] from nadir to the limb of an Earth of polar radius, seen from `r` (3,)."""
    return float(np.arcsin(EARTH_POLAR_RADIUS / np.linalg.norm(r)))


def _satellite(sensor: Sensor, scenario: Scenario, rotation: EarthRotation, draws: Draws) -> Satellite:
    eye = Infrared.from_message(sensor)
    fixed = None
    where: Where
    if sensor.tle is None and sensor.orbit is None:
        assert sensor.longitude_deg is not None, "the scenario was checked"
        lon = np.radians(sensor.longitude_deg)
        place = np.round(GEOSTATIONARY_RADIUS * np.array([np.cos(lon), np.sin(lon), 0.0]), 3)
        fixed = place

        def where(t: Instant) -> Array:
            return place
    else:
        where = Platform(sensor, rotation).from_orbit
    return Satellite(
        sensor=sensor,
        eye=eye,
        fixed=fixed,
        where=where,
        noise=eye.sigma * scenario.settings.real_noise_scale,
        bias=_bias(sensor, scenario, draws, eye.bias_sigma),
        rotation=rotation,
        draws=draws,
    )


def _bias(sensor: Sensor, scenario: Scenario, draws: Draws, sigma: float) -> Callable[[float], Array]:
    """Return the bias (2,) [rad] by scenario time: as set, or a first-order Gauss-Markov path of the run."""
    for table in scenario.real_bias:
        if table.sensor == sensor.id:
            constant = np.array([table.east_urad, table.north_urad]) * 1e-6
            return lambda _: constant
    steps = int(scenario.duration_s / _BIAS_STEP_S) + 2
    normal = draw_path(draws, steps)
    keep = np.exp(-_BIAS_STEP_S / BIAS_TIME_S)
    path = normal.copy()
    for k in range(1, steps):
        path[k] = keep * path[k - 1] + np.sqrt(1 - keep * keep) * normal[k]
    path *= sigma
    grid = np.arange(steps) * _BIAS_STEP_S
    return lambda t: np.array([np.interp(t, grid, path[:, 0]), np.interp(t, grid, path[:, 1])])


def draw_path(draws: Draws, steps: int) -> Array:
    """Return the normal numbers (steps, 2) behind a bias path; a longer path begins with a shorter one."""
    return Draws(draws.study, draws.run, draws.sensor).of("bias").standard_normal((steps, 2))


def _plumes(
    satellite: Satellite, scenario: Scenario, truth: Truth, look: Look
) -> Iterator[InfraredDetection]:
    for body in truth.bodies:
        if not body.lift_off <= look.start + look.duration <= body.lift_off + body.flight.burnout + 2.0:
            continue
        t = _moment(satellite, look, body.id)
        if not body.burning(t):
            continue
        r = body.at(np.array([t]))[0, :3]
        time = instant(scenario, t)
        if not satellite.eye.visible(r, satellite.where(time))[0]:
            continue
        if _seen(satellite, look, body.id, satellite.eye.detection_probability):
            yield _sighting(satellite, scenario, look, body.id, t, r)


def _fires(satellite: Satellite, scenario: Scenario, truth: Truth, look: Look) -> Iterator[InfraredDetection]:
    clear = replace(satellite.eye, cloud_top=-np.inf)
    for fire in truth.fires:
        t = _moment(satellite, look, fire.id)
        burning = fire.start <= t < fire.end
        if not burning or not clear.visible(fire.r_ecef, satellite.where(instant(scenario, t)))[0]:
            continue
        if _seen(satellite, look, fire.id, fire.detection_probability):
            yield _sighting(satellite, scenario, look, fire.id, t, fire.r_ecef)


def _moment(satellite: Satellite, look: Look, thing: str) -> float:
    """Return when in the look a thing is seen [s]: drawn, to a microsecond."""
    part = satellite.draws.of("moment", look.number, thing).uniform()
    return round(look.start + part * look.duration, 6)


def _seen(satellite: Satellite, look: Look, thing: str, probability: float) -> bool:
    return bool(satellite.draws.of("seen", look.number, thing).uniform() < probability)


def _sighting(
    satellite: Satellite, scenario: Scenario, look: Look, thing: str, t: float, r: Array
) -> InfraredDetection:
    """Report the direction to `r` (3,) at scenario time `t`, with noise and bias in the plane across it."""
    time = instant(scenario, t)
    u = satellite.eye.predict(r, satellite.where(time))[0]
    noise = satellite.noise * satellite.draws.of("noise", look.number, thing).standard_normal(2)
    return _detection(satellite.rotation.itrf_from_gcrf(time).T @ u, noise + satellite.bias(t), time)


def _detection(u_gcrf: Array, error: Array, time: Instant) -> InfraredDetection:
    """Turn a direction (3,) off by two small angles `error` (east, north) [rad] into a detection."""
    x, y, z = u_gcrf
    level = np.hypot(x, y)
    east = np.array([-y, x, 0.0]) / level
    north = np.array([-x * z / level, -y * z / level, level])
    x, y, z = u_gcrf + np.tan(error[0]) * east + np.tan(error[1]) * north
    return InfraredDetection(
        time=time,
        right_ascension_deg=round(float(np.degrees(np.arctan2(y, x)) % 360.0), 9),
        declination_deg=round(float(np.degrees(np.arctan2(z, np.hypot(x, y)))), 9),
    )


def _false_alarms(satellite: Satellite, scenario: Scenario, look: Look) -> list[InfraredDetection]:
    """Draw false alarms, uniform in solid angle over the Earth's disk as the satellite sees it."""
    rate = satellite.eye.false_alarms_per_scan * scenario.settings.clutter_scale
    random = satellite.draws.of("clutter", look.number)
    count = random.poisson(rate)
    if count == 0:
        return []
    parts, heights, turns = random.uniform(size=(3, count))
    middle = instant(scenario, look.start + look.duration / 2)
    r = satellite.where(middle)
    nadir = -r / np.linalg.norm(r)
    cosine = 1.0 - heights * (1.0 - np.cos(visible_disk_half_angle(r)))
    sine = np.sqrt(1.0 - cosine * cosine)
    side = np.cross(nadir, [0.0, 0.0, 1.0])
    side /= np.linalg.norm(side)
    other = np.cross(nadir, side)
    turn = 2 * np.pi * turns[:, None]
    u = cosine[:, None] * nadir + sine[:, None] * (np.cos(turn) * side + np.sin(turn) * other)
    u_gcrf = u @ satellite.rotation.itrf_from_gcrf(middle)
    nothing = np.zeros(2)
    return [
        _detection(u_gcrf[i], nothing, instant(scenario, look.start + parts[i] * look.duration))
        for i in range(count)
    ]
