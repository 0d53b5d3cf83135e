"""Another simulator: flights, sensors and recordings that share no code with Tocsin, for tests of the whole.

Rockets push with constant mass flow and follow a pitch programme of their own; gravity is J2, air exponential in
pieces, the integrator SciPy's DOP853, places pymap3d's, the axes of the sky ERFA's. Looks sweep: each source is seen
at a random moment of the look. Messages are written as formats.md says them, with plain `json`. SI, ITRF; times in
seconds after `EPOCH`, of a flight after its launch. Figures of the vehicles are ours, in the open range of textbooks.
"""

import json
import math
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import erfa
import numpy as np
import pymap3d
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicHermiteSpline

EPOCH = datetime(2026, 6, 3, 4, 10, tzinfo=UTC)
GM, EARTH_RADIUS, J2, SPIN = 3.986004418e14, 6_378_137.0, 1.08262668e-3, np.array([0.0, 0.0, 7.292115e-5])
AIR = (
    (100e3, 5.6e-7, 6.0e3),
    (75e3, 3.9e-5, 5.9e3),
    (50e3, 9.8e-4, 7.9e3),
    (25e3, 3.9e-2, 6.5e3),
    (0.0, 1.225, 8.4e3),
)
GEOSTATIONARY = 42_164_170.0
CLOUD_TOP = 10_000.0
UT1_UTC_S, POLE_ARCSEC = 0.05, (0.15, 0.40)
STANDARD_GRAVITY = 9.80665


class Stage:
    """`spent`: part of the mass at ignition that has gone at the end; `drag` [m²/kg] of the mass at lift-off."""

    def __init__(self, burn, gap, impulse, spent, drag):
        self.burn, self.gap, self.impulse, self.spent, self.drag = burn, gap, impulse, spent, drag


def vehicle(kind, random):
    """Return the stages and the elevation of the thrust at burnout [rad] of a vehicle of a kind."""
    u = random.uniform
    if kind == "short":
        return [Stage(u(55, 75), 0, u(225, 245), u(0.66, 0.74), u(2.5e-5, 5e-5))], math.radians(u(40, 50))
    if kind == "medium":
        return [Stage(u(85, 115), 0, u(228, 250), u(0.76, 0.83), u(1.8e-5, 3.5e-5))], math.radians(u(38, 48))
    if kind == "long":
        return [
            Stage(u(58, 75), u(0.3, 3), u(255, 268), u(0.60, 0.66), 2.2e-5),
            Stage(u(58, 75), u(0.3, 3), u(275, 290), u(0.64, 0.70), 2e-5),
            Stage(u(50, 70), 0, u(280, 292), u(0.66, 0.73), 3e-5),
        ], math.radians(u(22, 30))
    if kind == "coasting":
        stages, elevation = vehicle("long", random)
        stages[0].gap = u(40, 100)
        return stages, elevation
    assert kind == "launcher"
    return [
        Stage(u(140, 160), u(4, 9), u(290, 305), u(0.74, 0.78), 1.5e-5),
        Stage(u(330, 400), 0, u(335, 350), 0.93, 3e-5),
    ], math.radians(u(3, 8))


