"""When did which sensor's error jump, and by how much: a likelihood ratio over every sensor's latest looks.

A filter that does not know of a jump Δ answers to it linearly: its innovations move by G Δ and its estimate by F Δ,
both known from the filter's own gains. So each supposed jump (a sensor, and the look at which it came) is tried
beside the filter at the cost of its F, and the measurements of all sensors speak for or against it (Willsky and
Jones 1976, generalized likelihood ratio). Arrays only; SI and radians. Private to tracking.
"""

from typing import Final

import numpy as np
from msgspec import Struct
from scipy.special import chdtri

from tocsin.earth.time import format_utc
from tocsin.messages import Array, Instant
from tocsin.tracking._jumps import LOOKS, NUMBERS, OTHERS, OWN, carried, explained, learnt, renewed
from tocsin.tracking.association import Flags, Indices

WINDOW: Final = 10  # looks of a sensor within which a jump must be found
LEAST_PLOTS: Final = 3  # of the sensor itself since the jump: two strays may agree
LEAST_OTHERS: Final = 2  # plots of others since: a body that leaves its arc leaves it for all
JUMP_GATE: Final = 35.0  # gain of the log likelihood, twice, with three numbers fitted (by chance: 1e-7)
DEGREE: Final = float(np.radians(1.0))
GROUND: Final = (("range", "m", 1.0), ("azimuth", "deg", DEGREE), ("elevation", "deg", DEGREE))
SKY: Final = (("east", "urad", 1e-6), ("north", "urad", 1e-6))
FIT: Final = 1e-3  # chance below which what the jump leaves unexplained speaks against it
SURER: Final = 12.0  # by which the gain must exceed that of a jump of any other sensor


class Jump(Struct, frozen=True):
    """A jump of `what` at `since` [ns]: `size` (3,), `covariance` (3, 3), `response` (d, 3) of the filter's estimate.

    `what`: a sensor's name, or the number of a body whose velocity jumped. `rivals`: what else would explain nearly as
    well what was measured.
    """

    what: str | int
    since: int
    size: Array
    covariance: Array
    response: Array
    rivals: tuple[str | int, ...]


class Found(Struct, frozen=True):
    """A sensor was found to be off by `size`, each number to within `sigma`.

    Of a radar (3,): range [m], azimuth, elevation [rad]; of a satellite (2,): east and north in the sky [rad].
    `time`: of the look that said so; `since`: the look at which it began. `rivals`: sensors that it may be instead.
    """

    sensor: str
    time: Instant
    since: Instant
    size: Array
    sigma: Array
    rivals: tuple[str, ...]

    def text(self) -> str:
        """Say it in a sentence."""
        names = SKY if len(self.size) == len(SKY) else GROUND
        parts = [
            f"{name} {size / unit:+.3g} ± {sigma / unit:.2g} {symbol}"
            for (name, symbol, unit), size, sigma in zip(names, self.size, self.sigma, strict=True)
        ]
        who = (
            f"{self.sensor} is off: "
            if not self.rivals
            else f"{self.sensor}, or {' or '.join(self.rivals)}, is off: "
        )
        done = (
            "it weighs less until it agrees again"
            if self.rivals
            else "corrected, and it weighs less until it agrees again"
        )
        return f"{who}{', '.join(parts)} since {format_utc(self.since, 0)}; {done}"


class Supposed(Struct, frozen=True):
    """A jump that is supposed: what jumped, and when."""

    what: str | int
    since: int


