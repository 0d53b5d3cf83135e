"""Which detection belongs to which track: sparse edges, clusters, marginals and the best joint assignment.

Edges are the gated pairs only. Existence uses the marginals of loopy belief propagation (Williams and Lau 2014);
states take the plot of the best joint assignment of their cluster.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from tocsin.messages import Array

Indices = NDArray[np.int64]
SWEEPS = 30


def clusters(rows: Indices, columns: Indices, row_count: int) -> list[Indices]:
    """Split edges (e,) into connected groups; return the edge numbers of each, in order of their lowest row."""
    parent = list(range(row_count))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[int, int] = {}
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        a, b = root(row), root(first.setdefault(column, row))
        parent[max(a, b)] = min(a, b)
    groups: dict[int, list[int]] = {}
    for edge, row in enumerate(rows.tolist()):
        groups.setdefault(root(row), []).append(edge)
    return [np.array(groups[key], dtype=np.int64) for key in sorted(groups)]


def assign(rows: Indices, columns: Indices, gain: Array, row_count: int) -> dict[int, int]:
    """Return the best joint assignment row → column of edges with log weight `gain` against a miss (0).

    Global nearest neighbour, cluster by cluster: a cluster of one row needs no solver.
    """
    chosen: dict[int, int] = {}
    for group in clusters(rows, columns, row_count):
        r, c, g = rows[group], columns[group], gain[group]
        if len(set(r.tolist())) == 1:
            best = int(np.argmax(g))
            if g[best] > 0.0:
                chosen[int(r[best])] = int(c[best])
            continue
        r_names, r_at = np.unique(r, return_inverse=True)
        c_names, c_at = np.unique(c, return_inverse=True)
        cost = np.zeros((len(r_names), len(c_names) + len(r_names)))
        cost[:, : len(c_names)] = 1e9
        cost[r_at, c_at] = -g
        for i, j in zip(*linear_sum_assignment(cost), strict=True):
            if j < len(c_names) and cost[i, j] < 0.0:
                chosen[int(r_names[i])] = int(c_names[j])
    return chosen


def marginals(
    rows: Indices, columns: Indices, w: Array, row_count: int, kappa: Array
) -> tuple[Array, Array, Array]:
    """Return p (e,) of each edge, p of no plot (rows,) and the probability (columns,) that a plot is nobody's.

    `w` (e,): weight of the plot against a miss; `kappa` (columns,): density of plots of no known body.
    """
    v = 1.0 / kappa[columns]
    m = np.zeros_like(w)
    for _ in range(SWEEPS):
        wv = w * v
        total = np.bincount(rows, wv, row_count)
        m = w / (1.0 + np.maximum(total[rows] - wv, 0.0))
        arriving = np.bincount(columns, m, len(kappa))
        new = 1.0 / (kappa[columns] + np.maximum(arriving[columns] - m, 0.0))
        settled = bool(np.all(np.abs(new - v) <= 1e-3 * v))
        v = new
        if settled:
            break
    wv = w * v
    total = np.bincount(rows, wv, row_count)
    p = np.asarray(wv / (1.0 + total[rows]))
    nobody = kappa / (kappa + np.bincount(columns, m, len(kappa)))
    return p, np.asarray(1.0 / (1.0 + total)), nobody
