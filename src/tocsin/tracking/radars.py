"""The radar half of tracking: plots to rows of a table, rows to bodies, and what a look that sees nothing refutes."""

import numpy as np

from tocsin.messages import SECOND
from tocsin.sensors.radar import Radar
from tocsin.tracking import companions, crowd, raids
from tocsin.tracking._meet import near
from tocsin.tracking.adoption import adopt, offers, ripe
from tocsin.tracking.body import Body
from tocsin.tracking.follow import Latest, descend
from tocsin.tracking.founding import founded, rejoined
from tocsin.tracking.jumps import Found
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.registration import Registration
from tocsin.tracking.sky import Sky
from tocsin.tracking.table import Plotted, RadarTable

BESIDE = 120_000.0  # m: a satellite flies so far in three looks of 5 s (our assumption)
STIRS = 0.5  # weight of the boost model from which a resting body is told of again


class Radars:
    """What the radars of one origin remember: their rows, their biases, and the bodies no one needs to hear of."""

    def __init__(self, sky: Sky) -> None:
        """Start without a row."""
        self.sky = sky
        self.table = RadarTable(sky.settings)
        self.latest = Latest(self.table)
        self.registration = Registration(sky.settings)
        self.found: list[Found] = []  # sensors that were off
        self._resting: dict[int, int] = {}

    def take(self, sensor: Radar, look: RadarLook) -> tuple[set[int], Plotted]:
        """Take a look; return the numbers of the bodies it changed, and what it plotted."""
        changed: set[int] = set()
        lit = frozenset(group for group, _ in self.sky.lights.raids())
        cues = raids.cues(self.sky.ordered(), look.end, lit)
        came, look = look, self.registration.corrected(sensor, look)
        plotted, dropped = self.table.scan(sensor, look, cues)
        self.found += self.registration.learn(sensor, came, plotted, self.table)
        loose = self._followed(plotted, set(dropped), changed)
        descend(self.sky.bodies.values(), self.latest, sensor, plotted)
        rows = ripe(self.table, loose)
        if rows:
            self._give(rows, look, changed)
        changed.update(body.number for body in rejoined(self.sky, look.end))
        changed.update(body.number for body in companions.joined(self.sky, look.end))
        self._refute(sensor, look, changed)
        return changed, plotted

    def rest(self, number: int, until: int) -> None:
        """Follow a body that no warning is for without telling of it until then, unless it burns or is seen to burn."""
        if number in self.sky.bodies:
            self._resting[number] = until

    def release(self, body: Body) -> None:
        """Let go of a body that is forgotten: its row lives as long as its plots prove it."""
        self._resting.pop(body.number, None)
        i = self.table.row(body.row)
        if i is not None:
            self.table.kept[i] = False

    def company(self, number: int) -> int:
        """Count the rows that the radars follow so near a body that one may be taken for another."""
        body = self.sky.bodies.get(number)
        if body is None or body.radar is None:
            return 0
        table, radar = self.table, body.radar
        credible = (table.r > raids.CREDIBLE) & (table.plots >= 2)
        return near(table.estimates()[0], (radar.t - table.t) / SECOND, credible, radar.x, BESIDE) - 1

    def _rests(self, body: Body, now: int) -> bool:
        """Say whether a body that rests may fly on without being told of at `now`."""
        assert body.radar is not None
        if now < self._resting[body.number] and body.burn is None and body.radar.boosting < STIRS:
            return True
        del self._resting[body.number]
        return False

    def _followed(self, plotted: Plotted, gone: set[int], changed: set[int]) -> list[int]:
        """Let bodies learn what their rows have learnt; return the plotted rows that are nobody's."""
        pair, sensor, end = plotted.pair, plotted.look.sensor, plotted.look.end
        resting, burnt = self._resting, []
        owners = {body.radar.row: body for body in self.sky.bodies.values() if body.radar is not None}
        for row, body in owners.items():
            if row in pair:
                body.plotted(sensor)
                if not (body.number in resting and self._rests(body, end)):
                    changed.add(body.number)
                    if row in gone:
                        body.fresh.append(plotted.association(row))
            if row in gone:
                body.leave_radar()
            elif body.burn is not None:
                burnt.append(body)
        self.latest.renew(self.table)
        for body in burnt:
            body.settle()
        for row in self.table.ids[self.latest.boosting > crowd.BOOSTING].tolist():
            if row in owners:
                owners[row].burned = end
        return sorted(row for row in pair if row not in owners)

    def _give(self, rows: list[int], look: RadarLook, changed: set[int]) -> None:
        """Give rows that have no body to bodies that await one, nearest first; prove the rest."""
        late = raids.overdue(self.sky.ordered(), look.end)
        taken: set[int] = set()
        given: set[int] = set()
        for _, row, number in offers(self.sky, self.table, rows, look.end, late):
            if row in taken or number in given:
                continue
            taken.add(row)
            given.add(number)
            adopt(self.sky.bodies[number], row, self.table, self.latest, look)
        left = [row for row in rows if row not in taken]
        changed |= given
        changed.update(body.number for body in founded(self.sky, self.table, self.latest, left, look))

    def _refute(self, sensor: Radar, look: RadarLook, changed: set[int]) -> None:
        """Let a look at a raid speak against the bodies of it that should long have come under radar.

        Only against as many as are more than its lights: of those some radar will still find.
        """
        bodies = self.sky.ordered()
        waits = any(body.radar is None for body in bodies)
        overdue = raids.overdue(bodies, look.end) if waits else {}
        events = dict.fromkeys(overdue.values())
        seen = raids.watched(sensor, look, [body for body in bodies if body.group in events])
        if not seen:
            return
        missed = float(np.log1p(-min(sensor.detection_probability, 0.99)))
        _, x = raids.loose(self.table, self.sky.owned(), look.end)
        waiting = raids.awaited(bodies, look.end)
        spared = {number for _, number in raids.matched(raids.neighbours(waiting, x, crowded_only=False))}
        for number, group in overdue.items():
            body = self.sky.bodies[number]
            if group not in seen or number in spared:
                continue
            if body.burn is None and not raids.in_view(sensor, look, body):
                continue
            if body.burn is not None and self.sky.surplus(group) < 0.5:
                continue
            body.silence += missed
            if body.silence < raids.REFUTED:
                body.trigger("gone")
                changed.add(number)
