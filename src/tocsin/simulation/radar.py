"""When a radar looks and what it sends: a scan each period or, with a fence, a scan of the fence and one of each beam.

A radar without a fence sweeps its whole sector once a period. One with a fence (`[sensor.physics]`) sweeps that band
in a part of each period; in the rest it lays its beam on what it follows (`revisits.py`). Each of these scans says by
its `coverage` where it looked, so that what was not looked at was not missed.
"""

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from tocsin.messages import Array, RadarDetection, RadarScan, Sensor
from tocsin.sensors.echo import RadarPhysics
from tocsin.simulation.background.echoes import Echoes
from tocsin.simulation.background.scene import Scene
from tocsin.simulation.looks import Draws, Look, instant, looks, received
from tocsin.simulation.plots import Coverage, Station, false_alarms, plot, report, single, station_of, sweep
from tocsin.simulation.revisits import Revisits
from tocsin.simulation.scenario import Scenario
from tocsin.simulation.truth import Body, Truth

_FASTEST = 8_000.0  # across the beam, of what a revisit may meet [m/s]: our assumption


def radar_scans(
    sensor: Sensor,
    scenario: Scenario,
    truth: Truth,
    draws: Draws,
    origin: str,
    noise_scale: float = 1.0,
    background: Scene | None = None,
) -> Iterator[RadarScan]:
    """Yield every look of `sensor` (as it declares itself) at the bodies of `origin`, in order of time.

    `noise_scale` is by what the sensor's declared errors have been multiplied already.
    """
    station = station_of(sensor, scenario, draws, noise_scale)
    around = None if background is None else background.radar(station)
    bodies = [b for b in truth.bodies if b.origin == origin]
    every = list(looks(sensor, scenario, draws))
    if station.physics is not None and station.physics.fence_elevation_deg is not None:
        yield from _fenced(station, station.physics, scenario, bodies, every, origin, around)
        return
    sweeps = [sweep(station, every, body) for body in bodies]
    for i, look in enumerate(every):
        found = [d for s in sweeps if (d := plot(station, scenario, look, s, i)) is not None]
        found += false_alarms(station, scenario, look)
        found += _around(station, scenario, look, around)
        yield _scan(station, scenario, look, found, origin)


def _around(
    station: Station, scenario: Scenario, look: Look, around: Echoes | None, coverage: Coverage | None = None
) -> list[RadarDetection]:
    """Report what is about, and nobody launched, in a look."""
    if around is None:
        return []
    heard = around.at(look, coverage)
    return report(station, scenario, heard.time, heard.z, heard.power)


def _scan(
    station: Station,
    scenario: Scenario,
    look: Look,
    found: list[RadarDetection],
    origin: str,
    coverage: Coverage | None = None,
) -> RadarScan:
    found.sort(key=lambda d: (d.time, d.range_m))
    return RadarScan(
        origin=origin,  # type: ignore[arg-type]
        received=received(scenario, look, station.draws),
        sensor=station.radar.id,
        time=instant(scenario, look.start),
        duration_s=look.duration,
        detections=tuple(found),
        coverage=coverage,
    )


class _Watch(Struct, frozen=True, kw_only=True):
    """What a radar with a fence needs to look again.

    `near` (bodies, periods, 4): roughly where each body is in each period, to sort out what no beam can meet.
    """

    station: Station
    physics: RadarPhysics
    scenario: Scenario
    origin: str
    bodies: dict[str, Body]
    near: Array
    followed: Revisits


def _fenced(
    station: Station,
    physics: RadarPhysics,
    scenario: Scenario,
    bodies: list[Body],
    periods: list[Look],
    origin: str,
    around: Echoes | None,
) -> Iterator[RadarScan]:
    """Yield the scans of a radar with a fence: in each period the fence, then what is due of what is followed."""
    fence = _fence(station, physics)
    searches = [Look(p.number, p.start, round(p.duration * (1 - physics.track_share), 6)) for p in periods]
    crossings = [sweep(station, searches, body, fence) for body in bodies]
    watch = _Watch(
        station=station,
        physics=physics,
        scenario=scenario,
        origin=origin,
        bodies={body.id: body for body in bodies},
        near=np.array([crossing.z for crossing in crossings]).reshape(len(bodies), len(periods), 4),
        followed=Revisits(physics.revisit_s),
    )
    for i, (period, search) in enumerate(zip(periods, searches, strict=True)):
        found = []
        for crossing in crossings:
            if (echo := plot(station, scenario, search, crossing, i)) is not None:
                watch.followed.heard(crossing.thing, float(crossing.t[i]))
                found.append(echo)
        found += false_alarms(station, scenario, search, fence)
        found += _around(station, scenario, search, around, fence)
        yield _scan(station, scenario, search, found, origin, fence)
        yield from _revisits(watch, period, round(search.start + search.duration, 6), watch.near[:, i])


