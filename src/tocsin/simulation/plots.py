"""What one radar beam reports of what it meets: echoes with noise and bias, and false alarms.

Geometric range and angles. Without `[sensor.physics]` each body is plotted with one probability and one noise. With
it, the radar equation decides (`sensors/echo.py`), the plot carries its own accuracy, and refraction, which
the radar takes out with the air it believes in, leaves what it got wrong.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tocsin.messages import Array, RadarDetection, RadarSigma, Sensor
from tocsin.sensors.echo import RadarPhysics, decibels, received_power
from tocsin.sensors.radar import Radar
from tocsin.sensors.refraction import bend_batch
from tocsin.simulation.looks import Draws, Look, instant
from tocsin.simulation.scenario import Scenario
from tocsin.simulation.truth import Body

NEAREST = (
    0.02  # part of the greatest range within which a radar, still sending, hears nothing: our assumption
)
_FASTEST_CLUTTER = 2_000.0  # range rate of false alarms, uniform up to this [m/s]: our assumption

Coverage = dict[str, float]


class Station(Struct, frozen=True, kw_only=True):
    """One radar of one origin in one run. `sigmas`, `floor`, `bias` (4,): range, azimuth, elevation, range rate.

    The bias holds from `bias_since` [s]. `nearest`: part of the greatest range within which it hears nothing. `scale`
    multiplies every declared error, `real` the true noise alone. `air`: the refractivity that rays really meet [1e-6].
    """

    radar: Radar
    height: float
    nearest: float
    sigmas: Array
    floor: Array
    bias: Array
    bias_since: float
    draws: Draws
    physics: RadarPhysics | None
    scale: float
    real: float
    air: float

    def off(self, t: Array) -> Array:
        """Return the bias (n, 4) at scenario times `t` (n,)."""
        return np.where(t[:, None] >= self.bias_since, self.bias, 0.0)


class Sweep(Struct, frozen=True, kw_only=True):
    """How the beam meets one body, look by look: `t` (n,) [s], `z` (n, 4); `met` (n,): flying and in the field.

    With physics: `snr` (n,) of the mean echo; `bent` (n, 4), what refraction adds that the radar takes out
    again, and `left` (n, 4), what of it remains.
    """

    thing: str
    met: NDArray[np.bool_]
    t: Array
    z: Array
    snr: Array
    bent: Array
    left: Array


def station_of(sensor: Sensor, scenario: Scenario, draws: Draws, noise_scale: float) -> Station:
    """Prepare `sensor`, whose declared errors have been multiplied by `noise_scale`, for a run."""
    radar = Radar.from_message(sensor)
    physics = scenario.physics.get(sensor.id)
    assert physics is None or isinstance(physics, RadarPhysics), "the scenario was checked"
    assert sensor.height_m is not None
    air, floor = 0.0, np.nan_to_num(radar.sigmas(), posinf=0.0)
    if physics is not None:
        error = Draws(draws.study, draws.run, draws.sensor).of("refractivity").standard_normal()
        air = physics.refractivity * max(0.0, 1.0 + physics.refractivity_error * noise_scale * float(error))
    return Station(
        radar=radar,
        height=sensor.height_m,
        nearest=NEAREST if physics is None else physics.range_min_m / radar.range_max,
        sigmas=floor * scenario.settings.real_noise_scale,
        floor=floor,
        bias=_bias(sensor, scenario, radar, draws),
        bias_since=max(
            (table.since_s for table in scenario.real_bias if table.sensor == sensor.id), default=0.0
        ),
        draws=draws,
        physics=physics,
        scale=noise_scale,
        real=scenario.settings.real_noise_scale,
        air=air,
    )


def _bias(sensor: Sensor, scenario: Scenario, radar: Radar, draws: Draws) -> Array:
    """Return the run's bias (4,): as set, or drawn and constant."""
    for table in scenario.real_bias:
        if table.sensor == sensor.id:
            angles = np.radians([table.azimuth_deg, table.elevation_deg])
            return np.array([table.range_m, *angles, 0.0])
    normal = Draws(draws.study, draws.run, draws.sensor).of("bias").standard_normal(3)
    return np.append(normal * [radar.range_bias_sigma, radar.angle_bias_sigma, radar.angle_bias_sigma], 0.0)


def sweep(station: Station, looks: list[Look], body: Body, coverage: Coverage | None = None) -> Sweep:
    """Follow how the beam, sweeping its sector once in each look, meets `body`."""
    start = np.array([look.start for look in looks])
    duration = np.array([look.duration for look in looks])
    first, last = body.flight.t[0], body.flight.t[-1]
    since, until = start - body.lift_off, start + duration - body.lift_off
    flying = np.flatnonzero((first < since) & (since <= last) & (first < until) & (until <= last))
    azimuth = station.radar.predict(body.at(start[flying]))[:, 1]
    meets = start[flying] + swept(station.radar, azimuth) * duration[flying]
    at = np.array([round(t, 6) for t in meets.tolist()])
    t, z = np.full(len(looks), np.nan), np.full((len(looks), 4), np.nan)
    met = np.zeros(len(looks), dtype=np.bool_)
    t[flying] = at
    z[flying], met[flying] = _field(station, body, at, coverage)
    return _with_echo(station, body, t, z, met)


def single(station: Station, body: Body, t: float, coverage: Coverage) -> Sweep:
    """Lay the beam, which covers `coverage`, once on `body` at time `t`."""
    times = np.array([t])
    z, met = _field(station, body, times, coverage)
    since = t - body.lift_off
    met &= bool(body.flight.t[0] < since <= body.flight.t[-1])
    return _with_echo(station, body, times, z, met)


