"""Radars held against each other: what each is off by in range, azimuth and elevation, from bodies they share.

One Kalman filter over the biases of all radars and the states of a few bodies that two of them follow, with white
noise alone as the measurements' error: what the dynamics and the other radars say of a body tells what a radar adds
to it. Each bias is a first-order Gauss-Markov process with the declared sigma, so that what the geometry does not
show keeps that sigma (joint state and bias: Friedland 1969; drifting biases: Bar-Shalom, Li and Kirubarajan 2001, both
from memory). Bodies count while they coast above the air. Decision 12 says how well it does. SI and radians, ITRF.
"""

from typing import Final

import numpy as np
from msgspec import Struct, structs
from numba import njit
from numpy.typing import NDArray
from scipy.special import chdtri

from tocsin.flight._kernels import DRAG_CEILING, radial_height
from tocsin.flight.coast import propagate
from tocsin.messages import SECOND, Array, Instant
from tocsin.sensors._kernels import radar_predict
from tocsin.sensors.radar import Radar
from tocsin.tracking._registration import drifted, heard, relieved
from tocsin.tracking.joint import Joint
from tocsin.tracking.jumps import Found, Jump, Jumps
from tocsin.tracking.looks import RadarLook
from tocsin.tracking.settings import Settings
from tocsin.tracking.table import Plotted, RadarTable

MOST_BODIES: Final = 6  # at a time: more tell little that these do not
LEAST_ROW_PLOTS: Final = 8  # of a row before it counts
SURE_PLOT: Final = 0.9  # marginal above which a row's plot is surely its own
COAST_ONLY: Final = 0.05  # weight of the boost below which a row coasts
SHARED: Final = 60.0  # s within which two radars must have plotted a row
FIRST_PLACE: Final = 30_000.0  # m and m/s, sigma of a body's state as it enters: next to nothing
FIRST_SPEED: Final = 1_000.0
PUSH: Final = (
    1e-5  # m²/s³ of white acceleration: tesseral gravity over minutes, with a margin (our assumption)
)
PUSHED: Final = 300.0  # m/s by which a body may leave its arc (our assumption)
GATE: Final = 1e-4  # chance below which a plot moves nothing, and only a jump may explain it
GATES: Final = np.asarray(chdtri(np.array([3.0, 4.0]), GATE))  # its misfit, of three numbers and of four
WIDE: Final = 10.0  # sigmas of bias or noise by which a sensor may jump and its plots still be found
MOST_MISFITS: Final = 6  # in a row, after which a body has done something else than coast
AGREED: Final = 5  # plots that must agree together before a sensor that jumped is trusted again
AGREES: Final = 0.05  # chance above which they do


class Known(Struct):
    """One radar: its place in the state, sigma (3,) as declared and as found, distrust (3,) and the last misfits."""

    place: int
    declared: Array
    spread: Array
    distrust: Array
    misfits: list[tuple[float, int]]
    plots: int = 0

    def agree(self, misfit: float, numbers: int) -> None:
        """Trust it again once its last plots agree together."""
        if not self.distrust.any():
            return
        self.misfits = [*self.misfits, (misfit, numbers)][-AGREED:]
        total, count = sum(row[0] for row in self.misfits), sum(row[1] for row in self.misfits)
        if len(self.misfits) == AGREED and total < float(chdtri(count, AGREES)):
            self.distrust = np.zeros(3)


class Followed(Struct):
    """One body: its place in the state, its time [ns], how many plots in a row did not fit, and its last plot."""

    place: int
    t: int
    last: int
    misfits: int = 0


