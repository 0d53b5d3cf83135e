"""Impact told on the way down: with the drag that re-entry has shown, beside the prior that stands for any body's.

Bodies of four classes come down with drags drawn from that prior through air that is not the tracker's: NRLMSISE-00
over the place, on a day and at an hour that are drawn, where the tracker has the standard atmosphere. A radar such as
the demonstration's stands 50 to 400 km from where they fall and follows them from 150 km on, detecting nine in ten,
with two false plots a look. At each height the last track is carried to the ground as it is told, and once more without
its drag.
"""

from typing import Any

import numpy as np
import pymsis
from impact import EPOCH, FALSE, PERIOD_S, look
from msgspec import structs
from scores import share

from tocsin.assessment.impact import landing
from tocsin.assessment.settings import Settings as Assessing
from tocsin.earth.atmosphere import density
from tocsin.earth.ellipsoid import destination, geodetic_from_ecef, height
from tocsin.flight.coast import fall, propagate
from tocsin.flight.powered import FlightError, Launch, fly
from tocsin.flight.vehicles import VEHICLES
from tocsin.messages import SECOND, Array, Sensor, Track
from tocsin.sensors.radar import Radar
from tocsin.study.consistency import depth, offset
from tocsin.tracking.settings import Settings
from tocsin.tracking.tracker import Tracker

RUNS, QUICK_RUNS = 50, 1
TITLE = "Impact told on the way down, with the drag that re-entry shows"
RANGES_KM = {
    "short-range": (230, 290), "medium-range": (800, 1_400), "intermediate-range": (2_500, 4_500),
    "intercontinental": (6_000, 10_000),
}  # fmt: skip
FROM_M, ASIDE_KM = 150_000.0, (50, 400)
LEVELS_KM = (60, 40, 30, 20)
NEAR_M = 12_000.0  # above a level, within which the last track counts
STEP_S = 0.5
LEAST = 0.92  # of what a 95 % area should hold: what issue 4 asks of infrared alone
KM = np.arange(0.0, 151.0, 1.0)


