"""One object as tracking knows it: an infrared half, a radar half, and what they say together."""

from typing import Final, Literal

import numpy as np

from tocsin.messages import SECOND, Array, Association, Component, Instant, Origin, Track
from tocsin.tracking import fusion
from tocsin.tracking.burn import Burn
from tocsin.tracking.life_cycle import State, Trigger, after
from tocsin.tracking.settings import Settings

SPACE: Final = 100_000.0  # m, above which a body coasts and below which, falling, it re-enters


class Radar:
    """The radar half: the row's last estimate. `x` (6,), `P` (6, 6) at `t`; how surely it still burns."""

    __slots__ = ("P", "boosting", "first", "row", "t", "x")

    def __init__(self, row: int, x: Array, P: Array, t: int, boosting: float, first: int) -> None:
        """Hold an estimate of a row."""
        self.row: int | None = row
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
        self.radar: Radar | None = None
        self.prior: tuple[Instant, tuple[Component, ...]] | None = None
        self.log_odds = 20.0
        self.parent: int | None = None
        self.group = number
        self.detections: dict[str, int] = {}
        self.fresh: list[Association] = []
        self._smoothed: tuple[Component, ...] | None = None
        self._carried: tuple[tuple[Component, ...], int, tuple[Component, ...]] | None = None

    def trigger(self, what: Trigger) -> None:
        """Let something happen to the track's life."""
        self.state = after(self.state, what)

    def count(self, associations: list[Association]) -> None:
        """Book the associations of this look."""
        for a in associations:
            self.detections[a.sensor] = self.detections.get(a.sensor, 0) + 1
        self.fresh += associations

    @property
    def existence(self) -> float:
        """Give the probability that it is one body and no chance."""
        return float(1.0 / (1.0 + np.exp(-min(max(self.log_odds, -20.0), 20.0))))

    @property
    def burning(self) -> bool:
        """Say whether it is an infrared track whose burnout is not yet believed."""
        return self.burn is not None and not self.burn.over

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
        if known is None:
            covariance = np.zeros((10, 10))
            covariance[4:, 4:] = P
            return t, (Component(1.0, None, x, covariance, "radar", False),)
        time, prior = known
        if self.burning or t < time:
            return t, fusion.beside(prior, x, P)
        if self._reentering(x):
            return t, fusion.beside(self._smoothed or prior, x, P)
        together, nearest = fusion.fused(self._ahead(t), x, P)
        if nearest > self.settings.fusion_gate:
            return t, fusion.beside(prior, x, P)
        self._smoothed = together
        return t, together

    def disagreement(self, x: Array, P: Array, t: int) -> float:
        """Return how far (Mahalanobis squared) a radar state lies from what is known without it."""
        if self.burning:
            assert self.burn is not None
            return min(
                float((x[:3] - r) @ np.linalg.solve(C + P[:3, :3], x[:3] - r))
                for _, r, C in self.burn.expect(t)
            )
        known = self.before_radar()
        if known is None:
            return float("inf")
        return fusion.distance(self._ahead(t), x, P)

    def distance(self, x: Array, t: int) -> float:
        """Return how far [m] a radar state lies from the nearest component of what is known without it."""
        if self.burning:
            assert self.burn is not None
            return min(float(np.linalg.norm(x[:3] - r)) for _, r, _ in self.burn.expect(t))
        if self.before_radar() is None:
            return float("inf")
        return min(
            float(np.linalg.norm(x[:3] - c.motion[:3])) for c in self._ahead(t) if c.motion is not None
        )

    def _ahead(self, t: int) -> tuple[Component, ...]:
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

    def leave_radar(self) -> None:
        """Keep what the arc that ended has taught as the prior of the next."""
        assert self.radar is not None
        if self.burning:
            self.radar = None
            return
        self.prior = self.mixture()
        self.radar = None

    def track(self, time: Instant) -> Track:
        """Return what is believed after the look that ended at `time`, and start a new page of associations."""
        state_time, components = self.mixture()
        fresh, self.fresh = tuple(self.fresh), []
        heaviest = max(components, key=lambda c: c.weight)
        return Track(
            id=self.number,
            origin=self.origin,
            time=time,
            first_look=self.first_look,
            state=self.state,
            phase=self._phase(heaviest.motion),
            epoch=self.burn.epoch if self.burn is not None else self.first_look,
            state_time=state_time,
            components=components,
            detections=dict(sorted(self.detections.items())),
            existence=self.existence,
            parent=self.parent,
            group=self.group,
            associations=fresh,
            model_weights=tuple(c.weight for c in components),
        )

    def _phase(self, x: Array | None) -> Literal["boost", "coast", "re-entry"]:
        assert x is not None
        if self.burning and (self.radar is None or self.radar.boosting > 0.1):
            return "boost"
        if self.radar is not None and self.burn is None and self.radar.boosting > 0.5:
            return "boost"
        return "re-entry" if self._reentering(x) else "coast"

    @staticmethod
    def _reentering(x: Array) -> bool:
        """Say whether a state falls below the height of space, where drag and not the old motion decides."""
        return float(x[:3] @ x[3:]) < 0.0 and float(np.linalg.norm(x[:3])) - 6.371e6 < SPACE
