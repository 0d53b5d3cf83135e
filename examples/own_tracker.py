"""A tracker of one's own under Tocsin's scores: nearest plots and a Kalman filter, radar alone.

    .venv/bin/tocsin study demo-monte-carlo --tracker examples/own_tracker.py:RadarKalman --out out/mine

It knows nothing of satellites, boost, air or evidence: some eighty lines to begin from. Two plots near each other start
a track, five make it believed, five misses in a row end it; between looks it coasts under gravity; where it comes down
is where the state falls without drag.
"""

import numpy as np

from tocsin.earth.ellipsoid import geodetic_from_ecef
from tocsin.flight.coast import fall, propagate_with_transition
from tocsin.messages import SECOND, Array, Incoming, Instant, RadarScan, Sensor
from tocsin.sensors.radar import Radar
from tocsin.study.contender import Estimate, Place

GATE = 16.3  # 99.9 % of chi-squared with three degrees
SPEEDS = (300.0, 8_000.0)  # m/s: what a second plot may say of the first
BELIEVED, GIVEN_UP = 5, 5  # plots; misses in a row
SHAKE = 1.0  # m/s²: what else may act, as noise


class Row:
    """One track: number, time, state (6) and covariance (6, 6) in ITRF, plots so far, misses since the last."""

    def __init__(self, number: int, time: Instant, x: Array, P: Array) -> None:
        self.number, self.time, self.x, self.P = number, time, x, P
        self.plots, self.misses = 2, 0

    def predict(self, time: Instant) -> None:
        """Coast to `time`."""
        dt = (time - self.time) / SECOND
        self.x, F = propagate_with_transition(self.x, dt, 0.0)
        G = np.vstack([0.5 * dt**2 * np.eye(3), dt * np.eye(3)])
        self.P = F @ self.P @ F.T + SHAKE**2 * G @ G.T
        self.time = time

    def update(self, z: Array, R: Array) -> None:
        """Take a plot in, by Joseph's form."""
        K = np.linalg.solve(self.P[:3, :3] + R, self.P[:3]).T
        left = np.eye(6)
        left[:, :3] -= K
        self.x = self.x + K @ (z - self.x[:3])
        self.P = left @ self.P @ left.T + K @ R @ K.T
        self.plots, self.misses = self.plots + 1, 0

    def off(self, z: Array, R: Array) -> float:
        """Return the squared Mahalanobis distance of a plot."""
        v = z - self.x[:3]
        return float(v @ np.linalg.solve(self.P[:3, :3] + R, v))


class RadarKalman:
    """What Tocsin asks of a tracker: `take` and `tracks`."""

    def __init__(self) -> None:
        self.radars: dict[str, Radar] = {}
        self.rows: list[Row] = []
        self.before: dict[str, tuple[Instant, list[tuple[Array, Array]]]] = {}
        self.born = 0

    def take(self, message: Incoming) -> None:
        """Keep what radars are; follow what they see."""
        if isinstance(message, Sensor) and message.type == "radar":
            self.radars[message.id] = Radar.from_message(message)
        elif isinstance(message, RadarScan):
            self._look(message, self.radars[message.sensor])

    def tracks(self) -> list[Estimate]:
        """Return the believed tracks with where they come down."""
        return [
            Estimate(
                track=row.number, time=row.time, position_m=tuple(row.x[:3].tolist()),
                velocity_mps=tuple(row.x[3:].tolist()), covariance=row.P.tolist(), impact=landing(row),
            )
            for row in self.rows
            if row.plots >= BELIEVED
        ]  # fmt: skip

    def _look(self, scan: RadarScan, radar: Radar) -> None:
        time = scan.end
        plots = [placed(radar, d.range_m, d.azimuth_deg, d.elevation_deg) for d in scan.detections]
        for row in self.rows:
            row.predict(time)
        for row in sorted(self.rows, key=lambda row: -row.plots):  # the oldest choose first
            off = [row.off(z, R) for z, R in plots]
            if off and min(off) < GATE:
                row.update(*plots.pop(int(np.argmin(off))))
            else:
                row.misses += 1
        self.rows = [row for row in self.rows if row.misses < GIVEN_UP]
        self._begin(time, plots, *self.before.get(radar.id, (time, [])))
        self.before[radar.id] = (time, plots)

    def _begin(
        self,
        time: Instant,
        plots: list[tuple[Array, Array]],
        earlier: Instant,
        old: list[tuple[Array, Array]],
    ) -> None:
        dt = (time - earlier) / SECOND
        for z, R in plots:
            for z0, R0 in old:
                v = (z - z0) / dt if dt > 0 else np.zeros(3)
                if SPEEDS[0] < np.linalg.norm(v) < SPEEDS[1]:
                    self.born += 1
                    P = np.block([[R, R / dt], [R / dt, (R + R0) / dt**2]])
                    self.rows.append(Row(self.born, time, np.append(z, v), P))


def placed(radar: Radar, distance: float, azimuth_deg: float, elevation_deg: float) -> tuple[Array, Array]:
    """Return a plot's place (3,) in ITRF and its covariance (3, 3)."""
    a, e = np.radians(azimuth_deg), np.radians(elevation_deg)
    out = np.array([np.cos(e) * np.sin(a), np.cos(e) * np.cos(a), np.sin(e)])
    across = np.array([np.cos(a), -np.sin(a), 0.0])
    up = np.cross(out, across) * -1.0
    sigma = np.array(
        [radar.range_sigma, distance * np.cos(e) * radar.azimuth_sigma, distance * radar.elevation_sigma]
    )
    turned = radar.enu_from_ecef.T @ np.column_stack([out, across, up])
    return radar.r_ecef + radar.enu_from_ecef.T @ (distance * out), turned @ np.diag(sigma**2) @ turned.T


def landing(row: Row) -> Place | None:
    """Return where and when a track comes down without drag; None where it does not."""
    x, after, _, status = fall(row.x, 0.0)
    if status != 0:
        return None
    latitude, longitude, _ = geodetic_from_ecef(x[:3])
    time = Instant(row.time + round(after * SECOND))
    return Place(
        latitude_deg=float(np.degrees(latitude)), longitude_deg=float(np.degrees(longitude)), time=time
    )
