"""Prediction and update of radar rows: two models of motion mixed per row. Arrays and scalars only; SI, ITRF.

Models: 0 coast (gravity, and drag at the middle of its prior), 1 boost (40 m/s² along the velocity and white
acceleration noise), as in the note on raid association (2026-11). One row is one body.
"""

import numpy as np
from numba import njit

from tocsin.earth.atmosphere import log_density
from tocsin.flight._kernels import DRAG_CEILING, acceleration_jacobian, radial_height, rk4, step_length
from tocsin.messages import Array
from tocsin.sensors._kernels import radar_jacobian, radar_predict

COAST, BOOST = 0, 1
MODELS = 2
# m²/s³ of white acceleration while nothing but gravity pulls: waves finer than J2 to J4, 3e-4 m/s² (30 mGal) that
# last for a minute along the path, 2 a² τ (our assumption). What the air adds is worked out from its density.
COAST_NOISE = 1e-5
BOOST_NOISE = 2_500.0  # m²/s³ (the same)
BOOST_THRUST = 40.0  # m/s² along the velocity (the same)
BURNOUT_RATE = 1 / 40.0  # boost to coast, per second (the same)
IGNITION_RATE = 1e-5  # coast to boost, per second (the same)
DRAG_SPREAD = 0.7  # sigma of ln drag: the noise that stands for an unknown ballistic coefficient


@njit(cache=True, error_model="numpy")
def predict_row(x: Array, P: Array, mu: Array, dt: float, drag: float) -> tuple[Array, Array, Array]:
    """Mix and predict one row by `dt` [s]: `x` (2, 6), `P` (2, 6, 6), `mu` (2,) of the models.

    Back in time (a plot older than the row's last, within overlapping looks) nothing mixes and no noise is added.
    """
    y, C, prior = np.empty((MODELS, 6)), np.empty((MODELS, 6, 6)), np.empty(MODELS)
    predict_into(x, P, mu, dt, drag, y, C, prior, np.empty((5, 6, 6)))
    return y, C, prior


@njit(cache=True, error_model="numpy")
def predict_into(
    x: Array, P: Array, mu: Array, dt: float, drag: float, y: Array, C: Array, prior: Array, work: Array
) -> None:
    """Write `predict_row` into `y` (2, 6), `C` (2, 6, 6), `prior` (2,); `work` (5, 6, 6) is scratch.

    A row whose second weight is zero carries one model: it is not mixed, and its second model not predicted.
    """
    ahead = max(dt, 0.0)
    alone = mu[BOOST] == 0.0
    out = min(1.0, 1.0 - np.exp(-BURNOUT_RATE * ahead))
    back = 0.0 if alone else min(1.0, IGNITION_RATE * ahead)
    prior[COAST] = mu[COAST] * (1.0 - back) + mu[BOOST] * out
    prior[BOOST] = mu[COAST] * back + mu[BOOST] * (1.0 - out)
    spread = work[0]
    for j in range(MODELS):
        if j == BOOST and alone:
            y[j] = y[COAST]
            C[j] = C[COAST]
            continue
        first = 1.0 if j == COAST else 0.0
        if prior[j] > 1e-200:
            first = mu[COAST] * ((1.0 - back) if j == COAST else back) / prior[j]
        _mix(x, P, first, y[j], spread)
        _carry(y[j], spread, dt, drag, j == BOOST, C[j], work)


@njit(cache=True, error_model="numpy")
def _mix(x: Array, P: Array, first: float, mean: Array, spread: Array) -> None:
    """Write the moments of two Gaussians, the first with weight `first`, into `mean` (6,) and `spread` (6, 6)."""
    if first == 1.0:
        mean[:] = x[0]
        spread[:] = P[0]
        return
    other = 1.0 - first
    for k in range(6):
        mean[k] = first * x[0, k] + other * x[1, k]
    for k in range(6):
        for m in range(6):
            apart = first * other * (x[0, k] - x[1, k]) * (x[0, m] - x[1, m])
            spread[k, m] = first * P[0, k, m] + other * P[1, k, m] + apart


