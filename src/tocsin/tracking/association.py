"""Which detection belongs to which track: sparse edges, marginals and the best joint assignment.

Edges are the gated pairs only. Existence uses the marginals of loopy belief propagation (Williams and Lau 2014);
young states take the plot of the best joint assignment (shortest augmenting paths over the edges: Jonker and
Volgenant 1987), which falls apart into its clusters by itself.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.messages import Array

Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]
SWEEPS = 30
SETTLED = 1e-3  # change of every message at which the sweeps end (raid-association, the recursion)


def assign(rows: Indices, columns: Indices, gain: Array, row_count: int) -> dict[int, int]:
    """Return the best joint assignment row → column of edges with log weight `gain` against a miss (0)."""
    chosen = best(rows, columns, gain, row_count)
    return {i: int(columns[e]) for i, e in enumerate(chosen.tolist()) if e >= 0}


def best(rows: Indices, columns: Indices, gain: Array, row_count: int) -> Indices:
    """Return the edge (n,) that the best joint assignment gives each row, -1 for none; rows in any order."""
    if not len(rows):
        return np.full(row_count, -1, dtype=np.int64)
    order = np.argsort(rows, kind="stable")
    start = np.searchsorted(rows[order], np.arange(row_count + 1))
    chosen = best_sorted(start, columns[order], gain[order], int(columns.max()) + 1)
    return np.where(chosen >= 0, order[chosen], -1)


@njit(cache=True, error_model="numpy")
def best_sorted(start: Indices, columns: Indices, gain: Array, column_count: int) -> Indices:
    """Return `best` for edges in order of rows, those of row `i` from `start[i]` to `start[i + 1]`.

    Each row in turn finds the cheapest path to a free column or to its own miss. Only columns that a path reaches are
    touched, so that rows far apart cost nothing to each other. Only gains above zero are taken.
    """
    n = len(start) - 1
    owner = np.full(column_count + n, -1, dtype=np.int64)  # of each column, then of each row's miss
    held = np.full(n, -1, dtype=np.int64)
    edge_of = np.full(n, -1, dtype=np.int64)
    u, v = np.zeros(n), np.zeros(column_count + n)
    far = np.full(column_count + n, np.inf)
    path, via = np.full(column_count + n, -1, dtype=np.int64), np.full(column_count + n, -1, dtype=np.int64)
    done = np.zeros(column_count + n, dtype=np.bool_)
    reached = np.empty(column_count + n, dtype=np.int64)
    for row in range(n):
        i, count, shortest, sink = row, 0, 0.0, -1
        while sink < 0:
            miss = column_count + i
            for e in range(start[i], start[i + 1] + 1):
                j = miss if e == start[i + 1] else columns[e]
                if done[j] or (j != miss and not gain[e] > 0.0):
                    continue
                cost = shortest + (0.0 if j == miss else -gain[e]) - u[i] - v[j]
                if cost < far[j]:
                    if far[j] == np.inf:
                        reached[count] = j
                        count += 1
                    far[j], path[j], via[j] = cost, i, -1 if j == miss else e
            pick, least = -1, np.inf
            for k in range(count):
                j = reached[k]
                if not done[j] and far[j] < least:
                    pick, least = j, far[j]
            shortest = least
            done[pick] = True
            if owner[pick] < 0:
                sink = pick
            else:
                i = owner[pick]
        u[row] += shortest
        for k in range(count):
            j = reached[k]
            if done[j] and j != sink:
                u[owner[j]] += shortest - far[j]
                v[j] -= shortest - far[j]
        j = sink
        while True:
            i = path[j]
            owner[j] = i
            edge_of[i] = via[j]
            j, held[i] = held[i], j
            if i == row:
                break
        for k in range(count):
            far[reached[k]] = np.inf
            done[reached[k]] = False
    return edge_of


@njit(cache=True, error_model="numpy")
def marginals(
    rows: Indices, columns: Indices, w: Array, row_count: int, kappa: Array
) -> tuple[Array, Array, Array]:
    """Return p (e,) of each edge, p of no plot (rows,) and the probability (columns,) that a plot is nobody's.

    `w` (e,): weight of the plot against a miss; `kappa` (columns,): density of plots of no known body.
    """
    edges = len(rows)
    v, m = np.empty(edges), np.zeros(edges)
    total, arriving = np.empty(row_count), np.empty(len(kappa))
    for e in range(edges):
        v[e] = 1.0 / kappa[columns[e]]
    for _ in range(SWEEPS):
        total[:] = 0.0
        arriving[:] = 0.0
        for e in range(edges):
            total[rows[e]] += w[e] * v[e]
        for e in range(edges):
            m[e] = w[e] / (1.0 + max(total[rows[e]] - w[e] * v[e], 0.0))
            arriving[columns[e]] += m[e]
        settled = True
        for e in range(edges):
            new = 1.0 / (kappa[columns[e]] + max(arriving[columns[e]] - m[e], 0.0))
            settled = settled and abs(new - v[e]) <= SETTLED * v[e]
            v[e] = new
        if settled:
            break
    total[:] = 0.0
    arriving[:] = 0.0
    for e in range(edges):
        total[rows[e]] += w[e] * v[e]
        arriving[columns[e]] += m[e]
    p = np.empty(edges)
    for e in range(edges):
        p[e] = w[e] * v[e] / (1.0 + total[rows[e]])
    return p, 1.0 / (1.0 + total), kappa / (kappa + arriving)
