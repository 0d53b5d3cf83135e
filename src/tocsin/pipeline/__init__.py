"""The stages in a row. Messages and time go in, events come out; nothing else happens here.

One chain of stages per origin: exercise and test neither join, delay nor silence what is live. Within a chain
everything waits its turn in the reorder buffer, so that what comes out depends on what came in and not on its order.
"""

import numpy as np

from tocsin.alerting.numbering import Numbering
from tocsin.config import Config
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.messages import EarthOrientation, Incoming, Instant, Origin, Place, Sensor
from tocsin.pipeline.chain import NOWHERE, Chain, Event, Shared, rejected
from tocsin.sensors.roster import Roster

__all__ = ["Event", "Pipeline"]


class Pipeline:
    """Give it messages with `receive`, let time pass with `advance`, end with `finish`; each returns events.

    Deterministic: the same messages and settings give the same events. `steps` counts dismissals by named step.
    """

    def __init__(self, config: Config | None = None, rotation: EarthRotation | None = None) -> None:
        """Start with no sensors, no clock and an empty sky."""
        table = rotation or EarthRotation(bundled())
        self.roster = Roster()
        self._shared = Shared(config or Config(), self.roster, Numbering(), {None: table})
        self._chains: dict[Origin, Chain] = {}

    def receive(self, message: Incoming, place: Place = NOWHERE) -> list[Event]:
        """Take one message; `place` says where it stood, for those who must find a rejected one."""
        if isinstance(message, Sensor):
            refused = self.roster.add(message)
            return [] if refused is None else [rejected(message, place, "id", refused)]
        if isinstance(message, EarthOrientation):
            table = self._shared.rotation(message.origin).table.with_value(
                message.time, message.ut1_utc_s, _arcseconds(message.x_arcsec), _arcseconds(message.y_arcsec)
            )
            self._shared.rotations[message.origin] = EarthRotation(table)
            return []
        chain = self._chains.get(message.origin)
        if chain is None:
            chain = self._chains[message.origin] = Chain(self._shared, message.origin)
        return chain.receive(message, place)

    def advance(self, now: Instant) -> list[Event]:
        """Let the clock reach `now`; what has waited the lag is processed."""
        return [event for chain in self._in_order() for event in chain.advance(now)]

    def finish(self) -> list[Event]:
        """Process everything that still waits. Nothing is closed by the end of input."""
        return [event for chain in self._in_order() for event in chain.finish()]

    @property
    def steps(self) -> dict[str, int]:
        """Count dismissed candidates and sightings by named step, over all origins."""
        total: dict[str, int] = {}
        for chain in self._in_order():
            for name, count in chain.steps().items():
                total[name] = total.get(name, 0) + count
        return total

    def clock(self, origin: Origin) -> Instant | None:
        """Return the clock of an origin: its latest time of arrival."""
        chain = self._chains.get(origin)
        return None if chain is None or chain.buffer.clock is None else Instant(chain.buffer.clock)

    def _in_order(self) -> list[Chain]:
        return [self._chains[origin] for origin in sorted(self._chains)]


def _arcseconds(angle: float) -> float:
    return float(np.radians(angle / 3600.0))
