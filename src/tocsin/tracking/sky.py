"""All bodies of one origin, numbered as they were made, and the lights of their raids."""

from collections import Counter

import numpy as np

from tocsin.messages import Instant, Origin
from tocsin.tracking.body import Body
from tocsin.tracking.crowd import CROWD
from tocsin.tracking.lights import Lights
from tocsin.tracking.settings import Settings


class Sky:
    """What satellites and radars know together: the bodies, by number, and how many burned of each event."""

    def __init__(self, settings: Settings, origin: Origin) -> None:
        """Start empty."""
        self.settings = settings
        self.origin: Origin = origin
        self.bodies: dict[int, Body] = {}
        self.lights = Lights()
        self.asked = 0  # when bodies were last asked where they belong (`companions.py`)
        self._next = 1

    def new(self, first_look: Instant) -> Body:
        """Make a body."""
        body = Body(self._next, self.origin, first_look, self.settings)
        self.bodies[self._next] = body
        self._next += 1
        return body

    def ordered(self) -> list[Body]:
        """Return the bodies in order of their number."""
        return list(self.bodies.values())  # numbered as they were made

    def followed(self) -> list[Body]:
        """Return the bodies that a radar follows, in order of their number."""
        return [body for body in self.bodies.values() if body.radar is not None]

    def unwatched(self, now: int) -> list[tuple[Instant, Body]]:
        """Return the bodies whose burns nobody has looked at for too long at `now`, and since when that is so."""
        burns = [(body.burn, body) for body in self.bodies.values() if body.burn is not None]
        return [(burn.lapses, body) for burn, body in burns if burn.is_unwatched(now)]

    def owned(self) -> frozenset[int]:
        """Return the ids of the radar rows that bodies have adopted."""
        return frozenset(body.radar.row for body in self.bodies.values() if body.radar is not None)

    def is_raid(self, group: int) -> bool:
        """Say whether an event is a raid: by its lights or by its launches."""
        return self.launches(group) >= CROWD or self.lights.is_raid(group)

    def raids(self) -> frozenset[int]:
        """Return the events that are raids, of all bodies at once."""
        launches = Counter(body.group for body in self.bodies.values() if body.parent is None)
        groups = dict.fromkeys(body.group for body in self.bodies.values())
        return frozenset(g for g in groups if launches[g] >= CROWD or self.lights.is_raid(g))

    def launches(self, group: int) -> int:
        """Count the bodies of an event that have parted from none."""
        return sum(body.group == group and body.parent is None for body in self.bodies.values())

    def is_whole(self, group: int) -> bool | None:
        """Say whether an event has as many launches as its lights were; None where these were never counted."""
        sure = self.lights.least(group)
        if sure.count <= 0.0:
            return None
        return sure.count + float(np.sqrt(sure.variance)) <= self.launches(group) + 0.5

    def only_launch(self, group: int) -> Body | None:
        """Return the launch of an event that has one only: one burn, and never two lights in a look."""
        burns = [b for b in self.bodies.values() if b.group == group and b.burn is not None]
        return burns[0] if len(burns) == 1 and self.lights.is_single(group) else None

    def surplus(self, group: int) -> float:
        """Return by how many the bodies of a raid are more than its lights surely were."""
        those = [body for body in self.bodies.values() if body.group == group and body.parent is None]
        known = sum(body.radar is not None or body.burn is not None for body in those)
        return known - self.lights.least(group).seen
