"""Whether two burns are one flight that coasted between its stages."""

from types import SimpleNamespace

import numpy as np
import pytest
from pymap3d import geodetic2ecef

from tocsin.messages import SECOND
from tocsin.tracking import twins


class Burn:
    """What of a burn is asked; of both together: one that fits well, last seen at a height [m]."""

    height = 0.0

    def __init__(self, sightings, settings=None, dark=(), over=False):
        self.sightings, self.settings, self.dark, self.over = list(sightings), settings, tuple(dark), over
        self.epoch, self.last = sightings[0], sightings[-1]
        self.density = 40.0 * len(sightings)
        place = np.array(geodetic2ecef(12.0, -38.0, self.height))
        self.modes = [SimpleNamespace(cost=5.0, state=np.concatenate([place, np.zeros(3)]))]


@pytest.mark.parametrize(
    ("waited", "height", "joined"),
    [
        (10, 20_000.0, True),  # a gap between stages
        (110, 120_000.0, True),  # a stage that coasted
        (110, 15_000.0, False),  # the next launch from there, after one that failed
    ],
)
def test_what_fell_back_into_the_air_burns_no_more(waited, height, joined, monkeypatch):
    monkeypatch.setattr(twins, "Burn", Burn)
    monkeypatch.setattr(Burn, "height", height)
    old = Burn([t * SECOND for t in (0, 10, 20)], over=True)
    new = Burn([(20 + waited + t) * SECOND for t in (0, 10, 20)])
    old.density = new.density = 100.0
    assert (twins._joined(old, new) is not None) is joined