def swept(radar: Radar, azimuth: Array) -> Array:
    """Return the part (n,), 0 to 1, of its sector that the radar has swept when it meets `azimuth` (n,)."""
    width = (radar.azimuth_to - radar.azimuth_from) % (2 * np.pi) or 2 * np.pi
    return np.asarray(np.minimum(1.0, ((azimuth - radar.azimuth_from) % (2 * np.pi)) / width))


def _field(
    station: Station, body: Body, t: Array, coverage: Coverage | None
) -> tuple[Array, NDArray[np.bool_]]:
    """Return where `body` is for the radar (n, 4) at times `t` (n,), and whether that is in its field (n,)."""
    x = body.at(t)
    z = station.radar.predict(x)
    return z, station.radar.visible(x[:, :3], coverage) & (
        z[:, 0] > station.nearest * station.radar.range_max
    )


def _with_echo(station: Station, body: Body, t: Array, z: Array, met: NDArray[np.bool_]) -> Sweep:
    """Add the mean echo and the refraction of what is `met` (n,)."""
    snr, bent, left = np.zeros(len(t)), np.zeros((len(t), 4)), np.zeros((len(t), 4))
    if station.physics is not None and met.any():
        whole, rest = body.cross_section
        section = np.where(t[met] - body.lift_off < body.flight.burnout, whole, rest)
        snr[met] = station.physics.snr(z[met], section)
        bent[met] = bend_batch(z[met], station.height, station.physics.refractivity)
        left[met] = bend_batch(z[met], station.height, station.air) - bent[met]
    return Sweep(thing=body.id, met=met, t=t, z=z, snr=snr, bent=bent, left=left)


def plot(
    station: Station, scenario: Scenario, look: Look, seen: Sweep, i: int, beam: str = ""
) -> RadarDetection | None:
    """Report what is met in look `i` if it is detected; `beam` names the draws of one of several beams."""
    if not seen.met[i]:
        return None
    random = station.draws.of("seen" + beam, look.number, seen.thing)
    noise = station.draws.of("noise" + beam, look.number, seen.thing)
    z, off = seen.z[i], station.off(seen.t[i : i + 1])[0]
    if station.physics is None:
        if random.uniform() >= station.radar.detection_probability:
            return None
        z = z + station.sigmas * noise.standard_normal(4) + off
        return _detection(station, z, scenario, float(seen.t[i]))
    power = received_power(seen.snr[i], random.standard_exponential())
    if power <= station.physics.threshold:
        return None
    sigmas = station.physics.sigmas(power[None], z[None], station.floor, station.scale)[0]
    doubt = np.abs(seen.bent[i]) * station.physics.refractivity_error * station.scale
    z = z + station.real * sigmas * noise.standard_normal(4) + seen.left[i] + off
    return _detection(station, z, scenario, float(seen.t[i]), power, np.hypot(sigmas, doubt))


def _detection(
    station: Station,
    z: Array,
    scenario: Scenario,
    t: float,
    power: Array | None = None,
    sigmas: Array | None = None,
) -> RadarDetection:
    doppler = station.radar.range_rate_sigma is not None
    return RadarDetection(
        time=instant(scenario, t),
        range_m=round(max(float(z[0]), 1.0), 3),
        azimuth_deg=round(float(np.degrees(z[1]) % 360.0), 9),
        elevation_deg=round(min(max(float(np.degrees(z[2])), -90.0), 90.0), 9),
        range_rate_mps=round(float(z[3]), 4) if doppler else None,
        snr_db=None if power is None else round(float(decibels(power)), 3),
        sigma=None if sigmas is None else _declared(sigmas, doppler),
    )


def _declared(sigmas: Array, doppler: bool) -> RadarSigma:
    return RadarSigma(
        range_sigma_m=round(float(sigmas[0]), 4),
        azimuth_sigma_deg=round(float(np.degrees(sigmas[1])), 9),
        elevation_sigma_deg=round(float(np.degrees(sigmas[2])), 9),
        range_rate_sigma_mps=round(float(sigmas[3]), 5) if doppler else None,
    )


def report(
    station: Station, scenario: Scenario, times: Array, rows: Array, powers: Array | None
) -> list[RadarDetection]:
    """Report what was measured: `times` (n,) [s], `rows` (n, 4); by physics, with what `powers` (n,) over the noise."""
    if powers is None or station.physics is None:
        return [_detection(station, z, scenario, t) for z, t in zip(rows, times, strict=True)]
    sigmas = station.physics.sigmas(powers, rows, station.floor, station.scale)
    plots = zip(rows, times, powers, sigmas, strict=True)
    return [_detection(station, z, scenario, t, power, sigma) for z, t, power, sigma in plots]


def false_alarms(
    station: Station, scenario: Scenario, look: Look, coverage: Coverage | None = None, beam: str = ""
) -> list[RadarDetection]:
    """Draw false alarms, uniform in range, azimuth and elevation over what the look covers."""
    radar = station.radar
    az_from, az_to, el_min, el_max = radar.sector(coverage)
    width = (az_to - az_from) % (2 * np.pi) or 2 * np.pi
    share = 1.0 if coverage is None else width * (el_max - el_min) / radar.solid_angle()
    random = station.draws.of("clutter" + beam, look.number)
    count = random.poisson(radar.false_alarms_per_scan * scenario.settings.clutter_scale * share)
    if count == 0:
        return []
    parts = random.uniform(size=(count, 4))
    low = np.array([station.nearest * radar.range_max, az_from, el_min, -_FASTEST_CLUTTER])
    span = np.array([(1 - station.nearest) * radar.range_max, width, el_max - el_min, 2 * _FASTEST_CLUTTER])
    times = look.start + parts[:, 1] * look.duration
    rows = low + span * parts
    powers = station.physics.threshold + random.standard_exponential(count) if station.physics else None
    return report(station, scenario, times, rows, powers)
