"""Where a satellite is by a table of states (CCSDS OEM), between the states by interpolation."""

from typing import Literal

import erfa
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.interpolate import KroghInterpolator

from tocsin.constants import EARTH_RATE
from tocsin.earth.frames import EarthRotation
from tocsin.earth.time import format_utc, julian_tt
from tocsin.messages import SECOND, Array
from tocsin.sensors.platform import PlatformError

Frame = Literal["ITRF", "GCRF", "EME2000", "TEME"]


class Arc(Struct, frozen=True, kw_only=True):
    """States `x` (n, 6) [m, m/s] at Instants `t` (n,), usable from `first` to `last`.

    In ITRF velocities are relative to the rotating Earth. `points`: how many states one interpolation joins;
    `velocities`: whether their velocities too (Hermite) or only their places (Lagrange).
    """

    t: NDArray[np.int64]
    x: Array
    frame: Frame
    first: int
    last: int
    points: int = 4
    velocities: bool = True


class Ephemeris:
    """Arcs in order of time, the later one where two overlap."""

    def __init__(self, name: str, arcs: tuple[Arc, ...], rotation: EarthRotation) -> None:
        """Prepare for the satellite that errors call `name`."""
        self.name = name
        self.arcs = arcs
        self._rotation = rotation
        self._joined: tuple[int, int, KroghInterpolator] | None = None

    def state(self, t: int) -> Array:
        """Return position and velocity (6,) [m, m/s] in ITRF at an Instant; raise PlatformError outside the arcs."""
        for k in reversed(range(len(self.arcs))):
            if self.arcs[k].first <= t <= self.arcs[k].last:
                return self._itrf(self.arcs[k].frame, self._interpolated(k, t), t)
        spans = ", ".join(f"{format_utc(a.first)} to {format_utc(a.last)}" for a in self.arcs)
        raise PlatformError(
            f"sensor {self.name}: its ephemeris says nothing of {format_utc(t)}, only of {spans}"
        )

    def position(self, t: int) -> Array:
        """Return the position (3,) [m] in ITRF at an Instant; raise as `state`."""
        return self.state(t)[:3]

    def _interpolated(self, k: int, t: int) -> Array:
        """Join the states about `t` by one polynomial and read place and velocity off it."""
        arc = self.arcs[k]
        wide = min(arc.points, len(arc.t))
        i = int(np.searchsorted(arc.t, t, side="right"))
        start = min(max(i - wide // 2, 0), len(arc.t) - wide)
        if self._joined is None or self._joined[:2] != (k, start):
            self._joined = k, start, _polynomial(arc, slice(start, start + wide))
        values = self._joined[2].derivatives((t - int(arc.t[start])) / SECOND, der=2)
        return np.asarray(np.concatenate(values))

    def _itrf(self, frame: Frame, x: Array, t: int) -> Array:
        if frame == "ITRF":
            return x
        turn = self._rotation.itrf_from_teme(t) if frame == "TEME" else self._rotation.itrf_from_gcrf(t)
        if frame == "EME2000":
            turn = turn @ erfa.bp06(*julian_tt(t))[0].T  # the frame bias: 5 m at a geostationary radius
        r = turn @ x[:3]
        v = turn @ x[3:] - np.cross([0.0, 0.0, EARTH_RATE], r)
        return np.concatenate((r, v))


def _polynomial(arc: Arc, rows: slice) -> KroghInterpolator:
    seconds = (arc.t[rows] - arc.t[rows.start]) / SECOND
    if not arc.velocities:
        return KroghInterpolator(seconds, arc.x[rows, :3])
    both = np.stack((arc.x[rows, :3], arc.x[rows, 3:]), axis=1).reshape(-1, 3)
    return KroghInterpolator(np.repeat(seconds, 2), both)
