"""Bodies that radar rows found: rows that nobody awaits and that fly as only rockets and what falls from them do."""

import numpy as np

from tocsin.flight.coast import propagate
from tocsin.messages import SECOND, Array
from tocsin.tracking import crowd, raids
from tocsin.tracking._meet import near
from tocsin.tracking.adoption import adopt, rocketing
from tocsin.tracking.births import REGION
from tocsin.tracking.body import Body
from tocsin.tracking.burn import Burn
from tocsin.tracking.declaration import GROUP_DISTANCE
from tocsin.tracking.follow import Latest, Reading
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.sky import Sky
from tocsin.tracking.table import RadarTable

PARTED_REACH = 200_000.0  # m, beyond which nothing that parted is sought
SEPARATION_SPEED = 15.0  # m/s, with which stages and fragments part
BURST_SPEED = 100.0  # m/s, with which the pieces of what broke up may (our assumption)
DENSE = 5_000.0  # m, within which young rows take each other's plots (our assumption)
# Plots from which a row of a raid is one that nobody awaits: alone, and among a few others (our assumption).
FOUNDING_APART, FOUNDING_AMONG = 4, 5
BURNS = 0.9  # weight of the boost from which a row surely burns (our assumption)
LONGEST_BACK_S = (
    600.0  # s, after which a speed known to tens of metres a second says no more where it came from
)
ORPHAN_S = 60.0  # s from the first plot, for which a body that nothing explains is held against launches


def founded(sky: Sky, table: RadarTable, latest: Latest, rows: list[int], look: RadarLook) -> list[Body]:
    """Make bodies of those rows among some that are proved to be any, or give them to what a raid still lacks.

    Beside a body of an event that has all its launches a row is a piece; where nobody counted them, if born there.
    """
    sure = rocketing(table, rows)
    if not sure:
        return []
    lit, late = crowd.crowd(sky.ordered(), look.end), raids.overdue(sky.ordered(), look.end)
    fleet, crowds = raids.Fleet(sky.followed(), len(sure)), sky.raids()
    found = []
    for row, i in sure:
        group = _raid_of(sky, table, i, fleet, lit, crowds, list(late.values()))
        launch = None if group is None else sky.only_launch(group)
        kept = _next_of(sky, group, late) if group is not None and launch is None else None
        parent = None
        if kept is None and _may_be_piece(sky, group, bool(table.parent[i]), float(table.mu[i, 1])):
            reading = Reading(row, latest, int(table.first_plot[i]))
            parent = fleet.parted_from(reading, PARTED_REACH, SEPARATION_SPEED)
        if parent is None and table.plots[i] < _plots_needed(sky, group, table, i):
            continue
        body = kept or sky.new(look.end)
        adopt(body, row, table, latest, look)
        if parent is not None:
            body.parent, body.group = parent
        elif group is not None:
            body.group = group
            body.parent = None if launch is None else launch.number
        fleet.add(body)
        found.append(body)
    return found


def _plots_needed(sky: Sky, group: int | None, table: RadarTable, i: int) -> int:
    """Return the plots from which a row is a body.

    Of no raid, none more than to be proved; but in company it has to be mature: satellites in a train take each other's
    plots look by look, and what they seem to fly they teach the next of their `REGION`. Of a raid, most while a burn of
    it waits, which the row may yet prove to be, and in the thick of it; more where others fly so near that it may have
    taken theirs.
    """
    if group is None:
        return table.settings.soft_plots if _beside(table, i, REGION) else table.settings.confirm_plots
    if any(b.group == group and b.radar is None and b.burn is not None for b in sky.bodies.values()):
        return raids.FOUNDING
    others = _beside(table, i, DENSE)
    if others > crowd.CROWD:
        return raids.FOUNDING
    return FOUNDING_AMONG if others > 0 else FOUNDING_APART


def _beside(table: RadarTable, i: int, reach: float) -> int:
    """Count the credible rows within `reach` [m] of one."""
    credible = (table.r > raids.CREDIBLE) & (table.plots >= 2)
    mean = table.estimates()[0]
    return near(mean, (table.t[i] - table.t) / SECOND, credible, mean[i], reach) - 1


