"""Tracking's one stateful class and its one verb: a look goes in, the tracks it changed come out."""

from weakref import ReferenceType, ref

import numpy as np
from msgspec import structs

from tocsin.constants import EARTH_RADIUS
from tocsin.earth.local import launch_difference
from tocsin.messages import SECOND, Array, Association, Component, Instant, Origin, Track
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.radar import Radar
from tocsin.tracking import _meet, crowd, raids
from tocsin.tracking import body as bodies
from tocsin.tracking.association import Flags, assign
from tocsin.tracking.body import Body
from tocsin.tracking.burn import REOPENED, Burn
from tocsin.tracking.dark import Watch
from tocsin.tracking.follow import Latest, Reading, Told
from tocsin.tracking.fusion import carried
from tocsin.tracking.jumps import Found
from tocsin.tracking.lights import Lights, Look
from tocsin.tracking.looks import InfraredLook, RadarLook
from tocsin.tracking.nucleation import Nucleation, Nucleus
from tocsin.tracking.registration import Registration
from tocsin.tracking.settings import Settings
from tocsin.tracking.sightings import Sighting
from tocsin.tracking.table import Plotted, RadarTable

REFUTED = -4.0  # log odds of a launch against strays, below which an infrared track ends
NEAR_MISS = (
    3.0  # log weight by which a gated sighting is preferred to none, where clutter is as dense as the gate
)
MOST_SEARCHES = 4  # over all classes, of the fits of one look: others wait for their next sighting
RELIT_DISTANCE = 15_000.0  # m, how far a body that burns again may be off its arc
RELIT_SIGMA = 20_000.0  # m, beyond which a body's place is too vague to give a new source to it
SAME_SCAN = 0.5  # of a scan period: two sightings of one satellite closer than this are of one look
ADOPTION_GATE = 12.0  # of sightings before the declaration (2 angles: 99.75 %)
SAME_LAUNCH_GATE = 25.0
SAME_BURN_GATE = (
    1000.0  # the same for an old burn's prediction, which staging may have spoiled: the joint fit decides
)
MOST_RIVALS = 3  # joint fits tried for a new burn
SAME_LAUNCH_COST = 30.0  # by how much joining two launches may worsen the fit
GROUP_DISTANCE = 50_000.0  # m and s within which launches belong to one event (the match rule of the project)
GROUP_TIME = 120.0
RAID_REACH = (
    25_000.0  # m, how far a wrong pairing of lines of sight may put a body of a raid (our assumption)
)
PARTED_REACH = 200_000.0  # m, beyond which nothing that parted is sought
PROVED_GATE = 4.0  # times the gate, for a row that has proved itself
BESIDE = 120_000.0  # m: a satellite flies so far in three looks of 5 s (our assumption)
ROUGH = 10_000.0  # m and m/s², by which what is not flown but moved straight may be off
UNKNOWN_PULL = 20.0
STIRS = 0.5  # weight of the boost model from which a resting body is told of again
SEPARATION_SPEED = 15.0  # m/s, with which stages and fragments part


