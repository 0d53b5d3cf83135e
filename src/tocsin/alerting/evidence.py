"""What the evidence allows to say: who counts as a witness, what the object most likely is, how it ended."""

import math
from typing import Final, Literal

from tocsin.alerting.settings import Settings
from tocsin.messages import SECOND, Assessment, ImpactEstimate, Instant

# An identity that ends a warning under its own name; the rest come down (`impacted`) or are lost.
OUTCOME_OF: Final[dict[str, str]] = {
    "space-launch": "space-launch",
    "sounding-rocket": "sounding-rocket",
    "satellite": "satellite",
    "aircraft": "aircraft",
    "meteor": "meteor",
    "fire": "static",
    "glint": "glint",
}

# What brings nothing down where people are. A sounding rocket is announced, but it does come down.
HARMLESS: Final = ("space-launch", "satellite", "aircraft", "meteor", "fire", "glint", "clutter")


# Steps that speak against a launch at all; an announced launch is one.
AGAINST: Final = (
    "static", "flash", "meteor", "glint", "sun-moon", "catalogued", "orbit", "aircraft", "no-raw-support",
)  # fmt: skip

LEAST_EXISTENCE: Final = 0.5  # of what is corroborated

Strength = Literal["none", "one path", "two paths", "infrared and radar"]
STRENGTHS: Final[tuple[Strength, ...]] = ("none", "one path", "two paths", "infrared and radar")


def witnesses(assessment: Assessment, settings: Settings) -> tuple[str, ...]:
    """List the independent paths with enough associated detections to count, in order of name.

    A path that claims to have seen what did not come through it is no witness meanwhile.
    """
    enough = settings.detections_per_path
    counted = {path for path, n in assessment.path_detections.items() if n >= enough}
    return tuple(sorted(counted - set(assessment.distrusted)))


def strength(assessment: Assessment, settings: Settings) -> Strength:
    """Grade the evidence: infrared and radar on paths of their own outrank two of a kind, those a single one."""
    paths = witnesses(assessment, settings)
    if len(paths) < settings.paths:
        return "one path" if paths else "none"
    kinds = [assessment.path_kinds.get(path, ()) for path in paths]
    apart = any(
        "infrared" in first and "radar" in second
        for i, first in enumerate(kinds)
        for j, second in enumerate(kinds)
        if i != j
    )
    return "infrared and radar" if apart else "two paths"


def is_doubted(assessment: Assessment) -> bool:
    """Say whether it is more likely nothing than an object."""
    return assessment.existence < LEAST_EXISTENCE


def supported_state(assessment: Assessment, settings: Settings) -> Literal["detected", "corroborated"]:
    """Say which state the evidence alone supports.

    What a step holds as no launch, or what more likely is nothing, is not corroborated by counting.
    """
    if assessment.step in AGAINST or is_doubted(assessment):
        return "detected"
    return "corroborated" if len(witnesses(assessment, settings)) >= settings.paths else "detected"


def likeliest(identity: dict[str, float]) -> tuple[str, float]:
    """Name the likeliest identity and its probability; the earlier key wins a tie; ("other", 0) of none."""
    best = "other", 0.0
    for name, probability in identity.items():
        if probability > best[1]:
            best = name, probability
    return best


def is_harmless(identity: dict[str, float], settings: Settings) -> bool:
    """Say whether it is, with the settings' certainty, something no alert is for."""
    name, probability = likeliest(identity)
    return name in HARMLESS and probability >= settings.call_off_probability


def outcome(identity: dict[str, float], down: bool) -> str:
    """Name how an object ended that nobody dismissed: by what it is, if that is more likely than not."""
    name, probability = likeliest(identity)
    if name in OUTCOME_OF and probability > 0.5:
        return OUTCOME_OF[name]
    return "impacted" if down else "lost"


def spread(impact: ImpactEstimate) -> float:
    """Give the half width of the impact's time window in sigmas: 95 or 99 %, as the ellipse published."""
    return 1.96 if impact.ellipse_99 is None else 2.576


def earliest(impact: ImpactEstimate) -> Instant:
    """Give the start of the impact's time window."""
    return Instant(impact.time - round(spread(impact) * impact.time_sigma_s * SECOND))


def latest(impact: ImpactEstimate) -> Instant:
    """Give the end of the impact's time window."""
    return Instant(impact.time + round(spread(impact) * impact.time_sigma_s * SECOND))


def is_finite(impact: ImpactEstimate) -> bool:
    """Say whether all numbers an alert is drawn from are finite; another impact is as good as unknown."""
    area = impact.ellipse_99 or impact.ellipse_95
    numbers = (
        impact.time_sigma_s, impact.latitude_deg, impact.longitude_deg,
        area.semi_major_m, area.semi_minor_m, area.bearing_deg,
    )  # fmt: skip
    return all(math.isfinite(number) for number in numbers)
