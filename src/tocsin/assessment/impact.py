"""Where and when it comes down: the mixture of motions, and the unknown drag, carried to the ground.

Each component becomes twelve cubature points (degree three, Arasaratnam and Haykin 2009) that fall with median drag,
and five Gauss-Hermite nodes of ln drag that fall from its mean. The likeliest impact is that of the median drag; the
covariance, second moments about it, has gone through the motion itself. Where one ellipse tells too little of that, the
area is drawn as it is (`scatter`, `area`).
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from tocsin.assessment.area import Geometry, worth_telling
from tocsin.assessment.ellipse import CHI2_50, CHI2_95, CHI2_99, ellipse
from tocsin.assessment.scatter import MOTION, NODE_WEIGHTS, NODES, Fallen, Scatter, looks_normal, scatter
from tocsin.assessment.settings import Settings
from tocsin.earth.ellipsoid import enu_from_ecef, geodetic_from_ecef
from tocsin.flight.coast import OK, fall_batch
from tocsin.messages import SECOND, Array, Component, ImpactEstimate, Instant, StateVector, Track


class Landing(Struct, frozen=True):
    """Where the points of a track come down: the `probability` that they do, and the `estimate` if it may be given."""

    probability: float
    estimate: ImpactEstimate | None


def landing(track: Track, settings: Settings) -> Landing:
    """Carry a track's mixture to the ground."""
    fallen, probability = _flown(track.components, settings)
    if fallen is None or probability < settings.least_landing:
        return Landing(probability, None)
    estimate = _estimate(fallen, track.state_time)
    if estimate.ellipse_95.semi_major_m > settings.largest_impact_m:
        return Landing(probability, None)
    return Landing(probability, replace(estimate, **_areas(fallen, estimate)))


def scattered(components: Sequence[Component], settings: Settings) -> Scatter | None:
    """Return where a mixture comes down as small Gaussians in north, east and time; None if it probably does not."""
    fallen, probability = _flown(components, settings)
    if fallen is None or probability < settings.least_landing:
        return None
    latitude, longitude, _ = geodetic_from_ecef(_rows(fallen)[0])
    return scatter(fallen, (latitude, longitude))


def scattered_state(state: StateVector, settings: Settings) -> Scatter | None:
    """Return the same of a warning's state vector, which has forgotten the mixture: one Gaussian."""
    P = np.zeros((10, 10))
    P[4:, 4:] = state.covariance
    motion = np.array([*state.position_m, *state.velocity_mps])
    return scattered((Component(1.0, None, motion, P),), settings)


def _flown(components: Sequence[Component], settings: Settings) -> tuple[Fallen | None, float]:
    """Fly the points of each component down; return what came down, and the probability that it does."""
    kept = [c for c in components if c.weight >= settings.light_component and c.motion is not None]
    shares = np.array([c.weight for c in kept])
    points = np.concatenate([_points(c, settings) for c in kept])
    x, times, _, status = fall_batch(points[:, :6], points[:, 6])
    down = (status == OK).reshape(len(kept), -1)
    shares *= down[:, :MOTION].mean(axis=1) / shares.sum()
    probability = float(shares.sum())
    some = shares > 0.0
    if not some.any():
        return None, 0.0
    fell = Fallen(
        points[:, :6].reshape(len(kept), -1, 6)[some], x[:, :3].reshape(len(kept), -1, 3)[some],
        times.reshape(len(kept), -1)[some], shares[some] / probability,
        np.exp([_drag(c, settings)[0] for c in kept])[some],
    )  # fmt: skip
    return fell, probability


def _points(c: Component, settings: Settings) -> Array:
    """Return states and drags (17, 7) of a component: twelve of its motion, then five of its drag.

    A drag that re-entry has shown is joint with the motion: the motion's points are of what is open once the drag is
    known, the drag's points take the motion along.
    """
    assert c.motion is not None
    middle, sigma = _drag(c, settings)
    along = np.zeros(6) if c.drag is None else c.drag.motion / sigma
    P = 0.5 * (c.covariance[4:, 4:] + c.covariance[4:, 4:].T) - np.outer(along, along)
    values, vectors = np.linalg.eigh(P)
    arms = (vectors * np.sqrt(np.maximum(values, 0.0) * 6.0)).T
    states = np.vstack([c.motion + arms, c.motion - arms, c.motion + NODES[:, None] * along])
    logs = middle + np.concatenate([np.zeros(MOTION), NODES * sigma])
    return np.column_stack([states, np.exp(logs)])


def _drag(c: Component, settings: Settings) -> tuple[float, float]:
    """Return mean and sigma of ln C_d A / m [m²/kg]: what re-entry has shown of it, or what is assumed of any body."""
    if c.drag is not None:
        return c.drag.log, float(np.sqrt(c.drag.variance))
    return -float(np.log(settings.ballistic_coefficient)), settings.ballistic_coefficient_spread


def _rows(fallen: Fallen) -> tuple[Array, Array, Array, Array, Array]:
    """Return their middle (3,), what came down (n, 3), when (n,), and the weights of all and of the motion's (n,)."""
    k = len(fallen.shares)
    down = np.isfinite(fallen.times)
    weights = np.hstack([np.full((k, MOTION), 1.0 / MOTION), np.tile(NODE_WEIGHTS, (k, 1))])
    weights = (weights * fallen.shares[:, None])[down]
    own = np.where(np.tile(np.arange(MOTION + len(NODES)) < MOTION, (k, 1))[down], weights, 0.0)
    own /= own.sum()
    r = fallen.r_ecef[down]
    return own @ r, r, fallen.times[down], weights, own


def _estimate(fallen: Fallen, start: int) -> ImpactEstimate:
    """Return centre and spread of where the points come down; `start`: the time of their states.

    The centre is the mean over the motion. The spread over the motion is about it; that over the drag is added: each
    drag node's way from where the median drag falls, second moments, so that the skew of the drag is not lost.
    """
    middle, r, times, weights, own = _rows(fallen)
    latitude, longitude, _ = geodetic_from_ecef(middle)
    axes = enu_from_ecef(latitude, longitude)[[1, 0]]
    rows = np.column_stack([(r - middle) @ axes.T, times])
    centre = own @ rows
    off = rows - centre
    covariance = (off * weights[:, None]).T @ off
    latitude, longitude, _ = geodetic_from_ecef(middle + centre[:2] @ axes)
    return ImpactEstimate(
        time=Instant(start + round(float(centre[2]) * SECOND)),
        time_sigma_s=float(np.sqrt(covariance[2, 2])),
        latitude_deg=float(np.degrees(latitude)),
        longitude_deg=float(np.degrees(longitude)),
        ellipse_50=ellipse(covariance[:2, :2], CHI2_50),
        ellipse_95=ellipse(covariance[:2, :2], CHI2_95),
        ellipse_99=ellipse(covariance[:2, :2], CHI2_99),
    )


def _areas(fallen: Fallen, estimate: ImpactEstimate) -> dict[str, Geometry]:
    """Return the areas of an impact that is no ellipse."""
    origin = float(np.radians(estimate.latitude_deg)), float(np.radians(estimate.longitude_deg))
    if looks_normal(fallen, origin):
        return {}
    found = scatter(fallen, origin)
    return worth_telling(
        origin, found.rows[:, :2], found.covariances[:, :2, :2], found.weights, estimate.ellipse_95
    )
