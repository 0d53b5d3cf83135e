"""One object as tracking knows it: an infrared half, a radar half, and what they say together."""

import math
from typing import Any, Final, Literal

import numpy as np
from msgspec import structs

from tocsin.flight._kernels import radial_height
from tocsin.messages import SECOND, Array, Association, Component, Instant, Origin, Track
from tocsin.tracking import ahead, fusion, reentry, unwatched
from tocsin.tracking._reentry import sinks
from tocsin.tracking.burn import Burn
from tocsin.tracking.follow import STILL_BURNS, Reading
from tocsin.tracking.launch import Mode
from tocsin.tracking.life_cycle import State, Trigger, after
from tocsin.tracking.settings import Settings

MOST_ODDS: Final = float(np.log(1e4))  # for a body, whatever speaks for it: as of a radar row
VELOCITY_SIGMA: Final = 500.0  # m/s an axis, of a burning body's against a row's (our assumption)
STRAIGHT: Final = 50_000.0  # m, over which what is spread along an orbit lies some 400 m off a straight line
BENDS: Final = 800.0  # s, in which an orbit low over the Earth turns by a radian: over less it bends by less
ESCAPE: Final = 11_200.0  # m/s, from the ground
NOWHERE: Final = (Component(1.0, None, None, np.zeros((10, 10)), "radar", False),)  # no launch is known


class Radar:
    """A radar half that stands still: `x` (6,), `P` (6, 6) at `t`; how surely it still burns."""

    __slots__ = ("P", "boosting", "first", "row", "t", "x")

    def __init__(self, row: int, x: Array, P: Array, t: int, boosting: float, first: int) -> None:
        """Hold an estimate of a row."""
        self.row = row
        self.x, self.P, self.t, self.boosting, self.first = x, P, t, boosting, first


