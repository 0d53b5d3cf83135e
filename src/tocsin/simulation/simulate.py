"""From a scenario to what the sensors would have sent, in order of arrival, and what really happened."""

from msgspec import Struct
from msgspec.structs import replace

from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.errors import ConfigError
from tocsin.messages import Incoming, Instant, Sensor, Status
from tocsin.sensors.platform import PlatformError
from tocsin.simulation.background.scene import scene
from tocsin.simulation.infrared import declared, infrared_scans
from tocsin.simulation.looks import Draws, instant
from tocsin.simulation.radar import radar_scans
from tocsin.simulation.scenario import Scenario
from tocsin.simulation.told import told
from tocsin.simulation.truth import Truth, happen

_SCALED = (
    "los_sigma_urad", "bias_sigma_urad", "range_sigma_m", "azimuth_sigma_deg", "elevation_sigma_deg",
    "range_rate_sigma_mps", "range_bias_sigma_m", "angle_bias_sigma_deg",
)  # fmt: skip


class Recording(Struct, frozen=True, kw_only=True):
    """What went over the wire, in order of arrival, and the truth behind it.

    `background`: how many detections each sensor sent of each kind of background.
    """

    scenario: Scenario
    messages: list[Incoming]
    truth: Truth
    background: dict[tuple[str, str], int] = {}


def simulate(
    scenario: Scenario,
    noise_scale: float = 1.0,
    run: int = 0,
    study: str | None = None,
    without: tuple[str, ...] = (),
    truth: Truth | None = None,
) -> Recording:
    """Simulate `scenario`: first every `sensor` message, then all else by time of arrival.

    `noise_scale` multiplies every error of every sensor, and what the sensors declare, on top of the
    scenario's own; it must be above zero. `run` numbers the draws of one `study` (default: by the
    scenario's seed). `without` leaves
    sensors out. Neither changes any other draw. `truth` of an earlier run spares flying it again. Raises
    ConfigError for a launch that cannot be flown or an orbit that has decayed.
    """
    truth = truth or happen(scenario)
    rotation = EarthRotation(bundled())
    name = f"seed {scenario.seed}" if study is None else study
    scale = noise_scale * scenario.settings.noise_scale
    sensors = [_scaled(s, scale) for s in scenario.sensors if s.id not in without]
    around = scene(scenario, rotation, name, run)
    first: list[Incoming] = []
    rest: list[Incoming] = []
    for origin in scenario.origins:
        prefix = "" if origin == scenario.origin else f"{origin}:"
        background = around if origin == scenario.origin else None
        for sensor in sensors:
            first.append(replace(declared(sensor), origin=origin, received=scenario.start))
            draws = Draws(name, run, sensor.id, prefix)
            if sensor.type == "infrared":
                try:
                    rest += infrared_scans(
                        sensor, scenario, truth, rotation, draws, origin, scale, background
                    )
                except PlatformError as error:
                    raise ConfigError(f"{scenario.file}: {error}") from None
            else:
                rest += radar_scans(sensor, scenario, truth, draws, origin, scale, background)
            rest += _health(sensor, scenario, origin)
    rest += told(scenario, scenario.file)
    rest.sort(key=_arrival)
    counts = {} if around is None else dict(sorted(around.world.counts.items()))
    return Recording(scenario=scenario, messages=[*first, *rest], truth=truth, background=counts)


def _scaled(sensor: Sensor, scale: float) -> Sensor:
    """Return `sensor` with every declared error times `scale`."""
    values = {name: getattr(sensor, name) for name in _SCALED}
    return replace(sensor, **{name: value * scale for name, value in values.items() if value is not None})


def _health(sensor: Sensor, scenario: Scenario, origin: str) -> list[Incoming]:
    """Return the `status` messages of announced outages."""
    found: list[Incoming] = []
    for outage in scenario.outage:
        if outage.sensor == sensor.id and outage.announced:
            for seconds, state in ((outage.from_s, "down"), (outage.to_s, "ok")):
                t = instant(scenario, seconds)
                found.append(
                    Status(origin=origin, received=t, sensor=sensor.id, time=t, state=state)  # type: ignore[arg-type]
                )
    return found


def _arrival(message: Incoming) -> tuple[Instant, str, str]:
    assert message.received is not None
    return message.received, getattr(message, "sensor", None) or "", message.origin
