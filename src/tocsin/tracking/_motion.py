"""Prediction and update of radar rows: two models of motion mixed per row. Arrays and scalars only; SI, ITRF.

Models: 0 coast (gravity, and drag at the middle of its prior), 1 boost (40 m/s² along the velocity and white
acceleration noise), as in the note on raid association (2026-11). One row is one body.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.flight.coast import propagate_with_transition
from tocsin.messages import Array
from tocsin.sensors._kernels import radar_jacobian, radar_predict

COAST, BOOST = 0, 1
MODELS = 2
COAST_NOISE = 6e-3  # m²/s³, white acceleration (raid-association, life cycle)
BOOST_NOISE = 2_500.0  # m²/s³ (the same)
BOOST_THRUST = 40.0  # m/s² along the velocity (the same)
BURNOUT_RATE = 1 / 40.0  # boost to coast, per second (the same)
IGNITION_RATE = 1e-5  # coast to boost, per second (the same)
DRAG_SPREAD = 0.7  # sigma of ln drag: the noise that stands for an unknown ballistic coefficient


@njit(cache=True, error_model="numpy")
def _white(P: Array, q: float, dt: float) -> None:
    """Add white acceleration noise of spectral density `q` [m²/s³] over `dt` [s] to `P` (6, 6), in place."""
    for k in range(3):
        P[k, k] += q * dt * dt * dt / 3.0
        P[k, k + 3] += q * dt * dt / 2.0
        P[k + 3, k] += q * dt * dt / 2.0
        P[k + 3, k + 3] += q * dt


@njit(cache=True, error_model="numpy")
def predict_row(x: Array, P: Array, mu: Array, dt: float, drag: float) -> tuple[Array, Array, Array]:
    """Mix and predict one row by `dt` [s]: `x` (2, 6), `P` (2, 6, 6), `mu` (2,) of the models.

    Back in time (a plot older than the row's last, within overlapping looks) nothing mixes and no noise is added.
    """
    ahead = max(dt, 0.0)
    out = min(1.0, 1.0 - np.exp(-BURNOUT_RATE * ahead))
    back = min(1.0, IGNITION_RATE * ahead)
    flow = np.array([[1.0 - back, back], [out, 1.0 - out]])
    prior = mu @ flow
    x_new = np.empty((MODELS, 6))
    P_new = np.empty((MODELS, 6, 6))
    for j in range(MODELS):
        if prior[j] > 1e-200:
            share = mu * flow[:, j] / prior[j]
        else:  # nothing flows into this model: it keeps its own state
            share = np.zeros(MODELS)
            share[j] = 1.0
        mean = share[0] * x[0] + share[1] * x[1]
        spread = np.zeros((6, 6))
        for i in range(MODELS):
            d = x[i] - mean
            spread += share[i] * (P[i] + np.outer(d, d))
        y, Phi = propagate_with_transition(mean, dt, drag)
        if j == BOOST:
            speed = np.sqrt(np.sum(mean[3:] ** 2)) + 1e-9
            kick = BOOST_THRUST * mean[3:] / speed
            y[:3] += 0.5 * dt * dt * kick
            y[3:] += dt * kick
        C = Phi @ spread @ Phi.T
        q = COAST_NOISE
        if j == BOOST:
            q = BOOST_NOISE
        else:
            vacuum, _ = propagate_with_transition(mean, dt, 0.0)
            slowed = np.sqrt(np.sum((vacuum[3:] - y[3:]) ** 2))
            q += (DRAG_SPREAD * slowed) ** 2 / max(ahead, 1e-3)
        _white(C, q, ahead)
        x_new[j] = y
        P_new[j] = 0.5 * (C + C.T)
    return x_new, P_new, prior


@njit(cache=True, error_model="numpy")
def innovation(
    x: Array, P: Array, z: Array, sigmas: Array, site: Array, enu_from_ecef: Array
) -> tuple[Array, Array, Array, int]:
    """Return the residual (4,), S (4, 4) and H (4, 6) of a plot against one model, and how many of them count.

    Without Doppler (infinite sigma or no number) the first three count.
    """
    m = 4
    if not np.isfinite(sigmas[3]) or not np.isfinite(z[3]):
        m = 3
    rho, azimuth, elevation, rate = radar_predict(x, site, enu_from_ecef)
    y = np.empty(4)
    y[0] = z[0] - rho
    y[1] = (z[1] - azimuth + np.pi) % (2.0 * np.pi) - np.pi
    y[2] = z[2] - elevation
    y[3] = z[3] - rate if m == 4 else 0.0
    H = radar_jacobian(x, site, enu_from_ecef)
    S = H @ P @ H.T
    for k in range(m):
        S[k, k] += sigmas[k] ** 2
    return y, S, H, m


@njit(cache=True, error_model="numpy")
def likelihood(y: Array, S: Array, m: int) -> tuple[float, float]:
    """Return the Gaussian density of a residual and its Mahalanobis distance squared, from its first `m` numbers."""
    A = np.ascontiguousarray(S[:m, :m])
    solved = np.linalg.solve(A, np.ascontiguousarray(y[:m]))
    d2 = np.dot(solved, y[:m])
    det = np.linalg.det(A)
    if not (det > 0.0) or not np.isfinite(d2):
        return 0.0, np.inf
    return np.exp(-0.5 * d2) / np.sqrt((2.0 * np.pi) ** m * det), d2


@njit(cache=True, error_model="numpy")
def update_row(
    x: Array, P: Array, mu: Array, z: Array, sigmas: Array, site: Array, enu_from_ecef: Array
) -> tuple[Array, Array, Array]:
    """Update both models of a row with one plot (Joseph form) and their weights."""
    x_new = np.empty_like(x)
    P_new = np.empty_like(P)
    weight = np.empty(MODELS)
    for j in range(MODELS):
        y, S, H, m = innovation(x[j], P[j], z, sigmas, site, enu_from_ecef)
        density, _ = likelihood(y, S, m)
        Hm = np.ascontiguousarray(H[:m])
        K = np.linalg.solve(np.ascontiguousarray(S[:m, :m]), Hm @ P[j]).T
        x_new[j] = x[j] + K @ np.ascontiguousarray(y[:m])
        A = np.eye(6) - K @ Hm
        R = np.diag(sigmas[:m] ** 2)
        C = A @ P[j] @ A.T + K @ R @ K.T
        P_new[j] = 0.5 * (C + C.T)
        weight[j] = mu[j] * density
    total = weight.sum()
    if total > 0.0:
        weight /= total
    else:
        weight[:] = mu
    return x_new, P_new, weight


@njit(cache=True, error_model="numpy")
def combined(x: Array, P: Array, mu: Array) -> tuple[Array, Array]:
    """Return mean (6,) and covariance (6, 6) over the models of a row."""
    mean = mu[0] * x[0] + mu[1] * x[1]
    C = np.zeros((6, 6))
    for j in range(MODELS):
        d = x[j] - mean
        C += mu[j] * (P[j] + np.outer(d, d))
    return mean, C


@njit(cache=True, error_model="numpy")
def from_plot(
    z: Array, sigmas: Array, site: Array, enu_from_ecef: Array, speed_sigma: float
) -> tuple[Array, Array]:
    """Return state (6,) and covariance (6, 6) of a body first plotted at `z`, its velocity unknown."""
    ce, se = np.cos(z[2]), np.sin(z[2])
    ca, sa = np.cos(z[1]), np.sin(z[1])
    enu = np.array([z[0] * ce * sa, z[0] * ce * ca, z[0] * se])
    J = np.array(
        [[ce * sa, enu[1], -z[0] * se * sa], [ce * ca, -enu[0], -z[0] * se * ca], [se, 0.0, z[0] * ce]]
    )
    x = np.zeros(6)
    x[:3] = site + enu_from_ecef.T @ enu
    A = enu_from_ecef.T @ J
    P = np.zeros((6, 6))
    P[:3, :3] = A @ np.diag(sigmas[:3] ** 2) @ A.T
    for k in range(3):
        P[3 + k, 3 + k] = speed_sigma**2
    return x, P


@njit(cache=True, error_model="numpy")
def ahead(x: Array, P: Array, mu: Array, dt: Array, drag: float) -> tuple[Array, Array]:
    """Return mean (n, 6) and position spread (n,) [m] of rows predicted by `dt` (n,) [s], for a first sorting."""
    n = len(dt)
    mean = np.empty((n, 6))
    spread = np.empty(n)
    for i in range(n):
        y, C, weight = predict_row(x[i], P[i], mu[i], dt[i], drag)
        mean[i], joint = combined(y, C, weight)
        spread[i] = np.sqrt(joint[0, 0] + joint[1, 1] + joint[2, 2])
    return mean, spread


@njit(cache=True, error_model="numpy")
def gated(
    x: Array,
    P: Array,
    mu: Array,
    age: Array,
    near: NDArray[np.bool_],
    z: Array,
    sigmas: Array,
    since: Array,
    site: Array,
    enu_from_ecef: Array,
    gate: float,
    drag: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64], Array, Array, Array, Array, NDArray[np.int64]]:
    """Return the pairs of rows and plots inside the gate, each row predicted to the plot's own time.

    `age` (n,), `since` (m,): times of rows and plots on one clock [s]; `near` (n, m): pairs worth a look. Of each pair:
    row, plot, density, least distance², residual (4,), S (4, 4) and how many numbers count, of the nearer model.
    """
    most = int(near.sum())
    rows = np.empty(most, dtype=np.int64)
    columns = np.empty(most, dtype=np.int64)
    density = np.empty(most)
    distance = np.empty(most)
    residual = np.empty((most, 4))
    spread = np.empty((most, 4, 4))
    counts = np.empty(most, dtype=np.int64)
    found = 0
    for i in range(near.shape[0]):
        for j in range(near.shape[1]):
            if not near[i, j]:
                continue
            y_x, y_P, weight = predict_row(x[i], P[i], mu[i], since[j] - age[i], drag)
            total = 0.0
            least = np.inf
            for k in range(MODELS):
                if weight[k] < 1e-6:
                    continue
                y, S, _, m = innovation(y_x[k], y_P[k], z[j], sigmas[j], site, enu_from_ecef)
                value, d2 = likelihood(y, S, m)
                total += weight[k] * value
                if d2 < least:
                    least = d2
                    residual[found] = y
                    spread[found] = S
                    counts[found] = m
            if least <= gate and total > 0.0:
                rows[found] = i
                columns[found] = j
                density[found] = total
                distance[found] = least
                found += 1
    return (
        rows[:found], columns[:found], density[:found], distance[:found], residual[:found], spread[:found],
        counts[:found],
    )  # fmt: skip
