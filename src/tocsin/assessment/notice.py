"""Pre-launch notifications: one that matches does so whether or not a person has read it."""

from collections.abc import Iterable
from typing import Final

import numpy as np

from tocsin.assessment.origin import DOUBT, EARLIER, Origin
from tocsin.earth.ellipsoid import distance
from tocsin.messages import LaunchEstimate, Notification
from tocsin.sensors.field import inside_polygon

NEAR: Final = 25_000.0  # m about a notified place, beside the launch's own 95 % ellipse


def matching(launch: LaunchEstimate | None, notifications: Iterable[Notification]) -> Notification | None:
    """Return the first notification that fits a launch in place, time and heading; None where none does."""
    if launch is None:
        return None
    return next((notice for notice in notifications if _fits(launch, notice)), None)


def matching_roughly(start: Origin | None, notifications: Iterable[Notification]) -> Notification | None:
    """Return the first notification that fits where and when a body left the ground that only radar has seen."""
    if start is None:
        return None
    return next((notice for notice in notifications if _fits_roughly(start, notice)), None)


def _fits_roughly(start: Origin, notice: Notification) -> bool:
    early, late = start.time - round(EARLIER * 1e9), start.time + round(60.0 * 1e9)
    if late < notice.window_start or early > notice.window_end:
        return False
    if notice.area is not None:
        return inside_polygon(
            notice.area, float(np.degrees(start.latitude)), float(np.degrees(start.longitude))
        )
    assert notice.latitude_deg is not None
    assert notice.longitude_deg is not None
    place = np.radians((notice.latitude_deg, notice.longitude_deg))
    return distance(start.latitude, start.longitude, float(place[0]), float(place[1])) < NEAR + DOUBT


def _fits(launch: LaunchEstimate, notice: Notification) -> bool:
    spread = round(3e9 * launch.time_sigma_s)
    if not notice.window_start - spread <= launch.time <= notice.window_end + spread:
        return False
    if notice.azimuth_deg is not None and launch.azimuth_deg is not None:
        turn = abs((launch.azimuth_deg - notice.azimuth_deg + 180.0) % 360.0 - 180.0)
        if turn > notice.azimuth_tolerance_deg + 2 * (launch.azimuth_sigma_deg or 0.0):
            return False
    if notice.area is not None:
        return inside_polygon(notice.area, launch.latitude_deg, launch.longitude_deg)
    assert notice.latitude_deg is not None
    assert notice.longitude_deg is not None
    apart = distance(
        np.radians(launch.latitude_deg), np.radians(launch.longitude_deg),
        np.radians(notice.latitude_deg), np.radians(notice.longitude_deg),
    )  # fmt: skip
    return bool(apart < NEAR + launch.ellipse_95.semi_major_m)
