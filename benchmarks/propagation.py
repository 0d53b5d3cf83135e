"""Ten thousand vacuum arcs to the ground, ours beside scipy and heyoka in the same run; what the air does (issue 3).

Arcs of 10 to 35 min from 100 to 300 km, J2 to J4, rotating WGS 84 Earth, one thread's own time. Error: distance at
impact from heyoka's Taylor method at its tightest. Compiling is not counted, ours or heyoka's. heyoka's batch is told
when each arc ends (an event that stops one lane would stop them all) and given arcs of like length side by side; ours
find the ground.
"""

import math
import time
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Any

import heyoka
import numpy as np
import pymsis
from numba import njit
from scipy.integrate import solve_ivp

from tocsin.constants import (
    EARTH_GM,
    EARTH_J2,
    EARTH_J3,
    EARTH_J4,
    EARTH_POLAR_RADIUS,
    EARTH_RADIUS,
    EARTH_RATE,
)
from tocsin.earth import atmosphere
from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef, geodetic_from_ecef, height
from tocsin.earth.gravity import gravity
from tocsin.flight import coast, drift, truth
from tocsin.flight._kernels import radial_climb
from tocsin.flight.dop853 import solver

RUNS, QUICK_RUNS = 7, 1
TITLE = "Propagation"
ARCS, BY_SCIPY, IN_AIR = 10_000, 50, 400
HEYOKA = "heyoka batch, ends known"
OURS = "(a) drift: kicked conics"

Arcs = tuple[np.ndarray, np.ndarray, np.ndarray]


def one(run: int) -> dict[str, Any]:
    """Return the microseconds an arc takes by each method; the first round also the errors and the air."""
    places = _arcs()[1]
    row: dict[str, Any] = {"run": run, "us": {}}
    for name, (count, fly) in _methods().items():
        if run == 0:
            fly(1 if count < ARCS else 16)
        begun = time.thread_time()
        found = fly(count)
        row["us"][name] = (time.thread_time() - begun) / count * 1e6
        if run == 0:
            miss = np.linalg.norm(found - places[:count], axis=1)
            row.setdefault("error_m", {})[name] = [float(np.median(miss)), float(miss.max())]
    if run == 0:
        row["air"] = _air()
        row["versions"] = {name: version(name) for name in ("heyoka", "scipy", "numba", "pymsis")}
    return row


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the medians, the errors, and how ours stands to heyoka's batch in the same run."""
    first = rows[0]
    us = {name: float(np.median([row["us"][name] for row in rows])) for name in first["us"]}
    ratio = float(np.median([row["us"][OURS] / row["us"][HEYOKA] for row in rows]))
    return {
        "arcs": ARCS,
        "us": us,
        "error_m": first["error_m"],
        "ratio_to_heyoka_batch": ratio,
        "air": first["air"],
        "versions": first["versions"],
    }


def lines(result: dict[str, Any]) -> list[str]:
    """Return the results as Markdown."""
    table = [
        f"| {name} | {us:,.2f} | {_length(result['error_m'][name][0])} / {_length(result['error_m'][name][1])} |"
        for name, us in sorted(result["us"].items(), key=lambda item: -item[1])
    ]
    air = result["air"]
    versions = ", ".join(f"{name} {value}" for name, value in result["versions"].items())
    return [
        f"{result['arcs']:,} vacuum arcs of 10 to 35 min, J2 to J4, one thread; {versions}. scipy's loop: "
        f"{BY_SCIPY} arcs, scaled.",
        "",
        "| method | µs per arc | error at impact, median / largest |",
        "|---|---|---|",
        *table,
        "",
        f"Ours (a) over heyoka's batch, median of the rounds: {result['ratio_to_heyoka_batch']:.2f} (asked: ≤ 0.75).",
        "",
        f"Re-entry, {air['flights']} arcs with C_d A / m of 1e-4 to 1e-3 m²/kg (our assumption), metres on the ground, "
        "median / 90 % / largest:",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {_metres(values)} |" for name, values in air["m"].items()),
        "",
        "MSIS: NRLMSIS 2.1 by pymsis at each impact's place, on random days of 2023, F10.7 of 70, 140 and 230 with ap "
        f"4, 15 and 50. Drag against vacuum delays the impact by a median {air['delay_s'][0]:.0f} s, MSIS against US76 "
        f"by {air['msis_delay_s'][0]:+.2f} s (90 % within {air['msis_delay_s'][1]:.1f} s).",
    ]


def _length(metres: float) -> str:
    if metres >= 1:
        return f"{metres:.1f} m"
    return f"{metres * 1e3:.3g} mm" if metres >= 1e-3 else f"{metres * 1e6:.3g} µm"


