"""What it may be, as probabilities: the terms of evidence added up, and the step that holds what is no launch.

`terms.py` and `heaven.py` hold the evidence with its weights; here it is gathered, summed and named. Naive Bayes: a
probability goes as the exponential of the sum of logarithms of likelihood (Good 1950, "weight of evidence").
"""

import math
from collections.abc import Iterable
from typing import Final

from tocsin.assessment import heaven, terms
from tocsin.assessment.flights import Flights
from tocsin.assessment.impact import Landing
from tocsin.assessment.origin import Origin
from tocsin.assessment.settings import Settings
from tocsin.assessment.surroundings import Glow, Surroundings
from tocsin.messages import IDENTITIES, SECOND, LaunchEstimate, Notification, Term, Track

ALWAYS: Final = (
    "ballistic-missile",
    "space-launch",
    "sounding-rocket",
    "other",
)  # named even when they are nought
LEAST: Final = 1e-6  # below which other identities are not named

# The step that holds an object of an identity; with a term of that name, the term's step.
STEP_OF: Final = {
    "meteor": "meteor", "glint": "glint", "fire": "static", "aircraft": "aircraft", "satellite": "orbit",
}  # fmt: skip
STEP_OF_TERM: Final = {
    "catalogued": "catalogued",
    "sun-moon": "sun-moon",
    "notified": "notified",
    "glint": "glint",
}
FLIES: Final = (*terms.ROCKETS, "re-entering-body")  # of radar alone: what a warning is for


def evidence(
    track: Track,
    flights: Flights,
    whence: tuple[LaunchEstimate | None, Origin | None],
    landing: Landing | None,
    notice: Notification | None,
    around: Surroundings,
    settings: Settings,
) -> tuple[Term, ...]:
    """Gather every term that has something to say of a track whose motion spreads over `flights`.

    `whence`: its launch, or where its arc left the ground.
    """
    launch, start = whence
    shares = {
        "ballistic-missile": settings.prior_ballistic_missile,
        "space-launch": settings.prior_space_launch,
        "sounding-rocket": settings.prior_sounding_rocket,
    }
    glow = around.glows.get(track.id)
    found = [
        terms.prior(track, shares, around.satellites),
        terms.energy(track, flights, around.company),
        None
        if launch is None or landing is None or track.lapsed
        else terms.comes_down(landing.probability, track.phase),
        None if landing is None else terms.steep(_place(launch, start), landing.estimate, flights),
        None if launch is None else terms.level(flights, _since_burning(track, glow)),
        terms.burning(launch, glow, track.phase != "boost"),
        None if _radar_plots(track, around) >= 4 else terms.steadiness(glow, around.sensors),
        terms.site(launch),
        terms.brightness(glow),
        terms.speed(track, flights),
        terms.notified(notice),
        heaven.catalogued(track, around),
        heaven.sun_or_moon(track, around),
        heaven.glint(track, launch, around),
    ]
    return tuple(term for term in found if term is not None)


def identity(found: Iterable[Term]) -> dict[str, float]:
    """Return the probabilities, summing to one, that terms add up to; the four of `ALWAYS` are named in any case."""
    started = False
    total = dict.fromkeys(IDENTITIES, -math.inf)
    for term in found:
        if not started:  # the prior: what it does not name cannot be
            total |= term.weights
            started = True
            continue
        for name, weight in term.weights.items():
            total[name] += weight
    top = max(total.values())
    raw = {name: math.exp(weight - top) for name, weight in total.items()}
    whole = sum(raw.values())
    kept = {name: p / whole for name, p in raw.items() if name in ALWAYS or p / whole >= LEAST}
    whole = sum(kept.values())
    return {name: p / whole for name, p in kept.items()}


def step(said: dict[str, float], found: Iterable[Term]) -> str | None:
    """Name the false-alarm step that holds what an object most likely is; None where no step does."""
    name = max(said, key=said.__getitem__)
    found = tuple(found)
    if name not in terms.ROCKETS and any(
        t.name == "steadiness" and min(t.weights.values()) < 0 for t in found
    ):
        return "glint" if name == "glint" else "flash"  # flashes strung together
    for term in found:
        if term.name in STEP_OF_TERM and term.weights.get(name, 0.0) > 0.0:
            return STEP_OF_TERM[term.name]
    return STEP_OF.get(name)


def is_held(track: Track, launch: LaunchEstimate | None, said: dict[str, float], settings: Settings) -> bool:
    """Say whether a body that only radar has seen is not yet surely enough what a warning is for."""
    if launch is not None:
        return False
    young = sum(track.detections.values()) < settings.radar_alone_plots
    return young or sum(said.get(name, 0.0) for name in FLIES) < settings.least_radar_alone


def _place(launch: LaunchEstimate | None, start: Origin | None) -> tuple[float, float] | None:
    if launch is not None:
        return math.radians(launch.latitude_deg), math.radians(launch.longitude_deg)
    return None if start is None else (start.latitude, start.longitude)


def _since_burning(track: Track, glow: Glow | None) -> float:
    """Return how long before a track's state it was last seen to burn [s]; 0 while it burns."""
    if glow is None or track.phase == "boost":
        return 0.0
    return max((track.state_time - glow.last) / SECOND, 0.0)


def _radar_plots(track: Track, around: Surroundings) -> int:
    """Count the plots that radars have given a track: what they follow is there, seen burning or not."""
    return sum(n for name, n in track.detections.items() if around.sensors[name].type == "radar")
