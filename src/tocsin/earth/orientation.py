"""How the Earth is turned: UT1 and the pole over time, from a bundled, dated table or from values received.

Between rows (two days) straight lines: against the daily series since 1990 UT1 within 0.25 ms (0.05 rms; 11
and 2 cm at the equator), the pole within 1 mas (3 cm).
"""

from bisect import bisect_right
from functools import cached_property, lru_cache
from importlib.resources import files
from math import pi

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tocsin.earth.time import tai_minus_utc
from tocsin.messages import SECOND, Instant

Array = NDArray[np.float64]

_ARCSEC = pi / 648_000
_MJD_EPOCH = 40_587
_DAY = 86_400 * SECOND


class OrientationTable(Struct, frozen=True, dict=True):
    """Rows of Earth orientation. `t`: ascending Instants; `values` (n, 3): UT1 - TAI [s], pole x, y [rad].

    `measured`: when measurement ends and prediction begins. `source`: what the table was made from.
    """

    t: tuple[int, ...]
    values: Array
    measured: Instant
    source: str

    @property
    def begin(self) -> Instant:
        """Give the time of the first row."""
        return Instant(self.t[0])

    @property
    def end(self) -> Instant:
        """Give the time of the last row."""
        return Instant(self.t[-1])

    def covers(self, t: int) -> bool:
        """Say whether a time lies between the rows, so that `at` need not hold the nearest row's values."""
        return self.t[0] <= t <= self.t[-1]

    def at(self, t: int) -> tuple[float, float, float]:
        """Give UT1 - UTC [s] and the pole's x and y [rad] at a time; outside the rows, of the nearest."""
        ut1_minus_tai, x, y = self.against_tai(t)
        return ut1_minus_tai + tai_minus_utc(t), x, y

    def against_tai(self, t: int) -> tuple[float, float, float]:
        """Give UT1 - TAI [s] and the pole's x and y [rad]: as `at`, but without a jump at leap seconds."""
        # Outside hold UT1 - UTC, which is under 0.9 s by decree, and not UT1 - TAI, which runs away.
        if t <= self.t[0]:
            return self._edge(0, t)
        if t >= self.t[-1]:
            return self._edge(-1, t)
        i = bisect_right(self.t, t)
        before, after = self._rows[i - 1], self._rows[i]
        part = (t - self.t[i - 1]) / (self.t[i] - self.t[i - 1])
        u, x, y = (a + part * (b - a) for a, b in zip(before, after, strict=True))
        return u, x, y

    def with_value(self, t: int, ut1_minus_utc: float, x: float, y: float) -> "OrientationTable":
        """Give a table with a further row: a value received (UT1 - UTC [s], pole [rad]) at its time."""
        i = bisect_right(self.t, t)
        keep = i - 1 if i and self.t[i - 1] == t else i
        row = np.array([[ut1_minus_utc - tai_minus_utc(t), x, y]])
        return OrientationTable(
            t=(*self.t[:keep], t, *self.t[i:]),
            values=np.concatenate((self.values[:keep], row, self.values[i:])),
            measured=Instant(max(self.measured, t)),
            source=self.source,
        )

    @cached_property
    def _rows(self) -> list[tuple[float, float, float]]:
        return [(float(u), float(x), float(y)) for u, x, y in self.values]

    def _edge(self, i: int, t: int) -> tuple[float, float, float]:
        u, x, y = self._rows[i]
        return u + tai_minus_utc(self.t[i]) - tai_minus_utc(t), x, y


@lru_cache(maxsize=1)
def bundled() -> OrientationTable:
    """Give the table that comes with the package: IERS values from 1972 to about a year past its making."""
    lines = (
        files("tocsin.earth").joinpath("data/earth_orientation.csv").read_text(encoding="ascii").splitlines()
    )
    header, rows = lines[:3], np.array([line.split(",") for line in lines[3:]], dtype=np.float64)
    measured = int(header[1].split("MJD ")[1].split(",")[0])
    return OrientationTable(
        t=tuple((int(mjd) - _MJD_EPOCH) * _DAY for mjd in rows[:, 0]),
        values=rows[:, 1:] * (1e-5, 1e-4 * _ARCSEC, 1e-4 * _ARCSEC),
        measured=Instant((measured - _MJD_EPOCH) * _DAY),
        source=header[0].removeprefix("# "),
    )