def _metres(values: list[float]) -> str:
    return " / ".join(f"{value:,.0f}" if value >= 10 else f"{value:.2g}" for value in values)


@cache
def _arcs() -> Arcs:
    """Return states (n, 6), where heyoka's tightest has them land (n, 3) [m], ITRF, and when (n,) [s]."""
    random, taylor = (
        np.random.default_rng(1),
        heyoka.taylor_adaptive(_system(), np.zeros(6), tol=1e-17, t_events=[_ground()]),
    )
    starts, places, times = [], [], []
    while len(starts) < ARCS:
        x = _thrown(random)
        flight = drift.fall(x)[1]
        if not 600.0 <= flight <= 2_100.0:
            continue
        _put(taylor, x)
        taylor.propagate_until(1e4)
        starts.append(x)
        times.append(taylor.time)
        places.append(_turned(taylor.state[:3], taylor.time))
    return np.array(starts), np.array(places), np.array(times)


def _thrown(random: np.random.Generator) -> np.ndarray:
    lat, lon = math.asin(random.uniform(-1, 1)), random.uniform(-math.pi, math.pi)
    climb, azimuth = random.uniform(0.15, 1.4), random.uniform(0, 2 * math.pi)
    along = (math.cos(climb) * math.sin(azimuth), math.cos(climb) * math.cos(azimuth), math.sin(climb))
    r = ecef_from_geodetic(lat, lon, random.uniform(100e3, 300e3))
    return np.concatenate((r, enu_from_ecef(lat, lon).T @ (random.uniform(2_500, 7_400) * np.array(along))))


def _put(taylor: Any, x: np.ndarray) -> None:
    taylor.time = 0.0
    taylor.state[:] = _still(x[None])[0]
    taylor.reset_cooldowns()


def _still(x: np.ndarray) -> np.ndarray:
    """Return states (n, 6) of time 0 in axes that do not turn."""
    y = x.copy()
    y[:, 3] -= EARTH_RATE * x[:, 1]
    y[:, 4] += EARTH_RATE * x[:, 0]
    return y


def _turned(r: np.ndarray, t: Any) -> np.ndarray:
    """Return positions (…, 3) in axes that have turned with the Earth for `t`."""
    c, s = np.cos(EARTH_RATE * t), np.sin(EARTH_RATE * t)
    x, y, z = np.moveaxis(r, -1, 0)
    return np.stack((c * x + s * y, c * y - s * x, z), axis=-1)


def _system() -> list[Any]:
    """Return the equations for heyoka, factored by hand as ours are: the form that it runs fastest."""
    x, y, z, u, v, w = heyoka.make_vars("x", "y", "z", "u", "v", "w")
    r2 = x * x + y * y + z * z
    r = heyoka.sqrt(r2)
    s, k = z / r, EARTH_GM / r2
    s2 = s * s
    j2, j3, j4 = (J * EARTH_RADIUS**n / r**n for J, n in ((EARTH_J2, 2), (EARTH_J3, 3), (EARTH_J4, 4)))
    d3, d4, d5 = 1.5 * (5 * s2 - 1), 2.5 * s * (7 * s2 - 3), 1.875 * (s2 * (21 * s2 - 14) + 1)
    a, b = -k / r * (1 - j2 * d3 - j3 * d4 - j4 * d5), -k * (j2 * 3 * s + j3 * d3 + j4 * d4)
    return [(x, u), (y, v), (z, w), (u, a * x), (v, a * y), (w, a * z + b)]


def _ground() -> Any:
    x, y, z = heyoka.make_vars("x", "y", "z")
    surface = (x * x + y * y) / EARTH_RADIUS**2 + z * z / EARTH_POLAR_RADIUS**2 - 1
    return heyoka.t_event(surface, direction=heyoka.event_direction.negative)


@cache
def _methods() -> dict[str, tuple[int, Callable[[int], np.ndarray]]]:
    """Return each method: how many arcs it flies, and what gives the places (n, 3) of the first n."""
    x, _, times = _arcs()
    nothing = np.zeros(ARCS)
    return {
        "scipy DOP853 in a loop, rtol 1e-10": (
            BY_SCIPY,
            lambda n: np.array([_by_scipy(row) for row in x[:n]]),
        ),
        "scipy DOP853 over all arcs at once, ends known": (ARCS, _all_at_once),
        "heyoka scalar with event, 1e-9": (ARCS, _heyoka_scalar()),
        f"{HEYOKA}, 1e-12": (ARCS, _heyoka_batch(1e-12)),
        HEYOKA: (ARCS, _heyoka_batch(1e-9)),
        OURS: (ARCS, lambda n: drift.fall_batch(x[:n])[0][:, :3]),
        "(a) drift to a known time": (ARCS, lambda n: drift.propagate_batch(x[:n], times[:n])[0][:, :3]),
        "(b) coast: Runge-Kutta 4": (ARCS, lambda n: coast.fall_batch(x[:n], nothing[:n])[0][:, :3]),
        "(c) truth: DOP853": (ARCS, lambda n: truth.fall_batch(x[:n], nothing[:n])[0][:, :3]),
    }


