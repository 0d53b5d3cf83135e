"""Every orbital attempt of 2023 from its site: found, called a space launch before it is in orbit, and no alert.

Times and sites: J. McDowell's list of orbital launches and GCAT (CC BY 4.0), of which `space_launches.csv` holds what
is needed. The vehicle is our one class of space launcher, the orbit 300 km high; the azimuth is that of a plausible
inclination for the site (`INCLINATIONS`; our assumption), northward or southward, whichever the site is known for. Two
geostationary satellites 25° either side of the site see it; each is flown twice, with a notification and without. The
noise of all is one draw (seed 2023): launches from one site on one azimuth differ by the turning of the Earth alone.
"""

import csv
import math
from pathlib import Path
from typing import Any

from watching import two_satellites

from tocsin.config import Config
from tocsin.earth.time import format_utc, parse_utc
from tocsin.messages import SECOND, Alert, Incoming, Instant, Notification, Place, Warning
from tocsin.metrics.shares import share
from tocsin.run.engine import Engine
from tocsin.run.policy import Policy
from tocsin.simulation import simulate
from tocsin.simulation.scenario import decode

RUNS, QUICK_RUNS = 216, 2
TITLE = "Space launches of 2023"
TABLE = Path(__file__).parent / "space_launches.csv"
HEIGHT_M = 300_000.0
BURN_S = 508.0  # of the class, to orbit
LEAD_S = 20.0
MATCH_M, MATCH_S = 50_000.0, 30.0  # docs/explanation/match-rule.md
# Inclination [deg] and side (+1: ascending to the north, -1: descending to the south) by site, of what mostly
# flies from there (our assumption, from public user guides and GCAT's orbits); others fly due east.
INCLINATIONS = {
    "CC": (43.0, 1), "KSC": (51.6, 1), "VSFBS": (97.5, -1), "VSFB": (97.5, -1), "JQ": (97.5, -1), "TYSC": (97.5, -1),
    "XSC": (35.0, -1), "WEN": (42.0, 1), "GIK-5": (51.6, 1), "GIK-1": (67.0, 1), "VOST": (97.5, 1),
    "MAHIA": (42.0, 1), "SHAR": (30.0, -1), "TNSC": (31.0, -1), "SOHAE": (97.5, -1), "MARS": (40.0, -1),
    "SEM": (55.0, -1), "SHAHR": (60.0, -1), "CSG": (6.0, 1), "STB": (26.5, 1), "PALB": (142.0, -1),
    "NARO": (97.5, -1), "PSCA": (97.5, -1), "YJ": (97.5, -1), "HHAI": (97.5, -1), "JEJU": (97.5, -1),
    "NEWQ": (97.5, -1),
}  # fmt: skip


def one(run: int) -> dict[str, Any]:
    """Return what became of one attempt, without a notification and with one."""
    row = launches()[run % len(launches())]
    return {"run": run, "site": row["site"], "alone": _flown(row, False), "notified": _flown(row, True)}


