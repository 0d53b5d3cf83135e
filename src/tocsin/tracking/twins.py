"""Whether a new burn is one of the bodies we have: more of its burn, the flight a radar follows, or a second burn."""

import numpy as np

from tocsin.earth.ellipsoid import geodetic_from_ecef
from tocsin.messages import SECOND, Array, Component
from tocsin.sensors.infrared import Infrared
from tocsin.tracking.association import Flags
from tocsin.tracking.body import Body, Radar
from tocsin.tracking.burn import REOPENED, Burn
from tocsin.tracking.follow import Reading
from tocsin.tracking.fusion import carried
from tocsin.tracking.sightings import Sighting
from tocsin.tracking.sky import Sky

RELIT_DISTANCE = 15_000.0  # m, how far a body that burns again may be off its arc
RELIT_SIGMA = 20_000.0  # m, beyond which a body's place is too vague to give a new source to it
SAME_SCAN = 0.5  # of a scan period: two sightings of one satellite closer than this are of one look
SAME_LAUNCH_GATE = 25.0
SAME_BURN_GATE = (
    1000.0  # the same for an old burn's prediction, which staging may have spoiled: the joint fit decides
)
MOST_RIVALS = 3  # joint fits tried for a new burn
SAME_LAUNCH_COST = 30.0  # by how much joining two launches may worsen the fit
ROUGH = 10_000.0  # m and m/s², by which what is not flown but moved straight may be off
UNKNOWN_PULL = 20.0
IN_COMPANY = 10.0  # log, by which a launch soon after another is likelier near it (our assumption)
LONGEST_COAST = 240.0  # s, between stages (our assumption)
AIRLESS = 50_000.0  # m, above which a stage that coasted that long goes on (our assumption)


def twin(sky: Sky, burn: Burn, sensor: Infrared) -> Body | None:
    """Return the body that a new burn doubles, after joining their sightings; a radar body takes the burn."""
    rivals = []
    of_radar = [(b.number, b.radar) for b in sky.ordered() if b.burn is None and b.radar is not None]
    near = _may_meet(burn.expect(burn.last), burn.last, [radar for _, radar in of_radar])
    afar = {number for (number, _), may in zip(of_radar, near.tolist(), strict=True) if not may}
    for body in sky.ordered():
        if body.number in afar:
            continue
        if body.burn is None and body.radar is not None:
            apart = _apart(burn, body.radar.x[:3], body.radar.P[:3, :3], body.radar.t)
            if apart < SAME_LAUNCH_GATE:
                body.take(burn)
                return body
        elif body.burn is not None and _may_go_on(body.burn, burn) and not _conflict(body.burn, burn, sensor):
            rivals.append((_closest(body.burn, burn), body.number, body))
    for apart, _, body in sorted(rivals, key=lambda row: row[:2])[:MOST_RIVALS]:
        assert body.burn is not None
        if apart > SAME_BURN_GATE:
            break
        joint = _joined(body.burn, burn)
        if joint is not None:
            body.burn = joint
            return body
    return None


def relit(sky: Sky, burn: Burn) -> Body | None:
    """Return the coasting body on whose arc all sightings of a new burn lie: it burns again, it is no launch."""
    for body in sky.ordered():
        if body.burning or (body.burn is None and body.radar is None):
            continue
        if body.radar is not None and not all(_may_lie_on(body.radar, s) for s in burn.sightings):
            continue
        time, components = body.mixture()
        best = max(components, key=lambda c: c.weight)
        if all(_on_arc(best, time, s) for s in burn.sightings):
            return body
    return None


def spacing(sensor: Infrared) -> float:
    """Return the time [ns] within which two sightings of a satellite are of one look."""
    return SAME_SCAN * (sensor.scan_period or 10.0) * SECOND


