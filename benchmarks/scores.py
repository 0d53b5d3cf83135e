"""Errors of a version against the truth, and what many of them say together."""

from typing import Any

import numpy as np

from tocsin.earth.ellipsoid import ecef_from_geodetic
from tocsin.messages import SECOND, Array, ImpactEstimate, LaunchEstimate, Warning
from tocsin.metrics import shares
from tocsin.metrics.consistency import consistency as judge
from tocsin.simulation.truth import Body
from tocsin.study.consistency import depth, offset, state_error

SHARES = (50, 95, 99)


def launch_row(body: Body, launch: LaunchEstimate) -> dict[str, float]:
    """Return error [m], time error [s], its sigma, and how deep in its ellipse the true launch lies."""
    true = ecef_from_geodetic(np.radians(body.latitude_deg), np.radians(body.longitude_deg), 0.0)
    return _row(true, (launch.time - body.lift_off_time) / SECOND, launch)


def impact_row(body: Body, impact: ImpactEstimate) -> dict[str, float]:
    """Return the same of an impact."""
    assert body.r_impact_ecef is not None
    assert body.impact_time is not None
    return _row(body.r_impact_ecef, (impact.time - body.impact_time) / SECOND, impact)


def nees(body: Body, version: Warning) -> float:
    """Return the normalised estimation error squared of the state vector (6 degrees of freedom)."""
    state = version.state_vector
    assert state is not None
    return state_error(body, state)[1]


def share(hits: list[bool]) -> dict[str, float]:
    """Return a share with its 95 % interval (Wilson 1927)."""
    return _rounded(shares.share(hits))


def _rounded(told: shares.Share) -> dict[str, float]:
    return {"of": told.of} | {n: round(getattr(told, n), 4) for n in ("share", "low", "high")}


def summarised(rows: list[dict[str, float]]) -> dict[str, Any]:
    """Return RMS, median and 95 % of errors, RMS of time errors, containment and the spread claimed."""
    if not rows:
        return {"of": 0}
    error = np.array([row["error_m"] for row in rows])
    time = np.array([row["time_error_s"] for row in rows])
    return {
        "of": len(rows),
        "rms_m": round(float(np.sqrt(np.mean(error**2))), 1),
        "median_m": round(float(np.median(error)), 1),
        "worst_of_95_m": round(float(np.quantile(error, 0.95)), 1),
        "mean_semi_major_m": round(float(np.mean([row["semi_major_m"] for row in rows])), 1),
        "time_rms_s": round(float(np.sqrt(np.mean(time**2))), 3),
        "time_bias_s": round(float(np.mean(time)), 3),
        "time_within_2_sigma": share([abs(row["time_error_s"]) < 1.96 * row["time_sigma_s"] for row in rows]),
        "inside": {f"{p}": share([row["depth"] < -2 * np.log(1 - p / 100) for row in rows]) for p in SHARES},
    }


def consistency(values: list[float], freedom: int = 6) -> dict[str, Any]:
    """Return the mean NEES over runs and the 95 % band a consistent estimate keeps (Bar-Shalom 2001)."""
    if not values:
        return {"of": 0}
    judged = judge(np.array(values), freedom)
    return {
        "of": judged.of,
        "mean": round(judged.mean, 3),
        "median": round(judged.median, 3),
        "band": [round(judged.low, 3), round(judged.high, 3)],
        "within_95": _rounded(judged.within),
    }


def _row(true: Array, time_error: float, estimate: LaunchEstimate | ImpactEstimate) -> dict[str, float]:
    """Return how far and how deep. `depth`: of the true place in the ellipse, as a χ² of two degrees."""
    east, north = offset(true, estimate)
    return {
        "error_m": float(np.hypot(east, north)),
        "north_m": north,
        "east_m": east,
        "time_error_s": float(time_error),
        "time_sigma_s": estimate.time_sigma_s,
        "semi_major_m": estimate.ellipse_95.semi_major_m,
        "depth": depth(estimate.ellipse_95, east, north) * -2 * np.log(1 - 0.95),
    }
