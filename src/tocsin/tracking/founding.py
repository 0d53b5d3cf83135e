"""Bodies that radar rows found: rows that nobody awaits and that fly as only rockets and what falls from them do."""

import numpy as np

from tocsin.messages import SECOND
from tocsin.tracking import crowd, raids
from tocsin.tracking.adoption import adopt, rocketing
from tocsin.tracking.body import Body
from tocsin.tracking.declaration import GROUP_DISTANCE
from tocsin.tracking.follow import Latest
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.sky import Sky
from tocsin.tracking.table import RadarTable

PARTED_REACH = 200_000.0  # m, beyond which nothing that parted is sought
SEPARATION_SPEED = 15.0  # m/s, with which stages and fragments part
BURST_SPEED = 100.0  # m/s, with which the pieces of what broke up may (our assumption)
ORPHAN_S = 60.0  # s from the first plot, for which a body that nothing explains is held against launches


def founded(sky: Sky, table: RadarTable, latest: Latest, rows: list[int], look: RadarLook) -> list[Body]:
    """Make bodies of those rows among some that are proved to be any, or give them to what a raid still lacks."""
    sure = rocketing(table, rows)
    if not sure:
        return []
    lit, late = crowd.crowd(sky.ordered(), look.end), raids.overdue(sky.ordered(), look.end)
    fleet = raids.Fleet(sky.followed(), len(sure))
    found = []
    for row, i in sure:
        group = _raid_of(sky, table, i, fleet, lit, list(late.values()))
        launch = None if group is None else sky.only_launch(group)
        if group is not None and table.plots[i] < raids.FOUNDING:
            continue
        kept = _next_of(sky, group, late) if group is not None and launch is None else None
        body = kept or sky.new(look.end)
        adopt(body, row, table, latest, look)
        if group is not None:
            body.group = group
            body.parent = None if launch is None else launch.number
        elif kept is None:
            _find_parent(body, fleet, SEPARATION_SPEED)
        fleet.add(body)
        found.append(body)
    return found


def rejoined(sky: Sky, now: int) -> list[Body]:
    """Give young bodies that nothing explains to the launch whose pieces they fly among, now that radars know it."""
    orphans = [body for body in sky.followed() if _is_orphan(body, now)]
    launched = [body for body in sky.followed() if body.burn is not None] if orphans else []
    alone = [body for body in launched if sky.only_launch(body.group) is body]
    fleet = raids.Fleet(alone, 0)
    for body in orphans if alone else ():
        _find_parent(body, fleet, BURST_SPEED)
    return [body for body in orphans if body.parent is not None]


def _is_orphan(body: Body, now: int) -> bool:
    """Say whether a body came from nowhere a short while ago."""
    assert body.radar is not None
    lone = body.burn is None and body.parent is None and body.group == body.number
    return lone and (now - body.radar.first) / SECOND < ORPHAN_S


def _next_of(sky: Sky, group: int, late: dict[int, int]) -> Body | None:
    """Return the longest overdue body of a raid: the next row is what it should have been."""
    those = [b for b in sky.ordered() if late.get(b.number) == group and b.radar is None]
    return those[0] if those else None


def _raid_of(
    sky: Sky, table: RadarTable, i: int, fleet: raids.Fleet, lit: crowd.Crowd, late: list[int]
) -> int | None:
    """Return the raid, or the pieces of one launch, among which a row flies, unless it parted from one of a raid.

    Beside one body of it is enough while it burns, or while a body of it is overdue (`late`: their events).
    """
    if table.parent[i]:
        of = next((body for body in sky.followed() if body.row == table.parent[i]), None)
        return None if of is None or sky.only_launch(of.group) is None else of.group
    x = table.estimate(i)[0]
    group = fleet.raid(x, GROUP_DISTANCE)
    if group is not None:
        return group
    near = np.flatnonzero(np.linalg.norm(lit.r - x[:3], axis=1) < GROUP_DISTANCE)
    groups = [lit.groups[k] for k in near.tolist() if sky.is_raid(lit.groups[k])]
    groups += [name for name in fleet.beside(x, GROUP_DISTANCE) if name in late] if late else []
    return max(groups, key=lambda name: (groups.count(name), -name), default=None)


def _find_parent(body: Body, fleet: raids.Fleet, speed: float) -> None:
    """Call a new radar body the child of one that flies beside it no farther than parting at `speed` would bring it."""
    found = fleet.parent(body, PARTED_REACH, speed)
    if found is not None:
        body.parent, body.group = found
