"""Generic vehicle classes, per unit of mass. They describe no real vehicle.

A stage is known by the acceleration its thrust in vacuum would give the whole stack at its ignition, by its
exhaust velocity and by how long it burns; masses never enter. Unless a source is named a figure is our
assumption, chosen inside the open ranges of textbooks (Sutton and Biblarz 2017, chapters 2, 4 and 12:
exhaust velocity of storable liquids and solids 2.3-2.9 km/s, kerosene with oxygen up to 3.4 km/s in vacuum;
lift-off at 1.3-2.5 times weight) so that the class's range comes out: short up to about 300 km, medium
1,000-1,500 km, intermediate 3,000-5,500 km, intercontinental beyond 5,500 km (the ranges in which the 1987
INF treaty and the arms-control literature count; class borders only). Liquid, but for the one called solid and
the sounding rocket.
"""

from msgspec import Struct


class Stage(Struct, frozen=True, kw_only=True):
    """One stage from ignition to the next.

    `acceleration`: vacuum thrust over the mass at ignition [m/s²]. `exhaust_velocity` in vacuum [m/s].
    `burn`, `gap` (until the next stage lights) [s]. `pressure_loss`: part of the vacuum thrust lost at sea
    level. `drag`: Cd A over mass at ignition [m²/kg], subsonic. `decline`: by how much of its mean the
    thrust falls from first to last (negative: it grows). `boost`: part of the burn with `boost_ratio` times the
    thrust of the rest. `tail`: part of the burn after which thrust falls away, to a fifth: over the last 3 % is
    our assumption. `spent_drag`: Cd A / m of the empty stage, tumbling [m²/kg].
    `radiant_intensity`: of the plume in the 2.7 um band, low in the air [W/sr] (orders: `sensors/radiometry.py`).
    """

    acceleration: float
    exhaust_velocity: float
    burn: float
    gap: float = 0.0
    pressure_loss: float = 0.12
    drag: float = 2e-5
    decline: float = 0.1
    boost: float = 0.0
    boost_ratio: float = 1.0
    tail: float = 0.97
    spent_drag: float = 1 / 800
    radiant_intensity: float = 1e5


class Power(Struct, frozen=True, kw_only=True):
    """Pitch as a power of the time since the rise."""

    exponent: float


class Tangent(Struct, frozen=True, kw_only=True):
    """Linear tangent: over `lead` of the time straight to the angle `first` [rad], then the tangent of the
    elevation falls linearly."""

    lead: float = 0.06
    first: float = 0.1


class Turn(Struct, frozen=True, kw_only=True):
    """Gravity turn: tilt within `kick_time` [s] to `kick` times the launch's pitch, then follow the airstream."""

    kick_time: float = 6.0
    kick: float = 0.08


class CrossSections(Struct, frozen=True, kw_only=True):
    """Mean radar cross sections [m²], over aspect and frequency: of the boosting `stack`, of the `body` after the last
    burnout where it separates, of a spent `stage` and of a `fragment`.

    Our assumption, in orders: public catalogues of orbits call below 0.1 m² small, above 1 m² large, and upper stages
    are large. True ones vary a hundredfold with aspect, which the simulated echo's fluctuation stands for.
    """

    stack: float = 10.0
    body: float = 0.2
    stage: float = 5.0
    fragment: float = 0.05


class Vehicle(Struct, frozen=True, kw_only=True):
    """A class of vehicle. `body_drag`: 1/beta = Cd A / m of what is left after the last burnout [m²/kg].

    `rise`: seconds of vertical flight. `bends`: the pitch programme's two inner corners, each (fraction of
    the burning time, fraction of the final pitch); straight pieces between. `steering`: another programme in
    their place. `load_limit`: largest dynamic pressure times angle of attack [Pa rad].
    """

    name: str
    stages: tuple[Stage, ...]
    body_drag: float
    rise: float = 6.0
    bends: tuple[tuple[float, float], tuple[float, float]] = ((0.3, 0.45), (0.65, 0.85))
    steering: Power | Tangent | Turn | None = None
    load_limit: float = 3_000.0
    separates: bool = True
    identity: str = "ballistic-missile"
    cross_sections: CrossSections = CrossSections()

    @property
    def burning(self) -> float:
        """Return the time from lift-off to the last burnout [s]."""
        return sum(s.burn + s.gap for s in self.stages) - self.stages[-1].gap


