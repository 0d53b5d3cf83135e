"""The TOML of a background: which kinds there are in a scenario, and how many of each."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from tocsin.messages import Latitude, Longitude, Name, NotNegative, Positive

Most = Annotated[int, Meta(ge=1, le=10_000)]


class BackgroundTable(Struct, frozen=True, kw_only=True):
    """How much of each kind: 1 is the real rate, as the module of that name states it; 0, or absent, is none.

    `most_per_scan`: an infrared satellite hands down no more than so many of these, the strongest that are new or
    have changed. `moon`: radars hear it, at the range where their pulse rate `moon_pulse_hz` folds it to (absent: the
    rate whose unambiguous range is the radar's greatest).
    """

    fires: NotNegative = 0.0
    flares: NotNegative = 0.0
    fireballs: NotNegative = 0.0
    lightning: NotNegative = 0.0
    glint: NotNegative = 0.0
    cloud_glint: NotNegative = 0.0
    reentries: NotNegative = 0.0
    calibration: NotNegative = 0.0
    aircraft: NotNegative = 0.0
    satellites: NotNegative = 0.0
    aurora: NotNegative = 0.0
    moon: bool = False
    moon_pulse_hz: Positive | None = None
    most_per_scan: Most = 20


class FireballTable(Struct, frozen=True, kw_only=True):
    """One fireball. `time_s`, place and altitude are of its greatest brightness; it flies towards `azimuth_deg`."""

    id: Name
    time_s: NotNegative
    latitude_deg: Latitude
    longitude_deg: Longitude
    altitude_m: Annotated[float, Meta(ge=5_000, le=120_000)]
    speed_mps: Annotated[float, Meta(ge=1_000, le=75_000)]
    azimuth_deg: float
    entry_angle_deg: Annotated[float, Meta(gt=0, le=90)]
    radiated_energy_j: Annotated[float, Meta(ge=1e6, le=1e18)]


class SatelliteTable(Struct, frozen=True, kw_only=True):
    """One satellite or rocket body that passes through radars' fields, by its mean elements (CCSDS OMM).

    `catalogued`: a `catalogue` message with its elements comes at the start.
    """

    id: Name
    orbit: dict[str, Any]
    cross_section_m2: Positive = 5.0
    catalogued: bool = False
