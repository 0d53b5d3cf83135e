"""Vehicles of the tracker's own model, and what two satellites see of them; bodies that coast, and a radar's looks."""

import numpy as np
import pytest

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef, geodetic_from_ecef
from tocsin.earth.time import parse_utc
from tocsin.flight.coast import propagate
from tocsin.messages import SECOND, Instant, Sensor
from tocsin.sensors.radar import Radar
from tocsin.tracking._boost import fly, natural
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.profile import CLASSES, tables
from tocsin.tracking.sightings import MODEL_ERROR, Sighting
from tocsin.tracking.starts import STEP

T = parse_utc("2026-05-16T00:00:00Z")
SIGMA = 30e-6
STRAY = np.log(3.0 / 0.0725)  # of three false alarms over the disk seen from geostationary orbit
GEO = 42_164_000.0
PERIOD = 5.0  # s, of the radar's scans


def stationary(longitude_deg):
    return GEO * np.array([np.cos(np.radians(longitude_deg)), np.sin(np.radians(longitude_deg)), 0.0])


SATELLITES = {"geo-1": stationary(-75.0), "geo-2": stationary(-5.0)}


def flown(vehicle, w, launch, times):
    """Return states (n, 6) of a class with parameters `w` at `times` [s after launch]."""
    kind = CLASSES[vehicle]
    pitch, stages, g, f = natural(w, tables()[vehicle], len(kind.stages), kind.freedom)
    return fly(launch, 0.0, pitch, stages, g, f, kind.duration, np.asarray(times, dtype=np.float64), STEP)


def burn_end(vehicle, w):
    kind = CLASSES[vehicle]
    stages = natural(w, tables()[vehicle], len(kind.stages), kind.freedom)[1]
    return float(stages[-1, 0] + stages[-1, 1])


def sighting(sensor, t, r, random=None, number=0, sigma=SIGMA, platform=None, error=MODEL_ERROR):
    """See `r` (3,) at `t` [s after T], with noise and the white model error where `random` is given."""
    platform = SATELLITES[sensor] if platform is None else platform
    d = r - platform
    u = d / np.linalg.norm(d)
    clean = Sighting.of(sensor, Instant(T + round(t * SECOND)), number, u, platform, sigma, 0.0, stray=STRAY)
    if random is None:
        return clean
    spread = np.hypot(sigma, error / (np.linalg.norm(platform) - 6.4e6))
    a, b = random.normal(0.0, spread, 2)
    u = u + a * clean.e1 + b * clean.e2
    u = u / np.linalg.norm(u)
    return Sighting.of(sensor, clean.time, number, u, platform, sigma, 0.0, stray=STRAY)


def seen(vehicle, w, launch, until=None, random=None, sensors=("geo-1", "geo-2"), period=10.0):
    """Return the sightings of a vehicle launched at T, from cloud break to `until` or its burnout."""
    end = min(until or 1e9, burn_end(vehicle, w) - 0.1)
    rows = []
    for k, name in enumerate(sensors):
        times = np.arange(2.0 + 5.0 * k, end, period)
        for t, x in zip(times, flown(vehicle, w, launch, times), strict=True):
            if geodetic_from_ecef(x[:3])[2] > 10_000.0:
                rows.append(sighting(name, t, x[:3], random))
    return sorted(rows, key=lambda s: s.key)


def drawn(random, vehicle):
    """Draw a vehicle of a class and its launch from the priors; none that burns more than it weighs."""
    size = CLASSES[vehicle].size
    w = np.zeros(size + 4)
    while True:
        w[4:size] = random.normal(size=size - 4)
        stages = natural(w, tables()[vehicle], len(CLASSES[vehicle].stages), CLASSES[vehicle].freedom)[1]
        if np.max(stages[:, 1] * stages[:, 2] / stages[:, 3]) < 0.95:
            break
    latitude, longitude = np.radians([random.uniform(-30, 45), random.uniform(-60, -20)])
    return w, np.array([latitude, longitude, 0.0, random.uniform(0, 2 * np.pi)])


def radar(**more):
    """Return a radar that scans every PERIOD seconds from a place in the ocean."""
    fields = {
        "origin": "test", "id": "radar-1", "type": "radar", "latitude_deg": 15.0, "longitude_deg": -27.0,
        "height_m": 0.0, "range_sigma_m": 50.0, "azimuth_sigma_deg": 0.1, "elevation_sigma_deg": 0.1,
        "range_max_m": 2.5e6, "elevation_min_deg": 2.0, "elevation_max_deg": 85.0, "scan_period_s": PERIOD,
        "detection_probability": 0.9, "false_alarms_per_scan": 5.0,
    }  # fmt: skip
    return Radar.from_message(Sensor(**(fields | more)))


RADAR = radar()


def coasting(east=-900e3, north=-300e3, up=300e3, velocity=(1500.0, 800.0, 900.0)):
    """Return a state (6,) in ITRF from a place and velocity (east, north, up) at the radar."""
    site = np.radians([15.0, -27.0])
    axes = enu_from_ecef(*site)
    r = ecef_from_geodetic(*site, 0.0) + axes.T @ np.array([east, north, up])
    return np.concatenate([r, axes.T @ np.array(velocity)])


def scanned(k, states, random=None, clutter=0, seen=0.9, drag=0.0):
    """Return look `k` of the radar at bodies whose states at T are given, in the middle of the scan."""
    start, t = T + round(k * PERIOD * SECOND), T + round((k + 0.5) * PERIOD * SECOND)
    rows = []
    for x in states:
        if random is None or random.uniform() < seen:
            z = RADAR.predict(propagate(x, (t - T) / SECOND, drag))[0]
            noise = np.nan_to_num(RADAR.sigmas(), posinf=0)
            rows.append(z + (0 if random is None else noise * random.normal(size=4)))
    for _ in range(clutter):
        rows.append(
            [random.uniform(5e4, 2.5e6), random.uniform(0, 2 * np.pi), random.uniform(0.04, 1.48), 0.0]
        )
    z = np.array(rows).reshape(-1, 4)
    z[:, 3] = np.nan
    n = len(z)
    return RadarLook(
        "radar-1", Instant(start), Instant(start + round(PERIOD * SECOND)), np.full(n, t), z,
        np.tile(RADAR.sigmas(), (n, 1)), np.zeros(n, dtype=bool), np.arange(n), None,
    )  # fmt: skip


@pytest.fixture(scope="session")
def dish():
    """Give a radar, bodies that coast before it, and its looks at them."""
    from types import SimpleNamespace

    return SimpleNamespace(T=T, PERIOD=PERIOD, RADAR=RADAR, radar=radar, body=coasting, look=scanned)


@pytest.fixture(scope="session")
def sky():
    """Give the functions of this module."""
    from types import SimpleNamespace

    names = (T, SIGMA, SATELLITES, stationary, flown, burn_end, sighting, seen, drawn, ecef_from_geodetic)
    keys = (
        "T",
        "SIGMA",
        "SATELLITES",
        "stationary",
        "flown",
        "burn_end",
        "sighting",
        "seen",
        "drawn",
        "ecef",
    )
    return SimpleNamespace(**dict(zip(keys, names, strict=True)))
