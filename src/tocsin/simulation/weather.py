"""Clouds over the places of launches: drawn once for each degree of latitude and longitude in each run."""

import numpy as np

from tocsin.simulation.draws import draw
from tocsin.simulation.looks import Draws
from tocsin.simulation.scenario import Scenario

CLEAR = -np.inf


def cloud_top(
    scenario: Scenario, draws: Draws, latitude_deg: float, longitude_deg: float, otherwise: float
) -> float:
    """Return below which height [m] cloud hides what is over a place; `otherwise` in a scenario without weather.

    All sensors and all launches of one degree share a sky; whole degrees are where it changes: our assumption.
    """
    weather = scenario.weather
    if weather is None:
        return otherwise
    cell = f"{np.floor(latitude_deg):.0f} {np.floor((longitude_deg + 180.0) % 360.0):.0f}"
    random = draw(draws.study, draws.run, cell, "", 0, "cloud")
    if random.uniform() >= weather.cloud_cover:
        return CLEAR
    return float(max(0.0, weather.cloud_top_m + weather.cloud_top_sigma_m * random.standard_normal()))
