"""Renew the pictures of docs/explanation/background.md from the code.

    .venv/bin/python docs/background.py

Run it when a background has changed. It is no part of `make docs`.
"""

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from tocsin.earth.ellipsoid import geodetic_from_ecef_batch
from tocsin.earth.frames import EarthRotation
from tocsin.earth.glint import specular_point
from tocsin.earth.orientation import bundled
from tocsin.earth.places import land_outlines
from tocsin.earth.time import parse_utc
from tocsin.messages import InfraredScan
from tocsin.simulation import simulate
from tocsin.simulation.background.fireballs import fireballs, named
from tocsin.simulation.background.fires import fires
from tocsin.simulation.background.flares import flares
from tocsin.simulation.background.glint import CLOUD, SEA, patches
from tocsin.simulation.background.lightning import storms
from tocsin.simulation.background.tables import BackgroundTable, FireballTable
from tocsin.simulation.background.world import World
from tocsin.simulation.scenario import decode

PICTURES = Path(__file__).parent / "pictures"
GEOSTATIONARY = 42_164_000.0
KINDS = ("fires", "flares", "lightning", "glint", "cloud_glint", "calibration")


def main() -> None:
    """Draw everything."""
    plt.rcParams.update({"font.size": 9, "axes.grid": True, "grid.alpha": 0.3})
    sky = World(
        BackgroundTable(**dict.fromkeys((*KINDS, "fireballs"), 1.0)), (), parse_utc("2026-05-16T00:00:00Z"),
        86_400.0, EarthRotation(bundled()), "pictures", 0,
    )  # fmt: skip
    _save("background-map", _map, sky)
    _save("background-glint", _glint, sky)
    _save("background-day", _day, sky)
    _save("background-fireballs", _fireballs, sky)


def _save(name: str, draw, world: World) -> None:
    figure, axes = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
    draw(axes, world)
    figure.savefig(PICTURES / f"{name}.png", dpi=90, pil_kwargs={"optimize": True})
    plt.close(figure)


def _land(axes: Axes) -> None:
    for line in land_outlines():
        axes.plot(*line.T, color="0.6", lw=0.4)
    axes.set(xlabel="longitude [°]", ylabel="latitude [°]", xlim=(-180, 180), ylim=(-70, 80))


def _degrees(r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    lat, lon, _ = geodetic_from_ecef_batch(r)
    return np.degrees(lon), np.degrees(lat)


def _map(axes: Axes, world: World) -> None:
    """Show where everything is at noon."""
    _land(axes)
    burning = fires(world)
    now = (burning.start < 43_200) & (burning.end > 43_200)
    for r, colour, label in (
        (burning.r[now], "tab:red", "fires, 12:00 UTC"),
        (flares(world).r, "tab:orange", "flares"),
        (storms(world, 12), "tab:blue", "thunderstorms"),
    ):
        axes.plot(*_degrees(r), ".", ms=1.2, color=colour, label=label)
    axes.legend(loc="lower left", markerscale=6)


def _glint(axes: Axes, world: World) -> None:
    """Show a day's mirror points and glints of one satellite over Greenwich."""
    _land(axes)
    eye = np.array([GEOSTATIONARY, 0.0, 0.0])
    for mirror, colour in ((SEA, "tab:blue"), (CLOUD, "tab:purple")):
        found = [patches(world, mirror, 1.0, "geo", lambda _: eye, hour) for hour in range(24)]
        axes.plot(*_degrees(np.vstack([p.r for p in found])), ".", ms=3, color=colour, label=mirror.kind)
    path = np.array([specular_point(eye, world.sun(t), 0.0) for t in np.arange(0.0, 86_400.0, 300.0)])
    path = path[np.isfinite(path[:, 0])]
    axes.plot(*_degrees(path), "k.", ms=2, label="mirror point, 16 May")
    axes.legend(loc="lower left")
    axes.set(xlim=(-100, 100))


def _day(axes: Axes, world: World) -> None:
    """Show how many detections of each kind three satellites send, hour by hour."""
    sensors = "".join(
        f'[[sensor]]\nid = "{lon}"\ntype = "infrared"\nlongitude_deg = {lon}\nlos_sigma_urad = 30.0\n'
        "scan_period_s = 10.0\nfalse_alarms_per_scan = 3.0\n"
        for lon in (-75, 15, 105)
    )
    bottom = np.zeros(24)
    for kind in KINDS:
        text = (
            'title = "A day"\nstart = 2026-05-16T00:00:00Z\nduration_s = 86_400\n[settings]\nclutter_scale = 0\n'
            f"[background]\n{kind} = 1.0\n{sensors}"
        )
        recording = simulate(decode(text, "a day", {}))
        scans = [m for m in recording.messages if isinstance(m, InfraredScan)]
        hours = np.array([(m.time - world.start) / 3.6e12 for m in scans]).astype(int)
        count = np.bincount(hours, weights=[len(m.detections) for m in scans], minlength=24)[:24]
        share = count / np.bincount(hours, minlength=24)[:24]
        axes.bar(np.arange(24) + 0.5, share, 0.9, bottom, label=kind.replace("_", " "))
        bottom += share
    axes.set(xlabel="hour, 16 May (UTC)", ylabel="detections a scan", xlim=(0, 24))
    axes.legend(ncols=6, fontsize=7, loc="lower center", bbox_to_anchor=(0.5, 1.0))


def _fireballs(axes: Axes, world: World) -> None:
    """Show the light of Chelyabinsk and of a hundred drawn fireballs."""
    many = World(BackgroundTable(fireballs=1_000.0), (), world.start, 86_400.0, world.rotation, "pictures", 0)
    for one in fireballs(many)[:60]:
        t = np.linspace(*one.span, 200)
        axes.plot(t - one.time, one.power(t), color="0.7", lw=0.6)
    table = FireballTable(
        id="Chelyabinsk", time_s=0.0, latitude_deg=54.8, longitude_deg=61.1, altitude_m=29_700.0,
        speed_mps=19_000.0, azimuth_deg=283.0, entry_angle_deg=18.3, radiated_energy_j=3.75e14,
    )  # fmt: skip
    one = named(table)
    t = np.linspace(*one.span, 200)
    axes.plot(t, one.power(t), color="tab:red", label="Chelyabinsk, 15 February 2013")
    axes.set(
        yscale="log",
        ylim=(1e6, 1e15),
        xlim=(-12, 4),
        xlabel="time from the peak [s]",
        ylabel="radiated power [W]",
    )
    axes.legend()


if __name__ == "__main__":
    main()
