"""Draw one picture of each bundled scenario: a map of what happens and is reported, and how high or how much.

    .venv/bin/python docs/scenarios.py [NAME …]

`make docs` draws those that are missing or whose scenario has changed: each picture carries the stamp of what it shows.
"""

import hashlib
import io
import json
import sys
import tomllib
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from msgspec.structs import replace
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tocsin.constants import EARTH_RADIUS
from tocsin.earth.ellipsoid import destination, ecef_from_geodetic, enu_from_ecef, geodetic_from_ecef_batch
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.places import land_outlines
from tocsin.messages import Array, InfraredScan, Scan, Sensor
from tocsin.sensors.platform import Platform
from tocsin.simulation import load, simulate
from tocsin.simulation.library import networks, scenarios
from tocsin.simulation.simulate import Recording

PICTURES = Path(__file__).parent / "pictures" / "scenarios"
UNSEEN = ("expect", "title", "story")  # what a picture does not depend on
LONGEST_S = 3_600.0  # of a world in which nothing is launched
MARGIN_DEG = 6.0
COLOURS = 40
ROTATION = EarthRotation(bundled())


def stamp(name: str) -> str:
    """Return what a picture of this scenario must carry."""
    text = scenarios()[name]
    shown = {key: value for key, value in tomllib.loads(text).items() if key not in UNSEEN}
    network = tomllib.loads(networks().get(shown.get("network", ""), ""))
    whole = json.dumps([shown, network.get("sensor", [])], default=str, sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def stale() -> list[str]:
    """Return the scenarios without a picture of what they are now."""
    return [name for name in scenarios() if _stamped(PICTURES / f"{name}.png") != stamp(name)]


def draw(name: str) -> None:
    """Draw one scenario."""
    plt.rcParams.update({"font.size": 8, "axes.grid": True, "grid.alpha": 0.3})
    scenario = load(name)
    if not scenario.launch:
        scenario = replace(scenario, duration_s=min(scenario.duration_s, LONGEST_S))
    recording = simulate(scenario)
    figure, axes = plt.subplots(1, 2, figsize=(8, 3), width_ratios=(3, 2), layout="constrained")
    _map(axes[0], recording)
    (_heights if recording.truth.bodies else _counts)(axes[1], recording)
    _write(figure, name)
    plt.close(figure)


def _stamped(file: Path) -> str | None:
    if not file.is_file():
        return None
    with Image.open(file) as picture:
        return str(picture.info.get("scenario"))


def _write(figure: Figure, name: str) -> None:
    drawn, info = io.BytesIO(), PngInfo()
    figure.savefig(drawn, dpi=85)
    info.add_text("scenario", stamp(name))
    PICTURES.mkdir(parents=True, exist_ok=True)
    few = Image.open(drawn).convert("RGB").quantize(COLOURS)
    few.save(PICTURES / f"{name}.png", optimize=True, pnginfo=info)


# ----------------------------------------------------------------------------------------------------- the map


def _map(axes: Axes, recording: Recording) -> None:
    scenario, truth = recording.scenario, recording.truth
    reported = _reported(recording)
    flown = [body.flight.t + body.lift_off <= scenario.duration_s for body in truth.bodies]
    paths = [_degrees(body.flight.x[seen, :3]) for body, seen in zip(truth.bodies, flown, strict=True)]
    fires = _degrees(np.array([f.r_ecef for f in truth.fires]).reshape(-1, 3))
    balls = np.array([(t.longitude_deg, t.latitude_deg) for t in scenario.fireball]).reshape(-1, 2)
    radars = [s for s in scenario.sensors if s.type == "radar"]
    things = [*paths, fires, balls]
    middle = _middle(np.vstack(things if sum(map(len, things)) else [_sites(radars), reported]))
    for line in land_outlines():
        axes.plot(*_line(line, middle), color="0.6", lw=0.5)
    axes.plot(
        *_line(reported, middle, join=False), ".", ms=1.5, color="tab:green", alpha=0.5, label="reported"
    )
    for radar in radars:
        axes.plot(*_line(_sector(radar), middle), color="tab:blue", lw=0.8)
    axes.plot(*_line(_sites(radars), middle, join=False), "^", color="tab:blue", ms=4, label="radar")
    for body, seen, path in zip(truth.bodies, flown, paths, strict=True):
        lit = body.flight.thrusting(body.flight.t[seen])
        axes.plot(*_line(path, middle), color="0.3" if body.parent else "tab:red", lw=0.7)
        axes.plot(*_line(path[lit], middle, join=False), ".", color="tab:red", ms=2)
    axes.plot(*_line(fires, middle, join=False), "o", color="tab:orange", ms=3, label="fire or light")
    axes.plot(*_line(balls, middle, join=False), "*", color="tab:purple", ms=8, label="fireball")
    _framed(
        axes, [_shifted(t, middle) for t in things], [_shifted(t, middle) for t in (_sites(radars), reported)]
    )
    shown = [
        line for line in axes.get_lines() if not line.get_label().startswith("_") and len(line.get_xdata())
    ]
    axes.legend(handles=shown, fontsize=6, loc="lower left", frameon=False, markerscale=2)
    axes.xaxis.set_major_formatter(lambda lon, _: f"{(lon + middle + 180) % 360 - 180:g}")
    axes.set(xlabel="longitude [°]", ylabel="latitude [°]")


def _framed(axes: Axes, things: list[Array], else_: list[Array]) -> None:
    """Frame what happens; where nothing does, what is reported and who listens."""
    seen = np.vstack(things if sum(map(len, things)) else else_)
    if len(seen) == 0:
        seen = np.array([[-90.0, -60.0], [90.0, 60.0]])
    (west, south), (east, north) = seen.min(axis=0) - MARGIN_DEG, seen.max(axis=0) + MARGIN_DEG
    flat = max(0.0, (east - west) / 3 - (north - south)) / 2
    south, north = south - flat, north + flat
    stretch = 1 / max(np.cos(np.radians((south + north) / 2)), 0.2)
    missing = max(0.0, (north - south) * 1.2 * stretch - (east - west)) / 2
    axes.set(xlim=(west - missing, east + missing), ylim=(max(south, -90), min(north, 90)))
    axes.set_aspect(stretch)


def _middle(places: Array) -> float:
    """Return the meridian [deg] to centre on, a whole ten: the circular mean of places (n, 2)."""
    if len(places) == 0:
        return 0.0
    lon = np.radians(places[:, 0])
    return float(np.round(np.degrees(np.arctan2(np.sin(lon).mean(), np.cos(lon).mean())), -1))


def _shifted(places: Array, middle: float) -> Array:
    """Count longitudes from the middle, -180 to 180."""
    return np.column_stack([(places[:, 0] - middle + 180) % 360 - 180, places[:, 1]])


def _line(places: Array, middle: float, join: bool = True) -> Array:
    """Return places (2, n) as drawn, broken where a line would cross the map's edge."""
    found = _shifted(places, middle)
    if join:
        found[np.flatnonzero(np.abs(np.diff(found[:, 0])) > 180), 1] = np.nan
    return found.T


def _degrees(r_ecef: Array) -> Array:
    """Return longitude and latitude (n, 2) [deg]."""
    lat, lon, _ = geodetic_from_ecef_batch(np.ascontiguousarray(r_ecef))
    return np.degrees(np.column_stack([lon, lat]))


def _sites(radars: list[Sensor]) -> Array:
    return np.array([(r.longitude_deg, r.latitude_deg) for r in radars], dtype=float).reshape(-1, 2)


def _sector(radar: Sensor) -> Array:
    """Return the outline of what a radar covers, as far as its range goes along the ground."""
    lat, lon = np.radians([radar.latitude_deg or 0.0, radar.longitude_deg or 0.0])
    turn = (radar.azimuth_to_deg - radar.azimuth_from_deg) % 360 or 360.0
    rim = [
        destination(lat, lon, np.radians(radar.azimuth_from_deg + a), 0.93 * (radar.range_max_m or 0.0))
        for a in np.linspace(0, turn, 60)
    ]
    edge = rim if turn == 360 else [(lat, lon), *rim, (lat, lon)]
    return np.degrees([(b, a) for a, b in edge])


# ------------------------------------------------------------------------------------------- what was reported


def _reported(recording: Recording) -> Array:
    """Return where what was reported would lie (n, 2) [deg]: sightings on the ground, plots below themselves."""
    sensors = {s.id: s for s in recording.scenario.sensors}
    found = [np.zeros((0, 3))]
    for scan in recording.messages:
        if isinstance(scan, Scan) and scan.detections:
            place = _on_ground if isinstance(scan, InfraredScan) else _plotted
            found.append(place(scan, sensors[scan.sensor]))
    return _degrees(np.vstack(found))


def _on_ground(scan: InfraredScan, sensor: Sensor) -> Array:
    """Return where lines of sight meet a sphere (n, 3), or come nearest to it."""
    eye = Platform(sensor, ROTATION).position(scan, scan.time)
    angles = np.radians([(d.right_ascension_deg, d.declination_deg) for d in scan.detections])
    ra, dec = angles.T
    u = np.column_stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    if scan.detections[0].frame == "GCRF":
        u = u @ ROTATION.itrf_from_gcrf(scan.time).T
    along = -u @ eye
    chord = np.maximum(along**2 - (eye @ eye - EARTH_RADIUS**2), 0.0)
    return eye + (along - np.sqrt(chord))[:, None] * u


def _plotted(scan: Scan, sensor: Sensor) -> Array:
    """Return where plots are (n, 3)."""
    lat, lon = np.radians([sensor.latitude_deg or 0.0, sensor.longitude_deg or 0.0])
    z = np.array(
        [(d.range_m, np.radians(d.azimuth_deg), np.radians(d.elevation_deg)) for d in scan.detections]
    )
    distance, az, el = z.T
    enu = np.column_stack([np.cos(el) * np.sin(az), np.cos(el) * np.cos(az), np.sin(el)]) * distance[:, None]
    return ecef_from_geodetic(lat, lon, sensor.height_m or 0.0) + enu @ enu_from_ecef(lat, lon)


# ------------------------------------------------------------------------------------------------ how high, how much


def _heights(axes: Axes, recording: Recording) -> None:
    """Draw the height of everything that flies, the burn thick."""
    for body in recording.truth.bodies:
        t = (body.flight.t + body.lift_off) / 60
        h = geodetic_from_ecef_batch(np.ascontiguousarray(body.flight.x[:, :3]))[2] / 1e3
        lit = body.flight.thrusting(body.flight.t)
        axes.plot(t, h, lw=0.7, color="0.3" if body.parent else "tab:red")
        axes.plot(t[lit], h[lit], ".", ms=2, color="tab:red")
    end = recording.scenario.duration_s / 60
    axes.set(xlabel="time [min]", ylabel="height [km]", xlim=(0, end), ylim=(0, None))


def _counts(axes: Axes, recording: Recording) -> None:
    """Draw the detections of each sensor by the minute."""
    scenario = recording.scenario
    edges = np.arange(0.0, scenario.duration_s + 60, 60)
    scans = [m for m in recording.messages if isinstance(m, Scan)]
    for sensor in scenario.sensors:
        own = [(m.time - scenario.start) / 1e9 for m in scans if m.sensor == sensor.id for _ in m.detections]
        axes.stairs(np.histogram(own, edges)[0], edges / 60, label=sensor.id, lw=1)
    for summary in scenario.summary:
        axes.plot(summary.time_s / 60, summary.count, "x", color="tab:red", ms=5)
    if scenario.summary:
        axes.plot([], [], "x", color="tab:red", label="claimed by summaries")
        axes.set_yscale("symlog")
    axes.set(xlabel="time [min]", ylabel="detections a minute", ylim=(0, None))
    axes.legend(fontsize=6, frameon=False)


def main(names: list[str]) -> int:
    """Draw the scenarios named, or all whose picture is out of date; drop pictures of what is no more."""
    for file in PICTURES.glob("*.png"):
        if file.stem not in scenarios():
            file.unlink()
    for name in names or stale():
        draw(name)
        sys.stdout.write(f"drawn: docs/pictures/scenarios/{name}.png\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