class Jumps:
    """The supposed jumps of sensors and bodies within their last looks, their numbers as arrays beside `supposed`.

    `F` (h, d, 3); information `M` (h, 3, 3) and `l` (h, 3); sigmas `scale` (h, 3); `misfit` (h,) without the jump;
    `counts` (h, 4): of numbers measured, plots of its own, plots of others and looks since; `is_body` (h,).
    """

    def __init__(self) -> None:
        """Start without any."""
        self.supposed: list[Supposed] = []
        self.F: Array = np.zeros((0, 0, 3))
        self.M: Array = np.zeros((0, 3, 3))
        self.l: Array = np.zeros((0, 3))
        self.scale: Array = np.zeros((0, 3))
        self.misfit: Array = np.zeros(0)
        self.counts = np.zeros((0, 4), dtype=np.int64)
        self.is_body: Flags = np.zeros(0, dtype=np.bool_)

    def look(self, what: str | int, since: int, scale: Array, size: int, place: int | None = None) -> None:
        """Suppose a jump as a look begins: of sigma `scale` (3,), beside `size` numbers of the filter's state.

        Of a sensor; or, with `place`, of the three numbers of the state that stand there.
        """
        self.suppose({what: -1 if place is None else place}, since, scale[None], size)

    def suppose(self, places: dict[str | int, int], since: int, scale: Array, size: int) -> None:
        """Suppose several jumps at once, of sigmas `scale` (n, 3); `places`: below zero of a sensor."""
        again = np.array([s.what in places for s in self.supposed], dtype=np.bool_)
        self.counts[again, LOOKS] += 1
        self.F = self.F.reshape(-1, size, 3)
        self._keep(~again | (self.counts[:, LOOKS] < WINDOW), scale, np.array([*places.values()]))
        self.supposed += [Supposed(what, since) for what in places]

    def of(self, sensor: str) -> Flags:
        """Mark the jumps (h,) that are supposed of a sensor."""
        return np.array([s.what == sensor for s in self.supposed], dtype=np.bool_)

    def learn(self, sensor: str, H: Array, K: Array, information: Array, residual: Array) -> None:
        """Let one plot of `sensor` speak: H (m, d), the gain used (d, m), S⁻¹ (m, m) and the innovation (m,)."""
        learnt(
            self.F, self.M, self.l, self.misfit, self.counts, self.is_body, self.of(sensor), H, K, information,
            residual,
        )  # fmt: skip

    def carry(self, Phi: Array, place: slice) -> None:
        """Carry the estimate's numbers at `place` by Phi."""
        carried(self.F, Phi, place.start)

    def grow(self, count: int) -> None:
        """Follow an estimate to which `count` numbers have been added."""
        if self.supposed:
            self.F = np.concatenate([self.F, np.zeros((len(self.F), count, 3))], axis=1)

    def shrink(self, place: slice) -> None:
        """Follow an estimate out of which the numbers at `place` have been taken."""
        if self.supposed:
            self.F = np.delete(self.F, place, axis=1)

    def forget(self, what: str | int) -> None:
        """Suppose no jump of `what` any more."""
        kept = np.array([s.what != what for s in self.supposed], dtype=np.bool_)
        self._keep(kept, np.zeros((0, 3)), np.zeros(0, dtype=np.int64))

    def best(self) -> Jump | None:
        """Return the likeliest jump, once it is sure what jumped or the window is over."""
        if not (self.misfit > JUMP_GATE).any():
            return None
        size, C, gain = explained(self.M, self.l, self.scale)
        likely = np.flatnonzero((gain > JUMP_GATE) & self._have_spoken())
        left, numbers = self.misfit[likely] - gain[likely], self.counts[likely, NUMBERS]
        sure = likely[left < chdtri(np.maximum(numbers - 3, 1), FIT)]
        if not len(sure):
            return None
        k = int(sure[np.argmax(gain[sure])])
        s = self.supposed[k]
        near = {self.supposed[j].what for j in np.flatnonzero(gain > gain[k] - SURER)} - {s.what}
        rivals = tuple(sorted(near, key=str))
        if rivals and self.counts[k, LOOKS] < WINDOW - 1:
            return None
        return Jump(s.what, s.since, size[k], C[k], self.F[k], rivals)

    def _have_spoken(self) -> Flags:
        """Mark the jumps (h,) since which enough has been plotted, by the sensor itself and by others."""
        return (self.counts[:, OWN] >= LEAST_PLOTS) & (self.counts[:, OTHERS] >= LEAST_OTHERS)

    def _keep(self, kept: Flags, scale: Array, places: Indices) -> None:
        """Keep these jumps (h,), and suppose more, of sigmas `scale` (n, 3), at `places` (n,)."""
        self.supposed = [self.supposed[k] for k in np.flatnonzero(kept)]
        self.F, self.M, self.l, self.misfit, self.counts, self.is_body, self.scale = renewed(
            self.F, self.M, self.l, self.misfit, self.counts, self.is_body, self.scale, kept, scale, places
        )
