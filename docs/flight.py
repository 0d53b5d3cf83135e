"""Renew the pictures of docs/explanation/flight.md from the code.

    .venv/bin/python docs/flight.py

Run it when flight or a vehicle class has changed. It is no part of `make docs`.
"""

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from tocsin.constants import EARTH_GM
from tocsin.earth.ellipsoid import distance, geodetic_from_ecef_batch
from tocsin.flight.powered import Flight, Launch, fly
from tocsin.flight.vacuum import MEAN_RADIUS
from tocsin.flight.vehicles import VEHICLES
from tocsin.messages import Array
from tocsin.simulation.random_vehicles import RANGES, random_flight

PICTURES = Path(__file__).parent / "pictures"
PLACE = {
    "latitude": float(np.radians(12.0)),
    "longitude": float(np.radians(-38.0)),
    "azimuth": float(np.radians(55.0)),
}
FLOWN = 400


def profile(flight: Flight) -> tuple[Array, Array]:
    """Return distance along the ground and height (n,) [km]."""
    lat, lon, h = geodetic_from_ecef_batch(np.ascontiguousarray(flight.x[:, :3]))
    ground = [distance(lat[0], lon[0], a, b) for a, b in zip(lat, lon, strict=True)]
    return np.array(ground) / 1e3, h / 1e3


def shapes() -> None:
    """Draw one range flown in four ways, the burn thick."""
    figure, axes = plt.subplots(figsize=(8, 4))
    ways = {
        "under 1,200 km": {"apogee": 1_200e3},
        "lofted, all propellant": {"shape": "lofted"},
        "minimum energy": {"shape": "minimum-energy"},
        "depressed, all propellant": {"shape": "depressed"},
    }
    for name, way in ways.items():
        flight = fly(VEHICLES["intermediate-range"], Launch(**PLACE, range=3_800e3, **way))
        x, h = profile(flight)
        (line,) = axes.plot(x, h, lw=1, label=f"{name}: {flight.impact_time / 60:.0f} min")
        boost = flight.t <= flight.burnout
        axes.plot(x[boost], h[boost], lw=3, color=line.get_color())
    axes.set(xlabel="along the ground [km]", ylabel="height [km]")
    axes.set_ylim(top=2_300)
    axes.legend(frameon=False, ncols=2)
    _save(figure, "flight-shapes")


def random() -> None:
    """Draw burnout speed over range of random vehicles, with the least speed over a sphere without air."""
    figure, axes = plt.subplots(figsize=(8, 4))
    drawn = [random_flight(seed) for seed in range(FLOWN)]
    for kind in RANGES:
        found = [f for f in drawn if f.kind == kind]
        speed = [np.linalg.norm(f.flight.at(np.array([f.flight.burnout]))[0, 3:]) / 1e3 for f in found]
        axes.plot([f.range / 1e3 for f in found], speed, ".", ms=4, label=kind)
    ground = np.geomspace(150e3, 13_000e3, 200)
    s = np.sin(0.5 * ground / MEAN_RADIUS)
    axes.plot(
        ground / 1e3, np.sqrt(2 * EARTH_GM / MEAN_RADIUS * s / (1 + s)) / 1e3, "k-", lw=1, label="least"
    )
    axes.set(xscale="log", xlabel="range [km]", ylabel="speed at burnout [km/s]")
    axes.legend(frameon=False)
    _save(figure, "flight-random")


def _save(figure: plt.Figure, name: str) -> None:
    figure.tight_layout()
    figure.savefig(PICTURES / f"{name}.png", dpi=90)


if __name__ == "__main__":
    shapes()
    random()