class Body:
    """An object: at least one of a burn and a radar half, and the prior that earlier radar arcs have left."""

    def __init__(self, number: int, origin: Origin, first_look: Instant, settings: Settings) -> None:
        """Start a confirmed object."""
        self.number = number
        self.origin = origin
        self.first_look = first_look
        self.settings = settings
        self.state: State = after("tentative", "proved")
        self.burn: Burn | None = None
        self.radar: Radar | Reading | None = None
        self.prior: tuple[Instant, tuple[Component, ...]] | None = None
        self.log_odds = 20.0
        self.followed_since: int | None = None
        self.asked = False  # whether its event has been sought by its arc (`companions.py`)
        self.burned = 0  # when a radar last said that it burns
        self.silence = 0.0  # log likelihood that radars have looked and not seen it, since one last did
        self.descent: reentry.Descent | None = None
        self.parent: int | None = None
        self.group = number
        self.detections: dict[str, int] = {}
        self.fresh: list[Association] = []
        self._smoothed: tuple[Component, ...] | None = None
        self._awaited: tuple[int, list[Mode], list[tuple[float, Array, Array]]] | None = None
        self._where: tuple[Any, int, tuple[Array, Array, float]] | None = None
        self._carried: tuple[tuple[Component, ...], int, tuple[Component, ...]] | None = None

    def trigger(self, what: Trigger) -> None:
        """Let something happen to the track's life."""
        self.state = after(self.state, what)

    @property
    def row(self) -> int:
        """Give the id of the radar row it follows, 0 without one."""
        return 0 if self.radar is None else self.radar.row

    @property
    def is_lone(self) -> bool:
        """Say whether a radar row says all that is known of it."""
        return self.burn is None and self.prior is None and isinstance(self.radar, Reading)

    def follow(self, radar: Reading) -> None:
        """Take a radar row as the other half."""
        self.radar, self.descent = radar, None
        self.settle()

    def settle(self) -> None:
        """Take over what speaks for the row: what is read of a row alone, a launch keeps the most of."""
        if isinstance(self.radar, Reading):
            odds = self.radar.log_odds
            self.log_odds = odds if self.burn is None else max(self.log_odds, odds)

    def take(self, burn: Burn) -> None:
        """Become, of a body that only radars saw, one whose burn satellites have seen."""
        self.settle()
        self.burn = burn

    def plotted(self, sensor: str) -> None:
        """Book that its row was plotted."""
        self.detections[sensor] = self.detections.get(sensor, 0) + 1
        if self.state != "confirmed":
            self.trigger("seen")

    def count(self, associations: list[Association]) -> None:
        """Book the associations of this look."""
        for a in associations:
            self.detections[a.sensor] = self.detections.get(a.sensor, 0) + 1
        self.fresh += associations

    @property
    def existence(self) -> float:
        """Give the probability that it is one body and no chance: what speaks for it, less what radars did not see."""
        odds = self.log_odds
        if self.burn is None and isinstance(self.radar, Reading):
            odds = self.radar.log_odds
        log_odds = min(max(odds, -20.0), MOST_ODDS) + self.silence
        return 1.0 / (1.0 + math.exp(-max(log_odds, -20.0)))

    @property
    def burning(self) -> bool:
        """Say whether it is an infrared track whose burnout is not yet believed."""
        return self.burn is not None and not self.burn.over

    @property
    def unwatched(self) -> bool:
        """Say whether all that is known is a burn whose end nobody looked at."""
        return self.burn is not None and self.burn.lapsed and self.prior is None

    def before_radar(self) -> tuple[Instant, tuple[Component, ...]] | None:
        """Return time and mixture of all that is known but the present radar arc."""
        if self.prior is not None:
            return self.prior
        return self.burn.components() if self.burn is not None else None

    def mixture(self) -> tuple[Instant, tuple[Component, ...]]:
        """Return time and mixture of all that is known."""
        known = self.before_radar()
        if self.radar is None:
            assert known is not None
            return known
        x, P, t = self.radar.x, self.radar.P, Instant(self.radar.t)
        if self.descent is not None and sinks(x) and not self.burning:
            fall = self.descent.fall()
            x, P, drag = fall.state()
            launches = self._smoothed or (NOWHERE if known is None else known[1])
            return Instant(fall.t), fusion.beside(launches, x, P, reentry.to_the_ground(x, drag))
        if known is None:
            return t, fusion.beside(NOWHERE, x, P)
        time, prior = known
        if self.burning or t < time:
            return t, fusion.beside(prior, x, P)
        if sinks(x):
            return t, fusion.beside(self._smoothed or prior, x, P)
        when, known_then, y, C, carried = self._brought_together(x, P, t)
        together, nearest = fusion.fused(known_then, y, C)
        bent = carried * min((t - time) / SECOND / BENDS, 1.0)
        if nearest > self.settings.fusion_gate or bent > STRAIGHT:
            return t, fusion.beside(prior, x, P)
        self._smoothed = (
            tuple(fusion.carried(c, (t - when) / SECOND) for c in together) if when != t else together
        )
        return t, self._smoothed

    def disagreement(self, x: Array, P: Array, t: int) -> tuple[float, float]:
        """Return how far (Mahalanobis squared) a radar state lies from what is known without it, and at what cost.

        The cost is twice the negative log density, of a velocity known to VELOCITY_SIGMA while it burns.
        """
        if self.burning:
            rows = [(x[:3] - r, C + P[:3, :3]) for _, r, C in self._expected(t)]
            d2 = [float(d @ np.linalg.solve(S, d)) for d, S in rows]
            cost = [
                d + float(np.linalg.slogdet(2 * np.pi * S)[1]) for d, (_, S) in zip(d2, rows, strict=True)
            ]
            burns = min(d2), min(cost) + 3.0 * (1.0 + math.log(2 * math.pi * VELOCITY_SIGMA**2))
            return min(burns, self._gone_out(x, P, t))
        known = self.before_radar()
        if known is None:
            return float("inf"), float("inf")
        _, known_then, y, C, _ = self._brought_together(x, P, t)
        return fusion.mismatch(known_then, y, C)

    def _gone_out(self, x: Array, P: Array, t: int) -> tuple[float, float]:
        """Return `disagreement` for a burn that may have ended where nobody looked; infinite beyond the gate.

        What may be almost anywhere must not take a satellite that passes.
        """
        assert self.burn is not None
        if not unwatched.stays_up(x):
            components = self.burn.unseen(t)
            if components:
                found = fusion.mismatch(components, x, P)
                if found[0] < self.settings.fusion_gate:
                    return found
        return math.inf, math.inf

    def _brought_together(
        self, x: Array, P: Array, t: int
    ) -> tuple[int, tuple[Component, ...], Array, Array, float]:
        """Return a time, what is known without the radar then, a radar's state of `t` then, and the spread carried.

        That one of the two is carried to the other's time which is spread less when it gets there: what is known of a
        burn lies over thousands of kilometres half an hour later, and no longer along a line. Never the radar's where
        that has come out of the ground: what flies in the air, as aircraft do, has come from nowhere without thrust.
        """
        known = self.before_radar()
        assert known is not None
        ahead = self.ahead(t)
        back, C = fusion.carried_state(x, P, (known[0] - t) / SECOND)
        spread, spread_ahead = _spread(C), _least_spread(ahead)
        if spread < spread_ahead and _may_fly(back):
            return known[0], known[1], back, C, spread
        return t, ahead, x, P, spread_ahead

    def whereabouts(self, t: int) -> tuple[Array, Array, float]:
        """Return place (3,), velocity (3,) and spread of the place [m] at `t`, from what is known without a radar."""
        source = self.burn.modes if self.burning and self.burn is not None else self.ahead(t)
        if self._where is None or self._where[0] is not source or self._where[1] != t:
            self._where = (source, t, self._placed(t))
        return self._where[2]

    def guesses(self, t: int) -> list[tuple[Array, Array, float]]:
        """Return place (3,), velocity (3,) and spread of the place [m] at `t` of each mode while it burns, else one."""
        if not self.burning or self.burn is None:
            return [self.whereabouts(t)]
        clock = (t - self.burn.epoch) / SECOND
        rows = [ahead.going_on(mode, clock) for mode in self.burn.modes]
        return [(r, v, float(np.sqrt(np.trace(C)))) for r, v, C in rows]

    def _placed(self, t: int) -> tuple[Array, Array, float]:
        """Work out `whereabouts`."""
        if self.burning:
            assert self.burn is not None
            rows = [(w, r, C) for w, r, C in self._expected(t)]
            best = self.burn.modes[0]
            v = best.state[3:]
        else:
            components = [c for c in self.ahead(t) if c.motion is not None]
            rows = [
                (c.weight, c.motion[:3], c.covariance[4:7, 4:7]) for c in components if c.motion is not None
            ]
            v = max(components, key=lambda c: c.weight).motion[3:]  # type: ignore[index]
        if len(rows) == 1:
            _, r, C = rows[0]
            return r.copy(), v, math.sqrt(C[0, 0] + C[1, 1] + C[2, 2])
        total = sum(w for w, _, _ in rows)
        r = sum((w / total * place for w, place, _ in rows), np.zeros(3))
        spread = sum(w / total * (np.trace(C) + np.sum((place - r) ** 2)) for w, place, C in rows)
        return r, v, float(np.sqrt(spread))

    def _expected(self, t: int) -> list[tuple[float, Array, Array]]:
        """Return what a burning body's fit expects at `t`, worked out once a look."""
        assert self.burn is not None
        if self._awaited is None or self._awaited[0] != t or self._awaited[1] is not self.burn.modes:
            self._awaited = (t, self.burn.modes, self.burn.expect(t))
        return self._awaited[2]

    def ahead(self, t: int) -> tuple[Component, ...]:
        """Return what is known without the present radar arc, carried to `t`; each look carries it a little farther."""
        known = self.before_radar()
        assert known is not None
        if self._carried is None or self._carried[0] is not known[1] or t < self._carried[1]:
            self._carried = (known[1], known[0], known[1])
        source, time, components = self._carried
        if t != time:
            components = tuple(fusion.carried(c, (t - time) / SECOND) for c in components)
            self._carried = (source, t, components)
        return components

    def descend(self, plot: reentry.Plot) -> None:
        """Take a plot of its row on the way down through the air."""
        if self.descent is not None:
            self.descent.add(plot)
            return
        known = self.before_radar()
        drag = None if known is None else max(known[1], key=lambda c: c.weight).drag
        if drag is not None:
            drag = structs.replace(drag, motion=np.zeros(6))  # that was another arc's motion
        self.descent = reentry.Descent(drag, plot)

    def leave_radar(self) -> None:
        """Keep what the arc that ended has taught as the prior of the next."""
        assert self.radar is not None
        if self.burn is None:
            self.settle()
        if not self.burning:
            self.prior = self.mixture()
        self.radar = self.descent = None

    def track(self, time: Instant, plot: Association | None = None) -> Track:
        """Return what is believed after the look that ended at `time`, in which a radar has plotted it perhaps."""
        state_time, components = self.mixture()
        heaviest = max(components, key=lambda c: c.weight)
        assert heaviest.motion is not None
        return self._message(time, state_time, components, heaviest.motion, plot)

    def alone(
        self, time: Instant, x: Array, covariance: Array, t: Instant, plot: Association | None
    ) -> Track:
        """Return what a radar row alone says: its state (6,) and covariance (10, 10) of launch and motion at `t`."""
        components = (Component(1.0, None, x, covariance, "radar", False),)
        return self._message(time, t, components, x, plot)

    def _message(
        self, time: Instant, state_time: Instant, components: tuple[Component, ...], x: Array,
        plot: Association | None,
    ) -> Track:  # fmt: skip
        """Return the track, and start a new page of associations."""
        fresh, self.fresh = tuple(self.fresh), []
        return Track(
            self.number, self.origin, time, self.first_look, self.state, self._phase(x),
            self.burn.epoch if self.burn is not None else self.first_look, state_time, components,
            dict(sorted(self.detections.items())), self.existence, self.parent, self.group,
            fresh if plot is None else (*fresh, plot), tuple([c.weight for c in components]),
            self.burn is not None and self.burn.lapsed and self.radar is None and self.prior is None,
        )  # fmt: skip

    def _phase(self, x: Array) -> Literal["boost", "coast", "re-entry"]:
        if self.burning and (self.radar is None or self.radar.boosting > STILL_BURNS):
            return "boost"
        if self.radar is not None and self.burn is None and self.radar.boosting > 0.5:
            return "boost"
        return "re-entry" if sinks(x) else "coast"


def _spread(C: Array) -> float:
    """Return the spread of the place [m] of a covariance (6, 6)."""
    return float(np.sqrt(np.trace(C[:3, :3])))


def _may_fly(x: Array) -> bool:
    """Say whether a motion (6,) is one over the ground, and slow enough to stay with the Earth."""
    return radial_height(*x[:3].tolist()) > 0.0 and bool(np.linalg.norm(x[3:]) < ESCAPE)


def _least_spread(components: tuple[Component, ...]) -> float:
    """Return that of the component that knows its place best, of those that still fly; infinite where none does."""
    flying = [c for c in components if c.motion is not None and radial_height(*c.motion[:3].tolist()) > 0.0]
    known = [s for c in flying if math.isfinite(s := _spread(c.covariance[4:, 4:]))]
    return min(known, default=math.inf)
