"""Our tracker beside Stone Soup's best on one radar workload, in one run, one thread (issue 4).

The workload is the project's shared one (`shared/bench/peer_trackers.py` beside the repository): N ballistic targets
after burnout from a 200 km box, two radars with 30 m and 1 mrad, a scan every 2.5 s, detection probability 0.9, ten
false plots. Speed: ours starts cold, with births, confirmation, existence and deletion; Stone Soup's global nearest
neighbour with KD-tree is warm-started and has no life cycle. Tracker: a `radar_scan` message in, tracks out as arrays
(numbers, states, covariances). Messages: the same, and a `Track` with mixture and association made of each. Pipeline: a
line of JSON in, events out. Milliseconds of CPU; first passes compile or load code and are not counted.

Accuracy: tracks warm-started as the peers' are (500 m, 30 m/s an axis), against the posterior Cramér-Rao bound
without process noise; misses enter it by Pd times the information of a plot. The workload has no air,
and most of its targets end in what would be air: for these figures ours is told so.
"""

import datetime as dt
import importlib.util
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from msgspec import structs

from tocsin.config import Config
from tocsin.earth.time import parse_utc
from tocsin.flight.coast import propagate_with_transition
from tocsin.formats.jsonl import decode, encode_recorded
from tocsin.messages import SECOND, Array, Incoming, Instant, RadarDetection, RadarScan, Sensor
from tocsin.metrics.gospa import gospa
from tocsin.pipeline import Pipeline
from tocsin.sensors.radar import Radar
from tocsin.tracking import table as tables
from tocsin.tracking._scan import HIGHEST
from tocsin.tracking.looks import radar_look
from tocsin.tracking.table import RadarTable
from tocsin.tracking.tracker import Tracker

SOURCE = Path(__file__).resolve().parents[2] / "shared" / "bench" / "peer_trackers.py"
RUNS, QUICK_RUNS = 3, 1
TITLE = "Beside Stone Soup"
EPOCH = parse_utc("2030-01-01T00:00:00Z")
SIZES = (100, 200, 1_000)
PEER_SIZES = (100, 200)
PEER_SCANS = 24
BOUND_SEEDS, BOUND_TARGETS = 12, 20
MARKS = (3, 8, 20, 80)  # scans after which GOSPA is taken
CUTS = (1_000.0, 2_000.0, 5_000.0)
AIR = tables.MIDDLE_DRAG
DEGREES = 180 / np.pi


def one(run: int) -> dict[str, Any]:
    """Return times of one round, and accuracy in the first."""
    row: dict[str, Any] = {"run": run, "speed": {n: _speed(n, run) for n in SIZES}}
    if run == 0:
        row["accuracy"] = _accuracy(BOUND_SEEDS)
        row["gospa"] = {n: _gospa(n) for n in PEER_SIZES[:1]}
    return row


def quick(run: int) -> dict[str, Any]:
    """Return times of a few targets."""
    return {"run": run, "speed": {10: _speed(10, run)}, "accuracy": _accuracy(1), "gospa": {10: _gospa(10)}}


def available() -> bool:
    """Say whether the shared workload is there."""
    return SOURCE.is_file()


def _peers() -> ModuleType:
    spec = importlib.util.spec_from_file_location("peer_trackers", SOURCE)
    assert spec is not None
    assert spec.loader is not None, f"{SOURCE} is missing"
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PEERS = _peers() if available() else None


def sensors() -> list[Sensor]:
    """Return the two radars as their messages say them."""
    assert PEERS is not None
    low, high = (float(a * DEGREES) for a in PEERS.EL_WIN)
    half = float(PEERS.AZ_WIN * DEGREES / 2)
    return [
        Sensor(
            origin="test", received=Instant(EPOCH), id=f"radar-{k}", type="radar",
            latitude_deg=float(lat * DEGREES), longitude_deg=float(lon * DEGREES), height_m=10.0,
            range_sigma_m=PEERS.SIG_R, azimuth_sigma_deg=float(PEERS.SIG_AZ * DEGREES),
            elevation_sigma_deg=float(PEERS.SIG_EL * DEGREES), azimuth_from_deg=270.0 - half,
            azimuth_to_deg=270.0 + half, elevation_min_deg=low, elevation_max_deg=high,
            range_max_m=PEERS.RG_WIN[1], scan_period_s=PEERS.RADAR_PERIOD, detection_probability=PEERS.PD,
            false_alarms_per_scan=10.0,
        )
        for k, (lat, lon) in enumerate(PEERS.RADARS)
    ]  # fmt: skip