def one(run: int) -> dict[str, Any]:
    """Return one fall of each class, by height."""
    return {"run": run, "classes": {name: _fallen(name, k, run) for k, name in enumerate(RANGES_KM)}}


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return errors and what areas hold, by height, of all classes and of each."""
    result: dict[str, Any] = {}
    for name in ("all", *RANGES_KM):
        those = [one for row in rows for key, one in row["classes"].items() if name in ("all", key)]
        result[name] = {
            f"{km}": _summed([one[f"{km}"] for one in those if f"{km}" in one]) for km in LEVELS_KM
        }
    return result


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    out = [
        "| bodies | height km | of | ln drag: error / its sigma | impact RMS m, drag shown / prior | time RMS s "
        "| 95 % half axis, median m | 50 / 95 % area holds, drag shown | prior |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, levels in result.items():
        for km, r in levels.items():
            if not r["of"]:
                continue
            own, prior = r["own"], r["prior"]
            held = [f"{_percent(which['50'])} / {_percent(which['95'])}" for which in (own, prior)]
            out.append(
                f"| {name} | {km} | {r['of']} | {r['log_rms']:.2f} / {r['log_sigma']:.2f} | {own['rms_m']:,.0f} / "
                f"{prior['rms_m']:,.0f} | {own['time_rms_s']:.1f} / {prior['time_rms_s']:.1f} | "
                f"{own['half_axis_m']:,.0f} / {prior['half_axis_m']:,.0f} | {held[0]} | {held[1]} |"
            )
    return out


def claims(result: dict[str, Any]) -> list[tuple[str, str, str, Any]]:
    """Return the scoreboard's rows."""

    def read(km: int) -> Any:
        def told(found: dict[str, Any]) -> tuple[str, bool]:
            r = found["all"][f"{km}"]
            text = f"{_percent(r['own']['95'])} of {r['of']}; {r['own']['rms_m']:,.0f} m, by the prior "
            return text + f"{r['prior']['rms_m']:,.0f} m", r["own"]["95"]["share"] >= LEAST

        return told

    what = "re-entry with unknown ballistic coefficient, real air, from"
    return [
        ("Accuracy", f"{what} {km} km: 95 % impact area holds; RMS", "≥ 92 % (ours)", read(km))
        for km in LEVELS_KM if result["all"][f"{km}"]["of"]
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------- one fall


def _fallen(name: str, number: int, run: int) -> dict[str, Any]:
    """Follow one body down and hold its impact, told at each height, against where it fell."""
    random = np.random.Generator(np.random.Philox(key=[100 + number, run]))
    x, radar = _start(name, random)
    prior = Assessing()
    log = -np.log(prior.ballistic_coefficient) + prior.ballistic_coefficient_spread * random.normal()
    path, ground, lands = _down(x, float(log), _air(x, random))
    tracker, told = Tracker(Settings(), "test"), []
    for k, (h, state, true_log) in enumerate(path):
        z = radar.predict(state[None])[0]
        seen = (
            radar.elevation_min < z[2] < radar.elevation_max
            and random.uniform() < radar.detection_probability
        )
        tracks = tracker.radar(radar, look(radar, k, state if seen else None, random)).read()
        if seen and tracks:
            best = max(tracks, key=lambda one: sum(one.detections.values()))
            if best.state_time == EPOCH + round(k * PERIOD_S * SECOND):
                told.append((h, best, true_log))
    row = {}
    for km in LEVELS_KM:
        last = [one for one in told if one[0] >= 1e3 * km]
        if last and last[-1][0] < 1e3 * km + NEAR_M and last[-1][1].phase == "re-entry":
            row[f"{km}"] = _judged(last[-1][1], last[-1][2], ground, lands)
    return row


def _start(name: str, random: np.random.Generator) -> tuple[Array, Radar]:
    """Return a state (6,) on the way down, or at the top of a low flight, and the radar that waits for it."""
    while True:
        launch = Launch(
            latitude=float(random.uniform(-0.9, 0.9)), longitude=float(random.uniform(-np.pi, np.pi)),
            azimuth=float(random.uniform(0, 2 * np.pi)), range=1e3 * float(random.uniform(*RANGES_KM[name])),
        )  # fmt: skip
        try:
            flight = fly(VEHICLES[name], launch)
            break
        except FlightError:
            continue
    times = np.arange(flight.burnout + 8.0, flight.t[-1], 1.0)
    states = flight.at(times)
    heights = np.array([height(*x[:3]) for x in states])
    top = int(np.argmax(heights))
    begin = top + int(np.argmax(heights[top:] < FROM_M))
    latitude, longitude, _ = geodetic_from_ecef(flight.x[-1, :3].copy())
    place = destination(latitude, longitude, random.uniform(0, 2 * np.pi), 1e3 * random.uniform(*ASIDE_KM))
    sensor = Sensor(
        origin="test", id="radar", type="radar", latitude_deg=float(np.degrees(place[0])),
        longitude_deg=float(np.degrees(place[1])), height_m=0.0, range_sigma_m=50.0, azimuth_sigma_deg=0.1,
        elevation_sigma_deg=0.1, elevation_min_deg=2.0, elevation_max_deg=85.0, range_max_m=2.5e6,
        scan_period_s=PERIOD_S, detection_probability=0.9, false_alarms_per_scan=FALSE,
    )  # fmt: skip
    return states[begin], Radar.from_message(sensor)


def _air(x: Array, random: np.random.Generator) -> Array:
    """Return ln of the density of NRLMSISE-00 at a drawn time, over that of the standard atmosphere, at `KM`."""
    latitude, longitude, _ = geodetic_from_ecef(x[:3].copy())
    time = np.datetime64("2015-01-01T00:00") + np.timedelta64(int(random.uniform(0, 365 * 24)), "h")
    found = pymsis.calculate(
        time,
        np.degrees(longitude),
        np.degrees(latitude),
        KM,
        f107s=[120.0],
        f107as=[120.0],
        aps=[[7.0] * 7],
        version=0,
    )
    return np.log(found[..., 0].ravel()) - np.log([density(1e3 * km) for km in KM])


def _down(x: Array, log: float, air: Array) -> tuple[list[tuple[float, Array, float]], Array, float]:
    """Return height, state and ln of the drag as the standard air would have it, look by look; where, when it lands."""
    path, t, h = [], 0.0, height(*x[:3])
    while True:
        here = log + float(np.interp(h / 1e3, KM, air))
        if t % PERIOD_S < 1e-9:
            path.append((h, x, here))
        after = propagate(x, STEP_S, float(np.exp(here)))
        if height(*after[:3]) <= 0.0:
            ground, left, _, _ = fall(x, float(np.exp(here)))
            return path, ground[:3].copy(), t + left
        x, t, h = after, t + STEP_S, height(*after[:3])


def _judged(track: Track, log: float, ground: Array, lands: float) -> dict[str, Any]:
    component = max(track.components, key=lambda c: c.weight)
    drag = component.drag
    row: dict[str, Any] = {} if drag is None else {"log": [drag.log - log, float(np.sqrt(drag.variance))]}
    bare = structs.replace(track, components=tuple(structs.replace(c, drag=None) for c in track.components))
    for what, given in (("own", landing(track, Assessing())), ("prior", landing(bare, Assessing()))):
        assert given.estimate is not None
        estimate = given.estimate
        east, north = offset(ground, estimate)
        row[what] = {
            "error_m": float(np.hypot(east, north)), "time_s": (estimate.time - EPOCH) / SECOND - lands,
            "half_axis_m": estimate.ellipse_95.semi_major_m,
            "50": depth(estimate.ellipse_50, east, north) < 1.0, "95": depth(estimate.ellipse_95, east, north) < 1.0,
        }  # fmt: skip
    return row


def _summed(rows: list[dict[str, Any]]) -> dict[str, Any]:
    if not rows:
        return {"of": 0}
    logs = np.array([row["log"] for row in rows if "log" in row]).reshape(-1, 2)
    result: dict[str, Any] = {"of": len(rows), "log_rms": _rms(logs[:, 0]), "log_sigma": _rms(logs[:, 1])}
    for what in ("own", "prior"):
        those = [row[what] for row in rows]
        result[what] = {
            "rms_m": _rms([one["error_m"] for one in those]), "time_rms_s": _rms([one["time_s"] for one in those]),
            "half_axis_m": float(np.median([one["half_axis_m"] for one in those])),
        } | {p: share([one[p] for one in those]) for p in ("50", "95")}  # fmt: skip
    return result


def _rms(values: Any) -> float:
    return float(np.sqrt(np.mean(np.square(values)))) if len(values) else float("nan")


def _percent(value: dict[str, Any]) -> str:
    return f"{100 * value['share']:.0f} % ({100 * value['low']:.0f}–{100 * value['high']:.0f})"