def _by_scipy(x: np.ndarray) -> np.ndarray:
    def rate(t: float, y: np.ndarray) -> np.ndarray:
        return np.concatenate((y[3:], gravity(y[0], y[1], y[2])))

    def surface(t: float, y: np.ndarray) -> float:
        return (y[0] ** 2 + y[1] ** 2) / EARTH_RADIUS**2 + y[2] ** 2 / EARTH_POLAR_RADIUS**2 - 1

    surface.terminal, surface.direction = True, -1  # type: ignore[attr-defined]
    found = solve_ivp(rate, (0, 1e4), _still(x[None])[0], "DOP853", rtol=1e-10, atol=1e-6, events=surface)
    return _turned(found.y[:3, -1], found.t[-1])


@njit(error_model="numpy")
def _rates(y: np.ndarray, times: np.ndarray, out: np.ndarray) -> None:
    for i in range(len(times)):
        a = gravity(y[i, 0], y[i, 1], y[i, 2])
        for k in range(3):
            out[i, k], out[i, 3 + k] = times[i] * y[i, 3 + k], times[i] * a[k]


def _all_at_once(n: int) -> np.ndarray:
    """Fly all in one system, each in parts of its own duration."""
    x, _, times = _arcs()
    out = np.empty((n, 6))

    def rate(t: float, y: np.ndarray) -> np.ndarray:
        _rates(y.reshape(n, 6), times[:n], out)
        return out.ravel().copy()

    found = solve_ivp(rate, (0, 1), _still(x[:n]).ravel(), "DOP853", rtol=1e-10, atol=1e-6)
    return _turned(found.y[:, -1].reshape(n, 6)[:, :3], times[:n])


def _heyoka_scalar() -> Callable[[int], np.ndarray]:
    x, _, _ = _arcs()
    taylor = heyoka.taylor_adaptive(_system(), np.zeros(6), tol=1e-9, t_events=[_ground()])

    def fly(n: int) -> np.ndarray:
        r, t = np.empty((n, 3)), np.empty(n)
        for i in range(n):
            _put(taylor, x[i])
            taylor.propagate_until(1e4)
            r[i], t[i] = taylor.state[:3], taylor.time
        return _turned(r, t)

    return fly


def _heyoka_batch(tolerance: float) -> Callable[[int], np.ndarray]:
    """Return what flies whole batches, arcs of like duration together, states laid out beforehand."""
    x, _, times = _arcs()
    lanes = heyoka.recommended_simd_size()
    taylor = heyoka.taylor_adaptive_batch(_system(), np.zeros((6, lanes)), tol=tolerance)
    order = np.argsort(times, kind="stable")
    rows = [order[i : i + lanes] for i in range(0, ARCS - ARCS % lanes, lanes)]
    starts = [np.ascontiguousarray(_still(x[row]).T) for row in rows]
    ends = [times[row] for row in rows]

    def fly(n: int) -> np.ndarray:
        r = np.full((ARCS, 3), np.nan)
        for row, start, end in zip(rows, starts, ends, strict=True):
            taylor.set_time(0.0)
            taylor.state[:] = start
            taylor.propagate_until(end)
            r[row] = taylor.state[:3].T
        return _turned(r, times)[:n]

    return fly


TOP, KNOT = 120_000.0, 20.0  # finer than the spline's own knots, so that both sides of a corner are seen
_KNOTS = np.arange(-5_000.0, TOP + KNOT, KNOT)


@njit(error_model="numpy")
def _in_table(t: float, y: np.ndarray, p: np.ndarray, out: np.ndarray) -> None:
    """Write the rate in air whose ln ρ stands in `p[1:]` at `_KNOTS`, straight between them; `p[0]` is the drag."""
    ax, ay, az = gravity(y[0], y[1], y[2])
    ax += EARTH_RATE * (EARTH_RATE * y[0] + 2 * y[4])
    ay += EARTH_RATE * (EARTH_RATE * y[1] - 2 * y[3])
    at = (min(max(height(y[0], y[1], y[2]), -5_000.0), TOP) + 5_000.0) / KNOT
    i = min(int(at), len(p) - 3)
    rho = math.exp(p[1 + i] + (at - i) * (p[2 + i] - p[1 + i]))
    k = 0.5 * p[0] * rho * math.sqrt(y[3] ** 2 + y[4] ** 2 + y[5] ** 2)
    out[0], out[1], out[2] = y[3], y[4], y[5]
    out[3], out[4], out[5] = ax - k * y[3], ay - k * y[4], az - k * y[5]


