"""A vehicle that fails may break up: its pieces fly on, each with its own drag.

Our assumption: pieces part in every direction at some metres to tens of metres a second, as range-safety studies
take it for bursting tanks, and have between 20 and 2,000 kg for every square metre of C_d A.
"""

import numpy as np

from tocsin.flight.powered import Flight, adrift
from tocsin.simulation.draws import draw

_SPEED, _SPREAD = 15.0, 0.7  # median [m/s] and the sigma of its logarithm
_HEAVIEST, _LIGHTEST = 2_000.0, 20.0  # kg/m²


def broken(flight: Flight, count: int, study: str, name: str) -> list[Flight]:
    """Return the flights of `count` pieces from where the thrust of `flight` ended; each drawn by its number."""
    found = [_piece(flight, draw(study, 0, name, "", k, "fragment")) for k in range(count)]
    return [piece for piece in found if piece is not None]


def _piece(flight: Flight, random: np.random.Generator) -> Flight | None:
    x = flight.at(np.array([flight.burnout]))[0]
    direction = random.normal(size=3)
    speed = _SPEED * np.exp(_SPREAD * random.normal())
    x[3:] += speed * direction / np.linalg.norm(direction)
    beta = np.exp(random.uniform(np.log(_LIGHTEST), np.log(_HEAVIEST)))
    return adrift(flight.burnout, x, float(1 / beta), flight.pitch)