class Flight:
    """One flight from (latitude, longitude) [deg] towards an azimuth [deg], `launch` s after the epoch."""

    def __init__(self, kind, latitude, longitude, azimuth, launch, random):
        self.kind, self.place, self.launch = kind, (latitude, longitude), launch
        self.stages, self.last_elevation = vehicle(kind, random)
        self.upright, self.bend = random.uniform(4, 12), random.uniform(0.8, 1.2)
        self.spent_drag = 1.0 / random.uniform(2_500, 9_000)
        east, north = _axes(latitude, longitude)
        self.along = math.sin(math.radians(azimuth)) * east + math.cos(math.radians(azimuth)) * north
        self.lit, self.impact = [], None
        self._fly()

    @cached_property
    def path(self):
        """Return the position [m] as a spline of time [s after launch]."""
        return CubicHermiteSpline(self._t, self._x[:, :3], self._x[:, 3:])

    @property
    def burnout(self):
        return self.lit[-1][1]

    def _fly(self):
        x = np.concatenate([pymap3d.geodetic2ecef(*self.place, 0.0), np.zeros(3)])
        times, states, clock = [np.zeros(1)], [x[None]], 0.0
        planned = sum(s.burn + s.gap for s in self.stages)
        for stage in self.stages:
            for length, burning in ((stage.burn, True), (stage.gap, False)):
                if not length:
                    continue
                flown = solve_ivp(
                    self._rate, (clock, clock + length), x, "DOP853", rtol=1e-9, atol=1e-6, max_step=1.0,
                    events=_in_orbit, args=(stage, burning, clock, planned),
                )  # fmt: skip
                times.append(flown.t[1:])
                states.append(flown.y.T[1:])
                x = flown.y[:, -1]
                if burning:
                    self.lit.append((clock, float(flown.t[-1])))
                clock = float(flown.t[-1])
        flown = solve_ivp(
            lambda t, y: np.concatenate([y[3:], _free(y, self.spent_drag)]), (clock, clock + 4_000.0), x, "DOP853",
            rtol=1e-9, atol=1e-6, max_step=5.0, events=_down,
        )  # fmt: skip
        self._t = np.concatenate([*times, flown.t[1:]])
        self._x = np.concatenate([*states, flown.y.T[1:]])
        if len(flown.t_events[0]):
            latitude, longitude, _ = pymap3d.ecef2geodetic(*flown.y_events[0][0][:3])
            self.impact = float(flown.t_events[0][0]), float(latitude), float(longitude)

    def _rate(self, t, y, stage, burning, ignition, planned):
        acceleration = _free(y, stage.drag)
        if burning:
            left = 1.0 - stage.spent * (t - ignition) / stage.burn
            push = stage.impulse * STANDARD_GRAVITY * stage.spent / stage.burn / left
            push *= 1.0 - 0.12 * math.exp(-_height(y) / 8e3)
            up = y[:3] / np.linalg.norm(y[:3])
            flat = self.along - (self.along @ up) * up
            flat /= np.linalg.norm(flat)
            e = self._elevation(t, y, up, push, planned)
            acceleration = acceleration + push * (math.sin(e) * up + math.cos(e) * flat)
        return np.concatenate([y[3:], acceleration])

    def _elevation(self, t, y, up, push, planned):
        if t < self.upright:
            return math.pi / 2
        left = 1.0 - min((t - self.upright) / (planned - self.upright), 1.0)
        programme = self.last_elevation + (math.pi / 2 - self.last_elevation) * left**self.bend
        if self.kind != "launcher" or t < 120.0:
            return programme
        climb, r = float(y[3:] @ up), float(np.linalg.norm(y[:3]))
        held = GM / r**2 - (np.linalg.norm(y[3:] + np.cross(SPIN, y[:3])) ** 2 - climb**2) / r
        steered = math.asin(np.clip((held - 1.6 * climb / max(planned - t, 5.0)) / push, -0.3, 0.9))
        share = min((t - 120.0) / 120.0, 1.0)
        share *= share * (3.0 - 2.0 * share)
        return (1.0 - share) * programme + share * steered


def _free(y, drag):
    r, v = y[:3], y[3:]
    R, h = float(np.linalg.norm(r)), _height(y)
    k = 1.5 * J2 * (EARTH_RADIUS / R) ** 2
    z2 = (r[2] / R) ** 2
    gravity = -GM / R**3 * r * np.array([1 + k * (1 - 5 * z2), 1 + k * (1 - 5 * z2), 1 + k * (3 - 5 * z2)])
    turning = -2.0 * np.cross(SPIN, v) - np.cross(SPIN, np.cross(SPIN, r))
    density = (
        next((d * math.exp(-(h - low) / scale) for low, d, scale in AIR if h >= low), 1.225)
        if h < 150e3
        else 0.0
    )
    return gravity + turning - 0.5 * density * drag * np.linalg.norm(v) * v


def _height(y):
    R = float(np.linalg.norm(y[:3]))
    return R - EARTH_RADIUS + 21_385.0 * (y[2] / R) ** 2


def _in_orbit(t, y, *_):
    return float(np.linalg.norm(y[3:] + np.cross(SPIN, y[:3])) - math.sqrt(GM / np.linalg.norm(y[:3])))


def _down(t, y):
    return float(pymap3d.ecef2geodetic(*y[:3])[2])


_in_orbit.terminal, _in_orbit.direction = True, 1.0
_down.terminal, _down.direction = True, -1.0


def _axes(latitude, longitude):
    a, b = math.radians(latitude), math.radians(longitude)
    north = np.array([-math.sin(a) * math.cos(b), -math.sin(a) * math.sin(b), math.cos(a)])
    return np.array([-math.sin(b), math.cos(b), 0.0]), north


