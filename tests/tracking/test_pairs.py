"""One look against all rows: pairs and updates against single rows, numbers that are not sound, overhead plots."""

import numpy as np
import pytest

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.flight.coast import propagate
from tocsin.sensors._kernels import radar_predict
from tocsin.tracking import _learning, _motion, _pairs, _rows

LAT, LON = 0.3, -0.5
SITE, AXES = ecef_from_geodetic(LAT, LON, 0.0), enu_from_ecef(LAT, LON)
SIGMAS = np.array([50.0, 1.7e-3, 1.7e-3, np.inf])
BODY = np.array([300e3, 500e3, 350e3, 900.0, 1500.0, 800.0])  # east, north, up and their rates
DRAG = 1 / 4000


def state(enu=BODY):
    return np.concatenate([SITE + AXES.T @ enu[:3], AXES.T @ enu[3:]])


def measured(x):
    return np.array(radar_predict(x, SITE, AXES))


def rows_and_plots():
    """Return three rows of different age and four plots at different times."""
    random = np.random.Generator(np.random.Philox(2))
    x = np.array([state() + random.normal(0, [300] * 3 + [20] * 3) for _ in range(6)]).reshape(3, 2, 6)
    P = np.broadcast_to(np.diag([300.0**2] * 3 + [20.0**2] * 3), (3, 2, 6, 6)).copy()
    mu = np.array([[0.9, 0.1], [0.5, 0.5], [0.99, 0.01]])
    age, since = np.array([0.0, -3.0, 1.0]), np.array([2.0, 2.5, 3.0, 4.0])
    z = np.array([measured(propagate(state(), t, 0.0)) for t in since]) + random.normal(
        0, [60, 2e-3, 2e-3, 1], (4, 4)
    )
    z[3, 0] += 5e4
    return x, P, mu, age, z, np.tile(SIGMAS, (4, 1)), since


def found(x, P, mu, age, z, sigmas, since):
    rows = _rows.Rows(x, P, mu, age)
    plots = _pairs.Plots(z, sigmas, since, np.argsort(z[:, 0], kind="stable"))
    return rows, plots, *_pairs.pairs(rows, _rows.rough(rows), plots, SITE, AXES, 20.0, DRAG)


def test_pairs_are_those_of_single_rows():
    """Sorting out by range and direction loses none; density and distance are those of one row and one plot."""
    x, P, mu, age, z, sigmas, since = rows_and_plots()
    _, _, near, predicted = found(x, P, mu, age, z, sigmas, since)
    columns, distance, residual, counts = near.columns, near.distance, near.residual, near.counts
    rows, density = _pairs.densities(near, predicted.mu)
    expected = {}
    for i in range(3):
        for j in range(4):
            y_x, y_P, weight = _motion.predict_row(x[i], P[i], mu[i], since[j] - age[i], DRAG)
            parts = []
            for k in range(2):
                y, C, _, m = _motion.innovation(y_x[k], y_P[k], z[j], sigmas[j], SITE, AXES)
                parts.append((*_motion.likelihood(y, C, m), y, C))
            least = min(parts, key=lambda part: part[1])
            if least[1] <= 20.0:
                expected[i, j] = (sum(w * p[0] for w, p in zip(weight, parts, strict=True)), *least[1:])
    assert 0 < len(expected) < 11
    assert sorted(expected) == sorted(zip(rows.tolist(), columns.tolist(), strict=True))
    for e, pair in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        total, d2, y, _ = expected[pair]
        assert density[e] == pytest.approx(total, rel=2e-3)
        assert distance[e] == pytest.approx(d2, rel=2e-3)
        nearer = int(np.argmin([np.abs(residual[e, k] - y).sum() for k in range(2)]))
        assert np.allclose(residual[e, nearer][:3], y[:3], rtol=1e-6, atol=1e-6)
        assert counts[e] == 3


def orbiting(count, random):
    """Return rows that surely coast, on orbits 450 to 900 km up within some hundred km of each other."""
    enu = BODY + np.array([0, 0, 250e3, 6_500, -2_000, 0.0])
    x = np.array([state(enu + random.normal(0, [80e3] * 3 + [400.0] * 3)) for _ in range(count)])
    spread = np.concatenate(
        [random.uniform(50, 2_000, (count, 3)), random.uniform(1, 60, (count, 3))], axis=1
    )
    A = random.normal(0, 0.3, (count, 6, 6)) + np.eye(6)
    P = (A * spread[:, :, None]) @ np.swapaxes(A * spread[:, :, None], 1, 2)
    age = random.uniform(-8, 1, count)
    both = np.repeat(x[:, None], 2, axis=1), np.repeat(P[:, None], 2, axis=1)
    return *both, np.tile([1.0, 0.0], (count, 1)), age


