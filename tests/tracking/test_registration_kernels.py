"""Kernels of registration and of supposed jumps, held against the plain formulas in NumPy."""

import numpy as np
import pytest
from scipy.linalg import block_diag

from tocsin.earth.ellipsoid import ecef_from_geodetic, enu_from_ecef
from tocsin.flight.coast import propagate_with_transition
from tocsin.sensors._kernels import radar_jacobian, radar_predict
from tocsin.tracking._jumps import NUMBERS, OTHERS, OWN, carried, explained, learnt, renewed
from tocsin.tracking._registration import drifted, flown, heard, relieved

SITE = ecef_from_geodetic(np.radians(15.0), np.radians(-27.0), 0.0)
AXES = enu_from_ecef(np.radians(15.0), np.radians(-27.0))
GATES, PUSH = np.array([21.1, 23.5]), 1e-5
# Where the radar that looks stands, and two bodies; another radar stands at 9.
BIAS, PLACES, SIZE = 6, np.array([0, 12]), 18


def body(east, north, up, velocity):
    return np.concatenate([SITE + AXES.T @ [east, north, up], AXES.T @ np.asarray(velocity)])


def estimate(random):
    """Return a mean (18,) and a correlated covariance: two bodies, two radars between them."""
    bias = np.array([30.0, 1e-3, -8e-4, -20.0, 5e-4, 1e-3])
    m = np.concatenate([
        body(-5e5, 3e5, 3e5, (2e3, 500, 1500)), bias, body(-4e5, -1e5, 3.5e5, (1800, 900, 1300))
    ])  # fmt: skip
    scale = np.array([200.0] * 3 + [5.0] * 3 + [40.0, 1e-3, 1e-3] * 2 + [300.0] * 3 + [8.0] * 3)
    A = np.eye(SIZE) + 0.3 * random.normal(size=(SIZE, SIZE))
    return m, scale[:, None] * (A @ A.T) * scale


def supposed(random, h=5):
    """Return F, M, l, misfit, counts, is_body and whose jumps are the radar's own."""
    F, M = random.normal(size=(h, SIZE, 3)), np.zeros((h, 3, 3))
    rest = M, np.zeros((h, 3)), np.zeros(h), np.zeros((h, 4), dtype=np.int64)
    return F, *rest, np.arange(h) > 2, np.arange(h) == 1


def plain(m, C, jumps, place, since, z, sigmas):
    """Do for one plot as the formulas say: fly, innovate, gate, let jumps learn, move; return the misfit."""
    F, M, l, misfit, counts, is_body, is_mine = jumps
    m[place : place + 6], Phi = propagate_with_transition(m[place : place + 6], since, 0.0)
    whole = block_diag(np.eye(place), Phi, np.eye(SIZE - place - 6))
    white = PUSH * np.array([[since**3 / 3, since**2 / 2], [since**2 / 2, since]])
    Q = block_diag(np.zeros((place, place)), np.kron(white, np.eye(3)), np.zeros([SIZE - place - 6] * 2))
    C[:], F[:] = whole @ C @ whole.T + Q, whole @ F
    n = 4 if np.isfinite(sigmas[3]) else 3
    H = np.zeros((n, SIZE))
    H[:, place : place + 6] = radar_jacobian(m[place : place + 6], SITE, AXES)[:n]
    H[:3, BIAS : BIAS + 3] = np.eye(3)
    y = z[:n] - np.array(radar_predict(m[place : place + 6], SITE, AXES))[:n]
    y[:3] -= m[BIAS : BIAS + 3]
    y[1] = np.angle(np.exp(1j * y[1]))
    S = H @ C @ H.T + np.diag(sigmas[:n] ** 2)
    information = np.linalg.inv(S)
    d2 = y @ information @ y
    K = C @ H.T @ information * (d2 < GATES[n - 3])
    G = is_mine[:, None, None] * np.eye(n, 3) - H @ F
    l += np.einsum("hac,ab,b->hc", G, information, y)
    M += np.einsum("hac,ab,hbd->hcd", G, information, G)
    F += K @ G
    misfit += d2
    counts[:, NUMBERS] += n
    counts[:, OWN] += is_mine | is_body
    counts[:, OTHERS] += ~is_mine
    m += K @ y
    C -= K @ S @ K.T
    return d2


@pytest.mark.parametrize("rate", [np.inf, 10.0])
@pytest.mark.parametrize("off", [0.0, 1.0])
def test_a_look_is_heard_as_the_formulas_say(rate, off):
    """Two bodies in one look, with Doppler and without, inside the gate and, with all azimuths `off`, outside."""
    random = np.random.Generator(np.random.Philox(7))
    m, C = estimate(random)
    jumps = supposed(random)
    since, sigmas = np.array([5.0, 3.5]), np.tile([30.0, 1e-3, 1e-3, rate], (2, 1))
    z = np.array([
        radar_predict(propagate_with_transition(m[p : p + 6], t, 0.0)[0], SITE, AXES)
        for p, t in zip(PLACES, since, strict=True)
    ])  # fmt: skip
    z[:, 0] += 25.0
    z[:, 1] += off
    own = [m.copy(), C.copy(), *(a.copy() for a in jumps)]
    ill, numbers = heard(*own, PLACES, since, BIAS, z, sigmas, SITE, AXES, GATES, PUSH)
    expected = [
        plain(m, C, jumps, *one) for one in zip(PLACES.tolist(), since.tolist(), z, sigmas, strict=True)
    ]
    assert np.allclose(ill, expected, rtol=1e-8)
    assert (ill > GATES.max()).all() == bool(off)
    assert (numbers == (4 if np.isfinite(rate) else 3)).all()
    root = np.sqrt(np.diag(C))
    assert np.allclose((own[0] - m) / root, 0.0, atol=1e-8)
    assert np.allclose((own[1] - C) / np.outer(root, root), 0.0, atol=1e-9)
    for mine, theirs in zip(own[2:], jumps, strict=True):
        assert np.allclose(mine, theirs, rtol=1e-7, atol=1e-9 * np.abs(theirs).max())


