import pytest

from tocsin.earth.frames import EarthRotation
from tocsin.earth.orientation import bundled
from tocsin.earth.time import parse_utc
from tocsin.simulation.background.tables import BackgroundTable
from tocsin.simulation.background.world import World

ROTATION = EarthRotation(bundled())


@pytest.fixture
def world():
    """Return a maker of worlds: a start, hours, and rates by kind."""

    def make(start="2026-05-16T00:00:00Z", hours=24.0, study="test", tables=(), **rates):
        table = BackgroundTable(**rates)
        return World(table, tables, parse_utc(start), hours * 3600.0, ROTATION, study, 0)

    return make
