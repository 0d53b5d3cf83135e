"""The live story: events become lines, one for each thing worth saying. Every ± is 95 %."""

import math
from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict

from tocsin.alerting.evidence import likeliest
from tocsin.cli.place import Threat, threat
from tocsin.earth.ellipsoid import distance
from tocsin.earth.time import format_utc
from tocsin.messages import (
    Alert,
    Ellipse,
    EventLog,
    ImpactEstimate,
    Instant,
    LaunchEstimate,
    Raid,
    Rejected,
    Warning,
)
from tocsin.pipeline import Event
from tocsin.report import wording

REJECTED_TOLD: Final = 5
TWO_SIDED_95: Final = 1.96
_TURNS: Final = {
    "coast": "burnout: in free flight",
    "re-entry": "re-entering",
    "down": "down",
    "boost": "under power again",
}


class Line(Struct, frozen=True):
    """A line of the story. `word`: the state, or what sort of event it is."""

    time: Instant
    origin: str
    word: str
    id: str
    text: str


class _Told(Struct):
    """What has been said of one warning."""

    last: Warning | None = None
    launch: LaunchEstimate | None = None
    impact: ImpactEstimate | None = None
    minute: int | None = None


class Story:
    """Turn events into lines; `place` (lat, lon) [deg]: tell the time left there."""

    def __init__(self, place: tuple[float, float] | None = None) -> None:
        """Begin with nothing said."""
        self.place = place
        self.warnings: dict[str, Warning] = {}
        self.came_near = False
        self._told: dict[str, _Told] = {}
        self._raids: dict[str, str] = {}
        self._rejected = 0

    def tell(self, event: Event, at: Instant) -> list[Line]:
        """Return the lines an event is worth; most are worth none."""
        if isinstance(event, Warning):
            return self._warning(event)
        if isinstance(event, Alert):
            said = self.warnings.get(event.warning)
            time = event.sent if said is None else max(event.sent, said.time)  # `sent` has whole seconds
            return [Line(time, event.origin, "ALERT", event.warning, _alert(event))]
        if isinstance(event, EventLog):
            name = event.warning or event.sensor or ""
            text = f"{event.name}: {event.text.removeprefix(name).strip()}"
            return [Line(event.time or at, event.origin, "LOG", name, text)]
        if isinstance(event, Raid):
            return self._raid(event)
        return self._refusal(event, at) if isinstance(event, Rejected) else []

    def _warning(self, warning: Warning) -> list[Line]:
        told = self._told.setdefault(warning.id, _Told())
        said = list(_changes(told, warning))
        told.last = self.warnings[warning.id] = warning
        left = self._left(told, warning, bool(said))
        if left:
            said.append(left)
        if not said:
            return []
        return [Line(warning.time, warning.origin, warning.state.upper(), warning.id, "; ".join(said))]

    def _left(self, told: _Told, warning: Warning, spoken: bool) -> str:
        """Tell the time left at the place: with each line, and once for each minute that passes."""
        if self.place is None:
            return ""
        danger: Threat | None = None
        if warning.impact is not None and warning.state != "closed":
            danger = threat(self.place, warning.impact, warning.time)
        if danger is None:
            was, told.minute = told.minute, None
            return "" if was is None or warning.state == "closed" else "no longer near here"
        self.came_near = True
        minute = max(-1, int(danger.left_s // 60))
        due = spoken or minute != told.minute
        told.minute = minute
        return danger.told() if due else ""

    def _raid(self, raid: Raid) -> list[Line]:
        count, low, high = (f"{round(value, 1):g}" for value in (raid.count, raid.count_low, raid.count_high))
        text = f"{count} objects ({low} to {high})"
        known = self._raids.get(raid.event, "")
        self._raids[raid.event] = text
        if text == known or raid.count_high <= 1:
            return []
        return [Line(raid.time, raid.origin, "RAID", raid.event, text)]

    def _refusal(self, rejected: Rejected, at: Instant) -> list[Line]:
        self._rejected += 1
        if self._rejected > REJECTED_TOLD + 1:
            return []
        field = f"{rejected.field}: " if rejected.field else ""
        text = f"{rejected.file}:{rejected.line}: {field}{rejected.why}"
        if self._rejected > REJECTED_TOLD:
            text = "further ones are counted, not told"
        return [Line(rejected.received or at, "", "REJECTED", "", text)]


def clock(t: int) -> str:
    """Write the time of day to a tenth of a second."""
    return format_utc(t, 1)[11:21]


def launched(launch: LaunchEstimate) -> str:
    """Say whence and when."""
    where = _place(launch.latitude_deg, launch.longitude_deg, launch.ellipse_95)
    text = f"launch {where} at {clock(launch.time)} ±{_spread(launch.time_sigma_s)}"
    if launch.azimuth_deg is None:
        return text
    sigma = launch.azimuth_sigma_deg
    return f"{text}, heading {launch.azimuth_deg:.0f}°" + (
        "" if sigma is None else f" ±{wording.number(TWO_SIDED_95 * sigma)}°"
    )


def comes_down(impact: ImpactEstimate) -> str:
    """Say where and when it comes down."""
    where = _place(impact.latitude_deg, impact.longitude_deg, impact.ellipse_95)
    return f"impact {where} at {clock(impact.time)} ±{_spread(impact.time_sigma_s)}"


def identity(warning: Warning) -> str:
    """Name what it most likely is."""
    return wording.identity(warning.identity)


def _changes(told: _Told, now: Warning) -> Iterator[str]:
    before = told.last
    yield from _sight(before, now)
    yield from _turn(before, now)
    if now.launch is not None and (told.launch is None or _is_better(told.launch, now.launch)):
        told.launch = now.launch
        yield launched(now.launch)
    if now.impact is None:
        if told.impact is not None and now.state != "closed":
            told.impact = None
            yield "impact area withdrawn"
    elif told.impact is None or _is_new(told.impact, now.impact):
        told.impact = now.impact
        yield comes_down(now.impact)
    if before is None or likeliest(before.identity)[0] != likeliest(now.identity)[0]:
        yield identity(now)


def _sight(before: Warning | None, now: Warning) -> Iterator[str]:
    """Say who sees it, when somebody new does."""
    evidence = now.evidence
    if before is None:
        names = wording.listing([*evidence.infrared, *evidence.radar])
        looks = wording.plural(evidence.detections, "detection")
        part = f", part of {now.parent}" if now.parent else ""
        yield f"noticed by {names} in {looks}{part}"
        return
    paths = "" if len(evidence.paths) == len(before.evidence.paths) else f" ({len(evidence.paths)} paths)"
    for name in evidence.infrared:
        if name not in before.evidence.infrared:
            yield f"{name} sees it too{paths}"
    for name in evidence.radar:
        if name not in before.evidence.radar:
            yield f"radar {name} has it{paths}"


def _turn(before: Warning | None, now: Warning) -> Iterator[str]:
    """Say a change of state or phase."""
    state, phase = (None, None) if before is None else (before.state, before.phase)
    if now.state != state:
        if now.state == "corroborated":
            kinds = ", infrared and radar" if now.evidence.infrared and now.evidence.radar else ""
            yield f"corroborated by {len(now.evidence.paths)} independent paths{kinds}"
        elif now.state == "confirmed":
            yield "confirmed"
        elif now.state == "closed":
            yield f"closed: {(now.outcome or 'no outcome').replace('-', ' ')}"
        elif before is not None:
            yield "steps down: no longer corroborated"
    if phase is not None and now.phase != phase and now.state != "closed":
        yield _TURNS[now.phase]


def _is_better(old: LaunchEstimate, new: LaunchEstimate) -> bool:
    """Say whether a launch is worth telling again: its area halved, or its heading became known."""
    headed = old.azimuth_deg is None and new.azimuth_deg is not None
    return headed or _halved(old.ellipse_95, new.ellipse_95)


def _is_new(old: ImpactEstimate, new: ImpactEstimate) -> bool:
    """Say whether an impact is worth telling again: its area halved, or it left the area last told."""
    places = (old.latitude_deg, old.longitude_deg, new.latitude_deg, new.longitude_deg)
    moved = distance(*(math.radians(angle) for angle in places))
    return moved > old.ellipse_95.semi_major_m or _halved(old.ellipse_95, new.ellipse_95)


def _halved(old: Ellipse, new: Ellipse) -> bool:
    return new.semi_major_m <= old.semi_major_m / 2


def _place(latitude_deg: float, longitude_deg: float, ellipse: Ellipse) -> str:
    plain = asdict(ellipse)
    digits = wording.place_digits(plain)
    return f"{wording.position(latitude_deg, longitude_deg, digits)} {wording.axes(plain)}"


def _spread(sigma: float) -> str:
    return f"{wording.number(TWO_SIDED_95 * sigma)} s"


def _alert(alert: Alert) -> str:
    text = f"{alert.msg_type} issued, status {alert.status}: {alert.phase.replace('-', ' ')}"
    if alert.msg_type == "Alert" and alert.approvals:
        text += f", approved by {wording.listing(alert.approvals)}"
    if alert.impact_earliest is None or alert.phase == "all-clear" or alert.msg_type == "Cancel":
        return text
    return f"{text}; earliest impact {clock(alert.impact_earliest)}"
