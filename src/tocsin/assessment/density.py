"""How likely each spot of the ground is: a sum of Gaussians, and the smallest areas that hold a share of it.

The highest-density region of a level (Hyndman 1996) may be curved and may have several parts. It is found on grids, one
for each group of Gaussians that touch, turned to the group's own axes: two places far apart cost no cells between.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from contourpy import FillType, contour_generator
from msgspec import Struct
from numba import njit

from tocsin.messages import Array

CELLS: Final = (96, 64)  # along a patch and across it
REACH: Final = 4.0  # sigmas of each Gaussian that count
_FINE: Final = 0.6  # of a cell: no Gaussian is drawn narrower
# What passes for one Gaussian, whose skewness is 0 and kurtosis 1 in units of its 8. Our choice: the smallest 95 % area
# is then within some tenth of the ellipse's.
_SKEWNESS: Final = 0.25
_KURTOSIS: Final = (0.88, 1.2)
_NODES: Final = (-math.sqrt(3.0), 0.0, math.sqrt(3.0))  # Gauss-Hermite, three points: exact to degree five
_WEIGHTS: Final = (1 / 6, 2 / 3, 1 / 6)

Part = list[Array]  # rings (k, 2) north and east [m], closed: the outline, then holes


class Patch(Struct, frozen=True):
    """A grid: `density` [1/m²] at `along` (n,) × `across` (m,) [m], turned by `axes` (2, 2) into north and east."""

    along: Array
    across: Array
    axes: Array
    density: Array

    @property
    def cell(self) -> float:
        """Say how large a cell is [m²]."""
        return float((self.along[1] - self.along[0]) * (self.across[1] - self.across[0]))


def patches(rows: Array, covariances: Array, weights: Array) -> list[Patch]:
    """Draw Gaussians at `rows` (n, 2) [m] with `covariances` (n, 2, 2), `weights` (n,) adding up to one."""
    return [
        _patch(rows[i], covariances[i], weights[i])
        for i in _groups(rows, REACH * np.sqrt(np.einsum("nii->ni", covariances)))
    ]


def thresholds(drawn: list[Patch], levels: Sequence[float]) -> list[float]:
    """Return the densities above which shares `levels` of all probability lie."""
    cells = [p.density[p.density > 0.0] for p in drawn]
    density = np.concatenate(cells)
    mass = np.concatenate([p.cell * one for p, one in zip(drawn, cells, strict=True)])
    order = np.argsort(-density, kind="stable")
    held = (np.cumsum(mass[order]) - 0.5 * mass[order]) / mass.sum()
    return [float(least) for least in np.interp(levels, held, density[order])]


def region(drawn: list[Patch], least: float) -> list[Part]:
    """Return where the density is `least` or more: its parts, the largest first."""
    found: list[tuple[float, Part]] = []
    for patch in drawn:
        contours = contour_generator(
            patch.across, patch.along, patch.density, fill_type=FillType.OuterOffset
        ).filled(least, np.inf)
        for points, offsets in zip(contours[0], contours[1], strict=True):
            assert points is not None
            assert offsets is not None
            rings = [points[a:b, ::-1] @ patch.axes.T for a, b in pairwise(offsets)]
            found.append((abs(area(rings[0])), rings))
    return [rings for _, rings in sorted(found, key=lambda one: -one[0])]


def area(ring: Array) -> float:
    """Return the signed area [m²] of a closed ring (k, 2): positive clockwise with north first, then east."""
    x, y = ring[:-1].T, ring[1:].T
    return 0.5 * float(np.sum(x[0] * y[1] - x[1] * y[0]))


def size(parts: list[Part]) -> float:
    """Return the area [m²] of all parts without their holes."""
    return sum(abs(area(rings[0])) - sum(abs(area(hole)) for hole in rings[1:]) for rings in parts)


@njit(cache=True, error_model="numpy")
def is_normal(rows: Array, covariances: Array, weights: Array) -> bool:
    """Say whether a sum of Gaussians is nearly one Gaussian, by Mardia's (1970) skewness and kurtosis."""
    if len(rows) == 1:
        return True
    points, w = np.empty((len(rows) * 9, 2)), np.empty(len(rows) * 9)
    for k in range(len(rows)):
        L = _root(covariances[k, 0, 0], covariances[k, 0, 1], covariances[k, 1, 1])
        for i in range(3):
            for j in range(3):
                n = 9 * k + 3 * i + j
                points[n, 0] = rows[k, 0] + L[0] * _NODES[i]
                points[n, 1] = rows[k, 1] + L[1] * _NODES[i] + L[2] * _NODES[j]
                w[n] = weights[k] * _WEIGHTS[i] * _WEIGHTS[j]
    x, y = points[:, 0] - np.sum(w * points[:, 0]), points[:, 1] - np.sum(w * points[:, 1])
    L = _root(np.sum(w * x * x), np.sum(w * x * y), np.sum(w * y * y))
    x = x / L[0]
    y = (y - L[1] * x) / L[2]
    b1 = np.sum(w * x**3) ** 2 + np.sum(w * y**3) ** 2
    b1 += 3.0 * (np.sum(w * x * x * y) ** 2 + np.sum(w * x * y * y) ** 2)
    b2 = np.sum(w * (x * x + y * y) ** 2) / 8.0
    return bool(b1 <= _SKEWNESS and _KURTOSIS[0] <= b2 <= _KURTOSIS[1])