@njit(error_model="numpy")
def _over_the_ground(t: float, y: np.ndarray, p: np.ndarray) -> float:
    return height(y[0], y[1], y[2])


def _air() -> dict[str, Any]:
    """Return how far the air and what is assumed of it move the impact."""
    x, places, times = (rows[:IN_AIR] for rows in _arcs())
    random = np.random.default_rng(2)
    drags = 10 ** random.uniform(-4, -3, IN_AIR)
    exact, t, _, _ = truth.fall_batch(x, drags)
    moved: dict[str, list[float]] = {
        "US76 against vacuum": _quantiles(exact[:, :3] - places),
        "air from 100 instead of 120 km": _quantiles(truth.fall_batch(x, drags, 100e3)[0] - exact),
        "coast (Runge-Kutta 4) against truth": _quantiles((coast.fall_batch(x, drags)[0] - exact)[:, :3]),
    }
    entries = np.array([_at_the_top(row, end) for row, end in zip(x, times, strict=True)])
    straight = _fly_tables(entries, drags, np.tile(_of_spline(), (IN_AIR, 1)))
    layered = _fly_tables(entries, drags, np.tile(_of_layers(), (IN_AIR, 1)))
    moved["spline of ln ρ against the standard's layers"] = _quantiles(layered[:, :3] - straight[:, :3])
    msis = _fly_tables(entries, drags, _of_msis(exact, random))
    moved["MSIS against US76"] = _quantiles(msis[:, :3] - straight[:, :3])
    late, delay = msis[:, 6] - straight[:, 6], t - times
    return {
        "flights": IN_AIR,
        "m": moved,
        "delay_s": [float(np.median(delay)), float(np.quantile(delay, 0.9))],
        "msis_delay_s": [float(np.median(late)), float(np.quantile(np.abs(late), 0.9))],
    }


def _quantiles(d: np.ndarray) -> list[float]:
    return [float(q) for q in np.quantile(np.linalg.norm(d[:, :3], axis=1), (0.5, 0.9, 1.0))]


def _at_the_top(x: np.ndarray, end: float) -> np.ndarray:
    """Return the state where a vacuum arc comes down through the top of the tables."""
    low, high = 0.0, end
    for _ in range(60):
        middle = 0.5 * (low + high)
        y, _ = drift.propagate(x, middle)
        if radial_climb(tuple(y)) > 0.0 or height(*y[:3]) > TOP:
            low = middle
        else:
            high = middle
    return np.asarray(drift.propagate(x, high)[0])


@cache
def _tabled() -> Any:
    return solver(_in_table, _over_the_ground)


def _fly_tables(x: np.ndarray, drags: np.ndarray, tables: np.ndarray) -> np.ndarray:
    """Return place, velocity and time (n, 7) at the ground of states (n, 6), each in its own air (n, knots)."""
    found = np.empty((len(x), 7))
    tolerance = np.array((1e-4, 1e-4, 1e-4, 1e-7, 1e-7, 1e-7))
    for i in range(len(x)):
        y = x[i].copy()
        found[i, 6], _, _ = _tabled()(
            0.0, y, 1e5, np.concatenate((drags[i : i + 1], tables[i])), tolerance, 0.1
        )
        found[i, :6] = y
    return found


def _of_spline() -> np.ndarray:
    return np.array([atmosphere.log_density(h)[0] for h in _KNOTS])


def _of_layers() -> np.ndarray:
    """Return ln ρ by the standard's closed form below 86 km, by the spline of its table above."""
    table = _of_spline()
    for i, h in enumerate(_KNOTS):
        if h <= 86e3:
            t, p = atmosphere._layer(h)
            table[i] = math.log(p / (atmosphere._GAS_PER_MASS * t))
    return table


def _of_msis(landed: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return ln ρ over each place (n, 6) on a day, hour and activity drawn."""
    tables = np.empty((len(landed), len(_KNOTS)))
    heights = np.maximum(_KNOTS, 0.0) / 1e3
    for i, row in enumerate(landed):
        lat, lon, _ = np.degrees(geodetic_from_ecef(row[:3]))
        when = np.datetime64("2023-01-01T00:00") + np.timedelta64(int(random.integers(365 * 24 * 60)), "m")
        flux, ap = ((70.0, 4.0), (140.0, 15.0), (230.0, 50.0))[random.integers(3)]
        found = pymsis.calculate(when, lon, lat, heights, flux, flux, [[ap] * 7], version=2.1)
        tables[i] = np.log(np.squeeze(found)[:, pymsis.Variable.MASS_DENSITY])
    return tables
