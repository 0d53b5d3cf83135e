"""What is known beside a track's own motion: notices, the catalogue, Sun and Moon, how bright it was."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from tocsin.assessment.catalogue import Known
from tocsin.earth.frames import EarthRotation
from tocsin.messages import Array, Instant, Notification, Sensor


class Glow(Struct, frozen=True):
    """What infrared looks saw of one track: how often its brightness was told, the mean natural logarithm of its
    radiant intensity [W/sr] without the air's loss, the last sighting, and where that satellite was (3,) [m, ITRF].

    `spans`: for each satellite its first and last sighting and how many there were.
    """

    looks: int
    log_intensity: float
    last: Instant
    platform: Array
    spans: dict[str, tuple[Instant, Instant, int]]


class Surroundings(Struct, frozen=True):
    """All that speaks for an identity beside the track. `rotation`: absent, Sun and Moon are unknown.

    `company`: how many others a radar follows so near the track that it may take one for another. `satellites`: how
    many bodies of radar alone have turned out to be such.
    """

    sensors: Mapping[str, Sensor]
    notifications: tuple[Notification, ...] = ()
    catalogue: Known | None = None
    rotation: EarthRotation | None = None
    glows: Mapping[int, Glow] = MappingProxyType({})
    company: int = 0
    satellites: int = 0
