"""Renew the pictures and the table of docs/explanation/radar.md from the code.

    .venv/bin/python docs/radar.py

Run it when the physics of radars or a vehicle class has changed. It is no part of `make docs`.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import figures
import numpy as np
from matplotlib.axes import Axes

from tocsin.earth.ellipsoid import geodetic_from_ecef, geodetic_from_ecef_batch
from tocsin.flight.powered import Flight, Launch, fly
from tocsin.flight.vehicles import VEHICLES
from tocsin.messages import Array, RadarScan, Sensor
from tocsin.sensors.echo import RadarPhysics, detection_probability, received_power
from tocsin.sensors.radar import MEAN_RADIUS, Radar, slant_range
from tocsin.sensors.refraction import bend
from tocsin.simulation import networks, simulate
from tocsin.simulation.scenario import decode

HERE = Path(__file__).parent
PAGE = HERE / "explanation" / "radar.md"
TABLE = re.compile(r"(<!-- late:begin -->\n).*?(\n<!-- late:end -->)", re.DOTALL)
REACH = {
    "short-range": 250e3, "medium-range": 1_200e3, "intermediate-range": 4_000e3, "intercontinental": 8_000e3,
}  # fmt: skip
LOWEST = np.radians(3.0)
KINDS = {"rocket under power": 10.0, "spent stage": 5.0, "body": 0.2, "fragment": 0.05}
WATCH = """
title = "A fence"
start = 2026-05-16T00:00:00Z
duration_s = 700
seed = 3
[[sensor]]
id = "eye"
type = "radar"
latitude_deg = 15.4
longitude_deg = -26.9
height_m = 20.0
range_sigma_m = 10.0
azimuth_sigma_deg = 0.02
elevation_sigma_deg = 0.02
azimuth_from_deg = 205.0
azimuth_to_deg = 325.0
elevation_min_deg = 3.0
range_max_m = 5_000_000.0
scan_period_s = 2.5
false_alarms_per_scan = 0.0
[sensor.physics]
boresight_azimuth_deg = 265.0
snr_reference_db = 14.0
fence_elevation_deg = [3.0, 8.0]
[[launch]]
id = "alpha"
vehicle = "medium-range"
time_s = 0
latitude_deg = 12.0
longitude_deg = -38.0
azimuth_deg = 55.0
range_m = 1_200_000
"""


def flights() -> Iterator[tuple[str, Flight, Array, Array]]:
    """Fly one launch of each class; yield its times and what a radar at its impact point sees (n, 4)."""
    for name, reach in REACH.items():
        launch = Launch(
            latitude=np.radians(12.0), longitude=np.radians(-38.0), azimuth=np.radians(55.0), range=reach
        )
        flight = fly(VEHICLES[name], launch)
        t = np.arange(0.0, flight.t[-1], 0.5)
        yield name, flight, t, radar_at(flight.x[-1, :3]).predict(flight.at(t))


def radar_at(r: Array) -> Radar:
    """Return a radar at the place below `r` (3,), on the ellipsoid."""
    lat, lon, _ = np.degrees(geodetic_from_ecef(r))
    sensor = Sensor(
        origin="test", id="r", type="radar", latitude_deg=float(lat), longitude_deg=float(lon), height_m=0.0,
        range_sigma_m=1.0, azimuth_sigma_deg=0.1, elevation_sigma_deg=0.1, range_max_m=1e7,
    )  # fmt: skip
    return Radar.from_message(sensor)


def late(left: Axes, right: Axes) -> None:
    """Draw flights over a flat-drawn Earth beside what a radar at their end can see, and when they rise for it."""
    for name, flight, t, z in flights():
        r = flight.at(t)[:, :3]
        end = flight.x[-1, :3] / np.linalg.norm(flight.x[-1, :3])
        along = MEAN_RADIUS * np.arccos(np.clip(r @ end / np.linalg.norm(r, axis=1), -1, 1))
        left.plot(along / 1e3, geodetic_from_ecef_batch(r)[2] / 1e3, label=name)
        right.plot(flight.t[-1] / 60 - t / 60, np.degrees(z[:, 2]))
    height = np.geomspace(1e3, 2e7, 300)
    reach = np.array([slant_range(LOWEST, h) for h in height])
    ground = MEAN_RADIUS * np.arcsin(reach * np.cos(LOWEST) / (MEAN_RADIUS + height))
    left.plot(ground / 1e3, height / 1e3, "k--", lw=1, label="the beam at 3°")
    left.fill_between(ground / 1e3, height / 1e3, color="0.9")
    left.set(
        xlabel="from the radar, over the ground [km]", ylabel="height [km]", xlim=(8_000, 0), ylim=(0, 1_600)
    )
    left.legend(fontsize=6.5, loc="upper left")
    right.axhline(3.0, color="k", ls="--", lw=1)
    right.set(xlabel="before impact [min]", ylabel="elevation [°]", xlim=(28, 0), ylim=(-30, 60))


def echo(left: Axes, right: Axes) -> None:
    """Draw how often what is heard at which range, by the textbook and by draws, and how well it is measured."""
    physics = RadarPhysics()
    z = np.zeros((300, 4))
    z[:, 0] = np.geomspace(2e5, 8e6, 300)
    random = np.random.default_rng(1)
    for k, (name, section) in enumerate(KINDS.items()):
        snr = physics.snr(z, np.full(300, section))
        left.plot(
            z[:, 0] / 1e3,
            detection_probability(snr, physics.false_alarm_probability),
            label=f"{name}, {section:g} m²",
        )
        for i in range(20, 300, 25):
            heard = (
                received_power(np.full(5_000, snr[i]), random.standard_exponential(5_000)) > physics.threshold
            )
            left.plot(z[i, 0] / 1e3, heard.mean(), ".", color=f"C{k}", ms=4)
    left.set(xlabel="range [km]", ylabel="heard in one look", xlim=(0, 8_000))
    left.legend(fontsize=6.5)
    level = np.linspace(11.0, 45.0, 200)
    sigmas = physics.sigmas(1 + 10 ** (level / 10), np.zeros((200, 4)), np.array([10.0, 3.5e-4, 3.5e-4, 1.0]))
    right.semilogy(level, sigmas[:, 0], label="range [m]")
    right.semilogy(level, np.degrees(sigmas[:, 2]) * 1e3, label="elevation [millidegrees]")
    right.semilogy(level, sigmas[:, 3], label="range rate [m/s]")
    right.set(xlabel="signal over noise of the look [dB]", ylabel="1 σ")
    right.legend(fontsize=6.5)


def refraction(left: Axes, right: Axes) -> None:
    """Draw by how much a target appears too high and too far."""
    elevation = np.linspace(0.0, 20.0, 120)
    for distance in (100e3, 300e3, 1_000e3, 4_000e3):
        added = np.array([bend(distance, e, 0.0) for e in np.radians(elevation)])
        left.plot(elevation, np.degrees(added[:, 0]) * 1e3, label=f"{distance / 1e3:,.0f} km away")
        right.plot(elevation, added[:, 1])
    left.set(xlabel="true elevation [°]", ylabel="appears higher by [millidegrees]")
    right.set(xlabel="true elevation [°]", ylabel="appears farther by [m]")
    left.legend(fontsize=6.5)


def fence(left: Axes, right: Axes) -> None:
    """Draw what the search and the revisits of one radar report of one flight."""
    recording = simulate(decode(WATCH, "fence", networks()))
    plots = {"search": [], "revisit": []}
    for scan in recording.messages:
        if isinstance(scan, RadarScan):
            kind = "search" if scan.duration_s > 0.1 else "revisit"
            plots[kind] += [
                (recording.truth.seconds(d.time), d.elevation_deg, d.snr_db) for d in scan.detections
            ]
    left.axhspan(3, 8, color="0.88")
    for kind, color in (("search", "C0"), ("revisit", "C1")):
        t, elevation, snr = np.array(plots[kind]).T
        left.plot(t, elevation, ".", ms=3, color=color, label=kind)
        right.plot(t, snr, ".", ms=3, color=color)
    left.set(xlabel="after lift-off [s]", ylabel="elevation [°]")
    right.set(xlabel="after lift-off [s]", ylabel="signal over noise [dB]")
    left.legend(fontsize=6.5)


def table() -> str:
    """Return when each class rises above 3 degrees for a radar at its impact point."""
    rows = ["| class | range | flies | above 3° after | then away | left until impact |"]
    rows.append("| --- | --- | --- | --- | --- | --- |")
    for name, flight, t, z in flights():
        first = int(np.flatnonzero(z[:, 2] >= LOWEST)[0])
        left = flight.t[-1] - t[first]
        rows.append(
            f"| {name} | {REACH[name] / 1e3:,.0f} km | {flight.t[-1] / 60:.1f} min | {t[first] / 60:.1f} min | "
            f"{z[first, 0] / 1e3:,.0f} km | {left / 60:.1f} min, {100 * left / flight.t[-1]:.0f} % |"
        )
    return "\n".join(rows)


def renew() -> None:
    """Write the pictures and the table."""
    figures.pairs("radar", (late, echo, refraction, fence))
    page, count = TABLE.subn(lambda m: m[1] + table() + m[2], PAGE.read_text(encoding="utf-8"))
    if count != 1:
        raise SystemExit("docs/explanation/radar.md has lost its marks late:begin and late:end")
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    renew()
    sys.stdout.write("written: docs/explanation/radar.md, docs/pictures/radar-*.png\n")
