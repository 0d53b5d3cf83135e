"""What a prior over profiles says of a launcher as a whole: its stages together reach an orbit."""

import numpy as np
from msgspec.structs import replace

from tocsin.tracking.profile import CLASSES, PITCH_SIZE, prior_table

LAUNCHER = CLASSES[-1]


def test_the_stages_of_a_launcher_are_tied_to_what_an_orbit_needs():
    """Mean and spread are those of random vehicles of the untied prior, each weighed by what its stages give."""
    random = np.random.Generator(np.random.Philox(3))
    loose, tied = prior_table(replace(LAUNCHER, gain=None)), prior_table(LAUNCHER)
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
    tied, loose = prior_table(LAUNCHER), prior_table(replace(LAUNCHER, gain=None))
    np.testing.assert_array_equal(tied[:, :PITCH_SIZE], loose[:, :PITCH_SIZE])
    np.testing.assert_array_equal(np.triu(tied[1:], 1), 0.0)


def test_a_table_is_the_same_each_time():
    np.testing.assert_array_equal(prior_table(LAUNCHER), prior_table(LAUNCHER))
