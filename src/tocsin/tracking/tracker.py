"""Tracking's one stateful class and its one verb: a look goes in, the tracks it changed come out."""

from weakref import ReferenceType, ref

from tocsin.messages import Array, Instant, Origin, Track
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.radar import Radar
from tocsin.tracking import raids
from tocsin.tracking.association import Indices
from tocsin.tracking.follow import Told
from tocsin.tracking.jumps import Found
from tocsin.tracking.looks import InfraredLook, RadarLook
from tocsin.tracking.radars import Radars
from tocsin.tracking.satellites import Satellites
from tocsin.tracking.settings import Settings
from tocsin.tracking.sky import Sky
from tocsin.tracking.table import Plotted


class Tracker:
    """All tracks of one origin: what its satellites and its radars see of one sky."""

    def __init__(self, settings: Settings, origin: Origin) -> None:
        """Start with an empty sky."""
        self.sky = Sky(settings, origin)
        self.satellites = Satellites(self.sky)
        self.radars = Radars(self.sky)
        self.bodies = self.sky.bodies
        self.table = self.radars.table
        self.nucleation = self.satellites.nucleation
        self._sizes: dict[int, raids.Size] = {}
        self._loose: tuple[Indices, Array] | None = None  # rows that are nobody's, and their states
        self._last: ReferenceType[Told] | None = None

    def advance(self, now: Instant) -> list[Track]:
        """Let time pass until `now`: return the tracks of burns that nobody has looked at for too long."""
        told = []
        for end, body in sorted(self.sky.unwatched(now), key=lambda row: (row[0], row[1].number)):
            self._read_last()
            self._sizes, self._loose = {}, None
            assert body.burn is not None
            body.burn.lapse()
            body.trigger("unseen")
            told += self._told({body.number}, end)
        return told

    def infrared(self, sensor: Infrared, look: InfraredLook) -> list[Track]:
        """Take a look of a satellite and return the tracks it changed, in order of their number."""
        self._read_last()
        self._sizes, self._loose = {}, None
        return self._told(self.satellites.take(sensor, look), look.end)

    def radar(self, sensor: Radar, look: RadarLook) -> Told:
        """Take a look of a radar and return the tracks it changed, in order of their number."""
        self._read_last()
        self._sizes, self._loose = {}, None
        changed, plotted = self.radars.take(sensor, look)
        return self._read_later(changed, look.end, plotted)

    def found_off(self) -> list[Found]:
        """Return the sensors that have been found off since this was last asked."""
        found, self.radars.found = self.radars.found, []
        return found

    def rest(self, number: int, until: int) -> None:
        """Follow a body that no warning is for without telling of it until then, unless it burns or is seen to burn."""
        self.radars.rest(number, until)

    def company(self, number: int) -> int:
        """Count the rows that the radars follow so near a body that one may be taken for another."""
        return self.radars.company(number)

    def size(self, track: Track) -> raids.Size:
        """Return how many objects the event of a track has, as of the look that changed it."""
        group = self.bodies[track.id].group if track.id in self.bodies else track.group or track.id
        if group not in self._sizes:
            if self._loose is None:
                self._loose = raids.loose(self.table, self.sky.owned(), track.time)
            bodies = [body for body in self.sky.bodies.values() if body.group == group]
            rows, x = self._loose
            lit = self.sky.lights.size(group, bodies, track.time)
            self._sizes[group] = raids.size(group, bodies, rows, x, self.table, track.time, lit)
        return self._sizes[group]

    def retire(self, number: int) -> None:
        """Forget a track that has come down or been closed."""
        body = self.bodies.pop(number, None)
        if body is not None:
            self.radars.release(body)
            self._loose = None

    def _told(self, changed: set[int], time: Instant) -> list[Track]:
        told = [self.bodies[number].track(time) for number in sorted(changed)]
        for track in told:
            if track.state == "dropped":
                self.retire(track.id)
        return told

    def _read_later(self, changed: set[int], time: Instant, plotted: Plotted) -> Told:
        """Return the tracks that a radar's look changed; forget those that are dropped."""
        told = Told([self.bodies[number] for number in sorted(changed)], time, plotted, self.radars.latest)
        self._last = ref(told)
        dropped = [number for number in changed if self.bodies[number].state == "dropped"]
        if dropped:
            told.read()
        for number in dropped:
            self.retire(number)
        return told

    def _read_last(self) -> None:
        """Make messages of what was told last before it changes, if anyone still holds it unread."""
        told = self._last() if self._last is not None else None
        if told is not None:
            told.read()
        self._last = None
