"""A simulated run through the pipeline, and the moments at which it is judged."""

from collections.abc import Iterable
from functools import cache

from msgspec import Struct

from tocsin.messages import SECOND, Incoming, Instant, Track, Warning
from tocsin.pipeline import Pipeline
from tocsin.simulation import Scenario, load
from tocsin.simulation.truth import Body, Truth, happen

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
