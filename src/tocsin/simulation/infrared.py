"""What an infrared satellite reports: plumes and fires with noise and bias, and false alarms.

Directions in GCRF.
"""

from collections.abc import Callable, Iterator

import numpy as np
from msgspec.structs import replace

from tocsin.constants import EARTH_POLAR_RADIUS
from tocsin.earth.ellipsoid import height
from tocsin.earth.frames import EarthRotation
from tocsin.earth.sky import separation, sun_itrf, sunlit
from tocsin.messages import Array, InfraredDetection, InfraredScan, Instant, Sensor
from tocsin.sensors._kernels import AGAINST_EARTH, line_against_earth, tangent_axes
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.radiometry import (
    InfraredPhysics,
    angle_sigma,
    decibels,
    irradiance,
    measure,
    noise_irradiance,
    plume,
)
from tocsin.simulation.background.scene import Scene
from tocsin.simulation.looks import Draws, Look, instant, looks, received
from tocsin.simulation.satellite import Satellite, satellite_of, watcher_of
from tocsin.simulation.scenario import Scenario
from tocsin.simulation.truth import Body, Fire, Truth
from tocsin.simulation.weather import CLEAR, cloud_top


def infrared_scans(
    sensor: Sensor,
    scenario: Scenario,
    truth: Truth,
    rotation: EarthRotation,
    draws: Draws,
    origin: str,
    scale: float = 1.0,
    background: Scene | None = None,
) -> Iterator[InfraredScan]:
    """Yield every look of `sensor` (as it declares itself) at the objects of `origin`, in order of time.

    `scale`: by what the errors it declares have been multiplied.
    """
    satellite = satellite_of(sensor, scenario, rotation, draws, scale)
    bodies = [(b, _eye_on(satellite, scenario, b)) for b in truth.bodies if b.origin == origin]
    clear = replace(satellite.eye, cloud_top=CLEAR)
    fires = [(f, clear) for f in truth.fires if f.origin == origin]
    every = list(looks(sensor, scenario, draws))
    around = None if background is None else background.infrared(watcher_of(satellite), every)
    for look in every:
        found = [*_plumes(satellite, scenario, bodies, look), *_fires(satellite, scenario, fires, look)]
        found += _false_alarms(satellite, scenario, look)
        if around is not None:
            found += around.at(look)
        found.sort(key=lambda d: (d.time, d.right_ascension_deg))
        start = instant(scenario, look.start)
        state = None if satellite.state is None else satellite.state(start).tolist()
        yield InfraredScan(
            origin=origin,  # type: ignore[arg-type]
            received=received(scenario, look, draws),
            sensor=sensor.id,
            time=start,
            duration_s=look.duration,
            detections=tuple(found),
            position_m=None if state is None else tuple(state[:3]),
            velocity_mps=None if state is None else tuple(state[3:]),
        )


def declared(sensor: Sensor) -> Sensor:
    """Return the sensor as its message says it: a geostationary satellite is placed by its scans."""
    return replace(sensor, longitude_deg=None) if sensor.type == "infrared" else sensor


def visible_disk_half_angle(r: Array) -> float:
    """Return the angle [rad] from nadir to the limb of an Earth of polar radius, seen from `r` (3,)."""
    return float(np.arcsin(EARTH_POLAR_RADIUS / np.linalg.norm(r)))


def _eye_on(satellite: Satellite, scenario: Scenario, body: Body) -> Infrared:
    """Return the eye under the sky over a body's launch."""
    top = cloud_top(scenario, satellite.draws, body.latitude_deg, body.longitude_deg, satellite.eye.cloud_top)
    return satellite.eye if top == satellite.eye.cloud_top else replace(satellite.eye, cloud_top=top)


def _plumes(
    satellite: Satellite, scenario: Scenario, bodies: list[tuple[Body, Infrared]], look: Look
) -> Iterator[InfraredDetection]:
    for body, eye in bodies:
        out = body.lift_off + body.flight.burnout
        if not (body.lift_off <= look.start + look.duration and look.start <= out):
            continue
        t = _moment(satellite, scenario, look, body.id, body.at)
        if not body.burning(t):
            continue
        r = body.at(np.array([t]))[0, :3]
        if not eye.visible(r, satellite.where(instant(scenario, t)))[0]:
            continue
        if satellite.physics is None:
            if _seen(satellite, look, body.id, eye.detection_probability):
                yield _sighting(satellite, scenario, look, body.id, t, r)
        elif (found := _glimpse(satellite, scenario, look, body.id, t, r, _shining(body, t, r))) is not None:
            yield found


def _shining(body: Body, t: float, r: Array) -> float:
    """Return the radiant intensity [W/sr] of a burning body at scenario time `t`, where it is at `r` (3,)."""
    since = t - body.lift_off - body.flight.burns[:, 0]
    stage = int(np.flatnonzero(since >= 0.0)[-1])
    lit = np.inf if stage == 0 else since[stage]
    return float(body.radiant_intensity[stage] * plume(height(*r), lit))