def launches() -> list[dict[str, str]]:
    """Return the table: time, site, latitude, longitude."""
    with TABLE.open(encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def azimuth(site: str, latitude_deg: float) -> float:
    """Return the launch azimuth [deg] of a site's orbit: cos i = cos lat sin az, the Earth's turning left out."""
    inclination_deg, side = INCLINATIONS.get(site, (abs(latitude_deg), 1))
    sine = math.cos(math.radians(inclination_deg)) / math.cos(math.radians(latitude_deg))
    northward = math.degrees(math.asin(max(-1.0, min(1.0, sine))))
    return northward % 360.0 if side > 0 else 180.0 - northward


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return shares, with and without notification."""
    found: dict[str, Any] = {"launches": len(rows), "sites": len({row["site"] for row in rows})}
    for how in ("alone", "notified"):
        flown = [row[how] for row in rows]
        found[how] = {
            "found": sum(f["found"] for f in flown),
            "called": sum(f["called_s"] is not None for f in flown),
            "called_s": sorted(f["called_s"] for f in flown if f["called_s"] is not None),
            "still": sum(f["last"] == "space-launch" for f in flown),
            "alerts": sum(f["alerts"] for f in flown),
            "missed_at": sorted({r["site"] for r in rows if r[how]["called_s"] is None}),
        }
    return found


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    count = result["launches"]
    out = [
        f"{count} attempts from {result['sites']} sites.",
        "",
        "| | found (50 km, 30 s) | called a space launch before orbit (asked: ≥ 98 %) | median after launch s "
        "| still so at the end | public alerts (asked: 0) |",
        "|---|---|---|---|---|---|",
    ]
    for how, name in (("alone", "without notification"), ("notified", "with notification")):
        r = result[how]
        called = share([True] * r["called"] + [False] * (count - r["called"]))
        middle = r["called_s"][len(r["called_s"]) // 2] if r["called_s"] else float("nan")
        out.append(
            f"| {name} | {r['found']} of {count} | {called.share:.1%} ({called.low:.1%} to {called.high:.1%}) | "
            f"{middle:.0f} | {r['still']} of {count} | {r['alerts']} |"
        )
    return out


def _flown(row: dict[str, str], notified: bool) -> dict[str, Any]:
    latitude, longitude = float(row["latitude_deg"]), float(row["longitude_deg"])
    start = parse_utc(row["time"]) - round(LEAD_S * SECOND)
    scenario = decode(_text(row, latitude, longitude, Instant(start)), "space-launch.toml", {})
    recording = simulate(scenario)
    messages: list[Incoming] = list(recording.messages)
    if notified:
        messages.insert(0, _notice(row, latitude, longitude))
    said: list[Any] = []
    engine = Engine(Config(), Policy(), lambda event, _: said.append(event), None, None)
    engine.feed((message, Place("bench", i + 1)) for i, message in enumerate(messages))
    return _judged(said, Instant(parse_utc(row["time"])), latitude, longitude)


def _judged(said: list[Any], launched: Instant, latitude: float, longitude: float) -> dict[str, Any]:
    """Say whether it was found, when it was first called a space launch, and what it was called at last.

    A policy confirms what it may: an alert would go out if the machine were sure of a missile.
    """
    mine = [v for v in said if isinstance(v, Warning) and v.parent is None]
    found = any(_matches(v, launched, latitude, longitude) for v in mine)
    called = [v for v in mine if max(v.identity, key=v.identity.__getitem__) == "space-launch"]
    first = (called[0].time - launched) / SECOND if called else None
    last = mine[-1] if mine else None
    return {
        "found": found,
        "called_s": first if first is not None and first < BURN_S else None,
        "last": None if last is None else max(last.identity, key=last.identity.__getitem__),
        "p": None if last is None else last.identity["space-launch"],
        "alerts": sum(isinstance(event, Alert) for event in said),
    }


def _matches(version: Warning, launched: Instant, latitude: float, longitude: float) -> bool:
    launch = version.launch
    if launch is None:
        return False
    north = (launch.latitude_deg - latitude) * 111_200.0
    east = ((launch.longitude_deg - longitude + 180.0) % 360.0 - 180.0) * 111_200.0
    east *= math.cos(math.radians(latitude))
    return math.hypot(north, east) < MATCH_M and abs(launch.time - launched) < MATCH_S * SECOND


def _notice(row: dict[str, str], latitude: float, longitude: float) -> Notification:
    """Return what the Hague Code asks for: class, window, place, direction."""
    t = parse_utc(row["time"])
    return Notification(
        origin="test", id="N-1", from_="launching state", window_start=Instant(t - 3_600 * SECOND),
        window_end=Instant(t + 3 * 3_600 * SECOND), latitude_deg=latitude, longitude_deg=longitude,
        azimuth_deg=azimuth(row["site"], latitude), vehicle="space-launch",
    )  # fmt: skip


def _text(row: dict[str, str], latitude: float, longitude: float, start: Instant) -> str:
    return (
        f'title = "A space launch"\nstart = {format_utc(start, 3)}\n'
        f"duration_s = {LEAD_S + BURN_S + 60.0}\nseed = 2023\n"
        f'[[launch]]\nid = "{row["site"]}"\nvehicle = "space-launcher"\ntime_s = {LEAD_S}\nlatitude_deg = {latitude}\n'
        f"longitude_deg = {longitude}\nazimuth_deg = {azimuth(row['site'], latitude):.2f}\n"
        f"orbit_height_m = {HEIGHT_M}\n{two_satellites(longitude)}"
    )
