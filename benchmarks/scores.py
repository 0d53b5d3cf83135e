"""Errors of a version against the truth, and what many of them say together."""

from typing import Any

import numpy as np
from scipy import stats

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef, geodetic_from_ecef
from tocsin.messages import SECOND, Array, Ellipse, ImpactEstimate, LaunchEstimate, Warning
from tocsin.simulation.truth import Body

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
    true = body.flight.at(np.array([(state.time - body.lift_off_time) / SECOND]))[0]
    error = np.array(state.position_m + state.velocity_mps) - true
    return float(error @ np.linalg.solve(np.array(state.covariance), error))


def share(hits: list[bool]) -> dict[str, float]:
    """Return a share with its 95 % interval (Wilson 1927)."""
    if not hits:
        return {"of": 0, "share": float("nan"), "low": float("nan"), "high": float("nan")}
    test = stats.binomtest(sum(hits), len(hits))
    interval = test.proportion_ci(method="wilson")
    return {
        "of": len(hits),
        "share": round(sum(hits) / len(hits), 4),
        "low": round(float(interval.low), 4),
        "high": round(float(interval.high), 4),
    }


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
    n = len(values)
    low, high = stats.chi2.ppf([0.025, 0.975], n * freedom) / n
    within = [v < stats.chi2.ppf(0.95, freedom) for v in values]
    return {
        "of": n,
        "mean": round(float(np.mean(values)), 3),
        "median": round(float(np.median(values)), 3),
        "band": [round(float(low), 3), round(float(high), 3)],
        "within_95": share(within),
    }


def _row(true: Array, time_error: float, estimate: LaunchEstimate | ImpactEstimate) -> dict[str, float]:
    """Return how far and how deep. `depth`: of the true place in the ellipse, as a χ² of two degrees."""
    latitude, longitude = np.radians(estimate.latitude_deg), np.radians(estimate.longitude_deg)
    d = true - ecef_from_geodetic(latitude, longitude, float(geodetic_from_ecef(true)[2]))
    east, north, _ = enu_from_ecef(latitude, longitude) @ d
    return {
        "error_m": float(np.hypot(east, north)),
        "north_m": float(north),
        "east_m": float(east),
        "time_error_s": float(time_error),
        "time_sigma_s": estimate.time_sigma_s,
        "semi_major_m": estimate.ellipse_95.semi_major_m,
        "depth": _depth(estimate.ellipse_95, float(east), float(north)),
    }


def _depth(ellipse: Ellipse, east: float, north: float) -> float:
    bearing = np.radians(ellipse.bearing_deg)
    along = east * np.sin(bearing) + north * np.cos(bearing)
    across = east * np.cos(bearing) - north * np.sin(bearing)
    scaled = (along / ellipse.semi_major_m) ** 2 + (across / ellipse.semi_minor_m) ** 2
    return float(scaled * -2 * np.log(1 - 0.95))
