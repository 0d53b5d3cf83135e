"""When a sensor looks, and the names under which it draws."""

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from tocsin.messages import SECOND, Instant, Sensor
from tocsin.simulation.draws import draw
from tocsin.simulation.scenario import Scenario


class Draws(Struct, frozen=True):
    """The draws of one sensor in one run.

    `prefix` keeps another origin's clutter apart from the scenario's own.
    """

    study: str
    run: int
    sensor: str
    prefix: str = ""

    def of(self, purpose: str, look: int = 0, thing: str = "") -> np.random.Generator:
        """Return the generator for `purpose`."""
        return draw(self.study, self.run, self.prefix + thing, self.sensor, look, purpose)


class Look(Struct, frozen=True):
    """One look. `number` counts from 0; `start`, `duration` [s], `start` after the scenario's."""

    number: int
    start: float
    duration: float


def looks(sensor: Sensor, scenario: Scenario, draws: Draws) -> Iterator[Look]:
    """Yield the looks of `sensor` that end within the scenario and are not in an outage.

    A satellite stares for a second; one that spins, like a radar that sweeps its sector, takes a whole period. Each
    begins at its own phase.
    """
    assert sensor.scan_period_s is not None, "the scenario was checked"
    period = sensor.scan_period_s
    sweeps = sensor.type == "radar" or getattr(scenario.physics.get(sensor.id), "spin", False)
    duration = period if sweeps else min(1.0, period / 2)
    phase = milliseconds(draw(draws.study, draws.run, "", sensor.id, 0, "phase").uniform(0.0, period))
    blind = [(o.from_s, o.to_s) for o in scenario.outage if o.sensor == sensor.id]
    count = int(np.floor((scenario.duration_s - duration - phase) / period)) + 1
    for k in range(max(count, 0)):
        start = milliseconds(phase + k * period)
        if not any(a < start + duration and start < b for a, b in blind):
            yield Look(k, start, duration)


def milliseconds(seconds: float) -> float:
    """Round to whole milliseconds."""
    return round(seconds, 3)


def instant(scenario: Scenario, seconds: float) -> Instant:
    """Return a scenario time [s] as an Instant, to a microsecond."""
    return Instant(scenario.start + round(seconds * 1_000_000) * (SECOND // 1_000_000))


def received(scenario: Scenario, look: Look, draws: Draws) -> Instant:
    """Return when the look arrives: its end plus a delay drawn for it."""
    settings = scenario.settings
    delay = draws.of("delay", look.number).uniform(settings.delay_min_s, settings.delay_max_s)
    return instant(scenario, look.start + look.duration + delay)