def test_no_pair_is_lost_that_a_range_carried_on_would_rule_out():
    """Of bodies that coast above the air, each plot at a time of its own, the pairs are those of single predictions."""
    random = np.random.Generator(np.random.Philox(5))
    x, P, mu, age = orbiting(60, random)
    owner, since = np.arange(150) % 60, random.uniform(-10, 5, 150)
    z = np.empty((150, 4))
    for j, (i, t) in enumerate(zip(owner, since, strict=True)):  # at the edge of the gate, in range alone
        y_x, y_P, _ = _motion.predict_row(x[i], P[i], mu[i], t - age[i], DRAG)
        z[j] = measured(y_x[0])
        C = _motion.innovation(y_x[0], y_P[0], z[j], SIGMAS, SITE, AXES)[1]
        along = C[0, :3] / C[0, 0]  # which leaves the others where that range would have them
        z[j, :3] += along * np.sqrt(random.uniform(18.0, 22.0) * C[0, 0])
    sigmas = np.tile(SIGMAS, (150, 1))
    _, _, near, _ = found(x, P, mu, age, z, sigmas, since)
    rows = np.repeat(np.arange(60), np.diff(near.start))
    expected = set()
    for i in range(60):
        for j in range(150):
            y_x, y_P, _ = _motion.predict_row(x[i], P[i], mu[i], since[j] - age[i], DRAG)
            y, C, _, m = _motion.innovation(y_x[0], y_P[0], z[j], sigmas[j], SITE, AXES)
            if _motion.likelihood(y, C, m)[1] <= 20.0:
                expected.add((i, j))
    assert 50 < len(expected) < 100
    assert set(zip(rows.tolist(), near.columns.tolist(), strict=True)) == expected


def learnt(mature, p=None, none=None):
    """Let one row learn from the plots of `rows_and_plots` near it; return its state before and after."""
    x, P, mu, age, z, sigmas, since = rows_and_plots()
    x, P, mu, age = x[:1].copy(), P[:1].copy(), mu[:1].copy(), age[:1].copy()
    rows, plots, near, predicted = found(x, P, mu, age, z, sigmas, since)
    count = near.start[1]
    p = np.full(count, 1.0 / (count + 1)) if p is None else p(count)
    none = np.array([1.0 - p.sum()])
    chosen = np.array([0])
    before = x.copy(), P.copy(), mu.copy(), age.copy()
    touched, S = _learning.update(
        rows, np.array([9]), mature, DRAG, near, _learning.Shares(p, none, chosen), predicted, plots, np.array([0.9]),
        np.array([0.99]), SITE, AXES,
    )  # fmt: skip
    assert touched.tolist() == [True]
    j = near.columns[0]
    y_x, y_P, _ = _motion.predict_row(*(a[0] for a in before[:3]), since[j] - before[3][0], DRAG)
    nearer = int(near.density[0, 1] > near.density[0, 0])
    C = _motion.innovation(y_x[nearer], y_P[nearer], z[j], sigmas[j], SITE, AXES)[1]
    assert np.allclose(S[0, :3, :3], C[:3, :3], rtol=1e-6), (
        "what is told of the innovation is the nearer model's"
    )
    return before, (x, P, mu, age), z[j], since[j]


def single(before, z, t):
    """Return the update of one row with one plot by the plain filter."""
    x, P, mu, age = before
    predicted = _motion.predict_row(x[0], P[0], mu[0], t - age[0], DRAG)
    return _motion.update_row(*predicted, z, SIGMAS, SITE, AXES)


def iterated(before, z, t):
    """Return the update of one row's models by the iterated Kalman filter, about where each update has put them."""
    x, P, mu, age = before
    y, C, _ = _motion.predict_row(x[0], P[0], mu[0], t - age[0], DRAG)
    moved, narrowed = y.copy(), C.copy()
    for k in range(2):
        for _ in range(1 + _learning.AGAIN):
            residual, _, H, m = _motion.innovation(moved[k], C[k], z, SIGMAS, SITE, AXES)
            H = H[:m]
            S = H @ C[k] @ H.T + np.diag(SIGMAS[:m] ** 2)
            K = C[k] @ H.T @ np.linalg.inv(S)
            moved[k] = y[k] + K @ (residual[:m] - H @ (y[k] - moved[k]))
            narrowed[k] = C[k] - K @ S @ K.T
    return moved, narrowed


