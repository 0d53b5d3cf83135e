"""The burning bodies of one raid as satellites see them: where they are, and which sightings can be told apart.

Above about ten launches from one area a pair of lines of sight says little of who is who (the note on raid association,
2026-11). So of a raid's many possible bodies satellites found only those whose sightings no other reading claims.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from tocsin.messages import SECOND, Array, Association
from tocsin.tracking.body import Body
from tocsin.tracking.follow import gathered
from tocsin.tracking.looks import InfraredLook
from tocsin.tracking.nucleation import Nucleus
from tocsin.tracking.sightings import Sighting

CROWD: Final = 3  # lights side by side, or bodies of one event, that make a raid (our assumption)
BESIDE: Final = float(np.cos(1.4e-3))  # of lines of sight of one raid: 50 km from a geostationary satellite
LIT_S: Final = 60.0  # s after which a body not seen burning is no part of a crowd of lights (our assumption)
HEARD: Final = 5  # sightings from which one of a crowd may be told from the others (our assumption)
MARGIN: Final = 5.0  # nats by which it must beat every other reading of its sightings (our assumption)
BOOSTING: Final = 0.5  # weight of the boost from which a radar says that a body burns
PLACE_DOUBT: Final = 1_000.0  # m, added to the place of a body a radar follows, for thrust until the look
SAID_S: Final = 12.0  # s, for which a radar's word holds that a body burns (our assumption)
GATE: Final = 16.0  # Mahalanobis squared within which a sighting is of a body that a radar follows
WIDE: Final = 1e-3  # rad, beyond which a sighting is not asked at all


class Crowd(Struct, frozen=True):
    """Bodies seen burning of late, at one time: numbers, events (n,), places (n, 3)."""

    numbers: tuple[int, ...]
    groups: tuple[int, ...]
    r: Array

    def group_of(self, s: Sighting) -> int | None:
        """Return the event beside whose bodies a line of sight runs, the nearest body's, if there is one."""
        return self.groups_of([s])[0]

    def groups_of(self, sightings: Sequence[Sighting]) -> list[int | None]:
        """Return the same of several lines of sight."""
        if not self.numbers or not sightings:
            return [None] * len(sightings)
        d = self.r - np.array([s.platform for s in sightings])[:, None]
        along = np.einsum("nki,ni->nk", d, np.array([s.u for s in sightings]))
        cosine = along / np.sqrt(np.einsum("nki,nki->nk", d, d))
        nearest = np.argmax(cosine, axis=1)
        beside = cosine[np.arange(len(nearest)), nearest] > BESIDE
        where = zip(nearest.tolist(), beside.tolist(), strict=True)
        return [self.groups[k] if near else None for k, near in where]


NOBODY: Final = Crowd((), (), np.empty((0, 3)))


def burned_until(body: Body) -> int:
    """Return the latest time at which a body is known to have burned, 0 for never."""
    seen = body.burn.last if body.burn is not None else 0
    return max(seen, body.burned)


def crowd(bodies: Sequence[Body], t: int) -> Crowd:
    """Return the bodies seen burning in the last minute, where they are at `t`."""
    since = t - LIT_S * SECOND
    lit = [
        body for body in bodies if body.burned > since or (body.burn is not None and body.burn.last > since)
    ]
    if not lit:
        return NOBODY
    return Crowd(
        tuple([body.number for body in lit]), tuple([body.group for body in lit]),
        places(lit, t),
    )  # fmt: skip


def places(bodies: Sequence[Body], t: int) -> Array:
    """Return where bodies are at `t` (n, 3): by its radar each that has one."""
    r, halves = np.empty((len(bodies), 3)), [body.radar for body in bodies]
    x, _, times = gathered([half for half in halves if half is not None])
    r[[half is not None for half in halves]] = x[:, :3] + ((t - times) / SECOND)[:, None] * x[:, 3:]
    for k, body in enumerate(bodies):
        if body.radar is None:
            r[k] = body.whereabouts(t)[0]
    return r


def company(nucleus: Nucleus, look: InfraredLook) -> int:
    """Count the lights of a look beside a nucleus's last sighting, itself among them."""
    u = nucleus.sightings[-1].u
    return sum(float(s.u @ u) > BESIDE for s in look.sightings)


def stands_out(nucleus: Nucleus, nuclei: Sequence[Nucleus]) -> bool:
    """Say whether no other reading of a nucleus's sightings comes near it: then one of a crowd may be told.

    A rival shares a sighting with it, is as long or longer, and is not the same launch with sightings more.
    """
    if len(nucleus.sightings) < HEARD:
        return False
    keys = {s.key for s in nucleus.sightings}
    mine = nucleus.launch_log_likelihood + nucleus.missed
    for other in nuclei:
        if len(other.sightings) < len(keys) or other is nucleus:
            continue
        theirs = {s.key for s in other.sightings}
        if keys <= theirs or not keys & theirs:
            continue
        if len(theirs) > len(keys) or other.launch_log_likelihood + other.missed > mine - MARGIN:
            return False
    return True


def is_lit(body: Body, t: int) -> bool:
    """Say whether a radar has lately seen that a body burns."""
    return body.radar is not None and t - body.burned < SAID_S * SECOND


def claim(body: Body, s: Sighting) -> tuple[float, Association] | None:
    """Return the log density of a sighting where a radar has a body burn, and its innovation; None outside the gate."""
    radar = body.radar
    if radar is None or not is_lit(body, s.time):
        return None
    dt = (s.time - radar.t) / SECOND
    F = np.hstack([np.eye(3), dt * np.eye(3)])
    d = F @ radar.x - s.platform
    rho = float(d @ s.u)
    H = np.array([s.e1, s.e2]) / rho
    y = -H @ d
    if rho <= 0.0 or float(y @ y) > WIDE**2:
        return None
    P = F @ radar.P @ F.T + PLACE_DOUBT**2 * np.eye(3)
    S = H @ P @ H.T + (s.sigma**2 + s.bias_sigma**2) * np.eye(2)
    d2 = float(y @ np.linalg.solve(S, y))
    if d2 > GATE:
        return None
    density = float(-0.5 * d2 - np.log(2 * np.pi * np.sqrt(np.linalg.det(S))))
    return density, Association(
        s.sensor, s.time, s.detection, tuple(y.tolist()), tuple(S.ravel().tolist()), GATE, d2, 1.0
    )
