"""Which plotted rows of a radar's table bodies that await one adopt: by likelihood, and in a raid by nearness."""

import numpy as np

from tocsin.constants import EARTH_RADIUS
from tocsin.messages import SECOND, Array
from tocsin.tracking import _meet, afterglow, crowd, raids, unwatched
from tocsin.tracking.association import Flags, Indices
from tocsin.tracking.body import Body
from tocsin.tracking.follow import Latest, Reading
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.sky import Sky
from tocsin.tracking.table import RadarTable

PROVED_GATE = 4.0  # times the gate, for a row that has proved itself
WINGED = 20_000.0, 400.0  # m and m/s, up to which aircraft fly (our assumption)

Offer = tuple[float, int, int]  # cost, id of a row, number of a body


def ripe(table: RadarTable, rows: list[int]) -> list[int]:
    """Return the rows among some that are sure enough to be offered to a body that waits."""
    places = [(row, table.row(row)) for row in rows]
    return [row for row, i in places if i is not None and table.plots[i] >= 3 and table.r[i] >= 0.99]


def adopt(body: Body, row: int, table: RadarTable, latest: Latest, look: RadarLook) -> None:
    """Let a body follow a row that a look has plotted."""
    i = table.row(row)
    assert i is not None
    table.kept[i] = True
    body.silence = 0.0
    body.followed_since = body.followed_since or int(table.first_plot[i])
    body.plotted(look.sensor)
    body.follow(Reading(row, latest, int(table.first_plot[i])))
    if table.mu[i, 1] > crowd.BOOSTING:
        body.burned = look.end


def offers(sky: Sky, table: RadarTable, rows: list[int], end: int, late: dict[int, int]) -> list[Offer]:
    """Return which rows may be whose at the end of a look, in the order in which they are to be given.

    First by likelihood; then, in a raid, by the last lights of each; then, to the overdue ones (`late`), by nearness.
    """
    if all(body.radar is not None for body in sky.bodies.values()):
        return []  # nobody waits
    return [
        *_agreeing(sky, table, rows, end),
        *_lit_last(sky, table, rows),
        *_of_a_raid(sky, table, rows, end, late),
    ]


def _agreeing(sky: Sky, table: RadarTable, rows: list[int], end: int) -> list[Offer]:
    """Return (cost, row, body) where a row agrees with a body that awaits one, likeliest first.

    The cost is twice the negative log density: of two bodies that agree the surer one is meant.
    """
    places = np.array([table.row(row) for row in rows], dtype=np.int64)
    gates = np.where(table.proved()[places], PROVED_GATE, 1.0) * sky.settings.fusion_gate
    mean, C = table.estimates()
    t = table.t[places].tolist()
    waiting = [body for body in sky.ordered() if body.radar is None and body.burn is not None]
    sought = any(body.unwatched for body in waiting)
    up = [sought and unwatched.stays_up(mean[i]) for i in places.tolist()]
    level = _level(mean[places])
    pairs = []
    for body in waiting:
        narrow = body.unwatched or sky.is_raid(body.group)
        for j, i in enumerate(places.tolist()):
            if level[j] or (body.unwatched and up[j]):
                continue  # what may be almost anywhere must not take an aircraft or a satellite that passes
            d2, cost = body.disagreement(mean[i], C[i], t[j])
            if d2 < (sky.settings.fusion_gate if narrow else gates[j]):
                pairs.append((cost, rows[j], body.number))
    met = _met(sky, table, places, gates, end)
    return sorted(pairs + [(cost, rows[j], number) for cost, j, number in met])


