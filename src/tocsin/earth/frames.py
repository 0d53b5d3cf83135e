"""From the stars' axes to the Earth's: GCRF (IAU 2006/2000A) and TEME to ITRF.

The slow part (precession, nutation, the pole, UT1) is worked out on the hours of TAI and joined by straight
lines: within 1e-10 rad of the full theory, a millimetre at the Earth's radius. The corrections dX, dY to the
theory (under 1 mas, 3 cm) and the sub-daily tides in UT1 and the pole (2 cm) are left out.
"""

import math

import erfa
import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.earth.orientation import OrientationTable
from tocsin.earth.time import julian_tt
from tocsin.messages import SECOND

Array = NDArray[np.float64]

_DAY = 86_400 * SECOND
_HOUR = 3_600 * SECOND
_J2000 = 10_957 * _DAY + _DAY // 2  # JD 2451545.0 in nanoseconds since 1970-01-01 of the same scale
_KEPT = 256


class EarthRotation:
    """The Earth's attitude by an orientation table. Remembers the hours worked out; otherwise a function."""

    def __init__(self, table: OrientationTable) -> None:
        self.table = table
        self._nodes: dict[int, Array] = {}
        self._hours: dict[int, Array] = {}

    def itrf_from_gcrf(self, t: int) -> Array:
        """Give the rotation (3, 3) from GCRF to ITRF at a time."""
        hour, part = divmod(t, _HOUR)
        return _itrf_from_gcrf(t - _J2000, self._hour(hour), part / _HOUR)

    def itrf_from_teme(self, t: int) -> Array:
        """Give the rotation (3, 3) from SGP4's TEME to ITRF: GMST 1982 and the pole (Vallado 2006)."""
        hour, part = divmod(t, _HOUR)
        return _itrf_from_teme(t - _J2000, self._hour(hour), part / _HOUR)

    def _hour(self, hour: int) -> Array:
        found = self._hours.get(hour)
        if found is None:
            found = np.array((self._node(hour), self._node(hour + 1)))
            _remember(self._hours, hour, found)
        return found

    def _node(self, hour: int) -> Array:
        """Give X, Y, s of the celestial pole, UT1 - TAI [s], pole x, y, s' at a full hour [rad]."""
        found = self._nodes.get(hour)
        if found is None:
            jd = julian_tt(hour * _HOUR)
            found = np.array((*erfa.xys06a(*jd), *self.table.against_tai(hour * _HOUR), erfa.sp00(*jd)))
            _remember(self._nodes, hour, found)
        return found


def _remember(memory: dict[int, Array], hour: int, value: Array) -> None:
    if len(memory) >= _KEPT:
        del memory[next(iter(memory))]
    memory[hour] = value


@njit(cache=True, error_model="numpy")
def _itrf_from_gcrf(since: int, hour: Array, part: float) -> Array:
    """Give W · R3(ERA - s) · Q (IERS Conventions 2010, chapter 5). `since` J2000, TAI [ns]."""
    row = hour[0] + part * (hour[1] - hour[0])
    X, Y = row[0], row[1]
    a = 1 / (1 + math.sqrt(1 - X * X - Y * Y))
    Q = np.array(
        (
            (1 - a * X * X, -a * X * Y, -X),
            (-a * X * Y, 1 - a * Y * Y, -Y),
            (X, Y, 1 - a * (X * X + Y * Y)),
        )
    )
    days, part_of_day = _ut1(since, row[3])
    # Capitaine et al. 2000; IERS Conventions 2010 eq. 5.15.
    turns = 0.7790572732640 + 0.00273781191135448 * days + part_of_day
    return _turned(Q, 2 * math.pi * (turns % 1.0) - row[2], row[4], row[5], row[6])


@njit(cache=True, error_model="numpy")
def _itrf_from_teme(since: int, hour: Array, part: float) -> Array:
    row = hour[0] + part * (hour[1] - hour[0])
    days, part_of_day = _ut1(since, row[3])
    T = days / 36_525
    # Aoki et al. 1982: seconds of sidereal time past the day's fraction.
    seconds = 67_310.54841 + T * (8_640_184.812866 + T * (0.093104 - 6.2e-6 * T))
    return _turned(np.eye(3), 2 * math.pi * ((seconds / 86_400 + part_of_day) % 1.0), row[4], row[5], 0.0)


@njit(cache=True, error_model="numpy")
def _ut1(since: int, ut1_minus_tai: float) -> tuple[float, float]:
    """Give days of UT1 since J2000, and their fraction without loss."""
    whole = since // 86_400_000_000_000
    rest = (since - whole * 86_400_000_000_000) * 1e-9 + ut1_minus_tai
    return whole + rest / 86_400, rest / 86_400


@njit(cache=True, error_model="numpy")
def _turned(Q: Array, angle: float, x: float, y: float, s: float) -> Array:
    """Give R1(-y) R2(-x) R3(s) R3(angle) Q: Earth rotation, then the pole."""
    C, S = math.cos(angle + s), math.sin(angle + s)
    cx, sx, cy, sy = math.cos(x), math.sin(x), math.cos(y), math.sin(y)
    R = np.empty((3, 3))
    for j in range(3):
        u = C * Q[0, j] + S * Q[1, j]
        v = C * Q[1, j] - S * Q[0, j]
        w = Q[2, j]
        R[0, j] = cx * u + sx * w
        w = cx * w - sx * u
        R[1, j] = cy * v - sy * w
        R[2, j] = cy * w + sy * v
    return R
