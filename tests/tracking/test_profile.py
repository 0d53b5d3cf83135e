"""What a prior over profiles says of a launcher as a whole: its stages together reach an orbit."""

import numpy as np
import pytest
from msgspec.structs import replace

from tocsin.tracking.profile import CLASSES, PITCH_SIZE, YAW_KNOTS, prior_table

LAUNCHER = CLASSES[-1]


def untied():
    """Return the launcher's table with each stage's parameters free of the others."""
    table = prior_table(replace(LAUNCHER, gain=None))
    for first in PITCH_SIZE + 5 * np.arange(len(LAUNCHER.stages)):
        table[first + 3, first : first + 2] = 0.0
    return table


def test_the_stages_of_a_launcher_are_tied_to_what_an_orbit_needs():
    """Mean and spread are those of random vehicles of the untied prior, each weighed by what its stages give."""
    random = np.random.Generator(np.random.Philox(3))
    loose, tied = untied(), prior_table(LAUNCHER)
    p = loose[0] + random.normal(size=(200_000, loose.shape[1])) @ loose[1:].T
    stages = [np.exp(p[:, PITCH_SIZE + 5 * i : PITCH_SIZE + 5 * i + 3]) for i in range(len(LAUNCHER.stages))]
    spent = np.array([a * burn / c for a, c, burn in (stage.T for stage in stages)])
    given = sum(
        -stage[:, 1] * np.log(1.0 - np.minimum(x, 0.93)) for stage, x in zip(stages, spent, strict=True)
    )
    weights = np.exp(-0.5 * ((given - LAUNCHER.gain) / LAUNCHER.gain_sigma) ** 2) * np.all(
        spent < 0.93, axis=0
    )
    mean = weights @ p / weights.sum()
    spread = np.cov(p.T, aweights=weights)
    sigma = np.sqrt(np.diag(spread))
    assert np.max(np.abs(tied[0] - mean) / sigma) < 0.03
    assert np.max(np.abs(tied[1:] @ tied[1:].T - spread) / np.outer(sigma, sigma)) < 0.03
    assert np.any(sigma < 0.9 * np.sqrt(np.diag(loose[1:] @ loose[1:].T)))


def test_what_is_not_tied_stays():
    tied, loose = prior_table(LAUNCHER), untied()
    np.testing.assert_allclose(tied[:, :PITCH_SIZE], loose[:, :PITCH_SIZE], rtol=0, atol=1e-12)
    np.testing.assert_array_equal(np.triu(tied[1:], 1), 0.0)


def test_a_table_is_the_same_each_time():
    np.testing.assert_array_equal(prior_table(LAUNCHER), prior_table(LAUNCHER))


@pytest.mark.parametrize("kind", CLASSES[:-1])
def test_a_stage_of_more_thrust_burns_for_less_long(kind):
    """What it spends of the mass it lifts is as sure as `burn_sigma`, whatever its thrust and exhaust velocity."""
    mean, root = prior_table(kind)[0], prior_table(kind)[1:]
    for i, stage in enumerate(kind.stages):
        first = PITCH_SIZE + 5 * i
        spent = np.zeros(len(mean))
        spent[first : first + 3] = 1.0, -1.0, 1.0
        assert spent @ mean == pytest.approx(np.log(stage.a * stage.burn / stage.c))
        assert np.linalg.norm(root.T @ spent) == pytest.approx(stage.burn_sigma)
        assert np.linalg.norm(root[first]) == pytest.approx(stage.a_sigma)


def test_the_yaw_wanders_from_knot_to_knot():
    """Its spread grows with the root of the number of knots passed, as of independent steps."""
    root, step = prior_table(CLASSES[2])[1:], CLASSES[2].yaw_step
    yaws = root[3 : 2 + len(YAW_KNOTS)]
    assert np.linalg.norm(yaws, axis=1) == pytest.approx(step * np.sqrt(np.arange(1, len(YAW_KNOTS))))
    assert np.linalg.norm(np.diff(yaws, axis=0), axis=1) == pytest.approx(step)
