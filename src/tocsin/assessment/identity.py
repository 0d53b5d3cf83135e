"""What it may be, as probabilities: a prior weighed by what the motion says.

Each rule multiplies the weight of one reading; the weights then sum to one. The likelihoods are our assumptions,
stated here in one table, until they are calibrated against simulated launches of every class.
"""

from typing import Final

import numpy as np

from tocsin.assessment.impact import Landing
from tocsin.assessment.orbit import perigee_and_apogee
from tocsin.assessment.settings import Settings
from tocsin.earth.ellipsoid import distance
from tocsin.messages import LaunchEstimate, Track

STEEP: Final = 0.93  # apogee over range of a vacuum arc that leaves at 75°
SOUNDING_CEILING: Final = 1_600_000.0  # m, the highest sounding rockets (Black Brant XII: 1,453 km, 1995)
STEEP_FACTOR: Final = 90.0  # nine sounding rockets in ten fly so; of missiles, one lofted test in a hundred
COMES_DOWN_FACTOR: Final = 0.1  # a space launch is seldom seen coasting on an arc that comes down at once
# Above these heights of perigee [m] a space launch is so much likelier: a missile of 12,000 km range on its least
# energy stays below −2,400 km (two-body), and none has a use for a perigee near the surface.
PERIGEES: Final = ((-500_000.0, 200.0), (-1_000_000.0, 20.0), (-1_500_000.0, 5.0))


def identity(
    track: Track, launch: LaunchEstimate | None, landing: Landing | None, settings: Settings
) -> dict[str, float]:
    """Return the probabilities, summing to one, of ballistic missile, space launch, sounding rocket and other."""
    missile = settings.prior_ballistic_missile
    space = settings.prior_space_launch
    sounding = settings.prior_sounding_rocket
    heaviest = max(track.components, key=lambda c: c.weight)
    assert heaviest.motion is not None
    perigee, apogee = perigee_and_apogee(heaviest.motion)
    space *= next((factor for height, factor in PERIGEES if perigee > height), 1.0)
    if perigee > PERIGEES[-1][0]:
        sounding = 0.0
    if landing is not None:
        orbit = 1.0 - landing.probability
        space *= COMES_DOWN_FACTOR + orbit / max(1.0 - orbit, 1e-3)
        if apogee < SOUNDING_CEILING and _is_steep(launch, landing, apogee):
            sounding *= STEEP_FACTOR
    named = missile + space + sounding
    exists = track.existence
    return {
        "ballistic-missile": exists * missile / named * 0.99,
        "space-launch": exists * space / named * 0.99,
        "sounding-rocket": exists * sounding / named * 0.99,
        "other": 1.0 - exists * 0.99,
    }


def satellite(landing: Landing) -> dict[str, float]:
    """Return the probabilities for a body only radar has seen and that probably stays up."""
    return {"satellite": 1.0 - landing.probability, "other": landing.probability}


def _is_steep(launch: LaunchEstimate | None, landing: Landing, apogee: float) -> bool:
    """Say whether the flight goes higher than a sounding rocket's would for its range."""
    if launch is None or landing.estimate is None:
        return False
    end = landing.estimate
    apart = distance(
        np.radians(launch.latitude_deg), np.radians(launch.longitude_deg),
        np.radians(end.latitude_deg), np.radians(end.longitude_deg),
    )  # fmt: skip
    return bool(apogee > STEEP * apart)
