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


class Supposed(Struct):
    """Which jumps (h,) are supposed: what jumped, when, and how many plots and looks have followed."""

    what: str | int
    since: int
    plots: int = 0
    others: int = 0
    looks: int = 0


class Jumps:
    """The supposed jumps of sensors and bodies within their last looks, their numbers as arrays beside `supposed`.

    `F` (h, d, 3); information `M` (h, 3, 3) and `l` (h, 3); sigmas `scale` (h, 3); `misfit` (h,) without the jump, of
    so many `numbers` (h,).
    """

    def __init__(self) -> None:
        """Start without any."""
        self.supposed: list[Supposed] = []
        self.F: Array = np.zeros((0, 0, 3))
        self.M: Array = np.zeros((0, 3, 3))
        self.l: Array = np.zeros((0, 3))
        self.scale: Array = np.zeros((0, 3))
        self.misfit: Array = np.zeros(0)
        self.numbers: Array = np.zeros(0)

    def look(self, what: str | int, since: int, scale: Array, size: int, place: int | None = None) -> None:
        """Suppose a jump as a look begins: of sigma `scale` (3,), beside `size` numbers of the filter's state.

        Of a sensor; or, with `place`, of the three numbers of the state that stand there.
        """
        for s in self.supposed:
            s.looks += s.what == what
        self._keep([s.what != what or s.looks < WINDOW for s in self.supposed])
        F = np.zeros((1, size, 3))
        if place is not None:
            F[0, place : place + 3] = -np.eye(3)
        self.supposed.append(Supposed(what, since))
        self.F = np.concatenate([self.F.reshape(-1, size, 3), F])
        self.M = np.concatenate([self.M, np.zeros((1, 3, 3))])
        self.l = np.concatenate([self.l, np.zeros((1, 3))])
        self.scale = np.concatenate([self.scale, scale[None]])
        self.misfit, self.numbers = np.append(self.misfit, 0.0), np.append(self.numbers, 0.0)

    def learn(self, sensor: str, H: Array, K: Array, information: Array, residual: Array) -> None:
        """Let one plot of `sensor` speak: H (m, d), the gain used (d, m), S⁻¹ (m, m) and the innovation (m,)."""
        if not self.supposed:
            return
        G = -H @ self.F
        for k, s in enumerate(self.supposed):
            mine = s.what == sensor
            G[k, :3] += np.eye(3) if mine else 0.0
            s.plots += mine or isinstance(s.what, int)
            s.others += not mine
        weighed = G.transpose(0, 2, 1) @ information
        self.l = self.l + weighed @ residual
        self.M = self.M + weighed @ G
        self.F = self.F + K @ G
        self.misfit = self.misfit + float(residual @ information @ residual)
        self.numbers = self.numbers + len(residual)

    def carry(self, Phi: Array, place: slice) -> None:
        """Carry the estimate's numbers at `place` by Phi."""
        if self.supposed:
            self.F[:, place] = Phi @ self.F[:, place]

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
        self._keep([s.what != what for s in self.supposed])

    def best(self) -> Jump | None:
        """Return the likeliest jump, once it is sure what jumped or the window is over."""
        if not self.supposed or not np.any(self.misfit > JUMP_GATE):
            return None
        root = self.scale[:, :, None] * np.eye(3)
        C = root @ np.linalg.inv(np.eye(3) + root @ self.M @ root) @ root
        size = (C @ self.l[:, :, None])[:, :, 0]
        gain = np.einsum("ij,ij->i", self.l, size)
        likely = (gain > JUMP_GATE) & (self.misfit - gain < chdtri(np.maximum(self.numbers - 3, 1), FIT))
        sure = [k for k in np.flatnonzero(likely).tolist() if self._has_spoken(self.supposed[k])]
        if not sure:
            return None
        k = max(sure, key=lambda k: float(gain[k]))
        s = self.supposed[k]
        near = [
            o.what
            for o, g in zip(self.supposed, gain, strict=True)
            if o.what != s.what and g > gain[k] - SURER
        ]
        rivals = tuple(sorted(set(near), key=str))
        if rivals and s.looks < WINDOW - 1:
            return None
        return Jump(s.what, s.since, size[k], C[k], self.F[k], rivals)

    def _has_spoken(self, s: Supposed) -> bool:
        return s.plots >= LEAST_PLOTS and s.others >= LEAST_OTHERS

    def _keep(self, which: list[bool]) -> None:
        if all(which):
            return
        kept = np.flatnonzero(which)
        self.supposed = [self.supposed[k] for k in kept.tolist()]
        self.F, self.M, self.l, self.scale = self.F[kept], self.M[kept], self.l[kept], self.scale[kept]
        self.misfit, self.numbers = self.misfit[kept], self.numbers[kept]