def _met(sky: Sky, table: RadarTable, places: Indices, gates: Array, end: int) -> list[Offer]:
    """Hold bodies that only radars have seen against rows all at once, at the end of the look."""
    waiting = [body for body in sky.ordered() if body.radar is None and body.burn is None]
    states = [(body.number, c) for body in waiting for c in body.ahead(end)]
    if not states:
        return []
    motions = np.array([c.motion for _, c in states])
    covariances = np.array([c.covariance[4:, 4:] for _, c in states])
    x, P = table.estimates()
    x, P = x[places], P[places]
    found = _meet.meetings(x, P, (end - table.t[places]) / SECOND, gates, motions, covariances)
    least: dict[tuple[int, int], float] = {}
    for j, k, d2 in zip(*(column.tolist() for column in found), strict=True):
        pair = j, states[k][0]
        cost = d2 + float(np.linalg.slogdet(2 * np.pi * (P[j] + covariances[k]))[1])
        least[pair] = min(cost, least.get(pair, cost))
    return [(cost, j, number) for (j, number), cost in least.items()]


def _lit_last(sky: Sky, table: RadarTable, rows: list[int]) -> list[Offer]:
    """Return (distance, row, body) where a row carried back passes the last lights of a raid's body, nearest first."""
    burnt = [(body, body.burn) for body in sky.ordered() if body.radar is None and body.burn is not None]
    waiting = [(body.number, burn) for body, burn in burnt if not burn.lapsed and sky.is_raid(body.group)]
    those = rocketing(table, rows) if waiting else []
    mean, C = table.estimates()
    pairs = []
    for row, i in those:
        for number, burn in waiting:
            d2 = afterglow.distance(burn, mean[i], C[i], int(table.t[i]))
            if np.isfinite(d2):
                pairs.append((d2, row, number))
    return sorted(pairs)


def _of_a_raid(sky: Sky, table: RadarTable, rows: list[int], end: int, late: dict[int, int]) -> list[Offer]:
    """Pair proved rows with overdue bodies of a raid, wherever wrong pairings have put them, nearest first."""
    if not late or not any(body.radar is None and body.burn is not None for body in sky.bodies.values()):
        return []
    waiting = raids.awaited(sky.ordered(), end)
    those = rocketing(table, rows)
    x = raids.at(table, np.array([i for _, i in those], dtype=np.int64), end)
    return [(d, those[k][0], number) for d, k, number in raids.neighbours(waiting, x) if number in late]


def _level(x: Array) -> Flags:
    """Mark the motions (n, 6) that only wings explain: low, slow, level. What rises or falls there does so steeply."""
    height, speed = _height(x), np.sqrt(np.einsum("ni,ni->n", x[:, 3:], x[:, 3:]))
    climb = np.einsum("ni,ni->n", x[:, :3], x[:, 3:]) / np.sqrt(np.einsum("ni,ni->n", x[:, :3], x[:, :3]))
    return np.asarray((height < WINGED[0]) & (speed < WINGED[1]) & (np.abs(climb) < 0.5 * speed))


def _height(x: Array) -> Array:
    """Return the heights (n,) of motions (n, 6) over the ellipsoid, to some metres."""
    length = np.sqrt(np.einsum("ni,ni->n", x[:, :3], x[:, :3]))
    return np.asarray(length - EARTH_RADIUS + 21_385.0 * (x[:, 2] / length) ** 2)


def rocketing(table: RadarTable, rows: list[int]) -> list[tuple[int, int]]:
    """Return (row, place) of the proved rows among some that move as only rockets and what falls from them do."""
    proved = table.proved()
    sure = [(row, i) for row in rows if (i := table.row(row)) is not None and proved[i]]
    marked = _ballistic(table, [i for _, i in sure]) if sure else ()
    return [pair for pair, flies in zip(sure, marked, strict=True) if flies]


def _ballistic(table: RadarTable, places: list[int]) -> Flags:
    """Mark those of some rows (k,) that are over 30 km up or above 700 m/s."""
    x, P = (of_all[places] for of_all in table.estimates())
    speed = np.sqrt(np.einsum("ni,ni->n", x[:, 3:], x[:, 3:]))
    speed_sigma = np.sqrt(np.einsum("nii->n", P[:, 3:, 3:]))
    return np.asarray((_height(x) > 30_000.0) | (speed - 2 * speed_sigma > 700.0))
