"""Impact after a minute of one radar in coast, beside the Cramér-Rao bound carried to the ground, class by class.

Launches of each generic class, drawn in place, heading, range and shape; a radar such as the demonstration's (50 m, 0.1
degree, a look every 2.5 s, detection 0.9, two false plots a look) sees a minute of the coast from 200 to 1,000 km aside
and nothing else is known. The tracker begins from the first plot. The bound: `tocsin.study.bounds.posterior_bound` over
the plots there were, with the same vague velocity known before and no noise of motion, carried down by the derivative
of where the true state lands. **The drag is known to both**: every body flies with the middle of the prior,
4,000 kg/m², the bound takes it as known, and the landing is asked with a prior of no spread. Beside it the same with
the prior as it is, drags drawn from it, so that what the areas hold is what a reader of a warning gets.
"""

from typing import Any

import numpy as np
from msgspec import structs
from scores import share

from tocsin.assessment.impact import landing
from tocsin.assessment.settings import Settings as Assessing
from tocsin.earth.ellipsoid import destination, geodetic_from_ecef, geodetic_from_ecef_batch
from tocsin.earth.local import north_east_batch
from tocsin.flight.coast import fall, fall_batch, propagate
from tocsin.flight.powered import FlightError, Launch, fly
from tocsin.flight.vehicles import VEHICLES
from tocsin.messages import SECOND, Array, Instant, Sensor, Track
from tocsin.sensors.radar import Radar
from tocsin.study.bounds import posterior_bound
from tocsin.study.consistency import depth, offset
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.settings import Settings
from tocsin.tracking.tracker import Tracker

RUNS, QUICK_RUNS = 100, 2
TITLE = "Impact after a minute of radar, beside the bound"
ASKED = 1.1
RANGES_KM = {
    "short-range": (230, 290), "medium-range": (800, 1_400), "intermediate-range": (2_500, 4_500),
    "intercontinental": (6_000, 10_000), "intercontinental-solid": (6_000, 10_000),
}  # fmt: skip
WATCHED_S, PERIOD_S, FALSE = 60.0, 2.5, 2.0
LOWEST, SPACE = 50_000.0, 105_000.0  # m: rising it is watched from the one, falling no farther than the other
ASIDE_KM = (200, 1_000)
EPOCH = 10**18
STEPS = np.array([100.0] * 3 + [1.0] * 3)  # m and m/s, by which the true state is moved, each way
KNOWN = structs.replace(Assessing(), ballistic_coefficient_spread=1e-6)
KNOWN_DRAG = 1.0 / KNOWN.ballistic_coefficient


def one(run: int) -> dict[str, Any]:
    """Return one draw of each class."""
    return {"run": run, "classes": {name: _drawn(name, k, run) for k, name in enumerate(RANGES_KM)}}


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return RMSE over the bound and what areas hold, by class and of all."""
    by_class = {name: [row["classes"][name] for row in rows] for name in RANGES_KM}
    by_class["all"] = [one for those in by_class.values() for one in those]
    return {name: _summed(those) for name, those in by_class.items()}


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    out = [
        "| class | launches | bound m | RMSE m | RMSE / bound | state: NEES (6) | 50 / 95 % area holds, drag known "
        "| the same, drag of the prior | its 95 % half axis, median m |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, r in result.items():
        held = [f"{_percent(r[key]['50'])} / {_percent(r[key]['95'])}" for key in ("known", "open")]
        out.append(
            f"| {name} | {r['of']} | {r['bound_m']:,.0f} | {r['rmse_m']:,.0f} | {r['ratio']:.3f} "
            f"[{r['low']:.3f}, {r['high']:.3f}] | {r['nees']:.2f} | {held[0]} | {held[1]} | {r['half_axis_m']:,.0f} |"
        )
    return [
        *out, "",
        f"RMSE / bound: the root of the mean of (error / bound of that launch) squared; asked: at most {ASKED}. RMSE "
        f"and bound in metres: roots of means of squares. Launches not followed at the end of the minute: "
        f"{result['all']['lost']}.",
    ]  # fmt: skip


def claims(result: dict[str, Any]) -> list[tuple[str, str, str, Any]]:
    """Return the scoreboard's rows."""

    def read(name: str) -> Any:
        def told(found: dict[str, Any]) -> tuple[str, bool]:
            r = found[name]
            return f"{r['ratio']:.3f} [{r['low']:.3f}, {r['high']:.3f}] of {r['of']}", r["ratio"] <= ASKED

        return told

    what = "impact after 60 s of radar in coast, RMSE / bound"
    return [("Accuracy", f"{what}: {name}", f"≤ {ASKED}", read(name)) for name in result]