def scans(w: dict[str, Any]) -> list[RadarScan]:
    """Return a workload's scans as messages."""
    assert PEERS is not None
    found = []
    for t, s, z in PEERS.split(w):
        when = _at(t)
        azimuths = (90.0 - z[:, 1] * DEGREES) % 360.0
        plots = tuple(
            RadarDetection(
                time=when, range_m=float(r), azimuth_deg=float(a), elevation_deg=float(e * DEGREES)
            )
            for (e, _, r), a in zip(z, azimuths, strict=True)
        )
        found.append(
            RadarScan(
                origin="test", received=when, sensor=f"radar-{s}", time=when, duration_s=0.0, detections=plots
            )
        )
    return found


def _at(t: float) -> Instant:
    return Instant(EPOCH + round(t * SECOND))


def _workload(n: int, seed: int = 1) -> dict[str, Any]:
    assert PEERS is not None
    w: dict[str, Any] = PEERS.build(n, seed)
    return w


def _speed(n: int, run: int) -> dict[str, Any]:
    w = _workload(n)
    messages = scans(w)
    if run == 0:
        _tracked(messages)
    tracker, told, count, off = _tracked(messages, w)
    row: dict[str, Any] = {
        "tracker": _times(tracker),
        "messages": _times(told),
        "tracks": count,
        "off_m": off,
    }
    if n in PEER_SIZES or n <= 10:
        if run == 0:
            _piped(messages[:2])
        row["pipeline"] = _times(_piped(messages[:PEER_SCANS]))
        row["peer"] = _times(_peer(w, PEER_SCANS)[0])
    return row


def _times(seconds: list[float]) -> dict[str, float]:
    ms = np.array(seconds) * 1e3
    return {"median": float(np.median(ms)), "worst": float(ms.max()), "mean": float(ms.mean())}


def _tracked(
    messages: list[RadarScan], w: dict[str, Any] | None = None
) -> tuple[list[float], list[float], int, float]:
    """Return CPU seconds a scan to tracks as arrays and to messages, how many stand at the end, how far off [m]."""
    radars = {s.id: Radar.from_message(s) for s in sensors()}
    tracker = Tracker(Config().tracking, "test")
    spent, read, x = [], [], np.empty((0, 6))
    for message in messages:
        begun = time.process_time()
        told = tracker.radar(radars[message.sensor], radar_look(message, radars[message.sensor]))
        x = told.states()[1]
        spent.append(time.process_time() - begun)
        told.read()
        read.append(time.process_time() - begun)
    count, off = len(tracker.bodies), np.nan
    if w is not None:
        assert PEERS is not None
        truth = PEERS.truth_at(w, (messages[-1].time - EPOCH) / SECOND)[:3].T
        off = float(np.median(np.linalg.norm(x[:, None, :3] - truth[None], axis=2).min(axis=1)))
    return spent, read, count, off


def _piped(messages: list[RadarScan]) -> list[float]:
    """Return CPU seconds a scan from a line of JSON to events."""
    pipeline = Pipeline()
    for sensor in sensors():
        pipeline.receive(sensor)
    lines = [encode_recorded(message) for message in messages]
    spent = []
    for line in lines:
        begun = time.process_time()
        message: Incoming = decode(line)
        pipeline.receive(message)
        spent.append(time.process_time() - begun)
    return spent


def _peer(w: dict[str, Any], most: int) -> tuple[list[float], list[Array]]:
    """Return CPU seconds a scan of Stone Soup's GNN with KD-tree, and its states (6, n) after each scan."""
    assert PEERS is not None
    transition, models, _ = PEERS.ss_models()
    predictor, updater = PEERS.ss_filter("ekf")
    predict, learn = predictor(transition), updater(None)
    associator = PEERS.ss_associator("gnn_kdtree", predict, learn, float(w["clutter_density"]))
    tracks = PEERS.ss_tracks(w, "gnn_kdtree")
    spent, states = [], []
    for k, (t, s, z) in enumerate(PEERS.split(w)):
        if k == most:
            break
        when = PEERS.EPOCH + dt.timedelta(seconds=t)
        plots = {PEERS.ss_det(q, models[s], t) for q in z}
        begun = time.process_time()
        PEERS.ss_step("gnn_kdtree", associator, learn, tracks, plots, when)
        spent.append(time.process_time() - begun)
        states.append(np.array([PEERS.best_state(track)[0] for track in tracks]).T)
    return spent, states


