"""What an infrared satellite reports of the background: what passes its threshold, the strongest of it, with errors.

A sensor whose table says how it works inside (`[sensor.physics]`) measures each source by its radiometry; any other is
taken to look through the window between the bands, with the default noise, and to report what passes with its
own probability of detection. Cloud hides nothing here: the fires were seen from above, and so were the others.
"""

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct
from numba import njit
from numpy.typing import NDArray

from tocsin.constants import EARTH_RATE
from tocsin.earth.ellipsoid import geodetic_from_ecef_batch
from tocsin.earth.sky import separation, sunlit
from tocsin.messages import SECOND, Array, InfraredDetection, Instant
from tocsin.sensors._kernels import AGAINST_EARTH, HIDDEN, line_against_earth
from tocsin.sensors.field import inside_polygon
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.radiometry import InfraredPhysics, decibels, measure, transmission
from tocsin.simulation.background.calibration import pulses
from tocsin.simulation.background.fireballs import fireballs, shining
from tocsin.simulation.background.fires import fires
from tocsin.simulation.background.flares import flares
from tocsin.simulation.background.glint import CLOUD, SEA, Mirror, glinting, patches
from tocsin.simulation.background.lightning import lightning
from tocsin.simulation.background.reentries import glowing, reentries
from tocsin.simulation.background.standing import Map
from tocsin.simulation.background.world import HOUR_S, KINDS, Emissions, Glimpses, World
from tocsin.simulation.looks import Look

WINDOW = InfraredPhysics(band="ground")  # of a sensor that does not say
_NOTHING = Emissions.of("fire", np.zeros(0), np.zeros((0, 3)), np.zeros(0))


class Watcher(Struct, frozen=True):
    """One satellite as its background needs it.

    `where(t)` gives its position (3,) [m], ITRF; `bias(s)` is (2,) [rad]; `noise` [rad] counts where there is no
    `physics`, the two scales (of declared errors, and of the true ones on top) where there is.
    """

    eye: Infrared
    physics: InfraredPhysics | None
    where: Callable[[Instant], Array]
    noise: float
    bias: Callable[[float], Array]
    declared_scale: float = 1.0
    real_scale: float = 1.0


class Common:
    """What all satellites of a run share: the same fires, flares, fireballs and re-entries."""

    def __init__(self, world: World) -> None:
        self.world = world
        wanted = world.table
        self.maps = tuple(
            (kind, Map(world, kind, draw(world)))
            for kind, draw, rate in (("fire", fires, wanted.fires), ("flare", flares, wanted.flares))
            if rate > 0
        )
        self.fireballs = fireballs(world)
        self.reentries = reentries(world)


class Sent(Struct, frozen=True):
    """What a satellite hands down (n,): which look of the hour it is in, and how it was measured."""

    found: Emissions
    look: NDArray[np.int64]
    snr: Array
    sigma: Array
    amplitude: Array


