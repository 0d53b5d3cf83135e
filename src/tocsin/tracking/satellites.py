"""The infrared half of tracking: burning bodies claim their sightings, misses are counted, what is left nucleates."""

import numpy as np
from msgspec import structs

from tocsin.messages import SECOND, Association
from tocsin.sensors.infrared import Infrared
from tocsin.tracking import crowd, glints
from tocsin.tracking.association import assign
from tocsin.tracking.body import Body
from tocsin.tracking.burn import REOPENED
from tocsin.tracking.dark import Watch
from tocsin.tracking.declaration import declared
from tocsin.tracking.lights import Look
from tocsin.tracking.looks import InfraredLook
from tocsin.tracking.nucleation import Nucleation, Nucleus
from tocsin.tracking.overcount import surplus
from tocsin.tracking.sightings import Key, Sighting
from tocsin.tracking.sky import Sky

REFUTED = -4.0  # log odds of a launch against strays, below which an infrared track ends
NEAR_MISS = (
    3.0  # log weight by which a gated sighting is preferred to none, where clutter is as dense as the gate
)
MOST_SEARCHES = 4  # over all classes, of the fits of one look: others wait for their next sighting

Edge = tuple[int, int]  # places of a body and of a sighting


class Satellites:
    """What the satellites of one origin remember: sightings that wait, and their last looks."""

    def __init__(self, sky: Sky) -> None:
        """Start without a sighting."""
        self.sky = sky
        self.nucleation = Nucleation(sky.settings)
        self.watch = Watch()

    def take(self, sensor: Infrared, look: InfraredLook) -> set[int]:
        """Take a look; return the numbers of the bodies it changed."""
        changed: set[int] = set()
        weighed = self.nucleation.weighed(sensor, look.sightings, look.end)
        look = structs.replace(look, sightings=glints.weighed(weighed, look.sun))
        claimed = self._sighted(sensor, look, changed)
        loose = [s for s in look.sightings if s.key not in claimed]
        loose = loose[:: -(-len(loose) // self.sky.settings.most_sightings) or 1]
        around = crowd.crowd(self.sky.ordered(), look.end)
        beside = zip(loose, around.groups_of(loose), strict=True)
        raid = frozenset(s.key for s, group in beside if group is not None and self.sky.is_raid(group))
        for nucleus in self.nucleation.feed(sensor, loose, look.end, raid):
            if not self._may_tell(nucleus, look):
                continue
            body = declared(self.sky, self.nucleation, self.watch, sensor, nucleus)
            if body is not None:
                changed.add(body.number)
        self._count_lights(sensor, look)
        changed |= self._given_up()
        self.watch.note(sensor, look)
        return changed

    # ------------------------------------------------------------------ bodies that are known

    def _sighted(self, sensor: Infrared, look: InfraredLook, changed: set[int]) -> set[Key]:
        """Give burning bodies their sightings of this look; count misses; return the keys of claimed sightings."""
        burning = [b for b in self.sky.ordered() if _may_burn(b, look) or crowd.is_lit(b, look.end)]
        edges, found, fits = self._offers(burning, look)
        chosen = assign(
            np.array([e[0] for e in edges], dtype=np.int64), np.array([e[1] for e in edges], dtype=np.int64),
            np.array([e[2] for e in edges]), len(burning),
        )  # fmt: skip
        searches = 0
        for i, body in enumerate(burning):
            if i in chosen:
                sighting = look.sightings[chosen[i]]
                if body.burn is None or (i, chosen[i]) not in fits:
                    body.burned = max(body.burned, sighting.time)
                    body.trigger("seen")
                else:
                    taken, searched = self._lit(body, sighting, searches < MOST_SEARCHES)
                    searches += searched
                    if not taken:
                        del chosen[i]
            if i in chosen:
                body.count([found[i, chosen[i]]])
                changed.add(body.number)
            elif _missed(sensor, look, body):
                body.trigger("unseen")
                changed.add(body.number)
        return {look.sightings[j].key for j in chosen.values()}

    def _offers(
        self, burning: list[Body], look: InfraredLook
    ) -> tuple[list[tuple[int, int, float]], dict[Edge, Association], set[Edge]]:
        """Return who may have made which sighting: (body, sighting, gain), innovations, and those of a burn's fit."""
        edges: list[tuple[int, int, float]] = []
        found: dict[Edge, Association] = {}
        fits: set[Edge] = set()
        crowds = self.sky.raids() if burning else frozenset()
        for i, body in enumerate(burning):
            burn = body.burn if _may_burn(body, look) else None
            placed = body.group in crowds and crowd.is_lit(body, look.end)
            if burn is None and not placed:
                continue
            for j, s in enumerate(look.sightings):
                match = None
                if burn is not None and burn.is_near(s):
                    match = burn.match(s, burn.expect(s.time))
                if match is not None:
                    fits.add((i, j))
                if placed:  # a radar knows better which of a raid's lights it is
                    match = crowd.claim(body, s)
                if match is not None:
                    edges.append((i, j, match[0] - s.stray + NEAR_MISS))
                    found[i, j] = match[1]
        return edges, found, fits

    def _lit(self, body: Body, sighting: Sighting, may_search: bool) -> tuple[bool, bool]:
        """Let a burn learn from its sighting; return whether it took it, and whether it searched over all classes."""
        assert body.burn is not None
        burn, searched = body.burn.learned(sighting, may_search)
        if burn is None:
            return False, searched
        body.burn = burn
        if body.radar is None:
            body.log_odds = burn.odds
        if not self.sky.is_raid(body.group):
            body.silence = 0.0  # where many burn the sighting may be another's
        body.trigger("gone" if body.log_odds < REFUTED else "seen")
        return True, searched

    # ------------------------------------------------------------------ what is new

    def _may_tell(self, nucleus: Nucleus, look: InfraredLook) -> bool:
        """Say whether a nucleus may be declared now: the first of its crowd may, then what no other reading claims."""
        if crowd.company(nucleus, look) < crowd.CROWD:
            return True
        around = crowd.crowd(self.sky.ordered(), look.end)
        if around.group_of(nucleus.sightings[-1]) is None:
            return True
        return crowd.stands_out(nucleus, self.nucleation.nuclei)

    def _count_lights(self, sensor: Infrared, look: InfraredLook) -> None:
        """Count what burns of each event; the lights of a raid are no strays and no static source."""
        memory = self.nucleation.clutter[sensor.id]
        moving = tuple(s for s in look.sightings if memory.spot_of(s) is None)
        lights = Look(
            look.end, moving, sensor.detection_probability, lambda r: sensor.visible(r, look.platform)
        )
        memory.forget(self.sky.lights.take(lights, self.sky.ordered()))

    def _given_up(self) -> set[int]:
        """Give up the bodies of raids that went out where no light did, one a look; return their numbers."""
        gone = set()
        for group, _ in self.sky.lights.raids():
            mine = [b for b in self.sky.ordered() if b.group == group and b.parent is None]
            body = surplus(mine, self.sky.lights.counted(group)) if mine else None
            if body is not None:
                body.trigger("gone")
                gone.add(body.number)
        return gone


def _may_burn(body: Body, look: InfraredLook) -> bool:
    if body.burn is None or body.prior is not None:
        return False
    return not body.burn.over or (look.start - body.burn.last) / SECOND < REOPENED


def _missed(sensor: Infrared, look: InfraredLook, body: Body) -> bool:
    """Count a look that would have shown the body if it burned; say whether its burn is now believed over."""
    if body.burn is None or not _may_burn(body, look) or not _should_be_seen(sensor, look, body):
        return False
    return body.burn.miss(sensor, look.start, look.end)


def _should_be_seen(sensor: Infrared, look: InfraredLook, body: Body) -> bool:
    """Say whether the look would have shown the body if it burned: each likely mode lies in the field of view."""
    assert body.burn is not None
    if look.end <= body.burn.last or look.start <= body.burn.last:
        return False
    places = np.array([r for _, r, _ in body.burn.expect(look.end)])
    return bool(len(places) and np.all(sensor.visible(places, look.platform)))
