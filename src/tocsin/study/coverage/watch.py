"""A network as arrays that kernels read: who looks how often, from where, at what."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.constants import EARTH_GM, EARTH_RATE
from tocsin.earth.frames import EarthRotation
from tocsin.errors import ConfigError
from tocsin.formats.toml import Equipment
from tocsin.messages import SECOND, Array, Instant, Sensor
from tocsin.sensors.echo import RadarPhysics
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.platform import Platform, PlatformError
from tocsin.sensors.radar import Radar
from tocsin.sensors.radiometry import InfraredPhysics

EYE_STEP: Final = 30.0  # between the places of a moving satellite [s]
EYES: Final = 13  # so that the longest burn is covered
_NEAREST: Final = (
    0.02  # part of a radar's greatest range within which it hears nothing: our assumption (simulation)
)
_GEOSTATIONARY: Final = float((EARTH_GM / EARTH_RATE**2) ** (1 / 3))

Where = Callable[[Instant], Array]


class Watch(NamedTuple):
    """Sensors in order, satellites and radars mixed; a row (s,) of each field is one of them.

    `is_radar`; `path`: number of its evidence path; `shared`: with others; `period` of looks [s]; `lag` [s] from a
    detection to the end of its look, on average; `chance`: detection probability of a look.

    Satellites: `eyes` (s, EYES, 3), places each EYE_STEP from the launch on; `moves`; `cloud_top`, `disk`, `limb`;
    `framed`: whether it has a field; `edges` (e, 7): sensor, polygon, latitude and longitude [deg] of both ends of an
    edge of a field, the least longitude of its ring.

    Radars: `site` (s, 3), `axes` (s, 3, 3), `sector` (s, 6): azimuth from, width, elevation from, to, nearest,
    farthest; `echo` (s, 7): of a radar's physics, else NaN; see `_echo`.
    """

    is_radar: NDArray[np.bool_]
    path: NDArray[np.int64]
    shared: NDArray[np.bool_]
    period: Array
    lag: Array
    chance: Array
    eyes: Array
    moves: NDArray[np.bool_]
    cloud_top: Array
    disk: NDArray[np.bool_]
    limb: Array
    framed: NDArray[np.bool_]
    edges: Array
    site: Array
    axes: Array
    sector: Array
    echo: Array


def watch(network: tuple[Equipment, ...], eyes: Array) -> Watch:
    """Prepare a network whose satellites are at `eyes` (s, EYES, 3) for kernels."""
    n = len(network)
    sensors = [row.sensor for row in network]
    names = [s.evidence_path for s in sensors]
    paths = sorted(set(names))
    radars = np.array([s.type == "radar" for s in sensors])
    site, axes, sector = np.zeros((n, 3)), np.zeros((n, 3, 3)), np.zeros((n, 6))
    for i, row in enumerate(network):
        if radars[i]:
            radar = Radar.from_message(row.sensor)
            site[i], axes[i], sector[i] = radar.r_ecef, radar.enu_from_ecef, _sector(radar, row.physics)
    views = [Infrared.from_message(s) if s.type == "infrared" else None for s in sensors]
    return Watch(
        is_radar=radars,
        path=np.array([paths.index(name) for name in names]),
        shared=np.array([names.count(name) > 1 for name in names]),
        period=np.array([s.scan_period_s for s in sensors], dtype=np.float64),
        lag=np.array([_lag(row) for row in network]),
        chance=np.array([s.detection_probability for s in sensors], dtype=np.float64),
        eyes=np.ascontiguousarray(eyes),
        moves=np.any(eyes != eyes[:, :1], axis=(1, 2)),
        cloud_top=np.array([0.0 if v is None else v.cloud_top for v in views], dtype=np.float64),
        disk=np.array([v is not None and v.disk_visible for v in views]),
        limb=np.array([0.0 if v is None else v.limb_height for v in views], dtype=np.float64),
        framed=np.array([v is not None and v.field_of_regard is not None for v in views]),
        edges=_edges(views),
        site=site,
        axes=axes,
        sector=sector,
        echo=np.array([_echo(row) for row in network]),
    )


def verified(network: tuple[Equipment, ...], file: str) -> tuple[Equipment, ...]:
    """Return the network; raise ConfigError for what cannot be mapped."""
    for row in network:
        sensor = row.sensor
        if sensor.scan_period_s is None:
            raise ConfigError(
                f"{file}: sensor {sensor.id} has no scan_period_s; a map needs to know how often it looks"
            )
        if isinstance(row.physics, InfraredPhysics):
            raise ConfigError(
                f"{file}: sensor {sensor.id} has [sensor.physics] of a satellite; maps go by detection_probability and "
                "do not know the strength of plumes yet: leave that table out"
            )
    return network


def places(sensor: Sensor, rotation: EarthRotation, ephemeris: Where | None, file: str) -> Where | None:
    """Return what places a satellite at an Instant [m, ITRF]; None for a radar."""
    if sensor.type == "radar":
        return None
    if ephemeris is not None:
        return ephemeris
    if sensor.tle is not None or sensor.orbit is not None:
        return Platform(sensor, rotation).from_orbit
    if sensor.longitude_deg is None:
        raise ConfigError(
            f"{file}: sensor {sensor.id} has neither longitude_deg nor an orbit, so nobody knows where it is"
        )
    lon = np.radians(sensor.longitude_deg)
    fixed = _GEOSTATIONARY * np.array([np.cos(lon), np.sin(lon), 0.0])
    return lambda _: fixed


def moves(sensor: Sensor) -> bool:
    """Say whether a sensor is a satellite that does not stand still over the Earth."""
    return sensor.type == "infrared" and sensor.longitude_deg is None


def eyes_at(wheres: list[Where | None], start: Instant, file: str) -> Array:
    """Return where satellites are (s, EYES, 3) from `start` on; radars are nowhere."""
    eyes = np.zeros((len(wheres), EYES, 3))
    try:
        for i, where in enumerate(wheres):
            if where is not None:
                eyes[i] = [where(Instant(start + round(k * EYE_STEP * SECOND))) for k in range(EYES)]
    except PlatformError as error:
        raise ConfigError(f"{file}: {error}; or give another --time") from None
    return eyes


def _lag(row: Equipment) -> float:
    period = row.sensor.scan_period_s or 0.0
    sweeps = row.sensor.type == "radar"
    return 0.5 * (period if sweeps else min(1.0, period / 2))


def _sector(radar: Radar, physics: object) -> tuple[float, ...]:
    nearest = physics.range_min_m if isinstance(physics, RadarPhysics) else _NEAREST * radar.range_max
    width = (radar.azimuth_to - radar.azimuth_from) % (2 * np.pi) or 2 * np.pi
    low = max(radar.elevation_min, radar.horizon)
    return radar.azimuth_from, width, low, radar.elevation_max, nearest, radar.range_max


def _echo(row: Equipment) -> tuple[float, ...]:
    """Return SNR of 1 m² at 1 m on boresight, log of the false alarm probability, boresight (3), its exponent, and 1.

    All NaN for a radar without physics. One with a fence is taken to search its whole sector.
    """
    physics = row.physics
    if not isinstance(physics, RadarPhysics):
        return (np.nan,) * 7
    az = np.radians(physics.boresight_azimuth_deg or 0.0)
    el = np.radians(physics.boresight_elevation_deg)
    fixed = physics.boresight_azimuth_deg is not None
    at_one = 10 ** (physics.snr_reference_db / 10) * physics.range_reference_m**4 / physics.rcs_reference_m2
    across = np.cos(el)
    face = (across * np.sin(az), across * np.cos(az), np.sin(el)) if fixed else (0.0, 0.0, 0.0)
    return at_one, -physics.threshold, *face, physics.scan_loss_exponent if fixed else 0.0, 1.0


def _edges(views: list[Infrared | None]) -> Array:
    """Return the edges of all fields of regard, longitudes unwrapped along each ring as `sensors.field` does."""
    rows = []
    for i, view in enumerate(views):
        if view is None or view.field_of_regard is None:
            continue
        geometry = view.field_of_regard
        geometry = geometry["geometry"] if geometry.get("type") == "Feature" else geometry
        polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        for number, polygon in enumerate(polygons):
            for ring in polygon:
                lon = np.degrees(np.unwrap(np.radians([p[0] for p in ring])))
                lat = [p[1] for p in ring]
                rows += [
                    (i, number, lat[k], lon[k], lat[k + 1], lon[k + 1], lon.min())
                    for k in range(len(ring) - 1)
                ]
    return np.array(rows, dtype=np.float64).reshape(-1, 7)
