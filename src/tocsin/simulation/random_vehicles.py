"""Vehicles and launches drawn at random, to try estimators on what they did not expect.

Truth's own: written from public ranges, without a look at what any estimator assumes. Nothing drawn describes a
real vehicle. Exhaust velocities in vacuum (solids 2.3-2.85 km/s, storable liquids 2.5-3.0, kerosene with oxygen
2.8-3.4) and lift-off at 1.3-2.5 times weight, solids more: widely printed ranges, from memory and unverified;
burns of about 170 s for solid and 250 s for liquid intercontinental classes (IEEE Spectrum, March 2005); classes by
range as arms-control texts count them. All else, and every distribution, is our assumption.
"""

from math import log, pi, sin, sqrt
from typing import Any, Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from tocsin.constants import EARTH_GM, EARTH_RADIUS, STANDARD_GRAVITY
from tocsin.flight.powered import Flight, FlightError, Launch, aimed, fly, why_aloft
from tocsin.flight.vehicles import VEHICLES, Power, Stage, Tangent, Turn, Vehicle

Random = np.random.Generator

# Range of each ballistic class [m]. Launchers and sounding rockets are drawn without one.
RANGES: Final = {
    "short-range": (150e3, 1_000e3),
    "medium-range": (1_000e3, 3_000e3),
    "intermediate-range": (3_000e3, 5_500e3),
    "intercontinental": (5_500e3, 13_000e3),
}
KINDS: Final = (*RANGES, "space-launcher", "sounding-rocket")
_SHARES: Final = (0.22, 0.22, 0.22, 0.22, 0.06, 0.06)
_STAGES: Final = {"short-range": (1, 1, 1, 2), "medium-range": (1, 2), "intermediate-range": (2, 2, 3)}
_MOST_BURNT: Final = 0.88
_HARDEST: Final = 140.0  # acceleration at the end of a burn [m/s²]
_TRIES: Final = 20


class RandomFlight(Struct, frozen=True, kw_only=True):
    """What one seed gives. `range`: asked of the launch [m]; None for launchers and sounding rockets."""

    kind: str
    vehicle: Vehicle
    launch: Launch
    range: float | None
    flight: Flight


def random_flight(seed: int, kind: str | None = None) -> RandomFlight:
    """Draw a vehicle of a kind (default: any), where and how it is launched, and fly it; the same for equal seeds."""
    random = np.random.Generator(np.random.Philox(key=seed))
    place = Launch(
        latitude=float(np.arcsin(random.uniform(-0.94, 0.94))), longitude=float(random.uniform(-pi, pi)),
        azimuth=float(random.uniform(0.0, 2 * pi)),
    )  # fmt: skip
    return drawn(random, place, kind)


def drawn(random: Random, launch: Launch, kind: str | None = None) -> RandomFlight:
    """Draw a vehicle that can fly `launch`, and how it flies where that is not said; fly it.

    Without a kind: any, or any that has the launch's range. Raises FlightError where none is found.
    """
    kind = random_kind(random, launch.range) if kind is None else kind
    told = launch.range is not None or launch.pitch is not None or launch.orbit_height is not None
    why = ""
    for _ in range(_TRIES):
        vehicle = random_vehicle(random, kind)
        try:
            way, wanted = (launch, launch.range) if told else random_launch(random, vehicle, kind, launch)
            flight = fly(vehicle, way)
        except FlightError as error:  # not what was asked of it, or too weak for its kind: drawn again
            why = str(error)
            continue
        if flight.impact_time is not None or way.shape == "orbit":
            return RandomFlight(kind=kind, vehicle=vehicle, launch=way, range=wanted, flight=flight)
        why = why_aloft(vehicle, flight)
    raise FlightError(f"none of {_TRIES} vehicles drawn can fly so; the last: {why}")


def random_kind_of(vehicle: str) -> str | None:
    """Return the kind that "random:KIND" names, "" for "random"; None where it is no such word."""
    if vehicle == "random":
        return ""
    word, _, kind = vehicle.partition(":")
    return kind if word == "random" and kind in KINDS else None


def random_kind(random: Random, distance: float | None = None) -> str:
    """Draw a kind: the ballistic classes alike, launchers and sounding rockets seldom; for a distance, its class."""
    if distance is not None:
        return next((kind for kind, (_, most) in RANGES.items() if distance <= most), "intercontinental")
    return str(random.choice(KINDS, p=_SHARES))


def random_vehicle(random: Random, kind: str) -> Vehicle:
    """Draw a vehicle of a kind in `KINDS`."""
    if kind == "space-launcher":
        return _launcher(random)
    if kind == "sounding-rocket":
        return _sounding(random)
    solid = bool(random.random() < 0.5)
    low, high = RANGES[kind]
    reach = _log_uniform(random, max(1.3 * low, 250e3), 1.6 * high)
    stages = _stages(random, kind, solid, reach)
    return Vehicle(
        name=f"random {kind}",
        stages=_plumes(random, stages, kind, solid),
        cross_sections=VEHICLES[kind].cross_sections,
        body_drag=1 / _log_uniform(random, 1_500.0, 12_000.0),
        rise=float(random.uniform(1.0, 6.0) if solid else random.uniform(4.0, 14.0)),
        load_limit=_log_uniform(random, 1_500.0, 8_000.0),
        separates=kind != "short-range" or bool(random.random() < 0.3),
        **_programme(random, stages[0].acceleration),
    )


