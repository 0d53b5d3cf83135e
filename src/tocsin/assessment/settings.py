"""What an operator may turn in assessment, with the value we chose and why."""

from msgspec import Struct


class Settings(Struct, frozen=True, kw_only=True):
    """Knobs of the assessment stage."""

    ballistic_coefficient: float = 4_000.0
    """Median of the prior of m / (Cd A) on re-entry [kg/m²]: re-entry bodies lie at 2,000 to 12,000 (slender cones),
    whole short-range bodies and spent stages at 500 to 5,000; our assumption, wide on purpose."""

    ballistic_coefficient_spread: float = 0.7
    """Sigma of its natural logarithm: 95 % between 1,000 and 16,000 kg/m²."""

    light_component: float = 0.02
    """Mixture components below this weight are not carried to the ground."""

    least_landing: float = 0.5
    """No impact is given while the body comes down with less than this probability."""

    largest_impact_m: float = 3_000_000.0
    """No impact is given while the 95 % ellipse is longer than this half axis: it would say nothing."""

    prior_ballistic_missile: float = 0.90
    """Prior of the identity of a declared launch; the other three are the rest (our assumption: in the regions watched
    unannounced launches are mostly missiles; notifications and known pads will sharpen it)."""

    prior_space_launch: float = 0.07
    """See `prior_ballistic_missile`."""

    prior_sounding_rocket: float = 0.02
    """See `prior_ballistic_missile`."""

    radar_alone_plots: int = 5
    """A body that only radar has seen is told once so many plots have gone on with it: a young velocity is now and then
    off by more than it says."""

    least_radar_alone: float = 0.9
    """And once it is a rocket, or falls out of its orbit, with this probability:
    while its velocity is vague every satellite might be one."""
