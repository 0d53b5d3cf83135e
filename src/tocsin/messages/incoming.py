"""What else comes in: notifications, catalogues, the Earth's orientation, summaries and decisions."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from tocsin.messages.fields import Azimuth, GeoJSON, Instant, Latitude, Longitude, Name, Positive
from tocsin.messages.header import Header
from tocsin.messages.sensing import Scan, Sensor, Status
from tocsin.messages.shown import Shown


class Notification(Header, frozen=True, kw_only=True, tag="notification"):
    """A pre-launch notification. It matches whether or not a person has read it."""

    id: Name
    from_: str = msgspec.field(name="from")
    window_start: Instant
    window_end: Instant
    latitude_deg: Latitude | None = None
    longitude_deg: Longitude | None = None
    area: GeoJSON | None = None
    azimuth_deg: Azimuth | None = None
    azimuth_tolerance_deg: Annotated[float, Meta(ge=0, le=180)] = 15.0
    vehicle: Literal["space-launch", "sounding-rocket", "ballistic-missile"]
    impact_area: GeoJSON | None = None
    count: Annotated[int, Meta(ge=1)] = 1


class Catalogue(Header, frozen=True, kw_only=True, tag="catalogue"):
    """Known satellites and rocket bodies."""

    time: Instant
    omm: tuple[dict[str, Any], ...]


class EarthOrientation(Header, frozen=True, kw_only=True, tag="earth_orientation"):
    """The Earth's rotation and pole at a time."""

    time: Instant
    ut1_utc_s: Annotated[float, Meta(ge=-2, le=2)]
    x_arcsec: Annotated[float, Meta(ge=-5, le=5)]
    y_arcsec: Annotated[float, Meta(ge=-5, le=5)]


class Summary(Header, frozen=True, kw_only=True, tag="summary"):
    """What a data path claims to have seen in the last `window_s`."""

    sensor: Name | None = None
    path: Name | None = None
    time: Instant
    count: Annotated[int, Meta(ge=0)]
    window_s: Positive


class Decision(Header, frozen=True, kw_only=True, tag="decision"):
    """A person's act, or a signed policy's."""

    warning: Name
    action: Literal["confirm", "dismiss", "cancel", "all-clear", "comment", "fix-identity"]
    by: Name
    time: Instant
    reason: str = ""
    identity: str | None = None


Incoming = Sensor | Scan | Status | Notification | Catalogue | EarthOrientation | Summary | Decision


class Place(Shown, frozen=True):
    """Where a message came from, for those who must find it again."""

    file: str
    line: int
