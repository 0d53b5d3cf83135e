"""Bodies that radar rows found: rows that nobody awaits and that fly as only rockets and what falls from them do."""

import numpy as np

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
        if group is not None and table.plots[i] < raids.FOUNDING:
            continue
        kept = _next_of(sky, group, late) if group is not None else None
        body = kept or sky.new(look.end)
        adopt(body, row, table, latest, look)
        if group is not None:
            body.group = group
        elif kept is None:
            _find_parent(body, fleet)
        fleet.add(body)
        found.append(body)
    return found


def _next_of(sky: Sky, group: int, late: dict[int, int]) -> Body | None:
    """Return the longest overdue body of a raid: the next row is what it should have been."""
    those = [b for b in sky.ordered() if late.get(b.number) == group and b.radar is None]
    return those[0] if those else None


def _raid_of(
    sky: Sky, table: RadarTable, i: int, fleet: raids.Fleet, lit: crowd.Crowd, late: list[int]
) -> int | None:
    """Return the raid in which a row flies, unless it parted from another.

    Beside one body of it is enough while it burns, or while a body of it is overdue (`late`: their events).
    """
    if table.parent[i]:
        return None
    x = table.estimate(i)[0]
    group = fleet.raid(x, GROUP_DISTANCE)
    if group is not None:
        return group
    near = np.flatnonzero(np.linalg.norm(lit.r - x[:3], axis=1) < GROUP_DISTANCE)
    groups = [lit.groups[k] for k in near.tolist() if sky.is_raid(lit.groups[k])]
    groups += [name for name in fleet.beside(x, GROUP_DISTANCE) if name in late] if late else []
    return max(groups, key=lambda name: (groups.count(name), -name), default=None)


def _find_parent(body: Body, fleet: raids.Fleet) -> None:
    """Call a new radar body the child of one that flies beside it no farther than separation would bring it."""
    found = fleet.parent(body, PARTED_REACH, SEPARATION_SPEED)
    if found is not None:
        body.parent, body.group = found
