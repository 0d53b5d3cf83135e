"""Is the truth where it was said to be: depth in an ellipse, and the normalised error of a state."""

import numpy as np

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef, geodetic_from_ecef
from tocsin.messages import SECOND, Array, Ellipse, ImpactEstimate, LaunchEstimate, StateVector
from tocsin.metrics import containment
from tocsin.metrics.consistency import nees
from tocsin.simulation.truth import Body

LEVELS = (50, 95, 99)


def true_place(body: Body, part: str) -> Array | None:
    """Return where a body was launched or hit the ground (3,) [m], ITRF; None where it did not."""
    if part == "impact":
        return body.r_impact_ecef
    return np.asarray(ecef_from_geodetic(np.radians(body.latitude_deg), np.radians(body.longitude_deg), 0.0))


def offset(true: Array, estimate: LaunchEstimate | ImpactEstimate) -> tuple[float, float]:
    """Return east and north [m] of the true place (3,) from an estimate's."""
    latitude, longitude = np.radians(estimate.latitude_deg), np.radians(estimate.longitude_deg)
    height = float(geodetic_from_ecef(true)[2])
    east, north, _ = enu_from_ecef(latitude, longitude) @ (
        true - ecef_from_geodetic(latitude, longitude, height)
    )
    return float(east), float(north)


def depth(ellipse: Ellipse, east: float, north: float) -> float:
    """Return the squared distance from an ellipse's centre in units of the ellipse: up to 1 is inside."""
    axes = np.array([ellipse.semi_major_m, ellipse.semi_minor_m, np.radians(ellipse.bearing_deg)])
    return float(containment.depth(np.array(east), np.array(north), *axes))


def state_error(body: Body, state: StateVector) -> tuple[Array, float]:
    """Return the error (6,) [m, m/s] of a state against a flying body, and its NEES (6 degrees of freedom)."""
    true = body.flight.at(np.array([(state.time - body.lift_off_time) / SECOND]))[0]
    error = np.array(state.position_m + state.velocity_mps) - true
    return error, float(nees(error, np.array(state.covariance)))