# ------------------------------------------------------------------------------------------------- one launch


def _drawn(name: str, number: int, run: int) -> dict[str, Any]:
    """Draw a launch of a class and a radar, follow it for a minute and hold its impact against truth and bound."""
    random = np.random.Generator(np.random.Philox(key=[number, run]))
    while True:
        x = _coasting(name, random)
        radar = None if x is None else _beside(x, random)
        if x is not None and radar is not None:
            break
    path = [propagate(x, float(t), KNOWN_DRAG) for t in np.arange(0.0, WATCHED_S + 0.1, PERIOD_S)]
    seen = random.uniform(size=len(path)) < radar.detection_probability
    told: dict[int, Track] = {}
    tracker = Tracker(Settings(), "test")
    for k, state in enumerate(path):
        for track in tracker.radar(radar, look(radar, k, state if seen[k] else None, random)).read():
            told[track.id] = track
    return _judged(told, path, np.flatnonzero(seen), radar, random)


def _coasting(name: str, random: np.random.Generator) -> Array | None:
    """Return a state (6,) of a drawn launch from which it coasts for the minute; None where it cannot."""
    vehicle = structs.replace(VEHICLES[name], body_drag=KNOWN_DRAG)
    launch = Launch(
        latitude=float(random.uniform(-0.9, 0.9)), longitude=float(random.uniform(-np.pi, np.pi)),
        azimuth=float(random.uniform(0, 2 * np.pi)), range=1e3 * float(random.uniform(*RANGES_KM[name])),
    )  # fmt: skip
    try:
        flight = fly(vehicle, launch)
    except FlightError:
        return None
    times = np.arange(flight.burnout + 8.0, flight.t[-1], 2.0)
    states = flight.at(times)
    heights = geodetic_from_ecef_batch(np.ascontiguousarray(states[:, :3]))[2]
    top = int(np.argmax(heights))
    right = (heights > LOWEST) & ((np.arange(len(times)) <= top) | (heights > SPACE))
    last = times[right][-1] if right.any() else -np.inf
    fit = np.flatnonzero(right & (times + WATCHED_S <= last))
    return None if not len(fit) else np.asarray(states[random.choice(fit)])


def _beside(x: Array, random: np.random.Generator) -> Radar | None:
    """Return a radar that sees the minute, or None where the first twenty places drawn do not."""
    ends = np.array([propagate(x, t, KNOWN_DRAG) for t in (0.0, WATCHED_S / 2, WATCHED_S)])
    latitude, longitude, _ = geodetic_from_ecef(ends[1, :3].copy())
    for _ in range(20):
        place = destination(
            latitude, longitude, random.uniform(0, 2 * np.pi), 1e3 * random.uniform(*ASIDE_KM)
        )
        radar = Radar.from_message(
            Sensor(
                origin="test", id="radar", type="radar", latitude_deg=float(np.degrees(place[0])),
                longitude_deg=float(np.degrees(place[1])), height_m=0.0, range_sigma_m=50.0, azimuth_sigma_deg=0.1,
                elevation_sigma_deg=0.1, elevation_min_deg=2.0, elevation_max_deg=88.0, range_max_m=4e6,
                scan_period_s=PERIOD_S, detection_probability=0.9, false_alarms_per_scan=FALSE,
            )
        )  # fmt: skip
        z = radar.predict(ends)
        if np.all((z[:, 2] > np.radians(3.0)) & (z[:, 2] < np.radians(85.0)) & (z[:, 0] < radar.range_max)):
            return radar
    return None


