"""How likely each spot of the ground is: a sum of Gaussians, and the smallest areas that hold a share of it.

The highest-density region of a level (Hyndman 1996) may be curved and may have several parts. It is found on grids, one
for each group of Gaussians that touch, turned to the group's own axes: two places far apart cost no cells between.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from contourpy import FillType, LineType, SerialContourGenerator, ZInterp
from msgspec import Struct
from numba import njit
from numpy.typing import NDArray

from tocsin.messages import Array

CELLS: Final = (96, 64)  # along a patch and across it
REACH: Final = 4.0  # sigmas of each Gaussian that count
_FINE: Final = 0.6  # of a cell: no Gaussian is drawn narrower
# What passes for one Gaussian, whose skewness is 0 and kurtosis 1 in units of its 8. Our choice: the smallest 95 % area
# is then within some tenth of the ellipse's.
_SKEWNESS: Final = 0.25
_KURTOSIS: Final = (0.88, 1.2)
_RING, _RINGS = 0.04, 250  # sigmas a ring is wide, and how many there are
_NODES: Final = (-math.sqrt(3.0), 0.0, math.sqrt(3.0))  # Gauss-Hermite, three points: exact to degree five
_WEIGHTS: Final = (1 / 6, 2 / 3, 1 / 6)

_GRID: Final = np.meshgrid(
    *(np.arange(float(n)) for n in reversed(CELLS))
)  # columns and rows of a patch's cells

Part = list[Array]  # rings (k, 2) north and east [m], closed: the outline, then holes


class Patch(Struct, frozen=True):
    """A grid: `density` [1/m²] at `along` (n,) × `across` (m,) [m], turned by `axes` (2, 2) into north and east."""

    along: Array
    across: Array
    axes: Array
    density: Array

    @property
    def corner(self) -> Array:
        """Say where the first cell lies along and across (2,) [m]."""
        return np.array([self.along[0], self.across[0]])

    @property
    def steps(self) -> Array:
        """Say how far cells lie from each other along and across (2,) [m]."""
        return np.array([self.along[1] - self.along[0], self.across[1] - self.across[0]])

    @property
    def cell(self) -> float:
        """Say how large a cell is [m²]."""
        return float((self.along[1] - self.along[0]) * (self.across[1] - self.across[0]))


def patches(rows: Array, covariances: Array, weights: Array) -> list[Patch]:
    """Draw Gaussians at `rows` (n, 2) [m] with `covariances` (n, 2, 2), `weights` (n,) adding up to one."""
    rows, covariances = np.ascontiguousarray(rows), np.ascontiguousarray(covariances)
    group = _groups(rows, covariances)
    last = int(group.max())
    if last == 0:
        return [Patch(*_laid(rows, covariances, weights))]
    ones = [group == k for k in range(last + 1)]
    return [Patch(*_laid(rows[one], covariances[one], weights[one])) for one in ones]


def thresholds(drawn: list[Patch], levels: Sequence[float]) -> list[float]:
    """Return the densities above which shares `levels` of all probability lie."""
    if len(drawn) == 1:
        cells = drawn[0].density.ravel()
        density = np.sort(cells[cells > 0.0])[::-1]  # what no Gaussian reaches bounds nothing
        mass = density
    else:
        density = np.concatenate([p.density.ravel() for p in drawn])
        order = np.argsort(-density, kind="stable")
        density = density[order]
        mass = density * np.repeat([p.cell for p in drawn], [p.density.size for p in drawn])[order]
        some = int(np.searchsorted(-density, 0.0))
        density, mass = density[:some], mass[:some]
    held = np.cumsum(mass)
    least: list[float] = np.interp(levels, (held - 0.5 * mass) / held[-1], density).tolist()
    return least


def quantiles(drawn: list[Patch], spread: Array, levels: Sequence[float]) -> list[float]:
    """Return the χ² of a covariance (2, 2) about the origin [m²] that hold shares `levels` of all probability."""
    inverse = np.asarray(np.linalg.inv(spread + np.eye(2)), dtype=np.float64)
    mass = np.zeros(_RINGS)
    for patch in drawn:
        _add_rings(mass, patch.density, patch.cell, patch.along, patch.across, patch.axes, inverse)
    held = np.concatenate(([0.0], np.cumsum(mass)))
    sigmas = np.interp(levels, held / held[-1], _RING * np.arange(_RINGS + 1.0))
    chi2: list[float] = (sigmas * sigmas).tolist()
    return chi2


@njit(cache=True, error_model="numpy")
def _add_rings(
    mass: Array, density: Array, cell: float, along: Array, across: Array, axes: Array, inverse: Array
) -> None:
    """Add the probability of a patch's cells (n, m) to the rings about the origin, the last for the rest."""
    turned = axes.T @ inverse @ axes
    for i in range(len(along)):
        for j in range(len(across)):
            if density[i, j] == 0.0:
                continue
            x, y = along[i], across[j]
            chi2 = turned[0, 0] * x * x + 2.0 * turned[0, 1] * x * y + turned[1, 1] * y * y
            mass[min(int(math.sqrt(max(chi2, 0.0)) / _RING), len(mass) - 1)] += density[i, j] * cell


