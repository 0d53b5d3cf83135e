"""CCSDS Re-entry Data Messages (508.1-B-1): when and where an object comes down, of a warning.

The message was made for satellites that decay. What it asks for and a ballistic flight does not have is said so:
the re-entry altitude is 0 km, so that the lifetime runs to the impact itself. An area is given as the message
knows it, a corridor along the ground: from end to end of the ellipse's longer axis, as wide as its shorter one.
"""

import math
from typing import Any, Final, Literal

import ccsds_ndm

from tocsin.earth.ellipsoid import destination
from tocsin.errors import ConfigError
from tocsin.formats import ccsds
from tocsin.messages import SECOND, Ellipse, ImpactEstimate, Instant, StateVector, Warning

DAY: Final = 86_400 * SECOND
SIGMAS_95: Final = 1.959964  # of a normal distribution, both sides
_DECIMALS: Final = 6  # of degrees, km and km/s: those of a warning
_COMMENTS: Final = (
    "The lifetime runs from the launch, if known, to the impact; windows hold 95 %.",
    "A corridor runs along the longer axis of an ellipse on the ground and is as wide as the shorter one.",
)


def encode(warning: Warning, created: int, syntax: Literal["kvn", "xml"] = "kvn") -> str:
    """Write the impact a warning tells as an RDM; ValueError where it tells none.

    Windows hold 95 %; corridors 50, 95 and 99 % as far as the warning has them. `created`: when the message is made.
    """
    impact, state = warning.impact, warning.state_vector
    if impact is None:
        raise ValueError(f"{warning.id} version {warning.version} tells no impact")
    zero = warning.launch.time if warning.launch is not None else warning.time
    header = ccsds_ndm.RdmHeader(
        originator=ccsds.ORIGINATOR,
        creation_date=ccsds.epoch(created),
        message_id=f"{warning.id}-{warning.version}",
        comment=[f"Origin: {warning.origin}", *_COMMENTS, ccsds.plain(warning.reason)],
    )
    metadata = ccsds_ndm.RdmMetadata(
        object_name=warning.id,
        international_designator="UNKNOWN",
        epoch_tzero=ccsds.epoch(zero),
        controlled_reentry="UNKNOWN",
        center_name="EARTH",
        time_system="UTC",
        ref_frame=ccsds.FRAME,
    )
    data = ccsds_ndm.RdmData(
        atmospheric_reentry_parameters=_lifetime(impact, zero),
        ground_impact_parameters=_ground(impact),
        state_vector=None if state is None else _state(state),
        covariance_matrix=None if state is None else _covariance(state),
    )
    message = ccsds_ndm.Rdm(header=header, segment=ccsds_ndm.RdmSegment(metadata=metadata, data=data))
    text: str = message.to_str(syntax)
    return text


def verify(text: str, file: str) -> None:
    """Raise ConfigError unless `text` is a sound RDM."""
    try:
        message = ccsds_ndm.from_str(text)
        if not isinstance(message, ccsds_ndm.Rdm):
            raise ConfigError(f"{file}: is no re-entry data message (CCSDS RDM)")
        message.validate()
    except ccsds_ndm.NdmError as error:
        raise ConfigError(
            f"{file}: is no re-entry data message (CCSDS RDM): {' '.join(str(error).split())}"
        ) from None


def _window(impact: ImpactEstimate) -> tuple[Instant, Instant]:
    half = round(SIGMAS_95 * impact.time_sigma_s * 1e6) * 1000  # whole microseconds
    return Instant(impact.time - half), Instant(impact.time + half)


def _lifetime(impact: ImpactEstimate, zero: int) -> Any:
    """Say how long from `zero` to the impact [d], above nothing as the message wants it, and when that is."""
    start, end = _window(impact)
    return ccsds_ndm.AtmosphericReentryParameters(
        orbit_lifetime=max(impact.time - zero, 1) / DAY,
        reentry_altitude=0.0,
        nominal_reentry_epoch=ccsds.epoch(impact.time),
        reentry_window_start=ccsds.epoch(start),
        reentry_window_end=ccsds.epoch(end),
        orbit_lifetime_confidence_level=95.0,
    )


def _ground(impact: ImpactEstimate) -> Any:
    start, end = _window(impact)
    corridors: dict[str, float] = {}
    areas = ((50.0, impact.ellipse_50), (95.0, impact.ellipse_95), (99.0, impact.ellipse_99))
    for confidence, area in areas:
        if area is not None:
            corridors |= _corridor(impact, area, confidence, len(corridors) // 6 + 1)
    return ccsds_ndm.GroundImpactParameters(
        nominal_impact_epoch=ccsds.epoch(impact.time),
        impact_window_start=ccsds.epoch(start),
        impact_window_end=ccsds.epoch(end),
        impact_ref_frame=ccsds.FRAME,
        nominal_impact_lon=_longitude(impact.longitude_deg),
        nominal_impact_lat=impact.latitude_deg,
        nominal_impact_alt=0.0,
        **corridors,
    )


def _corridor(impact: ImpactEstimate, area: Ellipse, confidence: float, number: int) -> dict[str, float]:
    """Give the six values of corridor `number`: its ends [deg] and its width [km]."""
    lat, lon = math.radians(impact.latitude_deg), math.radians(impact.longitude_deg)
    forth = math.radians(area.bearing_deg)
    ends = [destination(lat, lon, bearing, area.semi_major_m) for bearing in (forth + math.pi, forth)]
    (start_lat, start_lon), (stop_lat, stop_lon) = ends
    values = {
        "confidence": confidence,
        "start_lon": _longitude(math.degrees(start_lon)),
        "start_lat": math.degrees(start_lat),
        "stop_lon": _longitude(math.degrees(stop_lon)),
        "stop_lat": math.degrees(stop_lat),
        "cross_track": 2.0 * area.semi_minor_m / 1000.0,
    }
    return {f"impact_{number}_{name}": round(value, _DECIMALS) for name, value in values.items()}


def _longitude(degrees: float) -> float:
    """Bring a longitude into [-180, 180)."""
    return round((degrees + 180.0) % 360.0 - 180.0, _DECIMALS)


def _state(state: StateVector) -> Any:
    values = (round(v / 1000.0, _DECIMALS) for v in (*state.position_m, *state.velocity_mps))
    return ccsds_ndm.StateVector(ccsds.epoch(state.time), *values)


def _covariance(state: StateVector) -> Any:
    """Write the lower triangle, row by row, in km and km/s."""
    triangle = [
        float(f"{value * 1e-6:.6g}") for i, row in enumerate(state.covariance) for value in row[: i + 1]
    ]
    return ccsds_ndm.OpmCovarianceMatrix(
        **dict(zip(_TRIANGLE, triangle, strict=True)), cov_ref_frame=ccsds.FRAME
    )


_AXES: Final = ("x", "y", "z", "x_dot", "y_dot", "z_dot")
_TRIANGLE: Final = tuple(f"c{a}_{b}" for i, a in enumerate(_AXES) for b in _AXES[: i + 1])
