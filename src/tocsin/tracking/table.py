"""The table of radar rows: one row is one hypothesis of a body, with a probability that it exists.

A Poisson multi-Bernoulli recursion in track-oriented marginal form (Williams 2015): births from plots nobody claims,
existence from belief-propagation marginals. Young rows take their plot of the best joint assignment, older ones the
mixture of all their plots: decision 9 and raid-association (2026-11), where the parameters come from. Private to
tracking.
"""

from typing import Final

import numpy as np
from msgspec import Struct

from tocsin.messages import SECOND, Array, Association
from tocsin.sensors.radar import Radar
from tocsin.tracking._learning import Shares, existence, update
from tocsin.tracking._pairs import Pairs, Plots, densities, pairs
from tocsin.tracking._rows import Rough, Rows, chance, doubles, moments, rough, sound
from tocsin.tracking.association import Flags, Indices, best_sorted, marginals
from tocsin.tracking.births import CUED, NOBODY, TEACHES, WIDE, Cues, Newborn, Velocities, born
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.settings import Settings

SURVIVAL: Final = 0.9999
HIGHEST: Final = 0.9999
MIDDLE_DRAG: Final = 1 / 4_000.0  # m²/kg, the middle of the prior that assessment states
RATE_SPAN: Final = 16_000.0  # m/s over which the range rate of a false plot is spread
SAME: Final = 0.6  # Σ Δ²/(P_a + P_b) over six numbers, below which two rows are one body
COLUMNS: Final = (
    "ids", "x", "P", "mu", "r", "t", "last_plot", "first_plot", "plots", "kept", "needs", "parent",
)  # fmt: skip


class Plotted(Struct):
    """Which rows took which plot of a look: by row id the pair; and what there is to say of those pairs (k,).

    `columns` (e,), `p` (e,): plots and marginals of all pairs.
    """

    pair: dict[int, int]
    look: RadarLook
    columns: Indices
    edges: Indices
    residual: Array
    innovation: Array
    counts: Indices
    gate: float
    distance: Array
    p: Array
    _made: dict[int, Association] | None = None

    def association(self, row: int) -> Association:
        """Return what the nearer model expected of the plot that a row took."""
        return self.associations()[row]

    def associations(self) -> dict[int, Association]:
        """Return the same of all rows, by id, worked out once."""
        if self._made is None:
            self._made = dict(zip(self.pair, self._associations(), strict=True))
        return self._made

    def _associations(self) -> list[Association]:
        j, sensor, gate = self.columns[self.edges], self.look.sensor, self.gate
        S4 = self.innovation.reshape(-1, 16).tolist()
        S3 = self.innovation[:, :3, :3].reshape(-1, 9).tolist()
        told = zip(
            self.look.times[j].tolist(), self.look.index[j].tolist(), self.residual.tolist(), S3, S4,
            self.counts.tolist(), self.distance.tolist(), self.p[self.edges].tolist(), strict=True,
        )  # fmt: skip
        return [
            Association(sensor, t, index, tuple(y[:m]), tuple(C if m == 3 else D), gate, d2, p)
            for t, index, y, C, D, m, d2, p in told
        ]