class Registration:
    """The biases of an origin's radars, as far as bodies that they share have shown them."""

    def __init__(self, settings: Settings) -> None:
        """Start knowing nothing but what the radars declare."""
        self.settings = settings
        self.radars: dict[str, Known] = {}
        self._bodies: dict[int, Followed] = {}
        self._state = Joint()
        self._t: int | None = None
        self._seen: dict[str, dict[int, int]] = {}  # of each radar: the rows it plotted, and when last
        self._any = False  # a network that declares no bias is taken at its word

    def bias(self, name: str) -> tuple[Array, Array]:
        """Return the bias (3,) of a radar and its covariance (3, 3): range [m], azimuth, elevation [rad]."""
        place = slice(self.radars[name].place, self.radars[name].place + 3)
        return self._state.m[place].copy(), self._state.C[place, place].copy()

    def corrected(self, radar: Radar, look: RadarLook) -> RadarLook:
        """Take a look's known bias out of its plots and leave in their sigmas only what is not known of it."""
        known = self.radars.get(radar.id)
        if known is None or not known.plots or not len(look.z):
            return look
        self._pass(look.end)
        b, C = self.bias(radar.id)
        z, sigmas = relieved(look.z, look.sigmas, b, C, _declared(radar), known.distrust)
        return structs.replace(look, z=z, sigmas=sigmas)

    def learn(self, radar: Radar, look: RadarLook, plotted: Plotted, table: RadarTable) -> list[Found]:
        """Learn of a look as it came (not corrected), from which the table's rows took the plots of `plotted`.

        Return what it shows to be off.
        """
        self._any = self._any or radar.range_bias_sigma > 0.0 or radar.angle_bias_sigma > 0.0
        if not self._any:
            return []
        self._note(look, plotted, table)
        self._dismiss(look.end, table)
        self._admit(radar, look, plotted, table)
        if any(row in plotted.pair for row in self._bodies):
            self._join(radar)
        if not self._bodies or radar.id not in self.radars:
            return []
        self._pass(look.end)
        known = self.radars[radar.id]
        scale = WIDE * np.maximum(known.spread, radar.sigmas()[:3])
        pairs = self._pairs(radar, look, plotted, scale)
        if not pairs:
            return []
        self._suppose(radar, look.end, scale)
        self._hear(radar, look, pairs)
        return self._judge(look.end)

    # ------------------------------------------------------------------ who takes part

    def _note(self, look: RadarLook, plotted: Plotted, table: RadarTable) -> None:
        """Write down which radar plotted which row when."""
        seen = self._seen.setdefault(look.sensor, {})
        seen.update(dict.fromkeys(plotted.pair, look.end))
        if len(seen) > 2 * len(table) + 8:
            there = table.places()
            self._seen[look.sensor] = {row: t for row, t in seen.items() if row in there}

    def _dismiss(self, now: int, table: RadarTable) -> None:
        """Let bodies go that are lost, have come down into the air or did not coast."""
        for row, body in list(self._bodies.items()):
            x = self._state.m[body.place : body.place + 6]
            low = radial_height(x[0], x[1], x[2]) < DRAG_CEILING
            if (
                low
                or table.row(row) is None
                or body.misfits > MOST_MISFITS
                or now - body.last > SHARED * SECOND
            ):
                self._drop(row)

    def _drop(self, row: int) -> None:
        """Let a body go; what was supposed because of plots of it that nothing has explained goes with it."""
        gone = self._bodies.pop(row)
        place = gone.place
        self._state.drop(slice(place, place + 6))
        self._state.jumps.forget(row)
        if gone.misfits:
            self._state.jumps = Jumps()
        for body in self._bodies.values():
            body.place -= 6 if body.place > place else 0
        for known in self.radars.values():
            known.place -= 6 if known.place > place else 0

    def _admit(self, radar: Radar, look: RadarLook, plotted: Plotted, table: RadarTable) -> None:
        """Take rows in that coast and that another radar has just plotted too."""
        for row, e in plotted.pair.items():
            if len(self._bodies) >= MOST_BODIES:
                return
            if row in self._bodies or plotted.p[e] < SURE_PLOT:
                continue
            others = (seen.get(row) for name, seen in self._seen.items() if name != radar.id)
            i = table.row(row)
            if i is None or not any(t is not None and look.end - t < SHARED * SECOND for t in others):
                continue
            x, _ = table.estimate(i)
            coasts = table.mu[i, 1] < COAST_ONLY and radial_height(x[0], x[1], x[2]) > DRAG_CEILING
            if coasts and table.plots[i] >= LEAST_ROW_PLOTS and table.r[i] > 0.99:
                place = self._state.grow(x, np.repeat([FIRST_PLACE, FIRST_SPEED], 3))
                self._bodies[row] = Followed(place, int(table.t[i]), look.end)

    def _join(self, radar: Radar) -> None:
        """Take a radar in with the bias that it declares."""
        if radar.id not in self.radars:
            declared = _declared(radar)
            place = self._state.grow(np.zeros(3), declared)
            self.radars[radar.id] = Known(place, declared, declared, np.zeros(3), [])

    # ------------------------------------------------------------------ the filter

    def _pass(self, now: int) -> None:
        """Let the biases drift until `now`."""
        since = 0.0 if self._t is None else (now - self._t) / SECOND
        if self._t is None or since > 0.0:
            self._t = now
        if since <= 0.0:
            return
        known, state = self.radars.values(), self._state
        if known:
            places, spread = np.array([k.place for k in known]), np.array([k.spread for k in known])
            keep = np.exp(-since / self.settings.bias_time_s)
            drifted(state.m, state.C, state.jumps.F, places, spread, keep)

    def _pairs(self, radar: Radar, look: RadarLook, plotted: Plotted, scale: Array) -> list[tuple[int, int]]:
        """Return which body made which plot: as the table has it, else the only plot that a jump might have moved."""
        made = (plotted.pair.get(row) for row in self._bodies)
        taken = {int(plotted.columns[e]) for e in made if e is not None}
        result = []
        for row in sorted(self._bodies):
            e = plotted.pair.get(row)
            if e is not None:
                if plotted.p[e] >= SURE_PLOT:
                    result.append((row, int(plotted.columns[e])))
                continue
            body = self._bodies[row]
            near = _near(
                np.ascontiguousarray(self._state.m[body.place : body.place + 6]), (look.times - body.t) / SECOND,
                look.z, 3.0 * scale, radar.r_ecef, radar.enu_from_ecef,
            )  # fmt: skip
            free = [j for j in near.tolist() if j not in taken]
            if len(free) == 1:
                result.append((row, free[0]))
        return result

    def _hear(self, radar: Radar, look: RadarLook, pairs: list[tuple[int, int]]) -> None:
        """Let bodies' plots speak of their states, of the radar's bias and of what may have jumped."""
        bodies, plots = [self._bodies[row] for row, _ in pairs], [j for _, j in pairs]
        known, state, jumps, times = self.radars[radar.id], self._state, self._state.jumps, look.times[plots]
        white = look.sigmas[plots]
        white[:, :3] = _white(radar, white[:, :3])
        misfits, numbers = heard(
            state.m, state.C, jumps.F, jumps.M, jumps.l, jumps.misfit, jumps.counts, jumps.is_body,
            jumps.of(radar.id), np.array([body.place for body in bodies]),
            (times - np.array([body.t for body in bodies])) / SECOND, known.place, look.z[plots], white,
            radar.r_ecef, radar.enu_from_ecef, GATES, PUSH,
        )  # fmt: skip
        for body, t, misfit, count in zip(
            bodies, times.tolist(), misfits.tolist(), numbers.tolist(), strict=True
        ):
            body.t = t
            fits = misfit < GATES[count - 3]
            body.misfits = 0 if fits else body.misfits + 1
            known.plots += fits
            if np.isfinite(misfit):
                body.last = look.end
                known.agree(misfit, count)

    # ------------------------------------------------------------------ jumps

    def _suppose(self, radar: Radar, end: int, scale: Array) -> None:
        """Suppose that the radar has jumped since its last look, or any body left its arc."""
        rows = sorted(self._bodies)
        places = {radar.id: -1} | {row: self._bodies[row].place + 3 for row in rows}
        sigmas = np.vstack([scale, np.full((len(rows), 3), PUSHED)])
        self._state.jumps.suppose(places, end, sigmas, len(self._state.m))

    def _judge(self, now: Instant) -> list[Found]:
        """Say which sensor jumped, if one did, and go on as if that had been known."""
        jump = self._state.jumps.best()
        if jump is None:
            return []
        left = [what for what in (jump.what, *jump.rivals) if isinstance(what, int)]
        for row in left:
            self._drop(row)
        if isinstance(jump.what, int) or left:
            return []
        sensors = [jump.what, *(what for what in jump.rivals if isinstance(what, str))]
        for name in sensors:
            self._widen(name, jump)
        if len(sensors) == 1:
            self._take(jump.what, jump)
        for body in self._bodies.values():
            body.misfits = 0
        self._state.jumps = Jumps()
        bias, C = self.bias(jump.what)
        size, doubt = (bias, C) if len(sensors) == 1 else (jump.size, jump.covariance)
        sigma = np.sqrt(np.diag(doubt))
        return [Found(jump.what, now, Instant(jump.since), size, sigma, tuple(sensors[1:]))]

    def _widen(self, name: str, jump: Jump) -> None:
        """Let a sensor weigh less: by the jump until it agrees again, and where it is not watched from now on."""
        known = self.radars[name]
        size = np.abs(jump.size)
        known.spread = np.hypot(known.spread, size)
        known.distrust, known.misfits = size, []
        if jump.rivals:
            place = slice(known.place, known.place + 3)
            self._state.C[place, place] += np.diag(size**2)

    def _take(self, name: str, jump: Jump) -> None:
        """Move the estimate to where it would be had the jump been known, its uncertainty included."""
        answer = -jump.response
        place = self.radars[name].place
        answer[place : place + 3] += np.eye(3)
        self._state.move(answer @ jump.size, answer @ jump.covariance @ answer.T)