def region(drawn: list[Patch], least: float) -> list[Part]:
    """Return where the density is `least` or more: its parts, the largest first."""
    found: list[tuple[float, Part]] = []
    for patch in drawn:
        points, offsets = _contour(patch.density).filled(least, np.inf)[:2]
        low, steps = patch.corner, patch.steps
        for cells, ends in zip(points, offsets, strict=True):
            assert cells is not None
            assert ends is not None
            corners = (low + cells[:, ::-1] * steps) @ patch.axes.T
            rings = [corners[a:b] for a, b in pairwise(ends.tolist())]
            found.append((abs(area(rings[0])), rings))
    return [rings for _, rings in sorted(found, key=lambda one: -one[0])]


def _contour(density: Array) -> SerialContourGenerator:
    """Return what `contourpy.contour_generator` makes of a grid, without its search for cells to mask: none is."""
    return SerialContourGenerator(
        _GRID[0], _GRID[1], density, None,  # type: ignore[arg-type]
        corner_mask=True, line_type=LineType.Separate, fill_type=FillType.OuterOffset, quad_as_tri=False,
        z_interp=ZInterp.Linear,
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def area(ring: Array) -> float:
    """Return the signed area [m²] of a closed ring (k, 2): positive clockwise with north first, then east."""
    double = 0.0
    for k in range(len(ring) - 1):
        double += ring[k, 0] * ring[k + 1, 1] - ring[k, 1] * ring[k + 1, 0]
    return 0.5 * double


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


@njit(cache=True, error_model="numpy")
def _groups(rows: Array, covariances: Array) -> NDArray[np.int64]:
    """Number the groups (n,) of Gaussians whose boxes of `REACH` sigmas touch, directly or through others."""
    n = len(rows)
    low, high = np.empty((n, 2)), np.empty((n, 2))
    for i in range(n):
        for k in range(2):
            reach = REACH * math.sqrt(covariances[i, k, k])
            low[i, k], high[i, k] = rows[i, k] - reach, rows[i, k] + reach
    group, wave = np.full(n, -1), np.empty(n, dtype=np.int64)
    count = 0
    for first in range(n):
        if group[first] >= 0:
            continue
        group[first], wave[0], size = count, first, 1
        while size:
            a, b, c, d = np.inf, np.inf, -np.inf, -np.inf  # the box about the wave
            for i in wave[:size]:
                a, b, c, d = min(a, low[i, 0]), min(b, low[i, 1]), max(c, high[i, 0]), max(d, high[i, 1])
            size = 0
            for i in range(first + 1, n):
                if group[i] < 0 and low[i, 0] <= c and low[i, 1] <= d and high[i, 0] >= a and high[i, 1] >= b:
                    group[i], wave[size] = count, i
                    size += 1
        count += 1
    return group


@njit(cache=True, error_model="numpy")
def _laid(rows: Array, covariances: Array, weights: Array) -> tuple[Array, Array, Array, Array]:
    """Lay a grid along the longest extent of Gaussians `rows` (n, 2), `covariances` (n, 2, 2); return a `Patch`'s."""
    axes = _axes(rows, covariances, weights / weights.sum())
    n = len(rows)
    turned, C = np.empty((n, 2)), np.empty((n, 2, 2))
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for i in range(n):
        for k in range(2):
            turned[i, k] = rows[i, 0] * axes[0, k] + rows[i, 1] * axes[1, k]
            for m in range(2):
                C[i, k, m] = 0.0
                for a in range(2):
                    for b in range(2):
                        C[i, k, m] += axes[a, k] * covariances[i, a, b] * axes[b, m]
            C[i, k, k] += 1.0
            reach = REACH * math.sqrt(C[i, k, k])
            low[k], high[k] = min(low[k], turned[i, k] - reach), max(high[k], turned[i, k] + reach)
    steps = np.empty(2)
    for k in range(2):
        steps[k] = (high[k] - low[k]) / (CELLS[k] - 1)
    fine = _FINE * steps
    for i in range(n):
        if C[i, 0, 0] < fine[0] ** 2 or C[i, 1, 1] < fine[1] ** 2:
            C[i, 0, 0] += fine[0] ** 2
            C[i, 1, 1] += fine[1] ** 2
    along, across = low[0] + steps[0] * np.arange(CELLS[0]), low[1] + steps[1] * np.arange(CELLS[1])
    return along, across, axes, _drawn(turned, C, weights, low, steps)


@njit(cache=True, error_model="numpy")
def _axes(rows: Array, covariances: Array, shares: Array) -> Array:
    """Return the principal axes of a sum of Gaussians as columns (2, 2), the longest first."""
    x = y = 0.0
    for i in range(len(rows)):
        x += shares[i] * rows[i, 0]
        y += shares[i] * rows[i, 1]
    C = np.eye(2)
    for i in range(len(rows)):
        u, v = rows[i, 0] - x, rows[i, 1] - y
        C[0, 0] += shares[i] * (u * u + covariances[i, 0, 0])
        C[0, 1] += shares[i] * (u * v + covariances[i, 0, 1])
        C[1, 1] += shares[i] * (v * v + covariances[i, 1, 1])
    C[1, 0] = C[0, 1]
    return np.linalg.eigh(C)[1][:, ::-1].copy()


@njit(cache=True, error_model="numpy")
def _drawn(rows: Array, C: Array, weights: Array, low: Array, steps: Array) -> Array:
    """Add Gaussians `rows` (n, 2), `C` (n, 2, 2) onto a grid that begins at `low` (2,), each as far as it reaches.

    At a place x along, a Gaussian is one of z in sigmas across. From cell to cell it grows by a factor, which itself
    grows by exp(-step²): no exponential is taken in between.
    """
    density = np.zeros(CELLS)
    for k in range(rows.shape[0]):
        across = math.sqrt(C[k, 1, 1] - C[k, 0, 1] ** 2 / C[k, 0, 0])  # sigma at a given place along
        top = weights[k] / (2.0 * math.pi * math.sqrt(C[k, 0, 0]) * across)
        u = REACH * math.sqrt(C[k, 0, 0])
        i0 = max(0, math.ceil((rows[k, 0] - u - low[0]) / steps[0]))
        i1 = min(CELLS[0] - 1, math.floor((rows[k, 0] + u - low[0]) / steps[0]))
        step = steps[1] / across
        change = math.exp(-step * step)
        for i in range(i0, i1 + 1):
            x = low[0] + i * steps[0] - rows[k, 0]
            square = x * x / C[k, 0, 0]
            left = REACH * REACH - square
            if left <= 0.0:
                continue
            reach = math.sqrt(left)
            begin = (low[1] - rows[k, 1] - C[k, 0, 1] / C[k, 0, 0] * x) / across
            j0 = max(0, math.ceil((-reach - begin) / step))
            j1 = min(CELLS[1] - 1, math.floor((reach - begin) / step))
            z = begin + j0 * step
            value, factor = top * math.exp(-0.5 * (square + z * z)), math.exp(-step * (z + 0.5 * step))
            for j in range(j0, j1 + 1):
                density[i, j] += value
                value *= factor
                factor *= change
    return density
