"""What infrared says of the launch and the motion, and what a radar says of the motion, made one.

The infrared mixture of (launch, motion), carried to the radar's time, is the prior; the radar row, born from plots
alone, is the measurement of all six numbers of the motion. It updates each component, and with it the launch through
the cross-covariance; nothing is counted twice because the row never saw the infrared (launch-from-angles, 2026-11,
section 7). The mixture is carried forward and not the radar back: a young row's velocity is far vaguer.
"""

from typing import Final

import numpy as np

from tocsin.earth.local import launch_moved
from tocsin.messages import SECOND, Array, Component, Drag
from tocsin.tracking import _meet, reentry
from tocsin.tracking.table import MIDDLE_DRAG

LIGHT: Final = 1e-3  # components below leave the mixture
NOWHERE: Final = np.zeros(4)  # stands for the launch that nobody saw


def distance(prior: tuple[Component, ...], x: Array, P: Array) -> float:
    """Return the least Mahalanobis distance² (6 numbers) of a radar state from components at its time."""
    return float(_innovations(prior, x, P)[2].min())


def mismatch(prior: tuple[Component, ...], x: Array, P: Array) -> tuple[float, float]:
    """Return `distance`, and twice the negative log density of the radar state under the likeliest component."""
    _, S, d2 = _innovations(prior, x, P)
    told = np.isfinite(d2)
    cost = d2[told] + np.linalg.slogdet(2 * np.pi * S[told])[1]
    return float(d2.min()), float(np.min(cost, initial=np.inf))


def fused(prior: tuple[Component, ...], x: Array, P: Array) -> tuple[tuple[Component, ...], float]:
    """Update the prior with a radar state of its time; return the mixture and the least distance².

    The mixture is empty where no component is within reach of the radar's state.
    """
    d, S, d2 = _innovations(prior, x, P)
    if not np.isfinite(d2).any():
        return (), float("inf")
    logs = np.log([max(c.weight, 1e-300) for c in prior]) - 0.5 * d2 - 0.5 * np.linalg.slogdet(S)[1]
    weights = np.where(np.isfinite(logs), np.exp(logs - np.max(logs[np.isfinite(logs)])), 0.0)
    weights /= weights.sum()
    kept = np.flatnonzero(weights > LIGHT)
    total = float(weights[kept].sum())
    updated = _updated([prior[i] for i in kept], d[kept], S[kept], weights[kept] / total)
    return tuple(merged(updated)), float(d2.min())


def _updated(prior: list[Component], d: Array, S: Array, weights: Array) -> list[tuple[float, Component]]:
    """Return components after the radar's six numbers, their launches corrected through the cross-covariance."""
    P = np.array([c.covariance for c in prior])
    K = np.linalg.solve(S, P[:, 4:, :]).transpose(0, 2, 1)
    move = np.einsum("kij,kj->ki", K, d)
    P = P - K @ S @ K.transpose(0, 2, 1)
    rows = []
    for c, weight, step, covariance in zip(prior, weights.tolist(), move, P, strict=True):
        assert c.motion is not None
        launch = None if c.launch is None else launch_moved(c.launch, step[:4])
        rows.append(
            (weight, Component(weight, launch, c.motion + step[4:], covariance, c.label, c.heading_known))
        )
    return rows


def carried(c: Component, dt: float) -> Component:
    """Propagate a component's motion by `dt` [s], its launch unchanged."""
    assert c.motion is not None
    if c.drag is not None:
        ahead = reentry.carried(reentry.begun(0, c.motion, c.covariance[4:, 4:], c.drag), round(dt * SECOND))
        return beside((c,), *ahead.state())[0]
    motion, covariance = _meet.carried(c.motion, c.covariance, dt, MIDDLE_DRAG)
    return Component(c.weight, c.launch, motion, covariance, c.label, c.heading_known)


def carried_state(x: Array, P: Array, dt: float) -> tuple[Array, Array]:
    """Propagate a state (6,) and its covariance (6, 6) by `dt` [s]."""
    return _meet.carried(x, P, dt, MIDDLE_DRAG)


def beside(
    prior: tuple[Component, ...], x: Array, P: Array, drag: Drag | None = None
) -> tuple[Component, ...]:
    """Set a radar's motion, and drag, beside the launch of each component, without smoothing the one by the other."""
    rows = []
    for c in prior:
        covariance = np.zeros((10, 10))
        covariance[:4, :4] = c.covariance[:4, :4]
        covariance[4:, 4:] = P
        rows.append(Component(c.weight, c.launch, x, covariance, c.label, c.heading_known, drag))
    return tuple(rows)


def merged(rows: list[tuple[float, Component]]) -> list[Component]:
    """Merge components of one launch hypothesis (same label, near launches) by their moments."""
    result: list[Component] = []
    left = list(rows)
    while left:
        head = left[0][1]
        group, rest = left[:1], left[:0]
        for row in left[1:]:
            (group if _near(head, row[1]) else rest).append(row)
        left = rest
        weights = np.array([w for w, _ in group])
        motions = np.array([c.motion for _, c in group])
        launches = np.array([NOWHERE if c.launch is None else c.launch for _, c in group])
        launch, motion, covariance = _meet.mixed(
            weights, launches, motions, np.array([c.covariance for _, c in group])
        )
        known = None if head.launch is None else launch
        total = float(weights.sum())
        result.append(Component(total, known, motion, covariance, head.label, head.heading_known))
    return result


def _near(a: Component, b: Component) -> bool:
    """Say whether two components tell the same launch: one label and launches within a sigma."""
    if a.launch is None or b.launch is None:
        return a.launch is None and b.launch is None
    return a.label == b.label and bool(_meet.within_a_sigma(a.launch, a.covariance, b.launch))


def _innovations(prior: tuple[Component, ...], y: Array, R: Array) -> tuple[Array, Array, Array]:
    """Return residuals (k, 6), S (k, 6, 6) and distances² (k,), infinite where they cannot be told."""
    d = y - np.array([c.motion for c in prior])
    S = np.array([c.covariance[4:, 4:] for c in prior]) + R
    try:
        d2 = np.einsum("ki,ki->k", d, np.linalg.solve(S, d[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:
        d2 = np.full(len(prior), np.inf)
    return d, S, np.where(np.isfinite(d2) & (d2 >= 0.0), d2, np.inf)
