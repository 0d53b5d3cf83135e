"""Renew docs/explanation/japan-2022.md and its map: the public record beside what Tocsin says of the scenario.

    .venv/bin/python docs/japan.py

Run it when the scenario's answer has changed. It is no part of `make docs`.
"""

import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from scenarios import _degrees

from tocsin.config import Config
from tocsin.earth.places import land_outlines
from tocsin.earth.rings import contains
from tocsin.messages import SECOND, Alert, EventLog, Place, Warning
from tocsin.run.engine import Engine
from tocsin.run.policy import Policy
from tocsin.simulation import load, simulate

HERE = Path(__file__).parent
PAGE = HERE / "explanation" / "japan-2022.md"
PICTURE = HERE / "pictures" / "japan-2022.png"
# Seconds after 07:22 in Japan; read in Asahi 14736429, livedoor and tellerreport (5 October 2022), to the minute.
RECORD = {
    0: "launch, 07:22 in Japan",
    300: "07:27: alert to Hokkaido, and by mistake to nine island towns of Tokyo (an old drill's list)",
    390: "07:28–07:29: it passes over Aomori",
    420: "07:29: Aomori added to the alert",
    1320: "07:44: down, 4,600 km on, some 3,200 km east of Japan; apogee some 1,000 km",
}
# Name, latitude, longitude [deg]: the capitals, and one of the island towns (from memory)
PLACES = (("Hokkaido", 43.06, 141.35), ("Aomori", 40.82, 140.74), ("island towns", 33.9, 139.6))
SHOWN = 4  # alerts on the map


def told() -> tuple[list[Any], Any]:
    """Run the scenario; return all events, and the truth's one body."""
    recording = simulate(load("japan-2022"))
    said: list[Any] = []
    engine = Engine(Config(), Policy(), lambda event, _: said.append(event), None, None)
    engine.feed((message, Place("japan-2022", i + 1)) for i, message in enumerate(recording.messages))
    return said, recording.truth.bodies[0]


def moments(said: list[Any], launched: int) -> dict[float, str]:
    """Return what Tocsin said that mattered, by seconds after the launch."""
    found: dict[float, str] = {}
    state: object = None
    for event in said:
        if isinstance(event, Warning) and event.parent is None:
            now = (event.state, event.phase, event.impact is not None)
            if now != state:
                found[(event.time - launched) / SECOND] = _version(event)
            state = now
        elif isinstance(event, Alert):
            reach = _axes(event)
            found[(event.sent - launched) / SECOND + 0.01] = f"alert {event.msg_type}{reach}"
        elif isinstance(event, EventLog) and event.name == "approval-wanted":
            found[(event.time - launched) / SECOND + 0.02] = "two people are asked to confirm"
    return found


def _version(event: Warning) -> str:
    text = f"**{event.state}**, {event.phase}"
    if event.launch is not None:
        e = event.launch.ellipse_95
        text += f"; launch known to ±{e.semi_major_m / 1e3:.1f} × {e.semi_minor_m / 1e3:.1f} km"
    if event.impact is not None:
        e, i = event.impact.ellipse_95, event.impact
        text += (
            f"; impact {i.latitude_deg:.1f}° N {i.longitude_deg:.1f}° E ±{e.semi_major_m / 1e3:.0f} × "
            f"{e.semi_minor_m / 1e3:.0f} km"
        )
    return text


def _axes(alert: Alert) -> str:
    ring = np.array(alert.polygon)
    return f": area {ring[:, 0].min():.1f} to {ring[:, 0].max():.1f}° N" if len(ring) else ""


def table(found: dict[float, str]) -> str:
    """Return both timelines side by side, in order of time."""
    rows = [(t, text, "") for t, text in RECORD.items()] + [(t, "", text) for t, text in found.items()]
    lines = ["| after launch | public record | Tocsin, simulated |", "|---|---|---|"]
    for t, theirs, ours in sorted(rows, key=lambda row: row[0]):
        lines.append(f"| {int(t) // 60}:{int(t) % 60:02d} | {theirs} | {ours} |")
    return "\n".join(lines)


