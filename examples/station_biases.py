"""Find the range biases of four ranging stations from how a geostationary satellite moves.

Real azimuths, elevations and ranges of eight hours (`W3B_first_half.aer` of Orekit's test resources, from Telespazio,
Apache-2.0). The satellite adds a known delay of its own, which is taken out first; what is left over is the
stations'. A batch least-squares fit of the state, of one acceleration that keeps its direction among the stars (the
satellite leaked), and for each station of three biases: range, azimuth, elevation. Gravity J2 to J4 by `tocsin.earth`,
Sun and Moon by `tocsin.earth.sky`, what a station measures by `tocsin.sensors.radar` and `refraction`.

The declared sigmas (20 m, 0.02°) are those of the file that came with the data.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

from tocsin.earth.frames import EarthRotation
from tocsin.earth.gravity import gravity
from tocsin.earth.orientation import bundled
from tocsin.earth.sky import moon_gcrf, sun_gcrf
from tocsin.earth.time import parse_utc
from tocsin.messages import SECOND, Instant, Sensor
from tocsin.sensors.radar import Radar
from tocsin.sensors.refraction import bend_batch

Array = NDArray[np.float64]
Orbit: TypeAlias = Callable[[Array], Array]

SUN_GM = 1.32712440018e20  # m³/s², IAU 2009 (TDB)
MOON_GM = 4.9028e12  # m³/s², IAU 2009: Earth over 81.3006
SPACING = 1_800.0  # s, between the places of Sun and Moon that the splines join
START = np.array([-40_517_522.9, -10_003_079.9, 166_792.8, 762.559, -1_474.468, 55.430])  # GCRF, of the file
START_UTC = "2010-11-02T02:56:15.690Z"
ONBOARD = 5_969.0  # m, the satellite's own (of the file)
LIGHT = 299_792_458.0
RANGE_SIGMA, ANGLE_SIGMA = 20.0, np.radians(0.02)  # of the file
OUTLIER = 6.0  # sigmas beyond which a measurement is left out (of the file)
# Station: latitude, longitude [deg], height [m], and the range bias that the file found [m].
STATIONS = {
    "Fucino": (41.9774962512, 13.6004229863, 671.3542, 13_468.956),
    "Kumsan": (36.1247623774, 127.4871671976, 180.5489, 13_527.381),
    "Uralla": (-30.632947613, 151.5650529068, 1_163.2668, 13_314.655),
    "Pretoria": (-25.8854896226, 27.7074493158, 1_566.6335, 13_370.193),
}


class Track(NamedTuple):
    """What the stations measured, in order of time [ns]: `z` (n, 3) range, azimuth, elevation, NaN if not."""

    time: NDArray[np.int64]
    station: NDArray[np.int64]
    z: Array


class Fit(NamedTuple):
    """Parameters (k,) and their covariance (k, k); the residuals over their sigmas, and which of them counted."""

    p: Array
    covariance: Array
    residual: Array
    used: NDArray[np.bool_]


def read(path: Path) -> Track:
    """Read a file of lines `time RANGE station km` or `time AZ_EL station deg deg`."""
    names = list(STATIONS)
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        word = line.split()
        if line.startswith("#") or not word or word[2] not in names:
            continue
        nothing = float("nan")
        if word[1] == "RANGE":
            z = (1e3 * float(word[3]), nothing, nothing)
        else:
            z = (nothing, *np.radians([float(word[3]), float(word[4])]))
        rows.append((parse_utc(word[0] + "Z"), names.index(word[2]), z))
    rows.sort()
    time, station, z = zip(*rows, strict=True)
    return Track(np.array(time), np.array(station), np.array(z))


def radars() -> list[Radar]:
    """Return the stations as radars: their places, axes and sigmas."""
    return [
        Radar.from_message(
            Sensor(
                origin="test",
                id=name,
                type="radar",
                latitude_deg=lat,
                longitude_deg=lon,
                height_m=height,
                range_sigma_m=RANGE_SIGMA,
                azimuth_sigma_deg=0.02,
                elevation_sigma_deg=0.02,
                range_max_m=1e8,
            )
        )
        for name, (lat, lon, height, _) in STATIONS.items()
    ]


class Flight:
    """How the satellite moves: the Earth's attitude, and Sun and Moon by splines over the hours of the fit."""

    def __init__(self, start: Instant, duration: float) -> None:
        self.start, self.duration = start, duration
        self.rotation = EarthRotation(bundled())
        nodes = np.arange(-SPACING, duration + 2 * SPACING, SPACING)
        times = [start + round(t * SECOND) for t in nodes]
        self.sun = CubicSpline(nodes, [sun_gcrf(t) for t in times])
        self.moon = CubicSpline(nodes, [moon_gcrf(t) for t in times])

    def turn(self, t: float) -> Array:
        """Return the rotation (3, 3) from GCRF to ITRF `t` seconds after the start."""
        return self.rotation.itrf_from_gcrf(self.start + round(t * SECOND))

    def rate(self, t: float, x: Array, push: Array) -> Array:
        """Return the derivative (6,) of a state in GCRF, with an acceleration `push` (3,)."""
        r, R = x[:3], self.turn(t)
        a = R.T @ np.array(gravity(*(R @ r))) + push
        for body, gm in ((self.sun(t), SUN_GM), (self.moon(t), MOON_GM)):
            d = body - r
            a += gm * (d / np.linalg.norm(d) ** 3 - body / np.linalg.norm(body) ** 3)
        return np.concatenate([x[3:], a])

    def orbit(self, x: Array, push: Array) -> Orbit:
        """Return the state (6, n) in GCRF by seconds (n,) since the start."""
        flown = solve_ivp(
            self.rate,
            (0.0, self.duration + 1.0),
            x,
            "DOP853",
            args=(push,),
            dense_output=True,
            rtol=1e-11,
            atol=1e-4,
        )
        return flown.sol

    def seen(self, orbit: Orbit, t: Array) -> Array:
        """Return places (n, 3) in ITRF."""
        return np.array([self.turn(s) @ r for s, r in zip(t.tolist(), orbit(t)[:3].T, strict=True)])


