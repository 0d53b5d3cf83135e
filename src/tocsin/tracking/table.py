"""The table of radar rows: one row is one hypothesis of a body, with a probability that it exists.

A Poisson multi-Bernoulli recursion in track-oriented marginal form (Williams 2015): births from plots nobody claims,
existence from belief-propagation marginals, states from the best joint assignment. Parameters: raid-association
(2026-11). Private to tracking.
"""

from typing import Final

import numpy as np

from tocsin.messages import SECOND, Array, Association, Instant
from tocsin.sensors.radar import Radar
from tocsin.tracking import _motion
from tocsin.tracking.association import Indices, assign, marginals
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.settings import Settings

SURVIVAL: Final = 0.9999
HIGHEST: Final = 0.9999
LOWEST_BIRTH: Final = 1e-3
MIDDLE_DRAG: Final = 1 / 4_000.0  # m²/kg, the middle of the prior that assessment states
Edges = tuple[Indices, Indices, Array, Array, Array, Array, Indices]  # as `_motion.gated` returns them
RATE_SPAN: Final = 16_000.0  # m/s over which the range rate of a false plot is spread


class RadarTable:
    """Rows as struct of arrays: `x` (n, 2, 6), `P` (n, 2, 6, 6), `mu` (n, 2), existence `r` (n,), and their history."""

    def __init__(self, settings: Settings) -> None:
        """Start empty."""
        self.settings = settings
        self.next_id = 1
        self.ids = np.empty(0, dtype=np.int64)
        self.x: Array = np.empty((0, 2, 6))
        self.P: Array = np.empty((0, 2, 6, 6))
        self.mu: Array = np.empty((0, 2))
        self.r: Array = np.empty(0)
        self.t = np.empty(0, dtype=np.int64)
        self.last_plot = np.empty(0, dtype=np.int64)
        self.plots = np.empty(0, dtype=np.int64)
        self.first_plot = np.empty(0, dtype=np.int64)
        self.kept = np.empty(0, dtype=np.bool_)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.ids)

    def row(self, row_id: int) -> int | None:
        """Return the place of a row by its id, or None once it is gone."""
        found = np.flatnonzero(self.ids == row_id)
        return int(found[0]) if len(found) else None

    def estimate(self, i: int) -> tuple[Array, Array]:
        """Return mean (6,) and covariance (6, 6) of row `i` over its models."""
        return _motion.combined(self.x[i], self.P[i], self.mu[i])

    def scan(self, radar: Radar, look: RadarLook) -> tuple[dict[int, Association], list[int]]:
        """Take one look. Return the association of each row id that was plotted, and the ids that were dropped."""
        mean, spread = self._ahead(look.end)
        detection = self._detection(radar, look, mean)
        edges = self._edges(radar, look, mean, spread)
        rows, columns, ell = edges[:3]
        clutter = max(radar.false_alarms_per_scan, 0.01) / (radar.range_max * radar.solid_angle())
        density = np.where(look.has_rate, clutter / RATE_SPAN, clutter)
        birth = self.settings.birth_rate * density
        kappa = density + birth
        weight = detection * self.r / np.maximum(1.0 - detection * self.r, 1e-9)
        w = weight[rows] * ell
        p, _, nobody = marginals(rows, columns, w, len(self), kappa)
        chosen = assign(rows, columns, np.log(np.maximum(w, 1e-300) / kappa[columns]), len(self))
        self._exist(rows, p, detection)
        associations = {
            int(self.ids[i]): self._update(i, j, radar, look, edges, p) for i, j in chosen.items()
        }
        self._born(radar, look, nobody * birth / kappa)
        return associations, self._drop(radar, look.end)

    def _update(self, i: int, j: int, radar: Radar, look: RadarLook, edges: Edges, p: Array) -> Association:
        """Give row `i` its plot `j`; return the association."""
        dt = (int(look.times[j]) - int(self.t[i])) / SECOND
        predicted = _motion.predict_row(self.x[i], self.P[i], self.mu[i], dt, MIDDLE_DRAG)
        self.x[i], self.P[i], self.mu[i] = _motion.update_row(
            *predicted, look.z[j], look.sigmas[j], radar.r_ecef, radar.enu_from_ecef
        )
        self.t[i] = self.last_plot[i] = look.times[j]
        self.plots[i] += 1
        rows, columns, _, distance, residual, S, counts = edges
        edge = int(np.flatnonzero((rows == i) & (columns == j))[0])
        m = int(counts[edge])
        return Association(
            look.sensor, Instant(int(look.times[j])), int(look.index[j]), tuple(residual[edge, :m].tolist()),
            tuple(S[edge, :m, :m].ravel().tolist()), self.settings.radar_gate, float(distance[edge]), float(p[edge]),
        )  # fmt: skip

    def _ahead(self, time: int) -> tuple[Array, Array]:
        """Return mean (n, 6) and position spread (n,) [m] of all rows at `time`, for a first sorting."""
        mean, spread = _motion.ahead(self.x, self.P, self.mu, (time - self.t) / SECOND, MIDDLE_DRAG)
        return mean, spread

    def _detection(self, radar: Radar, look: RadarLook, mean: Array) -> Array:
        """Return the probability (n,) that the look would plot each row."""
        if not len(self):
            return np.empty(0)
        return np.where(radar.visible(mean[:, :3], look.coverage), radar.detection_probability, 0.0)

    def _edges(self, radar: Radar, look: RadarLook, mean: Array, spread: Array) -> Edges:
        """Return the gated pairs (see `_motion.gated`), sorted out by range first."""
        distance = np.linalg.norm(mean[:, :3] - radar.r_ecef, axis=1)
        drift = np.linalg.norm(mean[:, 3:], axis=1) + 100.0
        away = np.abs(look.times - look.end) / SECOND
        reach = 5.0 * (spread[:, None] + look.sigmas[None, :, 0]) + drift[:, None] * away[None, :]
        near = np.abs(look.z[None, :, 0] - distance[:, None]) < reach
        edges: Edges = _motion.gated(
            self.x, self.P, self.mu, (self.t - look.end) / SECOND, near, look.z, look.sigmas,
            (look.times - look.end) / SECOND, radar.r_ecef, radar.enu_from_ecef, self.settings.radar_gate, MIDDLE_DRAG,
        )  # fmt: skip
        return edges

    def _exist(self, rows: Indices, p: Array, detection: Array) -> None:
        """Renew the probabilities of existence from the marginals."""
        if not len(self):
            return
        seen = np.bincount(rows, p, len(self))
        unseen = (1.0 - seen) * self.r * (1.0 - detection) / np.maximum(1.0 - detection * self.r, 1e-12)
        self.r = np.minimum(SURVIVAL * (seen + unseen), HIGHEST)

    def _born(self, radar: Radar, look: RadarLook, r_new: Array) -> None:
        """Start a row from each plot that is probably nobody's."""
        born = np.flatnonzero(r_new > LOWEST_BIRTH)
        if not len(born):
            return
        states = [
            _motion.from_plot(
                look.z[j], look.sigmas[j], radar.r_ecef, radar.enu_from_ecef, self.settings.birth_speed
            )
            for j in born
        ]
        x = np.array([state for state, _ in states])
        P = np.array([covariance for _, covariance in states])
        count = len(born)
        self.ids = np.append(self.ids, np.arange(self.next_id, self.next_id + count))
        self.next_id += count
        self.x = np.append(self.x, np.repeat(x[:, None], 2, axis=1), axis=0)
        self.P = np.append(self.P, np.repeat(P[:, None], 2, axis=1), axis=0)
        self.mu = np.append(self.mu, np.full((count, 2), 0.5), axis=0)
        self.r = np.append(self.r, r_new[born])
        self.t = np.append(self.t, look.times[born])
        self.last_plot = np.append(self.last_plot, look.times[born])
        self.first_plot = np.append(self.first_plot, look.times[born])
        self.plots = np.append(self.plots, np.ones(count, dtype=np.int64))
        self.kept = np.append(self.kept, np.zeros(count, dtype=np.bool_))

    def _drop(self, radar: Radar, now: int) -> list[int]:
        """Remove rows that do not exist, are long silent, have no finite state or double an older one."""
        if not len(self):
            return []
        period = radar.scan_period or 5.0
        patience = np.where(
            self.kept & (self.plots >= 8), max(self.settings.silence_s, 4 * period), max(12.0, 2.5 * period)
        )
        silent = (now - self.last_plot) / SECOND > patience
        finite = np.isfinite(self.x).all(axis=(1, 2)) & np.isfinite(self.P).all(axis=(1, 2, 3))
        gone = (self.r < self.settings.drop_existence) | silent | ~finite | self._doubles(now)
        dropped = self.ids[gone].tolist()
        keep = ~gone
        for name in ("ids", "x", "P", "mu", "r", "t", "last_plot", "first_plot", "plots", "kept"):
            setattr(self, name, getattr(self, name)[keep])
        return dropped

    def _doubles(self, now: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Mark the younger of two rows whose states agree: Σ Δ²/(P_a + P_b) < 0.6 over the six numbers.

        Rows of different age are brought to `now` along their velocity.
        """
        n = len(self)
        double = np.zeros(n, dtype=np.bool_)
        old = np.flatnonzero(self.plots >= 3)
        if len(old) < 2:
            return double
        mean = np.einsum("nm,nmk->nk", self.mu[old], self.x[old])
        mean[:, :3] += mean[:, 3:] * ((now - self.t[old]) / SECOND)[:, None]
        spread = np.array([np.diag(self.estimate(int(i))[1]) for i in old])
        for b in range(1, len(old)):
            d2 = np.sum((mean[:b] - mean[b]) ** 2 / (spread[:b] + spread[b]), axis=1)
            double[old[b]] = bool(np.any((d2 < 0.6) & ~double[old[:b]]))
        return double
