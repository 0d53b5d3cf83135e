"""What one origin knows beside its tracks: notices, the catalogue, brightness, bright points, far echoes."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from msgspec import structs

from tocsin.assessment.catalogue import Known
from tocsin.assessment.heaven import NEAR_BODY, glint_weight
from tocsin.assessment.surroundings import Glow, Surroundings
from tocsin.assessment.transients import BRIGHT_DB, Bright, Transients
from tocsin.earth.ellipsoid import geodetic_from_ecef
from tocsin.earth.frames import EarthRotation
from tocsin.earth.sky import moon_itrf, separation, sun_itrf
from tocsin.messages import (
    Array,
    Catalogue,
    EventLog,
    InfraredScan,
    Instant,
    Notification,
    Origin,
    RadarDetection,
    RadarScan,
    Scan,
    Sensor,
    Track,
)
from tocsin.pipeline.steps import Steps
from tocsin.sensors.radar import Radar
from tocsin.tracking.looks import InfraredLook
from tocsin.tracking.nucleation import Nucleation

BEYOND: Final = 1.02  # times its greatest range: no radar measures there what it is meant to
GONE: Final = 40_000_000_000  # ns without a sighting, after which a burn is over
GLINT_WEIGHT: Final = 1.0  # from which the place of a static source speaks for a glint


class Beside:
    """Remember what is known beside tracks, and which candidates have been dismissed since the last look."""

    def __init__(self, origin: Origin) -> None:
        """Start knowing nothing."""
        self.origin: Origin = origin
        self.notifications: list[Notification] = []
        self._catalogue: Known | None = None
        self._glows: dict[int, Glow] = {}
        self._transients = Transients()
        self._fresh: list[tuple[str, Instant, str, str]] = []
        self._spots: dict[str, int] = {}
        self._beyond: dict[tuple[str, str], int] = {}

    def know(self, message: Catalogue, rotation: EarthRotation) -> list[EventLog]:
        """Take a catalogue in place of the last; say which of its objects cannot be used."""
        self._catalogue = Known(message, rotation)
        refused = self._catalogue.refused
        if not refused:
            return []
        shown = "; ".join(refused[:5]) + (f" and {len(refused) - 5} more" if len(refused) > 5 else "")
        text = f"{len(refused)} of {len(message.omm)} objects have no usable elements: {shown}"
        return [EventLog(name="catalogue-incomplete", time=message.time, origin=self.origin, text=text)]

    def surroundings(self, sensors: Mapping[str, Sensor], rotation: EarthRotation) -> Surroundings:
        """Return all this for an assessment."""
        return Surroundings(sensors, tuple(self.notifications), self._catalogue, rotation, self._glows)

    def saw(
        self,
        scan: InfraredScan | RadarScan,
        look: InfraredLook,
        tracks: list[Track],
        nucleation: Nucleation,
        rotation: EarthRotation,
    ) -> None:
        """Learn from an infrared look: how bright its tracks were, and which bright points are nobody's."""
        if not isinstance(scan, InfraredScan):
            return
        for track in tracks:
            self._glowed(track, scan, look)
        if any(d.snr_db is not None and d.snr_db >= BRIGHT_DB for d in scan.detections):
            loose = {s.key for s in nucleation.loose()}
            points = [
                Bright(s.sensor, s.time, s.detection, s.u, s.platform)
                for s in look.sightings
                if (scan.detections[s.detection].snr_db or 0.0) >= BRIGHT_DB and s.key in loose
            ]
        else:
            points = []
        for found in self._transients.feed(scan.sensor, points, look.end):
            self._fresh.append((found.step, found.time, found.text, found.sensor))
        self._stood_still(scan.sensor, look, nucleation, rotation)

    def within_range(self, scan: Scan, radar: Radar, rotation: EarthRotation) -> Scan:
        """Return a radar's look without the plots from beyond its greatest range, which are dismissed by name."""
        limit = BEYOND * radar.range_max
        if not isinstance(scan, RadarScan) or all(d.range_m <= limit for d in scan.detections):
            return scan
        far = [d for d in scan.detections if d.range_m > limit]
        for d in far:
            self._echoed(d, scan, radar, rotation)
        return structs.replace(scan, detections=tuple(d for d in scan.detections if d.range_m <= limit))

    def dismissals(self, steps: Steps) -> list[EventLog]:
        """Return an event for every candidate dismissed since the last look, and count it."""
        told = [steps.dismissed(step, time, text, sensor) for step, time, text, sensor in self._fresh]
        self._fresh = []
        return told

    def _glowed(self, track: Track, scan: InfraredScan, look: InfraredLook) -> None:
        """Add this look's brightness of a track to its mean."""
        seen = [a for a in track.associations if a.sensor in track.detections and len(a.residual) in (0, 2)]
        mine = [a for a in seen if a.sensor == scan.sensor]
        if not mine:
            return
        known = self._glows.get(track.id)
        count, mean = (known.looks, known.log_intensity) if known is not None else (0, 0.0)
        if known is not None and min(a.time for a in mine) - known.last > GONE:
            return  # it was out: what is matched with it now is no part of its burn
        spans = dict(known.spans) if known is not None else {}
        for a in seen:
            first, last, times = spans.get(a.sensor, (a.time, a.time, 0))
            spans[a.sensor] = (min(first, a.time), max(last, a.time), times + 1)
        best = max(track.components, key=lambda c: c.weight)
        for a in mine:
            if not scan.time <= a.time <= scan.end or a.detection >= len(scan.detections):
                continue  # of an earlier look, adopted with the declaration
            irradiance = scan.detections[a.detection].irradiance_w_m2
            if irradiance and best.motion is not None:
                intensity = irradiance * float(np.sum((best.motion[:3] - look.platform) ** 2))
                count += 1
                mean += (float(np.log(intensity)) - mean) / count
        self._glows[track.id] = Glow(count, mean, max(a.time for a in mine), look.platform, spans)

    def _stood_still(
        self, sensor: str, look: InfraredLook, nucleation: Nucleation, rotation: EarthRotation
    ) -> None:
        """Name each new static source once: a glint where the Sun stands so, else a fire or flare."""
        spots = nucleation.spots(sensor)
        newest = max((spot.number for spot in spots), default=0)
        known = self._spots.get(sensor, 0)
        self._spots[sensor] = max(newest, known)
        for spot in spots:
            if spot.number > known:
                self._fresh.append(_static(spot.r, Instant(spot.last), look, sensor, rotation))

    def _echoed(self, d: RadarDetection, scan: RadarScan, radar: Radar, rotation: EarthRotation) -> None:
        """Dismiss a plot from beyond range: the Moon's or the Sun's where it comes from there; once a minute."""
        azimuth, elevation = np.radians(d.azimuth_deg), np.radians(d.elevation_deg)
        flat = np.cos(elevation)
        ray = np.array([np.sin(azimuth) * flat, np.cos(azimuth) * flat, np.sin(elevation)])
        u = radar.enu_from_ecef.T @ ray
        step, who = "implausible-rate", "nothing it is meant to see"
        for name, body in (
            ("the Moon", moon_itrf(rotation, d.time)),
            ("the Sun", sun_itrf(rotation, d.time)),
        ):
            off = float(separation(u, body - radar.r_ecef))
            if off < NEAR_BODY:
                step, who = "sun-moon", f"{name}, {np.degrees(off):.1f}° off"
        if d.time - self._beyond.get((radar.id, step), d.time - 60_000_000_000) < 60_000_000_000:
            return
        self._beyond[radar.id, step] = d.time
        text = (
            f"an echo to {radar.id} from {d.range_m / 1000:,.0f} km, beyond its greatest range of "
            f"{radar.range_max / 1000:,.0f} km, at azimuth {d.azimuth_deg:.1f}°: {who}"
        )
        self._fresh.append((step, d.time, text, radar.id))


def _static(
    r: Array, time: Instant, look: InfraredLook, sensor: str, rotation: EarthRotation
) -> tuple[str, Instant, str, str]:
    weight, why = glint_weight(r, look.platform, sun_itrf(rotation, time))
    lat, lon, _ = geodetic_from_ecef(r)
    step = "glint" if weight >= GLINT_WEIGHT else "static"
    what = f"possible glint, unconfirmed; {why}" if step == "glint" else "it stands still and does not rise"
    return step, time, f"a source near {np.degrees(lat):.1f}, {np.degrees(lon):.1f}: {what}", sensor