def _fence(station: Station, physics: RadarPhysics) -> Coverage:
    assert physics.fence_elevation_deg is not None
    low, high = physics.fence_elevation_deg
    return {
        "elevation_min_deg": max(low, round(float(np.degrees(station.radar.elevation_min)), 9)),
        "elevation_max_deg": min(high, round(float(np.degrees(station.radar.elevation_max)), 9)),
    }


def _revisits(watch: _Watch, period: Look, now: float, near: Array) -> Iterator[RadarScan]:
    """Lay the beam on what is due, one after the other, from `now` until the period is over."""
    dwell, end = watch.physics.dwell_s, period.start + period.duration
    looked: list[str] = []
    while now + dwell <= end + 1e-9:
        name = next((n for n in watch.followed.due(end) if n not in looked), None)
        if name is None:
            return
        looked.append(name)
        look = Look(period.number, now, dwell)
        beam = _beam(watch, watch.bodies[name], now + dwell / 2)
        if beam is None:
            watch.followed.forget(name)
            continue
        found = _dwell(watch, look, name, beam, near)
        yield _scan(watch.station, watch.scenario, look, found, watch.origin, beam)
        now = round(now + dwell, 6)


def _beam(watch: _Watch, body: Body, t: float) -> Coverage | None:
    """Return the beam that lies on `body` at `t`, or None where the radar does not look."""
    radar = watch.station.radar
    x = body.at(np.array([t]))
    if not radar.visible(x[:, :3])[0]:
        return None
    _, azimuth, elevation, _ = radar.predict(x)[0]
    half = np.radians(watch.physics.beamwidth_deg) / 2
    across = min(half / max(np.cos(elevation), 0.01), np.pi)
    start, end = azimuth - across, azimuth + across
    width = (radar.azimuth_to - radar.azimuth_from) % (2 * np.pi)
    if width:  # a beam at the edge of the sector ends there
        inside = (azimuth - radar.azimuth_from) % (2 * np.pi)
        start, end = azimuth - min(across, inside), azimuth + min(across, width - inside)
    return {
        "azimuth_from_deg": round(float(np.degrees(start)) % 360.0, 6),
        "azimuth_to_deg": round(float(np.degrees(end)) % 360.0, 6),
        "elevation_min_deg": round(float(np.degrees(max(elevation - half, radar.elevation_min))), 6),
        "elevation_max_deg": round(float(np.degrees(min(elevation + half, radar.elevation_max))), 6),
    }


def _dwell(watch: _Watch, look: Look, name: str, beam: Coverage, near: Array) -> list[RadarDetection]:
    """Report what the beam laid on `name` meets; remember what was heard."""
    t = round(look.start + look.duration / 2, 6)
    aside = f" at {name}"
    found = []
    for body in _neighbours(watch, name, near):
        meeting = single(watch.station, body, t, beam)
        if (echo := plot(watch.station, watch.scenario, look, meeting, 0, aside)) is not None:
            found.append(echo)
            watch.followed.heard(body.id, t)
        elif body.id == name:
            watch.followed.missed(name, t)
    return found + false_alarms(watch.station, watch.scenario, look, beam, aside)


def _neighbours(watch: _Watch, name: str, near: Array) -> list[Body]:
    """Return the body called `name` and those that may share its beam."""
    bodies = list(watch.bodies.values())
    here = near[list(watch.bodies).index(name)]
    apart = near[:, 1:3] - here[1:3]
    apart[:, 0] = ((apart[:, 0] + np.pi) % (2 * np.pi) - np.pi) * np.cos(here[2])
    period = watch.station.radar.scan_period or 1.0
    reach = np.radians(watch.physics.beamwidth_deg) + _FASTEST * period * (1 / here[0] + 1 / near[:, 0])
    close = np.hypot(apart[:, 0], apart[:, 1]) < reach
    return [body for body, is_close in zip(bodies, close, strict=True) if is_close or body.id == name]
