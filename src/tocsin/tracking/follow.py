"""What bodies read of the radar rows they follow, and what a look of a radar tells of them.

After each look the table is set down once, as arrays; a body reads its own line of them only where something asks.
`Told` are the tracks a look has changed: their numbers and arrays at once, their messages when they are read. A look
that follows first has what was told before it read out, if anyone still holds it, so that when it is read is no matter.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, overload

import numpy as np

from tocsin.messages import Array, Association, Instant, Track
from tocsin.sensors.radar import Radar
from tocsin.tracking._reentry import sinking
from tocsin.tracking.association import Indices
from tocsin.tracking.reentry import Plot
from tocsin.tracking.table import Plotted, RadarTable

STILL_BURNS: Final = 0.1  # weight of the boost model above which a body under radar is not believed out

if TYPE_CHECKING:
    from tocsin.tracking.body import Body
    from tocsin.tracking.body import Radar as Following


class Latest:
    """The radar table as it stood after its last look: means (n, 6), covariances (n, 6, 6), times, weights, `r`."""

    __slots__ = ("P", "boosting", "place", "r", "t", "x")

    def __init__(self, table: RadarTable) -> None:
        """Set the table down."""
        self.renew(table)

    def renew(self, table: RadarTable) -> None:
        """Set the table down again; who follows a row that is gone must have been told before."""
        self.place = table.places()
        self.x, self.P = table.estimates()
        self.t, self.boosting, self.r = table.t.copy(), table.mu[:, 1].copy(), table.r


class Reading:
    """The radar half of a body: one row of the table as it stood after the last look; `first`: its first plot."""

    __slots__ = ("first", "latest", "row")

    def __init__(self, row: int, latest: Latest, first: int) -> None:
        """Follow a row by its id."""
        self.row, self.latest, self.first = row, latest, first

    @property
    def x(self) -> Array:
        """Give the state (6,)."""
        return np.asarray(self.latest.x[self.latest.place[self.row]])

    @property
    def P(self) -> Array:  # noqa: N802
        """Give its covariance (6, 6)."""
        return np.asarray(self.latest.P[self.latest.place[self.row]])

    @property
    def t(self) -> int:
        """Give the time of the state."""
        return int(self.latest.t[self.latest.place[self.row]])

    @property
    def boosting(self) -> float:
        """Say how surely it still burns."""
        return float(self.latest.boosting[self.latest.place[self.row]])

    @property
    def log_odds(self) -> float:
        """Give the log odds that the row is a body."""
        r = float(self.latest.r[self.latest.place[self.row]])
        return float(np.log(r / (1.0 - r)))


def gathered(halves: Sequence["Following | Reading"]) -> tuple[Array, Array, Indices]:
    """Return states (n, 6), covariances (n, 6, 6) and times (n,) of radar halves, at once if all read one table."""
    readings = [half for half in halves if isinstance(half, Reading)]
    if halves and len(readings) == len(halves):
        latest = readings[0].latest
        rows = [latest.place[half.row] for half in readings]
        return latest.x[rows], latest.P[rows], latest.t[rows]
    x, P = np.array([half.x for half in halves]), np.array([half.P for half in halves])
    return x.reshape(-1, 6), P.reshape(-1, 6, 6), np.array([half.t for half in halves], dtype=np.int64)


def descend(bodies: Iterable["Body"], latest: Latest, sensor: Radar, plotted: Plotted) -> None:
    """Let bodies that fall through the air learn from the plots of a look how much they brake."""
    low = sinking(latest.x) & (latest.boosting <= STILL_BURNS)
    if not low.any():
        return
    falling = {row: place for row, place in latest.place.items() if low[place] and row in plotted.pair}
    times, z, sigmas = plotted.look.times, plotted.look.z, plotted.look.sigmas
    for body in bodies:
        place = falling.get(body.row)
        if place is not None and not body.burning:
            j = plotted.columns[plotted.pair[body.row]]
            body.descend(Plot(sensor, int(times[j]), z[j], sigmas[j], latest.x[place], latest.P[place]))


class Told(Sequence[Track]):
    """Tracks a look has changed, in order of their number; each is made into a message when the first is read."""

    __slots__ = ("__weakref__", "_bodies", "_latest", "_messages", "_plotted", "_time")

    def __init__(self, bodies: list["Body"], time: Instant, plotted: Plotted, latest: Latest) -> None:
        """Hold the bodies; nothing is worked out yet."""
        self._bodies, self._time, self._plotted, self._latest = bodies, time, plotted, latest
        self._messages: list[Track] | None = None

    @property
    def ids(self) -> list[int]:
        """Give the tracks' numbers."""
        return [body.number for body in self._bodies]

    def states(self) -> tuple[Indices, Array, Array]:
        """Return places in the tracks, states (k, 6) and covariances (k, 6, 6) of those that a row stands for alone.

        They are the row's; a message tells what falls through the air by its own drag (`reentry`).
        """
        place = self._latest.place
        those = [k for k, body in enumerate(self._bodies) if body.is_lone]
        rows = [place[self._bodies[k].radar.row] for k in those]  # type: ignore[union-attr]
        return np.array(those, dtype=np.int64), self._latest.x[rows], self._latest.P[rows]

    def read(self) -> list[Track]:
        """Return the messages, made at the first call."""
        if self._messages is None:
            plots = self._plotted.associations([body.row for body in self._bodies])
            lone = [body for body in self._bodies if body.is_lone and body.descent is None]
            alone = {track.id: track for track in self._alone(lone, plots)}
            self._messages = [
                alone.get(body.number) or body.track(self._time, plots.get(body.row)) for body in self._bodies
            ]
        return self._messages

    def _rows(self, bodies: list["Body"]) -> Indices:
        place = self._latest.place
        return np.array([place[body.row] for body in bodies], dtype=np.int64)

    def _alone(self, bodies: list["Body"], plots: dict[int, Association]) -> list[Track]:
        """Return the tracks of bodies that a radar row stands for alone, all at once; `plots`: what rows took."""
        if not bodies:
            return []
        latest, rows = self._latest, self._rows(bodies)
        covariance = np.zeros((len(rows), 10, 10))
        covariance[:, 4:, 4:] = latest.P[rows]
        return [
            body.alone(self._time, x, C, Instant(t), plots.get(row))
            for body, row, x, C, t in zip(
                bodies, [body.row for body in bodies], latest.x[rows], covariance, latest.t[rows].tolist(),
                strict=True,
            )
        ]  # fmt: skip

    @overload
    def __getitem__(self, k: int) -> Track: ...
    @overload
    def __getitem__(self, k: slice) -> list[Track]: ...
    def __getitem__(self, k: int | slice) -> Track | list[Track]:
        """Return a track, or several."""
        return self.read()[k]

    def __len__(self) -> int:
        """Count the tracks."""
        return len(self._bodies)

    def __iter__(self) -> Iterator[Track]:
        """Go through the tracks."""
        return iter(self.read())