def _held(said: list[Any]) -> str:
    """Say how many alerts' areas hold one of the places."""
    rings = [e.polygon for e in said if isinstance(e, Alert)]
    count = sum(any(contains(ring, (lat, lon)) for _, lat, lon in PLACES) for ring in rings)
    return f"{count or 'None'}"


def draw(said: list[Any], body: Any) -> None:
    """Draw the flight, the places of the record and what the alerts warned."""
    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    for line in land_outlines():
        east = line[:, 0] % 360
        axes.plot(np.where((east > 110) & (east < 200), east, np.nan), line[:, 1], color="0.6", lw=0.6)
    path = _degrees(np.ascontiguousarray(body.flight.x[:, :3]))
    axes.plot(path[:, 0] % 360, path[:, 1], color="tab:red", lw=1, label="flight")
    lit = body.flight.thrusting(body.flight.t)
    axes.plot(path[lit, 0] % 360, path[lit, 1], color="tab:red", lw=3)
    alerts = [e for e in said if isinstance(e, Alert) and len(e.polygon)]
    for k, alert in enumerate(alerts[:SHOWN]):
        ring = np.array([*alert.polygon, alert.polygon[0]])
        axes.plot(ring[:, 1] % 360, ring[:, 0], color="tab:blue", lw=1, alpha=1 - 0.2 * k,
                  label="area of an alert" if k == 0 else None)  # fmt: skip
    for name, lat, lon in PLACES:
        axes.plot(lon, lat, "k.", ms=4)
        axes.annotate(name, (lon, lat), xytext=(3, 3), textcoords="offset points", fontsize=7)
    axes.set(xlim=(122, 186), ylim=(27, 50), xlabel="longitude, eastward [°]", ylabel="latitude [°]")
    axes.legend(frameon=False, fontsize=7)
    figure.savefig(PICTURE, dpi=85)


def page(said: list[Any], body: Any) -> str:
    """Return the page's text."""
    return f"""<!-- Made by docs/japan.py from the scenario japan-2022; edit the code, not this page. -->

# 4 October 2022, beside the record

A missile flew over northern Japan. The first public alert went out five minutes after the launch, to Hokkaido
and to nine island towns of Tokyo, whose names an old drill had left in the list; Aomori, over which it flew,
was told two minutes later, about as it passed (Asahi 14736429, livedoor, tellerreport of 5 October 2022;
times to the minute). This is what Tocsin says of a simulated flight of that range, apogee and time: `tocsin
run japan-2022`.

{table(moments(said, body.lift_off_time))}

![The flight, the places of the record, and the areas of the first alerts](../pictures/japan-2022.png)

**What to make of it.** Tocsin warns where it expects an impact: far out in the ocean. {_held(said)} of its
areas holds any of the {len(PLACES)} places on the map, and an area that is not of the present prediction is
refused (`stale-area`). Japan's alert went to who was flown over; Tocsin's does not, so that the two answer
different questions. Its alert waits for the end of the burn, because before it nobody can say where it comes
down; the first report and the second path come minutes earlier, and that is when people are asked.

**What is assumed.** The launch site (from memory, unverified) and the heading, so that it passes Aomori; the
vehicle, our generic intermediate-range class (the real one's is not claimed); two geostationary satellites at
90° and 165° E with 30 µrad and a look every 10 s; one radar at a publicly described place and sector. A
policy confirms at burnout in place of two people. Real systems have other sensors and clouds, and their
people need time: the seconds here are the machine's, not a promise, and one run is no statistic.
"""


if __name__ == "__main__":
    events, flown = told()
    draw(events, flown)
    PAGE.write_text(page(events, flown), encoding="utf-8")
    sys.stdout.write(f"written: {PAGE.relative_to(HERE.parent)}, {PICTURE.relative_to(HERE.parent)}\n")