def random_launch(random: Random, vehicle: Vehicle, kind: str, place: Launch) -> tuple[Launch, float | None]:
    """Draw how a vehicle flies from a place on a heading (`place`), and the range asked of it.

    A range of the class within what the vehicle reaches, steeper or flatter than the farthest flight. Raises
    FlightError where it reaches no range of its class.
    """
    if kind == "space-launcher":
        height = float(random.uniform(200e3, 600e3))
        return replace(place, shape="orbit", orbit_height=height), None
    if kind == "sounding-rocket":
        return replace(place, pitch=float(random.uniform(0.03, 0.25))), None
    launch = _yawed(random, vehicle, place)
    low, high = RANGES[kind]
    end = vehicle.burning - float(random.random() < 0.6) * random.uniform(0.0, 0.1) * vehicle.stages[-1].burn
    part, steep = float(np.sqrt(random.random())), bool(random.random() < 0.5)
    return aimed(vehicle, launch, float(end), part, (low, high), steep)


def _yawed(random: Random, vehicle: Vehicle, place: Launch) -> Launch:
    """Draw a dog-leg for a quarter of the flights and a yaw drift for a third."""
    turns = isinstance(vehicle.steering, Turn)  # which follows the airstream, and would turn ever farther
    dog_leg = None
    if random.random() < 0.25 and not turns:
        begin = random.uniform(0.2, 0.6) * vehicle.burning
        dog_leg = float(begin), float(random.choice([-1, 1]) * np.radians(random.uniform(2.0, 15.0)))
    drift = random.uniform(-3e-4, 3e-4) if random.random() < 0.33 else 0.0
    return replace(place, dog_leg=dog_leg, yaw_drift=float(drift) * (0.3 if turns else 1.0))


def _stages(random: Random, kind: str, solid: bool, reach: float) -> tuple[Stage, ...]:
    """Draw stages whose burns together give the speed for `reach` [m] and what gravity and air take."""
    count = int(random.choice(_STAGES.get(kind, (3, 3, 2) if solid else (2, 2, 3))))
    drawn = [_stage(random, solid, i, i == count - 1) for i in range(count)]
    shares = random.dirichlet([30.0] * count) if count > 1 else np.ones(1)
    speed = _speed(reach)
    burning = 70.0 if solid else 110.0
    for _ in range(3):  # how long it burns decides what gravity takes, and the reverse
        wanted = 1.1 * speed + 0.45 * STANDARD_GRAVITY * burning + 120.0
        stages = tuple(_sized(s, share * wanted) for s, share in zip(drawn, shares, strict=True))
        burning = sum(s.burn for s in stages)
    return stages


def _plumes(random: Random, stages: tuple[Stage, ...], kind: str, solid: bool) -> tuple[Stage, ...]:
    """Draw each plume's intensity about its class's, solids twice as bright (our assumption)."""
    like = VEHICLES[kind].stages
    return tuple(
        replace(
            s, radiant_intensity=(1 + solid) * like[min(i, len(like) - 1)].radiant_intensity * _about(random)
        )
        for i, s in enumerate(stages)
    )


def _about(random: Random) -> float:
    return float(np.exp(random.normal(0.0, 0.5)))


def _stage(random: Random, solid: bool, i: int, last: bool) -> Stage:
    """Draw one stage but for its burn."""
    if solid:
        shape = {"decline": float(random.uniform(-0.4, 0.6)), "tail": float(random.uniform(0.86, 0.97))}
        if random.random() < 0.3:  # a boost that sustains
            shape |= {
                "boost": float(random.uniform(0.15, 0.45)),
                "boost_ratio": float(random.uniform(1.2, 2.2)),
            }
    else:
        shape = {"decline": float(random.uniform(-0.12, 0.15)), "tail": float(random.uniform(0.96, 0.995))}
    first, later = ((20.0, 34.0), (20.0, 40.0)) if solid else ((14.5, 21.0), (9.0, 22.0))
    speeds = (
        (2_300.0, 2_850.0) if solid else ((2_500.0, 3_300.0) if random.random() < 0.5 else (2_500.0, 2_950.0))
    )
    gap = 0.0 if last or random.random() < 0.2 else float(random.uniform(0.3, 8.0))
    return Stage(
        acceleration=float(random.uniform(*(later if i else first))),
        exhaust_velocity=float(random.uniform(*speeds)),
        burn=1.0,
        gap=gap,
        pressure_loss=float(random.uniform(0.0, 0.06) if i else random.uniform(0.08, 0.16)),
        drag=_log_uniform(random, 1e-5, 4e-5),
        spent_drag=1 / _log_uniform(random, 300.0, 1_500.0),
        **shape,
    )


