"""Known satellites and rocket bodies: where each is at a time, and which of them a track is.

SGP4 (Vallado et al. 2006) places the whole catalogue once a minute; in between r + v t + a t²/2 of the two-body motion
carries it (error below 100 m in low orbits). A track is the object whose predicted state lies within the gate.
"""

from typing import Final

import numpy as np
from msgspec import Struct
from sgp4.api import Satrec, SatrecArray

from tocsin.constants import EARTH_GM, EARTH_RATE
from tocsin.earth.frames import EarthRotation
from tocsin.messages import SECOND, Array, Catalogue
from tocsin.sensors.platform import from_elements, julian_utc

NODE: Final = 60 * SECOND
POSITION_SIGMA: Final = (
    3_000.0  # m an axis: elements of about a day in low orbit, along the track (our assumption)
)
VELOCITY_SIGMA: Final = 6.0  # m/s an axis, what such a place error turns the velocity by
GATE: Final = 22.5  # Mahalanobis squared of six numbers: 99.9 %
FAR: Final = 400_000.0  # m beyond which nobody compares


class Match(Struct, frozen=True):
    """The known object a track is: its name and the distance of the two [m]."""

    name: str
    apart: float


class Known:
    """A catalogue, placed on demand. It remembers the minute it last worked out."""

    def __init__(self, message: Catalogue, rotation: EarthRotation) -> None:
        """Prepare SGP4 for every object; one without usable elements is left out and named in `refused`."""
        self.refused: list[str] = []
        self.names: list[str] = []
        self._rotation = rotation
        self._node: tuple[int, Array, Array] | None = None
        usable: list[Satrec] = []
        for i, omm in enumerate(message.omm):
            name = str(omm.get("OBJECT_NAME") or omm.get("NORAD_CAT_ID") or f"object {i + 1}")
            try:
                usable.append(from_elements(omm))
                self.names.append(name)
            except (KeyError, ValueError, TypeError) as error:
                self.refused.append(f"{name} ({type(error).__name__}: {error})")
        self._satellites = SatrecArray(usable) if usable else None

    def match(self, x: Array, P: Array, t: int) -> Match | None:
        """Return the known object whose place and velocity at `t` are those of a track `x` (6,), `P` (6, 6), ITRF."""
        if self._satellites is None:
            return None
        r, v = self._placed(t)
        near = np.flatnonzero(np.linalg.norm(r - x[:3], axis=1) < FAR)  # NaN is far
        if not len(near):
            return None
        d = np.hstack([r[near] - x[:3], v[near] - x[3:]])
        sigmas = np.repeat([POSITION_SIGMA, VELOCITY_SIGMA], 3)
        d2 = np.einsum("ij,ij->i", d, np.linalg.solve(P + np.diag(sigmas**2), d.T).T)
        best = int(np.argmin(d2))
        if d2[best] > GATE:
            return None
        return Match(self.names[near[best]], float(np.linalg.norm(d[best, :3])))

    def _placed(self, t: int) -> tuple[Array, Array]:
        """Return positions and velocities (n, 3) [m, m/s] in ITRF at `t`; NaN where SGP4 fails."""
        node = (t + NODE // 2) // NODE
        if self._node is None or self._node[0] != node:
            self._node = (node, *self._at_node(node * NODE))
        _, r, v = self._node
        dt = (t - node * NODE) / SECOND
        a = -EARTH_GM * r / np.linalg.norm(r, axis=1, keepdims=True) ** 3
        a += 2 * EARTH_RATE * np.column_stack((v[:, 1], -v[:, 0], np.zeros(len(v))))
        a[:, :2] += EARTH_RATE**2 * r[:, :2]
        return r + dt * v + 0.5 * dt * dt * a, v + dt * a

    def _at_node(self, t: int) -> tuple[Array, Array]:
        assert self._satellites is not None
        whole, part = julian_utc(t)
        error, r_km, v_kmps = self._satellites.sgp4(np.array([whole]), np.array([part]))
        itrf_from_teme = self._rotation.itrf_from_teme(t)
        r = r_km[:, 0] @ itrf_from_teme.T * 1000.0
        v = v_kmps[:, 0] @ itrf_from_teme.T * 1000.0
        v -= EARTH_RATE * np.column_stack((-r[:, 1], r[:, 0], np.zeros(len(r))))
        r[error[:, 0] != 0] = np.nan
        return r, v
