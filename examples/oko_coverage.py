"""How long one satellite on Oko's kind of orbit sees four missile fields against space, and how many fill the day.

    python examples/oko_coverage.py

Orbit: 26,554 km, perigee 600 km, 62.9 degrees (de-academic.com, "Oko"); argument of perigee 316 degrees from memory of
the literature, unverified. A rocket counts as seen 150 km above all four of Malmstrom, Minot, Warren and Whiteman (as
in G. Forden's account of 1983), where every line of sight clears 20 km. The node is the one that sees longest.
"""

import numpy as np

from tocsin.constants import EARTH_GM
from tocsin.earth.ellipsoid import ecef_from_geodetic_batch, geodetic_from_ecef
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.time import parse_utc
from tocsin.messages import SECOND, Instant, Sensor
from tocsin.sensors.coverage import share_covered, silhouetted, turned, windows
from tocsin.sensors.platform import Platform

A, PERIGEE, INCLINATION_DEG, ARGUMENT_DEG = 26_554e3, 6_378.137e3 + 600e3, 62.9, 316.0
FIELDS_DEG = np.array([(47.505, -111.183), (48.416, -101.358), (41.145, -104.862), (38.727, -93.548)])
TARGET_M, CLEARANCE_M = 150e3, 20e3
DAY_MIN = 1436  # two revolutions, a sidereal day


def track() -> np.ndarray:
    """Fly one satellite for a sidereal day through SGP4; give its position (1436, 3) each minute [m, ITRF]."""
    start = parse_utc("1983-09-25T00:00:00Z")
    orbit = {
        "EPOCH": "1983-09-25T00:00:00", "MEAN_MOTION": 86_400 / (2 * np.pi) * float(np.sqrt(EARTH_GM / A**3)),
        "ECCENTRICITY": 1 - PERIGEE / A, "INCLINATION": INCLINATION_DEG, "ARG_OF_PERICENTER": ARGUMENT_DEG,
        "RA_OF_ASC_NODE": 0.0, "MEAN_ANOMALY": 0.0,
    }  # fmt: skip
    sensor = Sensor(origin="test", id="oko", type="infrared", los_sigma_urad=100.0, orbit=orbit)
    platform = Platform(sensor, EarthRotation(bundled()))
    return np.array([platform.from_orbit(Instant(start + k * 60 * SECOND)) for k in range(DAY_MIN)])


def best_day(path: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn the track through all nodes; give the one that sees longest, and when it sees (1436,)."""
    lat, lon = np.radians(FIELDS_DEG).T.copy()
    targets = ecef_from_geodetic_batch(lat, lon, np.full(4, TARGET_M))
    found = []
    for node_deg in range(360):
        there = turned(path, np.radians(node_deg))
        found.append((silhouetted(there, targets, CLEARANCE_M).all(axis=1), there))
    seen, there = max(found, key=lambda pair: pair[0].sum())
    return seen, there


def main() -> None:
    """Print the window and the table."""
    seen, there = best_day(track())
    longest = max(windows(np.arange(DAY_MIN, dtype=float), seen), key=lambda w: w[1] - w[0])
    apogees = [k for k in range(DAY_MIN) if np.linalg.norm(there[k]) > 45.0e6]
    lat, lon, _ = geodetic_from_ecef(there[apogees[len(apogees) // 4]])
    print(f"one satellite: {seen.sum() / 60:.1f} h a day, longest window {longest[1] - longest[0]:.0f} min,")
    print(f"an apogee near {np.degrees(lat):.1f}° N {np.degrees(lon) % 360:.0f}° E")
    print("\nsatellites  one sees  two see   (hours a day, evenly spaced)")
    for satellites in range(1, 10):
        one, two = share_covered(seen, satellites)
        print(f"{satellites:10d}  {24 * one:8.1f}  {24 * two:7.1f}")
    print("\nof nine places, working  one sees")
    for working in range(1, 10):
        print(f"{working:23d}  {24 * share_covered(seen, 9, working)[0]:8.1f}")


if __name__ == "__main__":
    main()