def _warm(w: dict[str, Any], each: Callable[[int, float, Array, Array], None]) -> None:
    """Run our rows from the peers' start; call `each` (scan, time, states (n, 6), covariances) after every scan."""
    assert PEERS is not None
    n = int(w["n"])
    radars = {s.id: Radar.from_message(s) for s in sensors()}
    table = RadarTable(structs.replace(Config().tracking, least_birth=1.0))
    table.ids = np.arange(1, n + 1)
    table.next_id = n + 1
    table.x = np.repeat(w["x0"].T[:, None], 2, axis=1)
    start = np.diag([PEERS.P0_POS**2] * 3 + [PEERS.P0_VEL**2] * 3)
    table.P = np.tile(start, (n, 2, 1, 1))
    table.mu = np.tile([1.0, 0.0], (n, 1))
    table.r = np.full(n, HIGHEST)
    table.t = table.first_plot = table.last_plot = np.full(n, _at(PEERS.T_WARM))
    table.t, table.last_plot = table.t.copy(), table.last_plot.copy()
    table.plots, table.kept = np.full(n, 20), np.ones(n, dtype=bool)
    table.needs, table.parent = np.full(n, 4), np.zeros(n, dtype=np.int64)
    for k, message in enumerate(scans(w)):
        tables.MIDDLE_DRAG = 0.0  # type: ignore[misc]
        table.scan(radars[message.sensor], radar_look(message, radars[message.sensor]))
        tables.MIDDLE_DRAG = AIR  # type: ignore[misc]
        mean, C = table.estimates()
        x, P = np.full((n, 6), np.nan), np.full((n, 6, 6), np.nan)
        for i, name in enumerate(table.ids.tolist()):
            dt = (message.time - int(table.t[i])) / SECOND
            x[name - 1], Phi = propagate_with_transition(mean[i], dt, 0.0) if dt else (mean[i], np.eye(6))
            P[name - 1] = Phi @ C[i] @ Phi.T
        each(k, (message.time - EPOCH) / SECOND, x, P)


def _accuracy(seeds: int) -> dict[str, float]:
    """Return RMSE over the bound and ANEES / 6 at the last scans, over all targets of several workloads."""
    assert PEERS is not None
    errors, bounds, nees, lost = [], [], [], 0
    for seed in range(seeds):
        w = _workload(BOUND_TARGETS, 100 + seed)
        last: dict[str, Any] = {}

        def keep(k: int, t: float, x: Array, P: Array, last: dict[str, Any] = last) -> None:
            last.update(k=k, t=t, x=x, P=P)

        _warm(w, keep)
        truth = PEERS.truth_at(w, last["t"]).T
        d = last["x"] - truth
        off = ~(np.linalg.norm(d[:, :3], axis=1) < 5_000.0)
        lost += int(off.sum())
        for i in np.flatnonzero(~off):
            errors.append(d[i])
            nees.append(d[i] @ np.linalg.solve(last["P"][i], d[i]))
            bounds.append(_bound(w, i))
    e, b = np.array(errors), np.array(bounds)
    place = np.sqrt(
        np.mean(np.sum(e[:, :3] ** 2, axis=1)) / np.mean(np.trace(b[:, :3, :3], axis1=1, axis2=2))
    )
    speed = np.sqrt(
        np.mean(np.sum(e[:, 3:] ** 2, axis=1)) / np.mean(np.trace(b[:, 3:, 3:], axis1=1, axis2=2))
    )
    return {
        "runs": len(e), "lost": lost, "rmse_m": float(np.sqrt(np.mean(np.sum(e[:, :3] ** 2, axis=1)))),
        "place_over_bound": float(place), "speed_over_bound": float(speed), "anees_6": float(np.mean(nees) / 6),
    }  # fmt: skip


def _bound(w: dict[str, Any], i: int) -> Array:
    """Return the posterior Cramér-Rao bound (6, 6) of target `i` at the last scan: J' = (F J⁻¹ Fᵀ)⁻¹ + Pd Hᵀ R⁻¹ H."""
    assert PEERS is not None
    radars = [Radar.from_message(s) for s in sensors()]
    information = np.diag([PEERS.P0_POS**-2.0] * 3 + [PEERS.P0_VEL**-2.0] * 3)
    before, x = PEERS.T_WARM, PEERS.truth_at(w, PEERS.T_WARM)[:, i]
    weight = np.diag([PEERS.SIG_R**-2.0, PEERS.SIG_AZ**-2.0, PEERS.SIG_EL**-2.0])
    for t, s, _ in w["scans"]:
        back = np.linalg.inv(propagate_with_transition(x, float(t - before), 0.0)[1])
        information = back.T @ information @ back
        x, before = PEERS.truth_at(w, float(t))[:, i], float(t)
        H = radars[int(s)].jacobian(x)[0][:3]
        if radars[int(s)].visible(x[:3])[0]:
            information = information + PEERS.PD * H.T @ weight @ H
    return np.asarray(np.linalg.inv(information))