class Tracker:
    """All tracks of one origin."""

    def __init__(self, settings: Settings, origin: Origin) -> None:
        """Start with an empty sky."""
        self.settings = settings
        self.origin: Origin = origin
        self.nucleation = Nucleation(settings)
        self.watch = Watch()
        self.table = RadarTable(settings)
        self.registration = Registration(settings)
        self.found: list[Found] = []  # sensors that were off, for the pipeline to say and to clear
        self.bodies: dict[int, Body] = {}
        self._next = 1
        self._resting: dict[int, int] = {}
        self._sizes: dict[int, raids.Size] = {}
        self._lights = Lights()
        self._latest = Latest(self.table)
        self._last: ReferenceType[Told] | None = None

    def infrared(self, sensor: Infrared, look: InfraredLook) -> list[Track]:
        """Take a look of a satellite and return the tracks it changed, in order of their number."""
        self._read_last()
        changed: set[int] = set()
        self._sizes = {}
        look = structs.replace(look, sightings=self.nucleation.weighed(sensor, look.sightings, look.end))
        claimed = self._sighted(sensor, look, changed)
        loose = [s for s in look.sightings if s.key not in claimed]
        loose = loose[:: -(-len(loose) // self.settings.most_sightings) or 1]
        around = crowd.crowd(self._ordered(), look.end)
        beside = [(s.key, around.group_of(s)) for s in loose] if around.numbers else []
        raid = frozenset(key for key, group in beside if group is not None and self._is_raid(group))
        for nucleus in self.nucleation.feed(sensor, loose, look.end, raid):
            if self._may_tell(nucleus, look):
                self._declare(sensor, nucleus, look, changed)
        self._count_lights(sensor, look)
        self.watch.note(sensor, look)
        return self._told(changed, look.end)

    def radar(self, sensor: Radar, look: RadarLook) -> Told:
        """Take a look of a radar and return the tracks it changed, in order of their number."""
        self._read_last()
        changed: set[int] = set()
        self._sizes = {}
        waiting = raids.awaited(self._ordered(), look.end, crowded_only=True)
        came, look = look, self.registration.corrected(sensor, look)
        plotted, dropped = self.table.scan(sensor, look, waiting.cues())
        self.found += self.registration.learn(sensor, came, plotted, self.table)
        loose = self._followed(plotted, set(dropped), changed)
        self._pair(loose, plotted, changed, look)
        self._refute(sensor, look, changed)
        return self._read_later(changed, look.end, plotted)

    def rest(self, number: int, until: int) -> None:
        """Follow a body that no warning is for without telling of it until then, unless it burns or is seen to burn."""
        if number in self.bodies:
            self._resting[number] = until

    def company(self, number: int) -> int:
        """Count the rows that the radars follow so near a body that one may be taken for another."""
        body = self.bodies.get(number)
        if body is None or body.radar is None:
            return 0
        rows = np.flatnonzero((self.table.r > raids.CREDIBLE) & (self.table.plots >= 2))
        d = raids.at(self.table, rows, body.radar.t)[:, :3] - body.radar.x[:3]
        return int(np.sum(np.einsum("ni,ni->n", d, d) < BESIDE**2)) - 1

    def size(self, track: Track) -> raids.Size:
        """Return how many objects the event of a track has, as of the look that changed it."""
        group = self.bodies[track.id].group if track.id in self.bodies else track.group or track.id
        if group not in self._sizes:
            bodies = self._ordered()
            rows, x = raids.loose(self.table, self._owned(), track.time)
            lit = self._lights.size(group, bodies, track.time)
            self._sizes[group] = raids.size(group, bodies, rows, x, self.table, track.time, lit)
        return self._sizes[group]

    # ------------------------------------------------------------------ infrared

    def _offers(
        self, burning: list[Body], look: InfraredLook
    ) -> tuple[list[tuple[int, int, float]], dict[tuple[int, int], Association], set[tuple[int, int]]]:
        """Return who may have made which sighting: (body, sighting, gain), innovations, and those of a burn's fit."""
        edges: list[tuple[int, int, float]] = []
        found: dict[tuple[int, int], Association] = {}
        fits: set[tuple[int, int]] = set()
        for i, body in enumerate(burning):
            burn = body.burn if self._may_burn(body, look) else None
            placed = self._crowded(body) and crowd.is_lit(body, look.end)
            for j, s in enumerate(look.sightings):
                match = None
                if burn is not None and _may_point_at(body, s):
                    match = burn.match(s, burn.expect(s.time))
                if match is not None:
                    fits.add((i, j))
                if placed:  # a radar knows better which of a raid's lights it is
                    match = crowd.claim(body, s)
                if match is not None:
                    edges.append((i, j, match[0] - s.stray + NEAR_MISS))
                    found[i, j] = match[1]
        return edges, found, fits

    def _sighted(self, sensor: Infrared, look: InfraredLook, changed: set[int]) -> set[tuple[int, str, int]]:
        """Give burning bodies their sightings of this look; count misses; return the keys of claimed sightings."""
        for body in self._ordered():
            if body.burn is not None and body.burn.lapse(look.start):
                body.trigger("unseen")
                changed.add(body.number)
        burning = [b for b in self._ordered() if self._may_burn(b, look) or crowd.is_lit(b, look.end)]
        edges, found, fits = self._offers(burning, look)
        chosen = assign(
            np.array([e[0] for e in edges], dtype=np.int64), np.array([e[1] for e in edges], dtype=np.int64),
            np.array([e[2] for e in edges]), len(burning),
        )  # fmt: skip
        searches = 0
        for i, body in enumerate(burning):
            if i in chosen:
                body.count([found[i, chosen[i]]])
                if body.burn is None or (i, chosen[i]) not in fits:
                    body.burned = max(body.burned, look.sightings[chosen[i]].time)
                    body.trigger("seen")
                    changed.add(body.number)
                    continue
                body.burn.add([look.sightings[chosen[i]]])
                searches += body.burn.refit(may_search=searches < MOST_SEARCHES)
                if body.radar is None:
                    body.log_odds = body.burn.odds
                if not self._crowded(body):
                    body.silence = 0.0  # where many burn the sighting may be another's
                body.trigger("gone" if body.log_odds < REFUTED else "seen")
                changed.add(body.number)
            elif (
                body.burn is not None
                and self._may_burn(body, look)
                and self._should_be_seen(sensor, look, body)
                and body.burn.miss(sensor, look.start, look.end)
            ):
                body.trigger("unseen")
                changed.add(body.number)
        return {look.sightings[j].key for j in chosen.values()}

    def _may_tell(self, nucleus: Nucleus, look: InfraredLook) -> bool:
        """Say whether a nucleus may be declared now: the first of its crowd may, then what no other reading claims."""
        if crowd.company(nucleus, look) < crowd.CROWD:
            return True
        around = crowd.crowd(self._ordered(), look.end)
        if around.group_of(nucleus.sightings[-1]) is None:
            return True
        return crowd.stands_out(nucleus, self.nucleation.nuclei)

    def _count_lights(self, sensor: Infrared, look: InfraredLook) -> None:
        """Count what burns of each event; the lights of a raid are no strays and no static source."""
        memory = self.nucleation.clutter[sensor.id]
        moving = tuple(s for s in look.sightings if memory.spot_of(s) is None)
        lights = Look(look.end, moving, sensor.detection_probability)
        memory.forget(self._lights.take(lights, self._ordered()))

    def _crowded(self, body: Body) -> bool:
        return self._is_raid(body.group)

    def _is_raid(self, group: int) -> bool:
        """Say whether an event is a raid: by its lights or by its bodies."""
        alike = sum(other.group == group for other in self.bodies.values())
        return alike >= crowd.CROWD or self._lights.is_raid(group)

    def _may_burn(self, body: Body, look: InfraredLook) -> bool:
        if body.burn is None or body.prior is not None:
            return False
        return not body.burn.over or (look.start - body.burn.last) / SECOND < REOPENED

    def _should_be_seen(self, sensor: Infrared, look: InfraredLook, body: Body) -> bool:
        """Say whether the look would have shown the body if it burned: each likely mode lies in the field of view."""
        assert body.burn is not None
        if look.end <= body.burn.last or look.start <= body.burn.last:
            return False
        places = np.array([r for _, r, _ in body.burn.expect(look.end)])
        return bool(len(places) and np.all(sensor.visible(places, look.platform)))

    def _declare(self, sensor: Infrared, nucleus: Nucleus, look: InfraredLook, changed: set[int]) -> None:
        """Make a body of a declared nucleus, adopt what it had missed, or find that it is one we have."""
        first = min(nucleus.sightings, key=lambda s: s.key)
        burn = Burn(nucleus.sightings, self.settings, self.watch.before(first))
        if not burn.convinces:
            return
        keys = frozenset(s.key for s in nucleus.sightings)
        freed = self.nucleation.forget(keys)
        adopted = _adopted(burn, sorted(freed + self.nucleation.loose(), key=lambda s: s.key), sensor)
        if adopted:
            burn.add(adopted)
            burn.refit(search=True)
            self.nucleation.forget(frozenset(s.key for s in adopted))
        body = self._twin(burn, sensor)
        if body is None:
            body = self._relit(burn)
        if body is None:
            body = self._new(Instant(burn.epoch))
            body.burn = burn
            body.log_odds = burn.odds
            self._join_group(body)
        else:
            body.trigger("seen")
        body.count([_used(body.burn or burn, s) for s in burn.sightings])
        changed.add(body.number)

    def _twin(self, burn: Burn, sensor: Infrared) -> Body | None:
        """Return the body that a new burn doubles, after joining their sightings; a radar body takes the burn."""
        rivals = []
        of_radar = [(b.number, b.radar) for b in self._ordered() if b.burn is None and b.radar is not None]
        near = _may_meet(burn.expect(burn.last), burn.last, [radar for _, radar in of_radar])
        afar = {number for (number, _), may in zip(of_radar, near.tolist(), strict=True) if not may}
        for body in self._ordered():
            if body.number in afar:
                continue
            if body.burn is None and body.radar is not None:
                apart = _apart(burn, body.radar.x[:3], body.radar.P[:3, :3], body.radar.t)
                if apart < SAME_LAUNCH_GATE:
                    body.take(burn)
                    return body
            elif (
                body.burn is not None
                and _may_go_on(body.burn, burn)
                and not _conflict(body.burn, burn, sensor)
            ):
                rivals.append((_closest(body.burn, burn), body.number, body))
        for apart, _, body in sorted(rivals, key=lambda row: row[:2])[:MOST_RIVALS]:
            assert body.burn is not None
            if apart > SAME_BURN_GATE:
                break
            dark = (*body.burn.dark, *burn.dark)
            joint = Burn([*body.burn.sightings, *burn.sightings], self.settings, dark)
            if joint.modes and joint.modes[0].cost < _cost(body.burn) + _cost(burn) + SAME_LAUNCH_COST:
                body.burn = joint
                return body
        return None

    def _relit(self, burn: Burn) -> Body | None:
        """Return the coasting body on whose arc all sightings of a new burn lie: it burns again, it is no launch."""
        for body in self._ordered():
            if body.burning or (body.burn is None and body.radar is None):
                continue
            if body.radar is not None and not all(_may_lie_on(body.radar, s) for s in burn.sightings):
                continue
            time, components = body.mixture()
            best = max(components, key=lambda c: c.weight)
            if all(_on_arc(best, time, s) for s in burn.sightings):
                return body
        return None

    def _join_group(self, body: Body) -> None:
        """Put a launch into the event of an earlier one near it in place and time."""
        mine = _launch_of(body)
        for other in self._ordered():
            if other.number == body.number or other.burn is None:
                continue
            theirs = _launch_of(other)
            d = launch_difference(mine, theirs)
            if np.hypot(d[0], d[1]) < GROUP_DISTANCE and abs(d[2]) < GROUP_TIME:
                body.group = other.group
                return
        assert body.burn is not None
        others = [other for other in self._ordered() if other.number != body.number]
        around = crowd.crowd(others, body.burn.last)
        beside = around.group_of(body.burn.sightings[-1])
        if beside is not None and self._is_raid(beside):
            body.group = beside

    # ------------------------------------------------------------------ radar

    def _rests(self, body: Body, now: int) -> bool:
        """Say whether a body may fly on without being told of at `now`."""
        if body.number not in self._resting:
            return False
        assert body.radar is not None
        if now < self._resting[body.number] and body.burn is None and body.radar.boosting < STIRS:
            return True
        del self._resting[body.number]
        return False

    def _followed(self, plotted: Plotted, gone: set[int], changed: set[int]) -> list[int]:
        """Let bodies learn what their rows have learnt; return the plotted rows that are nobody's."""
        pair, sensor, owned, burnt = plotted.pair, plotted.look.sensor, set(), []
        for body in self.bodies.values():
            if body.radar is None:
                continue
            row = body.radar.row
            owned.add(row)
            seen = row in pair
            told = seen and not (self._resting and self._rests(body, plotted.look.end))
            if row in gone:
                if told:
                    body.fresh.append(plotted.association(row))
                body.leave_radar()
            elif body.burn is not None:
                burnt.append(body)
            if seen:
                body.plotted(sensor)
            if told:
                changed.add(body.number)
        self._latest.renew(self.table)
        for body in burnt:
            body.settle()
        burning = dict.fromkeys(self.table.ids[self._latest.boosting > crowd.BOOSTING].tolist())
        for body in self.bodies.values() if burning else ():
            if body.row in burning:
                body.burned = plotted.look.end
        return sorted(row for row in pair if row not in owned)

    def _agreeing(self, rows: list[int], end: int) -> list[tuple[float, int, int]]:
        """Return (cost, row, body) where a row agrees with a body that awaits one, likeliest first.

        The cost is twice the negative log density: of two bodies that agree the surer one is meant.

        Bodies of radar alone are held against the rows all at once, at the end of the look.
        """
        places = np.array([self.table.row(row) for row in rows], dtype=np.int64)
        mean, C = self.table.estimates()
        t = self.table.t[places]
        gates = np.where(self.table.proved()[places], PROVED_GATE, 1.0) * self.settings.fusion_gate
        waiting = [body for body in self._ordered() if body.radar is None]
        of_radar = [body for body in waiting if body.burn is None]
        pairs = []
        for body in waiting:
            if body.burn is None:
                continue
            narrow = self._crowded(body)
            for j, i in enumerate(places.tolist()):
                d2, cost = body.disagreement(mean[i], C[i], int(t[j]))
                if d2 < (self.settings.fusion_gate if narrow else gates[j]):
                    pairs.append((cost, rows[j], body.number))
        states = [(body.number, c) for body in of_radar for c in body.ahead(end)]
        if states:
            motions = np.array([c.motion for _, c in states])
            covariances = np.array([c.covariance[4:, 4:] for _, c in states])
            since = (end - t) / SECOND
            found = _meet.meetings(mean[places], C[places], since, gates, motions, covariances)
            least: dict[tuple[int, int], float] = {}
            for j, k, d2 in zip(*(column.tolist() for column in found), strict=True):
                pair = rows[j], states[k][0]
                cost = d2 + float(np.linalg.slogdet(2 * np.pi * (C[places[j]] + covariances[k]))[1])
                least[pair] = min(cost, least.get(pair, cost))
            pairs += [(cost, row, number) for (row, number), cost in least.items()]
        return sorted(pairs)

    def _pair(self, rows: list[int], plotted: Plotted, changed: set[int], look: RadarLook) -> None:
        """Give plotted rows that have no body to bodies that await one, nearest first; prove the rest."""
        ripe = [row for row in rows if self._is_ripe(row)]
        if not ripe:
            return
        late = raids.overdue(self._ordered(), look.end)
        pairs = self._agreeing(ripe, look.end)
        taken: set[int] = set()
        given: set[int] = set()
        for _, row, number in [*pairs, *self._of_a_raid(ripe, look, late)]:
            if row in taken or number in given:
                continue
            taken.add(row)
            given.add(number)
            self._adopt_row(self.bodies[number], row, plotted, changed)
        self._raise([row for row in ripe if row not in taken], plotted, changed, look)

    def _raise(self, rows: list[int], plotted: Plotted, changed: set[int], look: RadarLook) -> None:
        """Make bodies of proved rows that nobody awaits and that fly as only rockets and what falls from them do."""
        sure = self._rocketing(rows)
        if not sure:
            return
        lit, late = crowd.crowd(self._ordered(), look.end), raids.overdue(self._ordered(), look.end)
        fleet = raids.Fleet([b for b in self._ordered() if b.radar is not None], len(sure))
        for row, i in sure:
            group = self._raid_of(i, fleet, lit, list(late.values()))
            if group is not None and self.table.plots[i] < raids.FOUNDING:
                continue
            kept = self._next_of(group, late) if group is not None else None
            body = kept or self._new(look.end)
            self._adopt_row(body, row, plotted, changed)
            if group is not None:
                body.group = group
            elif kept is None:
                self._find_parent(body, fleet)
            fleet.add(body)

    def _next_of(self, group: int, late: dict[int, int]) -> Body | None:
        """Return the longest overdue body of a raid: the next row is what it should have been."""
        those = [b for b in self._ordered() if late.get(b.number) == group and b.radar is None]
        return those[0] if those else None

    def _is_ripe(self, row: int) -> bool:
        """Say whether a row is sure enough to be offered to a body that waits."""
        i = self.table.row(row)
        return i is not None and bool(self.table.plots[i] >= 3 and self.table.r[i] >= 0.99)

    def _of_a_raid(
        self, rows: list[int], look: RadarLook, late: dict[int, int]
    ) -> list[tuple[float, int, int]]:
        """Pair proved rows with overdue bodies of a raid, wherever wrong pairings have put them, nearest first."""
        waiting = raids.awaited(self._ordered(), look.end) if late else None
        if waiting is None or not waiting.numbers:
            return []
        those = self._rocketing(rows)
        x = raids.at(self.table, np.array([i for _, i in those], dtype=np.int64), look.end)
        return [(d, those[k][0], number) for d, k, number in raids.neighbours(waiting, x) if number in late]

    def _raid_of(self, i: int, fleet: raids.Fleet, lit: crowd.Crowd, late: list[int]) -> int | None:
        """Return the raid in which a row flies, unless it parted from another.

        Beside one body of it is enough while it burns, or while a body of it is overdue (`late`: their events).
        """
        if self.table.parent[i]:
            return None
        x = self.table.estimate(i)[0]
        group = fleet.raid(x, GROUP_DISTANCE)
        if group is not None:
            return group
        near = np.flatnonzero(np.linalg.norm(lit.r - x[:3], axis=1) < GROUP_DISTANCE)
        groups = [lit.groups[k] for k in near.tolist() if self._is_raid(lit.groups[k])]
        groups += [name for name in fleet.beside(x, GROUP_DISTANCE) if name in late] if late else []
        return max(groups, key=lambda name: (groups.count(name), -name), default=None)

    def _refute(self, sensor: Radar, look: RadarLook, changed: set[int]) -> None:
        """Let a look at a raid speak against the bodies of it that should long have come under radar.

        Only against as many as are more than its lights: of those some radar will still find.
        """
        bodies = self._ordered()
        overdue = raids.overdue(bodies, look.end)
        seen = raids.watched(sensor, look, bodies) if overdue else []
        if not seen:
            return
        missed = float(np.log1p(-min(sensor.detection_probability, 0.99)))
        _, x = raids.loose(self.table, self._owned(), look.end)
        waiting = raids.awaited(bodies, look.end)
        spared = {number for _, number in raids.matched(raids.neighbours(waiting, x, crowded_only=False))}
        for number, group in overdue.items():
            body = self.bodies[number]
            if group not in seen or number in spared:
                continue
            if body.burn is None and not raids.in_view(sensor, look, body):
                continue
            if body.burn is not None and self._surplus(group) < 0.5:
                continue
            body.silence += missed
            if body.silence < raids.REFUTED:
                body.trigger("gone")
                changed.add(number)

    def _surplus(self, group: int) -> float:
        """Return by how many the bodies of a raid are more than its lights surely were."""
        those = [body for body in self.bodies.values() if body.group == group and body.parent is None]
        known = sum(body.radar is not None or body.burn is not None for body in those)
        return known - self._lights.least(group).seen

    def _owned(self) -> frozenset[int]:
        """Return the ids of the rows that bodies have adopted."""
        return frozenset(body.radar.row for body in self.bodies.values() if body.radar is not None)

    def _rocketing(self, rows: list[int]) -> list[tuple[int, int]]:
        """Return (row, place) of the proved rows among some that move as only rockets and what falls from them do."""
        marked = self._ballistic() & self.table.proved()
        return [(row, i) for row in rows if (i := self.table.row(row)) is not None and marked[i]]

    def _ballistic(self) -> Flags:
        """Mark the rows (n,) over 30 km up or above 700 m/s."""
        x, P = self.table.estimates()
        length = np.sqrt(np.einsum("ni,ni->n", x[:, :3], x[:, :3]))
        height = length - EARTH_RADIUS + 21_385.0 * (x[:, 2] / length) ** 2
        speed = np.sqrt(np.einsum("ni,ni->n", x[:, 3:], x[:, 3:]))
        speed_sigma = np.sqrt(np.einsum("nii->n", P[:, 3:, 3:]))
        return np.asarray((height > 30_000.0) | (speed - 2 * speed_sigma > 700.0))

    def _adopt_row(self, body: Body, row: int, plotted: Plotted, changed: set[int]) -> None:
        i = self.table.row(row)
        assert i is not None
        self.table.kept[i] = True
        body.silence = 0.0
        body.followed_since = body.followed_since or int(self.table.first_plot[i])
        body.plotted(plotted.look.sensor)
        body.follow(Reading(row, self._latest, int(self.table.first_plot[i])))
        if self.table.mu[i, 1] > crowd.BOOSTING:
            body.burned = plotted.look.end
        changed.add(body.number)

    def _find_parent(self, body: Body, fleet: raids.Fleet) -> None:
        """Call a new radar body the child of one that flies beside it no farther than separation would bring it."""
        found = fleet.parent(body, PARTED_REACH, SEPARATION_SPEED)
        if found is not None:
            body.parent, body.group = found

    # ------------------------------------------------------------------ both

    def _new(self, first_look: Instant) -> Body:
        body = Body(self._next, self.origin, first_look, self.settings)
        self.bodies[self._next] = body
        self._next += 1
        return body

    def _ordered(self) -> list[Body]:
        return list(self.bodies.values())  # numbered as they were made

    def _told(self, changed: set[int], time: Instant) -> list[Track]:
        told = [self.bodies[number].track(time) for number in sorted(changed)]
        for track in told:
            if track.state == "dropped":
                self.retire(track.id)
        return told

    def _read_later(self, changed: set[int], time: Instant, plotted: Plotted) -> Told:
        """Return the tracks that a radar's look changed; forget those that are dropped."""
        told = Told([self.bodies[number] for number in sorted(changed)], time, plotted, self._latest)
        self._last = ref(told)
        dropped = [number for number in changed if self.bodies[number].state == "dropped"]
        if dropped:
            told.read()
        for number in dropped:
            self.retire(number)
        return told

    def _read_last(self) -> None:
        """Make messages of what was told last before it changes, if anyone still holds it unread."""
        told = self._last() if self._last is not None else None
        if told is not None:
            told.read()
        self._last = None

    def retire(self, number: int) -> None:
        """Forget a track that has come down or been closed."""
        body = self.bodies.pop(number, None)
        self._resting.pop(number, None)
        if body is not None and body.radar is not None:
            i = self.table.row(body.radar.row)
            if i is not None:
                self.table.kept[i] = False


def _may_point_at(body: Body, s: Sighting) -> bool:
    """Say whether a sighting lies within 300 km of where the body was last seen, before anything is computed."""
    assert body.burn is not None
    d = body.burn.modes[0].state[:3] - s.platform
    dt = abs(s.time - body.burn.last) / SECOND
    return bool(np.linalg.norm(d - (d @ s.u) * s.u) < 150_000.0 + 8_000.0 * dt)


def _adopted(burn: Burn, loose: list[Sighting], sensor: Infrared) -> list[Sighting]:
    """Return the waiting sightings that fit a new burn, at most one a look of each satellite."""
    spacing = SAME_SCAN * (sensor.scan_period or 10.0) * SECOND
    fits = []
    for s in loose:
        match = burn.match(s, burn.expect(s.time))
        if match is not None and match[1].distance < ADOPTION_GATE:
            fits.append((match[1].distance, s))
    taken = list(burn.sightings)
    adopted = []
    for _, s in sorted(fits, key=lambda row: (row[0], row[1].key)):
        if all(other.sensor != s.sensor or abs(other.time - s.time) > spacing for other in taken):
            taken.append(s)
            adopted.append(s)
    return adopted


def _may_go_on(old: Burn, new: Burn) -> bool:
    """Say whether a new burn may be more of an old one: that still burns, or was seen to shortly before."""
    return not old.over or (new.epoch - old.last) / SECOND < REOPENED


def _conflict(a: Burn, b: Burn, sensor: Infrared) -> bool:
    """Say whether one satellite saw both in one look: then they are two."""
    spacing = SAME_SCAN * (sensor.scan_period or 10.0) * SECOND
    return any(
        s.sensor == q.sensor and abs(s.time - q.time) < spacing for s in a.sightings for q in b.sightings
    )


def _closest(a: Burn, b: Burn) -> float:
    """Return the least distance squared, in sigmas, of two burns at the later one's last sighting."""
    t = max(a.last, b.last)
    return min(_apart(a, r, C, t) for _, r, C in b.expect(t))


def _apart(burn: Burn, r: Array, C: Array, t: int) -> float:
    return min(float((r - p) @ np.linalg.solve(C + Q, r - p)) for _, p, Q in burn.expect(t))


def _cost(burn: Burn) -> float:
    return burn.modes[0].cost


def _may_meet(there: list[tuple[float, Array, Array]], t: int, radars: list[bodies.Radar | Reading]) -> Flags:
    """Mark the radar bodies (n,) that may be a burn expected `there` at `t`, before anything is flown."""
    x = np.array([radar.x for radar in radars]).reshape(-1, 6)
    P = np.array([radar.P for radar in radars]).reshape(-1, 6, 6)
    dt = np.array([(t - radar.t) / SECOND for radar in radars])
    r = x[:, :3] + dt[:, None] * x[:, 3:]
    spread = np.einsum("nii->n", P[:, :3, :3]) + dt * dt * np.einsum("nii->n", P[:, 3:, 3:])
    slack = ROUGH + UNKNOWN_PULL * dt * dt
    near = np.zeros(len(x), dtype=np.bool_)
    for _, p, C in there:
        reach = np.sqrt(4.0 * SAME_LAUNCH_GATE * (np.trace(C) + spread)) + slack
        near |= np.einsum("ni,ni->n", r - p, r - p) < reach**2
    return near


def _may_lie_on(radar: bodies.Radar | Reading, s: Sighting) -> bool:
    """Say whether a sighting may point at where a radar body was, before it is flown there: `_on_arc`, roughly."""
    dt = (s.time - radar.t) / SECOND
    x, y, z = (radar.x[:3] + dt * radar.x[3:] - s.platform).tolist()
    u, v, w = s.u.tolist()
    along = x * u + y * v + z * w
    off2 = x * x + y * y + z * z - along * along
    return bool(off2 < (RELIT_DISTANCE + 3.0 * RELIT_SIGMA + ROUGH + UNKNOWN_PULL * dt * dt) ** 2)


def _on_arc(c: Component, time: int, s: Sighting) -> bool:
    """Say whether a sighting points at where a ballistic body is, within its spread and what a burn may move it."""
    there = carried(c, (s.time - time) / SECOND)
    assert there.motion is not None
    spread = float(np.sqrt(np.trace(there.covariance[4:7, 4:7])))
    d = there.motion[:3] - s.platform
    off = float(np.linalg.norm(d - (d @ s.u) * s.u))
    return spread < RELIT_SIGMA and off < RELIT_DISTANCE + 3.0 * spread


def _used(burn: Burn, s: Sighting) -> Association:
    """Return a fitted sighting's residual against the fit it is part of."""
    match = burn.match(s, burn.expect(s.time))
    if match is not None:
        return match[1]
    return Association(s.sensor, s.time, s.detection, (), (), burn.settings.gate, float("inf"), 1.0)


def _launch_of(body: Body) -> Array:
    """Return the launch (4,) of the best mode, its time on the absolute clock [s]."""
    assert body.burn is not None
    start = body.burn.modes[0].launch.copy()
    start[2] += body.burn.epoch / SECOND
    return start
