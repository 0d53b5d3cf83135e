"""The sector of directions that a look took in, as a scan's `coverage` says it."""

from collections.abc import Sequence


def about(
    azimuths_deg: Sequence[float], elevations_deg: Sequence[float], margin_deg: float
) -> dict[str, float]:
    """Return the smallest sector about all directions (at least one) with a margin; azimuths run clockwise.

    Without elevations it has no limits in elevation.
    """
    turned = sorted(dict.fromkeys(azimuth % 360.0 for azimuth in azimuths_deg))
    gaps = [(after - before) % 360.0 for before, after in zip(turned, turned[1:] + turned[:1], strict=True)]
    widest = max(range(len(gaps)), key=gaps.__getitem__)
    first, last = turned[(widest + 1) % len(turned)] - margin_deg, turned[widest] + margin_deg
    if len(turned) > 1 and gaps[widest] <= 2 * margin_deg:
        first, last = 0.0, 360.0
    found = {"azimuth_from_deg": first, "azimuth_to_deg": last}
    if elevations_deg:
        found["elevation_min_deg"] = max(min(elevations_deg) - margin_deg, -90.0)
        found["elevation_max_deg"] = min(max(elevations_deg) + margin_deg, 90.0)
    return found