def _fires(
    satellite: Satellite, scenario: Scenario, fires: list[tuple[Fire, Infrared]], look: Look
) -> Iterator[InfraredDetection]:
    for fire, eye in fires:
        t = _moment(satellite, scenario, look, fire.id, _standing(fire.r_ecef))
        burning = fire.start <= t < fire.end
        if not burning or not eye.visible(fire.r_ecef, satellite.where(instant(scenario, t)))[0]:
            continue
        if satellite.physics is None or fire.radiant_intensity is None:
            if _seen(satellite, look, fire.id, fire.detection_probability):
                yield _sighting(satellite, scenario, look, fire.id, t, fire.r_ecef)
        else:
            found = _glimpse(satellite, scenario, look, fire.id, t, fire.r_ecef, fire.radiant_intensity)
            if found is not None:
                yield found


def _standing(r: Array) -> Callable[[Array], Array]:
    return lambda times: np.broadcast_to(r, (len(times), 3))


def _moment(
    satellite: Satellite, scenario: Scenario, look: Look, thing: str, at: Callable[[Array], Array]
) -> float:
    """Return when in the look a thing is seen [s], to a microsecond: drawn, or when the scanning line meets it."""
    if satellite.physics is not None and satellite.physics.spin:
        t = look.start + look.duration / 2
        for _ in range(2):  # a line sweeps hundreds of times faster than anything moves
            platform = satellite.where(instant(scenario, t))
            part = sweep(platform, at(np.array([t]))[:, :3] - platform)[0]
            t = look.start + part * look.duration
    else:
        t = look.start + satellite.draws.of("moment", look.number, thing).uniform() * look.duration
    return round(float(t), 6)


def sweep(platform: Array, d: Array) -> Array:
    """Return the part (n,) of a turn that a line turning about nadir has made from east when it meets `d` (n, 3)."""
    east, other = tangent_axes(-platform / np.linalg.norm(platform))
    rows = np.atleast_2d(d)
    return np.asarray(np.arctan2(rows @ other, rows @ east) / (2 * np.pi) % 1.0)


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


def _glimpse(
    satellite: Satellite, scenario: Scenario, look: Look, thing: str, t: float, r: Array, intensity: float
) -> InfraredDetection | None:
    """Measure a source of `intensity` [W/sr] at `r` (3,) by the satellite's physics; None where it is not detected."""
    assert satellite.physics is not None
    time = instant(scenario, t)
    platform = satellite.where(time)
    if _blinded(satellite, time, platform, r - platform):
        return None
    normal = satellite.draws.of("seen", look.number, thing).standard_normal(1)
    arriving = irradiance(satellite.physics.band, intensity, r, platform)
    against_earth = np.array([line_against_earth(platform, r)[0] == AGAINST_EARTH])
    seen = measure(satellite.physics, arriving, against_earth, normal)
    if not seen.detected[0]:
        return None
    sigma = satellite.declared_scale * float(seen.sigma[0])
    noise = satellite.draws.of("noise", look.number, thing).standard_normal(2)
    error = sigma * satellite.real_scale * noise + satellite.bias(t)
    u = satellite.eye.predict(r, platform)[0]
    bare = _detection(satellite.rotation.itrf_from_gcrf(time).T @ u, error, time)
    return _measured(bare, float(seen.amplitude[0]), float(seen.snr[0]), sigma)


def _blinded(satellite: Satellite, time: Instant, platform: Array, d: Array) -> bool:
    """Say whether the Sun, unless the Earth hides it, is too near the direction `d` (3,)."""
    assert satellite.physics is not None
    if satellite.physics.sun_exclusion_deg == 0.0:
        return False
    sun = sun_itrf(satellite.rotation, time)
    near = separation(d, sun - platform) < np.radians(satellite.physics.sun_exclusion_deg)
    return bool(near and sunlit(sun, platform)[0])


def _measured(bare: InfraredDetection, amplitude: float, snr: float, sigma: float) -> InfraredDetection:
    return replace(
        bare,
        irradiance_w_m2=float(f"{amplitude:.4e}"),
        snr_db=round(float(decibels(snr)), 2),
        sigma_urad=round(sigma * 1e6, 3),
    )


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
    spin = satellite.physics is not None and satellite.physics.spin
    if spin:
        parts = sweep(r, u)
    times = [instant(scenario, look.start + part * look.duration) for part in parts]
    turn_to = satellite.rotation.itrf_from_gcrf
    u_gcrf = [u[i] @ turn_to(times[i]) for i in range(count)] if spin else u @ turn_to(middle)
    bare = [_detection(u_gcrf[i], np.zeros(2), times[i]) for i in range(count)]
    return bare if satellite.physics is None else _as_measured(satellite, satellite.physics, bare, random)


def _as_measured(
    satellite: Satellite, physics: InfraredPhysics, bare: list[InfraredDetection], random: np.random.Generator
) -> list[InfraredDetection]:
    """Give false alarms the strength of noise that has just passed the threshold: a Gaussian's far tail."""
    snr = physics.threshold_snr + random.exponential(1.0 / physics.threshold_snr, size=len(bare))
    amplitude = snr * noise_irradiance(physics, against_earth=True)
    sigma = satellite.declared_scale * angle_sigma(physics, snr)
    return [
        _measured(d, float(a), float(q), float(s))
        for d, a, q, s in zip(bare, amplitude, snr, sigma, strict=True)
    ]