def predicted(track: Track, flight: Flight, stations: list[Radar], orbit: Orbit) -> Array:
    """Return (n, 3) as measured without bias: two-way range over two, azimuth and elevation bent by the air.

    The time of a measurement is that of its arrival; the light left the satellite a seventh of a second before.
    """
    z = np.empty((len(track.time), 3))
    for s, (radar, (*_, height, _)) in enumerate(zip(stations, STATIONS.values(), strict=True)):
        mine = track.station == s
        seconds = (track.time[mine] - flight.start) / SECOND
        delay = np.linalg.norm(flight.seen(orbit, seconds) - radar.r_ecef, axis=1) / LIGHT
        there = flight.seen(orbit, seconds - delay)
        plain = radar.predict(np.hstack([there, np.zeros_like(there)]))
        z[mine] = (plain + bend_batch(plain, height))[:, :3]
    return z


def fitted(track: Track, iterations: int = 6) -> Fit:
    """Fit state (6), acceleration (3) and a range, azimuth and elevation bias of each station, by Gauss and Newton."""
    start, stations = parse_utc(START_UTC), radars()
    flight = Flight(start, float(track.time[-1] - start) / SECOND)
    scale = np.concatenate([np.full(3, 100.0), np.full(3, 0.01), np.full(3, 1e-8)])
    p = np.concatenate([START, np.zeros(3 + 3 * len(stations))])
    sigmas = np.array([RANGE_SIGMA, ANGLE_SIGMA, ANGLE_SIGMA])
    bias_columns = np.zeros((len(track.time), 3, 3 * len(stations)))
    for i, s in enumerate(track.station):
        bias_columns[i, :, 3 * s : 3 * s + 3] = np.diag(1 / sigmas)
    measured = track.z - [ONBOARD, 0.0, 0.0]
    known = np.isfinite(measured).ravel()
    used = known
    for k in range(iterations):
        base = predicted(track, flight, stations, flight.orbit(p[:6], p[6:9]))
        y = measured - base
        y[:, 1] = (y[:, 1] + np.pi) % (2 * np.pi) - np.pi
        y = (y / sigmas - bias_columns @ p[9:]).ravel()
        J = np.concatenate([np.zeros((len(track.time), 3, 9)), bias_columns], axis=2)
        for c in range(9):
            q = p[:9].copy()
            q[c] += scale[c]
            J[:, :, c] = (
                (predicted(track, flight, stations, flight.orbit(q[:6], q[6:])) - base) / scale[c] / sigmas
            )
        J = J.reshape(-1, len(p))
        if k >= 2:
            used = known & (np.abs(np.nan_to_num(y)) < OUTLIER)
        root = np.concatenate([scale, np.tile(sigmas, len(stations))])
        A = J[used] * root
        information = A.T @ A
        p = p + root * np.linalg.solve(information, A.T @ y[used])
    return Fit(p, np.linalg.inv(information) * np.outer(root, root), y.reshape(-1, 3), used.reshape(-1, 3))


def main(path: Path) -> Fit:
    """Fit the file and print what each station is off by."""
    track = read(path)
    fit = fitted(track)
    print(f"{'station':10} {'range bias':>22} {'file':>10} {'azimuth':>16} {'elevation':>16}")
    for s, (name, (*_, told)) in enumerate(STATIONS.items()):
        place = slice(9 + 3 * s, 12 + 3 * s)
        b, e = fit.p[place], np.sqrt(np.diag(fit.covariance)[place])
        b[1:], e[1:] = np.degrees(b[1:]), np.degrees(e[1:])
        angles = f"{b[1]:+8.4f} ± {e[1]:.4f}° {b[2]:+8.4f} ± {e[2]:.4f}°"
        print(f"{name:10} {b[0]:12.1f} ± {e[0]:5.1f} m {told:10.1f} {angles}")
    print("acceleration among the stars [µm/s²]:", np.round(1e6 * fit.p[6:9], 1))
    return fit


if __name__ == "__main__":
    main(Path(__file__).parents[1].parent / "shared/data/orbit_tracking/W3B_first_half.aer")
