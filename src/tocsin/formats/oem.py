"""CCSDS Orbit Ephemeris Messages (502.0-B-3), as text in KVN or XML: where a body is, by a table of states."""

from collections.abc import Sequence
from typing import Any, Literal

import ccsds_ndm
import numpy as np

from tocsin.errors import ConfigError
from tocsin.formats import ccsds
from tocsin.messages import Array, Instant
from tocsin.sensors.ephemeris import Arc, Frame

_FRAMES: dict[str, Frame] = {
    "GCRF": "GCRF",
    "ICRF": "GCRF",
    "EME2000": "EME2000",
    "J2000": "EME2000",
    "TEME": "TEME",
}
_DEGREE = 7  # of a Hermite polynomial where the message names none: our choice, 4 states


def decode(text: str, file: str) -> tuple[Arc, ...]:
    """Decode an OEM; raise ConfigError naming file and segment, and what would be right."""
    try:
        message = ccsds_ndm.from_str(text)
    except ccsds_ndm.NdmError as error:
        raise ConfigError(
            f"{file}: is not an ephemeris (CCSDS OEM): {' '.join(str(error).split())}"
        ) from None
    if not isinstance(message, ccsds_ndm.Oem):
        raise ConfigError(f"{file}: is a CCSDS {type(message).__name__.upper()}, not an ephemeris (OEM)")
    arcs = [_arc(segment, f"{file}: segment {i + 1}") for i, segment in enumerate(message.segments)]
    return tuple(sorted(arcs, key=lambda arc: arc.first))


def encode(
    name: str,
    t: Sequence[int],
    x: Array,
    created: int,
    covariances: Array | None = None,
    comments: Sequence[str] = (),
    syntax: Literal["kvn", "xml"] = "kvn",
) -> str:
    """Write states `x` (n, 6) [m, m/s] in ITRF at Instants `t`, each later than the one before, as an OEM.

    `covariances` (n, 6, 6) are in the same axes [m, m/s]. `created`: when the message is made. How to go between the
    states is not said: a reader's default would hide that an estimate jumps where a look corrects it.
    """
    epochs = [ccsds.epoch(int(moment)) for moment in t]
    lines = [
        ccsds_ndm.StateVectorAcc(at, *(row / 1000.0).tolist()) for at, row in zip(epochs, x, strict=True)
    ]
    about = [
        ccsds_ndm.OemCovarianceMatrix(at, P * 1e-6, ccsds.FRAME, [])
        for at, P in zip(epochs, () if covariances is None else covariances, strict=covariances is not None)
    ]
    segment = ccsds_ndm.OemSegment(
        ccsds_ndm.OemMetadata(
            object_name=name, object_id=name, center_name="EARTH", ref_frame=ccsds.FRAME, time_system="UTC",
            start_time=epochs[0], stop_time=epochs[-1], comment=list(comments),
        ),
        ccsds_ndm.OemData(lines, covariance_matrix=about),
    )  # fmt: skip
    header = ccsds_ndm.OdmHeader(creation_date=ccsds.epoch(created), originator=ccsds.ORIGINATOR)
    text: str = ccsds_ndm.Oem(header, [segment]).to_str(syntax)
    return text


def _arc(segment: Any, where: str) -> Arc:
    meta = segment.metadata
    if str(meta.center_name).upper() != "EARTH":
        raise ConfigError(f"{where}: CENTER_NAME: {meta.center_name} is not EARTH")
    frame = _frame(str(meta.ref_frame), where)
    scale = str(meta.time_system).upper()
    lines = segment.data.state_vector
    t = np.array([_instant(line.epoch, scale, where) for line in lines], dtype=np.int64)
    x = np.array([(line.x, line.y, line.z, line.x_dot, line.y_dot, line.z_dot) for line in lines]) * 1000.0
    if len(t) < 2 or np.any(np.diff(t) <= 0) or not np.isfinite(x).all():
        raise ConfigError(f"{where}: needs at least two finite states, each later than the one before")
    points, velocities = _interpolation(meta, where)
    first = _instant(meta.useable_start_time or meta.start_time, scale, where)
    last = _instant(meta.useable_stop_time or meta.stop_time, scale, where)
    return Arc(
        t=t, x=x, frame=frame, first=max(first, int(t[0])), last=min(last, int(t[-1])), points=points,
        velocities=velocities,
    )  # fmt: skip


def _frame(name: str, where: str) -> Frame:
    plain = name.upper().replace("-", "").replace("_", "")
    if plain.startswith("ITRF"):
        return "ITRF"
    if plain not in _FRAMES:
        known = ", ".join(["ITRF", *_FRAMES])
        raise ConfigError(f"{where}: REF_FRAME: {name} is not known here; there are: {known}")
    return _FRAMES[plain]


def _interpolation(meta: Any, where: str) -> tuple[int, bool]:
    """Return how many states a polynomial joins, and whether by their velocities too."""
    method = str(meta.interpolation or "HERMITE").upper()
    degree = _DEGREE if meta.interpolation_degree is None else int(meta.interpolation_degree)
    if method == "HERMITE":
        return max(2, (degree + 1) // 2), True
    if method in ("LAGRANGE", "LINEAR"):
        return max(2, degree + 1 if method == "LAGRANGE" else 2), False
    raise ConfigError(f"{where}: INTERPOLATION: {method} is not known here; write HERMITE or LAGRANGE")


def _instant(epoch: Any, scale: str, where: str) -> Instant:
    try:
        return ccsds.instant(epoch, scale)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from None