def _declared(radar: Radar) -> Array:
    """Return the sigmas (3,) of the bias that a radar declares: range [m], azimuth, elevation [rad]."""
    return np.array([radar.range_bias_sigma, radar.angle_bias_sigma, radar.angle_bias_sigma])


def _white(radar: Radar, sigmas: Array) -> Array:
    """Return the white part of sigmas (..., 3) that `radar_look` widened by the declared bias."""
    return np.asarray(np.sqrt(np.maximum(sigmas**2 - _declared(radar) ** 2, 0.0)))


@njit(cache=True, error_model="numpy")
def _near(
    x: Array, dt: Array, z: Array, limit: Array, site: Array, enu_from_ecef: Array
) -> NDArray[np.int64]:
    """Return which plots `z` (n, 4) a body `x` (6,), `dt` (n,) [s] before them, may have made of a sensor that jumped.

    `limit` (3,): by how much range [m], azimuth and elevation [rad] may be off. Plots of one time are flown to once.
    """
    found = np.empty(len(z), dtype=np.int64)
    count = 0
    there, flown = radar_predict(x, site, enu_from_ecef), 0.0
    for j in range(len(z)):
        if dt[j] != flown:
            flown = dt[j]
            there = radar_predict(propagate(x, flown, 0.0), site, enu_from_ecef)
        off = (z[j, 1] - there[1] + np.pi) % (2 * np.pi) - np.pi
        if abs(z[j, 0] - there[0]) < limit[0] and abs(off) < limit[1] and abs(z[j, 2] - there[2]) < limit[2]:
            found[count] = j
            count += 1
    return found[:count]
