"""Lines of sight that are believed to belong to one burning body, as arrays for the fit."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct, structs

from tocsin.messages import SECOND, Array, Instant
from tocsin.sensors._kernels import tangent_axes

MODEL_ERROR = 100.0  # m, white, that no profile explains (launch-from-angles, section 1, point 8)
CLEAR_SKY = 0.2  # how often nothing hides what is below the declared cloud top: our assumption

Key = tuple[int, str, int]  # of a sighting: its time, sensor and place in the scan


class Sighting(Struct, frozen=True):
    """One infrared detection: direction `u` (3,) from `platform` (3,) [m], ITRF, noise `sigma` [rad] an axis.

    `cloud_top` [m]: below it its satellite sees no plume. `stray`: log density [1/sr] of strays about it in a look.
    """

    sensor: str
    time: Instant
    detection: int
    u: Array
    platform: Array
    sigma: float
    bias_sigma: float
    e1: Array
    e2: Array
    cloud_top: float
    stray: float

    @classmethod
    def of(
        cls,
        sensor: str,
        time: Instant,
        detection: int,
        u: Array,
        platform: Array,
        sigma: float,
        bias_sigma: float,
        cloud_top: float = 10_000.0,
        stray: float = 0.0,
    ) -> "Sighting":
        """Make a sighting with its tangent axes."""
        e1, e2 = tangent_axes(u)
        return cls(sensor, time, detection, u, platform, sigma, bias_sigma, e1, e2, cloud_top, stray)

    @property
    def variance(self) -> float:
        """Give the variance [rad²] of an angle where the bias counts as noise."""
        return self.sigma**2 + self.bias_sigma**2

    @property
    def key(self) -> Key:
        """Order sightings by time, sensor and place in the scan."""
        return (self.time, self.sensor, self.detection)


class Dark(Struct, frozen=True):
    """A look at `time` that saw nothing where above `cloud_top` [m] it would have seen a plume with `chance`."""

    sensor: str
    time: Instant
    chance: float
    cloud_top: float


class Sights(Struct, frozen=True):
    """Sightings as arrays, in order of time: `times` (n,) [s after `epoch`], directions, axes, platforms, noise.

    `sigma` (n,) holds the white noise and the model error seen at the source's distance; `satellite` (n,) indexes
    `sensors` and `bias_sigma`; `cloud_top` [m], the highest; `strays` (n,): log densities of strays about them [1/sr].
    `clouds` (k, 3): of each satellite's last look before them that saw nothing, and of the first sighting: time [s] and
    how likely that was of a source below and above the `cloud_top`.
    """

    epoch: Instant
    times: Array
    u: Array
    e1: Array
    e2: Array
    platform: Array
    sigma: Array
    satellite: np.ndarray[tuple[int], np.dtype[np.int64]]
    sensors: tuple[str, ...]
    bias_sigma: Array
    cloud_top: float
    strays: Array
    clouds: Array

    @classmethod
    def of(cls, sightings: list[Sighting], dark: Sequence[Dark] = ()) -> "Sights":
        """Gather sightings, and of looks that saw nothing the last of each satellite before; the first is the epoch."""
        rows = sorted(sightings, key=lambda s: s.key)
        last = {d.sensor: d for d in sorted(dark, key=lambda d: d.time) if d.time < rows[0].time}
        before = sorted(last.values(), key=lambda d: (d.time, d.sensor))
        sensors = tuple(sorted({s.sensor for s in rows}))
        biases = {s.sensor: s.bias_sigma for s in rows}
        platform = np.array([s.platform for s in rows])
        distance = np.linalg.norm(platform, axis=1) - 6.4e6
        return cls(
            epoch=rows[0].time,
            times=np.array([(s.time - rows[0].time) / SECOND for s in rows]),
            u=np.array([s.u for s in rows]),
            e1=np.array([s.e1 for s in rows]),
            e2=np.array([s.e2 for s in rows]),
            platform=platform,
            sigma=np.hypot([s.sigma for s in rows], MODEL_ERROR / np.maximum(distance, 3e5)),
            satellite=np.array([sensors.index(s.sensor) for s in rows], dtype=np.int64),
            sensors=sensors,
            bias_sigma=np.array([biases[s] for s in sensors]),
            cloud_top=max([rows[0].cloud_top, *(d.cloud_top for d in before)]),
            strays=np.array([s.stray for s in rows]),
            clouds=np.array(
                [
                    *(((d.time - rows[0].time) / SECOND, 1.0, 1.0 - d.chance) for d in before),
                    (0.0, CLEAR_SKY, 1.0),
                ]
            ),
        )

    def annealed(self, error: float) -> "Sights":
        """Return the same sights as if the source's place were `error` [m] more uncertain."""
        distance = np.maximum(np.linalg.norm(self.platform, axis=1) - 6.4e6, 3e5)
        return structs.replace(self, sigma=np.hypot(self.sigma, error / distance))
