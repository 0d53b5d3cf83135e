"""A simulated run through the pipeline, and the moments at which it is judged."""

from collections.abc import Iterable
from functools import cache

from msgspec import Struct

from tocsin.config import Config
from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.messages import SECOND, Incoming, InfraredScan, Instant, RadarScan, Sensor, Track, Warning
from tocsin.pipeline import Pipeline
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.platform import Platform
from tocsin.sensors.radar import Radar
from tocsin.simulation import Scenario, load
from tocsin.simulation.truth import Body, Truth, happen
from tocsin.tracking.looks import infrared_look, radar_look
from tocsin.tracking.tracker import Tracker

AFTER_RADAR_S = 120.0


class Watched(Struct, frozen=True):
    """Every version of every warning, and when each sensor's first detection was used."""

    versions: list[Warning]
    first_used: dict[str, Instant]

    def last_until(self, t: int) -> Warning | None:
        """Return the version that held at `t`."""
        return next((v for v in reversed(self.versions) if v.time <= t), None)

    def after_radar(self, seconds: float = AFTER_RADAR_S) -> Warning | None:
        """Return the version that held so long after a radar's first plot was used."""
        radars = [t for name, t in self.first_used.items() if name.startswith("radar")]
        return self.last_until(min(radars) + round(seconds * SECOND)) if radars else None


def watched(messages: Iterable[Incoming], until: int | None = None) -> Watched:
    """Feed a fresh pipeline and keep what is judged; stop reading at `until`."""
    pipeline = Pipeline()
    seen = Watched([], {})
    for message in messages:
        if until is not None and message.received is not None and message.received > until:
            break
        _keep(seen, pipeline.receive(message))
    _keep(seen, pipeline.finish())
    return seen


def _keep(seen: Watched, events: Iterable[object]) -> None:
    for event in events:
        if isinstance(event, Warning):
            seen.versions.append(event)
        elif isinstance(event, Track):
            for a in event.associations:
                seen.first_used[a.sensor] = min(seen.first_used.get(a.sensor, a.time), a.time)


@cache
def demo() -> tuple[Scenario, Truth, Body]:
    """Return the demonstration, what happens in it, and its one vehicle."""
    scenario = load("demo")
    truth = happen(scenario)
    return scenario, truth, truth.body("alpha")


def two_satellites(longitude_deg: float) -> str:
    """Return the TOML of two geostationary satellites 25° to either side of a longitude."""
    return "".join(
        f'[[sensor]]\nid = "geo-{k}"\ntype = "infrared"\n'
        f"longitude_deg = {(longitude_deg + off + 180) % 360 - 180:.3f}\n"
        "los_sigma_urad = 30.0\nscan_period_s = 10.0\ndetection_probability = 0.9\nfalse_alarms_per_scan = 2.0\n"
        for k, off in ((1, -25.0), (2, 25.0))
    )


def tracked(messages: Iterable[Incoming]) -> tuple[list[Track], dict[str, Sensor]]:
    """Return every track that a fresh tracker tells of the looks, in order of their end, and the sensors.

    What a pipeline would have told, without the cost of a meaning for each: a test holds the two against each other.
    """
    config = Config()
    tracker, rotation = Tracker(config.tracking, "live"), EarthRotation(bundled())
    sensors: dict[str, Sensor] = {}
    looks: list[InfraredScan | RadarScan] = []
    for message in messages:
        if isinstance(message, Sensor):
            sensors[message.id] = message
        elif isinstance(message, InfraredScan | RadarScan):
            looks.append(message)
    told: list[Track] = []
    eyes = {
        s.id: (Infrared.from_message(s), Platform(s, rotation))
        for s in sensors.values()
        if s.type == "infrared"
    }
    radars = {s.id: Radar.from_message(s) for s in sensors.values() if s.type == "radar"}
    for scan in sorted(looks, key=lambda scan: (scan.end, scan.sensor)):
        if scan.sensor in eyes:
            eye, platform = eyes[scan.sensor]
            told += tracker.infrared(eye, infrared_look(scan, eye, platform, rotation))
        else:
            radar = radars[scan.sensor]
            told += tracker.radar(radar, radar_look(scan, radar))
    return told, sensors