@njit(cache=True, error_model="numpy")
def _root(a: float, b: float, c: float) -> tuple[float, float, float]:
    """Return the lower factor of [[a, b], [b, c]]: its first column, then what is left."""
    first = math.sqrt(a + 1e-6)
    below = b / first
    return first, below, math.sqrt(max(c + 1e-6 - below * below, 1e-6))


def _groups(rows: Array, reach: Array) -> list[list[int]]:
    """Group Gaussians whose boxes `rows` ± `reach` (n, 2) touch, directly or through others."""
    low, high = rows - reach, rows + reach
    left = np.arange(len(rows))
    groups: list[list[int]] = []
    while len(left):
        group, wave, left = [], left[:1], left[1:]
        while len(wave):
            group += wave.tolist()
            touch = (low[left] <= high[wave].max(axis=0)) & (high[left] >= low[wave].min(axis=0))
            near = touch.all(axis=1)
            wave, left = left[near], left[~near]
        groups.append(sorted(group))
    return groups


def _patch(rows: Array, covariances: Array, weights: Array) -> Patch:
    share = weights / weights.sum()
    off = rows - share @ rows
    _, axes = np.linalg.eigh(
        (off * share[:, None]).T @ off + np.einsum("n,nij->ij", share, covariances) + np.eye(2)
    )
    axes = axes[:, ::-1].copy()
    turned = rows @ axes
    C = axes.T @ covariances @ axes
    sigma = np.sqrt(np.einsum("nii->ni", C) + 1.0)
    low, high = (turned - REACH * sigma).min(axis=0), (turned + REACH * sigma).max(axis=0)
    steps = (high - low) / (np.array(CELLS) - 1)
    C = C + np.diag((_FINE * steps) ** 2) * (sigma < _FINE * steps).any(axis=1)[:, None, None] + np.eye(2)
    lines = [low[k] + steps[k] * np.arange(CELLS[k]) for k in range(2)]
    return Patch(lines[0], lines[1], axes, _drawn(turned, C, weights, low, steps))


@njit(cache=True, error_model="numpy")
def _drawn(rows: Array, C: Array, weights: Array, low: Array, steps: Array) -> Array:
    """Add Gaussians `rows` (n, 2), `C` (n, 2, 2) onto a grid that begins at `low` (2,), each as far as it reaches."""
    density = np.zeros(CELLS)
    for k in range(rows.shape[0]):
        across = math.sqrt(C[k, 1, 1] - C[k, 0, 1] ** 2 / C[k, 0, 0])  # sigma at a given place along
        top = weights[k] / (2.0 * math.pi * math.sqrt(C[k, 0, 0]) * across)
        u = REACH * math.sqrt(C[k, 0, 0])
        i0 = max(0, math.ceil((rows[k, 0] - u - low[0]) / steps[0]))
        i1 = min(CELLS[0] - 1, math.floor((rows[k, 0] + u - low[0]) / steps[0]))
        for i in range(i0, i1 + 1):
            x = low[0] + i * steps[0] - rows[k, 0]
            left = REACH * REACH - x * x / C[k, 0, 0]
            if left > 0.0:
                middle = rows[k, 1] + C[k, 0, 1] / C[k, 0, 0] * x
                peak = top * math.exp(0.5 * (left - REACH * REACH))
                _add(density[i], (low[1] - middle) / across, steps[1] / across, math.sqrt(left), peak)
    return density


@njit(cache=True, error_model="numpy")
def _add(line: Array, begin: float, step: float, reach: float, peak: float) -> None:
    """Add peak · exp(-z²/2) at z = begin + j step to the cells j of a line, as far as |z| <= reach.

    From cell to cell it grows by a factor, which itself grows by exp(-step²): no exponential is taken in between.
    """
    j0, j1 = (
        max(0, math.ceil((-reach - begin) / step)),
        min(len(line) - 1, math.floor((reach - begin) / step)),
    )
    z = begin + j0 * step
    value, factor, change = (
        peak * math.exp(-0.5 * z * z),
        math.exp(-step * (z + 0.5 * step)),
        math.exp(-step * step),
    )
    for j in range(j0, j1 + 1):
        line[j] += value
        value *= factor
        factor *= change