def _gospa(n: int) -> dict[str, dict[str, list[float]]]:
    """Return GOSPA [m] of ours and of Stone Soup's from one start, by cut, after 3, 8, 20 and 80 scans."""
    assert PEERS is not None
    w = _workload(n)
    times = [float(t) for t, _, _ in PEERS.split(w)]
    ours: list[Array] = []
    _warm(w, lambda k, t, x, P: ours.append(x[np.isfinite(x[:, 0]), :3]))
    theirs = [x[:3].T for x in _peer(w, max(MARKS))[1]]
    return {
        f"{c / 1e3:.0f} km": {
            name: [
                gospa(rows[k - 1], PEERS.truth_at(w, times[k - 1])[:3].T, c) for k in MARKS if k <= len(rows)
            ]
            for name, rows in (("ours", ours), ("stone soup", theirs))
        }
        for c in CUTS
    }


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return medians over the rounds."""
    result: dict[str, Any] = {"speed": {}, "accuracy": rows[0]["accuracy"], "gospa": rows[0]["gospa"]}
    for n in rows[0]["speed"]:
        mine = [row["speed"][n] for row in rows]
        figures = {
            f"{what}_{name}": float(np.median([m[what][name] for m in mine]))
            for what in ("tracker", "messages", "pipeline", "peer") if what in mine[0] for name in ("median", "worst")
        }  # fmt: skip
        figures |= {"tracks": mine[0]["tracks"], "off_m": mine[0]["off_m"]}
        if "peer" in mine[0]:
            for what in ("tracker", "messages", "pipeline"):
                figures[f"{what}_faster"] = figures["peer_median"] / figures[f"{what}_median"]
        result["speed"][str(n)] = figures
    return result


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    out = [
        "CPU milliseconds a scan, median (worst). Asked: tracker ≥ 300 ×, pipeline ≥ 100 ×, 1,000 targets ≤ 10 ms, "
        "worst ≤ 3 × the median.",
        "",
        "| targets | Stone Soup GNN, KD-tree | tracker | times faster | worst / median | with messages | "
        "times faster | pipeline | times faster | tracks | off, m |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for n, f in result["speed"].items():
        peer = f"{f['peer_median']:.0f} ({f['peer_worst']:.0f})" if "peer_median" in f else "–"
        fast, told, slow = (
            f"{f[k]:.1f}" if k in f else "–" for k in ("tracker_faster", "messages_faster", "pipeline_faster")
        )
        piped = f"{f['pipeline_median']:.2f} ({f['pipeline_worst']:.1f})" if "pipeline_median" in f else "–"
        out.append(
            f"| {n} | {peer} | {f['tracker_median']:.3f} ({f['tracker_worst']:.2f}) | {fast} | "
            f"{f['tracker_worst'] / f['tracker_median']:.1f} | {f['messages_median']:.3f} "
            f"({f['messages_worst']:.2f}) | {told} | {piped} | {slow} | {f['tracks']} | {f['off_m']:.0f} |"
        )
    a = result["accuracy"]
    out += [
        "",
        f"Warm-started, {a['runs']} targets ({a['lost']} lost): position RMSE {a['rmse_m']:.1f} m, "
        f"{a['place_over_bound']:.2f} × the bound (asked 0.95–1.05), speed {a['speed_over_bound']:.2f} ×, ANEES / 6 "
        f"{a['anees_6']:.2f} (asked 0.9–1.1).",
        "",
        f"| GOSPA, m, after {', '.join(map(str, MARKS))} scans | ours | Stone Soup |",
        "|---|---|---|",
    ]
    for n, cuts in result["gospa"].items():
        for cut, rows in cuts.items():
            cells = [", ".join(f"{v:.0f}" for v in rows[name]) for name in ("ours", "stone soup")]
            out.append(f"| {n} targets, cut {cut} | {' | '.join(cells)} |")
    return out
