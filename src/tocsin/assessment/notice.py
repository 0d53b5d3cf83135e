"""Pre-launch notifications: one that matches does so whether or not a person has read it."""

from typing import Final

import numpy as np
from msgspec import structs

from tocsin.earth.ellipsoid import distance
from tocsin.messages import Assessment, LaunchEstimate, Notification
from tocsin.sensors.field import inside_polygon

NEAR: Final = 25_000.0  # m about a notified place, beside the launch's own 95 % ellipse
NOTIFIED_FACTOR: Final = 30.0  # how much likelier the notified kind becomes


def matching(assessment: Assessment, notifications: list[Notification]) -> Assessment:
    """Return the assessment with the first notification that fits its launch, and the identity it speaks for."""
    launch = assessment.launch
    if launch is None:
        return assessment
    for notice in notifications:
        if _fits(launch, notice):
            evidence = structs.replace(assessment.evidence, notification=notice.id)
            identity = dict(assessment.identity)
            identity[notice.vehicle] = identity.get(notice.vehicle, 0.0) * NOTIFIED_FACTOR
            total = sum(identity.values())
            identity = {name: value / total for name, value in identity.items()}
            return structs.replace(assessment, evidence=evidence, identity=identity)
    return assessment


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