def _may_be_piece(sky: Sky, group: int | None, beside: bool, boosting: float) -> bool:
    """Say whether what flies in an event may have parted from a body of it; `beside`: it was born beside one.

    What surely burns (`boosting`: the weight of that) was launched.
    """
    if group is None:
        return True
    whole = sky.is_whole(group)
    return boosting < BURNS and (beside if whole is None else whole)


def rejoined(sky: Sky, now: int) -> list[Body]:
    """Give young bodies that nothing explains to the launch whose pieces they fly among, now that radars know it."""
    launched = [body for body in sky.bodies.values() if body.burn is not None and body.radar is not None]
    alone = [body for body in launched if sky.only_launch(body.group) is body]
    if not alone:
        return []
    orphans = [body for body in sky.followed() if _is_orphan(body, now)]
    fleet = raids.Fleet(alone, 0)
    moved: list[Body] = []
    for body in orphans:
        assert body.radar is not None
        parent = fleet.parted_from(body.radar, PARTED_REACH, BURST_SPEED)
        if parent is None:
            continue
        pieces = [
            body,
            *(b for b in sky.ordered() if b.parent == body.number),
        ]  # its pieces are the launch's too
        for piece in pieces:
            piece.parent, piece.group = parent
        moved += pieces
    return moved


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
    sky: Sky, table: RadarTable, i: int, fleet: raids.Fleet, lit: crowd.Crowd, crowds: frozenset[int], late: list[int]
) -> int | None:  # fmt: skip
    """Return the raid, or the pieces of one launch, among which a row flies.

    Beside one body of it is enough while it burns (of the events `crowds`), or while a body of it is overdue (`late`:
    their events).
    """
    x = table.estimate(i)[0]
    group = fleet.raid(x, GROUP_DISTANCE)
    if group is not None:
        return group
    groups = []
    if lit.groups:
        beside = np.flatnonzero(np.linalg.norm(lit.r - x[:3], axis=1) < GROUP_DISTANCE)
        groups = [lit.groups[k] for k in beside.tolist() if lit.groups[k] in crowds]
    groups += [name for name in fleet.beside(x, GROUP_DISTANCE) if name in late] if late else []
    if not groups:
        return _launched_with(sky, *table.estimate(i), int(table.t[i]))
    return max(groups, key=lambda name: (groups.count(name), -name))


def _launched_with(sky: Sky, x: Array, P: Array, t: int) -> int | None:
    """Return the raid beside whose launches a state (6,) of `t` was, carried back to when the last light went out.

    They part on their ways: minutes later nothing else shows that they came from one place. `P` (6, 6): its covariance.
    """
    faster = float(np.sqrt(np.trace(P[3:, 3:])))
    groups: list[int] = []
    for group, out in sky.lights.raids():
        if not 0 < t - out < LONGEST_BACK_S * SECOND:
            continue
        then = propagate(x, (out - t) / SECOND, 0.0)
        launches = [body.burn for body in sky.ordered() if body.group == group and body.burn is not None]
        there = np.array([_handed_over(burn, out) for burn in launches]).reshape(-1, 6)
        doubt = min(2.0 * faster * (t - out) / SECOND, GROUP_DISTANCE)
        beside = np.linalg.norm(there[:, :3] - then[:3], axis=1) < GROUP_DISTANCE + doubt
        beside &= np.linalg.norm(there[:, 3:] - then[3:], axis=1) < raids.ALIKE
        groups += [group] * int(beside.sum())
    return max(groups, key=lambda name: (groups.count(name), -name), default=None)


def _handed_over(burn: Burn, t: int) -> Array:
    """Return the likeliest state (6,) of a burn at `t`, after its end."""
    time, components = burn.components()
    motion = max(components, key=lambda c: c.weight).motion
    assert motion is not None
    return propagate(motion, (t - time) / SECOND, 0.0)