class RadarTable:
    """Rows as struct of arrays: `x` (n, 2, 6), `P` (n, 2, 6, 6), `mu` (n, 2), existence `r` (n,), and their history.

    `needs` (n,): plots that prove a row, by the prior it was born with; `parent`: id of the row it parted from, or 0.
    """

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
        self.needs = np.empty(0, dtype=np.int64)
        self.parent = np.empty(0, dtype=np.int64)
        self.velocities = Velocities()
        self.unsound = 0
        self._moments: tuple[Array, Array] | None = None
        self._places: dict[int, int] | None = None

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.ids)

    def row(self, row_id: int) -> int | None:
        """Return the place of a row by its id, or None once it is gone."""
        return self.places().get(row_id)

    def places(self) -> dict[int, int]:
        """Return the places of all rows by their ids; a change of rows makes another."""
        if self._places is None or len(self._places) != len(self.ids):
            self._places = {name: i for i, name in enumerate(self.ids.tolist())}
        return self._places

    def estimate(self, i: int) -> tuple[Array, Array]:
        """Return mean (6,) and covariance (6, 6) of row `i` over its models."""
        mean, C = self.estimates()
        return mean[i], C[i]

    def estimates(self) -> tuple[Array, Array]:
        """Return means (n, 6) and covariances (n, 6, 6) of all rows over their models, worked out once a look."""
        if self._moments is None or len(self._moments[0]) != len(self.ids):
            self._moments = moments(self.x, self.P, self.mu)
        return self._moments

    def proved(self) -> Flags:
        """Mark the rows (n,) that have shown themselves to be bodies."""
        return (self.r > self.settings.confirm_existence) & (self.plots >= self.needs)

    def scan(self, radar: Radar, look: RadarLook, cues: Cues = NOBODY) -> tuple["Plotted", list[int]]:
        """Take one look. Return which rows were plotted, by id, and the ids that were dropped."""
        rows, plots = self._arrays(look)
        near = rough(rows)
        seen = self._detection(radar, look, near)
        gate, site, axes = self.settings.radar_gate, radar.r_ecef, radar.enu_from_ecef
        found, last = pairs(rows, near, plots, site, axes, gate, MIDDLE_DRAG)
        owner, ell = densities(found, last.mu)
        density = self._false_plots(radar, look, float(seen @ self.r))
        birth = self.settings.birth_rate * density
        kappa = density + birth
        w = (seen * self.r / np.maximum(1.0 - seen * self.r, 1e-9))[owner] * ell
        p, none, nobody = marginals(owner, found.columns, w, len(self), kappa)
        gain = np.log(np.maximum(w, 1e-300) / kappa[found.columns])
        chosen = best_sorted(found.start, found.columns, gain, len(look.z))
        touched, innovation = update(
            rows, self.plots, self.settings.soft_plots, MIDDLE_DRAG, found, Shares(p, none, chosen), last, plots,
            seen, self.r, site, axes,
        )  # fmt: skip
        self.r = existence(self.r, owner, p, seen, SURVIVAL, HIGHEST)
        taken = np.flatnonzero(chosen >= 0)
        plotted = self._plotted(look, found, p, innovation[taken], taken, chosen[taken])
        self._book(touched, rows.age, taken, look, found.columns[chosen[taken]])
        self._moments = None
        self._learn(taken, look.end)
        gone = self._gone(radar, look.end)
        new = self._newborn(radar, look, nobody * birth / kappa, cues)
        return plotted, self._renew(gone, new, look)

    def _arrays(self, look: RadarLook) -> tuple[Rows, Plots]:
        """Return the rows and the look's plots as kernels take them, times counted from the look's end."""
        order = np.argsort(look.z[:, 0], kind="stable")
        rows = Rows(self.x, self.P, self.mu, (self.t - look.end) / SECOND)
        return rows, Plots(look.z, look.sigmas, (look.times - look.end) / SECOND, order)

    def _plotted(
        self, look: RadarLook, found: Pairs, p: Array, innovation: Array, taken: Indices, edges: Indices
    ) -> Plotted:
        """Return which rows took which plots, and what was expected of them."""
        nearer = np.where(found.density[edges, 0] >= found.density[edges, 1], 0, 1)
        return Plotted(
            dict(zip(self.ids[taken].tolist(), edges.tolist(), strict=True)), look, found.columns, edges,
            found.residual[edges, nearer], innovation, found.counts[edges], self.settings.radar_gate,
            found.distance[edges], p,
        )  # fmt: skip

    def _detection(self, radar: Radar, look: RadarLook, near: Rough) -> Array:
        """Return the probability (n,) that the look would plot each row."""
        return np.asarray(
            chance(
                near.mean, near.spread, radar.r_ecef, radar.enu_from_ecef, window(radar, look), radar.range_max,
                radar.detection_probability,
            )
        )  # fmt: skip

    def _false_plots(self, radar: Radar, look: RadarLook, expected: float) -> Array:
        """Return the density (m,) of false plots: what the radar declares, or what a flood of them shows."""
        count = max(radar.false_alarms_per_scan, 0.01)
        if len(look.z) > self.settings.flood:
            count = max(count, len(look.z) - expected)
        clutter = count / (radar.range_max * radar.solid_angle())
        return np.where(look.has_rate, clutter / RATE_SPAN, clutter)

    def _book(self, touched: Flags, age: Array, taken: Indices, look: RadarLook, columns: Indices) -> None:
        """Write down when rows were moved and plotted."""
        self.t[touched] = look.end + np.round(age[touched] * SECOND).astype(np.int64)
        self.t[taken] = self.last_plot[taken] = look.times[columns]
        self.plots[taken] += 1

    def _learn(self, taken: Indices, now: int) -> None:
        """Let rows that have just become trustworthy teach the velocity of later ones."""
        old = taken[(self.plots[taken] == TEACHES) & (self.r[taken] > 0.99)]
        if len(old):
            mean = self.estimates()[0][old]
            since = (self.t[old] - self.first_plot[old]) / SECOND
            self.velocities.learn(mean, self.mu[old, 1], since, now)

    def _newborn(self, radar: Radar, look: RadarLook, r_new: Array, cues: Cues) -> Newborn:
        """Return the rows that plots start which are probably nobody's."""
        sure = np.flatnonzero((self.plots > TEACHES) & (self.r > 0.99) & (self.mu[:, 1] < 0.1))
        mean, C = self.estimates()
        ahead = ((look.end - self.t[sure]) / SECOND)[:, None]
        bodies = mean[sure]
        bodies[:, :3] += ahead * bodies[:, 3:] - 0.5 * ahead**2 * 9.5 * bodies[:, :3] / 6.4e6
        place = np.sqrt(C[sure, 0, 0] + C[sure, 1, 1] + C[sure, 2, 2])
        most = min(self.settings.most_births, max(self.settings.most_rows - len(self), 0) // 2)
        return born(
            radar, look, r_new, self.settings, self.velocities, cues, (self.ids[sure], bodies, place), most
        )

    def _gone(self, radar: Radar, now: int) -> Flags:
        """Mark rows that do not exist, are long silent, have no sound state or double an older one."""
        period = radar.scan_period or 5.0
        patience = np.where(
            self.kept & (self.plots >= 8), max(self.settings.silence_s, 4 * period), max(12.0, 2.5 * period)
        )
        silent = (now - self.last_plot) / SECOND > patience
        sane = sound(self.x, self.P, self.mu)
        self.unsound += len(self) - int(sane.sum())
        gone = (self.r < self.settings.drop_existence) | silent | ~sane
        mean, C = self.estimates()
        old = np.flatnonzero((self.plots >= 3) & ~gone)
        return np.asarray(gone | doubles(mean, C, (now - self.t) / SECOND, old, SAME))

    def _renew(self, gone: Flags, new: Newborn, look: RadarLook) -> list[int]:
        """Take rows out, append the newborn; return the ids that were taken out."""
        count = len(new.plot)
        stay = np.flatnonzero(~gone)
        if not count and len(stay) == len(gone):
            return []
        dropped: list[int] = self.ids[gone].tolist()
        crowded = np.bincount(new.plot, minlength=len(look.z))[new.plot] > 1
        times = look.times[new.plot]
        rows = {
            "ids": np.arange(self.next_id, self.next_id + count),
            "x": new.x[:, None].repeat(2, axis=1), "P": new.P[:, None].repeat(2, axis=1),
            "mu": np.column_stack([1.0 - new.boost, new.boost]), "r": new.r, "t": times, "last_plot": times,
            "first_plot": times, "plots": np.ones(count, dtype=np.int64), "kept": np.zeros(count, dtype=np.bool_),
            "needs": self.settings.confirm_plots + ((new.prior == WIDE) & crowded) - (new.prior == CUED),
            "parent": new.parent,
        }  # fmt: skip
        self.next_id += count
        for name in COLUMNS:
            setattr(self, name, np.concatenate([getattr(self, name).take(stay, axis=0), rows[name]]))
        self._moments = self._places = None
        return dropped


def window(radar: Radar, look: RadarLook) -> Array:
    """Return azimuth from and width, elevation from and to (4,) [rad] of a look."""
    from_, to, low, high = radar.sector(look.coverage)
    return np.array([from_, (to - from_) % (2 * np.pi) or 2 * np.pi, low, high])