def _joined(old: Burn, new: Burn) -> Burn | None:
    """Return the fit of both burns' sightings, unless it is much worse than theirs apart.

    Where the old one was out for long, one flight that coasted has to be likelier than two launches, and above the
    air: what comes back into it burns no more.
    """
    joint = Burn([*old.sightings, *new.sightings], old.settings, (*old.dark, *new.dark))
    if not joint.modes:
        return None
    coasted = old.over and (new.epoch - old.last) / SECOND > REOPENED
    if coasted and (joint.density < old.density + new.density + IN_COMPANY or not _is_airless(joint)):
        return None
    if joint.modes[0].cost < old.modes[0].cost + new.modes[0].cost + SAME_LAUNCH_COST:
        return joint
    return None


def _is_airless(burn: Burn) -> bool:
    """Say whether a burn was last seen above the air, by its best mode."""
    return bool(geodetic_from_ecef(burn.modes[0].state[:3])[2] > AIRLESS)


def _may_go_on(old: Burn, new: Burn) -> bool:
    """Say whether a new burn may be more of an old one: that still burns, was seen to not long before, or coasts."""
    return not old.over or (new.epoch - old.last) / SECOND < LONGEST_COAST


def _conflict(a: Burn, b: Burn, sensor: Infrared) -> bool:
    """Say whether one satellite saw both in one look: then they are two."""
    near = spacing(sensor)
    return any(s.sensor == q.sensor and abs(s.time - q.time) < near for s in a.sightings for q in b.sightings)


def _closest(a: Burn, b: Burn) -> float:
    """Return the least distance squared, in sigmas, of two burns at the later one's last sighting."""
    t = max(a.last, b.last)
    return min(_apart(a, r, C, t) for _, r, C in b.expect(t))


def _apart(burn: Burn, r: Array, C: Array, t: int) -> float:
    return min(float((r - p) @ np.linalg.solve(C + Q, r - p)) for _, p, Q in burn.expect(t))


def _may_meet(there: list[tuple[float, Array, Array]], t: int, radars: list[Radar | Reading]) -> Flags:
    """Mark the radar bodies (n,) that may be a burn expected `there` at `t`, before anything is flown."""
    x = np.array([radar.x for radar in radars]).reshape(-1, 6)
    P = np.array([radar.P for radar in radars]).reshape(-1, 6, 6)
    dt = np.array([(t - radar.t) / SECOND for radar in radars])
    r = x[:, :3] + dt[:, None] * x[:, 3:]
    spread = np.einsum("nii->n", P[:, :3, :3]) + dt * dt * np.einsum("nii->n", P[:, 3:, 3:])
    slack = ROUGH + UNKNOWN_PULL * dt * dt
    near = np.zeros(len(x), dtype=np.bool_)
    for _, p, C in there:
        reach = np.sqrt(4.0 * SAME_LAUNCH_GATE * (np.trace(C) + spread)) + slack
        near |= np.einsum("ni,ni->n", r - p, r - p) < reach**2
    return near


def _may_lie_on(radar: Radar | Reading, s: Sighting) -> bool:
    """Say whether a sighting may point at where a radar body was, before it is flown there: `_on_arc`, roughly."""
    dt = (s.time - radar.t) / SECOND
    x, y, z = (radar.x[:3] + dt * radar.x[3:] - s.platform).tolist()
    u, v, w = s.u.tolist()
    along = x * u + y * v + z * w
    off2 = x * x + y * y + z * z - along * along
    return bool(off2 < (RELIT_DISTANCE + 3.0 * RELIT_SIGMA + ROUGH + UNKNOWN_PULL * dt * dt) ** 2)


def _on_arc(c: Component, time: int, s: Sighting) -> bool:
    """Say whether a sighting points at where a ballistic body is, within its spread and what a burn may move it."""
    there = carried(c, (s.time - time) / SECOND)
    assert there.motion is not None
    spread = float(np.sqrt(np.trace(there.covariance[4:7, 4:7])))
    d = there.motion[:3] - s.platform
    off = float(np.linalg.norm(d - (d @ s.u) * s.u))
    return spread < RELIT_SIGMA and off < RELIT_DISTANCE + 3.0 * spread
