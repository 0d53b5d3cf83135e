"""Renew the pictures and the table of docs/explanation/infrared.md from the code.

    .venv/bin/python docs/infrared.py

Run it when the physics of infrared sensors or a vehicle class has changed. It is no part of `make docs`.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import figures
import numpy as np
from matplotlib.axes import Axes

from tocsin.earth.ellipsoid import geodetic_from_ecef_batch
from tocsin.flight.powered import Flight, Launch, fly
from tocsin.flight.vehicles import VEHICLES, Vehicle
from tocsin.messages import Array
from tocsin.sensors import radiometry
from tocsin.sensors.radiometry import InfraredPhysics
from tocsin.simulation import networks
from tocsin.simulation.looks import Draws
from tocsin.simulation.pointing import bias
from tocsin.simulation.scenario import decode

HERE = Path(__file__).parent
PAGE = HERE / "explanation" / "infrared.md"
TABLE = re.compile(r"(<!-- seen:begin -->\n).*?(\n<!-- seen:end -->)", re.DOTALL)
PLACE = np.radians([12.0, -38.0])
EYE = 42_164_200.0 * np.array([np.cos(np.radians(-60.0)), np.sin(np.radians(-60.0)), 0.0])
REACH = {
    "short-range": 250e3, "medium-range": 1_200e3, "intermediate-range": 4_000e3, "intercontinental": 8_000e3,
}  # fmt: skip
BANDS = {"2.7um": "2.7 µm", "4.3um": "4.3 µm", "ground": "window"}
CLOUD = 8_000.0


def flights() -> Iterator[tuple[Vehicle, Flight]]:
    """Fly one launch of each class, all from one place."""
    for name, reach in REACH.items():
        launch = Launch(latitude=PLACE[0], longitude=PLACE[1], azimuth=np.radians(55.0), range=reach)
        yield VEHICLES[name], fly(VEHICLES[name], launch)


def signal(vehicle: Vehicle, flight: Flight, physics: InfraredPhysics, t: Array) -> tuple[Array, Array]:
    """Return the signal-to-noise ratio (n,) before the Earth at times `t` (n,) and the heights (n,) [m]."""
    r = flight.at(t)[:, :3]
    height = geodetic_from_ecef_batch(r)[2]
    lit = (t[:, None] >= flight.burns[:, 0]).sum(axis=1) - 1
    since = np.where(lit == 0, np.inf, t - flight.burns[lit, 0])
    intensity = np.array([s.radiant_intensity for s in vehicle.stages])[lit]
    shining = intensity * radiometry.plume(height, since) * flight.thrusting(t)
    arriving = radiometry.irradiance(physics.band, shining, r, EYE)
    return np.minimum(arriving, physics.saturation_w_m2) / radiometry.noise_irradiance(physics, True), height


def air(left: Axes, right: Axes) -> None:
    """Draw what leaves the air, and how a plume changes as it climbs."""
    height = np.linspace(0.0, 40e3, 400)
    for k, (band, name) in enumerate(BANDS.items()):
        for elevation, style in ((90.0, "-"), (15.0, "--")):
            part = radiometry.transmission(band, height, np.sin(np.radians(elevation)))
            label = f"{name}, straight up" if style == "-" else f"{name}, 15° above the horizon"
            left.plot(100 * part, height / 1e3, style, color=f"C{k}", label=label)
    left.set(xlabel="leaves the air [%]", ylabel="height of the source [km]")
    left.legend(fontsize=6.5)
    height = np.linspace(0.0, 160e3, 600)
    right.plot(radiometry.plume(height), height / 1e3, color="C3")
    right.axhspan(70, 90, color="0.85")
    right.text(1.2, 78, "the dim zone", fontsize=7)
    right.set(xlabel="plume, against sea level", ylabel="height [km]", xlim=(0, None))


def seen(left: Axes, right: Axes) -> None:
    """Draw what a geostationary satellite has of one launch of each class."""
    physics = InfraredPhysics()
    for vehicle, flight in flights():
        t = np.arange(0.0, flight.burnout, 0.5)
        snr, height = signal(vehicle, flight, physics, t)
        left.semilogy(t, snr, label=vehicle.name)
        right.semilogx(snr, height / 1e3)
    for axes in (left, right):
        (axes.axhline if axes is left else axes.axvline)(physics.threshold_snr, color="0.4", ls=":")
    left.set(xlabel="after lift-off [s]", ylabel="signal over noise", ylim=(0.3, 2e3))
    right.set(xlabel="signal over noise", ylabel="height [km]", xlim=(0.3, 2e3), ylim=(0, 200))
    left.legend(fontsize=6.5)


def threshold(left: Axes, right: Axes) -> None:
    """Draw how often a source is detected, by the textbook and by draws, and how well it is then placed."""
    physics = InfraredPhysics(earth_noise=1.0)
    snr = np.linspace(1.0, 10.0, 200)
    left.plot(snr, radiometry.detection_probability(snr, physics.threshold_snr), label="Q (threshold - SNR)")
    random = np.random.default_rng(1)
    for level in np.arange(2.0, 9.0):
        arriving = np.full(20_000, level * physics.noise_equivalent_irradiance_w_m2)
        found = radiometry.measure(
            physics, arriving, np.zeros(len(arriving), dtype=bool), random.standard_normal(20_000)
        )
        left.plot(level, found.detected.mean(), "k.", label="20,000 draws" if level == 2.0 else None)
    left.set(xlabel="signal over noise", ylabel="detected")
    left.legend(fontsize=7)
    snr = np.geomspace(physics.threshold_snr, 500.0, 200)
    right.semilogx(snr, radiometry.angle_sigma(physics, snr) * 1e6)
    right.axhline(physics.sigma_floor_urad, color="0.4", ls=":")
    right.set(xlabel="signal over noise", ylabel="σ of each angle [µrad]", ylim=(0, None))


def pointing(left: Axes, right: Axes) -> None:
    """Draw a pointing bias without stars and with them."""
    text = 'title = "a"\nstart = 2026-05-16T00:00:00Z\nduration_s = 14400\nnetwork = "demo"\n'
    scenario = decode(text, "pointing", networks())
    sensor = next(s for s in scenario.sensors if s.type == "infrared")
    t = np.arange(0.0, 14_400.0, 30.0)
    for axes, period in ((left, None), (right, 600.0)):
        physics = InfraredPhysics(bias_time_s=7_200.0, star_calibration_s=period)
        path = bias(sensor, scenario, Draws("picture", 2, "eye"), 20e-6, physics)
        axes.plot(t / 3_600, [value * 1e6 for value in map(path, t)], lw=1)
        axes.set(xlabel="hours", ylabel="bias, east and north [µrad]", ylim=(-60, 60))
        axes.set_title("no stars" if period is None else "stars every 10 min", fontsize=8)


def table() -> str:
    """Return when and how high each class is first seen in each band, under a clear sky and under cloud."""
    rows = ["| class | 2.7 µm, clear sky | 4.3 µm, clear sky | window, clear sky | 2.7 µm, cloud to 8 km |"]
    rows.append("| --- | --- | --- | --- | --- |")
    for vehicle, flight in flights():
        t = np.arange(0.0, flight.burnout, 0.1)
        cells = [vehicle.name]
        for band, cloud in (*((b, 0.0) for b in BANDS), ("2.7um", CLOUD)):
            snr, height = signal(vehicle, flight, InfraredPhysics(band=band), t)
            first = np.flatnonzero((snr > InfraredPhysics().threshold_snr) & (height >= cloud))
            cells.append(f"{t[first[0]]:.0f} s, {height[first[0]] / 1e3:.1f} km" if len(first) else "never")
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def renew() -> None:
    """Write the pictures and the table."""
    figures.pairs("infrared", (air, seen, threshold, pointing))
    page, count = TABLE.subn(lambda m: m[1] + table() + m[2], PAGE.read_text(encoding="utf-8"))
    if count != 1:
        raise SystemExit("docs/explanation/infrared.md has lost its marks seen:begin and seen:end")
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    renew()
    sys.stdout.write("written: docs/explanation/infrared.md, docs/pictures/infrared-*.png\n")
