"""The stages of one origin, in a row, behind the reorder buffer."""

from typing import TypeAlias

from msgspec import Struct, structs

from tocsin.alerting.desk import Desk
from tocsin.alerting.numbering import Numbering
from tocsin.assessment.assessor import assess
from tocsin.assessment.cue import cues
from tocsin.assessment.orbit import lowest_perigee
from tocsin.assessment.raid import Raids
from tocsin.assessment.terms import STAYS_UP
from tocsin.config import Config
from tocsin.earth.frames import EarthRotation
from tocsin.earth.time import format_utc
from tocsin.messages import (
    SECOND,
    Assessment,
    Catalogue,
    Cue,
    Decision,
    Duplicate,
    EventLog,
    Incoming,
    InfraredScan,
    Instant,
    Notification,
    Origin,
    Outgoing,
    Place,
    RadarScan,
    Rejected,
    Scan,
    Sensor,
    Status,
    Summary,
    Track,
    Warning,
)
from tocsin.pipeline.beside import Beside
from tocsin.pipeline.steps import Steps
from tocsin.sensors.infrared import Infrared
from tocsin.sensors.platform import Platform, PlatformError
from tocsin.sensors.radar import Radar
from tocsin.sensors.roster import Roster
from tocsin.tracking.intake import Intake
from tocsin.tracking.looks import infrared_look, radar_look
from tocsin.tracking.recount import Recount
from tocsin.tracking.reorder import ReorderBuffer
from tocsin.tracking.sequence import Finding, Sequences
from tocsin.tracking.tracker import Tracker

Event: TypeAlias = Outgoing | Track
NOWHERE = Place("", 0)
STATUS_RANK, LOOK_RANK, DECISION_RANK = 0, 1, 2
SATELLITE = 0.9  # as surely as this it is asked again only after
RECHECK = 20 * SECOND
LEFT = 60 * SECOND  # without a plot, after which a satellite has left
REASONS = {
    "changed": "the same sensor and time came before with other content",
    "late": "it came after its turn: the clock had passed its end by more than the reorder lag",
    "future": "it is dated more than a day past the clock and no other sensor agrees",
}


class Shared(Struct):
    """What all chains look at: settings, sensors, names, and the Earth's rotation as each origin was told it."""

    config: Config
    roster: Roster
    numbering: Numbering
    rotations: dict[Origin | None, EarthRotation]

    def rotation(self, origin: Origin) -> EarthRotation:
        """Return the Earth's rotation as an origin knows it: what it was told, else what live was, else the table."""
        told = self.rotations.get(origin) or self.rotations.get("live")
        return told or self.rotations[None]


class Waiting(Struct, frozen=True):
    """A message in the reorder buffer, and where it stood."""

    message: InfraredScan | RadarScan | Status | Decision | Summary
    place: Place