def _sized(stage: Stage, speed: float) -> Stage:
    """Let a stage burn so long that it gains `speed` [m/s], or as long as it may."""
    c = stage.exhaust_velocity
    ends = stage.acceleration * (1.0 - 0.5 * max(stage.decline, 0.0))
    most = min(_MOST_BURNT, 1.0 - ends / _HARDEST)
    burnt = min(1.0 - np.exp(-speed / c), most)
    return replace(stage, burn=float(burnt * c / stage.acceleration))


def _speed(reach: float) -> float:
    """Return the least speed that covers a range over a sphere without air [m/s]: case R1 of the literature note."""
    s = sin(0.5 * reach / EARTH_RADIUS)
    return sqrt(2 * EARTH_GM / EARTH_RADIUS * s / (1 + s))


def _programme(random: Random, acceleration: float) -> dict[str, Any]:
    """Draw one of the four pitch programmes. A vehicle that leaves faster needs a greater kick to turn as far."""
    kind = random.integers(4)
    if kind == 0:
        f1 = random.uniform(0.12, 0.4)
        f2 = random.uniform(f1 + 0.15, 0.85)
        g1 = random.uniform(0.2, 0.65)
        return {"bends": ((float(f1), float(g1)), (float(f2), float(random.uniform(g1 + 0.1, 1.05))))}
    if kind == 1:
        return {"steering": Power(exponent=float(random.uniform(0.55, 1.15)))}
    if kind == 2:
        lead, first = random.uniform(0.06, 0.25), random.uniform(0.25, 0.6)
        return {"steering": Tangent(lead=float(lead), first=float(first))}
    kick = random.uniform(0.06, 0.12) * (acceleration / 16.0) ** 1.5
    return {"steering": Turn(kick_time=float(random.uniform(4.0, 12.0)), kick=float(kick))}


def _launcher(random: Random) -> Vehicle:
    """Draw a launcher of two stages with enough speed for a low orbit."""
    first = _sized(
        _launcher_stage(random, (13.6, 17.0), (2_850.0, 3_100.0), 0.12), random.uniform(3_600.0, 4_300.0)
    )
    second = _launcher_stage(random, (7.5, 10.5), (3_300.0, 3_500.0), 0.0)
    burnt = random.uniform(0.87, 0.90)
    second = replace(second, burn=float(burnt * second.exhaust_velocity / second.acceleration), drag=2e-5)
    return Vehicle(
        name="random space-launcher",
        stages=_plumes(
            random, (replace(first, gap=float(random.uniform(2.0, 8.0))), second), "space-launcher", False
        ),
        cross_sections=VEHICLES["space-launcher"].cross_sections,
        body_drag=1 / 150,
        rise=float(random.uniform(8.0, 15.0)),
        bends=((float(random.uniform(0.12, 0.18)), 0.42), (float(random.uniform(0.4, 0.5)), 0.8)),
        identity="space-launch",
    )


def _launcher_stage(
    random: Random, acceleration: tuple[float, float], c: tuple[float, float], loss: float
) -> Stage:
    return Stage(
        acceleration=float(random.uniform(*acceleration)), exhaust_velocity=float(random.uniform(*c)), burn=1.0,
        pressure_loss=loss, drag=0.8e-5, decline=float(random.uniform(-0.12, 0.1)),
    )  # fmt: skip


def _sounding(random: Random) -> Vehicle:
    """Draw a sounding rocket: solid, quick, one to three stages."""
    count = int(random.integers(1, 4))
    stages = []
    for i in range(count):
        a, c = random.uniform(45.0, 100.0), random.uniform(2_150.0, 2_600.0)
        drawn = Stage(
            acceleration=float(a), exhaust_velocity=float(c), burn=1.0, decline=float(random.uniform(0.0, 0.4)),
            gap=0.0 if i == count - 1 else float(random.uniform(1.0, 8.0)), drag=_log_uniform(random, 3e-5, 9e-5),
        )  # fmt: skip
        gain = random.uniform(1_400.0, 2_400.0) if count == 1 else random.uniform(700.0, 1_800.0)
        stages.append(_slow(_sized(drawn, gain), gain))
    return Vehicle(
        name="random sounding-rocket", stages=_plumes(random, tuple(stages), "sounding-rocket", True),
        cross_sections=VEHICLES["sounding-rocket"].cross_sections, body_drag=1 / _log_uniform(random, 800.0, 3_000.0),
        rise=float(random.uniform(0.3, 1.5)), bends=((0.1, 1.0), (0.5, 1.0)), load_limit=10_000.0,
        identity="sounding-rocket",
    )  # fmt: skip


def _slow(stage: Stage, gain: float) -> Stage:
    """Lower the thrust of a stage that `_sized` had to cut short, so that it gains what it was to."""
    burnt = 1.0 - np.exp(-gain / stage.exhaust_velocity)
    return replace(stage, burn=float(burnt * stage.exhaust_velocity / stage.acceleration))


def _log_uniform(random: Random, low: float, high: float) -> float:
    return float(np.exp(random.uniform(log(low), log(high))))
