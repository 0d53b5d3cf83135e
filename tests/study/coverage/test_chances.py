"""Chances of counts against SciPy's binomial and against drawing phases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from tocsin.study.coverage.chances import MOST, add, count


@given(st.floats(0.0, 500.0), st.floats(1e-6, 1 - 1e-12) | st.sampled_from((0.0, 1.0)))
def test_a_mixture_of_two_binomials(looks: float, p: float) -> None:
    out = np.empty(MOST + 1)
    count(looks, p, out)
    whole, more = int(looks), looks % 1.0
    for k in range(MOST):
        wanted = (1 - more) * binom.pmf(k, whole, p) + more * binom.pmf(k, whole + 1, p)
        assert out[k] == pytest.approx(wanted, abs=1e-12)
    assert out.sum() == pytest.approx(1.0)


def test_looks_of_an_unknown_phase() -> None:
    """37 s in view of one that looks each 10 s and detects seven of ten times."""
    random = np.random.default_rng(5)
    phases = random.uniform(0.0, 10.0, 20_000)
    looks = np.ceil((37.0 - phases) / 10.0).astype(int)
    seen = np.minimum(random.binomial(looks, 0.7), MOST)
    out = np.empty(MOST + 1)
    count(3.7, 0.7, out)
    assert np.bincount(seen, minlength=MOST + 1) / 20_000 == pytest.approx(out, abs=0.015)


@given(st.floats(0.0, 6.0), st.floats(0.0, 6.0), st.floats(0.0, 1.0))
def test_sums_are_convolutions(a: float, b: float, p: float) -> None:
    one, other = np.empty(MOST + 1), np.empty(MOST + 1)
    count(a, p, one)
    count(b, 0.5, other)
    wanted = np.convolve(one, other)
    wanted = np.append(wanted[:MOST], wanted[MOST:].sum())
    add(one, other)
    assert one == pytest.approx(wanted, abs=1e-12)
