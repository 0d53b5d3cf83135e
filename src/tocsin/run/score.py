"""What a run was worth, where the truth is known.

The match rule is fixed: a warning is of a true object if, at its last version before the impact, its launch lies
within 50 km and 30 s of the true one. A warning that has no launch (only radar saw the body) matches by its state:
within 50 km of where the object was.
"""

from typing import Any, Final

import numpy as np
from msgspec import Struct

from tocsin.earth.ellipsoid import distance, geodetic_from_ecef
from tocsin.flight.coast import propagate
from tocsin.messages import SECOND, Instant, Warning
from tocsin.metrics.gospa import gospa
from tocsin.run.tables import Tracks, utc_ns
from tocsin.simulation.truth import Body, Truth

MATCH_DISTANCE: Final = 50_000.0  # m
MATCH_TIME: Final = 30.0  # s
GOSPA_CUT: Final = 2_000.0  # m
FORGOTTEN: Final = 120.0  # s, how long a track counts in the GOSPA after its last look


class Match(Struct, frozen=True):
    """A true object and the versions of the warning that is its; none where it was missed."""

    body: Body
    versions: list[Warning]


def scored(truth: Truth, versions: list[Warning], tracks: Tracks) -> dict[str, Any]:
    """Return `objects`, `gospa_m`, `false_warnings` and `missed` of `summary.json`."""
    found, false = matched(truth, versions)
    first = _first_detections(tracks)
    matches = {match.body.id: match.versions for match in found if match.versions}
    return {
        "objects": [_object(match.body, match.versions, first) for match in found],
        "gospa_m": _gospa(truth, tracks, first, matches),
        "false_warnings": false,
        "missed": len(found) - len(matches),
    }


def matched(truth: Truth, versions: list[Warning]) -> tuple[list[Match], int]:
    """Return every true object of its own with its warning, by the match rule, and the number of false warnings."""
    histories: dict[str, list[Warning]] = {}
    for version in versions:
        histories.setdefault(version.id, []).append(version)
    own = {name: rows for name, rows in histories.items() if rows[-1].parent is None}
    bodies = [body for body in truth.bodies if body.parent is None]
    matches = _matches(bodies, own)
    return [Match(body, matches.get(body.id, [])) for body in bodies], len(own) - len(matches)


def launch_error(body: Body, warning: Warning) -> tuple[float, float] | None:
    """Return distance [m] and time error [s] of a warning's launch, or None where it has none."""
    if warning.launch is None:
        return None
    apart = distance(
        np.radians(body.latitude_deg), np.radians(body.longitude_deg),
        np.radians(warning.launch.latitude_deg), np.radians(warning.launch.longitude_deg),
    )  # fmt: skip
    return float(apart), (warning.launch.time - body.lift_off_time) / SECOND


def impact_error(body: Body, warning: Warning) -> tuple[float, float] | None:
    """Return distance [m] and time error [s] of a warning's impact, or None where either has none."""
    r, time = body.r_impact_ecef, body.impact_time
    if warning.impact is None or r is None or time is None:
        return None
    latitude, longitude, _ = geodetic_from_ecef(r)
    apart = distance(
        latitude, longitude, np.radians(warning.impact.latitude_deg), np.radians(warning.impact.longitude_deg)
    )
    return float(apart), (warning.impact.time - time) / SECOND


def before_impact(body: Body, versions: list[Warning]) -> Warning:
    """Return the last version before the true impact (the first, if none is)."""
    end = body.impact_time
    return next((v for v in reversed(versions) if end is None or v.time <= end), versions[0])


def _matches(bodies: list[Body], own: dict[str, list[Warning]]) -> dict[str, list[Warning]]:
    """Pair objects and warnings, nearest first, one to one."""
    pairs = []
    for body in bodies:
        for name, rows in own.items():
            apart = _apart(body, before_impact(body, rows))
            if apart is not None:
                pairs.append((apart, body.id, name))
    matches: dict[str, list[Warning]] = {}
    taken: set[str] = set()
    for _, body_id, name in sorted(pairs):
        if body_id not in matches and name not in taken:
            matches[body_id] = own[name]
            taken.add(name)
    return matches


