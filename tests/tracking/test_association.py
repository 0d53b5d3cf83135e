"""Assignment against the dense problem, marginals against counting every joint event."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from tocsin.tracking.association import assign, best, marginals


@st.composite
def problems(draw, most=6):
    """Return rows, columns, log weights of a sparse problem and its size."""
    n, m = draw(st.integers(1, most)), draw(st.integers(1, most))
    cells = [(i, j) for i in range(n) for j in range(m)]
    chosen = sorted(draw(st.lists(st.sampled_from(cells), unique=True, max_size=len(cells))))
    gain = draw(st.lists(st.floats(-8, 8), min_size=len(chosen), max_size=len(chosen)))
    rows = np.array([c[0] for c in chosen], dtype=np.int64)
    columns = np.array([c[1] for c in chosen], dtype=np.int64)
    return rows, columns, np.array(gain), n, m


@given(problem=problems())
def test_assign_is_as_good_as_the_dense_problem(problem):
    rows, columns, gain, n, m = problem
    chosen = assign(rows, columns, gain, n)
    value = {(r, c): g for r, c, g in zip(rows.tolist(), columns.tolist(), gain, strict=True)}
    assert len(set(chosen.values())) == len(chosen)
    total = sum(value[pair] for pair in chosen.items())
    dense = np.full((n, m + n), -1e6)
    dense[:, m:] = 0.0
    dense[rows, columns] = gain
    best = dense[linear_sum_assignment(dense, maximize=True)].sum()
    assert total == pytest.approx(best, abs=1e-9)
    assert all(value[pair] > 0 for pair in chosen.items()), "a miss is never worse than what is taken"


@given(problem=problems(), data=st.data())
def test_assign_does_not_depend_on_the_order_of_edges(problem, data):
    rows, columns, gain, n, _ = problem
    gain = gain + 1e-3 * np.arange(len(gain))  # no ties
    order = np.array(data.draw(st.permutations(range(len(rows)))), dtype=np.int64)
    again = assign(rows[order], columns[order], gain[order], n)
    value = {(r, c): g for r, c, g in zip(rows.tolist(), columns.tolist(), gain, strict=True)}
    first = assign(rows, columns, gain, n)
    assert sum(value[p] for p in again.items()) == pytest.approx(sum(value[p] for p in first.items()))


@pytest.mark.parametrize(("n", "share"), [(60, 0.05), (60, 0.5), (200, 0.02)])
def test_assign_of_many(n, share):
    """A crowd: the value of the dense solver, and every edge named is the row's own."""
    random = np.random.Generator(np.random.Philox(n))
    rows, columns = np.nonzero(random.uniform(size=(n, n + 10)) < share)
    gain = random.normal(2.0, 4.0, len(rows))
    chosen = best(rows, columns, gain, n)
    taken = chosen[chosen >= 0]
    assert (rows[taken] == np.flatnonzero(chosen >= 0)).all()
    assert len(set(columns[taken].tolist())) == len(taken)
    dense = np.zeros((n, 2 * n + 10))
    dense[:, : n + 10] = -1e6
    dense[rows, columns] = gain
    assert gain[taken].sum() == pytest.approx(dense[linear_sum_assignment(dense, maximize=True)].sum())


def exact(rows, columns, w, n, kappa):
    """Count every joint event: each row takes one of its plots or none, no plot twice."""
    options = [[-1, *columns[rows == i].tolist()] for i in range(n)]
    weight = {(r, c): x for r, c, x in zip(rows.tolist(), columns.tolist(), w, strict=True)}
    p, nobody, none, total = np.zeros(len(rows)), np.zeros(len(kappa)), np.zeros(n), 0.0
    for event in itertools.product(*options):
        taken = [j for j in event if j >= 0]
        if len(set(taken)) < len(taken):
            continue
        q = np.prod([weight[i, j] / kappa[j] for i, j in enumerate(event) if j >= 0])
        total += q
        for e, (i, j) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
            p[e] += q * (event[i] == j)
        none += q * (np.array(event) < 0)
        nobody += q * ~np.isin(np.arange(len(kappa)), taken)
    return p / total, none / total, nobody / total


@settings(max_examples=60)
@given(problem=problems(most=4), log_kappa=st.lists(st.floats(-2, 2), min_size=4, max_size=4))
def test_marginals_against_enumeration(problem, log_kappa):
    """Loopy belief propagation: exact on trees, else within some hundredths (Williams and Lau 2014)."""
    rows, columns, gain, n, m = problem
    kappa = np.exp(np.array(log_kappa[:m]))
    w = np.exp(np.clip(gain, -4, 4))
    found = marginals(rows, columns, w, n, kappa)
    for mine, true in zip(found, exact(rows, columns, w, n, kappa), strict=True):
        assert np.all((mine >= -1e-12) & (mine <= 1 + 1e-12))
        assert np.abs(mine - true).max(initial=0.0) < 0.15
    p, none, _ = found
    assert np.allclose(np.bincount(rows, p, n) + none, 1.0)


@given(w=st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=5), kappa=st.floats(0.1, 10))
def test_marginals_are_exact_for_one_row(w, kappa):
    rows, columns = np.zeros(len(w), dtype=np.int64), np.arange(len(w))
    k = np.full(len(w), kappa)
    for mine, true in zip(
        marginals(rows, columns, np.array(w), 1, k), exact(rows, columns, np.array(w), 1, k), strict=True
    ):
        assert np.allclose(mine, true, atol=1e-9)


def test_marginals_over_many_small_problems():
    """The mean error over random gated scenes is a per cent or two, whatever single ones do."""
    random = np.random.Generator(np.random.Philox(1))
    errors = []
    for _ in range(150):
        n, m = random.integers(1, 5, 2)
        rows, columns = np.nonzero(random.uniform(size=(n, m)) < 0.6)
        w = np.exp(random.normal(0, 1.5, len(rows)))
        kappa = np.exp(random.normal(0, 0.7, m))
        found, true = marginals(rows, columns, w, n, kappa), exact(rows, columns, w, n, kappa)
        errors += [np.abs(a - b).mean() for a, b in zip(found, true, strict=True) if len(a)]
    assert np.mean(errors) < 0.02


def test_nothing_to_do():
    nothing = np.empty(0, dtype=np.int64)
    assert assign(nothing, nothing, np.empty(0), 0) == {}
    p, none, nobody = marginals(nothing, nothing, np.empty(0), 2, np.ones(3))
    assert (p.tolist(), none.tolist(), nobody.tolist()) == ([], [1, 1], [1, 1, 1])
