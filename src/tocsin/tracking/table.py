"""The table of radar rows: one row is one hypothesis of a body, with a probability that it exists.

A Poisson multi-Bernoulli recursion in track-oriented marginal form (Williams 2015): births from plots nobody claims,
existence from belief-propagation marginals. Young rows take their plot of the best joint assignment, older ones the
mixture of all their plots: decision 9 and raid-association (2026-11), where the parameters come from. Private to
tracking.
"""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from msgspec import Struct

from tocsin.messages import SECOND, Array, Association
from tocsin.sensors.radar import Radar
from tocsin.tracking._rows import moments, states_kept
from tocsin.tracking._scan import Columns, Eye, Rules, Seen, scanned
from tocsin.tracking.association import Flags, Indices
from tocsin.tracking.births import CUED, NOBODY, TEACHES, WIDE, Cues, Newborn, Velocities, born, coasting
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.settings import Settings

MIDDLE_DRAG: Final = 1 / 4_000.0  # m²/kg, the middle of the prior that assessment states
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
    _places: dict[int, int] | None = None

    def association(self, row: int) -> Association:
        """Return what the nearer model expected of the plot that a row took."""
        return self.associations([row])[row]

    def associations(self, rows: Iterable[int]) -> dict[int, Association]:
        """Return the same of those of some rows that took one, by id: most rows of a look are told to nobody."""
        pair = self.pair
        if self._places is None:
            self._places = {row: k for k, row in enumerate(pair)}
        told = [row for row in rows if row in pair]
        return dict(zip(told, self._associations([self._places[row] for row in told]), strict=True))

    def _associations(self, some: list[int]) -> list[Association]:
        """Return those of some of the pairs (k,)."""
        edges = self.edges[some]
        j, sensor, gate, spread = self.columns[edges], self.look.sensor, self.gate, self.innovation[some]
        S4 = spread.reshape(-1, 16).tolist()
        S3 = spread[:, :3, :3].reshape(-1, 9).tolist()
        told = zip(
            self.look.times[j].tolist(), self.look.index[j].tolist(), self.residual[some].tolist(), S3, S4,
            self.counts[some].tolist(), self.distance[some].tolist(), self.p[edges].tolist(), strict=True,
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
        given: tuple[Any, ...] = (
            *Columns(self.x, self.P, self.mu, self.r, self.t, self.last_plot, self.plots, self.kept),
            *Seen(look.z, look.sigmas, look.times, look.has_rate, int(look.end)),  # an Instant is slow to hand over
            *_eye(radar, look), *self._rules(radar),
        )  # fmt: skip
        done = scanned(*given)
        self.r = done.r
        self._moments = done.mean, done.C
        self.unsound += len(self) - int(np.count_nonzero(done.is_sound))
        plotted = Plotted(
            dict(zip(self.ids[done.taken].tolist(), done.edges.tolist(), strict=True)), look, done.columns, done.edges,
            done.residual, done.innovation, done.counts, self.settings.radar_gate, done.distance, done.p,
        )  # fmt: skip
        self._learn(done.taken, look.end)
        new = self._newborn(radar, look, done.newborn, cues)
        return plotted, self._renew(done.gone, new, look)

    def _rules(self, radar: Radar) -> Rules:
        """Return the settings as the kernel takes them; a radar that looks seldom is waited for longer."""
        settings, period = self.settings, radar.scan_period or 5.0
        return Rules(
            settings.radar_gate, settings.birth_rate, settings.soft_plots, settings.flood, settings.drop_existence,
            max(12.0, 2.5 * period), max(settings.silence_s, 4.0 * period), MIDDLE_DRAG,
        )  # fmt: skip

    def _learn(self, taken: Indices, now: int) -> None:
        """Let rows that have just become trustworthy teach the velocity of later ones."""
        old = taken[self.plots[taken] == TEACHES]
        old = old[self.r[old] > 0.99]
        if len(old):
            mean = self.estimates()[0][old]
            since = (self.t[old] - self.first_plot[old]) / SECOND
            self.velocities.learn(mean, self.mu[old, 1], since, now)

    def _newborn(self, radar: Radar, look: RadarLook, r_new: Array, cues: Cues) -> Newborn:
        """Return the rows that plots start which are probably nobody's."""
        mean, C = self.estimates()
        parents = coasting(self.ids, mean, C, self.mu[:, 1], self.r, self.plots, self.t, int(look.end))
        most = min(self.settings.most_births, max(self.settings.most_rows - len(self), 0) // 2)
        return born(radar, look, r_new, self.settings, self.velocities, cues, parents, most)

    def _renew(self, gone: Flags, new: Newborn, look: RadarLook) -> list[int]:
        """Take rows out, append the newborn; return the ids that were taken out."""
        count = len(new.plot)
        if not count and not gone.any():
            return []
        dropped: list[int] = self.ids[gone].tolist()
        self.x, self.P, self.mu = states_kept(self.x, self.P, self.mu, gone, new.x, new.P, new.boost)
        crowded = np.bincount(new.plot, minlength=len(look.z))[new.plot] > 1
        times, stay = look.times[new.plot], ~gone
        for name, values in {
            "ids": np.arange(self.next_id, self.next_id + count), "r": new.r, "t": times, "last_plot": times,
            "first_plot": times, "plots": np.ones(count, dtype=np.int64), "kept": np.zeros(count, dtype=np.bool_),
            "needs": self.settings.confirm_plots + ((new.prior == WIDE) & crowded) - (new.prior == CUED),
            "parent": new.parent,
        }.items():  # fmt: skip
            setattr(self, name, np.concatenate((getattr(self, name)[stay], values)))
        self.next_id += count
        self._moments = self._places = None
        return dropped


def _eye(radar: Radar, look: RadarLook) -> Eye:
    """Return a radar in a look as the kernel takes it."""
    return Eye(
        radar.r_ecef, radar.enu_from_ecef, window(radar, look), radar.range_max, radar.detection_probability,
        max(radar.false_alarms_per_scan, 0.01), radar.range_max * radar.solid_angle(),
    )  # fmt: skip


def window(radar: Radar, look: RadarLook) -> Array:
    """Return azimuth from and width, elevation from and to (4,) [rad] of a look."""
    from_, to, low, high = radar.sector(look.coverage)
    return np.array([from_, (to - from_) % (2 * np.pi) or 2 * np.pi, low, high])