_SHORT = Vehicle(
    name="short-range",
    # Initial acceleration and burning time as the "short" class of literature.md 1.3.
    stages=(
        Stage(acceleration=22.0, exhaust_velocity=2420.0, burn=72.0, drag=2.2e-5, radiant_intensity=2e4),
    ),
    cross_sections=CrossSections(stack=3.0),
    body_drag=1 / 3_000,
    rise=4.0,
    separates=False,
)
_MEDIUM = Vehicle(
    name="medium-range",
    stages=(
        Stage(
            acceleration=18.5,
            exhaust_velocity=2500.0,
            burn=116.0,
            drag=1.8e-5,
            decline=0.06,
            radiant_intensity=6e4,
        ),
    ),
    body_drag=1 / 4_000,
    rise=7.0,
)
_INTERMEDIATE = Vehicle(
    name="intermediate-range",
    stages=(
        Stage(
            acceleration=19.0, exhaust_velocity=2500.0, burn=96.0, gap=2.0, drag=1.8e-5, radiant_intensity=2e5
        ),
        Stage(
            acceleration=17.0,
            exhaust_velocity=2800.0,
            burn=126.0,
            drag=2.2e-5,
            pressure_loss=0.05,
            radiant_intensity=8e4,
        ),
    ),
    body_drag=1 / 6_000,
    bends=((0.25, 0.42), (0.6, 0.8)),
)
_INTERCONTINENTAL = Vehicle(
    name="intercontinental",
    stages=(
        Stage(
            acceleration=20.0,
            exhaust_velocity=2500.0,
            burn=85.0,
            gap=1.5,
            drag=1.9e-5,
            decline=0.15,
            radiant_intensity=6e5,
        ),
        Stage(
            acceleration=18.0,
            exhaust_velocity=2800.0,
            burn=100.0,
            gap=2.5,
            drag=2.2e-5,
            pressure_loss=0.05,
            radiant_intensity=2e5,
        ),
        Stage(
            acceleration=16.0,
            exhaust_velocity=2850.0,
            burn=121.0,
            drag=2.5e-5,
            pressure_loss=0.05,
            radiant_intensity=1e5,
        ),
    ),
    cross_sections=CrossSections(stack=20.0, stage=10.0),
    body_drag=1 / 8_000,
    bends=((0.2, 0.38), (0.55, 0.78)),
)
_INTERCONTINENTAL_SOLID = Vehicle(
    name="intercontinental-solid",
    # Burns of about 170 s altogether, as against some 250 s and more of the liquid one above: IEEE Spectrum, March
    # 2005, on the American Physical Society's study of boost-phase defence. Thrust over weight 3 at lift-off.
    stages=(
        Stage(
            acceleration=31.0,
            exhaust_velocity=2550.0,
            burn=60.0,
            gap=1.0,
            drag=1.9e-5,
            decline=0.3,
            tail=0.94,
            radiant_intensity=1e6,
        ),
        Stage(
            acceleration=31.0,
            exhaust_velocity=2750.0,
            burn=58.0,
            gap=1.0,
            drag=2.2e-5,
            pressure_loss=0.03,
            decline=0.3,
            tail=0.94,
            radiant_intensity=4e5,
        ),
        Stage(
            acceleration=30.0,
            exhaust_velocity=2800.0,
            burn=58.0,
            drag=2.5e-5,
            pressure_loss=0.02,
            decline=0.3,
            tail=0.94,
            radiant_intensity=2e5,
        ),
    ),
    cross_sections=CrossSections(stack=20.0, stage=10.0),
    body_drag=1 / 8_000,
    rise=3.0,
    bends=((0.15, 0.4), (0.5, 0.8)),
)
_LAUNCHER = Vehicle(
    name="space-launcher",
    # Two stages on kerosene, thrust over weight 1.4 at lift-off, as public user guides of such launchers
    # give it.
    stages=(
        Stage(
            acceleration=14.6,
            exhaust_velocity=3000.0,
            burn=155.0,
            gap=8.0,
            drag=0.7e-5,
            decline=-0.1,
            radiant_intensity=1e6,
        ),
        Stage(
            acceleration=8.8,
            exhaust_velocity=3400.0,
            burn=345.0,
            drag=2.0e-5,
            pressure_loss=0.0,
            decline=0.0,
            radiant_intensity=2e5,
        ),
    ),
    cross_sections=CrossSections(stack=30.0, body=5.0, stage=10.0),
    body_drag=1 / 150,
    rise=12.0,
    bends=((0.15, 0.42), (0.45, 0.8)),
    identity="space-launch",
)
_SOUNDING = Vehicle(
    name="sounding-rocket",
    # A short solid booster under a solid second stage, as the two-stage rockets of university programmes.
    stages=(
        Stage(
            acceleration=90.0,
            exhaust_velocity=2250.0,
            burn=6.0,
            gap=6.0,
            drag=4.0e-5,
            decline=0.2,
            radiant_intensity=2e4,
        ),
        Stage(
            acceleration=48.0,
            exhaust_velocity=2500.0,
            burn=32.0,
            drag=6.0e-5,
            decline=0.2,
            radiant_intensity=1e4,
        ),
    ),
    cross_sections=CrossSections(stack=1.0, stage=0.5),
    body_drag=1 / 1_500,
    rise=1.0,
    bends=((0.1, 1.0), (0.5, 1.0)),
    load_limit=10_000.0,
    identity="sounding-rocket",
)

VEHICLES: dict[str, Vehicle] = {
    v.name: v
    for v in (
        _SHORT,
        _MEDIUM,
        _INTERMEDIATE,
        _INTERCONTINENTAL,
        _INTERCONTINENTAL_SOLID,
        _LAUNCHER,
        _SOUNDING,
    )
}