class Satellite:
    """A satellite in a nearly geostationary orbit that scans the disk every 10 s, in `frame` GCRF or ITRF."""

    def __init__(self, name, longitude, frame="GCRF", sigma_urad=30.0, first=0.0, tilt=1.5, false=3.0):
        self.name, self.longitude, self.frame, self.sigma, self.first = (
            name,
            longitude,
            frame,
            sigma_urad * 1e-6,
            first,
        )
        self.tilt, self.false, self.period, self.seen = math.radians(tilt), false, 10.0, 0.9

    def at(self, t):
        u = 2 * math.pi * t / 86_164.0905 + 1.0
        a = self.tilt * math.sin(u)
        b = math.radians(self.longitude) - 0.25 * self.tilt**2 * math.sin(2 * u)
        return GEOSTATIONARY * np.array([math.cos(a) * math.cos(b), math.cos(a) * math.sin(b), math.sin(a)])

    def message(self):
        return _message("sensor", -60.0) | {
            "id": self.name, "type": "infrared", "los_sigma_urad": self.sigma * 1e6, "scan_period_s": self.period,
            "detection_probability": self.seen, "false_alarms_per_scan": self.false,
        }  # fmt: skip

    def scan(self, begin, flights, fires, random):
        span = 0.8 * self.period
        lines = []
        for source, chance in [*((f, self.seen) for f in flights), *fires]:
            t = begin + random.uniform(0, span)
            r = _shining(source, t)
            eye = self.at(t)
            if r is not None and not _hidden(eye, r) and random.random() < chance:
                lines.append((t, (r - eye) / np.linalg.norm(r - eye)))
        for _ in range(random.poisson(self.false)):
            t = begin + random.uniform(0, span)
            off, round_about = (
                math.asin(EARTH_RADIUS / GEOSTATIONARY) * math.sqrt(random.random()),
                random.uniform(0, 7),
            )
            middle = -self.at(t) / GEOSTATIONARY
            a, b = _across(middle)
            aside = math.cos(round_about) * a + math.sin(round_about) * b
            lines.append((t, math.cos(off) * middle + math.sin(off) * aside))
        return _message("scan", begin + span + random.uniform(0.1, 0.6)) | {
            "sensor": self.name, "time": stamp(begin), "duration_s": span, "position_m": self.at(begin).tolist(),
            "velocity_mps": (self.at(begin + 0.5) - self.at(begin - 0.5)).tolist(),
            "detections": [self._detection(t, u, random) for t, u in sorted(lines, key=lambda line: line[0])],
        }  # fmt: skip

    def _detection(self, t, u, random):
        a, b = _across(u)
        u = u + self.sigma * (random.normal() * a + random.normal() * b)
        u /= np.linalg.norm(u)
        if self.frame == "GCRF":
            u = _gcrf_from_itrf(t) @ u
        said = {
            "time": stamp(t), "right_ascension_deg": math.degrees(math.atan2(u[1], u[0])) % 360.0,
            "declination_deg": math.degrees(math.asin(u[2])),
        }  # fmt: skip
        return said if self.frame == "GCRF" else said | {"frame": "ITRF"}


