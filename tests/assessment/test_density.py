"""The kernels that draw a sum of Gaussians, each against its plain formula."""

from itertools import pairwise

import numpy as np
import pytest
from contourpy import FillType, contour_generator
from scipy.stats import multivariate_normal

from tocsin.assessment.density import REACH, area, patches, region, thresholds


def cloud(seed, count, spread):
    random = np.random.Generator(np.random.Philox(seed))
    rows = random.normal(0.0, 1.0, (count, 2)) * spread
    arms = random.normal(0.0, 2e3, (count, 2, 2))
    weights = random.uniform(0.5, 1.5, count)
    return rows, arms @ arms.transpose(0, 2, 1) + 4e6 * np.eye(2), weights / weights.sum()


@pytest.mark.parametrize("seed", range(3))
def test_the_density_is_the_sum_of_the_gaussians(seed):
    rows, C, weights = cloud(seed, 12, (3e3, 1e4))
    (patch,) = patches(rows, C, weights)
    places = np.stack(np.meshgrid(patch.along, patch.across, indexing="ij"), axis=-1) @ patch.axes.T
    assert np.allclose(patch.axes.T @ patch.axes, np.eye(2))
    assert np.linalg.eigvalsh(C)[:, 0].min() > max(patch.steps) ** 2, "no Gaussian is widened to the grid"
    exact = sum(
        w * multivariate_normal(x, P + np.eye(2)).pdf(places)
        for w, x, P in zip(weights, rows, C, strict=True)
    )
    tops = sum(
        w * multivariate_normal(x, P + np.eye(2)).pdf(x) for w, x, P in zip(weights, rows, C, strict=True)
    )
    assert np.abs(patch.density - exact).max() < tops * np.exp(-0.5 * REACH**2), "each is cut at its reach"
    assert patch.density.sum() * patch.cell == pytest.approx(1.0, abs=1e-3)
    off = rows - weights @ rows
    whole = (off * weights[:, None]).T @ off + np.einsum("n,nij->ij", weights, C)
    turned = patch.axes.T @ (whole + np.eye(2)) @ patch.axes
    assert abs(turned[0, 1]) < 1e-6 * turned[0, 0]
    assert turned[0, 0] > turned[1, 1]


def apart(rows, C):
    """Group by boxes that touch, wave by wave, as sets."""
    reach = REACH * np.sqrt(np.einsum("nii->ni", C))
    low, high, left, groups = rows - reach, rows + reach, np.arange(len(rows)), []
    while len(left):
        group, wave, left = [], left[:1], left[1:]
        while len(wave):
            group += wave.tolist()
            touch = (low[left] <= high[wave].max(axis=0)) & (high[left] >= low[wave].min(axis=0))
            near = touch.all(axis=1)
            wave, left = left[near], left[~near]
        groups.append(sorted(group))
    return groups


@pytest.mark.parametrize("seed", range(5))
def test_gaussians_that_touch_are_drawn_together(seed):
    rows, C, weights = cloud(seed, 40, (6e4, 6e4))
    groups = apart(rows, C)
    drawn = patches(rows, C, weights)
    assert 1 < len(groups) < 40
    assert [p.density.sum() * p.cell for p in drawn] == pytest.approx(
        [weights[one].sum() for one in groups], rel=0.01
    )


def test_thresholds_hold_their_shares_over_several_grids():
    rows, C, weights = cloud(4, 40, (6e4, 6e4))
    drawn = patches(rows, C, weights)
    density = np.concatenate([p.density.ravel() for p in drawn])
    mass = np.concatenate([p.density.ravel() * p.cell for p in drawn])
    for level, least in zip((0.3, 0.5, 0.95), thresholds(drawn, (0.3, 0.5, 0.95)), strict=True):
        assert mass[density >= least].sum() / mass.sum() == pytest.approx(level, abs=0.003)
    alone = drawn[:1]
    once, twice = thresholds(alone, (0.5, 0.9)), thresholds([*alone, *alone], (0.5, 0.9))
    assert once == pytest.approx(twice, rel=1e-3)


def test_a_region_is_what_contourpy_draws():
    rows, C, weights = cloud(1, 12, (3e3, 1e4))
    (patch,) = patches(rows, C, weights)
    (least,) = thresholds([patch], [0.8])
    points, offsets = contour_generator(
        patch.across, patch.along, patch.density, fill_type=FillType.OuterOffset
    ).filled(least, np.inf)
    wanted = [
        p[a:b, ::-1] @ patch.axes.T for p, o in zip(points, offsets, strict=True) for a, b in pairwise(o)
    ]
    found = [ring for rings in region([patch], least) for ring in rings]
    assert sorted(len(ring) for ring in found) == sorted(len(ring) for ring in wanted)
    for ring in wanted:
        assert any(len(one) == len(ring) and np.allclose(one, ring, rtol=0, atol=1e-6) for one in found)


def test_the_area_of_a_ring_has_the_sense_of_its_turn():
    square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 3.0], [0.0, 3.0], [0.0, 0.0]])
    assert area(square) == pytest.approx(6.0)
    assert area(square[::-1].copy()) == pytest.approx(-6.0)
