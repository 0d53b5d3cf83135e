"""The background of one run for all its sensors; nothing where the scenario asks for none."""

from collections.abc import Sequence

from tocsin.earth.frames import EarthRotation
from tocsin.simulation.background.echoes import Echoes
from tocsin.simulation.background.satellites import Satellites
from tocsin.simulation.background.sightings import Common, Sightings, Watcher
from tocsin.simulation.background.tables import BackgroundTable
from tocsin.simulation.background.world import World
from tocsin.simulation.looks import Look
from tocsin.simulation.plots import Station
from tocsin.simulation.scenario import Scenario


class Scene:
    """What is drawn once and seen by many. `counts`: what each sensor reported of each kind."""

    def __init__(self, scenario: Scenario, rotation: EarthRotation, study: str, run: int) -> None:
        self.world = World(
            scenario.background, scenario.fireball, scenario.start, scenario.duration_s, rotation, study, run
        )
        self._common = Common(self.world)
        some = scenario.background.satellites > 0 or scenario.satellite
        self._satellites = Satellites(self.world, scenario.satellite) if some else None

    def infrared(self, watcher: Watcher, looks: Sequence[Look]) -> Sightings:
        """Return what one satellite reports in its looks."""
        return Sightings(self._common, watcher, looks)

    def radar(self, station: Station) -> Echoes:
        """Return what one radar reports in its looks."""
        return Echoes(self.world, self._satellites, self._common.reentries, station)


def scene(scenario: Scenario, rotation: EarthRotation, study: str, run: int) -> Scene | None:
    """Return the background a scenario asks for, or None where it asks for none."""
    default = BackgroundTable(most_per_scan=scenario.background.most_per_scan)
    if scenario.background == default and not scenario.fireball and not scenario.satellite:
        return None
    return Scene(scenario, rotation, study, run)