class Radar:
    """A radar that looks 60° to either side of a bearing [deg] every 4 s; range rates where `rate` [m/s] is given."""

    def __init__(self, name, latitude, longitude, bearing, rate=None):
        self.name, self.latitude, self.longitude, self.bearing, self.rate = (
            name,
            latitude,
            longitude,
            bearing,
            rate,
        )
        self.height, self.period, self.seen, self.false, self.reach = 40.0, 4.0, 0.85, 2.0, 3.5e6
        self.range_sigma, self.angle_sigma_deg = 25.0, 0.06
        self.first = 0.0

    def message(self):
        said = _message("sensor", -60.0) | {
            "id": self.name, "type": "radar", "latitude_deg": self.latitude, "longitude_deg": self.longitude,
            "height_m": self.height, "range_sigma_m": self.range_sigma, "azimuth_sigma_deg": self.angle_sigma_deg,
            "elevation_sigma_deg": self.angle_sigma_deg, "azimuth_from_deg": (self.bearing - 60.0) % 360.0,
            "azimuth_to_deg": (self.bearing + 60.0) % 360.0, "elevation_min_deg": 3.0, "elevation_max_deg": 85.0,
            "range_max_m": self.reach, "scan_period_s": self.period, "detection_probability": self.seen,
            "false_alarms_per_scan": self.false,
        }  # fmt: skip
        return said | ({"range_rate_sigma_mps": self.rate} if self.rate else {})

    def scan(self, begin, flights, fires, random):
        span = 0.9 * self.period
        plots = [self._echo(f, begin + random.uniform(0, span), random) for f in flights]
        for _ in range(random.poisson(self.false)):
            azimuth, elevation = self.bearing + random.uniform(-60, 60), random.uniform(3, 60)
            plots.append(
                self._plot(
                    begin + random.uniform(0, span), self.reach * random.random() ** (1 / 3), azimuth, elevation,
                    random.uniform(-4_000, 4_000),
                )
            )  # fmt: skip
        return _message("scan", begin + span + random.uniform(0.05, 0.3)) | {
            "sensor": self.name, "time": stamp(begin), "duration_s": span,
            "detections": sorted((p for p in plots if p is not None), key=lambda p: p["time"]),
        }  # fmt: skip

    def _echo(self, flight, t, random):
        since = t - flight.launch
        if not 0.0 < since < flight._t[-1]:
            return None
        r, v = flight.path(since), flight.path(since, 1)
        azimuth, elevation, far = pymap3d.ecef2aer(*r, self.latitude, self.longitude, self.height)
        off = (azimuth - self.bearing + 180.0) % 360.0 - 180.0
        if abs(off) > 60.0 or not 3.0 <= elevation <= 85.0 or far > self.reach or random.random() > self.seen:
            return None
        site = np.array(pymap3d.geodetic2ecef(self.latitude, self.longitude, self.height))
        rate = float((r - site) @ v / far) + (self.rate or 0.0) * random.normal()
        noise = random.normal(size=3) * [self.range_sigma, self.angle_sigma_deg, self.angle_sigma_deg]
        return self._plot(t, far + noise[0], azimuth + noise[1], elevation + noise[2], rate)

    def _plot(self, t, far, azimuth, elevation, rate):
        said = {
            "time": stamp(t), "range_m": float(far), "azimuth_deg": float(azimuth) % 360.0,
            "elevation_deg": float(elevation),
        }  # fmt: skip
        return said | ({"range_rate_mps": float(rate)} if self.rate else {})


def record(
    path: Path, flights: list[Flight], sensors: list[Any], fires: list[Any], end: float, random: Any
) -> None:
    """Write what the sensors see until `end`; `fires`: ((latitude, longitude) [deg], chance that a look sees it)."""
    scans = []
    for sensor in sensors:
        begin = sensor.first
        while begin < end:
            scans.append(sensor.scan(begin, flights, fires, random))
            begin += sensor.period
    orientation = _message("earth_orientation", -61.0) | {
        "time": stamp(-61.0), "ut1_utc_s": UT1_UTC_S, "x_arcsec": POLE_ARCSEC[0], "y_arcsec": POLE_ARCSEC[1],
    }  # fmt: skip
    messages = [
        orientation,
        *(s.message() for s in sensors),
        *sorted(scans, key=lambda scan: scan["received"]),
    ]
    path.write_text("".join(json.dumps(m) + "\n" for m in messages), encoding="utf-8")


def stamp(t):
    """Return a time as messages say it."""
    return (EPOCH + timedelta(microseconds=round(t * 1e6))).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _message(kind, received):
    return {"kind": kind, "origin": "test", "received": stamp(received)}


def _shining(source, t):
    """Return where a source shines at `t`: a flight that burns above the clouds, or a fire."""
    if not isinstance(source, Flight):
        return np.array(pymap3d.geodetic2ecef(*source, 0.0))
    since = t - source.launch
    if not any(a <= since <= b for a, b in source.lit):
        return None
    r = source.path(since)
    return r if pymap3d.ecef2geodetic(*r)[2] > CLOUD_TOP else None


def _hidden(eye, r):
    d = r - eye
    nearest = eye + np.clip(-(eye @ d) / (d @ d), 0.0, 1.0) * d
    return np.linalg.norm(nearest) < 6_357e3 - 1.0


def _across(u):
    a = np.cross(u, [0.0, 0.0, 1.0])
    a /= np.linalg.norm(a)
    return a, np.cross(u, a)


def _gcrf_from_itrf(t):
    d = EPOCH + timedelta(seconds=t)
    utc = erfa.dtf2d("UTC", d.year, d.month, d.day, d.hour, d.minute, d.second + d.microsecond * 1e-6)
    x, y = (math.radians(p / 3600.0) for p in POLE_ARCSEC)
    return erfa.c2t06a(*erfa.taitt(*erfa.utctai(*utc)), *erfa.utcut1(*utc, UT1_UTC_S), x, y).T