def look(radar: Radar, k: int, x: Array | None, random: np.random.Generator) -> RadarLook:
    """Return a look: the body's plot, unless it is missed, among false ones."""
    rows = [
        np.array([random.uniform(5e4, radar.range_max), random.uniform(0, 2 * np.pi),
                  random.uniform(radar.elevation_min, radar.elevation_max), np.nan])
        for _ in range(random.poisson(FALSE))
    ]  # fmt: skip
    if x is not None:
        z = radar.predict(x[None])[0]
        z[:3] += random.normal(size=3) * radar.sigmas()[:3]
        rows.append(np.append(z[:3], np.nan))
    n, at = len(rows), Instant(EPOCH + round(k * PERIOD_S * SECOND))
    return RadarLook(
        radar.id, at, at, np.full(n, at), np.reshape(rows, (-1, 4)), np.tile(radar.sigmas(), (n, 1)),
        np.zeros(n, dtype=bool), np.arange(n), None,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------- its judgement


def _judged(
    told: dict[int, Track], path: list[Array], seen: Any, radar: Radar, random: np.random.Generator
) -> dict[str, Any]:
    end = path[seen[-1]]
    bound = _bound(path, seen, radar)
    at = EPOCH + round(seen[-1] * PERIOD_S * SECOND)
    track = max(told.values(), key=lambda one: sum(one.detections.values()), default=None)
    row: dict[str, Any] = {"bound_m": bound, "plots": len(seen)}
    if track is None or track.state_time != at:
        return row | {"lost": True}
    (component,) = track.components
    assert component.motion is not None
    d = component.motion - end
    row |= {"lost": False, "nees": float(d @ np.linalg.solve(component.covariance[4:, 4:], d))}
    log = Assessing().ballistic_coefficient_spread * random.normal()
    for what, settings, drag in (
        ("known", KNOWN, KNOWN_DRAG),
        ("open", Assessing(), KNOWN_DRAG * np.exp(log)),
    ):
        given = landing(track, settings).estimate
        ground, _, _, _ = fall(end, float(drag))
        if given is None:
            return row | {"lost": True}
        east, north = offset(ground[:3].copy(), given)
        row[what] = {
            "error_m": float(np.hypot(east, north)), "half_axis_m": given.ellipse_95.semi_major_m,
            "50": depth(given.ellipse_50, east, north) < 1.0, "95": depth(given.ellipse_95, east, north) < 1.0,
        }  # fmt: skip
    return row


def _bound(path: list[Array], seen: Any, radar: Radar) -> float:
    """Return the least RMS error [m] of the impact after the plots there were."""
    first, end = path[seen[0]], path[seen[-1]]
    before = np.diag([1e14] * 3 + [Settings().birth_speed ** 2] * 3)
    times = PERIOD_S * (seen - seen[0]).astype(np.float64)
    C = posterior_bound(first, before, times, [radar] * len(seen), 1.0, drag=KNOWN_DRAG)[-1]
    moved = np.concatenate([end + np.diag(STEPS), end - np.diag(STEPS), end[None]])
    ground = fall_batch(moved, np.full(len(moved), KNOWN_DRAG))[0]
    latitude, longitude, _ = geodetic_from_ecef(ground[-1, :3].copy())
    there = north_east_batch(latitude, longitude, np.ascontiguousarray(ground[:, :3]))
    G = ((there[:6] - there[6:12]) / (2 * STEPS[:, None])).T
    return float(np.sqrt(np.trace(G @ C @ G.T)))


def _summed(rows: list[dict[str, Any]]) -> dict[str, Any]:
    kept = [row for row in rows if not row["lost"]]
    error, bound = (
        np.array(v) for v in ([r["known"]["error_m"] for r in kept], [r["bound_m"] for r in kept])
    )
    squares = (error / bound) ** 2
    ratio = float(np.sqrt(squares.mean()))
    draws = np.random.Generator(np.random.Philox(1)).choice(squares, (2_000, len(squares))).mean(axis=1)
    low, high = np.sqrt(np.quantile(draws, [0.025, 0.975]))
    return {
        "of": len(kept), "lost": len(rows) - len(kept), "bound_m": float(np.sqrt(np.mean(bound**2))),
        "rmse_m": float(np.sqrt(np.mean(error**2))), "ratio": ratio, "low": float(low), "high": float(high),
        "nees": float(np.mean([r["nees"] for r in kept])),
        "half_axis_m": float(np.median([r["open"]["half_axis_m"] for r in kept])),
    } | {how: {p: share([r[how][p] for r in kept]) for p in ("50", "95")} for how in ("known", "open")}  # fmt: skip


def _percent(value: dict[str, Any]) -> str:
    return f"{100 * value['share']:.1f} % ({100 * value['low']:.1f}–{100 * value['high']:.1f})"