class Sightings:
    """The background as one satellite reports it. Works an hour at a time, in order; `at` gives one look of it."""

    def __init__(self, common: Common, watcher: Watcher, looks: Sequence[Look]) -> None:
        self._common = common
        self._world = common.world
        self._watcher = watcher
        self._looks = looks
        self._hour = -1
        self._ready: dict[int, list[InfraredDetection]] = {}

    def at(self, look: Look) -> list[InfraredDetection]:
        """Return what is reported in `look`; looks are asked for in order of time."""
        hour = int(look.start // HOUR_S)
        if hour != self._hour:
            self._hour = hour
            mine = [other for other in self._looks if int(other.start // HOUR_S) == hour]
            self._ready = self._reported(hour, mine)
        return self._ready.get(look.number, [])

    def _reported(self, hour: int, looks: list[Look]) -> dict[int, list[InfraredDetection]]:
        glimpses = Glimpses(
            np.array([k.start for k in looks]), np.array([min(1.0, k.duration) for k in looks])
        )
        random = self._world.of("sightings", hour, self._watcher.eye.id)
        eyes = np.array([self._watcher.where(self._world.instant(k.start)) for k in looks])
        found = self._emitted(hour, glimpses, eyes, random)
        look, _ = glimpses.within(found.time)
        seen, snr, sigma, amplitude = _measured(self._watcher, found, eyes[look], random)
        seen &= ~self._blinded(found.r, eyes[look], found.time)
        chosen = _strongest(look, np.where(seen, snr, -np.inf), self._world.table.most_per_scan)
        self._count(found.kind[chosen])
        sent = Sent(found.those(chosen), look[chosen], *(a[chosen] for a in (snr, sigma, amplitude)))
        return self._detections(sent, looks, eyes, random)

    def _emitted(self, hour: int, glimpses: Glimpses, eyes: Array, random: np.random.Generator) -> Emissions:
        """Return all that the satellite might see in an hour's looks."""
        world, common, sensor = self._world, self._common, self._watcher.eye.id
        moments = np.round(glimpses.start + random.uniform(size=len(eyes)) * glimpses.duration, 6)
        moments = np.minimum(moments, np.nextafter(glimpses.start + glimpses.duration, 0.0))
        parts = [_NOTHING]
        parts += [standing.seen(hour, moments, kind) for kind, standing in common.maps]
        parts += shining(common.fireballs, moments) + glowing(common.reentries, moments)
        if world.table.lightning > 0:
            parts.append(lightning(world, hour, glimpses))
        for mirror, rate in ((SEA, world.table.glint), (CLOUD, world.table.cloud_glint)):
            if rate > 0:
                parts += self._glint(mirror, rate, hour, moments, random)
        if world.table.calibration > 0:
            parts.append(pulses(world, sensor, glimpses, eyes))
        return Emissions(
            *(np.concatenate([getattr(p, name) for p in parts]) for name in Emissions.__struct_fields__)
        )

    def _glint(
        self, mirror: Mirror, rate: float, hour: int, moments: Array, random: np.random.Generator
    ) -> list[Emissions]:
        """Return what glints: patches of this hour, and of the one before that still shine."""
        sensor, where = self._watcher.eye.id, self._watcher.where
        found = [patches(self._world, mirror, rate, sensor, where, h) for h in (hour - 1, hour)]
        return [glinting(p, mirror, moments, random) for p in found]

    def _blinded(self, r: Array, eyes: Array, time: Array) -> NDArray[np.bool_]:
        """Say whether the Sun, unless the Earth hides it, is too near what a satellite at `eyes` (n, 3) sees."""
        physics = self._watcher.physics
        if physics is None or physics.sun_exclusion_deg == 0.0 or len(time) == 0:
            return np.zeros(len(time), dtype=np.bool_)
        minutes = np.floor(time / 60.0)
        known, which = np.unique(minutes, return_inverse=True)
        suns = np.array([self._world.sun(60.0 * minute) for minute in known])[which]
        near = separation(r - eyes, suns - eyes) < np.radians(physics.sun_exclusion_deg)
        near[near] = [bool(sunlit(suns[i], eyes[i])[0]) for i in np.flatnonzero(near)]
        return np.asarray(near)

    def _count(self, kinds: NDArray[np.int64]) -> None:
        for kind, number in zip(KINDS, np.bincount(kinds, minlength=len(KINDS)).tolist(), strict=True):
            if number:
                self._world.counts[self._watcher.eye.id, kind] += number

    def _detections(
        self, sent: Sent, looks: list[Look], eyes: Array, random: np.random.Generator
    ) -> dict[int, list[InfraredDetection]]:
        """Turn what is sent into messages, by number of the look."""
        watcher, world = self._watcher, self._world
        sky = np.array([world.rotation.itrf_from_gcrf(world.instant(k.start)).T for k in looks]).reshape(
            -1, 3, 3
        )
        bias = np.array([watcher.bias(k.start) for k in looks]).reshape(-1, 2)
        since = sent.found.time - np.array([k.start for k in looks])[sent.look]
        d = sent.found.r - eyes[sent.look]
        u = np.einsum("nij,nj->ni", sky[sent.look], d / np.linalg.norm(d, axis=1, keepdims=True))
        u = _turned(u, EARTH_RATE * since)
        declared = sent.sigma * watcher.declared_scale
        sigma = declared * watcher.real_scale if watcher.physics else watcher.noise
        error = sigma * random.standard_normal((2, len(u))) + bias[sent.look].T
        right_ascension, declination = _angles(u, error)
        microseconds = np.rint(sent.found.time * 1e6).astype(np.int64)
        times = (world.start + microseconds * (SECOND // 1_000_000)).tolist()
        extra = zip(
            sent.amplitude.tolist(), np.round(decibels(sent.snr), 2).tolist(), np.round(declared * 1e6, 3).tolist(),
            strict=True,
        )  # fmt: skip
        rows = zip(
            sent.look.tolist(), times, right_ascension.tolist(), declination.tolist(), extra, strict=True
        )
        ready: dict[int, list[InfraredDetection]] = {}
        for k, t, ra, dec, (irradiance, snr, urad) in rows:
            inside = (irradiance, snr, urad) if watcher.physics else (None, None, None)
            ready.setdefault(looks[k].number, []).append(
                InfraredDetection(
                    time=Instant(t), right_ascension_deg=ra, declination_deg=dec, irradiance_w_m2=inside[0],
                    snr_db=inside[1], sigma_urad=inside[2],
                )
            )  # fmt: skip
        return ready


def _measured(
    watcher: Watcher, found: Emissions, eyes: Array, random: np.random.Generator
) -> tuple[NDArray[np.bool_], Array, Array, Array]:
    """Say what a satellite at `eyes` (n, 3) detects; its signal-to-noise ratio, angle noise [rad], amplitude [W/m²]."""
    physics = watcher.physics or WINDOW
    visible, against_earth = _in_view(watcher.eye, found.r, eyes)
    lat, lon, high = geodetic_from_ecef_batch(found.r)
    up = np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
    d = eyes - found.r
    distance = np.linalg.norm(d, axis=1)
    sine = np.einsum("ij,ij->i", up, d) / distance
    through = np.where(
        found.kind == KINDS.index("calibration"), 1.0, transmission(physics.band, np.maximum(high, 0.0), sine)
    )
    arriving = found.intensity * through / distance**2
    measured = measure(physics, arriving, against_earth, random.standard_normal(len(distance)))
    luck = random.uniform(size=len(distance))
    willing = True if watcher.physics else luck < watcher.eye.detection_probability
    return visible & measured.detected & willing, measured.snr, measured.sigma, measured.amplitude


def _in_view(eye: Infrared, r: Array, eyes: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say for sources `r` (n, 3) whether satellites at `eyes` (n, 3) see them in clear air, and before the Earth."""
    behind, tangent = _lines(eyes, r)
    earth = behind == AGAINST_EARTH
    any_sky = not eye.disk_visible and eye.limb_height == 0.0
    sky = (behind != HIDDEN) & ~earth & (any_sky | (tangent <= eye.limb_height))
    seen = sky | (earth & eye.disk_visible)
    if eye.field_of_regard is not None:
        lat, lon, _ = geodetic_from_ecef_batch(r)
        for i in np.flatnonzero(seen):
            seen[i] = inside_polygon(eye.field_of_regard, np.degrees(lat[i]), np.degrees(lon[i]))
    return seen, earth


@njit(cache=True, error_model="numpy")
def _lines(eyes: Array, r: Array) -> tuple[NDArray[np.int64], Array]:
    """Return `line_against_earth` of each row."""
    behind, tangent = np.empty(len(r), dtype=np.int64), np.empty(len(r))
    for i in range(len(r)):
        behind[i], tangent[i] = line_against_earth(eyes[i], r[i])
    return behind, tangent


def _strongest(look: NDArray[np.int64], strength: Array, most: int) -> NDArray[np.int64]:
    """Return the indices of the `most` strongest of each look, weakest left out where they are not finite."""
    order = np.lexsort((-strength, look))
    first = np.searchsorted(look[order], look[order])
    rank = np.arange(len(order)) - first
    return np.asarray(np.sort(order[(rank < most) & np.isfinite(strength[order])]))


def _turned(u: Array, angle: Array) -> Array:
    """Turn directions `u` (n, 3) eastward about the pole, as the Earth has turned since the look began."""
    c, s = np.cos(angle), np.sin(angle)
    return np.column_stack((c * u[:, 0] - s * u[:, 1], s * u[:, 0] + c * u[:, 1], u[:, 2]))


def _angles(u: Array, error: Array) -> tuple[Array, Array]:
    """Return right ascension and declination [deg] of directions `u` (n, 3), off by `error` (2, n) east and north."""
    x, y, z = u.T
    level = np.hypot(x, y)
    east = np.column_stack((-y, x, np.zeros(len(u)))) / level[:, None]
    north = np.column_stack((-x * z / level, -y * z / level, level))
    a, b, c = (u + np.tan(error[0])[:, None] * east + np.tan(error[1])[:, None] * north).T
    return (
        np.round(np.degrees(np.arctan2(b, a)) % 360.0, 9),
        np.round(np.degrees(np.arctan2(c, np.hypot(a, b))), 9),
    )