@njit(cache=True, error_model="numpy")
def _carry(y: Array, spread: Array, dt: float, drag: float, burning: bool, C: Array, work: Array) -> None:
    """Carry a mean `y` (6,) by `dt` in place and its covariance `spread` into `C`, with the model's noise."""
    Phi, T, F, J = work[1], work[2], work[3], work[4]
    s = (y[0], y[1], y[2], y[3], y[4], y[5])
    sign = 1.0 if dt >= 0 else -1.0
    left = abs(dt)
    ahead = max(dt, 0.0)
    slowed = braking(s, drag)
    for k in range(6):
        for m in range(6):
            Phi[k, m] = 1.0 if k == m else 0.0
    first = True
    while left > 0.0:
        forward = (s[0], s[1], s[2], sign * s[3], sign * s[4], sign * s[5])
        h = step_length(forward, drag)
        h = h if h < left else left
        acceleration_jacobian(s, drag, J)
        if first:
            _transition(J, sign * h, Phi)
        else:
            _transition(J, sign * h, F)
            _product(F, Phi, T)
            Phi[:] = T
        first = False
        s = rk4(s, sign * h, drag)
        left -= h
    slowed = 0.5 * (slowed + braking(s, drag)) * ahead
    kick = 0.0
    q = COAST_NOISE + (DRAG_SPREAD * slowed) ** 2 / max(ahead, 1e-3)
    if burning:
        q = BOOST_NOISE
        kick = BOOST_THRUST / (np.sqrt(y[3] * y[3] + y[4] * y[4] + y[5] * y[5]) + 1e-9)
    u, v, w = y[3], y[4], y[5]
    y[0], y[1], y[2] = s[0], s[1], s[2]
    y[3], y[4], y[5] = s[3], s[4], s[5]
    if burning:
        half = 0.5 * dt * dt * kick
        y[0] += half * u
        y[1] += half * v
        y[2] += half * w
        y[3] += dt * kick * u
        y[4] += dt * kick * v
        y[5] += dt * kick * w
    _product(Phi, spread, T)
    for k in range(6):
        for m in range(k + 1):
            total = 0.0
            for n in range(6):
                total += T[k, n] * Phi[m, n]
            C[k, m] = total
            C[m, k] = total
    place, both, speed = q * ahead * ahead * ahead / 3.0, q * ahead * ahead / 2.0, q * ahead
    for k in range(3):
        C[k, k] += place
        C[k, k + 3] += both
        C[k + 3, k] += both
        C[k + 3, k + 3] += speed


@njit(cache=True, error_model="numpy")
def braking(s: tuple[float, float, float, float, float, float], drag: float) -> float:
    """Return the deceleration by drag [m/s²]."""
    height = radial_height(s[0], s[1], s[2])
    if height >= DRAG_CEILING:
        return 0.0
    density = np.exp(log_density(max(height, 0.0))[0])
    return 0.5 * drag * density * (s[3] * s[3] + s[4] * s[4] + s[5] * s[5])


@njit(cache=True, error_model="numpy")
def _transition(J: Array, h: float, Phi: Array) -> None:
    """Write I + h A + h² A² / 2 into `Phi` (6, 6), A = [[0, I], [G, W]] from the first three rows (G, W) of `J`."""
    half = 0.5 * h * h
    for k in range(3):
        for m in range(3):
            g, w = J[k, m], J[k, 3 + m]
            wg, ww = 0.0, 0.0
            for n in range(3):
                wg += J[k, 3 + n] * J[n, m]
                ww += J[k, 3 + n] * J[n, 3 + m]
            one = 1.0 if k == m else 0.0
            Phi[k, m] = one + half * g
            Phi[k, 3 + m] = h * one + half * w
            Phi[3 + k, m] = h * g + half * wg
            Phi[3 + k, 3 + m] = one + h * w + half * (g + ww)


@njit(cache=True, error_model="numpy")
def _product(A: Array, B: Array, C: Array) -> None:
    """Write A B into `C`, all (6, 6)."""
    for k in range(6):
        for m in range(6):
            C[k, m] = 0.0
        for n in range(6):
            a = A[k, n]
            for m in range(6):
                C[k, m] += a * B[n, m]


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
