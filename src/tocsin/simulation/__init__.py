"""A scenario becomes truth, and truth becomes what sensors would have sent.

Never imports tracking or above.
"""

from tocsin.simulation.library import load, networks, scenarios, template
from tocsin.simulation.scenario import Scenario
from tocsin.simulation.simulate import Recording, simulate
from tocsin.simulation.truth import Body, Truth

__all__ = [
    "Body", "Recording", "Scenario", "Truth", "load", "networks", "scenarios", "simulate", "template",
]  # fmt: skip
