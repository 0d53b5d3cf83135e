"""What a prior over profiles says of a launcher as a whole: its stages together reach an orbit."""

import numpy as np
import pytest
from msgspec.structs import replace

from tocsin.tracking.profile import CLASSES, PITCH_SIZE, prior_table

LAUNCHER = CLASSES[-1]


def gains(table, count):
    """Return what the stages of vehicles drawn from a prior give in empty space [m/s] (Tsiolkovsky)."""
    random = np.random.Generator(np.random.Philox(3))
    p = table[0] + random.normal(size=(5_000, table.shape[1])) @ table[1:].T
    a, c, burn = np.exp(
        np.array([p[:, PITCH_SIZE + 5 * i : PITCH_SIZE + 5 * i + 3] for i in range(count)])
    ).transpose(2, 0, 1)
    spent = a * burn / c
    return -np.sum(c * np.log(1.0 - np.minimum(spent, 0.93)), axis=0)[np.all(spent < 0.93, axis=0)]


def test_the_stages_of_a_launcher_are_tied_to_what_an_orbit_needs():
    tied = gains(prior_table(LAUNCHER), len(LAUNCHER.stages))
    loose = gains(prior_table(replace(LAUNCHER, gain=None)), len(LAUNCHER.stages))
    assert np.median(tied) == pytest.approx(LAUNCHER.gain, abs=1_000.0)
    assert np.quantile(tied, 0.975) < 14_000.0
    assert np.std(tied) < 0.7 * np.std(loose)


def test_what_is_not_tied_stays():
    tied, loose = prior_table(LAUNCHER), prior_table(replace(LAUNCHER, gain=None))
    np.testing.assert_array_equal(tied[:, :PITCH_SIZE], loose[:, :PITCH_SIZE])
    np.testing.assert_array_equal(np.triu(tied[1:], 1), 0.0)


def test_a_table_is_the_same_each_time():
    np.testing.assert_array_equal(prior_table(LAUNCHER), prior_table(LAUNCHER))
