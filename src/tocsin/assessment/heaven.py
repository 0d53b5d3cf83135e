"""Evidence from the sky: the catalogue of satellites, Sun and Moon in a beam, sunlight off cloud and water."""

import math
from typing import Final

import numpy as np

from tocsin.assessment.surroundings import Surroundings
from tocsin.earth.ellipsoid import ecef_from_geodetic
from tocsin.earth.glint import glint_angles, scattering_angles
from tocsin.earth.sky import moon_itrf, separation, sun_itrf
from tocsin.messages import Array, LaunchEstimate, Sensor, Term, Track

CATALOGUED: Final = 9.0  # log weight: two of 30,000 objects lie within the gate by chance once in 10⁴ tracks

NEAR_BODY: Final = np.radians(
    3.0
)  # of Sun or Moon: half a beam's width, refraction, the disk (our assumption)
FAR_OFF: Final = math.cos(1.01 * NEAR_BODY)  # of an angle that is surely more
AS_SLOW: Final = (
    5e-4  # rad/s beside the body's own motion; a rocket 2,000 km off moves by 2e-3 (our assumption)
)
IN_BEAM: Final = 7.0  # log of 1 / (share of the sky within 3° x share of rockets that move as slowly)
BY_PLACE: Final = 2.0  # of its place alone

CLOUD_TOP: Final = 10_000.0  # m
MIRROR: Final = np.radians(
    3.0
)  # by how much water or plates of ice must tilt (docs/explanation/background.md)
FORWARD: Final = np.radians(
    62.0
)  # of scattering: the geometry of 1983 was 38 to 61 degrees (literature note, 4.6)
MIRRORED: Final = 5.0  # log weight: half of all glints lie so, and 0.3 % of the Earth that a satellite sees
SCATTERED: Final = 1.8  # as many glints, some 15 % of the Earth
NO_GLINT: Final = -6.0  # in the dark, or two satellites saw it: each has a mirror point of its own


def catalogued(track: Track, around: Surroundings) -> Term | None:
    """Weigh that a track moves as a known satellite or rocket body does."""
    if around.catalogue is None or any(c.launch is not None for c in track.components):
        return None
    best = max(track.components, key=lambda c: c.weight)
    assert best.motion is not None
    match = around.catalogue.match(best.motion, best.covariance[4:, 4:], track.state_time)
    if match is None:
        return None
    text = f"{match.name}, predicted {match.apart / 1000:.1f} km from it"
    return Term(name="catalogued", weights={"satellite": CATALOGUED}, text=text)


def sun_or_moon(track: Track, around: Surroundings) -> Term | None:
    """Weigh that what one radar tracks stands where the Moon or the Sun does and moves with it."""
    if around.rotation is None or len(track.detections) != 1:
        return None
    sensor = around.sensors[next(iter(track.detections))]
    if sensor.type != "radar":
        return None
    best = max(track.components, key=lambda c: c.weight)
    assert best.motion is not None
    site = _site(sensor)
    d = best.motion[:3] - site
    for name, body in (
        ("Moon", moon_itrf(around.rotation, track.state_time)),
        ("Sun", sun_itrf(around.rotation, track.state_time)),
    ):
        there = body - site
        if not float(d @ there) > FAR_OFF * math.sqrt(float(d @ d) * float(there @ there)):
            continue  # most are: the exact angle takes ten times as long
        off = float(separation(d, there))
        if off < NEAR_BODY:
            slow = _angular_rate(d, best.motion[3:]) < AS_SLOW
            text = f"{np.degrees(off):.1f}° from the {name}" + (", and as slow" if slow else "")
            weight = IN_BEAM if slow else BY_PLACE
            weights = {"clutter": weight + 2.0, "satellite": -weight, "ballistic-missile": -weight}
            return Term(name="sun-moon", weights=weights, text=text)
    return None


def glint(track: Track, launch: LaunchEstimate | None, around: Surroundings) -> Term | None:
    """Weigh that sunlight off cloud or water comes from that place to the one satellite that sees it."""
    glow = around.glows.get(track.id)
    if launch is None or around.rotation is None or glow is None:
        return None
    if len(track.detections) > 1:
        return Term(name="glint", weights={"glint": NO_GLINT}, text="more than one sensor sees it")
    lat, lon = np.radians(launch.latitude_deg), np.radians(launch.longitude_deg)
    weight, text = glint_weight(
        ecef_from_geodetic(lat, lon, CLOUD_TOP), glow.platform, sun_itrf(around.rotation, launch.time)
    )
    return Term(name="glint", weights={"glint": weight}, text=text)


def glint_weight(r: Array, platform: Array, sun: Array) -> tuple[float, str]:
    """Return the log weight of sunlight thrown from `r` (3,) to a satellite at `platform`, and why [m, ITRF]."""
    tilt = float(glint_angles(r[None], platform, sun)[0])
    turn = float(scattering_angles(r[None], platform, sun)[0])
    if float(r @ sun) <= 0.0:
        return NO_GLINT, "the Sun is below the horizon there"
    if tilt < MIRROR:
        return MIRRORED, f"a mirror tilted by {np.degrees(tilt):.1f}° would throw the Sun into the satellite"
    if turn < FORWARD:
        return SCATTERED, f"cloud would scatter the Sun by {np.degrees(turn):.0f}° into the satellite"
    return 0.0, f"the Sun would have to be scattered by {np.degrees(turn):.0f}°"


def _site(sensor: Sensor) -> Array:
    assert sensor.latitude_deg is not None
    assert sensor.longitude_deg is not None
    assert sensor.height_m is not None
    return np.asarray(
        ecef_from_geodetic(np.radians(sensor.latitude_deg), np.radians(sensor.longitude_deg), sensor.height_m)
    )


def _angular_rate(d: Array, v: Array) -> float:
    """Return how fast [rad/s] a body at `d` with velocity `v`, both from the radar, moves across the sky."""
    return float(np.linalg.norm(np.cross(d, v)) / (d @ d))