@pytest.mark.parametrize("mature", [99, 8])
def test_a_sure_plot_teaches_as_the_plain_filter(mature):
    """Soft with all weight on a plot is the Kalman update of both models, hard the iterated one; weights are alike."""
    before, after, z, t = learnt(mature, lambda n: np.eye(n)[0])
    x, P, mu = single(before, z, t)
    if mature == 99:
        x, P = iterated(before, z, t)
    assert after[3][0] == t
    assert np.allclose(after[0][0], x, rtol=1e-9, atol=1e-6)
    assert np.allclose(after[1][0], P, rtol=1e-6, atol=1e-6 * np.abs(P).max())
    assert np.allclose(after[2][0], mu, atol=1e-9)


def test_doubt_between_plots_widens_a_mature_row():
    """Half a plot and half a miss: between the prediction and the update, wider than the update, still positive."""
    _, sure, _, _ = learnt(8, lambda n: np.eye(n)[0])
    before, half, _, t = learnt(8, lambda n: 0.5 * np.eye(n)[0])
    predicted, _, _ = _motion.predict_row(before[0][0], before[1][0], before[2][0], t - before[3][0], DRAG)
    assert np.trace(half[1][0, 0]) > np.trace(sure[1][0, 0])
    assert np.linalg.eigvalsh(half[1][0, 0]).min() > 0
    middle = 0.5 * (predicted[0] + sure[0][0, 0])
    assert np.linalg.norm(half[0][0, 0] - middle) < 0.6 * np.linalg.norm(predicted[0] - sure[0][0, 0])


@pytest.mark.parametrize("off", [0.0, 1e-9, 1e-3])
def test_straight_overhead(off):
    """At the zenith azimuth means nothing: numbers stay finite and the row learns its height."""
    x0 = state(np.array([off, 0.0, 300e3, 10.0, 0.0, 1000.0]))
    x = np.array([[x0, x0]])
    P = np.tile(np.diag([300.0**2] * 3 + [20.0**2] * 3), (1, 2, 1, 1))
    z = np.array([[300e3 + 40.0, 1.0, np.pi / 2, np.nan]])
    sigmas, zero = SIGMAS[None], np.zeros(1)
    rows, plots, near, predicted = found(x, P, np.array([[0.9, 0.1]]), zero.copy(), z, sigmas, zero)
    assert near.start[1] in (0, 1)
    if near.start[1]:
        shares = _learning.Shares(np.ones(1), zero, np.array([0]))
        _learning.update(
            rows, np.array([9]), 8, DRAG, near, shares, predicted, plots, np.array([0.9]), np.array([0.99]), SITE, AXES
        )  # fmt: skip
    assert np.isfinite(x).all()
    assert np.isfinite(P).all()
    assert _rows.sound(x, P, np.array([[0.9, 0.1]])).all()


def test_unsound_rows_are_known():
    good = np.diag([300.0**2] * 3 + [20.0**2] * 3)
    x, P, mu = np.zeros((6, 2, 6)), np.tile(good, (6, 2, 1, 1)), np.tile([0.5, 0.5], (6, 1))
    x[1, 0, 2] = np.nan
    P[2, 1, 4, 4] = -1.0
    P[3, 0, 0, 1] = P[3, 0, 1, 0] = 1e6
    P[4, 1, 3, 3] = np.inf
    mu[5] = np.nan
    assert _rows.sound(x, P, mu).tolist() == [True, False, False, False, False, False]


def test_a_covariance_that_is_not_positive_claims_no_plot():
    """Nor does it harm the row beside it, which learns as if it were alone."""
    x, P, mu, age, z, sigmas, since = rows_and_plots()
    alone = found(x[1:], P[1:], mu[1:], age[1:], z, sigmas, since)[2]
    for bad in (-P[0], np.full_like(P[0], np.nan)):
        P[0] = bad
        near = found(x, P, mu, age, z, sigmas, since)[2]
        assert near.start[1] == 0
        assert near.columns.tolist() == alone.columns.tolist()
        assert np.array_equal(near.density, alone.density)


def test_kernels_without_compiler():
    x, P, mu, age, *_ = rows_and_plots()
    rows = _rows.Rows(x, P, mu, age)
    mean, spread, _ = _rows.rough(rows)
    for kernel, arguments in (
        (_rows.rough, (rows,)),
        (_rows.moments, (x, P, mu)),
        (_rows.chance, (mean, spread, SITE, AXES, np.array([0.0, 7.0, 0.1, 1.5]), 2e6, 0.9)),
        (
            _learning.existence,
            (np.array([0.5, 0.9]), np.array([0]), np.array([0.4]), np.array([0.9, 0.0]), 1.0, 0.99),
        ),
    ):
        for a, b in zip(kernel(*arguments), kernel.py_func(*arguments), strict=True):
            assert np.allclose(a, b, rtol=1e-9), kernel