def _apart(body: Body, warning: Warning) -> float | None:
    """Return how far a warning is from an object [m], or None where the rule says it is another."""
    if body.origin != warning.origin:
        return None
    error = launch_error(body, warning)
    if error is None:
        if warning.state_vector is None:
            return None
        since = (warning.state_vector.time - body.lift_off_time) / SECOND
        r = body.flight.at(np.array([since]))[0, :3]
        apart = float(np.linalg.norm(r - np.array(warning.state_vector.position_m)))
        return apart if apart < MATCH_DISTANCE else None
    return error[0] if error[0] < MATCH_DISTANCE and abs(error[1]) < MATCH_TIME else None


def _object(body: Body, versions: list[Warning], first: dict[str, int]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "object": body.id, "first_detection_s": None, "first_warning_s": None, "corroborated_s": None,
        "launch_error_m": None, "launch_time_error_s": None, "impact_error_m": None, "impact_time_error_s": None,
    }  # fmt: skip
    if not versions:
        return row
    detected = first.get(versions[0].id)
    if detected is not None:
        row["first_detection_s"] = round((detected - utc_ns(body.lift_off_time)) / SECOND, 3)
    row["first_warning_s"] = _since(body, versions[0].time)
    corroborated = [v for v in versions if v.state in ("corroborated", "confirmed")]
    row["corroborated_s"] = _since(body, corroborated[0].time) if corroborated else None
    last = before_impact(body, versions)
    for name, error in (("launch", launch_error(body, last)), ("impact", impact_error(body, last))):
        if error is not None:
            row[f"{name}_error_m"], row[f"{name}_time_error_s"] = round(error[0], 1), round(error[1], 3)
    return row


def _since(body: Body, t: Instant) -> float:
    return round((t - body.lift_off_time) / SECOND, 3)


def _first_detections(tracks: Tracks) -> dict[str, int]:
    """Return the time (UTC ns) of the first detection associated with each warning."""
    first: dict[str, int] = {}
    for row in tracks.updates:
        name = row["warning"]
        if name is not None:
            first[name] = min(first.get(name, row["time"]), row["time"])
    return first


def _gospa(
    truth: Truth, tracks: Tracks, first: dict[str, int], matches: dict[str, list[Warning]]
) -> float | None:
    """Return the mean GOSPA [m] over the looks that changed a track.

    Truth: each object from its first associated detection (one never found: from lift-off) to its end. Estimate: each
    track's last state, carried on to the look.
    """
    looks = sorted({row["look_time"] for row in tracks.rows})
    if not looks:
        return None
    begins = {
        body.id: first.get(matches[body.id][0].id, 0) if body.id in matches else utc_ns(body.lift_off_time)
        for body in truth.bodies
    }
    latest: dict[int, dict[str, Any]] = {}
    at = 0
    values = []
    for look in looks:
        while at < len(tracks.rows) and tracks.rows[at]["look_time"] <= look:
            latest[tracks.rows[at]["track"]] = tracks.rows[at]
            at += 1
        estimates = [
            _carried(row, look) for row in latest.values() if (look - row["look_time"]) / SECOND < FORGOTTEN
        ]
        flying = []
        for body in truth.bodies:
            since = (look - utc_ns(body.lift_off_time)) / SECOND
            if look >= begins[body.id] and body.flight.t[0] < since < body.flight.t[-1]:
                flying.append(body.flight.at(np.array([since]))[0, :3])
        values.append(gospa(np.array(flying).reshape(-1, 3), np.array(estimates).reshape(-1, 3), GOSPA_CUT))
    return round(float(np.mean(values)), 1)


def _carried(row: dict[str, Any], look: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    x = np.array([row[name] for name in ("x_m", "y_m", "z_m", "vx_mps", "vy_mps", "vz_mps")])
    return np.asarray(propagate(x, (look - row["time"]) / SECOND, 0.0)[:3])
