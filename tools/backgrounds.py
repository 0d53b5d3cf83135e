"""Make src/tocsin/simulation/data/*.csv from the real files in ../shared/data (see its README.md for who made them).

    pip install h5py
    python tools/backgrounds.py ../shared/data

`flares.csv` is written by hand and stays as it is. Aircraft are not shipped: their recordings are under terms that
forbid it; `simulation/background/aircraft.py` has the figures taken from them, which `aircraft` below prints.
"""

import csv
import gzip
import json
import sys
from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np

OUT = Path(__file__).parent.parent / "src/tocsin/simulation/data"
ORBITS = ("visual", "stations", "weather", "gps-ops", "starlink")


def main(shared: Path) -> None:
    """Write every table."""
    write("fires.csv", ("latitude_deg", "longitude_deg", "minute_of_day", "power_mw"), fires(shared))
    names = ("latitude_deg", "longitude_deg", "altitude_km", "vx_kms", "vy_kms", "vz_kms", "radiated_j")
    write("fireballs.csv", names, fireballs(shared))
    write("lightning.csv", ("energy_at_aperture_j",), lightning(shared))
    write("satellites.csv", ("line1", "line2"), satellites(shared))
    aircraft(shared)


def fires(shared: Path) -> list:
    """NASA FIRMS, MODIS near real time: place, minute of the day (UTC), fire radiative power."""
    with (shared / "fires/modis_one_day.csv").open() as file:
        return [
            (f"{float(r['latitude']):.3f}", f"{float(r['longitude']):.3f}",
             int(r["acq_time"]) // 100 * 60 + int(r["acq_time"]) % 100, f"{float(r['frp']):.1f}")
            for r in csv.DictReader(file)
        ]  # fmt: skip


def fireballs(shared: Path) -> list:
    """NASA CNEOS: place, altitude, Earth-fixed velocity where known, radiated energy."""
    rows = []
    with (shared / "fireballs/cneos_to_2018.csv").open() as file:
        for r in csv.DictReader(file):
            lat, lon = signed(r["Latitude (deg.)"]), signed(r["Longitude (deg.)"])
            rest = (r["Altitude (km)"], r["vx"], r["vy"], r["vz"], r["Total Radiated Energy (J)"])
            rows.append((lat, lon, *rest))
    return rows


def signed(text: str) -> str:
    """Turn 47.5S into -47.5."""
    return ("-" if text[-1:] in "SW" and text else "") + text[:-1]


def lightning(shared: Path) -> list:
    """NOAA GOES-16 GLM L2: each flash of two files of 20 s, its energy at the aperture."""
    rows = []
    for path in sorted((shared / "glm_lcfa").glob("*.nc")):
        with h5py.File(path) as file:
            energy = file["flash_energy"]
            joules = energy[:].astype("u2") * energy.attrs["scale_factor"] + energy.attrs["add_offset"]
            rows += [(f"{e:.3e}",) for e in joules]
    return rows


def satellites(shared: Path) -> list:
    """CelesTrak: what is in low orbit and the navigation belt, each once, sorted by number."""
    found = {}
    for name in ORBITS:
        lines = (shared / f"satellite_orbits/celestrak_{name}.txt").read_text().splitlines()
        for one, two in pairwise(lines):
            if one.startswith("1 ") and two.startswith("2 "):
                found[one[2:7]] = (one.strip(), two.strip())
    return [found[key] for key in sorted(found)]


def aircraft(shared: Path) -> None:
    """Print the figures taken from a day over Switzerland (ADS-B, above flight level 300)."""
    with gzip.open(shared / "adsb_traffic/switzerland.json.gz") as file:
        rows = json.load(file)
    feet, knots = (np.array([r[key] for r in rows], float) for key in ("altitude", "groundspeed"))
    minutes: dict = {}
    for r in rows:
        minutes.setdefault(str(r["timestamp"])[:16], set()).add(r["icao24"])
    at_once = [len(m) for m in minutes.values()]
    print(  # noqa: T201
        f"feet {feet.mean():.0f} ± {feet.std():.0f}, knots {np.nanmean(knots):.0f} ± {np.nanstd(knots):.0f}, "
        f"median at once {np.median(at_once):.0f} in 2.0 by 4.5 degrees"
    )


def write(name: str, header: tuple, rows: list) -> None:
    """Write one table."""
    with (OUT / name).open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    print(name, len(rows), "rows", (OUT / name).stat().st_size, "bytes")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