class Chain:
    """The stages of one origin."""

    def __init__(self, shared: Shared, origin: Origin) -> None:
        """Start with an empty sky."""
        self.shared = shared
        self.origin: Origin = origin
        config = shared.config
        self.buffer: ReorderBuffer[Waiting] = ReorderBuffer(config.tracking.reorder_lag_s)
        self.intake = Intake()
        self.sequences = Sequences()
        self.recount = Recount()
        self.tracker = Tracker(config.tracking, origin)
        self.desk = Desk(config.alerting, shared.numbering)
        self.raids = Raids()
        self.beside = Beside(origin)
        self.dismissals = Steps(origin)
        self._latest: dict[int, Assessment] = {}
        self._faulty: dict[str, str] = {}
        self._down: set[str] = set()
        self._beyond_table = False
        self._flooding: set[str] = set()
        self._unsound = 0
        self._tracks: dict[str, int] = {}
        self._radars: dict[str, tuple[Sensor, Radar]] = {}

    def receive(self, message: Incoming, place: Place) -> list[Event]:
        """Take a message of this origin: hold it until its turn, then process what is due."""
        events: list[Event] = []
        if isinstance(message, InfraredScan | RadarScan):
            events += self._take(message, place)
        elif self.intake.is_absurd(message, self.buffer.clock):
            return [rejected(message, place, "time", REASONS["future"])]
        elif isinstance(message, Status | Decision | Summary):
            self._hold(message, place)
        elif isinstance(message, Notification):
            self.beside.notifications.append(message)
        elif isinstance(message, Catalogue):
            events += self.beside.know(message, self.shared.rotation(self.origin))
        else:
            assert isinstance(message, Scan)
        self._pass_time(message)
        return events + self._process(self.buffer.due())

    def advance(self, now: Instant) -> list[Event]:
        """Let the clock reach `now`, then let the desk act up to what can no longer change."""
        self.buffer.arrive(now)
        events = self._process(self.buffer.due())
        return events + self._passed(Instant(now - self.buffer.lag))

    def finish(self) -> list[Event]:
        """Process what still waits; name what is missing."""
        return [*self._process(self.buffer.due(everything=True)), *self._odd(self.sequences.finish())]

    def steps(self) -> dict[str, int]:
        """Count dismissals by named step."""
        static = self.tracker.nucleation.static_count
        return ({"static": static} if static else {}) | self.dismissals.counts

    # ------------------------------------------------------------------ entering

    def _take(self, scan: InfraredScan | RadarScan, place: Place) -> list[Event]:
        verdict = self.intake.judge(scan, self.buffer.clock, self.buffer.lag)
        if verdict == "duplicate":
            return [Duplicate(sensor=scan.sensor, time=scan.time)]
        if verdict == "future":
            return [rejected(scan, place, "time", REASONS[verdict])]
        if verdict == "reset":
            return self._start_again(scan, place)
        self.buffer.arrive(scan.received or scan.end)
        if verdict != "take":
            return [rejected(scan, place, "time", REASONS[verdict], late=verdict == "late")]
        self.buffer.add(scan.end, LOOK_RANK, scan.sensor, Waiting(scan, place))
        return []

    def _start_again(self, scan: InfraredScan | RadarScan, place: Place) -> list[Event]:
        """Put the clock back: two sensors agree that the one that set it was wrong. What it sent is rejected."""
        wrong = self.buffer.restart()
        self.buffer.arrive(scan.received or scan.end)
        self.buffer.add(scan.end, LOOK_RANK, scan.sensor, Waiting(scan, place))
        text = (
            "the clock was set by one sensor alone and two others agree on an earlier time; it was put back"
        )
        return [
            *(rejected(item.message, item.place, "time", REASONS["future"]) for item in wrong),
            EventLog(name="clock-jump", time=scan.end, origin=self.origin, text=text, sensor=scan.sensor),
        ]

    def _pass_time(self, message: Incoming) -> None:
        """Let a message that is no look move the clock, which only looks may set."""
        told = message.received if message.received is not None else getattr(message, "time", None)
        if self.buffer.clock is not None and told is not None and not isinstance(message, Scan):
            self.buffer.arrive(told)

    def _hold(self, message: Status | Decision | Summary, place: Place) -> None:
        """Hold what is no look; if it is late it still counts, from now on."""
        rank = STATUS_RANK if isinstance(message, Status) else DECISION_RANK
        name = message.warning if isinstance(message, Decision) else message.sensor or ""
        clock = self.buffer.clock
        t = message.time if clock is None else max(message.time, clock - self.buffer.lag)
        self.buffer.add(t, rank, name, Waiting(message, place))

    # ------------------------------------------------------------------ its turn

    def _process(self, due: list[tuple[int, Waiting]]) -> list[Event]:
        events: list[Event] = []
        for t, item in due:
            events += self._passed(Instant(t))
            message = item.message
            if not isinstance(message, Decision):
                events += self._odd(self.sequences.check(message, Instant(t)))
            if isinstance(message, Status):
                (self._down.add if message.state == "down" else self._down.discard)(message.sensor)
            elif isinstance(message, Decision):
                events += self._published(self.desk.decide(message, Instant(t)))
            elif isinstance(message, Summary):
                events += self._recounted(message)
            else:
                events += self._look(message, item.place)
        return events

    def _passed(self, t: Instant) -> list[Event]:
        """Let tracking and the desk do what time alone brings about until `t`."""
        events = [event for track in self.tracker.advance(t) for event in self._assessed(track)]
        return events + self._published(self.desk.advance(t))

    def _odd(self, findings: list[Finding]) -> list[Event]:
        """Name what is odd about the numbers of messages."""
        return [event for name, sender, t, text in findings for event in self._named(name, t, text, sender)]

    def _look(self, scan: InfraredScan | RadarScan, place: Place) -> list[Event]:
        sensor = self.shared.roster.at(self.origin, scan.sensor, scan.time)
        if sensor is None:
            return [rejected(scan, place, "sensor", f"no sensor message has said what {scan.sensor!r} is")]
        wanted = "infrared" if isinstance(scan, InfraredScan) else "radar"
        if scan.detections and sensor.type != wanted:
            return [rejected(scan, place, "detections", f"{wanted} detections from a {sensor.type} sensor")]
        events = self._named("implausible-rate", scan.end, self.recount.book(sensor, scan), sensor.id)
        if sensor.id in self._down and not scan.detections:
            return events
        try:
            tracks = self._tracked(scan, sensor)
        except PlatformError as error:
            return [*events, rejected(scan, place, "position_m", str(error))]
        events += [*self._oriented(scan), *self._flooded(scan), *self._faulted(scan), *self._biased()]
        for track in tracks:
            events += self._assessed(track)
        return events + self.beside.dismissals(self.dismissals)

    def _flooded(self, scan: Scan) -> list[Event]:
        """Say, once until it ends, that a sensor floods; its look was used within the bounds of the settings."""
        settings = self.shared.config.tracking
        if len(scan.detections) <= settings.flood:
            self._flooding.discard(scan.sensor)
            return []
        if scan.sensor in self._flooding:
            return []
        self._flooding.add(scan.sensor)
        text = (
            f"{scan.sensor} sends {len(scan.detections)} detections in one look; known objects are followed, new ones "
            f"are sought among at most {settings.most_births} plots or {settings.most_sightings} sightings of a look"
        )
        return [EventLog(name="flood", time=scan.time, origin=self.origin, text=text, sensor=scan.sensor)]

    def _faulted(self, scan: Scan) -> list[Event]:
        """Say that radar rows were given up because their numbers were not sound."""
        count = self.tracker.table.unsound - self._unsound
        if not count:
            return []
        self._unsound = self.tracker.table.unsound
        text = (
            f"{count} radar row(s) given up: a state that is not finite or a covariance that is not positive"
        )
        return [
            EventLog(
                name="numerical-fault", time=scan.time, origin=self.origin, text=text, sensor=scan.sensor
            )
        ]

    def _biased(self) -> list[Event]:
        """Say which sensors were found to be off; tracking has corrected them and lets them weigh less."""
        return [
            EventLog(name="bias-found", time=f.time, origin=self.origin, text=f.text(), sensor=f.sensor)
            for f in self.tracker.found_off()
        ]

    def _oriented(self, scan: Scan) -> list[Event]:
        """Say, once, that a look lies outside the table of the Earth's orientation, which is then held."""
        table = self.shared.rotation(self.origin).table
        if self._beyond_table or table.covers(scan.time):
            return []
        self._beyond_table = True
        text = (
            f"the Earth-orientation table runs from {format_utc(table.begin, 0)} to {format_utc(table.end, 0)}; its "
            "last values are held, and places may be off by hundreds of metres: send earth_orientation"
        )
        return [EventLog(name="earth-orientation-held", time=scan.time, origin=self.origin, text=text)]

    def _tracked(self, scan: InfraredScan | RadarScan, sensor: Sensor) -> list[Track]:
        if sensor.type == "infrared":
            model = Infrared.from_message(sensor)
            rotation = self.shared.rotation(self.origin)
            look = infrared_look(scan, model, Platform(sensor, rotation), rotation)
            tracks = self.tracker.infrared(model, look)
            self.beside.saw(scan, look, tracks, self.tracker.nucleation, rotation)
            return tracks
        self._forget_satellites(scan.end)
        radar = self._radar(sensor)
        within = self.beside.within_range(scan, radar, self.shared.rotation(self.origin))
        return self.tracker.radar(radar, radar_look(within, radar)).read()

    def _radar(self, sensor: Sensor) -> Radar:
        """Return what a radar's message says of it, worked out once for each message."""
        kept = self._radars.get(sensor.id)
        if kept is None or kept[0] is not sensor:
            kept = self._radars[sensor.id] = sensor, Radar.from_message(sensor)
        return kept[1]

    def _assessed(self, track: Track) -> list[Event]:
        last = self._latest.get(track.id)
        if last is not None and _is_satellite(last, track) and _stays_up(track):
            self._latest[track.id] = structs.replace(last, time=track.time)
            self.tracker.rest(track.id, track.time + RECHECK)
            return [track]
        sensors = self.shared.roster.visible_to(self.origin)
        around = self.beside.surroundings(sensors, self.shared.rotation(self.origin))
        if all(c.launch is None for c in track.components):
            known = sum(self.dismissals.counts.get(step, 0) for step in ("orbit", "catalogued"))
            around = structs.replace(around, company=self.tracker.company(track.id), satellites=known)
        assessment = self._trusted(assess(track, around, self.shared.config.assessment))
        self._latest[track.id] = assessment
        if _is_satellite(assessment, track):
            self.tracker.rest(track.id, track.time + RECHECK)
        events: list[Event] = []
        for path in self.recount.unsupported(assessment.path_detections):
            text = f"track {track.id} claims more detections than came through {path}"
            events += self._named("no-raw-support", assessment.time, text, path)
        said = self.desk.assess(assessment)
        for event in said:
            if isinstance(event, Warning):
                self._tracks.setdefault(event.id, track.id)
        return [
            track,
            *events,
            *self.dismissals.held(assessment),
            *self._published(said),
            *self._sized(said, track),
            *self._cued(track, said, sensors),
        ]

    def _forget_satellites(self, now: Instant) -> None:
        """Let tracking forget what no warning is for and is long out of every field."""
        gone = [
            n
            for n, last in self._latest.items()
            if last.time < now - LEFT and last.track_state == "tentative"
        ]
        for number in gone:
            self.tracker.retire(number)
            self.dismissals.forget(number)
            del self._latest[number]

    def _trusted(self, assessment: Assessment) -> Assessment:
        """Mark the paths whose claims were not what came through them: they are no witness meanwhile."""
        faulty = tuple(path for path in sorted(self._faulty) if path in assessment.path_detections)
        return (
            structs.replace(assessment, distrusted=faulty) if faulty != assessment.distrusted else assessment
        )

    def _sized(self, said: list[Outgoing], track: Track) -> list[Outgoing]:
        """Say how many objects the event of a track has, as that changes."""
        if not self.raids.heeds(said, track):
            return []
        size = self.tracker.size(track)
        return self.raids.count(said, track, size.bodies, size.count, size.variance, size.unresolved)

    def _cued(self, track: Track, said: list[Outgoing], sensors: dict[str, Sensor]) -> list[Cue]:
        """Cue radars to a warning that is past burnout and that no radar has seen: once for each version of it."""
        fresh = [w for w in said if isinstance(w, Warning) and self._tracks[w.id] == track.id]
        if not fresh or fresh[-1].state == "closed" or fresh[-1].evidence.radar or track.phase == "boost":
            return []
        radars = [self._radar(s) for s in sensors.values() if s.type == "radar"]
        return cues(track, fresh[-1].id, radars)

    def _published(self, said: list[Outgoing]) -> list[Event]:
        """Let tracking forget what has come down; count what is itself a false-alarm step."""
        for event in said:
            if isinstance(event, EventLog):
                self.dismissals.of_event(event.name)
            if isinstance(event, Warning) and event.outcome == "impacted" and event.id in self._tracks:
                self.tracker.retire(self._tracks[event.id])
        return list(said)

    def _recounted(self, summary: Summary) -> list[Event]:
        """Hold a claim against the recount; a path that is out by any is no witness until it agrees again."""
        fault = self.recount.compare(summary)
        paths = self._paths_of(summary)
        before = dict(self._faulty)
        for path in paths:
            if fault is None:
                self._faulty.pop(path, None)
            else:
                self._faulty[path] = fault
        events = self._named("data-path-fault", summary.time, fault, summary.sensor)
        if sorted(before) == sorted(self._faulty):
            return events
        for number in sorted(self._latest):
            last = self._latest[number]
            again = self._trusted(structs.replace(last, time=max(last.time, summary.time)))
            if again.distrusted != last.distrusted and last.track_state != "dropped":
                self._latest[number] = again
                events += self._published(self.desk.assess(again))
        return events

    def _paths_of(self, summary: Summary) -> list[str]:
        """Return the paths a summary speaks for: its own, its sensor's."""
        if summary.path is not None:
            return [summary.path]
        sensor = self.shared.roster.visible_to(self.origin).get(summary.sensor or "")
        return [sensor.evidence_path] if sensor is not None else []

    def _named(self, name: str, time: Instant, text: str | None, sensor: str | None) -> list[Event]:
        """Return a named event of the system, counted by its step, where there is something to say."""
        if text is None:
            return []
        self.dismissals.of_event(name)
        return [EventLog(name=name, time=time, origin=self.origin, text=text, sensor=sensor)]


def rejected(message: Incoming, place: Place, field: str, why: str, late: bool = False) -> Rejected:
    return Rejected(
        file=place.file, line=place.line, field=field, why=why, received=message.received, late=late
    )


def _is_satellite(last: Assessment, track: Track) -> bool:
    """Say whether it is almost surely a satellite: then it is not told of at every look."""
    if last.track_state != "tentative" or last.step not in ("orbit", "catalogued"):
        return False
    return last.identity.get("satellite", 0.0) >= SATELLITE and all(
        c.launch is None for c in track.components
    )


def _stays_up(track: Track) -> bool:
    """Say whether all of a track's motion surely comes round again."""
    return all(
        c.motion is not None and lowest_perigee(c.motion, c.covariance[4:, 4:]) > STAYS_UP
        for c in track.components
    )
