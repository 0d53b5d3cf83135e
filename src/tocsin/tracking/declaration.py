"""What becomes of a declared nucleus: a new body, or one that is known (`twins.py`), in its event."""

from collections.abc import Sequence
from copy import copy

import numpy as np

from tocsin.earth.local import launch_difference
from tocsin.messages import SECOND, Array, Association, Instant
from tocsin.sensors.infrared import Infrared
from tocsin.tracking import crowd
from tocsin.tracking.body import Body
from tocsin.tracking.burn import Burn
from tocsin.tracking.dark import Watch
from tocsin.tracking.nucleation import Nucleation, Nucleus
from tocsin.tracking.overcount import displaced
from tocsin.tracking.sightings import Sighting
from tocsin.tracking.sky import Sky
from tocsin.tracking.twins import relit, spacing, twin

ADOPTION_GATE = 12.0  # of sightings before the declaration (2 angles: 99.75 %)
GROUP_DISTANCE = 50_000.0  # m and s within which launches belong to one event (the match rule of the project)
GROUP_TIME = 120.0


def declared(
    sky: Sky, nucleation: Nucleation, watch: Watch, sensor: Infrared, nucleus: Nucleus
) -> Body | None:
    """Make a body of a declared nucleus, adopt what it had missed, or find that it is one we have; None: no flight."""
    first = min(nucleus.sightings, key=lambda s: s.key)
    burn = Burn(nucleus.sightings, sky.settings, watch.before(first))
    if not burn.convinces(watch.missed(burn.sightings)):
        return None
    wrong, room = _displaced(sky, burn)
    if wrong is None and not room:
        return None  # it waits: it may yet prove stronger than one of those we have
    burn = _gathered(burn, nucleus, nucleation, sensor)
    body = twin(sky, burn, sensor) or relit(sky, burn)
    if body is None and wrong is not None:
        body = wrong
        body.burn = burn
        body.log_odds = burn.odds
        body.trigger("seen")
    elif body is None:
        body = sky.new(Instant(burn.epoch))
        body.burn = burn
        body.log_odds = burn.odds
        _join_group(sky, body)
    else:
        body.trigger("seen")
        if body.burn is not None and body.parent is None and _is_alone(sky, body):
            _join_group(sky, body)
    body.count([_used(body.burn or burn, s) for s in burn.sightings])
    return body


def _gathered(burn: Burn, nucleus: Nucleus, nucleation: Nucleation, sensor: Infrared) -> Burn:
    """Return a new burn with the waiting sightings that fit it; what is its own nucleates no more.

    A sighting of its own speaks for it. Where those adopted together speak against it, some were another's of a crowd:
    then it is left as it was declared.
    """
    freed = nucleation.forget(frozenset(s.key for s in nucleus.sightings))
    adopted = _adopted(burn, sorted(freed + nucleation.loose(), key=lambda s: s.key), sensor)
    if not adopted:
        return burn
    fuller = copy(burn)
    fuller.add(adopted)
    fuller.refit(may_search=False)  # all classes were searched just now; the next sighting may search again
    if fuller.odds < burn.odds:
        return burn
    nucleation.forget(frozenset(s.key for s in adopted))
    return fuller


def _adopted(burn: Burn, loose: list[Sighting], sensor: Infrared) -> list[Sighting]:
    """Return the waiting sightings that fit a new burn, at most one a look of each satellite."""
    fits = []
    for s in loose:
        match = burn.match(s, burn.expect(s.time)) if burn.is_near(s) else None
        if match is not None and match[1].distance < ADOPTION_GATE:
            fits.append((match[1].distance, s))
    taken = list(burn.sightings)
    adopted = []
    for _, s in sorted(fits, key=lambda row: (row[0], row[1].key)):
        if all(other.sensor != s.sensor or abs(other.time - s.time) > spacing(sensor) for other in taken):
            taken.append(s)
            adopted.append(s)
    return adopted


def _is_alone(sky: Sky, body: Body) -> bool:
    """Say whether a body is all of its event: what radars found may show where it began only now."""
    return sum(other.group == body.group for other in sky.bodies.values()) == 1


def _join_group(sky: Sky, body: Body) -> None:
    """Put a launch into the event that its burn belongs to, if there is one."""
    assert body.burn is not None
    group = _event_of(body.burn, sky, [other for other in sky.ordered() if other.number != body.number])
    if group is not None:
        body.group = group


def _event_of(burn: Burn, sky: Sky, others: Sequence[Body]) -> int | None:
    """Return the event of an earlier launch near a burn's in place and time, or of a raid that burns beside it."""
    mine = _launch_of(burn)
    for other in others:
        if other.burn is None:
            continue
        d = launch_difference(mine, _launch_of(other.burn))
        if np.hypot(d[0], d[1]) < GROUP_DISTANCE and abs(d[2]) < GROUP_TIME:
            return other.group
    beside = crowd.crowd(others, burn.last).group_of(burn.sightings[-1])
    return beside if beside is not None and sky.is_raid(beside) else None


def _displaced(sky: Sky, burn: Burn) -> tuple[Body | None, bool]:
    """Return the body of its raid that a new burn shows to be wrong, if any, and whether the raid has room for it."""
    bodies = sky.ordered()
    group = _event_of(burn, sky, bodies)
    if group is None or not sky.lights.is_raid(group):
        return None, True
    mine = [body for body in bodies if body.group == group and body.parent is None]
    return displaced(burn, mine, sky.lights.counted(group))


def _launch_of(burn: Burn) -> Array:
    """Return the launch (4,) of the best mode, its time on the absolute clock [s]."""
    start = burn.modes[0].launch.copy()
    start[2] += burn.epoch / SECOND
    return start


def _used(burn: Burn, s: Sighting) -> Association:
    """Return a fitted sighting's residual against the fit it is part of."""
    match = burn.match(s, burn.expect(s.time))
    if match is not None:
        return match[1]
    return Association(s.sensor, s.time, s.detection, (), (), burn.settings.gate, float("inf"), 1.0)
