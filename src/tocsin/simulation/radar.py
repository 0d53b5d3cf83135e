"""What a radar reports: bodies in its sector with noise and bias, and false alarms.

Geometric range and angles.
"""

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from tocsin.messages import Array, RadarDetection, RadarScan, Sensor
from tocsin.sensors.radar import Radar
from tocsin.simulation.looks import Draws, Look, instant, looks, received
from tocsin.simulation.scenario import Scenario
from tocsin.simulation.truth import Body, Truth

NEAREST = (
    0.02  # part of the greatest range within which a radar, still sending, hears nothing: our assumption
)
_FASTEST_CLUTTER = 2_000.0  # range rate of false alarms, uniform up to this [m/s]: our assumption


class Station(Struct, frozen=True, kw_only=True):
    """One radar of one origin in one run. `sigmas`, `bias` (4,): range, azimuth, elevation, range rate."""

    radar: Radar
    sigmas: Array
    bias: Array
    draws: Draws


def radar_scans(
    sensor: Sensor, scenario: Scenario, truth: Truth, draws: Draws, origin: str
) -> Iterator[RadarScan]:
    """Yield every look of `sensor` (as it declares itself) at the bodies of `origin`, in order of time."""
    radar = Radar.from_message(sensor)
    station = Station(
        radar=radar,
        sigmas=np.nan_to_num(radar.sigmas(), posinf=0.0) * scenario.settings.real_noise_scale,
        bias=_bias(sensor, scenario, radar, draws),
        draws=draws,
    )
    bodies = [b for b in truth.bodies if b.origin == origin]
    for look in looks(sensor, scenario, draws):
        found = [d for b in bodies if (d := _plot(station, scenario, look, b)) is not None]
        found += _false_alarms(station, scenario, look)
        found.sort(key=lambda d: (d.time, d.range_m))
        yield RadarScan(
            origin=origin,  # type: ignore[arg-type]
            received=received(scenario, look, draws),
            sensor=sensor.id,
            time=instant(scenario, look.start),
            duration_s=look.duration,
            detections=tuple(found),
        )


def _bias(sensor: Sensor, scenario: Scenario, radar: Radar, draws: Draws) -> Array:
    """Return the run's constant bias (4,): as set, or drawn."""
    for table in scenario.real_bias:
        if table.sensor == sensor.id:
            angles = np.radians([table.azimuth_deg, table.elevation_deg])
            return np.array([table.range_m, *angles, 0.0])
    normal = Draws(draws.study, draws.run, draws.sensor).of("bias").standard_normal(3)
    return np.append(normal * [radar.range_bias_sigma, radar.angle_bias_sigma, radar.angle_bias_sigma], 0.0)


def _plot(station: Station, scenario: Scenario, look: Look, body: Body) -> RadarDetection | None:
    """Report `body` if the beam meets it and it is detected."""
    end = look.start + look.duration
    if not body.flying(look.start) or not body.flying(end):
        return None
    z = station.radar.predict(body.at(np.array([look.start])))[0]
    t = round(look.start + _swept(station.radar, z[1]) * look.duration, 6)
    x = body.at(np.array([t]))
    z = station.radar.predict(x)[0]
    heard = station.radar.visible(x[:, :3])[0] and z[0] > NEAREST * station.radar.range_max
    if not heard:
        return None
    if station.draws.of("seen", look.number, body.id).uniform() >= station.radar.detection_probability:
        return None
    noise = station.sigmas * station.draws.of("noise", look.number, body.id).standard_normal(4)
    return _detection(station, z + noise + station.bias, scenario, t)


def _swept(radar: Radar, azimuth: float) -> float:
    """Return the part (0 to 1) of its sector that the radar has swept when it meets `azimuth`."""
    width = (radar.azimuth_to - radar.azimuth_from) % (2 * np.pi) or 2 * np.pi
    return float(min(1.0, ((azimuth - radar.azimuth_from) % (2 * np.pi)) / width))


def _detection(station: Station, z: Array, scenario: Scenario, t: float) -> RadarDetection:
    doppler = station.radar.range_rate_sigma is not None
    return RadarDetection(
        time=instant(scenario, t),
        range_m=round(float(z[0]), 3),
        azimuth_deg=round(float(np.degrees(z[1]) % 360.0), 9),
        elevation_deg=round(float(np.clip(np.degrees(z[2]), -90.0, 90.0)), 9),
        range_rate_mps=round(float(z[3]), 4) if doppler else None,
    )


def _false_alarms(station: Station, scenario: Scenario, look: Look) -> list[RadarDetection]:
    """Draw false alarms, uniform in range, azimuth and elevation over the sector."""
    radar = station.radar
    random = station.draws.of("clutter", look.number)
    count = random.poisson(radar.false_alarms_per_scan * scenario.settings.clutter_scale)
    parts = random.uniform(size=(count, 4))
    width = (radar.azimuth_to - radar.azimuth_from) % (2 * np.pi) or 2 * np.pi
    low = np.array([NEAREST * radar.range_max, radar.azimuth_from, radar.elevation_min, -_FASTEST_CLUTTER])
    span = np.array(
        [
            (1 - NEAREST) * radar.range_max,
            width,
            radar.elevation_max - radar.elevation_min,
            2 * _FASTEST_CLUTTER,
        ]
    )
    times = look.start + parts[:, 1] * look.duration
    return [_detection(station, z, scenario, t) for z, t in zip(low + span * parts, times, strict=True)]