def test_what_cannot_be_weighed_moves_nothing():
    random = np.random.Generator(np.random.Philox(8))
    m, C = estimate(random)
    jumps = supposed(random)
    given = [m.copy(), C.copy(), *(a.copy() for a in jumps)]
    z, sigmas = np.full((1, 4), np.nan), np.array([[30.0, 1e-3, 1e-3, np.inf]])
    ill, _ = heard(*given, PLACES[:1], np.zeros(1), BIAS, z, sigmas, SITE, AXES, GATES, PUSH)
    assert np.isnan(ill[0])
    for after, before in zip(given, (m, C, *jumps), strict=True):
        assert np.array_equal(after, before)


def test_a_body_flies_and_biases_drift_as_a_linear_system_does():
    random = np.random.Generator(np.random.Philox(9))
    m, C = estimate(random)
    F = random.normal(size=(4, SIZE, 3))
    places, spread, keep = np.array([6, 9]), np.array([[40.0, 1e-3, 1e-3], [50.0, 2e-3, 1e-3]]), 0.98
    Phi = np.eye(SIZE)
    Phi[6:12, 6:12] *= keep
    Q = np.zeros(SIZE)
    Q[6:12] = (1 - keep**2) * spread.ravel() ** 2
    after = [m.copy(), C.copy(), F.copy()]
    drifted(*after, places, spread, keep)
    assert np.allclose(after[0], Phi @ m)
    assert np.allclose(after[1], Phi @ C @ Phi.T + np.diag(Q))
    assert np.allclose(after[2], Phi @ F)
    back = [m.copy(), C.copy(), F.copy()]
    flown(*back, 12, -4.0, PUSH)  # a plot before the body's time: no noise
    x, turn = propagate_with_transition(m[12:], -4.0, 0.0)
    whole = block_diag(np.eye(12), turn)
    assert np.array_equal(back[0][12:], x)
    assert np.allclose(back[1], whole @ C @ whole.T)
    assert np.allclose(back[2], whole @ F)


def test_a_look_is_relieved_of_what_is_known():
    z = np.array([[1e6, 0.001, 0.5, np.nan], [2e6, 3.0, 1.0, 50.0]])
    sigmas = np.array([[50.0, 2e-3, 2e-3, np.inf], [30.0, 1e-4, 3e-3, 10.0]])
    bias, C = np.array([20.0, 0.003, -0.001]), np.diag([100.0, 1e-7, 4e-8])
    declared, distrust = np.array([40.0, 1e-3, 1e-3]), np.array([5.0, 1e-3, 0.0])
    off, wide = relieved(z, sigmas, bias, C, declared, distrust)
    expected = z - np.append(bias, 0.0)
    assert np.allclose(off, expected % [np.inf, 2 * np.pi, np.inf, np.inf], equal_nan=True)
    white = np.maximum(sigmas[:, :3] ** 2 - declared**2, 0.0)
    assert np.allclose(wide[:, :3] ** 2, white + np.diag(C) + distrust**2)
    assert np.array_equal(wide[:, 3], sigmas[:, 3])
    assert z[0, 0] == 1e6


def test_jumps_are_fitted_by_least_squares_with_their_prior():
    random = np.random.Generator(np.random.Philox(10))
    G = random.normal(size=(6, 9, 3)) * [1.0, 1e3, 1e3]
    y, scale = random.normal(size=(6, 9)), np.tile([300.0, 1e-2, 1e-2], (6, 1))
    M, l = np.einsum("hnc,hnd->hcd", G, G), np.einsum("hnc,hn->hc", G, y)
    size, C, gain = explained(M, l, scale)
    for k in range(6):
        prior = np.diag(scale[k] ** -2.0)
        assert np.allclose(C[k] @ (M[k] + prior), np.eye(3))
        assert np.allclose(size[k], np.linalg.solve(M[k] + prior, l[k]))
        left = np.sum((y[k] - G[k] @ size[k]) ** 2) + size[k] @ prior @ size[k]
        assert gain[k] == pytest.approx(np.sum(y[k] ** 2) - left)


def test_jumps_that_are_kept_keep_their_numbers_and_new_ones_begin():
    random = np.random.Generator(np.random.Philox(11))
    F, M, l, misfit, counts, is_body, is_mine = supposed(random)
    H, y = random.normal(size=(3, SIZE)), random.normal(size=3)
    learnt(F, M, l, misfit, counts, is_body, is_mine, H, random.normal(size=(SIZE, 3)), np.eye(3), y)
    carried(F, 2.0 * np.eye(6), 6)
    scale, kept = random.uniform(size=(5, 3)), np.array([True, False, True, False, True])
    fresh, places = np.array([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]]), np.array([-1, 3])
    before = F, M, l, misfit, counts, is_body, scale
    after = renewed(*before, kept, fresh, places)
    for old, new in zip(before, after, strict=True):
        assert np.array_equal(new[:3], old[kept])
        assert len(new) == 5
    for new in after[:5]:
        assert not new[3].any()
    assert not after[5][3]
    assert after[5][4]
    assert np.array_equal(after[6][3:], fresh)
    expected = np.zeros((SIZE, 3))
    expected[3:6] = -np.eye(3)
    assert np.array_equal(after[0][4], expected)
